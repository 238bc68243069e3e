"""Declare the collection of handled events in the app's one `extensions.dataCollections(…)`.

Wix takes a single one an app. `wix generate` keeps it in `data-collections.extension.ts`, which imports a file for each
collection beside it (@wix/cli 1.1.247, `templates/astro/data-collections`); this does the same, whatever the events' folder.
Edits are ranges of bytes on the syntax tree: all that is not added stays as it is.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tree_sitter import Node

from . import files, names, reader
from .errors import UserError
from .reader import App, syntax
from .registrations import Registration

# Paths in the app without `.ts`, as imports name them.
COLLECTION = "src/extensions/backend/data-collections/handled-events"
EXTENSION = "src/extensions/backend/data-collections/data-collections.extension"
EXPORT = "dataCollections"

_BINDING = "handledEventsCollection"
_WIDTH = 80  # Prettier's default
_SUFFIX = re.compile(r"\.[cm]?[jt]sx?$")
_CODE = re.compile(rb"(?:(?![ \t]*(?://|[\r\n]|\Z)).)*")
_REST_OF_LINE = re.compile(rb"[ \t]*(//[^\r\n]*|/\*[^\r\n]*?\*/[ \t]*)?(?=[\r\n]|\Z)")


class Declaration(NamedTuple):
    """How the collection is declared in an app.

    Attributes:
        path: The file that declares it, relative to the app.
        content: What is to be written there, or None where it is declared already.
        registration: What `src/extensions.ts` is to register.
    """

    path: str
    content: bytes | None
    registration: Registration


def declaration(root: Path, app: App, id_: str, package: str, suffix: str = "") -> Declaration:
    """Return how the collection of handled events is to be declared in an app; nothing is written.

    Args:
        root: The app's folder.
        app: What its code says.
        id_: The id of a new extension.
        package: Where a new extension imports `extensions` from.
        suffix: What relative imports end with where the file has none to go by.

    Raises:
        UserError: The app's list of collections cannot be edited; quotes the lines to add by hand.
    """
    found = [each for each in app.extensions if each.kind == EXPORT]
    if not found:
        path = f"{EXTENSION}.ts"
        if (root / path).exists():
            raise UserError(
                f"{path}: there is no extensions.{EXPORT}(…) in it that can be read. Correct it by hand, then run this again."
            )
        return Declaration(path, new_file(id_, package, suffix), Registration(EXTENSION, EXPORT))
    first = next((each for each in found if each.registered), found[0])
    registration = Registration(names.module_of(first.builder), first.export or "default")
    path = first.collections.file if first.collections else first.builder
    before = files.read(root / path)
    try:
        after = add_collection(before, path, first.collections.start if first.collections else None, suffix)
    except CollectionError as error:
        if _is_reached(root, first.builder, path):
            return Declaration(path, None, registration)
        where = f"{path}:{first.line}" if path == first.builder else path
        lines = [f"{where}: {error}, so nothing was changed there. Add these lines by hand:", *error.by_hand]
        raise UserError("\n  ".join(lines)) from error
    if after == before or _is_reached(root, first.builder, path):
        return Declaration(path, None, registration)
    return Declaration(path, after, registration)


def _is_reached(root: Path, builder: str, path: str) -> bool:
    """Tell whether a builder imports the collection by way of other files than the list's, which may not use its import."""
    imports: dict[str, list[str]] = {}
    for item in reader.relative_imports(root).imports:
        if item.target is not None and (item.file, item.target) != (path, f"{COLLECTION}.ts"):
            imports.setdefault(item.file, []).append(item.target)
    reached, wanted = {builder}, [builder]
    while wanted:
        for target in imports.get(wanted.pop(), ()):
            if target not in reached:
                reached.add(target)
                wanted.append(target)
    return f"{COLLECTION}.ts" in reached


class CollectionError(Exception):
    """A list of collections to which none can be added; its message says why.

    Attributes:
        by_hand: The lines for the user to add, in the file's own style.
    """

    def __init__(self, reason: str, by_hand: Sequence[str]) -> None:
        """Make the error."""
        super().__init__(reason)
        self.by_hand = list(by_hand)


