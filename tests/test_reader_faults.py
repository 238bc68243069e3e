"""What the reader says of code that cannot work, and that nothing makes it fail."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_apps import (
    APP,
    BARREL,
    BUILDER,
    CHAIN,
    CREATED,
    CRM,
    HANDLER,
    ID,
    IMPORT,
    OPTIONS,
    OTHER_BUILDER,
    TSCONFIG,
    Files,
    X,
    Y,
    chain,
    read,
)
from wix_events import reader


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


def test_extensions_of_a_broken_file_are_still_found(tmp_path: Path) -> None:
    files: Files = {
        "src/extensions.ts": f"xzimport {{ a }} from 'b'\n{CHAIN}",
        "src/x.extension.ts": BUILDER,
        "src/h.ts": HANDLER,
    }
    app = read(tmp_path, files)
    assert [problem.file for problem in app.problems] == ["src/extensions.ts"]
    assert [(extension.id, extension.registered) for extension in app.extensions] == [(ID, True)]


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
        f"const {'{ a: ' * 2000}b{' }' * 2000} = extensions;\nexport default b.event({OPTIONS});",
        "export default a" + ".b" * 5000 + "();",
        "export default " + "a + " * 5000 + "a;",
    ],
    ids=range(12),
)  # fmt: skip
def test_circles_and_depth_end(tmp_path: Path, text: str) -> None:
    text = f'import {{ app, extensions }} from "@wix/astro/builders";\n{text}\n'
    read(tmp_path, {"src/extensions.ts": text, "src/x.extension.ts": text, "src/h.ts": text})


PIECES = [
    *(HANDLER, BUILDER, OTHER_BUILDER, CHAIN, TSCONFIG, IMPORT, X, Y, APP, *(text for text in map(str, BARREL.values()))),
    *("export * from './h';", "export { default } from './x.extension';", "import x, * as y from './h'", "\ufeff", "`", "/*", "{"),
    'import * as all from "./all";\nconst b = app();\nObject.values(all).forEach((e) => b.use(e));\n',
    *('import.meta.glob(["./**/*.ts", "!./{a,b}/?.ts"]);', 'const { a: { b = 1 }, ...c } = extensions, [d] = [c];'),
    *('vi.mock<typeof import("./h")>("./h", f);', 'import z = require("./h");', '/// <reference path="./h.ts" />\n'),
    *('export * as q from "./x.extension";', 'export { q as "x y" } from "./h";', 'declare module "./h" {}', 'new URL("./h", import.meta.url);'),
    *("extensions.dataCollections({ collections: [a] });", 'app().use((await import("./h")).default);'),
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
    reader.relative_imports(reader.AppFiles(tmp_path))


@given(st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutated_code_never_raises(tmp_path: Path, rng: random.Random) -> None:
    files: Files = {}
    for name in (
        "src/extensions.ts",
        "src/x.extension.ts",
        "src/h.ts",
        "src/all/index.ts",
        "src/p.astro",
        "tsconfig.json",
    ):
        source = bytearray("".join(rng.sample(PIECES, rng.randint(1, 5))).encode())
        for _ in range(rng.randint(0, 6)):
            start = rng.randrange(len(source) + 1)
            end = start + rng.choice([0, 0, 1, 3, 12])
            source[start:end] = rng.choice(
                [b"", b"", b"\xff", b"\0", b"(", b"}", b"*", b" as ", b"default", b"...", b"'", b"\n"]
            )
        files[name] = bytes(source)
    app, again = read(tmp_path, files), reader.AppFiles(tmp_path)
    found = reader.relative_imports(again)
    for problem in (*app.problems, *again.problems):
        assert problem.line >= 1
        assert problem.text.endswith(".")
    for item in found:
        content = (tmp_path / item.file).read_bytes()
        assert content[item.start : item.end].decode() == item.specifier
