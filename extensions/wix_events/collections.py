"""Declare the collection of handled events in the app's one `extensions.dataCollections(…)`.

Wix takes a single one an app. `wix generate` keeps it in `data-collections.extension.ts`, which imports a file for each
collection beside it (@wix/cli 1.1.247, `templates/astro/data-collections`); this does the same, whatever the events' folder.
"""

from __future__ import annotations

import posixpath
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tree_sitter import Node

from . import files, names, reader
from .errors import UserError
from .reader import App, LocalImport, syntax
from .reader.extensions import Span
from .registrations import ModuleOf, Registration, RegistrationError
from .registrations.add import append
from .registrations.chain import List
from .registrations.edits import Edit, apply, end_of_comments, indent
from .registrations.layout import print_array
from .registrations.prettier import Prettier, settings
from .registrations.source import Source
from .registrations.style import Style

# Paths in the app without `.ts`, as imports name them.
COLLECTION = "src/extensions/backend/data-collections/handled-events"
EXTENSION = "src/extensions/backend/data-collections/data-collections.extension"
EXPORT = "dataCollections"

_BINDING = "handledEventsCollection"


class Declaration(NamedTuple):
    """How the collection is declared in an app.

    Attributes:
        path: The file that declares it, relative to the app.
        content: What is to be written there, or None where it is declared already.
        registration: What `src/extensions.ts` is to register, None where the app does so.
    """

    path: str
    content: bytes | None
    registration: Registration | None


def declaration(root: Path, app: App, id_: str, package: str) -> Declaration:
    """Return how the collection of handled events is to be declared in an app; nothing is written.

    Args:
        root: The app's folder.
        app: What its code says.
        id_: The id of a new extension.
        package: Where a new extension imports `extensions` from.

    Raises:
        UserError: The app has such a collection of its own, or a list that is not registered or cannot be edited (quotes the
            lines to add by hand).
    """
    found = [each for each in app.extensions if each.kind == EXPORT]
    if not found:
        path = f"{EXTENSION}.ts"
        if (root / path).exists():
            raise UserError(
                f"{path}: no extensions.{EXPORT}(…) in it can be read. Correct it and run this again."
            )
        content = new_file(id_, package, app.files.import_suffix)
        return Declaration(path, content, Registration(EXTENSION, EXPORT))
    first = min(found, key=lambda each: (not each.registered, each.builder != f"{EXTENSION}.ts"))
    # One inside the chain has no export, and its file is the one that would import it.
    registration = (
        None if first.registered else Registration(names.module_of(first.builder), first.export or "default")
    )
    for suffix, file, row in first.suffixes:
        if suffix == posixpath.basename(COLLECTION) and file != app.real_path(f"{COLLECTION}.ts"):
            raise UserError(
                f'idempotent: {file}:{row}: the app has a collection "{suffix}" of its own. Give it another idSuffix, '
                "or add the event without idempotent."
            )
    place = first.collections
    path = place.file if place else first.builder
    before = files.read(root / path)
    after, problem = before, None
    try:
        module_of = partial(app.files.module_of, path)
        style = app.files.import_suffix, settings(root)
        after = _with_collection(before, path, place, *style, module_of=module_of)
    except RegistrationError as error:
        problem = error
    lacks = problem is not None or after != before
    if lacks and _is_reached(app, first.builder, path):
        return Declaration(path, None, registration)
    # One that has the collection is ours, and lost its registration; another would be switched on with all that it holds.
    if lacks and not first.registered:
        raise UserError(
            f"idempotent: {first.builder}:{first.line}: the app's collections are not registered in {reader.REGISTRATIONS}, "
            "and an app takes one such extension. Register that one, or delete it and run again."
        )
    if problem:
        line = None if place else first.line
        raise UserError(problem.explained(path, "Correct it by hand and run this again.", line))
    return Declaration(path, after if lacks else None, registration)


def _is_reached(app: App, builder: str, path: str) -> bool:
    """Tell whether a builder imports the collection by way of other files than the list's, which may not use its import."""
    collection = f"{COLLECTION}.ts"
    imports: dict[str, list[LocalImport]] = {}
    for item in reader.relative_imports(app.files):
        if (item.file, item.target) != (path, collection):
            imports.setdefault(item.file, []).append(item)
    return reader.reaches(imports, builder, collection)


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


def _with_collection(
    source: bytes, path: str, place: Span | None, suffix: str, prettier: Prettier, *, module_of: ModuleOf
) -> bytes:
    """Add the collection to the list that is somewhere in a file, unless the file uses it already.

    Raises:
        RegistrationError: The list is not written out (then it has no place), or written in an unusual way.
    """
    file = Source(source, module_of)
    bound = _bound(file)
    if any(_is_used(file, name) for name in bound):
        return source
    style = Style(file, posixpath.dirname(path), suffix, prettier=prettier)
    name = next(iter(bound), None) or _free_name(file)
    imported = [] if bound else [style.import_line(Registration(COLLECTION, "default"), name)]
    by_hand = [*imported, f"{name}, // in the list of the app's collections"]
    array = file.root.descendant_for_byte_range(place.start, place.end) if place else None
    if array is None or file.broken:
        raise RegistrationError(*(file.broken or (1, "its list of collections is not written out")), by_hand)
    edits = _append(file, style, array, name)
    if imported:
        edits += style.insert(imported)[1]
    result = apply(source, edits)
    added = style.specifier(COLLECTION, posixpath.dirname(path))
    after = Source(result, lambda specifier: COLLECTION if specifier == added else module_of(specifier))
    if after.broken or not any(_is_used(after, name) for name in _bound(after)):
        reason = "its list of collections is written in an unusual way"
        raise RegistrationError(syntax.line(array), reason, by_hand)
    return result


def _bound(file: Source) -> list[str]:
    """Return the names under which a file imports the collection."""
    found = file.imported([COLLECTION])
    return [item.binding for item in found if item.imported == "default" and not item.type_only]


def _is_used(file: Source, name: str) -> bool:
    """Tell whether a name is used beyond its import."""
    nodes = syntax.walk(file.root, skip={*syntax.TYPES, "import_statement"})
    return any(node.type in syntax.NAMES and syntax.text(node) == name for node in nodes)


def _free_name(file: Source) -> str:
    """Return the collection's name as `wix generate` makes it, with a number where that is taken."""
    number = 0
    while (name := f"{_BINDING}{number or ''}") in file.declared:
        number += 1
    return name


def _append(file: Source, style: Style, array: Node, name: str) -> list[Edit]:
    """Return the edits that add an element to an array, laid out as Prettier does."""
    items = [syntax.text(item) for item in syntax.parts(array)]
    if items or array.start_point.row == array.end_point.row:
        printed = print_array(file.code, array, items, style)
        if printed and file.code[printed[0] : printed[1]] == printed[2]:
            grown = print_array(file.code, array, [*items, name], style)
            return [grown] if grown else []
        return append(file.code, style.newline, List(array, None), [name])
    place = end_of_comments(file.code, array.start_byte + 1)
    line = f"{style.newline}{indent(file.code, place)}{style.unit}{name},"
    return [(place, place, line.encode())]
