"""docs/architecture.md says what the code is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import wix_events
from wix import ROOT

PACKAGE = ROOT / "extensions/wix_events"
DOC = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
# All stand on these.
GROUND = {"names", "files", "errors"}

Arrows = Mapping[str, set[str]]


def unit_of(path: Path) -> str:
    """Return the module or subpackage of the package that a file is, or belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> Iterator[str]:
    """Yield the modules and subpackages of the package that a file imports."""
    folder = path.relative_to(PACKAGE).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            start = folder[: len(folder) - node.level + 1]
            target = (*start, *(node.module or "").split(".")) if node.module else start
            yield from target[:1] or (alias.name for alias in node.names)


def in_code() -> Arrows:
    """Return which unit of the package imports which others."""
    arrows: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        unit = unit_of(path)
        arrows.setdefault(unit, set()).update(set(imported(path)) - {unit})
    return arrows


def drawn() -> Arrows:
    """Return the arrows of the drawing, of which a line may have several."""
    drawing = DOC.split("## Who imports whom")[1].split("```mermaid\n")[1].split("```")[0]
    lines = re.findall(r"^ +(\w+) --> (.*)$", drawing, re.MULTILINE)
    assert len(dict(lines)) == len(lines), "one line for each module"
    return {source: set(targets.split(" & ")) for source, targets in lines}


def reached(arrows: Arrows, start: str) -> set[str]:
    """Return all that can be reached over arrows."""
    seen: set[str] = set()
    ways = [*arrows.get(start, ())]
    while ways:
        unit = ways.pop()
        if unit not in seen:
            seen.add(unit)
            ways += arrows.get(unit, ())
    return seen


def shortest(arrows: Arrows) -> str:
    """Return the lines of a drawing in which no arrow follows from others."""
    lines = []
    for unit, targets in sorted(arrows.items()):
        left = targets - GROUND
        left -= {target for other in left for target in reached(arrows, other)}
        if left and unit not in GROUND:
            lines.append(f"  {unit} --> {' & '.join(sorted(left))}")
    return "\n".join(lines)


def test_no_imports_lead_round_in_a_circle() -> None:
    arrows = in_code()
    assert [unit for unit in arrows if unit in reached(arrows, unit)] == []


def test_the_drawing_shows_the_imports() -> None:
    code, drawing = in_code(), drawn()
    made_up = {
        f"{unit} --> {target}"
        for unit, targets in drawing.items()
        for target in targets - code.get(unit, set())
    }
    missing = {
        f"{unit} --> {target}"
        for unit, targets in code.items()
        if unit not in GROUND
        for target in targets - reached(drawing, unit) - GROUND
    }
    assert (made_up, missing) == (set(), set()), f"Draw this:\n{shortest(code)}"


def test_what_all_stand_on_imports_nothing_above_it() -> None:
    assert {target for unit in GROUND for target in in_code()[unit]} <= GROUND


def test_every_module_has_its_line() -> None:
    table = DOC.split("In the package")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(in_code())


def test_whatever_copier_may_call_is_called() -> None:
    files = [
        ROOT / "copier.yml",
        *(path for path in (ROOT / "template").rglob("*") if path.suffix == ".jinja"),
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    offered = {name for functions in wix_events.offered() for name in functions}
    assert [name for name in offered if not re.search(rf"\b{name}\b", text)] == []


def test_the_files_that_it_names_are_there() -> None:
    named = re.findall(r"`([\w/]+\.(?:py|yml))`", DOC)
    assert [name for name in named if not (ROOT / name).exists() and not (PACKAGE / name).exists()] == []
    links = re.findall(r"\]\(([^)#]+)\)", DOC)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
