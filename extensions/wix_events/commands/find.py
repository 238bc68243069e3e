"""Look up the events that Wix publishes, by what happens or by name. Needs neither an app nor a network."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from .. import catalogue, names
from ..checkout import address
from ..errors import UserError
from ..terminal import Style, print_json, stylist, wrapped

_EXAMPLES = """\
examples:
  wix-events find order paid       events that match, best first
  wix-events find customer deleted --json
  wix-events find ecom.orders.onOrderApproved
                                   everything about one, with a sample
  wix-events find wix.ecom.v1.order_approved
                                   the same, by its slug

Exit code 0: found; 1: nothing matches; 2: wrong usage.
"""
_MATCHES = 10
_WIDTH = 80
_PAYLOADS = {
    "entity": "event.entity, event.metadata",
    "data": "event.data, event.metadata",
    "metadata": "event.metadata",
    "modified": "event.entity, event.modifiedFields, event.metadata",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `wix-events find`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("words", nargs="+", help="what happens, part of a name, or an event's key or slug")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print a list of objects: key, title, product, fires, payload, slug, scopes, deprecated, add; "
        "for a key or slug the one object has package, namespace, handler, webhook, link and sample, too",
    )


def run(options: argparse.Namespace) -> int:
    """Print the events that match, or everything about the one that is called so.

    Args:
        options: What `add_arguments` declares.

    Returns:
        0 where there is a match.

    Raises:
        UserError: Nothing matches.
    """
    text = " ".join(options.words)
    key = _exact(text)
    found = [_details(key)] if key else [_match(each) for each in catalogue.search(text, _MATCHES)]
    if not found:
        if options.json:
            print_json(found)
        raise UserError(
            f'No event matches "{text}". Try fewer or other words; docs/events.md of the template lists all events.'
        )
    if options.json:
        print_json(found)
    elif key:
        print("\n".join(_page(found[0], stylist())))
    else:
        print("\n\n".join("\n".join(_entry(match, stylist())) for match in found))
    return 0


def _exact(text: str) -> str | None:
    """Return the key of the one event that is called so, None where it is not one.

    Raises:
        UserError: There was such an event, or the SDK has it and the Wix build does not take it.
    """
    try:
        return str(catalogue.find_event(text)["key"])
    except UserError:
        if any(text in catalogue.catalogue()[part] for part in ("removed", "unusable")):
            raise
        return None


def _match(key: str) -> dict[str, Any]:
    """Return what is shown of an event among others."""
    event = catalogue.event_texts(key)
    return {
        "key": key,
        "title": event["title"],
        "product": catalogue.product_title(key.partition(".")[0]),
        "fires": event.get("description", ""),
        "payload": event["payload"],
        "slug": event["slug"],
        "scopes": event.get("permissions", []),
        "deprecated": event.get("deprecated"),
        "add": f"copier copy --trust --defaults -d event={key} {address()} .",
    }


def _details(key: str) -> dict[str, Any]:
    """Return everything about an event."""
    event = catalogue.event_texts(key)
    package, namespace, handler = names.key_parts({"event": key})
    return {
        **_match(key),
        "package": event.get("package", package),
        "namespace": namespace,
        "handler": handler,
        "webhook": event.get("webhook", event["slug"]),
        "link": event.get("link"),
        "sample": json.loads(catalogue.event_sample(key)),
    }


def _entry(match: dict[str, Any], style: Style) -> Iterator[str]:
    """Yield the lines on an event among others."""
    scopes = match["scopes"]
    scope = _scope(scopes[0]) if scopes else "none named by Wix"
    if len(scopes) > 1:
        scope += f", or one of {len(scopes) - 1} others" if len(scopes) > 2 else ", or one other"
    yield style(match["key"], "bold")
    yield from _wrapped(f"{match['title']} ({match['product']}). {match['fires']}", "  ")
    if match["deprecated"] is not None:
        yield from _wrapped(style(catalogue.deprecation(match["key"]), "yellow"), "  ")
    yield f"  payload: {match['payload']} ({_PAYLOADS[match['payload']]})"
    yield from _wrapped(f"scope: {scope}", "  ", "    ")
    yield f"  {match['add']}"


def _page(event: dict[str, Any], style: Style) -> Iterator[str]:
    """Yield the lines on one event."""
    yield style(f"{event['title']} ({event['product']})", "bold")
    yield from _wrapped(event["fires"], "")
    if event["deprecated"] is not None:
        yield from _wrapped(style(catalogue.deprecation(event["key"]), "yellow"), "")
    yield ""
    yield f"key      {event['key']}"
    yield f"slug     {event['slug']}"
    if event["webhook"] != event["slug"]:
        yield f"webhook  {event['webhook']} (in the app's manifest)"
    yield f'import   import {{ {event["namespace"]} }} from "{event["package"]}";'
    yield f"listen   {event['namespace']}.{event['handler']}(async (event) => {{ … }})"
    yield f"payload  {event['payload']}: {_PAYLOADS[event['payload']]}"
    if event["link"]:
        yield f"page     {event['link']}"
    yield ""
    yield "Scopes, any one of:" if event["scopes"] else "Wix names no scope for it."
    yield from (f"  {_scope(scope)}" for scope in event["scopes"])
    yield ""
    yield "Add it to the app in this folder:"
    yield f"  {event['add']}"
    yield ""
    yield "What Wix sends, for example:"
    yield catalogue.event_sample(event["key"])


def _scope(scope: dict[str, str]) -> str:
    """Name a scope: three are called Read Orders, so the id says which."""
    return f"{scope['name']} ({scope['id']})"


def _wrapped(text: str, indent: str, then: str | None = None) -> list[str]:
    """Break a text into lines that fit a terminal; a word that is too long, such as a key, stays whole."""
    return wrapped(text, indent, indent if then is None else then, _WIDTH) if text else []
