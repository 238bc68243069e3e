"""The lists that the dialogue offers, and how an event is called there."""

from __future__ import annotations

import json
import re
import textwrap

from .events import Event, catalogue, event_texts, identity, is_older, namesakes, product_title
from .search import search

# A terminal of 80 columns, less what Copier puts before a choice.
WIDTH = 72
_BELOW = " " * 7


def product_choices(none: str | None, other: str) -> str:
    """Return the products to choose from, as the JSON list of pairs that Copier's `choices` takes.

    Args:
        none: What to call the choice of no product; without it there is none.
        other: What to call the choice of a package that the catalogue does not have.
    """
    products = sorted(catalogue()["products"].items(), key=lambda item: item[1].lower())
    choices = [[title, product] for product, title in products]
    return json.dumps(([[none, ""]] if none else []) + choices + [[other, "other"]])


def event_choices(product: str, recorded: dict[str, str]) -> str:
    """Return a product's events to choose from, as the JSON list of pairs that Copier's `choices` takes.

    Args:
        product: The first part of their keys.
        recorded: The names of the app's events by slug; these events are marked.
    """
    events: dict[str, Event] = catalogue()["events"]
    keys = [key for key in events if key.startswith(f"{product}.")]
    labels = {key: choice_label(key, name=recorded.get(identity(key))) for key in keys}
    return json.dumps(sorted([label, key] for key, label in labels.items()))


def match_choices(text: str, recorded: dict[str, str]) -> list[list[str]]:
    """Return the events that a text may mean, best first, as pairs of label and key.

    Args:
        text: What a person typed.
        recorded: The names of the app's events by slug; these events are marked.
    """
    return [[choice_label(key, name=recorded.get(identity(key)), alone=True), key] for key in search(text)]


def choice_label(key: str, *, name: str | None = None, alone: bool = False) -> str:
    """Return what to call an event in a list: its title, and what a user has to know to choose.

    A label is cut between words; that of a deprecated event goes on below, since that it is, until when, and what to use
    instead are all needed to choose.

    Args:
        key: The event's key.
        name: The event's name in the app, if it is there.
        alone: Whether other products' events are in the list too: then product, and when the event fires, are said.

    Returns:
        `Order Created (Restaurants): deprecated, ends 2025-09-30, use Order Created (eCommerce)`, for instance.
    """
    event = event_texts(key)
    product = key.split(".")[0]
    parts = [f"is in the app as {name}"] if name else []
    if difference := _difference(key):
        parts.append(difference)
    said = re.match(r"Triggered ((when|for|after|before|by|on|if)\b.*)\.$", event.get("description", ""))
    if alone and said and not name:
        parts.append(said[1])
    title = _title(key) + (f" ({product_title(product)})" if alone else "")
    label = textwrap.wrap(
        ": ".join([title, "; ".join(parts)]) if parts else title,
        WIDTH,
        subsequent_indent=_BELOW,
        break_on_hyphens=False,
        max_lines=3 if "deprecated" in event else 1,
        placeholder="…",
    )
    return re.sub(r"[,:;]…$", "…", "\n".join(label))


def deprecation(key: str) -> str:
    """Say in a sentence that an event is deprecated, until when, and what to use instead; say nothing if it is not."""
    deprecated = event_texts(key).get("deprecated")
    if deprecated is None:
        return ""
    until, successor = deprecated.get("until"), deprecated.get("replacedBy")
    return (
        "Deprecated"
        + (f", to be removed after {until}" if until else "")
        + (f"; use {successor} instead" if successor else "")
        + "."
    )


def _difference(key: str) -> str:
    """Return what tells an event from those of the same title, if that says something to a user."""
    event = event_texts(key)
    if "deprecated" in event:
        until, successor = event["deprecated"].get("until"), event["deprecated"].get("replacedBy")
        texts = event_texts(successor or "")
        use = texts and _title(successor)
        if use and successor.split(".")[0] != key.split(".")[0]:
            use = f"{use} ({product_title(successor.split('.')[0])})"
        return ", ".join(
            ["deprecated", *([f"ends {until}"] if until else []), *([f"use {use}"] if use else [])]
        )
    if event.get("same", [key])[0] < key:
        return f"the same event as {event['same'][0].split('.', 1)[1]}"
    if is_older(key):
        return "the older version"
    return ""


def _title(key: str) -> str:
    """Return an event's title, with the version of its API if others are called the same."""
    title: str = event_texts(key)["title"]
    version = re.search(r"V\d+$", key.split(".")[1])
    return f"{title} {version[0]}" if version and namesakes(key) else title
