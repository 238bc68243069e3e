"""The sample payloads agree with their events: `make catalogue` makes them from the SDK's typings."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wix import ROOT, SDK, install_sdk
from wix_events import catalogue

SAMPLES: dict[str, Any] = json.loads(
    (ROOT / "extensions/wix_events/catalogue/samples.json").read_text(encoding="utf-8")
)
EVENTS: dict[str, Any] = json.loads(
    (ROOT / "extensions/wix_events/catalogue/events.json").read_text(encoding="utf-8")
)["events"]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a sample."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from objects(item)


def entity_of(sample: dict[str, Any]) -> dict[str, Any]:
    """Return the entity that a domain event carries, empty if it carries none."""
    entity: dict[str, Any] = (
        sample.get("createdEvent", {}).get("entity")
        or sample.get("updatedEvent", {}).get("currentEntity")
        or sample.get("deletedEvent", {}).get("deletedEntity")
        or {}
    )
    return entity


def test_the_entity_id_is_the_id_of_the_entity() -> None:
    compared = 0
    for key, sample in SAMPLES.items():
        if EVENTS[key].get("domain") is False:
            continue
        entity = entity_of(sample)
        ids = [entity[name] for name in ("id", "_id") if name in entity]
        name = re.sub(r"_([a-z])", lambda found: found[1].upper(), sample["entityFqdn"].rsplit(".", 1)[1])
        body = sample.get("actionEvent", {}).get("body", {})
        ids += [body[name]["id"]] if "id" in body.get(name, {}) else []
        ids += [holder[f"{name}Id"] for holder in (body, entity) if f"{name}Id" in holder]
        assert set(ids) <= {sample["entityId"]}, key
        compared += bool(ids)
    assert compared > 400


@pytest.mark.parametrize(
    ("key", "path", "state"),
    [
        ("ecom.orders.onOrderApproved", "order.status", "APPROVED"),
        ("ecom.orders.onOrderApproved", "order.paymentStatus", "PAID"),
        ("ecom.orders.onOrderCanceled", "order.status", "CANCELED"),
        ("ecom.orders.onOrderFulfilled", "order.fulfillmentStatus", "FULFILLED"),
        ("bookings.bookings.onBookingConfirmed", "booking.status", "CONFIRMED"),
        ("bookings.bookings.onBookingConfirmed", "previousStatus", "CREATED"),
        ("bookings.bookings.onBookingDeclined", "booking.status", "DECLINED"),
        ("pricing-plans.plans.onPlanArchived", "plan.archived", True),
    ],
)
def test_what_happened_shows_in_the_sample(key: str, path: str, state: Any) -> None:
    value = SAMPLES[key]["actionEvent"]["body"]
    for name in path.split("."):
        value = value[name]
    assert value == state


@pytest.mark.slow
def test_what_happened_shows_wherever_an_enum_of_the_sdk_can_say_it() -> None:
    install_sdk()
    printed = subprocess.run(
        ["node", Path(__file__).with_name("sample_states.mjs"), ROOT / "tools/catalogue", SDK],
        input=json.dumps(SAMPLES),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    found = json.loads(printed)
    assert found["wrong"] == []
    assert found["looked"] > 50


def test_ends_come_after_starts() -> None:
    pairs = [
        ("start", "end"),
        ("Start", "End"),
        ("from", "to"),
        ("From", "To"),
        ("from", "until"),
        ("min", "max"),
    ]
    compared = 0
    for key, sample in SAMPLES.items():
        for holder in objects(sample):
            for name, start in holder.items():
                for first, last in pairs:
                    end = holder.get(name.replace(first, last)) if first in name else None
                    if end is None or type(end) is not type(start) or not re.match(r"\d", str(start)):
                        continue
                    assert end > start, (key, name)
                    compared += 1
    assert compared > 100


def test_created_comes_before_updated() -> None:
    for key, sample in SAMPLES.items():
        for holder in objects(sample):
            if {"createdDate", "updatedDate"} <= holder.keys():
                assert str(holder["createdDate"]) <= str(holder["updatedDate"]), key


def test_the_first_of_a_list_is_the_primary_one() -> None:
    told = [
        holder["primary"] for sample in SAMPLES.values() for holder in objects(sample) if "primary" in holder
    ]
    assert told and all(told)


def test_modified_fields_name_real_fields_with_their_values() -> None:
    compared = 0
    for key, sample in SAMPLES.items():
        for path, changed in sample.get("updatedEvent", {}).get("modifiedFields", {}).items():
            value: Any = entity_of(sample)
            for name in path.split("."):
                assert name in value and name != "example", (key, path)
                value = value[name]
            assert value == changed, (key, path)
            compared += 1
    assert compared > 50


def test_a_sample_is_an_envelope_with_an_identity() -> None:
    for key in ("crm.contacts.onContactCreated", "app-management.appInstances.onAppInstanceInstalled"):
        sample = json.loads(catalogue.event_sample(key))
        assert list(sample) == ["eventType", "identity", "data"]
        assert sample["eventType"] == EVENTS[key]["slug"]
        # The fields of the SDK's IdentificationData.
        assert sample["identity"].keys() == {"identityType", "wixUserId"}
