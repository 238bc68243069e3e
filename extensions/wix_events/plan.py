"""Decide what a run does to an app's record of events, and refuse before anything is written.

The record is the list `events` in the app's answers file; everything else is a function of it. `make_plan`
takes the record, what the user asks for and what is on disk, and returns the new record with the steps that lead to it.
Copier renders an update three times; the plan is made once and handed on as an answer, so that all agree.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import posixpath
import re
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from . import catalogue, reader
from .errors import UserError

if sys.platform != "win32":
    import fcntl

Event = dict[str, Any]
Plan = dict[str, Any]
Render = Callable[[str, dict[str, Any]], str]
Answers = Mapping[str, Any]

SCHEMA = 1
"""The record's schema. A change adds a function to `MIGRATIONS` and only ever adds keys: an update renders the
new record with the older version's code, too."""

REVISIONS = {"builder": 1, "handler": 1}
"""One goes up when a release changes any byte that is rendered, for an event that an app already has, into its builder, or
into its handler or anything else. Between versions of one revision an update leaves files of that kind alone, which is what
makes it fast. `copier.yml` repeats them in `_exclude`."""

MIGRATIONS: dict[int, Callable[[list[Event]], list[Event]]] = {}
"""For each schema number, the function that brings a record from the schema before it."""

EVENTS_DIRS = ("src/backend/events", "src/extensions/backend/events")

_BUILDERS, _CUSTOM_BUILDERS = "@wix/astro/builders", "@wix/custom-extensions"
_PATIENCE = 60
_SCRIPT, _SCRIPT_MARK = "scripts/event.mjs", b"npm run event contact-created"
# How the names of templates tell them apart, in the order of `event_files` and of `once_paths`. Those names have neither
# quotes, which Jinja takes badly, nor anything else that Windows allows in none.
_EVENT_TEMPLATES = (
    *("event_paths(entry, plan.events_dir)[0]", "event_paths(entry, plan.events_dir)[1]"),
    "event_files(entry, plan.events_dir, true)[2]",
)
_ONCE_TEMPLATES = ("once_paths(plan.events_dir)[0]", "once_paths(plan.events_dir)[1]")
# How what they render ends, and nothing within it does.
_ENDS = (b"\n});\n", b"\n  });\n", b"\n);\n", b"\n}\n")
# Patterns are text here: Python compiles one when it is first used, and a run needs few of them.
_ID = rb'(?<=id: )"[0-9a-f-]{0,36}"?'
# https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4, in either case.
_UUID4 = r"(?i:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"
# As Wix writes it: the account's name and the app's.
_NAMESPACE = r"@[A-Za-z0-9_-]+/[A-Za-z0-9_-]+"
_NO_NAMESPACE = "@account/app"
_NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_WORD = r"[A-Za-z][A-Za-z0-9_]*"
_IDENTIFIER = r"[A-Za-z_$][A-Za-z0-9_$]*"
_HANDLER = r"on[A-Z][A-Za-z0-9_$]*"
# https://docs.npmjs.com/cli/configuring-npm/package-json#name, without the legacy upper case.
_PACKAGE = r"@[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*|[a-z0-9][a-z0-9._-]*"
_PATH = r"[A-Za-z0-9_.@$-]+(?:/[A-Za-z0-9_.@$-]+)*"
# https://yaml.org/spec/1.1/#nb-char, the line separators and the byte-order mark left out too.
_UNPRINTABLE = (
    "[^\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)
_PAYLOADS = ("entity", "data", "metadata", "modified")
# Windows keeps these for devices, with any extension.
_RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"com{n}" for n in range(1, 10)),
    *(f"lpt{n}" for n in range(1, 10)),
}
# ECMAScript's reserved words, those of strict mode and modules included.
_KEYWORDS = set(
    (
        "arguments await break case catch class const continue debugger default delete do else enum eval "
        "export extends false finally for function if implements import in instanceof interface let new null "
        "package private protected public return static super switch this throw true try typeof var void "
        "while with yield"
    ).split()
)
_MAX_NAME = 64
# Copier cuts what it shows at the edge of the terminal, after words of its own: of 80 columns these get 40.
_TYPED = {
    "pick": "tick at least one with the space bar.",
    "package": "use a package's name, like @wix/crm.",
    "namespace": "use a plain name, like contacts.",
    "handler": "use a name like onContactCreated.",
    "name": "use kebab-case, like contact-created.",
}
_RECORDED = ("events", "schema", "revisions", "builders", "once")
_REQUESTS = ("event", "name", "package", "namespace", "handler", "payload", "remove", "rename", "adopt")


# --- names -----------------------------------------------------------------------------------------------------------


def default_name(key: str) -> str:
    """Return the name an event gets unless the user gives one: the handler without `on`, in kebab-case.

    Args:
        key: The event's key, such as `crm.contacts.onContactCreated`.
    """
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", key.rsplit(".", 1)[-1].removeprefix("on"))
    return re.sub(r"-(?=[0-9])", "", "-".join(words).lower())


@functools.cache
def export_name(name: str) -> str:
    """Return the builder's exported name: `event` and the CamelCase of the event's name."""
    return "event" + "".join(word[0].upper() + word[1:] for word in name.split("-"))


def event_paths(event: Event, events_dir: str) -> tuple[str, str]:
    """Return the app-relative paths of an event's builder and handler.

    Args:
        event: Its record. An adopted event says itself where its files are.
        events_dir: The app's folder of events.
    """
    folder = f"{events_dir}/{event['name']}/{event['name']}"
    return event.get("builder") or f"{folder}.extension.ts", event.get("handler") or f"{folder}.ts"


def event_files(event: Event, events_dir: str, trigger: bool) -> list[str]:
    """Return the app-relative paths of all files that are rendered for an event.

    Args:
        event: Its record.
        events_dir: The app's folder of events.
        trigger: Whether the app tries events locally, for which each has a sample.
    """
    builder, handler = event_paths(event, events_dir)
    return [builder, handler, *([f"{handler.removesuffix('.ts')}.sample.json"] if trigger else [])]


def once_paths(events_dir: str) -> tuple[str, str]:
    """Return the app-relative paths of the two files that handlers need which do their work once.

    Args:
        events_dir: The app's folder of events.
    """
    return f"{events_dir}/once.ts", f"{events_dir}/handled-events.extension.ts"


def below_src(path: str) -> str:
    """Return a path below the app's `src`, relative to that."""
    return path.removeprefix("src/")


def event_import(event: Event) -> tuple[str, str, str]:
    """Return the package, namespace and handler that an event's key stands for."""
    prefix, namespace, handler = event["event"].rsplit(".", 2)
    return event.get("package") or f"@wix/{prefix}", namespace, handler


def _name_problem(name: Any) -> str | None:
    """Say what is wrong with a name, if anything."""
    if not isinstance(name, str) or not re.fullmatch(_NAME, name):
        return 'is not kebab-case: use lower-case words of letters and digits joined by "-", such as contact-created'
    if len(name) > _MAX_NAME:
        return f"is longer than {_MAX_NAME} characters: choose a shorter one"
    if name in _RESERVED:
        return "is a reserved name on Windows: choose another one"
    return None


def is_uuid4(value: Any) -> bool:
    """Tell whether a value is the text of a version-4 UUID."""
    return isinstance(value, str) and re.fullmatch(_UUID4, value) is not None


# --- the record ------------------------------------------------------------------------------------------------------


