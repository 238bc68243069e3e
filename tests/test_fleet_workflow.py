"""GitHub Actions keep apps up to date and report on them, with the workflows of docs/fleet; and what docs/fleet.md says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from apps import ANSWERS, builder, handler, record, release
from fleet import URL, faults, make_by_url, point_git_to
from template_repo import FAKE_UVX, TemplateRepo, commit_all, git
from wix import ROOT

if sys.platform == "win32":
    pytest.skip("the workflows run on Linux", allow_module_level=True)

FOLDER = ROOT / "docs/fleet"
WORKFLOW = yaml.safe_load((FOLDER / "update-events.yml").read_text())
REPORT = yaml.safe_load((FOLDER / "report-events.yml").read_text())

NEWEST = "2.0.0"

# Stands in for GitHub's gh: notes how it is called, and says that the pull requests of the file `open` are open. Every repository
# it lists is the one beside the programs.
FAKE_GH = f"""#!{sys.executable}
import json, pathlib, subprocess, sys
folder = pathlib.Path(__file__).parent
with (folder / "calls").open("a") as calls:
    print(json.dumps(sys.argv[1:]), file=calls)
if sys.argv[1:3] == ["pr", "list"]:
    print((folder / "open").read_text())
if sys.argv[1:3] == ["repo", "list"]:
    print("shop")
    print("blog")
if sys.argv[1:3] == ["repo", "clone"]:
    subprocess.run(["git", "clone", *sys.argv[6:], str(folder.parent / "origin.git"), sys.argv[4]], check=True)
"""
# Notes what it is to install, too.
NOTING_UVX = FAKE_UVX.replace("shift 2\n", 'echo "$2" >> "$(dirname "$0")/installed"\nshift 2\n', 1)


@dataclass(frozen=True)
class Forge:
    """An app's repository where GitHub would have it, and a runner's surroundings."""

    origin: Path
    env: dict[str, str]
    programs: Path

    def run(self, runner: Path, matrix: dict[str, str] | None = None) -> tuple[int, str]:
        """Run the workflow that updates in a new folder, for one line of its matrix."""
        job = WORKFLOW["jobs"]["update"]
        return self.run_job(runner, WORKFLOW, job, matrix or job["strategy"]["matrix"]["include"][0])

    def run_job(
        self, runner: Path, workflow: dict[str, Any], job: dict[str, Any], matrix: dict[str, str]
    ) -> tuple[int, str]:
        """Run a workflow's job in a new folder, as GitHub does, up to the first step that fails."""
        runner.mkdir()
        work = runner / "work"
        # One commit is all that actions/checkout brings.
        git(runner, "clone", "--quiet", "--depth", "1", f"file://{self.origin}", str(work))
        known = {f"matrix.{key}": value for key, value in matrix.items()}
        known |= {"github.token": "token", "secrets.FLEET_TOKEN": "token"}

        def filled(env: dict[str, str]) -> dict[str, str]:
            return {
                key: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], value)
                for key, value in env.items()
            }

        files = {name: str(runner / name) for name in ("GITHUB_ENV", "GITHUB_STEP_SUMMARY")}
        env = {**self.env, "RUNNER_TEMP": str(runner), "GITHUB_REF_NAME": "main", **files}
        env |= filled({**workflow["env"], **job.get("env", {})})
        (runner / "GITHUB_ENV").touch()
        output = ""
        for step in job["steps"]:
            if "run" not in step:
                continue
            assert "${{" not in step["run"]
            done = subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                cwd=work,
                env={**env, **filled(step.get("env", {}))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            output += done.stdout
            if done.returncode:
                return done.returncode, output
            env |= dict(line.split("=", 1) for line in (runner / "GITHUB_ENV").read_text().splitlines())
        return 0, output

    def installed(self) -> set[str]:
        """Return what uvx was told to install."""
        return set((self.programs / "installed").read_text().split())

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
    release(own, NEWEST, handler=lambda text: text.replace("import {", "// Second version.\nimport {", 1))
    # Nobody is brought to a pre-release, nor to what is not released at all.
    release(own, "3.0.0rc1", files={"README.md": "Almost.\n"})
    (own.path / "README.md").write_text("Not released.\n")
    commit_all(own.path)
    env = point_git_to(own, tmp_path / "home")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("uvx", NOTING_UVX), ("gh", FAKE_GH)):
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


@pytest.mark.parametrize(
    ("workflow", "allowed"),
    [(WORKFLOW, {"contents": "write", "pull-requests": "write"}), (REPORT, {})],
    ids=["update", "report"],
)
def test_a_workflow_may_do_no_more_than_it_needs(workflow: dict[str, Any], allowed: dict[str, str]) -> None:
    assert workflow["permissions"] == allowed
    assert all("permissions" not in job for job in workflow["jobs"].values())


@pytest.mark.parametrize(
    "file", [*sorted(FOLDER.glob("*.yml")), ROOT / ".github/workflows/test.yml"], ids=lambda file: file.name
)
def test_actions_are_pinned_by_hash_with_the_version_beside_it(file: Path) -> None:
    used = re.findall(r"uses: (.*)", file.read_text())
    assert used
    pinned = r"(actions|astral-sh)/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
    assert [action for action in used if not re.fullmatch(pinned, action)] == []


def test_the_tests_that_the_own_workflow_names_are_there() -> None:
    named = re.findall(r"tests/\S+\.py", (ROOT / ".github/workflows/test.yml").read_text())
    assert named
    assert [pattern for pattern in named if not list(ROOT.glob(pattern))] == []


