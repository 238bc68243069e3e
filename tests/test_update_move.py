"""What `copier update -d events_dir=…` does."""

from __future__ import annotations

from pathlib import Path

import pytest
from apps import (
    CONTACT,
    EVENTS,
    ORDER,
    WIX_EVENTS,
    append,
    assert_idle,
    at_either_version,
    builder,
    edit,
    handler,
    ids,
    record,
    registered,
)
from copier.errors import UserMessageError
from template_repo import TemplateRepo, commit_all, copier_cli, follow_advice, git, run_copy, run_update
from wix import new_app, snapshot
from wix_events.collections import COLLECTION, EXTENSION


@at_either_version
def test_events_dir_moves_all_events_there_and_back(app: Path, version: str) -> None:
    path = app / handler("post-created")
    # In the middle, where no version changes anything.
    path.write_text(path.read_text().replace("\n\nexport", '\nimport "../../send";\n// mine\n\nexport', 1))
    append(app / builder("post-created"), "// my builder\n")
    deep = 'export * from "../../../send";\nexport * from "../../contact-created/contact-created";\nlog("../../../send");\n'
    edit(
        app,
        {
            "src/backend/send.ts": "export {};\n",
            f"{EVENTS}/post-created/own.bin": b"\0\xff",
            f"{EVENTS}/post-created/deep/more.tsx": deep,
        },
    )
    before, ids_before = snapshot(app), ids(app)
    run_update(app, {"events_dir": WIX_EVENTS}, vcs_ref=version)
    assert not (app / EVENTS).exists()
    assert ids(app) == ids_before
    assert (app / f"{WIX_EVENTS}/post-created/own.bin").read_bytes() == b"\0\xff"
    text = (app / handler("post-created", WIX_EVENTS)).read_text()
    assert 'import "../../../../backend/send";\n// mine\n' in text
    # What is no import stays.
    assert (app / WIX_EVENTS / "post-created/deep/more.tsx").read_text() == (
        'export * from "../../../../../backend/send";\nexport * from "../../contact-created/contact-created";\n'
        'log("../../../send");\n'
    )
    assert (
        f"./{WIX_EVENTS[4:]}/post-created/post-created.ts"
        in (app / builder("post-created", WIX_EVENTS)).read_text()
    )
    assert registered(app) == {builder(name, WIX_EVENTS)[:-3] for name in record(app)}
    assert_idle(app, vcs_ref=version)
    run_update(app, {"events_dir": EVENTS}, vcs_ref=version)
    if version == "1.0.0":
        assert snapshot(app) == before
    assert registered(app) == {builder(name)[:-3] for name in record(app)}
    assert_idle(app, vcs_ref=version)


def test_events_dir_changes_together_with_a_rename_a_removal_and_a_new_event(app: Path) -> None:
    before = ids(app)
    request = {
        "events_dir": WIX_EVENTS,
        "rename": "contact-created:lead",
        "remove": "post-created",
        "event": ORDER,
    }
    run_update(app, request, vcs_ref="4.0.0")
    assert list(record(app)) == ["lead", "order-approved"]
    assert ids(app)[CONTACT] == before[CONTACT]
    assert registered(app) == {builder(name, WIX_EVENTS)[:-3] for name in ("lead", "order-approved")}
    assert not (app / EVENTS).exists()
    assert_idle(app)


def test_an_events_dir_that_is_none_of_the_two_is_an_error(app: Path) -> None:
    with pytest.raises(UserMessageError, match="events_dir"):
        run_update(app, {"events_dir": "src/events"})
    assert git(app, "status", "--porcelain") == ""


def test_events_dir_takes_the_samples_and_what_works_once_along(
    releases: TemplateRepo, tmp_path: Path
) -> None:
    app = new_app(tmp_path / "app")
    run_copy(releases, app, {"event": CONTACT, "idempotent": True, "trigger": True}, vcs_ref="1.0.0")
    commit_all(app)
    run_update(app, {"events_dir": WIX_EVENTS}, vcs_ref="1.0.0")
    assert {path.name for path in (app / WIX_EVENTS).iterdir()} == {"contact-created", "once.ts"}
    assert not (app / EVENTS).exists()
    # The collection is where `wix generate` looks for it, wherever the events are.
    assert (app / f"{COLLECTION}.ts").exists()
    assert EXTENSION in registered(app)
    assert 'from "../once";' in (app / handler("contact-created", WIX_EVENTS)).read_text()
    assert_idle(app, vcs_ref="1.0.0")
    run_update(app, {"rename": "contact-created:lead"}, vcs_ref="1.0.0")
    names = {"lead.extension.ts", "lead.ts", "lead.sample.json"}
    assert {path.name for path in (app / WIX_EVENTS / "lead").iterdir()} == names
    assert_idle(app, vcs_ref="1.0.0")


@at_either_version
def test_lost_files_of_what_works_once_stay_away_and_the_command_that_is_named_makes_them_again(
    releases: TemplateRepo, tmp_path: Path, version: str
) -> None:
    app = new_app(tmp_path / "app")
    run_copy(releases, app, {"event": CONTACT, "idempotent": True}, vcs_ref="1.0.0")
    commit_all(app)
    lost = (f"{EVENTS}/once.ts", f"{COLLECTION}.ts")
    files = {path: (app / path).read_bytes() for path in (*lost, f"{EXTENSION}.ts")}
    edit(app, dict.fromkeys(files))
    done = copier_cli("update", "--trust", "--defaults", "--vcs-ref", version, cwd=app)
    assert done.returncode == 0, done.stderr
    assert f"contact-created: {' and '.join(lost)} are missing" in done.stderr
    assert not any((app / path).exists() for path in lost)
    commit_all(app)
    assert follow_advice(done.stderr, app).returncode == 0
    assert {path: (app / path).read_bytes() for path in files} == files
    assert_idle(app, vcs_ref=version)


@at_either_version
def test_an_event_of_which_only_the_users_files_are_left_is_named_with_the_command_that_makes_it_again(
    app: Path, version: str
) -> None:
    before, own = snapshot(app), f"{EVENTS}/post-created/own.ts"
    lost = (builder("post-created"), handler("post-created"))
    edit(app, {own: "export {};\n", **dict.fromkeys(lost)})
    done = copier_cli("update", "--trust", "--defaults", "--vcs-ref", version, cwd=app)
    assert done.returncode == 0, done.stderr
    assert f"post-created: {' and '.join(lost)} are missing" in done.stderr
    assert not any((app / path).exists() for path in lost)
    assert_idle(app, vcs_ref=version)
    assert follow_advice(done.stderr, app).returncode == 0
    after = snapshot(app)
    assert set(after) == {*before, own}
    assert all(after[path] == before[path] for path in before) or version == "4.0.0"
    assert_idle(app, vcs_ref=version)