def new_file(id_: str, package: str, suffix: str = "") -> bytes:
    """Return a new `data-collections.extension.ts`, as Prettier prints it.

    Args:
        id_: The extension's id.
        package: Where `extensions` is imported from.
        suffix: What relative imports end with: `.js` where TypeScript's `moduleResolution` asks for it.
    """
    return f"""\
import {{ extensions }} from "{package}";
import {_BINDING} from "./handled-events{suffix}";

export const {EXPORT} = extensions.dataCollections({{
  id: "{id_}",
  name: "Data Collections",
  collections: [{_BINDING}],
}});
""".encode()


def add_collection(source: bytes, path: str, start: int | None, suffix: str = "") -> bytes:
    """Add the collection of handled events to a list of collections, unless its file uses it already.

    Args:
        source: The file that holds the list.
        path: Its path in the app.
        start: Where the list starts, as the reader found it; None where it is not written out.
        suffix: As for `new_file`; used where the file has no relative import to go by.

    Returns:
        The file with the import and the list's new element; the same bytes if the collection is imported and used.

    Raises:
        CollectionError: The list is not written out, or written in an unusual way.
    """
    file = _File(source, path, suffix)
    if file.binding and file.uses(file.binding):
        return source
    name = file.binding or file.free_name()
    imported = [] if file.binding else [file.import_line(name)]
    by_hand = [*imported, f"{name}, // in the list of the app's collections"]
    array = None if start is None else file.array_at(start)
    if array is None:
        raise CollectionError("its list of collections is not written out", by_hand)
    edits = [*file.append(array, name), *(file.import_edit(line) for line in imported)]
    result = source
    for first, last, new in sorted(edits, reverse=True):
        result = result[:first] + new.encode() + result[last:]
    after = _File(result, path, suffix)
    if after.root.has_error or not after.binding or not after.uses(after.binding):
        raise CollectionError("its list of collections is written in an unusual way", by_hand)
    return result


