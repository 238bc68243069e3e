"""Chains of src/extensions.ts that are extended, byte for byte."""

from __future__ import annotations

import pytest
from editor import NEW, VARIANTS, check_addition, event, new_file, register, rename, unregister

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

        export default app().use(dashboardPage).use(dashboardPage2).use(dashboardPage33);
        """,
        """\
        import { app } from '@wix/astro/builders';
        import dashboardPage from './extensions/dashboard/pages/page/page.extension.ts';
        import { eventNew } from './backend/events/new/new.extension.ts';

        export default app().use(dashboardPage).use(dashboardPage2).use(dashboardPage33).use(eventNew);
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
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_an_event_is_added_in_the_style_of_the_chain(shape: str, variant: str) -> None:
    check_addition(*SHAPES[shape], variant)


def test_an_app_with_every_event_of_wix_is_edited() -> None:
    events = [event(f"event-{number}") for number in range(561)]
    source = new_file(events)
    result = register(source, [NEW])
    assert result.count(b".use(") == 562
    assert unregister(result, NEW.module) == source
    assert unregister(source, *(item.module for item in events)) == new_file([])
    moved = [
        (item, item._replace(module=item.module.replace("src/", "src/extensions/", 1))) for item in events
    ]
    assert rename(source, *moved) == source.replace(b"./backend", b"./extensions/backend")
    builder = source.replace(b"export default app", b"const builder = app") + b"export default builder;\n"
    assert register(builder, [NEW]).count(b".use(") == 562
