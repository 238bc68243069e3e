"""The editor of src/extensions.ts on each shape that real apps have, byte for byte."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from wix_events.registrations import (
    Registration,
    RegistrationError,
    new_file,
    register,
    registered,
    rename,
    rename_all,
    unregister,
)

PRETTIER = Path(__file__).parent / "sdk" / "node_modules" / ".bin" / "prettier"


def event(name: str) -> Registration:
    camel = "".join(word.capitalize() for word in name.split("-"))
    return Registration(f"src/backend/events/{name}/{name}.extension", f"event{camel}")


NEW, NEXT, LAST = event("new"), event("next"), event("last")
ADOPTED = Registration("src/extensions/backend/events/my-event/my-event.extension", "default")

SHAPES = {
    "all on the export line": (
        """\
        import { app } from "@wix/astro/builders";
        import { page } from "./page/page.extension";

        export default app().use(page);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { page } from "./page/page.extension";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app().use(page).use(eventNew);
        """,
    ),
    "all on the export line, which is long": (
        """\
        import { app } from '@wix/astro/builders';
        import dashboardPage from './extensions/dashboard/pages/page/page.extension.ts';

        export default app().use(dashboardPage).use(dashboardPage2).use(dashboardPage3);
        """,
        """\
        import { app } from '@wix/astro/builders';
        import dashboardPage from './extensions/dashboard/pages/page/page.extension.ts';
        import { eventNew } from './backend/events/new/new.extension.ts';

        export default app().use(dashboardPage).use(dashboardPage2).use(dashboardPage3).use(eventNew);
        """,
    ),
    "bare chain": (
        """\
        import { app } from "@wix/astro/builders";

        export default app();
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app().use(eventNew);
        """,
    ),
    "one a line": (
        """\
        import { app } from '@wix/astro/builders';
        import a from './a/a.extension';
        import b from './b/b.extension';

        export default app()
          .use(a)
          .use(b);
        """,
        """\
        import { app } from '@wix/astro/builders';
        import a from './a/a.extension';
        import b from './b/b.extension';
        import { eventNew } from './backend/events/new/new.extension';

        export default app()
          .use(a)
          .use(b)
          .use(eventNew);
        """,
    ),
    "one a line without semicolons": (
        """\
        import { app } from '@wix/astro/builders'
        import a from './a/a.extension'

        export default app()
            .use(a)
        """,
        """\
        import { app } from '@wix/astro/builders'
        import a from './a/a.extension'
        import { eventNew } from './backend/events/new/new.extension'

        export default app()
            .use(a)
            .use(eventNew)
        """,
    ),
    "semicolons on imports, none after the chain": (
        """\
        import { app } from '@wix/astro/builders';

        export default app()
        \t.use(a)
        """,
        """\
        import { app } from '@wix/astro/builders';
        import { eventNew } from './backend/events/new/new.extension';

        export default app()
        \t.use(a)
        \t.use(eventNew)
        """,
    ),
    "joined after app()": (
        """\
        import { app } from '@wix/astro/builders';

        export default app()
          .use(a).use(b);
        """,
        """\
        import { app } from '@wix/astro/builders';
        import { eventNew } from './backend/events/new/new.extension';

        export default app()
          .use(a).use(b).use(eventNew);
        """,
    ),
    "joined tail": (
        """\
        import { app } from '@wix/astro/builders';

        export default app()
          .use(a)
          .use(b).use(c);
        """,
        """\
        import { app } from '@wix/astro/builders';
        import { eventNew } from './backend/events/new/new.extension';

        export default app()
          .use(a)
          .use(b).use(c).use(eventNew);
        """,
    ),
    "inline builders": (
        """\
        import { app, extensions } from '@wix/astro/builders';

        export default app()
          .use(extensions.event({
            id: 'c1a0e2ac-6f0c-4e6c-9d0a-8f1f0e0d1c11',
            source: './backend/x.ts', // the handler
          }))
        """,
        """\
        import { app, extensions } from '@wix/astro/builders';
        import { eventNew } from './backend/events/new/new.extension';

        export default app()
          .use(extensions.event({
            id: 'c1a0e2ac-6f0c-4e6c-9d0a-8f1f0e0d1c11',
            source: './backend/x.ts', // the handler
          }))
          .use(eventNew)
        """,
    ),
    "dots at the ends of lines": (
        """\
        import { app } from '@wix/astro/builders';

        export default app().
          use(a).
          use(b); // last
        """,
        """\
        import { app } from '@wix/astro/builders';
        import { eventNew } from './backend/events/new/new.extension';

        export default app().
          use(a).
          use(b).
          use(eventNew); // last
        """,
    ),
    "comments everywhere, the event's own lines among them": (
        """\
        // @ts-nocheck
        /* Our extensions. */
        import { app } from '@wix/astro/builders'; // the builder
        import a from './a/a.extension'; // a page
        // import { eventNew } from './backend/events/new/new.extension';

        // The chain.
        export default app() // starts here
          // .use(eventNew)
          .use(a) // note
          /* .use(eventNew) */
          .use(b) // another
          // .use(c)
        """,
        """\
        // @ts-nocheck
        /* Our extensions. */
        import { app } from '@wix/astro/builders'; // the builder
        import a from './a/a.extension'; // a page
        import { eventNew } from './backend/events/new/new.extension';
        // import { eventNew } from './backend/events/new/new.extension';

        // The chain.
        export default app() // starts here
          // .use(eventNew)
          .use(a) // note
          /* .use(eventNew) */
          .use(b) // another
          .use(eventNew)
          // .use(c)
        """,
    ),
    "comment behind the chain's semicolon": (
        """\
        import { app } from "@wix/astro/builders";

        export default app()
          .use(a)
          .use(b); // that is all
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app()
          .use(a)
          .use(b)
          .use(eventNew); // that is all
        """,
    ),
    "comment in front of the chain's semicolon": (
        """\
        import { app } from "@wix/astro/builders";

        export default app()
          .use(a)
          .use(b) /* that is all */;
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app()
          .use(a)
          .use(b) /* that is all */
          .use(eventNew);
        """,
    ),
    "semicolon on its own line after a comment": (
        """\
        import { app } from "@wix/astro/builders";

        export default app()
          .use(a)
          // .use(b)
          ;
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app()
          .use(a)
          .use(eventNew)
          // .use(b)
          ;
        """,
    ),
    "semicolon that guards the next line": (
        """\
        import { app } from "@wix/astro/builders"
        import b from "./b"

        const builder = app()
        builder.use(b)
        ;[1].forEach(console.log)
        export default builder
        """,
        """\
        import { app } from "@wix/astro/builders"
        import b from "./b"
        import { eventNew } from "./backend/events/new/new.extension"

        const builder = app()
        builder.use(b)
        builder.use(eventNew)
        ;[1].forEach(console.log)
        export default builder
        """,
    ),
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
    "blank lines in the chain": (
        """\
        import { app } from '@wix/astro/builders';

        export default app()

          .use(a)

          .use(b);

        """,
        """\
        import { app } from '@wix/astro/builders';
        import { eventNew } from './backend/events/new/new.extension';

        export default app()

          .use(a)

          .use(b)
          .use(eventNew);

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
    "app under another name": (
        """\
        import { app as createApp, extensions } from "@wix/custom-extensions";

        const app = 1;
        export default createApp();
        """,
        """\
        import { app as createApp, extensions } from "@wix/custom-extensions";
        import { eventNew } from "./backend/events/new/new.extension";

        const app = 1;
        export default createApp().use(eventNew);
        """,
    ),
    "app in a namespace": (
        """\
        import * as builders from "@wix/astro/builders";

        export default builders.app();
        """,
        """\
        import * as builders from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default builders.app().use(eventNew);
        """,
    ),
    "builder with statements": (
        """\
        import { app } from "@wix/astro/builders";
        import { a } from "./a";

        const builder = app();

        builder.use(a); // a page

        export default builder;
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { a } from "./a";
        import { eventNew } from "./backend/events/new/new.extension";

        const builder = app();

        builder.use(a); // a page
        builder.use(eventNew);

        export default builder;
        """,
    ),
    "builder with statements on one line": (
        """\
        import { app } from "@wix/astro/builders";

        const builder = app(); builder.use(a); export default builder;
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        const builder = app(); builder.use(a); builder.use(eventNew); export default builder;
        """,
    ),
    "builder that is assigned again": (
        """\
        import { app } from "@wix/astro/builders";

        let builder = app();
        builder = builder.use(a);
        export { builder as default };
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        let builder = app();
        builder = builder.use(a);
        builder = builder.use(eventNew);
        export { builder as default };
        """,
    ),
    "builder declared first": (
        """\
        import { app } from "@wix/astro/builders";

        let builder;
        builder = app().use(a);
        export default builder;
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        let builder;
        builder = app().use(a).use(eventNew);
        export default builder;
        """,
    ),
    "builder with a chain": (
        """\
        import { app } from "@wix/astro/builders";

        var builder = app()
          .use(a);

        export default builder;
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        var builder = app()
          .use(a)
          .use(eventNew);

        export default builder;
        """,
    ),
    "builder with a chain as its statement": (
        """\
        import { app } from "@wix/astro/builders";

        const builder = app();
        builder
          .use(a)
          .use(b);
        if (process.env.BETA) {
          builder.use(c);
        }
        export default builder;
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        const builder = app();
        builder
          .use(a)
          .use(b)
          .use(eventNew);
        if (process.env.BETA) {
          builder.use(c);
        }
        export default builder;
        """,
    ),
    "builder that the export extends": (
        """\
        import { app } from "@wix/astro/builders";

        const builder = app().use(a);
        export default builder.use(b);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        const builder = app().use(a);
        export default builder.use(b).use(eventNew);
        """,
    ),
    "chain without a default export": (
        """\
        import { app } from "@wix/astro/builders";

        export const extensions = app().use(a);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export const extensions = app().use(a).use(eventNew);
        """,
    ),
    "parentheses": (
        """\
        import { app } from "@wix/astro/builders";

        export default (
          app()
            .use(a)
            .use(b)
        );
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default (
          app()
            .use(a)
            .use(b)
            .use(eventNew)
        );
        """,
    ),
    "casts": (
        """\
        import { app } from "@wix/astro/builders";

        export default (app() as any).use(a)!.use(b) satisfies App as unknown;
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default (app() as any).use(a)!.use(b).use(eventNew) satisfies App as unknown;
        """,
    ),
    "a call that is no use() at the end": (
        """\
        import { app } from "@wix/astro/builders";

        export default app().use(a).build();
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app().use(a).use(eventNew).build();
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


@pytest.mark.parametrize("shape", SHAPES)
def test_an_event_is_added_in_the_style_of_the_file(shape: str) -> None:
    before, after = (dedent(item).encode() for item in SHAPES[shape])
    result = register(before, [NEW])
    assert result.decode() == after.decode()
    assert register(result, [NEW]) == result
    if shape not in ONE_WAY:
        assert unregister(result, [NEW.module]) == before


VARIANTS = {
    "CRLF": lambda source: source.replace(b"\n", b"\r\n"),
    "BOM": lambda source: b"\xef\xbb\xbf" + source,
    "no final newline": lambda source: source.rstrip(b"\n"),
    "tabs": lambda source: source.replace(b"  ", b"\t"),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_bytes_of_no_meaning_stay(shape: str, variant: str) -> None:
    before, after = (VARIANTS[variant](dedent(item).encode()) for item in SHAPES[shape])
    result = register(before, [NEW])
    assert result == after
    assert register(result, [NEW]) == result
    if shape not in ONE_WAY:
        assert unregister(result, [NEW.module]) == before


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
    source = dedent(
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";
        import mine from "./backend/events/new/new.extension.ts";

        export default app().use(mine);
        """
    ).encode()
    assert register(source, [NEW]) == source


