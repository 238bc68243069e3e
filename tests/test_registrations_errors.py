"""What the editor of src/extensions.ts refuses, and the lines that it gives instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from editor import LAST, NEW, code, new_file, register, unregister
from wix_events.registrations import RegistrationError

NO_PLACE = {
    "a list that is exported by itself": (
        """\
        export default [];
        """,
        1,
        ['import { eventNew } from "./backend/events/new/new.extension";', "eventNew,"],
    ),
    "an object without a list": (
        """\
        export default { extensions: load() };
        """,
        1,
        ['import { eventNew } from "./backend/events/new/new.extension";', ".use(eventNew)"],
    ),
    "a function that makes the chain": (
        """\
        import { app } from "@wix/astro/builders";

        export default () => app();
        """,
        3,
        [
            'import { eventNew } from "./backend/events/new/new.extension";',
            ".use(eventNew)",
        ],
    ),
    "half there": (
        """\
        import { eventNew } from "./backend/events/new/new.extension";
        export const extensions = [];
        """,
        2,
        ["eventNew,"],
    ),
    "exported list": (
        """\
        import a from "./a/a.extension"

        export const extensions = [a]
        """,
        3,
        [
            'import { eventNew } from "./backend/events/new/new.extension"',
            "eventNew,",
        ],
    ),
    "for over a list": (
        """\
        import { app } from "@wix/astro/builders";
        const builder = app();
        for (const extension of list) builder.use(extension);
        export default builder;
        """,
        3,
        [
            'import { eventNew } from "./backend/events/new/new.extension";',
            "builder.use(eventNew);",
        ],
    ),
    "use() handed on": (
        """\
        import { app } from "@wix/astro/builders";
        const builder = app();
        list.forEach(builder.use);
        export default builder;
        """,
        3,
        [
            'import { eventNew } from "./backend/events/new/new.extension";',
            "builder.use(eventNew);",
        ],
    ),
    "two chains": (
        """\
        import { app } from "@wix/astro/builders";
        export const one = app();
        export const two = app();
        """,
        3,
        [
            'import { eventNew } from "./backend/events/new/new.extension";',
            ".use(eventNew)",
        ],
    ),
    "two chains in one export": (
        """\
        import { app } from "@wix/astro/builders";

        export default beta ? app() : app();
        """,
        3,
        [
            'import { eventNew } from "./backend/events/new/new.extension";',
            ".use(eventNew)",
        ],
    ),
    "chain of another file": (
        """\
        export { default } from "./other";
        """,
        1,
        [
            'import { eventNew } from "./backend/events/new/new.extension";',
            ".use(eventNew)",
        ],
    ),
    "a typo": (
        """\
        mport { app } from '@wix/astro/builders';
        import a from './a/a.extension';

        export default app().use(a);
        """,
        1,
        [
            "import { eventNew } from './backend/events/new/new.extension';",
            ".use(eventNew)",
        ],
    ),
    "a bracket short": (
        """\
        import { app } from '@wix/astro/builders';

        export default app().use(a;
        """,
        3,
        [
            "import { eventNew } from './backend/events/new/new.extension';",
            ".use(eventNew)",
        ],
    ),
}


@pytest.mark.parametrize("case", NO_PLACE)
def test_a_file_without_a_place_is_refused_with_the_lines_to_add(case: str) -> None:
    text, line, by_hand = NO_PLACE[case]
    with pytest.raises(RegistrationError) as caught:
        register(code(text), [NEW])
    assert (caught.value.line, caught.value.by_hand) == (line, by_hand)
    assert str(caught.value) == f"line {line}: {caught.value.reason}"


EDITS: dict[str, Callable[[bytes], bytes]] = {
    "register": lambda source: register(source, [LAST]),
    "unregister": lambda source: unregister(source, NEW.module),
}

UNFIT = {
    "not valid TypeScript": (new_file([NEW]) + b"}\n", 5, "this is not valid TypeScript"),
    "conflict markers": (
        new_file([NEW]).replace(b"export", b"<<<<<<< HEAD\nexport") + b"=======\n>>>>>>> theirs\n",
        4,
        "a merge left its conflict markers",
    ),
    "Latin-1": (new_file([NEW]) + b"// caf\xe9\n", 5, "the byte 0xe9 is not UTF-8"),
    "UTF-16": (new_file([NEW]).decode().encode("utf-16"), 1, "the byte 0xff is not UTF-8"),
    "CR": (
        new_file([NEW]).replace(b"\n", b"\r"),
        1,
        "a line ends with a carriage return alone (CR): save the file with LF or CRLF line endings",
    ),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("case", UNFIT)
def test_a_file_that_cannot_be_edited_is_refused(case: str, edit: str) -> None:
    source, line, reason = UNFIT[case]
    with pytest.raises(RegistrationError) as caught:
        EDITS[edit](source)
    assert (caught.value.line, caught.value.reason) == (line, reason)


def test_the_lines_for_a_broken_file_are_in_its_style() -> None:
    source = b"import { app } from '@wix/astro/builders'\nexport default app(.use(a)\n"
    with pytest.raises(RegistrationError) as caught:
        register(source, [NEW])
    assert caught.value.by_hand == [
        "import { eventNew } from './backend/events/new/new.extension'",
        ".use(eventNew)",
    ]


def test_no_edit_reads_no_file() -> None:
    assert register(b"\xff", []) == unregister(b"\xff") == b"\xff"
