"""What the check finds of merges, updates and deletions, and of what lets handlers do their work once."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from apps import ANSWERS, both, remove, replace, write
from apps import EVENTS as FOLDER
from apps import EXTENSIONS as MAIN
from handmade import IDS
from planted import BUILDER, HANDLER, Fault, add, conflict, expect_one_finding, expect_remedy
from template_repo import TemplateRepo, commit_all, git, run_copy
from wix import new_app
from wix_events.commands.check import check
from wix_events.commands.check.inspection import Inspection
from wix_events.commands.check.records import read_records
from wix_events.findings import Report
from wix_events.reader import AppFiles, imports_from, relative_imports

COLLECTION = "src/extensions/backend/data-collections/handled-events.ts"
COLLECTIONS = "src/extensions/backend/data-collections/data-collections.extension.ts"
ONCE = f"{FOLDER}/once.ts"
SCRIPT = "scripts/event.mjs"
SAMPLE = f"{FOLDER}/contact-created/contact-created.sample.json"
EVENT = "crm.contacts.onContactCreated"


@pytest.fixture(scope="module")
def app_with_all(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a healthy app with all that the template can write."""
    app = new_app(tmp_path_factory.mktemp("healthy") / "app")
    replace("wix.config.json", r"^\{", '{ "namespace": "@me/shop",')(app)
    options = {"idempotent": True, "trigger": True}
    run_copy(template, app, {"event": [EVENT, "ecom.orders.onOrderApproved"], **options})
    assert check(app) == Report((), 2, 3)
    return app


@pytest.fixture
def app(app_with_all: Path, tmp_path: Path) -> Path:
    """Copy the healthy app."""
    return Path(shutil.copytree(app_with_all, tmp_path / "app"))


def rejected(path: str) -> Fault:
    """Return the fault of changes that an update could not apply to a file."""
    return (lambda app: write(app / f"{path}.rej", "@@ -1 +1 @@\n"), "rejected", f"{path}.rej:1", path)


def conflicting(path: str) -> Fault:
    """Return the fault of conflict markers in a file."""
    return (conflict(path), "conflict", f"{path}:", "conflict markers")


