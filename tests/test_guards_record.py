"""What is refused of what an app has recorded: the app stays byte-identical, and the message names the culprit."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from apps import ANSWERS, POST, refused
from handmade import IDS
from template_repo import TemplateRepo, run_copy


def entry(**values: Any) -> Callable[[dict[str, Any]], object]:
    """Change the one recorded event; None takes a key away."""

    def change(record: dict[str, Any]) -> None:
        event = record["events"][0]
        event.update(values)
        for key in [key for key, value in values.items() if value is None]:
            del event[key]

    return change


def top(**values: Any) -> Callable[[dict[str, Any]], object]:
    """Change a key beside the events."""
    return lambda record: record.update(values)


def odd_key(key: Any) -> Callable[[dict[str, Any]], object]:
    """Add a key of any type to the event."""
    return lambda record: record["events"][0].update({key: "x"})


INJECTIONS = {
    "Jinja": "{{ 7*7 }}",
    "Jinja statement": "{% for x in y %}",
    "code": 'x"; process.exit(1); //',
    "comment end": "*/ evil(); /*",
    "newline": "a\nb: c",
    "line separator": "a\u2028b",
    "template literal": "${evil()}",
    "list": ["x"],
    "number": 7,
}

NO_LISTS: list[Any] = [7, "x", {"a": 1}, [7], [[]], [None], True, None]

BAD_RECORDS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    **{
        f"{key}: {label}": (entry(**{key: value}), key)
        for key in ("name", "event", "id", "package", "payload", "builder", "handler")
        for label, value in INJECTIONS.items()
    },
    **{f"{key}: missing": (entry(**{key: None}), key) for key in ("name", "event", "id")},
    **{
        f"{key}: {label}": (top(**{key: value}), key)
        for key in ("events_dir", "builders")
        for label, value in INJECTIONS.items()
    },
    **{f"schema: {value!r}": (top(schema=value), "schema") for value in ("1", 1.5, True, None, 0, -1, [1])},
    "schema: newer": (top(schema=2), "newer version"),
    **{f"events: {value!r}": (top(events=value), "events") for value in NO_LISTS},
    "plan: recorded": (top(plan={"events": []}), "plan"),
    "once: code": (top(once={"id": IDS[0], "namespace": 'x"+evil()'}), "once"),
    "once: text": (top(once="x"), "once"),
    "name: upper case": (entry(name="Contact"), "name"),
    "name: Windows device": (entry(name="con"), "name"),
    "name: parent": (entry(name="../../x"), "name"),
    "name: too long": (entry(name="a" * 65), "name"),
    "event: two parts": (entry(event="crm.onContactCreated"), "event"),
    "event: keyword as namespace": (entry(event="crm.class.onContactCreated"), "namespace"),
    "event: code before the package": (entry(event='evil" .contacts.onX', package="@wix/crm"), "event"),
    "id: version 1": (entry(id="00000000-0000-1000-8000-000000000000"), "id"),
    "id: braces": (entry(id="{00000000-0000-4000-8000-000000000000}"), "id"),
    "id: newline": (entry(id="00000000-0000-4000-8000-000000000000\n"), "id"),
    "builder: outside of src": (entry(builder="lib/x.extension.ts", handler="src/x.ts"), "builder"),
    "builder: parent": (entry(builder="src/../../x.extension.ts", handler="src/x.ts"), "builder"),
    "handler: absolute": (entry(builder="src/x.extension.ts", handler="/etc/passwd"), "handler"),
    "unknown key with a colon": (odd_key("a: b"), "a: b"),
    "unknown key that is a number": (odd_key(7), "7"),
    "unknown key that is nothing": (odd_key(None), "None"),
    "unknown key with a mapping": (entry(extra={"a": 1}), "extra"),
    "unknown key with a date": (entry(extra=datetime.date(2026, 1, 1)), "extra"),
}


@pytest.mark.parametrize("case", BAD_RECORDS)
def test_a_bad_record_is_refused(plain: TemplateRepo, contact_app: Path, case: str) -> None:
    change, words = BAD_RECORDS[case]
    answers = yaml.safe_load((contact_app / ANSWERS).read_text())
    change(answers)
    (contact_app / ANSWERS).write_text(yaml.safe_dump(answers))
    message = refused(plain, contact_app, {"event": POST})
    assert words in message
    assert ANSWERS in message


BAD_ANSWERS_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n", "is empty"),
    "only comments": (b"# Written by Copier\n", "another template"),
    "another template's": (b"_commit: v1\n_src_path: gh:a/b\nname: x\n", "another template"),
    "cut after its head": (
        b"# Written by Copier: this is the record of\n_commit: v1\n_src_path: x\n",
        "cut short",
    ),
    "cut after events": (b"schema: 1\nevents_dir: src/backend/events\nevents:\n", "events"),
    "not UTF-8": (b"schema: 1\nevents: \xff\n", "UTF-8"),
    "UTF-16": ("schema: 1\nevents: []\n".encode("utf-16"), "UTF-8"),
    "conflict markers": (b"<<<<<<< HEAD\nschema: 1\n=======\n>>>>>>> x\nevents: []\n", ":1:"),
    "not YAML": (b'schema: 1\nevents: "x\n', ":"),
    "a tab": (b"schema: 1\nevents:\n\t- x\n", "not valid YAML"),
    "a tag": (b"schema: 1\nevents: !!python/object/apply:os.system [id]\n", ":"),
    "an impossible date": (b"schema: 1\nevents: []\nx: 2001-99-99\n", "not valid YAML"),
    "a key twice": (
        b"schema: 1\nevents_dir: src/backend/events\nevents: []\nevents: []\n",
        '"events" stands there twice',
    ),
    "a key of an event twice": (
        b"schema: 1\nevents_dir: src/backend/events\nevents:\n  - {name: a, event: x, id: b, id: c}\n",
        '"id" stands there twice',
    ),
    "two documents": (b"schema: 1\nevents: []\n---\nschema: 1\nevents: []\n", ""),
    "a list": (b"- schema:\n- events:\n", "another template"),
    "an unknown anchor": (b"schema: 1\nevents: *x\n", "not valid YAML"),
    "an unhashable key": (b"schema: 1\nevents: []\n? [a]\n: b\n", "not valid YAML"),
}


@pytest.mark.parametrize("case", BAD_ANSWERS_FILES)
def test_a_damaged_answers_file_is_refused(plain: TemplateRepo, contact_app: Path, case: str) -> None:
    content, words = BAD_ANSWERS_FILES[case]
    (contact_app / ANSWERS).write_bytes(content)
    message = refused(plain, contact_app, {"event": POST}, quiet=False)
    assert message.startswith(ANSWERS)
    assert words in message


def test_a_tab_that_copiers_own_reader_does_not_take_is_refused(
    plain: TemplateRepo, contact_app: Path
) -> None:
    path = contact_app / ANSWERS
    text = path.read_text()
    path.write_text(text.replace(", event:", ",\tevent:"))
    assert f"{ANSWERS}:7: this is not valid YAML" in refused(plain, contact_app, {"event": POST}, quiet=False)
    path.write_text(f"# A tab\tof the user's.\n{text}")
    run_copy(plain, contact_app, {"event": POST})
