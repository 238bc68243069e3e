"""What `copier update -d adopt=true` does with events made by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from apps import (
    CONTACT,
    EXTENSIONS,
    ORDER,
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


@pytest.fixture
def hand_made(releases: TemplateRepo, tmp_path: Path) -> Path:
    """Make an app with three events made by hand, to which the template then added one."""
    app = new_app(tmp_path / "app")
    edit(app, MADE_BY_HAND)
    run_copy(releases, app, {"event": CONTACT}, vcs_ref="1.0.0")
    commit_all(app)
    return app


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


def test_the_lost_registration_of_an_adopted_event_comes_back_by_its_real_export(hand_made: Path) -> None:
    run_update(hand_made, {"adopt": True}, vcs_ref="1.0.0")
    commit_all(hand_made)
    everything = registered(hand_made)
    kept = without_registrations((hand_made / EXTENSIONS).read_bytes(), list(MADE_BY_HAND))
    edit(hand_made, {EXTENSIONS: kept})
    assert len(registered(hand_made)) == 1
    run_update(hand_made, vcs_ref="1.0.0")
    assert registered(hand_made) == everything
    text = (hand_made / EXTENSIONS).read_text()
    assert re.search(r'import \w+ from "./extensions/orders/paid.extension";', text)
    assert 'import { label } from "./hooks/label.extension";' in text
    assert_idle(hand_made, vcs_ref="1.0.0")


def test_an_event_made_by_hand_cannot_be_added_again_adopted_or_not(hand_made: Path) -> None:
    with pytest.raises(UserMessageError, match=r"src/extensions/orders/paid-handler\.ts:2"):
        run_update(hand_made, {"event": ORDER}, vcs_ref="1.0.0")
    run_update(hand_made, {"adopt": True}, vcs_ref="1.0.0")
    commit_all(hand_made)
    run_update(hand_made, {"event": ORDER}, vcs_ref="1.0.0")
    assert git(hand_made, "status", "--porcelain") == ""


def test_a_removed_adopted_event_loses_registration_and_record_but_no_file(hand_made: Path) -> None:
    run_update(hand_made, {"adopt": True}, vcs_ref="1.0.0")
    commit_all(hand_made)
    (name,) = (name for name, event in record(hand_made).items() if event["event"] == ORDER)
    run_update(hand_made, {"remove": name}, vcs_ref="4.0.0")
    assert ORDER not in ids(hand_made)
    assert "src/extensions/orders/paid.extension" not in registered(hand_made)
    for path in MADE_BY_HAND:
        assert path == EXTENSIONS or (hand_made / path).read_bytes() == MADE_BY_HAND[path].encode()


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
