"""What keeps the app's code from being read or built: left by a merge, said by the reader, or imported from nowhere."""

from __future__ import annotations

import posixpath
import re

from ... import names, reader
from ...leftovers import leftovers
from .inspection import Inspection, sentence

# What the reader says of an import, where the record says more.
_DEAD_IMPORT = re.compile(r'Imports "([^"]+)", which is not there')
_DEAD_NAME = re.compile(r"Imports \S+ from (.+), which does not export it")
_DEAD_SOURCE = re.compile(r'Its source "([^"]+)" is not below src/')


def check_leftovers(app: Inspection) -> None:
    """Note what merges and updates left in and beside the template's files, and in files that cannot be read."""
    paths = [*map(app.real, app.template_files()), *(problem.file for problem in app.code.problems)]
    said = {finding.file for finding in app.findings}
    app.findings |= {
        finding for finding in leftovers(app.root, dict.fromkeys(paths)) if finding.file not in said
    }


def check_code(app: Inspection) -> None:
    """Note what keeps the app's code from being read or from working, save where a merge is the cause."""
    for item in app.code.problems:
        if not app.reported(item.file, "conflict", "unmerged") and not _said_better(app, item):
            problem, _, remedy = item.text.rpartition(": ")
            app.add(item.file, item.line, "code", problem, sentence(remedy))


def _said_better(app: Inspection, item: reader.Problem) -> bool:
    """Tell whether a check of the record will report what the reader has met, or do so here, knowing more."""
    if found := _DEAD_IMPORT.match(item.text):
        module = app.code.files.module_of(item.file, found[1])
        return any(names.module_of(each.builder) == module for each in app.events)
    if found := _DEAD_NAME.match(item.text):
        return any(app.real(each.builder) == found[1] for each in app.events)
    if found := _DEAD_SOURCE.match(item.text):
        handler = posixpath.normpath(f"src/{found[1]}")
        for each in app.events:
            if (app.real(each.builder), each.handler) == (item.file, handler):
                problem = f"{each.name} has no handler: {handler} is missing"
                app.missing.add(names.module_of(handler))
                app.add(item.file, item.line, "handler", problem, each.again)
                return True
    return False


def check_imports(app: Inspection) -> None:
    """Note imports to nowhere, save those of files whose absence has been noted."""
    for file, items in app.imports.items():
        for item in items:
            module = app.code.files.module_of(file, item.specifier)
            nowhere = item.target is None and not item.computed and item.specifier.startswith(".")
            if nowhere and module not in app.missing and not app.reported(file, "conflict", "code"):
                problem = f'This imports "{item.specifier}", which is not there'
                app.add(file, item.line, "import", problem, "Correct the path, or restore the file")
