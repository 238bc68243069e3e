"""Samples of what Wix sends, from `samples.json` beside this file, which `make catalogue` builds from the SDK's typings."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from .events import event_texts

# Who did it, as every published payload says (@wix/sdk: `identity` of the webhook's data). Here, somebody of the site's team.
_IDENTITY = {"identityType": "WIX_USER", "wixUserId": "55555555-5555-4555-8555-555555555555"}


def event_sample(key: str) -> str:
    """Return a sample of an event as Wix sends it, as JSON text that a user can edit.

    Args:
        key: The event's key, as recorded.

    Returns:
        The webhook's `eventType`, the `identity` that its envelope carries, and its `data`. What is new in each delivery
        (`id`, `eventTime`) is left out: the script that sends the sample makes it. An event that the catalogue does not
        know has empty data.
    """
    data = _samples().get(key, {})
    if event_texts(key).get("domain") is not False:
        data = {name: value for name, value in data.items() if name not in ("id", "eventTime")}
    return _json_text({"eventType": event_texts(key).get("slug", key), "identity": _IDENTITY, "data": data})


@cache
def _samples() -> dict[str, Any]:
    """Return all samples by the events' keys, read once per template checkout."""
    samples: dict[str, Any] = json.loads(Path(__file__).with_name("samples.json").read_bytes())
    return samples


def _json_text(value: Any, indent: str = "", lead: int = 0) -> str:
    """Write JSON as Prettier does, objects broken, an array on one line where it fits; `lead` columns stand around it there."""
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
