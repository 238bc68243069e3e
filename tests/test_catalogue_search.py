"""Events are found by what a person types: words for what happens, cut short, misspelt, or other words for the thing."""

from __future__ import annotations

import json
import statistics
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wix import ROOT
from wix_events import catalogue
from wix_events.catalogue import choices

sys.path.insert(0, str(ROOT / "tools"))

import keys

CONTACT = "crm.contacts.onContactCreated"

# What people type, and what they should get.
ASKED = [
    ("order paid", "ecom.orders.onOrderApproved"),
    ("I need to know when an order is paid", "ecom.orders.onOrderApproved"),
    ("new order", "ecom.orders.onOrderCreated"),
    ("order placed", "ecom.orders.onOrderCreated"),
    ("order cancelled", "ecom.orders.onOrderCanceled"),
    ("order shipped", "ecom.orders.onOrderFulfilled"),
    ("payment status", "ecom.orders.onOrderPaymentStatusUpdated"),
    ("abandoned checkout", "ecom.abandonedCheckouts.onAbandonedCheckoutCreated"),
    ("abandoned cart", "ecom.abandonedCheckouts.onAbandonedCheckoutCreated"),
    ("refund", "payments.refunds.onRefundCreated"),
    ("refund completed", "ecom.orderTransactions.onOrderTransactionsRefundCompleted"),
    ("back in stock", "ecom.backInStockNotifications.onBackInStockNotificationRequestCreated"),
    ("new contact", CONTACT),
    ("contact created", CONTACT),
    ("con cre", CONTACT),
    ("contcat created", CONTACT),
    ("contact craeted", CONTACT),
    ("customer added", CONTACT),
    ("lead created", CONTACT),
    ("contact merge", "crm.contacts.onContactMerged"),
    ("label deleted", "crm.labels.onLabelDeleted"),
    ("new task", "crm.tasks.onTaskCreated"),
    ("booking confirmed", "bookings.bookings.onBookingConfirmed"),
    ("booking cancelled", "bookings.bookings.onBookingCanceled"),
    ("appointment canceled", "bookings.bookings.onBookingCanceled"),
    ("booking rescheduled", "bookings.bookings.onBookingRescheduled"),
    ("new booking", "bookings.bookings.onBookingCreated"),
    ("member joined", "members.members.onMemberCreated"),
    ("new member", "members.members.onMemberCreated"),
    ("member deleted", "members.members.onMemberDeleted"),
    ("form submitted", "forms.submissions.onSubmissionCreated"),
    ("form submission", "forms.submissions.onSubmissionCreated"),
    ("blog post published", "blog.posts.onPostCreated"),
    ("new article", "blog.posts.onPostCreated"),
    ("post liked", "blog.posts.onPostLiked"),
    ("new product", "stores.productsV3.onProductCreated"),
    ("product deleted", "stores.productsV3.onProductDeleted"),
    ("stock status", "stores.inventoryItemsV3.onInventoryItemStockStatusUpdated"),
    ("rsvp", "events.rsvpV2.onRsvpCreated"),
    ("event canceled", "events.wixEventsV2.onEventCanceled"),
    ("guest checked in", "events.guests.onGuestCheckedIn"),
    ("plan purchased", "pricing-plans.orders.onOrderPurchased"),
    ("app installed", "app-management.appInstances.onAppInstanceInstalled"),
    ("app uninstalled", "app-management.appInstances.onAppInstanceRemoved"),
    ("loyalty points", "loyalty.accounts.onAccountPointsUpdated"),
    ("new review", "reviews.reviews.onReviewCreated"),
    ("menu updated", "restaurants.menus.onMenuUpdated"),
    ("file uploaded", "media.files.onFileDescriptorFileReady"),
    ("database record inserted", "data.items.onDataItemCreated"),
    ("group member added", "groups.members.onGroupMemberAdded"),
]


@pytest.mark.parametrize(("typed", "key"), ASKED)
def test_what_a_person_types_leads_to_the_event(typed: str, key: str) -> None:
    assert key in catalogue.search(typed, 3)


def test_most_of_the_time_it_is_the_first_match() -> None:
    first = [catalogue.search(typed)[0] == key for typed, key in ASKED]
    assert sum(first) / len(first) >= 0.9


@pytest.mark.parametrize(
    "exact", [CONTACT, "contacts.onContactCreated", "onContactCreated", "wix.contacts.v4.contact_created"]
)
def test_what_an_event_is_called_gives_exactly_that_one(exact: str) -> None:
    assert catalogue.search(f" {exact} ") == [CONTACT]


def test_an_end_that_several_keys_have_gives_all_of_them() -> None:
    found = catalogue.search("orders.onOrderUpdated")
    assert len(found) > 1
    assert all(key.endswith(".orders.onOrderUpdated") for key in found)


@pytest.mark.parametrize("typed", ["", "   ", "zzzzzzzzzz", "?!", "ñ", "onXyzzyFrobnicated"])
def test_what_is_like_nothing_finds_nothing(typed: str) -> None:
    assert catalogue.search(typed) == []


def test_the_same_event_under_two_names_is_found_once() -> None:
    found = catalogue.search("cart created", 30)
    assert len({catalogue.identity(key) for key in found}) == len(found)


@given(st.text(max_size=40))
def test_whatever_is_typed_at_most_ten_events_are_found(typed: str) -> None:
    found = catalogue.search(typed)
    assert len(found) <= 10
    assert set(found) <= catalogue.catalogue()["events"].keys()
    assert len({catalogue.identity(key) for key in found}) == len(found)


def test_no_more_are_found_than_wanted() -> None:
    assert len(catalogue.search("created", 7)) == 7


