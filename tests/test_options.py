"""An option that was added in one place and forgotten in another does not pass unnoticed."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from apps import CONTACT, recorded
from template_repo import TemplateRepo, run_copy
from wix import ROOT, new_app
from wix_events import organisation, plan, record, request
from wix_events.record import Record
from wix_events.rendering import rendered

README = (ROOT / "README.md").read_text(encoding="utf-8")
QUESTIONS: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))

# A record in which nothing is as it is by default.
EVENT = {"name": "contact-created", "event": CONTACT, "id": "b0a5f2f5-6d3c-4f7a-9c2e-2f1d3a4b5c6d"}
RECORD = Record(
    file=record.DEFAULT_FILE,
    events=({**EVENT, **dict.fromkeys(request.OPTIONS, True)},),
    events_dir="src/extensions/backend/events",
    trigger=True,
    builders="@wix/custom-extensions",
    import_suffix=".js",
    once={"id": "7c0f7a52-3f5e-4c5c-8a5e-0d3b6c1f2a90", "namespace": "@account/app"},
    version="1.2.3",
    address="https://example.com/template.git",
)


@pytest.mark.parametrize("option", request.OPTIONS)
def test_an_option_is_recorded_and_changes_the_handler(
    option: str, contact_app: Path, plain: TemplateRepo, tmp_path: Path
) -> None:
    app = new_app(tmp_path / "with-option")
    run_copy(plain, app, {"event": CONTACT, option: True})
    (event,) = recorded(app)
    assert event[option] is True
    path = "src/backend/events/contact-created/contact-created.ts"
    assert (app / path).read_text() != (contact_app / path).read_text()


def test_whatever_is_asked_for_is_looked_at() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "extensions/wix_events").glob("*.py"))
    assert [field.name for field in fields(request.Request) if f"asked.{field.name}" not in code] == []


def test_whatever_may_be_given_or_is_asked_is_in_the_readme() -> None:
    section = README.split("## Questions")[1].split("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", section)) >= {*request.KEYS, *request.DIALOGUE_KEYS}


def test_whatever_is_asked_is_given_or_answered_at_the_keyboard() -> None:
    # `ready` and `plan` are what a run works out for itself.
    asked = {key for key in QUESTIONS if not key.startswith("_")} - {"ready", "plan"}
    assert asked <= request.KEYS | set(request.DIALOGUE_KEYS)


def test_what_an_organisation_may_answer_reaches_the_question() -> None:
    keys = {
        key
        for key, question in QUESTIONS.items()
        if not key.startswith("_") and f"organisation_defaults().{key} " in str(question.get("default"))
    }
    assert keys == set(organisation.KEYS)
    assert keys >= set(request.OPTIONS)


def test_whatever_is_recorded_is_written_and_read_again(tmp_path: Path) -> None:
    default = Record(file="", events=(), events_dir="")
    assert [
        field.name for field in fields(Record) if getattr(RECORD, field.name) == getattr(default, field.name)
    ] == []
    (tmp_path / record.DEFAULT_FILE).write_text(record.text(RECORD), encoding="utf-8")
    assert record.read(tmp_path, record.DEFAULT_FILE) == RECORD


def test_whatever_is_recorded_comes_through_the_plan() -> None:
    known = {"_commit": RECORD.version, "_src_path": RECORD.address}
    assert plan.answers_file_text(rendered(RECORD), known) == record.text(RECORD)


def test_what_only_the_template_writes_cannot_be_given() -> None:
    settings = {field.name for field in fields(Record)} - {"file", "version", "address"}
    assert settings - request.KEYS <= set(record.KEYS)
