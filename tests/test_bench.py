"""The benchmark runs: it checks by itself that what it compares does the same job. No number is judged here."""

from __future__ import annotations

import subprocess
import sys

import pytest
from wix import ROOT


@pytest.mark.slow
def test_the_benchmark_compares_every_pair_that_the_document_reports() -> None:
    done = subprocess.run(
        [sys.executable, "tools/bench.py", "--quick"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for pair in (
        "one event | plain Copier",
        "one event | a catalogue of one event",
        "one event beside 3 recorded | none recorded",
        "2 events | one event",
        "update of 3 events | plain Copier, `yield`",
        "update of 3 events, builders too | plain Copier, `yield`",
        "resync of 3 events | plain Copier, `yield`",
        "one event | Plop",
        "one event | Hygen",
    ):
        what, beside = pair.split(" | ")
        assert any(
            line.startswith(f"| {what} |") and f"| {beside}" in line for line in done.stdout.splitlines()
        ), pair
