"""Backend events for Wix CLI apps: what the template and the command `wix-events` are made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from .errors import UserError as UserError

Functions = dict[str, Callable[..., Any]]


def offered() -> tuple[Functions, Functions, Functions]:
    """Return what Copier may call, by name: functions, functions that are handed the answers, and filters."""
    from . import catalogue, layout, message, plan, sync

    functions: Functions = {
        "event_texts": catalogue.event_texts,
        "event_sample": catalogue.event_sample,
        "product_choices": catalogue.product_choices,
        "product_title": catalogue.product_title,
        "event_choices": catalogue.event_choices,
        "rendered_builders": lambda made: plan.rendered_events(made, "builder"),
        "rendered_handlers": lambda made: plan.rendered_events(made, "handler"),
        "below_src": plan.below_src,
        "once_paths": plan.once_paths,
        "answers_file_text": plan.answers_file_text,
        "export_name": plan.export_name,
        "event_paths": plan.event_paths,
        "event_files": plan.event_files,
        "event_import": plan.event_import,
        "default_events_dir": plan.default_events_dir,
        "type_of": plan.type_of,
        "check_answers_file": plan.check_answers_file,
        "half_deleted": cache(plan.half_deleted),
        "builder_code": layout.builder_code,
        "handler_code": layout.handler_code,
        "call": layout.call,
        "closing_message": message.closing_message_for_copier,
    }
    with_answers: Functions = {
        "make_plan": plan.plan_for_copier,
        "check_request": plan.check_request_for_copier,
        "settled_files": plan.settled_files_for_copier,
        "asks_for_event": plan.asks_for_event,
        "asks_for_name": plan.asks_for_name,
        "free_name": plan.free_name,
        "recorded_names": plan.recorded_names,
        "typed_problem": plan.typed_problem,
        "sync": sync.sync_for_copier,
    }
    filters: Functions = {
        "typescript_string": layout.typescript_string,
        "comment_text": layout.comment_text,
    }
    return functions, with_answers, filters
