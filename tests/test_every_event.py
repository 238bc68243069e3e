"""Every event of the catalogue, rendered by the template, is what TypeScript, Prettier and the Wix build take."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from template_repo import TemplateRepo, run_copy
from wix import ROOT, link_toolchain, new_app, prettier_check, run_tool, webhooks, wix_build

pytestmark = pytest.mark.slow

CATALOGUE: dict[str, Any] = json.loads((ROOT / "extensions/wix_events/catalogue/events.json").read_text())
EVENTS: dict[str, Any] = CATALOGUE["events"]
# Two exports of one slug are one event, and an app takes one handler an event.
DISTINCT = list({event["slug"]: key for key, event in reversed(EVENTS.items())}.values())
TWINS = [key for key in EVENTS if key not in DISTINCT]


def add_events(template: TemplateRepo, app: Path, keys: list[str], **options: Any) -> Path:
    """Copy events into a fresh sample app, each named by its whole key, as their default names clash."""
    new_app(app)
    wanted = [{"event": key, "name": name_of(key)} for key in keys]
    run_copy(template, app, {"event": wanted, **options})
    return app


def name_of(key: str) -> str:
    """Name an event by its key; the longest keys are longer than a name may be."""
    return key.replace(".", "-").lower()[:64].rstrip("-")


def check_types(app: Path, twins: Path) -> None:
    """Type-check two apps in one strict run."""
    link_toolchain(twins)
    config = {"extends": "./tsconfig.json", "include": ["src/**/*.ts", f"{twins}/src/**/*.ts"]}
    (app / "tsconfig.all.json").write_text(json.dumps(config))
    process = run_tool(app, "tsc", "--noEmit", "--strict", "--project", "tsconfig.all.json")
    assert process.returncode == 0, process.stdout[-5000:]


@pytest.fixture(scope="module")
def everything(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an app with every distinct event."""
    return add_events(template, tmp_path_factory.mktemp("every") / "app", DISTINCT)


def test_every_event_is_type_checked_strict_in_one_run(
    template: TemplateRepo, everything: Path, tmp_path: Path
) -> None:
    assert len(DISTINCT) + len(TWINS) == len(EVENTS) >= 569
    twins = add_events(template, tmp_path / "twins", TWINS)
    check_types(everything, twins)
    handlers = [path.read_text() for path in everything.glob("src/backend/events/*/*.ts")]
    assert len(handlers) == 2 * len(DISTINCT)
    assert not [text for text in handlers if re.search(r"\b(as|:) any\b|@ts-", text)]


def test_every_event_with_every_option_is_type_checked_and_prettier_clean(
    template: TemplateRepo, tmp_path: Path
) -> None:
    identified = [key for key in DISTINCT if EVENTS[key].get("domain", True)]
    app = add_events(template, tmp_path / "app", identified, elevate=True, idempotent=True, trigger=True)
    twins = add_events(template, tmp_path / "twins", TWINS, elevate=True)
    check_types(app, twins)
    prettier_check(app, ["src/backend", "scripts", "package.json", ".copier-answers.yml"])


def test_every_event_logs_its_name_and_ids_only(
    template: TemplateRepo, everything: Path, tmp_path: Path
) -> None:
    told = r"event\.(entity\._id|metadata\.(entityId|instanceId))(, Object\.keys\(event\.modifiedFields \?\? \{\}\))?"
    elevated = add_events(template, tmp_path / "app", DISTINCT, elevate=True)
    for app, more in ((everything, ""), (elevated, r", found\.items\.length")):
        handlers = [path for path in app.glob("src/backend/events/*/*.ts") if ".extension" not in path.name]
        assert len(handlers) == len(DISTINCT)
        for text in (path.read_text() for path in handlers):
            # The example of an elevated call says why, and asks for no field of Wix's own.
            assert ("has no identity: a call that is not elevated throws" in text) == bool(more)
            assert "_owner" not in text
            name = re.search(r"\.(on\w+)\(", text)
            assert name
            calls = re.findall(r"console\.\w+\((.*?)\);", re.sub(r"\s+", " ", text))
            logged, failed = (call.strip(" ,") for call in calls)
            assert re.fullmatch(rf'"{name[1]}", {told}{more}', logged), logged
            assert failed == f'"{name[1]} failed", error'


def test_every_event_is_prettier_clean(everything: Path) -> None:
    prettier_check(everything, ["src/backend", "package.json", ".copier-answers.yml"])


def test_the_wix_build_registers_exactly_the_catalogues_events(everything: Path) -> None:
    record = yaml.safe_load((everything / ".copier-answers.yml").read_text())["events"]
    # A few events have another name in the manifest than in the SDK; the catalogue knows it.
    slugs = {
        event["id"]: EVENTS[event["event"]].get("webhook", EVENTS[event["event"]]["slug"]) for event in record
    }
    assert len(set(slugs.values())) == len(DISTINCT) == len({event["slug"] for event in EVENTS.values()})
    assert webhooks(wix_build(everything)) == sorted(slugs.items())
