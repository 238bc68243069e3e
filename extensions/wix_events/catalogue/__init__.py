"""Look up the events that the Wix SDK publishes.

The data is `events.json` and `samples.json` beside this file; `make catalogue` builds both from the SDK packages.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import UserError

Event = dict[str, Any]


@cache
def catalogue() -> dict[str, Any]:
    """Return the whole catalogue, read once per template checkout.

    A fork's `organisation/events.json`, of the same form, adds to it and wins over it.

    Raises:
        UserError: An event of the fork's lacks what every event has.
    """
    data: dict[str, Any] = json.loads(Path(__file__).with_name("events.json").read_bytes())
    own = Path(__file__).parents[3] / "organisation/events.json"
    if own.is_file():
        parts: dict[str, dict[str, Any]] = json.loads(own.read_bytes())
        for key, event in parts.get("events", {}).items():
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
    if wanted in events:
        return {"key": wanted, **events[wanted]}
    # A few events are called otherwise in the app's manifest than in the SDK; people copy either.
    keys = [
        key
        for key, event in events.items()
        if wanted in (event["slug"], event.get("webhook")) or key.endswith(f".{wanted}")
    ]
    # Two exports of one slug are one event, so either of them answers.
    if len({events[key]["slug"] for key in keys}) == 1:
        return {"key": keys[0], **events[keys[0]]}
    if keys:
        raise UserError(f'event: "{wanted}" could be {_either(keys)}. Give one of these.')
    if reason := catalogue()["unusable"].get(wanted):
        raise UserError(f'event: "{wanted}" cannot be used in a Wix app: {reason} Choose another one.')
    if wanted in catalogue()["removed"]:
        raise UserError(f'event: "{wanted}" is no longer published by the Wix SDK. Choose another one.')
    near = _nearest(wanted)
    hint = f"; did you mean {_either(near)}?" if near else "; docs/events.md lists them all."
    raise UserError(
        f'event: there is no "{wanted}" in the catalogue{hint} For one that only a newer SDK has, '
        "give package, namespace and handler instead."
    )


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
    """Return what makes two keys one event: the slug, or the key itself where the catalogue does not know it."""
    return str(event_texts(key).get("slug", key))


def products() -> dict[str, str]:
    """Return the titles of all products by the first part of their keys."""
    titles: dict[str, str] = catalogue()["products"]
    return titles


def event_sample(key: str) -> str:
    """Return a sample of an event as Wix sends it, as JSON text that a user can edit.

    Args:
        key: The event's key, as recorded.

    Returns:
        The webhook's `eventType` and its `data`. What is new in each delivery (`id`, `eventTime`) is left out: the script
        that sends the sample makes it. An event that the catalogue does not know has empty data.
    """
    data = _samples().get(key, {})
    if event_texts(key).get("domain") is not False:
        data = {name: value for name, value in data.items() if name not in ("id", "eventTime")}
    return _json_text({"eventType": event_texts(key).get("slug", key), "data": data})


@cache
def _samples() -> dict[str, Any]:
    """Return all samples by the events' keys, read once per template checkout."""
    samples: dict[str, Any] = json.loads(Path(__file__).with_name("samples.json").read_bytes())
    return samples


def _json_text(value: Any, indent: str = "", lead: int = 0) -> str:
    """Write JSON as Prettier does: objects broken, an array on one line where it fits.

    Args:
        value: What to write.
        indent: The indentation of the line it starts on.
        lead: How many columns stand before it on that line, and after it.
    """
    inner = indent + "  "
    if isinstance(value, dict) and value:
        items = [
            f"{inner}{json.dumps(key)}: {_json_text(item, inner, len(inner) + len(json.dumps(key)) + 3)}"
            for key, item in value.items()
        ]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        line = json.dumps(value, ensure_ascii=False)
        objects = any(isinstance(item, dict) and item for item in value)
        if not objects and lead + len(line) <= 80:
            return line
        items = [inner + _json_text(item, inner, len(inner) + 1) for item in value]
        return "[\n" + ",\n".join(items) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def package_version(package: str) -> str | None:
    """Return the version of an SDK package that the catalogue was read from."""
    version: str | None = catalogue()["packages"].get(package)
    return version


def product_choices(none: str | None, other: str) -> str:
    """Return the products to choose from, as the JSON list of pairs that Copier's `choices` takes.

    Args:
        none: What to call the choice of no product; without it there is none.
        other: What to call the choice of a package that the catalogue does not have.
    """
    products = sorted(catalogue()["products"].items(), key=lambda item: item[1].lower())
    choices = [[title, product] for product, title in products]
    return json.dumps(([[none, ""]] if none else []) + choices + [[other, "other"]])


def product_title(product: str) -> str:
    """Return a product's human title."""
    title: str = catalogue()["products"].get(product, product)
    return title


def event_choices(product: str, recorded: dict[str, str] | None = None) -> str:
    """Return a product's events to choose from, as the JSON list of pairs that Copier's `choices` takes.

    Args:
        product: The first part of their keys.
        recorded: The names of the app's events by slug; these events are marked.
    """
    events: dict[str, Event] = catalogue()["events"]
    found = sorted((event["title"], key) for key, event in events.items() if key.startswith(f"{product}."))
    choices = []
    for title, key in found:
        name = (recorded or {}).get(events[key]["slug"])
        # Some titles repeat within a product; the part of the key that tells them apart follows each.
        label = f"{title} ({key.split('.', 1)[1]})"
        choices.append([f"{label}: is in the app as {name}" if name else label, key])
    return json.dumps(choices)


def _nearest(wanted: str) -> list[str]:
    """Return up to five keys that look like what was wanted."""
    import difflib  # Only a wrong key needs it.

    events: dict[str, Event] = catalogue()["events"]
    names: dict[str, list[str]] = {}
    for key, event in events.items():
        for name in (key, key.split(".", 1)[1], key.rsplit(".", 1)[1], event["slug"]):
            names.setdefault(name.lower(), []).append(key)
    near = difflib.get_close_matches(wanted.lower(), names, n=5, cutoff=0.6)
    return list(dict.fromkeys(key for name in near for key in names[name]))[:5]


def _either(keys: list[str]) -> str:
    """Join keys for a sentence."""
    return keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} or {keys[-1]}"
