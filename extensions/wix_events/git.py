"""What git says of an app."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

# Git neither refreshes its index for this nor starts what the repository's settings name.
_READ_ONLY = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false")


def output(root: Path, *arguments: str, paths: Sequence[str] = ()) -> str:
    """Return what git prints when it only reads; nothing where there is no git or no repository.

    Args:
        root: The app's folder.
        arguments: Git's arguments.
        paths: What it reads from its standard input.
    """
    try:
        process = subprocess.run(
            [*_READ_ONLY, *arguments],
            cwd=root,
            input="\0".join(paths).encode(),
            capture_output=True,
            check=False,
        )
    except OSError:
        return ""
    return process.stdout.decode(errors="surrogateescape")
