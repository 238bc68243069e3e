"""`organisation/defaults.yml`: what it may say, and what is said of what it may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from apps import CONTACT, answers
from template_repo import TemplateRepo, run_copy
from wix_events import organisation
from wix_events.errors import UserError


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the file of a fork."""
    monkeypatch.setattr(organisation, "folder", lambda: tmp_path)
    return tmp_path / "defaults.yml"


def test_a_template_without_the_file_has_no_defaults(written: Path) -> None:
    assert not written.exists()
    assert organisation.defaults() == {}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("# Nothing yet.\n", {}),
        ("trigger: true\n", {"trigger": True}),
        (
            "elevate: false\nidempotent: true\nevents_dir: src/extensions/backend/events\n",
            {"elevate": False, "idempotent": True, "events_dir": "src/extensions/backend/events"},
        ),
    ],
)
def test_what_it_says_is_taken(written: Path, text: str, values: dict[str, Any]) -> None:
    written.write_text(text)
    assert organisation.defaults() == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("events: []\n", "there is no 'events'. Use one of elevate, idempotent, trigger, events_dir."),
        ("trigger: 1\n", "trigger is 1. Make it true or false."),
        ("trigger: 'true'\n", "trigger is 'true'. Make it true or false."),
        ("trigger: [true]\n", "trigger is [True]. Make it true or false."),
        ("events_dir: src/events\n", "Make it src/backend/events or src/extensions/backend/events."),
        ("- trigger\n", "is not a mapping"),
        ("trigger: true\nelevate: [\n", "defaults.yml:3: this is not valid YAML"),
        ("trigger: {\n", "defaults.yml:2: this is not valid YAML"),
    ],
)
def test_what_it_may_not_say_is_named(written: Path, text: str, said: str) -> None:
    written.write_text(text)
    with pytest.raises(UserError) as caught:
        organisation.defaults()
    assert str(caught.value).startswith("organisation/defaults.yml")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_text_of_another_encoding_is_named(written: Path) -> None:
    written.write_bytes(b"trigger: true # \xe9\n")
    with pytest.raises(UserError, match="cannot be read"):
        organisation.defaults()


def test_a_checkout_takes_nothing_from_a_fork_that_is_installed_beside_copier(
    template: TemplateRepo, wix_app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "share/wix-events/organisation"
    installed.mkdir(parents=True)
    (installed / "defaults.yml").write_text("trigger: true\n")
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    run_copy(template, wix_app, {"event": CONTACT})
    assert answers(wix_app)["trigger"] is False
