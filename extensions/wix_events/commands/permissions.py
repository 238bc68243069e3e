"""List what an app's events are allowed to see, for whoever grants it in the app dashboard; nothing is written.

Every event is listed with its id, slug and permission scopes, and the smallest set of scopes that covers them all: Wix
lets an app receive an event when it holds any one of the event's scopes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .. import reader, record
from ..errors import UserError
from ..message import count
from ..terminal import print_json
from .app import Event, add_app_arguments, events_of

_EXAMPLES = """\
examples:
  wix-events permissions                 the app in this folder
  wix-events permissions > SCOPES.md     a file for who grants them
  wix-events permissions apps/shop --json

Exit code 0: listed; 1: no events, or an unusable record; 2: wrong usage.
"""


def _events(root: Path, answers_files: Sequence[str]) -> list[Event]:
    """Return the events of an app, which has to have some."""
    records = [record.read_named(root, file) for file in answers_files or record.find(root)]
    found = list(events_of(reader.read_app(root), records))
    if not found:
        raise UserError(f"{root}: this app has no events. Add one with copier copy.")
    return found


def scopes_to_grant(events: Sequence[Event]) -> dict[str, str]:
    """Return the fewest scopes that let an app receive all of some events, by id with their names.

    Args:
        events: The events.
    """
    titles = {scope: name for event in events for scope, name in event.scopes.items()}
    return {scope: titles[scope] for scope in smallest_scopes([list(event.scopes) for event in events])}


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
    events = {frozenset(scopes) for scopes in needs if scopes}
    events = {scopes for scopes in events if not any(other < scopes for other in events)}
    reach: dict[str, int] = {}
    for scopes in needs:
        for position, scope in enumerate(scopes):
            reach[scope] = max(reach.get(scope, 0), position)
    covers = {scope: {event for event in events if scope in event} for event in events for scope in event}
    # In any set, a scope can give way to one that covers as much and comes first.
    order: list[str] = []
    for scope in sorted(covers, key=lambda scope: (reach[scope], scope)):
        if not any(covers[scope] <= covers[other] for other in order):
            order.append(scope)
    takers = {event: [scope for scope in order if scope in event] for event in events}
    found: list[tuple[int, int, list[str]]] = []

    def descend(left: set[frozenset[str]], chosen: list[str]) -> None:
        """Cover the events that are left in every way that may beat the best one so far."""
        cost = sum(reach[scope] for scope in chosen)
        if not left:
            found[:] = [min([*found, (len(chosen), cost, sorted(chosen))])]
            return
        # The events that the fewest scopes cover: of those that share none, each needs one more.
        apart = [min(left, key=lambda event: len(takers[event]))]
        while rest := left.difference(*(covers[scope] for event in apart for scope in takers[event])):
            apart.append(min(rest, key=lambda event: len(takers[event])))
        if not found or (len(chosen) + len(apart), cost) <= found[0][:2]:
            for scope in takers[apart[0]]:
                descend(left - covers[scope], [*chosen, scope])

    descend(events, [])
    return found[0][2]


def report(events: Sequence[Event]) -> dict[str, Any]:
    """Return what a reviewer needs, as plain data: `scopes` to grant, and `events`."""
    scopes = [
        {"id": scope, "name": name, "events": [event.name for event in events if scope in event.scopes]}
        for scope, name in scopes_to_grant(events).items()
    ]
    listed = [
        {
            "name": event.name,
            "event": event.key,
            "id": event.id,
            "slug": event.texts.get("slug"),
            "builder": event.builder,
            "recorded": event.recorded,
            "permissions": [{"id": id_, "name": name} for id_, name in event.scopes.items()],
        }
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
    data = report(_events(options.app, options.answers_file))
    if options.json:
        print_json(data)
    else:
        print("\n".join(_markdown(data)))
    return 0
