"""The messages of docs/errors.md are printed as they are listed there, the template's own and Copier's."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from apps import ANSWERS, CONTACT, POST
from apps import EXTENSIONS as MAIN
from messages import OWN, ROWS
from template_repo import TemplateRepo, commit_all, copier_cli, copier_process, git, run_copy
from wix import new_app

Prepare = Callable[[Path], object]
Case = tuple[Prepare, tuple[str, ...]]


@pytest.fixture(scope="module")
def made(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an app with one recorded event."""
    app = new_app(tmp_path_factory.mktemp("one") / "app")
    run_copy(template, app, {"event": CONTACT})
    return app


@pytest.fixture
def app(made: Path, tmp_path: Path) -> Path:
    """Copy the app with one recorded event, which is no git repository yet."""
    return Path(shutil.copytree(made, tmp_path / "app"))


def printed(text: str) -> list[str]:
    """Return the rows that are in a program's output."""
    shown = " ".join(text.split())
    return [row for row in ROWS if re.search(".*".join(map(re.escape, row.split("…"))), shown)]


def put(path: str, old: str, new: str) -> Prepare:
    """Replace text in a file of the app."""

    def change(app: Path) -> None:
        text = (app / path).read_text()
        assert old in text
        (app / path).write_text(text.replace(old, new))

    return change


def nothing(app: Path) -> None:
    """Leave the app as it is."""


OURS: dict[str, Case] = {
    "event: there is no": (nothing, ("copy", "-devent=onContactCreate")),
    "name: the name": (nothing, ("copy", f"-devent={POST}", "-dname=contact-created")),
    "package: ": (nothing, ("copy", "-dpackage=@Wix/crm", "-dnamespace=a", "-dhandler=onB")),
    "remove: this changes": (nothing, ("copy", "-dremove=contact-created")),
    ".copier-answers.yml: event ": (put(ANSWERS, "name: c", "name: C"), ("copy", f"-devent={POST}")),
    ".copier-answers.yml is empty": (
        lambda app: (app / ANSWERS).write_text(""),
        ("copy", f"-devent={POST}"),
    ),
    "rename: ": (commit_all, ("update", "-drename=contact-created")),
    "src/extensions.ts:…: the default export": (
        lambda app: (app / MAIN).write_text("export default 1;\n"),
        ("copy", f"-devent={POST}"),
    ),
    "src/extensions.ts:…: a merge left": (
        put(MAIN, "import", "<<<<<<< a\n=======\n>>>>>>> b\nimport"),
        ("copy", f"-devent={POST}"),
    ),
    "package.json:…: This is not valid JSON": (
        lambda app: (app / "package.json").write_text("{\n"),
        ("copy", f"-devent={POST}"),
    ),
    "… is read-only": (lambda app: (app / MAIN).chmod(0o444), ("copy", f"-devent={POST}")),
}


@pytest.mark.parametrize("start", OURS)
def test_a_message_is_printed_as_it_is_listed(template: TemplateRepo, app: Path, start: str) -> None:
    prepare, (command, *data) = OURS[start]
    prepare(app)
    source = [template.path, app] if command == "copy" else []
    done = copier_cli(command, "--trust", "--defaults", *data, *source, cwd=app)
    assert done.returncode != 0
    assert [row for row in printed(done.stderr) if row.startswith(start)], done.stderr
    assert "Traceback" not in done.stderr


# What brings Copier to each of its own messages: changes to the app and the template, arguments, environment.
Own = tuple[Callable[[Path, TemplateRepo], object], tuple[str, ...], dict[str, str]]
ADD = ("copy", "--trust", "--defaults", f"-devent={POST}", "TEMPLATE", ".")
UPDATE = ("update", "--trust", "--defaults")
LISTED_OF_COPIER = [row for row, (title, _) in ROWS.items() if title == OWN]


def plain(app: Path, template: TemplateRepo) -> None:
    """Change nothing."""


def no_loader(app: Path, template: TemplateRepo) -> None:
    """Let Python not find the package that loads the extensions."""
    (app / "sitecustomize.py").write_text("import sys\nsys.modules['copier_template_extensions'] = None\n")


def newer_copier(app: Path, template: TemplateRepo) -> None:
    """Ask for a Copier that does not exist yet."""
    config = (template.path / "copier.yml").read_text()
    changed = re.sub(r"^(_min_copier_version): .*", r'\1: "99.0.0"', config, flags=re.MULTILINE)
    template.release("2.0.0", {"copier.yml": changed})


def no_release(app: Path, template: TemplateRepo) -> None:
    """Leave the template without a tag."""
    git(template.path, "tag", "--delete", "1.0.0")


def committed(app: Path, template: TemplateRepo) -> None:
    """Commit the app."""
    commit_all(app)


def dirty(app: Path, template: TemplateRepo) -> None:
    """Leave something that is not committed."""
    commit_all(app)
    (app / "new").write_text("x")


def answers(old: str, new: str) -> Callable[[Path, TemplateRepo], object]:
    """Change the answers file, and commit."""

    def change(app: Path, template: TemplateRepo) -> None:
        text, changes = re.subn(old, new, (app / ANSWERS).read_text(), count=1, flags=re.MULTILINE)
        assert changes
        (app / ANSWERS).write_text(text)
        commit_all(app)

    return change


