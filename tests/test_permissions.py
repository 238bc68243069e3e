"""The list of what an app's events are allowed to see, and the fewest scopes that cover them."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from template_repo import TemplateRepo, run_copy
from wix import ROOT
from wix_events import catalogue
from wix_events.commands import permissions

CONTACT = "crm.contacts.onContactCreated"
POST = "blog.posts.onPostCreated"
ORDER = "ecom.orders.onOrderApproved"
FOREIGN_ID = "11111111-1111-4111-8111-111111111111"


def brute_force(needs: Sequence[Sequence[str]]) -> list[str]:
    """Return the best set by trying all: fewest, then first in the lists, then first by alphabet."""
    reach = {
        scope: max(scopes.index(scope) for scopes in needs if scope in scopes)
        for scope in {scope for scopes in needs for scope in scopes}
    }
    for size in range(len(reach) + 1):
        sets = [
            (sum(reach[scope] for scope in chosen), list(chosen))
            for chosen in itertools.combinations(sorted(reach), size)
            if all(not scopes or set(scopes) & set(chosen) for scopes in needs)
        ]
        if sets:
            return min(sets)[1]
    raise AssertionError("not reached: all scopes together cover everything")


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=5), max_size=9))
def test_the_scopes_are_those_that_trying_all_sets_finds(needs: list[list[str]]) -> None:
    assert permissions.smallest_scopes(needs) == brute_force(needs)


def test_all_events_of_the_catalogue_are_covered_and_no_scope_is_idle() -> None:
    needs = [
        [scope["id"] for scope in event.get("permissions", ())]
        for event in catalogue.catalogue()["events"].values()
    ]
    chosen = set(permissions.smallest_scopes(needs))
    assert all(not scopes or chosen & set(scopes) for scopes in needs)
    for scope in chosen:
        assert any(chosen & set(scopes) == {scope} for scopes in needs), scope


def test_of_scopes_that_are_enough_the_one_of_the_event_s_own_product_is_taken() -> None:
    events = catalogue.catalogue()["events"]
    for event in events.values():
        scopes = [scope["id"] for scope in event.get("permissions", ())]
        assert permissions.smallest_scopes([scopes]) == scopes[:1]
    forms = [scope["id"] for scope in events["forms.submissions.onSubmissionCreated"]["permissions"]]
    assert "FORMS" in permissions.smallest_scopes([forms])[0]


def run(app: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command on an app."""
    return subprocess.run(
        [sys.executable, "-m", "wix_events.commands", "permissions", app, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "extensions")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def app(template: TemplateRepo, wix_app: Path) -> Path:
    """Make an app with two recorded events, one that only a newer SDK has, and a foreign one."""
    run_copy(template, wix_app, {"event": [CONTACT, POST]})
    run_copy(template, wix_app, {"package": "@wix/crm", "namespace": "visits", "handler": "onVisitPaid"})
    folder = wix_app / "src/mine"
    folder.mkdir()
    (folder / "orders.extension.ts").write_text(
        'import { extensions } from "@wix/astro/builders";\n'
        f'export const mine = extensions.event({{ id: "{FOREIGN_ID}", source: "./mine/orders.ts" }});\n'
    )
    (folder / "orders.ts").write_text(
        'import { orders } from "@wix/ecom";\nexport default orders.onOrderApproved(() => {});\n'
    )
    return wix_app


def test_every_event_is_listed_with_id_slug_file_and_scopes(app: Path) -> None:
    done = run(app, "--json")
    assert done.returncode == 0, done.stderr
    events = {event["name"]: event for event in json.loads(done.stdout)["events"]}
    assert set(events) == {"contact-created", "post-created", "visit-paid", "orders"}
    assert events["contact-created"]["slug"] == "wix.contacts.v4.contact_created"
    assert events["contact-created"]["recorded"]
    assert events["contact-created"]["permissions"] == catalogue.event_texts(CONTACT)["permissions"]
    assert events["contact-created"]["id"] in (app / events["contact-created"]["builder"]).read_text()
    assert events["orders"]["event"] == ORDER
    assert events["orders"]["id"] == FOREIGN_ID
    assert not events["orders"]["recorded"]
    assert events["visit-paid"]["slug"] is None


def test_the_report_names_the_scopes_to_grant_and_what_each_is_for(app: Path) -> None:
    data = json.loads(run(app, "--json").stdout)
    text = run(app).stdout
    assert {name for scope in data["scopes"] for name in scope["events"]} == {
        "contact-created",
        "post-created",
        "orders",
    }
    for scope in data["scopes"]:
        assert f"- **{scope['name']}** (`{scope['id']}`): {', '.join(scope['events'])}" in text
    assert "### orders (in the code, not recorded)" in text
    assert "- slug: not in the catalogue\n" in text
    assert FOREIGN_ID in text


def test_an_event_that_names_no_scope_is_listed_so(template: TemplateRepo, wix_app: Path) -> None:
    key = next(key for key, event in catalogue.catalogue()["events"].items() if not event.get("permissions"))
    run_copy(template, wix_app, {"event": key})
    text = run(wix_app).stdout
    assert "No scope is needed." in text
    assert "- scopes: Wix names none" in text


def test_one_of_two_records_is_chosen_by_its_file(template: TemplateRepo, wix_app: Path) -> None:
    run_copy(template, wix_app, {"event": CONTACT}, answers_file=".copier-answers.events.yml")
    (wix_app / ".copier-answers.yml").write_text("_commit: 1.0.0\n_src_path: https://example.com/other\n")
    (event,) = json.loads(run(wix_app, "--json").stdout)["events"]
    assert event["name"] == "contact-created"
    done = run(wix_app, "--answers-file", ".copier-answers.yml")
    assert done.returncode == 1
    assert ".copier-answers.yml" in done.stderr


def test_what_is_damaged_or_missing_is_named(template: TemplateRepo, wix_app: Path) -> None:
    done = run(wix_app)
    assert (done.returncode, done.stdout) == (1, "")
    assert "this app has no events" in done.stderr
    run_copy(template, wix_app, {"event": CONTACT})
    answers = wix_app / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("crm.contacts.onContactCreated", "nonsense"))
    done = run(wix_app)
    assert done.returncode == 1
    assert ".copier-answers.yml" in done.stderr
    assert "Traceback" not in done.stderr
    assert "no such file" in run(wix_app, "--answers-file", "nowhere.yml").stderr
