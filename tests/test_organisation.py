"""What an organisation does once for all its apps: user settings, and a fork with events and a style of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from apps import CONTACT, POST, recorded
from apps import WIX_EVENTS as WIX_FOLDER
from copier.errors import UserMessageError
from fork import EXAMPLES, SETTINGS, release_organisation
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update
from wix import new_app, snapshot
from wix_events import organisation
from wix_events.catalogue.events import catalogue
from wix_events.errors import UserError

PACKED = "acme.orders.onOrderPacked"
HANDLER = "src/backend/events/contact-created/contact-created.ts"
BUILDER = "src/backend/events/contact-created/contact-created.extension.ts"

SETTINGS_DATA = yaml.safe_load(SETTINGS)
EVENTS = EXAMPLES["events.json"]
HEADER = EXAMPLES["header.jinja"]
COPYRIGHT = "// Copyright Acme Ltd. Contact Created is watched by team Rocket.\n"


def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, object]) -> None:
    """Make Copier's user settings, as an organisation hands them to its developers."""
    path = tmp_path / "settings.yml"
    path.write_text(yaml.safe_dump(values))
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(path))


def test_without_trust_nothing_is_written(template: TemplateRepo, wix_app: Path) -> None:
    before = snapshot(wix_app)
    done = copier_cli("copy", "--defaults", "-d", f"event={CONTACT}", template.path, wix_app, cwd=wix_app)
    assert done.returncode != 0
    assert "--trust" in done.stderr
    assert snapshot(wix_app) == before