def read_record(events: Any, schema: Any, events_dir: Any, answers_file: str) -> list[Event]:
    """Check a recorded list of events and bring it to today's schema.

    Args:
        events: The recorded list, as YAML gave it.
        schema: The schema number recorded beside it.
        events_dir: The folder recorded beside it.
        answers_file: The answers file's name, for messages.

    Returns:
        The list, each event a mapping with at least `name`, `event` and `id`.

    Raises:
        UserError: The record is damaged, or names one event, name or id twice.
    """
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise UserError(
            f"{answers_file}: schema is {schema!r}, not a number. Restore it from version control."
        )
    if schema > SCHEMA:
        raise UserError(
            f"{answers_file}: written by a newer version of this template (schema {schema}). Use that version or a later one."
        )
    if events_dir not in EVENTS_DIRS:
        raise UserError(
            f"{answers_file}: events_dir is {events_dir!r}, which it cannot be. Make it {' or '.join(EVENTS_DIRS)}."
        )
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise UserError(
            f"{answers_file}: events is not a list of mappings. Restore it from version control, or see README, "
            '"When the answers file is damaged".'
        )
    record = [dict(event) for event in events]
    for number in range(schema + 1, SCHEMA + 1):
        record = MIGRATIONS[number](record)
    for position, event in enumerate(record, 1):
        if problem := _entry_problem(event):
            label = event.get("name") if isinstance(event.get("name"), str) else f"number {position}"
            raise UserError(f"{answers_file}: event {label}: {problem}. Restore or correct the entry.")
    for label, values in (
        ("event", [event["event"] for event in record]),
        ("name", [export_name(event["name"]) for event in record]),
        ("id", [event["id"].lower() for event in record]),
    ):
        seen: dict[str, Event] = {}
        for event, value in zip(record, values, strict=True):
            if first := seen.get(value):
                shown = event[label]
                raise UserError(
                    f'{answers_file}: "{first["name"]}" and "{event["name"]}" have the same {label} {shown}. '
                    "Keep one of the two entries (a merge of two branches may have left both)."
                )
            seen[value] = event
    return record


def _entry_problem(event: Event) -> str | None:
    """Say what is wrong with one recorded event, if anything."""
    if problem := _name_problem(event.get("name")):
        return f"name {event.get('name')!r} {problem}"
    for word, value in event.items():
        if (
            not isinstance(word, str)
            or not re.fullmatch(_WORD, word)
            or not isinstance(value, (str, bool, int))
        ):
            return f"{word!r} is {value!r}, which no version of this template writes"
    key = event.get("event")
    if not isinstance(key, str) or key.count(".") < 2 or not re.fullmatch(_PATH, key):
        return f"event {key!r} is not of the form package.namespace.handler"
    if problem := _import_problem(*event_import(event)):
        return problem
    if not is_uuid4(event.get("id")):
        return f"id {event.get('id')!r} is not a version-4 UUID"
    if event.get("payload", "entity") not in _PAYLOADS:
        return f"payload {event.get('payload')!r} is none of {', '.join(_PAYLOADS)}"
    for path in ("builder", "handler"):
        if path in event and not _is_app_path(event[path]):
            return f"{path} {event[path]!r} is not a path below src"
    return None


def _recorded_once(once: Any, answers_file: str) -> dict[str, str] | None:
    """Check the record of the collection of handled events."""
    if once is None:
        return None
    namespace = once.get("namespace") if isinstance(once, dict) else None
    if (
        not isinstance(namespace, str)
        or not re.fullmatch(_NAMESPACE, namespace)
        or not is_uuid4(once.get("id"))
    ):
        raise UserError(
            f"{answers_file}: once is {once!r}, not an id and a namespace. Restore or correct it."
        )
    return {"id": once["id"], "namespace": namespace}


def _recorded_revisions(revisions: Any, answers_file: str) -> dict[str, int]:
    """Check the record of the revisions that the event folders are of."""
    if not isinstance(revisions, dict) or not all(
        isinstance(kind, str) and re.fullmatch(_WORD, kind) and type(number) is int
        for kind, number in revisions.items()
    ):
        raise UserError(
            f"{answers_file}: revisions is {revisions!r}, not a number for each kind of file. Restore it from version control."
        )
    return revisions


def _list(value: Any) -> list[Any]:
    """Return a value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def _recorded_builders(package: Any, answers_file: str) -> str | None:
    """Check the record of the package that builders are imported from."""
    if package not in (None, _BUILDERS, _CUSTOM_BUILDERS):
        raise UserError(
            f"{answers_file}: builders is {package!r}, which it cannot be. Make it {_CUSTOM_BUILDERS}, or leave it out."
        )
    return package  # type: ignore[no-any-return]


def _import_problem(package: Any, namespace: Any, handler: Any) -> str | None:
    """Say what is wrong with the import that an event stands for, if anything."""
    parts = {"package": package, "namespace": namespace, "handler": handler}
    return next(filter(None, (_part_problem(part, value) for part, value in parts.items())), None)


def _part_problem(part: str, value: Any) -> str | None:
    """Say what is wrong with the package, namespace or handler of an import, if anything."""
    text = value if isinstance(value, str) else ""
    if part == "package" and not (re.fullmatch(_PACKAGE, text) and len(text) <= 214):
        return f"package {value!r} is not an npm package name, such as @wix/crm"
    if part == "namespace" and (not re.fullmatch(_IDENTIFIER, text) or text in _KEYWORDS):
        return f"namespace {value!r} is not a plain identifier, such as contacts"
    if part == "handler" and not re.fullmatch(_HANDLER, text):
        return f"handler {value!r} is not of the form onSomethingHappened"
    return None


def _is_app_path(path: Any) -> bool:
    """Tell whether a recorded path stays below the app's src."""
    return (
        isinstance(path, str)
        and path.startswith("src/")
        and ".." not in path
        and bool(re.fullmatch(_PATH, path))
    )


def dump_record(values: Mapping[str, Any], events: Iterable[Event]) -> str:
    """Write the answers file.

    One event is one line and lines are sorted by name, so that two branches which each add an event merge in git. Were
    it several lines, git would take those that two new events share, such as their payload, out of the conflict, and
    keeping both sides would leave one event without them.

    Args:
        values: What comes before the events, Copier's own `_commit` and `_src_path` included; but the schema comes last,
            so that a file which was cut short lacks it.
        events: The record.

    Returns:
        YAML. Whatever is not a plain word is written as JSON, which is YAML too.
    """
    lines = [
        "# Written by Copier: this is the record of the app's events. Do not edit it, run copier instead."
    ]
    lines += [
        f"{key}: {_scalar(value)}" for key, value in values.items() if value is not None and key != "schema"
    ]
    blocks = [
        f"  - {{{', '.join(f'{key}: {_scalar(event[key])}' for key in sorted(event, key=_key_order))}}}"
        for event in sorted(events, key=lambda event: str(event["name"]))
    ]
    # Without the comment Prettier would break the lines.
    lines += ["# prettier-ignore", "events:" if blocks else "events: []", *blocks]
    return "\n".join([*lines, f"schema: {values['schema']}"]) + "\n"


def _key_order(key: str) -> tuple[int, str]:
    """Sort a recorded event's keys: the three that say what it is come first."""
    return ("name", "event", "id").index(key) if key in ("name", "event", "id") else 3, key


