"""Handlers that do their work once, on the real dev server, against a stand-in for Wix's API."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from dev_server import App
from fake_data_api import FakeDataApi
from template_repo import TemplateRepo, run_copy
from wix import new_app

pytestmark = pytest.mark.slow

# What a user adds to the generated handler.
WORK = """\
if (event.metadata.entityId === "fails") throw new Error("the work failed");
      appendFileSync("seen.jsonl", JSON.stringify(event.metadata._id) + "\\n");
"""


@pytest.fixture(scope="module")
def api() -> Iterator[FakeDataApi]:
    with FakeDataApi() as fake:
        yield fake


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, template: TemplateRepo, api: FakeDataApi
) -> Iterator[App]:
    """Make an app with an event whose work is done once, and run its dev server."""
    path = new_app(tmp_path_factory.mktemp("served") / "app")
    once = {"event": "crm.labels.onLabelCreated", "name": "idempotent", "idempotent": True, "trigger": True}
    run_copy(template, path, once)
    app = App(path)
    app.edit("idempotent", "// Your code goes here, with event.entity.\n", WORK)
    with app.serve(api=api.url):
        yield app


@pytest.fixture
def app(served: App, api: FakeDataApi) -> App:
    """Give a test the served app with nothing seen or stored yet."""
    api.reset()
    served.seen()
    served.log()
    return served


def deliver(app: App, delivery: str, entity: str = "l-1") -> tuple[int, str]:
    """Send the idempotent event as one delivery."""
    fixed = {"entityFqdn": "wix.contacts.v4.label", "slug": "created", "createdEvent": {"entity": {}}}
    data = {**fixed, "id": delivery, "entityId": entity}
    app.write_sample("idempotent", {"eventType": "wix.contacts.v4.label_created", "data": data})
    return app.send("idempotent")


def runs(api: FakeDataApi) -> dict[str, str]:
    """Return the state of every stored run by its id."""
    return {key[1]: item["state"] for key, item in api.items.items()}


def test_delivery_that_comes_twice_is_handled_once(app: App, api: FakeDataApi) -> None:
    assert deliver(app, "d-1")[0] == 0
    assert api.calls == ["token", "insert", "update"], "the requests that once.ts names"
    api.calls.clear()
    assert deliver(app, "d-1")[0] == 0
    assert api.calls == ["token", "insert", "query"]
    assert app.seen() == ["d-1"]
    assert runs(api) == {"d-1-1": "done"}
    deliver(app, "d-2")
    assert app.seen() == ["d-2"], "another delivery is other work"


def test_copies_that_arrive_together_are_handled_once(app: App, api: FakeDataApi) -> None:
    api.let_meet("insert", 2)
    list(ThreadPoolExecutor(2).map(lambda _: deliver(app, "d-1"), range(2)))
    # The script answers all open requests with the error of the copy that comes second, also the one whose work goes on.
    while runs(api) == {"d-1-1": "running"}:
        time.sleep(0.05)
    assert app.seen() == ["d-1"]
    assert runs(api) == {"d-1-1": "done"}


def test_work_that_failed_is_done_when_wix_delivers_again(app: App, api: FakeDataApi) -> None:
    code, output = deliver(app, "d-1", "fails")
    assert code == 1 and "the work failed" in output
    assert "Handling d-1 failed Error: the work failed" in app.log()
    assert runs(api) == {"d-1-1": "failed"}
    api.calls.clear()
    assert deliver(app, "d-1")[0] == 0
    assert api.calls == ["token", "insert", "query", "insert", "update"]
    assert deliver(app, "d-1")[0] == 0
    assert app.seen() == ["d-1"]
    assert runs(api) == {"d-1-1": "failed", "d-1-2": "done"}


def leave(api: FakeDataApi, delivery: str, ago: timedelta, state: str = "running") -> None:
    """Store a run that started some time ago."""
    started = (datetime.now(timezone.utc) - ago).isoformat().replace("+00:00", "Z")
    api.items["@account/app/handled-events", f"{delivery}-1"] = {
        "_id": f"{delivery}-1",
        "event": delivery,
        "attempt": 1,
        "state": state,
        "startedAt": {"$date": started},
    }


def test_copy_fails_while_another_is_being_handled_and_the_log_says_so(app: App, api: FakeDataApi) -> None:
    leave(api, "d-1", timedelta(seconds=1))
    code, output = deliver(app, "d-1")
    assert code == 1
    assert "Another copy of d-1 is being handled." in output
    log = app.log()
    assert "d-1 is being handled. Wix delivers this copy again." in log
    assert "Handling d-1 failed" not in log
    assert app.seen() == []


def test_run_that_was_stopped_half_way_is_taken_over_by_one_copy(app: App, api: FakeDataApi) -> None:
    leave(api, "d-1", timedelta(hours=1))
    api.let_meet("query", 2)  # each copy finds the run that was stopped
    list(ThreadPoolExecutor(2).map(lambda _: deliver(app, "d-1"), range(2)))
    assert app.seen() == ["d-1"]
    assert runs(api) == {"d-1-1": "running", "d-1-2": "done"}


def test_error_of_the_work_is_not_hidden_when_noting_it_fails_too(app: App, api: FakeDataApi) -> None:
    api.refuse = ["update"]
    code, output = deliver(app, "d-1", "fails")
    assert code == 1 and "the work failed" in output
    assert runs(api) == {"d-1-1": "running"}


def test_a_site_without_the_collection_fails_each_delivery(app: App, api: FakeDataApi) -> None:
    api.refuse = ["insert"]
    code, output = deliver(app, "d-1")
    assert code == 1 and "told to refuse this insert" in output, "the first error, not that nothing was found"
    assert app.seen() == []


def test_items_older_than_a_week_are_removed_now_and_then(app: App, api: FakeDataApi) -> None:
    for number in range(1001):
        leave(api, f"old-{number}", timedelta(days=7, minutes=1), "done")
    leave(api, "new", timedelta(days=6, hours=23), "done")
    assert deliver(app, "d-1")[0] == 0
    assert len(api.items) == 1003
    api.random = "0"
    api.calls.clear()
    assert deliver(app, "d-2")[0] == 0
    assert api.calls == ["token", "insert", "update", "query", "remove"]
    assert len(api.items) == 4, "as many as one request can remove"
    api.refuse = ["remove"]
    assert deliver(app, "d-3")[0] == 0, "the work is done, whatever becomes of the old items"
    assert "Old items stay in @account/app/handled-events" in app.log()
    assert deliver(app, "d-4")[0] == 0
    assert set(runs(api)) == {"new-1", "d-1-1", "d-2-1", "d-3-1", "d-4-1"}
