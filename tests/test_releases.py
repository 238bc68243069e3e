"""What has to agree when a version is released."""

from __future__ import annotations

import re

from template_repo import git
from wix import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text()

# Of one event of each payload, with and without the options, as rendered by each revision of builders and of the rest.


def test_lock_files_name_no_download_address() -> None:
    files = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "*package-lock.json").split()
    assert len(files) == 3
    assert [file for file in files if '"resolved"' in (ROOT / file).read_text()] == []


def test_every_file_can_be_checked_out_on_windows() -> None:
    files = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    assert [file for file in files if re.search(r"[<>:\"|?*\\]", file)] == []


def test_the_newest_release_of_the_changelog_is_the_packages_version() -> None:
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", CHANGELOG, re.MULTILINE)
    assert f'version = "{versions[0]}"' in (ROOT / "pyproject.toml").read_text()
    assert versions == sorted(versions, key=lambda version: [*map(int, version.split("."))], reverse=True)


def test_every_release_says_what_it_asks_and_groups_its_changes() -> None:
    for section in re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        headings = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
        assert headings <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}, title
        if title != "[Unreleased]":
            assert headings, title
            assert re.search(r"^Asks of you: ", text, re.MULTILINE), title
