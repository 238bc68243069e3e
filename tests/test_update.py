"""What `copier update` does to an app: it resyncs, upgrades, adds, removes, renames, adopts, and loses nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import editor
import pytest
import yaml
from copier.errors import UserMessageError
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update
from wix import new_app, snapshot

CONTACT = "crm.contacts.onContactCreated"
ORDER = "ecom.orders.onOrderApproved"
POST = "blog.posts.onPostCreated"
EVENTS = "src/backend/events"
WIX_EVENTS = "src/extensions/backend/events"
EXTENSIONS = "src/extensions.ts"
ANSWERS = ".copier-answers.yml"


def builder(name: str, events_dir: str = EVENTS) -> str:
    """Return the path of an event's builder."""
    return f"{events_dir}/{name}/{name}.extension.ts"


def handler(name: str, events_dir: str = EVENTS) -> str:
    """Return the path of an event's handler."""
    return f"{events_dir}/{name}/{name}.ts"


def record(app: Path, answers_file: str = ANSWERS) -> dict[str, dict[str, Any]]:
    """Return the recorded events by name."""
    events = yaml.safe_load((app / answers_file).read_text())["events"]
    return {event["name"]: event for event in events}


def ids(app: Path) -> dict[str, str]:
    """Return the recorded ids by event."""
    return {event["event"]: event["id"] for event in record(app).values()}


def registered(app: Path) -> set[str]:
    """Return the builders that the app registers, without their suffix; fails where one is used twice."""
    source = (app / EXTENSIONS).read_bytes()
    found = editor.registered(source)
    for binding in found.values():
        assert len(re.findall(rb"\.use\(\s*%s\b" % re.escape(binding.encode()), source)) == 1, source.decode()
    return set(found)


def changes(app: Path) -> set[str]:
    """Return the paths that differ from the last commit."""
    git(app, "add", "--all")
    return set(git(app, "diff", "--cached", "--name-only", "--no-renames").split())


def append(path: Path, text: str) -> None:
    """Add text at the end of a file, as a user's edit."""
    path.write_bytes(path.read_bytes() + text.encode())


def edit(app: Path, files: Mapping[str, str | bytes | None]) -> None:
    """Write (or, by None, delete) files of the app, then commit."""
    for name, content in files.items():
        path = app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    commit_all(app)


def assert_idle(app: Path, **options: Any) -> None:
    """Commit, update once more, and check that nothing changes."""
    commit_all(app)
    run_update(app, **options)
    assert git(app, "status", "--porcelain") == ""


def release(
    repo: TemplateRepo,
    tag: str,
    *,
    builder: Callable[[str], str] | None = None,
    handler: Callable[[str], str] | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    """Release a version of the template.

    Args:
        repo: The template.
        tag: The version.
        builder: What the release changes in the builder's template, if it does; text to text.
        handler: The same for the handler's template.
        files: Other files, by path.
    """
    new = dict(files or {})
    for position, change in enumerate((builder, handler)):
        if change is not None:
            (path,) = (repo.path / "template/src").glob(
                f"*event_paths(entry, plan.events_dir)[[]{position}[]]*"
            )
            new[path.relative_to(repo.path).as_posix()] = change(path.read_text())
    if builder or handler:
        changes = {"builder": builder, "handler": handler}
        new |= repo.raised(*(kind for kind, change in changes.items() if change))
    repo.release(tag, new)


@pytest.fixture(scope="session")
def releases(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make a template of versions 1.0.0 to 4.0.0.

    1.1.0 leaves what is rendered as it is, 2.0.0 changes the handler's first lines, 3.0.0 the builder, 4.0.0 the
    handler's last lines.
    """
    repo = template.fork(tmp_path_factory.mktemp("releases") / "template")
    release(repo, "1.1.0", files={"README.md": "Another word.\n"})
    release(repo, "2.0.0", handler=lambda text: text.replace("import {", "// Second version.\nimport {", 1))
    release(repo, "3.0.0", builder=lambda text: text.replace("/**", "// Third version.\n/**", 1))
    release(repo, "4.0.0", handler=lambda text: text + "// Fourth version.\n")
    return repo


@pytest.fixture(scope="session")
def made_app(releases: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make, at version 1.0.0, a committed app with two events; never change it."""
    app = new_app(tmp_path_factory.mktemp("made") / "app")
    run_copy(releases, app, {"event": [CONTACT, POST]}, vcs_ref="1.0.0")
    commit_all(app)
    return app


@pytest.fixture
def app(made_app: Path, tmp_path: Path) -> Path:
    """Copy the app with the events `contact-created` and `post-created`."""
    return shutil.copytree(made_app, tmp_path / "app", symlinks=True)


# --- resync ----------------------------------------------------------------------------------------------------------

PRETTIER = """\
import { app } from "@wix/astro/builders";
import { eventContactCreated } from "./backend/events/contact-created/contact-created.extension";
import { eventPostCreated } from "./backend/events/post-created/post-created.extension";

export default app().use(eventContactCreated).use(eventPostCreated);
"""
LINES = """\
import { app } from '@wix/astro/builders'
import { page } from './page.extension'
import { eventContactCreated as mine } from './backend/events/contact-created/contact-created.extension'
import { eventPostCreated } from './backend/events/post-created/post-created.extension'

export default app()
\t.use(page) // ours
\t.use(mine)
\t.use(eventPostCreated)
"""
CALLS = """\
// The app.
import * as builders from "@wix/astro/builders";
import { eventContactCreated } from "./backend/events/contact-created/contact-created.extension.ts";
import { eventPostCreated } from "./backend/events/post-created/post-created.extension.ts";

const shop = builders.app();
shop.use(eventContactCreated);
shop.use(eventPostCreated);
export default shop;
"""


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(PRETTIER, id="prettier"),
        pytest.param(LINES, id="one a line, no semicolons"),
        pytest.param(CALLS, id="one call each"),
        pytest.param("\ufeff" + LINES.replace("\n", "\r\n"), id="CRLF and byte-order mark"),
        pytest.param(PRETTIER.rstrip(), id="no final newline"),
    ],
)
def test_a_lost_registration_comes_back_in_the_files_own_style(app: Path, source: str) -> None:
    whole = source.encode()
    edit(app, {EXTENSIONS: editor.unregister(whole, f"{EVENTS}/post-created/post-created.extension")})
    run_update(app, vcs_ref="1.0.0")
    assert (app / EXTENSIONS).read_bytes() == whole
    assert changes(app) == {EXTENSIONS}
    assert_idle(app, vcs_ref="1.0.0")


