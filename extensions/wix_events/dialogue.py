"""What the dialogue needs to know: what to ask, what to offer, and what is wrong with an answer.

Copier cuts what it shows of a wrong answer at the edge of the terminal, after words of its own: of 80 columns these get 40.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import catalogue, collections, folders, names, request

Answers = Mapping[str, Any]

_TYPED = {
    "find": "nothing found: try other words.",
    "pick": "tick at least one with the space bar.",
    "package": "use a package's name, like @wix/crm.",
    "namespace": "use a plain name, like contacts.",
    "handler": "use a name like onContactCreated.",
    "name": "use kebab-case, like contact-created.",
}


def default_events_dir(app: Path) -> str:
    """Return the events folder of an app that has recorded none.

    Args:
        app: The app's folder. Where it has a folder of extensions, as `wix generate` makes it, that is taken.
    """
    folder, collection = Path(app) / names.EXTENSIONS_DIR, Path(app) / f"{collections.COLLECTION}.ts"
    there = set(folder.rglob("*"))
    # A first copy that was stopped may have left no more there than the collection of handled events.
    left = collection.parent in there and there <= {collection, *collection.parents}
    return names.EVENTS_DIRS[folder.is_dir() and not left]


def asks_for_event(answers: Answers) -> bool:
    """Tell whether the user is to be asked for an event: in a dialogue, and unless the command says what to do."""
    conf = answers["_copier_conf"]
    # A later copy may just move the folder; the first one needs an event all the same.
    moves = bool(answers.get("events")) and "events_dir" in conf["data"]
    return not (conf["defaults"] or "plan" in conf["data"] or moves or request.is_given(conf["data"]))


def asks_for_match(answers: Answers) -> bool:
    """Tell whether the user is to choose among the events that a text may mean: unless it can mean only one."""
    return bool(answers.get("find")) and asks_for_event(answers) and not _only_match(answers)


def match_choices(answers: Answers) -> str:
    """Return the events that the typed text may mean, as the JSON list of pairs that Copier's `choices` takes."""
    text = answers.get("find") or ""
    found = catalogue.match_choices(text, recorded_names(answers)) if text else []
    return json.dumps([*found, ["None of these: browse by product", ""]])


def asks_for_product(answers: Answers) -> bool:
    """Tell whether the user browses by product: typed nothing, or found nothing among the matches."""
    if not asks_for_event(answers):
        return False
    return not answers.get("find") or (not _only_match(answers) and answers.get("match") == "")


def asks_for_name(answers: Answers) -> bool:
    """Tell whether the user is to be asked for a name: when one event was chosen that has none yet."""
    return asks_for_event(answers) and _new_key(answers) is not None


def asks_to_confirm(answers: Answers) -> bool:
    """Tell whether the user is to agree to what will be done: in a dialogue that asked for an event."""
    return asks_for_event(answers) and bool(answers["plan"]["added"])


def chosen_keys(answers: Answers) -> list[str]:
    """Return the keys of the events that were chosen in the dialogue."""
    if not asks_for_event(answers):
        return []
    key = _only_match(answers) or answers.get("match")
    return [str(key)] if key else [str(key) for key in answers.get("pick") or []]


def free_name(answers: Answers) -> str:
    """Return the name to propose for the event that was chosen, or nothing if none is asked for."""
    key = _new_key(answers)
    if key is None:
        return ""
    return names.free_name(names.default_name(key), lambda name: _name_problem(answers, name))


def recorded_names(answers: Answers) -> dict[str, str]:
    """Return the names of recorded events by slug, or by key where the catalogue knows no slug."""
    return {catalogue.identity(event["event"]): event["name"] for event in answers.get("events") or ()}


def typed_problem(answers: Answers, question: str) -> str:
    """Say what is wrong with an answer, so that it can be corrected in the dialogue.

    Args:
        answers: Copier's render context, the answer included.
        question: Which question it answers.

    Returns:
        One sentence, or nothing; also nothing for what is given with `-d`, which is for the plan to refuse: Copier would end in
        a traceback.
    """
    if question in answers["_copier_conf"]["data"]:
        return ""
    answer = answers[question]
    if question == "find":
        return "" if not answer or catalogue.search(answer) else _TYPED["find"]
    if question == "pick":
        return _pick_problem(answers, answer)
    if question == "name":
        return _name_problem(answers, answer)
    return _TYPED[question] if names.part_problem(question, answer) else ""


def _only_match(answers: Answers) -> str | None:
    """Return the key of the one event that the typed text can mean, None where there are several or none."""
    found = catalogue.search(str(answers.get("find") or ""))
    return found[0] if len(found) == 1 else None


def _new_key(answers: Answers) -> str | None:
    """Return the key of the event that was chosen, if it is one and not recorded yet."""
    if answers.get("product") == "other":
        parts = [answers.get(part) for part in names.PARTS]
        keys = [] if names.import_problem(*parts) else [".".join(map(str, parts)).removeprefix("@wix/")]
    else:
        keys = chosen_keys(answers)
    if len(keys) != 1 or catalogue.identity(keys[0]) in recorded_names(answers):
        return None
    return keys[0]


def _name_problem(answers: Answers, name: str) -> str:
    """Say what is wrong with a name for a new event, if anything."""
    if problem := names.name_problem(name):
        return _TYPED["name"] if problem.startswith("is not kebab-case") else f"It {problem}."
    root = Path(answers["_copier_conf"]["dst_path"])
    events_dir = answers.get("events_dir") or default_events_dir(root)
    taken = {names.export_name(other) for other in recorded_names(answers).values()}
    if names.export_name(name) in taken:
        return f"{name} is another event's name."
    folder = folders.same_folder(root / events_dir, name)
    # Files that are called like the event's own may be those of a stopped run, which the plan completes.
    paths = names.event_files({"name": name}, events_dir, trigger=False)
    ours = any((root / path).exists() for path in paths)
    return (
        f"the folder {name} exists already." if folder and not folders.is_empty(folder) and not ours else ""
    )


def _pick_problem(answers: Answers, pick: Sequence[str]) -> str:
    """Say why these events cannot be added in one go, if so: nothing asks for a name when there are several."""
    if not pick:
        return _TYPED["pick"]
    recorded = recorded_names(answers)
    new = {catalogue.identity(key): key for key in pick if catalogue.identity(key) not in recorded}
    wanted = [names.default_name(key) for key in new.values()] if len(pick) > 1 else []
    for position, name in enumerate(wanted):
        if name in wanted[:position]:
            return f"two would be {name}; add one later."
        if _name_problem(answers, name):
            return f"{name} is taken; add that one later."
    return ""
