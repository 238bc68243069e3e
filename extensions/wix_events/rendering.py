"""What of a plan the files of `template/` and `copier.yml` use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from . import names
from .once import once_files
from .record import Record

Plan = dict[str, Any]
RECORDED = tuple(field.name for field in fields(Record))
Render = Callable[[str, Mapping[str, Any]], str]
"""Renders a template file, told by what stands in its name, with some more variables."""


def rendered(made: Record) -> Plan:
    """Return what is rendered of a record."""
    own = names.own(made.events)
    entries = [
        {
            **event,
            "builder": names.builder_path(event, made.events_dir),
            "handler": names.handler_path(event, made.events_dir),
            "sample": names.sample_path(event, made.events_dir) if made.trigger else "",
        }
        for event in own
    ]
    once = once_files(made.events_dir) if made.once else {}
    files = [path for event in own for path in names.event_files(event, made.events_dir, made.trigger)]
    return {
        **{key: getattr(made, key) for key in RECORDED},
        "rendered": entries,
        "once_files": once,
        "files": [*files, *once.values(), *([names.SCRIPT] if made.trigger else [])],
        "refused": {},
        "idle": False,
        "changes": {},
        "validate": False,
    }
