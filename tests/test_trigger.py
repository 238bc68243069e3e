"""The script that tries an event, and handlers that do their work once, on the real dev server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from fake_data_api import FakeDataApi
from template_repo import TemplateRepo, run_copy
from wix import TESTS, link_toolchain, new_app, wix_build

pytestmark = pytest.mark.slow

# An event of each kind: the listener, and what Wix sends besides `DOMAIN_EVENT`.
CONTACT = {"id": "c-1", "createdDate": "2026-01-02T03:04:05Z", "info": {"name": {"first": "Sample"}}}
SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "entity-kind": (
        "contacts.onContactCreated",
        {"slug": "created", "createdEvent": {"entity": CONTACT}},
    ),
    "data-kind": (
        "contacts.onContactMerged",
        {"slug": "merged", "actionEvent": {"body": {"targetContact": CONTACT, "sourceContactIds": ["c-2"]}}},
    ),
    "metadata-kind": ("contacts.onContactDeleted", {"slug": "deleted", "deletedEvent": {}}),
    "modified-kind": (
        "contacts.onContactUpdated",
        {
            "slug": "updated",
            "updatedEvent": {
                "currentEntity": CONTACT,
                "modifiedFields": {"info.name.first": "Before", "createdDate": "2025-01-02T03:04:05Z"},
            },
        },
    ),
}
DOMAIN_EVENT = {"entityFqdn": "wix.contacts.v4.contact", "entityId": "c-1"}
SEEN_CONTACT = {
    "_id": "c-1",
    "_createdDate": "2026-01-02T03:04:05.000Z",
    "info": {"name": {"first": "Sample"}},
}

LEGACY = "app-management.appInstances.onAppInstanceInstalled"
# What a user adds to the generated handlers: it writes down what they see.
SEE = """\
  appendFileSync("seen.jsonl", JSON.stringify(event) + "\\n");
  if (JSON.stringify(event).includes("make it throw")) throw new Error("the handler gave up");
"""
WORK = """\
if (event.metadata.entityId === "fails") throw new Error("the work failed");
      appendFileSync("seen.jsonl", JSON.stringify(event.metadata._id) + "\\n");