@pytest.mark.parametrize("lost", ["import", "use"])
def test_half_a_registration_is_made_whole(app: Path, lost: str) -> None:
    kept = [
        line for line in PRETTIER.splitlines(True) if lost != "import" or "import { eventPost" not in line
    ]
    edit(
        app,
        {
            EXTENSIONS: "".join(kept).replace(
                ".use(eventPostCreated)", "" if lost == "use" else ".use(eventPostCreated)"
            )
        },
    )
    run_update(app, vcs_ref="1.0.0")
    assert (app / EXTENSIONS).read_text() == PRETTIER
    assert_idle(app, vcs_ref="1.0.0")


def test_a_deleted_extensions_file_comes_back(app: Path) -> None:
    before = (app / EXTENSIONS).read_bytes()
    edit(app, {EXTENSIONS: None})
    run_update(app, vcs_ref="1.0.0")
    assert (app / EXTENSIONS).read_bytes() == before
    assert changes(app) == {EXTENSIONS}


def test_an_update_of_an_app_in_step_changes_nothing(app: Path) -> None:
    run_update(app, vcs_ref="1.0.0")
    assert git(app, "status", "--porcelain") == ""


@pytest.mark.parametrize("lost", [builder("post-created"), handler("post-created")])
def test_the_lost_half_of_an_event_comes_back(app: Path, lost: str) -> None:
    before = (app / lost).read_bytes()
    edit(app, {lost: None})
    run_update(app, vcs_ref="1.0.0")
    assert (app / lost).read_bytes() == before
    assert changes(app) == {lost}
    assert_idle(app, vcs_ref="1.0.0")


@pytest.mark.parametrize("lost", [builder("post-created"), handler("post-created")])
def test_the_lost_half_of_an_event_comes_back_when_a_release_changes_it(app: Path, lost: str) -> None:
    edit(app, {lost: None})
    run_update(app, vcs_ref="4.0.0")
    assert ("Third version." if lost.endswith(".extension.ts") else "Fourth version.") in (
        app / lost
    ).read_text()
    assert_idle(app, vcs_ref="4.0.0")


@pytest.mark.parametrize(("old", "new", "lost"), [("1.0.0", "2.0.0", builder), ("2.0.0", "3.0.0", handler)])
def test_the_lost_half_of_an_event_comes_back_when_a_release_changes_the_other_half(
    app: Path, old: str, new: str, lost: Callable[[str], str]
) -> None:
    run_update(app, vcs_ref=old)
    commit_all(app)
    before = (app / lost("post-created")).read_bytes()
    edit(app, {lost("post-created"): None})
    run_update(app, vcs_ref=new)
    assert (app / lost("post-created")).read_bytes() == before
    assert_idle(app, vcs_ref=new)


