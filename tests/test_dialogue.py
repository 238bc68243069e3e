"""The questions, asked by the real Copier in a real terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from pytest_copier.plugin import CopierFixture
from template_repo import TemplateRepo, commit_all, copier_cli, run_copy
from terminal import (
    CTRL_C,
    CTRL_U,
    DOWN,
    ENTER,
    NONE,
    OTHER,
    SPACE,
    UP,
    WHICH_EVENT,
    WHICH_NAME,
    WHICH_PRODUCT,
    Dialogue,
    start,
)
from wix import snapshot
from wix_events import catalogue

CONTACT = "crm.contacts.onContactCreated"


@pytest.fixture
def copies(dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path) -> Dialogue:
    """Start `copier copy` into the sample app."""
    return start(dialogues, "copy", template.path, wix_app, cwd=wix_app)


def events(app: Path) -> dict[str, str]:
    """Return an app's record: key by name."""
    answers = yaml.safe_load((app / ".copier-answers.yml").read_text())
    return {event["name"]: event["event"] for event in answers["events"]}


def test_product_then_event_then_the_proposed_name(copies: Dialogue, wix_app: Path) -> None:
    copies.chooses_product("CRM")
    copies.ticks("crm", CONTACT)
    copies.presses(ENTER)
    copies.sees(WHICH_NAME)
    copies.sees("contact-created")
    copies.presses(ENTER)
    copies.agrees()
    code, said = copies.ends()
    assert code == 0, said
    assert f"Added contact-created ({CONTACT})" in said
    assert events(wix_app) == {"contact-created": CONTACT}
    assert (wix_app / "src/backend/events/contact-created/contact-created.ts").exists()


def test_the_name_can_be_another_one_and_a_bad_one_is_refused_on_the_spot(
    copies: Dialogue, wix_app: Path
) -> None:
    copies.chooses_product("CRM")
    copies.ticks("crm", CONTACT)
    copies.presses(ENTER)
    copies.answers(WHICH_NAME, "New Contact")
    copies.sees("use kebab-case, like contact-created.")
    copies.presses(CTRL_U, "new-contact", ENTER)
    copies.agrees()
    code, said = copies.ends()
    assert code == 0, said
    assert events(wix_app) == {"new-contact": CONTACT}


def test_several_events_at_once_are_not_asked_for_names(copies: Dialogue, wix_app: Path) -> None:
    picked = ["crm.contacts.onContactUpdated", CONTACT, "crm.labels.onLabelCreated"]
    copies.chooses_product("CRM")
    copies.ticks("crm", *picked)
    copies.presses(ENTER)
    copies.agrees()
    code, said = copies.ends()
    assert code == 0, said
    assert WHICH_NAME not in said
    assert set(events(wix_app).values()) == set(picked)


def test_no_event_ticked_is_refused_on_the_spot(copies: Dialogue, wix_app: Path) -> None:
    copies.chooses_product("CRM")
    copies.ticks("crm")
    copies.presses(ENTER)
    copies.sees("tick at least one with the space bar.")
    copies.presses(SPACE, ENTER)
    copies.sees(WHICH_NAME)
    copies.presses(ENTER)
    copies.agrees()
    assert copies.ends()[0] == 0
    assert len(events(wix_app)) == 1


def test_two_events_of_one_default_name_are_refused_on_the_spot(copies: Dialogue, wix_app: Path) -> None:
    copies.chooses_product("eCommerce")
    copies.ticks("ecom", "ecom.cart.onCartCreated", "ecom.cartV2.onCartCreated")
    copies.presses(ENTER)
    copies.sees("two would be cart-created; add one later.")
    # The pointer is on the second.
    copies.presses(SPACE, ENTER)
    copies.sees(WHICH_NAME)
    copies.presses(ENTER)
    copies.agrees()
    assert copies.ends()[0] == 0
    assert events(wix_app) == {"cart-created": "ecom.cart.onCartCreated"}


def test_two_exports_of_one_event_are_added_once(copies: Dialogue, wix_app: Path) -> None:
    copies.chooses_product("eCommerce")
    copies.ticks("ecom", "ecom.cart.onCartCreated", "ecom.currentCart.onCartCreated")
    copies.presses(ENTER)
    copies.agrees()
    code, said = copies.ends()
    assert code == 0, said
    assert list(events(wix_app)) == ["cart-created"]


