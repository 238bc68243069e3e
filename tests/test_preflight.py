"""What would make Copier lose a file's edits is refused before a run, and nothing else is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import copier
import pytest
from plumbum import local
from template_repo import commit_all, git
from wix import snapshot
from wix_events.errors import UserError
from wix_events.preflight import app_root_problem, check_files, check_update

EVENTS = "src/backend/events"
HANDLER = f"{EVENTS}/order-approved/order-approved.ts"
OTHER = f"{EVENTS}/order-approved/order-approved.sample.json"
SCRIPT = "scripts/event.mjs"
RENDERED = [HANDLER, OTHER, SCRIPT]
LINES = "".join(f"line {number}\n" for number in range(1, 31))


def write(path: Path, text: str = LINES) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a plain template of two releases that renders one file: nothing here is about this repository's own."""
    path = tmp_path_factory.mktemp("plain")
    write(path / "copier.yml", "_subdirectory: template\n")
    write(path / "template/{{ _copier_conf.answers_file }}.jinja", "{{ _copier_answers|to_nice_yaml }}")
    for number, text in enumerate([LINES, LINES.replace("line 3\n", "line 3 of the template\n")], 1):
        write(path / "template" / f"{HANDLER}.jinja", text)
        commit_all(path)
        git(path, "tag", f"{number}.0.0")
    return path


@pytest.fixture
def app(tmp_path: Path, template: Path) -> Path:
    """Make a copy of the first release with two edits, one of them beside what the second release changes."""
    app = tmp_path / "app"
    git(tmp_path, "init", "--quiet", str(app))
    copier.run_copy(str(template), app, vcs_ref="1.0.0", quiet=True, defaults=True)
    commit_all(app)
    write(
        app / HANDLER, LINES.replace("line 5\n", "line 5 of mine\n").replace("line 20\n", "line 20 of mine\n")
    )
    commit_all(app)
    return app


def update(app: Path) -> str:
    """Update an app with Copier and return the handler, line ends made plain."""
    copier.run_update(app, overwrite=True, quiet=True, defaults=True)
    return (app / HANDLER).read_text()


def is_merged(text: str) -> bool:
    return text == LINES.replace("line 3\n", "line 3 of the template\n").replace(
        "line 5\n", "line 5 of mine\n"
    ).replace("line 20\n", "line 20 of mine\n")


def refusal(check: Callable[[], None], root: Path) -> str:
    """Return what a check says, which must be short and leave every file as it was."""
    before = snapshot(root)
    with pytest.raises(UserError) as error:
        check()
    assert snapshot(root) == before
    return str(error.value)


def test_clean_app_is_let_through_and_merges(app: Path) -> None:
    check_files(app, RENDERED, ["src/extensions.ts", "package.json"])
    check_update(app, RENDERED, EVENTS)

    assert is_merged(update(app))


def test_folder_that_is_not_there_yet_is_let_through(tmp_path: Path) -> None:
    check_files(tmp_path / "new", RENDERED)


