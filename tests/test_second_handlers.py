"""Two handlers of one event: what is refused, what is left alone, and what is said of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from apps import ANSWERS, CONTACT, EXTENSIONS, POST, record, refused, write
from handmade import IDS, builder_text, listener_text, use
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update
from wix import snapshot

SCAFFOLDS = "src/extensions/backend/events"


@pytest.fixture
def contact_app(template: TemplateRepo, wix_app: Path) -> Path:
    """Make an app with the event `contact-created` that can be updated."""
    run_copy(template, wix_app, {"event": CONTACT})
    return wix_app


def scaffold(app: Path, name: str, *, used: bool) -> str:
    """Make a handler of Contact Created, as `wix generate` does each time; return where it listens."""
    module = f"{SCAFFOLDS}/{name}/{name}"
    id_ = IDS[len(name)]
    write(app / f"{module}.extension.ts", builder_text(id_, f"./{module.removeprefix('src/')}.ts"))
    write(app / f"{module}.ts", listener_text("crm", "contacts", "onContactCreated"))
    if used:
        use(app, name, f"./{module.removeprefix('src/')}.extension")
    return f"{module}.ts:4"


def test_what_is_not_registered_is_no_second_handler_of_a_recorded_event(
    template: TemplateRepo, contact_app: Path
) -> None:
    scaffold(contact_app, "old", used=False)
    run_copy(template, contact_app, {"event": POST})
    assert set(record(contact_app)) == {"contact-created", "post-created"}
    commit_all(contact_app)
    run_update(contact_app)
    assert git(contact_app, "status", "--porcelain") == ""


def test_a_second_handler_of_a_recorded_event_is_told_from_one_that_could_be_adopted(
    template: TemplateRepo, contact_app: Path
) -> None:
    place = scaffold(contact_app, "old", used=True)
    said = refused(template, contact_app, {"event": POST}, quiet=False)
    assert place in said
    assert "src/backend/events/contact-created/contact-created.ts" in said
    assert "adopt" not in said
    commit_all(contact_app)
    done = copier_cli("update", "--trust", "--defaults", "-d", "remove=contact-created", cwd=contact_app)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("registered", [("one", "second"), ("second",)])
def test_adopt_goes_without_an_event_that_has_two_handlers(
    plain: TemplateRepo, wix_app: Path, registered: tuple[str, ...]
) -> None:
    write(
        wix_app / EXTENSIONS,
        'import { app } from "@wix/astro/builders";\n\nexport default app().use(eventContactCreated);\n',
    )
    places = [scaffold(wix_app, name, used=name in registered) for name in ("one", "second")]
    text = (wix_app / EXTENSIONS).read_text().replace("\n  .use(eventContactCreated)", "")
    write(wix_app / EXTENSIONS, text)
    before = snapshot(wix_app)
    done = copier_cli("copy", "--trust", "--defaults", "-d", "adopt=true", plain.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    after = snapshot(wix_app)
    for path, content in before.items():
        assert after[path] == content
    assert "one.extension.ts:3: another extension handles crm.contacts.onContactCreated" in done.stderr
    if len(registered) == 2:
        assert ANSWERS not in after
        assert all(place in done.stderr for place in places)
        assert "no events" not in done.stderr
    else:
        assert record(wix_app)["second"]["builder"] == f"{SCAFFOLDS}/second/second.extension.ts"


def test_removing_an_adopted_event_says_only_that_its_files_stay(
    template: TemplateRepo, contact_app: Path
) -> None:
    handler = f"{SCAFFOLDS}/labels/labels.ts"
    scaffold(contact_app, "labels", used=True)
    write(contact_app / handler, listener_text("crm", "labels", "onLabelCreated"))
    run_copy(template, contact_app, {"adopt": True})
    commit_all(contact_app)
    done = copier_cli("update", "--trust", "--defaults", "-d", "remove=labels", cwd=contact_app)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    assert f"{handler} stays: this template did not make it" in said
    assert "files that this template made" not in said
    assert "any more" not in said
    assert (contact_app / handler).is_file()


def test_of_a_removed_event_only_what_is_there_is_said_to_stay(
    template: TemplateRepo, contact_app: Path
) -> None:
    scaffold(contact_app, "labels", used=True)
    write(
        contact_app / f"{SCAFFOLDS}/labels/labels.ts",
        listener_text("crm", "labels", "onLabelCreated"),
    )
    run_copy(template, contact_app, {"adopt": True})
    shutil.rmtree(contact_app / SCAFFOLDS)
    commit_all(contact_app)
    done = copier_cli("update", "--trust", "--defaults", "-d", "remove=labels", cwd=contact_app)
    assert done.returncode == 0, done.stderr
    assert " stay" not in done.stderr
    assert set(record(contact_app)) == {"contact-created"}
