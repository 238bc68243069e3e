"""How a file is written: what new lines in it look like."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cached_property

from tree_sitter import Node

from ..names import module_of, relative_specifier
from ..reader.syntax import source_of, text, walk
from .edits import Edit, end_of_comments, ends_line, has_blank_line
from .prettier import DEFAULT, Prettier
from .registration import Registration
from .source import Source, semicolon_of

# A line that is indented and no part of a comment.
_INDENTED = re.compile(rb"^(\t| {2,8})(?=[^\s*])", re.MULTILINE)


class Style:
    """The style of a file's imports, or of its re-exports if it imports nothing."""

    def __init__(
        self,
        source: Source,
        folder: str,
        suffix: str,
        in_use: Collection[str] | None = None,
        prettier: Prettier = DEFAULT,
    ) -> None:
        """Look at a file.

        Args:
            source: The file.
            folder: Its folder in the app, from which its relative specifiers start.
            suffix: How a specifier ends where there is none to imitate.
            in_use: The bindings whose imports are to be imitated in this; all if None.
            prettier: The app's settings of Prettier, for what the file does not show.
        """
        self.prettier = prettier
        self._source = source
        self._folder = folder
        self._suffix_of_none = suffix
        self._in_use = in_use
        imports = [node for node in source.statements if node.type == "import_statement"]
        self._stated = imports or [node for node in source.statements if source_of(node)]

    @cached_property
    def newline(self) -> str:
        """The line ending that most lines have."""
        code = self._source.code
        return "\r\n" if code.count(b"\r\n") * 2 > code.count(b"\n") else "\n"

    @cached_property
    def unit(self) -> str:
        """One step of indentation."""
        found = _INDENTED.search(self._source.code)
        return found[1].decode() if found else self.prettier.unit

    @property
    def is_default(self) -> bool:
        """Whether this is how Prettier writes if nobody tells it otherwise, or somebody does."""
        return self._semicolon == ";" and (self.prettier.found or (self._quote, self.unit) == ('"', "  "))

    @cached_property
    def apart(self) -> bool:
        """Whether a blank line stands between most imports."""
        stated = {node.id for node in self._stated}
        gaps = [
            has_blank_line(self._source.code[one.end_byte : two.start_byte])
            for one, two in zip(self._source.statements, self._source.statements[1:], strict=False)
            if one.id in stated and two.id in stated
        ]
        return sum(gaps) * 2 > len(gaps)

    @cached_property
    def _quote(self) -> str:
        quotes = [text(found)[0] for node in self._stated if (found := source_of(node)) is not None]
        if not quotes:
            return "'" if self._source.code.count(b"'") > self._source.code.count(b'"') else '"'
        return _most(quotes)

    @cached_property
    def _semicolon(self) -> str:
        exports = [node for node in self._source.statements if node.type == "export_statement"]
        return _most([";" if semicolon_of(node) else "" for node in self._stated or exports] or [";"])

    @cached_property
    def _braces(self) -> tuple[str, str]:
        kinds = {"named_imports", "export_clause"}
        named = [text(item) for node in self._stated for item in walk(node) if item.type in kinds]
        return ("{", "}") if named and all(re.match(r"\{\S", item) for item in named) else ("{ ", " }")

    @cached_property
    def _suffix(self) -> str:
        """How specifiers of the app's files end, if all end alike."""
        statements = self._stated
        if self._in_use is not None:
            statements = [item.statement for item in self._source.imports if item.binding in self._in_use]
        specifiers = [text(found)[1:-1] for node in statements if (found := source_of(node)) is not None]
        # A new file ends with `.ts`, which no other suffix leads to.
        suffixes = {_suffix_of(item) for item in specifiers if item.startswith(".")} & {"", ".js", ".ts"}
        if not suffixes:
            return self._suffix_of_none
        return suffixes.pop() if len(suffixes) == 1 else ""

    @cached_property
    def stars(self) -> bool:
        """Whether most re-exports are of the form `export * from`."""
        forms = [text(node.children[1])[:1] for node in self._stated if node.type == "export_statement"]
        return bool(forms) and _most(forms) == "*"

    def specifier(self, module: str, folder: str) -> str:
        """Return how a file in a folder of the app names a module."""
        return relative_specifier(module, folder) + self._suffix

    def import_line(self, event: Registration, binding: str) -> str:
        """Return the import of an event under a name."""
        clause = binding if event.export == "default" else self._clause(event.export, binding)
        return self._line("import", clause, event.module, self._folder)

    def export_line(self, event: Registration, name: str, folder: str | None = None) -> str:
        """Return the re-export of an event under a name, for a file in a folder of the app."""
        clause = "*" if self.stars and event.export == name else self._clause(event.export, name)
        return self._line("export", clause, event.module, self._folder if folder is None else folder)

    def _clause(self, export: str, name: str) -> str:
        left, right = self._braces
        return f"{left}{export if export == name else f'{export} as {name}'}{right}"

    def _line(self, keyword: str, clause: str, module: str, folder: str) -> str:
        specifier = self.specifier(module, folder)
        quote = self._quote if self._quote not in specifier else "\"'".replace(self._quote, "")
        return f"{keyword} {clause} from {quote}{specifier}{quote}{self._semicolon}"

    def with_chain(self, package: str) -> bytes:
        """Return the file, which has no code, with a chain of `app()` from a package behind what is there."""
        quote, end = self._quote if self._stated else '"', self._semicolon
        kept = self._source.code.decode().rstrip() if self._source.root.children else ""
        start = [kept] if self._stated else [kept, ""] if kept else []
        lines = [f"import {{ app }} from {quote}{package}{quote}{end}", "", f"export default app(){end}", ""]
        return self.newline.join([*start, *lines]).encode()

    def insert(self, lines: Sequence[str]) -> tuple[int, list[Edit]]:
        """Add lines after the last import, or in front of all code if there is none.

        Args:
            lines: The lines, each a statement.

        Returns:
            The index among the statements where they go, and the edits.
        """
        source, code = self._source, self._source.code
        if not self._stated:
            index = 0
            while index < len(source.statements) and _is_directive(source.statements[index]):
                index += 1
            if index == len(source.statements):
                start = "" if code.endswith(b"\n") or not code else self.newline
                added = start + "".join(line + self.newline for line in lines)
                return index, [(len(code), len(code), added.encode())]
            place = source.above(source.statements[index])
            return index, [(place, place, "".join(line + self.newline for line in [*lines, ""]).encode())]
        index = source.statements.index(self._stated[-1]) + 1
        return index, self.behind(self._stated[-1], lines, apart=self.apart)

    def behind(self, statement: Node, lines: Sequence[str], apart: bool = False) -> list[Edit]:
        """Return the edits that add statements behind another one, on its line where more code stands there."""
        end, semicolon = self._source.end_of(statement)
        place = end_of_comments(self._source.code, end)
        if not ends_line(self._source.code, place):
            joined = "".join(f" {line.strip().removesuffix(';')};" for line in lines)
            return [(end, end, ("" if semicolon else ";").encode() + joined.encode())]
        gap = "\n\n" if apart else "\n"
        added = "".join(gap + line for line in lines).replace("\n", self.newline)
        return [(place, place, added.encode())]


def _suffix_of(specifier: str) -> str:
    """Return the suffix of a script that a specifier ends with, or nothing."""
    return specifier.removeprefix(module_of(specifier))


def binding_name(event: Registration) -> str:
    """Return the name of an event where it is free: its export, or one made of its file's name."""
    if event.export != "default":
        return event.export
    words = re.findall(r"[A-Za-z0-9]+", posixpath.basename(event.module).removesuffix(".extension"))
    return "event" + "".join(word[0].upper() + word[1:] for word in words)


def _most(items: Sequence[str]) -> str:
    """Return the most frequent item; of several, the one met last."""
    counts = Counter(items)
    return max(reversed(items), key=counts.__getitem__)


def _is_directive(statement: Node) -> bool:
    return statement.type == "expression_statement" and statement.children[0].type == "string"
