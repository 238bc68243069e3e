"""What real apps have: it is understood, and nobody's file is taken for the template's own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from apps import (
    ANSWERS,
    CONTACT,
    EVENTS,
    EXTENSIONS,
    ORDER,
    POST,
    WIX_EVENTS,
    assert_idle,
    builder,
    handler,
    record,
    recorded,
    refused,
    registered,
    replace,
    write,
)
from handmade import IDS, builder_text, listener_text
from template_repo import TemplateRepo, commit_all, copier_cli, git, run_copy, run_update
from wix import new_app, snapshot
from wix_events.commands.check import check

BUILDER, HANDLER = builder("contact-created"), handler("contact-created")
COPY = ("copy", "--trust", "--defaults")
MINE = "// What the user wrote.\n"


# --- apps ------------------------------------------------------------------------------------------------------------


def extensions_ts(*imports: str, chain: str = "app()") -> str:
    """Return an `src/extensions.ts`."""
    lines = "".join(f"{line}\n" for line in imports)
    return f'import {{ app, extensions }} from "@wix/astro/builders";\n{lines}\nexport default {chain};\n'


def by_hand(app: Path) -> None:
    """Write an event as Wix's guide tells people to: a named export in the folder that the template would take."""
    source = f"./{HANDLER.removeprefix('src/')}"
    write(
        app / BUILDER,
        'import { extensions } from "@wix/astro/builders";\n\n'
        f'export const eventContactCreated = extensions.event({{\n  id: "{IDS[0]}",\n  source: "{source}",\n}});\n',
    )
    write(app / HANDLER, listener_text("crm", "contacts", "onContactCreated") + MINE)
    module = f"./{BUILDER.removeprefix('src/').removesuffix('.ts')}"
    write(
        app / EXTENSIONS,
        extensions_ts(
            f'import {{ eventContactCreated }} from "{module}";', chain="app().use(eventContactCreated)"
        ),
    )


def by_hand_but_not_registered(app: Path) -> None:
    """Write such an event, and do not register it."""
    by_hand(app)
    write(app / EXTENSIONS, extensions_ts())


def generated(folder: str, number: int, name: str) -> Callable[[Path], None]:
    """Write an event as `wix generate` does: always Contact Created, by a default export."""

    def change(app: Path) -> None:
        path = f"{folder}/{name}/{name}"
        write(app / f"{path}.extension.ts", builder_text(IDS[number], f"./{path.removeprefix('src/')}.ts"))
        write(app / f"{path}.ts", listener_text("crm", "contacts", "onContactCreated"))
        text = (app / EXTENSIONS).read_text() if (app / EXTENSIONS).exists() else extensions_ts()
        binding = f"scaffold{number}"
        module = f"./{path.removeprefix('src/')}.extension"
        text = text.replace("\n\n", f'\nimport {binding} from "{module}";\n\n', 1)
        write(app / EXTENSIONS, text.replace(";\n", ";\n").replace("app()", f"app().use({binding})", 1))

    return change


def two_scaffolds(app: Path) -> None:
    """Run `wix generate` twice."""
    generated(WIX_EVENTS, 0, "first")(app)
    generated(WIX_EVENTS, 1, "second")(app)


def inline(source: str, listener: str = "") -> Callable[[Path], None]:
    """Write an event inside the chain."""

    def change(app: Path) -> None:
        chain = f'app().use(extensions.event({{ id: "{IDS[0]}", source: "./{source}" }}))'
        write(app / EXTENSIONS, extensions_ts(chain=chain))
        if listener:
            write(app / "src" / source, listener)

    return change


def foreign_page(id_: str) -> Callable[[Path], None]:
    """Add a dashboard page with an id of the user's."""

    def change(app: Path) -> None:
        write(
            app / "src/page.extension.ts",
            builder_text(id_, "./page.astro").replace(".event(", ".dashboardPage("),
        )
        chain = "app().use(page)"
        write(app / EXTENSIONS, extensions_ts('import page from "./page.extension";', chain=chain))

    return change


# --- what the template did not write, it does not take for its own -----------------------------------------------------


