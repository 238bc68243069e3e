"""Plop and Hygen doing the same job; neither keeps a record nor touches package.json."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import events, templates
from .jobs import Job, run
from .pairs import EXTENSIONS, Pair, Pairs

TOOLS = Path(__file__).parent
# Hygen adds whole lines only.
HYGEN_EXTENSIONS = EXTENSIONS.replace("app();", "app()\n  ;")


def pairs(template: Pairs) -> Iterator[Pair]:
    """Compare one event and many with either, once it is sure that they make the same files.

    Args:
        template: What makes this template's side.
    """
    if not (TOOLS / "node_modules").exists():
        run(("npm", "ci", "--no-audit", "--no-fund", "--silent"), TOOLS)
    for keys in ([events.EVENT], events.from_catalogue(template.sizes.many)):
        job = template.copy(*keys)
        record = templates.record_of(template.runner.do(job, "listed"))
        what = "one event" if len(keys) == 1 else f"{len(keys)} events"
        for tool, other in (
            ("Plop", _plop(template.app, record)),
            ("Hygen", _hygen(template.app, template.runner.folder / "hygen-app", record)),
        ):
            done = template.runner.do(other, tool.lower())
            assert all((done / path).is_file() for event in record for path in templates.paths_of(event)), (
                tool
            )
            assert (done / "src/extensions.ts").read_text().count(".use(") == len(keys), tool
            runs = f"{tool}, {len(other.commands)} runs" if len(other.commands) > 1 else tool
            yield Pair(what, job, runs, other)


def versions() -> list[str]:
    """Return the generators with their versions."""
    tools = json.loads((TOOLS / "package.json").read_bytes())["dependencies"]
    return [f"{tool} {number}" for tool, number in tools.items()]


def _plop(app: Path, record: templates.Record) -> Job:
    listed = ",".join(":".join(_parts(event["event"], event["name"])) for event in record)
    program = str(TOOLS / "node_modules/plop/bin/plop.js")
    return Job(app, (("node", program, "--plopfile", str(TOOLS / "plop/plopfile.mjs"), "event", listed),))


def _hygen(app: Path, own: Path, record: templates.Record) -> Job:
    """Make Hygen's job: one process an event."""
    shutil.copytree(app, own, dirs_exist_ok=True)
    (own / "src/extensions.ts").write_text(HYGEN_EXTENSIONS)
    program = str(TOOLS / "node_modules/hygen/dist/bin.js")
    commands = []
    for event in record:
        package, namespace, handler, name = _parts(event["event"], event["name"])
        options = ("--library", package, "--namespace", namespace, "--handler", handler)
        commands.append(("node", program, "event", "new", name, *options))
    return Job(own, tuple(commands), {**os.environ, "HYGEN_TMPLS": str(TOOLS / "hygen")})


def _parts(key: str, name: str) -> Sequence[str]:
    """Return an event's package, namespace, handler and name."""
    package, namespace, handler = key.split(".")
    return f"@wix/{package}", namespace, handler, name