def _scalar(value: Any) -> str:
    """Write one YAML value: plain where no YAML reader could take it for anything but text, else as JSON."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key}: {_scalar(item)}' for key, item in value.items())} }}"
    words = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
    if (
        isinstance(value, str)
        and re.fullmatch(r"[A-Za-z_/][A-Za-z0-9_/.-]*", value)
        and value.lower() not in words
    ):
        return value
    if is_uuid4(value):
        return str(value)
    # Where JSON writes two surrogates, YAML reads two characters; what YAML cannot hold bare is below U+10000.
    text = json.dumps(value, ensure_ascii=False)
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_UNPRINTABLE, lambda found: f"\\u{ord(found[0]):04x}", text)


# --- the plan --------------------------------------------------------------------------------------------------------


def make_plan(
    answers: Mapping[str, Any],
    find_event: Callable[[str], Event],
    event_texts: Callable[[str], Event],
    read_app: Callable[..., Any],
    render: Render,
) -> Plan:
    """Decide what this run does.

    Args:
        answers: The render context: the recorded keys and what the user asks for.
        find_event: The catalogue's look-up of what the user calls an event.
        event_texts: The catalogue's look-up of a recorded key.
        read_app: The reader of the app's own TypeScript.
        render: Renders a file of an event.

    Returns:
        The plan: plain data, so that Copier can hand it from one render of an update to the next. Its keys are
        `events` (the new record), `events_dir` (where they are rendered) and `target_dir` (where they are then moved),
        `in_app` (whether the folder being rendered has a record), `files` (missing files that this run writes),
        `commit`, `source` and `revisions` (as recorded), the names that were `added`, `kept`, `removed`, `dropped`,
        `adopted` and `followed`, `moves` (pairs of old and new name), `unregister` (builders that lose their
        registration), `delete` (files of removed events), `notes` (sentences for the user) and `validate` (whether to
        install, type-check and build in the end).

    Raises:
        UserError: Something is wrong with the request, the record or the app; nothing has been written.
    """
    conf = answers["_copier_conf"]
    root, name, data = Path(conf["dst_path"]), Path(conf["answers_file"]).as_posix(), conf["data"]
    if data.get("_src_path") is None:
        _wait_for_other_runs(root)
    header = _read_header(root / name, name)
    if header is not None and header["count"] != len(_list(answers.get("events"))):
        # Another run has finished since Copier read the file.
        answers = {**answers, **_load(root / name), **data}
    requests = {key: answers.get(key) for key in _REQUESTS}
    _check_data(data, name)
    recorded_dir: Any = (header or {}).get("events_dir") or answers.get("events_dir")
    nothing: tuple[Any, Any] = ([], SCHEMA) if header is None else (None, None)
    schema = answers.get("schema", nothing[1])
    if header is None and data.get("_src_path") and isinstance(schema, int):
        # A copy by a newer version brings the record forward but keeps `_commit`, so an older version meets it here.
        schema = min(schema, SCHEMA)
    record = read_record(answers.get("events", nothing[0]), schema, recorded_dir, name)
    wanted_dir = answers.get("events_dir")
    if wanted_dir not in EVENTS_DIRS:
        raise UserError(
            f"events_dir: {wanted_dir!r} is no folder for events. Give {' or '.join(EVENTS_DIRS)}."
        )
    if header is None or not record:
        recorded_dir = wanted_dir

    plan: Plan = {
        "events": record,
        "events_dir": recorded_dir,
        "in_app": header is not None,
        "commit": (header or {}).get("_commit"),
        "source": (header or {}).get("_src_path"),
        "revisions": _recorded_revisions(answers.get("revisions", {}), name) if record else None,
        "target_dir": recorded_dir,
        "trigger": _is_true("trigger", answers.get("trigger")),
        "validate": _is_true("validate", answers.get("validate")),
        "once": _recorded_once(answers.get("once"), name),
        "builders": _recorded_builders(answers.get("builders"), name) or _builders_package(root),
        **{
            key: []
            for key in ("files", "added", "kept", "removed", "dropped", "adopted", "followed", "notes")
        },
        **{key: [] for key in ("moves", "unregister", "delete")},
    }
    if data.get("_src_path") and header is None:
        # An update renders the old version from the record alone, in an empty folder: nothing is asked, nothing checked.
        return plan
    if plan["validate"] and not (root / "package.json").is_file():
        raise UserError(
            "validate: there is no package.json in the app's folder, so nothing can be installed and built. Run this in "
            "the root of a Wix app, or leave validate out."
        )
    _check_folders(root, recorded_dir)
    _check_file(root, name)
    _check_file(root, "src/extensions.ts")
    found = _without_recorded(read_app(root), [event_paths(event, recorded_dir) for event in record])
    wanted = _wanted(requests, answers.get("pick") or [], find_event)
    _follow_disk(plan, root, read_app, {event["event"] for event in wanted})
    _remove(plan, requests["remove"], root)
    _rename(plan, requests["rename"], root)
    if _is_true("adopt", requests["adopt"]):
        _adopt(plan, found, event_texts)
    _add(plan, wanted, found, root, event_texts, _options(answers), render)
    _check_app(plan, found, event_texts)
    _set_up_trigger(plan, root, header)
    if any(event.get("idempotent") for event in plan["events"]) and not plan["once"]:
        plan["once"] = {"id": str(uuid.uuid4()), "namespace": _app_namespace(root)}
    if wanted_dir != recorded_dir:
        _move_folder(plan, wanted_dir, root)
    plan["events"].sort(key=lambda event: str(event["name"]))
    own = _own_events(plan)
    files = [path for event in own for path in event_files(event, recorded_dir, plan["trigger"])]
    files += [_SCRIPT] if plan["trigger"] else []
    files += once_paths(recorded_dir) if plan["once"] else []
    plan["files"] = [path for path in files if not _exists(root, path)]
    for folder in {posixpath.dirname(path) for path in plan["files"]}:
        _check_folders(root, folder)
    if header is None and not plan["events"]:
        raise UserError(
            "event: no event was given and none is recorded. Give one, such as -d event=crm.contacts.onContactCreated; "
            "docs/events.md lists them all."
        )
    return plan


def _read_header(path: Path, name: str) -> dict[str, Any] | None:
    """Read from an answers file what Copier hides: `_commit` and `_src_path`, and how many events it lists.

    Returns:
        None where there is no answers file.

    Raises:
        UserError: It is not UTF-8, holds the markers of a merge conflict, nothing, or another template's answers.
    """
    try:
        text = path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8 text. Restore it from version control.") from error
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror}. Put that right and run again.") from error
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"(<{7}|={7}|>{7})( |$)", line):
            raise UserError(
                f"{name}:{number}: conflict markers of a merge. Resolve them (keep the events of both sides) and run again."
            )
    header: dict[str, Any] = {"count": len(re.findall(r"^ *- ", text, re.MULTILINE))}
    keys = re.findall(r"^(\w+):", text, re.MULTILINE)
    for key in keys:
        # YAML would silently take the last one.
        if keys.count(key) > 1:
            raise UserError(f"{name}: {key} stands there {keys.count(key)} times. Keep one of them.")
    if not text.strip():
        raise UserError(
            f"{name} holds no answers (an interrupted run?). Restore it from version control, or delete it and rebuild "
            "it from the code with -d adopt=true."
        )
    if not {"schema", "events"} <= set(keys):
        raise UserError(
            f"{name} is of another template, or cut short. Restore it from version control, or give this template a "
            "file of its own with --answers-file .copier-answers.events.yml."
        )
    for key in ("_commit", "_src_path", "events_dir", "trigger"):
        if found := re.search(rf"^{key}: (.*)$", text, re.MULTILINE):
            try:
                header[key] = yaml.safe_load(found[1])
            except (yaml.YAMLError, ValueError) as error:
                raise UserError(f"{name}: {key} cannot be read. Restore it from version control.") from error
    return header


def is_ours(path: Path) -> bool:
    """Tell whether this template wrote an answers file, also where that is damaged.

    Args:
        path: The file; one that cannot be read is not ours.
    """
    try:
        text = path.read_bytes()
    except OSError:
        return False
    return not text.strip() or all(
        re.search(key, text, re.MULTILINE) for key in (rb"^(schema|revisions):", rb"^events(_dir)?:")
    )


def _load(path: Path) -> dict[str, Any]:
    """Read an answers file; not to be changed by the caller."""
    return _parse(path.read_bytes())


@functools.lru_cache(maxsize=1)
def _parse(text: bytes) -> dict[str, Any]:
    """Parse an answers file with the fast loader where there is one; kept, because a run reads the same text twice."""
    values = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return values if isinstance(values, dict) else {}


def _exists(root: Path, path: str) -> bool:
    """Tell whether a file of the app is there; without a `Path`, because a run asks it for each file."""
    return os.path.exists(f"{root}/{path}")


def _wait_for_other_runs(root: Path) -> None:
    """Wait until no other process adds to the app's record, and keep others waiting meanwhile.

    Nothing tells an extension that a run has ended, so a run counts as under way while its process lives and the
    template checkout that this module was loaded from exists: Copier deletes it at the end.

    Raises:
        UserError: The other run takes very long.
    """
    if sys.platform == "win32" or not root.is_dir():
        return
    digest = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"wix-events-{os.getuid()}-{digest}.lock"
    for _ in range(_PATIENCE * 20):
        with path.open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.seek(0)
            owner, _, checkout = lock.read().partition(" ")
            if owner in ("", str(os.getpid())) or not Path(checkout).exists() or not _is_alive(int(owner)):
                lock.truncate(0)
                lock.write(f"{os.getpid()} {__file__}")
                return
        time.sleep(0.05)
    raise UserError(
        f"Another run (process {owner}) is at work on this app and has not ended in {_PATIENCE} seconds. Try again then."
    )


def _is_alive(process: int) -> bool:
    """Tell whether a process exists."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def check_answers_file(app: Path, answers_file: Path) -> str:
    """Refuse a damaged answers file before Copier reads it, which would end in a traceback.

    Args:
        app: The app's folder.
        answers_file: The answers file, relative to it.

    Returns:
        Nothing to print.

    Raises:
        UserError: It is damaged, or another template's.
    """
    path, name = Path(app) / answers_file, Path(answers_file).as_posix()
    if _read_header(path, name) is None:
        return ""
    try:
        values = _load(path)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = name if line is None else f"{name}:{line + 1}"
        raise UserError(f"{place}: this is not valid YAML. Restore the file from version control.") from error
    if not values:
        raise UserError(f"{name}: this is not a mapping. Restore the file from version control.")
    return ""