# --- git's settings ---------------------------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set what the user's own git settings say, beside an identity."""

    def write_settings(text: str) -> None:
        write(tmp_path / "gitconfig", f"[user]\nname = n\nemail = e@example.com\n{text}")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
        # Copier keeps the environment in which it was imported here.
        monkeypatch.setitem(cast(dict[str, str], local.env), "GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))

    return write_settings


@pytest.mark.parametrize(
    "text",
    [
        "[diff]\nnoprefix = true\nmnemonicPrefix = true\nexternal = false\ncontext = 0\nrelative = true\n"
        "[color]\nui = always\n[apply]\nwhitespace = error-all\n[core]\nquotePath = false\n",
        "[status]\nshort = true\nbranch = true\nrelativePaths = false\nshowUntrackedFiles = all\n",
    ],
)
def test_settings_that_harm_nothing_are_let_through(
    app: Path, settings: Callable[[str], None], text: str
) -> None:
    settings(text)

    check_update(app, RENDERED, EVENTS)

    assert is_merged(update(app))


@pytest.mark.parametrize("value", ["no", "false"])
def test_untracked_files_that_git_hides_are_refused(app: Path, value: str) -> None:
    git(app, "config", "status.showUntrackedFiles", value)

    assert "git config status.showUntrackedFiles normal" in refusal(
        lambda: check_update(app, RENDERED, EVENTS), app
    )


def test_unquoted_names_are_refused_where_one_is_not_ascii(
    app: Path, settings: Callable[[str], None]
) -> None:
    settings("[core]\nquotePath = false")
    write(app / "public" / "grüße.txt")
    commit_all(app)

    problem = refusal(lambda: check_update(app, RENDERED, EVENTS), app)

    assert "core.quotePath is off, with which Copier stops half-way at public/grüße.txt" in problem


@pytest.mark.parametrize("value", ["", "--unified=1", "-u10"])
def test_options_for_diffs_in_the_environment_are_refused(
    app: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("GIT_DIFF_OPTS", value)

    assert "Unset it" in refusal(lambda: check_update(app, RENDERED, EVENTS), app)


# --- ignored files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "path"),
    [("backend/", HANDLER), ("*.sample.json", OTHER), ("/scripts", SCRIPT), ("!*.ts\nscripts/", SCRIPT)],
)
def test_file_that_git_ignores_is_refused_with_the_rule(tmp_path: Path, rule: str, path: str) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path / ".gitignore", f"node_modules\n{rule}\n")

    problem = refusal(lambda: check_files(tmp_path, RENDERED), tmp_path)

    assert problem.startswith(
        f'.gitignore:{2 + rule.count(chr(10))}: "{rule.split(chr(10))[-1]}" makes git ignore {path}'
    )


def test_rule_in_a_folder_above_the_app_is_named(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path / ".gitignore", "backend\n")
    (tmp_path / "apps" / "one").mkdir(parents=True)

    assert ".gitignore:1:" in refusal(lambda: check_files(tmp_path / "apps" / "one", RENDERED), tmp_path)


def test_rule_that_is_taken_back_or_concerns_a_tracked_file_is_none(app: Path) -> None:
    write(app / ".gitignore", "src/\nscripts\n!scripts\n*.json\n!*.sample.json\n")
    commit_all(app)

    check_files(app, [HANDLER, SCRIPT])

    assert is_merged(update(app))


def test_rule_for_all_repositories_is_refused_for_tracked_files_too(
    app: Path, tmp_path: Path, settings: Callable[[str], None]
) -> None:
    write(tmp_path / "ignored", "*.ts\n")
    settings(f"[core]\nexcludesFile = {tmp_path / 'ignored'}")

    assert f'{tmp_path / "ignored"}:1: "*.ts" makes git ignore {HANDLER}' in refusal(
        lambda: check_files(app, [HANDLER]), app
    )
    assert "line 20 of mine" not in update(app), "Copier has learned to do it right: take the check out"


# --- line ends --------------------------------------------------------------------------------------------------------


def check_out_again(app: Path) -> None:
    git(app, "rm", "-r", "--quiet", "--cached", ".")
    git(app, "reset", "--hard", "--quiet")


@pytest.mark.parametrize("how", ["autocrlf", "attributes", "committed"])
def test_windows_line_ends_are_refused_with_what_helps(app: Path, how: str) -> None:
    write(app / SCRIPT)
    if how == "autocrlf":
        git(app, "config", "core.autocrlf", "true")
    elif how == "attributes":
        write(app / ".gitattributes", "* text=auto eol=crlf\n")
    else:
        git(app, "config", "core.autocrlf", "false")
        (app / HANDLER).write_bytes((app / HANDLER).read_bytes().replace(b"\n", b"\r\n"))
    commit_all(app)
    check_out_again(app)
    assert b"\r\n" in (app / HANDLER).read_bytes()

    problem = refusal(lambda: check_update(app, [HANDLER, SCRIPT], EVENTS), app)

    rules = [line.strip() for line in problem.splitlines() if line.startswith("  /")]
    assert rules[0] == f"/{EVENTS}/** text=auto eol=lf"
    with (app / ".gitattributes").open("a") as attributes:
        attributes.writelines(f"{rule}\n" for rule in rules)
    for line in problem.splitlines():
        if line.startswith("  git"):
            subprocess.run(line, shell=True, cwd=app, check=True)
    check_update(app, [HANDLER, SCRIPT], EVENTS)
    assert is_merged(update(app))


