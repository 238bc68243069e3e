"""Events of src/extensions.ts that get another name or place."""

from __future__ import annotations

import pytest
from editor import LAST, NEW, NEXT, code, new_file, registered, rename
from wix_events.registrations import Registration

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
    "a name that is exported again": (
        """\
        import { eventNew } from "./backend/events/new/new.extension";
        export { eventNew };
        export default app().use(eventNew);
        """,
        """\
        import { eventNext as eventNew } \
from "./backend/events/next/next.extension";
        export { eventNew };
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
    "an export that others import by its name": (
        """\
        export { eventNew, help as eventNext } from "./backend/events/new/new.extension";
        export default app();
        """,
        """\
        export { eventNext as eventNew, help as eventNext } from "./backend/events/next/next.extension";
        export default app();
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
    before, after = (code(item) for item in RENAMED[shape])
    result = rename(before, (NEW, NEXT))
    assert result.decode() == after.decode()
    assert rename(result, (NEW, NEXT)) == result


def test_many_files_move_at_once_even_where_they_swap_names() -> None:
    before = new_file([NEW, NEXT, LAST])
    swapped = [(NEW, NEXT), (NEXT, NEW)]
    assert registered(rename(before, *swapped)) == {
        NEXT.module: "eventNew",
        NEW.module: "eventNext",
        LAST.module: "eventLast",
    }
    moved = [
        (item, Registration(item.module.replace("src/", "src/extensions/", 1), item.export))
        for item in (NEW, NEXT, LAST)
    ]
    assert rename(before, *moved) == before.replace(b"./backend", b"./extensions/backend")
