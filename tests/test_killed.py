"""Runs that are killed at any call that changes a file, whichever process makes it.

The next run completes the app, or says in one sentence what to do; what the user wrote is there all the same.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from apps import ANSWERS, CONTACT, EVENTS, ORDER, POST, WIX_EVENTS, handler
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy
from test_faults import without_ids
from wix import TESTS, new_app, snapshot
from wix_events.commands.check import check

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="LD_PRELOAD is a thing of Linux"),
]
CONTACT_NAME = "contact-created"


# What is killed: Copier's command and what it is given.
COPIES = {
    "first": {"event": CONTACT, "idempotent": "true", "trigger": "true"},
    "second": {"event": ORDER},
}
UPDATE = {"rename": "post-created:post-written", "events_dir": WIX_EVENTS}


def words(command: str, data: Mapping[str, str], *more: str | Path) -> list[str]:
    """Return Copier's arguments."""
    given = [word for key, value in data.items() for word in ("-d", f"{key}={value}")]
    return [command, "--trust", "--defaults", *given, *map(str, more)]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the library that counts and kills."""
    path = tmp_path_factory.mktemp("library") / "kill_at.so"
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler to build tests/kill_at.c with")
    built = subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", path, TESTS / "kill_at.c", "-ldl"],
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"tests/kill_at.c cannot be built here: {built.stderr.splitlines()[0]}")
    return path


def run_killed(library: Path, app: Path, number: int, command: list[str]) -> tuple[int, int]:
    """Run Copier and kill it at its n-th change; return its exit code and how many changes there were."""
    count = app.with_name(f"{app.name}.count")
    done = subprocess.run(
        [sys.executable, "-m", "copier", *command],
        cwd=app,
        env={
            **os.environ,
            "LD_PRELOAD": str(library),
            "KILL_ROOT": str(app),
            "KILL_AT": str(number),
            "KILL_COUNT": str(count),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        check=False,
    )
    return done.returncode, count.stat().st_size if count.exists() else 0


def differences(expected: Mapping[str, bytes], found: Mapping[str, bytes]) -> str:
    """Return what differs between two apps, as a diff."""
    lines: list[str] = []
    for path in sorted({*expected, *found}):
        before, after = (
            tree.get(path, b"").decode(errors="replace").splitlines() for tree in (expected, found)
        )
        lines += difflib.unified_diff(before, after, f"expected/{path}", f"found/{path}", lineterm="", n=0)
    return "\n".join(lines)


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_that_is_killed_at_any_change_is_completed_by_the_next(
    template: TemplateRepo, library: Path, tmp_path: Path, name: str
) -> None:
    start = new_app(tmp_path / "start")
    if name == "second":
        run_copy(template, start, {"event": [CONTACT, POST]})
        (start / handler(CONTACT_NAME)).write_text("// What the user wrote.\nexport default 1;\n")
    whole = Path(shutil.copytree(start, tmp_path / "whole"))
    assert copier_cli(*words("copy", COPIES[name], template.path, whole), cwd=whole).returncode == 0
    before, expected, states = snapshot(start), without_ids(snapshot(whole)), []
    shared = ("src/extensions.ts", "package.json")
    for number in range(1, 1000):
        app = Path(shutil.copytree(start, tmp_path / "app"))
        command = words("copy", COPIES[name], template.path, app)
        code, changes = run_killed(library, app, number, command)
        if code != -signal.SIGKILL:
            assert code == 0 and changes == number - 1
            break
        left = snapshot(app)
        for path in {*before} - {ANSWERS}:
            done = path in shared and without_ids(left)[path] == expected[path]
            assert done or left[path] == before[path], (number, path)
        if without_ids(left) not in states:
            states.append(without_ids(left))
            again = copier_cli(*command, cwd=app)
            assert "Traceback" not in again.stderr, (number, again.stderr)
            if again.returncode == 0:
                assert differences(expected, without_ids(snapshot(app))) == "", number
                assert list(map(str, check(app).findings)) == list(map(str, check(whole).findings))
            else:
                # A file that was half written is named, and nothing is done until it is deleted.
                assert [path for path in {*left} - {*before} | {ANSWERS} if path in again.stderr], (
                    again.stderr
                )
                assert re.search("elete it|[Mm]ove it away|Restore it", again.stderr), again.stderr
                assert snapshot(app) == left, number
        shutil.rmtree(app)
        app.with_name("app.count").unlink()
    assert len(states) > 10


def test_an_update_that_is_killed_at_any_change_is_undone_by_git(
    releases: TemplateRepo, library: Path, tmp_path: Path
) -> None:
    start = new_app(tmp_path / "start")
    run_copy(
        releases, start, {"event": [CONTACT, POST], "idempotent": True, "trigger": True}, vcs_ref="1.0.0"
    )
    (start / EVENTS / "post-created/own.ts").write_text('import "./post-created";\n// What the user wrote.\n')
    commit_all(start)
    before = snapshot(start)
    app = Path(shutil.copytree(start, tmp_path / "app"))
    for number in range(1, 1000):
        code, changes = run_killed(library, app, number, words("update", UPDATE))
        if code != -signal.SIGKILL:
            assert code == 0 and changes == number - 1
            break
        (app / ".git/index.lock").unlink(missing_ok=True)
        git(app, "reset", "--quiet", "--hard")
        git(app, "clean", "--quiet", "--force", "-d")
        assert snapshot(app) == before, number
        app.with_name("app.count").unlink()
    assert number > 40
