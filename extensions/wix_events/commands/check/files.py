"""Checks of what merges and updates leave behind: conflict markers, `.rej` files, unmerged files, imports to nowhere."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

from ... import collections, names, reader
from ...once import once_files
from .inspection import Inspection

# Git neither refreshes its index for this nor starts what the repository's settings name.
_UNMERGED = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "ls-files", "--unmerged", "-z")


def template_files(app: Inspection) -> list[str]:
    """Return the files of an app that the template writes or changes, whether they are there or not."""
    files = {reader.REGISTRATIONS, "package.json"}
    for record in app.records:
        folder = record.events_dir
        if record.once:
            files |= {*once_files(folder).values(), *_collection_files(app)}
        if record.trigger:
            files.add(names.SCRIPT)
        for event in record.events:
            files |= {names.builder_path(event, folder), names.handler_path(event, folder)}
            if not names.is_adopted(event):
                files.add(names.sample_path(event, folder))
    return sorted(files)


def _collection_files(app: Inspection) -> list[str]:
    """Return the files that declare collections."""
    return [each.builder for each in app.code.extensions if each.kind == collections.EXPORT]


def check_leftovers(app: Inspection) -> None:
    """Note conflict markers and rejected changes in and beside the template's files, and files that git has unmerged."""
    unmerged = list(_unmerged(app))
    ours = template_files(app)
    for file in dict.fromkeys([*ours, *unmerged, *(problem.file for problem in app.code.problems)]):
        if app.reported(file, "record"):
            continue
        line = app.conflict(app.real(file))
        if line is not None:
            problem = "A merge left its conflict markers"
            app.add(app.real(file), line, "conflict", problem, "Resolve them, keeping the code of both sides")
        elif file in unmerged:
            problem = "Git has this file as unmerged"
            app.add(file, 1, "unmerged", problem, "Make it what it is to be, then git add it")
    for file in [*ours, *(record.file for record in app.records)]:
        rejected = f"{file}.rej"
        if (app.root / rejected).is_file():
            problem = f"These changes of an update could not be applied to {file}"
            app.add(rejected, 1, "rejected", problem, "Make them by hand, then delete this file")


def _unmerged(app: Inspection) -> Iterator[str]:
    """Yield the files below the app that git has not merged; none without git or a repository."""
    try:
        done = subprocess.run(
            _UNMERGED, cwd=app.root, capture_output=True, stdin=subprocess.DEVNULL, check=False
        )
    except OSError:
        return
    for entry in done.stdout.split(b"\0"):
        # <mode> <object> <stage>\t<path>, see git-ls-files(1).
        if path := entry.partition(b"\t")[2]:
            yield os.fsdecode(path)
