"""What the check finds among all extensions of an app, and in its package.json."""

from __future__ import annotations

from pathlib import Path

import pytest
from apps import EXTENSIONS as MAIN
from apps import both, recorded, remove, replace, write
from handmade import IDS, builder_text, listener_text
from planted import (
    ADOPTED_HANDLER,
    BUILDER,
    HANDLER,
    PAGE,
    SECOND,
    TWIN,
    Fault,
    add,
    expect_one_finding,
)
from wix_events.commands.check import check


@pytest.fixture
def app(healthy_app: Path) -> Path:
    """Let the tests of this file begin with a healthy app."""
    return healthy_app


def collections(id_: str) -> str:
    """Return a collections extension as people write it by hand."""
    return (
        "import { extensions } from '@wix/astro/builders';\n\n"
        f"export default extensions.dataCollections({{\n  id: '{id_}',\n  collections: [],\n}});\n"
    )


FAULTS: dict[str, Fault] = {
    # One handler for an event
    "second handler, registered": (
        add(TWIN, ("second", f"./{SECOND.removeprefix('src/')}.extension")),
        "duplicate-event",
        f"{SECOND}.ts:4",
        f"already handled by {HANDLER}:3",
    ),
    "second handler, on disk only": (
        add(TWIN),
        "duplicate-event",
        f"{SECOND}.ts:4",
        f"already handled by {HANDLER}:3",
    ),
    "second handler by another key of one slug": (
        add(
            {**TWIN, f"{SECOND}.ts": listener_text("ecom", "currentCart", "onCartCreated")},
            ("second", f"./{SECOND.removeprefix('src/')}.extension"),
        ),
        "duplicate-event",
        f"{SECOND}.ts:4",
        f"already handled by {ADOPTED_HANDLER}:4",
    ),
    "second handler inline in the chain": (
        both(
            add({"src/second.ts": TWIN[f"{SECOND}.ts"]}),
            replace(
                MAIN,
                r"\.use\(eventContactCreated\)",
                f".use(eventContactCreated).use(extensions.event({{ id: '{IDS[3]}', source: 'second.ts' }}))",
            ),
            replace(MAIN, r"\{ app \}", "{ app, extensions }"),
        ),
        "duplicate-event",
        "src/second.ts:4",
        f"already handled by {HANDLER}:3",
    ),
    "second handler as a generic extension": (
        add(
            {
                f"{SECOND}.extension.ts": (
                    "import { bundlers, extensions } from '@wix/astro/builders';\n\n"
                    "export default extensions.genericExtension({\n"
                    f"  compId: '{IDS[3]}',\n  compType: 'WEBHOOK',\n  compData: {{ webhook: "
                    "bundlers.event({ source: './extensions/backend/events/second/second.ts' }) },\n});\n"
                ),
                f"{SECOND}.ts": TWIN[f"{SECOND}.ts"],
            },
            ("second", f"./{SECOND.removeprefix('src/')}.extension"),
        ),
        "duplicate-event",
        f"{SECOND}.ts:4",
        f"already handled by {HANDLER}:3",
    ),
    "second builder on one handler": (
        add(
            {f"{SECOND}.extension.ts": builder_text(IDS[3], HANDLER.replace("src", ".", 1))},
            ("second", f"./{SECOND.removeprefix('src/')}.extension"),
        ),
        "duplicate-event",
        f"{SECOND}.extension.ts:3",
        f"already handled by {BUILDER}:7",
    ),
    "two foreign handlers of one event": (
        add(
            {
                f"src/x/{name}{suffix}": text
                for name, id_ in (("a", IDS[3]), ("b", IDS[4]))
                for suffix, text in (
                    (".extension.ts", builder_text(id_, f"./x/{name}.ts")),
                    (".ts", listener_text("blog", "posts", "onPostCreated")),
                )
            },
            ("a", "./x/a.extension"),
            ("b", "./x/b.extension"),
        ),
        "duplicate-event",
        "src/x/b.ts:4",
        "already handled by src/x/a.ts:4",
    ),
    # Ids
    "id shared with a foreign extension": (
        lambda app: replace(PAGE, IDS[1], recorded(app)[1]["id"])(app),
        "duplicate-id",
        f"{PAGE}:4",
        BUILDER,
    ),
    "id shared in upper case": (
        lambda app: replace(PAGE, IDS[1], recorded(app)[1]["id"].upper())(app),
        "duplicate-id",
        f"{PAGE}:4",
        BUILDER,
    ),
    "id shared by two foreign extensions": (
        replace("src/old/page.extension.ts", IDS[2], IDS[1]),
        "duplicate-id",
        "src/old/page.extension.ts:4",
        PAGE,
    ),
    "foreign id of another version": (
        replace(PAGE, "-4000-", "-1000-"),
        "foreign-id",
        f"{PAGE}:4",
        "is not a version-4 UUID",
    ),
    "foreign id of version 7": (
        replace(PAGE, "-4000-", "-7000-"),
        "foreign-id",
        f"{PAGE}:4",
        "is not a version-4 UUID",
    ),
    "foreign placeholder id": (
        replace(PAGE, IDS[1], "<YOUR-ID>"),
        "foreign-id",
        f"{PAGE}:4",
        '"<YOUR-ID>" is not',
    ),
    "foreign id computed": (
        replace(PAGE, f"'{IDS[1]}'", "makeId()"),
        "foreign-id",
        f"{PAGE}:4",
        "not a plain string",
    ),
    "foreign id missing": (
        replace(PAGE, f"id: '{IDS[1]}',", ""),
        "foreign-id",
        f"{PAGE}:3",
        "not a plain string",
    ),
    # Unrecorded
    "unrecorded event on disk": (
        add({**TWIN, f"{SECOND}.ts": listener_text("blog", "posts", "onPostCreated")}),
        "unrecorded",
        f"{SECOND}.extension.ts:3",
        "neither recorded nor registered",
    ),
    # Collections
    "second collections extension": (
        add(
            {
                f"src/{name}.extension.ts": collections(id_)
                for name, id_ in (("one", IDS[5]), ("two", IDS[6]))
            },
            ("one", "./one.extension"),
            ("two", "./two.extension"),
        ),
        "collections",
        "src/two.extension.ts:3",
        "already (src/one.extension.ts:3)",
    ),
    # package.json
    "older CLI": (
        replace("package.json", r'"@wix/astro": .*', '"@wix/cli-app": "^1.0.0",'),
        "cli",
        "package.json:",
        "older Wix CLI",
    ),
    "no Wix CLI": (
        replace("package.json", r'"@wix/astro": .*', ""),
        "cli",
        "package.json:1",
        "no app of the",
    ),
    "package missing": (
        replace("package.json", r'^ *"@wix/crm": .*\n', ""),
        "dependency",
        "package.json:1",
        "@wix/crm is not",
    ),
    "package.json broken": (
        replace("package.json", "{", ""),
        "dependency",
        "package.json:2",
        "not valid JSON",
    ),
    "package.json missing": (remove("package.json"), "dependency", "package.json:1", "no such file"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_is_one_line_with_place_and_remedy(app: Path, fault: str) -> None:
    expect_one_finding(app, FAULTS[fault])


def test_what_works_as_it_is_leaves_the_app_healthy(app: Path) -> None:
    for fault in ("foreign id of version 7", "older CLI"):
        FAULTS[fault][0](app)
    report = check(app)
    assert [(finding.code, finding.remark) for finding in report.findings] == [
        ("cli", True),
        ("foreign-id", True),
    ]
    assert report.faults == ()


def test_two_fresh_scaffolds_are_a_fault_of_theirs(wix_app: Path) -> None:
    folder = "extensions/backend/events"
    for name, id_ in (("first", IDS[0]), ("second", IDS[1])):
        write(
            wix_app / f"src/{folder}/{name}/{name}.extension.ts",
            builder_text(id_, f"./{folder}/{name}/{name}.ts"),
        )
        write(
            wix_app / f"src/{folder}/{name}/{name}.ts", listener_text("crm", "contacts", "onContactCreated")
        )
    (wix_app / "src/extensions.ts").write_text(
        "import { app } from '@wix/astro/builders';\n"
        f"import first from './{folder}/first/first.extension';\n"
        f"import second from './{folder}/second/second.extension';\n\n"
        "export default app().use(first).use(second);\n"
    )
    assert [(finding.code, finding.file, finding.line) for finding in check(wix_app).findings] == [
        ("no-record", f"src/{folder}/first/first.extension.ts", 3),
        ("duplicate-event", f"src/{folder}/second/second.ts", 4),
    ]