def test_another_export_of_the_builder_file_is_no_registration() -> None:
    source = dedent(
        """\
        import { app } from "@wix/astro/builders";
        import { help, type E } from "./backend/events/new/new.extension";

        help();
        export default app();
        """
    ).encode()
    assert registered(source) == {}
    assert registered(register(source, [NEW])) == {NEW.module: "eventNew"}


def test_a_folder_stands_for_its_index_file() -> None:
    source = b'import { app } from "builders";\nimport x from "./events/x";\n\nexport default app().use(x);\n'
    assert register(source, [Registration("src/events/x/index", "default")]) == source


def test_several_events_keep_their_order() -> None:
    source = dedent(
        """\
        import { app } from '@wix/astro/builders'
        import page from './page'

        export default app()
          .use(page)
        """
    ).encode()
    result = register(source, [NEXT, NEW, ADOPTED, NEXT])
    assert result.decode() == dedent(
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
    assert unregister(result, [NEW.module, ADOPTED.module, NEXT.module]) == source


def test_events_with_one_export_name_get_names_of_their_own() -> None:
    twin = Registration("src/other/new/new.extension", "eventNew")
    result = register(new_file([]), [NEW, twin])
    assert registered(result) == {NEW.module: "eventNew", twin.module: "eventNew2"}


def test_relative_imports_start_from_where_the_file_is() -> None:
    result = register(new_file([]), [NEW], path="extensions.ts")
    assert b'from "./src/backend/events/new/new.extension"' in result
    assert registered(result, path="extensions.ts") == {NEW.module: "eventNew"}
    assert b'from "../backend/a.extension"' in new_file([Registration("backend/a.extension", "a")])


def test_an_empty_file_is_as_good_as_none() -> None:
    assert register(b"\xef\xbb\xbf \r\n", [NEW], package="@wix/custom-extensions") == (
        b'import { app } from "@wix/custom-extensions";\n'
        b'import { eventNew } from "./backend/events/new/new.extension";\n'
        b"\n"
        b"export default app().use(eventNew);\n"
    )


@pytest.mark.slow
def test_what_the_editor_lays_out_is_as_prettier_prints_it(tmp_path: Path) -> None:
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
    for name, source in files.items():
        (tmp_path / f"{name}.ts").write_bytes(source)
    run = subprocess.run(
        [PRETTIER, "--list-different", tmp_path], capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr, run.returncode) == ("", "", 0)


# Errors

NO_CHAIN = {
    "list": (
        """\
        import a from './a/a.extension';
        import b from './b/b.extension';

        export default {
          extensions: [a, b,],
        };
        """,
        4,
        [
            "import { eventNew } from './backend/events/new/new.extension';",
            "eventNew,",
        ],
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
    "list in a variable": (
        """\
        const extensions = [];

        export default extensions;
        """,
        3,
        [
            'import { eventNew } from "./backend/events/new/new.extension";',
            "eventNew,",
        ],
    ),
    "forEach over a namespace": (
        """\
        import { app } from "@wix/astro/builders";
        import * as allExtensions from "./extensions/index.ts";

        const builder = app();
        Object.values(allExtensions).forEach((extension) => {
          builder.use(extension);
        });
        export default builder;
        """,
        6,
        [
            'import { eventNew } from "./backend/events/new/new.extension.ts";',
            "builder.use(eventNew);",
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
    "comments only": (
        """\
        // export default app();
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


@pytest.mark.parametrize("case", NO_CHAIN)
def test_a_file_without_a_chain_is_refused_with_the_lines_to_add(case: str) -> None:
    code, line, by_hand = NO_CHAIN[case]
    source = dedent(code).encode()
    with pytest.raises(RegistrationError) as caught:
        register(source, [NEW])
    assert (caught.value.line, caught.value.by_hand) == (line, by_hand)
    assert str(caught.value) == f"line {line}: {caught.value.reason}"

    # Who follows the advice is not asked again.
    if case not in {"a typo", "a bracket short", "chain of another file", "comments only"}:
        add, use = by_hand
        place = re.search(rb"(?<=\[)|(?=^export default (?!\{))|(?<=two = app\(\))", source, re.MULTILINE)
        assert place is not None
        followed = source[: place.start()] + use.removesuffix(";").encode() + source[place.start() :]
        if use.startswith("builder"):
            followed = source.replace(b"export default", f"{use}\nexport default".encode())
        if case == "two chains in one export":
            followed = source.replace(b": app()", f": app(){use}".encode())
        followed = add.encode() + b"\n" + followed
        assert register(followed, [NEW]) == followed
        assert NEW.module in registered(followed)
        with pytest.raises(RegistrationError) as half:
            register(add.encode() + b"\n" + source, [NEW])
        assert half.value.by_hand == [use]


def test_a_broken_file_that_has_the_event_is_left() -> None:
    source = new_file([NEW]) + b"export const a = ;\n"
    assert register(source, [NEW]) == source
    with pytest.raises(RegistrationError, match=r"^line 5: this is not valid TypeScript$") as caught:
        register(source, [NEW, NEXT])
    assert [line.count("eventNext") for line in caught.value.by_hand] == [1, 1]


def test_conflict_markers_are_named_even_where_both_sides_have_the_event() -> None:
    source = new_file([NEW]).replace(b"export", b"<<<<<<< HEAD\nexport") + b"=======\n>>>>>>> theirs\n"
    calls: list[Callable[[], object]] = [lambda: register(source, [NEW]), lambda: registered(source)]
    for call in calls:
        with pytest.raises(RegistrationError, match=r"^line 4: a merge left its conflict markers$"):
            call()


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    source = new_file([NEW]) + b"// caf\xe9\n"
    calls: list[Callable[[], object]] = [
        lambda: register(source, [NEW]),
        lambda: unregister(source, [NEW.module]),
        lambda: rename(source, NEW, NEXT),
        lambda: registered(source),
    ]
    for call in calls:
        with pytest.raises(RegistrationError, match=r"^line 5: the byte 0xe9 is not UTF-8$"):
            call()


# Removal

REMOVED = {
    "from the middle": (
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";
        import b from "./b/b.extension";

        export default app()
          .use(eventNew)
          .use(b);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import b from "./b/b.extension";

        export default app()
          .use(b);
        """,
    ),
    "from the middle of a line, under another name": (
        """\
        import { app } from "@wix/astro/builders";

        import mine from "./backend/events/new/new.extension.js";

        import b from "./b/b.extension";

        export default app().use(a).use(mine).use(b);
        """,
        """\
        import { app } from "@wix/astro/builders";

        import b from "./b/b.extension";

        export default app().use(a).use(b);
        """,
    ),
    "used twice": (
        """\
        import { eventNew } from "./backend/events/new/new.extension";
        import { app } from "@wix/astro/builders";

        export default app()
          .use(eventNew)
          .use(a).use(eventNew).use(b)
          .use(eventNew);
        """,
        """\
        import { app } from "@wix/astro/builders";

        export default app()
          .use(a).use(b);
        """,
    ),
    "comments on its lines and around": (
        """\
        import { app } from "@wix/astro/builders";
        // Ours.
        import { eventNew } from "./backend/events/new/new.extension"; // event

        export default app()
          // The first.
          .use(a) // a page
          // The second.
          .use(eventNew) // an event
          // The third.
          .use(b);
        """,
        """\
        import { app } from "@wix/astro/builders";
        // Ours.
        // event

        export default app()
          // The first.
          .use(a) // a page
          // The second.
          // an event
          // The third.
          .use(b);
        """,
    ),
    "last, under comments that would swallow the semicolon": (
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default (app()
          .use(a) // a page
          // The second.
          .use(eventNew) as any); // all
        """,
        """\
        import { app } from "@wix/astro/builders";

        export default (app()
          .use(a) as any); // a page
          // The second.
          // all
        """,
    ),
    "under a comment, with another call joined": (
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app()
          .use(a) // a page
          .use(eventNew).use(b) /* b */.use(eventNew);
        """,
        """\
        import { app } from "@wix/astro/builders";

        export default app()
          .use(a) // a page
          .use(b) /* b */;
        """,
    ),
    "comments inside": (
        """\
        import { app } from "@wix/astro/builders";
        import {
          // The event.
          eventNew,
        } from "./backend/events/new/new.extension";

        export default app()
          .use(/* the event */ eventNew)
          .use(b);
        """,
        """\
        import { app } from "@wix/astro/builders";
        // The event.

        export default app()
          /* the event */
          .use(b);
        """,
    ),
    "the last one": (
        """\
        import { app } from "@wix/astro/builders"
        import { eventNew } from "./backend/events/new/new.extension"

        export default app()
          .use(eventNew)
        """,
        """\
        import { app } from "@wix/astro/builders"

        export default app()
        """,
    ),
    "an import that is shared": (
        """\
        import { app } from "@wix/astro/builders";
        import page, { eventNew, help } from "./backend/events/new/new.extension";

        export default app().use(page).use(eventNew);
        help(page);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import page, { help } from "./backend/events/new/new.extension";

        export default app();
        help(page);
        """,
    ),
    "an import that is shared over lines": (
        """\
        import { app } from "@wix/astro/builders";
        import {
          help,
          eventNew,
          other, // unused
        } from "./backend/events/new/new.extension";

        export default app().use(eventNew);
        help();
        """,
        """\
        import { app } from "@wix/astro/builders";
        import {
          help,
          // unused
        } from "./backend/events/new/new.extension";

        export default app();
        help();
        """,
    ),
    "the end of an import that is shared": (
        """\
        import { app } from "@wix/astro/builders";
        import { help, eventNew, other } from "./backend/events/new/new.extension";

        export default app().use(eventNew);
        help();
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { help } from "./backend/events/new/new.extension";

        export default app();
        help();
        """,
    ),
    "the default of an import that is shared": (
        """\
        import { app } from "@wix/astro/builders";
        import mine, { type Help } from "./backend/events/new/new.extension";

        export default app().use(mine);
        let help: Help;
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { type Help } from "./backend/events/new/new.extension";

        export default app();
        let help: Help;
        """,
    ),
    "all names of an import that is shared": (
        """\
        import { app } from "@wix/astro/builders";
        import help, { eventNew } from "./backend/events/new/new.extension";

        export default app().use(eventNew);
        help();
        """,
        """\
        import { app } from "@wix/astro/builders";
        import help from "./backend/events/new/new.extension";

        export default app();
        help();
        """,
    ),
    "a binding that is used elsewhere too": (
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app().use(eventNew);
        export { eventNew };
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        export default app();
        export { eventNew };
        """,
    ),
    "statements of a builder": (
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";

        const builder = app().use(eventNew);
        builder.use(eventNew); // mine
        builder
          // An event.
          .use(eventNew)
        ;[1].map(String)
        builder.use(eventNew).use(a);
        if (beta) { builder.use(eventNew); }
        export default builder;
        """,
        """\
        import { app } from "@wix/astro/builders";

        const builder = app();
        // mine
        // An event.
        ;[1].map(String)
        builder.use(a);
        if (beta) { builder; }
        export default builder;
        """,
    ),
    "a loop that fills the rest": (
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./backend/events/new/new.extension";
        const builder = app();
        list.forEach((one) => builder.use(one));
        builder.use(eventNew);
        export default builder;
        """,
        """\
        import { app } from "@wix/astro/builders";
        const builder = app();
        list.forEach((one) => builder.use(one));
        export default builder;
        """,
    ),
    "never used, imported in all ways": (
        """\
        import { app } from "@wix/astro/builders";
        import "./backend/events/new/new.extension";
        import type Event from "./backend/events/new/new.extension";
        import event, * as all from "./backend/events/new/new.extension";

        export default app();
        """,
        """\
        import { app } from "@wix/astro/builders";

        export default app();
        """,
    ),
    "a line shared with other code": (
        """\
        import { app } from "@wix/astro/builders"; \
import { eventNew } from "./backend/events/new/new.extension"; \
export default app().use(eventNew);
        """,
        """\
        import { app } from "@wix/astro/builders"; export default app();
        """,
    ),
    "all of a file's end": (
        """\
        export default app().use(eventNew);

        import { eventNew } from "./backend/events/new/new.extension";\
""",
        """\
        export default app();\
""",
    ),
    "not there": (
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./new.extension";

        export default app().use(eventNew);
        """,
        """\
        import { app } from "@wix/astro/builders";
        import { eventNew } from "./new.extension";

        export default app().use(eventNew);
        """,
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("shape", REMOVED)
def test_an_event_is_removed_and_nothing_else(shape: str, newline: str) -> None:
    before, after = (dedent(item).replace("\n", newline) for item in REMOVED[shape])
    result = unregister(before.encode(), [NEW.module])
    assert result.decode() == after
    assert unregister(result, [NEW.module]) == result


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("export default { extensions: [a, mine] };", 2),
        ("\nexport default app()\n  .use(wrap(mine));", 4),
        ("const list = [mine];\nexport default app().use(mine).use(...list);", 2),
        ("export default app().use(mine;", 2),
    ],
)
def test_an_event_that_cannot_be_taken_out_is_named(code: str, line: int) -> None:
    source = f'import mine from "./backend/events/new/new.extension";\n{code}\n'
    with pytest.raises(RegistrationError) as caught:
        unregister(source.encode(), [NEW.module])
    assert caught.value.line == line


# Renaming

RENAMED = {
    "its own name": (
        """\
        import { eventNew } from "./backend/events/new/new.extension";
        export default app().use(eventNew).use(b);
        console.log(typeof eventNew);
        """,
        """\
        import { eventNext } from "./backend/events/next/next.extension";
        export default app().use(eventNext).use(b);
        console.log(typeof eventNext);
        """,
    ),
    "suffix and alias": (
        """\
        import { type X, eventNew as mine } from '@/backend/events/new/new.extension.js'
        export default app().use(mine).use(b)
        """,
        """\
        import { type X, eventNext as mine } from '@/backend/events/next/next.extension.js'
        export default app().use(mine).use(b)
        """,
    ),
    "alias that is the new name": (
        """\
        import { eventNew as eventNext } \
from "../src/backend/events/new/new.extension";
        export default app().use(eventNext);
        """,
        """\
        import { eventNext } from "./backend/events/next/next.extension";
        export default app().use(eventNext);
        """,
    ),
    "new name taken": (
        """\
        import { eventNew } from "./backend/events/new/new.extension";
        function eventNext() {}
        export default app().use(eventNew);
        """,
        """\
        import { eventNext as eventNew } \
from "./backend/events/next/next.extension";
        function eventNext() {}
        export default app().use(eventNew);
        """,
    ),
    "a key that must keep its name": (
        """\
        import { eventNew } from "./backend/events/new/new.extension";
        export const all = { eventNew };
        export default app().use(eventNew);
        """,
        """\
        import { eventNext as eventNew } \
from "./backend/events/next/next.extension";
        export const all = { eventNew };
        export default app().use(eventNew);
        """,
    ),
    "types and re-exports": (
        """\
        import type { E } from "./backend/events/new/new.extension";
        export * from "./backend/events/new/new.extension";
        import page, { eventNew } from "./backend/events/new/new.extension";
        export default { extensions: [eventNew, page] };
        """,
        """\
        import type { E } from "./backend/events/next/next.extension";
        export * from "./backend/events/next/next.extension";
        import page, { eventNext } from "./backend/events/next/next.extension";
        export default { extensions: [eventNext, page] };
        """,
    ),
    "the new one is there": (
        """\
        import { eventNew } from "./backend/events/new/new.extension";
        import { eventNext } from "./backend/events/next/next.extension";
        export default app().use(eventNew).use(eventNext);
        """,
        """\
        import { eventNext } from "./backend/events/next/next.extension";
        export default app().use(eventNext);
        """,
    ),
    "not there": (
        """\
        export default app().use(eventNew);
        """,
        """\
        export default app().use(eventNew);
        """,
    ),
}


@pytest.mark.parametrize("shape", RENAMED)
def test_an_import_follows_its_builder_file(shape: str) -> None:
    before, after = (dedent(item) for item in RENAMED[shape])
    result = rename(before.encode(), NEW, NEXT)
    assert result.decode() == after
    assert rename(result, NEW, NEXT) == result


def test_a_default_import_follows_too() -> None:
    moved = Registration("src/backend/events/my-event/my-event.extension", "default")
    before = b"import mine from './extensions/backend/events/my-event/my-event.extension'\napp().use(mine)\n"
    after = before.replace(b"/extensions/", b"/")
    assert rename(before, ADOPTED, moved) == after
    named = Registration(moved.module, "eventMine")
    assert rename(after, moved, named) == after.replace(b"mine from", b"{ eventMine as mine } from")
    assert rename(after.replace(b"mine from", b"{ eventMine } from"), named, moved) == after.replace(
        b"mine from", b"{ default as eventMine } from"
    )
    with pytest.raises(
        RegistrationError, match=r"^line 1: the import of `mine` can only be renamed by hand$"
    ):
        rename(after.replace(b"mine from", b"mine, { help } from"), moved, named)


def test_many_files_move_at_once_even_where_they_swap_names() -> None:
    before = new_file([NEW, NEXT, LAST])
    swapped = [(NEW, NEXT), (NEXT, NEW)]
    assert registered(rename_all(before, swapped)) == {
        NEXT.module: "eventNew",
        NEW.module: "eventNext",
        LAST.module: "eventLast",
    }
    moved = [
        (item, Registration(item.module.replace("src/", "src/extensions/", 1), item.export))
        for item in (NEW, NEXT, LAST)
    ]
    assert rename_all(before, moved) == before.replace(b"./backend", b"./extensions/backend")


def test_a_broken_file_is_neither_renamed_in_nor_removed_from() -> None:
    broken = new_file([NEW]) + b"}\n"
    calls: list[Callable[[], object]] = [
        lambda: rename(broken, NEW, NEXT),
        lambda: unregister(broken, [NEW.module]),
    ]
    for call in calls:
        with pytest.raises(RegistrationError, match=r"^line 5: this is not valid TypeScript$"):
            call()
