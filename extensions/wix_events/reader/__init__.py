"""Read what the TypeScript of a Wix CLI app says about its extensions.

Nothing is run and nothing is written: files are parsed, and names are followed through constants, imports and
re-exports as far as the code says plainly what they stand for. What the Wix build takes was measured with
@wix/astro 2.74.0: it loads `src/extensions.ts`, reads `.extensions` of its default export, and resolves each
event's `source` from `src/`.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Tree

_TYPESCRIPT = Language(tree_sitter_typescript.language_typescript())
_TSX = Language(tree_sitter_typescript.language_tsx())

REGISTRATIONS = "src/extensions.ts"

# Packages whose `extensions` makes extensions: the three entries of @wix/astro, and what older apps import.
_BUILDERS = frozenset(
    {
        "@wix/astro/builders",
        "@wix/astro/builders/experimental",
        "@wix/astro/builders/trusted",
        "@wix/custom-extensions",
    }
)
_SKIPPED_FOLDERS = frozenset({"node_modules", "dist"})
_BUILDER_SUFFIXES = tuple(f".extension.{suffix}" for suffix in ("ts", "tsx", "mts", "js", "jsx", "mjs"))
# Vite's `resolve.extensions`, the usual ones first since each costs a look at the disk.
_SUFFIXES = (".ts", ".tsx", ".js", ".mjs", ".mts", ".jsx")
_COMPILED = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".jsx": (".tsx",)}
_WRAPPERS = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
    }
)
_NAMES = frozenset({"identifier", "shorthand_property_identifier"})
_MEMBERS = frozenset({"member_expression", "subscript_expression"})
_FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_expression",
        "function_declaration",
        "generator_function",
        "method_definition",
    }
)
_DECLARATIONS = frozenset({"lexical_declaration", "variable_declaration"})
# What registers nothing by itself: a declaration counts only where something that is run refers to it.
_IDLE = _DECLARATIONS | _FUNCTIONS | {"import_statement", "export_statement", "class_declaration", "comment"}
_LISTENER = re.compile(r"on[A-Z]\w*\Z")
# How many constants, imports and re-exports are followed: more than apps have, less than recursion can take.
_HOPS = 40


class Import(NamedTuple):
    """One binding that an import statement makes.

    Attributes:
        binding: The local name.
        imported: The exported name it stands for: "default", "*" or a named export.
        specifier: The module specifier, without its quotes.
        statement: The import statement's node.
    """

    binding: str
    imported: str
    specifier: str
    statement: Node


class FoundExtension(NamedTuple):
    """One `extensions.<kind>({ … })` call in an app; paths are relative to the app, with forward slashes.

    Attributes:
        kind: The builder's name: "event", "dashboardPage", …
        builder: File that holds the call; `src/extensions.ts` where it stands in the chain itself.
        line: Line of the call, from 1.
        export: Name under which the builder file exports it, or None.
        id: The extension's id, or None where it is not a plain string.
        id_line: Line of the id, or of the call where there is none.
        registered: Whether `src/extensions.ts` hands it to the app.
        source: The source as it is written, or None where it is not a plain string.
        handler: File that the source names, or None where there is none or it lies outside of the app.
        handler_missing: Whether the source names a file that does not exist.
        event: Key of the event that the handler listens to (`crm.contacts.onContactCreated`), or None where
            the code does not tell.
        event_package: Package that publishes this event (`@wix/crm`), or None.
        listener_file: File that holds the listener call, at the end of re-exports, or None.
        handler_line: Line of the listener call in that file, or None.
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
    handler_missing: bool = False
    event: str | None = None
    event_package: str | None = None
    listener_file: str | None = None
    handler_line: int | None = None


class Problem(NamedTuple):
    """What keeps an extension from working or from being read: where, what is wrong, and what to do."""

    file: str
    line: int
    text: str


class App(NamedTuple):
    """What an app's code says: its extensions and the problems met, each in order of file and line."""

    extensions: tuple[FoundExtension, ...]
    problems: tuple[Problem, ...]


def parse(source: bytes, tsx: bool = False) -> Tree:
    """Parse TypeScript source.

    Args:
        source: UTF-8 bytes of the file, with or without a byte-order mark.
        tsx: Whether the file may hold JSX, as `.tsx`, `.jsx`, `.js` and `.mjs` do.

    Returns:
        The syntax tree; `tree.root_node.has_error` tells whether the source is broken.
    """
    return Parser(_TSX if tsx else _TYPESCRIPT).parse(source)


