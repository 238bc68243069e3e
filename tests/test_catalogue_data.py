"""The committed catalogue, its documentation, and the tool that builds both (`make catalogue`)."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from wix import ROOT, SDK, install_sdk
from wix_events.catalogue import event_sample

TOOL = ROOT / "tools" / "catalogue"
CATALOGUE = ROOT / "extensions/wix_events/catalogue/events.json"
SAMPLES = ROOT / "extensions/wix_events/catalogue/samples.json"
DOCS = ROOT / "docs" / "events.md"

Catalogue = dict[str, Any]


@pytest.fixture(scope="module")
def committed() -> Catalogue:
    """Read the committed catalogue."""
    data: Catalogue = json.loads(CATALOGUE.read_bytes())
    return data


@pytest.fixture
def catalogue() -> Catalogue:
    """Make a small catalogue, to be doctored."""
    entry = {
        "title": "Contact Created",
        "description": "Triggered when a contact is created.",
        "slug": "wix.contacts.v4.contact_created",
        "payload": "entity",
        "permissions": [{"id": "SCOPE.READ", "name": "Read Contacts"}],
    }
    return {
        "packages": {"@wix/crm": "1.0.0"},
        "products": {"crm": "CRM"},
        "events": {
            "crm.contacts.onContactCreated": entry,
            "crm.contacts.onContactDeleted": {
                **entry,
                "title": "Contact Deleted",
                "slug": "wix.contacts.v4.contact_deleted",
            },
        },
        "unusable": {},
        "removed": {},
    }


def call(module: str, function: str, *arguments: Any) -> Any:
    """Call a function of the tool with plain data.

    Args:
        module: Its file.
        function: Its name.
        arguments: What to call it with.

    Returns:
        What it returned.
    """
    code = (
        'import { readFileSync } from "node:fs";'
        f"import {{ {function} as called }} from {json.dumps((TOOL / module).as_uri())};"
        'process.stdout.write(JSON.stringify(called(...JSON.parse(readFileSync(0, "utf8"))) ?? null));'
    )
    process = subprocess.run(
        ["node", "--input-type=module", "--eval", code],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(process.stdout)


def test_the_catalogue_holds_every_event_that_the_sdk_published_when_it_was_first_built(
    committed: Catalogue,
) -> None:
    events = committed["events"]
    assert len(events) >= 569
    assert len({event["slug"] for event in events.values()}) >= 561
    assert len(committed["packages"]) == 32


def test_all_parts_are_sorted(committed: Catalogue) -> None:
    for part in committed.values():
        assert list(part) == sorted(part)


def test_a_usable_event_is_neither_unusable_nor_removed(committed: Catalogue) -> None:
    assert not committed["events"].keys() & (committed["unusable"].keys() | committed["removed"].keys())


def test_every_key_names_a_package_a_namespace_and_a_handler(committed: Catalogue) -> None:
    for key in [*committed["events"], *committed["unusable"], *committed["removed"]]:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z][A-Za-z0-9]*\.on[A-Z][A-Za-z0-9]*", key)
    for key in committed["events"]:
        product = key.split(".")[0]
        assert f"@wix/{product}" in committed["packages"]
        assert product in committed["products"]


def test_every_entry_has_what_the_template_renders(committed: Catalogue) -> None:
    for key, event in committed["events"].items():
        assert event["payload"] in {"entity", "data", "metadata", "modified"}, key
        assert re.fullmatch(r"[\w.-]+", event["slug"]), key
        assert re.fullmatch(r"[A-Za-z0-9]+( [A-Za-z0-9]+)+", event["title"]), key
        assert all(scope["id"] and scope["name"] for scope in event["permissions"]), key
        ids = [scope["id"] for scope in event["permissions"]]
        assert len(ids) == len(set(ids)), key
        # Only an entity can lack an id, and only a bare payload comes without a domain event.
        assert "id" not in event or event["payload"] in {"entity", "modified"}, key
        assert "domain" not in event or event["payload"] == "data", key


def test_every_text_fits_on_one_line_of_a_block_comment(committed: Catalogue) -> None:
    for key, event in committed["events"].items():
        for text in (
            event["title"],
            event["description"],
            *(scope["name"] for scope in event["permissions"]),
        ):
            assert text == text.strip() and text.isprintable(), key
            assert "*/" not in text and "`" not in text and "](" not in text, key
        assert event["description"].endswith("."), key


def test_exports_of_one_event_name_each_other(committed: Catalogue) -> None:
    events = committed["events"]
    for key, event in events.items():
        others = [other for other, entry in events.items() if entry["slug"] == event["slug"] and other != key]
        assert event.get("same", []) == others, key
    assert len([event for event in events.values() if "same" in event]) >= 16


def test_no_two_events_share_the_webhook_that_the_wix_build_writes(committed: Catalogue) -> None:
    events = committed["events"].values()
    webhooks = {(event.get("webhook", event["slug"]), event["slug"]) for event in events}
    assert len({webhook for webhook, _ in webhooks}) == len(webhooks)


def test_the_documentation_is_in_step_with_the_catalogue(committed: Catalogue) -> None:
    assert DOCS.read_text(encoding="utf-8") == call("docs.mjs", "document", committed)


def test_the_documentation_begins_with_a_table_of_products(committed: Catalogue) -> None:
    text = DOCS.read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(.+?)\]\(#(.+?)\) +\| +(\d+) \| (.*?) *\|$", text, re.M)
    assert [title for title, *_ in rows] == list(committed["products"].values())
    assert sum(int(count) for _, _, count, _ in rows) == len(committed["events"])
    # GitHub makes an anchor of each heading: lower case, words joined by hyphens, other punctuation dropped.
    headings = re.findall(r"^##+ (.+)$", text, re.M)
    anchors = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
    for title, anchor, _, _ in rows:
        assert anchors.index(anchor) == headings.index(title)
        assert anchors.count(anchor) == 1
    deprecated = [key for key, event in committed["events"].items() if "deprecated" in event]
    assert sum(len(re.findall(r"`[^`]+`", marked)) for *_, marked in rows) == len(deprecated) >= 21
    assert all(f"`{key}` (deprecated)\n" in text for key in deprecated)


def test_what_replaces_a_deprecated_event_is_an_event_of_the_catalogue(committed: Catalogue) -> None:
    told = [event["deprecated"] for event in committed["events"].values() if "deprecated" in event]
    successors = [deprecated["replacedBy"] for deprecated in told if "replacedBy" in deprecated]
    assert len(successors) >= 10
    assert all(successor in committed["events"] for successor in successors)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", deprecated.get("until", "2026-01-01")) for deprecated in told)


def test_a_link_leads_to_the_page_of_the_event(committed: Catalogue) -> None:
    linked = {key: event for key, event in committed["events"].items() if "link" in event}
    assert linked
    for key, event in linked.items():
        page = event["title"].lower().replace(" ", "-")
        assert re.fullmatch(rf"https://dev\.wix\.com/docs/\S+/{page}", event["link"]), key


def test_the_catalogue_is_laid_out_as_the_tool_does(committed: Catalogue) -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == call("layout.mjs", "layOut", committed)


@pytest.mark.slow
def test_a_rebuild_from_the_installed_sdk_changes_no_byte(tmp_path: Path) -> None:
    install_sdk()
    shutil.copytree(TOOL, tmp_path / "tools" / "catalogue")
    shutil.copytree(
        ROOT / "extensions", tmp_path / "extensions", ignore=shutil.ignore_patterns("__pycache__")
    )
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "sdk").symlink_to(SDK)
    process = subprocess.run(
        ["node", "tools/catalogue/build.mjs", "--no-install"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout == "no change\n"
    assert (tmp_path / "extensions/wix_events/catalogue/events.json").read_bytes() == CATALOGUE.read_bytes()
    assert (tmp_path / "docs" / "events.md").read_bytes() == DOCS.read_bytes()
    assert (tmp_path / "extensions/wix_events/catalogue/samples.json").read_bytes() == SAMPLES.read_bytes()


def read_samples() -> dict[str, Any]:
    """Read the sample payloads."""
    samples: dict[str, Any] = json.loads(SAMPLES.read_bytes())
    return samples


def test_every_event_has_a_sample_payload(committed: Catalogue) -> None:
    samples = read_samples()
    assert samples.keys() - committed["removed"].keys() == committed["events"].keys()
    assert list(samples) == sorted(samples)
    # An event a line, so that a rebuild's diff shows which ones changed.
    assert len(SAMPLES.read_text().splitlines()) == len(samples) + 2
    assert SAMPLES.stat().st_size < 1_500_000


def test_a_sample_is_what_a_domain_event_of_its_slug_delivers(committed: Catalogue) -> None:
    samples = read_samples()
    bodies = {
        "data": {"actionEvent"},
        "metadata": {"deletedEvent"},
        "modified": {"updatedEvent"},
        "entity": {"createdEvent", "updatedEvent", "deletedEvent"},
    }
    for key, event in committed["events"].items():
        if not event.get("domain", True):
            continue
        sample = samples[key]
        assert f"{sample['entityFqdn']}_{sample['slug']}" == event["slug"], key
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}", sample["id"]
        ), key
        assert len(sample.keys() & bodies[event["payload"]]) == 1, key
        if event["payload"] == "modified":
            assert sample["updatedEvent"]["modifiedFields"], key


@pytest.mark.slow
def test_the_sdk_hands_each_sample_to_its_handler_as_its_typings_say(
    committed: Catalogue, tmp_path: Path
) -> None:
    modules = install_sdk()
    events = committed["events"]
    deliveries = {
        key: {
            "slug": events[key]["slug"],
            "identity": json.loads(event_sample(key))["identity"],
            "payload": payload,
        }
        for key, payload in read_samples().items()
    }
    delivered = subprocess.run(
        [
            "node",
            "--input-type=module",
            "--eval",
            Path(__file__).with_name("deliver_samples.mjs").read_text(),
        ],
        cwd=SDK,
        input=json.dumps(deliveries),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    assert delivered.count("\nuse<") == len(deliveries)
    assert delivered.count('"identity": { "identityType": "WIX_USER"') == len(deliveries)
    (tmp_path / "node_modules").symlink_to(modules)
    (tmp_path / "handled.ts").write_text(delivered)
    options = {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,
        "target": "ES2022",
        "module": "ESNext",
        "moduleResolution": "Bundler",
        "types": [],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["handled.ts"]}))
    checked = subprocess.run(
        [modules / ".bin" / "tsc", "-p", tmp_path], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout[:2000]) == (0, "")


def test_what_changed_is_said_for_a_changelog(catalogue: Catalogue) -> None:
    after = copy.deepcopy(catalogue)
    created = after["events"].pop("crm.contacts.onContactCreated")
    deleted = after["events"]["crm.contacts.onContactDeleted"]
    deleted["permissions"] = [{"id": "SCOPE.MANAGE", "name": "Manage Contacts"}]
    deleted["payload"] = "metadata"
    deleted["description"] = "Triggered when a contact is gone."
    after["events"]["crm.people.onContactCreated"] = created
    after["events"]["crm.contacts.onContactMerged"] = {**created, "title": "Contact Merged", "slug": "merged"}
    after["unusable"]["crm.old.onThing"] = "its package is too old."
    after["packages"] = {"@wix/crm": "1.0.1", "@wix/new": "1.0.0"}
    assert call("changes.mjs", "changes", catalogue, after) == [
        "- Added: `crm.contacts.onContactMerged` (Contact Merged)",
        "- Changed: `crm.contacts.onContactDeleted` (description)",
        "- Not usable: `crm.old.onThing`, its package is too old.",
        "- Payload changed: `crm.contacts.onContactDeleted` from entity to metadata",
        "- Permission changed: `crm.contacts.onContactDeleted` +SCOPE.MANAGE -SCOPE.READ",
        "- Renamed: `crm.contacts.onContactCreated` is now `crm.people.onContactCreated`",
        "- Read from: @wix/crm 1.0.1 (was 1.0.0)",
        "- Read from: @wix/new 1.0.0",
    ]


def test_another_first_scope_is_said_since_builders_name_it(catalogue: Catalogue) -> None:
    key = "crm.contacts.onContactCreated"
    read, manage = ({"id": f"SCOPE.{name}", "name": name} for name in ("READ", "MANAGE"))
    catalogue["events"][key]["permissions"] = [read, manage]
    after = copy.deepcopy(catalogue)
    after["events"][key]["permissions"] = [manage, read]
    assert call("changes.mjs", "changes", catalogue, after) == [
        f"- Permission changed: `{key}` first SCOPE.MANAGE"
    ]


def test_a_removed_event_is_said_and_keeps_its_entry(catalogue: Catalogue) -> None:
    events = copy.deepcopy(catalogue["events"])
    gone = events.pop("crm.contacts.onContactCreated")
    read = {"packages": catalogue["packages"], "titles": {"crm": "CRM"}, "events": events, "unusable": {}}
    after = call("merge.mjs", "merge", read, catalogue)
    assert after["removed"] == {"crm.contacts.onContactCreated": gone}
    assert call("changes.mjs", "changes", catalogue, after) == [
        "- Removed: `crm.contacts.onContactCreated` (Contact Created), no longer in the SDK"
    ]
    again = call("merge.mjs", "merge", read, after)
    assert again == after
    assert call("changes.mjs", "changes", after, again) == []


def test_an_event_that_comes_back_is_no_longer_removed(catalogue: Catalogue) -> None:
    events = catalogue["events"]
    before = {**catalogue, "events": {}, "removed": events}
    read = {"packages": catalogue["packages"], "titles": {"crm": "CRM"}, "events": events, "unusable": {}}
    assert call("merge.mjs", "merge", read, before)["removed"] == {}


def test_the_sample_of_a_removed_event_stays(tmp_path: Path) -> None:
    before = {
        "crm.a.onB": {"was": 1},
        "crm.a.onC": {"was": 2},
        "old.a.onD": {"was": 3},
        "gone.a.onE": {"was": 4},
    }
    file = tmp_path / "samples.json"
    assert call("files.mjs", "writeSamples", str(file), before, []) == []
    changed = call(
        "files.mjs", "writeSamples", str(file), {"crm.a.onC": {"is": 5}}, ["crm.a.onB", "old.a.onD"]
    )
    assert changed == ["- Samples changed: 1"]
    assert file.read_text() == (
        '{\n"crm.a.onB": {"was":1},\n"crm.a.onC": {"is":5},\n"old.a.onD": {"was":3}\n}\n'
    )


@pytest.mark.parametrize(
    ("handler", "comment", "said"),
    [
        ("onCartUpdated", "", "Triggered when a cart is updated."),
        ("onOrderUpdated", "", "Triggered when an order is updated."),
        ("onRsvpCreated", "", "Triggered when an RSVP is created."),
        ("onChatSettingsUpdated", "", "Triggered when chat settings are updated."),
        ("onParticipantJoined", "", "The SDK does not say when it fires."),
        (
            "onX",
            "Triggered when the\n`status` of [it](https://a.b) changes. More.",
            "Triggered when the status of it changes.",
        ),
        (
            "onX",
            "> **Note:** Careful.\n<br>\nTriggered when:\n- One is done.\n- Two",
            "Triggered when: One is done; Two.",
        ),
        ("onX", "Triggered for:\n\n+ One. Also more.\n+ Two.", "Triggered for: One; Two."),
        ("onX", "Triggered */ at once", "Triggered / at once."),
        (
            "onPostLiked",
            "<blockquote class='warning'>\n\n__Gone__, triggered\n\n</blockquote>",
            "Triggered when a post is liked.",
        ),
    ],
)
def test_a_description_is_one_plain_sentence(handler: str, comment: str, said: str) -> None:
    assert call("prose.mjs", "description", handler, comment) == said


def test_a_title_keeps_acronyms_and_versions_whole() -> None:
    assert call("prose.mjs", "title", "onRsvpV2Created") == "RSVP V2 Created"
    assert call("prose.mjs", "title", "onOnlineProgramFAQUpdated") == "Online Program FAQ Updated"
