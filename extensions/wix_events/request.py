"""What a run is asked for: by `-d`, by a data file, or in the dialogue."""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import yaml

from . import catalogue, names, record
from .errors import UserError

EVENT_KEYS = ("event", "name", "package", "namespace", "handler", "payload")
OPTIONS = ("elevate", "idempotent")
"""What new handlers may get. One that is true is recorded with the event, and `template/` sees it as `entry.<option>`."""
LIST_KEYS = ("event", "remove", "rename")
YES_OR_NO_KEYS = (*OPTIONS, "trigger", "validate", "adopt")
TEXT_KEYS = ("name", "package", "namespace", "handler", "payload", "events_dir")
DIALOGUE_KEYS = ("find", "match", "product", "pick", "confirm")
"""What is answered at the keyboard only."""

_BOTH = "event: give either event, or package, namespace and handler, not both."


@dataclass(frozen=True)
class Wanted:
    """One event that a run is asked for.

    Attributes:
        event: Its key.
        name: What it is to be called.
        named: Whether the user gave that name; a default one gives way to the name that is recorded.
        facts: What its record needs beside: `payload`, and `package` where the key does not tell it.
    """

    event: str
    name: str
    named: bool
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """What a run is asked for.

    Attributes:
        events: The events to add, or to put back.
        remove: Names of recorded events to remove.
        rename: Pairs of old and new name.
        events_dir: The folder that is asked for, None where none is.
        trigger: Whether events shall be tried locally, None where nothing is said.
        options: What new handlers get: `elevate`, `idempotent`.
        given: What was given in this run, and is no default.
        adopt: Whether to record the events that the app has already.
        validate: Whether to install, type-check and build in the end.
    """

    events: Sequence[Wanted]
    remove: Sequence[str]
    rename: Sequence[tuple[str, str]]
    events_dir: str | None
    trigger: bool | None
    options: Mapping[str, bool]
    given: Collection[str]
    adopt: bool
    validate: bool


_ONES_OF_THEIR_OWN = {field.name for field in fields(Request)} - {"events", "options", "given"}
KEYS = frozenset([*EVENT_KEYS, *OPTIONS, *_ONES_OF_THEIR_OWN])
"""What may be given: all that a `Request` is made of, and nothing else."""


def read(
    answers: Mapping[str, Any],
    data: Mapping[str, Any],
    chosen: Sequence[str],
    recorded: Sequence[names.Event] = (),
) -> Request:
    """Read what a run is asked for.

    Args:
        answers: All answers: those of the dialogue, and defaults.
        data: What was given in this run. Only that counts for what changes or removes events: a line that someone has
            written into the answers file asks for nothing.
        chosen: The keys of the events that were chosen in the dialogue.
        recorded: The app's events, which may be asked for whatever the catalogue knows.

    Raises:
        UserError: Something in it cannot be; it says which key.
    """
    return Request(
        events=_wanted_events(data, answers, chosen, recorded),
        remove=_names("remove", data.get("remove")),
        rename=[_pair(text) for text in _names("rename", data.get("rename"))],
        events_dir=events_dir(data.get("events_dir")),
        trigger=_yes_or_no("trigger", data["trigger"]) if "trigger" in data else None,
        options={key: True for key in OPTIONS if _yes_or_no(key, answers.get(key))},
        given=data.keys(),
        adopt=_yes_or_no("adopt", data.get("adopt")),
        validate=_yes_or_no("validate", data.get("validate")),
    )


