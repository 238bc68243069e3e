"""What is refused before anything is written: the app stays byte-identical, and the message names the culprit."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from apps import (
    ANSWERS,
    CONTACT,
    IDS,
    POST,
    Change,
    both,
    builder_text,
    listener_text,
    recorded,
    remove,
    use,
    write,
)
from apps import EVENTS as FOLDER
from apps import EXTENSIONS as MAIN
from copier.errors import UserMessageError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from template_repo import TemplateRepo, commit_all, copier_cli, run_copy, run_update
from wix import new_app
from wix_events import layout as typescript
from wix_events import plan
from wix_events import reader as app_reader
from wix_events.reader import parse

BUILDER = f"{FOLDER}/contact-created/contact-created.extension.ts"
HANDLER = f"{FOLDER}/contact-created/contact-created.ts"
FOREIGN = "src/foreign/thing"


def everything(app: Path) -> dict[str, object]:
    """Return what a folder holds: files with their bytes and modes, folders, and links with their targets."""
    found: dict[str, object] = {}
    for path in sorted(app.rglob("*")):
        name = path.relative_to(app).as_posix()
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = (path.stat().st_mode, path.read_bytes())
        else:
            found[name] = None
    return found


@pytest.fixture(scope="module")
def plain(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make the template a plain folder: Copier then has nothing to clone, which takes longer than a refusal."""
    folder = tmp_path_factory.mktemp("folder") / "template"
    return TemplateRepo(Path(shutil.copytree(template.path, folder, ignore=shutil.ignore_patterns(".git"))))


