"""The suite's core on the oldest releases that `pyproject.toml` admits; the suite itself runs on the newest."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from wix import ROOT

# A copy with all that can be edited, an update that merges, and the order of versions: for each package alone.
SHORT = (
    "test_copy.py::test_what_handlers_that_work_once_need_is_declared_registered_and_said",
    "test_update_upgrade.py::test_user_edits_away_from_the_change_survive_byte_for_byte",
    "test_report.py::test_versions_are_counted_from_the_tag_that_an_app_has_or_comes_after",
)
# For all at once the command line, too, the dialogue, and an update that moves, renames, removes and adds.
CORE = (
    *SHORT,
    "test_copy.py::test_the_one_command_adds_builder_handler_registration_and_record",
    "test_dialogue.py::test_product_then_event_then_the_proposed_name",
    "test_update_move.py::test_events_dir_changes_together_with_a_rename_a_removal_and_a_new_event",
)


VERSIONS = """
import sys
from importlib.metadata import version
for name in sys.argv[1:]:
    print(f"{name}=={version(name)}")
"""


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
@pytest.mark.parametrize("need", [*lower_bounds(), "all"])
def test_the_core_passes_on_the_oldest(tmp_path: Path, need: str) -> None:
    needs, names = (lower_bounds(), CORE) if need == "all" else ([need], SHORT)
    tests = [f"tests/{name}" for name in names]
    # What lies here goes before what is installed, and the rest stays at the newest.
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:")
    done = subprocess.run([*pip, "--target", tmp_path, *needs], capture_output=True, text=True, check=False)
    if done.returncode and sys.version_info >= (3, 13):
        pytest.skip(f"for this Python there is none built: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    # What runs this test is not to be taken for a worker of pytest-xdist.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    environment["PYTHONPATH"] = str(tmp_path)
    listed = [sys.executable, "-c", VERSIONS, *(need.split("==")[0] for need in needs)]
    found = subprocess.run(listed, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.split() == needs
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
