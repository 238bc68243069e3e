"""The reader of an app's own TypeScript."""

# The tables hold one shape of code a line, however long.

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wix import new_app, webhooks, wix_build
from wix_events import reader

ID = "0d5e2c1a-7b4f-4c3d-9e21-6a8f5b3c1d20"
OTHER_ID = "f2d8a7be-93c1-4e60-8b7a-1c2d3e4f5a6b"
IMPORT = 'import { extensions } from "@wix/astro/builders";\n'
HANDLER = """\
import { contacts } from "@wix/crm";

export default contacts.onContactCreated(async (event) => {
  console.log(event.entity._id);
});
"""
OTHER_HANDLER = 'import { orders } from "@wix/ecom";\nexport default orders.onOrderCreated(() => {});\n'
OPTIONS = f'{{ id: "{ID}", source: "./h.ts" }}'
BUILDER = f"{IMPORT}export default extensions.event({OPTIONS});\n"
OTHER_BUILDER = (
    f'{IMPORT}export const second = extensions.event({{ id: "{OTHER_ID}", source: "./other.ts" }});\n'
)
CHAIN = 'import { app } from "@wix/astro/builders";\nimport x from "./x.extension";\nexport default app().use(x);\n'

Files = dict[str, str | bytes]


def write(root: Path, files: Files) -> Path:
    """Write files into an app, and return its root."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def read(root: Path, files: Files) -> reader.App:
    """Write files into an app and read it."""
    return reader.read_app(write(root, files))


def one_extension(app: reader.App) -> reader.FoundExtension:
    """Return the only extension of an app that has no problem."""
    assert app.problems == ()
    (extension,) = app.extensions
    return extension


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
        handler_missing=False,
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
    "folder", ["src/node_modules", "src/a/dist", "src/.wix", "src/.astro", "src/.git", "out"]
)
def test_folders_that_hold_no_code_of_the_app_are_skipped(tmp_path: Path, folder: str) -> None:
    assert read(tmp_path, {f"{folder}/x.extension.ts": BUILDER, "src/a.ts": ""}) == reader.App()


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
    assert (found.kind, found.id, found.event, found.handler_missing) == ("dashboardPage", ID, None, False)


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


# What src/extensions.ts registers. ./x.extension default-exports ID, ./y.extension exports `second` with OTHER_ID.
X, Y = 'import x from "./x.extension";\n', 'import { second } from "./y.extension";\n'
APP = 'import { app } from "@wix/astro/builders";\n'
BOTH, NONE = {ID, OTHER_ID}, set[str]()
BARREL: Files = {
    "src/all/index.ts": 'export { default as x } from "../x.extension";\nexport * from "../y.extension";\n'
}
TSCONFIG = '{ // c\n "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["./src/*"], /* d */ }, },\n}'


@pytest.mark.parametrize(
    ("text", "registered", "more"),
    [
        (f"{APP}{X}{Y}export default app()\n  .use(x)\n  .use(second);", BOTH, {}),
        (f"{APP}{X}{Y}export default app().use(x).use(second)", BOTH, {}),
        (f"{APP}{X}{Y}export default app()\n.use(x).use(second)", BOTH, {}),
        (f"{APP}{X}{Y}export default app();", NONE, {}),
        (f"{APP}{X}{Y}export default app() // .use(x)\n  /* .use(x) */\n  .use(second)", {OTHER_ID}, {}),
        (f'{APP}// {X}{Y}const s = ".use(x)";\nexport default app().use(second);', {OTHER_ID}, {}),
        (f"\ufeff{APP}{X}{Y}".replace("\n", "\r\n") + "export default app().use(x);", {ID}, {}),
        (f"{APP}{X}const builder = app();\nbuilder.use(x);\nexport default builder;", {ID}, {}),
        (f"{APP}{X}const builder = app().use(x);\nif (import.meta.env.DEV) {{ void 0; }}\nexport default builder;", {ID}, {}),
        (f'import {{ app as make }} from "@wix/custom-extensions";\n{X}export default make().use(x);', {ID}, {}),
        (f"{X}{Y}export default {{\n  extensions: [x, second,],\n}};", BOTH, {}),
        (f"{X}{Y}const extensions = [x, second];\nexport default {{ extensions }};", BOTH, {}),
        (f"{X}{Y}const unused = [x];\nexport default {{ extensions: [...[second]] }} as const;", {OTHER_ID}, {}),
        (f"{APP}{X}{Y}const all = [x, second];\nconst a = app();\nall.forEach((e) => a.use(e));\nexport default a;", BOTH, {}),
        (f"{APP}{X}{Y}export default [x, second].reduce((a, e) => a.use(e), app());", BOTH, {}),
        (f"{APP}{X}function add(a: any) {{ return a.use(x); }}\nexport default add(app());", {ID}, {}),
        (f'{APP}import * as all from "./all";\nconst a = app();\nObject.values(all).forEach((e) => a.use(e));\nexport default a;', BOTH, BARREL),
        (f'{APP}import * as all from "./all";\nconst a = app();\nfor (const e of Object.values(all)) a.use(e);\nexport default a;', BOTH, BARREL),
        (f'{APP}import * as all from "./all/index.js";\nexport default app().use(all.x);', {ID}, BARREL),
        (f'{APP}import {{ x as y, second as z }} from "./all";\nexport default app().use(y).use(z);', BOTH, BARREL),
        (f'{APP}import x from "./x.extension.ts";\nimport {{ second }} from "./y.extension.js";\nexport default app().use(x).use(second);', BOTH, {}),
        (f'{APP}import x from "@/x.extension";\nimport {{ second }} from "src/y.extension";\nexport default app().use(x).use(second);', BOTH, {"tsconfig.json": TSCONFIG}),
        (f'{APP}import list from "./list";\nexport default app().use(list[0]);\nlist.forEach(String);', BOTH, {"src/list.ts": f"{X}{Y}export default [x, second];"}),
        (f'{APP}{X}import {{ type T, type default as D }} from "./x.extension";\nexport default app().use(x);', {ID}, {}),
        (f'{APP}{X}import data from "./data.json";\nimport css from "./a.css?inline";\nexport default app().use(x);\nvoid data;', {ID}, {"src/data.json": "{,}", "src/a.css?inline": "a {"}),
        (f'{X}export {{ default }} from "./main";', {ID}, {"src/main.ts": f"{APP}{X}export default app().use(x);"}),
        (f"{APP}{X}export default app().use(x as any).use(import.meta.env.DEV ? undefined : x);", {ID}, {}),
    ],
)  # fmt: skip
def test_every_style_of_registration_is_read(
    tmp_path: Path, text: str, registered: set[str], more: Files
) -> None:
    files: Files = {
        "src/extensions.ts": text,
        "src/x.extension.ts": BUILDER,
        "src/y.extension.ts": OTHER_BUILDER,
        "src/h.ts": HANDLER,
        "src/other.ts": OTHER_HANDLER,
    }
    app = read(tmp_path, files | more)
    assert app.problems == ()
    assert {extension.id for extension in app.extensions} == BOTH
    assert {extension.id for extension in app.extensions if extension.registered} == registered


@pytest.mark.parametrize(
    "tail",
    [
        f"export default app().use(extensions.event({OPTIONS}));",
        f"export default {{ extensions: [extensions.event({OPTIONS})] }};",
        f"const a = app();\na.use(extensions.event({OPTIONS}));\nexport default a;",
    ],
)
def test_builder_inside_the_chain_is_read(tmp_path: Path, tail: str) -> None:
    text = f'import {{ app, extensions }} from "@wix/astro/builders";\n{tail}\n'
    found = one_extension(read(tmp_path, {"src/extensions.ts": text, "src/h.ts": HANDLER}))
    assert (found.builder, found.export, found.id, found.registered) == ("src/extensions.ts", None, ID, True)
    assert found.event == "crm.contacts.onContactCreated"


def test_imported_builder_that_is_not_used_is_unregistered(tmp_path: Path) -> None:
    files: Files = {
        "src/extensions.ts": f'{APP}import x from "./odd-name";\nexport default app();\n',
        "src/odd-name.ts": BUILDER,
        "src/h.ts": HANDLER,
    }
    found = one_extension(read(tmp_path, files))
    assert (found.builder, found.registered) == ("src/odd-name.ts", False)


CRM = 'import { contacts } from "@wix/crm";\n'
CREATED = "contacts.onContactCreated(async (event) => {})"
KEY = "crm.contacts.onContactCreated"
DEEP: Files = {"src/lib/deep.ts": HANDLER}
WRAPPER: Files = {"src/log.ts": "export const log = <T,>(x: T): T => { console.log(x); return x; };\n"}


@pytest.mark.parametrize(
    ("handler", "event", "place", "more"),
    [
        (HANDLER, KEY, "src/h.ts:3", {}),
        (f"{CRM}export default (contacts as any).onContactCreated(async (event: any) => {{}})", KEY, "src/h.ts:2", {}),
        (f"{CRM}export default (<any>contacts).onContactCreated(() => {{}})", KEY, "src/h.ts:2", {}),
        (f"{CRM}export default contacts!['onContactCreated'](() => {{}});", KEY, "src/h.ts:2", {}),
        (f"{CRM}export default ({CREATED}) satisfies unknown;", KEY, "src/h.ts:2", {}),
        (f"{CRM}export default (/* one */ {CREATED} /* two */);", KEY, "src/h.ts:2", {}),
        (f"{CRM}// export default contacts.onContactDeleted(() => {{}});\n\nexport default {CREATED};", KEY, "src/h.ts:4", {}),
        (f"{CRM}/*\nexport default contacts.onContactDeleted(() => {{}});\n*/\nexport default {CREATED};", KEY, "src/h.ts:5", {}),
        (f"{CRM}const h = {CREATED};\nexport default h;", KEY, "src/h.ts:2", {}),
        (f"{CRM}export const h = {CREATED};\nexport {{ h as default }};", KEY, "src/h.ts:2", {}),
        ('export { default } from "./lib/deep";', KEY, "src/lib/deep.ts:3", DEEP),
        ('import h from "./lib/deep.js";\nexport default h;', KEY, "src/lib/deep.ts:3", DEEP),
        ('import * as all from "./lib/deep";\nexport default all.default;', KEY, "src/lib/deep.ts:3", DEEP),
        ('export { created as default } from "./lib";', KEY, "src/lib/a.ts:2", {
            "src/lib/index.ts": "export * from './b';\nexport * from './a';", "src/lib/b.ts": "export * from './index';",
            "src/lib/a.ts": f"{CRM}export const created = {CREATED};"}),
        ('import { contacts as c } from "@wix/crm";\nexport default c.onContactCreated(() => {});', KEY, "src/h.ts:2", {}),
        ('import * as crm from "@wix/crm";\nexport default crm.contacts.onContactCreated(() => {});', KEY, "src/h.ts:2", {}),
        ('import crm from "@wix/crm";\nexport default crm.contacts.onContactCreated(() => {});', KEY, "src/h.ts:2", {}),
        (f"{CRM}const {{ onContactCreated }} = contacts;\nexport default onContactCreated(() => {{}});", KEY, "src/h.ts:3", {}),
        ('import { contacts } from "./sdk";\nexport default contacts.onContactCreated(() => {});', KEY, "src/h.ts:2",
            {"src/sdk.ts": 'export * from "@wix/crm";\nexport const other = 1;'}),
        (f'{CRM}import {{ log }} from "./log";\nexport default log({CREATED});', KEY, "src/h.ts:3", WRAPPER),
        (f'{CRM}import {{ log }} from "./log";\nconst h = {CREATED};\nexport default log(h, {{ x: 1 }});', KEY, "src/h.ts:3", WRAPPER),
        (f"{CRM}const log = (h: any) => {{ contacts.onContactDeleted(h); return h; }};\nexport default log({CREATED});", KEY, "src/h.ts:3", {}),
        (f"{CRM}function make() {{ return {CREATED}; }}\nexport default make();", KEY, "src/h.ts:2", {}),
        (f"{CRM}export default {CREATED};\nexport const other = contacts.onContactDeleted(() => {{}});", KEY, "src/h.ts:2", {}),
        ('import { ns } from "@acme/sdk";\nexport default ns.onThing(() => {});', "@acme/sdk.ns.onThing", "src/h.ts:2", {}),
        ('import { ns } from "acme/sub";\nexport default ns.onThing(() => {});', "acme.ns.onThing", "src/h.ts:2", {}),
        (HANDLER.replace("\n", "\r\n"), KEY, "src/h.ts:3", {}),
        ("\ufeff" + HANDLER, KEY, "src/h.ts:3", {}),
    ],
)  # fmt: skip
def test_every_style_of_handler_is_followed(
    tmp_path: Path, handler: str, event: str, place: str, more: Files
) -> None:
    files: Files = {"src/x.extension.ts": BUILDER, "src/h.ts": handler}
    found = one_extension(read(tmp_path, files | more))
    assert (found.event, f"{found.listener_file}:{found.handler_line}") == (event, place)
    assert found.handler == "src/h.ts"
    assert found.event_package == {"c": "@wix/crm", "@": "@acme/sdk", "a": "acme"}[event[0]]


@pytest.mark.parametrize(
    ("source", "handler"),
    [
        ("./h.ts", "src/h.ts"),
        ("./h", "src/h.ts"),
        ("./h.js", "src/h.ts"),
        ("h.ts", "src/h.ts"),
        ("/h.ts", "src/h.ts"),
        ("./a/../h.ts", "src/h.ts"),
        ("./h.mjs", "src/h.mjs"),
        ("./folder", "src/folder/index.ts"),
        ("../lib/h.ts", "lib/h.ts"),
        ("./view", "src/view.tsx"),
    ],
)
def test_source_is_found_as_the_build_finds_it(tmp_path: Path, source: str, handler: str) -> None:
    builder = f'{IMPORT}export default extensions.event({{ id: "{ID}", source: "{source}" }});\n'
    names = ["src/h.ts", "src/h.mjs", "src/folder/index.ts", "lib/h.ts", "src/view.tsx"]
    found = one_extension(read(tmp_path, {"src/x.extension.ts": builder, **dict.fromkeys(names, HANDLER)}))
    assert (found.source, found.handler, found.event) == (source, handler, KEY)


def chain(*uses: str, imports: str = "") -> str:
    """Return the text of a src/extensions.ts."""
    return f"{APP}{imports}export default app(){''.join(f'{chr(10)}  .use({use})' for use in uses)};\n"


@pytest.mark.parametrize(
    ("files", "place", "says"),
    [
        ({"src/extensions.ts": chain("x", imports='import x from "./gone";\n')}, "src/extensions.ts:2", '"./gone", which is not there'),
        ({"src/extensions.ts": chain("x", imports='import x from "@/gone";\n'), "tsconfig.json": TSCONFIG}, "src/extensions.ts:2", "@/gone"),
        ({"src/extensions.ts": chain("b.x", imports='import * as b from "./b";\n'), "src/b.ts": '\nexport * from "./gone";'}, "src/b.ts:2", "./gone"),
        ({"src/extensions.ts": chain("y", imports='import { y } from "./x.extension";\n')}, "src/extensions.ts:2", "Imports y from src/x.extension.ts"),
        ({"src/extensions.ts": chain("gone")}, "src/extensions.ts:3", "Registers gone, which nothing here imports"),
        ({"src/extensions.ts": chain("x", "x", imports=X)}, "src/extensions.ts:5", "Registers x again"),
        ({"src/extensions.ts": f"{X}export const extensions = [x];\n"}, "src/extensions.ts:1", "no default export"),
        ({"src/extensions.ts": f"{APP}{X}\n\nexport default app(.use(x);\n"}, "src/extensions.ts:5", "Does not parse"),
        ({"src/extensions.ts": b"// a\n// \xff\n" + CHAIN.encode()}, "src/extensions.ts:2", "not UTF-8"),
        ({"src/x.extension.ts": BUILDER.encode() + b"\n// \xe9t\xe9\n"}, "src/x.extension.ts:4", "not UTF-8"),
        ({"src/x.extension.ts": BUILDER.encode("utf-16")}, "src/x.extension.ts:1", "not UTF-8"),
        ({"src/not-imported.extension.ts": BUILDER.encode("utf-16")}, "src/not-imported.extension.ts:1", "not UTF-8"),
        ({"src/x.extension.ts": f"{IMPORT}\nexport default extensions.event({OPTIONS}\n"}, "src/x.extension.ts:3", "Does not parse"),
        ({"src/x.extension.ts": BUILDER.replace("h.ts", "gone.ts")}, "src/x.extension.ts:2", '"./gone.ts" is not below src/'),
        ({"src/x.extension.ts": BUILDER.replace("h.ts", "../../h.ts")}, "src/x.extension.ts:2", "is not below src/"),
        ({"src/x.extension.ts": BUILDER.replace('"./h.ts"', "file()")}, "src/x.extension.ts:2", "source is not a plain string"),
        ({"src/x.extension.ts": f"{IMPORT}\nexport default extensions.event(options());\n"}, "src/x.extension.ts:3", "source is not a plain string"),
        ({"src/h.ts": CRM}, "src/h.ts:1", "no default export"),
        ({"src/h.ts": ""}, "src/h.ts:1", "no default export"),
        ({"src/h.ts": "// export default contacts.onContactCreated(() => {});\n"}, "src/h.ts:1", "no default export"),
        ({"src/h.ts": f"{CRM}export const h = {CREATED};\n"}, "src/h.ts:1", "no default export"),
        ({"src/h.ts": f"{CRM}\nexport default async function handler() {{}}\n"}, "src/h.ts:3", "no listener call that can be seen"),
        ({"src/h.ts": f"{CRM}\nexport default contacts.onContactCreated;\n"}, "src/h.ts:3", "no listener call that can be seen"),
        ({"src/h.ts": 'import { onContactCreated } from "@wix/crm/events";\nexport default onContactCreated(() => {});\n'}, "src/h.ts:2", "no listener call"),
        ({"src/h.ts": '\nexport { default } from "./gone";\n'}, "src/h.ts:2", "no listener call that can be seen"),
        ({"src/h.ts": f"{CRM}export default [{CREATED}, contacts.onContactDeleted(() => {{}})];\n"}, "src/h.ts:2",
            "several listeners (crm.contacts.onContactCreated, crm.contacts.onContactDeleted)"),
        ({"src/h.ts": b"\n\xc3\x28"}, "src/h.ts:2", "not UTF-8"),
        ({"src/h.ts": f"{CRM}export default {CREATED};\n\n}}}}\n"}, "src/h.ts:4", "Does not parse"),
    ],
)  # fmt: skip
def test_fault_is_named_with_its_place(tmp_path: Path, files: Files, place: str, says: str) -> None:
    healthy: Files = {"src/extensions.ts": CHAIN, "src/x.extension.ts": BUILDER, "src/h.ts": HANDLER}
    assert read(tmp_path, healthy).problems == ()
    (problem,) = read(tmp_path, files).problems
    assert f"{problem.file}:{problem.line}" == place
    assert says in problem.text


def test_missing_handler_is_told_from_one_that_cannot_be_read(tmp_path: Path) -> None:
    files: Files = {
        "src/x.extension.ts": BUILDER,
        "src/y.extension.ts": OTHER_BUILDER,
        "src/other.ts": "oops",
    }
    missing, broken = read(tmp_path, files).extensions
    assert (missing.handler, missing.handler_missing) == (None, True)
    assert (broken.handler, broken.handler_missing, broken.event) == ("src/other.ts", False, None)


def test_extensions_of_a_broken_file_are_still_found(tmp_path: Path) -> None:
    files: Files = {
        "src/extensions.ts": f"xzimport {{ a }} from 'b'\n{CHAIN}",
        "src/x.extension.ts": BUILDER,
        "src/h.ts": HANDLER,
    }
    app = read(tmp_path, files)
    assert [problem.file for problem in app.problems] == ["src/extensions.ts"]
    assert [(extension.id, extension.registered) for extension in app.extensions] == [(ID, True)]


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


def test_single_builder_is_read_by_its_path(tmp_path: Path) -> None:
    write(tmp_path, {"src/any name.ts": BUILDER, "src/h.ts": HANDLER})
    (found,) = reader.read_builder(tmp_path, "src/any name.ts")
    assert (found.id, found.export) == (ID, "default")
    assert reader.read_builder(tmp_path, "src/gone.ts") == ()


@pytest.mark.parametrize("target", ["src", "src/extensions.ts", "src/x.extension.ts", "src/h.ts"])
def test_links_that_leave_the_app_are_not_followed(tmp_path: Path, target: str) -> None:
    outside = write(
        tmp_path / "outside", {"src/extensions.ts": CHAIN, "src/x.extension.ts": BUILDER, "src/h.ts": HANDLER}
    )
    app = write(
        tmp_path / "app", {"src/extensions.ts": CHAIN, "src/x.extension.ts": BUILDER, "src/h.ts": HANDLER}
    )
    assert len(reader.read_app(app).extensions) == 1
    (app / target).rename(tmp_path / "away")
    (app / target).symlink_to(outside / target)
    found = reader.read_app(app)
    assert [problem.file for problem in found.problems] == [
        {"src/x.extension.ts": "src/extensions.ts", "src/h.ts": "src/x.extension.ts"}.get(target, target)
    ]
    assert [extension.event for extension in found.extensions] == {
        "src": [],
        "src/extensions.ts": [KEY],
        "src/x.extension.ts": [],
        "src/h.ts": [None],
    }[target]


def test_links_inside_the_app_count_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "src/real/x.extension.ts": BUILDER,
            "src/h.ts": HANDLER,
            "src/main.ts": chain("x", imports='import x from "./link/x.extension";\n'),
        },
    )
    (tmp_path / "src/link").symlink_to("real")
    (tmp_path / "src/real/up").symlink_to("..")
    (tmp_path / "src/extensions.ts").symlink_to("main.ts")
    found = one_extension(reader.read_app(tmp_path))
    assert (found.builder, found.registered) == ("src/real/x.extension.ts", True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    write(tmp_path, {"src/x.extension.ts/index.ts": BUILDER, "src/h.ts": HANDLER})
    os.mkfifo(tmp_path / "src/y.extension.ts")
    (tmp_path / "src/loop.extension.ts").symlink_to("loop.extension.ts")
    assert reader.read_app(tmp_path) == reader.App()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, {"src/x.extension.ts": BUILDER})
    (tmp_path / "src/x.extension.ts").chmod(0)
    (problem,) = reader.read_app(tmp_path).problems
    assert "Cannot be read" in problem.text


def test_app_without_code_is_empty(tmp_path: Path) -> None:
    assert reader.read_app(tmp_path / "gone") == reader.read_app(str(tmp_path)) == reader.App()


@pytest.mark.parametrize(
    "text",
    [
        "export * from './x.extension';\nexport { a as b, b as a, default } from './x.extension';\nexport default a;",
        'import a from "./x.extension";\nexport default a;',
        "const a = b, b = a;\nexport default a;",
        "const a = { ...a, ...a };\nexport default extensions.event(a);",
        "const a0 = {};\n" + "".join(f"const a{n} = {{ ...a{n - 1}, ...a{n - 1} }};\n" for n in range(1, 60)) + "export default extensions.event(a59);",
        "const a0 = extensions;\n" + "".join(f"const a{n} = a{n - 1};\n" for n in range(1, 3000)) + f"export default a2999.event({OPTIONS});",
        "export default app()" + ".use(x)" * 5000 + ";",
        f"export default {'(' * 5000}extensions.event({OPTIONS}){')' * 5000};",
        f"export default {'[' * 5000}",
        "export default a" + ".b" * 5000 + "();",
        "export default " + "a + " * 5000 + "a;",
    ],
    ids=range(11),
)  # fmt: skip
def test_circles_and_depth_end(tmp_path: Path, text: str) -> None:
    text = f'import {{ app, extensions }} from "@wix/astro/builders";\n{text}\n'
    read(tmp_path, {"src/extensions.ts": text, "src/x.extension.ts": text, "src/h.ts": text})


PIECES = [
    *(HANDLER, BUILDER, OTHER_BUILDER, CHAIN, TSCONFIG, IMPORT, X, Y, APP, *(text for text in map(str, BARREL.values()))),
    *("export * from './h';", "export { default } from './x.extension';", "import x, * as y from './h'", "\ufeff", "`", "/*", "{"),
]  # fmt: skip


@given(st.lists(st.binary(max_size=200), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_never_raise(tmp_path: Path, blobs: list[bytes]) -> None:
    main, builder, handler, config = blobs
    read(
        tmp_path,
        {
            "src/extensions.ts": main,
            "src/x.extension.ts": b"extensions" + builder,
            "src/h.ts": handler,
            "tsconfig.json": config,
        },
    )


@given(st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutated_code_never_raises(tmp_path: Path, rng: random.Random) -> None:
    files: Files = {}
    for name in ("src/extensions.ts", "src/x.extension.ts", "src/h.ts", "tsconfig.json"):
        source = bytearray("".join(rng.sample(PIECES, rng.randint(1, 5))).encode())
        for _ in range(rng.randint(0, 6)):
            start = rng.randrange(len(source) + 1)
            end = start + rng.choice([0, 0, 1, 3, 12])
            source[start:end] = rng.choice(
                [b"", b"", b"\xff", b"\0", b"(", b"}", b"*", b" as ", b"default", b"...", b"'", b"\n"]
            )
        files[name] = bytes(source)
    app = read(tmp_path, files)
    assert all(problem.line >= 1 and problem.text.endswith(".") for problem in app.problems)


REAL_APP: Files = {
    "src/h/cast.ts": "import { contacts } from '@wix/crm';\nexport default (contacts as any).onContactUpdated(async (event: any) => {});\n",
    "src/h/deep.ts": "import * as crm from '@wix/crm';\nexport default crm.contacts.onContactDeleted(() => {});\n",
    "src/h/pass.ts": "export { default } from './deep';\n",
    "src/h/named.ts": "import { orders as o } from '@wix/ecom';\nexport const h = o.onOrderApproved(() => {});\n",
    "src/h/import.ts": "import { h as x } from './named.js';\nexport default x;\n",
    "src/h/wrapped.ts": "import { orders } from '@wix/ecom';\nconst log = <T,>(x: T): T => x;\nconst { onOrderCreated } = orders;\n"
    "export default log(onOrderCreated(() => {}));\n",
    "src/h/index.ts": "import { bookings } from '@wix/bookings';\nfunction make() {\n  return bookings['onBookingConfirmed'](() => {});\n}\n"
    "const h = make() satisfies unknown;\nexport { h as default };\n",
    "src/h/js.js": "import { orders } from '@wix/ecom';\nexport default orders.onOrderCanceled(() => {});\n",
    "lib/outside.ts": "import { currentCart } from '@wix/ecom';\nexport default currentCart.onCartCreated(() => {});\n",
    "src/b/a.ts": f"{IMPORT}const options = {{ 'id': `{ID[:-1]}1`, source: './h/cast.ts' }} as const;\nexport default extensions.event(options);\n",
    "src/b/b.extension.ts": "import * as builders from '@wix/astro/builders';\nconst x = builders.extensions.event("
    f"{{ id: '{ID[:-1]}2', source: './h/pass' }} as any);\nexport {{ x as default }};\n",
    "src/b/c.extension.ts": f"import {{ extensions as e }} from '@wix/astro/builders';\nconst {{ event }} = e;\nconst id = '{ID[:-1]}3';\n"
    "const source = '/h/import.ts';\nexport const c = event({ id, source });\nexport default c;\n",
    "src/b/all/d.ts": f"{IMPORT}const base = {{ source: './h/wrapped.ts' }};\nexport default extensions.event({{ ...base, id: '{ID[:-1]}4' }});\n",
    "src/b/all/e.ts": f"{IMPORT}export const e = extensions.event({{ id: '{ID[:-1]}5', source: './h' }});\n",
    "src/b/all/index.ts": "export { default as d } from './d';\nexport * from './e';\n",
    "src/b/list.ts": f"{IMPORT}export default [extensions.event({{ id: '{ID[:-1]}6', source: 'h/js.js' }})];\n",
    "src/b/generic.ts": "import { bundlers, extensions } from '@wix/astro/builders';\nexport default extensions.genericExtension("
    f"{{\n  compId: '{ID[:-1]}7', compName: 'x', compType: 'WEBHOOK',\n"
    f"  compData: {{ webhook: bundlers.event({{ id: '{ID[:-1]}7', source: '../lib/outside.ts' }}) }} }});\n",
    "src/extensions.ts": "import { app, extensions as ex } from '@wix/astro/builders';\nimport a from './b/a.js';\n"
    "import b from './b/b.extension.ts';\nimport { c as renamed } from './b/c.extension';\nimport * as all from './b/all';\n"
    "import list from './b/list';\nimport generic from './b/generic';\n\nconst builder = app().use(a);\nbuilder.use(b).use(renamed);\n"
    "Object.values(all).forEach((e) => builder.use(e));\nfor (const e of list) builder.use(e);\nbuilder.use(generic);\n"
    f"builder.use(ex.event({{ id: '{ID[:-1]}8', source: './h8.ts' }}));\nexport default builder;\n",
    "src/h8.ts": HANDLER,
}  # fmt: skip


@pytest.mark.slow
def test_reader_sees_what_the_wix_build_sees(tmp_path: Path) -> None:
    app = write(new_app(tmp_path / "app"), REAL_APP)
    slugs = {
        "bookings.bookings.onBookingConfirmed": "wix.bookings.v2.booking_confirmed",
        "crm.contacts.onContactCreated": "wix.contacts.v4.contact_created",
        "crm.contacts.onContactDeleted": "wix.contacts.v4.contact_deleted",
        "crm.contacts.onContactUpdated": "wix.contacts.v4.contact_updated",
        "ecom.currentCart.onCartCreated": "wix.ecom.v1.cart_created",
        "ecom.orders.onOrderApproved": "wix.ecom.v1.order_approved",
        "ecom.orders.onOrderCanceled": "wix.ecom.v1.order_canceled",
        "ecom.orders.onOrderCreated": "wix.ecom.v1.order_created",
    }
    found = reader.read_app(app)
    assert found.problems == ()
    assert all(extension.registered for extension in found.extensions)
    seen = sorted((str(extension.id), slugs[str(extension.event)]) for extension in found.extensions)
    assert len(seen) == 8
    assert webhooks(wix_build(app)) == seen
