"""Read, replace and delete an app's files, never one outside the app, and keep two runs on one app apart.

A fault at any moment leaves a file's old content or the new, nothing between.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import stat
import sys
import time
from pathlib import Path
from typing import Any

from .errors import UserError

if sys.platform != "win32":
    import fcntl

_PATIENCE = 60.0  # seconds to wait for another run

_MARKER = re.compile(rb"^(?:<{7}|>{7})(?: |\r?$)", re.MULTILINE)

_locked: dict[Path, int] = {}  # the descriptors of the folders that this process has locked


def said_of(error: OSError) -> str:
    """Say of a file or folder that it cannot be read."""
    return f"{error.filename} cannot be read: {error.strerror}. Put that right and run this again."


def read(path: Path) -> bytes:
    """Return a file's content.

    Args:
        path: The file, or a symbolic link to it.

    Raises:
        FileNotFoundError: If there is no such file: what that means is the caller's to say.
        UserError: If it cannot be read, or is no file but a folder, a FIFO or a device.
    """
    try:
        return content_of(path)
    except FileNotFoundError:
        raise
    except IsADirectoryError as error:
        raise UserError(f"{path} is not a file. Move it away and run this again.") from error
    except OSError as error:
        raise UserError(said_of(error)) from error


def content_of(path: Path | str) -> bytes:
    """Return a file's content, and never wait for a FIFO.

    Raises:
        OSError: It is missing or cannot be read; IsADirectoryError for all that is no regular file.
    """
    # Opening a FIFO waits for a writer otherwise; without its flag for binary files Windows would change line ends.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        return file.read()


def read_if_possible(path: Path) -> bytes | None:
    """Return a file's content, None where there is no file that can be read."""
    try:
        return content_of(path)
    except OSError:
        return None


def digest(path: Path) -> str:
    """Return what tells one content of a file from another; nothing where there is no file that can be read."""
    content = read_if_possible(path)
    return "" if content is None else hashlib.sha256(content).hexdigest()


def read_object(path: Path) -> dict[str, Any] | None:
    """Return the object that a JSON file holds, None where there is no such file that can be read."""
    try:
        value = json.loads((read_if_possible(path) or b"").decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def line_at(content: bytes, place: int) -> int:
    """Return the line, from 1, on which a byte stands."""
    return content.count(b"\n", 0, place) + 1


def conflict_line(content: bytes) -> int | None:
    """Return the line of the first marker that a merge left with its conflict, None where there is none."""
    found = _MARKER.search(content)
    return line_at(content, found.start()) if found else None


def _target_of(path: Path, root: Path) -> Path:
    """Return where a path leads, links followed; refuse one that leads out of the root."""
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(os.path.realpath(root)):
        raise UserError(
            f"{_shown(path, root)} leads outside of the app, and was left alone."
            " Replace the link by a file or folder of the app's own."
        )
    return target


def is_inside(path: Path | str, root: Path | str) -> bool:
    """Tell whether a path, links followed, stays in a folder."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _shown(path: Path, root: Path) -> str:
    """Return a path as messages name it: relative to the app."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def link_on_the_way(root: Path, path: str) -> Path | None:
    """Return the first link among the folders of a path and itself, None if there is none.

    Args:
        root: Where the path starts; not looked at itself.
        path: The path, relative to the root.
    """
    place = root
    for part in Path(path).parts:
        place /= part
        if place.is_symlink():
            return place
    return None


def check_writable(path: Path, root: Path) -> None:
    """Make sure that a file can be written, or that there is none.

    Args:
        path: The file.
        root: The folder that the file has to be in, links followed.

    Raises:
        UserError: If the path leads out of the root or cannot be looked at, or if what is there is read-only or no file, or its
            folder is read-only and nothing is there.
    """
    target = _target_of(path, root)
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        check_folder_writable(path, root)
        return
    except OSError as error:
        raise UserError(
            f"{_shown(path, root)} cannot be written: {error.strerror}. Put that right and run this again."
        ) from error
    if not stat.S_ISREG(mode):
        raise UserError(f"{_shown(path, root)} is not a file. Move it away and run this again.")
    # The superuser may write anything, so that the mode is asked as well.
    if not (mode & 0o222 and os.access(target, os.W_OK)):
        raise UserError(
            f"{_shown(path, root)} is read-only and was left alone. Make it writable and run this again."
        )


def check_folder_writable(path: Path, root: Path) -> None:
    """Make sure that a file can be made or deleted where it is.

    Args:
        path: The file.
        root: The folder that the file has to be in.

    Raises:
        UserError: If its folder, or the nearest one above that is there, is read-only.
    """
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        shown = _shown(folder, root.absolute()) if folder != root.absolute() else folder
        raise UserError(f"{shown} is read-only and was left alone. Make it writable and run this again.")


def write_atomically(path: Path, content: bytes, root: Path) -> None:
    """Make a file hold the given content, in one step and with its permissions and owner kept.

    Nothing is written where the file holds that content already. A symbolic link stays, and the file that it points to is
    replaced; of a file with several hard links only this one changes. Folders that are missing are made.

    Args:
        path: The file.
        content: What it is to hold.
        root: The folder that the file has to be in, links followed.

    Raises:
        UserError: If the path leads out of the root, or the file cannot be written or is read-only. It is as it was.
    """
    target = _target_of(path, root)
    if target.is_file() and read(target) == content:
        return
    check_writable(path, root)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, content)
    except OSError as error:
        raise UserError(
            f"{_shown(path, root)} was not written and is as it was: {error.strerror}. Put that right and run this again."
        ) from error


