"""Lists of src/extensions.ts that grow and shrink, byte for byte."""

from __future__ import annotations

import pytest
from editor import NEW, NEXT, VARIANTS, check_addition, code, register, rename, unregister

HEAD = """\
        import a from "./a/a.extension";
"""
ADDED = (
    HEAD
    + """\
        import { eventNew } from "./backend/events/new/new.extension";
"""
)

SHAPES = {
    "on one line": (
        "export default { extensions: [a, b] };",
        "export default { extensions: [a, b, eventNew] };",
    ),
    "in a line of its own": (
        """\
        export default {
          extensions: [a],
          other: 1,
        };
        """,
        """\
        export default {
          extensions: [a, eventNew],
          other: 1,
        };
        """,
    ),
    "with a trailing comma": (
        "export default { extensions: [a, b,] }",
        "export default { extensions: [a, b, eventNew,] }",
    ),
    "empty": (
        "export default { extensions: [] };",
        "export default { extensions: [eventNew] };",
    ),
    "one a line": (
        """\
        export default {
          extensions: [
            a, // page
            b, // last
          ],
        };
        """,
        """\
        export default {
          extensions: [
            a, // page
            b, // last
            eventNew,
          ],
        };
        """,
    ),
    "in a variable, with a spread": (
        """\
        const list = [...others, a] as const;
        const config = { extensions: list } satisfies Config;
        export { config as default };
        """,
        """\
        const list = [...others, a, eventNew] as const;
        const config = { extensions: list } satisfies Config;
        export { config as default };
        """,
    ),
    "by its own name": (
        """\
        export const extensions = [a];
        export default { extensions };
        """,
        """\
        export const extensions = [a, eventNew];
        export default { extensions };
        """,
    ),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_an_event_is_added_in_the_style_of_the_list(shape: str, variant: str) -> None:
    before, after = (code(text).decode() for text in SHAPES[shape])
    check_addition(code(HEAD).decode() + before, code(ADDED).decode() + after, variant)


ONE_WAY = {
    "one a line without a trailing comma": (
        """\
        export default { extensions: [
          a,
          b // last
        ] };
        """,
        """\
        export default { extensions: [
          a,
          b, // last
          eventNew
        ] };
        """,
    ),
    "import there, use lost": (
        """\
        import { eventNew as mine } from "@/backend/events/new/new.extension";
        export default { extensions: [a] };
        """,
        """\
        import { eventNew as mine } from "@/backend/events/new/new.extension";
        export default { extensions: [a, mine] };
        """,
    ),
    "use there, import lost": (
        """\
        import a from "./a";
        export default { extensions: [a, eventNew] };
        """,
        """\
        import a from "./a";
        import { eventNew } from "./backend/events/new/new.extension";
        export default { extensions: [a, eventNew] };
        """,
    ),
}


@pytest.mark.parametrize("shape", ONE_WAY)
def test_what_is_missing_is_added(shape: str) -> None:
    before, after = (code(text) for text in ONE_WAY[shape])
    result = register(before, [NEW])
    assert after in result
    assert register(result, [NEW]) == result


REMOVED = {
    "from the middle": ("[a, eventNew, b]", "[a, b]"),
    "the first": ("[eventNew, a, b]", "[a, b]"),
    "the only one": ("[eventNew]", "[]"),
    "all": ("[eventNew, eventNew.page, (eventNew as any)]", "[]"),
    "the last, with a comma": ("[a, eventNew,]", "[a,]"),
    "a line": (
        "[\n  a,\n  // The event.\n  eventNew, // new\n  b,\n]",
        "[\n  a,\n  // The event.\n  // new\n  b,\n]",
    ),
    "the last line": ("[\n  a,\n  eventNew\n]", "[\n  a\n]"),
}


@pytest.mark.parametrize("shape", REMOVED)
def test_an_event_is_taken_out(shape: str) -> None:
    before, after = (
        f"import a from './a'\nexport default {{ extensions: {text} }}\n" for text in REMOVED[shape]
    )
    source = before.replace("\n", "\nimport { eventNew } from './backend/events/new/new.extension'\n", 1)
    assert unregister(source.encode(), NEW.module).decode() == after


def test_an_event_is_renamed_in_place() -> None:
    source = code(ADDED) + b"export default { extensions: [eventNew, a] };\n"
    assert rename(source, (NEW, NEXT)).decode() == source.decode().replace("eventNew", "eventNext").replace(
        "/new/new.", "/next/next."
    )
