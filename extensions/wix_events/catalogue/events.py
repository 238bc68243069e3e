"""Read the catalogue, and look events up in it.

The data is `events.json` beside this file; `make catalogue` builds it from the SDK packages.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from .. import names, organisation
from ..errors import UserError

Event = dict[str, Any]


@cache
def catalogue() -> dict[str, Any]:
    """Return the whole catalogue, read once per template checkout.

    A fork's `organisation/events.json`, of the same form, adds to it and wins over it.

    Raises:
        UserError: The fork's file cannot be read, or an event of it lacks what every event has.
    """
    data: dict[str, Any] = json.loads(Path(__file__).with_name("events.json").read_bytes())
    own = organisation.folder() / "events.json"
    if own.is_file():
        try:
            parts: dict[str, dict[str, Any]] = json.loads(own.read_bytes())
        except ValueError as error:
            raise UserError(f"organisation/events.json: {error}. Correct it.") from error
        held = [parts, *parts.values()] if isinstance(parts, dict) else [parts]
        if not all(isinstance(part, dict) for part in held):
            raise UserError("organisation/events.json: not an object that holds objects. Correct it.")
        for key, event in parts.get("events", {}).items():
            if not names.is_key(key) or not isinstance(event, dict):
                raise UserError(f"organisation/events.json: {key} is no event with its key. Correct it.")
            if missing := {"title", "slug", "payload"} - set(event):
                raise UserError(
                    f"organisation/events.json: {key} lacks {', '.join(sorted(missing))}. Add that."
                )
        data = {part: {**entries, **parts.get(part, {})} for part, entries in data.items()}
    return data


def find_event(wanted: str) -> Event:
    """Find one event by whatever a user may call it.

    Args:
        wanted: Its key (`crm.contacts.onContactCreated`), an unambiguous end of the key
            (`contacts.onContactCreated`, `onContactCreated`), or its slug (`wix.contacts.v4.contact_created`).

    Returns:
        The catalogue entry, with its `key`.

    Raises:
        UserError: No event or several are called so; the message names the nearest ones.
    """
    events: dict[str, Event] = catalogue()["events"]
    keys = called(wanted)
    if len(keys) == 1:
        return {"key": keys[0], **events[keys[0]]}
    if keys:
        raise UserError(f'event: "{wanted}" could be {names.joined(keys, "or")}. Give one of these.')
    if reason := catalogue()["unusable"].get(wanted):
        raise UserError(f'event: "{wanted}" cannot be used in a Wix app: {reason} Choose another one.')
    if wanted in catalogue()["removed"]:
        raise UserError(f'event: "{wanted}" is no longer published by the Wix SDK. Choose another one.')
    from .search import search  # It looks events up here.

    near = [key for key in events if f".{key}".lower().endswith(f".{wanted.lower()}")] or search(wanted, 5)
    hint = (
        f"; did you mean {names.joined(near, 'or')}?"
        if near
        else "; wix-events find <words> or docs/events.md tells what there is."
    )
    raise UserError(
        f'event: there is no "{wanted}" in the catalogue{hint} For one that only a newer SDK has, '
        "give package, namespace and handler instead."
    )


def called(wanted: str) -> list[str]:
    """Return the keys of the events that are called exactly so: by key, end of key or slug.

    Two exports of one event are one: the first answers for both.
    """
    events: dict[str, Event] = catalogue()["events"]
    if wanted in events:
        return [wanted]
    # A few events are called otherwise in the app's manifest than in the SDK; people copy either.
    keys = [
        key
        for key, event in events.items()
        if wanted in (event["slug"], event.get("webhook")) or key.endswith(f".{wanted}")
    ]
    return keys[:1] if len({events[key]["slug"] for key in keys}) == 1 else keys


def event_texts(key: str) -> Event:
    """Return what the catalogue says of a recorded event, or nothing if it never knew it.

    Args:
        key: The event's key, as recorded.

    Returns:
        Its entry, also when the SDK has since removed it; an empty mapping for a key that is unknown.
    """
    entry: Event = catalogue()["events"].get(key) or catalogue()["removed"].get(key) or {}
    return entry


def identity(key: str) -> str:
    """Return what two keys of one event have in common: the slug, or the key where the catalogue knows none."""
    return str(event_texts(key).get("slug", key))


def namesakes(key: str) -> list[str]:
    """Return the other events of the same product and title."""
    return [
        other
        for other in _titled()[key.split(".")[0], event_texts(key)["title"]]
        if identity(other) != identity(key)
    ]


def is_older(key: str) -> bool:
    """Tell whether there is the same event of a newer API, such as `plansV3` beside `plans`."""
    return any(_version(other) > _version(key) for other in namesakes(key))


def package_version(package: str) -> str | None:
    """Return the version of an SDK package that the catalogue was read from."""
    version: str | None = catalogue()["packages"].get(package)
    return version


def product_title(product: str) -> str:
    """Return a product's human title."""
    title: str = catalogue()["products"].get(product, product)
    return title


@cache
def _titled() -> dict[tuple[str, str], list[str]]:
    """Return the keys of the events by product and title."""
    titled: dict[tuple[str, str], list[str]] = {}
    for key, event in catalogue()["events"].items():
        titled.setdefault((key.split(".")[0], event["title"]), []).append(key)
    return titled


def _version(key: str) -> int:
    """Return the version of an event's API: from the namespace (`plansV3`) or the slug (`wix.challenges.v1.…`)."""
    found = re.search(r"V(\d+)$", key.split(".")[1]) or re.search(r"\.v(\d+)\.", identity(key))
    return int(found[1]) if found else 0
