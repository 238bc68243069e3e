"""Every specifier in an app's code that names one of its files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from reader_apps import HANDLER, TSCONFIG, Files, write
from wix_events import reader

THERE: Files = {
    "src/a/h.ts": HANDLER,
    "src/once.ts": "export const once = 1;\n",
    "src/types.d.ts": "export type T = 1;\n",
    "src/folder/index.tsx": "export {};\n",
    "src/data.json": "{}\n",
    "src/style.css": "",
    "public/logo.svg": "",
    "tsconfig.json": TSCONFIG,
}


def found(root: Path, files: Files) -> list[tuple[str, str | None]]:
    """Return the specifier and the target of each import in an app's code, checking that its place holds it."""
    write(root, files)
    app = reader.AppFiles(root)
    result = reader.relative_imports(app)
    assert not app.problems
    for item in result:
        before = (root / item.file).read_bytes()[: item.start]
        assert (root / item.file).read_bytes()[item.start : item.end].decode() == item.specifier
        assert item.line == before.count(b"\n") + 1
        assert not (item.computed and item.target)
    return [(item.specifier, item.target) for item in result]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('import h from "./a/h";', "./a/h"),
        ("import * as h from './a/h.js'", "./a/h.js"),
        ('import "./a/h.ts";', "./a/h.ts"),
        ('import type { T } from "./a/h";', "./a/h"),
        ('import { type T } from "./a/h";', "./a/h"),
        ('import h = require("./a/h");', "./a/h"),
        ('import h from "@/a/h";', "@/a/h"),
        ('import h from "src/a/h";', "src/a/h"),
        ('import h from "/src/a/h";', "/src/a/h"),
        ('import h from "../src/a/h";', "../src/a/h"),
        ('import h from "./a/h?raw";', "./a/h?raw"),
        ('import data from "./a/h" with { type: "json" };', "./a/h"),
        ('export { default } from "./a/h";', "./a/h"),
        ('export * from "./a/h";', "./a/h"),
        ('export type { T } from "./a/h";', "./a/h"),
        ('const h = await import("./a/h");', "./a/h"),
        ("const h = () => import(/* vite */ `./a/h`);", "./a/h"),
        ('let h: typeof import("./a/h");', "./a/h"),
        ('let h: import("./a/h").T;', "./a/h"),
        ('const { h } = require("./a/h");', "./a/h"),
        ('require.resolve("./a/h");', "./a/h"),
        ('import.meta.resolve("./a/h");', "./a/h"),
        ('new URL("./a/h.ts", import.meta.url);', "./a/h.ts"),
        ('new URL("a/h.ts", import.meta.url);', "a/h.ts"),
        ('vi.mock("./a/h");', "./a/h"),
        ('vi.mock("./a/h", () => ({ default: 1 }));', "./a/h"),
        ('vi.mock(import("./a/h"), () => ({}));', "./a/h"),
        ('jest.unstable_mockModule("./a/h", f);', "./a/h"),
        ('mock.module("./a/h", f);', "./a/h"),
        ('declare module "./a/h" { interface T { a: 1 } }', "./a/h"),
        ('/// <reference path="./a/h.ts" />', "./a/h.ts"),
        ("/// <reference path='a/h.ts' />", "a/h.ts"),
        ('\ufeffimport h from "./a/h";\r\n', "./a/h"),
        ('// é\nconst é = "é"; import h from "./a/h"', "./a/h"),
        ('import h from "./a/h";\nfunction f( {', "./a/h"),
    ],
)
def test_every_form_of_import_is_found(tmp_path: Path, code: str, names: str) -> None:
    assert found(tmp_path, THERE | {"src/x.ts": code}) == [(names, "src/a/h.ts")]


@pytest.mark.parametrize(
    "code",
    [
        'const { h } = await vi.importActual<typeof import("./a/h")>("./a/h");',
        'vi.mock<typeof import("./a/h")>("./a/h", () => ({}));',
    ],
)
def test_mock_with_types_names_its_file_twice(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, THERE | {"src/x.ts": code}) == [("./a/h", "src/a/h.ts")] * 2


@pytest.mark.parametrize(
    ("specifier", "target"),
    [
        ("./once", "src/once.ts"),
        ("./types", "src/types.d.ts"),
        ("./folder", "src/folder/index.tsx"),
        ("./data", "src/data.json"),
        ("./style.css?inline", "src/style.css"),
        ("/logo.svg", "public/logo.svg"),
        ("./gone", None),
        ("../once", None),
        ("@/gone", None),
        ("/gone.svg", None),
        ("./style", None),
    ],
)
def test_import_leads_to_its_file_or_nowhere(tmp_path: Path, specifier: str, target: str | None) -> None:
    assert found(tmp_path, THERE | {"src/x.ts": f'import x from "{specifier}";'}) == [(specifier, target)]


