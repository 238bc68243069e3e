"""What is looked at before Copier asks or reads anything."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import files, preflight, record, request
from .errors import UserError
from .terminal import fitted


def lock_and_check(conf: Mapping[str, Any]) -> str:
    """Wait until no other run is at work on the app, and refuse what Copier itself would end on with a traceback.

    Args:
        conf: Copier's `_copier_conf`.

    Returns:
        Nothing to print.

    Raises:
        UserError: Something that was given is no question, the folder is one within an app, or the answers file is damaged
            or another template's.
    """
    root, file, data = Path(conf["dst_path"]), Path(conf["answers_file"]).as_posix(), conf["data"]
    # An update renders into empty folders, too: the old version by the recorded answers, the new one by the plan made in the app.
    planned = isinstance(data.get("plan"), Mapping) and not (root / file).exists()
    if planned or {"_commit", "_src_path"} <= data.keys():
        return ""
    request.check(data, file)
    if problem := preflight.app_root_problem(root):
        raise UserError(problem)
    if _is_copiers_command():
        files.lock_folder(root)
    record.read(root, file)
    return ""


def _is_copiers_command() -> bool:
    """Tell whether this process is Copier's own command, which ends with the run.

    Another program that calls Copier may live long, and start other runs on the app that would wait for it in vain.
    """
    command = Path(sys.argv[0])
    return command.stem == "copier" or command.parent.name == "copier"


def what_copier_says(conf: Mapping[str, Any]) -> str:
    """Return what to know of Copier's own words: it calls a record that grows a conflict, in red.

    Args:
        conf: Copier's `_copier_conf`.
    """
    file = Path(conf["answers_file"])
    if not (Path(conf["dst_path"]) / file).is_file():
        return ""
    return fitted(
        f"If Copier calls {file.as_posix()} a conflict and overwrites it, all is well: it is the list of this app's events, "
        "which grows."
    )
