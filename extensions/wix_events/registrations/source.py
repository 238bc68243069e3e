"""A parsed file: its statements, what they import and declare, and where they end."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property

from tree_sitter import Node

from ..files import conflict_line, line_at
from ..reader.modules import Module
from ..reader.syntax import (
    Import,
    declaration,
    declarators,
    first_error,
    line,
    parse,
    parts,
    source_of,
    text,
)
from .edits import has_blank_line
from .registration import ModuleOf, RegistrationError

_BARE_RETURN = re.compile(rb"\r(?!\n)")
_IDLE = {"comment", "empty_statement", "hash_bang_line"}


class Source:
    """A TypeScript file that is edited.

    Attributes:
        code: The bytes.
        statements: What it consists of, comments left out.
        module: What the reader says of it.
        imports: Every binding that it imports, those of types included.
        values: The value that each top-level variable is given first, by name.
        broken: The line that does not parse and a sentence, None if all does.
    """

    def __init__(self, code: bytes, module_of: ModuleOf) -> None:
        """Parse a file.

        Args:
            code: Its bytes.
            module_of: Finds the app's file that a specifier leads to.

        Raises:
            RegistrationError: These bytes are no text that can be edited.
        """
        _check(code)
        self.code = code
        self.module_of = module_of
        self.root = parse(code)
        self.module = Module("", self.root)
        if self.root.has_error and (conflict := conflict_line(code)):
            raise RegistrationError(conflict, "a merge left its conflict markers")
        self.broken: tuple[int, str] | None = None
        if self.root.has_error:
            self.broken = line(first_error(self.root)), "this is not valid TypeScript"
        self.statements = [node for node in self.root.children if node.type not in _IDLE]
        self.imports = self.module.bindings
        self.values: dict[str, Node] = {}
        for name, value in (item for node in self.statements for item in _assigned(node)):
            self.values.setdefault(name, value)

    @property
    def kinds(self) -> list[str]:
        """The types of its statements, and where it does not parse."""
        return [statement.type for statement in self.statements] + ["ERROR"] * (self.broken is not None)

    @property
    def imports_types_only(self) -> bool:
        """Whether nothing in it is code: it is empty, or has comments and imports of types."""
        stated = {node.type for node in self.statements} <= {"import_statement"}
        return stated and all(item.type_only for item in self.imports)

    @cached_property
    def modules(self) -> dict[str, str | None]:
        """The app's file that each imported or re-exported specifier leads to."""
        specifiers = {text(source)[1:-1] for node in self.statements if (source := source_of(node))}
        return {specifier: self.module_of(specifier) for specifier in specifiers}

    def imported(self, modules: Collection[str]) -> list[Import]:
        """Return the bindings that come from one of some modules."""
        return [item for item in self.imports if self.modules[item.specifier] in modules]

    @cached_property
    def declared(self) -> set[str]:
        """The names that nothing new at the top level may have."""
        return {*(item.binding for item in self.imports), *self.module.locals}

    def line_of(self, modules: Collection[str]) -> int:
        """Return the line of the first import from one of some modules."""
        return next((line(item.node) for item in self.imported(modules)), 1)

    def above(self, statement: Node) -> int:
        """Return the start of a statement with the comments right above it, unless they head the file."""
        children = self.root.children
        first = children.index(statement)
        while first and children[first - 1].type == "comment":
            if has_blank_line(self.code[children[first - 1].end_byte : children[first].start_byte]):
                break
            first -= 1
        return children[first].start_byte if first else statement.start_byte

    def end_of(self, statement: Node) -> tuple[int, bool]:
        """Return the end of a statement on its own last line, and whether a semicolon is there.

        A semicolon on a later line guards the statement after it: `;[a].map(…)`.
        """
        end = [child for child in statement.children if child.type not in {"comment", ";"}][-1].end_byte
        semicolon = semicolon_of(statement)
        if semicolon is None or b"\n" in self.code[end : semicolon.start_byte]:
            return end, False
        return semicolon.end_byte, True


def semicolon_of(statement: Node) -> Node | None:
    """Return the semicolon that ends a statement."""
    children = declaration(statement).children
    return next((child for child in children if child.type == ";" and not child.is_missing), None)


def assignment(statement: Node) -> tuple[str | None, Node | None]:
    """Return the variable that an expression statement assigns to, if it does, and the expression."""
    found = next(iter(parts(statement)), None) if statement.type == "expression_statement" else None
    if found is None or found.type != "assignment_expression":
        return None, found
    left, right = found.child_by_field_name("left"), found.child_by_field_name("right")
    return (text(left), right) if left is not None else (None, None)


def _check(code: bytes) -> None:
    """Refuse bytes that are no text, and line endings that no tool of today writes."""
    try:
        code.decode()
    except UnicodeDecodeError as error:
        reason = f"the byte 0x{code[error.start]:02x} is not UTF-8"
        raise RegistrationError(line_at(code, error.start), reason) from None
    if found := _BARE_RETURN.search(code):
        reason = "a line ends with a carriage return alone (CR): save the file with LF or CRLF line endings"
        raise RegistrationError(line_at(code, found.start()), reason)


def _assigned(statement: Node) -> Iterator[tuple[str, Node]]:
    """Yield each variable that a statement gives a value, with the value."""
    for declarator in declarators(statement):
        name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        if name is not None and value is not None:
            yield text(name), value
    target, value = assignment(statement)
    if target is not None and value is not None:
        yield target, value
