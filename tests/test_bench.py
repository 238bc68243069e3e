"""The benchmark runs: it checks by itself that what it compares does the same job. No number is judged here."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from wix import ROOT


@pytest.mark.slow
def test_it_compares_every_pair_that_the_document_reports() -> None:
    paths = os.pathsep.join(("tests", "tools", "extensions"))
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for pair in (
        "one event | plain Copier",
        "one event beside 3 recorded | none recorded",
        "2 events | one event",
        "update of 3 events | plain Copier, `yield`",
        "resync of 3 events | plain Copier, `yield`",
        "one event | Plop",
        "one event | Hygen",
    ):
        what, beside = pair.split(" | ")
        assert any(
            line.startswith(f"| {what} |") and f"| {beside}" in line for line in done.stdout.splitlines()
        ), pair
    assert "`copier copy …`, installed" in done.stdout or "uv cannot be had" in done.stdout
    assert "Keys pressed" in done.stdout
