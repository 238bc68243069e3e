"""Which version of which template an app's files are of, and whether a copy may add to them.

Copier updates all of an app's files from one version, the one that the answers file names. A file that another version had
rendered would look like the user's edit at the next update, and conflict.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from .record import DEFAULT_FILE

# https://copier.readthedocs.io/en/stable/generating/#templates-versions, the shortcuts of addresses.
_SHORTCUTS = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}


def git_address(address: str) -> str:
    """Return what git takes for an address of Copier's."""
    address = address.removeprefix("git+")
    for shortcut, host in _SHORTCUTS.items():
        if address.startswith(shortcut):
            return host + address.removeprefix(shortcut)
    return address


def is_same_template(one: str | None, other: str | None) -> bool:
    """Tell whether two addresses are of one template: `x`, `x/`, `x.git` and `file://x` are."""
    return bool(one and other) and _address(str(one)) == _address(str(other))


def is_release(version: str | None, commit: str | None) -> bool:
    """Tell whether a version is a release tag, and not a commit between two or a checkout that is being worked on.

    Args:
        version: What Copier records: `git describe --tags --always` (https://git-scm.com/docs/git-describe), which ends
            with the commit's own hash where no tag is on it.
        commit: That hash.
    """
    return bool(version and commit) and not str(commit).startswith(str(version).rpartition("-g")[2])


def warning(version: str | None, commit: str | None, address: str) -> str:
    """Say what is to be known of a template whose version cannot be told, or is no release; nothing where all is well.

    Args:
        version: What Copier would record.
        commit: The hash of the template's commit.
        address: The template's address.
    """
    if version is None:
        return f"Git tells no version of {address}, so copier update will not work for this app. {_way_to_a_version(address)}"
    if not is_release(version, commit):
        return (
            f"This template is at no release tag ({version}), so its version differs at every run. Use a tagged release for "
            "apps that are to stay."
        )
    return ""


def refusal(
    recorded: str, recorded_address: str | None, version: str | None, address: str, words: str, parts: str
) -> str:
    """Say why a copy by this version must not add to an app, if so.

    Args:
        recorded: The version that the app's answers file names.
        recorded_address: The template's address there.
        version: The version that is being copied, None where git cannot tell it.
        address: Its address.
        words: What the run was asked for, as words of a command line.
        parts: The same, with events named as every version takes them.

    Returns:
        What is wrong and the commands that work, or nothing.
    """
    if version is None:
        return (
            f"This app's files are of version {recorded} of the template, and git tells no version of {address}, so nothing was "
            f"added. {_way_to_a_version(address)}"
        )
    if not is_same_template(recorded_address, address):
        return (
            f"This app's events are made by another template, {recorded_address}, so nothing was added. Use that one, or move "
            f"the app to this one: make _src_path in the answers file {address}, commit, and run:\n"
            f"  copier update --trust --defaults {words}"
        )
    if recorded != version:
        return (
            f"This app's files are of version {recorded} of the template and this is {version}, so nothing was added. Commit, "
            "then bring the app forward and add the event:\n"
            f"  copier update --trust --defaults {words}\n"
            "Or add it as the app is:\n"
            f"  {copy_command(recorded, address, parts)}"
        )
    return ""


def _way_to_a_version(address: str) -> str:
    """Say what to do about a template that has no version: a folder that is no repository, or that git does not trust."""
    folder = Path(address).expanduser().resolve()
    if not (folder / ".git").exists():
        return "Give the address of a git repository instead."
    # To read a repository git asks for the first, to clone it for the second.
    paths = [shlex.quote(str(path)) for path in (folder, folder / ".git")]
    commands = [f"  git config --global --add safe.directory {path}" for path in paths]
    return "\n".join(["If its folder is another user's, let git trust that, then run this again:", *commands])


def copy_command(version: str | None, address: str, words: str) -> str:
    """Return the command that copies one version into the app in the current folder.

    Args:
        version: The version; None where it is not known.
        address: The template's address.
        words: What the run is asked for, as words of a command line.
    """
    ref = f"--vcs-ref {version} " if version else ""
    return f"copier copy --trust --defaults {ref}{words} {shlex.quote(address)} ."


def file_option(file: Path) -> str:
    """Return the option that names an answers file, with a space behind it; nothing for the one that Copier looks for.

    Args:
        file: The answers file.
    """
    return "" if file == Path(DEFAULT_FILE) else f"--answers-file {shlex.quote(file.as_posix())} "


def _address(address: str) -> str:
    """Return an address in the one form in which addresses are compared."""
    address = git_address(address)
    address = re.sub(r"^file://(localhost(?=/))?", "", address)
    # The form that ssh has of its own (https://git-scm.com/docs/git-clone#_git_urls).
    address = re.sub(r"^(?:ssh://)?git@([^:/]+)[:/]", r"https://\1/", address)
    address = address.rstrip("/").removesuffix(".git").rstrip("/")
    return address if "://" in address else str(Path(address).expanduser().resolve())
