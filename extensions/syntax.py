"""Parse TypeScript for the scripts that edit an app.

`app.py` has the same two functions: a Jinja extension imports no sibling, and to import it costs a script all of Jinja.
"""

from __future__ import annotations

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Tree

_TYPESCRIPT = Language(tree_sitter_typescript.language_typescript())


def parse(source: bytes) -> Tree:
    """Parse TypeScript source without JSX.

    Args:
        source: UTF-8 bytes of the file, with or without a byte-order mark.

    Returns:
        The syntax tree; `tree.root_node.has_error` tells whether the source is broken.
    """
    return Parser(_TYPESCRIPT).parse(source)


def text(node: Node) -> str:
    """Return the source text of a node."""
    return (node.text or b"").decode()