def half_deleted(app: Path, answers_file: Path) -> list[str]:
    """Return the patterns of the recorded events' files that are gone while their folder holds something.

    Copier does not create deleted files again, save those named in `_skip_if_exists`; without its other half an event
    would break the build, as it would without the collection of handled events.

    Args:
        app: The app's folder.
        answers_file: The answers file, relative to it.
    """
    app, path = Path(app), Path(app) / answers_file
    values = _load(path) if path.is_file() else {}
    own = [event for event in values.get("events") or [] if "builder" not in event]
    files = [(file, event["name"]) for event in own for file in event_paths(event, values["events_dir"])]
    gone = [
        file
        for file, name in files
        if not _exists(app, file) and _folder_has_files(app / values["events_dir"] / name)
    ]
    if values.get("once"):
        gone += [file for file in once_paths(values["events_dir"]) if not _exists(app, file)]
    return [f"**/{file}" for file in gone]


def _check_data(data: Mapping[str, Any], answers_file: str) -> None:
    """Refuse a record given as an answer: it would replace the one of the app."""
    given = [] if "_src_path" in data else [key for key in _RECORDED if key in data]
    if given:
        raise UserError(
            f"{given[0]}: this is part of the record in {answers_file} and cannot be given. To add events, "
            "give event=… (one or a list)."
        )


def check_request(answers: Mapping[str, Any], event_choices: Callable[[str], str]) -> bool:
    """Refuse answers that Copier itself would end on with a traceback, and a plan that no run has made.

    Args:
        answers: The render context before any question is asked.
        event_choices: The catalogue's list of a product's events, as JSON.

    Returns:
        False: nothing is to be asked.

    Raises:
        UserError: An answer is of the wrong type or unknown, or a plan is given or recorded.
    """
    conf = answers["_copier_conf"]
    data, name = conf["data"], Path(conf["answers_file"]).as_posix()
    # An update's last render, into an empty folder, is given the plan of the one before.
    handed_on = "plan" in data and "_src_path" not in data and not (Path(conf["dst_path"]) / name).exists()
    if "plan" in answers and not handed_on:
        raise UserError(f"plan: every run makes its own. Take it out of {name} and of what you give.")
    if handed_on and not isinstance(data["plan"], dict):
        raise UserError("plan: every run makes its own. Take it out of what you give.")
    for key in ("product", "package", "namespace", "handler", "name"):
        if key in data and not isinstance(data[key], (str, int, float)):
            raise UserError(f"{key}: {data[key]!r} is not text. Give it as text.")
    choices = {key: event_choices(key) for key in [data.get("product")] if key not in (None, "", "other")}
    for product, events in choices.items():
        if events == "[]":
            raise UserError(f'product: there is no "{product}". Leave it out, and give event instead.')
    picked = data.get("pick", [])
    if picked and not handed_on:
        known = [key for events in choices.values() for _, key in json.loads(events)]
        if not isinstance(picked, list) or any(key not in known for key in picked):
            raise UserError(f"pick: {picked!r} is no list of that product's events. Give event instead.")
    return False


def _check_folders(root: Path, events_dir: str) -> None:
    """Refuse an events folder that a symbolic link takes out of the app, or that is a file."""
    folder = root
    for part in events_dir.split("/"):
        folder = folder / part
        if not folder.resolve().is_relative_to(root.resolve()):
            raise UserError(
                f"{folder.relative_to(root)} is a symbolic link that leaves the app. Replace it by a folder of the app's own."
            )
        if folder.exists() and not folder.is_dir():
            raise UserError(
                f"{folder.relative_to(root)} is a file, not a folder. Move it away and run again."
            )


def _check_file(root: Path, name: str) -> None:
    """Refuse a file that a run has to write and cannot: a link out of the app or to nothing, a folder, no UTF-8."""
    path = root / name
    try:
        if not path.resolve().is_relative_to(root.resolve()) or (path.is_symlink() and not path.exists()):
            raise UserError(
                f"{name} is a symbolic link that leaves the app or leads to nothing. Replace it by a file of the app's own."
            )
        source = path.read_bytes() if path.exists() else b""
        source.decode()
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise UserError(f"{name}:{line}: this is not UTF-8 text. Save the file as UTF-8.") from error
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "its links go round in a circle"
        raise UserError(f"{name} cannot be read: {reason}. Put that right and run again.") from error


def _builders_package(root: Path) -> str:
    """Return the package that an app takes `extensions` and `app` from."""
    try:
        manifest = json.loads((root / "package.json").read_bytes())
        dependencies = {**manifest.get("dependencies", {}), **manifest.get("devDependencies", {})}
    except (OSError, ValueError, AttributeError, TypeError):
        # What is wrong with a package.json is for those who read all of it to say.
        return _BUILDERS
    return _CUSTOM_BUILDERS if _CUSTOM_BUILDERS in dependencies else _BUILDERS


