"""What texts can do to the files that they land in."""

from __future__ import annotations

import json
import re
import shutil
import uuid
from pathlib import Path
from typing import Any

import yaml
from apps import ANSWERS, CONTACT, POST, builder, recorded
from handmade import IDS
from hypothesis import example, given
from hypothesis import strategies as st
from template_repo import TemplateRepo, run_copy
from wix_events import layout as typescript
from wix_events import names, record
from wix_events import reader as app_reader
from wix_events.errors import UserError
from wix_events.reader import parse

BUILDER = builder("contact-created")

NASTY = (
    st.text(
        st.sampled_from(
            "\"'`\\\\${}[]()*/#%!&|>:,-?@~=<\n\r\t \0\x7f\x85\u2028\u2029\ufeff\ufffe\U0001f600aé"
        )
    )
    | st.text()
)
VALUES = NASTY | st.booleans() | st.integers()
KEYS = (CONTACT, "ecom.orders.onOrderApproved", "@acme/sdk.things.onMade")


@given(
    version=NASTY,
    address=NASTY,
    extra=st.dictionaries(st.text(st.sampled_from("abcXYZ_019")).map("x".__add__), VALUES, max_size=3),
    ids=st.lists(st.uuids(version=4), min_size=3, max_size=3, unique=True),
)
def test_a_written_record_is_read_as_it_was(
    version: str, address: str, extra: dict[str, Any], ids: list[uuid.UUID]
) -> None:
    events = [
        {
            "name": f"e-{number}",
            "event": key,
            "id": str(id_),
            **({"package": "@acme/sdk"} if "acme" in key else {}),
            **extra,
        }
        for number, (key, id_) in enumerate(zip(KEYS, ids, strict=True), 1)
    ]
    made = record.Record("x.yml", tuple(events), names.EVENTS_DIRS[0], version=version, address=address)
    values = yaml.safe_load(record.text(made))
    assert values["events"] == events
    assert record.of_answers(values, "x.yml") == made


def answers(event: dict[str, Any]) -> dict[str, Any]:
    """Return recorded answers with one event."""
    return {"schema": 1, "events_dir": names.EVENTS_DIRS[0], "events": [event]}


@given(
    value=st.recursive(
        VALUES | st.none() | st.floats() | st.dates(),
        lambda some: st.lists(some) | st.dictionaries(NASTY, some),
    )
)
@example(value={"x": {"y": 1}})
def test_a_record_with_any_value_is_refused_or_survives(value: Any) -> None:
    for key in ("name", "event", "id", "package", "payload", "builder", "handler", "elevate", "x"):
        event = {"name": "a", "event": CONTACT, "id": IDS[0], key: value}
        try:
            made = record.of_answers(answers(event), "x.yml")
        except UserError as error:
            assert str(error).startswith("x.yml: ")
        else:
            assert yaml.safe_load(record.text(made))["events"] == [event]


@given(text=NASTY)
def test_a_catalogue_text_stays_in_its_comment(text: str) -> None:
    line = typescript.comment_text(text)
    assert "*/" not in line
    tree = parse(f"/**\n * {line}\n */\n".encode(errors="replace"))
    assert [node.type for node in tree.children] == ["comment"]


@given(text=NASTY)
def test_a_path_stays_in_its_string(text: str) -> None:
    literal = typescript.typescript_string(text)
    tree = parse(f"const x = {literal};\n".encode(errors="replace"))
    assert not tree.has_error
    assert len(tree.children) == 1
    assert json.loads(literal) == text


@given(name=NASTY)
def test_a_name_is_refused_or_makes_a_free_identifier_and_a_plain_path(name: str) -> None:
    event = {"name": name, "event": CONTACT, "id": IDS[0]}
    try:
        record.of_answers(answers(event), "x.yml")
    except UserError:
        return
    assert names.export_name(name).isidentifier()
    assert re.fullmatch(r"[a-z0-9-]+", name)


def test_texts_of_the_catalogue_are_not_evaluated(plain: TemplateRepo, wix_app: Path, tmp_path: Path) -> None:
    evil = "a */ evil(); /* {{ 7*7 }} {% raw %} ${x} \"'`\\ \u2028 b\n */ c"
    folder = Path(shutil.copytree(plain.path, tmp_path / "evil"))
    path = folder / "extensions/wix_events/catalogue/events.json"
    catalogue = json.loads(path.read_text())
    catalogue["events"][CONTACT] |= {
        "title": evil,
        "description": evil,
        "permissions": [{"id": evil, "name": evil}, {"id": "b", "name": "c"}],
    }
    path.write_text(json.dumps(catalogue))
    run_copy(TemplateRepo(folder), wix_app, {"event": CONTACT})
    text = (wix_app / BUILDER).read_text()
    assert text.count("*/") == 1
    assert "{{ 7*7 }}" in text
    (extension,) = app_reader.read_app(wix_app).extensions
    assert extension.export == "eventContactCreated"
    assert [node.type for node in parse((wix_app / BUILDER).read_bytes()).children] == [
        "import_statement",
        "comment",
        "export_statement",
    ]


def test_a_template_whose_path_has_odd_characters_is_recorded_as_it_is(
    plain: TemplateRepo, wix_app: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(plain.path, tmp_path / "t: #\U0001f600 'é\" [x]"))
    run_copy(TemplateRepo(folder), wix_app, {"event": CONTACT})
    assert yaml.safe_load((wix_app / ANSWERS).read_text())["_src_path"] == str(folder)
    run_copy(TemplateRepo(folder), wix_app, {"event": POST})
    assert len(recorded(wix_app)) == 2
