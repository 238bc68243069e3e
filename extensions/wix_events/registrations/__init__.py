"""Edit an app's src/extensions.ts: bytes in, bytes out, on its syntax tree and by byte ranges only."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Tree

_TYPESCRIPT = Language(tree_sitter_typescript.language_typescript())

_BOM = b"\xef\xbb\xbf"
_WIDTH = 80  # Prettier's default
_SCRIPT = re.compile(r"\.[cm]?[jt]sx?$")
# What tsconfig.json's aliases mean in Wix CLI apps: understood, but never written into a new import.
_ALIASES = {"@/": "src/", "~/": "src/", "/src/": "src/", "src/": "src/"}

_COMMENTS = re.compile(rb"//(?:(?!\xe2\x80[\xa8\xa9])[^\r\n])*|/\*(?s:.)*?\*/")
_DOTTED = re.compile(r"[\w$]+(\.[\w$]+)*")
_BLANKS = re.compile(rb"[ \t\v\f]*")
_END_OF_LINE = re.compile(rb"[\r\n]|\xe2\x80[\xa8\xa9]|\Z")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_CONFLICT = re.compile(rb"^(?:<{7}|>{7})(?: |\r?$)", re.MULTILINE)

_WRAPPERS = {
    "as_expression",
    "await_expression",
    "non_null_expression",
    "parenthesized_expression",
    "satisfies_expression",
    "type_assertion",
}
_REPEATED = {
    "arrow_function",
    "do_statement",
    "for_in_statement",
    "for_statement",
    "function_declaration",
    "function_expression",
    "method_definition",
    "while_statement",
}
_TYPES = {"interface_declaration", "type_alias_declaration", "type_annotation", "type_arguments"}
_NAMES = {"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"}

_Edit = tuple[int, int, bytes]


class Registration(NamedTuple):
    """One event's builder as src/extensions.ts imports it.

    Attributes:
        module: The builder file's path in the app, with "/" and without ".ts".
        export: The name that the builder file exports, or "default".
    """

    module: str
    export: str


class RegistrationError(Exception):
    """A src/extensions.ts that cannot be edited.

    Attributes:
        line: The line at fault, counted from 1.
        reason: What is wrong there.
        by_hand: The exact lines for the user to add, in the file's own style.
    """

    def __init__(self, line: int, reason: str, by_hand: Sequence[str] = ()) -> None:
        """Make the error; its message names the line and the reason."""
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason
        self.by_hand = list(by_hand)


def register(
    source: bytes,
    wanted: Sequence[Registration],
    *,
    path: str = "src/extensions.ts",
    package: str = "@wix/astro/builders",
) -> bytes:
    """Import and use every wanted event that the file does not register yet.

    An event is recognised by where its import points: one that is there under any name is left as it is.

    Args:
        source: The file.
        wanted: The events; those that are missing are added in this order.
        path: The file's path in the app, from which its relative imports start.
        package: Where `app` is imported from if the file is empty.

    Returns:
        The file with the missing imports and `.use()` calls added and nothing else changed.

    Raises:
        RegistrationError: An event is missing, and the file is broken or has no `app()` chain to extend.
    """
    if not wanted:
        return source
    if not source.removeprefix(_BOM).strip():
        return new_file(wanted, package)
    file = _File(source, path)
    missing = file.missing(wanted)
    if not missing:
        return source
    if file.place is None:
        raise RegistrationError(*file.problem, file.by_hand(missing))
    imports = [file.import_line(item) for item in missing if item.imported]
    uses = [item.binding for item in missing if item.used]
    edits, kinds = [], [statement.type for statement in file.statements]
    if uses:
        edits += file.place.add(file, uses, file.names_of({item.module for item in wanted}) | set(uses))
        if isinstance(file.place, _Calls):
            index = file.statements.index(file.place.last) + 1
            kinds[index:index] = ["expression_statement"] * len(uses)
    if imports:
        index = file.import_index
        edits += file.add_imports(index, imports)
        kinds[index:index] = ["import_statement"] * len(imports)
    result = _apply(source, edits)
    after = _File(result, path)
    used = Counter(link.argument for link in after.links)
    if (
        after.broken is not None
        or [statement.type for statement in after.statements] != kinds
        or after.missing(wanted)
        or any(used[item.binding] != 1 for item in missing if item.used)
    ):
        raise RegistrationError(
            file.place.line, "an event cannot be added here safely", file.by_hand(missing)
        )
    return result


def unregister(source: bytes, modules: Collection[str], *, path: str = "src/extensions.ts") -> bytes:
    """Take the imports and `.use()` calls of some builder files out.

    Comments stay, and so does an import whose binding is used for something else as well.

    Args:
        source: The file.
        modules: The builder files' paths in the app, without ".ts".
        path: The file's path in the app, from which its relative imports start.

    Returns:
        The file without them; the same bytes when it has none of them.

    Raises:
        RegistrationError: The file is broken, or uses one of them outside an `app()` chain.
    """
    if not modules:
        return source
    file = _File(source, path)
    if file.broken is not None:
        raise RegistrationError(*file.broken)
    targets = {spelling for module in modules for spelling in _spellings(module)}
    result, kinds = file.remove(targets)
    if result == source:
        return source
    after = _File(result, path)
    if after.broken is not None or [statement.type for statement in after.statements] != kinds:
        raise RegistrationError(file.line_of(targets), "an event cannot be taken out safely")
    return result


def rename(source: bytes, old: Registration, new: Registration, *, path: str = "src/extensions.ts") -> bytes:
    """Let the import of one builder file follow it to its new place and name; see `rename_all`."""
    return rename_all(source, [(old, new)], path=path)


def rename_all(
    source: bytes,
    renames: Sequence[tuple[Registration, Registration]],
    *,
    path: str = "src/extensions.ts",
) -> bytes:
    """Let the imports of builder files follow them to their new places and names.

    The local binding follows too where it was the old export's name and the new one is free.

    Args:
        source: The file.
        renames: Each builder file as it was and as it is now.
        path: The file's path in the app, from which its relative imports start.

    Returns:
        The file with those imports changed, each in its own style, and each chain link in its place.

    Raises:
        RegistrationError: The file is broken, or an import is of a kind that cannot follow.
    """
    if not renames:
        return source
    file = _File(source, path)
    if file.broken is not None:
        raise RegistrationError(*file.broken, file.by_hand(file.missing(new for _, new in renames)))
    # After a run that was cut short both may be there.
    leaving = {old.module for old, new in renames if old.module != new.module}
    there = file.registered().keys() - leaving
    done = {old.module for old, new in renames if old.module in leaving and new.module in there}
    if done:
        source = unregister(source, done, path=path)
        file = _File(source, path)
    result = file.move([pair for pair in renames if pair[0].module not in done])
    after = _File(result, path)
    if after.broken is not None or len(after.statements) != len(file.statements):
        line = file.line_of({old.module for old, _ in renames})
        raise RegistrationError(line, "an event cannot be renamed safely")
    return result


def registered(source: bytes, *, path: str = "src/extensions.ts") -> dict[str, str]:
    """Tell which files of the app a src/extensions.ts registers.

    Args:
        source: The file.
        path: The file's path in the app, from which its relative imports start.

    Returns:
        The binding of each imported file that the `app()` chain uses, by the file's path in the app without
        its suffix. Where there is no chain, any use in code counts.

    Raises:
        RegistrationError: The file is broken.
    """
    file = _File(source, path)
    if file.broken is not None:
        raise RegistrationError(*file.broken)
    return file.registered()


def new_file(
    wanted: Sequence[Registration],
    package: str = "@wix/astro/builders",
    *,
    path: str = "src/extensions.ts",
) -> bytes:
    """Return a new src/extensions.ts, as Prettier prints it.

    Args:
        wanted: The events to register.
        package: Where `app` is imported from.
        path: The file's path in the app, from which its relative imports start.
    """
    start = f'import {{ app }} from "{package}";\n\nexport default app();\n'.encode()
    return register(start, wanted, path=path, package=package)


def parse(source: bytes) -> Tree:
    """Parse TypeScript source without JSX.

    Args:
        source: UTF-8 bytes of the file, with or without a byte-order mark.

    Returns:
        The syntax tree; `tree.root_node.has_error` tells whether the source is broken.
    """
    return Parser(_TYPESCRIPT).parse(source)


def text(node: Node) -> str:
    """Return the source text of a node."""
    return (node.text or b"").decode()


class _Binding(NamedTuple):
    """A name that an import statement binds; `node` is the part of the statement that does."""

    name: str
    imported: str
    module: str | None
    type_only: bool
    statement: Node
    node: Node


class _Missing(NamedTuple):
    """What an event lacks: the import, its use, or both."""

    registration: Registration
    binding: str
    imported: bool
    used: bool


class _Link(NamedTuple):
    """One `.use()` call of a chain; `argument` is its only argument, without casts."""

    call: Node
    receiver: Node
    name: Node
    arguments: Node
    argument: str

    @property
    def dot(self) -> Node:
        """Return what stands before `use`."""
        marks = {".", "?.", "optional_chain"}
        member = self.call.child_by_field_name("function")
        return next(child for child in (member or self.call).children if child.type in marks)

    def takes(self, names: Collection[str]) -> bool:
        """Tell whether it uses one of the names, or a member of one, and nothing else."""
        return _DOTTED.fullmatch(self.argument) is not None and self.argument.split(".")[0] in names


class _Chain(NamedTuple):
    """An `app()` call, or a builder's name, with `.use()` calls to which new ones are joined."""

    root: Node
    links: list[_Link]

    @property
    def line(self) -> int:
        return self.root.start_point.row + 1

    def add(self, file: _File, names: Sequence[str], ours: Collection[str]) -> list[_Edit]:
        """Add links for the names; a chain of only `ours` on one line is laid out as Prettier would."""
        source = file.source
        end = self.links[-1].call.end_byte if self.links else self.root.end_byte
        joined = "".join(f".use({name})" for name in names).encode()
        if not self.links:
            return self._lay_out(file, names, joined)
        last = self.links[-1]
        before = source[last.receiver.end_byte : last.dot.start_byte]
        after = source[last.dot.end_byte : last.name.start_byte]
        if _has_newline(before):
            indent = _indent(source, last.dot.start_byte)
            end = _end_of_comments(source, end)
            lines = "".join(f"{file.newline}{indent}.use({name})" for name in names)
            return [(end, end, lines.encode())]
        if _has_newline(after):
            indent = _indent(source, last.name.start_byte)
            lines = "".join(f".{file.newline}{indent}use({name})" for name in names)
            return [(end, end, lines.encode())]
        if all(link.argument in ours for link in self.links):
            return self._lay_out(file, names, joined)
        return [(end, end, joined)]

    def _lay_out(self, file: _File, names: Sequence[str], joined: bytes) -> list[_Edit]:
        source, start = file.source, self.root.end_byte
        end = self.links[-1].call.end_byte if self.links else start
        old = source[start:end]
        head = source[_line_start(source, start) : start]
        tail = _COMMENTS.split(source[end : _line_end(source, end)])[0].rstrip()
        flat = "".join(f".use({link.argument})" for link in self.links).encode()
        width = len((head + flat + tail).decode())
        fits = width + len(joined) <= _WIDTH
        # A line that is too long already, or holds more than the chain, was not laid out by Prettier.
        foreign = (old == flat and width > _WIDTH) or b";" in head or _COMMENTS.search(old) is not None
        if foreign or (old == flat and fits):
            return [(end, end, joined)]
        indent = file.newline + _indent(source, start) + file.unit
        every = [link.argument for link in self.links] + list(names)
        if len(every) == 1:
            lines = f".use({indent}{every[0]},{indent.removesuffix(file.unit)})"
        else:
            lines = "".join(f"{indent}.use({name})" for name in every)
        return [(start, end, lines.encode())]


