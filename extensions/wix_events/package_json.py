"""Edit the text of a package.json: add what is missing, leave every other byte as it is."""

from __future__ import annotations

import json
from bisect import bisect
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from tree_sitter import Node

from . import files, names
from .errors import UserError
from .reader import syntax

SCRIPT = f"node {names.SCRIPT}"
"""The npm script that tries an event."""

OLDER_CLI = "@wix/cli-app"
"""What an app of the older Wix CLI depends on."""

_CLI = frozenset({"@wix/astro", names.CUSTOM_BUILDERS})
_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
# npm sorts packages with localeCompare in English, which puts these before digits and letters, in this order.
_PUNCTUATION = str.maketrans({character: chr(rank) for rank, character in enumerate("_-.@/~")})


def add_dependencies(source: bytes, wanted: Mapping[str, str], scripts: Mapping[str, str] = {}) -> bytes:
    """Add the packages and scripts that a package.json lacks.

    Args:
        source: The text of the package.json.
        wanted: Version range by package name. A package named in any of the four dependency
            sections stays as it is; any other is added to "dependencies".
        scripts: Command by script name. A script that is there stays as it is.

    Returns:
        The text with the missing entries in the style around them, every other byte as it was.

    Raises:
        UserError: As for `packages`.
    """
    text = _validated(source)
    named = _named(text)
    for package, versions in wanted.items():
        if package not in named:
            text = _add(text, "dependencies", package, versions)
    for script, command in scripts.items():
        if script not in _section(_root(text), "scripts"):
            text = _add(text, "scripts", script, command)
    return (syntax.BOM if source.startswith(syntax.BOM) else b"") + text[1:-1]


def named(root: Path) -> set[str] | None:
    """Return every package that an app's package.json names; None where there is none, or one that cannot be used.

    Args:
        root: The app's folder.
    """
    try:
        return packages(files.read(root / "package.json"))
    except (OSError, UserError):
        return None


def note_on(named: Collection[str]) -> str:
    """Return what to know of an app that is none of the current Wix CLI; nothing where it is one.

    Args:
        named: The packages that its package.json names.
    """
    if not _CLI.isdisjoint(named):
        return ""
    if OLDER_CLI in named:
        return (
            f"This app is of the older Wix CLI ({OLDER_CLI}), which does not read these files: events work in apps of the current "
            "one, which depend on @wix/astro. Migrate the app, or make a new one with npm create @wix/new@latest."
        )
    return (
        f"package.json names neither {' nor '.join(sorted(_CLI))}, so this is no app of the Wix CLI yet. Run this in the "
        "app's folder, or add @wix/astro."
    )


def script_name(root: Path) -> str:
    """Return the npm script that tries an event: `event`, or another name where the app has a script called so.

    Args:
        root: The app's folder.
    """
    scripts = (files.read_object(root / "package.json") or {}).get("scripts")
    there = scripts.get("event", SCRIPT) if isinstance(scripts, dict) else SCRIPT
    return "event" if there == SCRIPT else "wix-event"


def packages(source: bytes) -> set[str]:
    """Return every package that the dependency sections of a package.json name.

    Args:
        source: The text of the package.json.

    Raises:
        UserError: It is not a JSON object with objects as its sections, or names something twice in one of them.
    """
    return _named(_validated(source))


