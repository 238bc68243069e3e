"""Imports that are added to src/extensions.ts, in the style of those that are there."""

from __future__ import annotations

import pytest
from editor import (
    ADOPTED,
    NEW,
    NEXT,
    VARIANTS,
    check_addition,
    code,
    new_file,
    register,
    registered,
    unregister,
)
from wix_events import registrations
from wix_events.registrations import Registration

SHAPES = {
    "blank lines between imports": (
        """\
        import { app } from '@wix/astro/builders';

        import a from './a/a.extension';

        export default app().use(a);
        """,
        """\
        import { app } from '@wix/astro/builders';

        import a from './a/a.extension';

        import { eventNew } from './backend/events/new/new.extension';

        export default app().use(a).use(eventNew);
        """,
    ),
    "blank lines between some imports": (
        """\
        import { app } from '@wix/astro/builders';

        import a from './a/a.extension';
        import b from './b/b.extension';

        export default app().use(a).use(b);
        """,
        """\
        import { app } from '@wix/astro/builders';

        import a from './a/a.extension';
        import b from './b/b.extension';
        import { eventNew } from './backend/events/new/new.extension';

        export default app().use(a).use(b).use(eventNew);
        """,
    ),
    "mixed quotes, single ones more often": (
        """\
        import { app } from "@wix/astro/builders";
        import a from './a/a.extension';
        import b from './b/b.extension';

        export default app().use(a).use(b);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import a from './a/a.extension';
        import b from './b/b.extension';
        import { eventNew } from './backend/events/new/new.extension';

        export default app().use(a).use(b).use(eventNew);
        """,
    ),
    "mixed quotes in balance": (
        """\
        import { app } from "@wix/astro/builders";
        import a from './a/a.extension';

        export default app().use(a);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import a from './a/a.extension';
        import { eventNew } from './backend/events/new/new.extension';

        export default app().use(a).use(eventNew);
        """,
    ),
    "braces without spaces, suffix .js": (
        """\
        import {app} from "@wix/astro/builders";
        import {a} from "./a/a.extension.js";

        export default app().use(a);
        """,
        """\
        import {app} from "@wix/astro/builders";
        import {a} from "./a/a.extension.js";
        import {eventNew} from "./backend/events/new/new.extension.js";

        export default app().use(a).use(eventNew);
        """,
    ),
    "one suffix of several": (
        """\
        import { app } from "@wix/astro/builders";
        import a from "./a/a.extension.ts";
        import b from "./b/b.extension";
        import "./setup.ts";

        export default app().use(a).use(b);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import a from "./a/a.extension.ts";
        import b from "./b/b.extension";
        import "./setup.ts";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app().use(a).use(b).use(eventNew);
        """,
    ),
    "import over several lines": (
        """\
        import { app } from "@wix/astro/builders";
        import {
          a,
          b,
        } from "./pages";
        import type { Page } from "./types";

        export default app().use(a).use(b);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import {
          a,
          b,
        } from "./pages";
        import type { Page } from "./types";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app().use(a).use(b).use(eventNew);
        """,
    ),
    "everything on one line": (
        """\
        import { app } from "@wix/astro/builders"; export default app();
        """,
        """\
        import { app } from "@wix/astro/builders"; \
import { eventNew } from "./backend/events/new/new.extension"; \
export default app().use(eventNew);
        """,
    ),
    "a long comment behind the last import": (
        """\
        import { app } from "@wix/astro/builders"; /* The builder
          of Wix. */

        export default app();
        """,
        """\
        import { app } from "@wix/astro/builders"; /* The builder
          of Wix. */
        import { eventNew } from "./backend/events/new/new.extension";

        export default app().use(eventNew);
        """,
    ),
    "imported, not used": (
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew as mine } from "@/backend/events/new/new.extension";

        export default app().use(a);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew as mine } from "@/backend/events/new/new.extension";

        export default app().use(a).use(mine);
        """,
    ),
    "used, not imported": (
        """\
        import { app } from "@wix/astro/builders";

        export default app().use(eventNew).use(a);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app().use(eventNew).use(a);
        """,
    ),
    "imported as a type only": (
        """\
        import { app } from "@wix/astro/builders";
        import type { eventNew } from "./backend/events/new/new.extension";

        export default app();
        """,
        """\
        import { app } from "@wix/astro/builders";
        import type { eventNew } from "./backend/events/new/new.extension";
        import { eventNew as eventNew2 } \
