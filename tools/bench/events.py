"""The events that the benchmark adds."""

from __future__ import annotations

from typing import Any

from wix_events import catalogue

EVENT = "crm.contacts.onContactCreated"


def from_catalogue(count: int) -> list[str]:
    """Return events from all over the catalogue whose names differ."""
    keys = [key for key in catalogue.catalogue()["events"] if key.startswith(("crm.", "ecom.", "events."))]
    chosen = sorted({key.rsplit(".", 1)[1]: key for key in keys}.values())
    return chosen[:: len(chosen) // count][:count]


def unknown(count: int) -> list[dict[str, Any]]:
    """Return requests for events that no catalogue has, so that there can be any number of them."""
    return [
        {"package": "@wix/crm", "namespace": "contacts", "handler": f"onBench{number}Happened"}
        for number in range(1, count + 1)
    ]
