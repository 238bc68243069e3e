"""What would make Copier lose a file's edits or write elsewhere: looked at before a run writes anything.

An update renders the old and the new version of the template into temporary git repositories, takes the user's edits as the
difference between the old one and the app's index, and applies it to the app (Copier 9.19, `_main.py`, `_apply_update`). What
stands here was found by running Copier with each setting.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import files, git
from .errors import UserError

_CONFIGS = ("wix.config.json", "wix.config.mjs", "wix.config.ts")
_AGAIN = "and run this again"
_OFF = frozenset({"no", "false", "off", "0"})


def app_root_problem(root: Path) -> str | None:
    """Say that a folder is not an app's own but one inside an app, if it is.

    Args:
        root: Where the run is to write.
    """
    folder = Path(os.path.abspath(root))
    if _is_app(folder):
        return None
    app = next((parent for parent in folder.parents if _is_app(parent)), None)
    return f"{folder} is a folder inside the Wix app {app}. Run this in {app}." if app else None


def _is_app(folder: Path) -> bool:
    return any((folder / name).exists() for name in _CONFIGS)


def check_files(root: Path, rendered: Sequence[str], edited: Iterable[str] = ()) -> None:
    """Make sure that a run can write its files and that git will keep them.

    Args:
        root: The app's folder.
        rendered: The app-relative paths of the files that Copier is to render.
        edited: Those of the files that are changed in place.

    Raises:
        UserError: A path leads out of the app, or what is there is read-only or no file; or git ignores it.
    """
    paths = (*rendered, *edited)
    check_folders(root, paths)
    for path in paths:
        files.check_writable(root / path, root)
        if os.path.islink(root / path) and not os.path.exists(root / path):
            raise UserError(f"{path} is a link to nothing. Replace it by a file of the app's own {_AGAIN}.")
    _check_what_git_reads(root, rendered)
    _check_ignored(root, rendered)


def check_folders(root: Path, paths: Iterable[str]) -> None:
    """Refuse something that is no folder of the app where a file's folder has to be.

    Args:
        root: The app's folder.
        paths: The files, relative to it.

    Raises:
        UserError: Names what is in the way.
    """
    for shown in _folders_of(paths):
        place = root / shown
        if os.path.islink(place) and not (place.is_dir() and files.is_inside(place, root)):
            raise UserError(
                f"{shown} is a symbolic link that leaves the app or leads to nothing. Replace it by a folder of the app's own"
                f" {_AGAIN}."
            )
        if os.path.lexists(place) and not place.is_dir():
            raise UserError(f"{shown} is a file, not a folder. Move it away {_AGAIN}.")


def _folders_of(paths: Iterable[str]) -> list[str]:
    """Return the folders that some files lie in, outer ones first, each once."""
    found: set[str] = set()
    for path in paths:
        while (path := posixpath.dirname(path)) and path not in found:
            found.add(path)
    return sorted(found)


def check_update(root: Path, rendered: Sequence[str], events_dir: str) -> None:
    """Make sure that an update keeps edits and puts them where they belong.

    Args:
        root: The app's folder, as Copier was given it.
        rendered: The app-relative paths of the files that Copier is to render.
        events_dir: The app's folder of events.

    Raises:
        UserError: Something would make Copier lose or misplace them.
    """
    _check_destination(root)
    _check_settings(root)
    for place in (*_folders_of(rendered), *rendered):
        # Git tracks nothing behind it.
        if os.path.islink(root / place):
            path = next(path for path in rendered if f"{path}/".startswith(f"{place}/"))
            raise UserError(
                f"{place} is a link, behind which Copier cannot merge {path}. Replace it by a file or folder of the app's own"
                f" {_AGAIN}."
            )
    for path in rendered:
        check_hard_links(root, path)
    _check_line_ends(root, rendered, events_dir)


def _check_what_git_reads(root: Path, rendered: Sequence[str]) -> None:
    """Refuse a FIFO in the place of a file that git reads: git would wait for ever for somebody to write into it."""
    folder = root.absolute()
    above = [folder, *folder.parents]
    top = next((place for place in above if (place / ".git").exists()), folder)
    folders = [*above[: above.index(top) + 1], *(folder / path for path in _folders_of(rendered))]
    own = [top / ".git" / name for name in ("index", "info/attributes", "info/exclude")]
    for path in (*own, *(place / name for place in folders for name in (".gitattributes", ".gitignore"))):
        if path.is_fifo():
            raise UserError(f"{os.path.relpath(path, folder)} is not a file. Move it away {_AGAIN}.")


def _check_ignored(root: Path, rendered: Sequence[str]) -> None:
    """Refuse files that git ignores: without a word, an update would delete them or overwrite what was edited."""
    found = git.output(root, "check-ignore", "--verbose", "--no-index", "-z", "--stdin", paths=rendered)
    fields = found.split("\0")
    rules = {
        path: (source, line, pattern)
        for source, line, pattern, path in zip(*(fields[start::4] for start in range(4)), strict=False)
        if not pattern.startswith("!")
    }
    # The app's own rules do not concern what is tracked already. The user's own rules for all repositories do: they also hold
    # in the temporary ones that Copier compares.
    local = [path for path, (source, _, _) in rules.items() if not _is_for_all_repositories(source)]
    tracked = set(git.output(root, "ls-files", "-z", "--", *local).split("\0")) if local else set()
    ignored = [path for path in rules if path not in tracked]
    if ignored:
        source, line, pattern = rules[ignored[0]]
        more = f" (and {len(ignored) - 1} more)" if len(ignored) > 1 else ""
        raise UserError(
            f'{source}:{line}: "{pattern}" makes git ignore {ignored[0]}{more}, so that an update would lose what is edited'
            f" there. Take the rule out, or let it match less, {_AGAIN}."
        )


def _is_for_all_repositories(source: str) -> bool:
    return os.path.isabs(source) and not source.endswith("info/exclude")


def _check_destination(root: Path) -> None:
    """Refuse a way to the app that Copier gets wrong: it compares the path with git's, as text."""
    folder = root.absolute()
    if ".." in folder.parts or any(place.is_symlink() for place in (folder, *folder.parents)):
        raise UserError(
            f"Copier cannot update an app by the path {root}. Change to {os.path.realpath(root)} {_AGAIN} there."
        )


