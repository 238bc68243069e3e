"""Tell whose the files are that lie where an event's files are to go."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from . import files, names

Render = Callable[[], str]

_ID = re.compile(rb"(?<=\bid: )\"([0-9a-f-]{36})\"")


def is_empty(folder: Path) -> bool:
    """Tell whether nothing is at a path, or a folder without anything in it."""
    if not os.path.lexists(folder):
        return True
    return folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir())


def same_folder(parent: Path, name: str) -> Path | None:
    """Return what a folder holds under a name; macOS and Windows take names that differ in case for one."""
    if not parent.is_dir():
        return None
    return next((path for path in sorted(parent.iterdir()) if path.name.lower() == name), None)


def is_as_rendered(path: Path, render: Render) -> bool:
    """Tell whether a file holds to the byte what this run would write there, whatever the id in it."""
    content = files.read_if_possible(path)
    if content is None or path.is_symlink():
        return False
    return _without_id(content) == _without_id(render().encode())


def left_by_a_stopped_run(folder: Path, renders: Mapping[str, Render]) -> bool:
    """Tell whether every file in a folder is what this run would write there.

    Args:
        folder: The folder.
        renders: What renders each of its files, by file name.
    """
    if folder.is_symlink() or not folder.is_dir():
        return False
    entries = sorted(folder.iterdir())
    return bool(entries) and all(
        entry.name in renders and is_as_rendered(entry, renders[entry.name]) for entry in entries
    )


def id_in(builder: Path) -> str | None:
    """Return the id that a builder of the template's own holds, or None where there is none."""
    found = _ID.search(files.read_if_possible(builder) or b"")
    id_ = found[1].decode() if found else None
    return id_ if names.is_uuid4(id_) else None


def _without_id(content: bytes) -> bytes:
    """Return a file's content with its id blanked out."""
    return _ID.sub(b'""', content)
