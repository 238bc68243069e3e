"""Parse TypeScript, and the JSON that it contains, and find one's way in the syntax tree.

The only module that knows the parser. Node types are those of the grammar in tree-sitter-typescript 0.23
(`typescript/src/node-types.json` there).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

_TYPESCRIPT = Language(tree_sitter_typescript.language_typescript())
_TSX = Language(tree_sitter_typescript.language_tsx())

BOM = b"\xef\xbb\xbf"

# What stands around an expression and changes nothing of what it stands for.
WRAPPERS = frozenset(
    {
        "as_expression",
        "await_expression",
        "non_null_expression",
        "parenthesized_expression",
        "satisfies_expression",
        "type_assertion",
    }
)

# References to a value by its name.
NAMES = frozenset({"identifier", "shorthand_property_identifier"})

MEMBERS = frozenset({"member_expression", "subscript_expression"})

FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    }
)

LOOPS = frozenset({"do_statement", "for_in_statement", "for_statement", "while_statement"})

VARIABLES = frozenset({"lexical_declaration", "variable_declaration"})

# What holds names of types only.
TYPES = frozenset({"interface_declaration", "type_alias_declaration", "type_annotation", "type_arguments"})


class Import(NamedTuple):
    """One binding that an import statement makes.

    Attributes:
        binding: The local name.
        imported: The exported name it stands for: "default", "*" or a named export.
        specifier: The module specifier, without its quotes.
        type_only: Whether it imports a type, which no code can use.
        statement: The import statement's node.
        node: The part of the statement that makes the binding.
    """

    binding: str
    imported: str
    specifier: str
    type_only: bool
    statement: Node
    node: Node


def parse(source: bytes, tsx: bool = False) -> Node:
    """Parse TypeScript source.

    Args:
        source: UTF-8 bytes of the file, with or without a byte-order mark.
        tsx: Whether the file may hold JSX, as `.tsx`, `.jsx`, `.js` and `.mjs` do.

    Returns:
        The program's node, whose `has_error` tells whether the source is broken.
    """
    return Parser(_TSX if tsx else _TYPESCRIPT).parse(source).root_node


def parse_json(source: bytes) -> Node | None:
    """Parse JSON with comments and trailing commas, as in tsconfig.json.

    Args:
        source: UTF-8 bytes, with or without a byte-order mark.

    Returns:
        The value's node, None where there is none. Its offsets count one byte more than the source has, behind
        the mark: the parenthesis that makes the value an expression.
    """
    statements = parts(parse(b"(" + source.removeprefix(BOM) + b"\n)"))
    inner = parts(statements[0]) if statements else []
    if not inner or inner[0].type != "parenthesized_expression":
        return None
    return next(iter(parts(inner[0])), None)


def text(node: Node) -> str:
    """Return the source text of a node."""
    return (node.text or b"").decode(errors="replace")


def line(node: Node) -> int:
    """Return the line on which a node starts, from 1."""
    return node.start_point.row + 1


def first_error(node: Node) -> Node:
    """Return the first place below a node that does not parse, the node itself if all does."""
    while found := next((child for child in node.children if child.has_error or child.is_missing), None):
        node = found
    return node


def walk(node: Node, skip: Collection[str] = (), but: Collection[int] = ()) -> Iterator[Node]:
    """Yield a node and all below it in order.

    Args:
        node: Where to start.
        skip: Types of nodes to leave out, with all below them.
        but: Ids of nodes to leave out, with all below them.
    """
    stack = [node]
    while stack:
        node = stack.pop()
        if node.type not in skip and node.id not in but:
            yield node
            stack += reversed(node.children)


def names_in(nodes: Iterable[Node], values: Mapping[str, Node]) -> set[str]:
    """Return the names in nodes, and in the values of those names."""
    found: set[str] = set()
    stack = list(nodes)
    while stack:
        for node in walk(stack.pop(), TYPES):
            if node.type in NAMES and (name := text(node)) not in found:
                found.add(name)
                if name in values:
                    stack.append(values[name])
    return found


def parts(node: Node) -> list[Node]:
    """Return the named children of a node, comments left out."""
    return [child for child in node.named_children if child.type != "comment"]


def arguments(call: Node) -> list[Node]:
    """Return what a call is given, comments left out."""
    given = call.child_by_field_name("arguments")
    return parts(given) if given is not None else []


def unwrap(node: Node) -> Node:
    """Return an expression without parentheses, casts and `await` around it."""
    while node.type in WRAPPERS and (inner := parts(node)):
        node = inner[-1] if node.type == "type_assertion" else inner[0]
    return node


def string(node: Node) -> str | None:
    """Return the value of a string or of a template without substitutions; None for escapes and all else."""
    if node.type not in ("string", "template_string") or node.has_error:
        return None
    if any(part.type != "string_fragment" for part in node.named_children):
        return None
    return text(node)[1:-1]


def name_of(node: Node) -> str:
    """Return a name that may be written as a string: a key, an imported or an exported name."""
    return string(node) or text(node)


def entries(node: Node | None) -> dict[str, Node]:
    """Return the values of an object literal by key, computed keys left out; none for any other node."""
    found = {}
    for entry in node.named_children if node is not None and node.type == "object" else []:
        key, value = entry.child_by_field_name("key"), entry.child_by_field_name("value")
        if key is not None and value is not None and key.type != "computed_property_name":
            found[name_of(key)] = value
    return found


def member_name(node: Node) -> str | None:
    """Return the member that an expression such as `a.b` or `a["b"]` names, None where it is computed."""
    name = node.child_by_field_name("property")
    if name is not None:
        return text(name)
    index = node.child_by_field_name("index")
    return string(index) if index is not None else None


def member_root(node: Node) -> Node:
    """Return what a chain of members starts from: `a` of `a.b["c"]`."""
    while node.type in MEMBERS and (base := node.child_by_field_name("object")):
        node = base
    return node


def source_of(statement: Node) -> Node | None:
    """Return the string that names the module of an import or a re-export."""
    return statement.child_by_field_name("source")


def is_import_call(node: Node) -> bool:
    """Tell whether a node is a call of `import()`."""
    callee = node.child_by_field_name("function") if node.type == "call_expression" else None
    return callee is not None and callee.type == "import"


def dynamic_import(node: Node) -> str | None:
    """Return what `import("./x")` names; None for any other node and where it is computed."""
    given = arguments(node) if is_import_call(node) else []
    return string(given[0]) if given else None


def globbed(node: Node) -> list[str]:
    """Return the patterns of a call of Vite's `import.meta.glob()`, none for any other node."""
    callee = node.child_by_field_name("function") if node.type == "call_expression" else None
    holder = callee.child_by_field_name("object") if callee is not None else None
    if callee is None or holder is None or holder.type != "meta_property" or member_name(callee) != "glob":
        return []
    given = arguments(node)[:1]
    items = parts(given[0]) if given and given[0].type == "array" else given
    return [pattern for item in items if (pattern := string(item)) is not None]


