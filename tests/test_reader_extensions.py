"""Which extensions an app has, and what their builders say."""

from __future__ import annotations

from pathlib import Path

import pytest
from reader_apps import (
    BUILDER,
    HANDLER,
    ID,
    IMPORT,
    OPTIONS,
    OTHER_BUILDER,
    OTHER_HANDLER,
    Files,
    one_extension,
    read,
)
from wix_events import reader


def test_extension_is_described_in_full(tmp_path: Path) -> None:
    files: Files = {
        "src/extensions.ts": 'import { app } from "@wix/astro/builders";\n'
        'import { eventContactCreated } from "./backend/events/contact-created/contact-created.extension";\n\n'
        "export default app().use(eventContactCreated);\n",
        "src/backend/events/contact-created/contact-created.extension.ts": f"{IMPORT}\n/**\n * Contact Created.\n"
        f' */\nexport const eventContactCreated = extensions.event({{\n  id: "{ID}",\n'
        '  source: "./backend/events/contact-created/contact-created.ts",\n});\n',
        "src/backend/events/contact-created/contact-created.ts": HANDLER,
    }
    folder = "src/backend/events/contact-created"
    assert one_extension(read(tmp_path, files)) == reader.FoundExtension(
        kind="event",
        builder=f"{folder}/contact-created.extension.ts",
        line=6,
        export="eventContactCreated",
        id=ID,
        id_line=7,
        registered=True,
        source="./backend/events/contact-created/contact-created.ts",
        handler=f"{folder}/contact-created.ts",
        event="crm.contacts.onContactCreated",
        event_package="@wix/crm",
        listener_file=f"{folder}/contact-created.ts",
        handler_line=3,
    )


def test_layout_of_wix_generate_is_read(tmp_path: Path) -> None:
    folder = "src/extensions/backend/events/my-folder"
    files: Files = {
        "src/extensions.ts": "import { app } from '@wix/astro/builders';\n"
        f"import contactCreated from './{folder[4:]}/event.extension.ts';\n\nexport default app()\n  .use(contactCreated)",
        f"{folder}/event.extension.ts": "import { extensions } from '@wix/astro/builders';\nexport default extensions.event("
        f"{{\n  id: '{ID}',\n  source: './{folder[4:]}/event.ts',\n}});\n",
        f"{folder}/event.ts": HANDLER,
    }
    found = one_extension(read(tmp_path, files))
    assert (found.builder, found.export, found.registered) == (
        f"{folder}/event.extension.ts",
        "default",
        True,
    )
    assert (found.id, found.event) == (ID, "crm.contacts.onContactCreated")


