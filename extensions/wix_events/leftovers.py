"""What merges and updates leave behind: conflict markers, `.rej` files, files that git has unmerged."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import files, git
from .findings import Finding


def leftovers(root: Path, paths: Iterable[str]) -> Iterator[Finding]:
    """Find conflict markers and rejected changes in and beside files of an app, and all that git has unmerged in it.

    Args:
        root: The app's folder.
        paths: The files, relative to it, whether they are there or not.
    """
    paths = list(paths)
    # One entry a stage, <mode> <object> <stage>\t<path>, see git-ls-files(1).
    entries = git.output(root, "ls-files", "--unmerged", "-z").split("\0")
    unmerged = [path for entry in entries if (path := entry.partition("\t")[2])]
    for path in dict.fromkeys([*paths, *unmerged]):
        if line := files.conflict_line(files.read_if_possible(root / path) or b""):
            problem, remedy = (
                "A merge left its conflict markers",
                "Resolve them, keeping the code of both sides",
            )
            yield Finding(path, line, "conflict", problem, remedy)
        elif path in unmerged:
            is_there = os.path.exists(root / path)
            remedy = "Make it what it is to be, then git add it" if is_there else "It is gone: git rm it"
            yield Finding(path, 1, "unmerged", "Git has this file as unmerged", remedy)
    for path in paths:
        if os.path.isfile(root / f"{path}.rej"):
            problem = f"These changes of an update could not be applied to {path}"
            yield Finding(f"{path}.rej", 1, "rejected", problem, "Make them by hand, then delete this file")