@pytest.fixture(scope="module")
def app_with_contact(plain: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an app with one recorded event."""
    app = new_app(tmp_path_factory.mktemp("one") / "app")
    run_copy(plain, app, {"event": CONTACT})
    return app


@pytest.fixture
def app(app_with_contact: Path, tmp_path: Path) -> Path:
    """Copy the app with one recorded event."""
    return Path(shutil.copytree(app_with_contact, tmp_path / "app"))


def refused(plain: TemplateRepo, app: Path, data: Mapping[str, Any], **options: Any) -> str:
    """Run a copy that has to be refused with a message for the user and to leave the app as it was."""
    before = everything(app)
    with pytest.raises(UserMessageError) as raised:
        run_copy(plain, app, data, **options)
    assert everything(app) == before
    return str(raised.value)


# --- answers ---------------------------------------------------------------------------------------------------------

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
        "already handled",
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
    "pick: unknown": ({"product": "crm", "pick": ["x"]}, "pick"),
    "pick: number": ({"product": "crm", "pick": 7}, "pick"),
    "name: null": ({"event": POST, "name": {"x": None}}, "name"),
    "builders: given": ({"event": POST, "builders": "evil"}, "builders"),
    "schema: given": ({"event": POST, "schema": 99}, "schema"),
    "revisions: given": ({"event": POST, "revisions": "x"}, "revisions"),
    "once: given": ({"event": POST, "once": {"id": "x"}}, "once"),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_a_bad_answer_is_refused(plain: TemplateRepo, app: Path, case: str) -> None:
    data, words = BAD_ANSWERS[case]
    message = refused(plain, app, data)
    assert words in message
    assert case.partition(":")[0].partition(" ")[0] in message


def test_events_none_and_nothing_recorded_is_refused(plain: TemplateRepo, wix_app: Path) -> None:
    requests: list[dict[str, Any]] = [{}, {"event": ""}, {"event": []}, {"adopt": True}, {"adopt": "no"}]
    for data in requests:
        assert "no event was given" in refused(plain, wix_app, data)


# --- recorded values -------------------------------------------------------------------------------------------------


def entry(**values: Any) -> Callable[[dict[str, Any]], object]:
    """Change the one recorded event; None takes a key away."""

    def change(record: dict[str, Any]) -> None:
        event = record["events"][0]
        event.update(values)
        for key in [key for key, value in values.items() if value is None]:
            del event[key]

    return change


def top(**values: Any) -> Callable[[dict[str, Any]], object]:
    """Change a key beside the events."""
    return lambda record: record.update(values)


def odd_key(key: Any) -> Callable[[dict[str, Any]], object]:
    """Add a key of any type to the event."""
    return lambda record: record["events"][0].update({key: "x"})


INJECTIONS = {
    "Jinja": "{{ 7*7 }}",
    "Jinja statement": "{% for x in y %}",
    "code": 'x"; process.exit(1); //',
    "comment end": "*/ evil(); /*",
    "newline": "a\nb: c",
    "line separator": "a\u2028b",
    "template literal": "${evil()}",
    "list": ["x"],
    "number": 7,
}

NO_LISTS: list[Any] = [7, "x", {"a": 1}, [7], [[]], [None], True, None]

BAD_RECORDS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    **{
        f"{key}: {label}": (entry(**{key: value}), key)
        for key in ("name", "event", "id", "package", "payload", "builder", "handler")
        for label, value in INJECTIONS.items()
    },
    **{f"{key}: missing": (entry(**{key: None}), key) for key in ("name", "event", "id")},
    **{
        f"{key}: {label}": (top(**{key: value}), key)
        for key in ("events_dir", "builders")
        for label, value in INJECTIONS.items()
    },
    **{f"schema: {value!r}": (top(schema=value), "schema") for value in ("1", 1.5, True, None, 0, -1, [1])},
    "schema: newer": (top(schema=2), "newer version"),
    **{
        f"revisions: {value!r}": (top(revisions=value), "revisions")
        for value in ("{{ 7*7 }}", 1, [1], {"handler": True}, {"handler": 1.5}, {"}": 1}, {1: 1})
    },
    **{f"events: {value!r}": (top(events=value), "events") for value in NO_LISTS},
    "plan: recorded": (top(plan={"events": []}), "plan"),
    "once: code": (top(once={"id": IDS[0], "namespace": 'x"+evil()'}), "once"),
    "once: text": (top(once="x"), "once"),
    "name: upper case": (entry(name="Contact"), "name"),
    "name: Windows device": (entry(name="con"), "name"),
    "name: parent": (entry(name="../../x"), "name"),
    "name: too long": (entry(name="a" * 65), "name"),
    "event: two parts": (entry(event="crm.onContactCreated"), "event"),
    "event: keyword as namespace": (entry(event="crm.class.onContactCreated"), "namespace"),
    "event: code before the package": (entry(event='evil" .contacts.onX', package="@wix/crm"), "event"),
    "id: version 1": (entry(id="00000000-0000-1000-8000-000000000000"), "id"),
    "id: braces": (entry(id="{00000000-0000-4000-8000-000000000000}"), "id"),
    "id: newline": (entry(id="00000000-0000-4000-8000-000000000000\n"), "id"),
    "builder: outside of src": (entry(builder="lib/x.extension.ts", handler="src/x.ts"), "builder"),
    "builder: parent": (entry(builder="src/../../x.extension.ts", handler="src/x.ts"), "builder"),
    "handler: absolute": (entry(builder="src/x.extension.ts", handler="/etc/passwd"), "handler"),
    "unknown key with a colon": (odd_key("a: b"), "a: b"),
    "unknown key that is a number": (odd_key(7), "7"),
    "unknown key that is nothing": (odd_key(None), "None"),
    "unknown key with a mapping": (entry(extra={"a": 1}), "extra"),
    "unknown key with a date": (entry(extra=datetime.date(2026, 1, 1)), "extra"),
}


@pytest.mark.parametrize("case", BAD_RECORDS)
def test_a_bad_record_is_refused(plain: TemplateRepo, app: Path, case: str) -> None:
    change, words = BAD_RECORDS[case]
    answers = yaml.safe_load((app / ANSWERS).read_text())
    change(answers)
    (app / ANSWERS).write_text(yaml.safe_dump(answers))
    message = refused(plain, app, {"event": POST})
    assert words in message
    assert ANSWERS in message


BAD_ANSWERS_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "holds no answers"),
    "blank": (b"\n \n", "holds no answers"),
    "only comments": (b"# Written by Copier\n", "another template"),
    "another template's": (b"_commit: v1\n_src_path: gh:a/b\nname: x\n", "another template"),
    "cut after its head": (b"_commit: v1\n_src_path: x\nschema: 1\n", "cut short"),
    "cut after events": (b"schema: 1\nrevisions: {}\nevents_dir: src/backend/events\nevents:\n", "events"),
    "not UTF-8": (b"schema: 1\nevents: \xff\n", "UTF-8"),
    "UTF-16": ("schema: 1\nevents: []\n".encode("utf-16"), "UTF-8"),
    "conflict markers": (b"<<<<<<< HEAD\nschema: 1\n=======\n>>>>>>> x\nevents: []\n", ":1:"),
    "not YAML": (b'schema: 1\nevents: "x\n', ":"),
    "a tab": (b"schema: 1\nevents:\n\t- x\n", "not valid YAML"),
    "a tag": (b"schema: 1\nevents: !!python/object/apply:os.system [id]\n", ":"),
    "an impossible date": (b"schema: 1\nevents: []\nx: 2001-99-99\n", "not valid YAML"),
    "a key twice": (
        b"schema: 1\nevents_dir: src/backend/events\nevents: []\nevents: []\n",
        "events stands there 2",
    ),
    "two documents": (b"schema: 1\nevents: []\n---\nschema: 1\nevents: []\n", ""),
    "a list": (b"- schema:\n- events:\n", "another template"),
    "an unknown anchor": (b"schema: 1\nevents: *x\n", "not valid YAML"),
    "an unhashable key": (b"schema: 1\nevents: []\n? [a]\n: b\n", "not valid YAML"),
}


@pytest.mark.parametrize("case", BAD_ANSWERS_FILES)
def test_a_damaged_answers_file_is_refused(plain: TemplateRepo, app: Path, case: str) -> None:
    content, words = BAD_ANSWERS_FILES[case]
    (app / ANSWERS).write_bytes(content)
    message = refused(plain, app, {"event": POST}, quiet=False)
    assert message.startswith(ANSWERS)
    assert words in message


# --- the app ---------------------------------------------------------------------------------------------------------


def link_out(path: str) -> Change:
    """Put a symbolic link that leaves the app in the place of a folder."""

    def change(app: Path) -> None:
        outside = app.parent / "outside"
        outside.mkdir()
        if (app / path).is_dir():
            shutil.copytree(app / path, outside, dirs_exist_ok=True)
            shutil.rmtree(app / path)
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        (app / path).symlink_to(outside)

    return change


def link(path: str, target: str) -> Change:
    """Make a symbolic link."""
    return lambda app: os.symlink(target, app / path)


def foreign(
    *, id_: str = IDS[0], handler: str | None = None, kind: str = "event", used: bool = True
) -> Change:
    """Add an extension that this template did not make."""

    def change(app: Path) -> None:
        source = f"./{FOREIGN.removeprefix('src/')}.ts"
        write(app / f"{FOREIGN}.extension.ts", builder_text(id_, source).replace(".event(", f".{kind}("))
        if kind == "event":
            write(app / f"{FOREIGN}.ts", handler or listener_text("blog", "posts", "onPostCreated"))
        if used:
            use(app, "thing", f"./{FOREIGN.removeprefix('src/')}.extension")

    return change


def inline(app: Path) -> None:
    """Handle the event by an extension in the chain itself."""
    write(app / "src/posts.ts", listener_text("blog", "posts", "onPostCreated"))
    text = (app / MAIN).read_text().replace("{ app }", "{ app, extensions }")
    extension = f"extensions.event({{ id: '{IDS[0]}', source: './posts.ts' }})"
    (app / MAIN).write_text(text.replace(".use(", f".use({extension}).use(", 1))


def generic(app: Path) -> None:
    """Handle the event by the long form of an extension."""
    write(app / "src/posts.ts", listener_text("blog", "posts", "onPostCreated"))
    write(
        app / "src/posts.extension.ts",
        "import { bundlers, extensions } from '@wix/astro/builders';\n"
        f"export default extensions.genericExtension({{ compId: '{IDS[0]}', compType: 'WEBHOOK',\n"
        "  compData: { webhook: bundlers.event({ source: './posts.ts' }) } });\n",
    )
    use(app, "posts", "./posts.extension")


def reexported(app: Path) -> None:
    """Handle the event in a file that passes on the listener of another."""
    foreign(handler='export { default } from "../lib/posts";\n')(app)
    write(app / "src/lib/posts.ts", listener_text("blog", "posts", "onPostCreated", "articles"))


BAD_APPS: dict[str, tuple[Change, Mapping[str, Any], str]] = {
    # One handler for one event
    "handled by a registered builder": (foreign(), {"event": POST}, f"{FOREIGN}.ts:4"),
    "handled by a builder on disk": (foreign(used=False), {"event": POST}, f"{FOREIGN}.ts:4"),
    "handled in the chain": (inline, {"event": POST}, "src/posts.ts:4"),
    "handled by a generic extension": (generic, {"event": POST}, "src/posts.ts:4"),
    "handled behind a re-export": (reexported, {"event": POST}, "src/lib/posts.ts:4"),
    "handled under an alias": (
        foreign(handler=listener_text("blog", "posts", "onPostCreated", "articles")),
        {"event": "wix.blog.v3.post_created"},
        f"{FOREIGN}.ts:4",
    ),
    "handled by a cast": (
        foreign(
            handler='import { posts } from "@wix/blog";\nexport default (posts as any).onPostCreated(() => {});\n'
        ),
        {"event": POST},
        f"{FOREIGN}.ts:2",
    ),
    "handled by the other key of one slug": (
        foreign(handler=listener_text("ecom", "currentCart", "onCartCreated")),
        {"event": "ecom.cart.onCartCreated"},
        f"{FOREIGN}.ts:4",
    ),
    "a recorded event handled a second time": (
        foreign(handler=listener_text("crm", "contacts", "onContactCreated")),
        {"event": POST},
        f"{FOREIGN}.ts:4",
    ),
    "two foreign handlers of one event": (
        both(foreign(id_=IDS[1]), generic),
        {"event": "ecom.cart.onCartCreated"},
        "src/posts.ts:4",
    ),
    # Ids
    "a foreign id that is a recorded one": (
        lambda app: foreign(id_=recorded(app)[0]["id"], kind="dashboardPage")(app),
        {"event": POST},
        f"{FOREIGN}.extension.ts:4",
    ),
    "a foreign id in upper case that is a recorded one": (
        lambda app: foreign(id_=recorded(app)[0]["id"].upper(), kind="dashboardPage")(app),
        {"event": POST},
        f"{FOREIGN}.extension.ts:4",
    ),
    "a foreign placeholder id": (
        foreign(id_="YOUR-ID-HERE", kind="site"),
        {"event": POST},
        f"{FOREIGN}.extension.ts:4",
    ),
    "a foreign id of version 1": (
        foreign(id_="00000000-0000-1000-8000-000000000000", kind="dashboardPage", used=False),
        {"event": POST},
        f"{FOREIGN}.extension.ts:4",
    ),
    # Names and paths
    "a folder of that name": (
        lambda app: write(app / f"{FOLDER}/post-created/x.ts", ""),
        {"event": POST},
        f"{FOLDER}/post-created",
    ),
    "a folder of that name in other case": (
        lambda app: write(app / f"{FOLDER}/Post-Created/x.ts", ""),
        {"event": POST},
        f"{FOLDER}/Post-Created",
    ),
    "a file of that name": (
        lambda app: write(app / f"{FOLDER}/post-created", ""),
        {"event": POST},
        f"{FOLDER}/post-created",
    ),
    "a link of that name": (link_out(f"{FOLDER}/post-created"), {"event": POST}, f"{FOLDER}/post-created"),
    "src leaves the app": (link_out("src"), {"event": POST}, "src is a symbolic link"),
    "src/backend leaves the app": (
        link_out("src/backend"),
        {"event": POST},
        "src/backend is a symbolic link",
    ),
    "the events folder leaves the app": (link_out(FOLDER), {"event": POST}, f"{FOLDER} is a symbolic link"),
    "a recorded event's folder leaves the app": (
        both(link_out(f"{FOLDER}/contact-created"), remove(BUILDER)),
        {"event": POST},
        f"{FOLDER}/contact-created",
    ),
    "the events folder is a file": (
        both(remove(FOLDER), lambda app: write(app / FOLDER, "")),
        {"event": POST},
        f"{FOLDER} is a file",
    ),
    "src is a file": (
        both(remove("src"), lambda app: write(app / "src", "")),
        {"event": POST},
        "src is a file",
    ),
    "src/extensions.ts leaves the app": (
        both(lambda app: (app / MAIN).rename(app.parent / "x.ts"), link(MAIN, "../../x.ts")),
        {"event": POST},
        MAIN,
    ),
    "src/extensions.ts dangles": (
        both(remove(MAIN), link(MAIN, "gone.ts")),
        {"event": POST},
        MAIN,
    ),
    "src/extensions.ts is a folder": (
        both(remove(MAIN), lambda app: (app / MAIN).mkdir()),
        {"event": POST},
        MAIN,
    ),
    "src/extensions.ts is not UTF-8": (
        lambda app: (app / MAIN).write_bytes(b"// \xff\n"),
        {"event": POST},
        f"{MAIN}:1",
    ),
    "the answers file leaves the app": (
        both(lambda app: (app / ANSWERS).rename(app.parent / "a.yml"), link(ANSWERS, "../a.yml")),
        {"event": POST},
        ANSWERS,
    ),
    "the answers file is a folder": (
        both(remove(ANSWERS), lambda app: (app / ANSWERS).mkdir()),
        {"event": POST},
        ANSWERS,
    ),
}


@pytest.mark.parametrize("case", BAD_APPS)
def test_an_app_that_would_break_is_refused(plain: TemplateRepo, app: Path, case: str) -> None:
    change, data, words = BAD_APPS[case]
    change(app)
    assert words in refused(plain, app, data, quiet=False)


def test_code_in_comments_handles_nothing(plain: TemplateRepo, app: Path) -> None:
    foreign(
        handler="import { posts } from '@wix/blog';\nimport { cart } from '@wix/ecom';\n"
        "// export default posts.onPostCreated(() => {});\n/* posts.onPostCreated(() => {}) */\n"
        "export default cart.onCartDeleted(() => 'posts.onPostCreated(() => {})');\n"
    )(app)
    text = (app / MAIN).read_text()
    (app / MAIN).write_text(f"{text}// .use(extensions.event({{ id: 'x', source: './foreign/thing.ts' }}))\n")
    run_copy(plain, app, {"event": POST})
    assert [event["event"] for event in recorded(app)] == [CONTACT, POST]


def test_an_id_that_code_makes_is_no_reason_to_refuse(plain: TemplateRepo, app: Path) -> None:
    foreign(kind="dashboardPage")(app)
    path = app / f"{FOREIGN}.extension.ts"
    path.write_text(path.read_text().replace(f"'{IDS[0]}'", "process.env.PAGE_ID"))
    run_copy(plain, app, {"event": POST})
    assert len(recorded(app)) == 2


def test_a_linked_folder_inside_the_app_is_written_to(plain: TemplateRepo, wix_app: Path) -> None:
    (wix_app / "server").mkdir()
    (wix_app / "src/backend").symlink_to("../server")
    run_copy(plain, wix_app, {"event": CONTACT})
    assert (wix_app / "server/events/contact-created/contact-created.ts").is_file()


# --- the command line ------------------------------------------------------------------------------------------------

COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "a name": (("-d", f"event={POST}", "-d", "name=../x"), "name: "),
    "Jinja in a name": (("-d", f"event={POST}", "-d", "name={{ 7*7 }}"), "{{ 7*7 }}"),
    "a product": (("-d", "product=nothing"), "product: "),
    "a pick": (("-d", "product=crm", "-d", "pick=[x]"), "pick: "),
    "a plan": (("-d", f"event={POST}", "-d", "plan={}"), "plan: "),
    "a plan that is no JSON": (("-d", f"event={POST}", "-d", "plan=x"), "plan: "),
    "events": (("-d", "events=[]"), "events: "),
    "an event that is broken YAML": (("-d", "event=[a, b"), "event: "),
    "a data file": (("--data-file", "data.yml"), "name: "),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_the_command_line_ends_with_a_message_and_no_traceback(
    plain: TemplateRepo, app: Path, case: str
) -> None:
    arguments, words = COMMANDS[case]
    (app / "data.yml").write_text(f"event: {POST}\nname: [a]\n")
    before = everything(app)
    done = copier_cli("copy", "--trust", "--defaults", *arguments, plain.path, app, cwd=app)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert everything(app) == before


UPDATES: dict[str, tuple[Mapping[str, Any], str]] = {
    "remove what is not recorded": ({"remove": "nothing"}, "remove: "),
    "rename to a path": ({"rename": "contact-created:../x"}, "rename: "),
    "rename to a device": ({"rename": "contact-created:aux"}, "rename: "),
    "a plan": ({"plan": {}}, "plan: "),
    "a record": ({"events": []}, "events: "),
    "another events_dir": ({"events_dir": "src/x"}, "events_dir: "),
}


@pytest.mark.parametrize("case", UPDATES)
def test_an_update_is_refused_before_anything_is_written(
    own_template: TemplateRepo, wix_app: Path, case: str
) -> None:
    data, words = UPDATES[case]
    run_copy(own_template, wix_app, {"event": CONTACT})
    commit_all(wix_app)
    own_template.release("1.1.0", {"docs/x.md": "x\n"})
    before = everything(wix_app)
    with pytest.raises(UserMessageError, match=words):
        run_update(wix_app, data)
    assert everything(wix_app) == before


# --- what texts can do to the files they land in -----------------------------------------------------------------------

NASTY = (
    st.text(
        st.sampled_from(
            "\"'`\\\\${}[]()*/#%!&|>:,-?@~=<\n\r\t \0\x7f\x85\u2028\u2029\ufeff\ufffe\U0001f600aé"
        )
    )
    | st.text()
)
# Shared machines are slow, which says nothing of the code.
FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
VALUES = NASTY | st.booleans() | st.integers()
KEYS = (CONTACT, "ecom.orders.onOrderApproved", "@acme/sdk.things.onMade")


@FUZZ
@given(
    header=st.dictionaries(st.sampled_from(["_commit", "_src_path", "builders"]), NASTY),
    extra=st.dictionaries(st.text(st.sampled_from("abcXYZ_019")).map("x".__add__), VALUES, max_size=3),
    ids=st.lists(st.uuids(version=4), min_size=3, max_size=3, unique=True),
)
def test_a_written_record_is_read_as_it_was(
    header: dict[str, str], extra: dict[str, Any], ids: list[uuid.UUID]
) -> None:
    events = [
        {
            "name": f"e-{number}",
            "event": key,
            "id": str(id_),
            **({"package": "@acme/sdk"} if "acme" in key else {}),
            **extra,
        }
        for number, (key, id_) in enumerate(zip(KEYS, ids, strict=True), 1)
    ]
    dumped = plan.dump_record({**header, "schema": 1, "events_dir": plan.EVENTS_DIRS[0]}, events)
    values = yaml.safe_load(dumped)
    assert values == {**header, "schema": 1, "events_dir": plan.EVENTS_DIRS[0], "events": events}
    assert plan.read_record(values["events"], 1, values["events_dir"], "x.yml") == events


@FUZZ
@given(
    value=st.recursive(
        VALUES | st.none() | st.floats() | st.dates(),
        lambda some: st.lists(some) | st.dictionaries(NASTY, some),
    )
)
@example(value={"x": {"y": 1}})
def test_a_record_with_any_value_is_refused_or_survives(value: Any) -> None:
    for key in ("name", "event", "id", "package", "payload", "builder", "handler", "elevate", "x"):
        event = {"name": "a", "event": CONTACT, "id": IDS[0], key: value}
        try:
            (read,) = plan.read_record([event], 1, plan.EVENTS_DIRS[0], "x.yml")
        except UserMessageError as error:
            assert str(error).startswith("x.yml: ")
        else:
            assert yaml.safe_load(plan.dump_record({"schema": 1}, [read]))["events"] == [event]


@FUZZ
@given(text=NASTY)
def test_a_catalogue_text_stays_in_its_comment(text: str) -> None:
    line = typescript.comment_text(text)
    assert "*/" not in line
    tree = parse(f"/**\n * {line}\n */\n".encode(errors="replace"))
    assert [node.type for node in tree.root_node.children] == ["comment"]


@FUZZ
@given(text=NASTY)
def test_a_path_stays_in_its_string(text: str) -> None:
    literal = typescript.typescript_string(text)
    tree = parse(f"const x = {literal};\n".encode(errors="replace"))
    assert not tree.root_node.has_error
    assert len(tree.root_node.children) == 1
    assert json.loads(literal) == text


@FUZZ
@given(name=NASTY)
def test_a_name_is_refused_or_makes_a_free_identifier_and_a_plain_path(name: str) -> None:
    event = {"name": name, "event": CONTACT, "id": IDS[0]}
    try:
        plan.read_record([event], 1, plan.EVENTS_DIRS[0], "x.yml")
    except UserMessageError:
        return
    assert plan.export_name(name).isidentifier()
    assert re.fullmatch(r"[a-z0-9-]+", name)


def test_texts_of_the_catalogue_are_not_evaluated(plain: TemplateRepo, wix_app: Path, tmp_path: Path) -> None:
    evil = "a */ evil(); /* {{ 7*7 }} {% raw %} ${x} \"'`\\ \u2028 b\n */ c"
    folder = Path(shutil.copytree(plain.path, tmp_path / "evil"))
    path = folder / "extensions/wix_events/catalogue/events.json"
    catalogue = json.loads(path.read_text())
    catalogue["events"][CONTACT] |= {
        "title": evil,
        "description": evil,
        "permissions": [{"id": evil, "name": evil}, {"id": "b", "name": "c"}],
    }
    path.write_text(json.dumps(catalogue))
    run_copy(TemplateRepo(folder), wix_app, {"event": CONTACT})
    text = (wix_app / BUILDER).read_text()
    assert text.count("*/") == 1
    assert "{{ 7*7 }}" in text
    (extension,) = app_reader.read_app(wix_app).extensions
    assert extension.export == "eventContactCreated"
    assert [node.type for node in parse((wix_app / BUILDER).read_bytes()).root_node.children] == [
        "import_statement",
        "comment",
        "export_statement",
    ]


def test_a_template_whose_path_has_odd_characters_is_recorded_as_it_is(
    plain: TemplateRepo, wix_app: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(plain.path, tmp_path / "t: #\U0001f600 'é\" [x]"))
    run_copy(TemplateRepo(folder), wix_app, {"event": CONTACT})
    assert yaml.safe_load((wix_app / ANSWERS).read_text())["_src_path"] == str(folder)
    run_copy(TemplateRepo(folder), wix_app, {"event": POST})
    assert len(recorded(wix_app)) == 2
