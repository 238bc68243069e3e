"""Move events to other names or to another folder, with all that the user has put beside them: everything or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from . import files, names
from .errors import UserError
from .follow import follow, new_place
from .once import once_files


@dataclass(frozen=True)
class Moves:
    """What a move changes in the app.

    Attributes:
        root: The app's folder.
        moved: The new place of each file that moves.
        write: The content of each file that is written, by path: first the files in their new places, then those that name them.
        folders: The folders that are taken away, with all that is in them.
        emptied: The folder that goes where nothing is left in it.
        notes: What the user has to look at, since it cannot follow by itself.
    """

    root: Path
    moved: Mapping[str, str]
    write: Mapping[str, bytes]
    folders: Sequence[str]
    emptied: str
    notes: Sequence[str]

    def apply(self) -> None:
        """Do it. Planned and run again after it was killed, it does the rest.

        Raises:
            UserError: A file could not be written or a folder taken away; everything is as it was.
        """
        before: dict[str, tuple[bytes, int] | None] = {}
        gone: list[str] = []
        try:
            modes = {new: _mode(self.root / old) for old, new in self.moved.items()}
            for path, content in self.write.items():
                before[path] = _content(self.root / path)
                _write(self.root, path, content, modes.get(path))
            in_folders = tuple(f"{folder}/" for folder in self.folders)
            for path in self.moved:
                if not path.startswith(in_folders):
                    before[path] = _content(self.root / path)
                    files.delete(self.root / path, self.root)
            for folder in self.folders:
                gone.append(folder)
                self._take_away(folder)
        except BaseException as error:
            self._undo(before, gone)
            if isinstance(error, OSError):
                raise UserError(
                    f"The events were not moved: {error}. Everything is as it was; put that right and run this again."
                ) from error
            raise
        for folder in self.folders:
            shutil.rmtree(self._away(folder), ignore_errors=True)
        with contextlib.suppress(OSError):
            (self.root / self.emptied).rmdir()

    def _take_away(self, folder: str) -> None:
        """Take a folder away at once: were its files deleted one by one, no later run could tell what they were to become."""
        if not (self.root / folder).is_dir():
            return
        shutil.rmtree(self._away(folder), ignore_errors=True)
        os.rename(self.root / folder, self._away(folder))

    def _away(self, folder: str) -> Path:
        return files.temporary_of(self.root / folder)

    def _undo(self, before: Mapping[str, tuple[bytes, int] | None], gone: Sequence[str]) -> None:
        """Put everything back."""
        for folder in gone:
            if not (self.root / folder).exists():
                with contextlib.suppress(OSError):
                    os.rename(self._away(folder), self.root / folder)
        for path, was in before.items():
            with contextlib.suppress(OSError, UserError):
                if was is None:
                    files.delete(self.root / path, self.root)
                else:
                    _write(self.root, path, *was)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _content(path: Path) -> tuple[bytes, int] | None:
    return (files.read(path), _mode(path)) if path.exists() else None


def _write(root: Path, path: str, content: bytes, mode: int | None) -> None:
    files.write_atomically(root / path, content, root)
    if mode is not None:
        (root / path).chmod(mode)


def plan_moves(
    root: Path, events_dir: str, target_dir: str, pairs: Sequence[tuple[str, str]], once: bool
) -> Moves:
    """Look at everything that a move concerns.

    Args:
        root: The app's folder.
        events_dir: Where the events are.
        target_dir: Where they are to be, which may be the same.
        pairs: The old and the new name of each event that moves.
        once: Whether the helper for handlers that work once moves along.

    Returns:
        What is to be done; nothing is written yet.

    Raises:
        UserError: A file would be overwritten, cannot be read or changed, or is reached through a link.
    """
    moved: dict[str, str] = {}
    pairs = [(old, new) for old, new in pairs if (events_dir, old) != (target_dir, new)]
    folders = {f"{events_dir}/{old}": f"{target_dir}/{new}" for old, new in pairs}
    for folder, target in folders.items():
        moved.update(_files_of(root, folder, target))
    if once:
        old_helper, new_helper = once_files(events_dir)["helper"], once_files(target_dir)["helper"]
        if old_helper != new_helper and os.path.lexists(root / old_helper):
            moved[old_helper] = new_helper
    for path in moved:
        _check_place(root, path)
        files.check_folder_writable(root / path, root)
    exports = {
        names.builder_path({"name": old}, events_dir): (names.export_name(old), names.export_name(new))
        for old, new in pairs
    }
    followed = follow(root, moved, folders, exports)
    concerned = [
        problem for problem in followed.problems if problem.file in moved and names.is_code(problem.file)
    ]
    if concerned:
        raise UserError(str(concerned[0]))
    contents = followed.contents
    for path in contents:
        files.check_writable(root / path, root)
    write = {new: contents[old] if old in contents else files.read(root / old) for old, new in moved.items()}
    _check_free(root, moved, write, target_dir)
    write |= {path: content for path, content in contents.items() if path not in moved}
    return Moves(
        root=root,
        moved=moved,
        write=write,
        folders=list(folders),
        emptied=events_dir,
        notes=[*followed.notes, *(str(each) for each in followed.problems if each.file not in moved)],
    )


def _files_of(root: Path, folder: str, target: str) -> dict[str, str]:
    """Return the new place of each file in an event's folder; those of the template's own take the event's new name."""
    return {
        path: new_place(path, folder, target)
        for path in sorted(_entries(root, folder))
        if (root / path).is_symlink() or not (root / path).is_dir()
    }


def _check_place(root: Path, path: str) -> None:
    """Refuse to move what is a link or no file, or lies behind a link."""
    if link := files.link_on_the_way(root, path):
        raise UserError(
            f"{link} is a link, so that {path} cannot be moved. Move it by hand, or put a copy in its place."
        )
    if not stat.S_ISREG(os.lstat(root / path).st_mode):
        raise UserError(f"{path} is no file and cannot be moved. Take it away and run this again.")


def _check_free(root: Path, moved: Mapping[str, str], write: Mapping[str, bytes], target_dir: str) -> None:
    """Refuse to overwrite anything but what a stopped run has put there, also where case does not tell files apart."""
    if link := files.link_on_the_way(root, target_dir):
        raise UserError(
            f"{link} is a link, so that no events can be moved to {target_dir}. Put a folder in its place."
        )
    there = {path.casefold(): path for path in _entries(root, target_dir)}
    coming: dict[str, str] = {}
    for old, new in moved.items():
        other = coming.setdefault(new.casefold(), old)
        if other != old:
            raise UserError(
                f"{other} and {old} would both become {new}. Give one of them another name first."
            )
        for path in (new, *map(str, PurePosixPath(new).parents)):
            entry = there.get(path.casefold())
            if entry is None or (path != new and entry == path and (root / path).is_dir()):
                continue
            if (
                entry == new
                and new not in moved
                and (root / new).is_file()
                and files.read(root / new) == write[new]
            ):
                continue
            raise UserError(
                f"{entry} is there already, and {old} would overwrite it. Choose another name, or move it away; "
                "delete it if a stopped run has left it."
            )


def _entries(root: Path, folder: str) -> list[str]:
    """Return the paths of all that is in a folder, links not followed."""
    return [
        (Path(place) / name).relative_to(root).as_posix()
        for place, folders, found in os.walk(root / folder)
        for name in (*folders, *found)
    ]