@pytest.mark.parametrize("kind", ["builder", "handler"])
def test_only_files_of_the_kind_whose_revision_was_raised_are_rendered(
    own_template: TemplateRepo, wix_app: Path, kind: str
) -> None:
    run_copy(own_template, wix_app, {"event": CONTACT})
    commit_all(wix_app)
    templates = {
        path.relative_to(own_template.path).as_posix(): f"{path.read_text()}// Second version.\n"
        for path in (own_template.path / "template/src").glob("*event_paths(entry*")
    }
    assert len(templates) == 2
    own_template.release("2.0.0", {**templates, **own_template.raised(kind)})
    run_update(wix_app, {"event": POST})
    paths = [builder("contact-created"), handler("contact-created")]
    changed = [path for path in paths if "Second version" in (wix_app / path).read_text()]
    assert changed == [paths[0] if kind == "builder" else paths[1]]
    # A new event is rendered whole.
    assert all(
        "Second version" in (wix_app / path("post-created")).read_text() for path in (builder, handler)
    )
    assert_idle(wix_app)


def test_a_syntax_error_in_the_extensions_file_is_reported_and_left(app: Path) -> None:
    broken = PRETTIER.replace("app()", "app(")
    edit(app, {EXTENSIONS: broken.replace(".use(eventPostCreated)", "")})
    done = copier_cli("update", "--trust", "--defaults", "--vcs-ref", "1.0.0", cwd=app)
    assert done.returncode != 0
    assert f"{EXTENSIONS}:5" in done.stderr
    assert "Traceback" not in done.stderr
    assert changes(app) == set()


# --- upgrade ---------------------------------------------------------------------------------------------------------


def fresh(releases: TemplateRepo, app: Path, version: str, path: Path) -> Path:
    """Render the record of an app at a version, into a folder that holds nothing else."""
    path.mkdir()
    shutil.copy(app / ANSWERS, path)
    # Asked for, because recorded events whose folder is gone are dropped.
    wanted = [{"event": event["event"], "name": name} for name, event in record(app).items()]
    run_copy(releases, path, {"event": wanted}, vcs_ref=version)
    return path


def test_a_chain_of_versions_ends_where_a_fresh_render_does_plus_the_users_lines(
    releases: TemplateRepo, app: Path, tmp_path: Path
) -> None:
    before = ids(app)
    edited = [handler("contact-created"), builder("contact-created"), handler("post-created"), EXTENSIONS]
    lines = []
    for number, version in enumerate(["1.1.0", "2.0.0", "3.0.0", "4.0.0"]):
        path = edited[number]
        lines.append(f"// mine {number}")
        edit(app, {path: (app / path).read_text().replace("\nexport ", f"\n{lines[-1]}\nexport ")})
        run_update(app, vcs_ref=version)
        assert git(app, "diff", "--check") == ""
        commit_all(app)
        assert yaml.safe_load((app / ANSWERS).read_text())["_commit"] == version
    assert ids(app) == before
    target = snapshot(fresh(releases, app, "4.0.0", tmp_path / "fresh"))
    for path, content in snapshot(app).items():
        if path in target:
            own = [line for line in content.decode().splitlines() if line not in lines]
            assert own == target[path].decode().splitlines(), path
    for path, line in zip(edited, lines, strict=True):
        assert (app / path).read_text().count(line) == 1
    assert_idle(app)


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0", "3.0.0"])
def test_every_released_version_updates_to_the_newest(
    releases: TemplateRepo, tmp_path: Path, version: str
) -> None:
    app = tmp_path / "app"
    run_copy(releases, app, {"event": [CONTACT, POST]}, vcs_ref=version)
    commit_all(app)
    before = ids(app)
    run_update(app)
    assert ids(app) == before
    target = snapshot(fresh(releases, app, "4.0.0", tmp_path / "fresh"))
    assert {path: content for path, content in snapshot(app).items() if path in target} == target


def test_a_clash_is_marked_inline_in_that_handler_only(app: Path) -> None:
    path = app / handler("contact-created")
    first = path.read_text().splitlines(True)[0]
    path.write_text(
        path.read_text().replace(first, f"// Mine.\n{first.replace('contacts', 'contacts, labels')}")
    )
    append(app / handler("post-created"), "\n// mine\n")
    commit_all(app)
    run_update(app, vcs_ref="2.0.0")
    marked = [name for name, content in snapshot(app).items() if b"<<<<<<< before updating" in content]
    assert marked == [handler("contact-created")]
    text = path.read_text()
    assert "// Mine.\n" in text
    assert "// Second version.\n" in text
    assert (app / handler("post-created")).read_text().endswith("// mine\n")
    assert registered(app) == {f"{EVENTS}/{name}/{name}.extension" for name in record(app)}


def test_user_edits_away_from_the_change_survive_byte_for_byte(app: Path) -> None:
    binary = bytes(range(256)) * 9
    path = app / handler("post-created")
    body = path.read_text().replace(
        "// Your code goes here", "await send(event); // é 漢字 \t\n    // Your code goes here"
    )
    edit(
        app,
        {
            handler("post-created"): body,
            "public/logo.png": binary,
            f"{EVENTS}/post-created/photo.bin": binary,
        },
    )
    run_update(app, vcs_ref="4.0.0")
    assert path.read_text() == f"// Second version.\n{body}// Fourth version.\n"
    assert (app / "public/logo.png").read_bytes() == binary
    assert (app / f"{EVENTS}/post-created/photo.bin").read_bytes() == binary


