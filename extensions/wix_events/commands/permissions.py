"""List what an app's events are allowed to see, for whoever grants it in the app dashboard; nothing is written.

Every event is listed with its id, slug and permission scopes, and the smallest set of scopes that covers them all: Wix
lets an app receive an event when it holds any one of the event's scopes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from .. import catalogue, names, reader, record
from ..errors import UserError
from ..guards import is_event
from ..message import count
from .terminal import add_app_arguments, print_json

_EXAMPLES = """\
examples:
  wix-events permissions                 the app in this folder
  wix-events permissions > SCOPES.md     a file for who grants them
  wix-events permissions apps/shop --json

Exit code 0: listed; 1: no events, or an unusable record; 2: wrong usage.
"""


@dataclass(frozen=True)
class Event:
    """One event of an app.

    Attributes:
        name: What it is called in the app.
        event: Its key, None where the code does not tell.
        id: The id of its extension, None where it is not a plain string.
        slug: The webhook's slug, None where the catalogue does not know the event.
        builder: The file that declares it, relative to the app.
        recorded: Whether the answers file lists it.
        permissions: Ids and names of the scopes that let the app receive it, the least far-reaching first.
    """

    name: str
    event: str | None
    id: str | None
    slug: str | None
    builder: str
    recorded: bool
    permissions: tuple[tuple[str, str], ...]


def read_events(root: Path, answers_files: Sequence[str] = ()) -> list[Event]:
    """Return the events of an app: those that are recorded, then those that only its code has.

    Args:
        root: The app's folder.
        answers_files: The answers files to read, relative to it; all of this template's unless given.

    Raises:
        UserError: A record is damaged or missing, or there is no event.
    """
    found = []
    for name in answers_files or record.find(root):
        recorded = record.read(root, name)
        if recorded is None:
            raise UserError(f"{name}: there is no such file. Name one that copier copy has written.")
        for event in recorded.events:
            builder = names.builder_path(event, recorded.events_dir)
            found.append(_event(event["name"], event["event"], event["id"], builder, recorded=True))
    ids = {event.id for event in found}
    for extension in reader.read_app(root).extensions:
        if is_event(extension) and extension.id not in ids:
            name = Path(extension.builder).name.split(".", 1)[0]
            found.append(_event(name, extension.event, extension.id, extension.builder, recorded=False))
    if not found:
        raise UserError(f"{root}: this app has no events. Add one with copier copy.")
    return found


def _event(name: str, key: str | None, extension_id: str | None, builder: str, recorded: bool) -> Event:
    """Put together what is known of an event."""
    texts = catalogue.event_texts(key) if key else {}
    scopes = tuple((scope["id"], scope["name"]) for scope in texts.get("permissions", ()))
    return Event(name, key, extension_id, texts.get("slug"), builder, recorded, scopes)


def smallest_scopes(needs: Sequence[Sequence[str]]) -> list[str]:
    """Return the fewest scopes that cover all events.

    Of several such sets it is the one whose scopes stand first in the events' lists, then the first by alphabet.

    Args:
        needs: For each event the ids of the scopes of which it needs any one, the least far-reaching first; events
            without scopes need none.

    Returns:
        Ids of scopes, sorted.
    """
    # An event whose scopes include all those of another one is covered with it.
    sets = {frozenset(scopes) for scopes in needs if scopes}
    sets = {scopes for scopes in sets if not any(other < scopes for other in sets)}
    reach: dict[str, int] = {}
    for scopes in needs:
        for position, scope in enumerate(scopes):
            reach[scope] = max(reach.get(scope, 0), position)
    covers: dict[str, int] = {}
    for bit, each in enumerate(sorted(sets, key=sorted)):
        for scope in each:
            covers[scope] = covers.get(scope, 0) | 1 << bit
    # In any set, a scope can give way to one that covers as much and comes first.
    order: list[str] = []
    for scope in sorted(covers, key=lambda scope: (-covers[scope].bit_count(), reach[scope], scope)):
        if not any(
            covers[scope] | covers[other] == covers[other] and _first(reach, other, scope) for other in order
        ):
            order.append(scope)
    order.sort(key=lambda scope: (reach[scope], scope))
    return _Search([covers[scope] for scope in order], [reach[scope] for scope in order], order).best()


def _first(reach: dict[str, int], one: str, other: str) -> bool:
    """Tell whether a scope is to be preferred to another that covers no more."""
    return (reach[one], one) < (reach[other], other)


class _Search:
    """Branch and bound for the smallest set; scopes are numbered in order of preference."""

    def __init__(self, covers: list[int], reach: list[int], scopes: list[str]) -> None:
        self.covers = covers
        self.reach = reach
        self.scopes = scopes
        self.everything: int = reduce(or_, covers, 0)
        # For each event the scopes that cover it, and the events that one of these covers too.
        self.takers = [
            [number for number, mask in enumerate(covers) if mask >> bit & 1]
            for bit in range(self.everything.bit_length())
        ]
        self.neighbours = [reduce(or_, (covers[number] for number in takers)) for takers in self.takers]
        self.found: tuple[int, int, list[str]] | None = None

    def best(self) -> list[str]:
        """Return the best set."""
        self.descend(self.everything, ())
        assert self.found is not None
        return self.found[2]

    def descend(self, left: int, chosen: tuple[int, ...]) -> None:
        """Cover the events that are left in every way that may beat the best one so far."""
        cost = sum(self.reach[number] for number in chosen)
        if not left:
            result = (len(chosen), cost, sorted(self.scopes[number] for number in chosen))
            if self.found is None or result < self.found:
                self.found = result
            return
        if self.found is not None and (len(chosen) + self.at_least(left), cost) > self.found[:2]:
            return
        for number in self.takers[self.hardest(left)]:
            self.descend(left & ~self.covers[number], (*chosen, number))

    def hardest(self, left: int) -> int:
        """Return the event that the fewest scopes cover."""
        return min(_bits(left), key=lambda bit: len(self.takers[bit]))

    def at_least(self, left: int) -> int:
        """Return a number of scopes below which these events cannot be covered: no two counted share a scope."""
        count = 0
        while left:
            left &= ~self.neighbours[self.hardest(left)]
            count += 1
        return count


def _bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set."""
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1


