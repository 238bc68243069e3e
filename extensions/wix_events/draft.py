"""What a plan is being made of: the record as it is to be, and what becomes of which event."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from . import files, names
from .errors import UserError
from .names import Event
from .reader import REGISTRATIONS, App
from .record import Record


@dataclass(kw_only=True)
class Draft(Record):
    """A record that is being made, and what else is to be done.

    Attributes:
        root: The app's folder.
        app: What the app's code says.
        before: The record as it is, None in an app that has none.
        events: The record's events as they are to be.
        added, kept, dropped, followed, adopted: What becomes of which event, by name.
        write: Files that a copy has to write.
        unregister: Builders that lose their registration.
        notes: Sentences for the user.
    """

    root: Path
    app: App
    before: Record | None
    events: list[Event]
    added: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    removed: list[Event] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    write: list[str] = field(default_factory=list)
    unregister: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def shared(self) -> list[str]:
        """The files that are the user's and that a run edits, there or not."""
        barrels = (barrel.file for barrel in self.app.barrels)
        return list(dict.fromkeys((REGISTRATIONS, self.app.chain, *barrels, "package.json")))

    def exists(self, path: str) -> bool:
        """Tell whether a file of the app is there."""
        return os.path.lexists(self.root / path)

    def missing(self, paths: Iterable[str]) -> list[str]:
        """Return those of some files of the app that are not there; a handler that its builder has elsewhere is."""
        return [path for path in paths if not self.exists(path) and path not in self._moved_handlers]

    @cached_property
    def _moved_handlers(self) -> set[str]:
        """Where handlers would lie that users have moved, as their builders tell."""
        places = {
            self.app.real_path(names.builder_path(event, self.events_dir)): names.handler_path(
                event, self.events_dir
            )
            for event in self.own()
        }
        return {
            places[each.builder]
            for each in self.app.extensions
            if each.builder in places and each.handler not in (None, places[each.builder])
        }

    def links_to(self, event: Event) -> list[str]:
        """Return the links that files of an event are, or lie behind."""
        found = (
            files.link_on_the_way(self.root, path) for path in names.event_files(event, self.events_dir, True)
        )
        return list(dict.fromkeys(link.relative_to(self.root).as_posix() for link in found if link))

    def keeps_files(self, event: Event) -> bool:
        """Tell whether an event's removal leaves files: the user's own, or behind a link. Where none is there, none is taken."""
        there = any(map(self.exists, self.files_of(event)))
        return names.is_adopted(event) or bool(self.links_to(event)) or not there

    def is_registered(self, name: str) -> bool:
        """Tell whether the app registers the recorded event of a name."""
        builder = self.app.real_path(names.builder_path(self.named("event", name), self.events_dir))
        return any(each.registered and each.builder == builder for each in self.app.extensions)

    def own(self) -> list[Event]:
        """Return the events whose files are the template's."""
        return names.own(self.events)

    def files_of(self, event: Event) -> list[str]:
        """Return the files of an event of the template's own."""
        return names.event_files(event, self.events_dir, self.trigger)

    def named(self, key: str, name: str) -> Event:
        """Return the recorded event of a name.

        Raises:
            UserError: There is none.
        """
        for event in self.events:
            if event["name"] == name:
                return event
        recorded = ", ".join(event["name"] for event in self.events) or "none"
        raise UserError(
            f'{key}: no event named "{name}" is recorded. Choose from what is recorded: {recorded}.'
        )
