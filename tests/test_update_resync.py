"""What `copier update` brings back of what an app has lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from apps import (
    EXTENSIONS,
    REGISTERED,
    assert_idle,
    builder,
    changes,
    edit,
    fresh,
    handler,
    without_registrations,
)
from template_repo import TemplateRepo, copier_cli, follow_advice, git, run_update

LINES = """\
import { app } from '@wix/astro/builders'
import { page } from './page.extension'
import { eventContactCreated as mine } from './backend/events/contact-created/contact-created.extension'
import { eventPostCreated } from './backend/events/post-created/post-created.extension'

export default app()
\t.use(page) // ours
\t.use(mine)
\t.use(eventPostCreated)
"""
CALLS = """\
// The app.
import * as builders from "@wix/astro/builders";
import { eventContactCreated } from "./backend/events/contact-created/contact-created.extension.ts";
import { eventPostCreated } from "./backend/events/post-created/post-created.extension.ts";

const shop = builders.app();
shop.use(eventContactCreated);
shop.use(eventPostCreated);
export default shop;
"""


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(REGISTERED, id="prettier"),
        pytest.param(CALLS, id="one call each", marks=pytest.mark.slow),
        pytest.param(
            "\ufeff" + LINES.rstrip().replace("\n", "\r\n"),
            id="one a line, CRLF, byte-order mark, no semicolons and no final newline",
        ),
    ],
)
def test_a_lost_registration_comes_back_in_the_files_own_style(app: Path, source: str) -> None:
    whole = source.encode()
    edit(app, {EXTENSIONS: without_registrations(whole, [builder("post-created")])})
    run_update(app, vcs_ref="1.0.0")
    assert (app / EXTENSIONS).read_bytes() == whole
    assert changes(app) == {EXTENSIONS}
    assert_idle(app, vcs_ref="1.0.0")


def test_an_import_of_another_name_is_named_and_not_passed_over(app: Path) -> None:
    wrong = REGISTERED.replace("{ eventPostCreated }", "{ mine as eventPostCreated }")
    edit(app, {EXTENSIONS: wrong})
    done = copier_cli("update", "--trust", "--defaults", "--vcs-ref", "1.0.0", cwd=app)
    assert done.returncode != 0
    module = builder("post-created")
    assert f"{EXTENSIONS}:3: another name than eventPostCreated is imported from {module}" in done.stderr
    assert (app / EXTENSIONS).read_text() == wrong


@pytest.mark.parametrize("lost", ["import", "use"])
def test_half_a_registration_is_made_whole(app: Path, lost: str) -> None:
    kept = [
        line for line in REGISTERED.splitlines(True) if lost != "import" or "import { eventPost" not in line
    ]
    edit(
        app,
        {
            EXTENSIONS: "".join(kept).replace(
                ".use(eventPostCreated)", "" if lost == "use" else ".use(eventPostCreated)"
            )
        },
    )
    run_update(app, vcs_ref="1.0.0")
    assert (app / EXTENSIONS).read_text() == REGISTERED
    assert_idle(app, vcs_ref="1.0.0")


def test_a_deleted_extensions_file_comes_back(app: Path) -> None:
    before = (app / EXTENSIONS).read_bytes()
    edit(app, {EXTENSIONS: None})
    run_update(app, vcs_ref="1.0.0")
    assert (app / EXTENSIONS).read_bytes() == before
    assert changes(app) == {EXTENSIONS}


def test_an_update_of_an_app_in_step_changes_nothing(app: Path) -> None:
    run_update(app, vcs_ref="1.0.0")
    assert git(app, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("lost", "version"), [(builder("post-created"), "1.0.0"), (handler("post-created"), "4.0.0")]
)
def test_the_lost_half_of_an_event_stays_away_and_the_command_that_is_named_makes_it_again(
    releases: TemplateRepo, app: Path, tmp_path: Path, lost: str, version: str
) -> None:
    edit(app, {lost: None})
    done = copier_cli("update", "--trust", "--defaults", "--vcs-ref", version, cwd=app)
    assert done.returncode == 0, done.stderr
    assert f"post-created: {lost} is missing" in done.stderr
    assert not (app / lost).exists()
    assert_idle(app, vcs_ref=version)
    made = follow_advice(done.stderr, app)
    assert made.returncode == 0, made.stderr
    assert changes(app) == {lost}
    assert (app / lost).read_bytes() == (
        fresh(releases, app, version, tmp_path / "fresh") / lost
    ).read_bytes()
    assert_idle(app, vcs_ref=version)


def test_an_event_without_its_builder_is_not_registered(app: Path) -> None:
    lost = without_registrations((app / EXTENSIONS).read_bytes(), [builder("post-created")])
    edit(app, {builder("post-created"): None, EXTENSIONS: lost})
    done = copier_cli("update", "--trust", "--defaults", "--vcs-ref", "1.0.0", cwd=app)
    assert done.returncode == 0, done.stderr
    assert (app / EXTENSIONS).read_bytes() == lost
    assert follow_advice(done.stderr, app).returncode == 0
    assert (app / EXTENSIONS).read_text() == REGISTERED


def test_a_syntax_error_in_the_extensions_file_is_reported_and_left(app: Path) -> None:
    broken = REGISTERED.replace("app()", "app(")
    edit(app, {EXTENSIONS: broken.replace(".use(eventPostCreated)", "")})
    done = copier_cli("update", "--trust", "--defaults", "--vcs-ref", "1.0.0", cwd=app)
    assert done.returncode != 0
    assert f"{EXTENSIONS}:5" in done.stderr
    assert "Traceback" not in done.stderr
    assert changes(app) == set()
