"""An app as its TypeScript tells it: its extensions, and what `src/extensions.ts` has of them."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..names import module_of
from .chain import Chain
from .extensions import Extensions, FoundExtension
from .files import AppFiles, Problem, lost_import
from .modules import From, Module
from .syntax import line
from .values import Place, Value, Values

REGISTRATIONS = "src/extensions.ts"

_BUILDER_SUFFIXES = tuple(f".extension.{suffix}" for suffix in ("ts", "tsx", "mts", "js", "jsx", "mjs"))


class Binding(NamedTuple):
    """One name that `src/extensions.ts` imports from a file of the app.

    Attributes:
        name: The local name.
        place: Where it comes from in the end, through re-exports and aliases.
        registered: Whether it is handed to the app.
    """

    name: str
    place: Place
    registered: bool


class Barrel(NamedTuple):
    """A file of which `src/extensions.ts` hands everything to the app, by a loop or a spread.

    Attributes:
        file: The file.
        is_list: Whether it is a plain list of re-exports, so that one more registers one more extension.
    """

    file: str
    is_list: bool


@dataclass(frozen=True)
class App:
    """What an app's code says.

    Attributes:
        extensions: Its extensions, in order of file and line.
        problems: What was met in reading them, in order of file and line.
        bindings: What `src/extensions.ts` imports from files of the app, in order.
        registered: The exports that `src/extensions.ts` hands to the app, by whatever way.
        barrels: The files of which it hands everything to the app.
        chain: The file that makes what it exports: itself, or one that it has its default export from.
        files: Its files, which tell what a specifier names.
    """

    extensions: tuple[FoundExtension, ...] = ()
    problems: tuple[Problem, ...] = ()
    bindings: tuple[Binding, ...] = ()
    registered: frozenset[Place] = frozenset()
    barrels: tuple[Barrel, ...] = ()
    chain: str = REGISTRATIONS
    files: AppFiles = field(default_factory=lambda: AppFiles("."), compare=False, repr=False)

    def real_path(self, path: str) -> str:
        """Return a path of the app with links followed, as extensions are named here; the file need not be there."""
        module = self.files.module_of("", f"./{path}")
        return path if module is None else module + posixpath.splitext(path)[1]

    def registers(self, builder: str, export: str) -> bool:
        """Tell whether `src/extensions.ts` hands an export to the app, by whatever way.

        Args:
            builder: The file that makes it, relative to the app; it need not be there.
            export: The name under which it exports it.
        """
        module = self.files.module_of("", f"./{builder}")
        return module is not None and Place(module, export) in self.registered


def read_app(root: Path | str) -> App:
    """Read an app's extensions: those that `src/extensions.ts` reaches and all other `*.extension.*` files.

    Args:
        root: The app's folder.

    Returns:
        What the code says; broken, unreadable or missing files are problems, not errors.
    """
    files = AppFiles(root)
    values = Values(files)
    extensions = Extensions(values)
    # Where `src` itself cannot be read, nothing more is said of what is in it.
    main = _main(values) if files.code or not files.problems else None
    chain = Chain(main, values, extensions) if main else None
    calls = chain.calls if chain else {}
    bindings: list[Binding] = []
    found = {value.module.path: value.module for value in calls.values()}
    if main and chain:
        bindings += _bindings(main, values, chain.names)
        found |= {module.path: module for module in (main, *_imported(main, values))}
    for path in files.code:
        if path.endswith(_BUILDER_SUFFIXES) and (module := values.load(path, wanted=b"extensions")):
            found[path] = module
    described = [
        extensions.describe(module, call, kind, (module.path, call.start_byte) in calls)
        for module in found.values()
        for call, kind in extensions.calls(module)
    ]
    return App(
        extensions=tuple(sorted(described, key=lambda extension: (extension.builder, extension.line))),
        problems=tuple(sorted(files.problems)),
        bindings=tuple(bindings),
        registered=frozenset(_registered(chain, values, extensions, bindings)) if chain else frozenset(),
        barrels=tuple(_barrels(chain, values, bindings)) if chain else (),
        chain=_chain_file(main, values) if main else REGISTRATIONS,
        files=files,
    )


def _main(values: Values) -> Module | None:
    """Load `src/extensions.ts`; note what keeps it from being read."""
    path = values.files.find(REGISTRATIONS)
    message = None
    if path and os.path.isabs(path):
        message = "Is a symbolic link that leaves the app, so it is not read: make it a file."
    elif path is None and os.path.lexists(os.path.join(values.files.root, REGISTRATIONS)):
        message = "Is no regular file, so it is not read: make it one."
    if message:
        values.files.problem(REGISTRATIONS, 1, message)
    return values.load(path)


def _imported(main: Module, values: Values) -> Iterator[Module]:
    """Yield the modules behind the imports of `src/extensions.ts`; note those that lead nowhere."""
    wanted = [(main, item) for item in main.passed_on]
    wanted += [(main, From(item.specifier, item.imported, item.statement)) for item in main.imports.values()]
    seen: set[tuple[str, str, str]] = set()
    while wanted:
        module, item = wanted.pop()
        if (module.path, item.specifier, item.name) in seen:
            continue
        seen.add((module.path, item.specifier, item.name))
        path = values.files.resolve(module.path, item.specifier)
        target = values.load(path)
        row, message, lost = line(item.statement), None, ""
        if path is None:
            if values.files.is_local(item.specifier):
                module_path = values.files.module_of(module.path, item.specifier)
                values.files.problems.add(lost_import(module.path, row, item.specifier, module_path))
        elif os.path.isabs(path):
            message = (
                f'Imports "{item.specifier}" from outside of the app, which is not read: move it inside.'
            )
        elif target:
            yield target
            wanted += [(target, passed) for passed in target.passed_on]
            if not (item.name in ("*", *target.exports) or target.stars or target.root.has_error):
                message = (
                    f"Imports {item.name} from {path}, which does not export it: correct one of the two."
                )
                lost = module_of(path)
        if message:
            values.files.problem(module.path, row, message, lost)


def _bindings(main: Module, values: Values, used: Collection[str]) -> Iterator[Binding]:
    """Yield what `src/extensions.ts` imports from files of the app."""
    for item in main.imports.values():
        if place := values.origin(main, item.specifier, item.imported):
            yield Binding(item.binding, place, item.binding in used)


def _barrels(chain: Chain, values: Values, bindings: Sequence[Binding]) -> Iterator[Barrel]:
    """Yield the files of which everything is handed to the app, those that cannot be read included."""
    for path, module in chain.namespaces.items():
        yield Barrel(path, module.is_barrel)
    for binding in bindings:
        if binding.registered and binding.place.export == "*":
            unread = _file_of(binding.place, values.files)
            if unread and values.load(unread) is None:
                yield Barrel(unread, is_list=False)


def _chain_file(main: Module, values: Values) -> str:
    """Return the file that makes the default export of `src/extensions.ts`, also where it cannot be read."""
    made = values.exported(main, "default")
    if isinstance(made, Value):
        return made.module.path
    step = values.step(main, "default")
    place = values.origin(main, step.specifier, step.name) if step else None
    return (place and _file_of(place, values.files)) or main.path


def _file_of(place: Place, files: AppFiles) -> str | None:
    """Return what lies where a name comes from, be it a file that can be read or not; None where nothing does."""
    path = files.find_code(place.module) or f"{place.module}.ts"
    return path if os.path.lexists(os.path.join(files.root, path)) else None


def _registered(
    chain: Chain, values: Values, extensions: Extensions, bindings: Sequence[Binding]
) -> Iterator[Place]:
    """Yield the exports that are handed to the app, those included of which no more is known."""
    for value in chain.calls.values():
        for name in extensions.exports_of(value.module, value.node) if value.node else []:
            yield Place(module_of(value.module.path), name)
    for module in chain.namespaces.values():
        for item in module.exports.values():
            place = values.origin(module, item.specifier, item.name) if isinstance(item, From) else None
            if place:
                yield place
    for binding in bindings:
        if binding.registered and binding.place.export != "*":
            yield binding.place
