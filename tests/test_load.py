"""Which code a version of the template runs with: always its own, from the installed package where that is the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from apps import CONTACT
from load import load_package
from template_repo import TemplateRepo, commit_all, run_copy, run_update
from wix import ROOT

BUILDER = "src/backend/events/contact-created/contact-created.extension.ts"
LAYOUT = "extensions/wix_events/layout.py"
OLD, NEW = "Permission scope: ", "Scope that it needs: "


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install the package of the working tree, for this process and those that it starts; return its folder."""
    site = tmp_path / "site"
    shutil.copytree(
        ROOT / "extensions/wix_events", site / "wix_events", ignore=shutil.ignore_patterns("__pycache__")
    )
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place != str(ROOT / "extensions")])
    monkeypatch.setenv("PYTHONPATH", str(site))
    return site / "wix_events"


def code_of(checkout: Path) -> Path:
    """Return the folder that a checkout's functions for Copier are loaded from."""
    functions, _, _ = load_package(checkout / "extensions/wix_events").offered()
    return Path(functions["export_name"].__code__.co_filename).parent


def code_of_sync(checkout: Path) -> Path:
    """Return the folder that a checkout's script is loaded from."""
    command = "import runpy, sys; run = runpy.run_path(sys.argv[1]); print(run['main'].__code__.co_filename)"
    script = checkout / "extensions/sync.py"
    # Python puts the folder of a script first.
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(script.parent), os.environ["PYTHONPATH"]])}
    done = subprocess.run(
        [sys.executable, "-c", command, script], env=env, check=True, capture_output=True, text=True
    )
    return Path(done.stdout.strip()).parent


def test_a_checkout_of_the_installed_version_runs_the_installed_code(
    installed: Path, own_template: TemplateRepo
) -> None:
    assert code_of(own_template.path) == code_of_sync(own_template.path) == installed


@pytest.mark.parametrize("file", ["layout.py", "catalogue/events.json"])
def test_one_byte_that_differs_makes_a_checkout_run_its_own_code(
    installed: Path, own_template: TemplateRepo, file: str
) -> None:
    own = own_template.path / "extensions/wix_events"
    (own / file).write_bytes((own / file).read_bytes() + b"\n")
    assert code_of(own_template.path) == code_of_sync(own_template.path) == own


def test_a_file_that_the_installed_package_lacks_makes_a_checkout_run_its_own_code(
    installed: Path, own_template: TemplateRepo
) -> None:
    # One more line in both, since the environment of the tests may hold this very package, too.
    for place in (installed, own_template.path / "extensions/wix_events"):
        (place / "layout.py").write_text((place / "layout.py").read_text() + "\n")
    (installed / "names.py").unlink()
    assert code_of(own_template.path) == own_template.path / "extensions/wix_events"


@pytest.mark.parametrize("installed_version", ["1.0.0", "2.0.0"])
def test_two_versions_in_one_update_each_run_their_own_code(
    installed: Path, own_template: TemplateRepo, wix_app: Path, installed_version: str
) -> None:
    changed = (own_template.path / LAYOUT).read_text().replace(OLD, NEW)
    own_template.release("2.0.0", {LAYOUT: changed})
    if installed_version == "2.0.0":
        (installed / "layout.py").write_text(changed)
    run_copy(own_template, wix_app, {"event": CONTACT}, vcs_ref="1.0.0")
    before = (wix_app / BUILDER).read_text()
    assert OLD in before
    (wix_app / BUILDER).write_text(f"// Ours.\n{before}")
    commit_all(wix_app)
    run_update(wix_app)
    # Code of the other version in either render would make the change the user's own.
    assert (wix_app / BUILDER).read_text() == f"// Ours.\n{before}".replace(OLD, NEW)


def test_two_versions_that_share_the_installed_code_each_have_their_own_organisation(
    installed: Path, own_template: TemplateRepo, wix_app: Path
) -> None:
    for tag, title in (("1.1.0", "Somebody Came"), ("1.2.0", "Somebody New Came")):
        events = {
            "events": {
                CONTACT: {"title": title, "slug": "wix.contacts.v4.contact_created", "payload": "entity"}
            }
        }
        own_template.release(tag, {"organisation/events.json": json.dumps(events)})
    run_copy(own_template, wix_app, {"event": CONTACT}, vcs_ref="1.1.0")
    before = (wix_app / BUILDER).read_text()
    assert "Somebody Came" in before
    (wix_app / BUILDER).write_text(f"// Ours.\n{before}")
    commit_all(wix_app)
    run_update(wix_app)
    assert (wix_app / BUILDER).read_text() == f"// Ours.\n{before}".replace(
        "Somebody Came", "Somebody New Came"
    )