def imports(root: Node) -> Iterator[Import]:
    """Yield every binding that the import statements at the top level of a file make, in order."""
    for statement in root.children:
        source = source_of(statement)
        if statement.type != "import_statement" or source is None:
            continue
        specifier = text(source)[1:-1]
        typed = _is_typed(statement)
        clauses = [child for child in statement.named_children if child.type == "import_clause"]
        for node in clauses[0].named_children if clauses else []:
            if node.type == "identifier":
                yield Import(text(node), "default", specifier, typed, statement, node)
            elif node.type == "namespace_import":
                yield Import(text(node.named_children[-1]), "*", specifier, typed, statement, node)
            elif node.type == "named_imports":
                for item in node.named_children:
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    if item.type == "import_specifier" and name is not None:
                        yield Import(
                            text(alias or name),
                            name_of(name),
                            specifier,
                            typed or _is_typed(item),
                            statement,
                            item,
                        )


def _is_typed(node: Node) -> bool:
    """Tell whether an import or one of its names is marked as one of types."""
    return any(child.type in ("type", "typeof") for child in node.children)


def declaration(statement: Node) -> Node:
    """Return the declaration in an export or an ambient statement, or the statement itself."""
    while statement.type in ("export_statement", "ambient_declaration"):
        inner = next((part for part in statement.named_children if part.type.endswith("_declaration")), None)
        if inner is None:
            break
        statement = inner
    return statement


def declarators(statement: Node) -> list[Node]:
    """Return the declarators of a `const`, `let` or `var`, exported or not; none for another statement."""
    inner = declaration(statement)
    if inner.type not in VARIABLES:
        return []
    return [child for child in inner.named_children if child.type == "variable_declarator"]