def test_a_handler_with_crlf_line_ends_stays_whole(app: Path) -> None:
    path = app / handler("post-created")
    content = path.read_bytes().replace(b"\n", b"\r\n")
    edit(app, {handler("post-created"): content})
    run_update(app, vcs_ref="1.1.0")
    assert path.read_bytes() == content
    commit_all(app)
    run_update(app, vcs_ref="2.0.0")
    after = path.read_text()
    assert "// Second version." in after
    for line in content.decode().split("\r\n"):
        assert line in after


def test_files_that_git_does_not_track_stay_as_they_are(app: Path) -> None:
    edit(app, {".gitignore": "node_modules\n*.log\n.env.local\n"})
    kept = {
        "node_modules/x/index.js": b"x",
        f"{EVENTS}/post-created/a.log": b"log",
        ".env.local": b"SECRET=1",
    }
    for name, content in kept.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_bytes(content)
    run_update(app, vcs_ref="4.0.0")
    for name, content in kept.items():
        assert (app / name).read_bytes() == content


def test_a_user_file_where_a_release_puts_a_new_one_keeps_the_users_lines(
    own_template: TemplateRepo, tmp_path: Path
) -> None:
    app = tmp_path / "app"
    run_copy(own_template, app, {"event": CONTACT})
    edit(app, {"docs/events.md": "mine\n"})
    own_template.release("1.1.0", {"template/docs/events.md": "the template's\n"})
    run_update(app)
    assert "mine\n" in (app / "docs/events.md").read_text()


# --- copy at a newer version -----------------------------------------------------------------------------------------


def test_a_copy_at_a_newer_version_leaves_the_others_and_the_next_update_brings_all_forward(
    releases: TemplateRepo, app: Path, tmp_path: Path
) -> None:
    append(app / handler("contact-created"), "// mine\n")
    before = snapshot(app)
    run_copy(releases, app, {"event": ORDER}, vcs_ref="3.0.0")
    after = snapshot(app)
    for name in ("contact-created", "post-created"):
        assert after[builder(name)] == before[builder(name)]
        assert after[handler(name)] == before[handler(name)]
    assert yaml.safe_load(after[ANSWERS])["_commit"] == "1.0.0"
    edit(app, {handler("contact-created"): before[handler("contact-created")].replace(b"// mine\n", b"")})
    run_update(app, vcs_ref="3.0.0")
    target = snapshot(fresh(releases, app, "3.0.0", tmp_path / "fresh"))
    # The chain is in the order in which the events were added.
    target[EXTENSIONS] = after[EXTENSIONS]
    assert {path: content for path, content in snapshot(app).items() if path in target} == target
    assert len(record(app)) == 3
    assert_idle(app, vcs_ref="3.0.0")


# --- add -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.0.0", "4.0.0"])
def test_an_event_is_added_in_the_run_that_updates(app: Path, version: str) -> None:
    append(app / handler("contact-created"), "\n// mine\n")
    commit_all(app)
    before = ids(app)
    run_update(app, {"event": ORDER}, vcs_ref=version)
    assert {event: id for event, id in ids(app).items() if event != ORDER} == before
    assert "onOrderApproved" in (app / handler("order-approved")).read_text()
    assert ("// Fourth version." in (app / handler("contact-created")).read_text()) == (version == "4.0.0")
    assert registered(app) == {builder(name)[:-3] for name in record(app)}
    assert '"@wix/ecom"' in (app / "package.json").read_text()
    assert_idle(app, vcs_ref=version)


# --- remove ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.0.0", "4.0.0"])
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


@pytest.mark.parametrize("version", ["1.0.0", "4.0.0"])
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


def test_copy_refuses_to_remove_or_rename(releases: TemplateRepo, app: Path) -> None:
    for request in ({"remove": "post-created"}, {"rename": "post-created:post"}, {"events_dir": WIX_EVENTS}):
        with pytest.raises(UserMessageError, match="copier update"):
            run_copy(releases, app, request, vcs_ref="1.0.0")
        assert git(app, "status", "--porcelain") == ""


@pytest.mark.parametrize("version", ["1.0.0", "4.0.0"])
def test_an_event_whose_folder_the_user_deleted_is_dropped_with_a_message(app: Path, version: str) -> None:
    edit(app, {builder("post-created"): None, handler("post-created"): None})
    done = copier_cli("update", "--trust", "--defaults", "--vcs-ref", version, cwd=app)
    assert done.returncode == 0, done.stderr
    assert "post-created: its folder was deleted" in done.stderr
    assert list(record(app)) == ["contact-created"]
    assert registered(app) == {builder("contact-created")[:-3]}
    assert not (app / EVENTS / "post-created").exists()
    assert_idle(app, vcs_ref=version)


