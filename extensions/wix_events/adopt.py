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
    handlers = Counter(
        catalogue.identity(each.event) for each in draft.app.extensions if each.registered and each.event
    )
    for extension in draft.app.extensions:
        if not guards.is_event(extension) or (extension.id or "").lower() in ids:
            continue
        place = f"{extension.builder}:{extension.line}"
        if extension.event and catalogue.identity(extension.event) in {
            catalogue.identity(event["event"]) for event in draft.events
        }:
            # A second handler of a recorded event: what is said at the end names it.
            draft.notes.append(
                f"{place}: {extension.event} is recorded already, so this one is not adopted. One event takes one handler."
            )
        elif reason := _obstacle(extension, handlers):
            draft.notes.append(f"{place}: {reason}, so it is not adopted and stays as it is.")
        else:
            event = _record_of(extension, {names.export_name(event["name"]) for event in draft.events})
            draft.events.append(event)
            draft.adopted.append(event["name"])
            ids.add(event["id"].lower())


def _obstacle(extension: FoundExtension, handlers: Counter[str]) -> str:
    """Say why an event of the app cannot be recorded, if so; `handlers` counts those that each event has."""
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
    if handlers[catalogue.identity(extension.event)] > extension.registered:
        return f"another handler of {extension.event} is registered, and one event takes one handler"
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
        "name": names.free_name(base, taken),
        "event": key,
        "id": extension.id,
        "builder": extension.builder,
        "handler": extension.handler,
    }
    if extension.event_package != f"@wix/{key.rsplit('.', 2)[0]}":
        event["package"] = extension.event_package
    return event
