"""What a handler listens to."""

from __future__ import annotations

from pathlib import Path

import pytest
from reader_apps import (
    BUILDER,
    CREATED,
    CRM,
    HANDLER,
    ID,
    IMPORT,
    KEY,
    OTHER_BUILDER,
    Files,
    one_extension,
    read,
)

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
        ('import * as crm from "@wix/crm";\nconst { contacts: { onContactCreated: on } } = crm;\nexport default on(() => {});', KEY, "src/h.ts:3", {}),
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


def test_missing_handler_is_told_from_one_that_cannot_be_read(tmp_path: Path) -> None:
    files: Files = {
        "src/x.extension.ts": BUILDER,
        "src/y.extension.ts": OTHER_BUILDER,
        "src/other.ts": "oops",
    }
    missing, broken = read(tmp_path, files).extensions
    assert missing.handler is None
    assert (broken.handler, broken.event) == ("src/other.ts", None)
