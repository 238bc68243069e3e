"""What `src/extensions.ts` hands to the app."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reader_apps import (
    APP,
    BARREL,
    BUILDER,
    HANDLER,
    ID,
    IMPORT,
    OPTIONS,
    OTHER_BUILDER,
    OTHER_HANDLER,
    OTHER_ID,
    TSCONFIG,
    Files,
    X,
    Y,
    one_extension,
    read,
    write,
)
from wix import new_app, webhooks, wix_build
from wix_events import reader

BOTH, NONE = {ID, OTHER_ID}, set[str]()


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
    "Object.values(all).forEach((e) => builder.use(e));\n"
    "for (const m of Object.values(import.meta.glob('./globbed/*.ts', { eager: true }))) Object.values(m as any).forEach((e: any) => builder.use(e));\n"
    "builder.use((await import('./late')).late);\nfor (const e of list) builder.use(e);\nbuilder.use(generic);\n"
    f"builder.use(ex.event({{ id: '{ID[:-1]}8', source: './h8.ts' }}));\nexport default builder;\n",
    "src/h8.ts": HANDLER,
    "src/globbed/i.ts": f"{IMPORT}export default extensions.event({{ id: '{ID[:-1]}9', source: './h9.ts' }});\n",
    "src/h9.ts": "import { orders } from '@wix/ecom';\nexport default orders.onOrderUpdated(() => {});\n",
    "src/late.ts": f"{IMPORT}export const late = extensions.event({{ id: '{ID[:-1]}a', source: './ha.ts' }});\n",
    "src/ha.ts": "import { bookings } from '@wix/bookings';\nexport default bookings.onBookingDeclined(() => {});\n",
}  # fmt: skip


@pytest.mark.slow
def test_reader_sees_what_the_wix_build_sees(tmp_path: Path) -> None:
    app = write(new_app(tmp_path / "app"), REAL_APP)
    slugs = {
        "bookings.bookings.onBookingDeclined": "wix.bookings.v2.booking_declined",
        "bookings.bookings.onBookingConfirmed": "wix.bookings.v2.booking_confirmed",
        "crm.contacts.onContactCreated": "wix.contacts.v4.contact_created",
        "crm.contacts.onContactDeleted": "wix.contacts.v4.contact_deleted",
        "crm.contacts.onContactUpdated": "wix.contacts.v4.contact_updated",
        "ecom.currentCart.onCartCreated": "wix.ecom.v1.cart_created",
        "ecom.orders.onOrderApproved": "wix.ecom.v1.order_approved",
        "ecom.orders.onOrderCanceled": "wix.ecom.v1.order_canceled",
        "ecom.orders.onOrderUpdated": "wix.ecom.v1.order_updated",
        "ecom.orders.onOrderCreated": "wix.ecom.v1.order_created",
    }
    found = reader.read_app(app)
    assert found.problems == ()
    assert all(extension.registered for extension in found.extensions)
    seen = sorted((str(extension.id), slugs[str(extension.event)]) for extension in found.extensions)
    assert len(seen) == 10
    assert webhooks(wix_build(app)) == seen


C, D = "src/events/c/c.extension", "src/events/d/d.extension"
EVENTS: Files = {
    f"{C}.ts": f"{IMPORT}export const eventC = extensions.event({OPTIONS});\n",
    f"{D}.ts": f"{IMPORT}export const eventD = extensions.event({OPTIONS.replace(ID, OTHER_ID)});\n",
    "src/h.ts": HANDLER,
}
IMPORT_C, IMPORT_ALL = f'import {{ eventC }} from "./{C[4:]}";\n', 'import * as all from "./events";\n'
LIST_C: Files = {"src/events/index.ts": 'export { eventC } from "./c/c.extension";\n'}


def globbed(*patterns: str) -> str:
    """Return code that registers what Vite finds by some patterns."""
    return (
        f"const b = app();\nfor (const file of Object.values(import.meta.glob({json.dumps(patterns)}, {{ eager: true }})))\n"
        "  Object.values(file as any).forEach((e: any) => b.use(e));\nexport default b;"
    )


EXTENDED: Files = {
    "tsconfig.json": '{ "extends": "./base.json" }',
    "base.json": '{ "compilerOptions": { "paths": { "#events/*": ["./src/events/*"] } } }',
}


@pytest.mark.parametrize(
    ("text", "registered", "more"),
    [
        (f"{IMPORT_C}export default app().use(eventC);", {C}, {}),
        (f"{IMPORT_C}export default app();", set(), {}),
        ('import { eventC } from "./events";\nexport default app().use(eventC);', {C}, LIST_C),
        ('import { eventC as c } from "#events/index";\nexport default app().use(c);', {C}, {**LIST_C, **EXTENDED}),
        ('import { eventC } from "#events/c/c.extension";\nexport default app().use(eventC);', {C}, EXTENDED),
        (f"{IMPORT_ALL}const b = app();\nObject.values(all).forEach((e) => {{ b.use(e); }});\nexport default b;", {C}, LIST_C),
        (f"{IMPORT_ALL}const b = app();\nfor (const key in all) b.use(all[key]);\nexport default b;", {C}, LIST_C),
        (f"{IMPORT_ALL}const b = app();\nfunction add() {{ Object.values(all).map((e) => b.use(e)); }}\nadd();\nexport default b;", {C}, LIST_C),
        (f"{IMPORT_ALL}export default Object.values(all).reduce((b, e) => b.use(e), app());", {C}, LIST_C),
        (f"{IMPORT_ALL}export default {{ extensions: [...Object.values(all)] }};", {C}, LIST_C),
        (f"{IMPORT_ALL}export default {{ extensions: Object.values(all) }};", {C, D}, {"src/events/index.ts": 'export * from "./c/c.extension";\nexport * as d from "./d/d.extension";\nexport * from "./d/d.extension";'}),
        ('import list from "./list";\nexport default list.reduce((b, e) => b.use(e), app());', {C}, {**LIST_C, "src/list.ts": f"{IMPORT_ALL}export default [...Object.values(all)];"}),
        (f"{IMPORT_C}const list = [];\nlist.push(eventC);\nexport default {{ extensions: list }};", {C}, {}),
        (f"{IMPORT_C}let b = app();\nb = b.use(eventC);\nexport default b;", {C}, {}),
        (f"{IMPORT_C}function build() {{ const b = app(); b.use(eventC); return b; }}\nexport default build();", {C}, {}),
        (f"{IMPORT_C}const b = app();\n[eventC].forEach(b.use);\nexport {{ b as default }};", {C}, {}),
        ('const all = await import("./events");\nexport default app().use(all.eventC);', {C}, LIST_C),
        ('const { eventC } = await import("./events");\nexport default app().use(eventC);', {C}, LIST_C),
        (globbed("./events/*/*.extension.ts"), {C, D}, {}),
        (globbed("/src/**/{c,x}.extension.{ts,js}"), {C}, {}),
        (globbed("./events/**/c.*"), {C}, {}),
        (globbed("./**/*.ts", "!./**/d/*"), {C}, {}),
        (globbed("./*.ts", "./events/**/?.ts"), set(), {}),
        (f"{IMPORT_C}const [first = null] = [eventC];\nexport default app().use(first);", {C}, {}),
        (f"{IMPORT_C}const {{ x: {{ y }}, ...rest }} = {{ x: {{ y: eventC }} }};\nexport default app().use(y);", {C}, {}),
        (f"{IMPORT_C}console.log(eventC);\nexport default app();", set(), {}),
        (f"{IMPORT_C}const other = app();\nother.use(eventC);\nconst b = app();\nexport default b;", set(), {}),
        (f"{IMPORT_C}type T = typeof eventC;\nexport default app() as App<typeof eventC>;", set(), {}),
    ],
)  # fmt: skip
def test_registered_exports_are_told_by_file(
    tmp_path: Path, text: str, registered: set[str], more: Files
) -> None:
    app = read(tmp_path, {**EVENTS, "src/extensions.ts": f"{APP}{text}\n", **more})
    assert app.problems == ()
    for module, export in ((C, "eventC"), (D, "eventD")):
        assert app.registers(f"{module}.ts", export) == (module in registered)
        assert not app.registers(f"{module}.ts", "other")
    assert {each.builder for each in app.extensions if each.registered} == {
        f"{each}.ts" for each in registered
    }


def test_bindings_are_told_with_where_they_come_from(tmp_path: Path) -> None:
    text = f"""{APP}{IMPORT_C}import {{ c as again, eventD, type T }} from "./events";