class _Calls(NamedTuple):
    """A builder variable that statements of its own fill; new ones go after the last."""

    last: Node
    call: str

    @property
    def line(self) -> int:
        return self.last.start_point.row + 1

    def add(self, file: _File, names: Sequence[str], ours: Collection[str]) -> list[_Edit]:
        """Add a statement for each name."""
        end, semicolon = file.statement_end(self.last)
        place = _end_of_comments(file.source, end)
        if not _ends_line(file.source, _skip_blanks(file.source, place)):
            start = "" if semicolon else ";"
            return [(end, end, (start + "".join(f" {self.call}({name});" for name in names)).encode())]
        start = file.newline + _indent(file.source, self.last.start_byte)
        mark = ";" if semicolon else ""
        return [(place, place, "".join(f"{start}{self.call}({name}){mark}" for name in names).encode())]


class _File:
    """A src/extensions.ts and what it says: its imports, its `app()` chain and where a new event would go."""

    def __init__(self, source: bytes, path: str) -> None:
        try:
            source.decode()
        except UnicodeDecodeError as error:
            line = source.count(b"\n", 0, error.start) + 1
            raise RegistrationError(line, f"the byte 0x{source[error.start]:02x} is not UTF-8") from None
        self.source = source
        self.path = path
        self.root = parse(source).root_node
        if self.root.has_error and (conflict := _CONFLICT.search(source)):
            line = source.count(b"\n", 0, conflict.start()) + 1
            raise RegistrationError(line, "a merge left its conflict markers")
        idle = {"comment", "empty_statement", "hash_bang_line"}
        self.statements = [node for node in self.root.children if node.type not in idle]
        self.bindings = [item for node in self.statements for item in _bindings(node, path)]
        self.values: dict[str, tuple[Node, Node]] = {}
        for name, value in (item for node in self.statements for item in _assigned(node)):
            self.values.setdefault(name, value)
        self.broken = (
            (_first_error(self.root), "this is not valid TypeScript") if self.root.has_error else None
        )
        self._links: dict[int, _Link] = {}
        self.place: _Chain | _Calls | None = None
        self.problem = self.broken or (1, "")
        self.form = ".use({})"
        if self.broken is None:
            self._find_chain()

    # What the file registers

    def _find_chain(self) -> None:
        exported = self._exported()
        if exported is None:
            return
        names = self._origin(exported)
        if names is None:
            self.problem = exported.start_point.row + 1, "the default export is not an `app()` chain"
            if any(node.type == "array" for node in _walk(self._followed(exported))):
                self.form = "{},"
            return
        root, links = _unroll(exported)
        self._add(links)
        for name in names:
            self._add(_unroll(self.values[name][1])[1])
        looped = None
        for statement in self.statements if names else ():
            if statement.type != "import_statement":
                looped = self._collect(statement, set(names)) or looped
        if looped is not None:
            self.form = names[-1] + ".use({});"
            self.problem = looped.start_point.row + 1, f"`{names[-1]}` is filled by a loop or a function"
            return
        while not links and root.type == "identifier":
            calls = self._calls(text(root))
            if calls is not None:
                self.place = calls
                return
            root, links = _unroll(self.values[text(root)][1])
        self.place = _Chain(root, links)

    def _exported(self) -> Node | None:
        """Return the expression of the default export, or of the only chain in a file that has none."""
        for statement in self.statements:
            if statement.type != "export_statement":
                continue
            tokens = {child.type for child in statement.children}
            if tokens & {"default", "="}:
                value = statement.child_by_field_name("value") or _expression(statement)
                if value is not None:
                    return value
            if "from" not in tokens:
                for clause in statement.named_children:
                    for item in clause.named_children if clause.type == "export_clause" else ():
                        alias, name = item.child_by_field_name("alias"), item.child_by_field_name("name")
                        if alias is not None and text(alias) == "default":
                            return name
        chains = [name for name, value in self.values.values() if self._origin(value) == []]
        lists = [value for _, value in self.values.values() if _bare(value).type == "array"]
        if len(chains) == 1:
            return chains[0]
        if chains:
            reason = "this is a second `app()` chain, and neither is the default export"
            self.problem = chains[1].start_point.row + 1, reason
        elif len(lists) == 1:
            self.form = "{},"
            self.problem = lists[0].start_point.row + 1, "this list is no `app()` chain"
        else:
            line = self.statements[-1].start_point.row + 1 if self.statements else 1
            self.problem = line, "the file has no `export default app()` chain"
        return None

    def _origin(self, expression: Node) -> list[str] | None:
        """Return the variables, nearest first, by which an expression comes from `app()`, None if not."""
        names: list[str] = []
        while True:
            root, _ = _unroll(expression)
            if self._is_app(root):
                return names
            if root.type != "identifier" or text(root) not in self.values or text(root) in names:
                return None
            names.append(text(root))
            expression = self.values[names[-1]][1]

    def _is_app(self, node: Node) -> bool:
        function = node.child_by_field_name("function") if node.type == "call_expression" else None
        if function is not None and function.type == "member_expression":
            return _unroll(node)[0].id == node.id and text(function.children[0]) in self._namespaces
        return function is not None and function.type == "identifier" and text(function) in self._apps

    @cached_property
    def _namespaces(self) -> set[str]:
        return {item.name for item in self.bindings if item.imported == "*"}

    @cached_property
    def _apps(self) -> set[str]:
        return {item.name for item in self.bindings if "app" in {item.imported, item.name}} or {"app"}

    def _followed(self, expression: Node) -> Node:
        """Return what a name stands for, or the expression itself."""
        bare = _bare(expression)
        return self.values[text(bare)][1] if text(bare) in self.values else bare

    def _add(self, links: Iterable[_Link]) -> None:
        self._links.update((link.call.id, link) for link in links)

    @property
    def links(self) -> Collection[_Link]:
        """Every `.use()` call that fills what the file exports."""
        return self._links.values()

    def _collect(self, statement: Node, builders: set[str]) -> Node | None:
        """Add every link on a builder's name to `links`; return what fills one repeatedly or out of sight."""
        looped: Node | None = None
        stack = [(statement, False)]
        while stack:
            node, repeated = stack.pop()
            repeated = repeated or node.type in _REPEATED
            if node.type == "call_expression":
                root, links = _unroll(node)
                if links and text(root) in builders:
                    self._add(links)
                    looped = node if repeated else looped
                    stack += [(link.arguments, repeated) for link in links]
                    continue
            elif node.type == "member_expression":
                holder, name = node.child_by_field_name("object"), node.child_by_field_name("property")
                if (
                    holder is not None
                    and name is not None
                    and text(name) == "use"
                    and text(holder) in builders
                ):
                    looped = node
            stack += [(child, repeated) for child in node.children]
        return looped

    def _calls(self, builder: str) -> _Calls | _Chain | None:
        """Return the last statement that fills a builder, as the place for the next one."""
        place: _Calls | _Chain | None = None
        for statement in self.statements:
            target, expression = _target(statement)
            if expression is None or target not in {None, builder}:
                continue
            root, links = _unroll(expression)
            if links and root.type == "identifier" and text(root) == builder:
                call = f"{builder} = {builder}.use" if target else f"{builder}.use"
                place = _Chain(root, links) if len(links) > 1 else _Calls(statement, call)
        return place

    @cached_property
    def in_use(self) -> set[str]:
        """The names that the chain uses; without a chain, all that are used in code."""
        if self.place is None:
            code = (node for node in self.statements if node.type != "import_statement")
            return {text(name) for node in code for name in _walk(node, _TYPES) if name.type in _NAMES}
        return self._used_by(self.links)

    def _used_by(self, links: Iterable[_Link]) -> set[str]:
        """Return the names that links are given, also by way of a variable."""
        used: set[str] = set()
        stack = [link.arguments for link in links]
        while stack:
            for node in _walk(stack.pop(), _TYPES):
                if node.type in _NAMES and text(node) not in used:
                    used.add(text(node))
                    if text(node) in self.values:
                        stack.append(self.values[text(node)][1])
        return used

    def registered(self) -> dict[str, str]:
        """Return the bindings that are in use by the module they come from."""
        found: dict[str, str] = {}
        for item in self.bindings:
            if item.module is not None and not item.type_only and item.name in self.in_use:
                found.setdefault(item.module, item.name)
        return found

    def names_of(self, modules: Collection[str]) -> set[str]:
        """Return every name that is bound to one of the modules."""
        spellings = {spelling for module in modules for spelling in _spellings(module)}
        return {item.name for item in self.bindings if item.module in spellings}

    def line_of(self, modules: Collection[str]) -> int:
        """Return the line of the first import from one of the modules."""
        lines = (item.node.start_point.row + 1 for item in self.bindings if item.module in modules)
        return next(lines, 1)

    def missing(self, wanted: Iterable[Registration]) -> list[_Missing]:
        """Return what the file lacks of each event that it does not register."""
        by_module: dict[str | None, list[_Binding]] = {}
        for item in self.bindings:
            if not item.type_only:
                by_module.setdefault(item.module, []).append(item)
        found = []
        declared: set[str] | None = None
        for event in dict.fromkeys(wanted):
            bound = [item for spelling in _spellings(event.module) for item in by_module.get(spelling, ())]
            if any(item.name in self.in_use for item in bound):
                continue
            unused = next((item.name for item in bound if item.imported == event.export), None)
            if unused is not None:
                found.append(_Missing(event, unused, imported=False, used=True))
                continue
            if declared is None:
                declared = {item.name for item in self.bindings}
                declared.update(name for node in self.statements for name in _declared(node))
            name = _binding_name(event)
            # A use whose import was lost, say in a merge, only needs the import again.
            orphan = self.place is not None and name in self.in_use and name not in declared
            if not orphan and name in declared:
                number = 2
                while f"{name}{number}" in declared or f"{name}{number}".encode() in self.source:
                    number += 1
                name = f"{name}{number}"
            declared.add(name)
            found.append(_Missing(event, name, imported=True, used=not orphan))
        return found

    # The file's own style

    @cached_property
    def newline(self) -> str:
        """The line ending that most lines have."""
        return "\r\n" if self.source.count(b"\r\n") * 2 > self.source.count(b"\n") else "\n"

    @cached_property
    def unit(self) -> str:
        """One step of indentation."""
        return "\t" if re.search(rb"^\t", self.source, re.MULTILINE) else "  "

    @cached_property
    def _imports(self) -> list[Node]:
        return [node for node in self.statements if node.type == "import_statement"]

    @cached_property
    def _quote(self) -> str:
        quotes = [text(source)[0] for node in self._imports if (source := _source(node)) is not None]
        if not quotes:
            return "'" if self.source.count(b"'") > self.source.count(b'"') else '"'
        return _most(quotes)

    @cached_property
    def _semicolon(self) -> str:
        statements = self._imports or [node for node in self.statements if node.type == "export_statement"]
        return _most([";" if _semicolon_of(node) else "" for node in statements] or [";"])

    @cached_property
    def _braces(self) -> tuple[str, str]:
        named = [text(item) for node in self._imports for item in _walk(node) if item.type == "named_imports"]
        return ("{", "}") if named and all(re.match(r"\{\S", item) for item in named) else ("{ ", " }")

    @cached_property
    def _suffix(self) -> str:
        specifiers = {
            text(source)[1:-1]
            for item in self.bindings
            if item.name in self.in_use and (source := _source(item.statement)) is not None
        }
        suffixes = {
            found[0] if (found := _SCRIPT.search(item)) else "" for item in specifiers if item.startswith(".")
        }
        return suffixes.pop() if len(suffixes) == 1 else ""

    @cached_property
    def _apart(self) -> bool:
        """Whether a blank line stands between every two imports."""
        pairs = [
            self.source[one.end_byte : two.start_byte]
            for one, two in zip(self.statements, self.statements[1:], strict=False)
            if one.type == two.type == "import_statement"
        ]
        return bool(pairs) and all(_has_blank_line(between) for between in pairs)

    def import_line(self, item: _Missing) -> str:
        """Return the import that an event lacks, as this file would write it."""
        export, (left, right) = item.registration.export, self._braces
        if export == "default":
            clause = item.binding
        elif export == item.binding:
            clause = f"{left}{export}{right}"
        else:
            clause = f"{left}{export} as {item.binding}{right}"
        specifier = _relative(item.registration.module, self.path) + self._suffix
        quote = self._quote if self._quote not in specifier else "\"'".replace(self._quote, "")
        return f"import {clause} from {quote}{specifier}{quote}{self._semicolon}"

    def by_hand(self, missing: Iterable[_Missing]) -> list[str]:
        """Return the lines that register the events when they are added by hand."""
        missing = list(missing)
        return [self.import_line(item) for item in missing if item.imported] + [
            self.form.format(item.binding) for item in missing if item.used
        ]

    # Additions

    @cached_property
    def import_index(self) -> int:
        """Where among the statements a new import goes."""
        imports = [index for index, node in enumerate(self.statements) if node.type == "import_statement"]
        if imports:
            return imports[-1] + 1
        index = 0
        while self.statements[index].type == "expression_statement" and _is_directive(self.statements[index]):
            index += 1
        return index

    def add_imports(self, index: int, lines: Sequence[str]) -> list[_Edit]:
        """Return the edit that adds imports after the last one, or in front of all code if there is none."""
        if not self._imports:
            place = self._above(self.statements[index])
            return [(place, place, "".join(line + self.newline for line in [*lines, ""]).encode())]
        end, semicolon = self.statement_end(self.statements[index - 1])
        place = _end_of_comments(self.source, end)
        if not _ends_line(self.source, _skip_blanks(self.source, place)):
            start = "" if semicolon else ";"
            joined = "".join(f" {line.removesuffix(';')};" for line in lines)
            return [(end, end, (start + joined).encode())]
        gap = self.newline * (2 if self._apart else 1)
        return [(place, place, "".join(gap + line for line in lines).encode())]

    def _above(self, statement: Node) -> int:
        """Return the start of a statement with the comments right above it, unless they head the file."""
        children = self.root.children
        first = children.index(statement)
        while first and children[first - 1].type == "comment":
            if _has_blank_line(self.source[children[first - 1].end_byte : children[first].start_byte]):
                break
            first -= 1
        return children[first].start_byte if first else statement.start_byte

    def statement_end(self, statement: Node) -> tuple[int, bool]:
        """Return the end of a statement on its own last line, and whether a semicolon is there.

        A semicolon on a later line guards the statement after it: `;[a].map(…)`.
        """
        code = [child for child in statement.children if child.type not in {"comment", ";"}]
        end = code[-1].end_byte
        semicolon = _semicolon_of(statement)
        if semicolon is None or _has_newline(self.source[end : semicolon.start_byte]):
            return end, False
        return semicolon.end_byte, True

    # Removal

    def remove(self, targets: Collection[str]) -> tuple[bytes, list[str]]:
        """Return the file without the imports and links of some modules, and the kinds of its statements."""
        gone = [item for item in self.bindings if item.module in targets]
        names = {item.name for item in gone}
        links = [link for link in self.links if link.takes(names)]
        kept = self._references(names, {link.arguments.id for link in links})
        left = self._used_by(link for link in self.links if not link.takes(names))
        for name, node in kept.items():
            if name in (self.in_use if self.place is None else left):
                reason = f"`{name}` is used here, where it can only be taken out by hand"
                raise RegistrationError(node.start_point.row + 1, reason)
        lines = _Lines(self.source)
        edits: list[_Edit] = []
        statements: list[Node] = []
        bound: dict[int, list[_Binding]] = {}
        for item in gone:
            bound.setdefault(item.statement.id, []).append(item)
        whole: set[int] = set()
        for statement in self.statements:
            if statement.type == "import_statement":
                source = _source(statement)
                here = source is not None and _module(text(source)[1:-1], self.path) in targets
                items = bound.get(statement.id, [])
                dropped = [item.node for item in items if item.name not in kept]
                remove = here and len(dropped) == len(items)
                if not remove:
                    edits += _drop_names(self.source, statement, dropped, lines)
            else:
                filled = self._filled_by(statement)
                remove = bool(filled) and all(link.takes(names) for link in filled)
                whole.update(link.call.id for link in filled if remove)
            if remove:
                edits += self._drop_statement(statement, lines)
            else:
                statements.append(statement)
        edits += self._unlink([link for link in links if link.call.id not in whole])
        return _apply(self.source, edits + lines.edits()), [node.type for node in statements]

    def _references(self, names: Collection[str], but: Collection[int]) -> dict[str, Node]:
        """Return the first reference to each name outside of imports and of some nodes."""
        found: dict[str, Node] = {}
        for statement in self.statements if names else ():
            if statement.type != "import_statement":
                for node in _walk(statement, but=but):
                    if node.type in _NAMES | {"type_identifier"} and text(node) in names:
                        found.setdefault(text(node), node)
        return found

    def _filled_by(self, statement: Node) -> list[_Link]:
        """Return the links of a statement that does nothing but fill a builder."""
        target, expression = _target(statement)
        root, links = _unroll(expression) if expression is not None else (statement, [])
        own = target in {None, text(root)} and all(link.call.id in self._links for link in links)
        return links if own else []

    def _drop_statement(self, statement: Node, lines: _Lines) -> list[_Edit]:
        """Remove a statement, with its lines if nothing else is on them; its comments stay."""
        source, start = self.source, statement.start_byte
        end, _ = self.statement_end(statement)
        inside = [text(node) for node in _walk(statement) if node.type == "comment" and node.end_byte <= end]
        if inside:
            return [(start, end, self.newline.join(inside).encode())]
        following = _skip_blanks(source, end)
        if source[_line_start(source, start) : start].strip():
            return [(len(source[:start].rstrip(b" \t")), end, b"")]
        if not _ends_line(source, following):
            return [(start, following, b"")]
        first = start
        if statement.type == "import_statement" and self._apart:
            # The blank line above came with this import.
            above = _LINE.match(source, len(source[:start].rstrip()))
            first = min(start, above.end()) if above is not None else start
        lines.remove(first, end)
        return []

    def _unlink(self, links: Sequence[_Link]) -> list[_Edit]:
        """Remove links from their chains, each with its line if nothing else is on it; comments stay."""
        source = self.source
        edits: list[_Edit] = []
        runs: dict[int, list[_Link]] = {}  # links with nothing in between, by the last one's call
        for link in sorted(links, key=lambda link: link.call.end_byte):
            joined = not source[link.receiver.end_byte : link.dot.start_byte].strip()
            run = runs.pop(link.receiver.id, []) if joined else []
            run.append(link)
            runs[link.call.id] = run
        anchors: dict[int, int] = {}  # the end of what stays in front of each run
        for run in runs.values():
            previous, dot, end = run[0].receiver.end_byte, run[0].dot.start_byte, run[-1].call.end_byte
            anchor = anchors[run[-1].call.id] = anchors.get(run[0].receiver.id, previous)
            inside = [text(node) for link in run for node in _walk(link.arguments) if node.type == "comment"]
            following = _skip_blanks(source, end)
            own_line = not source[_line_start(source, dot) : dot].strip()
            comments = list(_COMMENTS.finditer(source, previous, dot))
            if inside:
                ends = [self.newline if comment.startswith("//") else "" for comment in inside]
                edits.append((dot, end, "".join(map("".join, zip(inside, ends, strict=True))).encode()))
            elif own_line and _COMMENTS.match(source, following):
                edits.append((dot, following, b""))
            elif not comments:
                edits.append((previous, end, b""))
            elif own_line and source.startswith(b".", following):
                edits.append((dot, following, b""))
            elif own_line and (
                comments[-1][0].startswith(b"//") or _has_newline(source[previous : comments[-1].end()])
            ):
                # What ends the chain moves up, lest it fall into a comment; one behind it keeps its line.
                tail = _COMMENTS.split(source[end : _line_end(source, end)])[0].rstrip()
                place = _skip_blanks(source, end + len(tail))
                commented = _COMMENTS.match(source, place) is not None
                edits.append((anchor, anchor, tail))
                edits.append((dot, place, b"") if commented else (comments[-1].end(), end + len(tail), b""))
            else:
                edits.append((comments[-1].end(), end, b""))
        return edits

    # Renaming

    def move(self, renames: Sequence[tuple[Registration, Registration]]) -> bytes:
        """Return the file with the imports of some modules pointing to their new places and names."""
        pairs = {spelling: pair for pair in renames for spelling in _spellings(pair[0].module)}
        edits: list[_Edit] = []
        for statement in self.statements:
            source = _source(statement)
            pair = pairs.get(_module(text(source)[1:-1], self.path) or "") if source is not None else None
            if source is not None and pair is not None and pair[0].module != pair[1].module:
                specifier = _respell(text(source)[1:-1], pair[1].module, self.path)
                edits.append((source.start_byte + 1, source.end_byte - 1, specifier.encode()))
        changed = [
            (item, *pair)
            for item in self.bindings
            if (pair := pairs.get(item.module or "")) and item.imported == pair[0].export != pair[1].export
        ]
        followers = self._followers(
            {
                item.name: new.export
                for item, old, new in changed
                if item.name == old.export and new.export != "default"
            }
        )
        for item, _, new in changed:
            if item.node.type != "import_specifier":
                if new.export != "default" and len(item.node.parent.children if item.node.parent else ()) > 1:
                    line = item.node.start_point.row + 1
                    raise RegistrationError(line, f"the import of `{item.name}` can only be renamed by hand")
                edits.append(
                    (item.node.start_byte, item.node.end_byte, f"{{ {new.export} as {item.name} }}".encode())
                )
                continue
            local = new.export if item.name in followers else item.name
            name = item.node.child_by_field_name("name")
            start = name.start_byte if name is not None else item.node.start_byte
            clause = local if local == new.export else f"{new.export} as {local}"
            edits.append((start, item.node.end_byte, clause.encode()))
        for statement in self.statements if followers else ():
            if statement.type != "import_statement":
                for node in _walk(statement):
                    if node.type == "identifier" and text(node) in followers:
                        edits.append((node.start_byte, node.end_byte, followers[text(node)].encode()))
        return _apply(self.source, edits)

    def _followers(self, names: dict[str, str]) -> dict[str, str]:
        """Return the bindings that can take their new name: it is free, and no reference spells a key too."""
        taken: set[str] = set()
        fixed: set[str] = set()
        for statement in self.statements if names else ():
            for node in _walk(statement):
                if node.type in _NAMES | {"type_identifier"}:
                    taken.add(text(node))
                if node.type.startswith("shorthand_property_identifier"):
                    fixed.add(text(node))
                if node.type == "export_specifier":
                    fixed |= {text(child) for child in node.named_children}
        return {old: new for old, new in names.items() if old not in fixed and new not in taken}


