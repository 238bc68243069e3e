"""Finish a run in the app: move and delete files, register the recorded events, add missing dependencies.

`copier.yml` calls this in the condition of a copy's task and of an update's migration. So it runs in Copier's own process: a
process of its own would take as long as everything else that this template does. Run again, it changes nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import catalogue, files, package_json, registrations
from .errors import UserError
from .plan import answers_file_text, event_dependencies
from .reader import read_app, read_builder, syntax
from .registrations import Registration

Plan = dict[str, Any]
ReadBuilder = Callable[[Path, str], Sequence[Any]]

_EXTENSIONS = "src/extensions.ts"
_MANIFEST = "package.json"
_CODE = {".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs"}
_IMPORTS = {"import_statement", "export_statement", "import_require_clause"}
_LOADERS = ("import(", "require(", "new URL(", "vi.mock(", "jest.mock(")


def sync(
    plan: Plan,
    root: Path,
    answers_file: str,
    answers_file_text: Callable[[Plan], str],
    dependencies: Mapping[str, str],
    read_builder: ReadBuilder,
) -> None:
    """Make the app follow its record, as far as Copier has not done so by rendering files.

    Args:
        plan: What the run does, see `plan.make_plan`.
        root: The app's folder.
        answers_file: The answers file, relative to it.
        answers_file_text: Writes the record anew, with the names and the folder that events have after a move.
        dependencies: The packages that the events need, each with its range.
        read_builder: The reader of a builder that this template did not make.

    Raises:
        UserError: A file cannot be edited; what else could be done is done all the same.
    """
    for path in plan["delete"]:
        _delete(root, path)
    renames = _move(root, plan) if plan["moves"] else []
    problems = []
    try:
        _register(root, plan, renames, read_builder)
    except registrations.RegistrationError as error:
        todo = "Add these lines by hand:" if error.by_hand else "Correct it by hand, then run copier update."
        lines = [f"{_EXTENSIONS}:{error.line}: {error.reason}, so nothing was changed there.", todo]
        problems.append("\n".join([*lines, *(f"  {line}" for line in error.by_hand)]))
    except files.FileError as error:
        problems.append(str(error))
    try:
        _depend(root, dependencies, plan["trigger"])
    except package_json.ManifestError as error:
        problems.append(f"{_MANIFEST}:{error.line}: {error.problem}")
    except files.FileError as error:
        problems.append(str(error))
    if plan["moves"]:
        moved = {**plan, "events": _moved_events(plan), "events_dir": plan["target_dir"]}
        files.write_atomically(root / answers_file, answers_file_text(moved).encode(), root)
    if problems:
        raise UserError("\n".join(problems))


def _delete(root: Path, path: str) -> None:
    """Delete a file of a removed event, and its folder once nothing else is in it."""
    (root / path).unlink(missing_ok=True)
    folder = (root / path).parent
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _move(root: Path, plan: Plan) -> list[tuple[Registration, Registration]]:
    """Move events' folders, with all that the user has put there.

    Returns:
        The registrations that follow, old and new.
    """
    events_dir, target_dir = plan["events_dir"], plan["target_dir"]
    folders = {f"{events_dir}/{old}": f"{target_dir}/{new}" for old, new in plan["moves"]}
    if plan["once"]:
        folders[f"{events_dir}/once"] = f"{target_dir}/once"
    renames = []
    for old, new in plan["moves"]:
        source, target = f"{events_dir}/{old}", f"{target_dir}/{new}"
        if (root / source).is_dir():
            (root / target).parent.mkdir(parents=True, exist_ok=True)
            (root / source).rename(root / target)
        for suffix in (".extension.ts", ".ts", ".sample.json"):
            if (root / target / (old + suffix)).exists():
                (root / target / (old + suffix)).rename(root / target / (new + suffix))
        for path in sorted(
            path for path in (root / target).rglob("*") if path.suffix in _CODE and path.is_file()
        ):
            before = files.read(path)
            place = path.parent.relative_to(root / target).as_posix()
            after = _follow_imports(
                before, posixpath.join(source, place), posixpath.join(target, place), folders
            )
            if path.name == f"{new}.extension.ts":
                after = _replace(
                    after,
                    {
                        _export(old): _export(new),
                        f"./{source}/{old}.ts".replace("./src/", "./", 1): f"./{target}/{new}.ts".replace(
                            "./src/", "./", 1
                        ),
                    },
                )
            files.write_atomically(path, after, root)
        renames.append(
            (
                registrations.Registration(f"{source}/{old}.extension", _export(old)),
                registrations.Registration(f"{target}/{new}.extension", _export(new)),
            )
        )
    if plan["once"] and target_dir != events_dir:
        for name in ("once.ts", "handled-events.extension.ts"):
            if (root / events_dir / name).exists():
                (root / events_dir / name).rename(root / target_dir / name)
        renames.append((_once_registration(events_dir), _once_registration(target_dir)))
    if target_dir != events_dir and (root / events_dir).is_dir() and not any((root / events_dir).iterdir()):
        (root / events_dir).rmdir()
    return renames


def _moved_events(plan: Plan) -> list[dict[str, Any]]:
    """Return the recorded events with the names that they have after a move."""
    names = dict(plan["moves"])
    return [{**event, "name": names.get(event["name"], event["name"])} for event in plan["events"]]


def _follow_imports(source: bytes, old: str, new: str, folders: dict[str, str]) -> bytes:
    """Point a moved file's relative imports at what they pointed at before."""
    root = syntax.parse(source).root_node
    for node in reversed(_nodes(root, "string")):
        specifier = node.text.decode()[1:-1]
        if not specifier.startswith("..") or not _is_specifier(node):
            continue
        target = posixpath.normpath(posixpath.join(old, specifier))
        for before, after in folders.items():
            if target == before or target.startswith(f"{before}/"):
                target = after + target.removeprefix(before)
        relative = posixpath.relpath(target, new)
        if relative != posixpath.normpath(specifier):
            relative = relative if relative.startswith("..") else f"./{relative}"
            source = source[: node.start_byte + 1] + relative.encode() + source[node.end_byte - 1 :]
    return source


