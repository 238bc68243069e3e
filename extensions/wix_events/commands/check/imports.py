"""Checks of relative imports: those of what the Wix build reads have to lead somewhere."""

from __future__ import annotations

import posixpath

from ... import names
from .inspection import Inspection


def check_imports(app: Inspection) -> None:
    """Note imports to nowhere, save those of files whose absence has been noted."""
    for file, items in app.imports.items():
        for item in items:
            module = names.module_of(
                posixpath.normpath(posixpath.join(posixpath.dirname(file), item.specifier))
            )
            nowhere = item.target is None and not item.computed and item.specifier.startswith(".")
            if nowhere and module not in app.missing and not app.reported(file, "conflict", "code"):
                problem = f'This imports "{item.specifier}", which is not there'
                app.add(file, item.line, "import", problem, "Correct the path, or restore the file")
