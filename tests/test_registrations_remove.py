"""Events that are taken out of src/extensions.ts."""

from __future__ import annotations

import pytest
from editor import NEW, code, unregister
from wix_events.registrations import RegistrationError

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


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("shape", REMOVED)
def test_an_event_is_removed_and_nothing_else(shape: str, newline: bytes) -> None:
    before, after = (code(item).replace(b"\n", newline) for item in REMOVED[shape])
    result = unregister(before, NEW.module)
    assert result.decode() == after.decode()
    assert unregister(result, NEW.module) == result


@pytest.mark.parametrize(
    ("use", "line"),
    [
        ("export default { extensions: [a, ...mine] };", 2),
        ("\nexport default app()\n  .use(wrap(mine));", 4),
        ("const list = [mine];\nexport default app().use(mine).use(...list);", 2),
        ("export default app().use(mine;", 2),
    ],
)
def test_an_event_that_cannot_be_taken_out_is_named(use: str, line: int) -> None:
    source = f'import mine from "./backend/events/new/new.extension";\n{use}\n'
    with pytest.raises(RegistrationError) as caught:
        unregister(source.encode(), NEW.module)
    assert caught.value.line == line
