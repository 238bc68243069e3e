"""What a run does, as the dialogue shows it before and the closing message says it in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from . import catalogue, files, guards, names, package_json
from .draft import Draft
from .once import once_files
from .rendering import Plan, rendered
from .request import Request


def of(
    draft: Draft, asked: Request, moves: Sequence[tuple[str, str]], paths: Sequence[str], answers_file: str
) -> Plan:
    """Return what is said of a run.

    Args:
        draft: What the plan was made of.
        asked: What the run is asked for.
        moves: Pairs of old and new name.
        paths: The files that are rendered.
        answers_file: The answers file.

    Returns:
        The names of events by what becomes of them (`added`, `kept`, …, and `ended`, added though Wix has announced their end);
        `missing`, lost files by event; `moves`; `adopting`; `write`, the files that a copy makes; `unused`, packages that
        removed events needed; `script`, the npm script that tries an event; `digests`, what the files are before the run, by where
        they are after it; and `notes`.
    """
    # What was rendered once and is no more: of removed events, and what tried events locally.
    gone = filter(draft.exists, rendered(draft.before)["files"] if draft.before else ())
    place = dict(zip(paths, _after(draft, asked, moves), strict=True)) if moves else {}
    return {
        **{fate: getattr(draft, fate) for fate in ("added", "kept", "dropped", "followed", "adopted")},
        "removed": [(event["name"], draft.keeps_files(event)) for event in draft.removed],
        "ended": _ended(draft),
        "missing": _missing(draft),
        "moves": moves,
        "adopting": asked.adopt,
        "write": draft.write,
        "unused": _unused(draft),
        "script": package_json.script_name(draft.root),
        "digests": {
            place.get(path, path): files.digest(draft.root / path)
            for path in [*paths, *gone, *draft.shared, answers_file]
        },
        "notes": [
            *draft.notes,
            *_for_new_handlers(draft, asked),
            *guards.foreign_faults(draft.app, draft.events, draft.events_dir),
        ],
    }


def _after(draft: Draft, asked: Request, moves: Sequence[tuple[str, str]]) -> list[str]:
    """Return where the rendered files are once events have moved, in the order in which they are rendered."""
    renamed = dict(moves)
    events = [{**event, "name": renamed.get(event["name"], event["name"])} for event in draft.events]
    made = replace(draft, events=events, events_dir=asked.events_dir or draft.events_dir)
    return [*rendered(made)["files"]]


def _ended(draft: Draft) -> list[str]:
    """Return the added events that Wix has announced to be gone by now."""
    today = date.today().isoformat()
    ends = {
        event["name"]: catalogue.event_texts(event["event"]).get("deprecated", {}) for event in draft.events
    }
    return [name for name in draft.added if ends[name].get("until", today) < today]


def _missing(draft: Draft) -> dict[str, list[str]]:
    """Return files that were lost, by the name of an event that makes them again; an update makes none."""
    own = [event for event in draft.own() if event["name"] not in draft.added]
    missing = {event["name"]: draft.missing(draft.files_of(event)[:2]) for event in own}
    if draft.before and draft.before.once:
        for event in [event for event in own if event.get("idempotent")][:1]:
            missing[event["name"]] += draft.missing(once_files(draft.events_dir).values())
    return {name: each for name, each in missing.items() if each}


def _unused(draft: Draft) -> list[str]:
    """Return the packages that removed events needed and no event of the record does."""
    needed = {names.key_parts(event)[0] for event in draft.events}
    return sorted(
        {names.key_parts(event)[0] for event in draft.removed if not names.is_adopted(event)} - needed
    )


def _for_new_handlers(draft: Draft, asked: Request) -> list[str]:
    """Say of options that were given for events which are there that those are for new handlers."""
    return [
        f"{name}: {option} is for handlers that are new, so this one stays as it is. README.md shows how to do it by hand."
        for option in asked.options
        for event in draft.events
        if (name := event["name"]) in draft.kept and not event.get(option) and option in asked.given
    ]
