"""What the Wix build lets through and what would harm an app: looked for before anything is written."""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from . import catalogue, files, names, package_json, reader
from .errors import UserError
from .names import Event
from .reader import App, FoundExtension

NEW_ID = 'node -p "crypto.randomUUID()"'


def is_event(extension: FoundExtension) -> bool:
    """Tell whether an extension of the app handles an event; a generic one may, too."""
    return extension.kind == "event" or extension.event is not None


def place_of(extension: FoundExtension) -> str:
    """Return where an extension handles its event, as file and line."""
    return f"{extension.listener_file or extension.builder}:{extension.handler_line or extension.line}"


def check_shared_files(root: Path, paths: Sequence[str]) -> None:
    """Refuse files of the user's that a run has to edit and cannot read.

    Args:
        root: The app's folder.
        paths: The files, which need not be there.

    Raises:
        UserError: Names the file, and the line where that can be told.
    """
    for path in paths:
        try:
            source = files.read(root / path)
            source.decode()
        except FileNotFoundError:
            continue
        except UnicodeDecodeError as error:
            line = files.line_at(source, error.start)
            raise UserError(f"{path}:{line}: this is not UTF-8 text. Save the file as UTF-8.") from error
        if path == "package.json":
            package_json.packages(source)


def check_app(
    app: App, events: Sequence[Event], events_dir: str, made: Sequence[Event] | None = None
) -> None:
    """Refuse two handlers for one event and ids that are repeated, as far as one of the events is recorded.

    What is wrong between two extensions that are not ours is for the check to report; it stops nothing.

    Args:
        app: What the app's code says.
        events: The record as it is to be.
        events_dir: The folder of events.
        made: Those of them whose builders are theirs already; all unless given.

    Raises:
        UserError: Names both places. A file that handles a recorded event and is not registered is no second handler.
    """
    mine = {catalogue.identity(event["event"]): event for event in events}
    made = events if made is None else made
    builders = {app.real_path(names.builder_path(event, events_dir)): event for event in made}
    ids = {event["id"].lower(): path for path, event in builders.items()}
    handlers = {names.handler_path(event, events_dir): event for event in names.own(events)}
    for extension in app.extensions:
        if extension.builder in builders:
            _check_own_id(extension)
            continue
        if extension.id is not None and (other := ids.get(extension.id.lower())):
            raise UserError(
                f"{extension.builder}:{extension.id_line}: the id {extension.id} is also that of {other}; Wix would silently "
                f"drop one of the two. Give one of them a new id ({NEW_ID})."
            )
        event = mine.get(catalogue.identity(extension.event)) if extension.event else None
        if event is not None and event not in made:
            raise UserError(_handled_already(extension, event))
        # What is not registered takes nothing from an event that has its own handler already.
        if event is not None and extension.registered:
            raise UserError(_handled_twice(extension, event, names.handler_path(event, events_dir)))
        if extension.source and is_event(extension):
            target = posixpath.normpath(f"src/{extension.source}")
            handled = handlers.get(target)
            # What lies in a new event's own place is told by its folder.
            if handled and extension.builder != names.builder_path(handled, events_dir):
                raise UserError(
                    f"{extension.builder}:{extension.line}: the source of this event is {target}, where "
                    f'"{handled["name"]}" has its handler. Give the new event another name, or take this one out.'
                )


def _check_own_id(extension: FoundExtension) -> None:
    """Refuse an id in a builder of ours that is none."""
    # Code that makes extensions, such as a function of the app's own, may give it a good id where none is seen.
    if is_event(extension) and extension.id is not None and not names.is_uuid4(extension.id):
        raise UserError(
            f"{extension.builder}:{extension.id_line}: the id {extension.id!r} is not a version-4 UUID, so Wix cannot tell this "
            "extension from others. Put the recorded id back."
        )


