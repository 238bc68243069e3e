"""Checks of relative imports: those of what the Wix build reads have to lead somewhere."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from ... import names
from .inspection import Inspection
from .leftovers import template_files


def check_imports(app: Inspection) -> None:
    """Note imports to nowhere in builders, handlers and the template's files, and in what these import.

    Those that lead to a file whose absence has been noted are left out.
    """
    roots = template_files(app)
    for each in app.code.extensions:
        roots += filter(None, (each.builder, each.handler, each.listener_file))
    for file in reachable(app, map(app.real, roots)):
        for item in app.imports.get(file, ()):
            module = names.module_of(
                posixpath.normpath(posixpath.join(posixpath.dirname(file), item.specifier))
            )
            nowhere = item.target is None and not item.computed and item.specifier.startswith(".")
            if nowhere and module not in app.missing and not app.reported(file, "conflict", "code"):
                problem = f'This imports "{item.specifier}", which is not there'
                app.add(file, item.line, "import", problem, "Correct the path, or restore the file")


def reachable(app: Inspection, files: Iterable[str]) -> list[str]:
    """Return files of the app, and those that they import, those that these import, and so on."""
    found = dict.fromkeys(files)
    wanted = list(found)
    while wanted:
        for item in app.imports.get(wanted.pop(), ()):
            if item.target is not None and item.target not in found:
                found[item.target] = None
                wanted.append(item.target)
    return list(found)
