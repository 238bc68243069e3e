"""What the check finds in the record, the files, the builders, the registrations and the handlers of recorded events."""

from __future__ import annotations

from pathlib import Path

import pytest
from apps import ANSWERS, both, recorded, remove, replace, write
from apps import EVENTS as FOLDER
from apps import EXTENSIONS as MAIN
from handmade import IDS, listener_text, use
from planted import (
    ADOPTED_BUILDER,
    ADOPTED_HANDLER,
    BUILDER,
    HANDLER,
    ORDER_HANDLER,
    SECOND,
    TWIN,
    Fault,
    conflict,
    expect_one_finding,
    expect_remedy,
    rename_export,
    unregister,
    write_bytes,
)
from template_repo import TemplateRepo, commit_all, run_copy, run_update
from wix_events.commands.check import check
from wix_events.findings import Report


@pytest.fixture
def app(healthy_app: Path) -> Path:
    """Let the tests of this file begin with a healthy app."""
    return healthy_app


FAULTS: dict[str, Fault] = {
    # The record
    "answers file empty": (write_bytes(ANSWERS, b""), "record", f"{ANSWERS}:1", "is empty"),
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
    # Files
    "builder deleted": (
        both(remove(BUILDER), unregister),
        "builder",
        f"{ANSWERS}:",
        f"{BUILDER} is missing",
    ),
    "registered, but builder deleted": (remove(BUILDER), "builder", f"{ANSWERS}:", f"{BUILDER} is missing"),
    "registered, but folder deleted": (
        remove(f"{FOLDER}/contact-created"),
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
    "handler deleted": (remove(HANDLER), "handler", f"{BUILDER}:9", f"{HANDLER} is missing"),
    "adopted handler deleted": (
        remove(ADOPTED_HANDLER),
        "handler",
        f"{ADOPTED_BUILDER}:5",
        f"{ADOPTED_HANDLER} is missing",
    ),
    "folder moved": (
        both(
            lambda app: (app / f"{FOLDER}/contact-created").rename(app / f"{FOLDER}/people"),
            replace(
                f"{FOLDER}/people/contact-created.extension.ts", "events/contact-created", "events/people"
            ),
            replace(MAIN, "events/contact-created", "events/people"),
        ),
        "moved",
        f"{ANSWERS}:",
        f"{FOLDER}/people/contact-created.extension.ts",
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
            replace(MAIN, r"\{ eventContactCreated \}", "{ eventContact as eventContactCreated }"),
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
        replace(MAIN, r"\.use\(eventContactCreated\)", ""),
        "registration",
        f"{BUILDER}:7",
        "not registered",
    ),
    "use commented out": (
        replace(MAIN, r"\.use\(eventContactCreated\)", "/* .use(eventContactCreated) */"),
        "registration",
        f"{BUILDER}:7",
        "is not registered",
    ),
    "adopted not registered": (
        replace(MAIN, r"\.use\(cartMade\)", ""),
        "registration",
        f"{ADOPTED_BUILDER}:3",
        "is not registered",
    ),
    "registered twice": (
        replace(MAIN, r"\.use\(eventContactCreated\)", ".use(eventContactCreated).use(eventContactCreated)"),
        "code",
        f"{MAIN}:",
        "again",
    ),
    "registered under two names": (
        both(
            replace(MAIN, r"\.use\(eventContactCreated\)", ".use(eventContactCreated).use(twice)"),
            replace(
                MAIN,
                r"\A",
                f'import {{ eventContactCreated as twice }} from "{BUILDER.replace("src", ".", 1)}";\n',
            ),
        ),
        "code",
        f"{MAIN}:",
        "again",
    ),
    "import removed": (
        replace(MAIN, r"^import \{ eventContactCreated \}.*\n", ""),
        "code",
        f"{MAIN}:",
        "nothing here imports",
    ),
    "extensions.ts does not parse": (
        replace(MAIN, r"export default app\(\)", "export default app(("),
        "code",
        f"{MAIN}:",
        "parse",
    ),
    "extensions.ts missing": (remove(MAIN), "registration", f"{MAIN}:1", "no such file"),
    "extensions.ts not UTF-8": (write_bytes(MAIN, b"// \xff\n"), "code", f"{MAIN}:1", "UTF-8"),
    "extensions.ts without default export": (
        replace(MAIN, r"export default app\(\)", "export const extensions = app()"),
        "code",
        f"{MAIN}:1",
        "no default export",
    ),
    "conflict in extensions.ts": (conflict(MAIN), "conflict", f"{MAIN}:", "conflict markers"),
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
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_is_one_line_with_place_and_remedy(app: Path, fault: str) -> None:
    expect_one_finding(app, FAULTS[fault])


def test_the_remedy_of_a_moved_handler_and_of_an_import_of_another_name_is_one_that_works(app: Path) -> None:
    replace(BUILDER, r"events/contact-created/contact-created\.ts", "cc.ts")(app)
    (app / HANDLER).rename(app / "src/backend/cc.ts")
    (finding,) = check(app).findings
    assert finding.remedy == f'Move the file back and make it "./{HANDLER.removeprefix("src/")}"'
    (app / "src/backend/cc.ts").rename(app / HANDLER)
    replace(BUILDER, r"cc\.ts", "events/contact-created/contact-created.ts")(app)
    assert check(app).findings == ()

    replace(MAIN, "import { eventContactCreated }", "import { mine as eventContactCreated }")(app)
    (finding,) = check(app).findings
    assert finding.remedy.startswith(f"Import eventContactCreated instead of what {MAIN}:")
    replace(MAIN, "mine as ", "")(app)
    assert check(app).findings == ()


def test_an_app_of_many_events_is_healthy_after_copy_and_update(
    own_template: TemplateRepo, wix_app: Path
) -> None:
    keys = [
        "crm.contacts.onContactCreated",
        "ecom.cart.onCartCreated",
        {"event": "blog.posts.onPostCreated", "name": "x"},
    ]
    run_copy(own_template, wix_app, {"event": keys})
    run_copy(own_template, wix_app, {"package": "@acme/sdk", "namespace": "things", "handler": "onThingMade"})
    assert check(wix_app) == Report((), 4, 4)
    commit_all(wix_app)
    own_template.release("1.1.0", {"docs/x.md": "x\n"})
    run_update(wix_app, {"remove": "cart-created", "rename": "x:post"})
    assert check(wix_app) == Report((), 3, 3)


def test_an_app_that_imports_custom_extensions_is_healthy(template: TemplateRepo, wix_app: Path) -> None:
    (wix_app / "package.json").write_text('{ "dependencies": { "@wix/custom-extensions": "^1.0.0" } }\n')
    run_copy(template, wix_app, {"event": "crm.contacts.onContactCreated"})
    assert check(wix_app).findings == ()


def test_an_app_with_adopted_and_foreign_extensions_is_healthy(app: Path) -> None:
    assert check(app) == Report((), 3, 5)


def test_foreign_events_that_are_registered_are_healthy(app: Path) -> None:
    write(app / f"{SECOND}.extension.ts", TWIN[f"{SECOND}.extension.ts"])
    write(app / f"{SECOND}.ts", listener_text("blog", "posts", "onPostCreated"))
    use(app, "second", f"./{SECOND.removeprefix('src/')}.extension")
    assert check(app).findings == ()


def test_several_faults_are_listed_in_order_of_file_and_line(app: Path) -> None:
    for fault in ("not registered", "handler emptied", "adopted builder deleted"):
        FAULTS[fault][0](app)
    findings = check(app).findings
    assert [finding.code for finding in findings] == ["builder", "registration", "code"]
    assert list(findings) == sorted(findings)


@pytest.mark.parametrize(
    "fault",
    [
        "builder deleted",
        "registered, but builder deleted",
        "registered, but folder deleted",
        "handler deleted",
        "not registered",
        "adopted not registered",
        "imported but not used",
        "extensions.ts missing",
    ],
)
def test_the_copy_that_is_the_remedy_makes_the_app_healthy(
    template: TemplateRepo, app: Path, fault: str
) -> None:
    expect_remedy(template, app, FAULTS[fault])


def test_events_without_a_record_are_healthy_and_adopt_is_mentioned(app: Path) -> None:
    (app / ANSWERS).unlink()
    report = check(app)
    (finding,) = report.findings
    assert (finding.code, finding.remark, report.faults) == ("no-record", True, ())
    assert "records this app's 3 events" in finding.problem
    assert "-d adopt=true" in finding.remedy


def test_an_app_without_events_and_record_is_healthy(wix_app: Path) -> None:
    assert check(wix_app) == Report((), 0, 0)


def test_another_answers_file_is_read_when_it_is_named(template: TemplateRepo, wix_app: Path) -> None:
    run_copy(template, wix_app, {"event": "crm.contacts.onContactCreated"}, answers_file="events.yml")
    (finding,) = check(wix_app).findings
    assert finding.code == "no-record"
    assert check(wix_app, ["events.yml"]) == Report((), 1, 1)
    (finding,) = check(wix_app, ["gone.yml"]).findings
    assert (
        str(finding)
        == "gone.yml:1: record There is no such file. Name an answers file of the app in this folder."
    )
