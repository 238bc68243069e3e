"""The app that a command looks at: its folder, its records, and its events."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import catalogue, names
from ..guards import is_event
from ..preflight import app_root_problem
from ..reader import App
from ..record import Record


@dataclass(frozen=True)
class Event:
    """One event of an app.

    Attributes:
        name: What it is called in the app.
        key: Its key, None where the code does not tell.
        id: The id of its extension, None where it is not a plain string.
        builder: The file that declares it, relative to the app.
        recorded: Whether the answers file lists it.
        registered: Whether `src/extensions.ts` registers it.
    """

    name: str
    key: str | None
    id: str | None
    builder: str
    recorded: bool
    registered: bool

    @property
    def texts(self) -> Mapping[str, Any]:
        """What the catalogue says of it."""
        return catalogue.event_texts(self.key or "")

    @property
    def scopes(self) -> dict[str, str]:
        """Ids and names of the scopes that let the app receive it, the least far-reaching first."""
        return {scope["id"]: scope["name"] for scope in self.texts.get("permissions", ())}

    @property
    def deprecated(self) -> Mapping[str, str] | None:
        """Until when the SDK has it and what replaces it, as far as it says so; None where it is to stay."""
        found: Mapping[str, str] | None = self.texts.get("deprecated")
        return found


def events_of(app: App, records: Sequence[Record]) -> Iterator[Event]:
    """Yield an app's events: those that are recorded, then those that only its code has.

    Args:
        app: What its code says.
        records: Its records.
    """
    there = [each for each in app.extensions if is_event(each)]
    known = set()
    for found in records:
        for event in found.events:
            builder = names.builder_path(event, found.events_dir)
            # One of the two may have been changed: the check says so, and the event is still this one.
            own = [each for each in there if each.id == event["id"] or each.builder == builder]
            known.update(own)
            registered = any(each.registered for each in own)
            yield Event(event["name"], event["event"], event["id"], builder, True, registered)
    for each in there:
        if each not in known:
            name = Path(each.builder).name.split(".", 1)[0]
            yield Event(name, each.event, each.id, each.builder, False, each.registered)


def add_app_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what a command on one app is given: its folder, and its answers files."""
    parser.add_argument(
        "app", nargs="?", default=".", type=_app_folder, help="the app's folder (default: this one)"
    )
    parser.add_argument(
        "--answers-file",
        action="append",
        default=[],
        metavar="FILE",
        help="the answers file that records the events; may be given several times",
    )


def _app_folder(value: str) -> Path:
    """Take an argument for an app's folder, unless it is no folder, or one inside an app."""
    path = Path(value)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{value} is not a folder. Give the folder of a Wix app.")
    if problem := app_root_problem(path):
        raise argparse.ArgumentTypeError(problem)
    return path