class _File:
    """A file's syntax tree, and the style that it is written in."""

    def __init__(self, source: bytes, path: str, suffix: str) -> None:
        self.source, self.path = source, path
        tree = syntax.parse(source, path.endswith("x"))
        self.root = tree.root_node
        self.imports = [item for item in syntax.imports(tree) if not item.type_only]
        bound = (item.binding for item in self.imports if self._is_collection(item))
        self.binding = next(bound, None)
        self.newline = "\r\n" if source.count(b"\r\n") * 2 > source.count(b"\n") else "\n"
        self.unit = "\t" if re.search(rb"^\t", source, re.MULTILINE) else "  "
        relative = [item.specifier for item in self.imports if item.specifier.startswith(".")]
        ends = [found[0] if (found := _SUFFIX.search(item)) else "" for item in relative]
        self.suffix = max(ends, key=ends.count) if ends else suffix

    def _is_collection(self, item: syntax.Import) -> bool:
        module = _SUFFIX.sub("", item.specifier)
        target = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), module))
        return module.startswith(".") and target == COLLECTION and item.imported == "default"

    def uses(self, name: str) -> bool:
        """Tell whether a name is used beyond its import."""
        skipped = {*syntax.TYPES, "import_statement"}
        return any(
            node.type in syntax.NAMES and syntax.text(node) == name
            for node in syntax.walk(self.root, skip=skipped)
        )

    def free_name(self) -> str:
        """Return the collection's name as `wix generate` makes it, with a number where that is taken."""
        taken = {syntax.text(node) for node in syntax.walk(self.root) if node.type.endswith("identifier")}
        number = 0
        while (name := f"{_BINDING}{number or ''}") in taken:
            number += 1
        return name

    # Imports

    @property
    def _import_statements(self) -> list[Node]:
        return [node for node in self.root.children if node.type == "import_statement"]

    def import_line(self, name: str) -> str:
        """Return the import of the collection, as this file would write it."""
        statements = self._import_statements[::-1]  # Of two styles as frequent, the last import's wins.
        quotes = [syntax.text(source)[0] for node in statements if (source := syntax.source_of(node))]
        ends = [";" if node.children[-1].type == ";" else "" for node in statements]
        quote = max(quotes, key=quotes.count) if quotes else '"'
        end = max(ends, key=ends.count) if ends else ";"
        module = posixpath.relpath(COLLECTION, posixpath.dirname(self.path))
        module = module if module.startswith("../") else f"./{module}"
        return f"import {name} from {quote}{module}{self.suffix}{quote}{end}"

    def import_edit(self, line: str) -> tuple[int, int, str]:
        """Return the edit that adds an import after the last one, or above all code if there is none."""
        statements = self._import_statements
        if not statements:
            place = next(
                (node for node in self.root.children if node.type != "comment"), self.root
            ).start_byte
            return place, place, line + 2 * self.newline
        gaps = [
            self.source[one.end_byte : two.start_byte].count(b"\n") > 1
            for one, two in itertools.pairwise(statements)
        ]
        apart = sum(gaps) * 2 > len(gaps)
        end = self._end_of_line(statements[-1].end_byte)
        return end, end, self.newline * (2 if apart else 1) + line

    # The list

    def array_at(self, start: int) -> Node | None:
        """Return the array that starts somewhere."""
        node = self.root.descendant_for_byte_range(start, start + 1)
        while node is not None and node.type != "array":
            node = node.parent
        return node

    def append(self, array: Node, name: str) -> list[tuple[int, int, str]]:
        """Return the edits that add an element to an array, laid out as Prettier does."""
        items, opening, closing = syntax.parts(array), array.children[0], array.children[-1]
        outer = self._indent(closing.start_byte)
        if not items:
            if array.start_point.row == array.end_point.row:
                return self._fit(array, [name]) or [(opening.end_byte, opening.end_byte, name)]
            place = self._end_of_line(opening.end_byte)
            return [(place, place, f"{self.newline}{outer}{self.unit}{name},")]
        last = items[-1]
        comma = next(
            (node for node in array.children if node.type == "," and node.start_byte >= last.end_byte), None
        )
        if last.start_point.row == opening.start_point.row:
            fit = self._fit(array, [*map(syntax.text, items), name])
            return fit or [(last.end_byte, last.end_byte, f", {name}")]
        end = comma or last
        place = self._end_of_line(end.end_byte)
        added = f"{self.newline}{self._indent(last.start_byte)}{name}{',' if comma else ''}"
        if comma:
            return [(place, place, added)]
        return [(last.end_byte, last.end_byte, ","), (place, place, added)]

    def _fit(self, array: Node, items: Sequence[str]) -> list[tuple[int, int, str]]:
        """Return the edit that breaks an array on one line, or nothing if it may stay there with its new element."""
        start = self.source.rfind(b"\n", 0, array.start_byte) + 1
        behind = _CODE.match(self.source, array.end_byte)
        line = self.source[start : behind.end() if behind else array.end_byte].decode()
        before = syntax.text(array)
        if "\n" in before or len(line) > _WIDTH or any(node.type == "comment" for node in array.children):
            return []
        if len(line) - len(before) + len(f"[{', '.join(items)}]") <= _WIDTH:
            return []
        outer = self._indent(array.start_byte)
        lines = [f"{outer}{self.unit}{item},{self.newline}" for item in items]
        return [(array.start_byte, array.end_byte, f"[{self.newline}{''.join(lines)}{outer}]")]

    def _indent(self, place: int) -> str:
        start = self.source.rfind(b"\n", 0, place) + 1
        found = re.compile(rb"[ \t]*").match(self.source, start)
        return found[0].decode() if found else ""

    def _end_of_line(self, place: int) -> int:
        """Return the end of a line of which only a comment follows, or the place itself."""
        rest = _REST_OF_LINE.match(self.source, place)
        return rest.end() if rest else place
