"""Make an app follow its record, as far as Copier has not done so by rendering files.

Run as `extensions/sync.py ANSWERS_FILE [CHANGES]` in the app's folder, by a copy's task and an update's migration, or by hand.
Run again, it changes nothing.
"""

from __future__ import annotations

import json
import posixpath
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from . import catalogue, collections, files, moves, names, package_json, reader, record, registrations
from .errors import UserError
from .names import Event
from .reader import App, Problem
from .record import Record
from .registrations import Registration
from .registrations.prettier import settings

_MANIFEST = "package.json"


def sync(root: Path, file: str, changes: Mapping[str, Any]) -> list[str]:
    """Move what moves, register the recorded events, and add what they depend on.

    Args:
        root: The app's folder.
        file: The answers file, relative to it.
        changes: What the record cannot say, as the plan has it: `unregister`, builders that lose their registration; `moves`,
            pairs of old and new name; `events_dir`, where the moved events go.

    Returns:
        What the user has to look at.

    Raises:
        UserError: A file cannot be edited; what else could be done is done all the same.
    """
    made = record.read_named(root, file)
    if pairs := [(old, new) for old, new in changes.get("moves", ())]:
        made = _move(root, made, pairs, changes["events_dir"])
    unregister = changes.get("unregister", ())
    problems: list[str] = []
    lost: list[Problem] = []
    for step in (
        partial(_take_out, root, unregister),
        partial(_register, root, made, lost),
        partial(_depend, root, made),
    ):
        try:
            step()
        except UserError as error:
            problems.append(str(error))
    if pairs:
        files.write_atomically(root / file, record.text(made).encode(), root)
    if problems:
        raise UserError("\n".join(problems))
    return [*map(str, dict.fromkeys([*lost, *_left_behind(root, unregister)]))]


def main(arguments: Sequence[str]) -> int | str:
    """Run the command line.

    Args:
        arguments: The answers file, and the changes as JSON.

    Returns:
        What to exit with: 0, or what is wrong.
    """
    file, changes = (*arguments, record.DEFAULT_FILE, "{}")[0], (*arguments[1:], "{}")[0]
    try:
        for note in sync(Path.cwd(), file, json.loads(changes)):
            print(note, file=sys.stderr)
    except UserError as error:
        return str(error)
    return 0


def dependencies(made: Record) -> dict[str, str]:
    """Return the packages that an app's own events need, each with its range: from what the catalogue was read from, or any.

    Args:
        made: The app's record.
    """
    own = names.own(made.events)
    packages = {names.key_parts(event)[0] for event in own}
    if any(event.get("elevate") or event.get("idempotent") for event in own):
        packages |= {"@wix/essentials", "@wix/data"}
    versions = {package: catalogue.package_version(package) for package in sorted(packages)}
    return {
        package: f"^{version}" if version else "^1.0.0" if package.startswith("@wix/") else "*"
        for package, version in versions.items()
    }


def _move(root: Path, made: Record, pairs: list[tuple[str, str]], target: str) -> Record:
    """Move events; return the record of where they are then."""
    moves.plan_moves(root, made.events_dir, target, pairs, bool(made.once)).apply()
    new_names = dict(pairs)
    events = [{**event, "name": new_names.get(event["name"], event["name"])} for event in made.events]
    return replace(made, events=tuple(events), events_dir=target)


def _take_out(root: Path, unregister: Sequence[str]) -> None:
    """Take builders out of `src/extensions.ts` and the files that it takes them from."""
    if not unregister or not (root / reader.REGISTRATIONS).exists():
        return
    app = reader.read_app(root)
    modules = [names.module_of(builder) for builder in unregister]
    bindings = [binding.name for binding in app.bindings if binding.place.module in modules]
    # Also the files by way of which it imports builders, which need not be there any more.
    reached = reader.imports_from(app.files, [reader.REGISTRATIONS])
    barrels = {item.file for item in reached if app.files.module_of(item.file, item.specifier) in modules}
    prettier = settings(root)
    for path in [reader.REGISTRATIONS, *sorted(barrels - {reader.REGISTRATIONS})]:
        with _explained(path):
            changed = registrations.unregister(
                files.read(root / path),
                modules,
                module_of=partial(app.files.module_of, app.real_path(path)),
                bindings=bindings if path == reader.REGISTRATIONS else (),
                prettier=prettier,
            )
            files.write_atomically(root / path, changed, root)