class _Lines:
    """Whole lines to remove, with a blank line too where two would be left."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._gone: set[int] = set()

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        start = len(_BOM) if self._source.startswith(_BOM) else 0
        return [found.span() for found in _LINE.finditer(self._source, start) if found[0]]

    def remove(self, start: int, end: int) -> None:
        """Mark the lines from one byte to another."""
        first = bisect_right(self._spans, (start, len(self._source))) - 1
        last = bisect_right(self._spans, (end, len(self._source))) - 1
        self._gone.update(range(first, max(first, last) + 1))

    def edits(self) -> list[_Edit]:
        """Return the edits that remove them."""
        spans, edits = (self._spans if self._gone else []), []
        loose = [
            index in self._gone or not self._source[slice(*span)].strip() for index, span in enumerate(spans)
        ]
        stop = 0
        while stop < len(spans):
            start = stop
            while stop < len(spans) and loose[stop] == loose[start]:
                stop += 1
            gone = [index for index in range(start, stop) if index in self._gone]
            if not gone:
                continue
            first, last = gone[0], gone[-1] + 1
            above, below = first - start, stop - last
            if start == 0 or (above > below and stop < len(spans)):
                last = stop
            else:
                first = start
            begin, end = spans[first][0], spans[last - 1][1]
            if end == len(self._source) and not self._source.endswith((b"\n", b"\r")) and first:
                begin = len(self._source[:begin].removesuffix(b"\n").removesuffix(b"\r"))
            edits.append((begin, end, b""))
        return edits


def _apply(source: bytes, edits: Iterable[_Edit]) -> bytes:
    """Return the source with the edits made; those at one place follow each other as given."""
    parts, done = [], 0
    for start, end, replacement in sorted(edits, key=lambda edit: edit[:2]):
        parts += [source[done:start], replacement]
        done = max(done, end)
    return b"".join([*parts, source[done:]])


def _module(specifier: str, path: str) -> str | None:
    """Return the app's file that an import in `path` points to, without its suffix; None for a package."""
    plain = _SCRIPT.sub("", specifier)
    if re.match(r"\.\.?(/|$)", plain):
        plain = posixpath.join(posixpath.dirname(path), plain)
    else:
        alias = next((alias for alias in _ALIASES if plain.startswith(alias)), None)
        if alias is None:
            return None
        plain = _ALIASES[alias] + plain[len(alias) :]
    plain = posixpath.normpath(plain)
    return None if plain.startswith("..") else plain


