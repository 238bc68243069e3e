"""What the check says of healthy apps, and how its command says it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from apps import (
    builder,
    handler,
    remove,
    replace,
    write,
)
from handmade import (
    SECOND,
    TWIN,
    listener_text,
    use,
)
from pytest_copier.plugin import CopierFixture
from template_repo import TemplateRepo, commit_all, run_copy, run_update
from wix import ROOT
from wix_events.commands import check

BUILDER, HANDLER = builder("contact-created"), handler("contact-created")
ORDER_BUILDER, ORDER_HANDLER = builder("order-approved"), handler("order-approved")


def test_an_app_of_many_events_is_healthy_after_copy_and_update(
    own_template: TemplateRepo, wix_app: Path
) -> None:
    keys = [
        "crm.contacts.onContactCreated",
        "ecom.cart.onCartCreated",
        {"event": "blog.posts.onPostCreated", "name": "x"},
    ]
    run_copy(own_template, wix_app, {"event": keys})
    run_copy(own_template, wix_app, {"package": "@acme/sdk", "namespace": "things", "handler": "onThingMade"})
    assert check.check(wix_app) == check.Report((), 4, 4)
    commit_all(wix_app)
    own_template.release("1.1.0", {"docs/x.md": "x\n"})
    run_update(wix_app, {"remove": "cart-created", "rename": "x:post"})
    assert check.check(wix_app) == check.Report((), 3, 3)


def test_an_app_that_imports_custom_extensions_is_healthy(copier: CopierFixture, wix_app: Path) -> None:
    (wix_app / "package.json").write_text('{ "dependencies": { "@wix/custom-extensions": "^1.0.0" } }\n')
    copier.copy(wix_app, event="crm.contacts.onContactCreated")
    assert check.check(wix_app).problems == ()


def test_an_app_with_adopted_and_foreign_extensions_is_healthy(healthy_app: Path) -> None:
    assert check.check(healthy_app) == check.Report((), 3, 5)


def test_foreign_events_that_are_registered_are_healthy(healthy_app: Path) -> None:
    write(healthy_app / f"{SECOND}.extension.ts", TWIN[f"{SECOND}.extension.ts"])
    write(healthy_app / f"{SECOND}.ts", listener_text("blog", "posts", "onPostCreated"))
    use(healthy_app, "second", f"./{SECOND.removeprefix('src/')}.extension")
    assert check.check(healthy_app).problems == ()


def test_another_answers_file_is_read_when_it_is_named(template: TemplateRepo, wix_app: Path) -> None:
    run_copy(template, wix_app, {"event": "crm.contacts.onContactCreated"}, answers_file="events.yml")
    (problem,) = check.check(wix_app).problems
    assert problem.code == "record"
    assert check.check(wix_app, ["events.yml"]) == check.Report((), 1, 1)
    assert run_check(wix_app, "--answers-file", "events.yml").stdout == (
        "Healthy: 1 recorded event, 1 extension in all.\n"
    )
    (problem,) = check.check(wix_app, ["gone.yml"]).problems
    assert str(problem) == "gone.yml:1: There is no such file. Name one that copier copy has written."


def run_check(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command that `make check` runs."""
    return subprocess.run(
        [sys.executable, "-m", "wix_events.commands.check", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "extensions")},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_the_command_says_in_one_line_that_an_app_is_healthy(healthy_app: Path) -> None:
    done = run_check(healthy_app)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "Healthy: 3 recorded events, 5 extensions in all.\n",
        "",
    )
    assert run_check(healthy_app, "--json").stdout == "[]\n"


def test_the_command_lists_problems_as_lines_or_as_json(healthy_app: Path) -> None:
    remove(HANDLER)(healthy_app)
    replace("package.json", r'^ *"@wix/crm": .*\n', "")(healthy_app)
    problems = check.check(healthy_app).problems
    done = run_check(healthy_app)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [str(problem) for problem in problems]
    done = run_check(healthy_app, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == [asdict(problem) for problem in problems]
    assert set(json.loads(done.stdout)[0]) == {"file", "line", "code", "problem", "remedy"}


@pytest.mark.slow
def test_the_command_can_be_installed_from_the_repository(
    healthy_app: Path, own_template: TemplateRepo, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        site,
        own_template.path,
    ]
    subprocess.run(pip, check=True, stdin=subprocess.DEVNULL)
    done = subprocess.run(
        [site / "bin/wix-events-check"],
        cwd=healthy_app,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Healthy: 3 recorded events")


def test_a_folder_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    done = run_check(tmp_path / "gone")
    assert done.returncode == 2
    assert "is not a folder" in done.stderr
    assert "Traceback" not in done.stderr
