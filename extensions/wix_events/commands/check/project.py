"""Checks of package.json: is it an app of the current Wix CLI, with what the handlers import?"""

from __future__ import annotations

from ... import files, names, package_json
from ...preflight import OLDER_CLI, note_on
from .inspection import Inspection, sentence

_MANIFEST = "package.json"


def check_manifest(app: Inspection) -> None:
    """Note packages of events that `package.json` does not name, and an app of another kind."""
    packages = {names.key_parts(item.event)[0]: item for item in reversed(app.own_events())}
    try:
        source = files.read(app.root / _MANIFEST)
        named = package_json.packages(source)
        for package, item in packages.items():
            if package not in named:
                problem = f"{package} is not among the dependencies, but {item.handler} imports it"
                app.add(_MANIFEST, 1, "dependency", problem, f"Install {package}")
        if note := note_on(app.root):
            line = files.line_at(source, max(source.find(OLDER_CLI.encode()), 0))
            problem, _, remedy = note.partition(". ")
            app.add(_MANIFEST, line, "cli", problem, remedy.rstrip("."))
    except (OSError, files.FileError):
        if packages:
            problem = "There is no such file, or it cannot be read"
            app.add(_MANIFEST, 1, "dependency", problem, f"Create it with {', '.join(sorted(packages))}")
    except package_json.ManifestError as error:
        if not app.reported(_MANIFEST):
            problem, _, remedy = error.problem.rpartition("; ")
            app.add(_MANIFEST, error.line, "dependency", problem, sentence(remedy))