@pytest.mark.slow
def test_everything_is_of_the_version_that_the_app_is_brought_to(
    forge: tuple[Forge, TemplateRepo], tmp_path: Path
) -> None:
    hub, template = forge
    assert hub.run(tmp_path / "first")[0] == 0
    assert hub.installed() == {f"git+{URL}@{NEWEST}"}
    app = at_branch(hub, tmp_path / "merged")
    assert yaml.safe_load((app / ANSWERS).read_text())["_commit"] == NEWEST

    # A fork's version comes after the one of upstream that it holds.
    release(template, "2.0.0.post2", files={"README.md": "Ours.\n"})
    release(template, "2.0.0.post10", files={"README.md": "Ours, too.\n"})
    assert hub.run(tmp_path / "second")[0] == 0
    assert f"git+{URL}@2.0.0.post10" in hub.installed()


@pytest.mark.slow
def test_the_report_is_in_the_summary_of_the_job_and_a_page_beside_it(
    forge: tuple[Forge, TemplateRepo], tmp_path: Path
) -> None:
    hub, _ = forge
    code, output = hub.run_job(tmp_path / "runner", REPORT, REPORT["jobs"]["report"], {})
    assert code == 0, output
    assert hub.calls()[0][:3] == ["repo", "list", "your-org"]
    summary = (tmp_path / "runner/GITHUB_STEP_SUMMARY").read_text()
    assert "2 apps, 4 events; 2 behind" in summary
    assert "| **blog** | 1.0.0 (1 behind 2.0.0) | 2 |" in summary.replace("&#46;", ".").replace(
        "&#40;", "("
    ).replace("&#41;", ")")
    upload = REPORT["jobs"]["report"]["steps"][-1]
    assert "<table>" in (tmp_path / "runner/work" / upload["with"]["path"]).read_text()
    assert hub.installed() == {f"git+{URL}@{NEWEST}"}


@pytest.mark.slow
def test_a_finding_does_not_fail_the_report(forge: tuple[Forge, TemplateRepo], tmp_path: Path) -> None:
    hub, _ = forge
    app = tmp_path / "app"
    path = app / builder("post-created")
    path.write_text(re.sub('id: ".*"', 'id: "nope"', path.read_text()))
    hub.push(app)
    code, output = hub.run_job(tmp_path / "runner", REPORT, REPORT["jobs"]["report"], {})
    assert code == 0, output
    assert "2 with findings" in (tmp_path / "runner/GITHUB_STEP_SUMMARY").read_text()


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_workflow_updates_an_app_in_a_folder_by_its_own_answers_file(
    forge: tuple[Forge, TemplateRepo], tmp_path: Path
) -> None:
    hub, _ = forge
    make_by_url(tmp_path / "app/apps/shop", hub.env, "1.0.0", ".copier-answers.shop.yml")
    hub.push(tmp_path / "app")
    code, output = hub.run(
        tmp_path / "first",
        {"app": "apps/shop", "answers": ".copier-answers.shop.yml", "branch": "update-shop"},
    )
    assert code == 0, output
    assert "Update backend events of apps/shop to 2.0.0" in hub.calls()[-1]
    app = at_branch(hub, tmp_path / "merged", "update-shop")
    changed = git(app, "diff", "--name-only", "origin/main").split()
    assert "apps/shop/.copier-answers.shop.yml" in changed
    assert all(path.startswith("apps/shop/") for path in changed)


# --- docs/fleet.md -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_commands_of_the_document_do_what_it_says(
    forge: tuple[Forge, TemplateRepo], tmp_path: Path
) -> None:
    hub, _ = forge
    document = (ROOT / "docs/fleet.md").read_text()
    apps = tmp_path / "apps"
    for name, version in (("blog", NEWEST), ("shop", "1.0.0")):
        make_by_url(apps / name, hub.env, version)
        commit_all(apps / name)
    events = re.search(r"^```yaml\n# events.yml\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
    assert events
    (apps / "events.yml").write_text(events[1])
    report, update, give, union = re.findall(r"^```bash\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
    for name, command in (("copier", "copier"), ("wix-events", "wix_events.commands")):
        program = hub.programs / name
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT}/extensions" exec "{sys.executable}" -m {command} "$@"\n'
        )
        program.chmod(0o755)

    def run(script: str) -> str:
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=apps,
            env={**hub.env, "TEMPLATE": URL},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    assert "shop  1.0.0 (1 behind 2.0.0)  2" in run(report)
    run(give)
    for name in ("blog", "shop"):
        assert set(record(apps / name)) == {"contact-created", "post-created", "order-paid"}
        assert faults(apps / name) == []
        commit_all(apps / name)
    run(give)
    for name in ("blog", "shop"):
        assert git(apps / name, "status", "--porcelain") == ""

    # Both sides change the first line of one file.
    make_by_url(apps / "mail", hub.env, "1.0.0")
    path = apps / "mail" / handler("contact-created")
    path.write_text(path.read_text().replace("import {", "// Ours.\nimport {", 1))
    commit_all(apps / "mail")
    assert run(update).split() == [handler("contact-created")]

    run(union)
    (apps / ".gitattributes").rename(apps / "shop/.gitattributes")
    assert git(apps / "shop", "check-attr", "merge", ANSWERS).endswith(": merge: union\n")