# --- rename ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.0.0", "4.0.0"])
def test_rename_moves_the_folder_with_the_users_code_and_keeps_the_id(app: Path, version: str) -> None:
    old = f"{EVENTS}/post-created"
    edit(
        app,
        {
            handler("post-created"): 'import { send } from "../../send";\nimport { log } from "./log";\n'
            'import "../contact-created/contact-created";\n'
            + (app / handler("post-created")).read_text()
            + "// mine\n",
            builder("post-created"): (app / builder("post-created")).read_text() + "// my builder\n",
            f"{old}/log.ts": 'import { send } from "../../send";\nexport const log = send;\n',
            f"{old}/deep/more.ts": 'export * from "../../../send";\nexport * from "../log";\n',
            f"{old}/logo.png": b"\x89PNG\xff\0",
            "src/backend/send.ts": "export const send = 1;\n",
        },
    )
    before = ids(app)
    run_update(app, {"rename": "post-created:post-written"}, vcs_ref=version)
    new = f"{EVENTS}/post-written"
    assert not (app / old).exists()
    assert ids(app) == before
    assert list(record(app)) == ["contact-created", "post-written"]
    text = (app / handler("post-written")).read_text()
    for line in (
        '"../../send"',
        '"./log"',
        '"../contact-created/contact-created"',
        "// mine\n",
        "posts.onPostCreated(",
    ):
        assert line in text
    assert (
        app / f"{new}/deep/more.ts"
    ).read_text() == 'export * from "../../../send";\nexport * from "../log";\n'
    assert (app / f"{new}/logo.png").read_bytes() == b"\x89PNG\xff\0"
    builder_text = (app / builder("post-written")).read_text()
    assert "export const eventPostWritten = extensions.event({" in builder_text
    assert 'source: "./backend/events/post-written/post-written.ts",' in builder_text
    assert before[POST] in builder_text
    assert builder_text.endswith("// my builder\n")
    assert (app / EXTENSIONS).read_text() == PRETTIER.replace("PostCreated", "PostWritten").replace(
        "post-created", "post-written"
    )
    assert_idle(app, vcs_ref=version)


def test_a_renamed_event_goes_on_to_the_next_version_without_a_clash(
    releases: TemplateRepo, app: Path, tmp_path: Path
) -> None:
    run_update(app, {"rename": "post-created:post-written"}, vcs_ref="1.1.0")
    commit_all(app)
    run_update(app, vcs_ref="4.0.0")
    target = snapshot(fresh(releases, app, "4.0.0", tmp_path / "fresh"))
    assert {path: content for path, content in snapshot(app).items() if path in target} == target


@pytest.mark.parametrize("binding", ["mine", "eventPostCreated"])
def test_a_registration_under_any_name_follows_a_rename(app: Path, binding: str) -> None:
    clause = "eventPostCreated" if binding == "eventPostCreated" else f"eventPostCreated as {binding}"
    edit(
        app,
        {
            EXTENSIONS: PRETTIER.replace("{ eventPostCreated }", f"{{ {clause} }}").replace(
                "(eventPostCreated)", f"({binding})"
            )
        },
    )
    run_update(app, {"rename": "post-created:post-written"}, vcs_ref="1.0.0")
    assert registered(app) == {builder(name)[:-3] for name in ("contact-created", "post-written")}
    shown = (
        "{ eventPostWritten }" if binding == "eventPostCreated" else f"{{ eventPostWritten as {binding} }}"
    )
    assert shown in (app / EXTENSIONS).read_text()
    assert_idle(app, vcs_ref="1.0.0")


def test_a_rename_of_a_builder_that_the_user_reshaped(app: Path) -> None:
    id = ids(app)[POST]
    edit(
        app,
        {
            builder("post-created"): "import { extensions } from '@wix/astro/builders'\n"
            f"const eventPostCreated = extensions.event({{ id: '{id}', source: './backend/events/post-created/post-created.ts' }})\n"
            "export { eventPostCreated }\n"
        },
    )
    run_update(app, {"rename": "post-created:post-written"}, vcs_ref="1.0.0")
    assert (app / builder("post-written")).read_text() == (
        "import { extensions } from '@wix/astro/builders'\n"
        f"const eventPostWritten = extensions.event({{ id: '{id}', source: './backend/events/post-written/post-written.ts' }})\n"
        "export { eventPostWritten }\n"
    )
    assert_idle(app, vcs_ref="1.0.0")


