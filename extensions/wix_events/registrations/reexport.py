"""Add events to a barrel: a file that exports again what other files export."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from ..reader.syntax import line, source_of
from .edits import apply
from .registration import Registration, RegistrationError
from .source import Source
from .style import Style, binding_name


def add_reexport(source: bytes, wanted: Sequence[Registration], *, path: str, suffix: str = "") -> bytes:
    """Export events from a barrel whose exports `src/extensions.ts` goes through in a loop.

    Args:
        source: The barrel.
        wanted: The events, none of which it exports yet; they are added in this order.
        path: The barrel's path in the app, from which its relative specifiers start.
        suffix: How a specifier ends where the file has none to imitate (".js" for NodeNext).

    Returns:
        The file with the exports added and nothing else changed.

    Raises:
        RegistrationError: The file is broken, or is more than a list of `export … from "…"`.
    """
    if not wanted:
        return source
    file = Source(source, lambda _: None)
    style = Style(file, posixpath.dirname(path), suffix)
    lines = [style.export_line(event, binding_name(event)) for event in wanted]
    if file.broken is not None:
        raise RegistrationError(*file.broken, lines)
    for statement in file.statements:
        if statement.type != "export_statement" or source_of(statement) is None:
            reason = "the file is more than a list of re-exports"
            raise RegistrationError(line(statement), reason, lines)
    _, edits = style.insert(lines)
    result = apply(source, edits)
    after = Source(result, lambda _: None)
    if after.kinds != [*file.kinds, *["export_statement"] * len(wanted)]:
        raise RegistrationError(1, "an export cannot be added here safely", lines)
    return result