@pytest.mark.parametrize(
    "code",
    [
        'import { contacts } from "@wix/crm";',
        'import fs from "node:fs";',
        'import react from "react";\nexport * from "virtual:x";',
        'const u = new URL("https://a.b/c", import.meta.url), v = new URL("./a/h", base);',
        'vi.fn("./a/h"); other.mock("./a/h"); required("./a/h");',
        'const s = "./a/h", t = `import h from "./a/h"`; // import h from "./a/h"',
        "import.meta.env.DEV; module.exports = {};",
        'import "./a/h',
        'import("./a/h',
        'declare module "./é',
    ],
)
def test_what_names_no_file_of_the_app_is_left_out(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, THERE | {"src/x.ts": code}) == []


@pytest.mark.parametrize(
    ("code", "expression"),
    [
        ("await import(name);", "name"),
        ("await import(`./a/${name}`);", "`./a/${name}`"),
        ('require("./a/" + name);', '"./a/" + name'),
        ("new URL(name, import.meta.url);", "name"),
        ("vi.doMock(name);", "name"),
        ('import h from "./\\x61/h";', '"./\\x61/h"'),
    ],
)
def test_what_cannot_be_computed_is_named(tmp_path: Path, code: str, expression: str) -> None:
    assert found(tmp_path, {"src/x.ts": code}) == [(expression, None)]
    assert reader.relative_imports(reader.AppFiles(tmp_path))[0].computed


def test_code_in_pages_is_read(tmp_path: Path) -> None:
    files: Files = {
        "src/pages/index.astro": '---\nimport a from "../once";\n---\n<p>it\'s {a} `</p>\n'
        '<script>\n  import "../a/h";\n</script>\n<p>import x from "./no"</p>\n',
        "src/pages/text.mdx": '---\ntitle: it\'s\n---\n\nimport a from "../once";\nexport const b = [\n  "c"]\n\nDon\'t `\n\n'
        'export { x } from "../a/h";',
        "src/view.svelte": '<script lang="ts">import a from "./once"</script>\n<p>{a}</p>\n',
        "src/view.vue": '<template>\'</template>\n<script setup lang="ts">import a from "./once"</script>\n',
    }
    assert found(tmp_path, THERE | files) == [
        ("../once", "src/once.ts"),
        ("../a/h", "src/a/h.ts"),
        ("../once", "src/once.ts"),
        ("../a/h", "src/a/h.ts"),
        ("./once", "src/once.ts"),
        ("./once", "src/once.ts"),
    ]


@pytest.mark.parametrize("suffix", ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"])
def test_every_kind_of_code_file_is_read(tmp_path: Path, suffix: str) -> None:
    assert found(tmp_path, THERE | {f"src/x.{suffix}": 'import "./once";'}) == [("./once", "src/once.ts")]


def test_what_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    write(
        tmp_path, {"src/a.ts": b'import "./b";\n// \xe9', "src/b.ts": 'import "./a";', "src/c.css": b"\xe9"}
    )
    app = reader.AppFiles(tmp_path)
    assert [item.file for item in reader.relative_imports(app)] == ["src/b.ts"]
    (problem,) = app.problems
    assert (problem.file, problem.line) == ("src/a.ts", 2)
    assert "not UTF-8" in problem.text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    write(tmp_path, THERE | {"src/x.ts": 'import "./pipe";\nimport "./loop";'})
    os.mkfifo(tmp_path / "src/pipe.ts")
    (tmp_path / "src/loop.ts").symlink_to("loop.ts")
    assert found(tmp_path, {}) == [("./pipe", None), ("./loop", None)]


@pytest.mark.parametrize(
    "deep",
    [
        "x = " + "a + " * 3000 + "a;",
        "(" * 3000 + "a" + ")" * 3000 + ";",
        "app()" + ".use(x)" * 3000 + ";",
        "f(" * 3000 + ")" * 3000 + ";",
        "a" + ".b" * 3000 + "();",
        "[" * 3000,
    ],
    ids=range(6),
)
def test_depth_is_no_limit(tmp_path: Path, deep: str) -> None:
    code = f'const h = require("./a/h");\n{deep}\n'
    assert found(tmp_path, THERE | {"src/x.ts": code}) == [("./a/h", "src/a/h.ts")]


def test_imports_come_in_order_of_file_and_place(tmp_path: Path) -> None:
    files: Files = {
        "src/b.ts": 'import("./once");\nimport "./a/h";',
        "src/a.ts": 'require("./once"); import "./a/h";',
    }
    write(tmp_path, THERE | files)
    assert [
        (item.file, item.line, item.start) for item in reader.relative_imports(reader.AppFiles(tmp_path))
    ] == [
        ("src/a.ts", 1, 9),
        ("src/a.ts", 1, 27),
        ("src/b.ts", 1, 8),
        ("src/b.ts", 2, 26),
    ]


def test_app_without_code_has_no_imports(tmp_path: Path) -> None:
    assert reader.relative_imports(reader.AppFiles(tmp_path / "gone")) == []