def _handled_already(extension: FoundExtension, event: Event) -> str:
    """Say that an extension which is not recorded handles an event already, and what can be done."""
    said = f"event: {place_of(extension)} handles {event['event']} already"
    if extension.builder == reader.REGISTRATIONS:
        return (
            f"{said}, by an extension inside the chain at {extension.builder}:{extension.line}. Put your code there; an inline "
            "event cannot be adopted, only moved by hand into a builder file of its own."
        )
    if not extension.registered:
        return (
            f"{said}, though {extension.builder}:{extension.line} is not registered in {reader.REGISTRATIONS}. Register that one, "
            "or delete it and run again."
        )
    return (
        f"{said} (declared in {extension.builder}:{extension.line}). One event takes one handler: put your code there, or record "
        "it with copier copy -d adopt=true."
    )


def _handled_twice(extension: FoundExtension, event: Event, handler: str) -> str:
    """Say that an extension which is not recorded handles an event whose handler the record has, and what can be done."""
    return (
        f'event: {place_of(extension)} handles {event["event"]}, and so does the recorded event "{event["name"]}" in '
        f"{handler}. One event takes one handler: take the extension at {extension.builder}:{extension.line} out of "
        f"{reader.REGISTRATIONS}, or the recorded event out of the app with copier update -d remove={event['name']}."
    )


def foreign_faults(app: App, events: Sequence[Event], events_dir: str) -> list[str]:
    """Return what is wrong between extensions that are not recorded: said at the end of a run, it stops nothing.

    Args:
        app: What the app's code says.
        events: The record.
        events_dir: The folder of events.
    """
    ours = {names.builder_path(event, events_dir) for event in events}
    foreign = (each for each in app.extensions if each.builder not in ours and each.registered)
    return [
        f"{place}: {extension.event} is also handled by {other}. One event takes one handler: "
        f"take one of the two out of {reader.REGISTRATIONS}."
        for extension, place, other in second_handlers(foreign)
    ]


def second_handlers(extensions: Iterable[FoundExtension]) -> Iterator[tuple[FoundExtension, str, str]]:
    """Yield each extension that handles the event of one before it.

    Args:
        extensions: The extensions, first those that are to keep their events.

    Yields:
        The extension, its place and that of the first: where they handle the event, or are declared if one file does so for
        both.
    """
    first: dict[str, FoundExtension] = {}
    for extension in extensions:
        if extension.event is None:
            continue
        other = first.setdefault(catalogue.identity(extension.event), extension)
        if other is extension:
            continue
        if place_of(extension) != place_of(other):
            yield extension, place_of(extension), place_of(other)
        else:
            yield extension, f"{extension.builder}:{extension.line}", f"{other.builder}:{other.line}"


def check_whole(root: Path, app: App, paths: Sequence[str]) -> None:
    """Refuse files of an event that a run was asked for and that are there, but not whole.

    Args:
        root: The app's folder.
        app: What the app's code says.
        paths: The event's files.

    Raises:
        UserError: Names the file to delete.
    """
    faulty = {problem.file: problem for problem in app.problems}
    there = [path for path in paths if os.path.isfile(root / path)]
    for path in there:
        content = files.read(root / path)
        if number := files.conflict_line(content):
            raise UserError(
                f"{path}:{number}: a merge left its conflict markers. Resolve them and run this again."
            )
        if problem := _cut_problem(path, content):
            raise UserError(f"{path} {problem}: if a stopped run left it so, delete it and run again.")
        # Where another file is missing, that is what keeps this one from working.
        if path in faulty and len(there) == len(paths):
            raise UserError(f"{faulty[path]} If a stopped run left it so, delete it and run again.")


def _cut_problem(path: str, content: bytes) -> str | None:
    """Say what tells that a file of the template's lacks its end, if anything does."""
    if not content:
        return "is empty"
    if path.endswith(".json"):
        try:
            json.loads(content)
        except (ValueError, RecursionError):
            return "is no valid JSON"
    elif path.endswith((".ts", ".mjs")):
        root = reader.parse(content)
        if root.has_error:
            return "does not parse"
        if path.endswith(".ts") and not any(part.type == "export_statement" for part in root.children):
            return "exports nothing"
    return None
