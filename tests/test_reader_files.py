"""Which files of an app are read, and which file a specifier names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from reader_apps import BUILDER, CHAIN, HANDLER, KEY, Files, chain, one_extension, read, write
from wix_events import reader


@pytest.mark.parametrize(
    "folder", ["src/node_modules", "src/a/dist", "src/.wix", "src/.astro", "src/.git", "out"]
)
def test_folders_that_hold_no_code_of_the_app_are_skipped(tmp_path: Path, folder: str) -> None:
    assert read(tmp_path, {f"{folder}/x.extension.ts": BUILDER, "src/a.ts": ""}) == reader.App()


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


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, {"src/x.extension.ts": BUILDER})
    (tmp_path / "src/x.extension.ts").chmod(0)
    (problem,) = reader.read_app(tmp_path).problems
    assert "Cannot be read" in problem.text


def test_app_without_code_is_empty(tmp_path: Path) -> None:
    assert reader.read_app(tmp_path / "gone") == reader.read_app(str(tmp_path)) == reader.App()


def put(place: Path, kind: str) -> None:
    """Put something at a path where nothing is."""
    links = {"loop": place.name, "circle": "circle", "nowhere": "gone", "device": os.devnull}
    if kind in links:
        place.symlink_to(links[kind])
    if kind == "circle":
        place.with_name("circle").symlink_to(place.name)
    elif kind == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("needs named pipes")
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    elif kind == "file":
        place.write_text("")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        *((path, kind) for path in ("src", "src/extensions.ts") for kind in ("loop", "nowhere", "pipe")),
        ("src", "file"),
        ("src/extensions.ts", "folder"),
    ],
)
def test_what_is_no_folder_or_file_is_a_problem_at_once(tmp_path: Path, path: str, kind: str) -> None:
    place = tmp_path / path
    place.parent.mkdir(exist_ok=True)
    put(place, kind)
    app = reader.read_app(tmp_path)
    assert (app.extensions, [problem.file for problem in app.problems]) == ((), [path])


ALL_PATHS = [
    *("src", "src/extensions.ts", "src/x.extension.ts", "src/h.ts", "src/lib", "src/lib/a.ts"),
    *("tsconfig.json", "base.json"),
]


@pytest.mark.parametrize("path", ALL_PATHS)
@pytest.mark.parametrize("kind", ["loop", "circle", "nowhere", "outside", "device", "pipe", "folder", "file"])
def test_whatever_is_at_a_path_ends_the_reading(tmp_path: Path, path: str, kind: str) -> None:
    app, outside = tmp_path / "app", tmp_path / "outside"
    for root in (app, outside):
        files: Files = {"src/extensions.ts": CHAIN, "src/x.extension.ts": BUILDER, "src/lib/a.ts": ""}
        files["src/h.ts"] = f'import "./lib/a";\nimport "#/a";\n{HANDLER}'
        files["tsconfig.json"] = '{ "extends": "./base.json" }'
        files["base.json"] = '{ "compilerOptions": { "paths": { "#/*": ["./src/lib/*"] } } }'
        write(root, files)
    place = app / path
    place.rename(tmp_path / "away")
    if kind == "outside":
        place.symlink_to(outside / path)
    else:
        put(place, kind)
    found, again = reader.read_app(app), reader.AppFiles(app)
    reader.relative_imports(again)
    assert all(not os.path.isabs(problem.file) for problem in (*found.problems, *again.problems))
    assert all(not os.path.isabs(each.builder) for each in found.extensions)


MODULES: Files = {
    "src/backend/events/index.ts": "",
    "src/backend/events/c/c.extension.ts": BUILDER,
    "src/view.tsx": "",
    "cfg/base.json": '{ "compilerOptions": { "paths": { "#events/*": ["../src/backend/events/*"] } } }',
    "tsconfig.json": '{ "extends": ["astro/tsconfigs/strict", "./cfg/base"] }',
}


@pytest.mark.parametrize(
    ("specifier", "module"),
    [
        ("./backend/events/c/c.extension", "src/backend/events/c/c.extension"),
        ("./backend/events/c/c.extension.ts", "src/backend/events/c/c.extension"),
        ("./backend/events/c/c.extension.js", "src/backend/events/c/c.extension"),
        ("./backend/../backend/events/c/c.extension", "src/backend/events/c/c.extension"),
        ("./backend/events", "src/backend/events/index"),
        ("./view", "src/view"),
        ("#events/c/c.extension", "src/backend/events/c/c.extension"),
        ("#events/gone/gone.extension.js", "src/backend/events/gone/gone.extension"),
        ("@/backend/events/c/c.extension", "src/backend/events/c/c.extension"),
        ("~/gone", "src/gone"),
        ("src/gone.ts", "src/gone"),
        ("/src/view", "src/view"),
        ("./gone/gone.extension", "src/gone/gone.extension"),
        ("../lib/gone.js", "lib/gone"),
        ("../../gone", None),
        ("@wix/crm", None),
        ("react", None),
        ("#other/x", None),
        ("node:fs", None),
    ],
)
def test_specifier_names_a_module_there_or_not(tmp_path: Path, specifier: str, module: str | None) -> None:
    assert read(tmp_path, MODULES).files.module_of("src/extensions.ts", specifier) == module


@pytest.mark.parametrize(
    ("configs", "module"),
    [
        ({"tsconfig.json": '{ "compilerOptions": { "paths": { "x": ["./lib/a.ts"] } } }'}, "lib/a"),
        ({"tsconfig.json": '{ "compilerOptions": { "baseUrl": "lib", "paths": { "x": ["a"] } } }'}, "lib/a"),
        ({"tsconfig.json": '{ "compilerOptions": { "baseUrl": "./lib", "paths": { "x": ["gone", "a"] } } }'}, "lib/a"),
        ({"tsconfig.json": '{ "compilerOptions": { "paths": { "*": ["b"], "x*": ["lib/a"] } } }'}, "lib/a"),
        ({"tsconfig.json": '\ufeff{ "extends": "./lib/base.json", /* c */ }', "lib/base.json": '{ "compilerOptions": { "paths": { "x": ["./a"] } } }'}, "lib/a"),
        ({"tsconfig.json": '{ "extends": "./lib/base" }', "lib/base.json": '{ "extends": "./up" }', "lib/up.json": '{ "compilerOptions": { "paths": { "x": ["./a"] } } }'}, "lib/a"),
        ({"tsconfig.json": '{ "extends": "./lib/base", "compilerOptions": { "paths": {} } }', "lib/base.json": '{ "compilerOptions": { "paths": { "x": ["./a"] } } }'}, None),
        ({"tsconfig.json": '{ "extends": "./lib/base", "compilerOptions": { "paths": { "x": ["a"] } } }', "lib/base.json": '{ "compilerOptions": { "baseUrl": "." } }'}, "lib/a"),
        ({"tsconfig.json": '{ "extends": "./tsconfig.json", "compilerOptions": { "baseUrl": "lib" } }'}, None),
        ({"tsconfig.json": '{ "compilerOptions": { "paths": { "x": ["./node_modules/@types/x"] } } }', "node_modules/@types/x/index.d.ts": ""}, None),
        ({"package.json": '{ "imports": { "x": "./lib/a.ts" } }'}, None),
        ({"tsconfig.json": "{"}, None),
        ({"tsconfig.json": b"\xff"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_aliases_are_those_of_the_configuration(tmp_path: Path, configs: Files, module: str | None) -> None:
    app = read(tmp_path, {"lib/a.ts": "", "b.ts": "", **configs})
    assert app.files.module_of("src/extensions.ts", "x") == module


@pytest.mark.parametrize(
    "imports",
    [
        '{ "#lib/*": "./lib/*.ts" }',
        '{ "#lib/a": "./lib/a.ts", "#lib/*": "./b.ts" }',
        '{ "#*": "pkg", "#lib/*": { "types": "./gone/*.d.ts", "default": ["./lib/*.ts"] } }',
    ],
)
def test_imports_of_package_json_are_aliases(tmp_path: Path, imports: str) -> None:
    app = read(tmp_path, {"lib/a.ts": "", "b.ts": "", "package.json": f'{{ "imports": {imports} }}'})
    assert app.files.module_of("src/extensions.ts", "#lib/a") == "lib/a"
    assert app.files.module_of("src/extensions.ts", "#other") is None


def test_deeply_nested_tsconfig_is_read(tmp_path: Path) -> None:
    text = '{ "a": ' * 3000 + "1" + " }" * 3000
    assert read(tmp_path, {"tsconfig.json": text}).files.module_of("src/extensions.ts", "x") is None