def test_a_trusted_prefix_stands_for_the_trust_flag_in_copy_and_update(
    template: TemplateRepo, wix_app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(tmp_path, monkeypatch, {"trust": [f"{template.path.parent}/"]})
    done = copier_cli("copy", "--defaults", "-d", f"event={CONTACT}", template.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    commit_all(wix_app)
    done = copier_cli("update", "--defaults", "-d", f"event={POST}", cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert {event["event"] for event in recorded(wix_app)} == {CONTACT, POST}


def test_defaults_of_the_settings_are_those_of_new_apps(
    template: TemplateRepo, wix_app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_copy(template, tmp_path / "old", {"event": CONTACT})
    settings(tmp_path, monkeypatch, SETTINGS_DATA)
    run_copy(template, wix_app, {"event": CONTACT})
    assert (wix_app / WIX_FOLDER / "contact-created/contact-created.sample.json").is_file()
    assert (wix_app / "scripts/event.mjs").is_file()
    answers = yaml.safe_load((wix_app / ".copier-answers.yml").read_text())
    assert {key: answers[key] for key in SETTINGS_DATA["defaults"]} == SETTINGS_DATA["defaults"]
    # What an app has recorded wins.
    run_copy(template, tmp_path / "old", {"event": POST})
    assert (tmp_path / "old/src/backend/events/post-created/post-created.ts").is_file()
    commit_all(tmp_path / "old")
    run_update(tmp_path / "old")
    assert git(tmp_path / "old", "status", "--porcelain") == ""
    # And so does what it says itself.
    commit_all(wix_app)
    run_update(wix_app, {"trigger": False})
    commit_all(wix_app)
    run_update(wix_app)
    assert yaml.safe_load((wix_app / ".copier-answers.yml").read_text())["trigger"] is False
    assert not (wix_app / "scripts/event.mjs").exists()


def test_a_fork_offers_events_of_its_own(own_template: TemplateRepo, wix_app: Path) -> None:
    release_organisation(own_template, "1.0.0.post1", {"events.json": EVENTS})
    run_copy(own_template, wix_app, {"event": "onOrderPacked"})
    assert recorded(wix_app)[0]["event"] == PACKED
    folder = wix_app / "src/backend/events/order-packed"
    assert 'import { orders } from "@acme/wix-events";' in (folder / "order-packed.ts").read_text()
    assert "with event.data." in (folder / "order-packed.ts").read_text()
    builder = (folder / "order-packed.extension.ts").read_text()
    assert "Order Packed: An order is ready to leave the warehouse." in builder
    assert "Permission scope: Acme (SCOPE.ACME)." in builder
    dependencies = json.loads((wix_app / "package.json").read_text())["dependencies"]
    assert dependencies["@acme/wix-events"] == "^2.3.4"


def test_an_event_of_a_fork_that_is_incomplete_is_named(own_template: TemplateRepo, wix_app: Path) -> None:
    events = {"events": {PACKED: {"title": "Order Packed", "slug": "acme.orders.v1.order_packed"}}}
    release_organisation(own_template, "1.0.0.post1", {"events.json": json.dumps(events)})
    with pytest.raises(UserMessageError, match=f"organisation/events.json: {PACKED} lacks payload"):
        run_copy(own_template, wix_app, {"event": CONTACT})


def test_a_file_of_events_that_is_no_json_is_named(own_template: TemplateRepo, wix_app: Path) -> None:
    release_organisation(own_template, "1.0.0.post1", {"events.json": '{\n"events": {,}\n}\n'})
    with pytest.raises(UserMessageError, match=r"organisation/events\.json: .* line 2 .*\. Correct it\."):
        run_copy(own_template, wix_app, {"event": CONTACT})


@pytest.mark.parametrize(
    "text", ["[]", "null", '{"events": []}', '{"events": {"a.b.onC": 5}}', '{"events": {"x": {}}}']
)
def test_a_file_of_events_of_another_shape_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "events.json").write_text(text)
    monkeypatch.setattr(organisation, "folder", lambda: tmp_path)
    with pytest.raises(UserError, match=r"^organisation/events\.json: .*\. Correct it\.$"):
        catalogue.__wrapped__()


def rendered(repo: TemplateRepo, app: Path, **data: object) -> tuple[str, str]:
    """Add an event to a fresh app; return its builder and its handler."""
    run_copy(repo, new_app(app), {"event": CONTACT, **data})
    return (app / BUILDER).read_text(), (app / HANDLER).read_text()


def test_a_fork_puts_headers_on_builders_and_handlers(
    own_template: TemplateRepo, template: TemplateRepo, tmp_path: Path
) -> None:
    builder, handler = rendered(template, tmp_path / "plain")
    release_organisation(own_template, "1.0.0.post1", {"header.jinja": HEADER})
    house = rendered(own_template, tmp_path / "house")
    assert without_ids(house) == without_ids((builder, COPYRIGHT + handler))
    release_organisation(own_template, "1.0.0.post2", {"builder_header.jinja": HEADER})
    house = rendered(own_template, tmp_path / "newer")
    assert without_ids(house) == without_ids((COPYRIGHT + builder, COPYRIGHT + handler))


def without_ids(texts: tuple[str, ...]) -> list[str]:
    """Return texts with one text in place of all ids."""
    return [re.sub('id: ".*"', "ID", text) for text in texts]


@pytest.mark.parametrize("options", [{}, {"elevate": True, "idempotent": True}], ids=["plain", "options"])
def test_a_fork_puts_its_own_before_and_after_the_listener(
    own_template: TemplateRepo, template: TemplateRepo, tmp_path: Path, options: dict[str, bool]
) -> None:
    _, handler = rendered(template, tmp_path / "plain", **options)
    files = {name: EXAMPLES[name] for name in ("before_listener.jinja", "after_listener.jinja")}
    release_organisation(own_template, "1.0.0.post1", files)
    _, house = rendered(own_template, tmp_path / "house", **options)
    before = 'import { report } from "@acme/log";\n\nconst started = Date.now();\n'
    after = '\nreport("contact-created", Date.now() - started);\n'
    imports, rest = re.split(r"(?<=\n)(?=\n)", handler, maxsplit=1)
    assert house == imports + before + rest + after


def test_a_fork_writes_builders_and_handlers_in_its_own_style(
    own_template: TemplateRepo, tmp_path: Path
) -> None:
    release_organisation(own_template, "1.0.0.post1", EXAMPLES)
    builder, handler = rendered(own_template, tmp_path / "app", events_dir="src/backend/events")
    assert handler == (
        'import { contacts } from "@wix/crm";\n'
        'import { watch } from "@acme/log";\n'
        "\n"
        "export default contacts.onContactCreated(\n"
        '  watch("contact-created", async (event) => {\n'
        "    console.log(event.metadata);\n"
        "  }),\n"
        ");\n"
    )
    assert re.sub('id: "[0-9a-f-]{36}"', "ID", builder) == (
        'import { extensions } from "@wix/astro/builders";\n'
        "\n"
        "/** Contact Created: watched by team Rocket. */\n"
        "export const eventContactCreated = extensions.event({\n"
        "  ID,\n"
        '  source: "./backend/events/contact-created/contact-created.ts",\n'
        "});\n"
    )


def test_defaults_of_a_fork_are_overridden_by_whatever_an_app_says(
    own_template: TemplateRepo, template: TemplateRepo, tmp_path: Path
) -> None:
    # An app that was there before keeps its folder and gets no script.
    old = new_app(tmp_path / "old")
    run_copy(own_template, old, {"event": CONTACT})
    commit_all(old)
    release_organisation(own_template, "1.0.0.post1", {"defaults.yml": EXAMPLES["defaults.yml"]})
    run_update(old)
    assert not (old / "scripts").exists()
    assert (old / HANDLER).is_file()
    assert "once(" not in (old / HANDLER).read_text()

    new = new_app(tmp_path / "new")
    run_copy(own_template, new, {"event": CONTACT})
    folder = new / WIX_FOLDER
    assert "await once(" in (folder / "contact-created/contact-created.ts").read_text()
    assert (new / "scripts/event.mjs").is_file()
    run_copy(own_template, new, {"event": POST, "idempotent": False})
    assert "once(" not in (folder / "post-created/post-created.ts").read_text()

    other = new_app(tmp_path / "other")
    run_copy(own_template, other, {"event": CONTACT, "trigger": False, "events_dir": "src/backend/events"})
    assert not (other / "scripts").exists()
    assert (other / HANDLER).is_file()
    commit_all(other)
    run_update(other)
    assert not (other / "scripts").exists()


def test_a_fault_in_the_defaults_is_named_when_the_template_is_run(
    own_template: TemplateRepo, wix_app: Path
) -> None:
    release_organisation(own_template, "1.0.0.post1", {"defaults.yml": "triger: true\n"})
    with pytest.raises(UserMessageError, match=r"organisation/defaults\.yml: there is no 'triger'"):
        run_copy(own_template, wix_app, {"event": CONTACT})


@pytest.mark.parametrize("name", ["header.jinja", "builder_header.jinja", "after_listener.jinja"])
def test_a_change_of_a_forks_file_reaches_events_that_apps_have(
    own_template: TemplateRepo, wix_app: Path, name: str
) -> None:
    release_organisation(own_template, "1.0.0.post1", {name: "// First.\n"})
    run_copy(own_template, wix_app, {"event": CONTACT})
    handler = wix_app / HANDLER
    handler.write_text(handler.read_text().replace("// Your code goes here", "await tellSales(event)"))
    commit_all(wix_app)
    release_organisation(own_template, "1.0.0.post2", {name: "// Second.\n"})
    run_update(wix_app)
    changed = wix_app / (BUILDER if name.startswith("builder") else HANDLER)
    assert "// Second.\n" in changed.read_text()
    assert "// First.\n" not in changed.read_text()
    assert "await tellSales(event)" in handler.read_text()


def test_an_app_moves_from_upstream_to_a_fork(template: TemplateRepo, wix_app: Path, tmp_path: Path) -> None:
    run_copy(template, wix_app, {"event": CONTACT})
    commit_all(wix_app)
    fork = template.fork(tmp_path / "fork")
    release_organisation(fork, "1.0.0.post1", {"header.jinja": HEADER})
    answers = wix_app / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(template.path), str(fork.path)))
    commit_all(wix_app)
    run_update(wix_app, {"event": POST})
    assert (
        (wix_app / "src/backend/events/post-created/post-created.ts").read_text().startswith("// Copyright")
    )
    assert {event["event"] for event in recorded(wix_app)} == {CONTACT, POST}


def test_permissions_of_a_fork_name_its_events(own_template: TemplateRepo, wix_app: Path) -> None:
    release_organisation(own_template, "1.0.0.post1", {"events.json": EVENTS})
    run_copy(own_template, wix_app, {"event": PACKED})
    done = subprocess.run(
        [sys.executable, "-m", "wix_events.commands", "permissions", wix_app],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(own_template.path / "extensions")},
    )
    assert "**Acme** (`SCOPE.ACME`): order-packed" in done.stdout, done.stderr