def test_two_events_are_renamed_at_once_while_one_is_added(app: Path) -> None:
    before = ids(app)
    run_update(app, {"rename": "post-created:one,contact-created:two", "event": ORDER}, vcs_ref="4.0.0")
    assert {name: event["event"] for name, event in record(app).items()} == {
        "one": POST,
        "two": CONTACT,
        "order-approved": ORDER,
    }
    assert ids(app).items() >= before.items()
    assert registered(app) == {builder(name)[:-3] for name in ("one", "two", "order-approved")}
    assert_idle(app)


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        ("post-created", "old:new"),
        ("nothing:other", '"nothing"'),
        ("post-created:Not Kebab", "kebab-case"),
        ("post-created:contact-created", "contact-created"),
        ("post-created:taken", "taken"),
        ("post-created:a,contact-created:a", '"a"'),
    ],
)
def test_a_rename_that_cannot_be_is_an_error_and_changes_nothing(app: Path, request_: str, part: str) -> None:
    edit(app, {f"{EVENTS}/taken/mine.ts": "export {};\n"})
    with pytest.raises(UserMessageError, match=re.escape(part)):
        run_update(app, {"rename": request_})
    assert git(app, "status", "--porcelain") == ""


# --- adopt -----------------------------------------------------------------------------------------------------------

IDS = [f"0a1b2c3d-0000-4000-8000-00000000000{number}" for number in range(6)]
MADE_BY_HAND = {
    "src/extensions/orders/paid.extension.ts": "import { extensions } from '@wix/astro/builders'\n"
    f"export default extensions.event({{ id: '{IDS[0]}', source: './extensions/orders/paid.ts' }})\n",
    "src/extensions/orders/paid.ts": "export { default } from './paid-handler'\n",
    "src/extensions/orders/paid-handler.ts": "import { orders } from '@wix/ecom'\n"
    "export default orders.onOrderApproved(async () => {})\n",
    "src/hooks/label.extension.ts": 'import * as builders from "@wix/astro/builders";\n'
    f'export const label = builders.extensions.event({{\n  id: "{IDS[1]}",\n  source: "./hooks/on-label.ts",\n}});\n',
    "src/hooks/on-label.ts": 'import * as crm from "@wix/crm";\nexport default (crm.labels as any).onLabelCreated(() => {});\n',
    "src/backend/events/my_Event/my-event.extension.ts": 'import { extensions } from "@wix/astro/builders";\n'
    f'export const eventMine = extensions.event({{\n  id: "{IDS[2]}",\n  source: "./backend/events/my_Event/my-event.ts",\n}});\n',
    "src/backend/events/my_Event/my-event.ts": 'import { comments } from "@wix/comments";\n'
    "export default comments.onCommentCreated(() => {});\n",
    EXTENSIONS: 'import { app } from "@wix/astro/builders";\n'
    "import paid from './extensions/orders/paid.extension';\n"
    'import { label as tag } from "./hooks/label.extension.ts";\n'
    'import { eventMine } from "./backend/events/my_Event/my-event.extension";\n'
    "\n"
    "export default app().use(paid).use(tag).use(eventMine);\n",
}


@pytest.fixture
def hand_made(releases: TemplateRepo, tmp_path: Path) -> Path:
    """Make an app with three events made by hand, to which the template then added one."""
    app = new_app(tmp_path / "app")
    edit(app, MADE_BY_HAND)
    run_copy(releases, app, {"event": CONTACT}, vcs_ref="1.0.0")
    commit_all(app)
    return app


def test_adopt_records_every_event_and_leaves_its_files_byte_identical(hand_made: Path) -> None:
    before = snapshot(hand_made)
    done = copier_cli(
        "update", "--trust", "--defaults", "--vcs-ref", "4.0.0", "-d", "adopt=true", cwd=hand_made
    )
    assert done.returncode == 0, done.stderr
    events = record(hand_made)
    assert {event["event"]: (event["id"], event.get("builder")) for event in events.values()} == {
        CONTACT: (ids(hand_made)[CONTACT], None),
        ORDER: (IDS[0], "src/extensions/orders/paid.extension.ts"),
        "crm.labels.onLabelCreated": (IDS[1], "src/hooks/label.extension.ts"),
        "comments.comments.onCommentCreated": (IDS[2], "src/backend/events/my_Event/my-event.extension.ts"),
    }
    after = snapshot(hand_made)
    for path in MADE_BY_HAND:
        assert after[path] == before[path], path
    for name in set(events) - {"contact-created"}:
        assert name in done.stderr
    assert_idle(hand_made)
    run_update(hand_made, {"adopt": True})
    assert git(hand_made, "status", "--porcelain") == ""


def test_the_lost_registration_of_an_adopted_event_comes_back_by_its_real_export(hand_made: Path) -> None:
    run_update(hand_made, {"adopt": True}, vcs_ref="1.0.0")
    commit_all(hand_made)
    everything = registered(hand_made)
    kept = editor.unregister((hand_made / EXTENSIONS).read_bytes(), *(path[:-3] for path in MADE_BY_HAND))
    edit(hand_made, {EXTENSIONS: kept})
    assert len(registered(hand_made)) == 1
    run_update(hand_made, vcs_ref="1.0.0")
    assert registered(hand_made) == everything
    text = (hand_made / EXTENSIONS).read_text()
    assert re.search(r'import \w+ from "./extensions/orders/paid.extension";', text)
    assert 'import { label } from "./hooks/label.extension";' in text
    assert_idle(hand_made, vcs_ref="1.0.0")


