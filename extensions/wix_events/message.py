"""Tell the user, when a run has ended, what it made and what is left to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from . import catalogue
from .plan import event_paths

_LOCK_FILES = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "yarn.lock": "yarn",
    "pnpm-lock.yaml": "pnpm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}


def package_manager(app: Path) -> str:
    """Return the package manager whose lock file is nearest to the app, up to the root of its repository.

    Args:
        app: The app's folder; in a workspace the lock file lies above it.
    """
    for folder in (app, *app.parents):
        for name, manager in _LOCK_FILES.items():
            if (folder / name).is_file():
                return manager
        if (folder / ".git").exists():
            break
    return "npm"


def closing_message(
    plan: dict[str, Any], app: Path, event_texts: Callable[[str], Any], paths: Callable[..., Any]
) -> str:
    """Return what is said at the end of a run.

    Args:
        plan: What the run did.
        app: The app's folder.
        event_texts: The catalogue's look-up of a recorded key.
        paths: `plan.event_paths`.
    """
    return "\n".join(_lines(plan, app, event_texts, paths))


def _lines(
    plan: dict[str, Any], app: Path, event_texts: Callable[[str], Any], paths: Callable[..., Any]
) -> Iterator[str]:
    """Yield the message's lines."""
    events = {event["name"]: event for event in plan["events"]}
    added = [events[name] for name in plan["added"]]
    yield ""
    for event in added:
        builder, handler = paths(event, plan["events_dir"])
        yield f"Added {event['name']} ({event['event']}):"
        yield f"  {handler}  <- your code goes here"
        yield f"  {builder}"
    if added:
        yield "  registered in src/extensions.ts"
    for name in plan["kept"]:
        yield f"{name} ({events[name]['event']}) is there already: nothing to do."
    for name in plan["adopted"]:
        yield f"Recorded {name} ({events[name]['event']}), which lies in {events[name]['builder']}."
    for name in plan["removed"]:
        yield f"Removed {name}: its files, its registration and its record."
    for name in plan["dropped"]:
        yield f"{name}: its folder was deleted, so its registration and its record went, too."
    for name in plan["followed"]:
        yield f"{name}: its files were moved to {events[name]['builder']}; the record follows and leaves them to you."
    for old, new in plan["moves"]:
        yield f"Moved {plan['events_dir']}/{old} to {plan['target_dir']}/{new}."
    yield from plan["notes"]
    if added:
        yield from _next_steps(plan, added, app, event_texts)


def _next_steps(
    plan: dict[str, Any], added: list[dict[str, Any]], app: Path, event_texts: Callable[[str], Any]
) -> Iterator[str]:
    """Yield what is left to do after events were added."""
    yield ""
    yield "Next:"
    if not (app / "package.json").is_file():
        yield "  - There is no package.json here: add the events' @wix packages to your dependencies yourself."
    elif not plan["validate"]:
        yield f"  - Install what is new in package.json: {package_manager(app)} install"
    if any(event.get("idempotent") for event in added):
        yield from _once_steps(plan)
    elif any(event.get("elevate") for event in added):
        yield '  - For the elevated query, grant the scope "Read Data Items", too, and name your own collection.'
    if plan["trigger"]:
        yield f"  - Try it here: npm run event astro dev, and beside it npm run event {added[0]['name']}"
    scopes = {_scope(event_texts(event["event"]).get("permissions", [])): None for event in added}
    for scope in filter(None, scopes):
        yield f"  - In the app dashboard, under Permissions, grant the scope {scope}."
    yield "  - Try it: release a version (wix release), then do on a site what triggers the event, and read the logs."
    yield "  - An event takes one handler: this run cannot see webhooks made in the app dashboard, so check there."


def _once_steps(plan: dict[str, Any]) -> Iterator[str]:
    """Yield what handlers that do their work once need."""
    yield (
        f"  - {plan['events_dir']}/handled-events.extension.ts declares the collection that notes what was handled. "
        'Grant the scopes "Read Data Items" and "Write Data Items" for it.'
    )
    if plan["once"]["namespace"] == "@account/app":
        yield (
            f"  - {plan['events_dir']}/once.ts: put your app's namespace, which the app dashboard shows, in place of "
            "@account/app; wix.config.json does not tell it."
        )


def _scope(permissions: list[dict[str, str]]) -> str:
    """Name the scope that an event needs."""
    if not permissions:
        return ""
    first, others = f'"{permissions[0]["name"]}"', len(permissions) - 1
    if others > 1:
        return f"{first} (or one of {others} others that include it)"
    return f"{first} (or another one that includes it)" if others else first


def closing_message_for_copier(plan: dict[str, Any], app: Path) -> str:
    """Return what is said at the end of a run, for Copier to print."""
    return closing_message(plan, Path(app), catalogue.event_texts, event_paths)