def _spellings(module: str) -> list[str]:
    """Return what `_module` may make of an import of a module: a folder stands for its index file."""
    return [module, module.removesuffix("/index")] if module.endswith("/index") else [module]


def _relative(module: str, path: str) -> str:
    """Return the specifier by which `path` imports a module."""
    specifier = posixpath.relpath(module, posixpath.dirname(path) or ".")
    return specifier if specifier.startswith("../") else f"./{specifier}"


def _respell(specifier: str, module: str, path: str) -> str:
    """Return a specifier for another module in the style of one that is there."""
    suffix = found[0] if (found := _SCRIPT.search(specifier)) else ""
    for alias, folder in _ALIASES.items():
        if specifier.startswith(alias) and module.startswith(folder):
            return alias + module[len(folder) :] + suffix
    return _relative(module, path) + suffix


def _binding_name(event: Registration) -> str:
    """Return the name to import an event under if it is free: its export, or one made of its file's name."""
    if event.export != "default":
        return event.export
    words = re.findall(r"[A-Za-z0-9]+", posixpath.basename(event.module).removesuffix(".extension"))
    return "event" + "".join(word[0].upper() + word[1:] for word in words)


def _bindings(statement: Node, path: str) -> Iterator[_Binding]:
    """Yield what an import statement binds."""
    source = _source(statement)
    if statement.type != "import_statement" or source is None:
        return
    module = _module(text(source)[1:-1], path)
    type_only = any(child.type in {"type", "typeof"} for child in statement.children)
    for clause in statement.children:
        for child in clause.children if clause.type == "import_clause" else ():
            if child.type == "identifier":
                yield _Binding(text(child), "default", module, type_only, statement, child)
            elif child.type == "namespace_import":
                yield _Binding(text(child.named_children[-1]), "*", module, type_only, statement, child)
            elif child.type == "named_imports":
                for item in child.named_children:
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    if name is not None:
                        item_type = type_only or item.children[0].type in {"type", "typeof"}
                        yield _Binding(text(alias or name), text(name), module, item_type, statement, item)