"""


class App:
    """An app that the template made to try events in, and its dev server while one runs."""

    def __init__(self, path: Path, port: int, template: TemplateRepo) -> None:
        """Add an event of each kind to a copy of the sample app, with what the user writes in the handlers."""
        self.path = new_app(path)
        self.port = port
        self._logged = 0
        self.events = self.path / "src" / "backend" / "events"
        kinds = [{"event": f"crm.{listener}", "name": name} for name, (listener, _) in SAMPLES.items()]
        run_copy(
            template, path, {"event": [*kinds, {"event": LEGACY, "name": "legacy-kind"}], "trigger": True}
        )
        once = {"event": "crm.labels.onLabelCreated", "name": "idempotent", "idempotent": True}
        run_copy(template, path, once)
        link_toolchain(self.path)
        record = yaml.safe_load((path / ".copier-answers.yml").read_text())["events"]
        self.ids = {event["name"]: event["id"] for event in record}
        self.generated = {name: self.sample(name).read_text() for name in self.ids}
        for name in self.ids:
            if name == "idempotent":
                self.edit(name, "// Your code goes here, with event.entity.\n", WORK)
            else:
                self.edit(name, "(async (event) => {\n", "(async (event) => {\n" + SEE)
        for name, (_, sample) in SAMPLES.items():
            self.write_sample(name, contact_event(sample))
        self.write_sample(
            "legacy-kind",
            {"eventType": "AppInstalled", "data": {"appId": "a-1", "originInstanceId": "i-1"}},
        )

    @property
    def key(self) -> Path:
        """Return where the script keeps its key while a server runs."""
        return self.path / "node_modules" / ".cache" / "wix-event" / "key.pem"

    def sample(self, name: str) -> Path:
        """Return an event's sample."""
        return self.events / name / f"{name}.sample.json"

    def edit(self, name: str, old: str, new: str) -> None:
        """Edit a handler as its user would."""
        handler = self.events / name / f"{name}.ts"
        text = handler.read_text()
        assert text.count(old) == 1
        handler.write_text('import { appendFileSync } from "node:fs";\n' + text.replace(old, new))

    def write_sample(self, name: str, sample: dict[str, Any]) -> None:
        """Write an event's sample."""
        self.sample(name).write_text(json.dumps(sample))

    def send(self, *args: str) -> tuple[int, str]:
        """Run the script as `npm run event` does, and return its exit code and output."""
        command = ["node", "scripts/event.mjs", *args, "--port", str(self.port)]
        process = subprocess.run(
            command, cwd=self.path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        return process.returncode, process.stdout + process.stderr

    def log(self) -> str:
        """Return what the dev server has printed since the last call."""
        with (self.path / "dev.log").open() as file:
            file.seek(self._logged)
            text = file.read()
            self._logged = file.tell()
        return text

    def seen(self) -> list[Any]:
        """Return what handlers saw since the last call."""
        file = self.path / "seen.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


def new_key() -> str:
    rsa = "crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey"
    code = f"console.log({rsa}.export({{ type: 'pkcs8', format: 'pem' }}))"
    return subprocess.check_output(["node", "-e", code], text=True)


def contact_event(sample: dict[str, Any]) -> dict[str, Any]:
    return {"eventType": f"wix.contacts.v4.contact_{sample['slug']}", "data": {**DOMAIN_EVENT, **sample}}


@pytest.fixture(scope="module")
def api() -> Iterator[FakeDataApi]:
    with FakeDataApi() as fake:
        yield fake


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, template: TemplateRepo, api: FakeDataApi
) -> Iterator[App]:
    """Make an app with an event of each kind, and run its dev server as the script starts it."""
    app = App(tmp_path_factory.mktemp("served") / "app", free_port(), template)
    env = {
        **os.environ,
        "ASTRO_TELEMETRY_DISABLED": "1",
        "FAKE_WIX_API": api.url,
        "NODE_OPTIONS": f"--import={(TESTS / 'redirect_wix_apis.mjs').as_uri()}",
    }
    log = app.path / "dev.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            ["npm", "run", "event", "--", "astro", "dev", "--port", str(app.port)],
            cwd=app.path,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for_server(server, app.port, log)
        yield app
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def wait_for_server(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, f"The dev server ended:\n{log.read_text()}"
        try:
            urllib.request.urlopen(f"http://localhost:{port}/_wix/app-manifest.json", timeout=60).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"The dev server does not answer:\n{log.read_text()}")


@pytest.fixture
def app(served: App, api: FakeDataApi) -> App:
    """Give a test the served app with nothing seen or stored yet."""
    api.reset()
    served.seen()
    served.log()
    return served


def send_seen(app: App, name: str) -> dict[str, Any]:
    code, output = app.send(name)
    assert code == 0, output
    [seen] = app.seen()
    assert output.startswith(f"{name}: 200 in ")
    assert isinstance(seen, dict)
    return seen


def metadata(seen: dict[str, Any], slug: str) -> dict[str, Any]:
    """Check what every domain event carries, and return the metadata."""
    found: dict[str, Any] = seen["metadata"]
    assert found["instanceId"] == "22222222-2222-4222-8222-222222222222", "the app's own, from .env.local"
    assert (found["entityFqdn"], found["entityId"]) == ("wix.contacts.v4.contact", "c-1")
    assert found["slug"] == slug
    assert found["_id"] and found["eventTime"].endswith("Z")
    return found


def test_handler_of_an_entity_event_sees_entity_and_metadata(app: App) -> None:
    seen = send_seen(app, "entity-kind")
    metadata(seen, "created")
    assert seen == {"entity": SEEN_CONTACT, "metadata": seen["metadata"]}


def test_handler_of_an_action_sees_data_and_metadata(app: App) -> None:
    seen = send_seen(app, "data-kind")
    metadata(seen, "merged")
    assert seen == {
        "data": {"targetContact": SEEN_CONTACT, "sourceContactIds": ["c-2"]},
        "metadata": seen["metadata"],
    }