def check(data: Mapping[str, Any], answers_file: str) -> None:
    """Refuse what was given and is no question, or that Copier itself would end on with a traceback.

    Args:
        data: What was given with `-d` or a data file.
        answers_file: The answers file's name, for messages.

    Raises:
        UserError: A key is unknown or part of the record, or a value is of the wrong kind.
    """
    for key, value in data.items():
        if key in record.KEYS or key == "plan":
            raise UserError(
                f"{key}: this is part of the record in {answers_file} and cannot be given. To add events, give event=… "
                "(one or a list)."
            )
        if key in DIALOGUE_KEYS:
            raise UserError(f"{key}: this is only asked in the dialogue. Give event=… instead.")
        if key not in KEYS:
            near = difflib.get_close_matches(key.lower(), sorted(KEYS), n=1, cutoff=0.5)
            if near:
                raise UserError(f"{key}: there is no such question; did you mean {near[0]}? Give that.")
            raise UserError(f"{key}: there is no such question. Give one of {', '.join(sorted(KEYS))}.")
        if value is None:
            raise UserError(f"{key}: has no value. Give one, or leave it out.")
        if key in TEXT_KEYS and not isinstance(value, (str, int, float)):
            raise UserError(f"{key}: {value!r} is not text. Give it as text.")
        if key in YES_OR_NO_KEYS:
            _yes_or_no(key, value)
        if key in LIST_KEYS and isinstance(value, str):
            _items(key, value)
    events_dir(data.get("events_dir"))


def as_words(asked: Request, data: Mapping[str, Any], *, by_parts: bool = False) -> str:
    """Return what a run is asked for as words of a command line, also what was picked in the dialogue.

    Args:
        asked: What it is asked for.
        data: What was given with `-d` or a data file.
        by_parts: Whether to name events by package, namespace and handler, for a version whose catalogue may not know them.
    """
    given = {key: value for key, value in data.items() if key in KEYS.difference(EVENT_KEYS)}
    items = [_as_item(wanted, by_parts) for wanted in asked.events]
    if len(items) == 1:
        given = {**items[0], **given}
    elif items:
        simple = all(set(item) == {"event"} for item in items)
        given = {"event": ",".join(item["event"] for item in items) if simple else json.dumps(items), **given}
    return " ".join(f"-d {shlex.quote(f'{key}={_as_text(value)}')}" for key, value in given.items())


def _as_item(wanted: Wanted, by_parts: bool) -> dict[str, str]:
    """Return one event as an item of a request."""
    if not by_parts and catalogue.event_texts(wanted.event):
        item = {"event": wanted.event}
    else:
        parts = names.key_parts({"event": wanted.event, **wanted.facts})
        item = {**dict(zip(names.PARTS, parts, strict=True)), **wanted.facts}
    return {**item, "name": wanted.name} if wanted.named else item