def _source(statement: Node) -> Node | None:
    """Return the module specifier of an import or a re-export."""
    return statement.child_by_field_name("source")


def _declaration(statement: Node) -> Node:
    """Return the declaration in an export or an ambient statement, or the statement itself."""
    while statement.type in {"export_statement", "ambient_declaration"}:
        inner = next(
            (child for child in statement.named_children if child.type.endswith("_declaration")), None
        )
        if inner is None:
            break
        statement = inner
    return statement


def _declarators(statement: Node) -> Iterator[Node]:
    declaration = _declaration(statement)
    if declaration.type in {"lexical_declaration", "variable_declaration"}:
        yield from (child for child in declaration.named_children if child.type == "variable_declarator")


def _assigned(statement: Node) -> Iterator[tuple[str, tuple[Node, Node]]]:
    """Yield each variable that a statement gives a value, as (name, (its node, the value))."""
    for declarator in _declarators(statement):
        name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        if name is not None and value is not None and name.type == "identifier":
            yield text(name), (name, value)
    expression = _expression(statement) if statement.type == "expression_statement" else None
    if expression is not None and expression.type == "assignment_expression":
        name, value = expression.child_by_field_name("left"), expression.child_by_field_name("right")
        if name is not None and value is not None and name.type == "identifier":
            yield text(name), (name, value)


