"""The README's commands do what the README says, as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from template_repo import FAKE_UVX, TemplateRepo, git
from wix import ROOT, run_tool

README = (ROOT / "README.md").read_text()


def commands() -> list[str]:
    """Return the README's shell blocks that a user runs in an app."""
    blocks = re.findall(r"^```bash\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [block for block in blocks if "make " not in block]


@pytest.fixture
def shell(tmp_path: Path, template: TemplateRepo) -> dict[str, str]:
    """Make an environment in which `uvx` is the fake and `copier` is the one installed here."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "uvx").write_text(FAKE_UVX)
    (programs / "copier").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m copier "$@"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "TEMPLATE": str(template.path)}


@pytest.mark.slow
def test_the_commands_run_one_after_the_other_in_one_app(wix_app: Path, shell: dict[str, str]) -> None:
    git(wix_app, "init", "--quiet")
    (wix_app / ".gitignore").write_text("node_modules/\n.env.local\n")
    data = re.search(r"^```yaml\n# events.yml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert data
    (wix_app / "events.yml").write_text(data[1])
    blocks = commands()
    assert len(blocks) >= 8
    for block in blocks:
        # The template's address is a stand-in for the user's own, and nobody answers the dialogue here.
        script = re.sub(r"^export TEMPLATE=.*\n", "", block).replace(
            'copy --trust "$TEMPLATE" .',
            'copy --trust --defaults -d event=crm.contacts.onContactCreated "$TEMPLATE" .',
        )
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=wix_app,
            env=shell,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    record = yaml.safe_load((wix_app / ".copier-answers.yml").read_text())
    assert {event["name"] for event in record["events"]} == {
        "contact-created",
        "paid",
        "post-created",
        "order-canceled",
    }
    assert record["trigger"] is True
    assert (wix_app / "scripts/event.mjs").exists()


def test_the_tree_and_the_handler_that_it_shows_are_what_appears(
    wix_app: Path, shell: dict[str, str]
) -> None:
    before = {path for path in wix_app.rglob("*") if path.is_file()}
    subprocess.run(
        [
            "copier",
            "copy",
            "--trust",
            "--defaults",
            "-q",
            "-d",
            "event=onContactCreated",
            shell["TEMPLATE"],
            ".",
        ],
        cwd=wix_app,
        env=shell,
        check=True,
    )
    shown = re.search(r"^```ts\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert shown
    folder = wix_app / "src/backend/events/contact-created"
    assert shown[1] == (folder / "contact-created.ts").read_text()
    new = {path.name for path in wix_app.rglob("*") if path.is_file() and path not in before}
    assert new == {
        ".copier-answers.yml",
        "extensions.ts",
        "contact-created.ts",
        "contact-created.extension.ts",
    }
    assert all(name in README for name in new)


def test_every_question_is_in_its_table() -> None:
    config = yaml.safe_load((ROOT / "copier.yml").read_text())
    questions = {key for key in config if not key.startswith("_")} - {"plan"}
    listed = set(re.findall(r"`([a-z_]+)`", README.split("## Questions")[1].split("\n## ")[0]))
    assert questions <= listed


def test_the_files_it_links_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", README)
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


@pytest.mark.slow
def test_the_documents_are_prettier_clean(wix_app: Path) -> None:
    files = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "CHANGELOG.md"]
    process = run_tool(wix_app, "prettier", "--check", "--no-config", *map(str, files))
    assert process.returncode == 0, process.stdout