def _set_up_trigger(plan: Plan, root: Path, header: Mapping[str, Any] | None) -> None:
    """Refuse to take over a script that is not the template's, and take away what is no longer wanted."""
    was_on = bool((header or {}).get("trigger"))
    script = root / _SCRIPT
    if plan["trigger"] and not was_on and script.exists() and _SCRIPT_MARK not in script.read_bytes():
        raise UserError(f"trigger: {_SCRIPT} exists and is not this template's. Move it away and run again.")
    if was_on and not plan["trigger"]:
        own = _own_events(plan)
        plan["delete"] += [event_files(event, plan["events_dir"], True)[2] for event in own] + [_SCRIPT]
        plan["notes"].append('package.json: the script "event" has nothing to run any more. Remove it.')


def _app_namespace(root: Path) -> str:
    """Return the namespace that an app's collections have, or what to put there by hand."""
    try:
        namespace = json.loads((root / "wix.config.json").read_bytes()).get("namespace")
    except (OSError, ValueError, AttributeError):
        namespace = None
    return namespace if isinstance(namespace, str) and re.fullmatch(_NAMESPACE, namespace) else _NO_NAMESPACE


def _move_folder(plan: Plan, events_dir: str, root: Path) -> None:
    """Note that all events move to another events folder."""
    _check_folders(root, events_dir)
    renamed = dict(plan["moves"])
    own = [event["name"] for event in _own_events(plan)]
    plan["moves"] = [[name, renamed.get(name, name)] for name in own]
    plan["target_dir"] = events_dir
    for _, name in plan["moves"]:
        _check_new_name("events_dir", name, (), root, events_dir)


def _without_recorded(found: Any, recorded: Sequence[tuple[str, str]]) -> Any:
    """Return what the reader found in an app without what is in the files of recorded events."""
    own = {path for paths in recorded for path in paths}
    return dataclasses.replace(
        found,
        extensions=tuple(each for each in found.extensions if each.builder not in own),
        problems=tuple(each for each in found.problems if each.file not in own),
    )


def _follow_disk(plan: Plan, root: Path, read_app: Callable[..., Any], wanted: set[str]) -> None:
    """Drop recorded events whose folder the user deleted, and follow those that the user moved.

    An event that this run is asked for is not dropped but made again.
    """
    events_dir = plan["events_dir"]
    gone = [
        event
        for event in plan["events"]
        if not any(_exists(root, path) for path in event_paths(event, events_dir))
        and ("builder" in event or not _folder_has_files(root / events_dir / event["name"]))
    ]
    if not gone or not plan["in_app"]:
        return
    places = {
        extension.id: extension
        for extension in read_app(root).extensions
        if _is_event(extension) and extension.export
    }
    for event in gone:
        plan["unregister"].append(event_paths(event, events_dir)[0])
        place = places.get(event["id"])
        if place is None:
            if event["event"] in wanted and "builder" not in event:
                plan["unregister"].pop()
                continue
            plan["events"].remove(event)
            plan["dropped"].append(event["name"])
        else:
            event.update(builder=place.builder, handler=place.handler or place.builder)
            plan["followed"].append(event["name"])


def _folder_has_files(folder: Path) -> bool:
    """Tell whether a folder exists and holds anything."""
    return folder.is_dir() and any(folder.iterdir())


def _names(key: str, value: Any) -> list[str]:
    """Read a request that names events: a list, or text with commas."""
    if value is None or value == "":
        return []
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise UserError(
            f"{key}: {value!r} is not a name or a list of names. Give names, with commas between them."
        )
    return [item.strip() for item in items]


def _is_true(key: str, value: Any) -> bool:
    """Read a yes-or-no request."""
    if value in (None, "", False):
        return False
    if value is True or str(value).lower() in {"true", "yes", "y", "1", "on"}:
        return True
    if str(value).lower() in {"false", "no", "n", "0", "off"}:
        return False
    raise UserError(f"{key}: {value!r} is neither true nor false. Give one of the two.")


def _options(answers: Mapping[str, Any]) -> dict[str, bool]:
    """Read which options the events added in this run get; an option that is off is not recorded."""
    return {key: True for key in ("elevate", "idempotent") if _is_true(key, answers.get(key))}


def _recorded(plan: Plan, key: str, name: str) -> Event:
    """Return the recorded event of a name, or say that there is none."""
    for event in plan["events"]:
        if event["name"] == name:
            found: Event = event
            return found
    names = ", ".join(event["name"] for event in plan["events"]) or "none"
    raise UserError(f'{key}: no event named "{name}" is recorded. Choose from what is recorded: {names}.')


def _remove(plan: Plan, request: Any, root: Path) -> None:
    """Take events out of the record."""
    for event in [_recorded(plan, "remove", name) for name in dict.fromkeys(_names("remove", request))]:
        plan["events"].remove(event)
        plan["removed"].append(event["name"])
        paths = event_paths(event, plan["events_dir"])
        plan["unregister"].append(paths[0])
        if "builder" in event:
            plan["notes"].append(f"{' and '.join(paths)} stay: this template did not make them.")
        else:
            own = event_files(event, plan["events_dir"], True)
            plan["delete"] += own
            folder = (root / paths[0]).parent
            files = (path.relative_to(root).as_posix() for path in folder.rglob("*") if not path.is_dir())
            kept = sorted(set(files).difference(own))
            plan["notes"] += [f"{path} stays: this template did not make it." for path in kept]


def _rename(plan: Plan, request: Any, root: Path) -> None:
    """Note events that get another name; they move after everything is rendered under the old one."""
    for pair in _names("rename", request):
        old, separator, new = pair.partition(":")
        if not separator:
            raise UserError(f'rename: "{pair}" is not of the form old:new. Give both names.')
        event = _recorded(plan, "rename", old)
        if "builder" in event:
            raise UserError(
                f'rename: "{old}" was adopted and lies in {event["builder"]}. Move it there yourself.'
            )
        taken = {other["name"] for other in plan["events"] if other is not event} | {
            target for _, target in plan["moves"]
        }
        _check_new_name("rename", new, taken, root, plan["events_dir"])
        plan["moves"].append([old, new])


def _check_new_name(key: str, name: Any, taken: Iterable[str], root: Path, events_dir: str) -> None:
    """Refuse a name that is not valid, or that something in the app has."""
    if problem := _name_problem(name):
        raise UserError(f'{key}: "{name}" {problem}.')
    if problem := _recorded_name_problem(name, taken) or _folder_problem(name, root, events_dir):
        raise UserError(f"{key}: {problem}")


def _recorded_name_problem(name: str, taken: Iterable[str]) -> str | None:
    """Say which recorded event has a name, if any."""
    export = export_name(name)
    for other in taken:
        if export_name(other) == export:
            return f'the name "{name}" is taken by the recorded event "{other}". Choose another one.'
    return None


def _folder_problem(name: str, root: Path, events_dir: str) -> str | None:
    """Say that the folder of a name holds something, if it does."""
    folder = root / events_dir
    for entry in folder.iterdir() if folder.is_dir() else ():
        # Lower case on both sides: macOS and Windows take the two for one folder.
        if entry.name.lower() == name and (
            entry.is_symlink() or not entry.is_dir() or _folder_has_files(entry)
        ):
            return (
                f"{events_dir}/{entry.name} exists and is not a recorded event. Choose another name, or record "
                "it with -d adopt=true."
            )
    return None


