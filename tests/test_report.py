"""`wix-events report`: many apps in one table, as text, Markdown, JSON and a page of HTML."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from browser import Page, browse
from template_repo import TemplateRepo, run_copy
from wix import ROOT, new_app
from wix_events.commands import report
from wix_events.commands.report.versions import Releases
from wix_events.errors import UserError

CONTACT = "crm.contacts.onContactCreated"
POST = "blog.posts.onPostCreated"
DEPRECATED = "ecom.orderTransactions.onOrderTransactionsUpdated"
# A name with markup for HTML and Markdown, and a word for terminals where a folder may be called so.
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> |[x](y)` \x1b[31m"
if sys.platform == "win32":
    HOSTILE = "&lt;img&gt; ['x'](y)`"


@pytest.fixture(scope="module")
def fleet(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make five apps of a template that has four versions and a pre-release."""
    root = tmp_path_factory.mktemp("fleet")
    repo = template.fork(root / "template")
    for tag in ("1.1.0", "1.2.0", "2.0.0", "3.0.0rc1", "not-a-version"):
        repo.release(tag, {"NOTES.md": tag})
    apps = {
        "blog": ("2.0.0", [POST]),
        "crm": ("1.0.0", [CONTACT]),
        HOSTILE: ("1.2.0", [CONTACT]),
        "shop/apps/web": ("1.1.0", [CONTACT, POST, DEPRECATED]),
        "shop/apps/mail": ("2.0.0", [CONTACT]),
    }
    for name, (version, events) in apps.items():
        app = root / "apps" / name
        app.parent.mkdir(parents=True, exist_ok=True)
        run_copy(repo, new_app(app), {"event": events}, vcs_ref=version)
    # One registration is gone, and one id is wrong.
    path = root / "apps/shop/apps/web/src/extensions.ts"
    path.write_text(re.sub(r"\s*\.use\(eventPostCreated\)", "", path.read_text()))
    path = root / "apps/crm/src/backend/events/contact-created/contact-created.extension.ts"
    path.write_text(re.sub('id: ".*"', 'id: "nope"', path.read_text()))
    return root / "apps"


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run the command; return its exit code and what it printed."""
    parser = argparse.ArgumentParser()
    report.add_arguments(parser)
    code = report.run(parser.parse_args([*map(str, arguments)]))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, dict[str, Any]]:
    """Run the command and return the apps by name."""
    _, out, _ = run(capsys, *arguments, "--json")
    return {app["name"]: app for app in json.loads(out)["apps"]}


# --- what it says of each app ----------------------------------------------------------------------------------------


def test_apps_are_found_below_a_folder_and_named_by_their_place(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apps = as_json(capsys, fleet)
    assert list(apps) == [HOSTILE, "blog", "crm", "shop/apps/mail", "shop/apps/web"]
    assert list(as_json(capsys, fleet / "crm")) == ["crm"]
    # One that is meant twice is listed once.
    assert list(as_json(capsys, fleet / "shop", fleet / "shop/apps/mail")) == ["mail", "web"]


def test_it_says_how_many_releases_an_app_is_behind(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apps = as_json(capsys, fleet)
    assert {name: (app["version"], app["latest"], app["behind"]) for name, app in apps.items()} == {
        "blog": ("2.0.0", "2.0.0", 0),
        "crm": ("1.0.0", "2.0.0", 3),
        HOSTILE: ("1.2.0", "2.0.0", 1),
        "shop/apps/web": ("1.1.0", "2.0.0", 2),
        "shop/apps/mail": ("2.0.0", "2.0.0", 0),
    }


def test_the_template_is_asked_once(
    fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "git").write_text(
        f'#!/bin/sh\necho "$@" >> "{tmp_path}/calls"\nexec "{shutil.which("git")}" "$@"\n'
    )
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    answers = fleet / "blog/.copier-answers.yml"
    before = answers.read_text()
    # The same address, written otherwise.
    answers.write_text(re.sub("(?m)^(_src_path: .*?)$", r"\1/", before))
    try:
        run(capsys, fleet)
    finally:
        answers.write_text(before)
    (call,) = [call for call in (tmp_path / "calls").read_text().splitlines() if "ls-remote" in call]
    assert "ls-remote --tags" in call


def test_with_the_newest_version_given_nothing_is_asked(
    fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = run(capsys, fleet, "--latest", "2.0.0")
    assert (code, err) == (1, "")
    assert re.search(r"^crm +1\.0\.0 \(behind 2\.0\.0\) ", out, re.MULTILINE)
    assert re.search(r"^blog +2\.0\.0 +1 ", out, re.MULTILINE)
    with pytest.raises(UserError, match="'newest' is not a version"):
        run(capsys, fleet, "--latest", "newest")


def test_a_template_that_does_not_answer_is_named_and_the_rest_is_told(
    wix_app: Path, template: TemplateRepo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = template.fork(tmp_path / "gone")
    run_copy(repo, wix_app, {"event": CONTACT})
    repo.path.rename(tmp_path / "away")
    code, out, err = run(capsys, wix_app)
    assert code == 0
    assert re.search(r"^app +1\.0\.0 +1 ", out, re.MULTILINE)
    assert err.startswith(
        f"{repo.path} does not tell its versions: fatal: '{repo.path}' does not appear to be"
    )
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("version", "behind"),
    [("1.1.0", 2), ("v1.1.0", 2), ("1.1.0-3-gabc1234", 2), ("3.0.0", 0), ("abc1234", None), (None, None)],
)
def test_versions_are_counted_from_the_tag_that_an_app_has_or_comes_after(
    template: TemplateRepo, tmp_path: Path, version: str | None, behind: int | None
) -> None:
    repo = template.fork(tmp_path / "template")
    for tag in ("1.1.0", "1.2.0", "v2.0.0", "4.0.0a1"):
        repo.release(tag, {"NOTES.md": tag})
    standing = Releases().oldest([(version, f"git+file://{repo.path}")])
    assert (standing.version, standing.latest, standing.behind) == (version, "2.0.0", behind)
    assert standing.is_behind == bool(behind)


def test_an_app_with_two_records_stands_where_the_older_one_does() -> None:
    standing = Releases("2.0.0").oldest([("2.0.0", None), ("1.0.0", None), (None, None)])
    assert str(standing) == "1.0.0 (behind 2.0.0)"


@pytest.mark.parametrize("address", ["ext::sh -c touch% {}", "--upload-pack=touch {}", "-h", "", "nowhere"])
def test_an_address_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.chdir(tmp_path)
    releases = Releases()
    assert releases.oldest([("1.0.0", address.format(tmp_path / "made"))]).latest is None
    assert list(tmp_path.iterdir()) == []
    assert len(releases.silent) == (1 if address else 0)


def test_it_tells_registrations_findings_scopes_and_deprecated_events(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apps = as_json(capsys, fleet)
    web, crm = apps["shop/apps/web"], apps["crm"]
    assert web["not_registered"] == ["post-created"]
    assert web["findings"] == {"registration": 1}
    assert {event["event"]: event["registered"] for event in web["events"]} == {
        CONTACT: True,
        DEPRECATED: True,
        POST: False,
    }
    (deprecated,) = (event for event in web["events"] if event["deprecated"])
    assert deprecated["event"] == DEPRECATED
    assert deprecated["deprecated"]["until"] == "2025-11-30"
    assert {"id": "SCOPE.DC-CONTACTS.READ-CONTACTS", "name": "Read Contacts"} in crm["scopes"]
    # An event whose id was changed is that event still, not a second one.
    assert len(crm["events"]) == 1
    assert crm["findings"] == {"id": 1}
    assert apps["blog"]["findings"] == {}


def test_the_exit_code_tells_whether_there_are_findings(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, fleet / "blog")[0] == 0
    assert run(capsys, fleet / "crm")[0] == 1


def test_an_app_whose_record_is_damaged_is_in_the_table(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = shutil.copytree(fleet / "blog", tmp_path / "blog")
    (app / ".copier-answers.yml").write_text("events: [\nevents_dir: 3\n")
    found = as_json(capsys, app)["blog"]
    assert found["version"] is None
    assert found["findings"]["record"] == 1
    # What the code has is told all the same.
    assert [(event["event"], event["recorded"]) for event in found["events"]] == [(POST, False)]


def test_an_app_without_a_record_is_in_the_table(wix_app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, wix_app)
    assert code == 0
    assert re.search(r"^app +unknown +0$", out, re.MULTILINE)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match="nowhere is not a folder"):
        run(capsys, tmp_path / "nowhere")


def test_every_file_beside_the_code_is_installed() -> None:
    package = ROOT / "extensions/wix_events"
    found = re.search(r"^wix_events = (\[.*\])$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found
    installed = {path for pattern in json.loads(found[1]) for path in package.glob(pattern)}
    beside = [path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert beside
    assert [path for path in beside if path not in installed] == []


# --- as text ----------------------------------------------------------------------------------------------------------


def test_the_table_has_aligned_columns_and_then_the_particulars(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, err = run(capsys, fleet)
    assert err == ""
    head, *rows = out.splitlines()[:6]
    places = [found.start() for found in re.finditer(r"(?:^|(?<=  ))\S", head)]
    assert len(places) == 7
    for row in rows:
        assert all(place == 0 or place >= len(row) or row[place - 1] == " " for place in places), row
    assert f"    {DEPRECATED}: Deprecated, to be removed after 2025-11-30; use ecom." in out
    # Apps that need the same scopes are named together.
    assert re.search(r"^  .*, crm, shop/apps/mail:\n    Read Contacts \(SCOPE", out, re.MULTILINE)
    assert out.endswith(
        "5 apps, 7 events; 3 behind; 1 with a handler that is not registered; 2 with findings; "
        "1 with a deprecated event.\n"
    )


def test_names_cannot_steer_a_terminal(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("table", "markdown", "html"):
        assert "\x1b" not in run(capsys, fleet, "--format", kind)[1]


def test_markdown_is_one_table_in_which_names_are_text(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, fleet, "--format", "markdown")
    table = [line for line in out.splitlines() if line.startswith("|")]
    assert len(table) == 2 + 5
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {8}
    assert "<img" not in out
    assert "](" not in out
    assert "Read Contacts" in out


def test_progress_is_shown_on_a_terminal_only(
    fleet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, fleet)[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _, out, err = run(capsys, fleet)
    assert "4/5 shop/apps/mail" in err
    assert err.endswith("\r\x1b[K")
    assert "4/5" not in out


# --- as a page, in a browser --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(fleet: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Open the page in a real browser."""
    folder = tmp_path_factory.mktemp("page")
    with browse(folder / "profile") as opened:
        yield opened, folder / "report.html"


