"""What a run says of a damaged answers file, and what merges and newer versions make of one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from apps import (
    ANSWERS,
    CONTACT,
    ORDER,
    POST,
    assert_idle,
    builder,
    changes,
    edit,
    handler,
    ids,
    record,
    registered,
)
from copier.errors import UserMessageError
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update
from wix import new_app, snapshot

# --- a damaged answers file ------------------------------------------------------------------------------------------


def damage(app: Path, old: str, new: str) -> None:
    """Change the answers file by a regular expression, and commit."""
    text = (app / ANSWERS).read_text()
    assert re.search(old, text)
    edit(app, {ANSWERS: re.sub(old, lambda _: new, text, count=1)})


DAMAGED = {
    "markers": (r"(?m)^events:", "<<<<<<< HEAD\nevents:\n=======\nevents:\n>>>>>>> other"),
    "no YAML": (r"(?m)^events:", "events: {"),
    "tab": (r"(?m)^schema: 1", "\tschema: 1"),
    "empty": (r"(?s).*", ""),
    "a list": (r"(?s).*", "- a\n- b\n"),
}
WRONG = {
    "events is text": (r"(?s)events:.*", "events: none\n"),
    "events is a number": (r"(?s)events:.*", "events: 3\n"),
    "events is a mapping": (r"(?s)events:.*", "events: {a: 1}\n"),
    "events of text": (r"(?s)events:.*", "events: [a, b]\n"),
    "name is a number": ("name: post-created", "name: 3"),
    "name leaves the folder": ("name: post-created", "name: ../x"),
    "id is no UUID": (r"id: \S+,", "id: 1,"),
    "no event": (r"event: \S+, ", ""),
    "schema is text": (r"(?m)^schema: .*", "schema: x"),
    "events_dir is a list": (r"(?m)^events_dir: .*", "events_dir: [a]"),
    "payload is unknown": ("payload: entity", "payload: other"),
    "_commit twice": (r"(?m)^(_commit: .*)$", "_commit: 1.0.0\n_commit: 1.1.0"),
}


@pytest.mark.parametrize("damaged", [*DAMAGED, *WRONG])
def test_a_copy_names_a_damaged_answers_file_and_writes_nothing(
    releases: TemplateRepo, app: Path, damaged: str
) -> None:
    damage(app, *{**DAMAGED, **WRONG}[damaged])
    before = snapshot(app)
    with pytest.raises(UserMessageError, match=re.escape(ANSWERS)):
        # Not quiet, or Copier reads the file before it lets the template say anything.
        run_copy(releases, app, {"event": ORDER}, vcs_ref="1.0.0", quiet=False)
    assert snapshot(app) == before


@pytest.mark.parametrize("damaged", WRONG)
def test_an_update_names_a_damaged_answers_file_and_writes_nothing(app: Path, damaged: str) -> None:
    damage(app, *WRONG[damaged])
    with pytest.raises(UserMessageError, match=re.escape(ANSWERS)):
        run_update(app, vcs_ref="4.0.0")
    assert git(app, "status", "--porcelain") == ""


@pytest.mark.parametrize("damaged", DAMAGED)
def test_an_update_of_what_copier_itself_cannot_read_writes_nothing(app: Path, damaged: str) -> None:
    damage(app, *DAMAGED[damaged])
    done = copier_cli("update", "--trust", "--defaults", cwd=app)
    assert done.returncode != 0
    # Copier does not name a file that is YAML but no mapping.
    assert ANSWERS in done.stderr or damaged in ("empty", "a list")
    assert git(app, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("label", "old", "new"),
    [
        ("event", f"event: {POST}", f"event: {CONTACT}"),
        ("name", "name: post-created", "name: contact-created"),
        ("id", r"(?<=name: post-created, event: blog.posts.onPostCreated, id: )[^,]*", "CONTACT'S"),
    ],
)
def test_what_a_merge_left_twice_is_named(
    releases: TemplateRepo, app: Path, label: str, old: str, new: str
) -> None:
    damage(app, old, ids(app)[CONTACT] if new == "CONTACT'S" else new)
    shown = ids(app)[CONTACT] if label == "id" else new.split(": ")[1]
    named = rf"(?s){re.escape(ANSWERS)}.*same {label} {re.escape(shown)}"
    with pytest.raises(UserMessageError, match=named):
        run_copy(releases, app, {"event": ORDER}, vcs_ref="1.0.0")
    with pytest.raises(UserMessageError, match=named):
        run_update(app)
    assert git(app, "status", "--porcelain") == ""


# --- merges ----------------------------------------------------------------------------------------------------------


def branches(releases: TemplateRepo, app: Path, first: str, second: str) -> dict[str, dict[str, Any]]:
    """Add an event on each of two branches, leave the app on the first, and return what the two record."""
    git(app, "branch", "--move", "first")
    git(app, "checkout", "--quiet", "-b", "second")
    run_copy(releases, app, {"event": second}, vcs_ref="1.0.0")
    commit_all(app)
    events = record(app)
    git(app, "checkout", "--quiet", "first")
    run_copy(releases, app, {"event": first}, vcs_ref="1.0.0")
    commit_all(app)
    return {**events, **record(app)}


def merge(app: Path) -> set[str]:
    """Merge the second branch and return the files that conflict."""
    try:
        git(app, "merge", "--quiet", "--message", "Merge", "second")
    except AssertionError:
        return set(git(app, "diff", "--name-only", "--diff-filter=U").split())
    return set()


COMMENT = "comments.comments.onCommentCreated"
ORDER_CANCELED = "ecom.orders.onOrderCanceled"


@pytest.mark.parametrize(
    ("first", "second", "clean"),
    [
        pytest.param(COMMENT, ORDER, True, id="another event's line between the two"),
        pytest.param(ORDER, ORDER_CANCELED, False, id="both at one place"),
    ],
)
@pytest.mark.parametrize("resolved_by", ["ours", pytest.param("theirs", marks=pytest.mark.slow)])
def test_after_a_merge_an_update_registers_what_both_branches_added(
    releases: TemplateRepo, app: Path, first: str, second: str, clean: bool, resolved_by: str
) -> None:
    alone = branches(releases, app, first, second)
    conflicts = merge(app)
    assert (ANSWERS not in conflicts) == clean
    if not clean:
        # Both sides are kept, as the markers' message asks for.
        path = app / ANSWERS
        path.write_text(re.sub(r"(?m)^(<{7}|={7}|>{7}).*\n", "", path.read_text()))
    for conflict in conflicts - {ANSWERS}:
        git(app, "checkout", f"--{resolved_by}", conflict)
    commit_all(app)
    before = ids(app)
    assert set(before) == {CONTACT, POST, first, second}
    run_update(app, vcs_ref="1.0.0")
    assert ids(app) == before
    assert record(app) == alone
    assert registered(app) == {builder(name)[:-3] for name in record(app)}
    for event in record(app).values():
        assert f'"{"@wix/" + event["event"].split(".")[0]}"' in (app / "package.json").read_text()
    assert_idle(app, vcs_ref="1.0.0")


def test_with_union_merge_the_record_never_conflicts_and_keeps_every_entry_whole(
    releases: TemplateRepo, app: Path
) -> None:
    edit(app, {".gitattributes": f"{ANSWERS} merge=union\n"})
    alone = branches(releases, app, ORDER, ORDER_CANCELED)
    conflicts = merge(app)
    assert ANSWERS not in conflicts
    for path in conflicts:
        git(app, "checkout", "--ours", path)
    commit_all(app)
    assert set(ids(app)) == {CONTACT, POST, ORDER, ORDER_CANCELED}
    assert record(app) == alone
    run_update(app, vcs_ref="1.0.0")
    assert registered(app) == {builder(name)[:-3] for name in record(app)}
    assert_idle(app, vcs_ref="1.0.0")


def test_with_union_merge_two_versions_or_an_emptied_list_are_refused(app: Path) -> None:
    edit(app, {".gitattributes": f"{ANSWERS} merge=union\n"})
    git(app, "branch", "second")
    run_update(app, {"event": ORDER}, vcs_ref="1.1.0")
    commit_all(app)
    git(app, "branch", "--move", "first")
    git(app, "checkout", "--quiet", "second")
    run_update(app, {"remove": "contact-created,post-created"}, vcs_ref="3.0.0")
    commit_all(app)
    git(app, "checkout", "--quiet", "first")
    assert ANSWERS not in merge(app)
    commit_all(app)
    with pytest.raises(UserMessageError, match=rf'{re.escape(ANSWERS)}:3: "_commit" stands there twice'):
        run_update(app)
    damage(app, r'(?m)^_commit: "3\.0\.0"\n', "")
    with pytest.raises(UserMessageError, match=rf'{re.escape(ANSWERS)}:\d+: "events" stands there twice'):
        run_update(app)


# --- the record's schema ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def migrated(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make a template whose release 2.0.0 has a record of schema 2: each event gets the key `since`."""
    repo = template.fork(tmp_path_factory.mktemp("migrated") / "template")
    path = "extensions/wix_events/record.py"
    code = (repo.path / path).read_text()
    migration = (
        """{2: lambda events: [{**event, "since": event.get("since", "first") + "!"} for event in events]}"""
    )
    for old, new in (
        ("\nSCHEMA = 1\n", "\nSCHEMA = 2\n"),
        ("list[Event]]] = {}", f"list[Event]]] = {migration}"),
    ):
        assert old in code
        code = code.replace(old, new)
    repo.release("2.0.0", {path: code})
    return repo


def test_a_new_schema_migrates_the_record_once(migrated: TemplateRepo, tmp_path: Path) -> None:
    app = new_app(tmp_path / "app")
    run_copy(migrated, app, {"event": [CONTACT, POST]}, vcs_ref="1.0.0")
    commit_all(app)
    before = snapshot(app)
    # A copy that has nothing to add leaves the app at its version.
    run_copy(migrated, app)
    assert snapshot(app) == before
    run_update(app)
    assert {event["since"] for event in record(app).values()} == {"first!"}
    assert yaml.safe_load((app / ANSWERS).read_text())["schema"] == 2
    assert changes(app) == {ANSWERS}
    assert_idle(app)
    with pytest.raises(UserMessageError, match=rf"{re.escape(ANSWERS)}.*newer version"):
        run_copy(migrated, app, {"event": ORDER}, vcs_ref="1.0.0")
    assert git(app, "status", "--porcelain") == ""
    run_update(app, {"event": ORDER})
    assert snapshot(app)[handler("contact-created")] == before[handler("contact-created")]
    assert {name: event.get("since") for name, event in record(app).items()} == {
        "contact-created": "first!",
        "post-created": "first!",
        "order-approved": None,
    }
