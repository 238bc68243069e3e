"""The sample app and the real Wix toolchain, for the tests and `make demo`.

`tests/sdk` is installed once; every app borrows it by links, so an app costs milliseconds and not 1.5 GB.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SDK = TESTS / "sdk"
SAMPLE_APP = TESTS / "app"
_MANIFEST = Path("dist/_wix/app-manifest.json")


def new_app(path: Path, project_type: str = "App") -> Path:
    """Make a fresh copy of the sample app.

    Args:
        path: Where to; must not exist.
        project_type: `App`, or `Site` for a headless project.

    Returns:
        The path.
    """
    shutil.copytree(SAMPLE_APP, path)
    (path / "env.local").rename(path / ".env.local")
    if project_type == "Site":
        become_site(path)
    return path


def become_site(app: Path) -> None:
    """Make an app a headless project, which belongs to a site."""
    config = app / "wix.config.json"
    settings = json.loads(config.read_text())
    settings |= {"projectType": "Site", "siteId": "33333333-3333-4333-8333-333333333333"}
    config.write_text(json.dumps(settings, indent=2) + "\n")


def snapshot(app: Path) -> dict[str, bytes]:
    """Return every file of a folder, git's own left out."""
    files = (path for path in app.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(app).as_posix(): path.read_bytes() for path in files}


@functools.cache
def install_sdk() -> Path:
    """Install `tests/sdk` unless that is done and still in step with its lock file.

    Returns:
        Its `node_modules`.
    """
    # On Windows, which has no make, whoever runs the tests has done it.
    if sys.platform != "win32":
        # The workers of pytest-xdist come here at the same time.
        with (SDK / ".install.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            subprocess.run(["make", "--silent", "sdk"], cwd=ROOT, check=True, stdin=subprocess.DEVNULL)
    return SDK / "node_modules"


def link_toolchain(app: Path) -> None:
    """Give an app the packages of `tests/sdk`, unless it has some.

    One link a package, in a folder of the app's own: Vite, Astro and the Wix integration keep caches in
    `node_modules/.<tool>`, which apps built at the same time must not share.
    """
    modules = app / "node_modules"
    if modules.exists():
        return
    modules.mkdir()
    for package in install_sdk().iterdir():
        if not package.name.startswith(".") or package.name == ".bin":
            (modules / package.name).symlink_to(package)


def run_tool(app: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the app's `node_modules`, as `npx` does, and never download one.

    Args:
        app: The app's root.
        command: The program and its arguments.

    Returns:
        The finished process, its error output joined to `stdout`.
    """
    link_toolchain(app)
    # Not by its path: the Wix CLI takes the package manager's name from what npx leaves in the environment.
    return subprocess.run(
        ["npx", "--no", "--", *command],
        cwd=app,
        env={**os.environ, "ASTRO_TELEMETRY_DISABLED": "1", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _run_clean(app: Path, *command: str) -> None:
    process = run_tool(app, *command)
    assert process.returncode == 0, f"{' '.join(command)} exited {process.returncode}:\n{process.stdout}"


def wix_build(app: Path) -> dict[str, Any]:
    """Build an app with the real `wix build`; needs neither network nor login.

    Args:
        app: The app's root.

    Returns:
        The manifest that the build wrote.

    Raises:
        AssertionError: The build failed; holds its output.
    """
    (app / _MANIFEST).unlink(missing_ok=True)
    _run_clean(app, "wix", "build")
    return built_manifest(app)


def built_manifest(app: Path) -> dict[str, Any]:
    """Return what the last build of an app wrote to its manifest."""
    built: dict[str, Any] = json.loads((app / _MANIFEST).read_bytes())
    return built


def webhooks(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """List a manifest's webhooks.

    Args:
        manifest: As `wix_build` returns it.

    Returns:
        Sorted pairs of id and slug, which is empty where the build lost it (as it does when an id repeats).
    """
    return sorted(
        (component["compId"], component.get("compData", {}).get("webhook", {}).get("webhookSlug", ""))
        for component in manifest["components"]
        if component["compType"] == "WEBHOOK"
    )


def tsc(app: Path) -> None:
    """Type-check an app with its own strict `tsconfig.json`.

    Args:
        app: The app's root.

    Raises:
        AssertionError: There are type errors; holds them.
    """
    _run_clean(app, "tsc", "--noEmit")


def prettier_check(app: Path, files: Iterable[Path | str]) -> None:
    """Check that Prettier's defaults would change nothing.

    Args:
        app: The app's root.
        files: Files in it.

    Raises:
        AssertionError: Prettier would change a file, or was given none.
    """
    _run_clean(app, "prettier", "--check", "--no-config", "--no-editorconfig", *map(str, files))