def test_an_event_made_by_hand_cannot_be_added_again_adopted_or_not(hand_made: Path) -> None:
    with pytest.raises(UserMessageError, match=r"src/extensions/orders/paid-handler\.ts:2"):
        run_update(hand_made, {"event": ORDER}, vcs_ref="1.0.0")
    run_update(hand_made, {"adopt": True}, vcs_ref="1.0.0")
    commit_all(hand_made)
    run_update(hand_made, {"event": ORDER}, vcs_ref="1.0.0")
    assert git(hand_made, "status", "--porcelain") == ""


def test_a_removed_adopted_event_loses_registration_and_record_but_no_file(hand_made: Path) -> None:
    run_update(hand_made, {"adopt": True}, vcs_ref="1.0.0")
    commit_all(hand_made)
    (name,) = (name for name, event in record(hand_made).items() if event["event"] == ORDER)
    run_update(hand_made, {"remove": name}, vcs_ref="4.0.0")
    assert ORDER not in ids(hand_made)
    assert "src/extensions/orders/paid.extension" not in registered(hand_made)
    for path in MADE_BY_HAND:
        assert path == EXTENSIONS or (hand_made / path).read_bytes() == MADE_BY_HAND[path].encode()


def test_an_event_that_the_user_moved_is_followed_and_left_to_the_user(app: Path) -> None:
    moved = "src/elsewhere/post"
    text = (
        (app / builder("post-created"))
        .read_text()
        .replace("backend/events/post-created/post-created", "elsewhere/post/run")
    )
    edit(
        app,
        {
            f"{moved}/post.extension.ts": text,
            f"{moved}/run.ts": (app / handler("post-created")).read_text() + "// mine\n",
            builder("post-created"): None,
            handler("post-created"): None,
            EXTENSIONS: PRETTIER.replace(
                "backend/events/post-created/post-created.extension", "elsewhere/post/post.extension"
            ),
        },
    )
    before = ids(app)
    run_update(app, vcs_ref="4.0.0")
    assert ids(app) == before
    assert record(app)["post-created"]["builder"] == f"{moved}/post.extension.ts"
    assert registered(app) == {builder("contact-created")[:-3], f"{moved}/post.extension"}
    assert (app / f"{moved}/run.ts").read_text().endswith("// mine\n")
    assert_idle(app)


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.0.0", "4.0.0"])
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


def test_events_dir_takes_the_collection_of_handled_events_and_the_samples_along(
    releases: TemplateRepo, tmp_path: Path
) -> None:
    app = new_app(tmp_path / "app")
    run_copy(releases, app, {"event": CONTACT, "idempotent": True, "trigger": True}, vcs_ref="1.0.0")
    commit_all(app)
    run_update(app, {"events_dir": WIX_EVENTS}, vcs_ref="1.0.0")
    assert {path.name for path in (app / WIX_EVENTS).iterdir()} == {
        "contact-created",
        "handled-events.extension.ts",
        "once.ts",
    }
    assert not (app / EVENTS).exists()
    assert f"{WIX_EVENTS}/handled-events.extension" in registered(app)
    assert 'from "../once";' in (app / handler("contact-created", WIX_EVENTS)).read_text()
    assert_idle(app, vcs_ref="1.0.0")
    run_update(app, {"rename": "contact-created:lead"}, vcs_ref="1.0.0")
    names = {"lead.extension.ts", "lead.ts", "lead.sample.json"}
    assert {path.name for path in (app / WIX_EVENTS / "lead").iterdir()} == names
    assert_idle(app, vcs_ref="1.0.0")


@pytest.mark.parametrize("version", ["1.0.0", "4.0.0"])
def test_lost_files_of_the_collection_of_handled_events_come_back(
    releases: TemplateRepo, tmp_path: Path, version: str
) -> None:
    app = new_app(tmp_path / "app")
    run_copy(releases, app, {"event": CONTACT, "idempotent": True}, vcs_ref="1.0.0")
    commit_all(app)
    files = {
        f"{EVENTS}/{name}": (app / EVENTS / name).read_bytes()
        for name in ("once.ts", "handled-events.extension.ts")
    }
    edit(app, dict.fromkeys(files))
    run_update(app, vcs_ref=version)
    assert {path: (app / path).read_bytes() for path in files} == files


@pytest.mark.parametrize("version", ["1.0.0", "4.0.0"])
def test_an_event_of_which_only_the_users_files_are_left_gets_its_own_back(app: Path, version: str) -> None:
    before = snapshot(app)
    edit(
        app,
        {
            f"{EVENTS}/post-created/own.ts": "export {};\n",
            builder("post-created"): None,
            handler("post-created"): None,
        },
    )
    run_update(app, vcs_ref=version)
    after = snapshot(app)
    assert set(after) == {*before, f"{EVENTS}/post-created/own.ts"}
    assert all(after[path] == before[path] for path in before) or version == "4.0.0"
    assert_idle(app, vcs_ref=version)