def _adopt(plan: Plan, found: Any, event_texts: Callable[[str], Event]) -> None:
    """Record the events that the app has but this template did not make."""
    identity = _identity(event_texts)
    ids = {event["id"] for event in plan["events"]}
    recorded = {identity(event["event"]) for event in plan["events"]}
    for extension in found.extensions:
        # A second handler of a recorded event is no candidate: the checks that follow name it.
        if not _is_event(extension) or extension.id in ids:
            continue
        if extension.event and identity(extension.event) in recorded:
            continue
        place = f"{extension.builder}:{extension.line}"
        if extension.export is None:
            plan["notes"].append(
                f"{place}: written inside the chain, so it cannot be adopted; it stays as it is."
            )
        elif extension.event is None or extension.handler is None:
            plan["notes"].append(
                f"{place}: its handler does not tell its event, so it cannot be adopted; it stays as it is."
            )
        elif not _is_app_path(extension.builder) or not _is_app_path(extension.handler):
            plan["notes"].append(
                f"{place}: its path has unusual characters, so it cannot be adopted; it stays as it is."
            )
        else:
            taken = {export_name(event["name"]) for event in plan["events"]}
            base = _kebab(Path(extension.builder).parent.name) or default_name(extension.event)
            names = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
            name = next(name for name in names if export_name(name) not in taken)
            event = {"name": name, "event": extension.event, "id": extension.id, "builder": extension.builder}
            prefix = extension.event.rsplit(".", 2)[0]
            if extension.event_package != f"@wix/{prefix}":
                event["package"] = extension.event_package
            plan["events"].append({**event, "handler": extension.handler})
            plan["adopted"].append(name)
            recorded.add(identity(extension.event))


def _is_event(extension: Any) -> bool:
    """Tell whether an extension of the app handles an event; a generic one may, too."""
    return extension.kind == "event" or extension.event is not None


def _kebab(text: str) -> str:
    """Turn a folder's name into a valid name, or nothing if that cannot be."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", text)
    name = "-".join(words).lower()
    return name if not _name_problem(name) else ""


def _wanted(
    requests: Mapping[str, Any], picked: Sequence[str], find_event: Callable[[str], Event]
) -> list[Event]:
    """Turn what the user asks for into events: key, name, payload, and package where the key does not tell it."""
    value = requests["event"]
    explicit = {
        key: requests[key] for key in ("package", "namespace", "handler") if requests[key] not in (None, "")
    }
    if explicit and value not in (None, "", []):
        raise UserError("event: give either event, or package, namespace and handler, not both.")
    items = [*_items(value), *picked]
    if explicit:
        items.append({**explicit, "payload": requests["payload"]})
    if requests["name"] not in (None, ""):
        if len(items) != 1:
            raise UserError("name: goes with one event. In a list, write each as {event: …, name: …}.")
        items = [
            {**(items[0] if isinstance(items[0], dict) else {"event": items[0]}), "name": requests["name"]}
        ]
    return [_wanted_event(item, find_event) for item in items]


def _items(value: Any) -> list[Any]:
    """Read a request for events: a list or, as a command line has it, text with commas or YAML in brackets."""
    if isinstance(value, str) and value.strip().startswith("["):
        with contextlib.suppress(yaml.YAMLError):
            value = yaml.safe_load(value)
    if isinstance(value, str):
        value = value.split(",") if value else []
    return value if isinstance(value, list) else [] if value is None else [value]


def _wanted_event(item: Any, find_event: Callable[[str], Event]) -> Event:
    """Turn one item of a request into an event."""
    if isinstance(item, str):
        item = {"event": item}
    allowed = {"event", "name", "package", "namespace", "handler", "payload"}
    if not isinstance(item, dict) or not set(item) <= allowed:
        raise UserError(
            f"event: {item!r} is not an event's key, nor a mapping of {', '.join(sorted(allowed))}. Give one of the two."
        )
    if "event" in item:
        if not isinstance(item["event"], str):
            raise UserError(
                f"event: {item['event']!r} is not text. Give an event's key, such as crm.contacts.onContactCreated."
            )
        entry = find_event(item["event"].strip())
        event: Event = {key: entry[key] for key in ("payload", "package") if key in entry}
        event["event"] = entry["key"]
    else:
        parts = [item.get(part) for part in ("package", "namespace", "handler")]
        if problem := _import_problem(*parts):
            raise UserError(f"{problem.replace(' ', ': ', 1)}. Give one.")
        package, namespace, handler = parts
        short = str(package).removeprefix("@wix/")
        event = {"event": f"{short}.{namespace}.{handler}", "payload": item.get("payload") or "metadata"}
        if event["payload"] not in _PAYLOADS:
            raise UserError(
                f"payload: {event['payload']!r} is no kind of payload. Give one of {', '.join(_PAYLOADS)}."
            )
        if "/" in short or not str(package).startswith("@wix/"):
            event["package"] = package
    name = item.get("name")
    event["named"] = name not in (None, "")
    event["name"] = name if event["named"] else default_name(event["event"])
    if problem := _name_problem(event["name"]):
        raise UserError(f'name: "{event["name"]}" {problem}.')
    return event


def _add(
    plan: Plan,
    wanted_events: Sequence[Event],
    found: Any,
    root: Path,
    event_texts: Callable[[str], Event],
    options: Mapping[str, bool],
    render: Render,
) -> None:
    """Add what the user asks for to the record, unless it is there."""
    identity = _identity(event_texts)
    recorded = {identity(event["event"]): event for event in plan["events"]}
    events_dir = plan["events_dir"]
    for wanted in wanted_events:
        same = recorded.get(identity(wanted["event"]))
        if same is not None:
            # A request that gives no name is met by the recorded event, whatever that is called.
            if same["name"] != wanted["name"] and wanted["named"]:
                raise UserError(
                    f'event: {wanted["event"]} is already handled by "{same["name"]}" ({event_paths(same, events_dir)[1]}). '
                    "One event takes one handler: put your code there, or rename it with copier update -d "
                    f"rename={same['name']}:{wanted['name']}."
                )
            if same["name"] not in plan["added"]:
                plan["kept"].append(same["name"])
            continue
        event: dict[str, Any] = {
            "name": wanted["name"],
            "event": wanted["event"],
            "id": str(uuid.uuid4()),
            **{key: wanted[key] for key in ("package", "payload") if key in wanted},
            **options,
        }
        builder, handler = event_paths(event, events_dir)
        left = next((extension for extension in found.extensions if extension.builder == builder), None)
        if left is not None and _is_leftover(left, event, handler):
            # A run that was killed before it recorded the event has left these files: this run completes it.
            event["id"] = left.id
        elif not _is_unfinished(plan, event, root, render):
            taken = [other["name"] for other in plan["events"]] + [target for _, target in plan["moves"]]
            _check_new_name("name", event["name"], taken, root, events_dir)
        if event.get("idempotent") and event_texts(event["event"]).get("domain") is False:
            raise UserError(
                f"idempotent: {event['event']} carries no id that tells one delivery from another. Add it without."
            )
        plan["events"].append(event)
        plan["added"].append(event["name"])
        recorded[identity(event["event"])] = event


def _identity(event_texts: Callable[[str], Event]) -> Callable[[str], str]:
    """Return what makes two keys one event: the slug, or the key itself where the catalogue does not know it."""
    return lambda key: str(event_texts(key).get("slug", key))


def _is_leftover(extension: Any, event: Event, handler: str) -> bool:
    """Tell whether a builder on disk is the one that an interrupted run wrote for this very event."""
    return (
        extension.export == export_name(event["name"])
        and extension.source == "./" + handler.removeprefix("src/")
        and extension.event in (None, event["event"])
        and is_uuid4(extension.id)
    )


def _is_unfinished(plan: Plan, event: Event, root: Path, render: Render) -> bool:
    """Tell whether a folder holds nothing but what a run had made that was killed before it recorded the event.

    That is a builder that was cut, or none, beside what else belongs to the event, whole or cut.
    """
    builder, handler, *_ = files = event_files(event, plan["events_dir"], plan["trigger"])
    left = [path for path in files if (root / path).is_file()]
    if not left or len(left) != len(os.listdir((root / builder).parent)):
        return False
    marks = dict(zip(files, _EVENT_TEMPLATES, strict=False))
    whole = [
        path
        for path in left
        if not _is_cut(
            f"{root}/{path}", functools.partial(render, marks[path], {"plan": plan, "entry": event})
        )
    ]
    return builder not in whole and (
        handler not in whole or b"export default " in (root / handler).read_bytes()
    )


def _check_app(plan: Plan, found: Any, event_texts: Callable[[str], Event]) -> None:
    """Refuse what the Wix build lets through: two handlers for one event, an id that is repeated or is none."""
    identity = _identity(event_texts)
    events_dir = plan["events_dir"]
    mine = {identity(event["event"]): event for event in plan["events"]}
    ours = {event_paths(event, events_dir)[0] for event in plan["events"]}
    ids = {
        event["id"].lower(): event_paths(event, events_dir)[0]
        for event in plan["events"]
        if is_uuid4(event["id"])
    }
    foreign: dict[str, str] = {}
    for extension in found.extensions:
        place = f"{extension.builder}:{extension.id_line}"
        # Code that makes extensions, such as a function of the app's own, may give it a good id where none is seen.
        if extension.id is not None and not is_uuid4(extension.id):
            raise UserError(
                f"{place}: the id {extension.id!r} is not a version-4 UUID, so Wix cannot tell this extension from others. "
                'Put a new one there (node -p "crypto.randomUUID()").'
            )
        if extension.builder in ours:
            continue
        if extension.id is not None and (other := ids.get(extension.id.lower())):
            raise UserError(
                f"{place}: the id {extension.id} is also that of {other}; Wix would silently drop one of the two. "
                'Give one of them a new id (node -p "crypto.randomUUID()").'
            )
        if extension.id is not None:
            ids[extension.id.lower()] = place
        if extension.event:
            handled = (
                f"{extension.listener_file or extension.builder}:{extension.handler_line or extension.line}"
            )
            event = mine.get(identity(extension.event))
            if event is None and extension.registered:
                other = foreign.setdefault(identity(extension.event), handled)
                if other != handled:
                    raise UserError(
                        f"{handled}: {extension.event} is also handled by {other}. One event takes one handler: "
                        "take one of the two out of src/extensions.ts."
                    )
            if event is not None:
                raise UserError(
                    f"event: {event['event']} is already handled by {handled} (an extension in {extension.builder}). "
                    "One event takes one handler: put your code there, or record it with -d adopt=true."
                )


# --- what Copier renders ---------------------------------------------------------------------------------------------


def rendered_events(plan: Plan, kind: str) -> list[Event]:
    """Return the events whose files of one kind Copier is to render, as `settled_files` has noted them.

    Args:
        plan: The plan.
        kind: "builder" or "handler".
    """
    events: list[Event] = plan["rendered"][kind] if "rendered" in plan else _own_events(plan)
    return events


def _own_events(plan: Plan) -> list[Event]:
    """Return the events whose files are this template's."""
    return [event for event in plan["events"] if "builder" not in event]


