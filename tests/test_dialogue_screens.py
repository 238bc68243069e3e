"""What a newcomer sees: the screens of the dialogue and the closing messages, as a terminal of 80 columns shows them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from apps import CONTACT, ORDER, POST, builder, handler, recorded, remove
from template_repo import TemplateRepo, commit_all, copier_cli, git
from terminal import CTRL_C, DOWN, ENTER, WHICH_EVENT, WHICH_NAME, WHICH_PRODUCT, Dialogue, start
from wix import ROOT, snapshot
from wix_events import catalogue

sys.path.insert(0, str(ROOT / "tools"))

import keys

SCREENS = Path(__file__).with_name("screens")
OLD_ORDER = "restaurants.orders.onOrderCreated"
PATHS = re.compile(r"^ +(?:src/|scripts/|\S+/\S+: |copier )|SCOPE\.|TEMPLATE")


def same_as(name: str, shown: str) -> None:
    """Compare what is shown with what was looked at, and see that each line but paths and commands fits."""
    assert shown == (SCREENS / f"{name}.txt").read_text(encoding="utf-8")
    assert [line for line in shown.splitlines() if len(line) > 80 and not PATHS.search(line)] == []


def screen(dialogue: Dialogue, text: str, name: str) -> None:
    """Compare the screen on which a text stands."""
    dialogue.sees(text)
    expected = (SCREENS / f"{name}.txt").read_text(encoding="utf-8")
    # The rest of it may come a moment later.
    while shown(dialogue) != expected and dialogue.goes_on(timeout=3):
        pass
    same_as(name, shown(dialogue))


def shown(dialogue: Dialogue) -> str:
    """Return what stands on the screen."""
    lines = "\n".join(line.rstrip() for line in dialogue.screen.display)
    return lines.strip("\n") + "\n"


def closing(dialogue: Dialogue, *paths: Path) -> str:
    """Return what a run says after Copier has said its own."""
    code, said = dialogue.ends()
    assert code == 0, said
    said = "\n".join(line.rstrip() for line in said.replace("\r", "").split("\n"))
    tail = re.split(
        r"^(?: > Running task .*|(?:Copying from|Updating to) template version .*| +(?:create|identical|conflict|overwrite)  .*)\n",
        said,
        flags=re.MULTILINE,
    )[-1]
    for number, path in enumerate(paths):
        tail = tail.replace(str(path), ("TEMPLATE", "APP")[number])
    return tail.strip("\n") + "\n"


# --- questions -------------------------------------------------------------------------------------------------------


def test_from_words_to_what_will_be_made(
    dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path
) -> None:
    copies = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
    screen(copies, WHICH_EVENT, "dialogue-first")
    copies.answers(WHICH_EVENT, "order paid")
    screen(copies, "None of these", "dialogue-matches")
    copies.presses(ENTER)
    screen(copies, WHICH_NAME, "dialogue-name")
    copies.presses(ENTER)
    screen(copies, "(Y/n)", "dialogue-preview")


def test_what_is_found_tells_deprecated_older_and_recorded_events(
    dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path
) -> None:
    done = copier_cli(
        "copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, ".", cwd=wix_app
    )
    assert done.returncode == 0, done.stderr
    for words, name in (
        ("order created", "deprecated"),
        ("cart created", "older"),
        ("new contact", "recorded"),
    ):
        copies = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
        copies.answers(WHICH_EVENT, words)
        screen(copies, "None of these", f"dialogue-matches-{name}")
        # The next one would wait for it.
        copies.presses(CTRL_C)
        copies.ends()


def test_browsing_by_product(dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path) -> None:
    copies = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
    copies.answers(WHICH_EVENT, "")
    screen(copies, WHICH_PRODUCT, "dialogue-products")
    titles = [title for title, _ in json.loads(catalogue.product_choices(None, "other"))]
    copies.presses(*[DOWN] * titles.index("Pricing Plans"), ENTER)
    screen(copies, "Which Pricing Plans events?", "dialogue-events")


def test_many_events_are_counted_and_asked_for_within_the_terminal(
    dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path
) -> None:
    before = snapshot(wix_app)
    copies = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
    copies.chooses_product("CRM")
    copies.sees("Which CRM events?")
    copies.presses("i", ENTER)
    copies.sees("Go on?")
    screen(copies, "(Y/n)", "dialogue-preview-many")
    copies.presses("n")
    assert copies.ends()[0] == 1
    assert snapshot(wix_app) == before


def test_a_deprecated_event_whose_date_has_passed_is_added_only_on_a_yes(
    dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path
) -> None:
    before = snapshot(wix_app)
    copies = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
    copies.answers(WHICH_EVENT, OLD_ORDER)
    copies.sees(WHICH_NAME)
    copies.presses(ENTER)
    screen(copies, "(y/N)", "dialogue-preview-ended")
    copies.presses(ENTER)
    code, said = copies.ends()
    assert code == 1
    assert "Nothing was written, as you asked." in said
    assert snapshot(wix_app) == before


# --- messages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("one", ["-d", f"event={CONTACT}"]),
        ("several", ["-d", f"event={CONTACT},{POST},{ORDER}"]),
        ("ended", ["-d", f"event={OLD_ORDER}"]),
        ("idempotent", ["-d", f"event={ORDER}", "-d", "idempotent=true"]),
        ("elevate", ["-d", f"event={CONTACT}", "-d", "elevate=true"]),
        ("trigger", ["-d", f"event={CONTACT}", "-d", "trigger=true"]),
        ("pretend", ["--pretend", "-d", f"event={CONTACT}"]),
        ("skip-tasks", ["--skip-tasks", "-d", f"event={CONTACT}"]),
    ],
)
def test_what_a_copy_says_in_the_end(
    dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path, name: str, arguments: list[str]
) -> None:
    copies = start(dialogues, "copy", "--defaults", *arguments, template.path, wix_app, cwd=wix_app)
    same_as(f"message-{name}", closing(copies, template.path))


def test_what_a_copy_that_has_nothing_to_add_says(
    dialogues: list[Dialogue], releases: TemplateRepo, app: Path
) -> None:
    copies = start(dialogues, "copy", "--defaults", "-d", f"event={CONTACT}", releases.path, app, cwd=app)
    same_as("message-idle", closing(copies, releases.path))


def test_what_an_update_says_of_a_conflict(
    dialogues: list[Dialogue], releases: TemplateRepo, app: Path
) -> None:
    path = app / handler("contact-created")
    path.write_text("// Mine.\n" + path.read_text())
    commit_all(app)
    same_as("message-conflict", closing(start(dialogues, "update", "--defaults", app, cwd=app)))


def test_what_an_update_says_of_a_removed_event(
    dialogues: list[Dialogue], releases: TemplateRepo, app: Path
) -> None:
    updates = start(dialogues, "update", "--defaults", "-d", "remove=post-created", app, cwd=app)
    same_as("message-removed", closing(updates))


def test_what_an_update_says_of_a_half_deleted_event(
    dialogues: list[Dialogue], releases: TemplateRepo, app: Path
) -> None:
    remove(builder("post-created"))(app)
    commit_all(app)
    updates = start(dialogues, "update", "--defaults", app, cwd=app)
    same_as("message-half-deleted", closing(updates, releases.path))


# --- keys ------------------------------------------------------------------------------------------------------------

SOME = [CONTACT, ORDER, "pricing-plans.orders.onOrderPurchased", "groups.groups.onGroupCreated"]


@pytest.mark.parametrize("key", SOME)
def test_as_many_keys_are_pressed_as_counted(
    dialogues: list[Dialogue], template: TemplateRepo, wix_app: Path, key: str
) -> None:
    """`tools/keys.py` counts up to the event; then come one Enter for the name and one for the yes."""
    words = keys.telling(key, keys.LETTERS)
    found = [catalogue.identity(match) for match in catalogue.search(words, 10)]
    pressed = [*words, ENTER]
    if len(found) > 1:
        pressed += [*[DOWN] * found.index(catalogue.identity(key)), ENTER]
    assert len(pressed) == keys.keys_pressed()[key]
    copies = start(dialogues, "copy", template.path, wix_app, cwd=wix_app)
    copies.sees(WHICH_EVENT)
    copies.presses(*pressed)
    copies.sees(WHICH_NAME)
    copies.presses(ENTER)
    copies.agrees()
    code, said = copies.ends()
    assert code == 0, said
    assert [event["event"] for event in recorded(wix_app)] == [key]


# --- what cannot be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, said",
    [
        (
            ["-d", "evnt=crm.contacts.onContactCreated"],
            "evnt: there is no such question; did you mean event? Give that.",
        ),
        (
            ["-d", "package=@wix/crm"],
            "namespace and handler: not given. Give package, namespace and handler together.",
        ),
        (["-d", "product=crm"], "product: this is only asked in the dialogue. Give event=… instead."),
        (
            ["--data-file", "empty.yml"],
            "crm.contacts.onContactCreated: wix-events find <words> looks it up, or docs/events.md where",
        ),
    ],
)
def test_what_is_given_wrong_is_refused_in_a_sentence(
    template: TemplateRepo, wix_app: Path, given: list[str], said: str
) -> None:
    (wix_app / "empty.yml").write_text("{}\n")
    before = snapshot(wix_app)
    done = copier_cli("copy", "--trust", "--defaults", *given, template.path, ".", cwd=wix_app)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(wix_app) == before


def test_a_template_that_is_no_repository_is_warned_of(plain: TemplateRepo, wix_app: Path) -> None:
    done = copier_cli("copy", "--trust", "--defaults", "-d", f"event={CONTACT}", plain.path, ".", cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert "so copier update will not work for this app. Give the address" in done.stderr


def test_a_template_whose_folder_is_anothers_is_warned_of_with_commands_that_mend_it(
    template: TemplateRepo, wix_app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    # How git's own tests have it: https://github.com/git/git/blob/master/t/t0033-safe-directory.sh
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    done = copier_cli(
        "copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, ".", cwd=wix_app
    )
    assert done.returncode == 0, done.stderr
    commands = [shlex.split(line) for line in done.stderr.splitlines() if line.startswith("  git config ")]
    for command in commands:
        subprocess.run(command, check=True)
    git(template.path, "status")
    git(tmp_path, "clone", "--quiet", str(template.path), "clone")
