"""What the code of an app has to say once files of it have moved: specifiers, exported names and sources, as edits of bytes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tree_sitter import Node

from . import files, names
from .reader import AppFiles, LocalImport, Problem, relative_imports
from .reader.imports import QUERY
from .reader.syntax import NAMES, name_of, parse, source_of, text, walk
from .registrations.edits import Edit, apply
from .registrations.layout import laid_out
from .registrations.prettier import settings

SUFFIXES = (".extension.ts", ".ts", ".sample.json")
"""What the files of an event are called behind its name, the longest first."""

_SPELLED = (*SUFFIXES, ".extension", ".js", ".extension.js", "")

_ITEMS = frozenset({"import_specifier", "export_specifier"})
_REFERENCES = NAMES | {"type_identifier", "shorthand_property_identifier_pattern"}

# The path with which a computed specifier begins.
_BEGIN = re.compile(r"[`\"'](\.[^`\"'$]*)")


class Followed(NamedTuple):
    """What becomes of the code.

    Attributes:
        contents: The new content of each file that changes, by its path before anything moves.
        notes: What cannot follow by itself, and where.
        problems: The files whose imports cannot be read.
    """

    contents: dict[str, bytes]
    notes: list[str]
    problems: list[Problem]


def new_place(path: str, folder: str, target: str, suffixes: Sequence[str] = SUFFIXES) -> str:
    """Return the new path of what is in an event's folder: files of the template's own take the event's new name.

    Args:
        path: The path.
        folder: The event's folder.
        target: Where it is to be.
        suffixes: What may follow the event's name in those.
    """
    old, new = posixpath.basename(folder), posixpath.basename(target)
    for suffix in suffixes:
        if path == f"{folder}/{old}{suffix}":
            return f"{target}/{new}{suffix}"
    return target + path.removeprefix(folder)


def follow(
    root: Path, moved: Mapping[str, str], folders: Mapping[str, str], exports: Mapping[str, tuple[str, str]]
) -> Followed:
    """Let all code of the app name moved files where they are to be, and what they export as it is to be called.

    Args:
        root: The app's folder, as it is before anything moves.
        moved: The new path of each file that moves.
        folders: The new path of each event's folder that moves.
        exports: What each builder exports, by its path before anything moves, and what it will.

    Raises:
        UserError: A file cannot be read.
    """
    known = {posixpath.basename(folder) for folder in folders}
    # Whoever names a moved file names its event, or the file itself where that moves by itself.
    single = {path for path in moved if posixpath.dirname(path) not in folders}
    app = AppFiles(root)
    imports = relative_imports(app, known | {posixpath.basename(names.module_of(path)) for path in single})
    builders = {path for path in moved if path.endswith(SUFFIXES[0])}
    sources = cache(lambda path: files.read(root / path))
    edits: dict[str, set[Edit]] = {}
    notes: dict[str, None] = {}

    def edit(path: str, *changes: Edit) -> None:
        edits.setdefault(path, set()).update(changes)

    def note(item: LocalImport, said: str) -> None:
        notes[f"{moved.get(item.file, item.file)}:{item.line}: {said}"] = None

    for item in imports:
        if item.computed:
            if (
                item.file in moved
                or any(name in item.specifier for name in known)
                or _starts_in(item, folders)
            ):
                note(item, f"{item.specifier} is computed: see to it that it still finds its file.")
        elif (specifier := _specifier(item, moved, folders, app.import_suffix)) != item.specifier:
            edit(item.file, (item.start, item.end, specifier.encode()))
    renamed: set[str] = set()
    for path in sorted(builders):
        old, new = exports.get(path, ("", ""))
        edit(path, *_builder(sources(path), moved, old, new))
        for item, statement in _importers(sources, imports, path, old) if old != new else ():
            changes = list(_renamed(statement, old, new)) if statement is not None else []
            edit(item.file, *changes)
            renamed.add(item.file)
            if not changes:
                note(item, f"takes all that {moved[path]} has: {old} is {new} there now.")
    prettier = settings(root)
    contents = {
        # A longer name may break a chain that was one line.
        path: laid_out(sources(path), changes, prettier)
        if path in renamed and names.is_code(path)
        else apply(sources(path), changes)
        for path, changes in edits.items()
        if changes
    }
    return Followed(contents, list(notes), sorted(app.problems))


def _starts_in(item: LocalImport, folders: Mapping[str, str]) -> bool:
    """Tell whether a computed specifier begins with the path of a folder of events, as in `../backend/events/${name}`."""
    begin = _BEGIN.match(item.specifier)
    if begin is None:
        return False
    path = posixpath.normpath(posixpath.join(posixpath.dirname(item.file), begin[1]))
    return any(path.startswith(posixpath.dirname(folder)) for folder in folders)


# --- specifiers -------------------------------------------------------------------------------------------------------


def _specifier(item: LocalImport, moved: Mapping[str, str], folders: Mapping[str, str], suffix: str) -> str:
    """Return the specifier by which an import finds its file when both are where they are to be."""
    place, target = moved.get(item.file, item.file), item.target
    new_target = moved.get(target) if target else None
    if place == item.file and target and not new_target:
        return item.specifier
    query = QUERY.search(item.specifier)
    tail = query[0] if query else ""
    path = item.specifier.removesuffix(tail)
    spelled = posixpath.normpath(posixpath.join(posixpath.dirname(item.file), path))
    bare = not path.startswith(".")
    # An alias, not such as `new URL("x.json", …)`, which means the file beside.
    if bare and spelled != target:
        if not (target and new_target):
            return item.specifier
        module = names.module_of(new_target)
        named = new_target if tail or module == new_target else module + suffix
        relative = names.relative_specifier(named, posixpath.dirname(place))
        return (names.aliased_specifier(path, target, new_target) or relative) + tail
    if target and new_target:
        spelled = _spelled(spelled, target, new_target)
    elif target is None:
        spelled = _in_folder(spelled, folders)
    new = posixpath.relpath(spelled, posixpath.dirname(place))
    if new == posixpath.normpath(path):
        return item.specifier
    if not (bare or new.startswith("../") or new in (".", "..")):
        new = f"./{new}"
    return new + "/" * path.endswith("/") + tail


def _spelled(spelled: str, old: str, new: str) -> str:
    """Return the path of a moved file as it was spelled before: its suffix, or the whole `index.ts`, may be left out."""
    if spelled == posixpath.dirname(old):
        return posixpath.dirname(new)
    base, before, after = map(posixpath.basename, (spelled, old, new))
    if before != after:
        suffix = next(suffix for suffix in SUFFIXES if before.endswith(suffix))
        base = after.removesuffix(suffix) + base.removeprefix(before.removesuffix(suffix))
    return posixpath.join(posixpath.dirname(new), base)


def _in_folder(spelled: str, folders: Mapping[str, str]) -> str:
    """Return where a file that is not there is to be: one that is generated later, or that a stopped run has moved already."""
    for folder, target in folders.items():
        if spelled == folder or spelled.startswith(f"{folder}/"):
            return new_place(spelled, folder, target, _SPELLED)
    return spelled


# --- what a builder exports -------------------------------------------------------------------------------------------


def _importers(
    sources: Callable[[str], bytes], imports: Sequence[LocalImport], builder: str, export: str
) -> Iterator[tuple[LocalImport, Node | None]]:
    """Yield the imports and re-exports that may take a builder's export, each with its statement, if it has one."""
    targets, seen = [builder], {builder}
    while targets:
        target = targets.pop()
        for item in imports:
            if item.target != target:
                continue
            source = sources(item.file)
            statement = _statement(source, item)
            if statement is not None and any(child.type == "*" for child in statement.children):
                # All is passed on: `export * from …`.
                if item.file not in seen:
                    seen.add(item.file)
                    targets.append(item.file)
            elif export.encode() in source:
                yield item, statement