def settled_files(plan: Plan, revisions: Mapping[str, int], operation: str) -> str:
    """Return the patterns of event files that this run leaves alone.

    Frozen: an update also evaluates the newer version's call of this function with the older version's code.

    Args:
        plan: The plan; the operation is noted in it, because Copier tells it here but not to the files it renders, and
            `rendered`, the events whose files of each kind are to be rendered: of a kind that is settled only those that
            miss a file, which is what keeps a run fast.
        revisions: The revisions of the version that is being copied or updated to.
        operation: "copy" or "update".

    Raises:
        UserError: A copy was asked for what only an update may do.
    """
    plan["operation"] = operation
    if operation == "copy" and (plan["moves"] or plan["removed"]):
        what = (
            "remove"
            if plan["removed"]
            else "rename"
            if plan["target_dir"] == plan["events_dir"]
            else "events_dir"
        )
        raise UserError(
            f"{what}: this changes files that are there. Commit, then use copier update instead of copy."
        )
    recorded = None if operation == "copy" else plan["revisions"]
    settled = {kind for kind in REVISIONS if recorded is None or recorded.get(kind) == revisions.get(kind)}
    own, missing = _own_events(plan), set(plan["files"])
    new = [
        event
        for event in own
        if missing.intersection(event_files(event, plan["events_dir"], plan["trigger"]))
    ]
    plan["rendered"] = {kind: new if kind in settled else own for kind in REVISIONS}
    others = [*once_paths(plan["events_dir"]), _SCRIPT]
    if operation == "copy":
        # One by one: with a pattern for each new file, Copier would compare each of them with all.
        mine = (event_files(event, plan["events_dir"], plan["trigger"]) for event in new)
        return "\n".join(f"/{path}" for path in chain(*mine, others) if path not in missing)
    # What is not settled is named, too: the older version's own line, which comes first, has excluded it.
    builders, handlers = ("" if kind in settled else "!" for kind in ("builder", "handler"))
    patterns = [f"{handlers}/{path}" for path in (f"{plan['events_dir']}/*/*", *others)]
    patterns.append(f"{builders}/{plan['events_dir']}/*/*.extension.ts")
    return "\n".join([*patterns, *(f"!/{path}" for path in plan["files"])])


def answers_file_text(plan: Plan, copier_answers: Mapping[str, Any]) -> str:
    """Return the text of the answers file.

    A copy keeps the version that the app was last updated to: the next update then knows what the files that this
    copy did not touch were rendered from, and brings them all forward.

    Args:
        plan: The plan.
        copier_answers: Copier's `_copier_answers`.
    """
    commit, revisions = copier_answers.get("_commit"), REVISIONS
    if plan["operation"] == "copy" and plan["commit"] and plan["source"] == copier_answers.get("_src_path"):
        commit, revisions = plan["commit"], plan["revisions"] or REVISIONS
    values = {
        "_commit": commit,
        "_src_path": copier_answers.get("_src_path"),
        "schema": SCHEMA,
        "revisions": revisions,
    }
    settings = {
        "events_dir": plan["events_dir"],
        "builders": plan["builders"] if plan["builders"] != _BUILDERS else None,
        "trigger": plan["trigger"] or None,
        "once": plan["once"],
    }
    return dump_record({**values, **settings}, plan["events"])


def event_dependencies(plan: Plan, package_version: Callable[[str], str | None]) -> dict[str, str]:
    """Return the packages that the events need, each with its range: from what the catalogue was read from, or any.

    Args:
        plan: The plan.
        package_version: The catalogue's look-up of a package.
    """
    own = _own_events(plan)
    packages = {event_import(event)[0] for event in own}
    if any(event.get("elevate") or event.get("idempotent") for event in own):
        packages |= {"@wix/essentials", "@wix/data"}
    versions = {package: package_version(package) for package in sorted(packages)}
    return {
        package: f"^{version}" if version else "^1.0.0" if package.startswith("@wix/") else "*"
        for package, version in versions.items()
    }


def default_events_dir(app: Path) -> str:
    """Return the events folder of an app that has recorded none.

    Args:
        app: The app's folder. Where `wix generate` has made events, theirs is taken.
    """
    return next((folder for folder in reversed(EVENTS_DIRS) if (Path(app) / folder).is_dir()), EVENTS_DIRS[0])


# --- the dialogue ----------------------------------------------------------------------------------------------------


