"""Scripts of the documents, run in a shell as printed."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


def make_programs(folder: Path, texts: Mapping[str, str]) -> Path:
    """Make a folder of programs.

    Args:
        folder: Where to; must not exist.
        texts: The shell script of each, by its name.

    Returns:
        The folder.
    """
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return folder


def run_script(script: str, cwd: Path, env: Mapping[str, str]) -> str:
    """Run a script with nobody at the keyboard, in which what fails ends it.

    Args:
        script: Its text.
        cwd: Where to run it.
        env: Its environment.

    Returns:
        What it printed.

    Raises:
        AssertionError: It failed; holds what it printed, commands included.
    """
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
