"""Take events out of a src/extensions.ts, or out of a file that exports them again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tree_sitter import Node

from ..reader.syntax import NAMES, Import, line, names_in, source_of, text, unwrap, walk
from .chain import Link, Registry, takes
from .edits import (
    COMMENTS,
    Edit,
    Lines,
    apply,
    drop_items,
    ends_line,
    line_end,
    skip_blanks,
    starts_line,
)
from .layout import edited
from .prettier import DEFAULT, Prettier
from .registration import ModuleOf, RegistrationError
from .source import Source
from .style import Style

_REFERENCES = NAMES | {"type_identifier"}


def unregister(
    source: bytes,
    modules: Collection[str],
    *,
    module_of: ModuleOf,
    bindings: Collection[str] = (),
    prettier: Prettier = DEFAULT,
) -> bytes:
    """Take the imports, re-exports and uses of some builder files out.

    Comments stay, and so does an import whose binding is used for something else as well.

    Args:
        source: The file.
        modules: The builder files' paths in the app, without ".ts".
        module_of: Finds the app's file, without its suffix, that a specifier in the file leads to.
        bindings: Imported names that stand for one of them by way of another file.
        prettier: The app's settings of Prettier.

    Returns:
        The file without them; the same bytes when it has none of them.

    Raises:
        RegistrationError: The file is broken, or uses one of them where it cannot be taken out.
    """
    if not modules:
        return source
    file = Source(source, module_of)
    if file.broken is not None:
        raise RegistrationError(*file.broken)
    registry = Registry(file)
    style = Style(file, "src", "", prettier=prettier)
    edits, kinds = _Removal(registry, style, modules, bindings).edits()
    if not edits:
        return source
    if style.is_default:
        after = edited(registry, edits, style, module_of).source
    else:  # nobody but Prettier joins the lines of a chain that got short
        after = Source(apply(source, edits), module_of)
    if after.kinds != kinds:
        raise RegistrationError(file.line_of(modules), "an event cannot be taken out safely")
    return after.code


class _Removal:
    """The removal of some modules from a file."""

    def __init__(
        self, registry: Registry, style: Style, modules: Collection[str], bindings: Collection[str]
    ) -> None:
        self._registry = registry
        self._file = registry.source
        self._code = registry.source.code
        self._style = style
        self._modules = modules
        self._bindings = bindings
        self._lines = Lines(self._code)

    def edits(self) -> tuple[list[Edit], list[str]]:
        """Return the edits to make, and the types of the statements that are left then."""
        registry, file = self._registry, self._file
        bound: dict[int, list[Import]] = {}
        of_module = {item.binding for item in file.imported(self._modules)}
        for item in file.imports:
            if item.binding in of_module or item.binding in self._bindings:
                bound.setdefault(item.statement.id, []).append(item)
        names = {item.binding for items in bound.values() for item in items}
        links = [link for link in registry.links if takes(link.argument, names)]
        elements = {node.id for node in registry.elements if takes(text(unwrap(node)), names)}
        kept = self._references(names, {link.arguments.id for link in links} | elements)
        self._check(kept, links, elements)
        edits = drop_items(self._code, registry.elements, elements, self._lines)
        kinds, removed, last = [], [], -1
        whole: set[int] = set()
        for index, statement in enumerate(file.statements):
            if (source := source_of(statement)) is not None:
                items = bound.get(statement.id, [])
                here = file.modules[text(source)[1:-1]] in self._modules
                dropped = [item.node for item in items if item.binding not in kept]
                alone = len(items) == sum(item.statement.id == statement.id for item in file.imports)
                remove = (here or (bool(items) and alone)) and len(dropped) == len(items)
                if not remove:
                    edits += self._drop_names(statement, dropped)
            else:
                filled = registry.filled_by(statement)
                remove = bool(filled) and all(takes(link.argument, names) for link in filled)
                whole.update(link.call.id for link in filled if remove)
            if remove:
                removed.append(index)
            else:
                kinds.append(statement.type)
                last = index if source is not None else last
        for index in removed:
            edits += self._drop_statement(file.statements[index], index > last)
        edits += self._unlink([link for link in links if link.call.id not in whole])
        return edits + self._lines.edits(), kinds

    def _references(self, names: Collection[str], but: Collection[int]) -> dict[str, Node]:
        """Return the first reference to each name outside of imports and of some nodes."""
        found: dict[str, Node] = {}
        for statement in self._file.statements if names else ():
            if statement.type != "import_statement":
                for node in walk(statement, but=but):
                    if node.type in _REFERENCES and text(node) in names:
                        found.setdefault(text(node), node)
        return found

    def _check(self, kept: dict[str, Node], links: Sequence[Link], elements: Collection[int]) -> None:
        """Refuse a removal after which the app would still be handed one of the events."""
        registry = self._registry
        gone = {link.call.id for link in links}
        if registry.place is None and not registry.links:
            nodes = [node for node in self._file.statements if node.type != "import_statement"]
        else:
            nodes = [link.arguments for link in registry.links if link.call.id not in gone]
            nodes += [node for node in registry.elements if node.id not in elements]
        left = names_in(nodes, self._file.values) if kept else set()
        for name, node in kept.items():
            if name in left:
                reason = f"`{name}` is used here, where it can only be taken out by hand"
                raise RegistrationError(line(node), reason)

    def _drop_names(self, statement: Node, dropped: Sequence[Node]) -> list[Edit]:
        """Remove some of the names that an import statement binds, but not all."""
        gone = {node.id for node in dropped}
        clause = next((child for child in statement.children if child.type == "import_clause"), None)
        if clause is None or not gone:
            return []
        parts = [child for child in clause.named_children if child.type != "comment"]
        named = next((part for part in parts if part.type == "named_imports"), None)
        children = named.named_children if named is not None else []
        items = [node for node in children if node.type == "import_specifier"]
        edits: list[Edit] = []
        if parts[0].id in gone:
            edits.append((parts[0].start_byte, parts[1].start_byte, b""))
        if len(parts) > 1 and (parts[1].id in gone or (items and all(node.id in gone for node in items))):
            return [*edits, (parts[0].end_byte, parts[1].end_byte, b"")]
        return edits + drop_items(self._code, items, gone, self._lines)

    def _drop_statement(self, statement: Node, is_last: bool) -> list[Edit]:
        """Remove a statement, with its lines if nothing else is on them; is_last: no import that stays follows."""
        code = self._code
        start, (end, _) = statement.start_byte, self._file.end_of(statement)
        inside = [text(node) for node in walk(statement) if node.type == "comment" and node.end_byte <= end]
        if inside:
            return [(start, end, self._style.newline.join(inside).encode())]
        if not starts_line(code, start):
            return [(len(code[:start].rstrip(b" \t")), end, b"")]
        if not ends_line(code, end):
            return [(start, skip_blanks(code, end), b"")]
        if is_last and source_of(statement) is not None and self._style.apart:
            # The blank lines above came with this import.
            start = min(start, code.find(b"\n", len(code[:start].rstrip())) + 1)
        self._lines.remove(start, end)
        return []

    def _unlink(self, links: Sequence[Link]) -> list[Edit]:
        """Remove links from their chains, each with its line if nothing else is on it; comments stay."""
        code = self._code
        newline = self._style.newline
        edits: list[Edit] = []
        runs: dict[int, list[Link]] = {}  # links with nothing in between, by the last one's call
        for link in sorted(links, key=lambda link: link.call.end_byte):
            joined = not code[link.receiver.end_byte : link.dot.start_byte].strip()
            run = runs.pop(link.receiver.id, []) if joined else []
            run.append(link)
            runs[link.call.id] = run
        anchors: dict[int, int] = {}  # the end of what stays in front of each run
        for run in runs.values():
            previous, dot, end = run[0].receiver.end_byte, run[0].dot.start_byte, run[-1].call.end_byte
            anchor = anchors[run[-1].call.id] = anchors.get(run[0].receiver.id, previous)
            inside = [text(node) for link in run for node in walk(link.arguments) if node.type == "comment"]
            following = skip_blanks(code, end)
            own_line = starts_line(code, dot)
            comments = list(COMMENTS.finditer(code, previous, dot))
            if inside:
                ends = [newline if comment.startswith("//") else "" for comment in inside]
                edits.append((dot, end, "".join(map("".join, zip(inside, ends, strict=True))).encode()))
            elif own_line and COMMENTS.match(code, following):
                edits.append((dot, following, b""))
            elif not comments:
                edits.append((previous, end, b""))
            elif own_line and code.startswith(b".", following):
                edits.append((dot, following, b""))
            elif own_line and (
                comments[-1][0].startswith(b"//") or b"\n" in code[anchor : comments[-1].end()]
            ):
                # What ends the chain moves up, lest it fall into a comment; one behind it keeps its line.
                tail = COMMENTS.split(code[end : line_end(code, end)])[0].rstrip()
                place = skip_blanks(code, end + len(tail))
                commented = COMMENTS.match(code, place) is not None
                edits.append((anchor, anchor, tail))
                edits.append((dot, place, b"") if commented else (comments[-1].end(), end + len(tail), b""))
            else:
                edits.append((comments[-1].end(), end, b""))
        return edits