def _declared(statement: Node) -> Iterator[str]:
    """Yield the names that a statement declares at the top level, without those of `_bindings`."""
    if statement.type == "import_statement":
        for child in statement.children:
            if child.type == "import_require_clause":
                yield text(child.named_children[0])
        return
    for declarator in _declarators(statement):
        name = declarator.child_by_field_name("name")
        if name is not None:
            yield from (text(node) for node in _walk(name) if node.type in _NAMES)
    name = _declaration(statement).child_by_field_name("name")
    if name is not None:
        yield text(name)


def _target(statement: Node) -> tuple[str | None, Node | None]:
    """Return the variable that an expression statement assigns to, if it does, and the expression."""
    expression = _expression(statement) if statement.type == "expression_statement" else None
    if expression is None or expression.type != "assignment_expression":
        return None, expression
    left, right = expression.child_by_field_name("left"), expression.child_by_field_name("right")
    return (text(left), right) if left is not None else (None, None)


def _unroll(expression: Node) -> tuple[Node, list[_Link]]:
    """Return what a chain of calls starts from, and its `.use()` links in order."""
    links = []
    node = _bare(expression)
    while node.type == "call_expression":
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None or function.type != "member_expression":
            break
        receiver, name = function.child_by_field_name("object"), function.child_by_field_name("property")
        if receiver is None or name is None or (name.text == b"app" and receiver.type == "identifier"):
            break
        if name.text == b"use":
            given = [child for child in arguments.named_children if child.type != "comment"]
            argument = text(_bare(given[0])) if len(given) == 1 else ""
            links.append(_Link(node, receiver, name, arguments, argument))
        node = _bare(receiver)
    return node, links[::-1]