from "./backend/events/new/new.extension";

        export default app().use(eventNew2);
        """,
    ),
    "name taken": (
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/old/old.extension";

        const { x: [eventNew2] } = y, eventNew3 = 1;
        export default app().use(eventNew);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/old/old.extension";
        import { eventNew as eventNew4 } \
from "./backend/events/new/new.extension";

        const { x: [eventNew2] } = y, eventNew3 = 1;
        export default app().use(eventNew).use(eventNew4);
        """,
    ),
    "no import and a directive": (
        """\
        #!/usr/bin/env node
        // @ts-nocheck
        "use strict";

        // Our chain.
        export default app();
        """,
        """\
        #!/usr/bin/env node
        // @ts-nocheck
        "use strict";

        import { eventNew } from "./backend/events/new/new.extension";

        // Our chain.
        export default app().use(eventNew);
        """,
    ),
    "no import and a heading comment": (
        """\
        // @ts-nocheck
        export default app();
        """,
        """\
        // @ts-nocheck
        import { eventNew } from "./backend/events/new/new.extension";

        export default app().use(eventNew);
        """,
    ),
}
# What unregistering does not undo: it takes old lines too, and leaves the blank line under a first import.
ONE_WAY = {
    "imported, not used",
    "used, not imported",
    "imported as a type only",
    "no import and a heading comment",
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_an_import_is_added_in_the_style_of_the_file(shape: str, variant: str) -> None:
    check_addition(*SHAPES[shape], variant, shape not in ONE_WAY)


def test_a_mostly_windows_file_gets_windows_lines() -> None:
    before = b'import { app } from "@wix/astro/builders";\r\n\r\nexport default app()\n  .use(a);\r\n'
    assert b'extension";\r\n' in register(before, [NEW])


@pytest.mark.parametrize(
    "line",
    [
        'import mine from "./backend/events/new/new.extension";',
        'import { eventNew as mine } from "./backend/events/new/new.extension.ts";',
        'import { default as mine } from "../src/backend/events/new/new.extension.js";',
        'import help, { mine } from "@/backend/events/new/new.extension";',
        'import * as mine from "~/backend/events/new/new.extension";',
        "import { type E, mine } from './backend/x/../events/new/new.extension';",
    ],
)
@pytest.mark.parametrize(
    "chain",
    [
        "export default app().use(mine);",
        "export default app().use(mine).use(mine);",
        "export default app().use(mine.event as any).use(a);",
        "const list = [mine];\nexport default app().use(...list);",
        "const builder = app();\nif (beta) builder.use(mine);\nexport default builder;",
    ],
)
def test_an_event_under_any_name_is_left(line: str, chain: str) -> None:
    source = f'import {{ app }} from "@wix/astro/builders";\n{line}\n\n{chain}\n'.encode()
    assert register(source, [NEW]) == source
    assert registered(source) == {NEW.module: "mine"}


def test_an_event_imported_twice_is_left() -> None:
    source = code(
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";
        import mine from "./backend/events/new/new.extension.ts";

        export default app().use(mine);
        """
    )
    assert register(source, [NEW]) == source


def test_another_export_of_the_builder_file_is_no_registration() -> None:
    source = code(
        """\
        import { app } from "@wix/astro/builders";
        import { help, type E } from "./backend/events/new/new.extension";

        help();
        export default app();
        """
    )
    assert registered(source) == {}
    assert registered(register(source, [NEW])) == {NEW.module: "eventNew"}


def test_what_an_import_leads_to_is_what_the_caller_says() -> None:
    source = b'import { app } from "builders";\nimport x from "#new";\n\nexport default app().use(x);\n'
    assert registrations.register(source, [NEW], module_of={"#new": NEW.module}.get) == source
    assert b"#new" not in registrations.unregister(source, [NEW.module], module_of={"#new": NEW.module}.get)


def test_several_events_keep_their_order() -> None:
    source = code(
        """\
        import { app } from '@wix/astro/builders'
        import page from './page'

        export default app()
          .use(page)
        """
    )
    result = register(source, [NEXT, NEW, ADOPTED, NEXT])
    assert result == code(
        """\
        import { app } from '@wix/astro/builders'
        import page from './page'
        import { eventNext } from './backend/events/next/next.extension'
        import { eventNew } from './backend/events/new/new.extension'
        import eventMyEvent from './extensions/backend/events/my-event/my-event.extension'

        export default app()
          .use(page)
          .use(eventNext)
          .use(eventNew)
          .use(eventMyEvent)
        """
    )
    assert register(register(register(source, [NEXT]), [NEW]), [ADOPTED]) == result
    assert unregister(result, NEW.module, ADOPTED.module, NEXT.module) == source


def test_events_with_one_export_name_get_names_of_their_own() -> None:
    twin = Registration("src/other/new/new.extension", "eventNew")
    result = register(new_file([]), [NEW, twin])
    assert registered(result) == {NEW.module: "eventNew", twin.module: "eventNew2"}


def test_an_empty_file_is_as_good_as_none() -> None:
    assert register(b"\xef\xbb\xbf \r\n", [NEW], package="@wix/custom-extensions") == (
        b'import { app } from "@wix/custom-extensions";\r\n'
        b'import { eventNew } from "./backend/events/new/new.extension";\r\n'
        b"\r\n"
        b"export default app().use(eventNew);\r\n"
    )


@pytest.mark.parametrize("variant", ["as it is", "CRLF", "BOM"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "// Don't touch.\n\n// export default app();\n",
            "// Don't touch.\n\n// export default app();\n\n"
            'import { app } from "@wix/astro/builders";\n'
            'import { eventNew } from "./backend/events/new/new.extension";\n\n'
            "export default app().use(eventNew);\n",
        ),
        (
            "import type { A } from './a'\n// The end.\n",
            "import type { A } from './a'\n// The end.\n"
            "import { app } from '@wix/astro/builders'\n"
            "import { eventNew } from './backend/events/new/new.extension'\n\n"
            "export default app().use(eventNew)\n",
        ),
    ],
)
def test_a_file_without_code_is_given_a_chain(before: str, after: str, variant: str) -> None:
    check_addition(before, after, variant, is_undone=False)


def test_a_suffix_is_taken_from_the_files_imports_or_else_from_the_caller() -> None:
    bare = new_file([], suffix=".js")
    assert b'new.extension.js"' in register(bare, [NEW], suffix=".js")
    assert b'new.extension.js"' in new_file([NEW], suffix=".js")
    assert b'next.extension.ts"' in register(new_file([NEW], suffix=".ts"), [NEXT], suffix=".js")
    assert b'next.extension"' in register(new_file([NEW]), [NEXT], suffix=".js")
    # No suffix for a file that ends with `.ts`.
    assert b'next.extension"' in register(new_file([NEW], suffix=".mjs"), [NEXT])