import * as all from "./events";
import unused from "./events/e";
import type {{ U }} from "./u";
import gone from "./gone/gone.extension.js";
export default app().use(eventC).use(eventD).use(gone);
"""
    barrel = 'export { eventC as c } from "./c/c.extension";\nexport * from "./d/d.extension";\n'
    passing = 'import { eventC } from "./c/c.extension";\nexport default eventC;\n'
    files: Files = {"src/extensions.ts": text, "src/events/index.ts": barrel, "src/events/e.ts": passing}
    assert read(tmp_path, EVENTS | files).bindings == (
        ("eventC", (C, "eventC"), True),
        ("again", (C, "eventC"), False),
        ("eventD", (D, "eventD"), True),
        ("all", ("src/events/index", "*"), False),
        ("unused", (C, "eventC"), False),
        ("gone", ("src/gone/gone.extension", "default"), True),
    )


@pytest.mark.parametrize("text", ["", IMPORT, f"{IMPORT}export const eventC = extensions.event("])
def test_export_of_a_file_that_says_nothing_yet_counts_as_registered(tmp_path: Path, text: str) -> None:
    for use in (f"{IMPORT_C}export default app().use(eventC);", 'import * as all from "./events";\nexport default { extensions: Object.values(all) };'):  # fmt: skip
        files: Files = {f"{C}.ts": text, "src/extensions.ts": APP + use, **LIST_C}
        app = read(tmp_path, files)
        assert app.registers(f"{C}.ts", "eventC")
        (tmp_path / f"{C}.ts").unlink()
        assert reader.read_app(tmp_path).registers(f"{C}.ts", "eventC")


@pytest.mark.parametrize(
    ("barrel", "is_list"),
    [
        ('export { eventC } from "./c/c.extension";\n', True),
        ('// events\nexport * from "./c/c.extension";\nexport { default as d } from "./d";\n', True),
        ('import { eventC } from "./c/c.extension";\nexport { eventC };\n', False),
        ('export * from "./c/c.extension";\nexport const other = 1;\n', False),
        ('export * from "./c/c.extension";\nexport {\n', False),
        ("", False),
    ],
)
@pytest.mark.parametrize(
    "use",
    [
        "const b = app();\nObject.values(all).forEach((e) => b.use(e));\nexport default b;",
        "export default { extensions: [...Object.values(all)] };",
    ],
)
def test_barrel_behind_a_loop_is_told(tmp_path: Path, barrel: str, is_list: bool, use: str) -> None:
    files: Files = {"src/extensions.ts": f"{APP}{IMPORT_ALL}{use}\n", "src/events/index.ts": barrel}
    assert read(tmp_path, EVENTS | files).barrels == (("src/events/index.ts", is_list),)


@pytest.mark.parametrize("use", ["export default app().use(all.eventC);", "export default app();\nvoid all;"])
def test_barrel_of_which_names_are_picked_is_none(tmp_path: Path, use: str) -> None:
    files: Files = {"src/extensions.ts": f"{APP}{IMPORT_ALL}{use}\n", **LIST_C}
    assert read(tmp_path, EVENTS | files).barrels == ()


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ('export { default } from "./made";', "src/made.ts"),
        ('export { b as default } from "./made";', "src/made.ts"),
        ('import made from "./made";\nexport default made;', "src/made.ts"),
        (f'{APP}import "./made";\nconst b = app();\nexport default b;', "src/extensions.ts"),
        ('export { app as default } from "@wix/astro/builders";', "src/extensions.ts"),
        ('export { default } from "./gone";', "src/extensions.ts"),
        ("", "src/extensions.ts"),
    ],
)
def test_the_file_with_the_chain_is_told(tmp_path: Path, text: str, chain: str) -> None:
    made = f"{APP}export const b = app();\nexport default b;\n"
    assert read(tmp_path, {"src/extensions.ts": text, "src/made.ts": made}).chain == chain


def test_what_a_loop_registers_again_is_a_problem(tmp_path: Path) -> None:
    text = f"{APP}{IMPORT_C}{IMPORT_ALL}const b = app().use(eventC);\nObject.values(all).forEach((e) => b.use(e));\nexport default b;\n"
    (problem,) = read(tmp_path, {**EVENTS, **LIST_C, "src/extensions.ts": text}).problems
    assert (problem.file, problem.line) == ("src/extensions.ts", 4)
    assert "Registers eventC again" in problem.text


def test_registration_is_seen_through_links(tmp_path: Path) -> None:
    text = 'import { eventC } from "./link/c/c.extension";\nexport default app().use(eventC);\n'
    write(tmp_path, EVENTS | {"src/extensions.ts": APP + text})
    (tmp_path / "src/link").symlink_to("events")
    app = reader.read_app(tmp_path)
    assert app.registers("src/link/c/c.extension.ts", "eventC")
    assert app.registers(f"{C}.ts", "eventC")


def test_what_a_barrel_passes_on_is_found_though_nothing_uses_it(tmp_path: Path) -> None:
    files: Files = {
        "src/extensions.ts": f"{APP}{IMPORT_ALL}export default app().use(all.eventC);\n",
        "src/events/index.ts": 'export * from "./c/c.extension";\nexport * from "./odd";\n',
        "src/events/odd.ts": f"{IMPORT}export const odd = extensions.dashboardPage({{ id: '1' }});\n",
    }
    found = read(tmp_path, EVENTS | files).extensions
    assert ("src/events/odd.ts", False) in [(each.builder, each.registered) for each in found]
