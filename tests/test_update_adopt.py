"""What `copier update -d adopt=true` does with events made by hand."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from apps import (
    BOT,
    CONTACT,
    EXTENSIONS,
    ORDER,
    POST,
    REGISTERED,
    assert_idle,
    builder,
    edit,
    handler,
    ids,
    record,
    registered,
    without_registrations,
)
from copier.errors import UserMessageError
from handmade import ADOPTED_IDS, MADE_BY_HAND
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update
from wix import new_app, snapshot
from wix_events.commands.check import check


@pytest.fixture(scope="module")
def made_by_hand(releases: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an app with three events made by hand, to which the template then added one; never change it."""
    app = new_app(tmp_path_factory.mktemp("hand-made") / "app")
    edit(app, MADE_BY_HAND)
    run_copy(releases, app, {"event": CONTACT}, vcs_ref="1.0.0")
    commit_all(app)
    return app


@pytest.fixture
def hand_made(made_by_hand: Path, tmp_path: Path) -> Path:
    """Copy the app with three events made by hand and one of the template's."""
    return shutil.copytree(made_by_hand, tmp_path / "app", symlinks=True)


@pytest.fixture(scope="module")
def all_adopted(made_by_hand: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Adopt the three events; never change this app."""
    app = shutil.copytree(made_by_hand, tmp_path_factory.mktemp("adopted") / "app", symlinks=True)
    run_update(app, {"adopt": True}, vcs_ref="1.0.0")
    commit_all(app)
    return app


@pytest.fixture
def adopted(all_adopted: Path, tmp_path: Path) -> Path:
    """Copy the app with three adopted events and one of the template's."""
    return shutil.copytree(all_adopted, tmp_path / "adopted", symlinks=True)


def test_adopt_records_every_event_and_leaves_its_files_byte_identical(hand_made: Path) -> None:
    before = snapshot(hand_made)
    done = copier_cli(
        "update", "--trust", "--defaults", "--vcs-ref", "4.0.0", "-d", "adopt=true", cwd=hand_made
    )
    assert done.returncode == 0, done.stderr
    events = record(hand_made)
    assert {event["event"]: (event["id"], event.get("builder")) for event in events.values()} == {
        CONTACT: (ids(hand_made)[CONTACT], None),
        ORDER: (ADOPTED_IDS[0], "src/extensions/orders/paid.extension.ts"),
        "crm.labels.onLabelCreated": (ADOPTED_IDS[1], "src/hooks/label.extension.ts"),
        "comments.comments.onCommentCreated": (
            ADOPTED_IDS[2],
            "src/backend/events/my_Event/my-event.extension.ts",
        ),
    }
    after = snapshot(hand_made)
    for path in MADE_BY_HAND:
        assert after[path] == before[path], path
    for name in set(events) - {"contact-created"}:
        assert name in done.stderr
    assert_idle(hand_made)
    run_update(hand_made, {"adopt": True})
    assert git(hand_made, "status", "--porcelain") == ""


def test_the_record_of_an_adopted_event_follows_its_source(adopted: Path) -> None:
    (name,) = (name for name, event in record(adopted).items() if event["event"] == ORDER)
    builder, handler = record(adopted)[name]["builder"], record(adopted)[name]["handler"]
    (adopted / handler).rename(adopted / "src/paid.ts")
    text = (adopted / builder).read_text()
    edit(adopted, {builder: text.replace(handler.removeprefix("src/"), "paid.ts")})
    (finding,) = [each for each in check(adopted).findings if each.code == "source"]
    assert "leads to src/paid.ts" in finding.problem and "copier update" in finding.remedy
    run_update(adopted, vcs_ref="1.0.0")
    assert record(adopted)[name]["handler"] == "src/paid.ts"
    assert "source" not in {each.code for each in check(adopted).findings}


def test_the_lost_registration_of_an_adopted_event_comes_back_by_its_real_export(adopted: Path) -> None:
    everything = registered(adopted)
    kept = without_registrations((adopted / EXTENSIONS).read_bytes(), list(MADE_BY_HAND))
    edit(adopted, {EXTENSIONS: kept})
    assert len(registered(adopted)) == 1
    run_update(adopted, vcs_ref="1.0.0")
    assert registered(adopted) == everything
    text = (adopted / EXTENSIONS).read_text()
    assert re.search(r'import \w+ from "./extensions/orders/paid.extension";', text)
    assert 'import { label } from "./hooks/label.extension";' in text
    assert_idle(adopted, vcs_ref="1.0.0")


def test_an_event_made_by_hand_cannot_be_added_again_adopted_or_not(hand_made: Path, adopted: Path) -> None:
    with pytest.raises(UserMessageError, match=r"src/extensions/orders/paid-handler\.ts:2"):
        run_update(hand_made, {"event": ORDER}, vcs_ref="1.0.0")
    run_update(adopted, {"event": ORDER}, vcs_ref="1.0.0")
    assert git(adopted, "status", "--porcelain") == ""


def test_a_removed_adopted_event_loses_registration_and_record_but_no_file(adopted: Path) -> None:
    (name,) = (name for name, event in record(adopted).items() if event["event"] == ORDER)
    run_update(adopted, {"remove": name}, vcs_ref="4.0.0")
    assert ORDER not in ids(adopted)
    assert "src/extensions/orders/paid.extension" not in registered(adopted)
    for path in MADE_BY_HAND:
        assert path == EXTENSIONS or (adopted / path).read_bytes() == MADE_BY_HAND[path].encode()


def test_a_handler_that_the_user_moved_gets_no_other_beside_it(releases: TemplateRepo, app: Path) -> None:
    text = (app / builder("post-created")).read_text()
    edit(
        app,
        {
            "src/lib/run.ts": (app / handler("post-created")).read_text(),
            builder("post-created"): text.replace(
                "backend/events/post-created/post-created.ts", "lib/run.ts"
            ),
            handler("post-created"): None,
        },
    )
    done = copier_cli("update", "--trust", "--defaults", "--vcs-ref", "4.0.0", cwd=app)
    assert done.returncode == 0, done.stderr
    assert "missing" not in done.stderr
    commit_all(app)
    run_copy(releases, app, {"event": POST}, vcs_ref="4.0.0")
    assert git(app, "status", "--porcelain") == ""
    assert not (app / handler("post-created")).exists()


def test_an_event_that_the_user_moved_is_followed_and_left_to_the_user(app: Path) -> None:
    moved = "src/elsewhere/post"
    text = (
        (app / builder("post-created"))
        .read_text()
        .replace("backend/events/post-created/post-created", "elsewhere/post/run")
    )
    edit(
        app,
        {
            f"{moved}/post.extension.ts": text,
            f"{moved}/run.ts": (app / handler("post-created")).read_text() + "// mine\n",
            builder("post-created"): None,
            handler("post-created"): None,
            EXTENSIONS: REGISTERED.replace(
                "backend/events/post-created/post-created.extension", "elsewhere/post/post.extension"
            ),
        },
    )
    before = ids(app)
    run_update(app, vcs_ref="4.0.0")
    assert ids(app) == before
    assert record(app)["post-created"]["builder"] == f"{moved}/post.extension.ts"
    assert registered(app) == {builder("contact-created")[:-3], f"{moved}/post.extension"}
    assert (app / f"{moved}/run.ts").read_text().endswith("// mine\n")
    assert_idle(app)


def test_of_an_event_that_the_user_moved_a_source_that_leads_nowhere_is_said(app: Path) -> None:
    moved = "src/elsewhere/post.extension"
    edit(
        app,
        {
            f"{moved}.ts": (app / builder("post-created")).read_text(),
            builder("post-created"): None,
            handler("post-created"): None,
            EXTENSIONS: REGISTERED.replace(builder("post-created")[4:-3], moved[4:]),
        },
    )
    done = copier_cli(*BOT, cwd=app)
    assert done.returncode == 0
    assert f"{moved}.ts:9: Its source" in done.stderr
