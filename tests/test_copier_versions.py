"""The suite's core on the oldest releases that `pyproject.toml` admits, and on the newest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from template_repo import TemplateRepo
from wix import ROOT

CORE = ("tests/test_copy.py", "tests/test_update.py", "tests/test_dialogue.py")


def lower_bounds() -> list[str]:
    """Return the run-time needs of `pyproject.toml`, each at the oldest release of its range."""
    text = (ROOT / "pyproject.toml").read_text()
    needs = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert needs
    return [
        f"{name}=={oldest}" for name, oldest in re.findall(r'^  "([a-z-]+)>=([\d.]+)', needs[1], re.MULTILINE)
    ]


def test_the_template_asks_for_the_oldest_copier_that_the_package_admits() -> None:
    (oldest,) = (need.split("==")[1] for need in lower_bounds() if need.startswith("copier=="))
    assert f'_min_copier_version: "{oldest}"' in (ROOT / "copier.yml").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("which", ["oldest", "newest"])
def test_the_core_passes(which: str, own_template: TemplateRepo, tmp_path: Path) -> None:
    needs = lower_bounds()
    assert len(needs) == 4
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade")
    subprocess.run(
        [*pip, *(needs if which == "oldest" else ()), f"{own_template.path}[test]"], cwd=tmp_path, check=True
    )
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider", *CORE],
        cwd=ROOT,
        # What runs this test is not to be taken for a worker of pytest-xdist.
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    if which == "oldest":
        listed = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True)
        assert set(needs) <= set(listed.stdout.splitlines())
