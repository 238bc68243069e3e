"""Decide what a run does: the record, what the user asks for and the app make the new record and the steps to it.

The plan is plain data, made once and never changed: Copier hands it on to all renders of an update.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import (
    catalogue,
    dialogue,
    files,
    folders,
    guards,
    names,
    outcome,
    package_json,
    preflight,
    reader,
    record,
    request,
    versions,
)
from .additions import add, check_free, set_up_once, set_up_trigger
from .adopt import adopt
from .draft import Draft
from .errors import UserError
from .moves import plan_moves
from .record import Record
from .rendering import RECORDED, Plan, Render, rendered
from .request import Request


def make(answers: Mapping[str, Any], render: Render) -> Plan:
    """Decide what this run does.

    Args:
        answers: Copier's render context.
        render: Renders a template file, told by what stands in its name, with some more variables.

    Returns:
        The plan. What of it is rendered: `rendered`, the template's own events with the paths of their files, and the record
        (`events`, `events_dir`, `trigger`, `builders`, `once`). What follows: `refused` (why a copy or an update may not do this,
        if so), `idle` (whether a copy has nothing to add), `changes` (what `sync` cannot tell from the record) and `validate`.
        The rest is what is said at the end.

    Raises:
        UserError: Something is wrong with the request, the record or the app; nothing has been written.
    """
    conf = answers["_copier_conf"]
    root, file, data = Path(conf["dst_path"]), Path(conf["answers_file"]).as_posix(), conf["data"]
    before = record.read(root, file)
    if before is None and "_src_path" in data:
        # An update renders the old version from the record alone, into an empty folder: nothing is asked, nothing checked.
        return rendered(record.of_answers(data, file))
    asked = request.read(answers, data, dialogue.chosen_keys(answers), before.events if before else ())
    draft = _draft(root, file, asked, answers, before)
    preflight.check_folders(root, draft.shared)
    guards.check_shared_files(root, draft.shared)
    _remove(draft, asked)
    _follow_disk(draft, asked)
    if asked.adopt:
        adopt(draft)
    for wanted in asked.events:
        add(draft, wanted, asked.options, render, [new for _, new in asked.rename])
    moves = _moves(draft, asked)
    set_up_trigger(draft, render, bool(asked.trigger))
    set_up_once(draft, render)
    guards.check_app(draft.app, draft.events, draft.events_dir)
    draft.events.sort(key=lambda event: str(event["name"]))
    _check_request(draft, asked)
    plan = rendered(draft)
    edited = draft.shared if draft.added or draft.unregister or moves else ()
    preflight.check_files(root, [file, *plan["files"]], edited)
    # The one file that Copier writes though it is there.
    preflight.check_hard_links(root, file)
    said = outcome.of(draft, asked, moves, plan["files"], file)
    return {**plan, **_steps(draft, asked, moves, plan["files"]), **_version(draft, answers, asked), **said}


def left_alone(plan: Plan, operation: str, confirmed: bool) -> str:
    """Return the patterns of what this run leaves alone: an update nothing, a copy all that is there.

    Args:
        plan: The plan.
        operation: "copy" or "update".
        confirmed: Whether the user, where asked, has agreed to what will be done.

    Raises:
        UserError: The user has not agreed. A copy was asked for what only an update may do, or is of another version than the
            app; or an update would lose edits.
    """
    if not confirmed:
        raise UserError("Nothing was written, as you asked. Run this again to choose anew.")
    if refusal := plan["refused"].get(operation):
        raise UserError(refusal)
    if operation != "copy":
        return ""
    if plan["idle"]:
        return "*"
    if plan["other_version"]:
        raise UserError(plan["other_version"])
    return "\n".join(f"/{path}" for path in plan["files"] if path not in plan["write"])


def answers_file_text(plan: Plan, copier_answers: Mapping[str, Any]) -> str:
    """Return the text of the answers file.

    Args:
        plan: The plan.
        copier_answers: Copier's `_copier_answers`, which knows the template's version and address.
    """
    made = Record(**{key: plan[key] for key in RECORDED})
    made.version, made.address = copier_answers.get("_commit"), copier_answers.get("_src_path")
    return record.text(made)


def _draft(root: Path, file: str, asked: Request, answers: Mapping[str, Any], before: Record | None) -> Draft:
    """Start from the record, or from nothing in an app that has none."""
    app = reader.read_app(root)
    start = before or Record(
        file,
        events=(),
        events_dir=request.events_dir(answers.get("events_dir")) or dialogue.default_events_dir(root),
        trigger=bool(answers.get("trigger")),
        import_suffix=app.files.import_suffix,
    )
    draft = Draft(**{**vars(start), "events": [*map(dict, start.events)]}, root=root, app=app, before=before)
    if names.CUSTOM_BUILDERS in (package_json.named(root) or ()):
        draft.builders = names.CUSTOM_BUILDERS
    if before is not None:
        draft.trigger = before.trigger if asked.trigger is None else asked.trigger
        draft.events_dir = before.events_dir if before.events else asked.events_dir or before.events_dir
    return draft


# --- what becomes of recorded events ---------------------------------------------------------------------------------


def _remove(draft: Draft, asked: Request) -> None:
    """Take events out of the record."""
    for event in [draft.named("remove", name) for name in asked.remove]:
        draft.events.remove(event)
        draft.removed.append(event)
        for path in filter(draft.exists, draft.files_of(event)):
            files.check_folder_writable(draft.root / path, draft.root)
        builder = names.builder_path(event, draft.events_dir)
        draft.unregister.append(builder)
        if names.is_adopted(event):
            paths = names.event_files(event, draft.events_dir, trigger=False)
            links, staying = [], set(filter(draft.exists, paths))
        else:
            links = draft.links_to(event)
            there = (path for path in (draft.root / builder).parent.rglob("*") if not path.is_dir())
            staying = {path.relative_to(draft.root).as_posix() for path in there}
            staying -= {*names.event_files(event, draft.events_dir, trigger=True)}
        draft.notes += [f"{link} is a link: it stays, with what it leads to." for link in links]
        draft.notes += [
            f"{path} stays: this template did not make it."
            for path in sorted(staying)
            if not path.startswith(tuple(f"{link}/" for link in links))
        ]


def _follow_disk(draft: Draft, asked: Request) -> None:
    """Drop recorded events whose folder the user deleted, and follow those that the user moved.

    An event that this run is asked for is not dropped but made again.
    """
    wanted = {catalogue.identity(wanted.event) for wanted in asked.events}
    places = {
        extension.id: extension
        for extension in draft.app.extensions
        if guards.is_event(extension) and extension.export
    }
    for event in list(draft.events):
        builder, handler = names.event_files(event, draft.events_dir, trigger=False)
        place = places.get(event["id"])
        if names.is_adopted(event) and place is not None and place.builder == builder:
            event["handler"] = place.handler or handler
        if draft.exists(builder) or draft.exists(handler):
            continue
        if not names.is_adopted(event) and not folders.is_empty((draft.root / builder).parent):
            continue
        if place is not None:
            draft.unregister.append(builder)
            event.update(builder=place.builder, handler=place.handler or place.builder)
            draft.followed.append(event["name"])
            # Such as a source that still leads to where the handler was.
            draft.notes += [str(met) for met in draft.app.problems if met.file == place.builder]
        elif names.is_adopted(event) or catalogue.identity(event["event"]) not in wanted:
            draft.unregister.append(builder)
            draft.events.remove(event)
            draft.dropped.append(event["name"])


def _moves(draft: Draft, asked: Request) -> list[tuple[str, str]]:
    """Return which events move, old and new name each, after everything is rendered where it is."""
    moves: list[tuple[str, str]] = []
    for old, new in asked.rename:
        event = draft.named("rename", old)
        if names.is_adopted(event):
            raise UserError(
                f'rename: "{old}" was adopted and lies in {event["builder"]}. Move it there yourself.'
            )
        if old == new or any(old == other for other, _ in moves):
            raise UserError(f'rename: "{old}" needs one new name. Give it as {old}:new.')
        if any(new == other["name"] for other in draft.removed):
            raise UserError(
                f'rename: "{new}" is the name of an event that this run removes. Remove it, commit, and then rename.'
            )
        taken = [other["name"] for other in draft.events if other is not event] + [new for _, new in moves]
        check_free(draft, "rename", new, taken, draft.events_dir)
        moves.append((old, new))
    target = asked.events_dir or draft.events_dir
    if target != draft.events_dir:
        renamed = dict(moves)
        own = [str(event["name"]) for event in draft.own()]
        moves = [(name, renamed.get(name, name)) for name in own]
        for _, new in moves:
            check_free(draft, "events_dir", new, (), target)
    if moves:
        planned = plan_moves(draft.root, draft.events_dir, target, moves, bool(draft.once))
        draft.notes += planned.notes
    return moves


# --- what follows ----------------------------------------------------------------------------------------------------


def _check_request(draft: Draft, asked: Request) -> None:
    """Refuse a run that has nothing to do, or nothing to build."""
    if draft.before is None and not draft.events and not asked.adopt:
        raise UserError(
            "event: no event was given and none is recorded. Give one, such as -d event=crm.contacts.onContactCreated: "
            "wix-events find <words> looks it up, or docs/events.md where that is not installed."
        )
    if asked.validate and not (draft.root / "package.json").is_file():
        raise UserError(
            "validate: there is no package.json in the app's folder, so nothing can be installed and built. Run this in the "
            "root of a Wix app, or leave validate out."
        )


def _steps(draft: Draft, asked: Request, moves: list[tuple[str, str]], paths: list[str]) -> Plan:
    """Return why a copy or an update may not do this, and what is done after rendering that the record cannot say."""
    only_on_update = {
        "remove": draft.removed,
        "rename": asked.rename,
        "events_dir": moves,
        "trigger": draft.before and draft.before.trigger and not draft.trigger,
    }
    refused = {}
    if key := next((key for key, is_asked in only_on_update.items() if is_asked), None):
        refused["copy"] = (
            f"{key}: this changes files that are there. Commit, then use copier update instead of copy."
        )
    try:
        if draft.before is not None:
            preflight.check_update(draft.root, paths, draft.events_dir)
    except UserError as error:
        refused["update"] = str(error)
    changes = {
        "unregister": draft.unregister,
        "moves": moves,
        "events_dir": asked.events_dir if moves and asked.events_dir else draft.events_dir,
    }
    return {
        "refused": refused,
        "changes": changes if draft.unregister or moves else {},
        "validate": asked.validate,
    }


def _version(draft: Draft, answers: Mapping[str, Any], asked: Request) -> Plan:
    """Return what the template's version means for a copy."""
    conf, known, before = answers["_copier_conf"], answers["_copier_answers"], draft.before
    version, address = known.get("_commit"), str(known.get("_src_path"))
    is_release = versions.is_release(version, conf["vcs_ref_hash"])
    # In an app without a record there may be nothing to adopt.
    idle, refused = not (before or draft.events), ""
    if before is not None and before.version is not None:
        option = versions.file_option(conf["answers_file"])
        words, parts = (option + request.as_words(asked, conf["data"], by_parts=by) for by in (False, True))
        refused = versions.refusal(before.version, before.address, version, address, words, parts)
        adds = draft.added or draft.write or draft.adopted or draft.trigger != before.trigger
        idle = bool(refused) and not adds and all(map(draft.is_registered, draft.kept))
    packages = package_json.named(draft.root)
    note = "" if packages is None else package_json.note_on(packages)
    notes = note, versions.warning(version, conf["vcs_ref_hash"], address)
    return {
        "idle": idle,
        "other_version": refused if is_release or version is None else "",
        "address": address,
        "release": version if is_release else None,
        "first": list(filter(None, notes)),
    }
