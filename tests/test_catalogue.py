"""How an event is found in the catalogue, and what is rendered for one that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from template_repo import TemplateRepo, commit_all, git, run_copy, run_update
from wix_events import catalogue
from wix_events.errors import UserError

CONTACT = "crm.contacts.onContactCreated"


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (CONTACT, CONTACT),
        ("contacts.onContactCreated", CONTACT),
        ("onContactCreated", CONTACT),
        ("wix.contacts.v4.contact_created", CONTACT),
        # What the build writes into the manifest, where that is not the slug.
        ("wix.blog.post_created", "blog.posts.onPostCreated"),
        ("wix.ecom.v1.cart_created", "ecom.cart.onCartCreated"),
        ("currentCart.onCartCreated", "ecom.currentCart.onCartCreated"),
    ],
)
def test_an_event_is_found_by_whatever_it_is_called(wanted: str, key: str) -> None:
    assert catalogue.find_event(wanted)["key"] == key


def test_every_event_is_found_by_its_key_its_slug_and_its_webhook() -> None:
    for key, event in catalogue.catalogue()["events"].items():
        assert catalogue.find_event(key)["key"] == key
        assert catalogue.find_event(event["slug"])["slug"] == event["slug"]
        assert catalogue.find_event(event.get("webhook", event["slug"]))["slug"] == event["slug"]


def test_an_ambiguous_form_names_all_that_it_could_be() -> None:
    with pytest.raises(UserError) as error:
        catalogue.find_event("orders.onOrderUpdated")
    named = [key for key in catalogue.catalogue()["events"] if key.endswith(".orders.onOrderUpdated")]
    assert len(named) > 1
    assert all(key in str(error.value) for key in named)


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [
        ("onContactCreate", CONTACT),
        ("crm.contact.onContactCreated", CONTACT),
        ("contacts.oncontactcreated", CONTACT),
        ("oncontactcreated", CONTACT),
        ("wix.contacts.v3.contact_created", CONTACT),
        ("ecom.orders.onOrderCancelled", "ecom.orders.onOrderCanceled"),
    ],
)
def test_an_unknown_event_gets_the_nearest_matches(wanted: str, nearest: str) -> None:
    with pytest.raises(UserError, match="there is no") as error:
        catalogue.find_event(wanted)
    assert nearest in str(error.value)


def test_what_is_like_nothing_is_pointed_to_the_list_and_the_explicit_form() -> None:
    with pytest.raises(UserError, match=r"docs/events\.md.*package, namespace and handler"):
        catalogue.find_event("zzzzzzzzzzzz")


def test_an_export_that_cannot_be_built_is_refused_with_the_reason() -> None:
    key, reason = next(iter(catalogue.catalogue()["unusable"].items()))
    with pytest.raises(UserError) as error:
        catalogue.find_event(key)
    assert reason in str(error.value)


def test_choices_are_by_product_and_never_many() -> None:
    products = json.loads(catalogue.product_choices(None, "other"))
    assert products[-1] == ["other", "other"]
    titles = [title for title, _ in products[:-1]]
    assert titles == sorted(titles, key=str.lower)
    offered = []
    for _, product in products[:-1]:
        events = json.loads(catalogue.event_choices(product, {}))
        assert 0 < len(events) < 150
        assert len({title for title, _ in events}) == len(events)
        offered += [key for _, key in events]
    assert sorted(offered) == sorted(catalogue.catalogue()["events"])


@pytest.mark.parametrize("keep_entry", [True, False])
def test_an_event_that_the_sdk_no_longer_has_keeps_rendering_from_its_record(
    own_template: TemplateRepo, wix_app: Path, keep_entry: bool
) -> None:
    run_copy(own_template, wix_app, {"event": [CONTACT, "blog.posts.onPostCreated"]})
    commit_all(wix_app)
    data = json.loads((own_template.path / "extensions/wix_events/catalogue/events.json").read_text())
    entry = data["events"].pop(CONTACT)
    if keep_entry:
        data["removed"][CONTACT] = entry
    own_template.release(
        "2.0.0",
        {
            "extensions/wix_events/catalogue/events.json": json.dumps(data),
        },
    )
    run_update(wix_app)
    changed = set(git(wix_app, "diff", "--name-only").split())
    builder = "src/backend/events/contact-created/contact-created.extension.ts"
    # Without its entry only the comment is poorer; the event itself is as it was.
    assert changed == {".copier-answers.yml"} | (set() if keep_entry else {builder})
    assert "onContactCreated(async (event)" in (wix_app / builder.replace(".extension", "")).read_text()
    assert "export const eventContactCreated = extensions.event({" in (wix_app / builder).read_text()