def older_release(app: Path, template: TemplateRepo) -> None:
    """Make a release of a lower number."""
    template.release("0.9.0")
    answers("^_src_path: .*", f"_src_path: {template.path}")(app, template)


def version_gone(app: Path, template: TemplateRepo) -> None:
    """Record a version that the template, at its address, does not have."""
    answers("^_src_path: .*", f"_src_path: {template.path.as_uri()}/.git")(app, template)
    answers("^_commit: .*", '_commit: "7.7.7"')(app, template)


def failing_hook(app: Path, template: TemplateRepo) -> None:
    """Let git run a hook that fails, beside the app."""
    hook = app.parent / "hooks/prepare-commit-msg"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    commit_all(app)


def linked(app: Path, template: TemplateRepo) -> None:
    """Lay a link to the app."""
    commit_all(app)
    (app.parent / "link").symlink_to(app)


def data_file(text: str) -> Callable[[Path, TemplateRepo], object]:
    """Write a data file."""
    return lambda app, template: (app / "data.yml").write_text(text)


# Git takes every repository for another user's (https://github.com/git/git/blob/master/t/t0033-safe-directory.sh) …
ANOTHERS = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
# … but for the app, which it trusts.
UNTRUSTED = {
    **ANOTHERS,
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "BESIDE/app",
}
WITH_FILE = ("copy", "--trust", "--defaults", "--data-file=data.yml", "TEMPLATE", ".")

# By the beginning of the row; shorter and longer ones where several ways lead to it.
COPIERS: dict[str, Own] = {
    "Template uses": (plain, ("copy", "--defaults", f"-devent={POST}", "TEMPLATE", "."), {}),
    "Copier could not load": (no_loader, ADD, {"PYTHONPATH": "."}),
    "This template requires": (newer_copier, ADD, {}),
    "Interactive session": (plain, ("copy", "--trust", "TEMPLATE", "."), {}),
    "Updating is only supported in git-tracked subprojects": (plain, UPDATE, {}),
    "Updating is only supported in git-tracked subprojects.": (committed, UPDATE, ANOTHERS),
    "Destination": (dirty, UPDATE, {}),
    "Cannot update": (answers("^_commit: .*\n", ""), UPDATE, {}),
    "Updating is only supported in git-tracked templates": (
        answers("^_src_path: .*", "_src_path: /nowhere"),
        UPDATE,
        {},
    ),
    "Updating is only supported in git-tracked templates.": (committed, UPDATE, UNTRUSTED),
    "You are downgrading": (older_release, (*UPDATE, "--vcs-ref=0.9.0"), {}),
    "No git tags": (no_release, ADD, {}),
    # Without npm, as without git, which a template on this machine does not need.
    "Task ": (answers("^_commit: .*\n", ""), (*ADD[:-2], "-dvalidate=true", *ADD[-2:]), {"PATH": "/nowhere"}),
    "yaml.parser": (answers("^events:", "events: ["), UPDATE, {}),
    "yaml.parser.ParserError": (data_file("event: [\n"), WITH_FILE, {}),
    "yaml.scanner": (data_file('event: "\n'), WITH_FILE, {}),
    "AttributeError": (data_file(""), WITH_FILE, {}),
    "AttributeError:": (data_file("# Nothing yet.\n"), WITH_FILE, {}),
    "AttributeError: '": (data_file("- event\n"), WITH_FILE, {}),
    "pydantic_core": (data_file("on: crm.contacts.onContactCreated\n"), WITH_FILE, {}),
    "ValueError: Local": (plain, (*ADD[:-2], "file://TEMPLATE", "."), {}),
    "ValueError: Unknown": (answers("^_commit: .*", '_commit: "7.7.7"'), UPDATE, {}),
    "plumbum.commands.processes.CommandNotFound": (committed, UPDATE, {"PATH": "/nowhere"}),
    "TypeError": (answers("^_src_path: .*\n", ""), ("update", "--defaults"), {}),
    "fatal: invalid reference": (version_gone, UPDATE, {}),
    "plumbum.commands.processes.ProcessExecutionError: Unexpected exit code: 1 ": (
        failing_hook,
        UPDATE,
        {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.hooksPath",
            "GIT_CONFIG_VALUE_0": "BESIDE/hooks",
        },
    ),
    "ValueError: …": (linked, (*UPDATE, "BESIDE/link"), {}),
    "plumbum.commands.processes.ProcessExecutionError: Unexpected exit code: 128": (
        plain,
        ("copy", "--trust", "--defaults", "https://localhost:1/x.git", "."),
        {},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("start", COPIERS)
def test_copier_prints_its_own_messages_as_they_are_listed(
    own_template: TemplateRepo, app: Path, start: str
) -> None:
    (row,) = [row for row in LISTED_OF_COPIER if row.startswith(start)]
    prepare, arguments, environment = COPIERS[start]
    prepare(app, own_template)
    paths = {"TEMPLATE": str(own_template.path), "BESIDE": str(app.parent)}

    def real(text: str) -> str:
        return re.sub("TEMPLATE|BESIDE", lambda found: paths[found[0]], text)

    environment = {key: real(value) for key, value in environment.items()}
    done = copier_process(*map(real, arguments), cwd=app, env={**os.environ, **environment})
    assert row in printed(done.stderr), done.stderr


def test_every_message_that_is_listed_as_copiers_was_seen() -> None:
    assert [row for row in LISTED_OF_COPIER if not any(map(row.startswith, COPIERS))] == []
