"""The GitHub Actions workflow and the commands of docs/fleet.md, run as they are printed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from apps import (
    ANSWERS,
    builder,
    handler,
    record,
    release,
)
from fleet import RENOVATE, URL, WORKFLOW, make_by_url, point_git_to
from template_repo import FAKE_UVX, TemplateRepo, commit_all, git
from wix import ROOT
from wix_events.commands.check import check


def test_all_examples_name_the_template_alike() -> None:
    assert f"export TEMPLATE={URL}\n" in (ROOT / "README.md").read_text()
    (rule,) = RENOVATE["packageRules"]
    assert rule["matchPackageNames"] == [URL]


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
        assert check(apps / name).findings == ()
        commit_all(apps / name)
    run(give)
    for name in ("blog", "shop"):
        assert git(apps / name, "status", "--porcelain") == ""
    run(union)
    (apps / ".gitattributes").rename(apps / "shop/.gitattributes")
    assert git(apps / "shop", "check-attr", "merge", ANSWERS).endswith(": merge: union\n")
