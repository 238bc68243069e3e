"""What has to agree when a version is released."""

from __future__ import annotations

import re

from template_repo import git
from wix import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
# Version and date of each; the newest one may have no date yet.
RELEASES = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d|Unreleased)$", CHANGELOG, re.MULTILINE)


def test_lock_files_name_no_download_address() -> None:
    files = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "*package-lock.json").split()
    assert len(files) == 3
    assert [file for file in files if '"resolved"' in (ROOT / file).read_text()] == []


def test_every_file_can_be_checked_out_on_windows() -> None:
    files = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    assert [file for file in files if re.search(r"[<>:\"|?*\\]", file)] == []


def test_the_newest_release_of_the_changelog_is_the_packages_version() -> None:
    assert f'version = "{RELEASES[0][0]}"' in (ROOT / "pyproject.toml").read_text()
    versions = [[*map(int, version.split("."))] for version, _ in RELEASES]
    assert versions == sorted(versions, reverse=True)


def test_only_the_newest_may_be_unreleased_and_then_has_no_tag() -> None:
    assert [version for version, date in RELEASES[1:] if date == "Unreleased"] == []
    version, date = RELEASES[0]
    if date == "Unreleased":
        assert git(ROOT, "tag", "--list", version) == ""


def test_every_release_says_what_it_asks_and_groups_its_changes() -> None:
    sections = re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]
    assert len(sections) == len(RELEASES)
    for section in sections:
        headings = set(re.findall(r"^### (.*)$", section, re.MULTILINE))
        assert headings
        assert headings <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
        assert re.search(r"^Asks of you: ", section, re.MULTILINE)
