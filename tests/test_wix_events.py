"""The command line `wix-events`: help, versions, exit codes, JSON, colours, closed pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from apps import replace, write
from handmade import IDS, builder_text, listener_text
from planted import HANDLER, PAGE, run_command
from template_repo import TemplateRepo
from wix import ROOT
from wix_events.commands.check import check

SCREENS = Path(__file__).with_name("screens")
COMMANDS = ("find", "check", "permissions", "report")


@pytest.fixture
def app(healthy_app: Path) -> Path:
    """Let the tests of this file begin with a healthy app."""
    return healthy_app


def test_a_healthy_app_is_said_to_be_so_in_one_line(app: Path) -> None:
    done = run_command("check", app)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "Healthy: 3 recorded events, 5 extensions in all.\n",
        "",
    )
    assert run_command("check", app, "--json").stdout == "[]\n"


def test_findings_are_lines_or_json_and_only_faults_exit_with_1(app: Path) -> None:
    replace(PAGE, "-4000-", "-7000-")(app)
    done = run_command("check", app)
    (remark,) = check(app).findings
    assert done.returncode == 0
    assert done.stdout == f"{remark}\nHealthy: 3 recorded events, 5 extensions in all, 1 remark.\n"
    (app / HANDLER).unlink()
    done = run_command("check", app)
    assert (done.returncode, done.stderr) == (1, "")
    findings = check(app).findings
    assert done.stdout.splitlines() == [
        *map(str, findings),
        "Found 1 fault and 1 remark: 3 recorded events, 5 extensions in all.",
    ]
    done = run_command("check", app, "--json")
    assert done.returncode == 1
    assert [(item["code"], item["remark"]) for item in json.loads(done.stdout)] == [
        ("handler", False),
        ("foreign-id", True),
    ]
    assert set(json.loads(done.stdout)[0]) == {"file", "line", "code", "remark", "problem", "remedy"}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(command: str) -> None:
    done = run_command(command, "--help", COLUMNS="80")
    assert done.returncode == 0
    assert "examples:\n  wix-events " + command in done.stdout
    assert "--json" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_help_lists_the_commands() -> None:
    done = run_command("--help", COLUMNS="80")
    assert done.stdout == (SCREENS / "help.txt").read_text(encoding="utf-8")
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_version_is_that_of_the_checkout() -> None:
    assert run_command("--version").stdout == "wix-events 1.0.0\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["chekc"],
        ["check", "--wrong"],
        ["find"],
        ["check", "gone"],
        ["report", "gone"],
        ["report", "--latest", "new"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wix_events.commands", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "extensions")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: wix-events" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["find", "created"], ["find", "onContactCreated"], ["--help"]])
def test_a_closed_pipe_ends_the_command_silently(arguments: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "wix_events.commands", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "extensions")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a shell")
@pytest.mark.parametrize("arguments", ["find onContactCreated", "check . --json", "--version"])
@pytest.mark.parametrize(("where", "code"), [(">/dev/full", 1), (">&-", 0), ("2>&-", 0)])
def test_output_that_cannot_be_written_ends_no_command_in_a_traceback(
    arguments: str, where: str, code: int, wix_app: Path
) -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m wix_events.commands {arguments} {where}',
        shell=True,
        cwd=wix_app,
        env={**os.environ, "PYTHONPATH": str(ROOT / "extensions")},
        capture_output=True,
        text=True,
        check=False,
    )
    said = "The output cannot be written: No space left on device. Write it elsewhere.\n"
    assert (done.returncode, done.stderr) == (code, said if code else "")


def test_what_may_not_be_read_ends_no_command_in_a_traceback(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "src")

    monkeypatch.setattr("wix_events.commands.check.run", refuse)
    done = run_command("check", app)
    said = "src cannot be read: Permission denied. Put that right and run this again.\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_a_folder_inside_an_app_is_answered_with_the_app_s_own(app: Path) -> None:
    for command in ("check", "permissions"):
        done = run_command(command, app / "src")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"Run this in {app}." in done.stderr


def in_terminal(*arguments: str | Path, **environment: str) -> str:
    """Run the command in a terminal and return what it prints there."""
    import pty  # Windows has none.

    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "wix_events.commands", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "extensions"), "TERM": "xterm", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # Linux says so where the other side has closed.
        pass
    os.close(ours)
    done.wait()
    return shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_colours_are_for_terminals_that_want_them(app: Path) -> None:
    assert in_terminal("check", app).startswith("\x1b[32mHealthy: 3")
    assert in_terminal("check", app, NO_COLOR="1").startswith("Healthy: 3")
    assert in_terminal("check", app, TERM="dumb").startswith("Healthy: 3")
    assert "\x1b" not in run_command("check", app, TERM="xterm").stdout


def test_any_file_name_is_shown_on_one_line_in_any_locale(app: Path) -> None:
    name = b"\xff \x1b[31mr\xc3\xa9d\n.extension.ts"
    (app / "src" / os.fsdecode(name)).write_bytes((app / PAGE).read_bytes())
    done = run_command("check", app, LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (finding, _) = done.stdout.splitlines()
    assert "\x1b" not in finding and " duplicate-id " in finding
    assert json.loads(run_command("check", app, "--json", PYTHONIOENCODING="ascii").stdout)


def test_commands_start_without_copier_and_jinja() -> None:
    code = (
        "import sys; from wix_events.commands.main import main; "
        "main(['find', 'created', '--json']); "
        "sys.exit([name for name in ('copier', 'jinja2', 'yaml', 'tree_sitter') if name in sys.modules] or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "extensions")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_the_command_can_be_installed_from_the_repository(
    app: Path, own_template: TemplateRepo, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site]
    subprocess.run([*pip, f"git+file://{own_template.path}"], check=True, stdin=subprocess.DEVNULL)

    def installed(*arguments: str) -> str:
        done = subprocess.run(
            [site / "bin/wix-events", *arguments],
            cwd=app,
            env={**os.environ, "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert installed("check").startswith("Healthy: 3 recorded events")
    assert installed("--version") == "wix-events 1.0.0\n"
    # Copier is given what was installed from.
    assert f"onContactCreated {own_template.path} ." in installed("find", "onContactCreated")


def small_app(path: Path) -> Path:
    """Make an app by hand whose ids are known, with a fault and a remark."""
    write(path / "package.json", '{ "dependencies": { "@wix/astro": "^2.0.0", "@wix/ecom": "^1.0.0" } }\n')
    write(
        path / ".copier-answers.yml",
        "_commit: 1.0.0\n_src_path: https://example.com/events.git\nevents_dir: src/backend/events\ntrigger: false\n"
        f"events:\n  - {{name: order-paid, event: ecom.orders.onOrderApproved, id: {IDS[0]}, payload: data}}\nschema: 1\n",
    )
    folder = "backend/events/order-paid/order-paid"
    write(
        path / f"src/{folder}.extension.ts",
        builder_text(IDS[0], f"./{folder}.ts").replace("export default", "export const eventOrderPaid ="),
    )
    write(
        path / "src/mine/contact.extension.ts",
        builder_text("11111111-1111-1111-8111-111111111111", "./mine/contact.ts"),
    )
    write(path / "src/mine/contact.ts", listener_text("crm", "contacts", "onContactCreated"))
    write(
        path / "src/extensions.ts",
        "import { app } from '@wix/astro/builders';\nimport contact from './mine/contact.extension';\n"
        f"import {{ eventOrderPaid }} from './{folder}.extension';\n\n"
        "export default app().use(contact).use(eventOrderPaid);\n",
    )
    return path


@pytest.mark.parametrize("command", ["check", "permissions"])
def test_a_screen_is_as_it_was_looked_at(tmp_path: Path, command: str) -> None:
    done = run_command(command, small_app(tmp_path / "app"), COLUMNS="80")
    assert done.stdout == (SCREENS / f"{command}.txt").read_text(encoding="utf-8")
