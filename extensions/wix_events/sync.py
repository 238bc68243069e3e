"""Make an app follow its record, as far as Copier has not done so by rendering files.

Run as `extensions/sync.py ANSWERS_FILE [CHANGES]` in the app's folder, by a copy's task and an update's migration, or by hand.
Run again, it changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from . import catalogue, collections, files, moves, names, package_json, reader, record, registrations
from .errors import UserError
from .names import Event
from .reader import App
from .record import Record
from .registrations import Registration

_MANIFEST = "package.json"


def sync(root: Path, file: str, changes: Mapping[str, Any]) -> None:
    """Register the recorded events, and add what they depend on.

    Args:
        root: The app's folder.
        file: The answers file, relative to it.
        changes: What the record cannot say, as the plan has it: `unregister`, builders that lose their registration; `moves`,
            pairs of old and new name; `events_dir`, where the moved events go.

    Raises:
        UserError: A file cannot be edited; what else could be done is done all the same.
    """
    made = record.read(root, file)
    if made is None:
        raise UserError(
            f"{file}: there is no such file. Run this in the app's folder, and name its answers file."
        )
    renames: list[tuple[Registration, Registration]] = []
    if pairs := changes.get("moves"):
        made, renames = _move(root, made, [(old, new) for old, new in pairs], changes["events_dir"])
    problems = []
    unregister = changes.get("unregister", ())
    for step in (partial(_register, root, made, unregister, renames), partial(_depend, root, made)):
        try:
            step()
        except UserError as error:
            problems.append(str(error))
    if renames:
        files.write_atomically(root / file, record.text(made).encode(), root)
    if problems:
        raise UserError("\n".join(problems))


def main(arguments: Sequence[str]) -> int | str:
    """Run the command line.

    Args:
        arguments: The answers file, and the changes as JSON.

    Returns:
        What to exit with: 0, or what is wrong.
    """
    file, changes = (*arguments, record.DEFAULT_FILE, "{}")[0], (*arguments[1:], "{}")[0]
    try:
        sync(Path.cwd(), file, json.loads(changes))
    except UserError as error:
        return str(error)
    return 0


def dependencies(made: Record) -> dict[str, str]:
    """Return the packages that an app's own events need, each with its range: from what the catalogue was read from, or any.

    Args:
        made: The app's record.
    """
    own = [event for event in made.events if not names.is_adopted(event)]
    packages = {names.key_parts(event)[0] for event in own}
    if any(event.get("elevate") or event.get("idempotent") for event in own):
        packages |= {"@wix/essentials", "@wix/data"}
    versions = {package: catalogue.package_version(package) for package in sorted(packages)}
    return {
        package: f"^{version}" if version else "^1.0.0" if package.startswith("@wix/") else "*"
        for package, version in versions.items()
    }


def _move(
    root: Path, made: Record, pairs: list[tuple[str, str]], target_dir: str
) -> tuple[Record, list[tuple[Registration, Registration]]]:
    """Move events' folders, with all that the user has put there; return the record and the registrations that follow."""
    renames = moves.move(root, made.events_dir, target_dir, pairs, bool(made.once))
    new_names = dict(pairs)
    events = [{**event, "name": new_names.get(event["name"], event["name"])} for event in made.events]
    return replace(made, events=tuple(events), events_dir=target_dir), renames


def _register(
    root: Path,
    made: Record,
    unregister: Sequence[str],
    renames: Sequence[tuple[Registration, Registration]],
) -> None:
    """Bring `src/extensions.ts` in step with the record."""
    path = root / reader.REGISTRATIONS
    app = reader.read_app(root)
    wanted = [_registration(made, event, app) for event in made.events]
    try:
        if made.once:
            package = made.builders or names.BUILDERS
            declared = collections.declaration(root, app, made.once["id"], package)
            if declared.content is not None:
                files.write_atomically(root / declared.path, declared.content, root)
            wanted.append(declared.registration)
        if path.exists():
            source = files.read(path)
            changed = registrations.unregister(source, [names.module_of(builder) for builder in unregister])
            changed = registrations.rename_all(changed, renames)
            files.write_atomically(path, changed, root)
            missing = _missing(reader.read_app(root), wanted)
            changed = registrations.register(changed, missing, package=made.builders or names.BUILDERS)
        elif wanted:
            changed = registrations.new_file(wanted, made.builders or names.BUILDERS)
        else:
            return
    except registrations.RegistrationError as error:
        todo = "Add these lines by hand:" if error.by_hand else "Correct it by hand, then run copier update."
        lines = [f"{reader.REGISTRATIONS}:{error.line}: {error.reason}, so nothing was changed there.", todo]
        raise UserError("\n".join([*lines, *(f"  {line}" for line in error.by_hand)])) from error
    files.write_atomically(path, changed, root)


def _missing(app: App, wanted: Sequence[Registration]) -> list[Registration]:
    """Return the registrations that the reader does not find in the app, by whatever way they are made."""
    found = {names.module_of(extension.builder) for extension in app.extensions if extension.registered}
    return [registration for registration in wanted if registration.module not in found]


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
    scripts = {"event": f"node {names.SCRIPT}"} if made.trigger else {}
    changed = package_json.add_dependencies(files.read(path), dependencies(made), scripts)
    files.write_atomically(path, changed, root)
