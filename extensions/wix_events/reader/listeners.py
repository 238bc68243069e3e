"""Which event a handler listens to: the SDK's listener call that it default-exports.

The Wix build (@wix/astro 2.74.0) takes the default export of the file that an event's `source` names, and stops
where that is no listener call.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tree_sitter import Node

from .modules import From, Module
from .syntax import FUNCTIONS, MEMBERS, NAMES, line
from .values import External, Value, Values

_LISTENER = re.compile(r"on[A-Z]\w*\Z")
_EXAMPLE = "`export default contacts.onContactCreated(…)`"


class Listener(NamedTuple):
    """An SDK listener call.

    Attributes:
        event: Key of the event that it listens to: `crm.contacts.onContactCreated`.
        package: The package that publishes the event: `@wix/crm`.
        file: File that holds the call.
        line: Its line there, from 1.
    """

    event: str
    package: str
    file: str
    line: int


def find_listener(values: Values, handler: str) -> Listener | None:
    """Return the listener call that a handler default-exports; note a problem if there is not one."""
    module = values.load(handler)
    if module is None or (module.root.has_error and "default" not in module.exports):
        return None
    export = module.exports.get("default")
    if export is None:
        message = f"Has no default export, so the Wix build stops: write the listener call as {_EXAMPLE}."
        values.files.problem(handler, 1, message)
        return None
    value = values.exported(module, "default")
    found: dict[str, Listener] = {}
    if isinstance(value, Value) and value.node is not None:
        # A wrapper's own code is looked into only where its arguments hold no listener.
        found = _calls(values, value, deep=False) or _calls(values, value, deep=True)
    if len(found) == 1:
        return next(iter(found.values()))
    message = f"Its default export holds no listener call that can be seen: write it as {_EXAMPLE}."
    if found:
        message = f"Its default export holds several listeners ({', '.join(sorted(found))}): keep one."
    values.files.problem(handler, line(export.statement if isinstance(export, From) else export), message)
    return None


def _calls(values: Values, value: Value, deep: bool) -> dict[str, Listener]:
    """Return the listener calls in an expression by event; deep looks into functions as well."""
    found: dict[str, Listener] = {}
    seen: set[tuple[str, int]] = set()
    nodes = [value]
    while nodes:
        module, node = nodes.pop()
        if node is None or (module.path, node.id) in seen or (node.type in FUNCTIONS and not deep):
            continue
        seen.add((module.path, node.id))
        children = node.named_children
        if node.type in NAMES or node.type in MEMBERS:
            target = values.follow(module, node)
            nodes += [target] if isinstance(target, Value) else []
            continue
        if node.type == "call_expression" and children:
            callee = values.follow(module, children[0])
            if isinstance(callee, External) and (listener := _listener(callee, module, node)):
                found.setdefault(listener.event, listener)
                continue
            children = children if deep else children[1:]
        nodes += [Value(module, child) for child in children]
    return found


def _listener(callee: External, module: Module, call: Node) -> Listener | None:
    """Return the listener that calling a package's member makes; None if that is not `<namespace>.on…`."""
    if len(callee.names) != 2 or not _LISTENER.match(callee.names[1]):
        return None
    parts = callee.specifier.split("/")
    package = "/".join(parts[: 2 if callee.specifier.startswith("@") else 1])
    event = ".".join((package.removeprefix("@wix/"), *callee.names))
    return Listener(event, package, module.path, line(call))
