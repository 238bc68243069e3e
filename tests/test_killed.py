"""Runs that are killed at any call that changes a file, whichever process makes it.

The next run completes the app, or says in one sentence what to do; what the user wrote is there all the same.
Each such state is kept in one run that goes to its end, and is what a killed run leaves.
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
    "second": {"event": ORDER, "trigger": "true"},
}
UPDATE = {"rename": "post-created:post-written", "events_dir": WIX_EVENTS}


def words(command: str, data: Mapping[str, str], *more: str | Path) -> list[str]:
    """Return Copier's arguments."""
    given = [word for key, value in data.items() for word in ("-d", f"{key}={value}")]
    return [command, "--trust", "--defaults", *given, *map(str, more)]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the library that keeps the states."""
    path = tmp_path_factory.mktemp("library") / "states.so"
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler to build tests/states.c with")
    built = subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", path, TESTS / "states.c", "-ldl"],
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"tests/states.c cannot be built here: {built.stderr.splitlines()[0]}")
    return path


def states_of(library: Path, app: Path, command: list[str], kill_at: int = 0) -> tuple[int, list[Path]]:
    """Run Copier; return its exit code, and the app as it was before each change."""
    folder = app.with_name(f"{app.name}-{kill_at}-states")
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "copier", *command],
        cwd=app,
        env={
            **os.environ,
            "LD_PRELOAD": str(library),
            "STATES_OF": str(app),
            "STATES_IN": str(folder),
            "STATES_END": str(kill_at),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        check=False,
    )
    return done.returncode, [folder / str(number) for number in range(1, len(list(folder.iterdir())))]


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
    code, states = states_of(library, whole, words("copy", COPIES[name], template.path, "."))
    assert code == 0
    before, expected = snapshot(start), without_ids(snapshot(whole))
    shared = ("src/extensions.ts", "package.json")
    seen: list[dict[str, bytes]] = []
    for number, app in enumerate(states, 1):
        left = snapshot(app)
        for path in {*before} - {ANSWERS}:
            done = path in shared and without_ids(left)[path] == expected[path]
            assert done or left[path] == before[path], (number, path)
        if without_ids(left) in seen:
            continue
        seen.append(without_ids(left))
        again = copier_cli(*words("copy", COPIES[name], template.path, "."), cwd=app)
        assert "Traceback" not in again.stderr, (number, again.stderr)
        if again.returncode == 0:
            assert differences(expected, without_ids(snapshot(app))) == "", number
            assert list(map(str, check(app).findings)) == list(map(str, check(whole).findings))
        else:
            # A file that was half written is named, and nothing is done until it is deleted.
            assert [path for path in {*left} - {*before} | {ANSWERS} if path in again.stderr], again.stderr
            assert re.search("elete it|[Mm]ove it away|Restore it", again.stderr), again.stderr
            assert snapshot(app) == left, number
    assert len(seen) > 10


def test_a_run_that_is_killed_leaves_what_was_kept_there(
    template: TemplateRepo, library: Path, wix_app: Path
) -> None:
    command = words("copy", COPIES["first"], template.path, ".")
    for number in (5, 25):
        app = Path(shutil.copytree(wix_app, wix_app.with_name(f"killed-{number}")))
        code, states = states_of(library, app, command, kill_at=number)
        assert code == -signal.SIGKILL and len(states) == number
        assert snapshot(app) == snapshot(states[-1]) != snapshot(wix_app)


def test_an_update_that_is_killed_at_any_change_is_undone_by_git_and_completed_by_the_next(
    releases: TemplateRepo, library: Path, tmp_path: Path
) -> None:
    start = new_app(tmp_path / "start")
    run_copy(
        releases, start, {"event": [CONTACT, POST], "idempotent": True, "trigger": True}, vcs_ref="1.0.0"
    )
    (start / EVENTS / "post-created/own.ts").write_text('import "./post-created";\n// What the user wrote.\n')
    commit_all(start)
    before = snapshot(start)
    whole = Path(shutil.copytree(start, tmp_path / "whole"))
    code, states = states_of(library, whole, words("update", UPDATE))
    assert code == 0 and len(states) > 40
    for number, app in enumerate(states, 1):
        (app / ".git/index.lock").unlink(missing_ok=True)
        git(app, "reset", "--quiet", "--hard")
        git(app, "clean", "--quiet", "--force", "-d")
        assert snapshot(app) == before, number
    again = copier_cli(*words("update", UPDATE), cwd=states[len(states) // 2])
    assert again.returncode == 0
    assert snapshot(states[len(states) // 2]) == snapshot(whole)