def test_a_package_that_is_not_in_the_list(copies: Dialogue, wix_app: Path) -> None:
    copies.chooses_product(OTHER)
    copies.answers("Which npm package", "Not A Package")
    copies.sees("use a package's name, like @wix/crm.")
    copies.presses(CTRL_U, "@wix/crm", ENTER)
    copies.answers("Which namespace of @wix/crm", "a-b")
    copies.sees("use a plain name, like contacts.")
    copies.presses(CTRL_U, "visits", ENTER)
    copies.answers("Which function of @wix/crm's visits", "visitPaid")
    copies.sees("use a name like onContactCreated.")
    copies.presses(CTRL_U, "onVisitPaid", ENTER)
    copies.sees(WHICH_NAME)
    copies.sees("visit-paid")
    copies.presses(ENTER)
    copies.agrees()
    code, said = copies.ends()
    assert code == 0, said
    assert events(wix_app) == {"visit-paid": "crm.visits.onVisitPaid"}


def test_words_lead_to_a_short_list_best_first(copies: Dialogue, wix_app: Path) -> None:
    copies.answers(WHICH_EVENT, "contcat created")
    copies.sees("Which of these?")
    copies.sees("» Contact Created (CRM): when a contact is created")
    copies.presses(ENTER)
    copies.sees(WHICH_NAME)
    copies.presses(ENTER)
    code, said = copies.ends()
    assert code == 0, said
    assert events(wix_app) == {"contact-created": CONTACT}


@pytest.mark.parametrize(
    ("typed", "event"),
    [("contacts.onContactCreated", CONTACT), ("booking confirmed", "bookings.bookings.onBookingConfirmed")],
)
def test_an_event_that_is_named_exactly_or_the_only_match_needs_no_list(
    copies: Dialogue, wix_app: Path, typed: str, event: str
) -> None:
    copies.answers(WHICH_EVENT, typed)
    copies.sees(WHICH_NAME)
    copies.presses(ENTER)
    code, said = copies.ends()
    assert code == 0, said
    assert "Which of these?" not in said
    assert [*events(wix_app).values()] == [event]


def test_words_that_find_nothing_are_refused_and_none_of_the_matches_leads_to_the_products(
    copies: Dialogue, wix_app: Path
) -> None:
    copies.answers(WHICH_EVENT, "zzzzzz")
    copies.sees("nothing found")
    copies.answers(WHICH_EVENT, "contact created")
    copies.sees("Which of these?")
    copies.presses(UP, ENTER)
    copies.sees(WHICH_PRODUCT)


def test_what_will_be_made_is_shown_and_a_no_writes_nothing(copies: Dialogue, wix_app: Path) -> None:
    before = snapshot(wix_app)
    copies.answers(WHICH_EVENT, CONTACT)
    copies.sees(WHICH_NAME)
    copies.presses(ENTER)
    copies.sees("This adds 1 event and makes 4 files:")
    for line in (
        f"contact-created ({CONTACT})",
        "src/backend/events/contact-created/contact-created.ts",
        "src/backend/events/contact-created/contact-created.extension.ts",
        "Go on?",
    ):
        copies.sees(line)
    copies.presses("n")
    while copies.goes_on():
        pass
    copies.process.close()
    assert copies.process.exitstatus == 1
    assert "Nothing was written, as you asked." in copies.printed
    assert snapshot(wix_app) == before


def test_nothing_is_the_first_choice_once_there_are_events(
    dialogues: list[Dialogue], copier: CopierFixture, template: TemplateRepo, wix_app: Path
) -> None:
    copier.copy(wix_app, event=CONTACT)
    before = snapshot(wix_app)
    copies = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
    copies.answers(WHICH_EVENT, "")
    copies.answers(WHICH_EVENT, "")
    copies.sees(NONE)
    copies.presses(ENTER)
    code, said = copies.ends()
    assert code == 0, said
    assert snapshot(wix_app) == before


