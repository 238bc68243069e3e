"""What a merge of two branches leaves in a record where both sides' lines were kept."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from . import names
from .names import Event


def without_left_names(root: Path, events_dir: str, events: Sequence[Event]) -> list[Event]:
    """Leave out the names that events have no longer: one branch renamed an event while another kept its line.

    Args:
        root: The app's folder.
        events_dir: Where its events are.
        events: What the record has.

    Returns:
        The events. Of those that are one event with one id, the only one whose files are there; all of them where that does
        not tell which is meant.
    """

    def is_there(event: Event) -> bool:
        paths = names.builder_path(event, events_dir), names.handler_path(event, events_dir)
        return any(os.path.lexists(root / path) for path in paths)

    alike: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        alike.setdefault(_identity(event), []).append(event)
    kept: list[Event] = []
    for event in events:
        same = alike[_identity(event)]
        there = [each for each in same if is_there(each)] if len(same) > 1 else same
        if len(there) != 1 or there[0] is event:
            kept.append(event)
    return kept


def _identity(event: Event) -> tuple[str, str]:
    return event["event"], event["id"].lower()
