"""What `extensions/check.py` finds in an app, and that it finds nothing in a healthy one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from apps import (
    ANSWERS,
    IDS,
    Change,
    both,
    builder_text,
    listener_text,
    recorded,
    remove,
    replace,
    use,
    write,
)
from apps import EVENTS as FOLDER
from apps import EXTENSIONS as MAIN
from template_repo import TemplateRepo, commit_all, run_copy, run_update
from wix import ROOT, new_app, snapshot
from wix_events.commands import check

BUILDER = f"{FOLDER}/contact-created/contact-created.extension.ts"
HANDLER = f"{FOLDER}/contact-created/contact-created.ts"
ORDER_BUILDER = f"{FOLDER}/order-approved/order-approved.extension.ts"
ORDER_HANDLER = f"{FOLDER}/order-approved/order-approved.ts"
ADOPTED_BUILDER = "src/shop/cart-made/made.extension.ts"
ADOPTED_HANDLER = "src/shop/cart-made/made.ts"
PAGE = "src/dashboard/page.extension.ts"


@pytest.fixture(scope="module")
def app_with_all(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a healthy app: two events of the template's, one adopted, two pages of which one is registered."""
    app = new_app(tmp_path_factory.mktemp("healthy") / "app")
    run_copy(template, app, {"event": ["crm.contacts.onContactCreated", "ecom.orders.onOrderApproved"]})
    write(app / ADOPTED_BUILDER, builder_text(IDS[0], "./shop/cart-made/made.ts"))
    write(app / ADOPTED_HANDLER, listener_text("ecom", "cart", "onCartCreated", "shoppingCart"))
    write(app / PAGE, builder_text(IDS[1], "./x.astro").replace(".event", ".dashboardPage"))
    write(
        app / "src/old/page.extension.ts",
        builder_text(IDS[2], "./y.astro").replace(".event", ".dashboardPage"),
    )
    use(app, "cartMade", "./shop/cart-made/made.extension")
    use(app, "page", "./dashboard/page.extension.ts")
    run_copy(template, app, {"adopt": True})
    # The answers file of another template is none of ours.
    (app / ".copier-answers.other.yml").write_text("_commit: 1.0.0\n_src_path: other\nname: x\n")
    assert [event["name"] for event in recorded(app)] == ["cart-made", "contact-created", "order-approved"]
    return app


@pytest.fixture
def app(app_with_all: Path, tmp_path: Path) -> Path:
    """Copy the healthy app."""
    return Path(shutil.copytree(app_with_all, tmp_path / "app"))


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
    replace(MAIN, r"\.use\(eventContactCreated\)", "")(app)
    replace(MAIN, r"^import \{ eventContactCreated \}.*\n", "")(app)


def rename_export(path: str) -> Change:
    """Give an export another name in one file."""
    return replace(path, r"\beventContactCreated\b", "eventContact")


SECOND = "src/extensions/backend/events/second/second"
TWIN = {
    f"{SECOND}.extension.ts": builder_text(IDS[3], "./extensions/backend/events/second/second.ts"),
    f"{SECOND}.ts": listener_text("crm", "contacts", "onContactCreated", "people"),
}

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
    "handler deleted": (remove(HANDLER), "code", f"{BUILDER}:9", "is not below src/"),
    "adopted handler deleted": (remove(ADOPTED_HANDLER), "code", f"{ADOPTED_BUILDER}:5", "is not below src/"),
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
def test_each_planted_fault_is_one_line_with_place_and_remedy(app: Path, fault: str) -> None:
    mutate, code, place, words = FAULTS[fault]
    mutate(app)
    before = snapshot(app)
    (problem,) = check.check(app).problems
    assert problem.code == code
    assert str(problem).startswith(place)
    assert words.lower() in problem.problem.lower()
    # Each is two sentences, of which the second says what to do.
    assert re.fullmatch(r"[^\n]+:[1-9]\d*: [^\n]+\. [A-Z][^\n]+\.", str(problem))
    assert (app / problem.file).exists() or code in ("registration", "record", "dependency")
    assert snapshot(app) == before


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
    assert check.check(wix_app) == check.Report((), 4, 4)
    commit_all(wix_app)
    own_template.release("1.1.0", {"docs/x.md": "x\n"})
    run_update(wix_app, {"remove": "cart-created", "rename": "x:post"})
    assert check.check(wix_app) == check.Report((), 3, 3)