@pytest.fixture
def fresh(page: tuple[Page, Path], fleet: Path, capsys: pytest.CaptureFixture[str]) -> Page:
    """Load the page anew."""
    opened, path = page
    path.write_text(run(capsys, fleet, "--format", "html")[1], encoding="utf-8")
    opened.screen(1280, 800)
    opened.open(path)
    return opened


VISIBLE = "[...document.querySelectorAll('tbody tr')].filter((row) => row.checkVisibility())"
NAMES = f"{VISIBLE}.map((row) => row.cells[0].textContent)"
SHOWN_HOSTILE = HOSTILE.replace("\x1b", "�")


def head(title: str) -> str:
    """Return the selector of a column's button."""
    titles = ["App", "Version", "Behind", "Not registered", "Findings", "Scopes", "Deprecated", "Events"]
    return f"thead th:nth-child({titles.index(title) + 1}) button"


def test_the_page_asks_nobody_for_anything_and_runs_nothing_of_an_app(fresh: Page) -> None:
    assert [url for url in fresh.requests() if not url.startswith("file:")] == []
    assert len(fresh.requests()) == 1
    assert fresh.evaluate("document.title") == "Backend events"
    assert fresh.evaluate("document.querySelectorAll('img').length") == 0
    assert SHOWN_HOSTILE in fresh.evaluate(NAMES)
    # Its policy stops no style or script of its own.
    assert [event for event in fresh.events if event["method"] == "Log.entryAdded"] == []
    assert fresh.evaluate("document.getElementById('shown').textContent") == "5 of 5 apps"


