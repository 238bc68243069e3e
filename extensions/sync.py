"""Finish a run in the app: move and delete files, register the recorded events, add missing dependencies.

Copier runs this script as the task of a copy and as the migration of an update, in the app's folder:
`sync.py ANSWERS_FILE STEPS`. It reads the record and makes the rest of the app follow it; run again, it changes nothing.
"""

from __future__ import annotations

import json
import os
import posixpath
import sys
from pathlib import Path
from typing import Any

import files
import manifest
import registrations
import yaml
from syntax import parse, text

if sys.platform != "win32":
    import fcntl

_EXTENSIONS = "src/extensions.ts"
_MANIFEST = "package.json"
_CODE = {".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs"}
_IMPORTS = {"import_statement", "export_statement", "import_require_clause"}
_LOADERS = ("import(", "require(", "new URL(", "vi.mock(", "jest.mock(")


def sync(root: Path, answers_file: str, steps: dict[str, Any]) -> list[str]:
    """Make the app follow its record.

    Args:
        root: The app's folder.
        answers_file: The answers file, relative to it.
        steps: What the plan leaves to do: `delete`, `unregister`, `moves`, `target_dir`, `dependencies`.

    Returns:
        What went wrong, a sentence each; what could be done is done all the same.
    """
    answers = yaml.load(
        (root / answers_file).read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    events_dir: str = answers["events_dir"]
    for path in steps.get("delete", ()):
        _delete(root, path)
    renames = []
    if moves := dict(steps.get("moves", ())):
        renames = _move(root, answers, moves, steps["target_dir"])
    problems = []
    try:
        _register(root, answers, steps.get("unregister", ()), renames)
    except registrations.RegistrationError as error:
        todo = "Add these lines by hand:" if error.by_hand else "Correct it by hand, then run copier update."
        lines = [f"{_EXTENSIONS}:{error.line}: {error.reason}, so nothing was changed there.", todo]
        problems.append("\n".join([*lines, *(f"  {line}" for line in error.by_hand)]))
    except files.FileError as error:
        problems.append(str(error))
    try:
        _depend(root, steps.get("dependencies", {}), bool(answers.get("trigger")))
    except manifest.ManifestError as error:
        problems.append(f"{_MANIFEST}:{error.line}: {error.problem}")
    except files.FileError as error:
        problems.append(str(error))
    if moves:
        _record_moves(root, answers_file, answers, moves, steps["target_dir"], events_dir)
    return problems


def _delete(root: Path, path: str) -> None:
    """Delete a file of a removed event, and its folder once nothing else is in it."""
    (root / path).unlink(missing_ok=True)
    folder = (root / path).parent
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _move(
    root: Path, answers: dict[str, Any], moves: dict[str, str], target_dir: str
) -> list[tuple[registrations.Registration, registrations.Registration]]:
    """Move events' folders, with all that the user has put there.

    Returns:
        The registrations that follow, old and new.
    """
    events_dir = answers["events_dir"]
    folders = {f"{events_dir}/{old}": f"{target_dir}/{new}" for old, new in moves.items()}
    if answers.get("once"):
        folders[f"{events_dir}/once"] = f"{target_dir}/once"
    renames = []
    for old, new in moves.items():
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
    if answers.get("once") and target_dir != events_dir:
        for name in ("once.ts", "handled-events.extension.ts"):
            if (root / events_dir / name).exists():
                (root / events_dir / name).rename(root / target_dir / name)
        renames.append((_once_registration(events_dir), _once_registration(target_dir)))
    if target_dir != events_dir and (root / events_dir).is_dir() and not any((root / events_dir).iterdir()):
        (root / events_dir).rmdir()
    return renames


def _follow_imports(source: bytes, old: str, new: str, folders: dict[str, str]) -> bytes:
    """Point a moved file's relative imports at what they pointed at before."""
    for node in reversed(_nodes(parse(source).root_node, "string")):
        specifier = text(node)[1:-1]
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
    return node.parent.type in _IMPORTS or (call is not None and text(call).startswith(_LOADERS))


def _nodes(node: Any, *kinds: str) -> list[Any]:
    """Return all nodes of some kinds below a node, in the order they stand in the file."""
    found = [node] if node.type in kinds else []
    for child in node.children:
        found += _nodes(child, *kinds)
    return found


def _replace(source: bytes, words: dict[str, str]) -> bytes:
    """Replace identifiers, and the content of strings, that are exactly one of the given words."""
    for node in reversed(_nodes(parse(source).root_node, "identifier", "string_fragment")):
        new = words.get(text(node))
        if new is not None:
            source = source[: node.start_byte] + new.encode() + source[node.end_byte :]
    return source


def _register(
    root: Path,
    answers: dict[str, Any],
    unregister: list[str],
    renames: list[tuple[registrations.Registration, registrations.Registration]],
) -> None:
    """Bring `src/extensions.ts` in step with the record."""
    path = root / _EXTENSIONS
    wanted = [_registration(root, event, answers["events_dir"]) for event in answers["events"]]
    if answers.get("once"):
        wanted.append(_once_registration(answers["events_dir"]))
    moved = {old: new for old, new in renames}
    wanted = [moved.get(registration, registration) for registration in wanted]
    package = answers.get("builders", "@wix/astro/builders")
    if path.exists() or path.is_symlink():
        source = files.read(path)
        changed = registrations.unregister(source, [_module(builder) for builder in unregister])
        changed = registrations.rename_all(changed, renames)
        changed = registrations.register(changed, wanted, package=package)
    elif wanted:
        changed = registrations.new_file(wanted, package)
        path.parent.mkdir(parents=True, exist_ok=True)
    else:
        return
    files.write_atomically(path, changed, root)


def _registration(root: Path, event: dict[str, Any], events_dir: str) -> registrations.Registration:
    """Return how a recorded event is imported."""
    name = event["name"]
    if "builder" not in event:
        return registrations.Registration(f"{events_dir}/{name}/{name}.extension", _export(name))
    import app  # Slow to import, and few apps have adopted events.

    found = [item for item in app.read_builder(root, event["builder"]) if item.id == event["id"]]
    return registrations.Registration(
        _module(event["builder"]), (found[0].export if found else None) or "default"
    )


def _export(name: str) -> str:
    """Return the builder's exported name, as `plan.export_name` does; to import that would take all of Copier."""
    return "event" + "".join(word[0].upper() + word[1:] for word in name.split("-"))


def _once_registration(events_dir: str) -> registrations.Registration:
    """Return how the collection of handled events is imported."""
    return registrations.Registration(f"{events_dir}/handled-events.extension", "handledEvents")


def _module(builder: str) -> str:
    """Return a builder's path as an import names it, without `.ts`."""
    return builder.removesuffix(".ts")


def _depend(root: Path, dependencies: dict[str, str], trigger: bool) -> None:
    """Add to `package.json` the packages that the events need."""
    path = root / _MANIFEST
    if not path.exists():
        return
    scripts = {"event": "node scripts/event.mjs"} if trigger else {}
    files.write_atomically(path, manifest.add_dependencies(files.read(path), dependencies, scripts), root)


def _record_moves(
    root: Path,
    answers_file: str,
    answers: dict[str, Any],
    moves: dict[str, str],
    target_dir: str,
    events_dir: str,
) -> None:
    """Write the record anew with the names and the folder that the events have now."""
    events = [{**event, "name": moves.get(event["name"], event["name"])} for event in answers.pop("events")]
    from plan import dump_record  # Slow to import, and moves are rare.

    record = dump_record({**answers, "events_dir": target_dir}, events)
    files.write_atomically(root / answers_file, record.encode(), root)


def _wait_for_other_runs(root: Path) -> None:
    """Wait until no other process runs this script on the app, and keep others waiting until this process ends."""
    if sys.platform != "win32":
        fcntl.flock(os.open(root, os.O_RDONLY), fcntl.LOCK_EX)


if __name__ == "__main__":
    _wait_for_other_runs(Path.cwd())
    failed = sync(Path.cwd(), sys.argv[1], json.loads(sys.argv[2]))
    if failed:
        sys.exit("\n".join(failed))
