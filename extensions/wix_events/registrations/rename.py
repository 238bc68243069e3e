"""Let the imports and re-exports of a src/extensions.ts follow builder files that have moved."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tree_sitter import Node

from ..names import aliased_specifier, relative_specifier
from ..reader.syntax import NAMES, line, source_of, text, walk
from .add import by_hand, missing_of
from .chain import Registry
from .edits import Edit
from .layout import edited
from .registration import ModuleOf, Registration, RegistrationError
from .remove import unregister
from .source import Source
from .style import Style, suffix_of

Rename = tuple[Registration, Registration]


def rename(source: bytes, renames: Sequence[Rename], *, module_of: ModuleOf) -> bytes:
    """Let the imports and re-exports of builder files follow them to their new places and names.

    The local binding follows too where it was the old export's name and the new one is free. What is exported again
    keeps its name, by which others may import it.

    Args:
        source: The file.
        renames: Each builder file as it was and as it is now.
        module_of: Finds the app's file, without its suffix, that a specifier in the file leads to or led to.

    Returns:
        The file with those imports changed, each in its own style, and what hands them over in its place.

    Raises:
        RegistrationError: The file is broken, or an import is of a kind that cannot follow.
    """
    if not renames:
        return source
    file = Source(source, module_of)
    registry = Registry(file)
    style = Style(file, "src", "", registry.in_use)
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
        return rename(unregister(source, done, module_of=module_of), left, module_of=module_of)
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
        edits.append(renamed_item(item.node, new.export, followers.get(item.binding, item.binding)))
    for node in _code(file) if followers else ():
        if node.type == "identifier" and text(node) in followers:
            edits.append((node.start_byte, node.end_byte, followers[text(node)].encode()))
    return edits


def _exported(file: Source, renames: Sequence[Rename]) -> list[Edit]:
    """Export the files' exports again by the same names as before."""
    pairs = {old.module: (old.export, new.export) for old, new in renames}
    edits: list[Edit] = []
    for statement in file.statements:
        source = source_of(statement)
        pair = pairs.get(file.modules[text(source)[1:-1]] or "") if source is not None else None
        for clause in statement.named_children if pair is not None else ():
            for item in clause.named_children if clause.type == "export_clause" else ():
                name = item.child_by_field_name("name")
                if pair and name is not None and text(name) == pair[0] != pair[1]:
                    edits.append(renamed_item(item, pair[1]))
    return edits


def renamed_item(item: Node, new: str, known: str = "") -> Edit:
    """Return the edit of `{ old }` or `{ old as x }` that takes the name from another export.

    Args:
        item: What stands between the braces or commas.
        new: The name that is exported now.
        known: The name to go on with here, the one of before unless given.
    """
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


def _code(file: Source) -> Collection[Node]:
    """Return all nodes outside of imports."""
    return [node for item in file.statements if item.type != "import_statement" for node in walk(item)]


def _respelled(specifier: str, old: str, new: str) -> str:
    """Return a specifier for another module, by the same alias where that reaches it.

    Args:
        specifier: How the old module is imported.
        old: The module that it leads to, without its suffix.
        new: The module that it is to lead to.
    """
    suffix = suffix_of(specifier)
    if not specifier.startswith("."):
        aliased = aliased_specifier(specifier.removesuffix(suffix), old, new)
        if aliased is not None:
            return aliased + suffix
    return relative_specifier(new, "src") + suffix
