"""What the reader says of the app's code, where no other check knows more."""

from __future__ import annotations

import posixpath
import re

from ... import names, reader
from .inspection import Inspection, sentence

# What the reader says of an import, where the record says more.
_DEAD_IMPORT = re.compile(r'Imports "([^"]+)", which is not there')
_DEAD_NAME = re.compile(r"Imports \S+ from (.+), which does not export it")
_DEAD_SOURCE = re.compile(r'Its source "([^"]+)" is not below src/')


def check_code(app: Inspection) -> None:
    """Note what keeps the app's code from being read or from working, save where a merge is the cause."""
    for item in app.code.problems:
        if not app.reported(item.file, "conflict", "unmerged") and not _said_better(app, item):
            problem, _, remedy = item.text.rpartition(": ")
            app.add(item.file, item.line, "code", problem, sentence(remedy))


def _said_better(app: Inspection, item: reader.Problem) -> bool:
    """Tell whether a check of the record will report what the reader has met, or do so here, knowing more."""
    if found := _DEAD_IMPORT.match(item.text):
        module = posixpath.normpath(posixpath.join(posixpath.dirname(item.file), found[1]))
        return any(names.module_of(each.builder) == names.module_of(module) for each in app.events)
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