def _left_behind(root: Path, builders: Sequence[str]) -> Iterator[Problem]:
    """Yield the imports of files of events that are gone."""
    app, folders = reader.AppFiles(root), {posixpath.dirname(builder) for builder in builders}
    found = reader.relative_imports(app, map(posixpath.basename, folders)) if folders else ()
    for item in found:
        module = app.module_of(item.file, item.specifier) or ""
        if item.target is None and not item.computed and posixpath.dirname(module) in folders:
            yield reader.lost_import(item.file, item.line, item.specifier, module)


def _gone(app: App, made: Record) -> list[str]:
    """Return the builders of the template's that `src/extensions.ts` imports and that are neither there nor recorded.

    A merge leaves them where one side has moved an event.
    """
    known = {*app.files.code, *(names.builder_path(event, made.events_dir) for event in made.events)}
    found = []
    for binding in app.bindings:
        builder = f"{binding.place.module}.ts"
        name = posixpath.basename(posixpath.dirname(builder))
        by_template = [names.builder_path({"name": name}, folder) for folder in names.EVENTS_DIRS]
        if builder in known or builder not in by_template or names.name_problem(name):
            continue
        if binding.place.export == names.export_name(name):
            found.append(builder)
    return found


def _register(root: Path, made: Record, lost: list[Problem]) -> None:
    """Hand the recorded events to the app, as far as the reader misses them.

    Args:
        root: The app's folder.
        made: The record.
        lost: Takes what `src/extensions.ts` imports in vain; that a recorded event is not there is said elsewhere.
    """
    app = reader.read_app(root)
    if gone := _gone(app, made):
        _take_out(root, gone)
        app = reader.read_app(root)
    modules = {names.module_of(names.builder_path(event, made.events_dir)) for event in made.events}
    lost += [each for each in app.problems if each.code == "import" and each.lost not in modules]
    wanted = [_registration(made, event, app) for event in made.events]
    problem: UserError | None = None
    if made.once:
        try:
            found = collections.declaration(root, app, made.once["id"], made.builders)
            if found.content is not None:
                files.write_atomically(root / found.path, found.content, root)
            wanted += [found.registration] if found.registration else []
        except UserError as error:
            problem = error
    # An import of a builder that was deleted would stop the Wix build.
    there = [each for each in wanted if (root / f"{each.module}.ts").is_file()]
    missing = [each for each in there if not app.registers(f"{each.module}.ts", each.export)]
    if missing:
        _register_missing(root, app, missing, made.builders)
    if problem is not None:
        raise problem


def _register_missing(root: Path, app: App, missing: Sequence[Registration], package: str) -> None:
    """Add registrations to the chain, or to the list of re-exports that the app is made of where there is one."""
    barrel = next((barrel.file for barrel in app.barrels if barrel.is_list), None)
    # Behind a link, where imports start from.
    path, suffix = app.real_path(barrel or app.chain), app.files.import_suffix
    with _explained(path):
        if barrel:
            source = registrations.add_reexport(files.read(root / path), missing, path=barrel, suffix=suffix)
        else:
            before = files.read(root / path) if (root / path).exists() else b""
            module_of = partial(app.files.module_of, path)
            source = registrations.register(
                before,
                missing,
                module_of=module_of,
                package=package,
                suffix=suffix,
                folder=posixpath.dirname(path),
                prettier=settings(root),
            )
            if source == before:
                at = next((each.line for each in app.problems if each.file == path), 1)
                reason = f"another name than {missing[0].export} is imported from {missing[0].module}.ts"
                raise registrations.RegistrationError(at, reason)
        files.write_atomically(root / path, source, root)


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Say of a file that cannot be edited what is wrong, and which lines to add instead."""
    try:
        yield
    except registrations.RegistrationError as error:
        raise UserError(error.explained(path, "Correct it by hand, then run copier update.")) from error


def _registration(made: Record, event: Event, app: App) -> Registration:
    """Return how a recorded event is imported; what one was exported as that the user made, its file tells."""
    builder = names.builder_path(event, made.events_dir)
    exports = [each.export for each in app.extensions if each.builder == builder and each.id == event["id"]]
    own = None if names.is_adopted(event) else names.export_name(event["name"])
    return Registration(names.module_of(builder), own or next(filter(None, exports), "default"))


def _depend(root: Path, made: Record) -> None:
    """Add to `package.json` the packages that the events need."""
    path = root / _MANIFEST
    if not path.exists():
        return
    scripts = {package_json.script_name(root): package_json.SCRIPT} if made.trigger else {}
    changed = package_json.add_dependencies(files.read(path), dependencies(made), scripts)
    files.write_atomically(path, changed, root)
