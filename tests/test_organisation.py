"""What an organisation does once for all its apps: user settings, and a fork with events and a style of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from apps import CONTACT, POST, recorded
from apps import WIX_EVENTS as WIX_FOLDER
from copier.errors import UserMessageError
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update
from wix import ROOT, new_app, snapshot

PACKED = "acme.orders.onOrderPacked"
HANDLER = "src/backend/events/contact-created/contact-created.ts"
BUILDER = "src/backend/events/contact-created/contact-created.extension.ts"

DOCUMENT = (ROOT / "docs/organisations.md").read_text()
# What the document shows is what is tested.
SETTINGS = yaml.safe_load(DOCUMENT.split("```yaml\n")[1].split("```")[0])
EVENTS = json.loads(DOCUMENT.split("```json\n")[1].split("```")[0])
HEADER, OWN_HANDLER = (block.split("```")[0] for block in DOCUMENT.split("```jinja\n")[1:])


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
    settings(tmp_path, monkeypatch, SETTINGS)
    run_copy(template, wix_app, {"event": CONTACT})
    assert (wix_app / WIX_FOLDER / "contact-created/contact-created.sample.json").is_file()
    assert (wix_app / "scripts/event.mjs").is_file()
    answers = yaml.safe_load((wix_app / ".copier-answers.yml").read_text())
    assert {key: answers[key] for key in SETTINGS["defaults"]} == SETTINGS["defaults"]
    # What an app has recorded wins.
    run_copy(template, tmp_path / "old", {"event": POST})
    assert (tmp_path / "old/src/backend/events/post-created/post-created.ts").is_file()


def release_organisation(fork: TemplateRepo, tag: str, files: dict[str, str]) -> None:
    """Release files of the fork's own folder."""
    fork.release(tag, {f"organisation/{name}": text for name, text in files.items()})


def test_a_fork_offers_events_of_its_own(own_template: TemplateRepo, wix_app: Path) -> None:
    release_organisation(own_template, "1.0.0.post1", {"events.json": json.dumps(EVENTS)})
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


def test_a_fork_puts_a_header_on_handlers(
    own_template: TemplateRepo, template: TemplateRepo, tmp_path: Path
) -> None:
    plain, house = new_app(tmp_path / "plain"), new_app(tmp_path / "house")
    run_copy(template, plain, {"event": CONTACT})
    release_organisation(own_template, "1.0.0.post1", {"header.jinja": HEADER})
    run_copy(own_template, house, {"event": CONTACT})
    header = "// Copyright Acme Ltd. Contact Created is watched by team Rocket.\n"
    assert (house / HANDLER).read_text() == header + (plain / HANDLER).read_text()


def test_a_fork_writes_handlers_in_its_own_style(own_template: TemplateRepo, wix_app: Path) -> None:
    release_organisation(own_template, "1.0.0.post1", {"handler.jinja": OWN_HANDLER, "header.jinja": HEADER})
    run_copy(own_template, wix_app, {"event": CONTACT})
    assert (wix_app / HANDLER).read_text() == (
        'import { contacts } from "@wix/crm";\n'
        'import { watch } from "@acme/log";\n'
        "\n"
        'export default contacts.onContactCreated(watch("contact-created", async (event) => {}));\n'
    )


def test_a_fork_keeps_its_own_through_an_update_from_upstream(template: TemplateRepo, tmp_path: Path) -> None:
    upstream, fork = template.fork(tmp_path / "upstream"), template.fork(tmp_path / "fork")
    own = {"events.json": json.dumps(EVENTS), "header.jinja": HEADER}
    release_organisation(fork, "1.0.0.post1", own)
    app = new_app(tmp_path / "app")
    run_copy(fork, app, {"event": [CONTACT, PACKED]})
    handler = app / HANDLER
    handler.write_text(handler.read_text().replace("// Your code goes here", "await tellSales(event)"))
    commit_all(app)
    ids = {event["name"]: event["id"] for event in recorded(app)}

    (path,) = (
        path.relative_to(upstream.path).as_posix() for path in upstream.path.glob("template/*entry.builder*")
    )
    builder = (upstream.path / path).read_text().replace("/**\n", "/**\n * Second version.\n", 1)
    upstream.release("1.1.0", {path: builder})
    git(fork.path, "pull", "--quiet", "--no-rebase", "--no-edit", "--no-tags", str(upstream.path), "1.1.0")
    git(fork.path, "tag", "1.1.0.post1")
    run_update(app)

    assert " * Second version.\n" in (app / BUILDER).read_text()
    assert handler.read_text().startswith("// Copyright Acme Ltd. Contact Created")
    assert "await tellSales(event)" in handler.read_text()
    assert {event["name"]: event["id"] for event in recorded(app)} == ids
    packed = app / "src/backend/events/order-packed/order-packed.extension.ts"
    assert "Order Packed: An order is ready" in packed.read_text()
    assert " * Second version.\n" in packed.read_text()
    assert yaml.safe_load((app / ".copier-answers.yml").read_text())["_commit"] == "1.1.0.post1"


def test_a_new_header_reaches_handlers_that_apps_have(own_template: TemplateRepo, wix_app: Path) -> None:
    release_organisation(own_template, "1.0.0.post1", {"header.jinja": HEADER})
    run_copy(own_template, wix_app, {"event": CONTACT})
    handler = wix_app / HANDLER
    handler.write_text(handler.read_text().replace("// Your code goes here", "await tellSales(event)"))
    commit_all(wix_app)
    new = {"organisation/header.jinja": HEADER.replace("Ltd", "Inc")}
    own_template.release("1.0.0.post2", {**new})
    run_update(wix_app)
    assert handler.read_text().startswith("// Copyright Acme Inc. Contact Created")
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
    release_organisation(own_template, "1.0.0.post1", {"events.json": json.dumps(EVENTS)})
    run_copy(own_template, wix_app, {"event": PACKED})
    done = subprocess.run(
        [sys.executable, "-m", "wix_events.commands", "permissions", wix_app],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(own_template.path / "extensions")},
    )
    assert "**Acme** (`SCOPE.ACME`): order-packed" in done.stdout, done.stderr
