"""Search the catalogue."""

from __future__ import annotations

from . import catalogue


def search(text: str, limit: int) -> list[str]:
    """Return the keys of the events that match a text, best first."""
    words = text.lower().split()
    found = [
        key
        for key, event in catalogue()["events"].items()
        if all(word in f"{key} {event['title']} {event['description']}".lower() for word in words)
    ]
    return found[:limit]