def report(events: Sequence[Event]) -> dict[str, Any]:
    """Return what a reviewer needs, as plain data: `scopes` to grant, and `events`."""
    names = {scope: name for event in events for scope, name in event.permissions}
    scopes = [
        {
            "id": scope,
            "name": names[scope],
            "events": [event.name for event in events if scope in dict(event.permissions)],
        }
        for scope in smallest_scopes([[scope for scope, _ in event.permissions] for event in events])
    ]
    listed = [
        {**asdict(event), "permissions": [{"id": id, "name": name} for id, name in event.permissions]}
        for event in events
    ]
    return {"scopes": scopes, "events": listed}


def _markdown(data: dict[str, Any]) -> Iterator[str]:
    """Yield the report's lines."""
    scopes, events = data["scopes"], data["events"]
    yield "# Permissions of the app's events"
    yield ""
    if scopes:
        needing = sum(bool(event["permissions"]) for event in events)
        yield f"To receive all {needing} that need one, the app needs no more than {count(len(scopes), 'scope')}:"
        yield ""
        for scope in scopes:
            yield f"- **{scope['name']}** (`{scope['id']}`): {', '.join(scope['events'])}"
    else:
        yield "No scope is needed."
    granted = {scope["id"] for scope in scopes}
    yield ""
    yield f"## {count(len(events), 'event')}"
    for event in events:
        yield ""
        yield f"### {event['name']}{'' if event['recorded'] else ' (in the code, not recorded)'}"
        yield ""
        yield f"- event: {_code(event['event'], 'its handler does not tell')}"
        yield f"- id: {_code(event['id'], 'not a plain string')}"
        yield f"- slug: {_code(event['slug'], 'not in the catalogue')}"
        yield f"- declared in: `{event['builder']}`"
        if event["permissions"]:
            yield "- scopes, any one of:"
            for scope in event["permissions"]:
                mark = " ← granted above" if scope["id"] in granted else ""
                yield f"  - {scope['name']} (`{scope['id']}`){mark}"
        elif event["slug"]:
            yield "- scopes: Wix names none"
        else:
            yield "- scopes: unknown; look in the Wix documentation of the event"


def _code(value: str | None, unknown: str) -> str:
    """Write a value as code, or what to say where there is none."""
    return f"`{value}`" if value else unknown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `wix-events permissions`."""
    parser.epilog = _EXAMPLES
    add_app_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print an object: scopes, events")


def run(options: argparse.Namespace) -> int:
    """Print the list.

    Args:
        options: What `add_arguments` declares.

    Returns:
        0.

    Raises:
        UserError: The events cannot be listed.
    """
    data = report(read_events(options.app, options.answers_file))
    if options.json:
        print_json(data)
    else:
        print("\n".join(_markdown(data)))
    return 0
