"""Byte ranges of a source: what is replaced in it, and what stands around a place on its line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property

from tree_sitter import Node

from ..reader.syntax import BOM

# The bytes from the first number up to the second become the third.
Edit = tuple[int, int, bytes]

COMMENTS = re.compile(rb"//(?:(?!\xe2\x80[\xa8\xa9])[^\r\n])*|/\*(?s:.)*?\*/")
_BLANKS = re.compile(rb"[ \t\v\f]*")
_END_OF_LINE = re.compile(rb"\r?\n|\xe2\x80[\xa8\xa9]|\Z")
_LINE = re.compile(rb"[^\n]*(?:\n|\Z)")


def apply(source: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the source with the edits made; those at one place follow each other as given."""
    parts, done = [], 0
    for start, end, replacement in sorted(edits, key=lambda edit: edit[:2]):
        parts += [source[done:start], replacement]
        done = max(done, end)
    return b"".join([*parts, source[done:]])


def has_blank_line(part: bytes) -> bool:
    """Tell whether what stands between two statements holds a blank line."""
    return any(not line.strip() for line in part.split(b"\n")[1:-1])


def line_start(source: bytes, place: int) -> int:
    """Return where the line of a place starts, behind a byte-order mark."""
    start = source.rfind(b"\n", 0, place) + 1
    return len(BOM) if start == 0 and source.startswith(BOM) else start


def line_end(source: bytes, place: int) -> int:
    """Return where the line of a place ends, in front of its line ending."""
    found = _END_OF_LINE.search(source, place)
    return found.start() if found is not None else len(source)


def ends_line(source: bytes, place: int) -> bool:
    """Tell whether nothing but blanks follows a place on its line."""
    return _END_OF_LINE.match(source, skip_blanks(source, place)) is not None


def starts_line(source: bytes, place: int) -> bool:
    """Tell whether nothing but blanks stands in front of a place on its line."""
    return not source[line_start(source, place) : place].strip()


def skip_blanks(source: bytes, place: int) -> int:
    """Return the place behind the blanks at a place."""
    found = _BLANKS.match(source, place)
    return found.end() if found is not None else place


def end_of_comments(source: bytes, place: int) -> int:
    """Return the end of the comments that follow a place on its line, or the place if there is none."""
    while found := COMMENTS.match(source, skip_blanks(source, place)):
        place = found.end()
    return place


def indent(source: bytes, place: int) -> str:
    """Return the white space that starts the line of a place."""
    start = line_start(source, place)
    return source[start : skip_blanks(source, start)].decode()


class Lines:
    """Whole lines to remove, with a blank line too where two would be left."""

    def __init__(self, source: bytes) -> None:
        """Start with none."""
        self._source = source
        self._gone: set[int] = set()

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        start = len(BOM) if self._source.startswith(BOM) else 0
        return [found.span() for found in _LINE.finditer(self._source, start) if found[0]]

    def remove(self, start: int, end: int) -> None:
        """Mark the lines from one byte to another."""
        first = bisect_right(self._spans, (start, len(self._source))) - 1
        last = bisect_right(self._spans, (end, len(self._source))) - 1
        self._gone.update(range(first, max(first, last) + 1))

    def edits(self) -> list[Edit]:
        """Return the edits that remove them."""
        spans, edits = (self._spans if self._gone else []), []
        loose = [
            index in self._gone or not self._source[slice(*span)].strip() for index, span in enumerate(spans)
        ]
        stop = 0
        while stop < len(spans):
            start = stop
            while stop < len(spans) and loose[stop] == loose[start]:
                stop += 1
            gone = [index for index in range(start, stop) if index in self._gone]
            if not gone:
                continue
            first, last = gone[0], gone[-1] + 1
            above, below = first - start, stop - last
            if start == 0 or (above > below and stop < len(spans)):
                last = stop
            else:
                first = start
            begin, end = spans[first][0], spans[last - 1][1]
            if end == len(self._source) and not self._source.endswith(b"\n") and first:
                begin = len(self._source[:begin].removesuffix(b"\n").removesuffix(b"\r"))
            edits.append((begin, end, b""))
        return edits


def drop_items(source: bytes, items: Sequence[Node], gone: set[int], lines: Lines) -> list[Edit]:
    """Remove some items of a list in brackets, each with its line if nothing else is on it; comments stay.

    Args:
        source: The source.
        items: All items of the list.
        gone: Ids of those that go.
        lines: Takes the whole lines to remove.

    Returns:
        The other edits to make.
    """
    edits: list[Edit] = []
    tail = len(items)  # what follows this one goes to the end of the list
    while tail and items[tail - 1].id in gone:
        tail -= 1
    for index, item in enumerate(items):
        if item.id not in gone:
            continue
        start, end = item.start_byte, skip_blanks(source, item.end_byte)
        comma = source.startswith(b",", end)
        following = skip_blanks(source, end + 1 if comma else end)
        before = source[items[index - 1].end_byte : start] if index else b""
        own_line = starts_line(source, start)
        if own_line and ends_line(source, following) and (comma or COMMENTS.search(before)):
            lines.remove(start, end)
        elif index < tail or not index or (own_line and comma) or COMMENTS.search(before):
            edits.append((start, following, b""))
        else:
            edits.append((items[index - 1].end_byte, item.end_byte, b""))
    return edits
