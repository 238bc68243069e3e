"""Checks of each recorded event: its builder, its registration, its handler."""

from __future__ import annotations

import os

from ... import catalogue, names, reader
from ...reader import FoundExtension
from .inspection import Inspection, RecordedEvent


def check_events(app: Inspection) -> None:
    """Compare the recorded events with the code."""
    if app.events and not os.path.lexists(app.root / reader.REGISTRATIONS):
        problem = "There is no such file, so no event is registered"
        app.add(reader.REGISTRATIONS, 1, "registration", problem, app.events[0].copy)
    for item in app.events:
        builder = app.real(item.builder)
        here = [each for each in app.event_extensions if each.builder == builder]
        if here:
            _check_builder(app, item, here)
        else:
            _check_absent(app, item, builder)


def _check_builder(app: Inspection, item: RecordedEvent, here: list[FoundExtension]) -> None:
    """Compare a recorded event with the extensions of its builder."""
    export = names.export_name(item.name)
    same_id = [each for each in here if (each.id or "").lower() == item.event["id"].lower()]
    found = next(iter([*same_id, *(each for each in here if each.export == export), *here]))
    if not same_id:
        problem = (
            f"The id of {item.name} is {found.id or 'not a plain string'}; Wix knows the event by "
            f"{item.event['id']} ({item.place})"
        )
        app.add(found.builder, found.id_line, "id", problem, "Put the recorded id back")
    if (
        not names.is_adopted(item.event)
        and found.export != export
        and not app.reported(found.builder, "code")
    ):
        now = f"exported as {found.export}" if found.export else "not exported"
        problem = f"{item.name} is {now}, not as {export}"
        app.add(found.builder, found.line, "export", problem, f"Export it as {export}")
    elif not found.registered and not app.registrations_unclear():
        problem = f"{item.name} is not registered in {reader.REGISTRATIONS}"
        module = names.module_of(found.builder)
        dead = next((each for each in app.code.problems if each.lost == module), None)
        remedy = f"Import {export} instead of what {dead.file}:{dead.line} does" if dead else item.copy
        app.add(found.builder, found.line, "registration", problem, remedy)
    _check_handler(app, item, found)


def _check_handler(app: Inspection, item: RecordedEvent, found: FoundExtension) -> None:
    """Compare a recorded event with what its source leads to, and with what that listens to."""
    if found.handler and found.handler != app.real(item.handler):
        problem = f"The source of {item.name} leads to {found.handler}; the record says {item.handler}"
        if names.is_adopted(item.event):
            remedy = "Commit and run copier update: the record follows"
        else:
            make = "Make" if (app.root / item.handler).exists() else "Move the file back and make"
            remedy = f'{make} it "./{item.handler.removeprefix("src/")}"'
        app.add(found.builder, found.line, "source", problem, remedy)
    elif found.event and catalogue.identity(found.event) != catalogue.identity(item.event["event"]):
        problem = f"{item.name} is recorded for {item.event['event']}, but this listens to {found.event}"
        remedy = (
            f"Listen to {item.event['event']} again, or remove {item.name} "
            f"(copier update -d remove={item.name}) and add the other event"
        )
        app.add(found.listener_file or item.handler, found.handler_line or 1, "event", problem, remedy)


def _check_absent(app: Inspection, item: RecordedEvent, builder: str) -> None:
    """Note a recorded event whose builder is not there, or does not make it."""
    moved = next((each for each in app.event_extensions if each.id == item.event["id"]), None)
    if moved:
        problem = f"{item.name} is recorded in {item.builder}, but lies in {moved.builder}:{moved.line}"
        remedy = "Commit and run copier update: the record follows"
        app.add(item.record.file, item.line, "moved", problem, remedy)
    elif not (app.root / builder).is_file():
        app.missing.add(names.module_of(item.builder))
        problem = f"{item.name} is recorded, but {item.builder} is missing"
        app.add(item.record.file, item.line, "builder", problem, item.again)
    elif not app.reported(builder):
        problem = f"There is no extensions.event(…) for {item.name} here"
        app.add(builder, 1, "builder", problem, "Restore the file from version control")
