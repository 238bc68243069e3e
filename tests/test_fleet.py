"""Many apps: unattended updates of fifty of them."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from apps import (
    ANSWERS,
    BOT,
    EVENTS,
    EXTENSIONS,
    WIX_EVENTS,
    append,
    builder,
    handler,
    record,
)
from fleet import KEYS, NEWEST, VERSIONS, faults
from handmade import MADE_BY_HAND
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update
from wix import new_app, snapshot

# --- fifty apps ------------------------------------------------------------------------------------------------------

PAGE = """\
import { extensions } from "@wix/astro/builders";
export const page = extensions.dashboardPage({
  id: "0a1b2c3d-0000-4000-8000-0000000000aa",
  title: "Page",
  routePath: "page",
  component: "./page/page.tsx",
});
"""
SHAPES = {
    "no file": "",
    "bare": 'import { app } from "@wix/astro/builders";\n\nexport default app();\n',
    "line": 'import { app } from "@wix/astro/builders";\nimport { page } from "./page/page.extension";\n\n'
    "export default app().use(page);\n",
    "lines": "// @ts-nocheck\nimport { app } from '@wix/astro/builders'\nimport { page as first } from './page/page.extension'\n\n"
    "export default app()\n\t.use(first) // ours\n",
    "calls": 'import * as builders from "@wix/astro/builders";\nimport { page } from "./page/page.extension.ts";\n\n'
    "const shop = builders.app();\nshop.use(page);\nexport default shop;\n",
    "assigned": 'import {\n  app,\n  extensions,\n} from "@wix/astro/builders";\n\nlet all = app();\nall = all.use(\n'
    '  extensions.dashboardPage({ id: "0a1b2c3d-0000-4000-8000-0000000000bb", title: "a" }),\n);\nexport { all as default };\n',
}


@dataclass(frozen=True)
class Spec:
    """What one of the fifty apps is like; the periods have few common factors, so that most pairs occur."""

    number: int

    @property
    def version(self) -> str:
        """The version that it was made with."""
        return VERSIONS[self.number % 4]

    @property
    def later(self) -> str:
        """The version at which its last event was added."""
        return VERSIONS[min(self.number % 4 + (self.number // 4 % 5 == 1), 3)]

    @property
    def by_hand(self) -> bool:
        """Whether events made by hand were adopted."""
        return self.number % 10 == 3

    @property
    def shape(self) -> str:
        """The name of the shape of its `src/extensions.ts`."""
        return [*SHAPES][self.number % len(SHAPES)]

    @property
    def line_ends(self) -> str:
        """Those of its `src/extensions.ts`."""
        return "\r\n" if self.number % 5 == 1 else "\n"

    @property
    def windows(self) -> bool:
        """Whether all its files were written with CRLF, which git takes out on the way in."""
        return self.number % 10 == 1

    @property
    def folder(self) -> str:
        """Where in its repository it lies."""
        return "apps/shop" if self.number % 3 == 0 else "."

    @property
    def answers_file(self) -> str:
        """The name of its answers file."""
        return ".copier-answers.events.yml" if self.number % 7 < 2 else ANSWERS

    @property
    def events_dir(self) -> str:
        """Where its events lie."""
        return WIX_EVENTS if self.number % 9 < 3 else EVENTS

    @property
    def options(self) -> dict[str, bool]:
        """The options of its handlers."""
        periods = {"trigger": 4, "idempotent": 5, "elevate": 6}
        return {option: True for option, period in periods.items() if self.number // 2 % period == 1}

    @property
    def events(self) -> list[Any]:
        """Its one to six events, as they were asked for."""
        keys = [KEYS[(self.number + i) % len(KEYS)] for i in range(self.number // 3 % 6 + 1)]
        return [
            {"event": key, "name": f"own-{i}"} if i == self.number % 4 else key for i, key in enumerate(keys)
        ]

    def __str__(self) -> str:
        """Name it in the output of pytest."""
        return f"{self.number:02} {self.version} {self.shape}"


def make(repo: TemplateRepo, app: Path, spec: Spec, version: str, later: str) -> None:
    """Make an app, its last event at a later version than the others."""
    new_app(app, "Site" if spec.number % 2 else "App")
    config = json.loads((app / "wix.config.json").read_text())
    (app / "wix.config.json").write_text(json.dumps({**config, "namespace": "@acme/app"}))
    source = SHAPES[spec.shape]
    files = {EXTENSIONS: source, "src/page/page.extension.ts": PAGE} if source else {}
    if spec.by_hand:
        files = MADE_BY_HAND
    bom = "\ufeff" if spec.number % 8 == 2 else ""
    for name, text in files.items():
        if name == EXTENSIONS:
            text = bom + (text.rstrip() if spec.number % 11 == 4 else text).replace("\n", spec.line_ends)
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_bytes(text.encode())
    data: dict[str, Any] = {"events_dir": spec.events_dir, **spec.options}
    if spec.by_hand:
        data["adopt"] = True
    # In two steps where the versions of the old app differ: the order of its registrations follows that of its events.
    old = len(spec.events) - (spec.later != spec.version)
    steps = [
        (at, events) for at, events in ((version, spec.events[:old]), (later, spec.events[old:])) if events
    ]
    for at, events in steps:
        if at == steps[0][0]:
            run_copy(repo, app, {**data, "event": events}, vcs_ref=at, answers_file=spec.answers_file)
        else:
            # All files of an app are of one version, so an update adds what a newer one is to add.
            commit_all(app)
            run_update(app, {**spec.options, "event": events}, vcs_ref=at, answers_file=spec.answers_file)
            shutil.rmtree(app / ".git")


def edit_as_user(app: Path, spec: Spec) -> list[str]:
    """Write a user's code into an app, away from what releases change.

    Args:
        app: The app, at whatever version.
        spec: What it is like.

    Returns:
        The user's lines, each of which stands in the app once.
    """
    lines: list[str] = []

    def line(text: str) -> str:
        lines.append(text.format(f"{spec.number}, {len(lines)}"))
        return lines[-1]

    def substitute(path: Path, pattern: str, new: str) -> None:
        text, count = re.subn(
            pattern, lambda found: found.expand(new), path.read_text(), count=1, flags=re.MULTILINE
        )
        assert count == 1, path
        path.write_text(text)

    for number, (name, event) in enumerate(record(app, spec.answers_file).items()):
        if "builder" in event:
            continue
        path, place = app / handler(name, spec.events_dir), r"^( *)// Your code goes here.*\n"
        kind = (number + spec.number) % 5
        if kind == 0:
            substitute(path, place, rf"\1{line('await send(event, {});')}\n")
            (app / spec.events_dir).with_name("send.ts").write_text("export const send = console.log;\n")
            substitute(
                path,
                r"^(import \{ \w+ \} from .*\n)",
                rf"\1{line('import {{ send }} from ' + repr('../../send') + '; // {}')}\n",
            )
        elif kind == 1:
            calls = "".join(rf"\1{line('await step({});')}\n" for _ in range(40))
            substitute(path, place, rf"{calls}\g<0>")
        elif kind == 2:
            append(path, f"\n{line('export const limit = [{}]; // é 漢字')}\n")
            (path.parent / "helper.ts").write_text(f"{line('export const help = [{}];')}\n")
        elif kind == 3:
            append(app / builder(name, spec.events_dir), f"{line('// Ours: {}.')}\n")
    append(app / EXTENSIONS, f"{spec.line_ends}{line('// Ours: {}.')}{spec.line_ends}")
    if spec.windows:
        (app / ".gitattributes").write_text("* text=auto\n")
    (app / "src/notes.md").write_text(f"{line('Notes {}')}\n")
    return lines


def plain(app: Path) -> dict[str, str]:
    """Return every file of an app, with one text in place of all ids and one kind of line end if git sees to them."""
    uuid = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    files = {path: uuid.sub(b"ID", content).decode() for path, content in snapshot(app).items()}
    if ".gitattributes" in files:
        return {path: text.replace("\r\n", "\n") for path, text in files.items()}
    return files


@pytest.mark.slow
@pytest.mark.parametrize("spec", [Spec(number) for number in range(50)], ids=str)
def test_fifty_apps_come_to_the_newest_version_unattended(
    grown: TemplateRepo, tmp_path: Path, spec: Spec
) -> None:
    repository = tmp_path / "repository"
    app = repository / spec.folder
    make(grown, app, spec, spec.version, spec.later)
    lines = edit_as_user(app, spec)
    git(repository, "init", "--quiet")
    # What is committed has the line ends that the files have.
    git(repository, "config", "core.autocrlf", "false")
    if spec.windows:
        for path in snapshot(app):
            (app / path).write_bytes(re.sub(rb"\r?\n", b"\r\n", (app / path).read_bytes()))
    commit_all(repository)
    if spec.windows:
        # The bot's own checkout, on Linux.
        git(repository, "rm", "-r", "--quiet", ".")
        git(repository, "reset", "--quiet", "--hard")
        assert b"\r" not in (app / spec.answers_file).read_bytes()
    before = {name: event["id"] for name, event in record(app, spec.answers_file).items()}

    done = copier_cli(*BOT, "--answers-file", spec.answers_file, cwd=app)

    assert done.returncode == 0, done.stderr
    assert git(repository, "diff", "--name-only", "--diff-filter=U") == ""
    after = plain(app)
    everything = "\n".join(after.values())
    assert "<<<<<<<" not in everything
    for line in lines:
        assert everything.count(line) == 1, line
    assert {name: event["id"] for name, event in record(app, spec.answers_file).items()} == before
    for name, event in record(app, spec.answers_file).items():
        assert before[name] in (app / event.get("builder", builder(name, spec.events_dir))).read_text()
    assert faults(app, spec.answers_file) == []
    # It is what it would be if the user had written the same into an app of the newest version. Some of them tell: all that
    # an app may be like occurs among them.
    if spec.number < 15:
        fresh = tmp_path / "fresh"
        make(grown, fresh, spec, NEWEST, NEWEST)
        edit_as_user(fresh, spec)
        assert after == plain(fresh)
