"""One version an app: what a copy by another version, another template or an untagged one does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from apps import (
    ANSWERS,
    CONTACT,
    EXTENSIONS,
    ORDER,
    POST,
    answers,
    assert_idle,
    builder,
    edit,
    handler,
    record,
    refused,
    registered,
    without_registrations,
)
from template_repo import TemplateRepo, commit_all, copier_cli, follow_advice, git, run_copy
from wix import new_app, snapshot
from wix_events.versions import is_same_template

COPY = ("copy", "--trust", "--defaults")
# What is asked for, and the events that are then there.
WANTED: dict[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "an event with a name": ((f"event={ORDER}", "name=paid"), {"paid": ORDER}),
    "a list with a name, and an option": (
        (f"event=[{{event: {ORDER}, name: paid}}, comments.comments.onCommentCreated]", "elevate=true"),
        {"paid": ORDER, "comment-created": "comments.comments.onCommentCreated"},
    ),
    "an event of a newer SDK": (
        ("package=@wix/crm", "namespace=visits", "handler=onVisitPaid", "payload=entity"),
        {"visit-paid": "crm.visits.onVisitPaid"},
    ),
}


@pytest.mark.parametrize("command", ["update", "copy"])
@pytest.mark.parametrize("wanted", WANTED)
def test_a_copy_by_a_newer_version_is_refused_with_two_commands_that_work(
    releases: TemplateRepo, app: Path, tmp_path: Path, wanted: str, command: str
) -> None:
    words, events = WANTED[wanted]
    given = [part for word in words for part in ("-d", word)]
    done = copier_cli(*COPY, *given, "--vcs-ref", "3.0.0", releases.path, app, cwd=app)
    assert done.returncode == 1
    assert "of version 1.0.0 of the template and this is 3.0.0, so nothing was added" in done.stderr
    assert git(app, "status", "--porcelain") == ""
    before = record(app)
    made = follow_advice(done.stderr, app, ["update", "copy"].index(command))
    assert made.returncode == 0, made.stderr
    version = "4.0.0" if command == "update" else "1.0.0"
    assert answers(app)["_commit"] == version
    assert {name: event["event"] for name, event in record(app).items()} == {
        "contact-created": CONTACT,
        "post-created": POST,
        **events,
    }
    assert all(record(app)[name] == event for name, event in before.items())
    assert registered(app) == {builder(name)[:-3] for name in record(app)}
    for name in record(app):
        assert ("// Fourth version." in (app / handler(name)).read_text()) == (command == "update")
    assert_idle(app, vcs_ref=version)


@pytest.mark.parametrize("command", ["update", "copy"])
def test_both_commands_add_an_event_that_only_the_newer_version_knows(
    own_template: TemplateRepo, tmp_path: Path, command: str
) -> None:
    path = "extensions/wix_events/catalogue/events.json"
    newer = (own_template.path / path).read_text()
    older = json.loads(newer)
    del older["events"][ORDER]
    own_template.release("2.0.0", {path: json.dumps(older)})
    own_template.release("3.0.0", {path: newer})
    app = new_app(tmp_path / "app")
    run_copy(own_template, app, {"event": CONTACT}, vcs_ref="2.0.0")
    commit_all(app)
    done = copier_cli(*COPY, "-d", f"event={ORDER}", own_template.path, app, cwd=app)
    assert done.returncode == 1
    made = follow_advice(done.stderr, app, ["update", "copy"].index(command))
    assert made.returncode == 0, made.stderr
    assert record(app)["order-approved"]["event"] == ORDER
    assert registered(app) == {builder(name)[:-3] for name in record(app)}


def test_the_commands_name_an_answers_file_of_another_name(releases: TemplateRepo, tmp_path: Path) -> None:
    app, file = new_app(tmp_path / "app"), ".copier-answers.events.yml"
    run_copy(releases, app, {"event": CONTACT}, vcs_ref="1.0.0", answers_file=file)
    commit_all(app)
    done = copier_cli(*COPY, "-a", file, "-d", f"event={ORDER}", releases.path, app, cwd=app)
    assert done.returncode == 1
    for number in (0, 1):
        made = follow_advice(done.stderr, app, number)
        assert made.returncode == 0, made.stderr
        assert set(record(app, file)) == {"contact-created", "order-approved"}
        git(app, "reset", "--quiet", "--hard")
        git(app, "clean", "--quiet", "--force", "-d")


@pytest.mark.parametrize("data", [{}, {"event": CONTACT}, {"event": [CONTACT, POST]}, {"adopt": True}])
@pytest.mark.parametrize("version", ["1.1.0", "4.0.0"])
def test_a_copy_that_has_nothing_to_add_changes_nothing_whatever_its_version(
    releases: TemplateRepo, app: Path, data: Mapping[str, Any], version: str
) -> None:
    run_copy(releases, app, data, vcs_ref=version)
    assert git(app, "status", "--porcelain") == ""


def test_an_older_version_adds_nothing_either(releases: TemplateRepo, tmp_path: Path) -> None:
    app = new_app(tmp_path / "app")
    run_copy(releases, app, {"event": CONTACT}, vcs_ref="3.0.0")
    assert "of version 3.0.0 of the template and this is 2.0.0" in refused(
        releases, app, {"event": ORDER}, vcs_ref="2.0.0"
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"remove": "post-created"}, "remove: "),
        ({"trigger": True}, "of version 1.0.0"),
        ({"event": POST}, "of version"),
    ],
)
def test_what_would_change_something_is_not_passed_over_in_silence(
    releases: TemplateRepo, app: Path, data: Mapping[str, Any], words: str
) -> None:
    # An event that is asked for has lost its registration.
    lost = without_registrations(
        (app / EXTENSIONS).read_bytes(), [builder("post-created")] * ("event" in data)
    )
    edit(app, {EXTENSIONS: lost})
    assert words in refused(releases, app, data, vcs_ref="4.0.0")


def test_the_address_is_compared_as_an_address(releases: TemplateRepo, app: Path) -> None:
    for number, address in enumerate((f"{releases.path}/", f"git+file://{releases.path}")):
        event = (ORDER, "comments.comments.onCommentCreated")[number]
        done = copier_cli(*COPY, "--vcs-ref", "1.0.0", "-d", f"event={event}", address, app, cwd=app)
        assert done.returncode == 0, done.stderr
    assert len(record(app)) == 4


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/a/x", "/a/x/", True),
        ("/a/x", "/a/x.git", True),
        ("/a/x", "file:///a/x", True),
        ("/a/x", "file://localhost/a/x.git/", True),
        ("/a/x", "git+file:///a/x", True),
        ("gh:acme/x", "https://github.com/acme/x.git", True),
        ("git@github.com:acme/x.git", "https://github.com/acme/x/", True),
        ("ssh://git@gitlab.com/acme/x", "gl:acme/x", True),
        ("/a/x", "/a/y", False),
        ("https://github.com/acme/x", "https://github.com/other/x", False),
        ("https://github.com/acme/x", None, False),
    ],
)
def test_one_template_has_several_addresses(one: str, other: str | None, same: bool) -> None:
    assert is_same_template(one, other) == same


def test_another_template_is_refused_and_the_way_over_to_it_works(
    releases: TemplateRepo, app: Path, tmp_path: Path
) -> None:
    other = releases.fork(tmp_path / "other")
    done = copier_cli(*COPY, "--vcs-ref", "1.0.0", "-d", f"event={ORDER}", other.path, app, cwd=app)
    assert done.returncode == 1
    assert f"made by another template, {releases.path}, so nothing was added" in done.stderr
    assert git(app, "status", "--porcelain") == ""
    edit(app, {ANSWERS: (app / ANSWERS).read_text().replace(str(releases.path), str(other.path))})
    made = follow_advice(done.stderr, app)
    assert made.returncode == 0, made.stderr
    assert answers(app)["_src_path"] == str(other.path)
    assert "order-approved" in record(app)


@pytest.mark.parametrize("kind", ["untagged", "dirty"])
def test_a_template_at_no_release_is_let_through_with_a_warning(
    own_template: TemplateRepo, tmp_path: Path, kind: str
) -> None:
    app = new_app(tmp_path / "app")
    run_copy(own_template, app, {"event": CONTACT})
    commit_all(app)
    readme = own_template.path / "README.md"
    for number, event in enumerate((POST, ORDER)):
        readme.write_text(f"{number}\n")
        if kind == "untagged":
            commit_all(own_template.path)
        command = (*COPY, "--vcs-ref", "HEAD", "-d", f"event={event}", own_template.path, app)
        done = copier_cli(*command, cwd=app)
        assert done.returncode == 0, done.stderr
        assert "This template is at no release tag" in done.stderr
        before = snapshot(app)
        assert copier_cli(*command, cwd=app).returncode == 0
        assert snapshot(app) == before
    assert registered(app) == {
        builder(name)[:-3] for name in ("contact-created", "post-created", "order-approved")
    }


def test_a_template_without_a_version_adds_nothing_to_an_app_that_has_one(
    plain: TemplateRepo, app: Path
) -> None:
    assert "git tells no version of" in refused(plain, app, {"event": ORDER})
