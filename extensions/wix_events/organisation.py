"""What an organisation's fork puts into its folder `organisation/`; docs/organisations.md is its description."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from . import names
from .checkout import ROOT, is_checkout
from .errors import UserError

_FILE = "organisation/defaults.yml"
_YES_OR_NO = {True: "true", False: "false"}
# What each key may be, and how that is written in YAML.
KEYS: dict[str, dict[Any, str]] = {
    "elevate": _YES_OR_NO,
    "idempotent": _YES_OR_NO,
    "trigger": _YES_OR_NO,
    "events_dir": {folder: folder for folder in names.EVENTS_DIRS},
}


def folder() -> Path:
    """Return the folder, which upstream does not have: in the template's checkout, or where the installed package put it."""
    return ROOT / "organisation" if is_checkout() else Path(sys.prefix) / "share/wix-events/organisation"


def defaults() -> dict[str, Any]:
    """Read the organisation's answers to what a run leaves open: `elevate`, `idempotent`, `trigger`, `events_dir`.

    Returns:
        Those that `defaults.yml` has; none where there is no such file.

    Raises:
        UserError: It cannot be read, or has another key or value.
    """
    import yaml  # The catalogue, which commands read, only asks where the folder is.

    try:
        source = (folder() / "defaults.yml").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{_FILE} cannot be read: {error}. Put that right.") from error
    try:
        values = yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise UserError(
            f"{_FILE}:{mark.line + 1 if mark else 1}: this is not valid YAML. Correct it."
        ) from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise UserError(f"{_FILE} is not a mapping. Write one `key: value` a line.")
    for key, value in values.items():
        if key not in KEYS:
            raise UserError(f"{_FILE}: there is no {key!r}. Use one of {', '.join(KEYS)}.")
        # 1 equals True in Python, and a list cannot be looked up.
        if not isinstance(value, (bool, str)) or value not in KEYS[key]:
            raise UserError(f"{_FILE}: {key} is {value!r}. Make it {' or '.join(KEYS[key].values())}.")
    return values
