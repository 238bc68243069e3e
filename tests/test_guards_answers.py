"""What is refused of what a run is asked for: the app stays byte-identical, and the message names the culprit."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from apps import (
    CONTACT,
    POST,
    everything,
    handler,
    refused,
)
from copier.errors import UserMessageError
from template_repo import TemplateRepo, copier_cli, run_copy, run_update

HANDLER = handler("contact-created")

BAD_NAMES = {
    "empty after spaces": "  ",
    "upper case": "Contact",
    "camel case": "contactCreated",
    "underscore": "contact_created",
    "space": "contact created",
    "leading digit": "1st",
    "leading dash": "-contact",
    "trailing dash": "contact-",
    "two dashes": "contact--created",
    "dot": "contact.created",
    "trailing newline": "contact\n",
    "newline inside": "a\nb",
    "null byte": "a\0b",
    "parent folder": "../x",
    "two dots": "..",
    "absolute": "/etc/passwd",
    "backslash": "..\\x",
    "slash": "a/b",
    "drive": "c:x",
    "too long": "a" * 65,
    "Windows device": "con",
    "Windows port": "com1",
    "Cyrillic а": "cont\u0430ct",
    "full-width": "\uff41bc",
    "dotless i": "\u0131d",
    "ligature": "\ufb01x",
    "combining accent": "a\u0301",
    "Arabic digit": "a\u0661",
    "zero-width space": "a\u200bb",
    "right-to-left mark": "a\u202eb",
    "Jinja expression": "{{ 7*7 }}",
    "Jinja statement": "{% raw %}",
    "template literal": "${x}",
    "quote": 'a"b',
    "comment end": "a*/b",
    "line separator": "a\u2028b",
    "list": ["a", "b"],
    "mapping": {"a": 1},
    "number": 7,
    "true": True,
    "date": datetime.date(2026, 1, 1),
}

BAD_ANSWERS: dict[str, tuple[Mapping[str, Any], str]] = {
    **{f"name: {label}": ({"event": POST, "name": name}, "name") for label, name in BAD_NAMES.items()},
    **{
        f"name in a list: {label}": ({"event": [{"event": POST, "name": BAD_NAMES[label]}]}, "name")
        for label in ("camel case", "parent folder", "Jinja expression", "number", "list", "Cyrillic а")
    },
    "event: unknown": ({"event": "crm.contacts.onContactCreate"}, "onContactCreated"),
    "event: nothing like it": ({"event": "zzzzzzzz"}, "event"),
    "event: ambiguous": ({"event": "onOrderUpdated"}, "could be"),
    "event: cannot be built": ({"event": "email-marketing.campaigns.onCampaignCreated"}, "event"),
    "event: number": ({"event": 7}, "event"),
    "event: true": ({"event": True}, "event"),
    "event: date": ({"event": datetime.date(2026, 1, 1)}, "event"),
    "event: mapping of other keys": ({"event": {"evnt": POST}}, "event"),
    "event: mapping with a list": ({"event": {"event": [POST]}}, "event"),
    "event: list in a list": ({"event": [[POST]]}, "event"),
    "event: list with nothing in it": ({"event": [None]}, "event"),
    "event: Jinja": ({"event": "{{ 7*7 }}"}, "{{ 7*7 }}"),
    "event: broken Jinja": ({"event": "{% for"}, "event"),
    "event: YAML tag": ({"event": "!!python/object/apply:os.system [id]"}, "event"),
    "event: YAML that does not parse": ({"event": "[a, b"}, "event"),
    "event: path": ({"event": "../../etc.passwd.onX"}, "event"),
    "event: very long": ({"event": "a" * 100_000}, "event"),
    "event: twice under two names": (
        {"event": [{"event": POST, "name": "a"}, {"event": POST, "name": "b"}]},
        'as "a" and as "b"',
    ),
    "event: one name for two": (
        {"event": [{"event": POST, "name": "a"}, {"event": "blog.posts.onPostLiked", "name": "a"}]},
        "taken",
    ),
    "event: two names of one export": (
        {"event": [{"event": POST, "name": "a-1b"}, {"event": "blog.posts.onPostLiked", "name": "a1b"}]},
        "",
    ),
    "event: recorded under another name": ({"event": CONTACT, "name": "other"}, HANDLER),
    "event and package in a mapping": ({"event": {"event": POST, "package": "@wix/crm"}}, "either event"),
    "event and package": ({"event": POST, "package": "@wix/crm"}, "event"),
    "name: for two events": ({"event": [POST, CONTACT], "name": "x"}, "name"),
    "name: taken": ({"event": POST, "name": "contact-created"}, "taken"),
    "namespace: missing": ({"package": "@wix/crm"}, "namespace"),
    "package: upper case": ({"package": "@Wix/crm", "namespace": "a", "handler": "onB"}, "package"),
    "package: quote": ({"package": 'x";import("y")//', "namespace": "a", "handler": "onB"}, "package"),
    "package: path": ({"package": "../x", "namespace": "a", "handler": "onB"}, "package"),
    "package: newline": ({"package": "@wix/crm\n", "namespace": "a", "handler": "onB"}, "package"),
    "package: too long": ({"package": "a" * 215, "namespace": "a", "handler": "onB"}, "package"),
    "package: list": ({"package": ["@wix/crm"], "namespace": "a", "handler": "onB"}, "package"),
    "namespace: keyword": ({"package": "@wix/crm", "namespace": "class", "handler": "onB"}, "namespace"),
    "namespace: call": ({"package": "@wix/crm", "namespace": "a()", "handler": "onB"}, "namespace"),
    "namespace: dotted": ({"package": "@wix/crm", "namespace": "a.b", "handler": "onB"}, "namespace"),
    "namespace: unicode escape": (
        {"package": "@wix/crm", "namespace": "a\\u0062", "handler": "onB"},
        "namespace",
    ),
    "namespace: newline": ({"package": "@wix/crm", "namespace": "a\n", "handler": "onB"}, "namespace"),
    "handler: no on": ({"package": "@wix/crm", "namespace": "a", "handler": "created"}, "handler"),
    "handler: code": ({"package": "@wix/crm", "namespace": "a", "handler": "onB(); evil"}, "handler"),
    "handler: Jinja": ({"package": "@wix/crm", "namespace": "a", "handler": "on{{ 7*7 }}"}, "handler"),
    "payload: unknown": (
        {"event": {"package": "a", "namespace": "a", "handler": "onB", "payload": "x"}},
        "payload",
    ),
    "payload: list": (
        {"event": {"package": "a", "namespace": "a", "handler": "onB", "payload": ["x"]}},
        "payload",
    ),
    **{
        f"{key}: no value": ({"event": POST, key: None}, "has no value")
        for key in ("name", "namespace", "events_dir", "elevate", "validate")
    },
    "remove: unknown": ({"remove": "nothing"}, "remove"),
    "remove: mapping": ({"remove": {"a": 1}}, "remove"),
    "remove: number": ({"remove": 7}, "remove"),
    "remove: on a copy": ({"remove": "contact-created"}, "copier update"),
    "remove: list with a number": ({"remove": [7]}, "remove"),
    "rename: no colon": ({"rename": "contact-created"}, "rename"),
    "rename: unknown": ({"rename": "a:b"}, "rename"),
    "rename: bad name": ({"rename": "contact-created:../x"}, "rename"),
    "rename: reserved": ({"rename": "contact-created:nul"}, "rename"),
    "rename: newline": ({"rename": ["contact-created:x\n"]}, ""),
    "rename: to itself": ({"rename": "contact-created:contact-created"}, "rename"),
    "rename: twice": ({"rename": ["contact-created:a", "contact-created:b"]}, "rename"),
    "rename: on a copy": ({"rename": "contact-created:people"}, "copier update"),
    "adopt: neither": ({"adopt": "perhaps"}, "adopt"),
    "adopt: list": ({"adopt": ["x"]}, "adopt"),
    "adopt: mapping": ({"adopt": {"a": "b"}}, "adopt"),
    "elevate: neither": ({"event": POST, "elevate": "perhaps"}, "elevate"),
    "events_dir: elsewhere": ({"event": POST, "events_dir": "src/x"}, "events_dir"),
    "events_dir: parent": ({"event": POST, "events_dir": "../x"}, "events_dir"),
    "events_dir: absolute": ({"event": POST, "events_dir": "/etc"}, "events_dir"),
    "events_dir: list": ({"event": POST, "events_dir": ["src"]}, "events_dir"),
    "events_dir: Jinja": ({"event": POST, "events_dir": "{{ 7*7 }}"}, "events_dir"),
    "events_dir: trailing slash": ({"event": POST, "events_dir": "src/backend/events/"}, "events_dir"),
    "events_dir: on a copy": ({"events_dir": "src/extensions/backend/events"}, "copier update"),
    "events: given": ({"events": []}, "events"),
    "plan: given": ({"event": POST, "plan": {"events": []}}, "plan"),
    "plan: text": ({"event": POST, "plan": "x"}, "plan"),
    "product: unknown": ({"product": "nothing"}, "product"),
    "product: list": ({"product": ["crm"]}, "product"),
    "product: null": ({"event": POST, "product": None}, "product"),
    "pick: of no product": ({"pick": ["x"]}, "pick"),
    "pick: unknown": ({"pick": ["crm.contacts.onContactCreated"]}, "pick"),
    "pick: number": ({"pick": 7}, "pick"),
    "name: null": ({"event": POST, "name": {"x": None}}, "name"),
    "builders: given": ({"event": POST, "builders": "evil"}, "builders"),
    "schema: given": ({"event": POST, "schema": 99}, "schema"),
    "revisions: given": ({"event": POST, "revisions": "x"}, "revisions"),
    "once: given": ({"event": POST, "once": {"id": "x"}}, "once"),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_a_bad_answer_is_refused(plain: TemplateRepo, contact_app: Path, case: str) -> None:
    data, words = BAD_ANSWERS[case]
    message = refused(plain, contact_app, data)
    assert words in message
    assert case.partition(":")[0].partition(" ")[0] in message


def test_events_none_and_nothing_recorded_is_refused(plain: TemplateRepo, wix_app: Path) -> None:
    requests: list[dict[str, Any]] = [{}, {"event": ""}, {"event": []}, {"adopt": "no"}]
    for data in requests:
        assert "no event was given" in refused(plain, wix_app, data)


def test_commas_too_many_and_an_empty_folder_are_nothing(plain: TemplateRepo, wix_app: Path) -> None:
    run_copy(plain, wix_app, {"event": f",{CONTACT},", "events_dir": "", "remove": ","})
    assert (wix_app / HANDLER).is_file()


@pytest.mark.parametrize("key", ["_src_path", "_commit", "_copier_conf"])
def test_a_key_of_copiers_own_is_refused_also_by_a_first_copy(
    plain: TemplateRepo, wix_app: Path, key: str
) -> None:
    assert f"{key}: there is no such question" in refused(
        plain, wix_app, {"event": POST, key: "x"}, quiet=False
    )


COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "a name": (("-d", f"event={POST}", "-d", "name=../x"), "name: "),
    "Jinja in a name": (("-d", f"event={POST}", "-d", "name={{ 7*7 }}"), "{{ 7*7 }}"),
    "a product": (("-d", "product=nothing"), "product: "),
    "a pick": (("-d", "pick=[x]"), "pick: "),
    "a plan": (("-d", f"event={POST}", "-d", "plan={}"), "plan: "),
    "a plan that is no JSON": (("-d", f"event={POST}", "-d", "plan=x"), "plan: "),
    "events": (("-d", "events=[]"), "events: "),
    "an event that is broken YAML": (("-d", "event=[a, b"), "event: "),
    "a data file": (("--data-file", "data.yml"), "name: "),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_the_command_line_ends_with_a_message_and_no_traceback(
    plain: TemplateRepo, contact_app: Path, case: str
) -> None:
    arguments, words = COMMANDS[case]
    (contact_app / "data.yml").write_text(f"event: {POST}\nname: [a]\n")
    before = everything(contact_app)
    done = copier_cli("copy", "--trust", "--defaults", *arguments, plain.path, contact_app, cwd=contact_app)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert everything(contact_app) == before


UPDATES: dict[str, tuple[Mapping[str, Any], str]] = {
    "remove what is not recorded": ({"remove": "nothing"}, "remove: "),
    "rename to a path": ({"rename": "contact-created:../x"}, "rename: "),
    "rename to a device": ({"rename": "contact-created:aux"}, "rename: "),
    "a plan": ({"plan": {}}, "plan: "),
    "a record": ({"events": []}, "events: "),
    "another events_dir": ({"events_dir": "src/x"}, "events_dir: "),
}


@pytest.mark.parametrize("case", UPDATES)
def test_an_update_is_refused_before_anything_is_written(app: Path, case: str) -> None:
    data, words = UPDATES[case]
    before = everything(app)
    with pytest.raises(UserMessageError, match=words):
        run_update(app, data, vcs_ref="4.0.0")
    assert everything(app) == before