# --- unattended ------------------------------------------------------------------------------------------------------

BOT = ("update", "--skip-answered", "--defaults", "--trust")


@pytest.mark.parametrize("by_url", [True, False], ids=["git+file URL", "local path"])
def test_update_bots_update_two_apps_of_a_monorepo_each_by_its_own_answers_file(
    releases: TemplateRepo, tmp_path: Path, by_url: bool
) -> None:
    source = f"git+file://{releases.path}" if by_url else str(releases.path)
    files = {"apps/shop": ".copier-answers.shop.yml", "apps/blog": ".copier-answers.yml"}
    for folder, event, name in (
        ("apps/shop", CONTACT, "contact-created"),
        ("apps/blog", POST, "post-created"),
    ):
        new_app(tmp_path / folder)
        done = copier_cli(
            *(
                "copy",
                "--trust",
                "--defaults",
                "--vcs-ref",
                "1.0.0",
                "-d",
                f"event={event}",
                "-a",
                files[folder],
                source,
                folder,
            ),
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        path = tmp_path / folder / handler(name)
        path.write_text(
            path.read_text().replace("// Your code goes here", "// mine\n    // Your code goes here")
        )
    commit_all(tmp_path)
    blog = snapshot(tmp_path / "apps/blog")
    done = copier_cli(*BOT, "--answers-file", ".copier-answers.shop.yml", cwd=tmp_path / "apps/shop")
    assert done.returncode == 0, done.stderr
    assert snapshot(tmp_path / "apps/blog") == blog
    commit_all(tmp_path)
    # From the repository's root, as some bots do.
    done = copier_cli(
        *BOT, "--vcs-ref", "3.0.0", "--answers-file", ".copier-answers.yml", "apps/blog", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    for folder, name, version in (
        ("apps/shop", "contact-created", "4.0.0"),
        ("apps/blog", "post-created", "3.0.0"),
    ):
        answers = yaml.safe_load((tmp_path / folder / files[folder]).read_text())
        assert (answers["_commit"], answers["_src_path"]) == (version, source)
        text = (tmp_path / folder / handler(name)).read_text()
        assert text.startswith("// Second version.\n")
        assert "// mine\n" in text
        assert "<<<<<<<" not in text
        assert "// Third version." in (tmp_path / folder / builder(name)).read_text()
    commit_all(tmp_path)
    assert (
        copier_cli(*BOT, "--answers-file", ".copier-answers.shop.yml", cwd=tmp_path / "apps/shop").returncode
        == 0
    )
    assert git(tmp_path, "status", "--porcelain") == ""


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
@pytest.mark.parametrize("resolved_by", ["ours", "theirs"])
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
    with pytest.raises(UserMessageError, match=rf"{re.escape(ANSWERS)}: _commit stands there 2 times"):
        run_update(app)
    damage(app, r'(?m)^_commit: "3\.0\.0"\n', "")
    damage(app, r"(?m)^revisions: .*2.*\n", "")
    with pytest.raises(UserMessageError, match=rf"{re.escape(ANSWERS)}: events stands there 2 times"):
        run_update(app)


# --- the record's schema ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def migrated(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make a template whose release 2.0.0 has a record of schema 2: each event gets the key `since`."""
    repo = template.fork(tmp_path_factory.mktemp("migrated") / "template")
    code = (repo.path / "extensions/wix_events/plan.py").read_text()
    assert "\nSCHEMA = 1\n" in code
    code = code.replace("\nSCHEMA = 1\n", "\nSCHEMA = 2\n")
    start = code.index("MIGRATIONS: ")
    end = code.index("= {}", start)
    migration = """= {2: lambda events: [{**event, "since": event.get("since", "first") + "!"} for event in events]}"""
    repo.release("2.0.0", {"extensions/wix_events/plan.py": code[:end] + migration + code[end + 4 :]})
    return repo


@pytest.mark.parametrize("by", ["update", "copy"])
def test_a_new_schema_migrates_the_record_once(migrated: TemplateRepo, tmp_path: Path, by: str) -> None:
    app = new_app(tmp_path / "app")
    run_copy(migrated, app, {"event": [CONTACT, POST]}, vcs_ref="1.0.0")
    commit_all(app)
    before = snapshot(app)

    def run() -> None:
        if by == "update":
            run_update(app)
        else:
            run_copy(migrated, app)

    run()
    assert {event["since"] for event in record(app).values()} == {"first!"}
    assert yaml.safe_load((app / ANSWERS).read_text())["schema"] == 2
    assert changes(app) == {ANSWERS}
    commit_all(app)
    run()
    assert git(app, "status", "--porcelain") == ""
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