def text(node: Node) -> str:
    """Return the source text of a node."""
    return (node.text or b"").decode()


def imports(tree: Tree) -> Iterator[Import]:
    """Yield every binding imported at the top level of a file, type-only imports left out."""
    for statement in tree.root_node.children:
        if statement.type != "import_statement":
            continue
        parts = {child.type: child for child in statement.children}
        source, clause = parts.get("string"), parts.get("import_clause")
        if source is None or clause is None or "type" in parts:
            continue
        specifier = text(source)[1:-1]
        for child in clause.children:
            if child.type == "identifier":
                yield Import(text(child), "default", specifier, statement)
            elif child.type == "namespace_import":
                yield Import(text(child.named_children[-1]), "*", specifier, statement)
            elif child.type == "named_imports":
                for item in child.named_children:
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    typed = any(part.type == "type" for part in item.children)
                    if item.type == "import_specifier" and name is not None and not typed:
                        yield Import(text(alias or name), text(name), specifier, statement)


def read_app(root: Path | str, known: Collection[str] = ()) -> App:
    """Read an app's extensions: those that `src/extensions.ts` reaches and all other `*.extension.*` files.

    Args:
        root: The app's folder.
        known: Builder files, relative to the app, that need not be read; they are not reported.

    Returns:
        The extensions and the problems found; broken, unreadable or missing files are problems, not errors.
    """
    return _Reader(os.fspath(root), frozenset(known)).read()


def read_builder(root: Path | str, builder: str) -> tuple[FoundExtension, ...]:
    """Read the extensions of a single file, whatever its name.

    Args:
        root: The app's folder.
        builder: The file, relative to the app.

    Returns:
        Its extensions in order of line, none where the file is missing; `registered` is not looked up.
    """
    return _Reader(os.fspath(root), frozenset()).read_file(builder)


class _External(NamedTuple):
    """A member of a package: names leads from the package's namespace to it."""

    specifier: str
    names: tuple[str, ...]


class _Member(NamedTuple):
    """A name destructured from a value: `const { onOrderCreated } = orders`."""

    object: Node
    name: str


class _From(NamedTuple):
    """An export passed on from another module: `export { default as x } from "./x"`."""

    specifier: str
    name: str
    statement: Node


class _Listener(NamedTuple):
    """An SDK listener call: the event's key, its package, and where the call stands."""

    event: str
    package: str
    file: str
    line: int


@dataclass(eq=False)
class _Module:
    """One parsed file of the app."""

    path: str
    folder: str
    tree: Tree
    imports: dict[str, Import] = field(default_factory=dict)
    locals: dict[str, Node | _Member] = field(default_factory=dict)
    exports: dict[str, Node | _From] = field(default_factory=dict)
    stars: list[_From] = field(default_factory=list)

    @property
    def root(self) -> Node:
        """The program node."""
        return self.tree.root_node


class _Value(NamedTuple):
    """What an expression stands for: a node of a module, or the module's namespace where there is no node."""

    module: _Module
    node: Node | None


