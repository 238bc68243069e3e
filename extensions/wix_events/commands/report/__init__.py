"""Many apps in one table: versions, events, faults, scopes and deprecated events; nothing is written.

`wix-events report DIR…` prints it for a terminal, or as Markdown, JSON, or a page of HTML.
"""

from __future__ import annotations

import argparse
import sys

from ...terminal import print_json, printable
from . import fleet, text
from .versions import Releases

_EXAMPLES = """\
examples:
  wix-events report apps/*                         a table in the terminal
  wix-events report . --format markdown >> "$GITHUB_STEP_SUMMARY"
  wix-events report apps --format html > report.html
  wix-events report apps --latest 1.4.0 --json     without a network

Exit code 0: no fault; 1: a fault in one of the apps; 2: wrong usage.
"""
_FORMATS = ("table", "markdown", "json", "html")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to a parser."""
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "apps",
        nargs="*",
        default=["."],
        metavar="DIR",
        help="an app's folder, or one that holds apps (default: this one)",
    )
    parser.add_argument("--format", choices=_FORMATS, default="table", help="how to print it")
    parser.add_argument(
        "--json", action="store_const", dest="format", const="json", help="the same as --format json"
    )
    parser.add_argument(
        "--latest", metavar="VERSION", help="the template's newest version, which is asked for otherwise"
    )


def run(options: argparse.Namespace) -> int:
    """Print the report.

    Args:
        options: What `add_arguments` has added.

    Returns:
        1 where a check has found a fault, else 0.

    Raises:
        UsageError: A folder is none, or the version is none.
    """
    releases = Releases(options.latest)
    named = fleet.named(fleet.find_apps(options.apps))
    apps = []
    for number, (name, path) in enumerate(named.items(), 1):
        _show(f"{number}/{len(named)} {name}")
        apps.append(fleet.look_at(path, name, releases))
    _show("")
    for address, said in releases.silent.items():
        note = f"{printable(address)} does not tell its versions: {printable(said)}"
        print(f"{note.rstrip('.')}. Name the newest with --latest.", file=sys.stderr)
    _write(options.format, apps)
    return 1 if any(app.findings for app in apps) else 0


def _write(kind: str, apps: list[fleet.App]) -> None:
    """Print the report in one of its formats."""
    if kind == "json":
        print_json({"apps": fleet.as_data(apps)})
    elif kind == "html":
        from . import page  # Jinja is needed for this one format.

        print(page.render(apps))
    else:
        for line in text.markdown(apps) if kind == "markdown" else text.table(apps):
            print(line)


def _show(text: str) -> None:
    """Say on a terminal what is being done, in place of what was said before."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{printable(text)[:78]}")
        sys.stderr.flush()