def test_every_event_is_found_by_its_title_and_product() -> None:
    for key, event in catalogue.catalogue()["events"].items():
        found = catalogue.search(f"{catalogue.product_title(key.split('.')[0])} {event['title']}")
        assert catalogue.identity(key) in [catalogue.identity(other) for other in found], key


def test_the_table_of_words_leads_to_words_that_events_have() -> None:
    words = json.loads((ROOT / "extensions/wix_events/catalogue/words.json").read_bytes())
    assert list(words["meant"]) == sorted(words["meant"])
    for word, meant in words["meant"].items():
        assert all(other != word and catalogue.search(other) for other in meant.split()), word
    assert set(words["first"].split()) <= catalogue.catalogue()["products"].keys()


def test_an_event_takes_less_than_ten_keys_on_average() -> None:
    pressed = keys.keys_pressed()
    assert pressed.keys() == catalogue.catalogue()["events"].keys()
    assert statistics.mean(pressed.values()) <= 9.7


def test_a_match_says_product_and_when_it_fires() -> None:
    assert catalogue.match_choices("new contact", {})[0] == [
        "Contact Created (CRM): when a contact is created",
        CONTACT,
    ]


def test_a_match_that_is_in_the_app_is_marked() -> None:
    label, key = catalogue.match_choices("new contact", {"wix.contacts.v4.contact_created": "greeting"})[0]
    assert (label, key) == ("Contact Created (CRM): is in the app as greeting", CONTACT)


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("crm.contacts.onContactCreated", "Contact Created"),
        ("ecom.cart.onCartCreated", "Cart Created: the older version"),
        ("ecom.currentCart.onCartCreated", "Cart Created: the same event as cart.onCartCreated"),
        ("ecom.cartV2.onCartCreated", "Cart Created V2"),
        ("ecom.currentCartV2.onCartCreated", "Cart Created V2: the same event as cartV2.onCartCreated"),
        ("events.rsvp.onRsvpCreated", "RSVP Created: deprecated"),
        ("events.rsvpV2.onRsvpCreated", "RSVP Created V2"),
        ("stores.products.onProductCreated", "Product Created: the older version"),
        (
            "pricing-plans.plans.onPlanUpdated",
            "Plan Updated: deprecated, ends 2025-12-31, use Plan Updated V3",
        ),
        (
            "restaurants.orders.onOrderCreated",
            "Order Created: deprecated, ends 2025-09-30, use Order Created\n       (eCommerce)",
        ),
        ("online-programs.participants.onParticipantDeleted", "Participant Deleted"),
        (
            "online-programs.onlineProgramParticipants.onParticipantDeleted",
            "Participant Deleted: the older version",
        ),
    ],
)
def test_a_label_says_what_a_user_has_to_know_to_choose(key: str, label: str) -> None:
    assert catalogue.choice_label(key) == label


def test_labels_fit_a_terminal_and_are_cut_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    events = catalogue.catalogue()["events"]
    for key in events:
        for alone in (False, True):
            with monkeypatch.context() as patch:
                patch.setattr(choices, "WIDTH", 1000)
                whole = catalogue.choice_label(key, alone=alone)
            lines = catalogue.choice_label(key, alone=alone).splitlines()
            assert max(map(len, lines)) <= choices.WIDTH
            label = " ".join(line.strip() for line in lines)
            if label != whole:
                cut = label.removesuffix("…")
                assert whole.startswith(cut) and not whole[len(cut)].isalnum(), label
            assert label.startswith(events[key]["title"])


def test_a_label_of_a_deprecated_event_says_until_when_and_what_to_use_instead() -> None:
    events = catalogue.catalogue()["events"]
    deprecated = {key: event["deprecated"] for key, event in events.items() if "deprecated" in event}
    assert len(deprecated) > 20
    for key, facts in deprecated.items():
        successor = events.get(facts.get("replacedBy"), {}).get("title", "")
        for alone in (False, True):
            label = " ".join(catalogue.choice_label(key, name="my-event", alone=alone).split())
            assert "deprecated" in label
            assert facts.get("until", "") in label
            assert successor in label


def test_labels_of_one_list_differ() -> None:
    for product in catalogue.catalogue()["products"]:
        labels = [label for label, _ in json.loads(catalogue.event_choices(product, {}))]
        assert len(set(labels)) == len(labels), product


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (CONTACT, ""),
        ("members.badges.onBadgeAssigned", "Deprecated."),
        (
            "restaurants.orders.onOrderCreated",
            "Deprecated, to be removed after 2025-09-30; use ecom.orders.onOrderCreated instead.",
        ),
    ],
)
def test_a_deprecated_event_says_until_when_and_what_to_use(key: str, said: str) -> None:
    assert catalogue.deprecation(key) == said


@pytest.mark.parametrize(
    ("key", "scope"),
    [
        (CONTACT, "SCOPE.DC-CONTACTS.READ-CONTACTS"),
        ("forms.submissions.onSubmissionCreated", "SCOPE.DC-FORMS.READ-SUBMISSIONS"),
        ("ecom.orders.onOrderApproved", "SCOPE.DC-STORES.READ-ORDERS"),
        ("restaurants.orders.onOrderAccepted", "SCOPE.DC-RESTAURANTS.READ-ORDERS"),
        ("pricing-plans.orders.onOrderCreated", "SCOPE.DC-PAIDPLANS.READ-ORDERS"),
        ("events.ticketDefinitions.onTicketDefinitionCreated", "SCOPE.DC-EVENTS.MANAGE-TICKET-DEF"),
    ],
)
def test_the_scope_of_the_events_own_product_comes_first(key: str, scope: str) -> None:
    assert catalogue.event_texts(key)["permissions"][0]["id"] == scope