def test_the_page_forbids_what_would_ask_another_address(fresh: Page) -> None:
    fresh.evaluate(
        "new Promise((done) => { const image = new Image(); image.src = 'https://example.invalid/x.png';"
        " document.body.append(image); image.onerror = () => done(); })"
    )
    refused = [event["params"] for event in fresh.events if event["method"] == "Network.loadingFailed"]
    assert [each.get("blockedReason") for each in refused] == ["csp"]


def test_apps_are_filtered_by_words(fresh: Page) -> None:
    fresh.type("#apps", "shop WEB")
    assert fresh.evaluate(NAMES) == ["shop/apps/web"]
    assert fresh.evaluate("document.getElementById('shown').textContent") == "1 of 5 apps"
    fresh.type("#apps", "<img")
    assert fresh.evaluate(NAMES) == [SHOWN_HOSTILE]


def test_apps_are_filtered_by_what_is_wrong(fresh: Page) -> None:
    fresh.click("[value=behind]")
    assert set(fresh.evaluate(NAMES)) == {SHOWN_HOSTILE, "crm", "shop/apps/web"}
    fresh.click("[value=findings]")
    assert set(fresh.evaluate(NAMES)) == {"crm", "shop/apps/web"}
    fresh.click("[value=unregistered]")
    assert fresh.evaluate(NAMES) == ["shop/apps/web"]