def test_handler_of_a_deletion_sees_metadata_only(app: App) -> None:
    seen = send_seen(app, "metadata-kind")
    metadata(seen, "deleted")
    assert seen == {"metadata": seen["metadata"]}


def test_handler_of_an_update_sees_the_modified_fields(app: App) -> None:
    seen = send_seen(app, "modified-kind")
    metadata(seen, "updated")
    assert seen == {
        "entity": SEEN_CONTACT,
        "metadata": seen["metadata"],
        "modifiedFields": {"info.name.first": "Before", "_createdDate": "2025-01-02T03:04:05.000Z"},
    }


def test_handler_of_a_legacy_event_sees_its_bare_payload(app: App) -> None:
    seen = send_seen(app, "legacy-kind")
    assert seen == {
        "data": {"appId": "a-1", "originInstanceId": "i-1"},
        "metadata": {"instanceId": "22222222-2222-4222-8222-222222222222"},
    }


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("entity-kind", {"entity", "metadata"}),
        ("data-kind", {"data", "metadata"}),
        ("metadata-kind", {"metadata"}),
        ("modified-kind", {"entity", "metadata", "modifiedFields"}),
        ("legacy-kind", {"data", "metadata"}),
    ],
)
def test_the_generated_sample_reaches_the_handler_in_its_own_envelope(
    app: App, name: str, holds: set[str]
) -> None:
    edited = app.sample(name).read_text()
    app.sample(name).write_text(app.generated[name])
    seen = send_seen(app, name)
    app.sample(name).write_text(edited)
    assert set(seen) == holds
    if name != "legacy-kind":
        assert seen["metadata"]["_id"]
    if "entity" in holds:
        assert seen["entity"]["_id"] == seen["metadata"]["entityId"]
        assert "@example.com" in json.dumps(seen["entity"])


def test_every_send_is_a_delivery_of_its_own_unless_the_sample_names_one(app: App) -> None:
    ids = [send_seen(app, "entity-kind")["metadata"]["_id"] for _ in range(2)]
    assert ids[0] != ids[1]
    _, sample = SAMPLES["entity-kind"]
    app.write_sample("entity-kind", contact_event(sample | {"id": "delivery-1"}))
    assert send_seen(app, "entity-kind")["metadata"]["_id"] == "delivery-1"
    app.write_sample("entity-kind", contact_event(sample))


def test_error_of_the_handler_comes_back(app: App) -> None:
    _, sample = SAMPLES["data-kind"]
    app.write_sample("data-kind", contact_event(sample | {"actionEvent": {"body": {"why": "make it throw"}}}))
    code, output = app.send("data-kind")
    app.write_sample("data-kind", contact_event(sample))
    assert code == 1
    assert "data-kind: 500" in output
    assert "the handler gave up" in output
    assert "data-kind.ts:" in output, "the stack names the place"


def test_handler_that_cannot_be_loaded_comes_back_as_an_error(app: App) -> None:
    handler = app.events / "entity-kind" / "entity-kind.ts"
    text = handler.read_text()
    handler.write_text('throw new Error("not even loaded");\n')
    code, output = app.send("entity-kind")
    handler.write_text(text)
    assert code == 1
    assert "not even loaded" in output


def test_another_key_is_rejected_and_the_script_says_what_to_do(app: App) -> None:
    key = app.key.read_text()
    app.key.write_text(
        subprocess.check_output(["openssl", "genrsa", "2048"], text=True, stderr=subprocess.DEVNULL)
    )
    code, output = app.send("entity-kind")
    app.key.write_text(key)
    assert code == 1
    assert "the server has another key" in output
    assert "npm run event astro dev" in output
    assert app.seen() == []


def test_unknown_name_lists_the_events_there_are(app: App) -> None:
    code, output = app.send("nothing")
    assert code == 1
    assert 'No event "nothing" under src.' in output
    assert "data-kind, entity-kind, idempotent, legacy-kind" in output
    assert "handled-events" not in output, "a builder of something else"