def type_of(answer: Any) -> str:
    """Return the type of question that leaves an answer as it is: text from a command line, anything else from a file.

    Args:
        answer: What was given or is recorded, if anything.
    """
    return "str" if isinstance(answer, str) else "yaml"


def asks_for_event(context: Answers, _render: Render) -> bool:
    """Tell whether the user is to be asked for an event: in a dialogue, and unless the command says what to do."""
    conf = context["_copier_conf"]
    # The first copy still needs an event when the command tells its name or folder; a later one may just move the folder.
    given = {"plan", *_REQUESTS, "events_dir"} - (set() if context.get("events") else {"name", "events_dir"})
    return not conf["defaults"] and not given.intersection(conf["data"])


def asks_for_name(context: Answers, _render: Render) -> bool:
    """Tell whether the user is to be asked for a name: when one event was chosen that has none yet."""
    return _chosen_key(context) is not None


def free_name(context: Answers, _render: Render) -> str:
    """Return the name to propose for the event that was chosen, or nothing if none is asked for."""
    key = _chosen_key(context)
    if key is None:
        return ""
    base = default_name(key)[: _MAX_NAME - 3].rstrip("-")
    names = (base if number == 1 else f"{base}-{number}" for number in range(1, 100))
    return next((name for name in names if not _typed_name_problem(context, name)), "")


def recorded_names(context: Answers, _render: Render) -> dict[str, str]:
    """Return the names of recorded events by slug, or by key where the catalogue knows no slug.

    Questions are asked before the record is checked, so whatever is damaged in it is passed over.
    """
    identity = _identity(catalogue.event_texts)
    events = context.get("events")
    return {
        identity(event["event"]): event["name"]
        for event in (events if isinstance(events, list) else ())
        if isinstance(event, dict)
        and isinstance(event.get("event"), str)
        and not _name_problem(event.get("name"))
    }


def typed_problem(context: Answers, _render: Render, question: str) -> str:
    """Say what is wrong with an answer, so that it can be corrected in the dialogue.

    Args:
        context: Copier's render context, the answer included.
        question: Which question it answers.

    Returns:
        One sentence, or nothing; also nothing for what is given with `-d`, which is for `make_plan` to refuse:
        Copier would end in a traceback.
    """
    if question in context["_copier_conf"]["data"]:
        return ""
    answer = context[question]
    if question == "pick":
        return _pick_problem(context, answer)
    if question == "name":
        return _typed_name_problem(context, answer)
    return _TYPED[question] if _part_problem(question, answer) else ""


def _chosen_key(context: Answers) -> str | None:
    """Return the key of the event that was chosen in the dialogue, if it is one and not recorded yet."""
    if context.get("product") == "other":
        parts = [context.get(part) for part in ("package", "namespace", "handler")]
        keys = [] if _import_problem(*parts) else [".".join(map(str, parts)).removeprefix("@wix/")]
    else:
        keys = context.get("pick") or []
    if len(keys) != 1 or _identity(catalogue.event_texts)(keys[0]) in recorded_names(context, _no_render):
        return None
    return str(keys[0])


def _typed_name_problem(context: Answers, name: str) -> str:
    """Say what is wrong with a name for a new event, if anything."""
    if problem := _name_problem(name):
        return f"It {problem}." if re.fullmatch(_NAME, name) else _TYPED["name"]
    root = Path(context["_copier_conf"]["dst_path"])
    events_dir = context.get("events_dir") or default_events_dir(root)
    if _recorded_name_problem(name, recorded_names(context, _no_render).values()):
        return f"{name} is another event's name."
    # Files that are called like the event's own may be those of an interrupted run, which the plan completes.
    ours = any((root / path).exists() for path in event_paths({"name": name}, events_dir))
    return (
        f"the folder {name} exists already." if not ours and _folder_problem(name, root, events_dir) else ""
    )


def _pick_problem(context: Answers, pick: Sequence[str]) -> str:
    """Say why these events cannot be added in one go, if so: nothing asks for a name when there are several."""
    if not pick:
        return _TYPED["pick"]
    identity = _identity(catalogue.event_texts)
    recorded = recorded_names(context, _no_render)
    new = {identity(key): key for key in pick if identity(key) not in recorded}
    names = [default_name(key) for key in new.values()] if len(pick) > 1 else []
    for position, name in enumerate(names):
        if name in names[:position]:
            return f"two would be {name}; add one later."
        if _typed_name_problem(context, name):
            return f"{name} is taken; add that one later."
    return ""


# --- called by Copier ------------------------------------------------------------------------------------------------


def plan_for_copier(answers: Answers, render: Render) -> Plan:
    """Make the plan from Copier's render context."""
    return make_plan(answers, catalogue.find_event, catalogue.event_texts, reader.read_app, render)


def _no_render(mark: str, variables: dict[str, Any]) -> str:
    """Stand for a renderer where nothing is rendered."""
    raise NotImplementedError


def check_request_for_copier(answers: Answers, render: Render) -> bool:
    """Check what is in Copier's render context."""
    return check_request(answers, catalogue.event_choices)


def settled_files_for_copier(
    context: Answers, render: Render, plan: Plan, revisions: Mapping[str, int], operation: str
) -> str:
    """Refuse a copy that is given a plan: only here does Copier tell a copy from an update's last render."""
    if operation == "copy" and "plan" in context["_copier_conf"]["data"]:
        raise UserError("plan: every run makes its own. Take it out of what you give.")
    if not context["_copier_conf"]["pretend"]:
        root = Path(context["_copier_conf"]["dst_path"])
        _discard_cut_files(plan, root, operation, render)
    return settled_files(plan, revisions, operation)


def _discard_cut_files(plan: Plan, root: Path, operation: str, render: Render) -> None:
    """Delete what is only the beginning of a file of ours, so that this run writes it anew.

    Copier empties a file and then fills it, so a run that is killed, or meets a full disk, leaves such a beginning.
    Nothing in it is the user's. An update starts from a clean commit, so there only the events it adds are looked at.
    """
    files: list[tuple[str, Event | None, str]] = [
        (path, event, mark)
        for event in plan["events"]
        if "builder" not in event and (operation == "copy" or event["name"] in plan["added"])
        for path, mark in zip(
            event_files(event, plan["events_dir"], plan["trigger"]), _EVENT_TEMPLATES, strict=False
        )
    ]
    if operation == "copy":
        once = zip(once_paths(plan["events_dir"]), _ONCE_TEMPLATES, strict=True)
        files += [(path, None, mark) for path, mark in once if plan["once"]]
        files += [(_SCRIPT, None, posixpath.basename(_SCRIPT))] if plan["trigger"] else []
    for path, event, mark in files:
        if _is_cut(
            f"{root}/{path}",
            functools.partial(render, mark, {"plan": plan, "entry": event}),
            event is not None,
        ):
            (root / path).unlink()
            plan["files"].append(path)
            plan["notes"].append(f"{path} was cut short when a run was stopped, and is written again.")


def _is_cut(path: str, whole: Callable[[], str], has_end: bool = True) -> bool:
    """Tell whether a file is there and is only the beginning of what is rendered, whatever the id in it.

    Args:
        path: The file.
        whole: Renders it.
        has_end: Whether its end tells at once that it is whole.
    """
    try:
        with open(path, "rb", buffering=0) as file:
            content = file.read()
    except OSError:
        return False
    if (has_end and content.endswith(_ENDS)) or os.path.islink(path):
        return False
    content, wanted = (re.sub(_ID, b'"', text) for text in (content, whole().encode()))
    return len(content) < len(wanted) and wanted.startswith(content)
