"""The README's commands do what the README says, as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from apps import recorded
from shell import make_programs, run_script
from template_repo import TemplateRepo, commit_all, git, run_copy, run_update
from wix import ROOT, run_tool

README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "https://github.com/your-org/wix-backend-events-template.git"
for_a_shell = pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a shell")
# Nobody answers the dialogue here.
DIALOGUE = 'copy --trust "$TEMPLATE" .'
ANSWERED = 'copy --trust --defaults -d event=crm.contacts.onContactCreated "$TEMPLATE" .'

# Stand in for uv and what it would download: they run what is installed here.
RUN = f'PYTHONPATH="{ROOT}/extensions" exec "{sys.executable}" -m'
STAND_INS = {
    "uv": "exit 0",
    "uvx": f'shift 3\n{RUN} copier "$@"',
    "copier": f'{RUN} copier "$@"',
    "wix-events": f'{RUN} wix_events.commands "$@"',
}


def blocks(language: str) -> list[str]:
    """Return the README's blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def file_shown(name: str) -> str:
    """Return the text of a YAML file that the README shows."""
    (text,) = [block for block in blocks("yaml") if block.startswith(f"# {name}\n")]
    return text


def run_all(app: Path, env: Mapping[str, str]) -> None:
    """Run what the README has for a user's shell, from top to bottom, in one shell and one app."""
    git(app, "init", "--quiet")
    (app / ".gitignore").write_text("node_modules/\n.env.local\n")
    (app / "events.yml").write_text(file_shown("events.yml"))
    scripts = [block for block in blocks("bash") if "make " not in block]
    assert len(scripts) >= 9
    assert DIALOGUE in scripts[0]
    script = "".join(scripts).replace(DIALOGUE, ANSWERED)
    said = run_script(script, app, env)
    assert {event["name"] for event in recorded(app)} == {
        "contact-created",
        "paid",
        "post-created",
        "order-canceled",
    }
    record = yaml.safe_load((app / ".copier-answers.yml").read_text())
    assert record["trigger"] is True
    assert record["_src_path"] == ADDRESS
    assert (app / "scripts/event.mjs").exists()
    assert "SCOPE.DC-STORES.READ-ORDERS" in said


@pytest.fixture
def shell(tmp_path: Path, template: TemplateRepo) -> dict[str, str]:
    """Make the environment of a user who has trusted the template and in whose shell its address leads to the one here."""
    settings = tmp_path / "settings.yml"
    settings.write_text(file_shown("settings.yml"))
    return {
        **os.environ,
        "COPIER_SETTINGS_PATH": str(settings),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{template.path.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": ADDRESS,
    }


@pytest.mark.slow
@for_a_shell
def test_the_commands_run_one_after_the_other_with_stand_ins_for_uv(
    wix_app: Path, shell: dict[str, str], tmp_path: Path
) -> None:
    programs = make_programs(tmp_path / "bin", STAND_INS)
    run_all(wix_app, {**shell, "PATH": f"{programs}:{shell['PATH']}"})


@pytest.mark.slow
@for_a_shell
def test_the_commands_run_where_there_is_nothing_but_uv_and_git(
    wix_app: Path, shell: dict[str, str], tmp_path: Path
) -> None:
    uv, home = tmp_path / "uv", tmp_path / "home"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(uv), "uv"]
    if subprocess.run(install, capture_output=True, check=False).returncode:
        pytest.skip("uv cannot be installed: PyPI does not answer")
    home.mkdir()
    clean = {
        key: value
        for key, value in shell.items()
        if not key.startswith(("XDG_", "UV_", "PYTHON")) and key != "VIRTUAL_ENV"
    }
    run_all(
        wix_app,
        {
            **clean,
            "HOME": str(home),
            "PATH": f"{uv / 'bin'}:{home / '.local/bin'}:/usr/bin:/bin",
            # Another Python, and the address of a commit, it would ask GitHub for.
            "UV_PYTHON": sys.executable,
            "UV_NO_GITHUB_FAST_PATH": "true",
        },
    )
    assert {"copier", "wix-events"} <= {path.name for path in (home / ".local/bin").iterdir()}


