"""The script that tries an event, on the real dev server."""

from __future__ import annotations

import errno
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from dev_server import App
from template_repo import TemplateRepo, run_copy
from wix import new_app, wix_build

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


def contact_event(sample: dict[str, Any]) -> dict[str, Any]:
    return {"eventType": f"wix.contacts.v4.contact_{sample['slug']}", "data": {**DOMAIN_EVENT, **sample}}


def new_app_of_kinds(path: Path, template: TemplateRepo) -> App:
    """Add an event of each kind to a copy of the sample app, with what the user writes in handlers and samples."""
    kinds = [{"event": f"crm.{listener}", "name": name} for name, (listener, _) in SAMPLES.items()]
    kinds.append({"event": LEGACY, "name": "legacy-kind"})
    run_copy(template, new_app(path), {"event": kinds, "trigger": True})
    app = App(path)
    for name in app.ids:
        app.edit(name, "(async (event) => {\n", "(async (event) => {\n" + SEE)
    for name, (_, sample) in SAMPLES.items():
        app.write_sample(name, contact_event(sample))
    legacy = {"appId": "a-1", "originInstanceId": "i-1"}
    app.write_sample("legacy-kind", {"eventType": "AppInstalled", "data": legacy})
    return app


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, template: TemplateRepo) -> Iterator[App]:
    """Make an app with an event of each kind, and run its dev server as the script starts it."""
    app = new_app_of_kinds(tmp_path_factory.mktemp("served") / "app", template)
    with app.serve():
        yield app


@pytest.fixture
def app(served: App) -> App:
    """Give a test the served app with nothing seen yet."""
    served.seen()
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


def test_identity_of_the_sample_reaches_the_handler(app: App) -> None:
    identity = {"identityType": "WIX_USER", "wixUserId": "u-1"}
    _, sample = SAMPLES["entity-kind"]
    app.write_sample("entity-kind", {**contact_event(sample), "identity": identity})
    assert send_seen(app, "entity-kind")["metadata"]["identity"] == identity
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
    assert "data-kind, entity-kind, legacy-kind, metadata-kind, modified-kind" in output


def test_event_without_a_sample_is_told_where_to_write_one(app: App) -> None:
    text = app.sample("data-kind").read_text()
    app.sample("data-kind").unlink()
    code, output = app.send("data-kind")
    app.sample("data-kind").write_text(text)
    assert code == 1
    assert "src/backend/events/data-kind/data-kind.sample.json is missing" in output


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


def test_without_a_server_the_script_says_how_to_start_one(tmp_path: Path, template: TemplateRepo) -> None:
    app = new_app_of_kinds(tmp_path / "app", template)
    code, output = app.send("entity-kind")
    assert code == 1
    assert "npm run event astro dev" in output
    app.key.parent.mkdir(parents=True)
    app.key.write_text("left by a server that was killed")
    code, output = app.send("entity-kind")
    assert code == 1
    assert f"No answer from http://localhost:{app.port}/_wix/app-manifest.json (ECONNREFUSED)" in output


def test_a_sigterm_ends_the_server_and_removes_the_key(tmp_path: Path, template: TemplateRepo) -> None:
    app = new_app_of_kinds(tmp_path / "app", template)
    app.key.parent.mkdir(parents=True)
    app.key.write_text("left by a server that was killed, and open to all")
    app.key.chmod(0o644)
    with app.serve("node", "scripts/event.mjs") as script:
        assert app.key.stat().st_mode & 0o777 == 0o600
        script.terminate()
        script.wait(timeout=20)
        assert not app.key.exists()
        with socket.socket() as probe:
            assert probe.connect_ex(("localhost", app.port)) == errno.ECONNREFUSED


def test_a_server_that_is_not_installed_is_not_downloaded(tmp_path: Path, template: TemplateRepo) -> None:
    app = new_app_of_kinds(tmp_path / "app", template)
    (app.path / "node_modules/astro").unlink()
    process = subprocess.run(
        ["node", "scripts/event.mjs", "astro", "dev"],
        cwd=app.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert process.stderr.startswith("Cannot find module 'astro/package.json'")
    assert not app.key.exists()


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
        app = new_app_of_kinds(tmp_path / "app", template)
        app.port = elsewhere.server_port
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


def test_build_holds_neither_script_nor_samples(tmp_path: Path, template: TemplateRepo) -> None:
    app = new_app_of_kinds(tmp_path / "app", template)
    app.write_sample(
        "entity-kind", contact_event({"slug": "created", "originatedFrom": "sample-in-the-build"})
    )
    wix_build(app.path)
    built = b"".join(file.read_bytes() for file in (app.path / "dist").rglob("*") if file.is_file())
    assert b"make it throw" in built, "the handlers are in what was searched"
    for marker in ("sample-in-the-build", "wix-event", "generateKeyPairSync"):
        assert marker.encode() not in built
