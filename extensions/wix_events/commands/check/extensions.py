"""Checks of all extensions of the app, whoever wrote them: ids, handlers of one event, what is not registered."""

from __future__ import annotations

from ... import collections, names, reader
from ...guards import NEW_ID, second_handlers
from ...reader import FoundExtension
from .inspection import Inspection

_NEW_ID = f"Put a new one there ({NEW_ID})"
_RELEASED = (
    f"If it was released, leave it: Wix knows the extension by it. If not: {_NEW_ID[:1].lower()}{_NEW_ID[1:]}"
)


def check_extensions(app: Inspection) -> None:
    """Compare the app's extensions with one another."""
    _check_ids(app)
    _check_handlers(app)
    _check_unrecorded(app)
    _check_collections(app)


def _check_ids(app: Inspection) -> None:
    """Note ids that two extensions share, and ids of the app's own that are no version-4 UUID."""
    first: dict[str, FoundExtension] = {}
    # Recorded events come first: where an id is shared, the other extension is the one to change.
    for each in sorted(app.code.extensions, key=lambda each: each.builder not in app.recorded_builders):
        if app.reported(each.builder, "id"):
            continue
        if each.id is None:
            problem = "The id is not a plain string, so it cannot be compared with the others"
            app.add(each.builder, each.id_line, "foreign-id", problem, "Write the UUID itself here")
        elif each is not (known := first.setdefault(each.id.lower(), each)):
            place = f"{known.builder}:{known.id_line}"
            problem = f"The id {each.id} is also that of {place}: Wix silently drops one of the two"
            app.add(each.builder, each.id_line, "duplicate-id", problem, _NEW_ID)
        elif not names.is_uuid4(each.id):
            problem = f'The id "{each.id}" is not a version-4 UUID, which Wix asks for'
            app.add(each.builder, each.id_line, "foreign-id", problem, _RELEASED)


def _check_handlers(app: Inspection) -> None:
    """Note events that two extensions handle."""
    clear = (
        each
        for each in app.event_extensions
        if not (app.reported(each.listener_file or "", "event") or app.reported(each.builder, "source"))
    )
    order = sorted(clear, key=lambda each: (each.builder not in app.recorded_builders, not each.registered))
    for each, place, other in second_handlers(order):
        file, _, row = place.rpartition(":")
        problem = f"{each.event} is already handled by {other}"
        app.add(
            file, int(row), "duplicate-event", problem, "Keep one of the two: one event takes one handler"
        )


def _check_unrecorded(app: Inspection) -> None:
    """Note event extensions that are on disk but neither recorded nor registered."""
    if app.registrations_unclear():
        return
    ids = {item.event["id"] for item in app.events}
    for each in app.event_extensions:
        known = each.registered or each.builder in app.recorded_builders or each.id in ids
        said = app.reported(each.listener_file or "", "duplicate-event") or any(
            item.file == each.builder and not item.remark for item in app.findings
        )
        if not known and not said:
            problem = "This event extension is neither recorded nor registered, so the app does not have it"
            remedy = f"Register it in {reader.REGISTRATIONS}, or delete it"
            app.add(each.builder, each.line, "unrecorded", problem, remedy)


def _check_collections(app: Inspection) -> None:
    """Note a second collections extension: the release fails with two, the build does not."""
    found = [each for each in app.code.extensions if each.kind == collections.EXPORT and each.registered]
    for each in found[1:]:
        problem = f"The app has a collections extension already ({found[0].builder}:{found[0].line}): Wix allows one"
        remedy = "Move its collections into that one, then delete this and its registration"
        app.add(each.builder, each.line, "collections", problem, remedy)
