"""What keeps the app's code from being read or built: left by a merge, said by the reader, or imported from nowhere."""

from __future__ import annotations

from ... import names, reader
from ...leftovers import leftovers
from .inspection import Inspection, sentence


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
            _add(app, item)


def _add(app: Inspection, item: reader.Problem) -> None:
    """Note what the reader has met."""
    problem, _, remedy = item.text.rpartition(": ")
    app.add(item.file, item.line, item.code, problem, sentence(remedy))


def _said_better(app: Inspection, item: reader.Problem) -> bool:
    """Tell whether a check of the record will report what the reader has met, or do so here, knowing more."""
    for each in app.events if item.lost else ():
        builder = app.real(each.builder)
        if names.module_of(builder) == item.lost:
            return True
        if builder == item.file and names.module_of(each.handler) == item.lost:
            problem = f"{each.name} has no handler: {each.handler} is missing"
            app.missing.add(item.lost)
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
                _add(app, reader.lost_import(file, item.line, item.specifier, module))
