"""Fixtures. pytest-copier isolates git's settings and identity for the whole session."""

from __future__ import annotations

from pathlib import Path

import pytest
from template_repo import TemplateRepo
from wix import new_app


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
def template(tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make the working tree a repository with the one release 1.0.0; shared, so never release into it."""
    return TemplateRepo.snapshot(tmp_path_factory.mktemp("template") / "repo")


@pytest.fixture
def own_template(template: TemplateRepo, tmp_path: Path) -> TemplateRepo:
    """Clone `template`, for a test that makes further releases."""
    return template.fork(tmp_path / "template")
