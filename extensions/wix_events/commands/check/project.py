"""Checks of package.json: is it an app of the current Wix CLI, with what the handlers import?"""

from __future__ import annotations

from ... import files, names, package_json
from ...errors import UserError
from .inspection import Inspection

_MANIFEST = "package.json"


def check_manifest(app: Inspection) -> None:
    """Note packages of events that `package.json` does not name, and an app of another kind."""
    packages = {names.key_parts(item.event)[0]: item for item in reversed(app.own_events())}
    try:
        source = files.read(app.root / _MANIFEST)
        named = package_json.packages(source)
    except FileNotFoundError:
        if packages:
            remedy = f"Create it with {', '.join(sorted(packages))}"
            app.add(_MANIFEST, 1, "dependency", "There is no such file", remedy)
        return
    except UserError as error:
        if not app.reported(_MANIFEST):
            app.add_error(_MANIFEST, "dependency", error)
        return
    for package, item in packages.items():
        if package not in named:
            problem = f"{package} is not among the dependencies, but {item.handler} imports it"
            app.add(_MANIFEST, 1, "dependency", problem, f"Install {package}")
    if note := package_json.note_on(named):
        line = files.line_at(source, max(source.find(package_json.OLDER_CLI.encode()), 0))
        problem, _, remedy = note.partition(". ")
        app.add(_MANIFEST, line, "cli", problem, remedy.rstrip("."))