class _Reader:
    """Reads one app; every file is opened at most once."""

    def __init__(self, root: str, known: frozenset[str]) -> None:
        self.root = os.path.realpath(root)
        self.known = known
        self.files: set[str] = set()
        self.modules: dict[str, _Module | None] = {}
        self.problems: set[Problem] = set()
        self.exported_values: dict[tuple[str, str], _Value | _External | None] = {}
        self.resolved: dict[tuple[str, str], str | None] = {}
        self.listeners: dict[str, _Listener | None] = {}
        self.aliases: list[tuple[str, str]] | None = None

    def read(self) -> App:
        """Read the whole app."""
        if self.leaves("src"):
            self.problem(
                "src", 1, "Is a symbolic link that leaves the app, so it is not read: make it a folder."
            )
            return App((), tuple(self.problems))
        builders = self.scan()
        registered: set[tuple[str, int]] = set()
        modules: dict[str, _Module] = {}
        entry = self.resolve_file(REGISTRATIONS)
        if entry and os.path.isabs(entry):
            message = "Is a symbolic link that leaves the app, so it is not read: make it a file."
            self.problem(REGISTRATIONS, 1, message)
        if main := self.load(entry) if entry else None:
            modules |= {} if main.path in self.known else {main.path: main}
            self.check_imports(main)
            for value in self.registrations(main):
                if value.node is not None and value.module.path not in self.known:
                    modules[value.module.path] = value.module
                    registered.add((value.module.path, value.node.start_byte))
            for binding in main.imports.values():
                path = self.resolve(main, binding.specifier)
                if path not in self.known and path and (module := self.load(path)):
                    modules[path] = module
        for path in builders:
            if path not in self.known and (module := self.load(path, wanted=b"extensions")):
                modules[path] = module
        found = [
            self.describe(module, call, kind, (module.path, call.start_byte) in registered)
            for module in modules.values()
            for call, kind in self.calls(module)
        ]
        return App(
            tuple(sorted(found, key=lambda extension: (extension.builder, extension.line))),
            tuple(sorted(self.problems)),
        )

    def read_file(self, builder: str) -> tuple[FoundExtension, ...]:
        """Read one builder file."""
        path = self.resolve_file(builder)
        module = self.load(path) if path else None
        found = (
            [self.describe(module, call, kind, False) for call, kind in self.calls(module)] if module else []
        )
        return tuple(sorted(found, key=lambda extension: extension.line))

    def problem(self, file: str, line: int, message: str) -> None:
        """Note a problem, once."""
        self.problems.add(Problem(file, line, message))

    # Files

    def scan(self) -> list[str]:
        """List the builder files below `src/`; note all files there, so that names resolve at no cost."""
        builders, folders = [], ["src"]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(f"{self.root}/{folder}") as entries:
                    for entry in entries:
                        path = f"{folder}/{entry.name}"
                        if entry.is_dir(follow_symlinks=False):
                            if entry.name not in _SKIPPED_FOLDERS and not entry.name.startswith("."):
                                folders.append(path)
                        elif entry.is_file(follow_symlinks=False):
                            self.files.add(path)
                            if path.endswith(_BUILDER_SUFFIXES):
                                builders.append(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                self.problem(folder, 1, f"Cannot be read ({error.strerror}): make it readable.")
        return builders

    def resolve_file(self, path: str) -> str | None:
        """Return the path of the file that a path leads to, relative to the app; absolute if outside."""
        if path in self.files:
            return path
        full = os.path.join(self.root, path)
        try:
            if not os.path.isfile(full):
                return None
        except ValueError:  # a null byte in the path, before Python 3.14
            return None
        real = os.path.realpath(full)
        return real if self.leaves(path) else os.path.relpath(real, self.root).replace(os.sep, "/")

    def leaves(self, path: str) -> bool:
        """Tell whether a path leads out of the app."""
        real = os.path.realpath(os.path.join(self.root, path))
        return os.path.commonpath((real, self.root)) != self.root

    def resolve_path(self, path: str) -> str | None:
        """Find the file for a specifier's path as Vite does: as it is, with a suffix, or a folder's index."""
        stem, suffix = posixpath.splitext(path)
        candidates = [path]
        if path + ".ts" in self.files:
            candidates = [path + ".ts"]
        else:
            candidates += [stem + source for source in _COMPILED.get(suffix, ())]
            candidates += [path + added for added in _SUFFIXES]
            candidates += [f"{path}/index{added}" for added in _SUFFIXES]
        return next((found for candidate in candidates if (found := self.resolve_file(candidate))), None)

    def resolve(self, module: _Module, specifier: str) -> str | None:
        """Return the file that an import names; None for a package and for a file that does not exist."""
        key = (module.folder, specifier)
        if key not in self.resolved:
            bases = [posixpath.normpath(posixpath.join(key[0], specifier))]
            if not specifier.startswith("."):
                bases = [] if specifier.startswith("@wix/") else self.aliased(specifier)
            self.resolved[key] = next((found for base in bases if (found := self.resolve_path(base))), None)
        return self.resolved[key]

    def aliased(self, specifier: str) -> list[str]:
        """Return the paths that `paths` and `baseUrl` of `tsconfig.json` give for a specifier."""
        if self.aliases is None:
            self.aliases = _read_aliases(os.path.join(self.root, "tsconfig.json"))
        found = []
        for pattern, target in self.aliases:
            start, star, end = pattern.partition("*")
            middle = specifier[len(start) : len(specifier) - len(end)]
            if specifier == (start + middle + end if star else pattern):
                found.append(posixpath.normpath(target.replace("*", middle)))
        return found

    def load(self, path: str, wanted: bytes = b"") -> _Module | None:
        """Parse a code file of the app once; None where it cannot be read or lacks the wanted bytes."""
        if path in self.modules:
            return self.modules[path]
        if os.path.isabs(path) or not path.endswith(_SUFFIXES):
            return None
        try:
            with open(f"{self.root}/{path}", "rb") as file:
                source = file.read()
            # A file in UTF-16 hides what it holds: it goes on, to be reported.
            if wanted not in source and not source.startswith((b"\xff\xfe", b"\xfe\xff")):
                return None
            source.decode()
        except OSError as error:
            self.problem(path, 1, f"Cannot be read ({error.strerror}): make it readable.")
            self.modules[path] = None
        except UnicodeDecodeError as error:
            line = source.count(b"\n", 0, error.start) + 1
            self.problem(path, line, "Is not UTF-8, so its extensions cannot be read: save it as UTF-8.")
            self.modules[path] = None
        else:
            module = _Module(path, posixpath.dirname(path), parse(source, tsx=not path.endswith("ts")))
            _index(module)
            self.modules[path] = module
            if module.root.has_error:
                message = "Does not parse here, so what it says may be missed: correct the syntax."
                self.problem(path, _line(_first_error(module.root)), message)
        return self.modules[path]

    # Names

    def follow(self, module: _Module, node: Node, hops: int = 0) -> _Value | _External | None:
        """Follow casts, constants, imports and members to what an expression stands for, or to None."""
        names: list[str] = []
        while True:
            if node.type in _WRAPPERS:
                operands = [child for child in node.named_children if child.type != "comment"]
                if not operands:
                    return None
                node = operands[-1 if node.type == "type_assertion" else 0]
            elif node.type in _MEMBERS:
                base, name = node.child_by_field_name("object"), _member_name(node)
                if base is None or name is None:
                    return None
                names.append(name)
                node = base
            else:
                break
        value: _Value | _External | None = _Value(module, node)
        if node.type in _NAMES:
            value = self.lookup(module, text(node), hops)
        for name in reversed(names):
            value = self.member(value, name, hops)
        return value

    def lookup(self, module: _Module, name: str, hops: int) -> _Value | _External | None:
        """Return what a name at a module's top level stands for."""
        if hops > _HOPS:
            return None
        if binding := module.imports.get(name):
            return self.passed_on(module, binding.specifier, binding.imported, hops + 1)
        local = module.locals.get(name)
        if isinstance(local, _Member):
            return self.member(self.follow(module, local.object, hops + 1), local.name, hops + 1)
        return self.follow(module, local, hops + 1) if local else None

    def member(self, value: _Value | _External | None, name: str, hops: int) -> _Value | _External | None:
        """Return a member of a package, a namespace or an object literal."""
        if isinstance(value, _External):
            return value if name == "default" else _External(value.specifier, (*value.names, name))
        if value is None:
            return None
        if value.node is None:
            return self.exported(value.module, name, hops)
        found = self.property(value, name, hops)
        return self.follow(value.module, found, hops + 1) if isinstance(found, Node) else found

    def property(self, value: _Value, name: str, hops: int) -> Node | _Value | _External | None:
        """Return what an object literal says for a key: its own node, or what a spread object gives."""
        if value.node is None or value.node.type != "object" or hops > _HOPS:
            return None
        for entry in reversed(value.node.named_children):
            if entry.type == "pair":
                key = entry.child_by_field_name("key")
                if key is not None and (_string(key) if key.type == "string" else text(key)) == name:
                    return entry.child_by_field_name("value")
            elif entry.type == "shorthand_property_identifier" and text(entry) == name:
                return entry
            elif entry.type == "spread_element" and entry.named_children:
                # Objects that spread one another double the work each time, so few levels are followed.
                spread = self.follow(value.module, entry.named_children[-1], hops + 8)
                if found := self.member(spread, name, hops + 8) if isinstance(spread, _Value) else None:
                    return found
        return None

    def passed_on(self, module: _Module, specifier: str, name: str, hops: int) -> _Value | _External | None:
        """Return what importing a name gives a module; None for a file that is known or cannot be read."""
        path = self.resolve(module, specifier)
        if path is None:
            if _is_local(specifier):
                return None
            return _External(specifier, () if name in ("default", "*") else (name,))
        if path in self.known:
            return None
        target = self.load(path)
        if target is None:
            return None
        return _Value(target, None) if name == "*" else self.exported(target, name, hops)

    def exported(self, module: _Module, name: str, hops: int) -> _Value | _External | None:
        """Return what a module exports under a name."""
        key = (module.path, name)
        if key not in self.exported_values:
            if hops > _HOPS:
                return None
            # Modules may export each other's names in a circle: the second time round finds nothing.
            self.exported_values[key] = None
            export = module.exports.get(name)
            if isinstance(export, _From):
                self.exported_values[key] = self.passed_on(module, export.specifier, export.name, hops + 1)
            elif export is not None:
                self.exported_values[key] = self.follow(module, export, hops + 1)
            elif name != "default":
                packages = []
                for star in module.stars:
                    value = self.passed_on(module, star.specifier, name, hops + 1)
                    if isinstance(value, _Value):
                        self.exported_values[key] = value
                        return value
                    packages += [value] if value else []
                # Packages are not opened: a name that no file of the app exports must come from the package.
                self.exported_values[key] = packages[0] if len(packages) == 1 else None
        return self.exported_values[key]

    # Extensions

    def kind(self, module: _Module, call: Node) -> str | None:
        """Return which kind of extension a call makes, or None where it makes none."""
        callee = call.child_by_field_name("function")
        if callee is None or _root(callee).type == "call_expression":
            return None
        value = self.follow(module, callee)
        if isinstance(value, _External) and value.specifier in _BUILDERS and len(value.names) == 2:
            return value.names[1] if value.names[0] == "extensions" else None
        return None

    def calls(self, module: _Module) -> Iterator[tuple[Node, str]]:
        """Yield every call in a module that makes an extension, with its kind."""
        nodes = [module.root]
        while nodes:
            node = nodes.pop()
            if node.type == "call_expression" and (kind := self.kind(module, node)):
                yield node, kind
            elif node.type not in ("import_statement", "comment"):
                nodes += node.named_children

    def registrations(self, main: _Module) -> Iterator[_Value]:
        """Yield the call of every extension that `src/extensions.ts` hands to the app, each time it does."""
        if "default" not in main.exports and not main.root.has_error:
            message = (
                "Has no default export, so the Wix build stops: write the chain as `export default app()…`."
            )
            self.problem(main.path, 1, message)
        seen: set[tuple[str, int]] = set()
        direct_ones: dict[tuple[str, int], list[tuple[str, int, str]]] = {}
        # Each with whether it is an argument of `.use()` or a list's item, and whether in a function or loop.
        nodes: list[tuple[_Module, Node, bool, bool]] = []
        for name in ("default", "extensions"):
            export = main.exports.get(name)
            if isinstance(export, Node):
                nodes.append((main, export, False, False))
            elif export and isinstance(value := self.exported(main, name, 0), _Value) and value.node:
                nodes.append((value.module, value.node, False, False))
        nodes += [(main, node, False, False) for node in main.root.named_children if node.type not in _IDLE]
        while nodes:
            module, node, direct, scoped = nodes.pop()
            if (module.path, node.id) in seen:
                continue
            seen.add((module.path, node.id))
            if node.type == "call_expression" and self.kind(module, node):
                yield _Value(module, node)
                continue
            if node.type in _NAMES or node.type in _MEMBERS:
                start = _root(node)
                value = self.follow(module, node) if start.type != "call_expression" else None
                if value is None and node.type in _MEMBERS:
                    nodes.append((module, start, False, scoped))
                elif value is None and direct and not scoped:
                    self.check_name(module, node)
                for target in self.spread(value):
                    if target.node is None:
                        continue
                    if target.node.type == "call_expression" and self.kind(target.module, target.node):
                        if direct:
                            place = (target.module.path, target.node.start_byte)
                            direct_ones.setdefault(place, []).append((module.path, _line(node), text(node)))
                        yield target
                    else:
                        nodes.append((target.module, target.node, False, scoped))
                continue
            function = node.child_by_field_name("function") if node.type == "call_expression" else None
            uses = function is not None and _member_name(function) == "use"
            scoped = scoped or node.type in _FUNCTIONS or node.type.startswith("for_")
            for child in reversed(node.named_children):
                if child.type == "arguments":
                    nodes += [(module, item, uses, scoped) for item in reversed(child.named_children)]
                elif child.type == "pair":
                    item = child.child_by_field_name("value")
                    nodes += [(module, item, False, scoped)] if item else []
                elif not child.type.startswith("type_"):
                    nodes.append((module, child, node.type == "array", scoped))
        for uses_of_one in direct_ones.values():
            for path, line, name in sorted(uses_of_one)[1:]:
                message = f"Registers {name} again, which Wix then lists without its event: remove this one."
                self.problem(path, line, message)

    def spread(self, value: _Value | _External | None) -> list[_Value]:
        """Return a value as a list; a namespace gives all that it exports."""
        if not isinstance(value, _Value):
            return []
        if value.node is not None:
            return [value]
        found: dict[tuple[str, int], _Value] = {}
        modules, seen = [value.module], {value.module.path}
        while modules:
            module = modules.pop()
            for name in module.exports:
                item = self.exported(module, name, 0)
                if isinstance(item, _Value) and item.node is not None:
                    found[(item.module.path, item.node.id)] = item
            for star in module.stars:
                target = self.passed_on(module, star.specifier, "*", 0)
                if isinstance(target, _Value) and target.module.path not in seen:
                    seen.add(target.module.path)
                    modules.append(target.module)
        return list(found.values())

    def check_imports(self, main: _Module) -> None:
        """Note the imports of `src/extensions.ts`, and of barrel files behind it, that lead nowhere."""
        wanted = [(main, item) for item in _passed(main)]
        for binding in main.imports.values():
            if self.resolve(main, binding.specifier) not in self.known:
                wanted.append((main, _From(binding.specifier, binding.imported, binding.statement)))
        seen: set[tuple[str, str, str]] = set()
        while wanted:
            module, item = wanted.pop()
            path = self.resolve(module, item.specifier)
            if path in self.known or (module.path, item.specifier, item.name) in seen:
                continue
            seen.add((module.path, item.specifier, item.name))
            target = self.load(path) if path else None
            message = None
            if path is None:
                if _is_local(item.specifier):
                    message = (
                        f'Imports "{item.specifier}", which is not there: restore it or remove this line.'
                    )
            elif os.path.isabs(path):
                message = (
                    f'Imports "{item.specifier}" from outside of the app, which is not read: move it inside.'
                )
            elif target:
                wanted += [(target, passed) for passed in _passed(target)]
                if not (item.name in ("*", *target.exports) or target.stars or target.root.has_error):
                    message = (
                        f"Imports {item.name} from {path}, which does not export it: correct one of the two."
                    )
            if message:
                self.problem(module.path, _line(item.statement), message)

    def check_name(self, module: _Module, node: Node) -> None:
        """Note a name that is handed to the app but that nothing in its file defines."""
        name = text(node)
        if name not in module.imports and name not in module.locals and not module.root.has_error:
            message = f"Registers {name}, which nothing here imports or defines: add its import or remove it."
            self.problem(module.path, _line(node), message)

    def describe(self, module: _Module, call: Node, kind: str, registered: bool) -> FoundExtension:
        """Read the options of an extension and, for an event, its handler."""
        options = self.options(module, call)
        id_name = "compId" if kind == "genericExtension" else "id"
        id_, id_line = self.plain(module, options, id_name)
        webhook = self.webhook(module, call) if kind == "genericExtension" else None
        source, source_line = self.plain(module, webhook or options, "source")
        line = _line(call)
        found = FoundExtension(
            kind=kind,
            builder=module.path,
            line=line,
            export=self.export_of(module, call),
            id=id_,
            id_line=id_line or line,
            registered=registered,
            source=source,
        )
        if kind != "event" and not webhook:
            return found
        if source is None:
            message = "Its source is not a plain string, so its handler cannot be told: write the path here."
            self.problem(module.path, source_line or line, message)
            return found
        return self.with_handler(found, source, source_line or line)

    def options(self, module: _Module, call: Node) -> _Value | None:
        """Return the first argument of a call, followed to where it is written."""
        arguments = call.child_by_field_name("arguments")
        given = [child for child in arguments.named_children if child.type != "comment"] if arguments else []
        value = self.follow(module, given[0]) if given else None
        return value if isinstance(value, _Value) else None

    def plain(self, module: _Module, options: _Value | None, name: str) -> tuple[str | None, int | None]:
        """Return a plain string among the options, and its line if they stand in the builder's own file."""
        found = self.property(options, name, 0) if options else None
        line = None
        value = None if isinstance(found, Node) else found
        if isinstance(found, Node) and options:
            value = self.follow(options.module, found)
            line = _line(found) if options.module is module else None
        return (_string(value.node) if isinstance(value, _Value) and value.node else None), line

    def webhook(self, module: _Module, call: Node) -> _Value | None:
        """Return the options of `bundlers.event({ … })` in a generic extension, the long form of an event."""
        nodes = list(call.named_children)
        while nodes:
            node = nodes.pop()
            callee = node.child_by_field_name("function") if node.type == "call_expression" else None
            value = self.follow(module, callee) if callee else None
            if isinstance(value, _External) and value.names == ("bundlers", "event"):
                return self.options(module, node)
            nodes += node.named_children
        return None

    def export_of(self, module: _Module, call: Node) -> str | None:
        """Return the name under which a module exports a call's result."""
        for name, export in module.exports.items():
            value = self.exported(module, name, 0) if isinstance(export, Node) else None
            if isinstance(value, _Value) and value.node == call:
                return name
        return None

    def with_handler(self, found: FoundExtension, source: str, line: int) -> FoundExtension:
        """Add what the handler says, noting what keeps it from working."""
        path = self.resolve_path(posixpath.normpath(f"src/{source}"))
        if path is None:
            message = f'Its source "{source}" is not below src/: restore the handler or correct the path.'
            self.problem(found.builder, line, message)
            return found._replace(handler_missing=True)
        if os.path.isabs(path):
            message = f'Its source "{source}" is outside of the app and is not read: move the handler inside.'
            self.problem(found.builder, line, message)
            return found
        if path not in self.listeners:
            self.listeners[path] = self.listener(path)
        found = found._replace(handler=path)
        if not (listener := self.listeners[path]):
            return found
        return found._replace(
            event=listener.event,
            event_package=listener.package,
            listener_file=listener.file,
            handler_line=listener.line,
        )

    def listener(self, path: str) -> _Listener | None:
        """Return the listener call that a handler default-exports; note a problem if there is not one."""
        module = self.load(path)
        if module is None or (module.root.has_error and "default" not in module.exports):
            return None
        example = "`export default contacts.onContactCreated(…)`"
        export = module.exports.get("default")
        if export is None:
            message = f"Has no default export, so the Wix build stops: write the listener call as {example}."
            self.problem(path, 1, message)
            return None
        value = self.exported(module, "default", 0)
        found: dict[str, _Listener] = {}
        if isinstance(value, _Value) and value.node is not None:
            # A wrapper's own code is looked into only where its arguments hold no listener.
            found = self.listener_calls(value, deep=False) or self.listener_calls(value, deep=True)
        if len(found) == 1:
            return next(iter(found.values()))
        line = _line(export.statement if isinstance(export, _From) else export)
        message = f"Its default export holds no listener call that can be seen: write it as {example}."
        if found:
            message = f"Its default export holds several listeners ({', '.join(sorted(found))}): keep one."
        self.problem(path, line, message)
        return None

    def listener_calls(self, value: _Value, deep: bool) -> dict[str, _Listener]:
        """Return the listener calls in an expression by event key; deep looks into functions as well."""
        found: dict[str, _Listener] = {}
        seen: set[tuple[str, int]] = set()
        nodes = [value]
        while nodes:
            module, node = nodes[-1].module, nodes.pop().node
            if node is None or (module.path, node.id) in seen or (node.type in _FUNCTIONS and not deep):
                continue
            seen.add((module.path, node.id))
            children = node.named_children
            if node.type in _NAMES or node.type in _MEMBERS:
                target = self.follow(module, node)
                nodes += [target] if isinstance(target, _Value) else []
                continue
            if node.type == "call_expression" and children:
                callee = self.follow(module, children[0])
                if isinstance(callee, _External) and (listener := _listener(callee, module, node)):
                    found.setdefault(listener.event, listener)
                    continue
                children = children if deep else children[1:]
            nodes += [_Value(module, child) for child in children]
        return found


def _listener(callee: _External, module: _Module, call: Node) -> _Listener | None:
    """Return the listener that calling a package's member makes; None if that is not `<namespace>.on…`."""
    if len(callee.names) != 2 or not _LISTENER.match(callee.names[1]):
        return None
    parts = callee.specifier.split("/")
    package = "/".join(parts[: 2 if callee.specifier.startswith("@") else 1])
    event = ".".join((package.removeprefix("@wix/"), *callee.names))
    return _Listener(event, package, module.path, _line(call))


def _index(module: _Module) -> None:
    """Note what a module imports, declares at its top level and exports."""
    module.imports = {binding.binding: binding for binding in imports(module.tree)}
    for statement in module.root.named_children:
        if statement.type in ("import_statement", "expression_statement", "comment"):
            continue
        if statement.type != "export_statement":
            _declare(module, statement)
            continue
        declaration = statement.child_by_field_name("declaration")
        value = statement.child_by_field_name("value") or declaration
        source = statement.child_by_field_name("source")
        kinds = {child.type for child in statement.children}
        if "type" in kinds:
            continue
        if declaration:
            _declare(module, declaration)
        if "default" in kinds:
            if value:
                module.exports["default"] = value
        elif declaration:
            for name, node in _declared(declaration):
                module.exports[name] = node
        elif source and "*" in kinds:
            module.stars.append(_From(text(source)[1:-1], "*", statement))
        for child in statement.named_children:
            if child.type == "namespace_export" and source and child.named_children:
                module.exports[_plain(child.named_children[-1])] = _From(text(source)[1:-1], "*", statement)
            elif child.type == "export_clause":
                for item in child.named_children:
                    name_node, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    if name_node is None or any(part.type == "type" for part in item.children):
                        continue
                    name = _plain(name_node)
                    module.exports[_plain(alias or name_node)] = (
                        _From(text(source)[1:-1], name, statement) if source else name_node
                    )


def _declare(module: _Module, statement: Node) -> None:
    """Note what a declaration binds its names to."""
    for name, _ in _declared(statement):
        module.locals[name] = statement
    if statement.type not in _DECLARATIONS:
        return
    for declarator in statement.named_children:
        target, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        if target is None or value is None:
            continue
        if target.type == "identifier":
            module.locals[text(target)] = value
        elif target.type == "object_pattern":
            for entry in target.named_children:
                key, local = entry.child_by_field_name("key"), entry.child_by_field_name("value")
                if entry.type == "shorthand_property_identifier_pattern":
                    module.locals[text(entry)] = _Member(value, text(entry))
                elif key is not None and local is not None and local.type == "identifier":
                    module.locals[text(local)] = _Member(value, _plain(key))


def _declared(declaration: Node) -> Iterator[tuple[str, Node]]:
    """Yield the plain names that a declaration makes, each with its node."""
    holders = declaration.named_children if declaration.type in _DECLARATIONS else [declaration]
    for holder in holders:
        name = holder.child_by_field_name("name")
        if name is not None and name.type in ("identifier", "type_identifier"):
            yield text(name), name


def _passed(module: _Module) -> list[_From]:
    """Return what a module passes on from other modules."""
    return [export for export in module.exports.values() if isinstance(export, _From)] + module.stars


def _read_aliases(path: str) -> list[tuple[str, str]]:
    """Read `paths` and `baseUrl` of a tsconfig.json, comments and trailing commas allowed."""
    try:
        with open(path, "rb") as file:
            source = file.read()
        source.decode()
    except (OSError, UnicodeDecodeError):
        return []
    nodes = [parse(b"(" + source.removeprefix(b"\xef\xbb\xbf") + b"\n)").root_node]
    while nodes and nodes[0].type != "object":
        nodes = [child for child in nodes[0].named_children if child.type != "comment"]
    options = _entries(_entries(nodes[0] if nodes else None).get("compilerOptions"))
    base = _string(options["baseUrl"]) if "baseUrl" in options else None
    aliases = [
        (pattern, posixpath.join(base or ".", target))
        for pattern, targets in _entries(options.get("paths")).items()
        for item in targets.named_children
        if (target := _string(item))
    ]
    return aliases + ([("*", posixpath.join(base, "*"))] if base else [])


def _entries(node: Node | None) -> dict[str, Node]:
    """Return the values of an object literal whose keys are plain strings."""
    found = {}
    for entry in node.named_children if node and node.type == "object" else []:
        key, value = entry.child_by_field_name("key"), entry.child_by_field_name("value")
        if key is not None and value is not None and (name := _string(key)) is not None:
            found[name] = value
    return found


def _is_local(specifier: str) -> bool:
    """Tell whether a specifier names a file: npm takes no package name like these."""
    return specifier.startswith((".", "@/", "~/"))


def _string(node: Node) -> str | None:
    """Return the value of a string or of a template without substitutions; None for escapes and all else."""
    if node.type not in ("string", "template_string"):
        return None
    if any(part.type != "string_fragment" for part in node.named_children):
        return None
    return text(node)[1:-1]


def _plain(node: Node) -> str:
    """Return a name that may be written as a string."""
    return _string(node) or text(node)


def _member_name(node: Node) -> str | None:
    """Return the member that an expression such as `a.b` or `a["b"]` names, None where it is computed."""
    name = node.child_by_field_name("property")
    if name is not None:
        return text(name)
    index = node.child_by_field_name("index")
    return _string(index) if index is not None else None


def _root(node: Node) -> Node:
    """Return what a chain of members starts from."""
    while node.type in _MEMBERS and (base := node.child_by_field_name("object")):
        node = base
    return node


def _line(node: Node) -> int:
    """Return the line of a node, from 1."""
    return node.start_point.row + 1


def _first_error(node: Node) -> Node:
    """Return the first place in a tree that does not parse."""
    while found := next((child for child in node.children if child.has_error or child.is_missing), None):
        node = found
    return node