def _statement(source: bytes, item: LocalImport) -> Node | None:
    """Return the import or export statement that a specifier belongs to; a call such as `import()` has none."""
    for statement in parse(source).children:
        module = source_of(statement)
        if module is not None and module.start_byte + 1 == item.start:
            return statement
    return None


def _renamed(statement: Node, old: str, new: str) -> Iterator[Edit]:
    """Yield the edits by which an import or a re-export takes an export by its new name.

    In the importing file it is called by that name, too, where that is free. What is exported again keeps its name, by
    which others may import it.
    """
    for item in walk(statement):
        name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
        if item.type not in _ITEMS or name is None or name_of(name) != old:
            continue
        known = text(alias or name)
        root = statement.parent
        if item.type == "import_specifier" and known == old and root is not None and _is_free(root, old, new):
            known = new
            for node in walk(root, skip={"import_statement"}):
                if node.type == "identifier" and text(node) == old:
                    yield node.start_byte, node.end_byte, new.encode()
        yield name.start_byte, item.end_byte, (new if known == new else f"{new} as {known}").encode()


def _is_free(root: Node, old: str, new: str) -> bool:
    """Tell whether a name can give way to another one in a file: nothing is called so, and no reference spells a key too."""
    for node in walk(root):
        if node.type in _REFERENCES and text(node) == new:
            return False
        is_key = node.type.startswith("shorthand_property_identifier")
        if is_key and text(node) == old:
            return False
        if node.type == "export_specifier" and old in map(text, node.named_children):
            return False
    return not root.has_error


def _builder(source: bytes, moved: Mapping[str, str], old: str, new: str) -> Iterator[Edit]:
    """Yield the edits of a builder that moves: what it exports, and the handler that it names."""
    words = {_source(path): _source(place) for path, place in moved.items() if path.endswith(".ts")}
    words |= {names.module_of(path): names.module_of(place) for path, place in words.items()}
    for node in walk(parse(source)):
        if node.type == "string_fragment" and text(node) in words:
            yield node.start_byte, node.end_byte, words[text(node)].encode()
        elif node.type in NAMES and text(node) == old:
            yield node.start_byte, node.end_byte, new.encode()


def _source(path: str) -> str:
    """Return a file's path as a builder's `source` names it: relative to `src/`."""
    return "./" + path.removeprefix("src/")
