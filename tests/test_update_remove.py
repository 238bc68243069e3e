"""What `copier update -d remove=…` takes out of an app, and what it leaves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from apps import (
    ANSWERS,
    CONTACT,
    EVENTS,
    EXTENSIONS,
    ORDER,
    WIX_EVENTS,
    append,
    assert_idle,
    at_either_version,
    builder,
    changes,
    edit,
    handler,
    record,
    registered,
    without_registrations,
    write,
)
from copier.errors import UserMessageError
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update


@at_either_version
def test_remove_takes_folder_registration_and_record_and_says_so(app: Path, version: str) -> None:
    done = copier_cli(
        "update", "--trust", "--defaults", "--vcs-ref", version, "-d", "remove=post-created", cwd=app
    )
    assert done.returncode == 0, done.stderr
    assert "Removed post-created" in done.stderr
    assert not (app / EVENTS / "post-created").exists()
    assert list(record(app)) == ["contact-created"]
    assert (app / EXTENSIONS).read_text() == (
        'import { app } from "@wix/astro/builders";\n'
        'import { eventContactCreated } from "./backend/events/contact-created/contact-created.extension";\n'
        "\n"
        "export default app().use(eventContactCreated);\n"
    )
    assert_idle(app, vcs_ref=version)


def test_a_chain_that_another_file_has_is_kept_in_step_there(releases: TemplateRepo, app: Path) -> None:
    passing, chain = 'export { default } from "./config/app-def";\n', app / "src/config/app-def.ts"
    before = (app / EXTENSIONS).read_text().replace('"./', '"../')
    edit(app, {EXTENSIONS: passing, "src/config/app-def.ts": before})
    commit_all(app)
    run_copy(releases, app, {"event": ORDER}, vcs_ref="1.0.0")
    name = "order-approved"
    imported = f'import {{ eventOrderApproved }} from "../backend/events/{name}/{name}.extension";\n'
    assert imported in chain.read_text()
    assert ".use(eventOrderApproved)" in chain.read_text()
    commit_all(app)
    run_update(app, {"remove": name}, vcs_ref="1.0.0")
    assert (chain.read_text(), (app / EXTENSIONS).read_text()) == (before, passing)


def test_what_still_imports_a_removed_event_is_named(app: Path) -> None:
    write(app / "src/again.ts", 'export { default } from "./backend/events/post-created/post-created.js";\n')
    write(app / EVENTS / "post-created/own.ts", 'import handler from "./post-created";\n')
    write(app / "tests/a.test.ts", 'vi.mock("../src/backend/events/post-created/post-created");\n')
    commit_all(app)
    done = copier_cli("update", "--trust", "--defaults", "-d", "remove=post-created", cwd=app)
    assert done.returncode == 0, done.stderr
    for place in (
        'src/again.ts:1: Imports "./backend',
        f'{EVENTS}/post-created/own.ts:1: Imports "./post',
        'tests/a.test.ts:1: Imports "../src',
    ):
        assert place in done.stderr


@pytest.mark.parametrize("given", ["post-created,contact-created", ["contact-created", "post-created"]])
def test_several_events_are_removed_at_once_even_all(app: Path, given: str | list[str]) -> None:
    run_update(app, {"remove": given}, vcs_ref="1.0.0")
    assert record(app) == {}
    assert not (app / EVENTS).exists() or not any((app / EVENTS).iterdir())
    assert registered(app) == set()
    assert_idle(app, vcs_ref="1.0.0")


def test_removing_an_unknown_name_is_an_error_that_lists_the_names_and_changes_nothing(app: Path) -> None:
    done = copier_cli("update", "--trust", "--defaults", "-d", "remove=post-created,other", cwd=app)
    assert done.returncode == 1
    assert '"other"' in done.stderr
    assert "contact-created, post-created" in done.stderr
    assert "Traceback" not in done.stderr
    assert git(app, "status", "--porcelain") == ""


@at_either_version
def test_files_of_the_users_own_in_a_removed_folder_are_kept_and_named(app: Path, version: str) -> None:
    own: dict[str, str | bytes | None] = {
        f"{EVENTS}/post-created/helpers.ts": "export const a = 1;\n",
        f"{EVENTS}/post-created/data/a.bin": b"\0\xff",
    }
    edit(app, own)
    done = copier_cli(
        "update", "--trust", "--defaults", "--vcs-ref", version, "-d", "remove=post-created", cwd=app
    )
    assert done.returncode == 0, done.stderr
    assert changes(app) >= {builder("post-created"), handler("post-created")}
    assert (app / f"{EVENTS}/post-created/helpers.ts").exists()
    assert (app / f"{EVENTS}/post-created/data/a.bin").read_bytes() == b"\0\xff"
    assert f"{EVENTS}/post-created/helpers.ts" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
@pytest.mark.parametrize("linked", ["post-created", "post-created/post-created.ts"])
def test_what_a_link_leads_to_stays_and_nothing_else_is_said(app: Path, tmp_path: Path, linked: str) -> None:
    place, outside = app / EVENTS / linked, tmp_path / "outside"
    place.rename(outside)
    place.symlink_to(outside)
    commit_all(app)
    done = copier_cli("update", "--trust", "--defaults", "-d", "remove=post-created", cwd=app)
    assert done.returncode == 0, done.stderr
    assert "Removed post-created: its registration and its record.\n" in done.stderr
    assert f"{EVENTS}/{linked} is a link: it stays, with what it leads to." in " ".join(done.stderr.split())
    assert place.is_symlink() and outside.exists()
    assert not outside.is_dir() or len(list(outside.iterdir())) == 2
    assert list(record(app)) == ["contact-created"]


def test_an_event_that_the_user_deleted_and_committed_can_still_be_removed(app: Path) -> None:
    gone = dict.fromkeys([builder("post-created"), handler("post-created")])
    edit(app, {EXTENSIONS: without_registrations((app / EXTENSIONS).read_bytes(), list(gone)), **gone})
    done = copier_cli("update", "--trust", "--defaults", "-d", "remove=post-created", cwd=app)
    assert done.returncode == 0, done.stderr
    assert "Removed post-created: its registration and its record.\n" in done.stderr
    assert list(record(app)) == ["contact-created"]


def test_lines_that_someone_wrote_into_the_answers_file_ask_for_nothing(app: Path) -> None:
    append(app / ANSWERS, "remove: [post-created]\nrename: [contact-created:lead]\n")
    commit_all(app)
    run_update(app, vcs_ref="1.0.0")
    assert list(record(app)) == ["contact-created", "post-created"]
    assert not any("src/" in path for path in changes(app))


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_a_script_behind_a_link_that_leaves_the_app_is_not_taken_away(
    template: TemplateRepo, wix_app: Path, tmp_path: Path
) -> None:
    run_copy(template, wix_app, {"event": CONTACT, "trigger": True})
    (wix_app / "scripts").rename(tmp_path / "outside")
    (wix_app / "scripts").symlink_to(tmp_path / "outside")
    commit_all(wix_app)
    run_update(wix_app, {"trigger": False})
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["event.mjs"]


def test_copy_refuses_to_remove_or_rename(releases: TemplateRepo, app: Path) -> None:
    for request in ({"remove": "post-created"}, {"rename": "post-created:post"}, {"events_dir": WIX_EVENTS}):
        with pytest.raises(UserMessageError, match="copier update"):
            run_copy(releases, app, request, vcs_ref="1.0.0")
        assert git(app, "status", "--porcelain") == ""


@at_either_version
def test_an_event_whose_folder_the_user_deleted_is_dropped_with_a_message(app: Path, version: str) -> None:
    edit(app, {builder("post-created"): None, handler("post-created"): None})
    done = copier_cli("update", "--trust", "--defaults", "--vcs-ref", version, cwd=app)
    assert done.returncode == 0, done.stderr
    assert "post-created: its folder was deleted" in done.stderr
    assert list(record(app)) == ["contact-created"]
    assert registered(app) == {builder("contact-created")[:-3]}
    assert not (app / EVENTS / "post-created").exists()
    assert_idle(app, vcs_ref=version)