# --- the way to the app and to its files ------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["..", "../app", "src/../../app", "{app}/../app", "{link}"])
def test_way_to_the_app_that_copier_gets_wrong_is_refused(
    app: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    (app.parent / "link").symlink_to(app)
    monkeypatch.chdir(app / "src" if way == ".." else app)

    problem = refusal(
        lambda: check_update(Path(way.format(app=app, link=app.parent / "link")), RENDERED, EVENTS), app
    )

    assert f"Change to {app} and run this again there" in problem


@pytest.mark.parametrize("way", [".", "./", "{app}"])
def test_way_to_the_app_that_copier_understands_is_let_through(
    app: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.chdir(app)

    check_update(Path(way.format(app=app)), RENDERED, EVENTS)


def parents(paths: Sequence[str]) -> list[str]:
    found = {str(parent) for path in paths for parent in Path(path).parents if str(parent) != "."}
    return sorted(found)


KINDS: dict[str, Callable[[Path], None]] = {
    "fifo": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link out of the app": lambda path: path.symlink_to(path.anchor),
}


@pytest.mark.parametrize("kind", [*KINDS, "folder"])
@pytest.mark.parametrize("path", [HANDLER, SCRIPT, "src/extensions.ts", "package.json"])
def test_what_is_no_file_of_the_app_is_refused_at_once(tmp_path: Path, path: str, kind: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    KINDS.get(kind, Path.mkdir)(tmp_path / path)

    problem = refusal(
        lambda: check_files(tmp_path, RENDERED, ["src/extensions.ts", "package.json"]), tmp_path
    )

    assert path in problem and "\n" not in problem


@pytest.mark.parametrize("kind", [*KINDS, "file"])
@pytest.mark.parametrize("path", parents(RENDERED))
def test_what_is_no_folder_of_the_app_is_refused_at_once(tmp_path: Path, path: str, kind: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    KINDS.get(kind, Path.touch)(tmp_path / path)

    problem = refusal(lambda: check_files(tmp_path, RENDERED), tmp_path)

    assert path in problem and "\n" not in problem


def test_linked_folder_inside_the_app_is_refused_for_an_update(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "src").symlink_to("lib")
    check_files(tmp_path, RENDERED)

    assert "is a link" in refusal(lambda: check_update(tmp_path, RENDERED, EVENTS), tmp_path)


def test_linked_file_inside_the_app_may_be_edited(tmp_path: Path) -> None:
    write(tmp_path / "shared.json", "{}")
    (tmp_path / "package.json").symlink_to("shared.json")

    check_files(tmp_path, RENDERED, ["package.json"])


def test_hard_link_is_refused_where_copier_would_write_through_it(app: Path) -> None:
    os.link(app / HANDLER, app.parent / "outside.ts")

    assert "Replace it by a copy" in refusal(lambda: check_update(app, RENDERED, EVENTS), app)


# --- the kind of app --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", ["wix.config.json", "wix.config.mjs", "wix.config.ts"])
@pytest.mark.parametrize("folder", ["src", "src/backend/events", "new"])
def test_folder_inside_an_app_is_refused_with_the_app_s_root(
    tmp_path: Path, config: str, folder: str
) -> None:
    write(tmp_path / config, "")

    assert app_root_problem(tmp_path / folder) == (
        f"{tmp_path / folder} is a folder inside the Wix app {tmp_path}. Run this in {tmp_path}."
    )
    assert app_root_problem(tmp_path) is None


def test_folder_outside_of_apps_is_fine(tmp_path: Path) -> None:
    assert app_root_problem(tmp_path / "new") is None
