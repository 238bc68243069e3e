"""What an app's configuration makes of a specifier: `paths` and `baseUrl` of tsconfig.json, `imports` of package.json.

The rules are TypeScript's own: `paths` of a file replaces that of the files it extends, and starts from `baseUrl` or,
without one, from the folder of the file that says it. Presets in packages set neither, so they are not looked at.
Of package.json, `imports` counts as in Node: a pattern that starts with `#`, and a path or paths by condition.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import NamedTuple, TypedDict

from tree_sitter import Node

from .syntax import entries, parse_json, string, walk

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


class _Options(TypedDict, total=False):
    """What a configuration says: `base` and `folder` are paths in the app, `paths` starts from the latter without the former."""

    base: str
    paths: dict[str, list[str]]
    folder: str
    resolution: str


def read_aliases(read: Callable[[str], bytes | None]) -> list[Alias]:
    """Read the aliases of an app.

    Args:
        read: Returns the content of a file of the app, None where it has no such file.

    Returns:
        The aliases, `baseUrl` last as a pattern that takes in everything. Those that lead to a package are left out.
    """
    options = _read_tsconfig(read, "tsconfig.json", [])
    base = options.get("base")
    start = options.get("folder", "") if base is None else base
    found = [
        Alias(pattern, posixpath.join(start, target))
        for pattern, targets in options.get("paths", {}).items()
        for target in targets
    ]
    found += _read_imports(read("package.json"))
    # Of several patterns that fit, the one with the longest beginning counts.
    found.sort(key=lambda alias: -len(alias.pattern.partition("*")[0]))
    found += [] if base is None else [Alias("*", posixpath.join(base, "*"))]
    return [alias for alias in found if "node_modules" not in alias.target]


def read_import_suffix(read: Callable[[str], bytes | None]) -> str:
    """Return what TypeScript asks relative imports to end with: `.js` where it looks for modules as Node does.

    Args:
        read: Returns the content of a file of the app, None where it has no such file.
    """
    return ".js" if _read_tsconfig(read, "tsconfig.json", []).get("resolution") in _NODE else ""


def _read_imports(source: bytes | None) -> list[Alias]:
    """Read what a package.json names for the package's own use."""
    imports = entries(parse_json(source or b"")).get("imports")
    found = []
    for pattern, node in entries(imports).items():
        targets = [value for part in walk(node) if (value := string(part)) is not None and value[:2] == "./"]
        found += [Alias(pattern, target) for target in targets if pattern.startswith("#")]
    return found


def _read_tsconfig(read: Callable[[str], bytes | None], path: str, seen: list[str]) -> _Options:
    """Read one configuration and what it extends."""
    source = read(path) if path not in seen else None
    options: _Options = {}
    if source is None:
        return options
    seen.append(path)
    folder = posixpath.dirname(path)
    root = entries(parse_json(source))
    for extended in _strings(root.get("extends")):
        if extended.startswith((".", "/")):
            file = posixpath.normpath(posixpath.join(folder, extended.lstrip("/")))
            options.update(_read_tsconfig(read, file if file.endswith(".json") else f"{file}.json", seen))
    own = entries(root.get("compilerOptions"))
    if "baseUrl" in own and (base := string(own["baseUrl"])) is not None:
        options["base"] = posixpath.join(folder, base)
    if "paths" in own:
        options["paths"] = {key: _strings(targets) for key, targets in entries(own["paths"]).items()}
        options["folder"] = folder
    # Without the one, TypeScript goes by the other (https://www.typescriptlang.org/tsconfig/#moduleResolution).
    resolution = next((string(own[key]) for key in ("moduleResolution", "module") if key in own), None)
    if resolution:
        options["resolution"] = resolution.lower()
    return options


def _strings(node: Node | None) -> list[str]:
    """Return the strings in a list, or a string alone."""
    items = [] if node is None else node.named_children if node.type == "array" else [node]
    return [value for item in items if (value := string(item)) is not None]
