"""Find events by what a person types: a part of a name, or what happens ("order paid")."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypedDict

from .events import Event, called, catalogue, is_older, product_title

# How much it counts that a word stands there.
_TITLE, _NAME, _PRODUCT, _DESCRIPTION = 1.0, 0.8, 0.8, 0.4
# Added where title and product both have the word: "group" means Groups, not tax groups.
_BOTH = 0.1
# Subtracted for a word that the event lacks; added where all of the title was typed.
_MISSING, _TOLD = 0.3, 0.25
# Subtracted for a deprecated event, or the older version of one.
_LASTS = 0.1
# Added where something is new: of a thing's events this is the one most often wanted.
_NEW = 0.01
# Below this share of the best score a match is not shown.
_NOISE = 0.5


class _Entry(NamedTuple):
    """An event as the search sees it."""

    key: str
    title: tuple[str, ...]
    words: dict[str, float]
    handicap: float


def search(text: str, limit: int = 10) -> list[str]:
    """Find the events that a text may mean.

    Args:
        text: Words in any order, also cut short, misspelt, or other words for the thing; or a key, an end of one or a slug.
        limit: How many keys to return at most.

    Returns:
        The events' keys, best first, each event once. An exact key, end of a key or slug gives only what is called so.
    """
    if exact := called(text.strip()):
        return exact[:limit]
    meanings = [meant for word in _query(text) if (meant := _meanings(word))]
    scores = {entry.key: score for entry in _entries() if (score := _score(entry, meanings)) > 0}
    events: dict[str, Event] = catalogue()["events"]
    for key in list(scores):
        successor = events[key].get("deprecated", {}).get("replacedBy")
        if successor in events:
            # People find what they have read of; they should get what lasts.
            scores[successor] = max(scores[key] + _LASTS, scores.get(successor, 0.0))
    found = sorted(scores, key=lambda key: (-scores[key], len(events[key]["title"]), key))
    slugs: dict[str, str] = {}
    for key in found:
        if scores[key] > _NOISE * scores[found[0]]:
            slugs.setdefault(events[key]["slug"], key)
    return list(slugs.values())[:limit]


def _query(text: str) -> list[str]:
    """Return the words of a text that tell something.

    Of few words, also one that tells little: "for cre" may be a form that was created.
    """
    words = _split(text)
    telling = [word for word in words if word not in _words()["left_out"].split()]
    return telling if len(telling) > 1 else [word for word in words if word in telling or len(word) > 1]


def _score(entry: _Entry, meanings: list[dict[str, float]]) -> float:
    """Return how well an event fits what the words of a query may mean; 0 if most of it is missing."""
    score = 0.0
    covered: list[str] = []
    for meant in meanings:
        best, word = max(
            ((quality * entry.words[word], word) for word, quality in meant.items() if word in entry.words),
            default=(0.0, ""),
        )
        if best:
            score += best
            covered.append(word)
    missing = len(meanings) - len(covered)
    if not covered or 2 * missing > len(meanings):
        return 0.0
    told = sum(word in covered for word in entry.title) / len(entry.title)
    return (score - _MISSING * missing) / len(meanings) + _TOLD * told - entry.handicap


@cache
def _meanings(word: str) -> dict[str, float]:
    """Return the catalogue's words that a typed word may stand for, each with how likely that is."""
    vocabulary = _vocabulary()
    found: dict[str, float] = {}

    def add(other: str, quality: float) -> None:
        if other in vocabulary:
            found[other] = max(quality, found.get(other, 0.0))

    other_words = _words()["meant"]
    for known, others in other_words.items():
        # Its beginning will do, as it does for the catalogue's own words.
        if known == word or (len(word) > 3 and known.startswith(word)):
            for rank, other in enumerate(_split(others)):
                add(other, (0.92 if known == word else 0.7) - 0.04 * rank)
    for other in vocabulary:
        if other == word:
            add(other, 1.0)
        elif other.startswith(word):
            add(other, 0.75 + 0.2 * len(word) / len(other))
    if found or len(word) < 4:
        return found
    for other in vocabulary:
        if other[0] == word[0] or other[1:2] == word[0:1]:
            # A beginning may be misspelt as well.
            near = min(_edits(word, other), _edits(word, other[: len(word)]) + (len(other) > len(word)) * 0.2)
            if near <= (1.2 if len(word) < 8 else 2.2):
                add(other, 0.8 - 0.15 * near)
    return found


def _edits(a: str, b: str) -> int:
    """Return how many letters to add, leave out, replace or swap with the next turn one word into the other."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


@cache
def _vocabulary() -> frozenset[str]:
    """Return every word that some event is described by."""
    return frozenset(word for entry in _entries() for word in entry.words)


@cache
def _entries() -> list[_Entry]:
    """Return all events as the search sees them."""
    events: dict[str, Event] = catalogue()["events"]
    return [_entry(key, event) for key, event in events.items()]


def _entry(key: str, event: Event) -> _Entry:
    product, namespace, _ = key.split(".")
    texts = [
        (event["title"], _TITLE),
        (f"{namespace} {event['slug']}", _NAME),
        (f"{product} {product_title(product)}", _PRODUCT),
        (" ".join(_query(event.get("description", ""))), _DESCRIPTION),
    ]
    words: dict[str, float] = {}
    for text, weight in texts:
        for word in _split(text):
            words[word] = max(weight, words.get(word, 0.0))
    for word in {*_split(event["title"])} & {*_split(product_title(product))}:
        words[word] += _BOTH
    first = _words()["first"].split()
    rank = first.index(product) if product in first else len(first)
    title = tuple(_split(event["title"]))
    handicap = 0.004 * rank + (_LASTS if "deprecated" in event or is_older(key) else 0.0)
    return _Entry(key, title, words, handicap - (_NEW if title[-1] == "created" else 0.0))


def _split(text: str) -> list[str]:
    """Return a text's words in lower case and in the singular; `onRsvpCreated` is three, and `res` a beginning."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", text)
    return [one for word in words if (one := re.sub(r"(?<=...)(?<![sui])s$", "", word.lower()))]


class _Words(TypedDict):
    left_out: str
    meant: dict[str, str]
    first: str


@cache
def _words() -> _Words:
    """Return the small table that helps: words that tell nothing, other words, and the products that people mean first."""
    table: _Words = json.loads(Path(__file__).with_name("words.json").read_bytes())
    return table
