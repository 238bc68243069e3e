"""The template as a git repository with releases, and the ways to run Copier on it."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier
from copier._cli import CopierApp
from plumbum import colors, local
from wix import ROOT

# What Copier needs of the repository. Every run clones it, and an update does so five times: the less, the faster.
# A fork's own folder has tests of its own, test_organisation_own.py: all others test what upstream has.
NEEDED = ("copier.yml", "template", "extensions", "pyproject.toml", "README.md")

# Stands in for the real uvx, which would download Copier anew: it runs what is installed here.
FAKE_UVX = f"""#!/bin/sh
shift 2
case "$1" in
  copier) shift; exec "{sys.executable}" -m copier "$@" ;;
  wix-events) shift; PYTHONPATH="{ROOT}/extensions" exec "{sys.executable}" -m wix_events.commands "$@" ;;
esac
exit 127
"""


def git(path: Path, *args: str) -> str:
    """Run git in a folder.

    Args:
        path: The folder.
        args: git's arguments.

    Returns:
        What it printed.

    Raises:
        AssertionError: git failed; holds its output.
    """
    process = subprocess.run(["git", *args], cwd=path, capture_output=True, text=True, check=False)
    assert process.returncode == 0, f"git {' '.join(args)}: {process.stdout}{process.stderr}"
    return process.stdout


def commit_all(path: Path, message: str = "Commit") -> None:
    """Commit everything in a folder, which becomes a git repository if it is not one."""
    if not (path / ".git").exists():
        git(path, "init", "--quiet")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--allow-empty", "--message", message)


@dataclass(frozen=True)
class TemplateRepo:
    """A template's git repository.

    Attributes:
        path: Its root; pass it to Copier as the template.
    """

    path: Path

    @classmethod
    def snapshot(cls, path: Path, tag: str = "1.0.0") -> TemplateRepo:
        """Make a repository of what Copier needs of the working tree as it is, uncommitted files included.

        Args:
            path: Where to; must not exist.
            tag: The one release it gets.
        """
        options = ("-z", "--cached", "--others", "--exclude-standard")
        listed = git(ROOT, "ls-files", *options, "--", *NEEDED).split("\0")
        for name in filter(None, listed):
            source, target = ROOT / name, path / name
            # A file deleted but not committed is still listed.
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        repo = cls(path)
        repo.release(tag)
        return repo

    def fork(self, path: Path) -> TemplateRepo:
        """Clone the repository with its tags, for a test that makes further releases."""
        git(self.path, "clone", "--quiet", str(self.path), str(path))
        return TemplateRepo(path)

    def release(self, tag: str, files: Mapping[str, str | None] | None = None) -> None:
        """Commit and tag a version.

        Args:
            tag: Its tag.
            files: New text by path; None deletes the file.
        """
        for name, text in (files or {}).items():
            target = self.path / name
            if text is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        commit_all(self.path, tag)
        git(self.path, "tag", tag)
        # A clone links one pack instead of hundreds of objects.
        git(self.path, "repack", "-a", "-d", "--quiet")

    def template_of(self, kind: str) -> str:
        """Return the path of the template of every event's `builder` or `handler`."""
        (path,) = (self.path / "template").glob(f"*entry.{kind}*")
        return path.relative_to(self.path).as_posix()


@dataclass
class Said:
    """What was printed while `hearing`."""

    stdout: str = ""
    stderr: str = ""


@contextmanager
def hearing() -> Iterator[Said]:
    """Take in what this process and those that it starts print."""
    said = Said()
    sys.stdout.flush()
    sys.stderr.flush()
    streams = sys.stdout, sys.stderr
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        saved = os.dup(1), os.dup(2)
        for number, file in enumerate((out, err), 1):
            os.dup2(file.fileno(), number)
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.FileIO(number, "w", closefd=False), encoding="utf-8", write_through=True)
            for number in (1, 2)
        )
        try:
            yield said
        finally:
            sys.stdout, sys.stderr = streams
            for number, old in enumerate(saved, 1):
                os.dup2(old, number)
                os.close(old)
            out.seek(0)
            err.seek(0)
            said.stdout, said.stderr = out.read().decode(), err.read().decode()


def copier_cli(*args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Copier's command line in this process, with nobody at the keyboard: Python takes longer to start than it runs.

    Args:
        args: Its arguments.
        cwd: Where to run it.

    Returns:
        What a process of its own would have returned.
    """
    command = ["copier", *map(str, args)]
    keyboard, coloured = sys.stdin, colors.use_color
    # Copier starts its processes with plumbum's environment and folder, which are copies of Python's own.
    with hearing() as said, open(os.devnull) as nobody, local.cwd(cwd), local.env(**os.environ):
        sys.stdin, colors.use_color = nobody, 0
        try:
            code = CopierApp.run(command, exit=False)[1]
        except Exception:
            traceback.print_exc()
            code = 1
        finally:
            sys.stdin, colors.use_color = keyboard, coloured
            forget_clones()
    return subprocess.CompletedProcess(command, code or 0, said.stdout, said.stderr)


def follow_advice(said: str, app: Path, number: int = 0) -> subprocess.CompletedProcess[str]:
    """Run, as printed, a Copier command that stands on a line of its own in what a run said.

    Args:
        said: What it printed.
        app: The app's root.
        number: Which of its commands.
    """
    commands = [line for line in said.splitlines() if line.startswith("  copier ")]
    return copier_cli(*shlex.split(commands[number])[1:], cwd=app)


def forget_clones() -> None:
    """Drop the code that Copier has loaded for clones of the template that are gone, which a process of its own never sees."""
    packages = [name for name in sys.modules if name.startswith("wix_events_") and "." not in name]
    gone = {name for name in packages if not Path(str(sys.modules[name].__file__)).exists()}
    for name in [name for name in sys.modules if name.partition(".")[0] in gone]:
        del sys.modules[name]


def copier_process(*args: str | Path, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run Copier in a process of its own, with nobody at the keyboard.

    Args:
        args: Its arguments.
        cwd: Where to run it.
        options: Passed on to `subprocess.run`.

    Returns:
        The finished process.
    """
    return subprocess.run(
        [sys.executable, "-m", "copier", *map(str, args)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def run_copy(repo: TemplateRepo, app: Path, data: Mapping[str, Any] | None = None, **options: Any) -> None:
    """Run `copier copy --trust --defaults --overwrite --quiet` in this process.

    Args:
        repo: The template; its newest release is used.
        app: The app's root.
        data: Answers.
        options: Passed on to Copier.
    """
    options = {"defaults": True, "overwrite": True, "unsafe": True, "quiet": True, **options}
    try:
        copier.run_copy(str(repo.path), app, dict(data or {}), **options)
    finally:
        forget_clones()


def run_update(app: Path, data: Mapping[str, Any] | None = None, **options: Any) -> None:
    """Run `copier update --trust --defaults --overwrite --quiet` in this process.

    Args:
        app: The app's root, in a clean git repository.
        data: Answers that differ from the recorded ones.
        options: Passed on to Copier.
    """
    options = {"defaults": True, "overwrite": True, "unsafe": True, "quiet": True, **options}
    try:
        copier.run_update(app, dict(data or {}), **options)
    finally:
        forget_clones()
