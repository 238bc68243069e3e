"""What tests look up in an app, and how they change it as its user, or the template as its author, would."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import editor
import pytest
import yaml
from copier.errors import UserMessageError
from template_repo import TemplateRepo, commit_all, git, run_copy, run_update
from wix_events.reader import read_app

CONTACT = "crm.contacts.onContactCreated"
ORDER = "ecom.orders.onOrderApproved"
POST = "blog.posts.onPostCreated"
EVENTS = "src/backend/events"
WIX_EVENTS = "src/extensions/backend/events"
EXTENSIONS = "src/extensions.ts"
ANSWERS = ".copier-answers.yml"

# Once more without a newer version, which renders nothing else; `make quick` goes without.
at_either_version = pytest.mark.parametrize(
    "version", [pytest.param("1.0.0", marks=pytest.mark.slow), "4.0.0"]
)

# How update bots call Copier.
BOT = ("update", "--skip-answered", "--defaults", "--trust")

# The `src/extensions.ts` of an app with the events of CONTACT and POST.
REGISTERED = """\
import { app } from "@wix/astro/builders";
import { eventContactCreated } from "./backend/events/contact-created/contact-created.extension";
import { eventPostCreated } from "./backend/events/post-created/post-created.extension";

export default app().use(eventContactCreated).use(eventPostCreated);
"""


# --- what is there ---------------------------------------------------------------------------------------------------


def builder(name: str, events_dir: str = EVENTS) -> str:
    """Return the path of an event's builder."""
    return f"{events_dir}/{name}/{name}.extension.ts"


def handler(name: str, events_dir: str = EVENTS) -> str:
    """Return the path of an event's handler."""
    return f"{events_dir}/{name}/{name}.ts"


def answers(app: Path, answers_file: str = ANSWERS) -> dict[str, Any]:
    """Return what an app's answers file holds."""
    values: dict[str, Any] = yaml.safe_load((app / answers_file).read_text())
    return values


def recorded(app: Path, answers_file: str = ANSWERS) -> list[dict[str, Any]]:
    """Return the recorded events."""
    events: list[dict[str, Any]] = answers(app, answers_file)["events"]
    return events


def record(app: Path, answers_file: str = ANSWERS) -> dict[str, dict[str, Any]]:
    """Return the recorded events by name."""
    return {event["name"]: event for event in recorded(app, answers_file)}


def ids(app: Path, answers_file: str = ANSWERS) -> dict[str, str]:
    """Return the recorded ids by event."""
    return {event["event"]: event["id"] for event in record(app, answers_file).values()}


def registered(app: Path) -> set[str]:
    """Return the builders that the app registers, without their suffix; fails where `src/extensions.ts` has a fault."""
    found = read_app(app)
    faults = [problem for problem in found.problems if problem.file == EXTENSIONS]
    assert faults == []
    return {extension.builder[:-3] for extension in found.extensions if extension.registered}


def changes(app: Path) -> set[str]:
    """Return the paths that differ from the last commit."""
    git(app, "add", "--all")
    return set(git(app, "diff", "--cached", "--name-only", "--no-renames").split())


def assert_idle(app: Path, **options: Any) -> None:
    """Commit, update once more, and check that nothing changes."""
    commit_all(app)
    run_update(app, **options)
    assert git(app, "status", "--porcelain") == ""


def everything(app: Path) -> dict[str, object]:
    """Return what a folder holds, git's own left out: files with bytes and modes, folders, links with their targets."""
    found: dict[str, object] = {}
    for path in sorted(path for path in app.rglob("*") if ".git" not in path.parts):
        name = path.relative_to(app).as_posix()
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = (path.stat().st_mode, path.read_bytes())
        else:
            found[name] = None
    return found


def refused(repo: TemplateRepo, app: Path, data: Mapping[str, Any], **options: Any) -> str:
    """Run a copy that has to be refused with a message for the user and to leave the app as it was."""
    before = everything(app)
    with pytest.raises(UserMessageError) as raised:
        run_copy(repo, app, data, **options)
    assert everything(app) == before
    return str(raised.value)


# --- the user's doing ------------------------------------------------------------------------------------------------


def write(path: Path, text: str) -> None:
    """Write a file and the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


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


def without_registrations(source: bytes, builders: list[str]) -> bytes:
    """Return an `src/extensions.ts` that has lost builders, as a bad merge makes it."""
    return editor.unregister(source, *(path.removesuffix(".ts") for path in builders))


Change = Callable[[Path], object]


def replace(path: str, old: str, new: str) -> Change:
    """Replace text that a file holds, given as a regular expression."""

    def change(app: Path) -> None:
        text = (app / path).read_text()
        changed = re.sub(old, new, text, count=1, flags=re.MULTILINE)
        assert changed != text
        (app / path).write_text(changed)

    return change


def remove(*paths: str) -> Change:
    """Delete files or folders."""

    def change(app: Path) -> None:
        for path in paths:
            if (app / path).is_dir():
                shutil.rmtree(app / path)
            else:
                (app / path).unlink()

    return change


def both(*mutations: Change) -> Change:
    """Make several changes."""
    return lambda app: [change(app) for change in mutations]


# --- the template's author -------------------------------------------------------------------------------------------


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
    changed = {"builder": builder, "handler": handler}
    for kind, change in changed.items():
        if change is not None:
            path = repo.template_of(kind)
            new[path] = change((repo.path / path).read_text())
    repo.release(tag, new)


def fresh(releases: TemplateRepo, app: Path, version: str, path: Path) -> Path:
    """Render the record of an app at a version, into a folder that holds nothing else."""
    path.mkdir()
    shutil.copy(app / ANSWERS, path)
    # Asked for, because recorded events whose folder is gone are dropped.
    wanted = [{"event": event["event"], "name": name} for name, event in record(app).items()]
    run_copy(releases, path, {"event": wanted}, vcs_ref=version)
    return path
