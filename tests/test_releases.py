"""What has to agree when a version is released."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from pytest_copier.plugin import CopierFixture
from template_repo import TemplateRepo, git
from wix import ROOT, new_app

CHANGELOG = (ROOT / "CHANGELOG.md").read_text()

# Of one event of each payload, with and without the options, as rendered by each revision of builders and of the rest.
RENDERED = {
    "builder": {1: "a1b1add4ecc780b75a3abe2666c87dc287f6de543459ab63736cf1524fcca1cd"},
    "handler": {1: "423cc8f417151efcb90dc94b2af43a07303ba0dcd84f41a9332e0e98c17aea36"},
}
EVENTS = (
    "crm.contacts.onContactCreated",
    "crm.contacts.onContactUpdated",
    "bookings.bookings.onBookingConfirmed",
    "crm.contacts.onContactDeleted",
)


def test_the_two_places_of_the_revisions_agree() -> None:
    assert (
        f"settled_files(plan, {TemplateRepo(ROOT).revisions()}, _copier_operation)"
        in (ROOT / "copier.yml").read_text()
    )


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


def test_what_a_revision_renders_does_not_change(
    copier: CopierFixture, template: TemplateRepo, tmp_path: Path
) -> None:
    digests = {kind: hashlib.sha256() for kind in RENDERED}
    for options in ({}, {"elevate": True}, {"idempotent": True}, {"trigger": True}):
        app = new_app(tmp_path / "-".join(("app", *options)))
        copier.copy(app, event=list(EVENTS), **options)
        for path in sorted(
            path for folder in ("src/backend", "scripts") for path in (app / folder).rglob("*")
        ):
            if path.is_file() and not path.name.endswith(".sample.json"):
                text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", path.read_text())
                kind = "builder" if path.match("events/*/*.extension.ts") else "handler"
                digests[kind].update(json.dumps([path.relative_to(app).as_posix(), text]).encode())
    for kind, number in template.revisions().items():
        digest = digests[kind].hexdigest()
        assert digest == RENDERED[kind][number], (
            f"Rendered files changed: raise the {kind} revision (docs/releasing.md) and note its digest here, "
            f"{digest}. Before the first release that has this revision, the digest alone may change."
        )