def test_a_second_event_whose_proposed_name_is_taken_gets_a_free_one(
    dialogues: list[Dialogue], copier: CopierFixture, template: TemplateRepo, wix_app: Path
) -> None:
    copier.copy(wix_app, event="ecom.cart.onCartCreated")
    copies = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
    copies.chooses_product("eCommerce", NONE)
    copies.ticks("ecom", "ecom.cartV2.onCartCreated")
    copies.presses(ENTER)
    copies.answers(WHICH_NAME, "cart-created")
    copies.sees("cart-created is another event's name.")
    copies.presses(CTRL_U, ENTER)
    # Nothing typed is no name.
    copies.sees("use kebab-case, like contact-created.")
    copies.presses("cart-created-2", ENTER)
    copies.agrees()
    code, said = copies.ends()
    assert code == 0, said
    assert events(wix_app) == {
        "cart-created": "ecom.cart.onCartCreated",
        "cart-created-2": "ecom.cartV2.onCartCreated",
    }


def test_an_event_that_is_there_is_marked_and_picking_it_changes_nothing(
    dialogues: list[Dialogue], copier: CopierFixture, template: TemplateRepo, wix_app: Path
) -> None:
    copier.copy(wix_app, event=CONTACT, name="greeting")
    before = snapshot(wix_app)
    copies = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
    copies.chooses_product("CRM", NONE)
    copies.ticks("crm", CONTACT)
    copies.sees("Contact Created: is in the app as greeting")
    copies.presses(ENTER)
    code, said = copies.ends()
    assert code == 0, said
    assert WHICH_NAME not in said
    assert f"greeting ({CONTACT}) is there already" in said
    assert snapshot(wix_app) == before


def test_update_asks_too_and_nothing_is_the_first_choice(
    dialogues: list[Dialogue], own_template: TemplateRepo, wix_app: Path
) -> None:
    run_copy(own_template, wix_app, {"event": CONTACT})
    commit_all(wix_app)
    before = snapshot(wix_app)
    own_template.release("1.1.0")
    updates = start(dialogues, "update", wix_app, cwd=wix_app)
    updates.answers(WHICH_EVENT, "")
    updates.answers(WHICH_EVENT, "")
    updates.sees(NONE)
    updates.presses(ENTER)
    code, said = updates.ends()
    assert code == 0, said
    after = snapshot(wix_app)
    assert {path for path in after if after[path] != before.get(path)} == {".copier-answers.yml"}
    commit_all(wix_app)
    updates = start(dialogues, "update", wix_app, cwd=wix_app)
    updates.chooses_product("Blog", NONE)
    updates.ticks("blog", "blog.posts.onPostCreated")
    updates.presses(ENTER)
    updates.answers(WHICH_NAME, "new-post")
    updates.agrees()
    code, said = updates.ends()
    assert code == 0, said
    assert events(wix_app) == {"contact-created": CONTACT, "new-post": "blog.posts.onPostCreated"}


@pytest.mark.parametrize("question", ["event", "product", "pick", "name", "confirm"])
def test_ctrl_c_at_any_question_writes_nothing(copies: Dialogue, wix_app: Path, question: str) -> None:
    before = snapshot(wix_app)
    if question == "event":
        copies.sees(WHICH_EVENT)
    elif question == "product":
        copies.answers(WHICH_EVENT, "")
        copies.sees(WHICH_PRODUCT)
    else:
        copies.chooses_product("CRM")
        copies.ticks("crm", CONTACT)
    if question in ("name", "confirm"):
        copies.presses(ENTER)
        copies.sees(WHICH_NAME)
    if question == "confirm":
        copies.presses(ENTER)
        copies.sees("Go on?")
    copies.presses(CTRL_C)
    code, said = copies.ends()
    assert code != 0
    assert "Traceback" not in said
    assert snapshot(wix_app) == before


def test_what_will_be_made_is_shown_and_nothing_is_written_without_a_yes(
    copies: Dialogue, wix_app: Path
) -> None:
    before = snapshot(wix_app)
    copies.answers(WHICH_EVENT, CONTACT)
    copies.sees(WHICH_NAME)
    copies.presses(ENTER)
    copies.sees("This adds 1 event and makes 4 files:")
    copies.sees("src/backend/events/contact-created/contact-created.ts")
    copies.sees("Go on?")
    copies.presses("n")
    code, said = copies.ends()
    assert code == 1
    assert "Nothing was written, as you asked." in said
    assert "Traceback" not in said
    assert snapshot(wix_app) == before