def test_events_are_filtered_by_title_and_key(fresh: Page) -> None:
    columns = "[...document.querySelectorAll('thead th.event')].filter((it) => it.checkVisibility()).map((it) => it.textContent.trim())"
    assert len(fresh.evaluate(columns)) == 3
    fresh.type("#events", "blog.posts")
    assert fresh.evaluate(columns) == ["Post Created"]
    cells = f"{VISIBLE}.map((row) => [...row.cells].filter((it) => it.checkVisibility()).length)"
    assert set(fresh.evaluate(cells)) == {9}


def test_columns_sort_both_ways(fresh: Page) -> None:
    fresh.click(head("Behind"))
    assert fresh.evaluate(NAMES)[:2] == ["crm", "shop/apps/web"]
    fresh.click(head("Behind"))
    assert fresh.evaluate(NAMES)[-1] == "crm"
    sorted_by = "[...document.querySelectorAll('[aria-sort=ascending]')].map((it) => it.textContent)"
    assert fresh.evaluate(sorted_by) == ["Behind"]
    fresh.click(head("App"))
    assert fresh.evaluate(NAMES)[1:3] == ["blog", "crm"]
    # By an event: the apps that have it first.
    fresh.click("thead th.event:last-child button")
    assert fresh.evaluate(f"{VISIBLE}.map((row) => row.cells[row.cells.length - 1].textContent)")[0] != ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(fresh: Page, scheme: str) -> None:
    fresh.screen(390, 844, scheme)
    colours = fresh.evaluate(
        "['background-color', 'color'].map((name) => getComputedStyle(document.body).getPropertyValue(name)"
        ".match(/[\\d.]+/g).slice(0, 3).map(Number))"
    )
    ground, ink = (sum(colour) / 3 for colour in colours)
    assert (ground > 200 and ink < 60) if scheme == "light" else (ground < 60 and ink > 200)


def test_on_a_phone_only_the_table_scrolls_sideways_and_names_stay_in_sight(fresh: Page) -> None:
    fresh.screen(390, 844)
    assert fresh.evaluate("document.documentElement.scrollWidth") == 390
    fresh.evaluate("document.querySelector('main').scrollLeft = 300")
    left, width = fresh.evaluate(
        "(({ left, width }) => [left, width])(document.querySelector('tbody th').getBoundingClientRect())"
    )
    assert left == 0
    assert width < 390 / 2
