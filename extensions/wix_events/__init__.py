"""Backend events for Wix CLI apps: what the template and the command `wix-events` are made of."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .checkout import same_package
from .errors import UserError as UserError
from .files import said_of as said_of
from .terminal import fitted as fitted

# Where Python looks for the modules of this package.
__path__ = [same_package(os.path.dirname(__file__))]

Functions = dict[str, Callable[..., Any]]


def offered() -> tuple[Functions, Functions, Functions]:
    """Return what Copier may call, by the name it is called by.

    Returns:
        Functions; functions that are handed the answers first; functions that are handed the answers and a renderer of
        template files first.
    """
    from . import catalogue, dialogue, layout, message, names, organisation, plan, start

    functions: Functions = {
        "lock_and_check": start.lock_and_check,
        "what_copier_says": start.what_copier_says,
        "organisation_defaults": organisation.defaults,
        "default_events_dir": dialogue.default_events_dir,
        "product_choices": catalogue.product_choices,
        "product_title": catalogue.product_title,
        "event_choices": catalogue.event_choices,
        "left_alone": plan.left_alone,
        "answers_file_text": plan.answers_file_text,
        "preview": message.preview,
        "closing_message": message.closing_message,
        "event_texts": catalogue.event_texts,
        "event_sample": catalogue.event_sample,
        "export_name": names.export_name,
        "key_parts": names.key_parts,
        "builder_code": layout.builder_code,
        "handler_code": layout.handler_code,
        "call": layout.call,
        "comment_text": layout.comment_text,
    }
    with_answers: Functions = {
        "asks_for_event": dialogue.asks_for_event,
        "asks_for_match": dialogue.asks_for_match,
        "match_choices": dialogue.match_choices,
        "asks_for_product": dialogue.asks_for_product,
        "asks_to_confirm": dialogue.asks_to_confirm,
        "asks_for_name": dialogue.asks_for_name,
        "free_name": dialogue.free_name,
        "recorded_names": dialogue.recorded_names,
        "typed_problem": dialogue.typed_problem,
    }
    with_renderer: Functions = {"make_plan": plan.make}
    return functions, with_answers, with_renderer
