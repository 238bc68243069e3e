"""The report as one page of HTML that asks no other address for anything."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...terminal import printable
from ..app import Event
from . import text
from .fleet import App

_FOLDER = Path(__file__).parent


def render(apps: Sequence[App]) -> str:
    """Write the page.

    Args:
        apps: What it shows, in this order at first.

    Returns:
        HTML, with whatever comes from an app escaped. The page's policy allows its own script and style and nothing else.
    """
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    texts = {_column(event): event.texts for app in apps for event in app.events}
    untitled = {"?": "Not told by the code"}
    return environment.get_template("page.html.jinja").render(
        rows=[(app, _cells(app)) for app in apps],
        columns=[
            (column, texts[column].get("title", untitled.get(column, "")), texts[column].get("deprecated"))
            for column in sorted(texts)
        ],
        summary=text.summary(apps),
        deprecation=text.deprecation,
        printable=printable,
        # The files beside this one, and as they are hashed.
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'",
    )


def _column(event: Event) -> str:
    """Return the column that an event is in."""
    return event.key or "?"


def _cells(app: App) -> dict[str, list[Event]]:
    """Return an app's events by column."""
    cells: dict[str, list[Event]] = {}
    for event in app.events:
        cells.setdefault(_column(event), []).append(event)
    return cells


def _hash(source: str) -> str:
    """Return a source as a Content-Security-Policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