def test_an_app_that_imports_custom_extensions_is_healthy(template: TemplateRepo, wix_app: Path) -> None:
    (wix_app / "package.json").write_text('{ "dependencies": { "@wix/custom-extensions": "^1.0.0" } }\n')
    run_copy(template, wix_app, {"event": "crm.contacts.onContactCreated"})
    assert check.check(wix_app).problems == ()


def test_an_app_with_adopted_and_foreign_extensions_is_healthy(app: Path) -> None:
    assert check.check(app) == check.Report((), 3, 5)


def test_foreign_events_that_are_registered_are_healthy(app: Path) -> None:
    write(app / f"{SECOND}.extension.ts", TWIN[f"{SECOND}.extension.ts"])
    write(app / f"{SECOND}.ts", listener_text("blog", "posts", "onPostCreated"))
    use(app, "second", f"./{SECOND.removeprefix('src/')}.extension")
    assert check.check(app).problems == ()


def test_several_faults_are_listed_in_order_of_file_and_line(app: Path) -> None:
    for fault in ("foreign placeholder id", "package missing", "builder deleted"):
        FAULTS[fault][0](app)
    problems = check.check(app).problems
    assert [problem.code for problem in problems] == ["builder", "dependency", "id"]
    assert list(problems) == sorted(problems)


def test_another_answers_file_is_read_when_it_is_named(template: TemplateRepo, wix_app: Path) -> None:
    run_copy(template, wix_app, {"event": "crm.contacts.onContactCreated"}, answers_file="events.yml")
    (problem,) = check.check(wix_app).problems
    assert problem.code == "record"
    assert check.check(wix_app, ["events.yml"]) == check.Report((), 1, 1)
    assert run_check(wix_app, "--answers-file", "events.yml").stdout == (
        "Healthy: 1 recorded event, 1 extension in all.\n"
    )
    (problem,) = check.check(wix_app, ["gone.yml"]).problems
    assert str(problem) == "gone.yml:1: There is no such file. Name one that copier copy has written."


def run_check(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command that `make check` runs."""
    return subprocess.run(
        [sys.executable, "-m", "wix_events.commands.check", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "extensions")},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_the_command_says_in_one_line_that_an_app_is_healthy(app: Path) -> None:
    done = run_check(app)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "Healthy: 3 recorded events, 5 extensions in all.\n",
        "",
    )
    assert run_check(app, "--json").stdout == "[]\n"


def test_the_command_lists_problems_as_lines_or_as_json(app: Path) -> None:
    FAULTS["handler deleted"][0](app)
    FAULTS["package missing"][0](app)
    problems = check.check(app).problems
    done = run_check(app)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [str(problem) for problem in problems]
    done = run_check(app, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == [asdict(problem) for problem in problems]
    assert set(json.loads(done.stdout)[0]) == {"file", "line", "code", "problem", "remedy"}


@pytest.mark.slow
def test_the_command_can_be_installed_from_the_repository(
    app: Path, own_template: TemplateRepo, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        site,
        own_template.path,
    ]
    subprocess.run(pip, check=True, stdin=subprocess.DEVNULL)
    done = subprocess.run(
        [site / "bin/wix-events-check"],
        cwd=app,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Healthy: 3 recorded events")


def test_a_folder_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    done = run_check(tmp_path / "gone")
    assert done.returncode == 2
    assert "is not a folder" in done.stderr
    assert "Traceback" not in done.stderr