REFUSED: dict[str, tuple[Callable[[Path], None], Mapping[str, Any], str]] = {
    "by hand, under the default name": (
        by_hand,
        {"event": CONTACT},
        f"{HANDLER}:4 handles {CONTACT} already",
    ),
    "the same, to work once": (by_hand, {"event": CONTACT, "idempotent": True}, f"{HANDLER}:4 handles"),
    "the same, under another name": (by_hand, {"event": CONTACT, "name": "other"}, f"{HANDLER}:4 handles"),
    "the same, not registered": (by_hand_but_not_registered, {"event": CONTACT}, f"{HANDLER}:4 handles"),
    "its folder, for another event": (by_hand, {"event": ORDER, "name": "contact-created"}, HANDLER),
    "by wix generate, in the default folder": (
        generated(WIX_EVENTS, 0, "contact-created"),
        {"event": CONTACT},
        f"{handler('contact-created', WIX_EVENTS)}:4 handles {CONTACT} already",
    ),
    "inside the chain": (
        inline("hooks/contact.ts", listener_text("crm", "contacts", "onContactCreated")),
        {"event": CONTACT},
        "src/hooks/contact.ts:4 handles",
    ),
    "inside the chain, with a source that is missing": (
        inline(HANDLER.removeprefix("src/")),
        {"event": CONTACT},
        f"{EXTENSIONS}:3: the source of this event is {HANDLER}",
    ),
    "two scaffolds of that event": (
        two_scaffolds,
        {"event": CONTACT},
        f"{WIX_EVENTS}/first/first.ts:4 handles",
    ),
    "a helper of the user's that works once": (
        lambda app: write(app / f"{EVENTS}/once.ts", MINE),
        {"event": CONTACT, "idempotent": True},
        f"{EVENTS}/once.ts exists and is not this template's",
    ),
    "the same in JavaScript, which Vite would take": (
        lambda app: write(app / f"{EVENTS}/once.js", MINE),
        {"event": CONTACT, "idempotent": True},
        f"{EVENTS}/once.js exists and is not this template's",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_there_is_refused_with_the_place(plain: TemplateRepo, wix_app: Path, case: str) -> None:
    change, data, words = REFUSED[case]
    change(wix_app)
    assert words in refused(plain, wix_app, data)


@pytest.mark.parametrize(
    "case", [name for name in REFUSED if "that event" not in name and "source" not in name]
)
def test_another_event_is_added_beside_it_and_leaves_it_alone(
    plain: TemplateRepo, wix_app: Path, case: str
) -> None:
    REFUSED[case][0](wix_app)
    before = snapshot(wix_app)
    run_copy(plain, wix_app, {"event": POST})
    after = snapshot(wix_app)
    shared = {EXTENSIONS, "package.json"}
    assert {path for path in before if after[path] != before[path]} <= shared
    assert [event["event"] for event in recorded(wix_app)] == [POST]


def test_an_inline_duplicate_is_not_sent_to_adopt(plain: TemplateRepo, wix_app: Path) -> None:
    REFUSED["inside the chain"][0](wix_app)
    said = refused(plain, wix_app, {"event": CONTACT})
    assert "an inline event cannot be adopted" in said
    assert "adopt=true" not in said
    before = snapshot(wix_app)
    done = copier_cli(*COPY, "-d", "adopt=true", plain.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert f"{EXTENSIONS}:3: this event is written inside the chain" in done.stderr
    assert snapshot(wix_app) == before


@pytest.mark.parametrize("registers", [True, False])
def test_files_that_are_to_the_byte_what_this_run_would_write_are_taken_over(
    plain: TemplateRepo, contact_app: Path, tmp_path: Path, registers: bool
) -> None:
    app = new_app(tmp_path / "stopped")
    shutil.copytree(contact_app / EVENTS, app / EVENTS)
    if registers:
        shutil.copy(contact_app / EXTENSIONS, app / EXTENSIONS)
    run_copy(plain, app, {"event": CONTACT})
    assert snapshot(app) == snapshot(contact_app)


def test_one_byte_of_difference_makes_them_the_users(
    plain: TemplateRepo, contact_app: Path, tmp_path: Path
) -> None:
    app = new_app(tmp_path / "stopped")
    shutil.copytree(contact_app / EVENTS, app / EVENTS)
    (app / HANDLER).write_text((app / HANDLER).read_text() + "\n")
    assert HANDLER in refused(plain, app, {"event": CONTACT})


# --- adopt -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def adopted(releases: TemplateRepo, tmp_path: Path) -> Path:
    """Make an app whose one event, made by hand in the default folder, is adopted."""
    app = new_app(tmp_path / "app")
    by_hand(app)
    commit_all(app)
    run_copy(releases, app, {"adopt": True}, vcs_ref="1.0.0")
    assert git(app, "status", "--porcelain") == f"?? {ANSWERS}\n"
    commit_all(app)
    return app


def test_an_adopted_event_is_asked_for_again_in_vain(releases: TemplateRepo, adopted: Path) -> None:
    run_copy(releases, adopted, {"event": CONTACT, "idempotent": True}, vcs_ref="1.0.0")
    assert git(adopted, "status", "--porcelain") == ""


def test_updates_leave_an_adopted_event_to_its_user(adopted: Path) -> None:
    before = snapshot(adopted)
    run_update(adopted, vcs_ref="4.0.0")
    after = snapshot(adopted)
    assert {path for path in after if after[path] != before.get(path)} == {ANSWERS}
    assert_idle(adopted)


def test_removing_an_adopted_event_says_that_its_files_stay(adopted: Path) -> None:
    before = snapshot(adopted)
    done = copier_cli("update", "--trust", "--defaults", "-d", "remove=contact-created", cwd=adopted)
    assert done.returncode == 0, done.stderr
    assert "Removed contact-created: its registration and its record.\n" in done.stderr
    for path in (BUILDER, HANDLER):
        assert f"{path} stays: this template did not make it.\n" in done.stderr
    after = snapshot(adopted)
    assert {path for path in before if after[path] != before[path]} == {ANSWERS, EXTENSIONS}
    assert record(adopted) == {} and registered(adopted) == set()


def test_adopt_leaves_out_what_is_not_registered_and_says_how_to_register_it(
    plain: TemplateRepo, wix_app: Path
) -> None:
    by_hand_but_not_registered(wix_app)
    generated(WIX_EVENTS, 1, "other")(wix_app)
    replace(f"{WIX_EVENTS}/other/other.ts", "contacts.onContactCreated", "contacts.onContactDeleted")(wix_app)
    before = snapshot(wix_app)
    done = copier_cli(*COPY, "-d", "adopt=true", plain.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert {**snapshot(wix_app), ANSWERS: b""} == {**before, ANSWERS: b""}
    assert [event["event"] for event in recorded(wix_app)] == ["crm.contacts.onContactDeleted"]
    told = re.search(
        rf'{BUILDER}:3: it is not registered .*: (import .* from ".*") in {EXTENSIONS}, and (\.use\(.*?\))',
        done.stderr,
    )
    assert told, done.stderr
    text = (wix_app / EXTENSIONS).read_text()
    write(wix_app / EXTENSIONS, f"{told[1]};\n{text.replace('app()', f'app(){told[2]}', 1)}")
    run_copy(plain, wix_app, {"adopt": True})
    assert len(recorded(wix_app)) == 2


@pytest.mark.parametrize("change", [lambda app: None, by_hand_but_not_registered])
def test_adopt_where_there_is_nothing_to_adopt_changes_nothing_and_says_so(
    plain: TemplateRepo, wix_app: Path, change: Callable[[Path], None]
) -> None:
    change(wix_app)
    before = snapshot(wix_app)
    done = copier_cli(*COPY, "-d", "adopt=true", plain.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert "There was nothing to adopt" in done.stderr
    assert snapshot(wix_app) == before


def test_an_adopted_event_has_its_folders_own_name(plain: TemplateRepo, wix_app: Path) -> None:
    generated(WIX_EVENTS, 0, "product-v1-created")(wix_app)
    run_copy(plain, wix_app, {"adopt": True})
    assert list(record(wix_app)) == ["product-v1-created"]


# --- faults between extensions of the app's own ------------------------------------------------------------------------


def test_two_scaffolds_of_one_event_stop_no_other_and_are_reported(
    plain: TemplateRepo, wix_app: Path
) -> None:
    two_scaffolds(wix_app)
    done = copier_cli(*COPY, "-d", f"event={POST}", plain.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert [event["event"] for event in recorded(wix_app)] == [POST]
    for name in ("first", "second"):
        assert f"{WIX_EVENTS}/{name}/{name}.ts:4" in done.stderr
    assert f"{CONTACT} is also handled by" in done.stderr
    assert [finding.code for finding in check(wix_app).faults] == ["duplicate-event"]


def test_adopt_leaves_out_two_scaffolds_of_one_event(plain: TemplateRepo, wix_app: Path) -> None:
    two_scaffolds(wix_app)
    generated(WIX_EVENTS, 2, "third")(wix_app)
    replace(f"{WIX_EVENTS}/third/third.ts", "contacts.onContactCreated", "contacts.onContactDeleted")(wix_app)
    done = copier_cli(*COPY, "-d", "adopt=true", plain.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert "adopt=true" not in done.stderr
    assert f"another extension handles {CONTACT}, too, so this one is not adopted" in done.stderr
    assert list(record(wix_app)) == ["third"]


@pytest.mark.parametrize(
    "id_", ["6ba7b810-9dad-11d1-80b4-00c04fd430c8", "01890a5d-ac96-774b-bcce-b302099a8057", "my-page-id"]
)
def test_an_id_of_the_apps_own_that_is_no_version_4_uuid_is_a_remark_and_stops_nothing(
    plain: TemplateRepo, wix_app: Path, id_: str
) -> None:
    foreign_page(id_)(wix_app)
    run_copy(plain, wix_app, {"event": CONTACT})
    (finding,) = check(wix_app).findings
    assert (finding.code, finding.file, finding.line) == ("foreign-id", "src/page.extension.ts", 4)
    assert finding.remark


def test_an_id_that_two_of_the_apps_own_share_stops_nothing(plain: TemplateRepo, wix_app: Path) -> None:
    two_scaffolds(wix_app)
    replace(f"{WIX_EVENTS}/second/second.extension.ts", IDS[1], IDS[0])(wix_app)
    replace(f"{WIX_EVENTS}/second/second.ts", "contacts.onContactCreated", "contacts.onContactDeleted")(
        wix_app
    )
    run_copy(plain, wix_app, {"event": POST})
    done = copier_cli(*COPY, "-d", "adopt=true", plain.path, wix_app, cwd=wix_app)
    assert done.returncode == 0, done.stderr
    assert "its id is also that of another extension, so it is not adopted" in done.stderr
    assert [event["event"] for event in recorded(wix_app)] == [POST]


# --- the check -------------------------------------------------------------------------------------------------------


def test_an_app_without_a_record_is_healthy(wix_app: Path) -> None:
    assert check(wix_app).findings == ()
    by_hand(wix_app)
    (finding,) = check(wix_app).findings
    assert finding.code == "no-record" and finding.remark
    assert "adopt=true" in finding.remedy
