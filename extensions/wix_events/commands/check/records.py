"""Checks of the answers files."""

from __future__ import annotations

from collections.abc import Sequence

from ... import record
from ...errors import UserError
from .inspection import Inspection, RecordedEvent


def read_records(app: Inspection, answers_files: Sequence[str]) -> None:
    """Read the app's records, or note why one cannot be used.

    Args:
        app: The app.
        answers_files: The answers files to read, relative to it; all of this template's unless given.
    """
    for name in answers_files or record.find(app.root):
        try:
            found = record.read_named(app.root, name)
        except UserError as error:
            app.add_error(name, "record", error)
            continue
        lines = record.event_lines(app.read(name))
        app.records.append(found)
        app.events += [RecordedEvent(found, lines.get(event["name"], 1), event) for event in found.events]


def check_recorded(app: Inspection) -> None:
    """Note events in the code of an app that has no record at all."""
    damaged = any(finding.code == "record" for finding in app.findings)
    if app.records or damaged or not app.event_extensions:
        return
    first, count = app.event_extensions[0], len(app.event_extensions)
    app.add(
        first.builder,
        first.line,
        "no-record",
        f"No answers file records this app's {'event' if count == 1 else f'{count} events'}",
        "Record what is registered with copier copy and -d adopt=true; a record that was lost comes back with git checkout",
    )