FAULTS: dict[str, Fault] = {
    **{
        f"conflict in {path}": conflicting(path)
        for path in (ONCE, COLLECTION, SCRIPT, SAMPLE, MAIN, HANDLER, BUILDER)
    },
    **{f"rejected beside {path}": rejected(path) for path in (ONCE, SCRIPT, SAMPLE, MAIN, HANDLER, ANSWERS)},
    "once.ts deleted": (remove(ONCE), "once", f"{ANSWERS}:", f"{ONCE} is missing, but 2 handlers"),
    "once not called": (
        replace(HANDLER, r"await once\(", "await twice("),
        "once",
        f"{HANDLER}:1",
        "does not call once",
    ),
    "once not imported": (
        both(
            replace(HANDLER, r"^import \{ once \}.*\n", ""), replace(HANDLER, r"await once\(", "await twice(")
        ),
        "once",
        f"{HANDLER}:1",
        "does not call once",
    ),
    "once misspelt": (
        replace(HANDLER, r'"../once"', '"../onse"'),
        "import",
        f"{HANDLER}:2",
        '"../onse", which is not there',
    ),
    "helper missing": (
        replace(HANDLER, r"\A", 'import "./helper";\n'),
        "import",
        f"{HANDLER}:1",
        '"./helper", which is not there',
    ),
    "helper of a helper missing": (
        both(
            add({f"{FOLDER}/helper.ts": 'export { help } from "./gone";\n'}),
            replace(HANDLER, r"\A", 'import { help } from "../helper";\n'),
        ),
        "import",
        f"{FOLDER}/helper.ts:1",
        '"./gone", which is not there',
    ),
    "import of once.ts missing": (
        replace(ONCE, r"\A", 'import "./log.js";\n'),
        "import",
        f"{ONCE}:1",
        '"./log.js", which is not there',
    ),
    "once without a namespace": (
        replace(ONCE, "@me/shop", "@account/app"),
        "namespace",
        f"{ONCE}:5",
        "@account/app stands for",
    ),
    "collections with another id": (
        replace(COLLECTIONS, r'id: ".*"', f'id: "{IDS[0]}"'),
        "id",
        f"{COLLECTIONS}:5",
        f"is {IDS[0]}; Wix knows them by",
    ),
    "collection deleted": (remove(COLLECTION), "collection", f"{ANSWERS}:1", f"{COLLECTION} is missing"),
    "collection in no list": (
        replace(COLLECTIONS, r"^import handledEvents.*\n", ""),
        "collection",
        f"{COLLECTION}:1",
        "has this collection",
    ),
    "collections not registered": (
        replace(MAIN, r"\.use\(dataCollections\)", ""),
        "registration",
        f"{COLLECTIONS}:4",
        "are not registered",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_is_one_line_with_place_and_remedy(app: Path, fault: str) -> None:
    expect_one_finding(app, FAULTS[fault])


@pytest.mark.parametrize(
    "fault", ["once.ts deleted", "collection deleted", "collection in no list", "collections not registered"]
)
def test_the_copy_that_is_the_remedy_makes_the_app_healthy(
    template: TemplateRepo, app: Path, fault: str
) -> None:
    expect_remedy(template, app, FAULTS[fault])


def test_once_that_a_file_of_the_apps_own_calls_is_called(app: Path) -> None:
    write(
        app / "src/backend/safely.ts", 'import { once } from "./events/once";\nexport const safely = once;\n'
    )
    replace(HANDLER, r'\{ once \} from "../once"', '{ safely as once } from "../../safely"')(app)
    assert check(app).findings == ()


def test_what_git_has_unmerged_is_found_with_markers_and_without(app: Path) -> None:
    commit_all(app)
    git(app, "checkout", "--quiet", "-b", "theirs")
    for path, text in ((HANDLER, "// theirs\n"), ("README.md", "theirs\n"), (SAMPLE, None)):
        if text is None:
            (app / path).unlink()
        else:
            write(app / path, text)
    commit_all(app)
    git(app, "checkout", "--quiet", "-")
    for path in (HANDLER, "README.md", SAMPLE):
        write(app / path, f"{(app / path).read_text() if path == HANDLER else '{}'}// ours\n")
    commit_all(app)
    with pytest.raises(AssertionError):
        git(app, "merge", "theirs")
    index = (app / ".git/index").read_bytes()
    found = {(finding.file, finding.code) for finding in check(app).findings}
    assert {("README.md", "conflict"), (HANDLER, "conflict"), (SAMPLE, "unmerged")} <= found
    assert (app / ".git/index").read_bytes() == index


def test_a_folder_without_a_repository_is_checked_all_the_same(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert check(app).findings == ()


def test_the_remedies_name_events_that_are_recorded(app: Path) -> None:
    (app / ONCE).unlink()
    (finding,) = check(app).findings
    events = [event["event"] for event in yaml.safe_load((app / ANSWERS).read_text())["events"]]
    assert any(f"copier copy with -d event={event}" in finding.remedy for event in events)


def test_imports_that_no_build_follows_are_left_to_who_wrote_them(app: Path) -> None:
    write(
        app / f"{FOLDER}/contact-created/contact-created.test.ts",
        'import "./gone";\nimport x from "vitest";\n',
    )
    write(app / "src/pages/draft.ts", 'import "../gone";\n')
    replace(HANDLER, r"\A", '// import "./gone";\n')(app)
    assert check(app).findings == ()


def obstacle(path: Path, kind: str) -> None:
    """Put something in a file's place that is no file."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "FIFO":
        os.mkfifo(path)
    else:
        path.symlink_to({"link to itself": path.name, "link out": "/dev/zero"}[kind])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs")
@pytest.mark.parametrize("kind", ["folder", "FIFO", "link to itself", "link out"])
def test_no_path_can_stop_the_check(app: Path, kind: str) -> None:
    inspection = Inspection(app)
    read_records(inspection, ())
    paths = [
        *inspection.template_files(),
        ANSWERS,
        "src/backend/events/x.extension.ts",
        "tsconfig.json",
        "src",
    ]
    for path in paths:
        kept = app / path
        aside = app.parent / "aside"
        if kept.exists():
            kept.rename(aside)
        obstacle(kept, kind)
        missed = (SCRIPT, "tsconfig.json", "src/backend/events/x.extension.ts")
        assert check(app).findings or path in missed or path.endswith(".sample.json"), path
        obstacle(kept, "folder")
        kept.rmdir()
        if aside.exists():
            aside.rename(kept)
    assert check(app).findings == ()


def test_only_what_is_imported_is_read_for_its_imports(app: Path) -> None:
    write(app / "src/components/button.tsx", 'import "./icon";\n')
    every = relative_imports(AppFiles(app))
    reached = imports_from(AppFiles(app), [HANDLER, "src/gone.ts"])
    assert set(reached) < set(every)
    assert {item.file for item in reached} == {HANDLER}
    assert {item.target for item in reached} == {ONCE}
