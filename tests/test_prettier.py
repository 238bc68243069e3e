"""What an app's Prettier settings say is read as Prettier itself reads it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from wix import SDK
from wix_events.registrations.prettier import Prettier, settings

# Reads a list of files and tells the options that Prettier has for each.
RESOLVE = """
import { readFileSync } from "node:fs";
import { resolveConfig } from "prettier";

const paths = JSON.parse(readFileSync(0, "utf8"));
const options = paths.map((path) => resolveConfig(path, { editorconfig: true }));
process.stdout.write(JSON.stringify(await Promise.all(options)));
"""
EDITORCONFIG = """\
root = true

[*]
indent_style = tab
indent_size = 4
max_line_length = 100

[*.md]
max_line_length = off
indent_style = space
"""
APPS: dict[str, dict[str, str]] = {
    "nothing": {},
    "JSON": {".prettierrc": '{ "printWidth": 120, "tabWidth": 4 }'},
    "YAML": {".prettierrc": "# printWidth: 60\nprintWidth: 100\nuseTabs: true\n"},
    "TOML": {".prettierrc.toml": 'tabWidth = 8\ntrailingComma = "none"\n'},
    "JSON5": {".prettierrc.json5": "{ // wide\n  printWidth: 100, trailingComma: 'es5' }"},
    "a module": {"prettier.config.mjs": "export default {\n  // tabWidth: 3,\n  printWidth: 90,\n};\n"},
    "some files only": {
        ".prettierrc.json": '{"printWidth": 90, "overrides": [{"files": "*.md", "options": {"printWidth": 60}}]}'
    },
    "package.json": {
        "package.json": '{"devDependencies": {"prettier": "^3"}, "prettier": {"useTabs": true, "tabWidth": 3}}',
        ".prettierrc": "printWidth: 60\n",
    },
    "package.json, but not in it": {
        "package.json": '{"devDependencies": {"prettier": "^3"}}',
        ".prettierrc": "printWidth: 60\n",
    },
    "an editor's": {".editorconfig": EDITORCONFIG},
    "an editor's for TypeScript": {".editorconfig": EDITORCONFIG + "[*.{js,ts}]\nindent_style = space\n"},
    "both": {".editorconfig": EDITORCONFIG, ".prettierrc": "printWidth: 90\nuseTabs: false\n"},
}


@pytest.mark.slow
def test_settings_are_those_that_prettier_resolves(tmp_path: Path) -> None:
    roots = []
    for name, texts in APPS.items():
        roots.append(tmp_path / name)
        (tmp_path / name / ".git").mkdir(parents=True)
        for file, text in texts.items():
            (tmp_path / name / file).write_text(text)
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", RESOLVE],
        cwd=SDK,
        input=json.dumps([str(root / "src/extensions.ts") for root in roots]),
        capture_output=True,
        text=True,
        check=True,
    )
    for root, options in zip(roots, json.loads(done.stdout), strict=True):
        options = options or {}
        tab = options.get("tabWidth", 2)
        unit = "\t" if options.get("useTabs") else " " * tab
        wanted = Prettier(options.get("printWidth", 80), tab, unit, options.get("trailingComma", "all"))
        assert settings(root)._replace(found=False) == wanted, root.name
        assert settings(root).found == bool(APPS[root.name])


def test_settings_of_the_repository_around_an_app_count_and_no_others(tmp_path: Path) -> None:
    (tmp_path / ".prettierrc").write_text("tabWidth: 8\n")
    app = tmp_path / "repository/packages/app"
    app.mkdir(parents=True)
    (tmp_path / "repository/.git").mkdir()
    assert settings(app) == Prettier()
    (tmp_path / "repository/.prettierrc").write_text("printWidth: 100\n")
    assert settings(app).width == 100
