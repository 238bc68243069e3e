"""A builder that a loop fills with what another file exports, and that other file."""

from __future__ import annotations

import posixpath

import pytest
from editor import ADOPTED, NEW, NEXT, VARIANTS, code, register
from wix_events.registrations import RegistrationError, add_reexport, unregister

LOOPS = [
    "Object.values(all).forEach((extension) => { builder.use(extension); });",
    "for (const extension of Object.values(all)) builder.use(extension);",
    "const list = Object.values(all);\nlist.map(builder.use);",
]


@pytest.mark.parametrize("loop", LOOPS)
def test_the_file_to_add_an_export_to_is_named(loop: str) -> None:
    start = "import { app } from '@wix/astro/builders';\nimport * as all from './index.ts';\nconst builder = app();\n"
    source = f"{start}{loop}\nexport default builder;\n".encode()
    with pytest.raises(RegistrationError) as caught:
        register(source, [NEW, ADOPTED])
    assert caught.value.reason == "every export of src/index is registered here: add the event there"
    assert caught.value.by_hand == [
        "export { eventNew } from './backend/events/new/new.extension.ts';",
        "export { default as eventMyEvent } from './extensions/backend/events/my-event/my-event.extension.ts';",
    ]


def test_a_loop_over_anything_else_names_no_file() -> None:
    source = b"const builder = app();\nfor (const one of list) builder.use(one);\nexport default builder;\n"
    with pytest.raises(RegistrationError) as caught:
        register(source, [NEW])
    assert caught.value.reason == "`builder` is filled by a loop or a function"
    assert caught.value.by_hand[-1] == "builder.use(eventNew);"


BARRELS = {
    "names": (
        """\
        // All of them.
        export { a } from "./a/a.extension";

        export { default as b } from "./b/b.extension"; // b
        // The end.
        """,
        """\
        // All of them.
        export { a } from "./a/a.extension";

        export { default as b } from "./b/b.extension"; // b

        export { eventNew } from "../backend/events/new/new.extension";

        export { default as eventMyEvent } from "./backend/events/my-event/my-event.extension";
        // The end.
        """,
    ),
    "stars": (
        """\
        export * from './a/a.extension.js'
        export * from './b/b.extension.js'
        """,
        """\
        export * from './a/a.extension.js'
        export * from './b/b.extension.js'
        export * from '../backend/events/new/new.extension.js'
        export { default as eventMyEvent } from './backend/events/my-event/my-event.extension.js'
        """,
    ),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shape", BARRELS)
def test_an_export_is_added_in_the_style_of_the_file(shape: str, variant: str) -> None:
    before, after = (VARIANTS[variant](code(text)) for text in BARRELS[shape])
    assert add_reexport(before, [NEW, ADOPTED], path="src/extensions/index.ts").decode() == after.decode()


@pytest.mark.parametrize("source", [b"", b"// Nothing yet.\n"])
def test_an_empty_file_is_a_list_too(source: bytes) -> None:
    line = b'export { eventNew } from "./backend/events/new/new.extension.js";\n'
    assert add_reexport(source, [NEW], path="src/index.ts", suffix=".js") == source + line


@pytest.mark.parametrize(
    "statement", ["import a from './a.js';", "export { a };", "export const a = 1;", "setup();", "export {"]
)
def test_any_other_file_is_left_to_the_user(statement: str) -> None:
    source = f"export {{ b }} from './b.js';\n{statement}\n".encode()
    with pytest.raises(RegistrationError) as caught:
        add_reexport(source, [NEXT], path="src/index.ts")
    assert caught.value.line == 2
    assert caught.value.by_hand == ["export { eventNext } from './backend/events/next/next.extension.js';"]


def module_of(specifier: str) -> str:
    return posixpath.normpath(posixpath.join("src/extensions", specifier.removesuffix(".js")))


@pytest.mark.parametrize("shape", BARRELS)
def test_an_added_export_can_be_taken_out(shape: str) -> None:
    before, after = (code(text) for text in BARRELS[shape])
    assert unregister(after, [NEW.module, ADOPTED.module], module_of=module_of) == before
