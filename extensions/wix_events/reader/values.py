"""Follow names to what they stand for: through constants, imports, re-exports, namespaces and members."""

from __future__ import annotations

import os
from typing import NamedTuple

from tree_sitter import Node

from .files import CODE, AppFiles
from .modules import From, Member, Module
from .syntax import (
    MEMBERS,
    NAMES,
    dynamic_import,
    first_error,
    line,
    member_name,
    name_of,
    parse,
    text,
    unwrap,
)

# How many constants, imports and re-exports are followed: more than apps have, less than recursion can take.
_HOPS = 40


class External(NamedTuple):
    """A member of a package: names leads from the package's namespace to it."""

    specifier: str
    names: tuple[str, ...]


class Value(NamedTuple):
    """What an expression stands for: a node of a module, or the module's namespace where there is no node."""

    module: Module
    node: Node | None


class Place(NamedTuple):
    """Where a name comes from in the end.

    Attributes:
        module: The file that makes it, without its suffix; it need not be there.
        export: The name under which that file exports it, or "*" for the whole module.
    """

    module: str
    export: str


class Values:
    """What the names in an app's modules stand for; every file is opened and parsed at most once."""

    def __init__(self, files: AppFiles) -> None:
        """Follow names through the files of an app."""
        self.files = files
        self._loaded: dict[str, Module] = {}
        self._exported: dict[tuple[str, str], Value | External | None] = {}

    def load(self, path: str | None, wanted: bytes = b"") -> Module | None:
        """Parse a code file; what keeps it from being read is noted as a problem.

        Args:
            path: The file, as `AppFiles.resolve` returns it.
            wanted: What the file has to hold to be of interest.

        Returns:
            The module; None where there is no such file, it is none of the app's code, cannot be read or lacks what is
            wanted.
        """
        if path is None or os.path.isabs(path) or not path.endswith(CODE):
            return None
        if path not in self._loaded:
            source = self.files.source(path, "extensions", wanted)
            if source is None:
                return None
            module = self._loaded[path] = Module(path, parse(source, tsx=not path.endswith("ts")))
            if module.root.has_error:
                message = "Does not parse here, so what it says may be missed: correct the syntax."
                self.files.problem(path, line(first_error(module.root)), message)
        return self._loaded[path]

    def _imported(self, module: Module, specifier: str) -> Module | None:
        """Return the module that a specifier names in a file, None where it cannot be read."""
        return self.load(self.files.resolve(module.path, specifier))

    def follow(self, module: Module, node: Node, hops: int = 0) -> Value | External | None:
        """Follow casts, constants, imports and members to what an expression stands for.

        Returns:
            A value of the app, a member of a package, or None where the code does not tell.
        """
        names: list[str] = []
        while (node := unwrap(node)).type in MEMBERS:
            base, name = node.child_by_field_name("object"), member_name(node)
            if base is None or name is None:
                return None
            names.append(name)
            node = base
        value: Value | External | None = Value(module, node)
        if node.type in NAMES:
            value = self.lookup(module, text(node), hops)
        elif (specifier := dynamic_import(node)) is not None:
            value = self._passed_on(module, specifier, "*", hops)
        for name in reversed(names):
            value = self._member(value, name, hops)
        return value

    def lookup(self, module: Module, name: str, hops: int = 0) -> Value | External | None:
        """Return what a name at a module's top level stands for."""
        if hops > _HOPS:
            return None
        if binding := module.imports.get(name):
            return self._passed_on(module, binding.specifier, binding.imported, hops + 1)
        local = module.locals.get(name)
        if isinstance(local, Member):
            value = self.follow(module, local.object, hops + 1)
            for member in local.names:
                value = self._member(value, member, hops + 1)
            return value
        return self.follow(module, local, hops + 1) if local else None

    def property(self, value: Value, name: str, hops: int = 0) -> Node | Value | External | None:
        """Return what an object literal says for a key: its own node, or what a spread object gives."""
        if value.node is None or value.node.type != "object" or hops > _HOPS:
            return None
        for entry in reversed(value.node.named_children):
            if entry.type == "pair":
                key = entry.child_by_field_name("key")
                if key is not None and name_of(key) == name:
                    return entry.child_by_field_name("value")
            elif entry.type == "shorthand_property_identifier" and text(entry) == name:
                return entry
            elif entry.type == "spread_element" and entry.named_children:
                # Objects that spread one another double the work each time, so few levels are followed.
                spread = self.follow(value.module, entry.named_children[-1], hops + 8)
                if found := self._member(spread, name, hops + 8) if isinstance(spread, Value) else None:
                    return found
        return None

    def exported(self, module: Module, name: str, hops: int = 0) -> Value | External | None:
        """Return what a module exports under a name."""
        key = (module.path, name)
        if key not in self._exported:
            if hops > _HOPS:
                return None
            # Modules may export each other's names in a circle: the second time round finds nothing.
            self._exported[key] = None
            export = self._export(module, name, hops)
            if isinstance(export, From):
                self._exported[key] = self._passed_on(module, export.specifier, export.name, hops + 1)
            elif export is not None:
                self._exported[key] = self.follow(module, export, hops + 1)
        return self._exported[key]

    def _export(self, module: Module, name: str, hops: int = 0) -> Node | From | None:
        """Return what a module says of an export: its node, or where it comes from, be it passed on whole."""
        if name in module.exports or name == "default":
            return module.exports.get(name)
        packages = []
        for star in module.stars:
            source = From(star.specifier, name, star.statement)
            target = self._imported(module, star.specifier)
            value = self._passed_on(module, star.specifier, name, hops + 1)
            if isinstance(value, Value) or (target is not None and name in target.exports):
                return source
            packages += [source] if value else []
        # Packages are not opened: a name that no file of the app exports must come from the package.
        return packages[0] if len(packages) == 1 else None

    def all_exported(self, value: Value) -> list[Value]:
        """Return the values that a module's namespace holds, those of a package left out."""
        found: dict[tuple[str, int], Value] = {}
        modules, seen = [value.module], {value.module.path}
        while modules:
            module = modules.pop()
            for name in module.exports:
                item = self.exported(module, name)
                if isinstance(item, Value) and item.node is not None:
                    found[(item.module.path, item.node.id)] = item
            for star in module.stars:
                target = self._imported(module, star.specifier)
                if target is not None and target.path not in seen:
                    seen.add(target.path)
                    modules.append(target)
        return list(found.values())

    def origin(self, module: Module, specifier: str, name: str) -> Place | None:
        """Return where an imported name is made, as far as imports and re-exports say it, there or not.

        Args:
            module: The file that imports it.
            specifier: What it is imported from.
            name: The name that is imported, "default" or "*".

        Returns:
            The file and its export, None for a package.
        """
        seen: set[tuple[str, str]] = set()
        while True:
            place = self.files.module_of(module.path, specifier)
            target = self._imported(module, specifier)
            if place is None or target is None or name == "*" or (target.path, name) in seen:
                return None if place is None else Place(place, name)
            seen.add((target.path, name))
            step = self.step(target, name)
            if step is None:
                return Place(place, name)
            module, specifier, name = target, step.specifier, step.name

    def step(self, module: Module, name: str) -> From | None:
        """Return where a module has one of its exports from, None where it makes it itself."""
        export = self._export(module, name)
        if isinstance(export, Node):
            node = unwrap(export)
            binding = module.imports.get(text(node)) if node.type in NAMES else None
            return From(binding.specifier, binding.imported, binding.statement) if binding else None
        return export

    def _member(self, value: Value | External | None, name: str, hops: int) -> Value | External | None:
        """Return a member of a package, a namespace or an object literal."""
        if isinstance(value, External):
            return value if name == "default" else External(value.specifier, (*value.names, name))
        if value is None:
            return None
        if value.node is None:
            return self.exported(value.module, name, hops)
        found = self.property(value, name, hops)
        return self.follow(value.module, found, hops + 1) if isinstance(found, Node) else found

    def _passed_on(self, module: Module, specifier: str, name: str, hops: int) -> Value | External | None:
        """Return what importing a name gives a module; None for a file that cannot be read."""
        path = self.files.resolve(module.path, specifier)
        if path is None:
            if self.files.is_local(specifier):
                return None
            return External(specifier, () if name in ("default", "*") else (name,))
        target = self.load(path)
        if target is None:
            return None
        return Value(target, None) if name == "*" else self.exported(target, name, hops)