def _is_specifier(node: Any) -> bool:
    """Tell whether a string names a module or a file relative to its own."""
    call = node.parent.parent if node.parent.type == "arguments" else None
    return node.parent.type in _IMPORTS or (call is not None and call.text.decode().startswith(_LOADERS))


def _nodes(node: Any, *kinds: str) -> list[Any]:
    """Return all nodes of some kinds below a node, in the order they stand in the file."""
    found = [node] if node.type in kinds else []
    for child in node.children:
        found += _nodes(child, *kinds)
    return found


def _replace(source: bytes, words: dict[str, str]) -> bytes:
    """Replace identifiers, and the content of strings, that are exactly one of the given words."""
    root = syntax.parse(source).root_node
    for node in reversed(_nodes(root, "identifier", "string_fragment")):
        new = words.get(node.text.decode())
        if new is not None:
            source = source[: node.start_byte] + new.encode() + source[node.end_byte :]
    return source


def _register(
    root: Path, plan: Plan, renames: list[tuple[Registration, Registration]], read_builder: ReadBuilder
) -> None:
    """Bring `src/extensions.ts` in step with the record."""
    path = root / _EXTENSIONS
    wanted = [_registration(root, event, plan["events_dir"], read_builder) for event in plan["events"]]
    if plan["once"]:
        wanted.append(_once_registration(plan["events_dir"]))
    moved = {old: new for old, new in renames}
    wanted = [moved.get(registration, registration) for registration in wanted]
    if path.exists() or path.is_symlink():
        source = files.read(path)
        changed = registrations.unregister(
            source, [_module(builder) for builder in plan["unregister"]], module_of=_module_of
        )
        changed = registrations.rename(changed, renames, module_of=_module_of)
        files.write_atomically(path, changed, root)
        found = {_module(item.builder) for item in read_app(root).extensions if item.registered}
        missing = [registration for registration in wanted if registration.module not in found]
        changed = registrations.register(changed, missing, module_of=_module_of, package=plan["builders"])
    elif wanted:
        changed = registrations.new_file(wanted, plan["builders"])
        path.parent.mkdir(parents=True, exist_ok=True)
    else:
        return
    files.write_atomically(path, changed, root)


def _module_of(specifier: str) -> str | None:
    """Return the app's file that `src/extensions.ts` means by a specifier, without its suffix."""
    plain = re.sub(r"\.[cm]?[jt]sx?$", "", specifier)
    if plain.startswith("@/"):
        return "src" + plain[1:]
    return posixpath.normpath(posixpath.join("src", plain)) if plain.startswith(".") else None


def _registration(
    root: Path, event: dict[str, Any], events_dir: str, read_builder: ReadBuilder
) -> Registration:
    """Return how a recorded event is imported."""
    name, builder = event["name"], event.get("builder")
    if builder is None:
        module, export = f"{events_dir}/{name}/{name}.extension", _export(name)
    else:
        exports = [found.export for found in read_builder(root, builder) if found.id == event["id"]]
        module, export = _module(builder), (exports[0] if exports else None) or "default"
    registration: Registration = registrations.Registration(module, export)
    return registration


def _export(name: str) -> str:
    """Return the builder's exported name, as `plan.export_name` does."""
    return "event" + "".join(word[0].upper() + word[1:] for word in name.split("-"))


def _once_registration(events_dir: str) -> Registration:
    """Return how the collection of handled events is imported."""
    registration: Registration = registrations.Registration(
        f"{events_dir}/handled-events.extension", "handledEvents"
    )
    return registration


def _module(builder: str) -> str:
    """Return a builder's path as an import names it, without `.ts`."""
    return builder.removesuffix(".ts")


def _depend(root: Path, dependencies: Mapping[str, str], trigger: bool) -> None:
    """Add to `package.json` the packages that the events need."""
    path = root / _MANIFEST
    if not path.exists():
        return
    scripts = {"event": "node scripts/event.mjs"} if trigger else {}
    files.write_atomically(path, package_json.add_dependencies(files.read(path), dependencies, scripts), root)


def sync_for_copier(context: Mapping[str, Any], _render: Any, plan: Plan) -> bool:
    """Take from Copier's render context what `sync` needs; the other extensions' functions are in it.

    Returns:
        False: what was to be done is done, so Copier need not run anything for it.
    """
    conf = context["_copier_conf"]
    if not conf["pretend"]:
        sync(
            plan,
            Path(conf["dst_path"]),
            Path(conf["answers_file"]).as_posix(),
            lambda plan: answers_file_text(plan, context["_copier_answers"]),
            event_dependencies(plan, catalogue.package_version),
            read_builder,
        )
    return False
