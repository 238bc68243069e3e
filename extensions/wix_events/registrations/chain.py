"""Where a src/extensions.ts hands extensions to the app: an `app()` chain, a builder's statements or a list.

What the Wix build takes was measured with @wix/astro 2.74.0: the default export, which is what `app()` makes or an
object with a list `extensions`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import NamedTuple

from tree_sitter import Node

from ..reader.syntax import (
    FUNCTIONS,
    LOOPS,
    entries,
    line,
    names_in,
    parts,
    text,
    unwrap,
    walk,
)
from .source import Source, assignment

_DOTTED = re.compile(r"[\w$]+(\.[\w$]+)*")


def takes(argument: str, names: Collection[str]) -> bool:
    """Tell whether what is handed over is one of the names, or a member of one, and nothing else."""
    return _DOTTED.fullmatch(argument) is not None and argument.split(".")[0] in names


class Link(NamedTuple):
    """One `.use()` call of a chain; `argument` is its only argument, without casts."""

    call: Node
    receiver: Node
    name: Node
    arguments: Node
    argument: str

    @property
    def dot(self) -> Node:
        """What stands before `use`."""
        marks = {".", "?.", "optional_chain"}
        member = self.call.child_by_field_name("function")
        return next(child for child in (member or self.call).children if child.type in marks)


class Chain(NamedTuple):
    """An `app()` call, or a builder's name, with `.use()` calls to which new ones are joined.

    `top` is the whole expression, `root` what it starts from.
    """

    top: Node
    root: Node
    links: list[Link]


class Calls(NamedTuple):
    """A builder variable that statements of its own fill; new ones go after the last.

    `builder` is what stands in front of `.use()` in them: the variable, or its assignment to itself.
    """

    last: Node
    builder: str


class List(NamedTuple):
    """The array `extensions` of the default export; `holder` is the object that it stands in, if it does."""

    array: Node
    holder: Node | None

    @property
    def elements(self) -> list[Node]:
        """What is in it."""
        return parts(self.array)


class Registry:
    """What a src/extensions.ts hands to the app.

    Attributes:
        place: Where a new event goes, None if there is no such place.
        problem: The line and the reason of that.
        form: How a new event is handed over by hand there.
        barrel: The file whose exports a loop hands over, without its suffix.
    """

    def __init__(self, source: Source) -> None:
        """Find the chain or the list of a file."""
        self.source = source
        self.place: Chain | Calls | List | None = None
        self.problem = source.broken or (1, "")
        self.form = ".use({})"
        self.barrel: str | None = None
        self._links: dict[int, Link] = {}
        if source.broken is None and (exported := self._exported()) is not None:
            self._find(exported)

    @property
    def links(self) -> Collection[Link]:
        """Every `.use()` call that fills what the file exports."""
        return self._links.values()

    @property
    def elements(self) -> list[Node]:
        """What is in the list, if it is one."""
        return self.place.elements if isinstance(self.place, List) else []

    def handed_over(self) -> list[str]:
        """Return what is handed over, as it is written but for white space and casts."""
        found = [link.argument for link in self.links] + [text(unwrap(node)) for node in self.elements]
        return [" ".join(argument.split()) for argument in found]

    @cached_property
    def in_use(self) -> set[str]:
        """The names that are handed over, also by way of a variable."""
        return names_in([*(link.arguments for link in self.links), *self.elements], self.source.values)

    def _find(self, exported: Node) -> None:
        """Set what the default export says."""
        names = self._origin(exported)
        if names is None:
            self._find_list(exported)
            return
        root, links = unroll(exported)
        top = unwrap(exported)
        self._add(links)
        for name in names:
            self._add(unroll(self.source.values[name])[1])
        if names and (looped := self._collect(set(names))) is not None:
            statement, node = looped
            self.form = names[-1] + ".use({});"
            self.problem = line(node), f"`{names[-1]}` is filled by a loop or a function"
            self._find_barrel(statement)
            return
        while not links and root.type == "identifier":
            if (place := self._calls(text(root))) is not None:
                self.place = place
                return
            value = self.source.values[text(root)]
            root, links = unroll(value)
            top = unwrap(value)
        self.place = Chain(top, root, links)

    def _exported(self) -> Node | None:
        """Return the expression of the default export, or the name of the only chain in a file that has none."""
        export = self.source.module.exports.get("default")
        if isinstance(export, Node):
            return export
        values = self.source.values
        chains = [value for value in values.values() if self._origin(value) == []]
        lists = [value for value in values.values() if unwrap(value).type == "array"]
        if len(chains) == 1:
            given = chains[0].parent
            return given and (given.child_by_field_name("name") or given.child_by_field_name("left"))
        if chains:
            reason = "this is a second `app()` chain, and neither is the default export"
            self.problem = line(chains[1]), reason
        elif len(lists) == 1:
            self.form = "{},"
            reason = "this list is not the default export, which the Wix build asks for"
            self.problem = line(lists[0]), reason
        else:
            last = line(self.source.statements[-1]) if self.source.statements else 1
            self.problem = last, "the file has no `export default app()` chain"
        return None

    def _find_list(self, exported: Node) -> None:
        """Set the list `extensions` of an exported object, or the problem."""
        holder = self._followed(exported)
        value = entries(holder).get("extensions")
        if value is None and holder.type == "object":
            short = [item for item in parts(holder) if item.type == "shorthand_property_identifier"]
            value = next((item for item in short if text(item) == "extensions"), None)
        array = self._followed(value) if value is not None else None
        if array is not None and array.type == "array":
            self.place = List(array, holder if value is not None and value.id == array.id else None)
            self.form = "{},"
            return
        self.problem = (
            line(exported),
            "the default export has to be an `app()` chain or an object with a list",
        )
        if any(node.type == "array" for node in walk(holder)):
            self.form = "{},"

    def _origin(self, value: Node) -> list[str] | None:
        """Return the variables, nearest first, by which an expression comes from `app()`, None if not."""
        names: list[str] = []
        while True:
            root, _ = unroll(value)
            if self._is_app(root):
                return names
            if root.type != "identifier" or text(root) not in self.source.values or text(root) in names:
                return None
            names.append(text(root))
            value = self.source.values[names[-1]]

    def _is_app(self, node: Node) -> bool:
        function = node.child_by_field_name("function") if node.type == "call_expression" else None
        if function is not None and function.type == "member_expression":
            return unroll(node)[0].id == node.id and text(function.children[0]) in self._namespaces
        return function is not None and function.type == "identifier" and text(function) in self._apps

    @cached_property
    def _namespaces(self) -> dict[str, str | None]:
        """The module of each namespace that is imported, None for a package."""
        imports = self.source.imports
        return {item.binding: self.source.modules[item.specifier] for item in imports if item.imported == "*"}

    @cached_property
    def _apps(self) -> set[str]:
        found = (item for item in self.source.imports if "app" in {item.imported, item.binding})
        return {item.binding for item in found} or {"app"}

    def _followed(self, value: Node) -> Node:
        """Return what a name stands for, or the expression itself, without casts."""
        seen: set[str] = set()
        while (name := text(node := unwrap(value))) in self.source.values and name not in seen:
            seen.add(name)
            value = self.source.values[name]
        return node

    def _add(self, links: Iterable[Link]) -> None:
        self._links.update((link.call.id, link) for link in links)

    def _collect(self, builders: set[str]) -> tuple[Node, Node] | None:
        """Add every link on a builder's name to `links`; return what fills one repeatedly or out of sight.

        Returns:
            The statement and the node in it.
        """
        looped: tuple[Node, Node] | None = None
        seen: set[int] = set()
        for statement in self.source.statements:
            stack = [(statement, False)] if statement.type != "import_statement" else []
            while stack:
                node, repeated = stack.pop()
                repeated = repeated or node.type in FUNCTIONS or node.type in LOOPS
                if node.type == "call_expression" and node.id not in seen:
                    root, links = unroll(node)
                    seen.update(link.call.id for link in links)
                    if links and text(root) in builders:
                        self._add(links)
                        looped = (statement, node) if repeated else looped
                        stack += [(link.arguments, repeated) for link in links]
                        continue
                elif node.type == "member_expression":
                    holder, name = node.child_by_field_name("object"), node.child_by_field_name("property")
                    if (
                        holder is not None
                        and name is not None
                        and name.text == b"use"
                        and text(holder) in builders
                    ):
                        looped = statement, node
                stack += [(child, repeated) for child in node.children]
        return looped

    def _find_barrel(self, statement: Node) -> None:
        """Set the one file of the app whose exports a loop goes through."""
        names = names_in([statement], self.source.values)
        modules = {
            module for name, module in self._namespaces.items() if name in names and module is not None
        }
        if len(modules) == 1:
            self.barrel = modules.pop()
            self.problem = (
                self.problem[0],
                f"every export of {self.barrel} is registered here: add the event there",
            )

    def _calls(self, builder: str) -> Calls | Chain | None:
        """Return the last statement that fills a builder, as the place for the next one."""
        place: Calls | Chain | None = None
        for statement in self.source.statements:
            target, value = assignment(statement)
            if value is None or target not in {None, builder}:
                continue
            root, links = unroll(value)
            if links and root.type == "identifier" and text(root) == builder:
                start = f"{builder} = {builder}" if target else builder
                place = Chain(unwrap(value), root, links) if len(links) > 1 else Calls(statement, start)
        return place

    def filled_by(self, statement: Node) -> list[Link]:
        """Return the links of a statement that does nothing but fill a builder."""
        target, value = assignment(statement)
        root, links = unroll(value) if value is not None else (statement, [])
        own = target in {None, text(root)} and all(link.call.id in self._links for link in links)
        return links if own else []


def unroll(value: Node) -> tuple[Node, list[Link]]:
    """Return what a chain of calls starts from, and its `.use()` links in order."""
    links = []
    node = unwrap(value)
    while node.type == "call_expression":
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None or function.type != "member_expression":
            break
        receiver, name = function.child_by_field_name("object"), function.child_by_field_name("property")
        if receiver is None or name is None or (name.text == b"app" and receiver.type == "identifier"):
            break
        if name.text == b"use":
            given = parts(arguments)
            links.append(
                Link(node, receiver, name, arguments, text(unwrap(given[0])) if len(given) == 1 else "")
            )
        node = unwrap(receiver)
    return node, links[::-1]
