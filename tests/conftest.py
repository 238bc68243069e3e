"""Fixtures. pytest-copier isolates git's settings and identity for the whole session."""

from __future__ import annotations

import compileall
import contextlib
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from apps import CONTACT, POST, release
from fleet import grow
from hypothesis import HealthCheck, settings
from planted import make_healthy_app
from pytest_gitconfig.plugin import GitConfig
from template_repo import TemplateRepo, commit_all, run_copy
from terminal import Dialogue
from wix import ROOT, new_app
from wix_events import organisation

# Hundreds of small repositories are made and cloned: in memory, where there is room, that takes a fourth of the time.
MEMORY = Path("/dev/shm")
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 << 30:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

# The suite gives one answer; `make fuzz` looks for others. What it finds becomes an @example.
COMMON = settings(deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
settings.register_profile("suite", COMMON, derandomize=True, database=None)
settings.register_profile("fuzz", COMMON, max_examples=int(os.environ.get("FUZZ_EXAMPLES", "1000")))
settings.load_profile("fuzz" if "FUZZ_EXAMPLES" in os.environ else "suite")


def pytest_configure() -> None:
    """Keep a fork's own folder out of the tests, also while they are collected, and make the package's bytecode.

    The folder has tests of its own. Without bytecode, as where Python is told to write none, each version of the template
    that a test runs would compile the package anew.
    """
    pytest.MonkeyPatch().setattr(organisation, "folder", lambda: ROOT / "tests/no-organisation")
    compileall.compile_dir(ROOT / "extensions", quiet=2)


# Each of their tests is quick, but there are hundreds that update an app: together they take minutes.
MINUTES = (
    *(
        "test_dialogue_screens",
        "test_errors",
        "test_load",
        "test_one_version",
        "test_organisation",
        "test_real_apps",
    ),
    *(
        "test_refusals_help",
        "test_second_handlers",
        "test_template_changes",
        "test_moves_named",
        "test_check",
    ),
    *("test_faults", "test_dialogue", "test_update_rename", "test_preflight"),
    *(
        f"test_update_{what}"
        for what in ("adopt", "move", "properties", "record", "resync", "unattended", "upgrade")
    ),
)


# Theirs take longest, most of them for Wix builds: they come first, so that no core waits for one in the end.
LONGEST = ("test_bench", "test_every_event", "test_organisation_own", "test_validate", "test_wix_build")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave files that take minutes out of what is run for quick feedback, and begin with the longest tests."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)
    for item in items:
        if item.path.stem in MINUTES:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def quick_git(default_gitconfig: GitConfig, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Spare git what no test looks at: sample hooks in every clone, and waiting for the disk."""
    hooks = tmp_path_factory.mktemp("no-hooks")
    default_gitconfig.set({"init.templateDir": str(hooks), "core.fsync": "none", "gc.auto": "0"})


@pytest.fixture(scope="session", autouse=True)
def no_copier_settings(tmp_path_factory: pytest.TempPathFactory, sessionpatch: pytest.MonkeyPatch) -> None:
    """Keep the user's Copier settings (defaults, trust) out of the tests."""
    settings = tmp_path_factory.mktemp("copier") / "settings.yml"
    settings.write_text("{}\n")
    sessionpatch.setenv("COPIER_SETTINGS_PATH", str(settings))


@pytest.fixture
def wix_app(tmp_path: Path) -> Path:
    """Make a fresh copy of the sample app."""
    return new_app(tmp_path / "app")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, quick_git: None) -> TemplateRepo:
    """Make the working tree a repository with the one release 1.0.0; shared, so never release into it."""
    return TemplateRepo.snapshot(tmp_path_factory.mktemp("template") / "repo")


@pytest.fixture(scope="session")
def copier_template(template: TemplateRepo) -> Path:
    """Give pytest-copier's `copier` the same repository."""
    return template.path


@pytest.fixture
def own_template(template: TemplateRepo, tmp_path: Path) -> TemplateRepo:
    """Clone `template`, for a test that makes further releases."""
    return template.fork(tmp_path / "template")


@pytest.fixture(scope="session")
def releases(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make a template of versions 1.0.0 to 4.0.0.

    1.1.0 leaves what is rendered as it is, 2.0.0 changes the handler's first lines, 3.0.0 the builder, 4.0.0 the
    handler's last lines.
    """
    repo = template.fork(tmp_path_factory.mktemp("releases") / "template")
    release(repo, "1.1.0", files={"README.md": "Another word.\n"})
    release(repo, "2.0.0", handler=lambda text: text.replace("import {", "// Second version.\nimport {", 1))
    release(repo, "3.0.0", builder=lambda text: text.replace("/**", "// Third version.\n/**", 1))
    release(repo, "4.0.0", handler=lambda text: text + "// Fourth version.\n")
    return repo


@pytest.fixture(scope="session")
def made_app(releases: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make, at version 1.0.0, a committed app with two events; never change it."""
    app = new_app(tmp_path_factory.mktemp("made") / "app")
    run_copy(releases, app, {"event": [CONTACT, POST]}, vcs_ref="1.0.0")
    commit_all(app)
    return app


@pytest.fixture
def app(made_app: Path, tmp_path: Path) -> Path:
    """Copy the app with the events `contact-created` and `post-created`."""
    return shutil.copytree(made_app, tmp_path / "app", symlinks=True)


@pytest.fixture(scope="session")
def plain(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make the template a plain folder: Copier then has nothing to clone, which takes longer than a refusal."""
    folder = tmp_path_factory.mktemp("folder") / "template"
    return TemplateRepo(Path(shutil.copytree(template.path, folder, ignore=shutil.ignore_patterns(".git"))))


@pytest.fixture(scope="session")
def made_contact_app(plain: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make, from a plain folder, an app with one event; never change it."""
    app = new_app(tmp_path_factory.mktemp("one") / "app")
    run_copy(plain, app, {"event": CONTACT})
    return app


@pytest.fixture
def contact_app(made_contact_app: Path, tmp_path: Path) -> Path:
    """Copy the app with the event `contact-created`."""
    return Path(shutil.copytree(made_contact_app, tmp_path / "app"))


@pytest.fixture(scope="session")
def made_healthy_app(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an app with events of all kinds, see `planted`; never change it."""
    return make_healthy_app(template, tmp_path_factory.mktemp("healthy") / "app")


@pytest.fixture
def healthy_app(made_healthy_app: Path, tmp_path: Path) -> Path:
    """Copy the app with events of all kinds."""
    return Path(shutil.copytree(made_healthy_app, tmp_path / "app"))


@pytest.fixture(scope="session")
def grown(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make a template with all the versions of a fleet."""
    return grow(template, tmp_path_factory.mktemp("grown") / "template")


@pytest.fixture
def dialogues() -> Iterator[list[Dialogue]]:
    """End what a failed test has left running."""
    started: list[Dialogue] = []
    yield started
    for dialogue in started:
        with contextlib.suppress(pexpect.ExceptionPexpect):
            dialogue.process.close(force=True)


def pytest_collection_finish() -> None:
    """Keep what has been loaded so far out of the garbage collector's rounds, which each run of Copier brings about."""
    gc.freeze()
