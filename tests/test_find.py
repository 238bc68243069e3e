"""`wix-events find`: events by what happens, and everything about one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from apps import recorded
from planted import run_command
from template_repo import TemplateRepo, run_copy
from wix import ROOT, new_app
from wix_events import catalogue
from wix_events.catalogue.search import search

SCREENS = Path(__file__).with_name("screens")
ORDER = "ecom.orders.onOrderApproved"
EVENTS: dict[str, Any] = catalogue.catalogue()["events"]


def screen(*arguments: str) -> str:
    """Return what the command shows, the checkout's path left open."""
    done = run_command("find", *arguments, COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.replace(str(ROOT), "TEMPLATE")


def found(*arguments: str) -> list[dict[str, Any]]:
    """Return what the command finds."""
    events: list[dict[str, Any]] = json.loads(screen(*arguments, "--json"))
    return events


@pytest.mark.parametrize(
    "name, words",
    [
        ("find-order-paid", ["order", "paid"]),
        ("find-one", [ORDER]),
        ("find-deprecated", ["onOrderTransactionsUpdated"]),
    ],
)
def test_a_screen_is_as_it_was_looked_at(name: str, words: list[str]) -> None:
    # The sample is the catalogue's, and as long as the event has fields.
    shown = screen(*words).partition("What Wix sends")[0]
    assert shown == (SCREENS / f"{name}.txt").read_text(encoding="utf-8")
    # Commands are lines of their own, to be copied; a scope's name and id stay together.
    texts = [line for line in shown.splitlines() if "copier copy" not in line and "SCOPE." not in line]
    assert max(map(len, texts)) <= 80


def test_matches_are_those_of_the_dialogue_best_first() -> None:
    assert [event["key"] for event in found("order", "paid")] == search("order paid", 10)
    assert found("order", "paid") == found("order paid")


def test_a_match_tells_all_that_is_needed_to_choose_and_to_add() -> None:
    (match, *_) = found("order", "approved")
    event = EVENTS[match["key"]]
    assert match["title"] == event["title"]
    assert match["fires"] == event["description"]
    assert match["payload"] == event["payload"]
    assert match["slug"] == event["slug"]
    assert match["scopes"] == event["permissions"]
    assert match["add"] == f"copier copy --trust --defaults -d event={match['key']} TEMPLATE ."


@pytest.mark.parametrize(
    "called", [ORDER, "orders.onOrderApproved", "onOrderApproved", EVENTS[ORDER]["slug"]]
)
def test_an_event_s_own_name_shows_everything_about_it(called: str) -> None:
    (event,) = found(called)
    assert event["key"] == ORDER
    assert (event["package"], event["namespace"], event["handler"]) == (
        "@wix/ecom",
        "orders",
        "onOrderApproved",
    )
    assert event["sample"] == json.loads(catalogue.event_sample(ORDER))
    shown = screen(called)
    for scope in event["scopes"]:
        assert f"{scope['name']} ({scope['id']})" in shown
    assert catalogue.event_sample(ORDER) in shown


@pytest.mark.parametrize("key", EVENTS)
def test_every_event_has_a_page(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    from wix_events.commands.main import main

    assert main(["find", key]) == 0
    assert f"key      {key}\n" in capsys.readouterr().out
    assert main(["find", key, "--json"]) == 0
    (event,) = json.loads(capsys.readouterr().out)
    assert event["key"] == key


def test_an_ambiguous_name_lists_what_it_may_be() -> None:
    matches = found("onOrderUpdated")
    assert len(matches) > 1
    assert all("onOrderUpdated" in match["key"] for match in matches[:2])


def test_an_event_that_no_app_can_use_is_answered_with_the_reason() -> None:
    key = next(iter(catalogue.catalogue()["unusable"]))
    done = run_command("find", key)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f'event: "{key}" cannot be used in a Wix app: ')


def test_nothing_found_is_said_in_a_sentence() -> None:
    done = run_command("find", "zzzzqqqq")
    assert (done.returncode, done.stdout) == (1, "")
    assert run_command("find", "zzzzqqqq", "--json").stdout == "[]\n"
    assert done.stderr == (
        'No event matches "zzzzqqqq". Try fewer or other words; docs/events.md of the template lists all events.\n'
    )


def test_the_command_to_add_it_adds_it(template: TemplateRepo, tmp_path: Path) -> None:
    (event,) = found(ORDER)
    app = new_app(tmp_path / "app")
    words = event["add"].split()
    assert words[:4] == ["copier", "copy", "--trust", "--defaults"]
    key, value = words[5].split("=")
    run_copy(template, app, {key: value})
    assert [item["event"] for item in recorded(app)] == [ORDER]
