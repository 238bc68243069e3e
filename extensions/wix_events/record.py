"""The answers file: the record of an app's events. Read it, check it, bring it to today's schema, write it.

Its form is the template's own. `_commit` and `_src_path` are Copier's
(https://copier.readthedocs.io/en/stable/configuring/#the-copier-answersyml-file); the rest is what `text` writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from . import files, names
from .errors import UserError
from .merges import without_left_names
from .names import Event

DEFAULT_FILE = ".copier-answers.yml"
SCHEMA = 1
"""The record's schema. A change adds a function to `_MIGRATIONS`."""

_MIGRATIONS: dict[int, Callable[[list[Event]], list[Event]]] = {}
"""For each schema number, the function that brings a record from the schema before it. A released one never changes."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORD = r"[A-Za-z][A-Za-z0-9_]*"
# What YAML would take for something else than text.
_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
# https://yaml.org/spec/1.1/#nb-char, the line separators and the byte-order mark left out too.
_UNPRINTABLE = (
    "[^\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)
_HEAD = "# Written by Copier: this is the record of the app's events. Do not edit it, run copier instead."
_OURS = re.compile(rb"^(# Written by Copier: this is the record|events:|events_dir:)", re.MULTILINE)
_RESTORE = "Restore it from version control"
KEYS = ("events", "schema", "builders", "import_suffix", "once")
"""What only the template writes; `events_dir` and `trigger` are recorded, too, but may be given."""


@dataclass
class Record:
    """What an answers file says.

    Attributes:
        file: Its path, relative to the app, for messages.
        events: The events, sorted by name.
        events_dir: The folder of the events.
        trigger: Whether events can be tried on the local dev server.
        builders: The package that builders are imported from.
        import_suffix: What TypeScript asks the app's relative imports to end with, see `reader.App.files`.
        once: The id and namespace of the collection of handled events, if the app has one.
        version: The template's version that the app's files are of, None where Copier could tell none.
        address: The template's address.
    """

    file: str
    events: Sequence[Event]
    events_dir: str
    trigger: bool = False
    builders: str = names.BUILDERS
    import_suffix: str = ""
    once: Mapping[str, str] | None = None
    version: str | None = None
    address: str | None = None


def read(app: Path, file: str) -> Record | None:
    """Read an answers file.

    Args:
        app: The app's folder.
        file: The answers file, relative to it.

    Returns:
        The record, brought to today's schema; None where there is no such file.

    Raises:
        UserError: It cannot be read, is damaged, another template's, or names one event, name or id twice.
    """
    try:
        content = files.read(app / file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    found = of_answers(_parse(content, file), file)
    found.events = tuple(without_left_names(app, found.events_dir, found.events))
    _check_unique(found.events, file)
    return found


def read_named(app: Path, file: str) -> Record:
    """Read an answers file that somebody has named, see `read`.

    Raises:
        UserError: As `read`, or it is not there.
    """
    found = read(app, file)
    if found is None:
        raise UserError(f"{file}: there is no such file. Name an answers file of the app in this folder.")
    return found


def of_answers(answers: Mapping[str, Any], file: str) -> Record:
    """Check recorded answers and bring them to today's schema.

    Args:
        answers: What an answers file holds.
        file: Its name, for messages.

    Raises:
        UserError: They are damaged. That they name an event, a name or an id twice is found by `read`, which knows the app.
    """
    return Record(
        file=file,
        events=tuple(_events(answers.get("events"), answers.get("schema"), file)),
        events_dir=_setting(answers, file, "events_dir", None, names.EVENTS_DIRS),
        trigger=_setting(answers, file, "trigger", False, (True, False)),
        builders=_setting(answers, file, "builders", names.BUILDERS, (names.BUILDERS, names.CUSTOM_BUILDERS)),
        import_suffix=_setting(answers, file, "import_suffix", "", ("", ".js")),
        once=_once(answers.get("once"), file),
        version=_text_or_none(answers.get("_commit")),
        address=_text_or_none(answers.get("_src_path")),
    )


def find(app: Path) -> list[str]:
    """Return the names of an app's answers files that this template wrote, damaged ones included."""
    found = {path.name: files.read_if_possible(path) for path in sorted(app.glob(".copier-answers*.yml"))}
    return [name for name, content in found.items() if content is not None and _is_ours(content)]


