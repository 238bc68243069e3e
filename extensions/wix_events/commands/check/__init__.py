"""Read an app and list what is wrong with its events; nothing is written.

The record, the files on disk, the registrations and the handlers are compared with one another. docs/checks.md explains
each code that a finding can have.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from ...findings import Report
from ...message import count
from ...terminal import Style, print_json, printable, stylist
from ..app import add_app_arguments
from . import code, events, extensions, once, project, records
from .inspection import Inspection

_EXAMPLES = """\
examples:
  wix-events check                 the app in this folder
  wix-events check apps/shop       another one
  wix-events check --json | jq -r '.[].code'
  wix-events check --answers-file .copier-answers.events.yml

Each line is FILE:LINE: CODE what is wrong. What to do.
A remark works as it is. Exit code 0: no fault; 1: a fault; 2: wrong usage.
"""


def check(root: Path | str, answers_files: Sequence[str] = ()) -> Report:
    """Return what is wrong in an app, see `inspect`."""
    app = inspect(root, answers_files)
    return Report(tuple(sorted(app.findings)), len(app.events), len(app.code.extensions))


def inspect(root: Path | str, answers_files: Sequence[str] = ()) -> Inspection:
    """Compare an app's record, files, registrations and handlers.

    Args:
        root: The app's folder.
        answers_files: The answers files to read, relative to it; all of this template's unless given.

    Returns:
        The app with what was found. What keeps a file from being read is a finding, too.
    """
    app = Inspection(Path(root))
    records.read_records(app, answers_files)
    code.check_leftovers(app)
    code.check_code(app)
    events.check_events(app)
    extensions.check_extensions(app)
    once.check_once(app)
    code.check_imports(app)
    records.check_recorded(app)
    project.check_manifest(app)
    return app


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `wix-events check`."""
    parser.epilog = _EXAMPLES
    add_app_arguments(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help="print a list of objects: file, line, code, remark, problem, remedy",
    )


def run(options: argparse.Namespace) -> int:
    """Print what was found.

    Args:
        options: What `add_arguments` declares.

    Returns:
        0 where there is no fault, else 1.
    """
    report = check(options.app, options.answers_file)
    if options.json:
        print_json([{**asdict(finding), "remark": finding.remark} for finding in report.findings])
    else:
        print("\n".join(_lines(report, stylist())))
    return 1 if report.faults else 0


def _lines(report: Report, style: Style) -> Iterator[str]:
    """Yield what is printed for people."""
    for finding in report.findings:
        place = f"{finding.file}:{finding.line}:"
        said = str(finding).removeprefix(f"{place} {finding.code}")
        code = style(finding.code, "yellow" if finding.remark else "red")
        yield f"{style(printable(place), 'bold')} {code}{printable(said)}"
    faults, remarks = len(report.faults), len(report.findings) - len(report.faults)
    app = f"{count(report.events, 'recorded event')}, {count(report.extensions, 'extension')} in all"
    found = [count(faults, "fault")] if faults else []
    found += [count(remarks, "remark")] if remarks else []
    if faults:
        yield style(f"Found {' and '.join(found)}: {app}.", "bold")
    else:
        yield style(f"Healthy: {', '.join([app, *found])}.", "green")
