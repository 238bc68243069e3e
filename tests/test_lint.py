"""What is generated, under the strictest settings of TypeScript and of typescript-eslint."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from template_repo import TemplateRepo, run_copy
from wix import ROOT, new_app, prettier_check, run_tool

pytestmark = pytest.mark.slow

CATALOGUE: dict[str, Any] = json.loads((ROOT / "extensions/wix_events/catalogue/events.json").read_text())
EVENTS: dict[str, dict[str, Any]] = CATALOGUE["events"]

TSCONFIG = {
    "extends": "astro/tsconfigs/strictest",
    "include": ["src/**/*.ts"],
    "compilerOptions": {
        "noEmit": True,
        "exactOptionalPropertyTypes": True,
        "isolatedModules": True,
        "noPropertyAccessFromIndexSignature": True,
        "verbatimModuleSyntax": True,
    },
}
# A handler stays `async`: people write an `await` next.
ESLINT = """\
import tseslint from "typescript-eslint";

export default tseslint.config(
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["src/**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: "tsconfig.json" } },
    rules: { "@typescript-eslint/require-await": "off" },
  },
  { files: ["scripts/*.mjs"], extends: [tseslint.configs.recommended] },
);
"""


def name_of(key: str) -> str:
    """Name an event by its key."""
    return key.replace(".", "-").lower()[:64].rstrip("-")


def a_few_of_each_envelope() -> list[list[str]]:
    """Return four lists of distinct events, each with all envelopes, for names that fit on a line and for such that do not."""
    lists: list[list[str]] = [[], [], [], []]
    found = {event["slug"]: key for key, event in reversed(EVENTS.items()) if event.get("domain", True)}
    keys = sorted(found.values(), key=lambda key: len(key.split(".", 1)[1]))
    for payload in ("entity", "data", "metadata", "modified"):
        same = [key for key in keys if EVENTS[key]["payload"] == payload]
        for number, some in enumerate(lists):
            some += [same[number], same[-1 - number]]
    # A namespace with the name of what is imported for elevated queries, and the package that has both.
    lists[1].append("data.items.onDataItemCreated")
    lists[3].append("data.items.onDataItemUpdated")
    return lists


@pytest.fixture(scope="module")
def app(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an app with every combination of options for every envelope, and the strictest settings."""
    app = new_app(tmp_path_factory.mktemp("lint") / "app")
    choices = product((False, True), repeat=2)
    for keys, (idempotent, elevate) in zip(a_few_of_each_envelope(), choices, strict=True):
        wanted = [{"event": key, "name": name_of(key)} for key in keys]
        run_copy(
            template,
            app,
            {"event": wanted, "idempotent": idempotent, "elevate": elevate, "trigger": True},
        )
    older = [key for key, event in EVENTS.items() if event.get("domain") is False]
    run_copy(template, app, {"event": {"event": older[0], "name": name_of(older[0])}})
    run_copy(template, app, {"event": {"event": older[1], "name": name_of(older[1])}, "elevate": True})
    (app / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    (app / "eslint.config.mjs").write_text(ESLINT)
    return app


def test_every_combination_of_options_passes_the_strictest_type_check_and_lint(app: Path) -> None:
    handlers = [path.read_text() for path in app.glob("src/backend/events/*/*.ts")]
    for options in product((False, True), repeat=2):
        assert any(options == ("../once" in text, "auth.elevate" in text) for text in handlers)
    checked = run_tool(app, "tsc")
    assert checked.returncode == 0, checked.stdout
    linted = run_tool(app, "eslint", "--max-warnings", "0", "src", "scripts")
    assert linted.returncode == 0, linted.stdout
    prettier_check(app, ["src/**/*.{ts,json}", "scripts", "package.json", ".copier-answers.yml"])


def test_the_lint_finds_what_it_is_to_find(app: Path) -> None:
    bad = app / "src/bad.ts"
    bad.write_text('export const bad = JSON.parse("{}").x as string;\nPromise.resolve(1);\n')
    linted = run_tool(app, "eslint", "src/bad.ts")
    bad.unlink()
    assert "no-unsafe-member-access" in linted.stdout
    assert "no-floating-promises" in linted.stdout
