"""Let the imports and re-exports of a src/extensions.ts follow builder files that have moved."""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from ..names import aliased_specifier, relative_specifier
from ..reader.syntax import NAMES, line, name_of, source_of, text, walk
from .add import by_hand, missing_of
from .chain import Registry
from .edits import Edit
from .layout import edited
from .prettier import DEFAULT, Prettier
from .registration import ModuleOf, Registration, RegistrationError
from .remove import unregister
from .source import Source
from .style import Style, suffix_of

Rename = tuple[Registration, Registration]

_ITEMS = frozenset({"import_specifier", "export_specifier"})


def rename(
    source: bytes, renames: Sequence[Rename], *, module_of: ModuleOf, prettier: Prettier = DEFAULT
) -> bytes:
    """Let the imports and re-exports of builder files follow them to their new places and names.

    The local binding follows too where it was the old export's name and the new one is free. What is exported again
    keeps its name, by which others may import it.

    Args:
        source: The file.
        renames: Each builder file as it was and as it is now.
        module_of: Finds the app's file, without its suffix, that a specifier in the file leads to or led to.
        prettier: The app's settings of Prettier.

    Returns:
        The file with those imports changed, each in its own style, and what hands them over in its place.

    Raises:
        RegistrationError: The file is broken, or an import is of a kind that cannot follow.
    """
    if not renames:
        return source
    file = Source(source, module_of)
    registry = Registry(file)
    style = Style(file, "src", "", registry.in_use, prettier)
    if file.broken is not None:
        raise RegistrationError(
            *file.broken, by_hand(registry, style, missing_of(registry, [new for _, new in renames]))
        )
    # After a run that was cut short both may be there.
    leaving = {old.module for old, new in renames if old.module != new.module}
    there = {file.modules[item.specifier] for item in file.imports if item.binding in registry.in_use}
    done = {old.module for old, new in renames if old.module in leaving and new.module in there - leaving}
    if done:
        left = [pair for pair in renames if pair[0].module not in done]
        source = unregister(source, done, module_of=module_of, prettier=prettier)
        return rename(source, left, module_of=module_of, prettier=prettier)
    edits = [*_specifiers(file, renames), *_names(file, renames), *_exported(file, renames)]
    after = edited(registry, edits, style, module_of).source
    if after.kinds != file.kinds:
        raise RegistrationError(
            file.line_of({old.module for old, _ in renames}), "an event cannot be renamed safely"
        )
    return after.code


def _specifiers(file: Source, renames: Sequence[Rename]) -> list[Edit]:
    """Point imports and re-exports to where the files are now."""
    moved = {old.module: new.module for old, new in renames if old.module != new.module}
    edits: list[Edit] = []
    for statement in file.statements:
        source = source_of(statement)
        specifier = text(source)[1:-1] if source is not None else ""
        module = file.modules.get(specifier)
        if source is not None and module in moved:
            new = _respelled(specifier, module or "", moved[module or ""])
            edits.append((source.start_byte + 1, source.end_byte - 1, new.encode()))
    return edits


def _names(file: Source, renames: Sequence[Rename]) -> list[Edit]:
    """Import the files' exports by their names of now."""
    pairs = {old.module: (old, new) for old, new in renames}
    changed = [
        (item, *pair)
        for item in file.imports
        if (pair := pairs.get(file.modules[item.specifier] or ""))
        and item.imported == pair[0].export != pair[1].export
    ]
    followers = _followers(
        file,
        {
            item.binding: new.export
            for item, old, new in changed
            if item.binding == old.export and new.export != "default"
        },
    )
    edits: list[Edit] = []
    for item, _, new in changed:
        start, end = item.node.start_byte, item.node.end_byte
        if item.node.type != "import_specifier":
            clause = next(child for child in item.statement.children if child.type == "import_clause")
            if new.export != "default" and len(clause.children) > 1:
                raise RegistrationError(
                    line(item.node), f"the import of `{item.binding}` can only be renamed by hand"
                )
            edits.append((start, end, f"{{ {new.export} as {item.binding} }}".encode()))
            continue
        edits.append(_renamed_item(item.node, new.export, followers.get(item.binding, item.binding)))
    for node in walk(file.root, skip={"import_statement"}) if followers else ():
        if node.type == "identifier" and text(node) in followers:
            edits.append((node.start_byte, node.end_byte, followers[text(node)].encode()))
    return edits


def _exported(file: Source, renames: Sequence[Rename]) -> list[Edit]:
    """Export the files' exports again by the same names as before."""
    changed = {old.module: (old.export, new.export) for old, new in renames if old.export != new.export}
    edits: list[Edit] = []
    for statement in file.statements:
        source = source_of(statement) if statement.type == "export_statement" else None
        module = file.modules[text(source)[1:-1]] if source is not None else None
        edits += renamed_items(statement, *changed[module]) if module in changed else []
    return edits


def renamed_items(statement: Node, old: str, new: str) -> list[Edit]:
    """Return the edits by which the names in an import or re-export follow what they name, as `{ new as old }`.

    Args:
        statement: The import or re-export.
        old: What the module exported.
        new: What it exports now.
    """
    items = [node for node in walk(statement) if node.type in _ITEMS]
    return [
        _renamed_item(item, new) for item in items if name_of(item.child_by_field_name("name") or item) == old
    ]


def _renamed_item(item: Node, new: str, known: str = "") -> Edit:
    """Return the edit that takes another export, known here by its name of before unless another is given."""
    name = item.child_by_field_name("name") or item
    known = known or text(item.child_by_field_name("alias") or name)
    return name.start_byte, item.end_byte, (new if known == new else f"{new} as {known}").encode()


def _followers(file: Source, names: dict[str, str]) -> dict[str, str]:
    """Return the bindings that can take their new name: it is free, and no reference spells a key too."""
    taken: set[str] = set()
    fixed: set[str] = set()
    for statement in file.statements if names else ():
        for node in walk(statement):
            if node.type in NAMES or node.type in {
                "type_identifier",
                "shorthand_property_identifier_pattern",
            }:
                taken.add(text(node))
            if node.type.startswith("shorthand_property_identifier"):
                fixed.add(text(node))
            if node.type == "export_specifier":
                fixed |= {text(child) for child in node.named_children}
    return {old: new for old, new in names.items() if old not in fixed and new not in taken}


def _respelled(specifier: str, old: str, new: str) -> str:
    """Return a specifier for another module, by the same alias where that reaches it."""
    aliased = None if specifier.startswith(".") else aliased_specifier(specifier, old, new)
    return aliased or relative_specifier(new, "src") + suffix_of(specifier)
