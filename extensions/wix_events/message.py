"""What a dialogue shows before anything is written, and what is said when a run has ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import catalogue, files, names, reader, versions
from .leftovers import leftovers
from .names import Event
from .terminal import WIDTH, fitted, folded, wrapped

_LOCK_FILES = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "yarn.lock": "yarn",
    "pnpm-lock.yaml": "pnpm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}
# So many lines of one kind are shown before they are only counted.
_SHOWN = 12
# A question that is higher than the terminal hides what it asks.
_PREVIEWED = 5
# What lies under a step is indented by seven.
_WIDE = WIDTH - 7


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


def preview(plan: Mapping[str, Any]) -> str:
    """Return what a dialogue shows before anything is written: what will be made and changed.

    Args:
        plan: What the run is to do.
    """
    events = _by_name(plan)
    makes, there = _foreseen(plan)
    lines = [f"This adds {count(len(plan['added']), 'event')} and makes {count(len(makes), 'file')}:"]
    lines += _some([f"{name} ({events[name]['event']})" for name in plan["added"]], _PREVIEWED)
    lines += _some(makes, _PREVIEWED)
    if there:
        lines.append(f"It adds what is missing to {names.joined(there, 'and')}.")
    lines += _deprecations(plan, events, _PREVIEWED)
    return folded("\n".join([*lines, "Go on?"]))


def _foreseen(plan: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the files that adding events makes, and those that it may add to."""
    # The files of all events are rendered, and those that are there stay as they are.
    shared = {path: digest for path, digest in plan["digests"].items() if path not in plan["files"]}
    makes = [path for path, digest in shared.items() if not digest and path != "package.json"]
    return sorted([*plan["write"], *makes]), sorted(path for path, digest in shared.items() if digest)


def closing_message(plan: Mapping[str, Any], conf: Mapping[str, Any], operation: str) -> str:
    """Return what is said at the end of a run.

    Args:
        plan: What the run did.
        conf: Copier's `_copier_conf`.
        operation: "copy" or "update".
    """
    return fitted("\n".join(["", *plan["first"], *_lines(plan, conf, operation)]))


def _lines(plan: Mapping[str, Any], conf: Mapping[str, Any], operation: str) -> Iterator[str]:
    """Yield the message's lines."""
    app, events = Path(conf["dst_path"]), _by_name(plan)
    idle = plan["idle"] and operation == "copy"
    # Copier's update makes nothing again that was deleted.
    missing = {
        name: [path for path in paths if operation == "update" or path not in plan["write"]]
        for name, paths in plan["missing"].items()
    }
    for name in plan["kept"]:
        if name not in plan["missing"]:
            yield f"{name} ({events[name]['event']}) is there already: nothing to do."
    if not idle:
        yield from _outcome(plan, events, would="Would add" if conf["pretend"] else "Added")
    for name, paths in missing.items() if not conf["pretend"] else ():
        yield from _missing(plan, conf, events[name], paths)
    if plan["adopting"] and not plan["adopted"]:
        yield f"There was nothing to adopt{'' if events or plan['notes'] else ': this app has no events'}."
    yield from plan["notes"]
    if conf["pretend"]:
        if plan["added"]:
            makes, there = _foreseen(plan)
            yield from _listed("Would make", makes)
            yield from _listed("Would add to, where something is missing", there)
    elif not idle:
        yield from _files(plan, app)
        if operation == "update":
            found = leftovers(app, plan["digests"])
            yield from _listed(
                "To be resolved",
                [f"{each.file}:{each.line}: {each.problem}. {each.remedy}." for each in found],
            )
        yield from _numbered(_next_steps(plan, conf, operation, [events[name] for name in plan["added"]]))


def _outcome(plan: Mapping[str, Any], events: Mapping[str, Event], would: str) -> Iterator[str]:
    """Yield what became of each event."""
    target = plan["changes"].get("events_dir", plan["events_dir"])
    if len(plan["added"]) > _SHOWN:
        yield f"{would} {len(plan['added'])} events; your code goes into"
        yield from _some([names.handler_path(events[name], target) for name in plan["added"]])
    else:
        for name in plan["added"]:
            yield f"{would} {name} ({events[name]['event']}); your code goes into"
            yield f"  {names.handler_path(events[name], target)}"
    yield from _deprecations(plan, events, _SHOWN)
    for name in plan["adopted"]:
        yield f"Recorded {name} ({events[name]['event']}), which lies in {events[name]['builder']}."
    for name, files_stay in plan["removed"]:
        if files_stay:
            yield f"Removed {name}: its registration and its record."
        else:
            yield f"Removed {name}: its registration, its record and the files that this template made for it."
    for name in plan["dropped"]:
        yield f"{name}: its folder was deleted, so its registration and its record went, too."
    for name in plan["followed"]:
        yield f"{name}: its files were moved to {events[name]['builder']}; the record follows and leaves them to you."
    for old, new in plan["moves"]:
        if old not in plan["added"]:
            yield f"Moved {plan['events_dir']}/{old} to {target}/{new}."


def _missing(
    plan: Mapping[str, Any], conf: Mapping[str, Any], event: Event, paths: Sequence[str]
) -> Iterator[str]:
    """Yield what is said of an event that had lost files, given those that are still missing."""
    if not paths:
        yield f"{event['name']} ({event['event']}): what was missing of it is there again."
        return
    words = f"{versions.file_option(conf['answers_file'])}-d event={event['event']}"
    missing = f"{' and '.join(paths)} {'is' if len(paths) == 1 else 'are'} missing"
    yield f"{event['name']}: {missing}. This run made nothing again; to have it back, commit and run:"
    yield f"  {versions.copy_command(plan['release'], plan['address'], words)}"