def _is_ours(content: bytes) -> bool:
    """Tell whether this template wrote an answers file, also where that was cut short."""
    return not content.strip() or bool(_OURS.search(content))


def event_lines(content: bytes) -> dict[str, int]:
    """Return the line of each event in the text of an answers file, by the event's name."""
    root = yaml.compose(content, Loader=_LOADER)
    events = next((value for key, value in root.value if key.value == "events"), None) if root else None
    return {
        value.value: value.start_mark.line + 1
        for entry in (events.value if events else ())
        for key, value in entry.value
        if key.value == "name"
    }


def text(record: Record) -> str:
    """Write an answers file.

    One event is one line and lines are sorted by name, so that two branches which each add an event merge in git. Were it
    several lines, git would take those that two new events share, such as their payload, out of the conflict, and keeping
    both sides would leave one event without them. The schema comes last: a file that was cut short lacks it.

    Returns:
        YAML. Whatever is not a plain word is written as JSON, which is YAML too.
    """
    head = {
        "_commit": record.version,
        "_src_path": record.address,
        "events_dir": record.events_dir,
        "trigger": record.trigger,
        "builders": record.builders if record.builders != names.BUILDERS else None,
        "import_suffix": record.import_suffix or None,
        "once": dict(record.once) if record.once else None,
    }
    first = ("name", "event", "id")
    events = [
        f"  - {{{', '.join(f'{key}: {_scalar(event[key])}' for key in [*first, *sorted(event.keys() - first)])}}}"
        for event in sorted(record.events, key=lambda event: str(event["name"]))
    ]
    return "\n".join(
        [
            _HEAD,
            *(f"{key}: {_scalar(value)}" for key, value in head.items() if value is not None),
            # Without the comment Prettier would break the lines.
            *("# prettier-ignore", "events:" if events else "events: []", *events),
            f"schema: {SCHEMA}\n",
        ]
    )


# --- reading ---------------------------------------------------------------------------------------------------------


