"""Add events to a src/extensions.ts, their imports and what hands them to the app, or to a barrel that it goes through."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..names import BUILDERS
from ..reader.syntax import Import, line, source_of
from .chain import Calls, Chain, List, Registry
from .edits import Edit, apply, end_of_comments, indent, starts_line
from .layout import call_in_width, edited
from .prettier import DEFAULT, Prettier
from .registration import ModuleOf, Registration, RegistrationError
from .source import Source
from .style import Style, binding_name


class _Missing(NamedTuple):
    """What an event lacks: the import, its use, or both."""

    registration: Registration
    binding: str
    imported: bool
    used: bool


def register(
    source: bytes,
    wanted: Sequence[Registration],
    *,
    module_of: ModuleOf,
    package: str = BUILDERS,
    suffix: str = "",
    folder: str = "src",
    prettier: Prettier = DEFAULT,
) -> bytes:
    """Import and use events that the app does not register yet, or complete what is there of one.

    Args:
        source: The file; nothing makes a new one, as Prettier prints it.
        wanted: The events, each of which the reader misses; they are added in this order.
        module_of: Finds the app's file, without its suffix, that a specifier in the file leads to.
        package: Where `app` is imported from if the file has no code.
        suffix: How an import's specifier ends where the file has none to imitate (".js" for NodeNext).
        folder: The file's folder in the app, from which its relative specifiers start.
        prettier: The app's settings of Prettier.

    Returns:
        The file with the missing imports and uses added and nothing else changed.

    Raises:
        RegistrationError: The file is broken or has no place to extend.
    """
    if not wanted:
        return source
    file = Source(source, module_of)
    if not file.broken and file.imports_types_only:
        file = Source(Style(file, folder, suffix).with_chain(package), module_of)
    registry = Registry(file)
    style = Style(file, folder, suffix, None if registry.barrel else registry.in_use, prettier)
    missing = _missing_of(registry, wanted)
    if not missing:
        return source
    place = registry.place
    if place is None:
        raise RegistrationError(*registry.problem, _by_hand(registry, style, missing))
    imports = [style.import_line(item.registration, item.binding) for item in missing if item.imported]
    uses = [item.binding for item in missing if item.used]
    edits, kinds = [], file.kinds
    if uses:
        edits += _additions(file, style, place, uses)
        if isinstance(place, Calls):
            index = file.statements.index(place.last) + 1
            kinds[index:index] = ["expression_statement"] * len(uses)
    if imports:
        index, inserted = style.insert(imports)
        edits += inserted
        kinds[index:index] = ["import_statement"] * len(imports)
    added = {style.specifier(item.registration.module, folder): item.registration.module for item in missing}
    after = edited(registry, edits, style, lambda specifier: added.get(specifier) or module_of(specifier))
    grown = Counter(after.handed_over())
    grown.subtract(registry.handed_over())
    if (
        after.source.kinds != kinds
        or _missing_of(after, wanted)
        or {name: count for name, count in grown.items() if count} != Counter(uses)
    ):
        lines = _by_hand(registry, style, missing)
        raise RegistrationError(line(place[0]), "an event cannot be added here safely", lines)
    return after.source.code


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
    file = Source(source, lambda _: None)
    style = Style(file, posixpath.dirname(path), suffix)
    lines = [style.export_line(event, binding_name(event)) for event in wanted]
    others = (node for node in file.statements if node.type != "export_statement" or source_of(node) is None)
    foreign = next(((line(node), "the file is more than a list of re-exports") for node in others), None)
    if problem := file.broken or foreign:
        raise RegistrationError(*problem, lines)
    _, edits = style.insert(lines)
    result = apply(source, edits)
    after = Source(result, lambda _: None)
    if after.kinds != [*file.kinds, *["export_statement"] * len(wanted)]:
        raise RegistrationError(1, "an export cannot be added here safely", lines)
    return result


def _missing_of(registry: Registry, wanted: Iterable[Registration]) -> list[_Missing]:
    """Return what a file lacks of each event."""
    source = registry.source
    declared = set(source.declared)
    by_module: dict[str | None, list[Import]] = {}
    for item in source.imports:
        if not item.type_only:
            by_module.setdefault(source.modules[item.specifier], []).append(item)
    found = []
    for event in dict.fromkeys(wanted):
        bound = by_module.get(event.module, [])
        if any(item.binding in registry.in_use for item in bound):
            continue
        unused = next((item.binding for item in bound if item.imported == event.export), None)
        if unused is not None:
            found.append(_Missing(event, unused, imported=False, used=True))
            continue
        name = binding_name(event)
        # A use whose import was lost, say in a merge, only needs the import again.
        orphan = name in registry.in_use and name not in declared
        if not orphan and name in declared:
            number = 2
            while f"{name}{number}" in declared or f"{name}{number}".encode() in source.code:
                number += 1
            name = f"{name}{number}"
        declared.add(name)
        found.append(_Missing(event, name, imported=True, used=not orphan))
    return found


def _by_hand(registry: Registry, style: Style, missing: Iterable[_Missing]) -> list[str]:
    """Return the lines that register the events when they are added by hand."""
    missing = list(missing)
    if registry.barrel is not None:
        folder = registry.barrel.rpartition("/")[0]
        events = [item.registration for item in missing]
        return [style.export_line(event, binding_name(event), folder) for event in events]
    imports = [style.import_line(item.registration, item.binding) for item in missing if item.imported]
    return imports + [registry.form.format(item.binding) for item in missing if item.used]


def _additions(file: Source, style: Style, place: Chain | Calls | List, names: Sequence[str]) -> list[Edit]:
    """Return the edits that hand names to the app, in the style of what stands next to them."""
    if isinstance(place, Chain):
        return _chained(file.code, style.newline, place, names)
    if isinstance(place, List):
        return append(file.code, style.newline, place, names)
    margin = indent(file.code, place.last.start_byte)
    head, mark = margin + place.builder, ";" if file.end_of(place.last)[1] else ""
    calls = [head + call_in_width(f".use({name})", head, margin, mark, style) + mark for name in names]
    return style.behind(place.last, calls)


def _chained(code: bytes, newline: str, chain: Chain, names: Sequence[str]) -> list[Edit]:
    if not chain.links:
        end = chain.root.end_byte
        return [(end, end, "".join(f".use({name})" for name in names).encode())]
    last = chain.links[-1]
    end = last.call.end_byte
    if b"\n" in code[last.receiver.end_byte : last.dot.start_byte]:
        end = end_of_comments(code, end)
        start = f"{newline}{indent(code, last.dot.start_byte)}.use("
    elif b"\n" in code[last.dot.end_byte : last.name.start_byte]:
        start = f".{newline}{indent(code, last.name.start_byte)}use("
    else:
        start = ".use("
    return [(end, end, "".join(f"{start}{name})" for name in names).encode())]


def append(code: bytes, newline: str, place: List, names: Sequence[str]) -> list[Edit]:
    """Return the edits that add names to a list, each on a line of its own where its last element is.

    Args:
        code: The source.
        newline: Its line ending.
        place: The list.
        names: What to add.
    """
    if not place.elements:
        inside = place.array.start_byte + 1
        return [(inside, inside, ", ".join(names).encode())]
    last = place.elements[-1]
    end = last.end_byte
    commas = [child for child in place.array.children if child.type == "," and child.start_byte >= end]
    trailing = bool(commas)
    behind = commas[-1].end_byte if commas else end
    if not starts_line(code, last.start_byte):
        added = "".join(f" {name}," for name in names) if trailing else "".join(f", {name}" for name in names)
        return [(behind, behind, added.encode())]
    margin = newline + indent(code, last.start_byte)
    added = margin + f",{margin}".join(names) + ("," if trailing else "")
    behind = end_of_comments(code, behind)
    comma = [] if trailing else [(end, end, b",")]
    return [*comma, (behind, behind, added.encode())]
