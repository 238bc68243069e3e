"""docs/errors.md lists every message that the code has, and no other; each is short, and says what to do."""

from __future__ import annotations

import re

from messages import LISTED, ROWS, canonical, is_message, messages, pattern, written

NOTES = {"Notes at the end of a run", "While validate runs"}


def test_every_message_is_listed() -> None:
    found = list(messages())
    listed = [*map(canonical, LISTED)]
    assert len(found) > 100
    assert [f"{place}: {text}" for place, text in found if not any(map(pattern(text).search, listed))] == []


def test_every_row_is_in_the_code() -> None:
    texts = [pattern(text) for text in written() if is_message(text)]
    assert [row for row in LISTED if not any(text.search(canonical(row)) for text in texts)] == []


# --- their form ------------------------------------------------------------------------------------------------------

# What tells the user what to do: one of these, at the start of a sentence or of a part of one.
VERBS = (
    "Add|Choose|Commit|Correct|Create|Delete|Export|Give|Install|Keep|Leave|Listen|Make|Move|Name|Put|Register|"
    "Remove|Replace|Resolve|Restore|Run|Save|Take|Try|Use|flatten|tick|write"
)
REMEDY = re.compile(rf"(?:^|[.;:?,…] |\bor |\band |, then )(?:{VERBS})\b", re.IGNORECASE)
# What ends with a command or a path to copy, or with lines to add, has no full stop, which would spoil them.
COMMAND = re.compile(r": [^.?!]*$|, then …$|npm run event …$| in …$")


def sentences(text: str) -> int:
    """Count sentences: a stop counts where a capital follows it; those in paths, keys and commands do not."""
    return len(re.split(r"(?<=[.!?]) +(?=[A-Z])", text))


def the_packages_own() -> list[str]:
    """Return the rows whose texts are in the package; the script's are code of the app, and not all so short."""
    return [row for row in LISTED if ROWS[row][0] != "scripts/event.mjs"]


def test_every_message_is_one_or_two_sentences_and_ends() -> None:
    assert [row for row in the_packages_own() if sentences(row) > 2] == []
    assert [row for row in the_packages_own() if row[-1] not in ".?!" and not COMMAND.search(row)] == []


def test_every_error_says_what_to_do() -> None:
    # The dialogue has room for 40 characters, and asks again anyway.
    errors = [row for row in the_packages_own() if ROWS[row][0] not in {*NOTES, "The dialogue"}]
    assert [row for row in errors if not REMEDY.search(row)] == []
