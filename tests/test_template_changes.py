"""Whatever changes in the template, or in an organisation's fork of it, reaches every app at its next update."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from apps import (
    ANSWERS,
    CONTACT,
    EVENTS,
    ORDER,
    POST,
    answers,
    append,
    assert_idle,
    builder,
    handler,
    ids,
    record,
    registered,
)
from template_repo import TemplateRepo, commit_all, run_copy, run_update
from wix import new_app, snapshot
from wix_events.collections import COLLECTION
from wix_events.names import SCRIPT

NAMES = ("contact-created", "order-approved", "post-created")
HEADER, OWN_HANDLER = "organisation/header.jinja", "organisation/handler.jinja"
CATALOGUE = "extensions/wix_events/catalogue/events.json"
OWN_TEXT = """\
import { {{ namespace }} } from "{{ package }}";

// Acme's own.
export default {{ namespace }}.{{ handler }}(async () => {
  // Your code goes here.
});
"""


class Part(NamedTuple):
    """A file of the template, one line that a release changes in it, and the files of an app that show it."""

    file: str
    old: str
    new: str
    shown_in: tuple[str, ...]
    shown: str


def rendered(path: Callable[[str], str]) -> tuple[str, ...]:
    """Return a file of each event."""
    return tuple(map(path, NAMES))


PARTS = {
    "builder": Part(
        "*entry.builder*", "/**\n", "// New in builders.\n/**\n", rendered(builder), "// New in builders."
    ),
    "handler": Part(
        "*entry.handler*",
        "export default {{ namespace }}",
        "// New in handlers.\nexport default {{ namespace }}",
        rendered(handler),
        "// New in handlers.",
    ),
    "sample": Part(
        "*entry.sample*",
        "}}",
        """| replace("{", '{\\n  "new": true,', 1) }}""",
        tuple(handler(name).replace(".ts", ".sample.json") for name in NAMES),
        '"new": true',
    ),
    "answers file": Part("*answers_file*", "{{", "# New in records.\n{{", (ANSWERS,), "# New in records."),
    "collection": Part(
        "*collection*", "export", "// New here.\nexport", (f"{COLLECTION}.ts",), "// New here."
    ),
    "helper": Part(
        "*helper*", "export async", "// New there.\nexport async", (f"{EVENTS}/once.ts",), "// New there."
    ),
    "script": Part("*/event.mjs", "\nimport ", "\n// New script.\nimport ", (SCRIPT,), "// New script."),
    "title": Part(
        CATALOGUE,
        '"title": "Contact Created"',
        '"title": "Contact Made"',
        (builder(NAMES[0]),),
        "* Contact Made:",
    ),
    "an organisation's header": Part(HEADER, "Acme", "Acme Limited", rendered(handler), "// Acme Limited\n"),
}


def change(repo: TemplateRepo, part: Part) -> dict[str, str]:
    """Return the new text of the file that a part changes."""
    found = [path for path in repo.path.rglob("*") if path.is_file() and ".git" not in path.parts]
    root = repo.path / "template" if "*" in part.file else repo.path
    (path,) = (
        path for path in found if path.is_relative_to(root) and path.relative_to(root).match(part.file)
    )
    text = path.read_text()
    assert part.old in text
    return {path.relative_to(repo.path).as_posix(): text.replace(part.old, part.new, 1)}


@pytest.fixture(scope="module")
def changing(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make a fork with a header of its own, and one release for each part that changes."""
    repo = template.fork(tmp_path_factory.mktemp("changing") / "template")
    repo.release("2.0.0", {HEADER: "// Acme\n"})
    for number, part in enumerate(PARTS.values(), 1):
        repo.release(f"2.{number}.0", change(repo, part))
    return repo


def edited_app(repo: TemplateRepo, path: Path) -> Path:
    """Make an app with three events that its user has edited, at the first version."""
    app = new_app(path)
    run_copy(
        repo, app, {"event": [CONTACT, ORDER, POST], "idempotent": True, "trigger": True}, vcs_ref="2.0.0"
    )
    for name in NAMES:
        text = (app / handler(name)).read_text()
        (app / handler(name)).write_text(
            re.sub(r"( +)(// Your code goes here.*\n)", rf"\1\2\1await work('{name}');\n", text)
        )
        append(app / builder(name), "// mine\n")
    append(app / f"{EVENTS}/once.ts", "// mine\n")
    commit_all(app)
    return app


@pytest.mark.parametrize("stride", [len(PARTS), 3], ids=["in one step", "three at a time"])
def test_each_change_arrives_and_the_users_lines_stay(
    changing: TemplateRepo, tmp_path: Path, stride: int
) -> None:
    app = edited_app(changing, tmp_path / "app")
    before = ids(app)
    for number in sorted({*range(stride, len(PARTS), stride), len(PARTS)}):
        run_update(app, vcs_ref=f"2.{number}.0")
        commit_all(app)
        for part in list(PARTS.values())[:number]:
            for path in part.shown_in:
                assert (app / path).read_text().count(part.shown) == 1, (number, path, part.shown)
    assert answers(app)["_commit"] == f"2.{len(PARTS)}.0"
    assert ids(app) == before
    for name in NAMES:
        assert (app / handler(name)).read_text().count(f"await work('{name}');") == 1
        assert (app / builder(name)).read_text().endswith("// mine\n")
    assert (app / f"{EVENTS}/once.ts").read_text().endswith("// mine\n")
    assert {f"{EVENTS}/{name}/{name}.extension" for name in record(app)} <= registered(app)
    assert not [
        name for name, content in snapshot(app).items() if b"<<<<<<<" in content or name.endswith(".rej")
    ]
    assert_idle(app)


@pytest.mark.parametrize("steps", [["3.2.0"], ["3.1.0", "3.2.0"]], ids=["in one step", "one by one"])
def test_a_change_in_an_organisations_own_handler_arrives_too(
    template: TemplateRepo, tmp_path: Path, steps: list[str]
) -> None:
    repo = template.fork(tmp_path / "template")
    repo.release("2.0.0", {OWN_HANDLER: OWN_TEXT})
    repo.release("3.1.0", {OWN_HANDLER: OWN_TEXT.replace("Acme's", "Acme Limited's")})
    repo.release("3.2.0", {OWN_HANDLER: OWN_TEXT.replace("Acme's own", "Acme Limited's very own")})
    app = new_app(tmp_path / "app")
    run_copy(repo, app, {"event": [CONTACT, ORDER, POST]}, vcs_ref="2.0.0")
    for name in NAMES:
        text = (app / handler(name)).read_text()
        (app / handler(name)).write_text(text.replace("goes here.", "goes here.\n  await work();"))
    commit_all(app)
    for version in steps:
        run_update(app, vcs_ref=version)
        commit_all(app)
    for name in NAMES:
        text = (app / handler(name)).read_text()
        assert "// Acme Limited's very own.\n" in text
        assert "  // Your code goes here.\n  await work();\n});\n" in text
    assert_idle(app)
