"""The collection of handled events in the app's one `extensions.dataCollections(…)`."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from wix import SDK, install_sdk
from wix_events.collections import COLLECTION, EXPORT, EXTENSION, declaration, new_file
from wix_events.errors import UserError
from wix_events.reader import read_app

PATH = f"{EXTENSION}.ts"
IMPORT = 'import handledEventsCollection from "./handled-events";\n'
HEAD = 'import { extensions } from "@wix/astro/builders";\n'
ID = "44444444-4444-4444-8444-444444444444"


def declared(collections: str, imports: str = "") -> str:
    """Write an extension file with some text for its list of collections."""
    return (
        f"{HEAD}{imports}\nexport default extensions.dataCollections({{\n"
        f'  id: "{ID}",\n  name: "Data Collections",\n  collections: {collections},\n}});\n'
    )


# What is in the app, and what is to be there after.
ADDED = {
    "empty": (declared("[]"), declared("[handledEventsCollection]", IMPORT)),
    "one": (
        declared("[a]", 'import a from "./a";\n'),
        declared("[a, handledEventsCollection]", 'import a from "./a";\n' + IMPORT),
    ),
    "full line": (
        declared("[ordersAndInvoicesCollection, customersCollection]"),
        declared(
            "[\n    ordersAndInvoicesCollection,\n    customersCollection,\n    handledEventsCollection,\n  ]",
            IMPORT,
        ),
    ),
    "longer than a line": (
        declared(f"[{'a' * 40}, {'b' * 40}]"),
        declared(f"[{'a' * 40}, {'b' * 40}, handledEventsCollection]", IMPORT),
    ),
    "one a line": (
        declared("[\n    a, // the first\n    b, // the last\n  ]"),
        declared("[\n    a, // the first\n    b, // the last\n    handledEventsCollection,\n  ]", IMPORT),
    ),
    "no comma": (
        declared("[\n    a,\n    b // the last\n  ]"),
        declared("[\n    a,\n    b, // the last\n    handledEventsCollection\n  ]", IMPORT),
    ),
    "inline": (
        declared('[\n    {\n      idSuffix: "a",\n      fields: [],\n    },\n  ]'),
        declared(
            '[\n    {\n      idSuffix: "a",\n      fields: [],\n    },\n    handledEventsCollection,\n  ]',
            IMPORT,
        ),
    ),
    "comment only": (
        declared("[\n    // none yet\n  ]"),
        declared("[\n    handledEventsCollection,\n    // none yet\n  ]", IMPORT),
    ),
    "spread": (declared("[...shared]"), declared("[...shared, handledEventsCollection]", IMPORT)),
    "typed": (
        declared("[a] satisfies DataCollection[]"),
        declared("[a, handledEventsCollection] satisfies DataCollection[]", IMPORT),
    ),
    "imported and unused": (
        declared("[a]", 'import events from "./handled-events";\n'),
        declared("[a, events]", 'import events from "./handled-events";\n'),
    ),
    "name taken": (
        declared("[handledEventsCollection]", 'import { handledEventsCollection } from "./all";\n'),
        declared(
            "[handledEventsCollection, handledEventsCollection1]",
            'import { handledEventsCollection } from "./all";\n'
            'import handledEventsCollection1 from "./handled-events";\n',
        ),
    ),
    "as wix generate writes it": (
        "import { extensions } from '@wix/astro/builders'\nimport aCollection from './a';\n\n"
        "export default extensions.dataCollections({\n  collections: [aCollection],\n});\n",
        "import { extensions } from '@wix/astro/builders'\nimport aCollection from './a';\n"
        "import handledEventsCollection from './handled-events';\n\n"
        "export default extensions.dataCollections({\n  collections: [aCollection, handledEventsCollection],\n});\n",
    ),
    "with suffixes": (
        declared("[a]", 'import a from "./a.js";\n'),
        declared(
            "[a, handledEventsCollection]",
            'import a from "./a.js";\nimport handledEventsCollection from "./handled-events.js";\n',
        ),
    ),
    "blank lines between imports": (
        f'{HEAD}\nimport a from "./a";\n\nextensions.dataCollections({{ collections: [a] }});\n',
        f'{HEAD}\nimport a from "./a";\n\n{IMPORT}\n'
        "extensions.dataCollections({ collections: [a, handledEventsCollection] });\n",
    ),
    "list in a constant": (
        f"{HEAD}const collections = [a];\nextensions.dataCollections({{ id, collections }});\n",
        f"{HEAD}{IMPORT}const collections = [a, handledEventsCollection];\n"
        "extensions.dataCollections({ id, collections });\n",
    ),
    "options in a constant": (
        f"{HEAD}const all: Options = {{ collections: [a] }};\nextensions.dataCollections(all);\n",
        f"{HEAD}{IMPORT}const all: Options = {{ collections: [a, handledEventsCollection] }};\n"
        "extensions.dataCollections(all);\n",
    ),
}


def add(root: Path, source: bytes, path: str = PATH) -> bytes:
    """Add the collection to the list that the reader finds in an app with this one file, as if it were registered."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(source)
    (root / f"{COLLECTION}.ts").write_text("export default {};\n")
    app = read_app(root)
    app = replace(app, extensions=tuple(found._replace(registered=True) for found in app.extensions))
    made = declaration(root, app, ID, "@wix/astro/builders")
    assert made.path == path
    return source if made.content is None else made.content


