"""What `src/extensions.ts` hands to the app: through `app().use(…)`, lists, loops, functions and barrels.

The Wix build (@wix/astro 2.74.0) loads `src/extensions.ts` and reads `.extensions` of its default export, so what
counts is the code that fills that export.
"""

from __future__ import annotations

from typing import NamedTuple

from tree_sitter import Node

from .extensions import Extensions
from .modules import Member, Module
from .syntax import (
    FUNCTIONS,
    MEMBERS,
    NAMES,
    VARIABLES,
    globbed,
    line,
    member_name,
    member_root,
    names_in,
    text,
)
from .values import Value, Values

# What registers nothing by itself: a declaration counts only where something that is run refers to it.
_IDLE = VARIABLES | FUNCTIONS | {"import_statement", "export_statement", "class_declaration", "comment"}


class _Step(NamedTuple):
    """An expression that is handed to the app, or leads to what is.

    It is direct as an argument of `.use()` or a list's item, and scoped in a function or a loop.
    """

    module: Module
    node: Node
    direct: bool = False
    scoped: bool = False


class Chain:
    """Follows one `src/extensions.ts`.

    Attributes:
        calls: Every call that makes an extension and is handed to the app, by file and first byte.
        names: The names in `src/extensions.ts` by which something is handed to the app.
        namespaces: The modules of which everything is handed to the app, by path: those behind a loop or a spread.
    """

    def __init__(self, main: Module, values: Values, extensions: Extensions) -> None:
        """Follow a file's default export, and note the problems met."""
        self._main = main
        self._values = values
        self._extensions = extensions
        self._direct: dict[tuple[str, int], list[tuple[str, int, str]]] = {}
        self._looped: set[tuple[str, int]] = set()
        self.calls: dict[tuple[str, int], Value] = {}
        self.names: set[str] = set()
        self.namespaces: dict[str, Module] = {}
        self._follow()
        self._check_repeats()

    def _follow(self) -> None:
        steps, seen = self._starts(), set[tuple[str, int]]()
        while steps:
            step = steps.pop()
            if (step.module.path, step.node.id) in seen:
                continue
            seen.add((step.module.path, step.node.id))
            if step.node.type == "call_expression" and self._extensions.kind(step.module, step.node):
                self._add(Value(step.module, step.node))
            elif step.node.type in NAMES or step.node.type in MEMBERS:
                steps += self._named(step)
            elif patterns := globbed(step.node):
                steps += self._matching(step, patterns)
            else:
                steps += reversed(_inside(step))

    def _starts(self) -> list[_Step]:
        """Return what the file exports, and the statements that fill it."""
        main = self._main
        if "default" not in main.exports and not main.root.has_error:
            message = (
                "Has no default export, so the Wix build stops: write the chain as `export default app()…`."
            )
            self._values.files.problem(main.path, 1, message)
        steps: list[_Step] = []
        for name in ("default", "extensions"):
            export = main.exports.get(name)
            if isinstance(export, Node):
                steps.append(_Step(main, export))
            elif export and isinstance(value := self._values.exported(main, name), Value) and value.node:
                steps.append(_Step(value.module, value.node))
        # The variables and functions of the file, with the code that each stands for.
        own = {
            name: local.object if isinstance(local, Member) else local for name, local in main.locals.items()
        }
        filled = own.keys() & names_in((step.node for step in steps), own)
        others = {name: own[name] for name in own.keys() - filled}
        for statement in main.root.named_children:
            if statement.type not in _IDLE and (not steps or filled & names_in([statement], others)):
                steps.append(_Step(main, statement))
        return steps

    def _named(self, step: _Step) -> list[_Step]:
        """Follow a name or a member."""
        module, node, direct, scoped = step
        start = member_root(node)
        if module is self._main:
            self.names.add(text(start))
        value = self._values.follow(module, node) if start.type != "call_expression" else None
        if value is None and node.type in MEMBERS:
            return [_Step(module, start, False, scoped)]
        if value is None and direct and not scoped:
            self._check_name(module, node)
        if not isinstance(value, Value):
            return []
        if value.node is not None:
            return self._handed(step, [value], looped=False)
        self.namespaces[value.module.path] = value.module
        return self._handed(step, self._values.all_exported(value), looped=True)

    def _matching(self, step: _Step, patterns: list[str]) -> list[_Step]:
        """Follow all that the files that `import.meta.glob()` takes in export."""
        steps = []
        for path in self._values.files.matching(step.module.path, patterns):
            if module := self._values.load(path, wanted=b"extensions"):
                steps += self._handed(step, self._values.all_exported(Value(module, None)), looped=True)
        return steps

    def _handed(self, step: _Step, values: list[Value], looped: bool) -> list[_Step]:
        """Note the extensions among some values; return the others as steps."""
        module, node, direct, scoped = step
        steps = []
        for value in values:
            if value.node is None:
                continue
            if value.node.type == "call_expression" and self._extensions.kind(value.module, value.node):
                place = (value.module.path, value.node.start_byte)
                if looped:
                    self._looped.add(place)
                elif direct:
                    self._direct.setdefault(place, []).append((module.path, line(node), text(node)))
                self._add(value)
            else:
                steps.append(_Step(value.module, value.node, False, scoped))
        return steps

    def _add(self, value: Value) -> None:
        if value.node is not None:
            self.calls[(value.module.path, value.node.start_byte)] = value

    def _check_name(self, module: Module, node: Node) -> None:
        """Note a name that is handed to the app but that nothing in its file defines."""
        name = text(node)
        if name not in module.imports and name not in module.locals and not module.root.has_error:
            message = f"Registers {name}, which nothing here imports or defines: add its import or remove it."
            self._values.files.problem(module.path, line(node), message)

    def _check_repeats(self) -> None:
        """Note what is handed to the app twice."""
        for place, uses in self._direct.items():
            for path, row, name in sorted(uses)[0 if place in self._looped else 1 :]:
                message = f"Registers {name} again, which Wix then lists without its event: remove this one."
                self._values.files.problem(path, row, message)


def _inside(step: _Step) -> list[_Step]:
    """Return the expressions in one that is neither a name nor an extension."""
    module, node, _, scoped = step
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    uses = function is not None and member_name(function) == "use"
    scoped = scoped or node.type in FUNCTIONS or node.type.startswith("for_")
    steps = []
    for child in node.named_children:
        if child.type == "arguments":
            steps += [_Step(module, item, uses, scoped) for item in child.named_children]
        elif child.type == "pair":
            item = child.child_by_field_name("value")
            steps += [_Step(module, item, False, scoped)] if item else []
        elif not child.type.startswith("type_"):
            steps.append(_Step(module, child, node.type == "array", scoped))
    return steps
