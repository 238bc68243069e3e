"""How Prettier lays out a chain of calls and a list, as far as src/extensions.ts needs it.

From Prettier 3.10's `printMemberChain`, `isSimpleCallArgument` and `printArrayItems`. What is not covered
here (comments, functions, types in odd places) is not laid out anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tree_sitter import Node

from ..reader.syntax import parts, text, walk
from .chain import Chain, List, Registry
from .edits import Edit, apply, indent, line_end, line_start
from .prettier import Prettier
from .registration import ModuleOf, RegistrationError
from .source import Source
from .style import Style

# What may stand on the line in front of a chain or a list, and behind it.
_LEAD = re.compile(r"\s*(export default |(export )?(const|let|var) [\w$]+(: [\w$<>.\[\]]+)? = |[\w$.]+ = )?")
_LIST_LEAD = re.compile(_LEAD.pattern + r"((extensions|collections): )?")
_TAIL = re.compile(r"(( as| satisfies) [\w$.<>\[\]]+)*(;( /\*.*\*/)?|[,)])?")
_BROKEN_CALL = re.compile(r"(\.[\w$]+\()\n\s*(\S.*?),?\n\s*\)")
_FACTORY = re.compile(r"[A-Z]|[$_]+$")
_LITERALS = {"identifier", "this", "string", "number", "true", "false", "null", "undefined"}
_UNKNOWN = {"comment", "optional_chain"}


def laid_out(source: bytes, edits: Iterable[Edit], prettier: Prettier) -> bytes:
    """Edit a file as `edited` does, or as it is where it cannot be read.

    Args:
        source: The file.
        edits: What changes.
        prettier: The app's settings of Prettier.
    """
    try:
        file = Source(source, lambda _: None)
    except RegistrationError:
        return apply(source, edits)
    return edited(Registry(file), edits, Style(file, "", "", prettier=prettier), file.module_of).source.code


def edited(before: Registry, edits: Iterable[Edit], style: Style, module_of: ModuleOf) -> Registry:
    """Edit a file, and lay its chain or list out as Prettier would, if Prettier had laid out what was there.

    Args:
        before: What the file is.
        edits: What changes.
        style: Its style.
        module_of: Finds the app's file that a specifier in the edited file leads to.

    Returns:
        What the edited file is; beside the edits, white space and trailing commas of the chain or list may change.
    """
    after = Registry(Source(apply(before.source.code, edits), module_of))
    old = _printed(before, style)
    if old is None or before.source.code[old[0] : old[1]] != old[2]:
        return after
    new = _printed(after, style)
    if new is None or after.source.code[new[0] : new[1]] == new[2]:
        return after
    return Registry(Source(apply(after.source.code, [new]), module_of))


def _printed(registry: Registry, style: Style) -> Edit | None:
    """Return what Prettier makes of the place where events are added; None where that is not known."""
    code, place = registry.source.code, registry.place
    if isinstance(place, Chain):
        return _print_chain(code, place.top, style)
    return _print_list(code, place, style) if isinstance(place, List) else None


class _Margin(NamedTuple):
    """The line on which something starts: its indentation, what stands in front, and what stands behind."""

    base: str
    head: str
    tail: str


def _margin(code: bytes, start: int, end: int, lead: re.Pattern[str]) -> _Margin | None:
    """Look around an expression; None where more than the usual stands on its first or last line."""
    head = code[line_start(code, start) : start].decode()
    tail = re.sub(r"\s*//.*", "", code[end : line_end(code, end)].decode()).rstrip()
    if not lead.fullmatch(head) or not _TAIL.fullmatch(tail):
        return None
    return _Margin(indent(code, start), head, tail)


def _fits(style: Style, *parts_of_line: str) -> bool:
    return len("".join(parts_of_line).expandtabs(style.prettier.tab)) <= style.prettier.width


def _print_chain(code: bytes, top: Node, style: Style) -> Edit | None:
    """Print a chain of calls behind what it starts from."""
    if not _is_known(top):
        return None
    calls: list[Node] = []
    root = top
    while root.type == "call_expression" and (function := root.children[0]).type == "member_expression":
        calls.append(root)
        root = function.children[0]
    margin = _margin(code, root.start_byte, top.end_byte, _LEAD)
    blocks = [_block(code, call) for call in reversed(calls)]
    if margin is None or root.type not in {"identifier", "call_expression", "parenthesized_expression"}:
        return None
    if not all(block.startswith(".") and block[1:2].isalpha() for block in blocks):
        return None
    name = text(root)
    merged = root.type == "identifier" and bool(
        _FACTORY.match(name) or (not margin.head.strip() and len(name) <= style.prettier.tab)
    )
    count = len(calls) + (root.type == "call_expression")
    is_complex = any(not _is_simple(item) for call in calls for item in parts(call.children[-1]))
    forced = (count > 2 and is_complex) or any("\n" in block for block in blocks[:-1])
    head = margin.head + name
    indented = margin.base + style.unit
    if len(calls) <= (2 if merged else 1):
        front = "".join(blocks[:-1])
        printed = front + "".join(
            call_in_width(block, head + front, margin.base, margin.tail, style) for block in blocks[-1:]
        )
    elif not forced and _fits(style, head, *blocks[:-1], *(blocks[-1] + margin.tail).split("\n")[:1]):
        printed = "".join(blocks).replace("\n", "\n" + margin.base)
    else:
        printed = blocks.pop(0) if merged else ""
        for index, block in enumerate(blocks):
            tail = margin.tail if index == len(blocks) - 1 else ""
            printed += "\n" + indented + call_in_width(block, indented, indented, tail, style)
    return root.end_byte, top.end_byte, printed.replace("\n", style.newline).encode()


def _is_known(node: Node) -> bool:
    return not any(
        part.type in _UNKNOWN or (part.type == "template_string" and b"\n" in (part.text or b""))
        for part in walk(node)
    )


def _block(code: bytes, call: Node) -> str:
    """Return a call's `.name(…)`, its lines relative to the first one's, one line if it can be."""
    dot = call.children[0].children[1].start_byte
    margin = indent(code, dot)
    lines = code[dot : call.end_byte].decode().replace("\r\n", "\n").split("\n")
    block = "\n".join([lines[0], *(line.removeprefix(margin) for line in lines[1:])])
    found = _BROKEN_CALL.fullmatch(block)
    return f"{found[1]}{found[2]})" if found else block


def call_in_width(block: str, head: str, margin: str, tail: str, style: Style) -> str:
    """Print one call of a chain, with its argument on a line of its own if it does not fit."""
    if "\n" in block:
        return block.replace("\n", "\n" + margin)
    name, _, argument = block.partition("(")
    if argument == ")" or _fits(style, head, block, tail):
        return block
    comma = "," if style.prettier.commas == "all" else ""
    return f"{name}(\n{margin}{style.unit}{argument[:-1]}{comma}\n{margin})"


def _is_simple(node: Node, depth: int = 2) -> bool:
    """Tell whether Prettier takes an argument for a simple one."""
    if depth <= 0:
        return False
    inner = parts(node)
    if node.type in _LITERALS:
        return True
    if node.type == "object":
        return all(
            item.type == "shorthand_property_identifier"
            or (item.type == "pair" and _is_simple(item.children[-1], depth - 1))
            for item in inner
        )
    if node.type in {"array", "template_string", "template_substitution"}:
        return all(item.type == "string_fragment" or _is_simple(item, depth - 1) for item in inner)
    if node.type in {"call_expression", "new_expression"}:
        called, given = inner[0], parts(inner[-1])
        return (
            _is_simple(called, depth)
            and len(given) <= depth
            and all(_is_simple(item, depth - 1) for item in given)
        )
    if node.type in {"member_expression", "unary_expression", "non_null_expression"}:
        return _is_simple(inner[0], depth)
    return False


def print_array(code: bytes, array: Node, items: Sequence[str], style: Style) -> Edit | None:
    """Print a list by itself; None where it is not known how.

    Args:
        code: The source.
        array: The list.
        items: What it is to hold.
        style: The source's style.
    """
    margin = _margin(code, array.start_byte, array.end_byte, _LIST_LEAD)
    if margin is None or not _is_known(array) or any("\n" in item for item in items):
        return None
    printed = _list(items, margin, style).replace("\n", style.newline)
    return array.start_byte, array.end_byte, printed.encode()


def _print_list(code: bytes, place: List, style: Style) -> Edit | None:
    """Print a list, or the object around it where that stands on one line."""
    array, holder = place
    elements = [text(item) for item in place.elements]
    if holder is None or b"\n" in code[holder.start_byte : parts(holder)[0].start_byte]:
        return print_array(code, array, elements, style)
    margin = _margin(code, holder.start_byte, holder.end_byte, _LEAD)
    if margin is None or not _is_known(holder) or any("\n" in item for item in elements):
        return None
    flat = f"[{', '.join(elements)}]"
    entries = [(text(node), node.end_byte == array.end_byte) for node in parts(holder)]
    keys = [entry.partition("[")[0] + flat if is_list else entry for entry, is_list in entries]
    space = "" if text(holder)[1] != " " else " "
    printed = f"{{{space}{', '.join(keys)}{space}}}"
    if not _fits(style, margin.head, printed, margin.tail):
        inner = margin.base + style.unit
        printed = "{"
        for key, (_, is_list) in zip(keys, entries, strict=True):
            name = key.removesuffix(flat)
            value = _list(elements, _Margin(inner, inner + name, ","), style) if is_list else ""
            printed += f"\n{inner}{name + value if is_list else key},"
        printed = f"{_ended(printed, style)}\n{margin.base}}}"
    return holder.start_byte, holder.end_byte, printed.replace("\n", style.newline).encode()


def _list(items: Sequence[str], margin: _Margin, style: Style) -> str:
    flat = f"[{', '.join(items)}]"
    if _fits(style, margin.head, flat, margin.tail) or not items:
        return flat
    lines = "".join(f"\n{margin.base}{style.unit}{item}," for item in items)
    return f"[{_ended(lines, style)}\n{margin.base}]"


def _ended(lines: str, style: Style) -> str:
    """Return the lines of a list or an object, with or without the comma behind the last one."""
    return lines.removesuffix(",") if style.prettier.commas == "none" else lines
