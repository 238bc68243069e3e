"""Which extensions a module makes: the calls of `extensions.<kind>({ … })`, and what their options say."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from ..names import module_of
from .listeners import find_listener
from .modules import Module
from .syntax import arguments, line, member_root, string, walk
from .values import External, Value, Values

# Packages whose `extensions` makes extensions: the three entries of @wix/astro, and what older apps import.
_BUILDERS = frozenset(
    {
        "@wix/astro/builders",
        "@wix/astro/builders/experimental",
        "@wix/astro/builders/trusted",
        "@wix/custom-extensions",
    }
)


class Span(NamedTuple):
    """A piece of a file, from one byte to another."""

    file: str
    start: int
    end: int


class FoundExtension(NamedTuple):
    """One `extensions.<kind>({ … })` call in an app; paths are relative to the app, with forward slashes.

    Attributes:
        kind: The builder's name: "event", "dashboardPage", "dataCollections", …
        builder: File that holds the call; `src/extensions.ts` where it stands in the chain itself.
        line: Line of the call, from 1.
        export: Name under which the builder file exports it, or None.
        id: The extension's id, or None where it is not a plain string.
        id_line: Line of the id, or of the call where the builder file does not hold the id.
        registered: Whether `src/extensions.ts` hands it to the app.
        source: The source as it is written, or None where it is not a plain string.
        handler: File that the source names, or None where there is none or it lies outside of the app.
        event: Key of the event that the handler listens to (`crm.contacts.onContactCreated`), or None where
            the code does not tell.
        event_package: Package that publishes this event (`@wix/crm`), or None.
        listener_file: File that holds the listener call, at the end of re-exports, or None.
        handler_line: Line of the listener call in that file, or None.
        collections: The list of a `dataCollections` extension, brackets included, where it is written out as one.
        suffixes: The `idSuffix` of each collection in that list, with its file and line.
    """

    kind: str
    builder: str
    line: int
    export: str | None
    id: str | None
    id_line: int
    registered: bool
    source: str | None = None
    handler: str | None = None
    event: str | None = None
    event_package: str | None = None
    listener_file: str | None = None
    handler_line: int | None = None
    collections: Span | None = None
    suffixes: tuple[tuple[str, str, int], ...] = ()


class Extensions:
    """The extensions in the modules of an app."""

    def __init__(self, values: Values) -> None:
        """Look for extensions among the values of an app."""
        self._values = values
        self._files = values.files
        self._exports: dict[str, dict[int, list[str]]] = {}

    def kind(self, module: Module, call: Node) -> str | None:
        """Return which kind of extension a call makes, or None where it makes none."""
        callee = call.child_by_field_name("function")
        if callee is None or member_root(callee).type == "call_expression":
            return None
        value = self._values.follow(module, callee)
        if isinstance(value, External) and value.specifier in _BUILDERS and len(value.names) == 2:
            return value.names[1] if value.names[0] == "extensions" else None
        return None

    def calls(self, module: Module) -> Iterator[tuple[Node, str]]:
        """Yield every call in a module that makes an extension, with its kind."""
        nodes = [module.root]
        while nodes:
            node = nodes.pop()
            if node.type == "call_expression" and (kind := self.kind(module, node)):
                yield node, kind
            elif node.type not in ("import_statement", "comment"):
                nodes += node.named_children

    def exports_of(self, module: Module, call: Node) -> list[str]:
        """Return the names under which a module itself exports a call's result."""
        if module.path not in self._exports:
            names: dict[int, list[str]] = {}
            for name in [name for name, export in module.exports.items() if isinstance(export, Node)]:
                value = self._values.exported(module, name)
                if isinstance(value, Value) and value.module is module and value.node is not None:
                    names.setdefault(value.node.id, []).append(name)
            self._exports[module.path] = names
        return self._exports[module.path].get(call.id, [])

    def describe(self, module: Module, call: Node, kind: str, registered: bool) -> FoundExtension:
        """Read the options of an extension and, for an event, its handler."""
        options = self._options(module, call)
        id_name = "compId" if kind == "genericExtension" else "id"
        id_, id_line = self._plain(module, options, id_name)
        found = FoundExtension(
            kind=kind,
            builder=module.path,
            line=line(call),
            export=next(iter(self.exports_of(module, call)), None),
            id=id_,
            id_line=id_line or line(call),
            registered=registered,
        )
        if kind == "dataCollections":
            return self._with_collections(found, options)
        webhook = self._webhook(module, call) if kind == "genericExtension" else None
        source, source_line = self._plain(module, webhook or options, "source")
        found = found._replace(source=source)
        if kind != "event" and not webhook:
            return found
        if source is None:
            message = "Its source is not a plain string, so its handler cannot be told: write the path here."
            self._files.problem(module.path, source_line or found.line, message)
            return found
        return self._with_handler(found, source, source_line or found.line)

    def _options(self, module: Module, call: Node) -> Value | None:
        """Return the first argument of a call, followed to where it is written."""
        given = arguments(call)
        value = self._values.follow(module, given[0]) if given else None
        return value if isinstance(value, Value) else None

    def _option(self, options: Value | None, name: str) -> tuple[Value | None, Node | None]:
        """Return what an option stands for, and its node where the options' own literal holds it."""
        found = self._values.property(options, name) if options else None
        node = found if isinstance(found, Node) else None
        value = self._values.follow(options.module, node) if options and node else found
        return (value if isinstance(value, Value) else None), node

    def _plain(self, module: Module, options: Value | None, name: str) -> tuple[str | None, int | None]:
        """Return a plain string among the options, and its line if they stand in the builder's own file."""
        value, node = self._option(options, name)
        own = node is not None and options is not None and options.module is module
        return (string(value.node) if value and value.node else None), (line(node) if node and own else None)

    def _with_collections(self, found: FoundExtension, options: Value | None) -> FoundExtension:
        """Add where the list of collections is written, and what can be told of those in it."""
        value, _ = self._option(options, "collections")
        if value is None or value.node is None or value.node.type != "array":
            return found
        items = [self._values.follow(value.module, item) for item in value.node.named_children]
        named = [self._option(item, "idSuffix")[0] for item in items if isinstance(item, Value)]
        return found._replace(
            collections=Span(value.module.path, value.node.start_byte, value.node.end_byte),
            suffixes=tuple(
                (name, each.module.path, line(each.node))
                for each in named
                if each and each.node and (name := string(each.node))
            ),
        )

    def _webhook(self, module: Module, call: Node) -> Value | None:
        """Return the options of `bundlers.event({ … })` in a generic extension, the long form of an event."""
        for node in walk(call):
            callee = node.child_by_field_name("function") if node.type == "call_expression" else None
            value = self._values.follow(module, callee) if callee and node != call else None
            if isinstance(value, External) and value.names == ("bundlers", "event"):
                return self._options(module, node)
        return None

    def _with_handler(self, found: FoundExtension, source: str, place: int) -> FoundExtension:
        """Add what the handler says, noting what keeps it from working."""
        path = posixpath.normpath(f"src/{source}")
        handler = self._files.find_code(path)
        if handler is None:
            message = f'Its source "{source}" is not below src/: restore the handler or correct the path.'
            self._files.problem(found.builder, place, message, module_of(path))
            return found
        if os.path.isabs(handler):
            message = f'Its source "{source}" is outside of the app and is not read: move the handler inside.'
            self._files.problem(found.builder, place, message)
            return found
        found = found._replace(handler=handler)
        listener = find_listener(self._values, handler)
        if listener is None:
            return found
        return found._replace(
            event=listener.event,
            event_package=listener.package,
            listener_file=listener.file,
            handler_line=listener.line,
        )