def test_event_without_a_sample_is_told_where_to_write_one(app: App) -> None:
    app.sample("idempotent").unlink(missing_ok=True)
    code, output = app.send("idempotent")
    assert code == 1
    assert "src/backend/events/idempotent/idempotent.sample.json is missing" in output


def test_event_that_is_not_registered_is_named(app: App) -> None:
    builder = app.events / "entity-kind" / "entity-kind.extension.ts"
    text = builder.read_text()
    moved = builder.with_name("elsewhere.extension.ts")
    moved.write_text(text.replace(app.ids["entity-kind"][:8], "ffffffff"))
    moved.with_name("elsewhere.sample.json").write_text('{"eventType": "", "data": {}}')
    code, output = app.send("elsewhere")
    moved.unlink()
    assert code == 1
    assert "elsewhere.extension.ts. Register it in src/extensions.ts" in output


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
    deliver_both = ThreadPoolExecutor(2).map(lambda _: deliver(app, "d-1"), range(2))
    codes = [code for code, _ in deliver_both]
    assert 0 in codes
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


def test_without_a_server_the_script_says_how_to_start_one(tmp_path: Path, template: TemplateRepo) -> None:
    app = App(tmp_path / "app", free_port(), template)
    code, output = app.send("entity-kind")
    assert code == 1
    assert "npm run event astro dev" in output
    app.key.parent.mkdir(parents=True)
    app.key.write_text("left by a server that was killed")
    code, output = app.send("entity-kind")
    assert code == 1
    assert f"No answer from http://localhost:{app.port}/_wix/app-manifest.json (ECONNREFUSED)" in output


class Elsewhere(BaseHTTPRequestHandler):
    """Claims to be a dev server, and that the event's handler is at another host."""

    posts: ClassVar[list[str]] = []
    ids: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Answer with a manifest."""
        webhook = {"callbackUrl": "http://wix.example.com/hook", "webhookSlug": "a.slug"}
        components = [{"compId": id, "compData": {"webhook": webhook}} for id in self.ids]
        self._reply(200, json.dumps({"components": components}))

    def do_POST(self) -> None:
        """Answer with a redirect."""
        self.posts.append(self.path)
        self._reply(307, "")

    def _reply(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Location", "http://wix.example.com/hook")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def test_script_talks_to_this_machine_only(tmp_path: Path, template: TemplateRepo) -> None:
    with HTTPServer(("localhost", 0), Elsewhere) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        app = App(tmp_path / "app", elsewhere.server_port, template)
        Elsewhere.ids = list(app.ids.values())
        app.key.parent.mkdir(parents=True)
        app.key.write_text(
            subprocess.check_output(["openssl", "genrsa", "2048"], text=True, stderr=subprocess.DEVNULL)
        )
        code, output = app.send("entity-kind")
        elsewhere.shutdown()
    assert Elsewhere.posts == ["/hook"]
    assert code == 1 and "entity-kind: 307" in output, "a redirect is an answer, not followed"
    app.port = "80@example.com"  # type: ignore[assignment]
    assert app.send("entity-kind") == (1, '--port takes a number, not "80@example.com".\n')


def test_build_holds_the_collection_but_neither_script_nor_samples(
    tmp_path: Path, template: TemplateRepo
) -> None:
    app = App(tmp_path / "app", 0, template)
    app.write_sample(
        "entity-kind", contact_event({"slug": "created", "originatedFrom": "sample-in-the-build"})
    )
    manifest = wix_build(app.path)
    built = b"".join(file.read_bytes() for file in (app.path / "dist").rglob("*") if file.is_file())
    assert b"being handled" in built, "the handlers are in what was searched"
    for marker in ("sample-in-the-build", "wix-event", "generateKeyPairSync"):
        assert marker.encode() not in built
    [collection] = [c for c in manifest["components"] if c["compType"] == "DATA_COMPONENT"]
    assert [c["idSuffix"] for c in collection["compData"]["dataComponent"]["collections"]] == [
        "handled-events"
    ]