def _check_settings(root: Path) -> None:
    """Refuse settings of git that Copier does not expect."""
    if "GIT_DIFF_OPTS" in os.environ:
        raise UserError(
            f"GIT_DIFF_OPTS is set, with which Copier would put edits in the wrong place. Unset it {_AGAIN}."
        )
    key = r"^(status\.showuntrackedfiles|core\.quotepath)$"
    fields = git.output(root, "config", "--show-scope", "-z", "--get-regexp", key).split("\0")
    effective, everywhere = {}, {}
    for scope, setting in zip(fields[::2], fields[1::2], strict=False):
        name, _, value = setting.lower().partition("\n")
        effective[name] = value
        if scope != "local":  # Only these hold in the temporary repositories, too.
            everywhere[name] = value
    if effective.get("status.showuntrackedfiles") in _OFF:
        raise UserError(
            "status.showUntrackedFiles is off, with which Copier does not see the conflicts that an update leaves."
            f" Run git config status.showUntrackedFiles normal {_AGAIN}."
        )
    if _OFF & {effective.get("core.quotepath"), everywhere.get("core.quotepath")}:
        paths = git.output(root, "ls-files", "-z", ":/").split("\0")
        if special := next((path for path in paths if not path.isascii()), None):
            raise UserError(
                f"core.quotePath is off, with which Copier stops half-way at {special}."
                f" Run git config --global core.quotePath true {_AGAIN}; afterwards it may be put back."
            )


def check_hard_links(root: Path, path: str) -> None:
    """Refuse a file that has other names, which Copier would change too.

    Args:
        root: The app's folder.
        path: The file, relative to it.

    Raises:
        UserError: It has some.
    """
    try:
        links = os.lstat(root / path).st_nlink
    except OSError:
        return
    if links > 1:
        raise UserError(
            f"{path} is a hard link, and Copier would change the file under its other names too."
            f" Replace it by a copy {_AGAIN}."
        )


def _check_line_ends(root: Path, rendered: Sequence[str], events_dir: str) -> None:
    """Refuse files with CRLF: Copier merges byte by byte, and its renders of the old and the new version have LF.

    Those cannot have the line ends that a file gets from `core.autocrlf` or `.gitattributes`: the old version is rendered into
    a temporary folder, which knows neither the app's attributes nor its settings.
    """
    found = [path for path in rendered if (root / path).is_file() and b"\r\n" in files.read(root / path)]
    if not found:
        return
    below = any(path.startswith(f"{events_dir}/") for path in found)
    places = [events_dir] * below + [path for path in found if not path.startswith(f"{events_dir}/")]
    lines = [f"/{place}{'/**' * (place == events_dir)} text=auto eol=lf" for place in places]
    where = " ".join(places)
    raise UserError(
        "\n".join(
            [
                f"{found[0]} has Windows line ends (CRLF), with which an update ends in conflicts over whole files."
                f" Add to .gitattributes:",
                *(f"  {line}" for line in lines),
                f"then let git write the files anew, {_AGAIN}:",
                "  git add --renormalize . && git add .gitattributes && git commit --message 'Keep LF in event files'",
                f"  git rm -r --quiet {where} && git checkout HEAD -- {where}",
            ]
        )
    )
