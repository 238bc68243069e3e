"""Read and replace files so that a fault at any moment leaves the old content or the new, nothing between."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_SUFFIX = ".event-tmp"


class FileError(Exception):
    """A file that cannot be read or written; the message says which, why, and what to do."""


class UnsafePathError(FileError):
    """A path that leads out of the folder it has to stay in."""


def read(path: Path) -> bytes:
    """Return a file's content.

    Args:
        path: The file, or a symbolic link to it.

    Raises:
        FileNotFoundError: If there is no such file: what that means is the caller's to say.
        FileError: If it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileError(
            f"{path} cannot be read: {error.strerror}. Put that right and run this again."
        ) from error


def write_atomically(path: Path, content: bytes, root: Path) -> None:
    """Make a file hold the given content, in one step and with its permissions and owner kept.

    Nothing is written where the file holds that content already. A symbolic link stays, and the file
    that it points to is replaced.

    Args:
        path: The file; its folder has to exist.
        content: What it is to hold.
        root: The folder that the file has to be in, links followed.

    Raises:
        UnsafePathError: If the path leads out of the root.
        FileError: If the file cannot be written, or is read-only. It is as it was.
    """
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(os.path.realpath(root)):
        raise UnsafePathError(
            f"{path} leads to {target}, which is outside {root}, and was left alone."
            " Replace the link by a file or folder of the app's own."
        )
    try:
        _remove_leftovers(target)
        before = _stat(target)
        if before and not stat.S_ISREG(before.st_mode):
            raise FileError(f"{path} is not a file. Move it away and run this again.")
        if before and target.read_bytes() == content:
            return
        # The superuser may write anything, so that the mode is asked as well.
        if before and not (before.st_mode & 0o222 and os.access(target, os.W_OK)):
            raise FileError(f"{path} is read-only and was left alone. Make it writable and run this again.")
        _replace(target, content, before)
    except OSError as error:
        raise FileError(
            f"{path} was not written and is as it was: {error.strerror}. Put that right and run this again."
        ) from error


def _stat(path: Path) -> os.stat_result | None:
    with contextlib.suppress(FileNotFoundError):
        return path.stat()
    return None


def _replace(target: Path, content: bytes, before: os.stat_result | None) -> None:
    """Write a temporary file beside the target and put it in the target's place."""
    temporary, descriptor = _create_temporary(target)
    try:
        try:
            if before:
                # First, so that no content can be read by anyone who could not read it before.
                _copy_rights(temporary, before)
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
            if sys.platform == "win32":  # It renames no open file.
                os.close(descriptor)
                descriptor = -1
            # The lock is held until the name is gone, or another run would take this for a leftover.
            os.replace(temporary, target)
        finally:
            if descriptor != -1:
                os.close(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _create_temporary(target: Path) -> tuple[Path, int]:
    """Create a temporary file beside the target, and lock it for as long as its descriptor is open."""
    while True:
        temporary = target.with_name(f"{_prefix(target)}{os.urandom(4).hex()}{_SUFFIX}")
        # Without its flag for binary files Windows would turn \n into \r\n.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(temporary, flags, 0o666)
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # Some network file systems have no locks.
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Another run may have removed it before it was locked.
        if os.fstat(descriptor).st_nlink:
            return temporary, descriptor
        os.close(descriptor)


def _remove_leftovers(target: Path) -> None:
    """Remove the temporary files of killed runs: those that no process has locked."""
    with os.scandir(target.parent) as entries:
        for entry in entries:
            ours = entry.name.startswith(_prefix(target)) and entry.name.endswith(_SUFFIX)
            if not ours or not entry.is_file(follow_symlinks=False):
                continue
            with contextlib.suppress(OSError), open(entry.path, "rb") as file:
                if sys.platform == "win32":  # It removes no open file, and needs no lock for that.
                    file.close()
                else:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(entry.path)


def _prefix(target: Path) -> str:
    return f".{target.name}."


def _copy_rights(temporary: Path, before: os.stat_result) -> None:
    """Give the temporary file the owner, as far as this user may, and the mode of the file it replaces."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.chown(temporary, before.st_uid, before.st_gid)
    os.chmod(temporary, stat.S_IMODE(before.st_mode))
