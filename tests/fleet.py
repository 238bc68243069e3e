"""What the tests of many apps share: a template with versions, and its address where git can be told what is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml
from apps import ANSWERS, release
from template_repo import TemplateRepo
from wix import ROOT, new_app
from wix_events.commands.check import check

VERSIONS = ["1.0.0", "1.1.0", "2.0.0", "3.0.0"]
NEWEST = "4.0.0"
KEYS = [
    "crm.contacts.onContactCreated",
    "blog.posts.onPostCreated",
    "crm.contacts.onContactUpdated",
    "bookings.bookings.onBookingConfirmed",
    "crm.contacts.onContactDeleted",
    "members.members.onMemberCreated",
    "ecom.cart.onCartCreated",
]


def faults(app: Path, answers_file: str = ANSWERS) -> list[str]:
    """Return what the check finds wrong with an app."""
    return [str(problem) for problem in check(app, [answers_file]).findings]


def grow(template: TemplateRepo, path: Path) -> TemplateRepo:
    """Make a template with all of VERSIONS and NEWEST, which change handlers at their top, middle and end, and builders."""
    repo = template.fork(path)

    def change(text: str, old: str, new: str) -> str:
        assert old in text
        return text.replace(old, new)

    release(repo, "1.1.0", files={"README.md": "Another word.\n"})
    release(repo, "2.0.0", handler=lambda text: change(text, ' failed"', ' did not succeed"'))
    release(
        repo,
        "3.0.0",
        builder=lambda text: change(text, "\n */", "\n * @see docs/events.md\n */"),
        handler=lambda text: change(
            text, "\nexport default", "\n// Called once for each event.\nexport default"
        ),
    )
    release(
        repo,
        NEWEST,
        handler=lambda text: change(
            text, "import { {{ code.names }} }", "// Fourth.\nimport { {{ code.names }} }"
        ),
    )
    # Nobody is brought to a pre-release.
    release(repo, "5.0.0rc1", files={"README.md": "Almost.\n"})
    return repo


# What the examples call the template; git is told where that is on this machine, so nothing leaves it.
URL = yaml.safe_load((ROOT / "docs/fleet/update-events.yml").read_text())["env"]["TEMPLATE"]


def point_git_to(repo: TemplateRepo, home: Path) -> dict[str, str]:
    """Make a home in which git takes URL for a repository, and return the environment of a program that has it."""
    home.mkdir()
    (home / ".gitconfig").write_text(f'[url "file://{repo.path}"]\n\tinsteadOf = {URL}\n')
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("GIT_", "RENOVATE_", "COPIER_"))
    }
    return {**env, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "GIT_CONFIG_NOSYSTEM": "1"}


def make_by_url(app: Path, env: dict[str, str], version: str, answers_file: str = ANSWERS) -> None:
    """Make an app with two events from the template at URL."""
    new_app(app)
    events = json.dumps(KEYS[:2])
    command = ["copy", "--trust", "--defaults", "--quiet", "--vcs-ref", version, "-d", f"event={events}"]
    subprocess.run(
        [sys.executable, "-m", "copier", *command, "--answers-file", answers_file, URL, str(app)],
        env=env,
        stdin=subprocess.DEVNULL,
        check=True,
    )
