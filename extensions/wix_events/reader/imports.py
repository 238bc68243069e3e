"""Every specifier in an app's code that names a file of the app, and the file that it leads to.

What counts as one: `import … from`, `export … from`, `import()` of values and types, `require()`, `import x = require()`,
`declare module`, `new URL(…, import.meta.url)`, `import.meta.resolve()`, `/// <reference path>`, what the mocks of
Vitest, Jest and node:test take, and the patterns of Vite's `import.meta.glob()`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tree_sitter import Node

from ..names import is_code
from .files import AppFiles
from .syntax import (
    arguments,
    globbed,
    is_import_call,
    line,
    member_name,
    parse,
    parts,
    source_of,
    string,
    text,
    unwrap,
    walk,
)

_MARKUP = (".astro", ".vue", ".svelte", ".mdx")
# The code in a page: what stands between the first two fences, in its scripts, and in the paragraphs of MDX that are code.
_FRONTMATTER = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*---[ \t]*\r?\n(.*?)^---", re.DOTALL | re.MULTILINE)
_SCRIPTS = re.compile(rb"<script\b[^>]*>(.*?)</script", re.DOTALL | re.IGNORECASE)
_MDX = re.compile(rb"^((?:import|export)\b.*?)(?=\n[ \t\r]*\n|\Z)", re.DOTALL | re.MULTILINE)
_REFERENCE = re.compile(r"(///\s*<reference\s+path\s*=\s*[\"'])([^\"']+)")
QUERY = re.compile(r"(?<=.)[?#][^/]*\Z")
"""What Vite takes for itself at the end of a specifier, as in `./logo.svg?raw`; `#one` is a name of package.json's."""
# Without one of these a file has no specifier below its top level, which is all that costs time.
_DEEP = re.compile(
    rb"\bimport\s*(?:\(|\.|/[/*])|\brequire\b|\bURL\b|\b(?:vi|vitest|jest|mock)\b|\bmodule\b|<reference"
)
_MOCKS = frozenset({"vi", "vitest", "jest", "mock"})
_MOCKED = frozenset(
    """
    mock doMock unmock doUnmock dontMock deepUnmock setMock importActual importMock requireActual requireMock
    createMockFromModule genMockFromModule unstable_mockModule unstable_unmockModule module
    """.split()
)


class LocalImport(NamedTuple):
    """One specifier that names a file of the app; paths are relative to the app, with forward slashes.

    Attributes:
        file: File that holds it.
        line: Its line there, from 1.
        start: Its first byte in that file, behind the quote.
        end: The byte behind its last one.
        specifier: The text between the two; where it is computed, the expression.
        target: The file that it leads to: absolute if that lies outside of the app, None if there is none.
        computed: Whether it stands for what only running the code, or building it, would tell; it has no target then.
    """

    file: str
    line: int
    start: int
    end: int
    specifier: str
    target: str | None
    computed: bool = False


def relative_imports(files: AppFiles, elsewhere: Iterable[str] = ()) -> list[LocalImport]:
    """Find every relative or aliased specifier in the code below an app's `src/`.

    Args:
        files: The app's files; those that cannot be read or are not UTF-8 are noted in them as problems.
        elsewhere: Words; code outside of `src/` that has one of them is read, too.

    Returns:
        The specifiers in order of file and place; broken files are read as far as they go.
    """
    found = [item for path in sorted(files.code) for item in _in_file(files, path)]
    if words := [word.encode() for word in elsewhere]:
        found += [item for path in files.code_elsewhere() for item in _in_file(files, path, words)]
    return sorted(found)


def imports_from(files: AppFiles, paths: Iterable[str]) -> list[LocalImport]:
    """Find the specifiers in files of an app, in the files that these name, and so on; no other file is opened.

    Args:
        files: The app's files.
        paths: Those to start from, with links followed; such as are not there are left out.

    Returns:
        As `relative_imports`.
    """
    found: list[LocalImport] = []
    wanted = list(dict.fromkeys(path for path in paths if path in files.code))
    seen = set(wanted)
    while wanted:
        items = list(_in_file(files, wanted.pop()))
        new = {item.target for item in items if item.target in files.code} - seen
        found += items
        seen |= new
        wanted += new
    return sorted(found)


def reaches(imports: Mapping[str, Iterable[LocalImport]], file: str, other: str) -> bool:
    """Tell whether a file imports another one, itself or through files that it imports.

    Args:
        imports: The specifiers by the file that has them.
        file: Where to start.
        other: What is looked for.
    """
    found, wanted = {file}, [file]
    while wanted:
        new = {item.target for item in imports.get(wanted.pop(), ()) if item.target is not None} - found
        found |= new
        wanted += new
    return other in found


