"""Do what a careful developer does after generating: install, type-check, build, and preview where there is a login.

Copier runs this script in the app's folder, after `sync.py` has done its work, when `validate` is true.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .. import files, message, package_json
from ..errors import UserError

# Each runs a program that the app has installed, under the manager's name, from which the Wix CLI takes it.
_RUNNERS = {
    "npm": ("npx", "--no", "--"),
    "yarn": ("yarn", "run"),
    "pnpm": ("pnpm", "exec"),
    "bun": ("bunx",),
}
# On CI servers pnpm and Yarn refuse to bring the lock file up to date, which a new dependency in package.json needs.
_INSTALL_OPTIONS = {"pnpm": ("--no-frozen-lockfile",)}
_INSTALL_ENVIRONMENT = {"YARN_ENABLE_IMMUTABLE_INSTALLS": "false"}
_TAIL = 60


def validate(root: Path) -> None:
    """Install, type-check, build, and preview where someone is logged in to Wix; report each step on stderr.

    Args:
        root: The app's folder, with a package.json.

    Raises:
        UserError: A step failed, and those after it were not tried.
    """
    manager = message.package_manager(root)
    runner = _RUNNERS[manager]
    install = (manager, "install", *_INSTALL_OPTIONS.get(manager, ()))
    _step(root, "install dependencies", install, environment=_INSTALL_ENVIRONMENT)
    if not (root / "tsconfig.json").is_file():
        _say("check types: skipped, the app has no tsconfig.json.")
    elif not _has_package(root, "typescript"):
        _say("check types: skipped, typescript is not among the app's dependencies.")
    else:
        _step(root, "check types", (*runner, "tsc", "--noEmit"))
    if not _has_package(root, "@wix/cli"):
        raise UserError(
            "@wix/cli is not among the app's dependencies, so nothing can be built. Add it, or leave validate out."
        )
    _step(root, "build", (*runner, "wix", "build"), log=root / ".wix" / "debug.log")
    preview = (*runner, "wix", "preview")
    if _run(root, (*runner, "wix", "whoami")).returncode:
        login = _shown((*runner, "wix", "login"))
        _say(
            f"preview: skipped, nobody is logged in to Wix here. To have one: {login}, then {_shown(preview)}"
        )
    else:
        # With --json the Wix CLI neither asks anything nor opens a browser, not even where the login has expired.
        print(_step(root, "preview", (*preview, "--json"), log=root / ".wix" / "debug.log"), file=sys.stderr)
        _say(f"for another preview: {_shown(preview)}")


def _step(
    root: Path,
    title: str,
    command: Sequence[str],
    *,
    environment: dict[str, str] | None = None,
    log: Path | None = None,
) -> str:
    """Run one step and return what it printed; its program may leave more in a log."""
    shown = _shown(command)
    _say(f"{title}: {shown}")
    done = _run(root, command, environment)
    if done.returncode:
        words = "\n".join(done.stdout.strip().splitlines()[-_TAIL:])
        more = f" (more in {log.relative_to(root).as_posix()})" if log and log.is_file() else ""
        raise UserError(
            f"{title} said:\n{words}\nvalidate: {title} failed with exit code {done.returncode}{more}.\n"
            f"What was generated stays; correct this, then try again: {shown}"
        )
    _say(f"{title}: done.")
    return done.stdout.strip()


def _run(
    root: Path, command: Sequence[str], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program that cannot ask anything, its error output joined to `stdout`."""
    # On Windows npm and its like are .cmd files, which are only found this way.
    program = shutil.which(command[0])
    if program is None:
        raise UserError(
            f"{command[0]} is not there, but the app's lock file asks for it. Install it, then try again: "
            f"{_shown(command)}"
        )
    return subprocess.run(
        [program, *command[1:]],
        cwd=root,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _has_package(root: Path, package: str) -> bool:
    """Tell whether an app has a package: one that it names, or one that a workspace above installs."""
    if package in package_json.packages(files.read(root / "package.json")):
        return True
    return any((folder / "node_modules" / package).is_dir() for folder in (root, *root.parents))


def _shown(command: Sequence[str]) -> str:
    """Return a command as people type it."""
    return shlex.join(part for part in command if part not in ("--no", "--"))


def _say(line: str) -> None:
    """Print a line now, so that it stands before what takes time."""
    print(f"validate: {line}", file=sys.stderr, flush=True)


def main() -> int | str:
    """Run the steps in the current folder.

    Returns:
        What to exit with: 0, or a sentence.
    """
    try:
        validate(Path.cwd())
    except UserError as error:
        return f"validate: {error}"
    except KeyboardInterrupt:
        return "validate: stopped. What was generated stays."
    return 0
