"""What handlers need that do their work once: a helper, and a collection in which it notes what was handled."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from . import collections, files, names
from .reader import App


def once_files(events_dir: str) -> dict[str, str]:
    """Return the app-relative paths of the files, by what they are.

    Args:
        events_dir: The app's folder of events; the collection stays where `wix generate` looks for it.
    """
    return {"helper": f"{events_dir}/once.ts", "collection": f"{collections.COLLECTION}.ts"}


def once_for(root: Path, events_dir: str, app: App) -> dict[str, str]:
    """Return the id and the namespace of an app's collection: those that its files have, else new ones.

    Args:
        root: The app's folder.
        events_dir: The folder of events.
        app: What the app's code says.
    """
    ids = [each.id for each in app.extensions if each.kind == collections.EXPORT and names.is_uuid4(each.id)]
    return {
        "id": ids[0] if ids and ids[0] else str(uuid.uuid4()),
        "namespace": _namespace_in(root / once_files(events_dir)["helper"]) or _app_namespace(root),
    }


def _namespace_in(helper: Path) -> str | None:
    """Return the namespace that a helper has which is there: in a lost record, it is known nowhere else."""
    found = re.search(rb'"(@[^"/]+/[^"/]+)/handled-events"', files.read_if_possible(helper) or b"")
    return found[1].decode(errors="replace") if found else None


def _app_namespace(root: Path) -> str:
    """Return the namespace that an app's collections have, or what to put there by hand."""
    namespace = (files.read_object(root / "wix.config.json") or {}).get("namespace")
    return str(namespace) if names.is_collection_namespace(namespace) else names.NO_NAMESPACE
