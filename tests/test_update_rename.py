"""What `copier update -d rename=…` does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from apps import (
    CONTACT,
    EVENTS,
    EXTENSIONS,
    ORDER,
    POST,
    REGISTERED,
    assert_idle,
    at_either_version,
    builder,
    edit,
    fresh,
    handler,
    ids,
    record,
    registered,
)
from copier.errors import UserMessageError
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_update
from wix import snapshot


@at_either_version
def test_rename_moves_the_folder_with_the_users_code_and_keeps_the_id(app: Path, version: str) -> None:
    old = f"{EVENTS}/post-created"
    edit(
        app,
        {
            handler("post-created"): 'import { send } from "../../send";\nimport { log } from "./log";\n'
            'import "../contact-created/contact-created";\n'
            + (app / handler("post-created")).read_text()
            + "// mine\n",
            builder("post-created"): (app / builder("post-created")).read_text() + "// my builder\n",
            f"{old}/log.ts": 'import { send } from "../../send";\nexport const log = send;\n',
            f"{old}/deep/more.ts": 'export * from "../../../send";\nexport * from "../log";\n',
            f"{old}/logo.png": b"\x89PNG\xff\0",
            "src/backend/send.ts": "export const send = 1;\n",
        },
    )
    before = ids(app)
    run_update(app, {"rename": "post-created:post-written"}, vcs_ref=version)
    new = f"{EVENTS}/post-written"
    assert not (app / old).exists()
    assert ids(app) == before
    assert list(record(app)) == ["contact-created", "post-written"]
    text = (app / handler("post-written")).read_text()
    for line in (
        '"../../send"',
        '"./log"',
        '"../contact-created/contact-created"',
        "// mine\n",
        "posts.onPostCreated(",
    ):
        assert line in text
    assert (
        app / f"{new}/deep/more.ts"
    ).read_text() == 'export * from "../../../send";\nexport * from "../log";\n'
    assert (app / f"{new}/logo.png").read_bytes() == b"\x89PNG\xff\0"
    builder_text = (app / builder("post-written")).read_text()
    assert "export const eventPostWritten = extensions.event({" in builder_text
    assert 'source: "./backend/events/post-written/post-written.ts",' in builder_text
    assert before[POST] in builder_text
    assert builder_text.endswith("// my builder\n")
    assert (app / EXTENSIONS).read_text() == REGISTERED.replace("PostCreated", "PostWritten").replace(
        "post-created", "post-written"
    )
    assert_idle(app, vcs_ref=version)


def test_a_renamed_event_goes_on_to_the_next_version_without_a_clash(
    releases: TemplateRepo, app: Path, tmp_path: Path
) -> None:
    run_update(app, {"rename": "post-created:post-written"}, vcs_ref="1.1.0")
    commit_all(app)
    run_update(app, vcs_ref="4.0.0")
    target = snapshot(fresh(releases, app, "4.0.0", tmp_path / "fresh"))
    assert {path: content for path, content in snapshot(app).items() if path in target} == target


def test_a_conflict_in_a_renamed_event_is_named_where_it_lies_now(app: Path) -> None:
    old, new = handler("post-created"), handler("written")
    edit(app, {old: "// mine\n" + (app / old).read_text()})
    options = ("--trust", "--defaults", "--vcs-ref", "4.0.0")
    said = copier_cli("update", *options, "-d", "rename=post-created:written", cwd=app).stderr
    assert f"  {new}:1: A merge left its conflict markers." in said
    assert f"  {old}:1: Git has this file as\n    unmerged. It is gone: git rm it." in said
    assert "Changed:\n  .copier-answers.yml\n" in said
    assert "Taken away" not in said
    git(app, "rm", "--quiet", old)


@pytest.mark.parametrize("binding", ["mine", "eventPostCreated"])
def test_a_registration_under_any_name_follows_a_rename(app: Path, binding: str) -> None:
    clause = "eventPostCreated" if binding == "eventPostCreated" else f"eventPostCreated as {binding}"
    edit(
        app,
        {
            EXTENSIONS: REGISTERED.replace("{ eventPostCreated }", f"{{ {clause} }}").replace(
                "(eventPostCreated)", f"({binding})"
            )
        },
    )
    run_update(app, {"rename": "post-created:post-written"}, vcs_ref="1.0.0")
    assert registered(app) == {builder(name)[:-3] for name in ("contact-created", "post-written")}
    shown = (
        "{ eventPostWritten }" if binding == "eventPostCreated" else f"{{ eventPostWritten as {binding} }}"
    )
    assert shown in (app / EXTENSIONS).read_text()
    assert_idle(app, vcs_ref="1.0.0")


def test_a_rename_of_a_builder_that_the_user_reshaped(app: Path) -> None:
    id = ids(app)[POST]
    edit(
        app,
        {
            builder("post-created"): "import { extensions } from '@wix/astro/builders'\n"
            f"const eventPostCreated = extensions.event({{ id: '{id}', source: './backend/events/post-created/post-created.ts' }})\n"
            "export { eventPostCreated }\n"
        },
    )
    run_update(app, {"rename": "post-created:post-written"}, vcs_ref="1.0.0")
    assert (app / builder("post-written")).read_text() == (
        "import { extensions } from '@wix/astro/builders'\n"
        f"const eventPostWritten = extensions.event({{ id: '{id}', source: './backend/events/post-written/post-written.ts' }})\n"
        "export { eventPostWritten }\n"
    )
    assert_idle(app, vcs_ref="1.0.0")


def test_two_events_are_renamed_at_once_while_one_is_added(app: Path) -> None:
    before = ids(app)
    run_update(app, {"rename": "post-created:one,contact-created:two", "event": ORDER}, vcs_ref="4.0.0")
    assert {name: event["event"] for name, event in record(app).items()} == {
        "one": POST,
        "two": CONTACT,
        "order-approved": ORDER,
    }
    assert ids(app).items() >= before.items()
    assert registered(app) == {builder(name)[:-3] for name in ("one", "two", "order-approved")}
    assert_idle(app)


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        ("post-created", "old:new"),
        ("nothing:other", '"nothing"'),
        ("post-created:Not Kebab", "kebab-case"),
        ("post-created:contact-created", "contact-created"),
        ("post-created:taken", "taken"),
        ("post-created:contact-created,contact-created:post-created", "or rename that event in a run before"),
        ("post-created:a,contact-created:a", '"a"'),
    ],
)
def test_a_rename_that_cannot_be_is_an_error_and_changes_nothing(app: Path, request_: str, part: str) -> None:
    edit(app, {f"{EVENTS}/taken/mine.ts": "export {};\n"})
    with pytest.raises(UserMessageError, match=re.escape(part)):
        run_update(app, {"rename": request_})
    assert git(app, "status", "--porcelain") == ""