def test_an_event_is_found_by_what_happens(copies: Dialogue, wix_app: Path) -> None:
    copies.answers(WHICH_EVENT, "contact is made in a crm")
    copies.sees("Which of these?")
    copies.sees("Contact Created (CRM): when a contact is created")
    choices = [key for _, key in catalogue.match_choices("contact is made in a crm", {})]
    copies.presses(*[DOWN] * choices.index(CONTACT), ENTER)
    copies.sees(WHICH_NAME)
    copies.presses(ENTER)
    copies.agrees()
    code, said = copies.ends()
    assert code == 0, said
    assert events(wix_app) == {"contact-created": CONTACT}


def test_without_a_terminal_it_says_what_is_missing_and_writes_nothing(
    template: TemplateRepo, wix_app: Path
) -> None:
    before = snapshot(wix_app)
    done = copier_cli("copy", "--trust", template.path, wix_app, cwd=wix_app)
    assert done.returncode == 1
    assert "Interactive session required" in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(wix_app) == before


def test_a_name_or_folder_given_beforehand_leaves_only_the_event_to_ask(
    dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path
) -> None:
    folder = "src/extensions/backend/events"
    data = ("-d", "name=hello", "-d", f"events_dir={folder}")
    copies = start(dialogues, "copy", *data, template.path, wix_app, cwd=wix_app)
    copies.chooses_product("CRM")
    copies.ticks("crm", CONTACT)
    copies.presses(ENTER)
    copies.agrees()
    code, said = copies.ends()
    assert code == 0, said
    assert WHICH_NAME not in said
    assert (wix_app / folder / "hello/hello.ts").exists()


def test_an_event_given_beforehand_leaves_nothing_to_ask(
    dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path
) -> None:
    copies = start(dialogues, "copy", "-d", f"event={CONTACT}", template.path, wix_app, cwd=wix_app)
    code, said = copies.ends()
    assert code == 0, said
    assert "Which" not in said
    assert events(wix_app) == {"contact-created": CONTACT}


def test_no_prompt_lists_more_than_a_hundred_choices_and_each_event_is_in_one() -> None:
    products = [product for _, product in json.loads(catalogue.product_choices(NONE, OTHER))]
    lists = [json.loads(catalogue.event_choices(product, {})) for product in products[1:-1]]
    assert max(map(len, [products, *lists])) <= 100
    assert sorted(key for choices in lists for _, key in choices) == sorted(catalogue.catalogue()["events"])
    for choices in lists:
        assert len({label for label, _ in choices}) == len(choices)


@pytest.mark.parametrize(
    "data",
    [
        ("name=Bad", f"event={CONTACT}"),
        ("package=Bad Package", "namespace=a", "handler=onB"),
        ("package=@wix/crm", "namespace=a-b", "handler=onB"),
        ("package=@wix/crm", "namespace=a", "handler=b"),
    ],
)
def test_what_is_given_wrong_is_refused_in_a_sentence_too(
    template: TemplateRepo, wix_app: Path, data: tuple[str, ...]
) -> None:
    before = snapshot(wix_app)
    options = [part for item in data for part in ("-d", item)]
    done = copier_cli("copy", "--trust", "--defaults", *options, template.path, wix_app, cwd=wix_app)
    assert done.returncode == 1
    assert re.search(r"^(name|package|namespace|handler): .* is not ", done.stderr, re.MULTILINE)
    assert "Traceback" not in done.stderr
    assert snapshot(wix_app) == before


def test_a_second_dialogue_in_the_app_says_that_it_waits_and_goes_on_after_the_first(
    dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path
) -> None:
    first = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
    first.sees(WHICH_EVENT)
    second = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
    second.sees("Another run is at work in this app. Leave this one to wait for it, or end one.")
    first.presses(CTRL_C)
    first.ends()
    second.sees(WHICH_EVENT)
