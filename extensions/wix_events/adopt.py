"""Record the events that an app has and that this template did not make; none of their files changes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from . import catalogue, guards, names
from .draft import Draft
from .names import Event
from .reader import REGISTRATIONS, FoundExtension


def adopt(draft: Draft) -> None:
    """Add the registered events of the app to a draft's record, and say of the others why they are not.

    Args:
        draft: What a plan is being made of.
    """
    ids = {event["id"].lower() for event in draft.events}
    found = [
        extension
        for extension in draft.app.extensions
        if guards.is_event(extension) and (extension.id or "").lower() not in ids
    ]
    registered = [extension.event for extension in found if extension.event and extension.registered]
    handled = Counter(map(catalogue.identity, [*registered, *(event["event"] for event in draft.events)]))
    used = Counter((extension.id or "").lower() for extension in draft.app.extensions)
    for extension in found:
        place = f"{extension.builder}:{extension.line}"
        if extension.event and handled[catalogue.identity(extension.event)] > extension.registered:
            draft.notes.append(
                f"{place}: another extension handles {extension.event}, too, so this one is not adopted and stays as it is. "
                "One event takes one handler."
            )
        elif extension.id and used[extension.id.lower()] > 1:
            draft.notes.append(
                f"{place}: its id is also that of another extension, so it is not adopted and stays as it is. "
                f"Give one of the two a new id ({guards.NEW_ID})."
            )
        elif reason := _obstacle(extension):
            draft.notes.append(f"{place}: {reason}, so it is not adopted and stays as it is.")
        else:
            event = _record_of(extension, {names.export_name(event["name"]) for event in draft.events})
            draft.events.append(event)
            draft.adopted.append(event["name"])


def _obstacle(extension: FoundExtension) -> str:
    """Say why an event of the app cannot be recorded, if so."""
    if extension.export is None and extension.builder == REGISTRATIONS:
        return "this event is written inside the chain and has no file of its own"
    if extension.export is None:
        return "this event is not exported"
    if extension.event is None or extension.handler is None:
        return "its handler does not tell its event"
    if not names.is_source_path(extension.builder) or not names.is_source_path(extension.handler):
        return "its path has unusual characters"
    if not names.is_uuid4(extension.id):
        return f"its id {extension.id!r} is not a version-4 UUID"
    if not extension.registered:
        module = names.relative_specifier(names.module_of(extension.builder), "src")
        clause = "event" if extension.export == "default" else f"{{ {extension.export} }}"
        name = "event" if extension.export == "default" else extension.export
        return f'it is not registered (to register it: import {clause} from "{module}" in {REGISTRATIONS}, and .use({name}))'
    return ""


def _record_of(extension: FoundExtension, taken: set[str]) -> Event:
    """Return the record of an event of the app."""
    key = str(extension.event)
    base = names.name_of_folder(Path(extension.builder).parent.name) or names.default_name(key)
    event: Event = {
        "name": names.free_name(base, lambda name: names.export_name(name) in taken),
        "event": key,
        "id": extension.id,
        "builder": extension.builder,
        "handler": extension.handler,
    }
    if extension.event_package != f"@wix/{key.rsplit('.', 2)[0]}":
        event["package"] = extension.event_package
    return event