def temporary_of(path: Path) -> Path:
    """Return where what takes the place of a file or folder, or had it, lies while a run is at work."""
    return path.with_name(f".{path.name}.event-tmp")


def _replace(target: Path, content: bytes) -> None:
    """Write a temporary file beside the target and put it in the target's place."""
    # Always the same name, so that what a killed run left is replaced by the next one.
    temporary = temporary_of(target)
    temporary.unlink(missing_ok=True)
    before = target.stat() if target.exists() else None
    try:
        with open(temporary, "xb") as file:
            if before:
                # First, so that no content can be read by anyone who could not read it before.
                _copy_rights(temporary, before)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _copy_rights(temporary: Path, before: os.stat_result) -> None:
    """Give the temporary file the owner, as far as this user may, and the mode of the file it replaces."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.chown(temporary, before.st_uid, before.st_gid)
    os.chmod(temporary, stat.S_IMODE(before.st_mode))


def delete(path: Path, root: Path) -> None:
    """Delete a file, or a link but not what it points to; one that is not there is no error.

    Its folder goes too if nothing else is in it.

    Args:
        path: The file.
        root: The folder that the file's folder has to be in, links followed.

    Raises:
        UserError: If the path leads out of the root, or the file cannot be deleted.
    """
    folder = _target_of(path.parent, root)
    try:
        (folder / path.name).unlink(missing_ok=True)
        if folder.is_dir() and not path.parent.is_symlink() and not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise UserError(
            f"{_shown(path, root)} cannot be deleted: {error.strerror}. Delete it by hand."
        ) from error


def lock_folder(folder: Path) -> None:
    """Keep other processes out of a folder for as long as this process lives; a second call changes nothing.

    Nothing is locked where there is no such folder, and where the system cannot lock one (Windows, some network file systems).

    Args:
        folder: The app's own folder. No file is written in it.

    Raises:
        UserError: If another run is at work in it for more than a minute.
    """
    folder = folder.resolve()
    if sys.platform == "win32" or folder in _locked_by_any_checkout():
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return
    try:
        _wait_for(descriptor, folder)
    except UserError:
        os.close(descriptor)
        raise
    # Closed, it would unlock the folder.
    _locked[folder] = descriptor


def _locked_by_any_checkout() -> set[Path]:
    """Return the folders that this process has locked: an update checks the template out, and loads this, several times."""
    modules = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("wix_events") and name.endswith(".files")
    ]
    return {folder for module in modules for folder in getattr(module, "_locked", ())}


def _wait_for(descriptor: int, folder: Path) -> None:
    """Lock an open folder once no other process has, if this file system can; say so if that is not at once."""
    end, said = time.monotonic() + _PATIENCE, False
    while True:
        try:
            if sys.platform != "win32":
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() >= end:
                raise UserError(
                    f"Another run has been at work in {folder} for over a minute."
                    " Wait until it has ended, or end it, and run this again."
                ) from error
            if not said:
                said = True
                print(
                    "Another run is at work in this app. Leave this one to wait for it, or end one.",
                    file=sys.stderr,
                    flush=True,
                )
            time.sleep(0.05)
        except OSError:
            return
