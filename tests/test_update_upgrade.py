"""What `copier update` does with a newer version: everything arrives, and the user's lines stay."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from apps import (
    ANSWERS,
    CONTACT,
    EVENTS,
    EXTENSIONS,
    ORDER,
    POST,
    append,
    assert_idle,
    at_either_version,
    builder,
    edit,
    fresh,
    handler,
    ids,
    record,
    registered,
)
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update
from wix import snapshot

# --- upgrade ---------------------------------------------------------------------------------------------------------


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


def test_the_oldest_version_updates_to_the_newest(releases: TemplateRepo, tmp_path: Path) -> None:
    app = tmp_path / "app"
    run_copy(releases, app, {"event": [CONTACT, POST]}, vcs_ref="1.0.0")
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


@pytest.mark.parametrize("by", ["commit", "attribute", "setting"])
def test_windows_line_ends_are_refused_with_instructions_that_work(app: Path, by: str) -> None:
    path = app / handler("post-created")
    edit(
        app, {handler("post-created"): path.read_text().replace("// Your code", "// mine\n    // Your code")}
    )
    if by == "commit":
        edit(
            app,
            {handler("post-created"): path.read_bytes().replace(b"\n", b"\r\n")},
        )
    else:
        if by == "attribute":
            edit(app, {".gitattributes": "*.ts text eol=crlf\n"})
        else:
            git(app, "config", "core.autocrlf", "true")
        git(app, "rm", "-r", "--quiet", EVENTS)
        git(app, "checkout", "HEAD", "--", EVENTS)
    assert b"// mine\r\n" in path.read_bytes()
    before = snapshot(app)
    done = copier_cli("update", "--trust", "--defaults", cwd=app)
    assert done.returncode == 1
    assert "has Windows line ends (CRLF)" in done.stderr
    assert snapshot(app) == before
    # As printed: the lines below .gitattributes, then the commands.
    told = [line[2:] for line in done.stderr.splitlines() if line.startswith("  ")]
    with (app / ".gitattributes").open("a") as attributes:
        attributes.writelines(f"{line}\n" for line in told if not line.startswith("git "))
    for line in told:
        if line.startswith("git "):
            subprocess.run(line, shell=True, cwd=app, check=True)
    assert git(app, "status", "--porcelain") == ""
    run_update(app)
    text = path.read_bytes().decode()
    assert text.startswith("// Second version.\n")
    assert "// mine\n" in text
    assert not any(mark in text for mark in ("\r", "<<<<<<<"))
    assert_idle(app)


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


# --- add -------------------------------------------------------------------------------------------------------------


@at_either_version
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