@pytest.mark.parametrize(
    ("builder", "export"),
    [
        (BUILDER, "default"),
        (f"{IMPORT}export const named = extensions.event({OPTIONS});", "named"),
        (f"{IMPORT}const x = extensions.event({OPTIONS});\nexport default x;", "default"),
        (f"{IMPORT}const x = extensions.event({OPTIONS});\nexport {{ x as default }};", "default"),
        (f"{IMPORT}const x = extensions.event({OPTIONS});\nexport {{ x }};", "x"),
        (f"{IMPORT}const x = extensions.event({OPTIONS});", None),
        (f"{IMPORT}export default [extensions.event({OPTIONS})];", None),
        (f'import {{ extensions as e }} from "@wix/astro/builders";\nexport default e.event({OPTIONS});', "default"),
        (f'import * as b from "@wix/astro/builders";\nexport default b.extensions.event({OPTIONS});', "default"),
        (f'import {{ extensions }} from "@wix/custom-extensions";\nexport default extensions.event({OPTIONS});', "default"),
        (f"{IMPORT}const {{ event }} = extensions;\nexport default event({OPTIONS});", "default"),
        (f"{IMPORT}const {{ event: make }} = extensions;\nexport default make({OPTIONS});", "default"),
        (f"{IMPORT}const options = {OPTIONS} as const;\nexport default extensions.event(options);", "default"),
        (f'{IMPORT}const id = "{ID}", source = "./h";\nexport default extensions.event({{ id, source }});', "default"),
        (f'{IMPORT}const b = {OPTIONS};\nexport default extensions.event({{ id: "no", ...b }});', "default"),
        (f"{IMPORT}const ids = {{ a: '{ID}' }};\nexport default extensions.event({{ id: ids.a, source: 'h' }});", "default"),
        (f"{IMPORT}export default extensions.event({{ 'id': `{ID}`, \"source\": './h.js' }});", "default"),
        (f"{IMPORT}export default extensions.event({OPTIONS} satisfies object) as unknown;", "default"),
        (f"{IMPORT}export default (extensions as any)['event'](/* id: 'x' */ <any>{OPTIONS});", "default"),
        (f"// x\r\n{IMPORT}export default extensions // y\r\n  /* z */ .event({{ // id: 'no'\r\n  ...{OPTIONS} }});", "default"),
        (f"\ufeff// @ts-nocheck\n{BUILDER}", "default"),
        (f"{IMPORT}// extensions.event({{ id: 'no' }})\nconst s = `extensions.event({{}})`;\nexport const y = extensions.event({OPTIONS})", "y"),
    ],
)  # fmt: skip
def test_every_style_of_builder_is_read(tmp_path: Path, builder: str, export: str | None) -> None:
    found = one_extension(read(tmp_path, {"src/x.extension.ts": builder, "src/h.ts": HANDLER}))
    assert (found.kind, found.id, found.export, found.registered) == ("event", ID, export, False)
    assert (found.handler, found.event) == ("src/h.ts", "crm.contacts.onContactCreated")


@pytest.mark.parametrize("suffix", ["ts", "tsx", "mts", "js", "jsx", "mjs"])
def test_unregistered_builders_are_found_on_disk(tmp_path: Path, suffix: str) -> None:
    files: Files = {
        f"src/deep/er/a b.extension.{suffix}": BUILDER,
        "src/h.ts": HANDLER,
        "src/x.ts": OTHER_BUILDER,
    }
    found = one_extension(read(tmp_path, files))
    assert (found.builder, found.registered) == (f"src/deep/er/a b.extension.{suffix}", False)


@pytest.mark.parametrize(
    "text",
    [
        "// extensions.event({ id: 'a' })\n",
        f"{IMPORT}const text = \"extensions.event({{ id: 'a' }})\";\n",
        f"import {{ extensions }} from 'vscode';\nexport default extensions.event({OPTIONS});\n",
        f"const extensions = {{ event: String }};\nexport default extensions.event({OPTIONS});\n",
        f"{IMPORT}export default extensions.event;\n",
        f'import {{ bundlers }} from "@wix/astro/builders";\nexport default bundlers.event({OPTIONS}); // no extensions\n',
        "",
    ],
)
def test_what_only_looks_like_an_extension_is_none(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, {"src/x.extension.ts": text}).extensions == ()


def test_extensions_of_other_kinds_have_an_id_and_no_event(tmp_path: Path) -> None:
    page = f'{IMPORT}export default extensions.dashboardPage({{ id: "{ID}", component: "./gone.tsx" }});\n'
    found = one_extension(read(tmp_path, {"src/x.extension.ts": page}))
    assert (found.kind, found.id, found.event) == ("dashboardPage", ID, None)


def test_event_written_as_a_generic_extension_is_followed(tmp_path: Path) -> None:
    builder = (
        'import { bundlers, extensions } from "@wix/astro/builders";\nexport default extensions.genericExtension({\n'
        f'  compId: "{ID}", compType: "WEBHOOK", compData: {{ webhook: bundlers.event({OPTIONS}) }} }});\n'
    )
    found = one_extension(read(tmp_path, {"src/x.extension.ts": builder, "src/h.ts": HANDLER}))
    assert (found.kind, found.id, found.event) == ("genericExtension", ID, "crm.contacts.onContactCreated")