def _validated(source: bytes) -> bytes:
    """Return the text without byte-order mark, in the parentheses that make it a TypeScript expression."""
    body = source.removeprefix(syntax.BOM)
    constants: list[str] = []
    try:
        # Integers stay text because int() refuses more than 4300 digits.
        value = json.loads(body.decode(), parse_constant=constants.append, parse_int=str)
    except UnicodeDecodeError as error:
        line = files.line_at(body, error.start)
        raise _fault(line, "This is not UTF-8 text. Save the file as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise _fault(error.lineno, f"This is not valid JSON ({error.msg}). Correct it.") from None
    except RecursionError:
        raise _fault(1, "The values are nested too deeply to be read. Flatten them.") from None
    text = b"(" + body + b")"
    root = _root(text)
    if not isinstance(value, dict):
        raise _fault(syntax.line(root), "The file must hold one JSON object. Put its content in { }.")
    if constants:
        # The first constant that Python's json takes and JSON has not: all else in it is a literal.
        found = next(node for node in syntax.walk(root) if node.type == "identifier")
        raise _fault(syntax.line(found), f"{constants[0]} is not valid JSON. Write a number or null.")
    return text


def _fault(line: int, problem: str) -> UserError:
    """Return the error for what is wrong on a line."""
    return UserError(f"package.json:{line}: {problem}")


def _root(text: bytes) -> Node:
    """Return the node of the document's value."""
    return syntax.parse(text).named_children[0].named_children[0].named_children[0]


def _key(pair: Node) -> Node:
    return pair.named_children[0]


def _value(pair: Node) -> Node:
    return pair.named_children[1]


def _entries(node: Node) -> dict[str, Node]:
    """Return an object's pairs by key."""
    entries: dict[str, Node] = {}
    for pair in node.named_children:
        name = json.loads(_key(pair).text or b"")
        if name in entries:
            first = syntax.line(entries[name])
            raise _fault(
                syntax.line(pair), f"{json.dumps(name)} is on line {first} already. Keep one of the two."
            )
        entries[name] = pair
    return entries


def _section(root: Node, section: str) -> dict[str, Node]:
    """Return the pairs of one of the document's sections by key; none where there is no such section."""
    pair = _entries(root).get(section)
    if pair is None:
        return {}
    if _value(pair).type != "object":
        raise _fault(syntax.line(pair), f'"{section}" must be an object. Write {{ }} or remove it.')
    return _entries(_value(pair))


def _named(text: bytes) -> set[str]:
    """Return every package that the dependency sections name."""
    root = _root(text)
    return {package for section in _DEPENDENCIES for package in _section(root, section)}


def _npm_order(package: str) -> str:
    return package.lower().translate(_PUNCTUATION)


def _add(text: bytes, section: str, name: str, value: str) -> bytes:
    """Add an entry to a section, and the section above the (other) dependency sections if there is none."""
    root = _root(text)
    keys = list(_entries(root))
    if section not in keys:
        at = next((index for index, key in enumerate(keys) if key in _DEPENDENCIES), len(keys))
        text = _insert(text, root, at, section, b"{}")
        root = _root(text)
    node = _value(_entries(root)[section])
    names = [_npm_order(key) for key in _entries(node)]
    at = len(names)
    if section == "dependencies" and names == sorted(names):
        at = bisect(names, _npm_order(name))
    return _insert(text, node, at, name, _json(value))


def _json(value: str) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _insert(text: bytes, node: Node, at: int, key: str, value: bytes) -> bytes:
    """Insert a pair as an object's `at`-th, with the white space that the text itself uses."""
    pairs = node.named_children
    parent = node.parent.parent if node.parent and node.parent.type == "pair" else None
    spaced = pairs or (parent.named_children if parent else [])
    colon = _usual([text[_key(pair).end_byte : _value(pair).start_byte] for pair in spaced]) or b": "
    entry = _json(key) + colon + value
    if not pairs:
        before, after = _padding(text, node, parent)
        at, entry = node.start_byte + 1, before + entry + after
    else:
        glue = _usual([text[one.end_byte : other.start_byte] for one, other in pairwise(pairs)])
        if not glue:
            glue = b"," + (_lead(text, node) or (b" " if colon.endswith(b" ") else b""))
        at, entry = (pairs[at - 1].end_byte, glue + entry) if at else (pairs[0].start_byte, entry + glue)
    return text[:at] + entry + text[at:]


def _padding(text: bytes, node: Node, parent: Node | None) -> tuple[bytes, bytes]:
    """Return the white space to put before and after the first entry of an empty object."""
    newline = b"\r\n" if b"\r\n" in text else b"\n"
    inner = text[node.start_byte + 1 : node.end_byte - 1]
    outer = _lead(text, parent) if parent else b"\n  "
    unit = outer.rpartition(b"\n")[2] if b"\n" in outer else b"  "
    if b"\n" in inner:
        return newline + inner.rpartition(b"\n")[2] + unit, b""
    if inner or b"\n" not in outer:
        return inner, b""
    indent = unit if parent else b""
    return newline + indent + unit, newline + indent


def _lead(text: bytes, node: Node) -> bytes:
    """Return the white space between an object's brace and its first pair."""
    return text[node.start_byte + 1 : node.named_children[0].start_byte]


def _usual(samples: Sequence[bytes]) -> bytes:
    """Return the most frequent sample, of equally frequent ones the shortest; nothing if there is none."""
    counts = Counter(samples)
    return min(counts, key=lambda sample: (-counts[sample], len(sample)), default=b"")