def _in_file(files: AppFiles, path: str, words: Sequence[bytes] = ()) -> Iterator[LocalImport]:
    """Yield the specifiers in one file; words are given where it has to have one of them."""
    if not (is_code(path) or path.endswith(_MARKUP)):
        return
    source = files.source(path, "imports", *words)
    if source is None:
        return
    if path.endswith(_MARKUP):
        source = _code_of(source, path.endswith(".mdx"))
    root = parse(source, tsx=not path.endswith(("ts", *_MARKUP)))
    for node in walk(root) if root.has_error or _DEEP.search(source) else root.children:
        for given, bare in _specifiers(node):
            if item := _local(files, path, given, bare):
                yield item
        if globbed(node):
            given = arguments(node)[0]
            start, end, said = given.start_byte, given.end_byte, text(given)
            yield LocalImport(path, line(node), start, end, said, None, computed=True)
        if node.type == "comment" and (found := _REFERENCE.match(text(node))):
            start, name = node.start_byte + len(found[1].encode()), found[2]
            end = start + len(name.encode())
            yield LocalImport(path, line(node), start, end, name, _target(files, path, _dotted(name)))


def _local(files: AppFiles, path: str, node: Node, bare: bool) -> LocalImport | None:
    """Return what a specifier's expression names, None where that is no file of the app."""
    value = string(node)
    if node.has_error:
        return None
    if value is None:
        return LocalImport(path, line(node), node.start_byte, node.end_byte, text(node), None, computed=True)
    specifier = _dotted(value) if bare and ":" not in value else value
    target = _target(files, path, specifier)
    if target is None and not files.is_local(specifier):
        return None
    return LocalImport(path, line(node), node.start_byte + 1, node.end_byte - 1, value, target)


def _dotted(name: str) -> str:
    """Return a specifier for a name that means a file beside its own, even without a dot."""
    return name if name.startswith((".", "/")) else f"./{name}"


def _target(files: AppFiles, path: str, specifier: str) -> str | None:
    """Return the file that a specifier names, if need be without such a query as Vite's `?raw`."""
    return files.resolve(path, specifier) or files.resolve(path, QUERY.sub("", specifier))


def _specifiers(node: Node) -> Iterator[tuple[Node, bool]]:
    """Yield the expressions by which a node names a module or a file, and whether a bare name is a file there."""
    if node.type in ("import_statement", "export_statement"):
        clauses = [child for child in node.children if child.type == "import_require_clause"]
        source = source_of(clauses[0] if clauses else node)
        if source is not None:
            yield source, False
    elif node.type == "module":
        name = node.child_by_field_name("name")
        if name is not None and name.type == "string":
            yield name, False
    elif node.type == "new_expression":
        given = arguments(node)
        if len(given) == 2 and given[1].type == "member_expression" and text(given[1]) == "import.meta.url":
            yield given[0], True
    elif node.type == "call_expression":
        callee, given = node.child_by_field_name("function"), arguments(node)
        # A mock may be given the import of what it stands for, which is met by itself.
        if callee is not None and given and _loads(callee) and not is_import_call(given[0]):
            yield given[0], False
    elif node.type == "binary_expression":
        yield from _mistaken(node)


def _loads(callee: Node) -> bool:
    """Tell whether calling something loads the module that it is given, or stands in for it."""
    if callee.type != "member_expression":
        return callee.type == "import" or (callee.type == "identifier" and text(callee) == "require")
    holder, name = callee.child_by_field_name("object"), member_name(callee)
    # Only these two, since the text of a long chain of calls would be copied once for each of them.
    if holder is None or holder.type not in ("identifier", "meta_property"):
        return False
    if text(holder) in _MOCKS:
        return name in _MOCKED
    return name == "resolve" and text(holder) in ("require", "import.meta")


def _mistaken(node: Node) -> Iterator[tuple[Node, bool]]:
    """Yield the specifier of `vi.importActual<typeof import("./x")>("./x")`, which the grammar takes for comparisons."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    callee = left.child_by_field_name("left") if left and left.type == "binary_expression" else None
    if (
        callee is None
        or right is None
        or right.type != "parenthesized_expression"
        or not _loads(unwrap(callee))
    ):
        return
    inner = parts(right)
    while inner and inner[0].type == "sequence_expression":
        inner = parts(inner[0])
    if inner and string(inner[0]) is not None:
        yield inner[0], False


def _code_of(source: bytes, is_mdx: bool) -> bytes:
    """Return a page with all but its code blanked out, so that places stay as they are."""
    blank = bytearray(re.sub(rb"[^\r\n]", b" ", source))
    frontmatter = _FRONTMATTER.match(source)
    more = _MDX if is_mdx else _SCRIPTS
    for found in (*([frontmatter] if frontmatter and not is_mdx else []), *more.finditer(source)):
        blank[found.start(1) : found.end(1)] = found[1]
    return bytes(blank)