@pytest.mark.parametrize("value", ["crypto.randomUUID()", "`${a}`", "'\\x41'", "process.env.ID", "7"])
def test_id_that_is_no_plain_string_is_located_only(tmp_path: Path, value: str) -> None:
    builder = f"{IMPORT}export default extensions.event({{\n  source: './h.ts',\n  id: {value},\n}});\n"
    found = one_extension(read(tmp_path, {"src/x.extension.ts": builder, "src/h.ts": HANDLER}))
    assert (found.id, found.id_line, found.line) == (None, 4, 2)


def test_files_with_jsx_are_read(tmp_path: Path) -> None:
    files: Files = {"src/x.extension.tsx": f"{BUILDER}export const view = <p>a's</p>;\n", "src/h.ts": HANDLER}
    assert one_extension(read(tmp_path, files)).id == ID


def test_id_in_another_file_is_placed_at_the_call(tmp_path: Path) -> None:
    builder = f'import {{ options }} from "./options";\n{IMPORT}\nexport default extensions.event(options);\n'
    files: Files = {
        "src/x.extension.ts": builder,
        "src/options.ts": f"export const options = {OPTIONS};\n",
        "src/h.ts": HANDLER,
    }
    found = one_extension(read(tmp_path, files))
    assert (found.id, found.line, found.id_line) == (ID, 4, 4)


def test_extensions_come_in_order_of_file_and_line(tmp_path: Path) -> None:
    two = f"{BUILDER}{OTHER_BUILDER.replace(IMPORT, '')}"
    names = ["src/b.extension.ts", "src/a/x.extension.ts", "src/a.extension.ts"]
    files: Files = {**dict.fromkeys(names, two), "src/h.ts": HANDLER, "src/other.ts": OTHER_HANDLER}
    found = read(tmp_path, files).extensions
    assert [(extension.builder, extension.line) for extension in found] == [
        (name, line) for name in sorted(names) for line in (2, 3)
    ]


@pytest.mark.parametrize(
    ("builder", "more", "file", "code"),
    [
        (f"{IMPORT}export default extensions.dataCollections({{ id, collections: [a, b] }});", {}, "src/x.extension.ts", "[a, b]"),
        (f"{IMPORT}const all = [a] satisfies C[];\nexport default extensions.dataCollections({{ collections: all }});", {}, "src/x.extension.ts", "[a]"),
        (f'{IMPORT}import {{ collections }} from "./list";\nexport default extensions.dataCollections({{ id, collections }});',
            {"src/list.ts": "export const collections = [\n  {},\n];"}, "src/list.ts", "[\n  {},\n]"),
        (f"{IMPORT}export default extensions.dataCollections({{ collections: make() }});", {}, None, None),
        (f"{IMPORT}export default extensions.dataCollections();", {}, None, None),
    ],
)  # fmt: skip
def test_list_of_collections_is_placed(
    tmp_path: Path, builder: str, more: Files, file: str | None, code: str | None
) -> None:
    found = one_extension(read(tmp_path, {"src/x.extension.ts": builder, **more}))
    assert found.kind == "dataCollections"
    place = found.collections
    assert (place.file if place else None) == file
    assert place is None or (tmp_path / place.file).read_text()[place.start : place.end] == code


def test_every_collections_extension_is_seen(tmp_path: Path) -> None:
    inline = (
        'import { app, extensions } from "@wix/astro/builders";\n\n'
        'export default app().use(extensions.dataCollections({ id: "1", collections: [] }));\n'
    )
    other = f'{IMPORT}export default extensions.dataCollections({{ id: "2", collections: [] }});\n'
    found = read(tmp_path, {"src/extensions.ts": inline, "src/any.extension.ts": other}).extensions
    assert [(each.kind, each.builder, each.line, each.registered) for each in found] == [
        ("dataCollections", "src/any.extension.ts", 2, False),
        ("dataCollections", "src/extensions.ts", 3, True),
    ]
