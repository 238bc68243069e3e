"""The collection of handled events in the app's one `extensions.dataCollections(…)`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from wix import SDK, install_sdk
from wix_events.collections import COLLECTION, EXTENSION, CollectionError, add_collection, new_file

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


@pytest.mark.parametrize(("before", "after"), ADDED.values(), ids=ADDED)
def test_the_collection_is_added_to_the_list_in_place(before: str, after: str) -> None:
    for newline in ("\n", "\r\n"):
        source, wanted = (text.replace("\n", newline).encode() for text in (before, after))
        assert add_collection(source, PATH).decode() == wanted.decode()
        assert add_collection(wanted, PATH) == wanted


def test_the_file_may_be_any_of_the_app() -> None:
    chain = f"{HEAD}export default app().use(extensions.dataCollections({{ collections: [] }}));\n"
    added = add_collection(chain.encode(), "src/extensions.ts").decode()
    assert f'\nimport handledEventsCollection from "./{COLLECTION.removeprefix("src/")}";\n' in added
    assert add_collection(added.encode(), "src/extensions.ts").decode() == added


LEFT = {
    "does not parse": (HEAD + "extensions.dataCollections({ collections: [ });\n", 2),
    "no call": (HEAD + "export default collections;\n", 1),
    "no list": (HEAD + "\nextensions.dataCollections({ id });\n", 3),
    "list of another file": (declared("collections", 'import { collections } from "./all";\n'), 7),
    "computed": (declared("Object.values(all)"), 6),
}


@pytest.mark.parametrize(("source", "line"), LEFT.values(), ids=LEFT)
def test_lines_to_add_are_said_where_the_list_is_not_written_out(source: str, line: int) -> None:
    with pytest.raises(CollectionError) as caught:
        add_collection(source.encode(), PATH)
    assert caught.value.line == line
    assert caught.value.by_hand == [
        IMPORT.strip(),
        "handledEventsCollection, // in the list of the app's collections",
    ]


def test_a_collection_that_is_used_anyhow_is_left_alone() -> None:
    source = declared("[...all, handledEventsCollection].filter(Boolean)", IMPORT).encode()
    assert add_collection(source, PATH) == source


def test_a_new_file_has_the_collection() -> None:
    source = new_file(ID, "@wix/astro/builders")
    assert add_collection(source, PATH) == source
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
        (after / path.name).write_bytes(add_collection(path.read_bytes(), PATH))
    (after / "new.ts").write_bytes(new_file(ID, "@wix/astro/builders"))
    process = subprocess.run(
        [*prettier, "--check", str(after)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout
