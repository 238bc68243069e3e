"""What lies where a run writes, and is no file or folder of the app: refused at once, with nothing written anywhere.

The paths are those that runs were seen to write, so that a new one is covered by itself.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from apps import ANSWERS, CONTACT, EVENTS, POST, WIX_EVENTS
from copier.errors import UserMessageError
from template_repo import TemplateRepo, commit_all, git, run_copy, run_update
from wix import new_app, snapshot

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these"),
]
SECONDS = 60
ALL = {"idempotent": True, "trigger": True}


def link_out(path: Path, root: Path) -> None:
    """Make a link to a folder outside of the app, or to a file in it, that is like what was there."""
    target = root.parent / "outside" / path.relative_to(root)
    path.symlink_to(target if os.path.lexists(target) else target.parent)


# What is put in the place of a file or folder that a run writes.
KINDS: dict[str, Callable[[Path, Path], None]] = {
    "fifo": lambda path, _: os.mkfifo(path),
    "device": lambda path, _: path.symlink_to("/dev/zero"),
    "link to itself": lambda path, _: path.symlink_to(path.name),
    "link to nothing": lambda path, _: path.symlink_to("nowhere"),
    "link out of the app": link_out,
    "folder": lambda path, _: path.mkdir(),
    "file": lambda path, _: path.touch(),
}

RUNS: dict[str, tuple[Callable[..., None], dict[str, Any]]] = {
    "first copy": (run_copy, {"event": CONTACT, **ALL}),
    "second copy": (run_copy, {"event": POST, **ALL}),
    "update": (run_update, {}),
    "rename": (run_update, {"rename": "contact-created:lead"}),
    "move": (run_update, {"events_dir": WIX_EVENTS}),
    "remove": (run_update, {"remove": "contact-created"}),
}


@contextmanager
def no_hang() -> Iterator[None]:
    """End a run that waits for ever."""

    def end(_: int, __: FrameType | None) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, end)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def everything(folder: Path) -> dict[str, object]:
    """Return all that is in a folder: files by their content, links by where they lead, the rest by its kind."""
    found: dict[str, object] = {}
    for place, folders, names in os.walk(folder):
        for path in (Path(place) / name for name in (*folders, *names)):
            if ".git" in path.parts:
                continue
            plain = path.is_file() and not path.is_symlink()
            found[str(path)] = (
                path.read_bytes()
                if plain
                else os.readlink(path)
                if path.is_symlink()
                else path.lstat().st_mode
            )
    return found


@pytest.mark.parametrize("turn", range(len(RUNS)))
def test_what_is_no_file_or_folder_of_the_app_is_refused_at_once(
    template: TemplateRepo, plain: TemplateRepo, tmp_path: Path, turn: int
) -> None:
    name, (call, data) = list(RUNS.items())[turn]
    # Copier has nothing to clone then; but it updates only from a repository.
    source = plain if call is run_copy else template

    def run(app: Path) -> None:
        call(*((source, app) if call is run_copy else (app,)), data)

    start = new_app(tmp_path / "start" / "app")
    if name != "first copy":
        run_copy(source, start, RUNS["first copy"][1])
    commit_all(start)
    whole = Path(shutil.copytree(start, tmp_path / "whole"))
    run(whole)
    before, after = snapshot(start), snapshot(whole)
    touched = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    touched |= {path for path in before if path.startswith(("src/backend/events/", "scripts/"))}
    folders = {str(parent) for path in touched for parent in Path(path).parents} - {"."}
    # Copier itself opens this one before it knows the template, and waits or ends in a traceback.
    touched.discard(ANSWERS)
    assert len(touched) > 4
    paths = sorted(touched | folders)
    # Updates take longest, so each path is tried in every third of them.
    step = 3 if call is run_update else 1
    for number in range(turn % step, len(paths), step):
        path = paths[number]
        # Each path meets another kind in each run.
        kinds = [kind for kind in KINDS if kind != ("file" if path in touched else "folder")]
        kind = kinds[(number + turn) % len(kinds)]
        work = tmp_path / "work"
        app = Path(shutil.copytree(start, work / "app"))
        shutil.copytree(start, work / "outside", ignore=shutil.ignore_patterns(".git"))
        place = app / path
        if place.is_dir():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        KINDS[kind](place, app)
        git(app, "rm", "-r", "--cached", "--quiet", "--ignore-unmatch", "--", path)
        commit_all(app)
        there = everything(work)
        try:
            with no_hang():
                run(app)
        except UserMessageError as error:
            assert everything(work) == there, (kind, path, str(error))
        except BaseException as error:
            pytest.fail(f"{name}, {kind} at {path}: {error!r}")
        else:
            # It was in nobody's way: git keeps neither FIFOs nor empty folders, so that an update takes a file for deleted.
            outside = {at: text for at, text in everything(work).items() if "/outside/" in at}
            assert outside == {at: text for at, text in there.items() if "/outside/" in at}, (kind, path)
            print(f"{name}, {kind} at {path}: {git(app, 'status', '--porcelain').split()}")
        shutil.rmtree(work)


def test_a_fifo_where_git_reads_is_refused_at_once(
    plain: TemplateRepo, wix_app: Path, tmp_path: Path
) -> None:
    """Git would wait at it for ever. By an update Copier itself asks git first, before it knows the template."""
    commit_all(wix_app.parent)
    folders = ("../", "", "src/", "src/backend/", f"{EVENTS}/")
    ignored = [f"{folder}{name}" for folder in folders for name in (".gitignore", ".gitattributes")]
    for path in (*ignored, *(f"../.git/{name}" for name in ("info/exclude", "info/attributes", "index"))):
        place, kept = wix_app / path, tmp_path / "kept"
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            place.rename(kept)
        os.mkfifo(place)
        there = everything(wix_app)
        with no_hang(), pytest.raises(UserMessageError, match=f"^{path} is not a file"):
            run_copy(plain, wix_app, {"event": CONTACT})
        assert everything(wix_app) == there
        place.unlink()
        if kept.exists():
            kept.rename(place)