def _files(plan: Mapping[str, Any], app: Path) -> Iterator[str]:
    """Yield which files the run has made, changed and taken away, by what they were before."""
    now = {path: files.digest(app / path) for path in plan["digests"]}
    before = plan["digests"]
    yield from _listed("Made", [path for path in now if now[path] and not before[path]])
    yield from _listed(
        "Changed", [path for path in now if now[path] and before[path] and now[path] != before[path]]
    )
    yield from _listed("Taken away", [path for path in now if before[path] and not now[path]])


def _next_steps(
    plan: Mapping[str, Any], conf: Mapping[str, Any], operation: str, added: Sequence[Event]
) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what is left to do: a sentence each, and what is to be typed."""
    app = Path(conf["dst_path"])
    manifest, manager = (app / "package.json").is_file(), package_manager(app)
    if added and conf["skip_tasks"] and operation == "copy":
        yield (
            f"Tasks were skipped, so {reader.REGISTRATIONS} and package.json are as they were. Commit, then let an update "
            "register the event:",
            [f"copier update --trust --defaults {versions.file_option(conf['answers_file'])}".rstrip()],
        )
    if plan["unused"] and manifest:
        yield (
            f"No event of this template needs {names.joined(plan['unused'], 'and')} now. If nothing else does, take it out:",
            [f"{manager} {'uninstall' if manager == 'npm' else 'remove'} {' '.join(plan['unused'])}"],
        )
    changed = manifest and files.digest(app / "package.json") != plan["digests"]["package.json"]
    if added and not manifest:
        yield "There is no package.json here: add the events' @wix packages to your dependencies.", ()
    elif (added or changed) and not plan["validate"]:
        yield "Install what is new in package.json:", [f"{manager} install"]
    tried = added or plan["events"]
    if tried and plan["trigger"] and (added or not plan["digests"][names.SCRIPT]):
        run = [f"npm run {plan['script']} astro dev", f"npm run {plan['script']} {tried[0]['name']}"]
        yield "Try it here, with the dev server in one terminal and the event in another:", run
    if added:
        yield from _steps_of_new(plan, added)


def _steps_of_new(plan: Mapping[str, Any], added: Sequence[Event]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what is left to do after events were added, once their packages are installed."""
    idempotent = any(event.get("idempotent") for event in added)
    if idempotent:
        yield from _once_steps(plan)
    elif any(event.get("elevate") for event in added):
        yield "Put the name of your own collection in place of MyCollection.", ()
    wanted = [catalogue.event_texts(event["event"]).get("permissions") or () for event in added]
    scopes = [f"{scopes[0]['name']} ({scopes[0]['id']})" for scopes in wanted if scopes]
    scopes += ["Read Data Items"] * any(event.get("idempotent") or event.get("elevate") for event in added)
    scopes += ["Write Data Items"] * idempotent
    if scopes:
        lines = [line for scope in dict.fromkeys(scopes) for line in wrapped(scope, then="  ", width=_WIDE)]
        yield "Grant these, or wider ones, in the app dashboard under Permissions:", lines
    yield "Build, and release a version:", ["npx wix build", "npx wix release"]
    yield (
        "Do on a site what triggers the event, and look at the logs. An event takes one handler: if the app dashboard lists a "
        "webhook for the same event, delete it there.",
        (),
    )


def _numbered(steps: Iterator[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """Yield steps with their numbers; what is to be typed stands on lines of its own."""
    for number, (text, commands) in enumerate(steps, 1):
        if number == 1:
            yield ""
            yield "Next:"
        yield from wrapped(text, f"{number:3}. ", " " * 5)
        yield from (f"       {command}" for command in commands)


def _once_steps(plan: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what handlers need that do their work once."""
    yield (
        "once.ts keeps a list of handled events in a collection. A site needs the CMS for it, and gets the collection when the "
        "app is installed or updated there; until then each delivery fails and is tried again.",
        (),
    )
    if plan["once"]["namespace"] == names.NO_NAMESPACE:
        yield (
            f"Put your app's namespace, which the app dashboard shows, in place of {names.NO_NAMESPACE} in",
            [plan["once_files"]["helper"]],
        )


def _deprecations(plan: Mapping[str, Any], events: Mapping[str, Event], most: int) -> list[str]:
    """Return what is said of added events that are deprecated."""
    said = {name: catalogue.deprecation(events[name]["event"]) for name in plan["added"]}
    return _some([f"{name}: {text}" for name, text in said.items() if text], most)


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    """Yield a title and its lines, if there are any."""
    if lines:
        yield f"{title}:"
        yield from _some(lines)


def _some(items: Sequence[str], most: int = _SHOWN) -> list[str]:
    """Indent items, those that are long on two lines, and count those that are too many to show."""
    more = len(items) - most
    shown = items[: most if more > 1 else None]
    lines = [line for item in shown for line in wrapped(item, "  ", "    ")]
    return [*lines, f"  … and {more} more"] if more > 1 else lines


def _by_name(plan: Mapping[str, Any]) -> dict[str, Event]:
    """Return the events of the new record by name."""
    return {event["name"]: event for event in plan["events"]}


def count(number: int, noun: str) -> str:
    """Write a number of things."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