def _bare(node: Node) -> Node:
    """Return an expression without parentheses, casts and `await` around it."""
    while node.type in _WRAPPERS:
        inner = [child for child in node.named_children if child.type != "comment"]
        if not inner:
            break
        node = inner[-1] if node.type == "type_assertion" else inner[0]
    return node


def _expression(statement: Node) -> Node | None:
    """Return the expression of a statement."""
    return next((child for child in statement.named_children if child.type != "comment"), None)


def _walk(node: Node, skip: Collection[str] = (), but: Collection[int] = ()) -> Iterator[Node]:
    """Yield a node and all below it in order, without some types of node and some nodes."""
    stack = [node]
    while stack:
        node = stack.pop()
        if node.type not in skip and node.id not in but:
            yield node
            stack += reversed(node.children)


def _first_error(root: Node) -> int:
    """Return the line of the first syntax error."""
    node = root
    while not (node.is_error or node.is_missing):
        faulty = next((child for child in node.children if child.has_error), None)
        if faulty is None:
            break
        node = faulty
    return node.start_point.row + 1


def _is_directive(statement: Node) -> bool:
    expression = _expression(statement)
    return statement.type == "expression_statement" and expression is not None and expression.type == "string"


def _semicolon_of(statement: Node) -> Node | None:
    """Return the semicolon that ends a statement."""
    statement = _declaration(statement)
    return next((child for child in statement.children if child.type == ";" and not child.is_missing), None)


