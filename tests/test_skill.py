"""The skill for coding agents is one by its format, and following it to the letter ends with a built event."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
import yaml
from apps import recorded
from shell import make_programs, run_script
from template_repo import TemplateRepo, git
from wix import ROOT, built_manifest, link_toolchain, webhooks

SKILL = ROOT / "skills/wix-backend-event/SKILL.md"
TEXT = SKILL.read_text(encoding="utf-8")
# https://agentskills.io/specification
FIELDS = {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}

# Stands in for what would install from the network: the packages are here already.
NOTHING = "echo $(basename $0) $@"


def test_its_head_is_that_of_a_skill() -> None:
    found = re.fullmatch(r"---\n(.*?)\n---\n(.*)", TEXT, re.DOTALL)
    assert found
    head = yaml.safe_load(found[1])
    assert set(head) <= FIELDS
    assert head["name"] == SKILL.parent.name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", head["name"])
    assert 0 < len(head["description"]) <= 1024
    assert "Use when" in head["description"]
    assert len(head["compatibility"]) <= 500
    # It is short, for whoever reads it pays for every word.
    assert len(found[2].split()) < 800


def test_it_names_the_template_as_the_readme_does() -> None:
    (address,) = re.findall(r"^export TEMPLATE=.*$", TEXT, re.MULTILINE)
    assert address in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a shell")
def test_following_it_to_the_letter_ends_with_a_built_event(
    wix_app: Path, template: TemplateRepo, tmp_path: Path
) -> None:
    python = f'PYTHONPATH="{template.path}/extensions" exec "{sys.executable}" -m'
    stand_ins = {
        "uv": NOTHING,
        "npm": NOTHING,
        "copier": f'{python} copier "$@"',
        "wix-events": f'{python} wix_events.commands "$@"',
    }
    programs = make_programs(tmp_path / "bin", stand_ins)
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "TEMPLATE": str(template.path)}
    env |= {"ASTRO_TELEMETRY_DISABLED": "1", "NO_COLOR": "1"}
    git(wix_app, "init", "--quiet")
    link_toolchain(wix_app)

    output = ""
    blocks = re.findall(r"^```bash\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    for block in blocks:
        script = re.sub(r"^export TEMPLATE=.*\n", "", block, flags=re.MULTILINE)
        output += run_script(script, wix_app, env)
        if "copier copy" in block:
            # The handler that it names is there, with the mark that it names.
            (named,) = re.findall(r"`// Your code goes here` stands, in `(.*?)`", TEXT)
            handler = wix_app / named
            mark = re.compile(r"( *)// Your code goes here.*\n")
            assert mark.search(handler.read_text())
            handler.write_text(
                mark.sub(r'\1console.info("paid", event.data.order?._id);\n', handler.read_text())
            )
    assert "uv tool install git+" in output
    assert "SCOPE.DC-STORES.READ-ORDERS" in output

    (event,) = recorded(wix_app)
    assert event["name"] == "order-paid"
    # As its own last-but-one block built it, under the first name.
    assert webhooks(built_manifest(wix_app)) == [(event["id"], "wix.ecom.v1.order_approved")]
    handler = wix_app / "src/backend/events/order-paid/order-paid.ts"
    assert 'console.info("paid"' in handler.read_text()
