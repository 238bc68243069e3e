"""What `copier copy` does to an app."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

import pytest
from apps import CONTACT, recorded
from copier.errors import UserMessageError
from pytest_copier.plugin import CopierFixture
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update
from wix import snapshot
from wix_events.commands.check import check

HANDLER = "src/backend/events/contact-created/contact-created.ts"
BUILDER = "src/backend/events/contact-created/contact-created.extension.ts"


def test_the_one_command_adds_builder_handler_registration_and_record(
    template: TemplateRepo, wix_app: Path
) -> None:
    done = copier_cli(
        "copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, wix_app, cwd=wix_app
    )
    assert done.returncode == 0, done.stderr
    (event,) = recorded(wix_app)
    assert event["name"] == "contact-created"
    assert event["event"] == CONTACT
    assert uuid.UUID(event["id"]).version == 4
    assert (
        (wix_app / BUILDER)
        .read_text()
        .endswith(
            f"""export const eventContactCreated = extensions.event({{
  id: "{event["id"]}",
  source: "./backend/events/contact-created/contact-created.ts",
}});
"""
        )
    )
    handler = (wix_app / HANDLER).read_text()
    assert handler.startswith('import { contacts } from "@wix/crm";\n')
    assert "export default contacts.onContactCreated(async (event) => {" in handler
    assert (wix_app / "src/extensions.ts").read_text() == (
        'import { app } from "@wix/astro/builders";\n'
        'import { eventContactCreated } from "./backend/events/contact-created/contact-created.extension";\n'
        "\n"
        "export default app().use(eventContactCreated);\n"
    )
    assert "@wix/crm" in json.loads((wix_app / "package.json").read_text())["dependencies"]


def test_the_closing_message_names_files_scope_install_and_test(
    template: TemplateRepo, wix_app: Path
) -> None:
    (wix_app / "pnpm-lock.yaml").touch()
    done = copier_cli(
        "copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, wix_app, cwd=wix_app
    )
    for part in (HANDLER, BUILDER, "Read Contacts", "pnpm install", "wix release", "dashboard"):
        assert part in done.stderr


@pytest.mark.parametrize(
    ("lock_file", "command"),
    [
        ("package-lock.json", "npm install"),
        ("yarn.lock", "yarn install"),
        ("pnpm-lock.yaml", "pnpm install"),
        ("bun.lock", "bun install"),
        ("bun.lockb", "bun install"),
        (None, "npm install"),
    ],
)
def test_the_install_command_follows_the_lock_file_even_above_the_app(
    template: TemplateRepo, tmp_path: Path, lock_file: str | None, command: str
) -> None:
    app = tmp_path / "packages" / "app"
    app.mkdir(parents=True)
    commit_all(tmp_path)
    (app / "package.json").write_text("{}\n")
    if lock_file:
        (tmp_path / lock_file).touch()
    done = copier_cli("copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, app, cwd=app)
    assert f" {command}\n" in done.stderr


def test_without_package_json_it_says_so_and_goes_on(template: TemplateRepo, tmp_path: Path) -> None:
    done = copier_cli(
        "copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, "app", cwd=tmp_path
    )
    assert done.returncode == 0
    assert "There is no package.json here" in done.stderr
    assert set(snapshot(tmp_path / "app")) == {".copier-answers.yml", "src/extensions.ts", BUILDER, HANDLER}


def test_defaults_without_an_event_is_an_error_and_writes_nothing(
    template: TemplateRepo, wix_app: Path
) -> None:
    before = snapshot(wix_app)
    done = copier_cli("copy", "--trust", "--defaults", template.path, wix_app, cwd=wix_app)
    assert done.returncode == 1
    assert "no event was given" in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(wix_app) == before


@pytest.mark.parametrize("overwrite", [(), ("--overwrite",)])
def test_a_second_event_leaves_what_the_user_wrote_in_the_first(
    copier: CopierFixture, template: TemplateRepo, wix_app: Path, overwrite: tuple[str, ...]
) -> None:
    copier.copy(wix_app, event=CONTACT)
    handler = wix_app / HANDLER
    handler.write_text(handler.read_text() + "// mine\n")
    (wix_app / BUILDER).write_text((wix_app / BUILDER).read_text() + "// mine\n")
    before = snapshot(wix_app)
    done = copier_cli(
        "copy",
        "--trust",
        "--defaults",
        *overwrite,
        "-d",
        "event=blog.posts.onPostCreated",
        template.path,
        wix_app,
        cwd=wix_app,
    )
    assert done.returncode == 0, done.stderr
    after = snapshot(wix_app)
    assert {path for path in before if before[path] != after[path]} == {
        ".copier-answers.yml",
        "package.json",
        "src/extensions.ts",
    }
    assert [event["name"] for event in recorded(wix_app)] == ["contact-created", "post-created"]
    assert (
        b"export default app().use(eventContactCreated).use(eventPostCreated);" in after["src/extensions.ts"]
    )


def test_running_the_same_copy_again_changes_nothing_and_says_so(
    template: TemplateRepo, wix_app: Path
) -> None:
    command = ("copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, wix_app)
    copier_cli(*command, cwd=wix_app)
    before = snapshot(wix_app)
    done = copier_cli(*command, cwd=wix_app)
    assert done.returncode == 0
    assert f"contact-created ({CONTACT}) is there already" in done.stderr
    assert snapshot(wix_app) == before


def test_the_same_event_under_another_name_is_an_error(
    copier: CopierFixture, template: TemplateRepo, wix_app: Path
) -> None:
    copier.copy(wix_app, event=CONTACT)
    before = snapshot(wix_app)
    done = copier_cli(
        *(
            "copy",
            "--trust",
            "--defaults",
            "-d",
            f"event={CONTACT}",
            "-d",
            "name=other",
            template.path,
            wix_app,
        ),
        cwd=wix_app,
    )
    assert done.returncode == 1
    assert 'already handled by "contact-created"' in done.stderr
    assert HANDLER in done.stderr
    assert snapshot(wix_app) == before


def test_a_copy_puts_back_files_of_an_event_that_are_missing(
    copier: CopierFixture, template: TemplateRepo, wix_app: Path
) -> None:
    copier.copy(wix_app, event=CONTACT)
    before = snapshot(wix_app)
    (wix_app / BUILDER).unlink()
    run_copy(template, wix_app, {"event": CONTACT}, overwrite=False)
    assert snapshot(wix_app) == before


def test_several_events_in_one_run(copier: CopierFixture, wix_app: Path) -> None:
    events = [CONTACT, {"event": "ecom.orders.onOrderApproved", "name": "paid"}, "wix.blog.v3.post_created"]
    copier.copy(wix_app, event=events)
    names = {
        "contact-created": CONTACT,
        "paid": "ecom.orders.onOrderApproved",
        "post-created": "blog.posts.onPostCreated",
    }
    assert {event["name"]: event["event"] for event in recorded(wix_app)} == names
    before = snapshot(wix_app)
    copier.copy(wix_app, event=events)
    assert snapshot(wix_app) == before


@pytest.mark.parametrize(
    "event",
    [
        f"{CONTACT},blog.posts.onPostCreated",
        f"{CONTACT}, blog.posts.onPostCreated",
        f'["{CONTACT}", "blog.posts.onPostCreated"]',
        f"[{CONTACT}, {{event: blog.posts.onPostCreated, name: post-created}}]",
    ],
)
def test_several_events_from_the_command_line(template: TemplateRepo, wix_app: Path, event: str) -> None:
    command = ("copy", "--trust", "--defaults", "-d", f"event={event}", template.path, wix_app)
    done = copier_cli(*command, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert [event["name"] for event in recorded(wix_app)] == ["contact-created", "post-created"]


def test_several_events_from_a_data_file(template: TemplateRepo, wix_app: Path, tmp_path: Path) -> None:
    data = tmp_path / "events.yml"
    data.write_text(f"event:\n- {CONTACT}\n- event: blog.posts.onPostCreated\n  name: new-post\n")
    done = copier_cli(
        "copy", "--trust", "--defaults", "--data-file", data, template.path, wix_app, cwd=wix_app
    )
    assert done.returncode == 0, done.stderr
    assert [event["name"] for event in recorded(wix_app)] == ["contact-created", "new-post"]


@pytest.mark.parametrize(
    "given", ["contacts.onContactCreated", "onContactCreated", "wix.contacts.v4.contact_created"]
)
def test_an_event_may_be_given_by_a_shorter_form_or_its_slug(
    copier: CopierFixture, tmp_path: Path, given: str
) -> None:
    copier.copy(tmp_path / "app", event=given)
    assert recorded(tmp_path / "app")[0]["event"] == CONTACT


def test_an_event_that_only_a_newer_sdk_has_is_given_by_its_parts(
    copier: CopierFixture, wix_app: Path
) -> None:
    copier.copy(wix_app, package="@wix/crm", namespace="visits", handler="onVisitPaid")
    assert recorded(wix_app)[0]["event"] == "crm.visits.onVisitPaid"
    handler = (wix_app / "src/backend/events/visit-paid/visit-paid.ts").read_text()
    assert 'import { visits } from "@wix/crm";' in handler
    assert "visits.onVisitPaid(async (event) =>" in handler


def test_a_recorded_event_that_no_catalogue_knows_is_put_back_by_its_key(
    copier: CopierFixture, wix_app: Path
) -> None:
    copier.copy(wix_app, package="@wix/crm", namespace="visits", handler="onVisitPaid", payload="entity")
    before = snapshot(wix_app)
    (wix_app / "src/backend/events/visit-paid/visit-paid.ts").unlink()
    copier.copy(wix_app, event="crm.visits.onVisitPaid")
    assert snapshot(wix_app) == before


def test_a_package_of_another_scope_is_imported_as_given(copier: CopierFixture, wix_app: Path) -> None:
    copier.copy(wix_app, package="@acme/sdk", namespace="things", handler="onThingMade")
    assert 'from "@acme/sdk";' in (wix_app / "src/backend/events/thing-made/thing-made.ts").read_text()


def test_a_named_answers_file_in_a_subfolder_of_a_monorepo(template: TemplateRepo, tmp_path: Path) -> None:
    app = tmp_path / "apps" / "shop"
    app.mkdir(parents=True)
    git(tmp_path, "init", "--quiet")
    run_copy(template, app, {"event": CONTACT}, answers_file=".copier-answers.events.yml")
    assert recorded(app, ".copier-answers.events.yml")[0]["name"] == "contact-created"
    assert not (app / ".copier-answers.yml").exists()
    run_copy(template, app, {"event": "blog.posts.onPostCreated"}, answers_file=".copier-answers.events.yml")
    assert len(recorded(app, ".copier-answers.events.yml")) == 2


def test_pretend_writes_nothing(template: TemplateRepo, wix_app: Path) -> None:
    before = snapshot(wix_app)
    done = copier_cli(
        "copy",
        "--trust",
        "--defaults",
        "--pretend",
        "-d",
        f"event={CONTACT}",
        template.path,
        wix_app,
        cwd=wix_app,
    )
    assert done.returncode == 0, done.stderr
    assert snapshot(wix_app) == before


def test_the_events_folder_of_wix_generate_is_the_default_where_it_exists(
    copier: CopierFixture, wix_app: Path
) -> None:
    (wix_app / "src/extensions/backend/events").mkdir(parents=True)
    copier.copy(wix_app, event=CONTACT)
    builder = wix_app / "src/extensions/backend/events/contact-created/contact-created.extension.ts"
    assert 'source: "./extensions/backend/events/contact-created/contact-created.ts",' in builder.read_text()
    assert (
        '"./extensions/backend/events/contact-created/contact-created.extension"'
        in (wix_app / "src/extensions.ts").read_text()
    )


def test_custom_extensions_are_the_source_of_builders_where_the_project_depends_on_them(
    copier: CopierFixture, wix_app: Path
) -> None:
    (wix_app / "package.json").write_text('{ "dependencies": { "@wix/custom-extensions": "^1.0.0" } }\n')
    copier.copy(wix_app, event=CONTACT)
    assert 'import { extensions } from "@wix/custom-extensions";' in (wix_app / BUILDER).read_text()
    assert 'import { app } from "@wix/custom-extensions";' in (wix_app / "src/extensions.ts").read_text()


def test_a_file_without_a_chain_is_left_and_the_lines_to_add_are_printed(
    template: TemplateRepo, wix_app: Path
) -> None:
    path = wix_app / "src/extensions.ts"
    path.write_text("export const extensions = [];\n")
    command = ("copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, wix_app)
    done = copier_cli(*command, cwd=wix_app)
    assert done.returncode != 0
    assert "src/extensions.ts:1" in done.stderr
    line = 'import { eventContactCreated } from "./backend/events/contact-created/contact-created.extension";'
    assert line in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_text() == "export const extensions = [];\n"
    assert recorded(wix_app)[0]["name"] == "contact-created"
    path.write_text(f"{line}\nexport const extensions = [eventContactCreated];\n")
    before = snapshot(wix_app)
    assert copier_cli(*command, cwd=wix_app).returncode == 0
    assert snapshot(wix_app) == before


@pytest.mark.slow
def test_an_interrupted_run_is_completed_by_the_next(
    copier: CopierFixture, template: TemplateRepo, wix_app: Path
) -> None:
    copier.copy(wix_app, event=CONTACT)
    whole = snapshot(wix_app)
    # A run that was killed leaves some of its files; each set that can be left leads to the same app.
    new = [".copier-answers.yml", BUILDER, HANDLER, "src/extensions.ts"]
    for left in range(1, 15):
        app = wix_app.parent / f"app-{left}"
        for path, content in whole.items():
            if path not in new or left >> new.index(path) & 1:
                (app / path).parent.mkdir(parents=True, exist_ok=True)
                (app / path).write_bytes(content)
        run_copy(template, app, {"event": CONTACT}, overwrite=False)
        ids = {recorded(app)[0]["id"]: recorded(wix_app)[0]["id"]}
        # The id is the old one wherever any file still tells it.
        assert left & 3 == 0 or list(ids) == list(ids.values())
        for path, content in snapshot(app).items():
            for new_id, old_id in ids.items():
                assert content.replace(new_id.encode(), old_id.encode()) == whole[path], (left, path)
        assert set(snapshot(app)) == set(whole)


def test_what_handlers_that_work_once_need_is_declared_registered_and_said(
    copier: CopierFixture, template: TemplateRepo, wix_app: Path
) -> None:
    done = copier_cli(
        *(
            "copy",
            "--trust",
            "--defaults",
            "-d",
            f"event={CONTACT}",
            "-d",
            "idempotent=true",
            template.path,
            wix_app,
        ),
        cwd=wix_app,
    )
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    for part in ("Read Data Items Write Data Items", "Put your app's namespace"):
        assert part in said
    assert ".use(dataCollections)" in (wix_app / "src/extensions.ts").read_text()
    assert {"@wix/data", "@wix/essentials"} <= set(
        json.loads((wix_app / "package.json").read_text())["dependencies"]
    )
    assert '"@account/app/handled-events"' in (wix_app / "src/backend/events/once.ts").read_text()
    before = snapshot(wix_app)
    copier.copy(wix_app, event="blog.posts.onPostCreated", idempotent=True)
    after = snapshot(wix_app)
    collections = "src/extensions/backend/data-collections"
    for path in (
        "src/backend/events/once.ts",
        f"{collections}/handled-events.ts",
        f"{collections}/data-collections.extension.ts",
    ):
        assert after[path] == before[path]


@pytest.mark.parametrize("option", ["elevate", "idempotent", None])
def test_the_platforms_limits_are_named_where_calls_are_made(
    copier: CopierFixture, wix_app: Path, option: str | None
) -> None:
    copier.copy(wix_app, event=CONTACT, **({option: True} if option else {}))
    handler = (wix_app / HANDLER).read_text()
    assert ("20 requests and 1,000 ms of CPU time" in handler) == (option == "elevate")
    once = wix_app / "src/backend/events/once.ts"
    assert once.exists() == (option == "idempotent")
    if option == "idempotent":
        assert "Three of the 20 requests" in once.read_text()


def test_the_collection_has_the_namespace_that_wix_config_names(copier: CopierFixture, wix_app: Path) -> None:
    config = json.loads((wix_app / "wix.config.json").read_text())
    (wix_app / "wix.config.json").write_text(json.dumps({**config, "namespace": "@acme/shop"}))
    copier.copy(wix_app, event=CONTACT, idempotent=True)
    assert '"@acme/shop/handled-events"' in (wix_app / "src/backend/events/once.ts").read_text()


def test_working_once_is_refused_for_an_event_without_a_delivery_id(
    copier: CopierFixture, wix_app: Path
) -> None:
    before = snapshot(wix_app)
    event = "app-management.appInstances.onAppInstanceInstalled"
    with pytest.raises(UserMessageError, match="no id that tells one delivery from another"):
        copier.copy(wix_app, event=event, idempotent=True)
    assert snapshot(wix_app) == before


def test_the_trigger_takes_over_no_script_of_the_users_and_keeps_an_edited_sample(
    copier: CopierFixture, wix_app: Path
) -> None:
    script = wix_app / "scripts/event.mjs"
    script.parent.mkdir()
    script.write_text("// mine\n")
    with pytest.raises(UserMessageError, match=r"scripts/event\.mjs exists"):
        copier.copy(wix_app, event=CONTACT, trigger=True)
    script.unlink()
    copier.copy(wix_app, event=CONTACT, trigger=True)
    sample = wix_app / HANDLER.replace(".ts", ".sample.json")
    sample.write_text('{"eventType": "mine", "data": {}}\n')
    script.write_text(script.read_text() + "// mine\n")
    copier.copy(wix_app, event="blog.posts.onPostCreated")
    assert sample.read_text() == '{"eventType": "mine", "data": {}}\n'
    assert script.read_text().endswith("// mine\n")
    assert (wix_app / "src/backend/events/post-created/post-created.sample.json").exists()
    assert json.loads((wix_app / "package.json").read_text())["scripts"]["event"] == "node scripts/event.mjs"


def test_switching_the_trigger_on_for_events_that_are_there_tells_how_to_try_one(
    template: TemplateRepo, wix_app: Path
) -> None:
    copy = ("copy", "--trust", "--defaults", f"-devent={CONTACT}", "-dtrigger=true", template.path, ".")
    run_copy(template, wix_app, {"event": CONTACT})
    assert "  npm run event contact-created\n" in copier_cli(*copy, cwd=wix_app).stderr
    assert "Try it here" not in copier_cli(*copy, cwd=wix_app).stderr


def test_switching_the_trigger_off_takes_its_files_away(copier: CopierFixture, wix_app: Path) -> None:
    copier.copy(wix_app, event=CONTACT, trigger=True)
    commit_all(wix_app)
    done = copier_cli("update", "--trust", "--defaults", "-d", "trigger=false", cwd=wix_app)
    sample = HANDLER.replace(".ts", ".sample.json")
    assert f"Taken away:\n  scripts/event.mjs\n  {sample}\n" in done.stderr
    assert not (wix_app / "scripts").exists()
    assert not (wix_app / sample).exists()
    assert "trigger: false\n" in (wix_app / ".copier-answers.yml").read_text()
    assert (wix_app / HANDLER).exists()


def test_the_scope_of_an_event_is_named_by_its_id_in_message_and_builder(
    template: TemplateRepo, wix_app: Path
) -> None:
    done = copier_cli(
        "copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, ".", cwd=wix_app
    )
    scope = "Read Contacts (SCOPE.DC-CONTACTS.READ-CONTACTS)"
    assert scope in done.stderr
    assert f"{scope}, or one that includes it.\n" in (wix_app / BUILDER).read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_imports_behind_a_link_start_from_the_file_that_it_leads_to(
    template: TemplateRepo, wix_app: Path
) -> None:
    (wix_app / "lib").mkdir()
    (wix_app / "lib/app.ts").write_text(
        'import { app } from "@wix/astro/builders";\n\nexport default app();\n'
    )
    (wix_app / "lib/link.ts").symlink_to("app.ts")
    (wix_app / "src/extensions.ts").symlink_to("../lib/link.ts")
    run_copy(template, wix_app, {"event": CONTACT})
    assert f'from "../{BUILDER.removesuffix(".ts")}";' in (wix_app / "lib/app.ts").read_text()
    assert check(wix_app).findings == ()
    commit_all(wix_app)
    run_update(wix_app, {"remove": "contact-created"})
    assert "backend" not in (wix_app / "lib/app.ts").read_text()
