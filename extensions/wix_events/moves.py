"""Move events' folders."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import files, names, registrations
from .registrations import Registration

_CODE = {".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs"}
_IMPORTS = {"import_statement", "export_statement", "import_require_clause"}
_LOADERS = ("import(", "require(", "new URL(", "vi.mock(", "jest.mock(")


def move(
    root: Path, events_dir: str, target_dir: str, pairs: Sequence[tuple[str, str]], once: bool
) -> list[tuple[Registration, Registration]]:
    """Move events' folders, with all that the user has put there.

    Returns:
        The registrations that follow, old and new.
    """
    folders = {f"{events_dir}/{old}": f"{target_dir}/{new}" for old, new in pairs}
    if once:
        folders[f"{events_dir}/once"] = f"{target_dir}/once"
    renames = []
    for old, new in pairs:
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
                        names.export_name(old): names.export_name(new),
                        f"./{source}/{old}.ts".replace("./src/", "./", 1): f"./{target}/{new}.ts".replace(
                            "./src/", "./", 1
                        ),
                    },
                )
            files.write_atomically(path, after, root)
        renames.append(
            (
                Registration(f"{source}/{old}.extension", names.export_name(old)),
                Registration(f"{target}/{new}.extension", names.export_name(new)),
            )
        )
    if once and target_dir != events_dir and (root / events_dir / "once.ts").exists():
        (root / events_dir / "once.ts").rename(root / target_dir / "once.ts")
    if target_dir != events_dir and (root / events_dir).is_dir() and not any((root / events_dir).iterdir()):
        (root / events_dir).rmdir()
    return renames


def _follow_imports(source: bytes, old: str, new: str, folders: dict[str, str]) -> bytes:
    """Point a moved file's relative imports at what they pointed at before."""
    root = registrations.parse(source).root_node
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
    root = registrations.parse(source).root_node
    for node in reversed(_nodes(root, "identifier", "string_fragment")):
        new = words.get(node.text.decode())
        if new is not None:
            source = source[: node.start_byte] + new.encode() + source[node.end_byte :]
    return source
