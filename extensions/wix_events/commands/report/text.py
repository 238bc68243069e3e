"""The report as text: for a terminal, and as Markdown for a job summary or a pull request."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence

from ... import catalogue
from ...message import count
from ...terminal import printable
from ..app import Event
from .fleet import App

_HEADS = ("App", "Version", "Events", "Not registered", "Findings", "Scopes to grant", "Deprecated in use")
# What Markdown, or the pipes of a GitHub table, would take for more than text.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~@:-])")


def summary(apps: Sequence[App]) -> str:
    """Say in a sentence how many apps, events and faults there are."""
    events = sum(len(app.events) for app in apps)
    parts = [f"{count(len(apps), 'app')}, {count(events, 'event')}"]
    for number, what in (
        (sum(app.standing.is_behind for app in apps), "behind"),
        (sum(bool(app.unregistered) for app in apps), "with a handler that is not registered"),
        (sum(bool(app.findings) for app in apps), "with findings"),
        (sum(bool(app.deprecated) for app in apps), "with a deprecated event"),
    ):
        if number:
            parts.append(f"{number} {what}")
    return "; ".join(parts) + "."


def deprecation(event: Event) -> str:
    """Say of a deprecated event until when the SDK has it, and what replaces it, as far as it tells."""
    return f"{event.key}: {catalogue.deprecation(event.key or '')}"


def table(apps: Sequence[App]) -> Iterator[str]:
    """Yield the lines for a terminal: a table, then what does not fit into one."""
    rows = [
        (
            printable(app.name),
            printable(str(app.standing)),
            str(len(app.events)),
            str(len(app.unregistered) or ""),
            ", ".join(f"{number} {kind}" for kind, number in app.findings.items()),
            str(len(app.scopes) or ""),
            str(len(app.deprecated) or ""),
        )
        for app in apps
    ]
    widths = [max(map(len, column)) for column in zip(_HEADS, *rows, strict=True)]
    for row in (_HEADS, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield from _section("Not registered", apps, lambda app: [event.name for event in app.unregistered])
    yield from _section(
        "Scopes to grant", apps, lambda app: [f"{name} ({id_})" for id_, name in app.scopes.items()]
    )
    yield from _section("Deprecated in use", apps, lambda app: list(map(deprecation, app.deprecated)))
    yield ""
    yield summary(apps)


def _section(title: str, apps: Sequence[App], things: Callable[[App], list[str]]) -> Iterator[str]:
    """Yield what some apps have, the apps that have the same together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for app in apps:
        if found := tuple(map(printable, things(app))):
            groups.setdefault(found, []).append(printable(app.name))
    if groups:
        yield from ("", title)
    for found, names in groups.items():
        yield f"  {', '.join(names)}:"
        yield from (f"    {thing}" for thing in found)


def markdown(apps: Sequence[App]) -> Iterator[str]:
    """Yield the lines of a GitHub table, below a sentence that sums it up."""
    yield "## Backend events"
    yield ""
    yield summary(apps)
    yield ""
    yield f"| {' | '.join(_HEADS)} |"
    yield f"| {' | '.join('---:' if head == 'Events' else '---' for head in _HEADS)} |"
    for app in apps:
        cells = (
            f"**{escape(app.name)}**",
            escape(str(app.standing)),
            str(len(app.events)),
            "<br>".join(escape(event.name) for event in app.unregistered),
            "<br>".join(f"{number} {escape(kind)}" for kind, number in app.findings.items()),
            "<br>".join(f"{escape(name)} ({escape(id_)})" for id_, name in app.scopes.items()),
            "<br>".join(escape(deprecation(event)) for event in app.deprecated),
        )
        yield f"| {' | '.join(cells)} |"


def escape(text: str) -> str:
    """Write text so that Markdown shows it as it is and makes nothing of it."""
    # As entities: a backslash before a pipe would not hold in every renderer.
    return _MARKUP.sub(lambda found: f"&#{ord(found[1])};", html.escape(printable(text), quote=False))
