"""Chains and lists stay as Prettier prints them, if they were."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from editor import NEW, NEXT, code, event, new_file, register, rename, unregister
from extensions_ts import examples
from hypothesis import strategies as st
from wix import SDK
from wix_events.registrations.prettier import Prettier

# Reads [[source, options], …] and writes each as Prettier prints it, null where it does not parse.
PRETTIER = """
import * as prettier from "prettier";

let input = "";
for await (const chunk of process.stdin) input += chunk;
const format = ([source, options]) => prettier.format(source, { ...options, parser: "typescript" });
const printed = await Promise.all(JSON.parse(input).map((item) => format(item).catch(() => null)));
process.stdout.write(JSON.stringify(printed));
"""

SHAPES = {
    "80 wide": (
        "export default app().use(dashboardPage).use(dashboardPage2).use(dashboardPage3);",
        """\
        export default app()
          .use(dashboardPage)
          .use(dashboardPage2)
          .use(dashboardPage3)
          .use(eventNew);
        """,
    ),
    "short, with what is not simple": (
        "export default app().use(page as any);",
        """\
        export default app()
          .use(page as any)
          .use(eventNew);
        """,
    ),
    "over lines within an argument": (
        """\
        export default app().use(
          extensions.event({
            id: "x",
          }),
        );
        """,
        """\
        export default app()
          .use(
            extensions.event({
              id: "x",
            }),
          )
          .use(eventNew);
        """,
    ),
    "a list that gets too wide for its line": (
        "export default { extensions: [dashboardPages, dashboardPageExtensions] };",
        """\
        export default {
          extensions: [dashboardPages, dashboardPageExtensions, eventNew],
        };
        """,
    ),
    "indented by four": (
        """\
        export default {
            extensions: [dashboardPageExtension, dashboardPageExtension2, page],
        };
        """,
        """\
        export default {
            extensions: [
                dashboardPageExtension,
                dashboardPageExtension2,
                page,
                eventNew,
            ],
        };
        """,
    ),
    "a list that gets too wide for any line": (
        """\
        export default {
          extensions: [dashboardPageExtension, dashboardPageExtension2, widget],
        };
        """,
        """\
        export default {
          extensions: [
            dashboardPageExtension,
            dashboardPageExtension2,
            widget,
            eventNew,
          ],
        };
        """,
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_chain_or_list_is_broken_into_lines_and_joined_again(shape: str) -> None:
    before, after = (code(text).rstrip(b"\n") for text in SHAPES[shape])
    head = b'import { app, extensions } from "@wix/astro/builders";\n\n'
    result = register(head + before, [NEW])
    assert result.endswith(b"\n" + after)
    joined = unregister(result, NEW.module)
    # An object that was opened once stays open, as Prettier keeps it, and a style of one's own is left.
    assert joined == head + before or shape in {"a list that gets too wide for its line", "indented by four"}


ARGUMENTS = """a|page|dashboardPage|eventOrderApproved|a.b|page as any|wrap(a)|wrap({ a })|{ id }|{ id: "a" }|"a"|...list|!a|a!
|`t`|[a, b]|() => a|() => { run(); }|function () { return 1; }|new Page()|new Page({ a: 1 })|await a|a, b
|extensions.event({ id: "x", source: "./b.ts" })|extensions.event({\n id: "x", source: "./b.ts" })
|extensions.dashboardPage({ id: "0123456789", title: "My Page", source: "./pages/my-page.tsx" })""".split("|")
OPTIONS: list[dict[str, Any]] = [
    {},
    {"singleQuote": True},
    {"semi": False},
    {"singleQuote": True, "semi": False},
    {"bracketSpacing": False},
    {"printWidth": 120},
    {"printWidth": 100, "trailingComma": "es5"},
    {"useTabs": True, "tabWidth": 4},
    {"tabWidth": 4, "trailingComma": "none"},
]


@st.composite
def chains_and_lists(draw: st.DrawFn) -> str:
    """Generate a file whose chain or list is of any width."""

    def pick(*options: str) -> str:
        return draw(st.sampled_from(options))

    def given(most: int) -> list[str]:
        names = st.integers(1, 60).map(lambda width: "x" * width)
        return draw(st.lists(st.one_of(names, names, st.sampled_from(ARGUMENTS)), max_size=most))

    def uses(most: int) -> str:
        return "".join(f".use({argument})" for argument in given(most))

    builder, cast = (
        pick("builder", "b", "_", "Builder", "extensionsOfThisApp"),
        pick("", "", " as any", " satisfies App"),
    )
    root = pick("app()", "app()", "builders.app()", "(app() as any)")
    body = {
        "chain": f"export default {root}{uses(6)}{cast};{pick('', ' // note', ' /* note */')}",
        "variable": f"const {builder}{pick('', ': App')} = {root}{uses(4)};\nexport default {builder};",
        "calls": f"const {builder} = app();\n{builder}.use(a);\n{builder}.use(b){uses(2)};\nexport default {builder};",
        "object": f"export default {{ {pick('', chr(10))}extensions: [{', '.join(given(5))}]{pick('', ', a: 1')} }}{cast};",
        "list": f"const extensions{pick('', ': Page[]')} = [{', '.join(given(5))}]{pick('', ' as const')};\n"
        "export default { extensions };",
    }
    imports = "import { app } from '@wix/astro/builders';\nimport * as builders from './builders';\n"
    return imports + pick("", "\n", "// note\n") + body[pick(*body)] + "\n"


def printed(items: list[tuple[str, dict[str, Any]]]) -> list[str | None]:
    """Return sources as Prettier prints them with some options."""
    run = subprocess.run(
        ["node", "--input-type=module", "--eval", PRETTIER],
        cwd=SDK,
        input=json.dumps(items),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str | None] = json.loads(run.stdout)
    return found


@pytest.mark.slow
def test_what_prettier_leaves_alone_it_leaves_alone_afterwards() -> None:
    width = st.integers(1, 50).map(lambda number: event("z" * number))
    drawn = examples(st.tuples(chains_and_lists(), st.sampled_from(OPTIONS), width), 600)
    first = printed([(source, options) for source, options, _ in drawn])
    clean = [
        (source, options, long)
        for source, (_, options, long) in zip(first, drawn, strict=True)
        if source is not None
    ]
    again = printed([(source, options) for source, options, _ in clean])
    results: list[tuple[str, str, dict[str, Any]]] = []
    for (source, options, long), same in zip(clean, again, strict=True):
        if source == same:
            tab = options.get("tabWidth", 2)
            unit = "\t" if options.get("useTabs") else " " * tab
            said = options.get("printWidth", 80), tab, unit, options.get("trailingComma", "all")
            app: dict[str, Any] = {"prettier": Prettier(*said, found=True)}
            one, three = (register(source.encode(), new, **app) for new in ([NEW], [NEW, NEXT, long]))
            edits = [one, three, rename(one, (NEW, long), **app)]
            # A chain that got short is joined where its end is seen.
            short = ([long.module], [NEW.module, NEXT.module]) if options.get("semi", True) else ()
            edits += [unregister(three, *gone, **app) for gone in short]
            results += [(source, edit.decode(), options) for edit in edits]
    assert len(results) > 1000
    for (source, result, _), wanted in zip(
        results, printed([(result, options) for _, result, options in results]), strict=True
    ):
        assert result == wanted, source


@pytest.mark.slow
def test_what_the_editor_lays_out_is_as_prettier_prints_it() -> None:
    """New files, ones that grow by an event each time, and one-a-line chains that the user formatted."""
    names = [
        "short",
        "new",
        "next",
        "a-name-of-more-than-fifty-characters-" + "x" * 20,
    ]
    files: dict[str, bytes] = {}
    for first in names:
        grown = files[f"new-{first}"] = new_file([event(first)])
        wanted = [event(first)]
        for number, second in enumerate(name for name in [*names, "sixth", "seventh"] if name != first):
            wanted.append(event(second))
            files[f"at-once-{first}-{number}"] = new_file(wanted)
            grown = files[f"grown-{first}-{number}"] = register(grown, wanted)
            assert grown == files[f"at-once-{first}-{number}"]
    links = "".join(f"  .use(dashboardPage{number}Extension)\n" for number in range(3))
    for number, tail in enumerate([";\n", "; // note\n", " // note\n  .use(last);\n"]):
        user = 'import { app } from "@wix/astro/builders";\n\nexport default app()\n' + links.rstrip() + tail
        files[f"user-{number}"] = user.encode()
        files[f"user-{number}-more"] = register(user.encode(), [NEW, NEXT])
    sources = [source.decode() for source in files.values()]
    assert printed([(source, {}) for source in sources]) == sources