def _most(items: Sequence[str]) -> str:
    """Return the most frequent item; of several, the one met last."""
    counts = Counter(items)
    return max(reversed(items), key=counts.__getitem__)


def _has_newline(part: bytes) -> bool:
    return b"\n" in part or b"\r" in part


def _has_blank_line(part: bytes) -> bool:
    return any(not line.strip() for line in part.splitlines()[1:-1]) or part.endswith(
        (b"\n\n", b"\r\n\r\n", b"\r\r")
    )


def _line_start(source: bytes, place: int) -> int:
    start = max(source.rfind(b"\n", 0, place), source.rfind(b"\r", 0, place)) + 1
    return len(_BOM) if start == 0 and source.startswith(_BOM) else start


def _line_end(source: bytes, place: int) -> int:
    found = _END_OF_LINE.search(source, place)
    return found.start() if found is not None else len(source)


def _ends_line(source: bytes, place: int) -> bool:
    return _END_OF_LINE.match(source, place) is not None


def _skip_blanks(source: bytes, place: int) -> int:
    found = _BLANKS.match(source, place)
    return found.end() if found is not None else place


def _end_of_comments(source: bytes, place: int) -> int:
    """Return the end of the comments that follow a place on its line, or the place if there is none."""
    while found := _COMMENTS.match(source, _skip_blanks(source, place)):
        place = found.end()
    return place


def _indent(source: bytes, place: int) -> str:
    """Return the white space that starts the line of a place."""
    start = _line_start(source, place)
    return source[start : _skip_blanks(source, start)].decode()


def _drop_names(source: bytes, statement: Node, dropped: Sequence[Node], lines: _Lines) -> list[_Edit]:
    """Remove some of the names that an import statement binds, but not all."""
    gone = {node.id for node in dropped}
    clause = next((child for child in statement.children if child.type == "import_clause"), None)
    if clause is None or not gone:
        return []
    edits: list[_Edit] = []
    parts = [child for child in clause.named_children if child.type != "comment"]
    named = next((part for part in parts if part.type == "named_imports"), None)
    items = (
        [node for node in named.named_children if node.type == "import_specifier"]
        if named is not None
        else []
    )
    if parts[0].id in gone:
        edits.append((parts[0].start_byte, parts[1].start_byte, b""))
    if len(parts) > 1 and (parts[1].id in gone or (items and all(node.id in gone for node in items))):
        return [*edits, (parts[0].end_byte, parts[1].end_byte, b"")]
    tail = len(items)
    while tail and items[tail - 1].id in gone:
        tail -= 1
    for index, item in enumerate(items):
        if item.id not in gone:
            continue
        start, end = item.start_byte, _skip_blanks(source, item.end_byte)
        comma = source.startswith(b",", end)
        following = _skip_blanks(source, end + 1 if comma else end)
        before = source[items[index - 1].end_byte : start] if index else b""
        own_line = not source[_line_start(source, start) : start].strip()
        if own_line and _ends_line(source, following) and (comma or _COMMENTS.search(before)):
            lines.remove(start, end)
        elif index < tail or (own_line and comma) or _COMMENTS.search(before):
            edits.append((start, following, b""))
        else:
            edits.append((items[index - 1].end_byte, item.end_byte, b""))
    return edits
