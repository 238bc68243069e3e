"""What update bots do."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from apps import (
    BOT,
    CONTACT,
    POST,
    builder,
    handler,
)
from template_repo import TemplateRepo, commit_all, copier_cli, git
from wix import new_app, snapshot


@pytest.mark.parametrize(
    "by_url",
    [pytest.param(True, id="git+file URL"), pytest.param(False, id="local path", marks=pytest.mark.slow)],
)
def test_update_bots_update_two_apps_of_a_monorepo_each_by_its_own_answers_file(
    releases: TemplateRepo, tmp_path: Path, by_url: bool
) -> None:
    source = f"git+file://{releases.path}" if by_url else str(releases.path)
    files = {"apps/shop": ".copier-answers.shop.yml", "apps/blog": ".copier-answers.yml"}
    for folder, event, name in (
        ("apps/shop", CONTACT, "contact-created"),
        ("apps/blog", POST, "post-created"),
    ):
        new_app(tmp_path / folder)
        done = copier_cli(
            *(
                "copy",
                "--trust",
                "--defaults",
                "--vcs-ref",
                "1.0.0",
                "-d",
                f"event={event}",
                "-a",
                files[folder],
                source,
                folder,
            ),
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        path = tmp_path / folder / handler(name)
        path.write_text(
            path.read_text().replace("// Your code goes here", "// mine\n    // Your code goes here")
        )
    commit_all(tmp_path)
    blog = snapshot(tmp_path / "apps/blog")
    done = copier_cli(*BOT, "--answers-file", ".copier-answers.shop.yml", cwd=tmp_path / "apps/shop")
    assert done.returncode == 0, done.stderr
    assert snapshot(tmp_path / "apps/blog") == blog
    commit_all(tmp_path)
    # From the repository's root, as some bots do.
    done = copier_cli(
        *BOT, "--vcs-ref", "3.0.0", "--answers-file", ".copier-answers.yml", "apps/blog", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    for folder, name, version in (
        ("apps/shop", "contact-created", "4.0.0"),
        ("apps/blog", "post-created", "3.0.0"),
    ):
        answers = yaml.safe_load((tmp_path / folder / files[folder]).read_text())
        assert (answers["_commit"], answers["_src_path"]) == (version, source)
        text = (tmp_path / folder / handler(name)).read_text()
        assert text.startswith("// Second version.\n")
        assert "// mine\n" in text
        assert "<<<<<<<" not in text
        assert "// Third version." in (tmp_path / folder / builder(name)).read_text()
    commit_all(tmp_path)
    assert (
        copier_cli(*BOT, "--answers-file", ".copier-answers.shop.yml", cwd=tmp_path / "apps/shop").returncode
        == 0
    )
    assert git(tmp_path, "status", "--porcelain") == ""
