"""What a run adds to an app: events, the script that tries them, and what handlers need that do their work once."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from . import catalogue, collections, folders, guards, names
from .draft import Draft
from .errors import UserError
from .names import Event
from .once import once_files, once_for
from .rendering import Render, rendered
from .request import Wanted

# What tells an event's template files apart: each stands in the name of one.
_MARKS = ("entry.builder", "entry.handler", "entry.sample")
# What Vite looks for before `.ts` where an import has no suffix (https://vite.dev/config/shared-options#resolve-extensions).
_BEFORE_TS = (".mjs", ".js", ".mts")


def check_free(
    draft: Draft, key: str, name: str, taken: list[str] | tuple[str, ...], events_dir: str
) -> None:
    """Refuse a name that another event has, or whose folder holds something."""
    for other in taken:
        if names.export_name(other) == names.export_name(name):
            raise UserError(
                f'{key}: the name "{name}" is taken by the recorded event "{other}". '
                "Choose another one, or rename that event in a run before this one."
            )
    folder = folders.same_folder(draft.root / events_dir, name)
    if folder is not None and not folders.is_empty(folder):
        path = folder.relative_to(draft.root).as_posix()
        inside = [each.handler for each in draft.app.extensions if each.builder.startswith(f"{path}/")]
        handler = next(filter(None, inside), None)
        what = f" (its handler is {handler})" if handler else ""
        raise UserError(
            f"{key}: {path} is there already and this template did not make it{what}. Choose another name, or record what "
            "is there with -d adopt=true; delete it if a stopped run has left it."
        )


def add(draft: Draft, wanted: Wanted, options: Mapping[str, bool], render: Render, coming: list[str]) -> None:
    """Add an event to the record, or put back what is missing of it if it is there."""
    identity = catalogue.identity(wanted.event)
    same = next((event for event in draft.events if catalogue.identity(event["event"]) == identity), None)
    if same is not None:
        if wanted.named and same["name"] != wanted.name:
            if same["name"] in draft.added:
                raise UserError(
                    f'event: {wanted.event} is asked for as "{same["name"]}" and as "{wanted.name}". One event takes one handler: '
                    "leave one of the two out."
                )
            raise UserError(
                f'event: {wanted.event} is already handled by "{same["name"]}" ({names.handler_path(same, draft.events_dir)}). '
                "One event takes one handler: put your code there, or rename it with copier update -d "
                f"rename={same['name']}:{wanted.name}."
            )
        if same["name"] not in draft.added:
            _keep(draft, same)
        return
    event: Event = {
        "name": wanted.name,
        "event": wanted.event,
        "id": str(uuid.uuid4()),
        **wanted.facts,
        **options,
    }
    if options.get("idempotent") and catalogue.event_texts(wanted.event).get("domain") is False:
        raise UserError(
            f"idempotent: {wanted.event} carries no id that tells one delivery from another. Add it without."
        )
    if _is_left(draft, event, render):
        event["id"] = folders.id_in(draft.root / names.builder_path(event, draft.events_dir)) or event["id"]
    else:
        # A clash with a handler that is there is what the user needs to read, before that of the folder.
        guards.check_app(draft.app, [*draft.events, event], draft.events_dir, draft.events)
        taken = [other["name"] for other in draft.events] + coming
        check_free(draft, "name", event["name"], taken, draft.events_dir)
    draft.events.append(event)
    draft.added.append(event["name"])
    draft.write += draft.missing(draft.files_of(event))


def _keep(draft: Draft, event: Event) -> None:
    """Note that an event is there, and what a copy has to put back of it."""
    draft.kept.append(event["name"])
    if names.is_adopted(event):
        return
    files = draft.files_of(event)
    guards.check_whole(draft.root, draft.app, files)
    draft.write += draft.missing(files)


def _is_left(draft: Draft, event: Event, render: Render) -> bool:
    """Tell whether an event's folder holds only what this run would write, as a stopped run leaves it."""
    entry = rendered(replace(draft, events=[event]))
    variables = {"plan": entry, "entry": entry["rendered"][0]}
    renders = {
        os.path.basename(path): partial(render, mark, variables)
        for path, mark in zip(draft.files_of(event), _MARKS, strict=False)
    }
    return folders.left_by_a_stopped_run(draft.root / draft.events_dir / event["name"], renders)


def set_up_trigger(draft: Draft, render: Render, asked: bool) -> None:
    """Note what turning the local trigger on or off means, and refuse to take over a script that is the user's.

    Asked for again, it is completed: a stopped run may have recorded it before it wrote all samples.
    """
    was_on = draft.before is not None and draft.before.trigger
    if draft.trigger:
        renders = {names.SCRIPT: partial(render, "event.mjs", {})}
        _share(draft, "trigger", renders, is_new=not was_on, is_used=bool(asked or draft.added or draft.kept))
        samples = [names.sample_path(event, draft.events_dir) for event in draft.own()]
        if asked:
            guards.check_whole(draft.root, draft.app, samples)
        if asked or not was_on:
            draft.write += [path for path in draft.missing(samples) if path not in draft.write]
    elif was_on:
        draft.notes.append('package.json: the script "event" has nothing to run any more. Remove it.')


def set_up_once(draft: Draft, render: Render) -> None:
    """Note what handlers that do their work once need."""
    once = {event["name"] for event in draft.events if event.get("idempotent")}
    if not once:
        return
    is_new, is_used = draft.once is None, bool(once & {*draft.added, *draft.kept})
    draft.once = draft.once or once_for(draft.root, draft.events_dir, draft.app)
    variables = {"plan": rendered(draft)}
    files = once_files(draft.events_dir).items()
    renders = {path: partial(render, f"once_files.{mark}", variables) for mark, path in files}
    _share(draft, "idempotent", renders, is_new, is_used)
    if is_used:
        # Asked here so that a list which cannot be edited is said before anything is written.
        collections.declaration(draft.root, draft.app, draft.once["id"], draft.builders)


def _share(
    draft: Draft, key: str, renders: Mapping[str, Callable[[], str]], is_new: bool, is_used: bool
) -> None:
    """Note which of some files that events share a copy has to write; refuse those that are the user's, or not whole."""
    if is_new:
        for path, render in renders.items():
            ends = _BEFORE_TS if path.endswith(".ts") else ()
            found = [other for end in ends if draft.exists(other := names.module_of(path) + end)]
            if draft.exists(path) and not folders.is_as_rendered(draft.root / path, render):
                found.append(path)
            if found:
                raise UserError(
                    f"{key}: {found[0]} exists and is not this template's. Move it away and run again."
                )
    if is_used:
        guards.check_whole(draft.root, draft.app, list(renders))
    if is_new or is_used:
        draft.write += draft.missing(renders)
