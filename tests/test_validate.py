"""What `-d validate=true` runs, with the real tools and with fakes that write down how they are called."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from template_repo import TemplateRepo, commit_all, copier_cli
from wix import link_toolchain

CONTACT = "crm.contacts.onContactCreated"
HANDLER = "src/backend/events/contact-created/contact-created.ts"
VALIDATE = ("copy", "--trust", "--defaults", "-d", f"event={CONTACT}", "-d", "validate=true")

# A stand-in for a package manager: it notes its call, and fails where the call matches $FAKE_FAILS.
FAKE = """#!/bin/sh
call="$(basename "$0") $*"
echo "$call" >> "$FAKE_LOG"
if echo "$call" | grep -qE "$FAKE_FAILS"; then
  echo "words of the tool"
  exit 3
fi
echo "https://preview.example"
"""


@pytest.fixture(autouse=True)
def nobody_is_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a login of whoever runs the tests out of them: the Wix CLI stores it in the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Callable[[], list[str]]]:
    """Put fakes of programs first on the PATH.

    Returns:
        A function that takes their names and a pattern of the calls that fail, and returns one that lists the calls.
    """

    def install(*programs: str, fails: str = "whoami") -> Callable[[], list[str]]:
        folder, log = tmp_path / "fakes", tmp_path / "calls"
        folder.mkdir()
        for program in programs:
            (folder / program).write_text(FAKE)
            (folder / program).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("FAKE_LOG", str(log))
        monkeypatch.setenv("FAKE_FAILS", fails)
        return lambda: log.read_text().splitlines() if log.exists() else []

    return install


Fake = Callable[..., Callable[[], list[str]]]


def reported(said: str) -> list[str]:
    """Return the lines that report a step."""
    return [line for line in said.splitlines() if line.startswith("validate: ")]


@pytest.mark.slow
def test_a_healthy_app_is_type_checked_and_built(template: TemplateRepo, wix_app: Path, fake: Fake) -> None:
    # npm alone is a fake, for installing needs the registry.
    calls = fake("npm")
    link_toolchain(wix_app)
    done = copier_cli(*VALIDATE, template.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert calls() == ["npm install"]
    assert reported(done.stderr) == [
        "validate: install dependencies: npm install",
        "validate: install dependencies: done.",
        "validate: check types: npx tsc --noEmit",
        "validate: check types: done.",
        "validate: build: npx wix build",
        "validate: build: done.",
        "validate: preview: skipped, nobody is logged in to Wix here. To have one: npx wix login, then npx wix preview",
    ]
    manifest = json.loads((wix_app / "dist/_wix/app-manifest.json").read_text())
    assert "wix.contacts.v4.contact_created" in json.dumps(manifest)
    assert "Install what is new" not in done.stderr


@pytest.mark.slow
def test_a_type_error_stops_with_the_words_of_tsc_and_nothing_is_built(
    template: TemplateRepo, wix_app: Path, fake: Fake
) -> None:
    fake("npm")
    link_toolchain(wix_app)
    (wix_app / "src/wrong.ts").write_text('export const count: number = "one";\n')
    done = copier_cli(*VALIDATE, template.path, wix_app, cwd=wix_app)
    assert done.returncode != 0
    assert (
        "src/wrong.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'." in done.stderr
    )
    assert "validate: check types failed with exit code" in done.stderr
    assert "validate: build" not in done.stderr
    assert "Traceback" not in done.stderr
    assert not (wix_app / "dist").exists()
    assert (wix_app / HANDLER).exists()


@pytest.mark.slow
def test_a_build_error_stops_with_the_words_of_wix(template: TemplateRepo, wix_app: Path, fake: Fake) -> None:
    fake("npm")
    link_toolchain(wix_app)
    first = copier_cli(*VALIDATE[:-2], template.path, wix_app, cwd=wix_app)
    assert first.returncode == 0, first.stderr
    handler = wix_app / HANDLER
    handler.write_text(handler.read_text().replace("export default ", "export const handler = "))
    second = [part.replace(CONTACT, "blog.posts.onPostCreated") for part in VALIDATE]
    done = copier_cli(*second, template.path, wix_app, cwd=wix_app)
    assert done.returncode != 0
    assert "Expected event listener call to be the default export" in done.stderr
    assert "validate: build failed with exit code" in done.stderr
    assert "preview" not in done.stderr
    assert ("(more in .wix/debug.log)." in done.stderr) == (wix_app / ".wix/debug.log").exists()


@pytest.mark.parametrize(
    ("lock_file", "programs", "commands"),
    [
        ("package-lock.json", ("npm", "npx"), ("npm install", "npx --no -- ")),
        ("yarn.lock", ("yarn",), ("yarn install", "yarn run ")),
        ("pnpm-lock.yaml", ("pnpm",), ("pnpm install --no-frozen-lockfile", "pnpm exec ")),
        ("bun.lock", ("bun", "bunx"), ("bun install", "bunx ")),
    ],
)
@pytest.mark.parametrize("place", ["app", "."])
def test_each_step_is_run_by_the_package_manager_whose_lock_file_is_nearest(
    template: TemplateRepo,
    wix_app: Path,
    fake: Fake,
    lock_file: str,
    programs: tuple[str, ...],
    commands: tuple[str, str],
    place: str,
) -> None:
    calls = fake(*programs)
    (wix_app.parent / place / lock_file).touch()
    done = copier_cli(*VALIDATE, template.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    install, run = commands
    assert calls() == [install, f"{run}tsc --noEmit", f"{run}wix build", f"{run}wix whoami"]
    assert f"{run}wix preview".replace("--no -- ", "") in done.stderr


def test_where_someone_is_logged_in_the_preview_is_made_and_shown(
    template: TemplateRepo, wix_app: Path, fake: Fake
) -> None:
    calls = fake("npm", "npx", fails="nothing")
    done = copier_cli(*VALIDATE, template.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert calls()[-1] == "npx --no -- wix preview --json"
    assert "https://preview.example" in done.stderr
    assert "npx wix preview\n" in done.stderr


@pytest.mark.parametrize(
    ("fails", "last", "title"),
    [
        ("npm install", "npm install", "install dependencies"),
        ("tsc", "npx --no -- tsc --noEmit", "check types"),
        ("wix build", "npx --no -- wix build", "build"),
        ("wix preview", "npx --no -- wix preview --json", "preview"),
    ],
)
def test_the_first_failure_is_the_last_step(
    template: TemplateRepo, wix_app: Path, fake: Fake, fails: str, last: str, title: str
) -> None:
    calls = fake("npm", "npx", fails=fails)
    (wix_app / ".wix").mkdir()
    (wix_app / ".wix/debug.log").touch()
    done = copier_cli(*VALIDATE, template.path, wix_app, cwd=wix_app)
    assert done.returncode != 0
    assert calls()[-1] == last
    assert "words of the tool" in done.stderr
    assert f"validate: {title} failed with exit code 3" in done.stderr
    assert ("(more in .wix/debug.log)." in done.stderr) == ("wix" in fails)
    assert "Traceback" not in done.stderr
    assert (wix_app / HANDLER).exists()


def test_an_app_without_tsconfig_or_typescript_is_built_all_the_same(
    template: TemplateRepo, wix_app: Path, fake: Fake
) -> None:
    calls = fake("npm", "npx")
    manifest = json.loads((wix_app / "package.json").read_text())
    del manifest["dependencies"]["typescript"]
    (wix_app / "package.json").write_text(json.dumps(manifest))
    done = copier_cli(*VALIDATE, template.path, wix_app, cwd=wix_app)
    assert "check types: skipped, typescript is not among the app's dependencies." in done.stderr
    (wix_app / "tsconfig.json").unlink()
    done = copier_cli(*VALIDATE, template.path, wix_app, cwd=wix_app)
    assert "check types: skipped, the app has no tsconfig.json." in done.stderr
    assert [call for call in calls() if "tsc" in call] == []
    assert [call for call in calls() if "build" in call] == ["npx --no -- wix build"] * 2


def test_without_the_wix_cli_it_says_that_nothing_can_be_built(
    template: TemplateRepo, wix_app: Path, fake: Fake
) -> None:
    calls = fake("npm", "npx")
    manifest = json.loads((wix_app / "package.json").read_text())
    del manifest["dependencies"]["@wix/cli"]
    (wix_app / "package.json").write_text(json.dumps(manifest))
    done = copier_cli(*VALIDATE, template.path, wix_app, cwd=wix_app)
    assert done.returncode != 0
    assert "@wix/cli is not among the app's dependencies" in done.stderr
    assert not any("wix" in call for call in calls())


def test_a_package_manager_that_is_not_there_is_named(
    template: TemplateRepo, wix_app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = os.environ["PATH"].split(os.pathsep)
    monkeypatch.setenv(
        "PATH", os.pathsep.join(folder for folder in folders if not (Path(folder) / "pnpm").exists())
    )
    (wix_app / "pnpm-lock.yaml").touch()
    done = copier_cli(*VALIDATE, template.path, wix_app, cwd=wix_app)
    assert done.returncode != 0
    assert "pnpm is not there, but the app's lock file asks for it." in done.stderr
    assert "Traceback" not in done.stderr


def test_an_update_validates_once_and_the_wish_is_not_recorded(
    own_template: TemplateRepo, wix_app: Path, fake: Fake
) -> None:
    calls = fake("npm", "npx")
    assert copier_cli(*VALIDATE, own_template.path, wix_app, cwd=wix_app).returncode == 0
    assert calls().count("npm install") == 1
    commit_all(wix_app)
    own_template.release("1.1.0")
    done = copier_cli("update", "--trust", "--defaults", "-d", "validate=true", wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert calls().count("npm install") == 2
    commit_all(wix_app)
    own_template.release("1.2.0")
    done = copier_cli("update", "--trust", "--defaults", wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert calls().count("npm install") == 2
    assert "validate:" not in (wix_app / ".copier-answers.yml").read_text()


@pytest.mark.parametrize("option", [("--pretend",), ("-d", "validate=false"), ("-d", "validate=")])
def test_nothing_is_run_where_it_is_not_wanted(
    template: TemplateRepo, wix_app: Path, fake: Fake, option: tuple[str, ...]
) -> None:
    calls = fake("npm", "npx")
    done = copier_cli(*VALIDATE, *option, template.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert calls() == []


@pytest.mark.parametrize("value", ["maybe", "[true]", "2"])
def test_a_wish_that_is_neither_yes_nor_no_is_refused(
    template: TemplateRepo, wix_app: Path, fake: Fake, value: str
) -> None:
    calls = fake("npm", "npx")
    done = copier_cli(*VALIDATE[:-1], f"validate={value}", template.path, wix_app, cwd=wix_app)
    assert done.returncode == 1
    assert "validate: " in done.stderr and "is neither true nor false." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (wix_app / ".copier-answers.yml").exists()
    assert calls() == []


def test_without_package_json_it_is_refused_before_anything_is_written(
    template: TemplateRepo, tmp_path: Path
) -> None:
    done = copier_cli(*VALIDATE, template.path, "app", cwd=tmp_path)
    assert done.returncode == 1
    assert "validate: there is no package.json" in done.stderr
    assert not (tmp_path / "app").exists()
