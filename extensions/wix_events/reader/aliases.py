"""What an app's configuration makes of a specifier: `paths` and `baseUrl` of tsconfig.json, `imports` of package.json.

The rules are TypeScript's own: `paths` of a file replaces that of the files it extends, and starts from `baseUrl` or,
without one, from the folder of the file that says it. Presets in packages set neither, so they are not looked at.
Of package.json, `imports` counts as in Node: a pattern that starts with `#`, and a path or paths by condition.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import NamedTuple

from tree_sitter import Node

from .syntax import entries, parse_json, string, walk

# How many files are followed: more than anyone extends, and an end to a circle.
_FILES = 20
_NODE = frozenset({"node16", "node18", "node20", "nodenext"})


class Alias(NamedTuple):
    """One pattern, such as `@/*`, and what it stands for: a path in the app with the same `*`."""

    pattern: str
    target: str

    def path(self, specifier: str) -> str | None:
        """Return the path that a specifier stands for, None where it does not fit the pattern."""
        start, star, end = self.pattern.partition("*")
        if not star:
            return posixpath.normpath(self.target) if specifier == self.pattern else None
        fits = len(specifier) >= len(start) + len(end)
        if not (fits and specifier.startswith(start) and specifier.endswith(end)):
            return None
        middle = specifier[len(start) : len(specifier) - len(end)]
        return posixpath.normpath(self.target.replace("*", middle))


class _Options(NamedTuple):
    """What matters of a configuration: `base` and `folder` are paths in the app, `resolution` is how modules are looked for."""

    base: str | None = None
    paths: dict[str, list[str]] | None = None
    folder: str = ""
    resolution: str = ""


def read_aliases(read: Callable[[str], bytes | None]) -> list[Alias]:
    """Read the aliases of an app.

    Args:
        read: Returns the content of a file of the app, None where it has no such file.

    Returns:
        The aliases, `baseUrl` last as a pattern that takes in everything. Those that lead to a package are left out.
    """
    options = _read_tsconfig(read, "tsconfig.json", [])
    start = options.folder if options.base is None else options.base
    found = [
        Alias(pattern, posixpath.join(start, target))
        for pattern, targets in (options.paths or {}).items()
        for target in targets
    ]
    found += _read_imports(read("package.json"))
    # Of several patterns that fit, the one with the longest beginning counts.
    found.sort(key=lambda alias: -len(alias.pattern.partition("*")[0]))
    found += [] if options.base is None else [Alias("*", posixpath.join(options.base, "*"))]
    return [alias for alias in found if "node_modules" not in alias.target]


def read_import_suffix(read: Callable[[str], bytes | None]) -> str:
    """Return what TypeScript asks relative imports to end with: `.js` where it looks for modules as Node does.

    Args:
        read: Returns the content of a file of the app, None where it has no such file.
    """
    return ".js" if _read_tsconfig(read, "tsconfig.json", []).resolution in _NODE else ""


def _read_imports(source: bytes | None) -> list[Alias]:
    """Read what a package.json names for the package's own use."""
    imports = _root(source).get("imports")
    found = []
    for pattern, node in entries(imports).items():
        targets = [value for part in walk(node) if (value := string(part)) is not None and value[:2] == "./"]
        found += [Alias(pattern, target) for target in targets if pattern.startswith("#")]
    return found


def _root(source: bytes | None) -> dict[str, Node]:
    """Return the values of a JSON file that holds an object."""
    try:
        (source or b"").decode()
    except UnicodeDecodeError:
        return {}
    return entries(parse_json(source or b""))


def _read_tsconfig(read: Callable[[str], bytes | None], path: str, seen: list[str]) -> _Options:
    """Read one configuration and what it extends."""
    source = read(path) if path not in seen and len(seen) < _FILES else None
    if source is None:
        return _Options()
    seen.append(path)
    folder = posixpath.dirname(path)
    root = _root(source)
    options = _Options()
    for extended in _strings(root.get("extends")):
        if extended.startswith((".", "/")):
            file = posixpath.normpath(posixpath.join(folder, extended.lstrip("/")))
            below = _read_tsconfig(read, file if file.endswith(".json") else f"{file}.json", seen)
            options = _over(options, below)
    own = entries(root.get("compilerOptions"))
    base = string(own["baseUrl"]) if "baseUrl" in own else None
    paths = (
        {pattern: _strings(targets) for pattern, targets in entries(own["paths"]).items()}
        if "paths" in own
        else None
    )
    # Without the one, TypeScript goes by the other (https://www.typescriptlang.org/tsconfig/#moduleResolution).
    resolution = next((string(own[key]) for key in ("moduleResolution", "module") if key in own), None)
    base = None if base is None else posixpath.join(folder, base)
    return _over(options, _Options(base, paths, folder, (resolution or "").lower()))


def _over(options: _Options, above: _Options) -> _Options:
    """Return options with what a later file says put over them."""
    base = options.base if above.base is None else above.base
    resolution = above.resolution or options.resolution
    if above.paths is None:
        return _Options(base, options.paths, options.folder, resolution)
    return _Options(base, above.paths, above.folder, resolution)


def _strings(node: Node | None) -> list[str]:
    """Return the strings in a list, or a string alone."""
    items = [] if node is None else node.named_children if node.type == "array" else [node]
    return [value for item in items if (value := string(item)) is not None]
