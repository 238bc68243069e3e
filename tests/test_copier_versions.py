"""The suite's core on the oldest releases that `pyproject.toml` admits; the suite itself runs on the newest."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from template_repo import TemplateRepo
from wix import ROOT

CORE = (
    "tests/test_copy.py",
    *sorted(f"tests/{path.name}" for path in (ROOT / "tests").glob("test_update_*.py")),
    "tests/test_dialogue.py",
)


def ranges() -> list[str]:
    """Return the run-time needs of `pyproject.toml`."""
    needs = re.search(r"^dependencies = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.M | re.S)
    assert needs
    return re.findall(r'^  "(.+)",$', needs[1], re.M)


def lower_bounds() -> list[str]:
    """Return those needs, each at the oldest release of its range."""
    return [re.sub(r">=([\d.]+),.*", r"==\1", need) for need in ranges()]


def test_the_template_asks_for_the_oldest_copier_that_the_package_admits() -> None:
    (oldest,) = (need.split("==")[1] for need in lower_bounds() if need.startswith("copier=="))
    assert f'_min_copier_version: "{oldest}"' in (ROOT / "copier.yml").read_text()


def test_the_suite_itself_runs_on_the_newest() -> None:
    """So an environment that was made long ago says that it is out of date (`rm -r .venv`)."""
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    done = subprocess.run(
        [*pip, "--dry-run", "--no-deps", "--upgrade", "--report", "-", *ranges()],
        capture_output=True,
        text=True,
        check=True,
    )
    newer = [item["metadata"] for item in json.loads(done.stdout)["install"]]
    assert [f"{package['name']} {package['version']}" for package in newer] == []


@pytest.mark.slow
def test_the_core_passes_on_the_oldest(own_template: TemplateRepo, tmp_path: Path) -> None:
    needs = lower_bounds()
    assert len(needs) == 7
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    subprocess.run([*pip, *needs, f"{own_template.path}[test]"], cwd=tmp_path, check=True)
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
    listed = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True)
    # Some packages write their own names in capitals.
    assert set(needs) <= set(listed.stdout.lower().splitlines())