class _Loader(_LOADER):  # type: ignore[misc,valid-type]
    """YAML's safe loader, but a key that stands twice in a mapping is an error: YAML would silently take the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        """Build a mapping."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "key not text", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'"{key.value}" stands there twice', key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _parse(content: bytes, file: str) -> dict[str, Any]:
    """Parse the text of an answers file of this template."""
    try:
        source = content.decode()
    except UnicodeDecodeError as error:
        raise UserError(f"{file} is not UTF-8 text. {_RESTORE}.") from error
    if number := files.conflict_line(content):
        raise UserError(
            f"{file}:{number}: conflict markers of a merge. Resolve them (keep the events of both sides) and run again."
        )
    if not _is_ours(content):
        raise UserError(
            f"{file} is another template's. Give this one a file of its own with --answers-file .copier-answers.events.yml."
        )
    if not all(re.search(key, source, re.MULTILINE) for key in (r"^events:", r"^schema:.*\n")):
        state = "cut short" if source.strip() else "empty"
        raise UserError(
            f"{file} is {state}: a run was stopped while it wrote the file. {_RESTORE}; where it was never committed, "
            "delete it and run again."
        )
    # Copier's own reader takes no tab between a key and its value, and this one does.
    if tab := re.search(r"^[^#\n]*\t", source, re.MULTILINE):
        number = source.count("\n", 0, tab.start()) + 1
        raise UserError(f"{file}:{number}: this is not valid YAML. {_RESTORE}.")
    try:
        values = yaml.load(source, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = file if mark is None else f"{file}:{mark.line + 1}"
        if isinstance(error, yaml.constructor.ConstructorError) and "twice" in str(error.problem):
            raise UserError(f"{place}: {error.problem}. Keep one of the two.") from error
        raise UserError(f"{place}: this is not valid YAML. {_RESTORE}.") from error
    if not isinstance(values, dict):
        raise UserError(f"{file}: this is not a mapping. {_RESTORE}.")
    for key in ("plan", "confirm"):
        if key in values:
            raise UserError(
                f"{file}: {key} is no part of the record: every run makes its own. Take the line out."
            )
    return values


def _text_or_none(value: Any) -> str | None:
    """Return what Copier recorded as text: an unquoted version such as `1.0` is a number to YAML."""
    return None if value is None else str(value)


def _setting(answers: Mapping[str, Any], file: str, key: str, default: Any, values: Sequence[Any]) -> Any:
    """Return a recorded setting, which has one of a few values."""
    value = default if answers.get(key) is None else answers[key]
    if not isinstance(value, (bool, str)) or value not in values:
        raise UserError(f"{file}: {key} cannot be {value!r}. Make it {' or '.join(map(_scalar, values))}.")
    return value


def _once(value: Any, file: str) -> dict[str, str] | None:
    """Check the record of the collection of handled events."""
    if value is None:
        return None
    if (
        not isinstance(value, dict)
        or not names.is_collection_namespace(value.get("namespace"))
        or not names.is_uuid4(value.get("id"))
    ):
        raise UserError(f"{file}: once is {value!r}, not an id and a namespace. Restore or correct it.")
    return {"id": value["id"], "namespace": value["namespace"]}


def _events(events: Any, schema: Any, file: str) -> list[Event]:
    """Check the recorded events and bring them to today's schema."""
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise UserError(f"{file}: schema is {schema!r}, not a number. {_RESTORE}.")
    if schema > SCHEMA:
        raise UserError(
            f"{file}: written by a newer version of this template (schema {schema}). Use that version or a later one."
        )
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise UserError(
            f"{file}: events is not a list of mappings. Restore it from version control, or see README, "
            '"When the answers file is damaged".'
        )
    record = [dict(event) for event in events]
    for number in range(schema + 1, SCHEMA + 1):
        record = _MIGRATIONS[number](record)
    for position, event in enumerate(record, 1):
        if problem := _event_problem(event):
            label = event.get("name") if isinstance(event.get("name"), str) else f"number {position}"
            raise UserError(f"{file}: event {label}: {problem}. Restore or correct the entry.")
    return sorted(record, key=lambda event: str(event["name"]))


def _event_problem(event: Event) -> str | None:
    """Say what is wrong with one recorded event, if anything."""
    if problem := names.name_problem(event.get("name")):
        return f"name {event.get('name')!r} {problem}"
    for word, value in event.items():
        if (
            not isinstance(word, str)
            or not re.fullmatch(_WORD, word)
            or not isinstance(value, (str, bool, int))
        ):
            return f"{word!r} is {value!r}, which no version of this template writes"
    if not names.is_key(event.get("event")):
        return f"event {event.get('event')!r} is not of the form package.namespace.handler"
    if problem := names.import_problem(*names.key_parts(event)):
        return problem
    if not names.is_uuid4(event.get("id")):
        return f"id {event.get('id')!r} is not a version-4 UUID"
    if event.get("payload", "entity") not in names.PAYLOADS:
        return f"payload {event.get('payload')!r} is none of {', '.join(names.PAYLOADS)}"
    for path in ("builder", "handler"):
        if path in event and not names.is_source_path(event[path]):
            return f"{path} {event[path]!r} is not a path below src"
    return None


def _check_unique(events: Sequence[Event], file: str) -> None:
    """Refuse a record that names one event, name or id twice."""
    for label, values in (
        ("event", [event["event"] for event in events]),
        ("name", [names.export_name(event["name"]) for event in events]),
        ("id", [event["id"].lower() for event in events]),
    ):
        seen: dict[str, Event] = {}
        for event, value in zip(events, values, strict=True):
            if first := seen.get(value):
                raise UserError(
                    f'{file}: "{first["name"]}" and "{event["name"]}" have the same {label} {event[label]}. '
                    "Keep one of the two entries (a merge of two branches may have left both)."
                )
            seen[value] = event


# --- writing ---------------------------------------------------------------------------------------------------------


def _scalar(value: Any) -> str:
    """Write one YAML value: plain where no YAML reader could take it for anything but text, else as JSON."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key}: {_scalar(item)}' for key, item in value.items())} }}"
    if (
        isinstance(value, str)
        and re.fullmatch(r"[A-Za-z_/][A-Za-z0-9_/.-]*", value)
        and value.lower() not in _NOT_TEXT
    ):
        return value
    if names.is_uuid4(value):
        return str(value)
    # Where JSON writes two surrogates, YAML reads two characters; what YAML cannot hold bare is below U+10000.
    written = json.dumps(value, ensure_ascii=False)
    if written.isascii() and written.isprintable():
        return written
    return re.sub(_UNPRINTABLE, lambda found: f"\\u{ord(found[0]):04x}", written)
