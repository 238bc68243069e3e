"""Count the keys that a person presses in the dialogue to find an event: `python tools/keys.py`.

A person who looks for an event types the beginnings of what tells it from others, presses Enter, goes down to it in the
list of matches, and presses Enter again. Where there is only one, no list is shown.
"""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "extensions"))

from wix_events import catalogue

# Beginnings of three letters: more than a person needs who knows the search, less than one types who does not.
LETTERS = 3


def keys_pressed(letters: int = LETTERS, limit: int = 10) -> dict[str, int]:
    """Count the keys for each event of the catalogue.

    Args:
        letters: How many letters of each word the person types.
        limit: How many matches the list shows. One who does not find the event there types the whole title, then the key.

    Returns:
        The keys pressed, by the event's key: the letters and spaces, Enter, the arrows, Enter.
    """
    pressed = {}
    for key, event in catalogue.catalogue()["events"].items():
        typed = 0
        for query in (telling(key, letters), event["title"], key):
            typed += len(query) + 1
            found = [catalogue.identity(match) for match in catalogue.search(query, limit)]
            if catalogue.identity(key) in found:
                # The only match needs no list.
                pressed[key] = typed + (found.index(catalogue.identity(key)) + 1 if len(found) > 1 else 0)
                break
        else:
            raise AssertionError(f"{key} is not found by its own key")
    return pressed


def telling(key: str, letters: int) -> str:
    """Return what a person types for an event: the beginnings of the two rarest words of its title.

    Where events of several products are called the same, the product's beginning comes first.
    """
    events: dict[str, Any] = catalogue.catalogue()["events"]
    product, title = key.split(".")[0], events[key]["title"]
    words = [word for word in title.split() if word not in ("As", "By", "From", "In", "Of", "To")]
    starts: dict[str, int] = {}
    for at in sorted(range(len(words)), key=lambda at: (_frequency()[words[at]], -at)):
        starts.setdefault(words[at][:letters].lower(), at)
    chosen = sorted(list(starts)[:2], key=lambda start: starts[start])
    products = {other.split(".")[0] for other, event in events.items() if event["title"] == title}
    if len(products) > 1:
        chosen.insert(0, catalogue.product_title(product)[:letters].lower())
    return " ".join(chosen)


@cache
def _frequency() -> Counter[str]:
    """Count in how many titles a word stands."""
    titles = [event["title"] for event in catalogue.catalogue()["events"].values()]
    return Counter(word for title in titles for word in set(title.split()))


def main() -> None:
    """Print the mean, the spread and the worst."""
    for letters in (2, 3, 4, 99):
        pressed = keys_pressed(letters)
        worst = sorted(pressed, key=lambda key: -pressed[key])[:5]
        print(
            f"{letters:>2} letters a word: mean {statistics.mean(pressed.values()):.1f}, median"
            f" {statistics.median(pressed.values())}, worst "
            + ", ".join(f"{key} {pressed[key]} ({telling(key, letters)})" for key in worst)
        )


if __name__ == "__main__":
    main()
