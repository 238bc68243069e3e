"""What handlers need that do their work once: a helper, and a collection in which it notes what was handled."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from . import collections, files, names
from .errors import UserError


def once_files(events_dir: str) -> dict[str, str]:
    """Return the app-relative paths of the files, by what they are.

    Args:
        events_dir: The app's folder of events; the collection stays where `wix generate` looks for it.
    """
    return {"helper": f"{events_dir}/once.ts", "collection": f"{collections.COLLECTION}.ts"}


def once_for(root: Path) -> dict[str, str]:
    """Return the id and the namespace of an app's collection, made anew.

    Args:
        root: The app's folder.
    """
    return {"id": str(uuid.uuid4()), "namespace": app_namespace(root)}


def app_namespace(root: Path) -> str:
    """Return the namespace that an app's collections have, or what to put there by hand."""
    try:
        namespace = json.loads(files.read(root / "wix.config.json")).get("namespace")
    except (OSError, UserError, ValueError, AttributeError, RecursionError):
        namespace = None
    return namespace if names.is_collection_namespace(namespace) else names.NO_NAMESPACE
