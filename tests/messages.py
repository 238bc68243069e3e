"""The messages that the code has, and those that docs/errors.md lists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from wix import ROOT

PACKAGE = ROOT / "extensions/wix_events"
DOC = (ROOT / "docs/errors.md").read_text()
OWN = "Copier's own messages"
# What makes a message of a text: an error, a note at the end of a run …
MAKERS = ("Error", "problem", "notes.append")
# … or one of these names, where the text comes first and is handed on.
BOUND = {"problem", "message", "remedy"}


def text_of(node: ast.AST) -> str | None:
    """Return what is written in a text or an f-string, with `…` for what it leaves open; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "…" for part in node.values)
    return None


def is_message(text: str | None) -> bool:
    """Tell whether a text has words enough."""
    return text is not None and len(re.findall("[A-Za-z]+", text)) > 3


def handed_over(node: ast.AST) -> list[ast.expr]:
    """Return what a node makes a message of, if it does."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(MAKERS):
        return [*node.args, *(keyword.value for keyword in node.keywords)]
    if isinstance(node, ast.Assign) and any(ast.unparse(target) in BOUND for target in node.targets):
        return [node.value]
    return []


def messages() -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each message; what only the check finds is in docs/checks.md, by its code."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if re.match(r"reader/|commands/check/|leftovers", path.relative_to(PACKAGE).as_posix()):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            for text in map(text_of, handed_over(node)):
                if text and is_message(text):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", text  # type: ignore[attr-defined]


def written() -> Iterator[str]:
    """Yield every text of the package and of the script that tries events, those of messages among them."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if text := text_of(node):
                yield text
    (script,) = (ROOT / "template").rglob("event.mjs*")
    for text in re.findall(r"`((?:[^`\\]|\\.)*)`", script.read_text()):
        yield re.sub(r"\$\{[^}]*\}", "…", text.replace("\\`", "`").replace("\\n", " "))


def rows() -> dict[str, tuple[str, str]]:
    """Return the messages of the document's tables, each with its section and, if it is the check's, its code."""
    found: dict[str, tuple[str, str]] = {}
    for section in re.split(r"^## ", DOC, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        lines = [line.strip("| ") for line in body.splitlines() if line.startswith("|")][2:]
        for cells in (re.split(r"\s*\|\s*", line) for line in lines):
            assert all(cells), f"an empty cell: {cells}"
            *code, message, _, _ = cells
            message = re.sub(r"^(`+) ?(.*?) ?\1$", r"\2", message)
            assert message not in found, f"listed twice: {message}"
            found[message] = title, "".join(code).strip("`")
    return found


def canonical(text: str) -> str:
    """Return a text as it is compared: the check makes a sentence of its own of what follows a colon in the reader's."""
    return re.sub(r"[.:;,]+(?=\s|$)", "", " ".join(text.split())).lower()


def pattern(text: str) -> re.Pattern[str]:
    """Return what a text looks like, whatever it leaves open."""
    return re.compile(".*".join(map(re.escape, canonical(text).split("…"))))


ROWS = rows()
LISTED = [row for row, (section, _) in ROWS.items() if section != OWN]
