"""The editor of src/extensions.ts as its tests call it: what a specifier leads to is told by its spelling."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

from wix_events import registrations
from wix_events.follow import follow
from wix_events.registrations import Registration
from wix_events.registrations.chain import Registry
from wix_events.registrations.prettier import DEFAULT, Prettier
from wix_events.registrations.source import Source


def event(name: str) -> Registration:
    """Return how the template registers an event of a name."""
    camel = "".join(word.capitalize() for word in name.split("-"))
    return Registration(f"src/backend/events/{name}/{name}.extension", f"event{camel}")


NEW, NEXT, LAST = event("new"), event("next"), event("last")
ADOPTED = Registration("src/extensions/backend/events/my-event/my-event.extension", "default")


def code(text: str) -> bytes:
    """Return an indented text as a file."""
    return dedent(text).encode()


def module_of(specifier: str) -> str | None:
    """Return the file that src/extensions.ts means, for an app whose aliases for `src` are @ and ~."""
    plain = re.sub(r"^[@~]/", "./", re.sub(r"\.[cm]?[jt]sx?$", "", specifier))
    return posixpath.normpath(posixpath.join("src", plain)) if plain.startswith(".") else None


def register(source: bytes, wanted: Sequence[Registration], **options: Any) -> bytes:
    """Register events, see `registrations.register`."""
    return registrations.register(source, wanted, module_of=module_of, **options)


def new_file(wanted: Sequence[Registration], **options: str) -> bytes:
    """Return the file that events are registered in where there is none."""
    bare = b'import { app } from "@wix/astro/builders";\n\nexport default app();\n'
    return register(b"", wanted, **options) if wanted else bare


def unregister(source: bytes, *modules: str, **options: Any) -> bytes:
    """Take events out, see `registrations.unregister`."""
    return registrations.unregister(source, modules, module_of=module_of, **options)


def rename(source: bytes, *renames: tuple[Registration, Registration], prettier: Prettier = DEFAULT) -> bytes:
    """Let the file follow builders that move, see `follow`."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        if prettier.found:
            said = {
                "printWidth": prettier.width,
                "tabWidth": prettier.tab,
                "useTabs": prettier.unit == "\t",
                "trailingComma": prettier.commas,
            }
            (root / ".prettierrc").write_text(json.dumps(said))
        for path in ("src/extensions.ts", *(f"{old.module}.ts" for old, _ in renames)):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(source if path == "src/extensions.ts" else b"export {};\n")
        moved = {f"{old.module}.ts": f"{new.module}.ts" for old, new in renames}
        folders = {posixpath.dirname(old): posixpath.dirname(new) for old, new in moved.items()}
        exports = {f"{old.module}.ts": (old.export, new.export) for old, new in renames}
        return follow(root, moved, folders, exports).contents.get("src/extensions.ts", source)


def registered(source: bytes) -> dict[str, str]:
    """Return the name under which each file of the app is handed over."""
    file = Source(source, module_of)
    in_use: Collection[str] = Registry(file).in_use
    found: dict[str, str] = {}
    for item in file.imports:
        module = file.modules[item.specifier]
        if module is not None and not item.type_only and item.binding in in_use:
            found.setdefault(module, item.binding)
    return found


# What means nothing to the editor, and must not change.
VARIANTS = {
    "as it is": lambda source: source,
    "CRLF": lambda source: source.replace(b"\n", b"\r\n"),
    "BOM": lambda source: b"\xef\xbb\xbf" + source,
    "no final newline": lambda source: source.rstrip(b"\n"),
    "tabs": lambda source: source.replace(b"  ", b"\t"),
}


def check_addition(before: str, after: str, variant: str, is_undone: bool = True) -> None:
    """Check that NEW is added to a file in one way, added once only, and taken out again without a trace."""
    source, wanted = (VARIANTS[variant](code(text)) for text in (before, after))
    result = register(source, [NEW])
    assert result.decode() == wanted.decode()
    assert register(result, [NEW]) == result
    if is_undone:
        assert unregister(result, NEW.module) == source