def test_the_tree_and_the_handler_that_it_shows_are_what_appears(
    wix_app: Path, template: TemplateRepo
) -> None:
    before = {path for path in wix_app.rglob("*") if path.is_file()}
    run_copy(template, wix_app, {"event": "onContactCreated"})
    (shown,) = blocks("ts")
    folder = wix_app / "src/backend/events/contact-created"
    assert shown == (folder / "contact-created.ts").read_text()
    new = {path.name for path in wix_app.rglob("*") if path.is_file() and path not in before}
    assert new == {
        ".copier-answers.yml",
        "extensions.ts",
        "contact-created.ts",
        "contact-created.extension.ts",
    }
    assert all(name in README for name in new)


def test_work_of_a_handler_that_is_there_can_be_made_to_happen_once(
    wix_app: Path, template: TemplateRepo
) -> None:
    section = README.split("## Options for handlers that are there")[1].split("\n## ")[0]
    (option,) = re.findall(r"add `(idempotent: true)` to the event's line", section)
    (imported,) = re.findall(r"`(import \{ once \}.*?)`", section)
    (call,) = re.findall(r"`(await once\(.*?)`", section)
    run_copy(template, wix_app, {"event": "onContactCreated"})
    answers = wix_app / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("payload: entity}", f"payload: entity, {option}}}"))
    commit_all(wix_app)

    run_update(wix_app)

    handler = wix_app / "src/backend/events/contact-created/contact-created.ts"
    text = handler.read_text()
    work = text[text.index("  try {") : text.index("});")]
    handler.write_text(f"{imported}\n" + text.replace(work, f"  {call}\n".replace("…", "")))
    assert (handler.parent.parent / "once.ts").exists()
    done = run_check(wix_app)
    assert "Found 1 fault" in done
    assert "namespace" in done


@for_a_shell
def test_its_lines_for_git_attributes_merge_records_and_keep_line_ends(
    wix_app: Path, template: TemplateRepo, tmp_path: Path
) -> None:
    (lines,) = [block for block in blocks("bash") if ".gitattributes" in block]
    subprocess.run(["bash", "-e", "-c", lines], cwd=wix_app, check=True)
    run_copy(template, wix_app, {"event": "onContactCreated"})
    commit_all(wix_app)
    for branch, event in (("post", "onPostCreated"), ("order", "onOrderApproved")):
        git(wix_app, "checkout", "--quiet", "-b", branch, "HEAD" if branch == "post" else "post~1")
        run_copy(template, wix_app, {"event": event})
        commit_all(wix_app)
    subprocess.run(["git", "merge", "--quiet", "post"], cwd=wix_app, capture_output=True, check=False)
    assert ".copier-answers.yml" not in git(wix_app, "diff", "--name-only", "--diff-filter=U")
    assert [event["name"] for event in recorded(wix_app)] == [
        "contact-created",
        "order-approved",
        "post-created",
    ]

    clone = tmp_path / "clone"
    git(
        tmp_path, "-c", "core.autocrlf=true", "clone", "--quiet", "--branch", "post", str(wix_app), str(clone)
    )
    assert b"\r\n" in (clone / "src/extensions.ts").read_bytes()
    handlers = list((clone / "src/backend/events").rglob("*.ts"))
    assert [path for path in handlers if b"\r\n" in path.read_bytes()] == []


def run_check(app: Path) -> str:
    """Return what `wix-events check` says of an app."""
    command = [sys.executable, "-m", "wix_events.commands", "check", str(app)]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "extensions")}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives a document's headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_what_the_documents_link_to_is_there() -> None:
    broken = []
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", path.read_text(encoding="utf-8")):
            file, _, anchor = link.partition("#")
            target = path.parent / file if file else path
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{path.name}: {link}")
    assert broken == []


@pytest.mark.slow
def test_the_documents_are_prettier_clean(wix_app: Path) -> None:
    files = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "CHANGELOG.md"]
    process = run_tool(wix_app, "prettier", "--check", "--no-config", *map(str, files))
    assert process.returncode == 0, process.stdout
