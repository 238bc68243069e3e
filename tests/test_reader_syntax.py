"""Finding one's way in a syntax tree."""

from __future__ import annotations

import pytest
from tree_sitter import Node
from wix_events.reader import syntax


def expression(source: str) -> Node:
    """Return the expression that a statement consists of."""
    return syntax.parse(source.encode()).named_children[0].named_children[0]


@pytest.mark.parametrize(
    "source",
    ["x", "(x)", "(/* y */ x)", "x!", "(x as Y)", "(<Y>x)", "(await x) satisfies Y", "(((x)) as any)!"],
)
def test_casts_parentheses_and_await_are_taken_off(source: str) -> None:
    assert syntax.text(syntax.unwrap(expression(source))) == "x"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("'a'", "a"),
        ('"a b"', "a b"),
        ("`a`", "a"),
        ("''", ""),
        ("`${a}`", None),
        ("'\\x41'", None),
        ("a", None),
    ],
)
def test_string_is_what_is_written_out(source: str, value: str | None) -> None:
    assert syntax.string(expression(source)) == value


@pytest.mark.parametrize(
    ("source", "name"), [("a.b", "b"), ("a['b']", "b"), ("a?.b", "b"), ("a[b]", None), ("a[0]", None)]
)
def test_member_is_named_however_it_is_written(source: str, name: str | None) -> None:
    assert syntax.member_name(expression(source)) == name


def test_every_binding_of_an_import_is_yielded() -> None:
    source = (
        b'import type A from "a"; import b, { type c, d as e, "x-y" as f } from "./b";\n'
        b"import * as g from 'g'; import 'h'; import i = require('i'); import {} from 'j';"
    )
    assert [item[:4] for item in syntax.imports(syntax.parse(source))] == [
        ("A", "default", "a", True),
        ("b", "default", "./b", False),
        ("c", "c", "./b", True),
        ("e", "d", "./b", False),
        ("f", "x-y", "./b", False),
        ("g", "*", "g", False),
    ]


def test_json_is_read_with_comments_and_trailing_commas() -> None:
    node = syntax.parse_json(b'\xef\xbb\xbf// c\n{ "a": [1, /* d */], "b": { "c": "e" }, } // f')
    entries = syntax.entries(node)
    assert list(entries) == ["a", "b"]
    assert syntax.string(syntax.entries(entries["b"])["c"]) == "e"
    assert syntax.parse_json(b"") is None


def test_first_error_is_the_innermost() -> None:
    tree = syntax.parse(b"const a = 1;\n\nconst b = (;\n")
    assert syntax.line(syntax.first_error(tree)) == 3
