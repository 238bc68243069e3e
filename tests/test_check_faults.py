"""What the check finds: each planted fault is one line with its place and its remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from apps import (
    ANSWERS,
    EVENTS,
    EXTENSIONS,
    Change,
    both,
    builder,
    handler,
    recorded,
    remove,
    replace,
    write,
)
from handmade import (
    ADOPTED_BUILDER,
    ADOPTED_HANDLER,
    IDS,
    PAGE,
    SECOND,
    TWIN,
    builder_text,
    listener_text,
    use,
)
from wix import snapshot
from wix_events.commands import check

BUILDER, HANDLER = builder("contact-created"), handler("contact-created")
ORDER_BUILDER, ORDER_HANDLER = builder("order-approved"), handler("order-approved")


def add(files: dict[str, str], *uses: tuple[str, str]) -> Change:
    """Add files, and register some."""

    def mutate(app: Path) -> None:
        for path, text in files.items():
            write(app / path, text)
        for binding, specifier in uses:
            use(app, binding, specifier)

    return mutate


def conflict(path: str) -> Change:
    """Put a merge conflict at the end of a file."""
    return lambda app: (app / path).write_text(
        (app / path).read_text() + "<<<<<<< HEAD\n// mine\n=======\n// theirs\n>>>>>>> branch\n"
    )


def write_bytes(path: str, content: bytes) -> Change:
    """Give a file other bytes."""
    return lambda app: (app / path).write_bytes(content)


def unregister(app: Path) -> None:
    """Take one event out of the chain, its import too."""
    replace(EXTENSIONS, r"\.use\(eventContactCreated\)", "")(app)
    replace(EXTENSIONS, r"^import \{ eventContactCreated \}.*\n", "")(app)


def rename_export(path: str) -> Change:
    """Give an export another name in one file."""
    return replace(path, r"\beventContactCreated\b", "eventContact")


FAULTS: dict[str, tuple[Change, str, str, str]] = {
    # The record
    "answers file empty": (write_bytes(ANSWERS, b""), "record", f"{ANSWERS}:1", "holds no answers"),
    "answers file cut": (
        replace(ANSWERS, r"(?s)payload:.*", 'payload: "en'),
        "record",
        f"{ANSWERS}:1",
        "cut short",
    ),
    "answers file no YAML": (
        replace(ANSWERS, r"payload: entity", "payload: ]"),
        "record",
        f"{ANSWERS}:9",
        "YAML",
    ),
    "answers file not UTF-8": (
        write_bytes(ANSWERS, b"schema: 1\nevents: \xff\n"),
        "record",
        f"{ANSWERS}:1",
        "UTF-8",
    ),
    "conflict in the answers file": (conflict(ANSWERS), "record", f"{ANSWERS}:", "conflict"),
    "record without id": (replace(ANSWERS, r" id: [^,]*,", ""), "record", f"{ANSWERS}:", "UUID"),
    "record with a key twice": (
        replace(ANSWERS, r"ecom\.orders\.onOrderApproved", "crm.contacts.onContactCreated"),
        "record",
        f"{ANSWERS}:",
        "the same event",
    ),
    "record with a name twice": (
        replace(ANSWERS, "name: order-approved", "name: contact-created"),
        "record",
        "",
        "same name",
    ),
    "record with an id twice": (
        lambda app: replace(ANSWERS, IDS[0], recorded(app)[1]["id"])(app),
        "record",
        f"{ANSWERS}:",
        "the same id",
    ),
    "record of a newer schema": (
        replace(ANSWERS, "^schema: .*", "schema: 99"),
        "record",
        f"{ANSWERS}:",
        "newer",
    ),
    "record with a path that leaves the app": (
        replace(ANSWERS, f"builder: {ADOPTED_BUILDER}", "builder: src/../../x.extension.ts"),
        "record",
        f"{ANSWERS}:",
        "not a path below src",
    ),
    "record with another events_dir": (
        replace(ANSWERS, "^events_dir: .*", "events_dir: /etc"),
        "record",
        "",
        "events_dir",
    ),
    "no answers file": (both(remove(ANSWERS)), "record", ".copier-answers.", "No answers file"),
    # Files
    "builder deleted": (
        both(remove(BUILDER), unregister),
        "builder",
        f"{ANSWERS}:",
        f"{BUILDER} is missing",
    ),
    "registered, but builder deleted": (remove(BUILDER), "builder", f"{ANSWERS}:", f"{BUILDER} is missing"),
    "registered, but folder deleted": (
        remove(f"{EVENTS}/contact-created"),
        "builder",
        f"{ANSWERS}:",
        f"{BUILDER} is missing",
    ),
    "adopted builder deleted": (
        remove(ADOPTED_BUILDER),
        "builder",
        f"{ANSWERS}:",
        f"{ADOPTED_BUILDER} is missing",
    ),
    "builder emptied": (
        both(write_bytes(BUILDER, b""), unregister),
        "builder",
        f"{BUILDER}:1",
        "no extensions.event",
    ),
    "handler deleted": (remove(HANDLER), "code", f"{BUILDER}:9", "is not below src/"),
    "adopted handler deleted": (remove(ADOPTED_HANDLER), "code", f"{ADOPTED_BUILDER}:5", "is not below src/"),
    "folder moved": (
        both(
            lambda app: (app / f"{EVENTS}/contact-created").rename(app / f"{EVENTS}/people"),
            replace(
                f"{EVENTS}/people/contact-created.extension.ts", "events/contact-created", "events/people"
            ),
            replace(EXTENSIONS, "events/contact-created", "events/people"),
        ),
        "moved",
        f"{ANSWERS}:",
        f"{EVENTS}/people/contact-created.extension.ts",
    ),
    # Builders
    "id differs from the record": (
        replace(BUILDER, r'id: ".*"', f'id: "{IDS[5]}"'),
        "id",
        f"{BUILDER}:8",
        "Wix knows",
    ),
    "adopted id differs": (
        replace(ADOPTED_BUILDER, r"id: '.*'", f"id: '{IDS[5]}'"),
        "id",
        f"{ADOPTED_BUILDER}:4",
        "Wix knows",
    ),
    "id is computed": (
        replace(BUILDER, r'id: ".*"', "id: makeId()"),
        "id",
        f"{BUILDER}:8",
        "not a plain string",
    ),
    "source leads elsewhere": (
        both(
            replace(
                BUILDER,
                r"events/contact-created/contact-created\.ts",
                "events/order-approved/order-approved.ts",
            ),
        ),
        "source",
        f"{BUILDER}:",
        f"leads to {ORDER_HANDLER}",
    ),
    "source leads nowhere": (
        replace(BUILDER, r"contact-created\.ts", "gone.ts"),
        "code",
        f"{BUILDER}:9",
        "gone.ts",
    ),
    "source is computed": (
        replace(BUILDER, r'source: ".*"', "source: path()"),
        "code",
        f"{BUILDER}:9",
        "plain string",
    ),
    "export renamed": (rename_export(BUILDER), "export", f"{BUILDER}:7", "exported as eventContact,"),
    "export renamed everywhere": (
        both(
            rename_export(BUILDER),
            replace(EXTENSIONS, r"\{ eventContactCreated \}", "{ eventContact as eventContactCreated }"),
        ),
        "export",
        f"{BUILDER}:7",
        "exported as eventContact,",
    ),
    "export removed": (replace(BUILDER, "export const", "const"), "export", f"{BUILDER}:7", "not exported"),
    "builder does not parse": (replace(BUILDER, r"\}\);", ""), "code", f"{BUILDER}:", "Does not parse"),
    "conflict in a builder": (conflict(BUILDER), "conflict", f"{BUILDER}:11", "conflict markers"),
    # Registrations
    "not registered": (unregister, "registration", f"{BUILDER}:7", "is not registered"),
    "imported but not used": (
        replace(EXTENSIONS, r"\.use\(eventContactCreated\)", ""),
        "registration",
        f"{BUILDER}:7",
        "not registered",
    ),
    "use commented out": (
        replace(EXTENSIONS, r"\.use\(eventContactCreated\)", "/* .use(eventContactCreated) */"),
        "registration",
        f"{BUILDER}:7",
        "is not registered",
    ),
    "adopted not registered": (
        replace(EXTENSIONS, r"\.use\(cartMade\)", ""),
        "registration",
        f"{ADOPTED_BUILDER}:3",
        "is not registered",
    ),
    "registered twice": (
        replace(
            EXTENSIONS, r"\.use\(eventContactCreated\)", ".use(eventContactCreated).use(eventContactCreated)"
        ),
        "code",
        f"{EXTENSIONS}:",
        "again",
    ),
    "registered under two names": (
        both(
            replace(EXTENSIONS, r"\.use\(eventContactCreated\)", ".use(eventContactCreated).use(twice)"),
            replace(
                EXTENSIONS,
                r"\A",
                f'import {{ eventContactCreated as twice }} from "{BUILDER.replace("src", ".", 1)}";\n',
            ),
        ),
        "code",
        f"{EXTENSIONS}:",
        "again",
    ),
    "import removed": (
        replace(EXTENSIONS, r"^import \{ eventContactCreated \}.*\n", ""),
        "code",
        f"{EXTENSIONS}:",
        "nothing here imports",
    ),
    "extensions.ts does not parse": (
        replace(EXTENSIONS, r"export default app\(\)", "export default app(("),
        "code",
        f"{EXTENSIONS}:",
        "parse",
    ),
    "extensions.ts missing": (remove(EXTENSIONS), "registration", f"{EXTENSIONS}:1", "no such file"),
    "extensions.ts not UTF-8": (write_bytes(EXTENSIONS, b"// \xff\n"), "code", f"{EXTENSIONS}:1", "UTF-8"),
    "extensions.ts without default export": (
        replace(EXTENSIONS, r"export default app\(\)", "export const extensions = app()"),
        "code",
        f"{EXTENSIONS}:1",
        "no default export",
    ),
    "conflict in extensions.ts": (conflict(EXTENSIONS), "conflict", f"{EXTENSIONS}:", "conflict markers"),
    # Handlers
    "listens to another event": (
        replace(HANDLER, r"contacts\.onContactCreated\(", "contacts.onContactDeleted("),
        "event",
        f"{HANDLER}:3",
        "listens to crm.contacts.onContactDeleted",
    ),
    "listens to another event by an alias": (
        replace(HANDLER, r"\{ contacts \} from \"@wix/crm\"", '{ orders as contacts } from "@wix/ecom"'),
        "event",
        f"{HANDLER}:3",
        "listens to ecom.orders.onContactCreated",
    ),
    "adopted listens to another event": (
        replace(ADOPTED_HANDLER, r"shoppingCart\.onCartCreated\(", "shoppingCart.onCartDeleted("),
        "event",
        f"{ADOPTED_HANDLER}:4",
        "listens to ecom.cart.onCartDeleted",
    ),
    "no default export": (
        replace(HANDLER, "export default ", ""),
        "code",
        f"{HANDLER}:1",
        "no default export",
    ),
    "default export is no listener": (
        replace(HANDLER, r"export default contacts\.onContactCreated\(", "export default ("),
        "code",
        f"{HANDLER}:3",
        "holds no listener call",
    ),
    "handler emptied": (write_bytes(HANDLER, b""), "code", f"{HANDLER}:1", "no default export"),
    "conflict in a handler": (conflict(HANDLER), "conflict", f"{HANDLER}:", "conflict markers"),
    "handler does not parse": (replace(HANDLER, r"\}\);\s*\Z", ""), "code", f"{HANDLER}:", "Does not parse"),
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
                EXTENSIONS,
                r"\.use\(eventContactCreated\)",
                f".use(eventContactCreated).use(extensions.event({{ id: '{IDS[3]}', source: 'second.ts' }}))",
            ),
            replace(EXTENSIONS, r"\{ app \}", "{ app, extensions }"),
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
        "id",
        f"{PAGE}:4",
        "not a version-4 UUID",
    ),
    "foreign placeholder id": (replace(PAGE, IDS[1], "<YOUR-ID>"), "id", f"{PAGE}:4", '"<YOUR-ID>" is not'),
    # Unrecorded
    "unrecorded event on disk": (
        add({**TWIN, f"{SECOND}.ts": listener_text("blog", "posts", "onPostCreated")}),
        "unrecorded",
        f"{SECOND}.extension.ts:3",
        "neither recorded nor registered",
    ),
    # package.json
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
    "package.json missing": (remove("package.json"), "dependency", "package.json:1", "cannot be read"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_is_one_line_with_place_and_remedy(healthy_app: Path, fault: str) -> None:
    mutate, code, place, words = FAULTS[fault]
    mutate(healthy_app)
    before = snapshot(healthy_app)
    (problem,) = check.check(healthy_app).problems
    assert problem.code == code
    assert str(problem).startswith(place)
    assert words.lower() in problem.problem.lower()
    # Each is two sentences, of which the second says what to do.
    assert re.fullmatch(r"[^\n]+:[1-9]\d*: [^\n]+\. [A-Z][^\n]+\.", str(problem))
    assert (healthy_app / problem.file).exists() or code in ("registration", "record", "dependency")
    assert snapshot(healthy_app) == before


def test_several_faults_are_listed_in_order_of_file_and_line(healthy_app: Path) -> None:
    for fault in ("foreign placeholder id", "package missing", "builder deleted"):
        FAULTS[fault][0](healthy_app)
    problems = check.check(healthy_app).problems
    assert [problem.code for problem in problems] == ["builder", "dependency", "id"]
    assert list(problems) == sorted(problems)