@pytest.mark.parametrize(("before", "after"), ADDED.values(), ids=ADDED)
def test_the_collection_is_added_to_the_list_in_place(tmp_path: Path, before: str, after: str) -> None:
    for newline, mark in (("\n", ""), ("\r\n", "\ufeff")):
        source, wanted = ((mark + text.replace("\n", newline)).encode() for text in (before, after))
        assert add(tmp_path, source).decode() == wanted.decode()
        assert add(tmp_path, wanted) == wanted


def test_the_list_may_be_in_any_file_of_the_app(tmp_path: Path) -> None:
    chain = (
        'import { app, extensions } from "@wix/astro/builders";\n'
        'import { list } from "./lists";\n'
        "export default app().use(extensions.dataCollections({ id, name, collections: list }));\n"
    )
    (tmp_path / "src").mkdir()
    (tmp_path / "src/lists.ts").write_text("export const list = [];\n")
    (tmp_path / "src/extensions.ts").write_text(chain)
    made = declaration(tmp_path, read_app(tmp_path), ID, "@wix/astro/builders")
    assert made.path == "src/lists.ts"
    assert made.content is not None
    assert made.content.decode() == (
        f'import handledEventsCollection from "./{COLLECTION.removeprefix("src/")}";\n\n'
        "export const list = [handledEventsCollection];\n"
    )
    # A file that imported itself would stop the build.
    assert made.registration is None


@pytest.mark.parametrize(
    "collections", ["Object.values(all)", "all.filter(Boolean)", "process.env.X ? [] : []"]
)
def test_lines_to_add_are_said_where_the_list_is_not_written_out(tmp_path: Path, collections: str) -> None:
    with pytest.raises(UserError) as caught:
        add(tmp_path, declared(collections).encode())
    assert str(caught.value) == (
        f"{PATH}:3: its list of collections is not written out, so nothing was changed there.\nAdd these lines by hand:\n"
        f"  {IMPORT}  handledEventsCollection, // in the list of the app's collections"
    )


@pytest.mark.parametrize(
    ("collections", "place"),
    [("[{ idSuffix: 'handled-events' }]", f"{PATH}:7"), ("[a, own, ...all]", "src/own.ts:2")],
)
def test_a_collection_of_the_same_name_is_the_users(tmp_path: Path, collections: str, place: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/own.ts").write_text('export default {\n  idSuffix: "handled-events",\n} satisfies C;\n')
    with pytest.raises(UserError, match=f"idempotent: {place}: "):
        add(tmp_path, declared(collections, 'import own from "../../../own";\n').encode())


@pytest.mark.parametrize("path", [PATH, "src/shop/data.extension.ts"])
def test_a_list_that_the_user_left_unregistered_is_not_switched_on(tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    for collections in ("[a]", "Object.values(all)"):
        (tmp_path / path).write_text(declared(collections))
        with pytest.raises(UserError, match=f"^idempotent: {path}:3: .* not registered in src/extensions.ts"):
            declaration(tmp_path, read_app(tmp_path), ID, "@wix/astro/builders")


def test_a_list_of_ours_that_lost_its_registration_gets_it_back(tmp_path: Path) -> None:
    for path, collections in ((PATH, "[handledEventsCollection]"), ("src/a.extension.ts", "[a]")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(declared(collections, IMPORT if path == PATH else ""))
    (tmp_path / f"{COLLECTION}.ts").write_text("export default {};\n")
    made = declaration(tmp_path, read_app(tmp_path), ID, "@wix/astro/builders")
    assert made.content is None
    assert made.registration is not None
    assert made.registration.module == EXTENSION


def test_a_file_without_a_call_is_not_written_over(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"in it can be read. Correct it"):
        add(tmp_path, b"export default extensions.dataCollections({ collections: [ });\n")


def test_a_collection_that_is_used_anyhow_is_left_alone(tmp_path: Path) -> None:
    source = declared("[...all, handledEventsCollection].filter(Boolean)", IMPORT).encode()
    assert add(tmp_path, source) == source
    (tmp_path / PATH).with_name("all.ts").write_text(
        'export { default as handled } from "./handled-events";\n'
    )
    for collections in ("Object.values(all)", "[...Object.values(all)]"):
        source = declared(collections, 'import * as all from "./all";\n').encode()
        assert add(tmp_path, source) == source


def test_a_new_file_has_the_collection(tmp_path: Path) -> None:
    made = declaration(tmp_path, read_app(tmp_path), ID, "@wix/astro/builders")
    assert made.content == new_file(ID, "@wix/astro/builders")
    assert made.registration is not None
    assert (made.path, made.registration.module, made.registration.export) == (PATH, EXTENSION, EXPORT)
    assert add(tmp_path, made.content) == made.content
    assert new_file(ID, "@wix/astro/builders", ".js").count(b'"./handled-events.js"') == 1


@pytest.mark.slow
def test_files_that_prettier_leaves_alone_are_left_alone_after(tmp_path: Path) -> None:
    install_sdk()
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
    for number, (source, _) in enumerate(ADDED.values()):
        (before / f"{number}.ts").write_text(source)
    prettier = [
        str(SDK / "node_modules/.bin/prettier"),
        "--no-config",
        "--no-editorconfig",
        "--log-level",
        "warn",
    ]
    subprocess.run([*prettier, "--write", str(before)], check=True, stdout=subprocess.DEVNULL)
    for path in before.iterdir():
        (after / path.name).write_bytes(add(tmp_path, path.read_bytes()))
    (after / "new.ts").write_bytes(new_file(ID, "@wix/astro/builders"))
    process = subprocess.run(
        [*prettier, "--check", str(after)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout
