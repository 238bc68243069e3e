"""What merges and updates left in an app."""

from __future__ import annotations

from ...leftovers import leftovers
from .inspection import Inspection


def check_leftovers(app: Inspection) -> None:
    """Note what merges and updates left in and beside the template's files, and in files that cannot be read."""
    paths = [*map(app.real, app.template_files()), *(problem.file for problem in app.code.problems)]
    said = {finding.file for finding in app.findings}
    app.findings |= {
        finding for finding in leftovers(app.root, dict.fromkeys(paths)) if finding.file not in said
    }
