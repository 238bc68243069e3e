"""What a move cannot let follow is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from apps import write
from wix_events.moves import plan_moves

EVENTS = "src/backend/events"


@pytest.mark.parametrize(
    ("path", "source", "said"),
    [
        ("src/lib/a.ts", b"await import(`../backend/events/${n}/${n}`);\n", "src/lib/a.ts:1: `../backend"),
        ("src/lib/a.ts", b"await import('../backend/events/' + n);\n", "src/lib/a.ts:1: '../backend"),
        ("src/lib/a.ts", b'import "../backend/events/paid/paid"; // \xe9\n', "src/lib/a.ts:1: Is not UTF-8"),
        ("src/lib/a.ts", b"await import(`./${n}`);\nawait import(`../backend/${n}`);\n", ""),
    ],
)
def test_an_import_that_cannot_follow_is_named(tmp_path: Path, path: str, source: bytes, said: str) -> None:
    write(tmp_path / EVENTS / "paid/paid.ts", "export default 1;\n")
    write(tmp_path / EVENTS / "paid/paid.extension.ts", "export const eventPaid = 1;\n")
    write(tmp_path / path, "")
    (tmp_path / path).write_bytes(source)
    notes = plan_moves(tmp_path, EVENTS, EVENTS, [("paid", "sold")], once=False).notes
    assert [note[: len(said)] for note in notes] == ([said] if said else [])