def _as_text(value: Any) -> str:
    """Return a value as a command line has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def is_given(data: Mapping[str, Any]) -> bool:
    """Tell whether the command itself says what to do, so that no dialogue is needed to find an event."""
    return bool(KEYS.difference(("name", "events_dir", *OPTIONS, "validate")) & set(data))


def events_dir(value: Any) -> str | None:
    """Read the folder that is asked for.

    Args:
        value: What was given.

    Raises:
        UserError: It cannot be one.
    """
    if value in (None, ""):
        return None
    if value not in names.EVENTS_DIRS:
        raise UserError(
            f"events_dir: {value!r} is no folder for events. Give {' or '.join(names.EVENTS_DIRS)}."
        )
    return str(value)


def _yes_or_no(key: str, value: Any) -> bool:
    """Read a yes-or-no request, in the words that Copier and YAML take."""
    if value in (None, "", False):
        return False
    if value is True or str(value).lower() in {"true", "yes", "y", "t", "1", "on"}:
        return True
    if str(value).lower() in {"false", "no", "n", "f", "0", "off"}:
        return False
    raise UserError(f"{key}: {value!r} is neither true nor false. Give one of the two.")


def _items(key: str, value: Any) -> list[Any]:
    """Read a list: one, text with commas, or YAML in brackets as a command line has it."""
    if value in (None, ""):
        return []
    if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UserError(
                f"{key}: {value!r} is not a list. Give one, or several with commas between them."
            ) from error
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value if isinstance(value, list) else [value]


def _names(key: str, value: Any) -> list[str]:
    """Read a request that names recorded events."""
    items = _items(key, value)
    if not all(isinstance(item, str) and item for item in items):
        raise UserError(
            f"{key}: {value!r} is not a name or a list of names. Give names, with commas between them."
        )
    return list(dict.fromkeys(items))


def _pair(text: str) -> tuple[str, str]:
    """Read one `old:new`."""
    old, separator, new = text.partition(":")
    if not separator:
        raise UserError(f'rename: "{text}" is not of the form old:new. Give both names.')
    if problem := names.name_problem(new):
        raise UserError(f'rename: "{new}" {problem}.')
    return old, new


def _wanted_events(
    data: Mapping[str, Any],
    answers: Mapping[str, Any],
    chosen: Sequence[str],
    recorded: Sequence[names.Event],
) -> list[Wanted]:
    """Turn what the user asks for into events."""
    given = data.get("event")
    items = [*_items("event", given), *chosen]
    # Asked for in the dialogue, or given.
    parts = {key: answers[key] for key in names.PARTS if answers.get(key) not in (None, "")}
    if parts and items:
        raise UserError(_BOTH)
    if parts:
        items = [{**parts, "payload": data.get("payload")}]
    name = answers.get("name")
    if name not in (None, ""):
        if len(items) != 1:
            raise UserError(
                "name: goes with one event. In a list, write each as {event: …, name: …}."
                if items
                else "name: there is no event to call so. Give event, too."
            )
        items = [{**(items[0] if isinstance(items[0], dict) else {"event": items[0]}), "name": name}]
    known = {event["event"]: {**event, "key": event["event"]} for event in recorded}
    return [_wanted(item, known) for item in items]


def _wanted(item: Any, known: Mapping[str, names.Event]) -> Wanted:
    """Turn one item of a request into an event."""
    if isinstance(item, str):
        item = {"event": item}
    if not isinstance(item, dict) or not set(item) <= set(EVENT_KEYS):
        raise UserError(
            f"event: {item!r} is not an event's key, nor a mapping of {', '.join(EVENT_KEYS)}. Give one of the two."
        )
    if "event" in item:
        if any(item.get(part) not in (None, "") for part in names.PARTS):
            raise UserError(_BOTH)
        if not isinstance(item["event"], str):
            raise UserError(
                f"event: {item['event']!r} is not text. Give an event's key, such as crm.contacts.onContactCreated."
            )
        wanted = item["event"].strip()
        entry = known.get(wanted) or catalogue.find_event(wanted)
        key = str(entry["key"])
        facts: dict[str, str] = {fact: entry[fact] for fact in ("payload", "package") if fact in entry}
    else:
        key, facts = _by_parts(item)
    name = item.get("name")
    named = name not in (None, "")
    name = name if named else names.default_name(key)
    if problem := names.name_problem(name):
        raise UserError(f'name: "{name}" {problem}.')
    return Wanted(key, str(name), named, facts)


def _by_parts(item: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the key of an event that is given by its parts, and what its record needs beside."""
    package, namespace, handler = (item.get(part) for part in names.PARTS)
    if missing := [part for part in names.PARTS if item.get(part) in (None, "")]:
        raise UserError(f"{' and '.join(missing)}: not given. Give package, namespace and handler together.")
    if problem := names.import_problem(package, namespace, handler):
        raise UserError(f"{problem.replace(' ', ': ', 1)}. Give package, namespace and handler.")
    payload = item.get("payload") or "metadata"
    if payload not in names.PAYLOADS:
        raise UserError(
            f"payload: {payload!r} is no kind of payload. Give one of {', '.join(names.PAYLOADS)}."
        )
    short = str(package).removeprefix("@wix/")
    facts = {"payload": str(payload)}
    if "/" in short or not str(package).startswith("@wix/"):
        facts["package"] = str(package)
    return f"{short}.{namespace}.{handler}", facts
