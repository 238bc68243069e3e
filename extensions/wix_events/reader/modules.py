"""The files of an app as modules: what each imports, declares and exports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tree_sitter import Node

from .syntax import Import, declaration, declarators, imports, name_of, text


class Member(NamedTuple):
    """A name destructured from a value: names leads to it in `const { orders: { onOrderCreated } } = ecom`."""

    object: Node
    names: tuple[str, ...]


class From(NamedTuple):
    """A name taken from another module: `export { default as x } from "./x"`, or an import."""

    specifier: str
    name: str
    statement: Node


@dataclass(eq=False)
class Module:
    """One parsed file of the app.

    Attributes:
        path: Its path in the app.
        root: Its program node.
        bindings: All that its imports bind.
        imports: The same by the local name, types left out.
        locals: What else stands at its top level, by name: a declaration, or the value of a constant.
        exports: What it exports, by name.
        stars: The modules that it passes on whole.
    """

    path: str
    root: Node
    bindings: list[Import] = field(default_factory=list)
    imports: dict[str, Import] = field(default_factory=dict)
    locals: dict[str, Node | Member] = field(default_factory=dict)
    exports: dict[str, Node | From] = field(default_factory=dict)
    stars: list[From] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note what the file says at its top level."""
        self.bindings = list(imports(self.root))
        self.imports = {item.binding: item for item in self.bindings if not item.type_only}
        for statement in self.root.named_children:
            if statement.type == "export_statement":
                self._export(statement)
            elif statement.type not in ("import_statement", "expression_statement", "comment"):
                self._declare(declaration(statement))

    @property
    def passed_on(self) -> list[From]:
        """What it passes on from other modules."""
        return [export for export in self.exports.values() if isinstance(export, From)] + self.stars

    @property
    def is_barrel(self) -> bool:
        """Whether it is a plain list of re-exports, to which one can be added."""
        code = [node for node in self.root.named_children if node.type != "comment"]
        lists = all(node.type == "export_statement" and node.child_by_field_name("source") for node in code)
        return bool(code) and lists and not self.root.has_error

    def _export(self, statement: Node) -> None:
        """Note what an export statement exports."""
        declared = statement.child_by_field_name("declaration")
        value = statement.child_by_field_name("value") or declared
        source = statement.child_by_field_name("source")
        specifier = text(source)[1:-1] if source else None
        kinds = {child.type for child in statement.children}
        if "type" in kinds:
            return
        if declared:
            self._declare(declared)
        if "default" in kinds:
            if value:
                self.exports["default"] = value
        elif declared:
            self.exports.update(_declared(declared))
        elif specifier is not None and "*" in kinds:
            self.stars.append(From(specifier, "*", statement))
        for child in statement.named_children:
            if child.type == "namespace_export" and specifier is not None and child.named_children:
                self.exports[name_of(child.named_children[-1])] = From(specifier, "*", statement)
            elif child.type == "export_clause":
                for item in child.named_children:
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    if name is None or any(part.type == "type" for part in item.children):
                        continue
                    self.exports[name_of(alias or name)] = (
                        name if specifier is None else From(specifier, name_of(name), statement)
                    )

    def _declare(self, statement: Node) -> None:
        """Note what a declaration binds its names to."""
        self.locals.update((name, statement) for name, _ in _declared(statement))
        for declarator in declarators(statement):
            target, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
            if target is not None and value is not None:
                self.locals.update(_bound(target, value))


def _bound(target: Node, value: Node) -> Iterator[tuple[str, Node | Member]]:
    """Yield the names that a variable's name or pattern binds, each with what it stands for.

    Items of a list are not told apart: each stands for the whole list.
    """
    nodes: list[tuple[Node, tuple[str, ...]]] = [(target, ())]
    while nodes:
        node, names = nodes.pop()
        if node.type == "identifier":
            yield text(node), Member(value, names) if names else value
        elif node.type == "shorthand_property_identifier_pattern":
            yield text(node), Member(value, (*names, text(node)))
        elif node.type == "pair_pattern":
            key, local = node.child_by_field_name("key"), node.child_by_field_name("value")
            nodes += [(local, (*names, name_of(key)))] if key is not None and local is not None else []
        elif node.type.endswith("assignment_pattern"):
            nodes += [(left, names)] if (left := node.child_by_field_name("left")) is not None else []
        elif node.type in ("object_pattern", "array_pattern", "rest_pattern"):
            nodes += [(child, names) for child in node.named_children]


def _declared(statement: Node) -> Iterator[tuple[str, Node]]:
    """Yield the plain names that a declaration makes, each with its node."""
    for holder in declarators(statement) or [statement]:
        name = holder.child_by_field_name("name")
        if name is not None and name.type in ("identifier", "type_identifier"):
            yield text(name), name
