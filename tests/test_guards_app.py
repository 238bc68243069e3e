"""What is refused of an app's code and folders: it stays byte-identical, and the message names the culprit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from apps import (
    ANSWERS,
    CONTACT,
    EVENTS,
    EXTENSIONS,
    POST,
    Change,
    both,
    builder,
    everything,
    recorded,
    refused,
    remove,
    write,
)
from copier.errors import UserMessageError
from handmade import IDS, builder_text, listener_text, use
from template_repo import TemplateRepo, run_copy, run_update

BUILDER = builder("contact-created")
FOREIGN = "src/foreign/thing"
APP_DEF = "src/app-def.ts"
LOOP = """\
import { app } from "@wix/astro/builders";
import * as all from "./app-def";
const b = app();
Object.values(all).forEach((e) => b.use(e));
export default b;
"""


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
    text = (app / EXTENSIONS).read_text().replace("{ app }", "{ app, extensions }")
    extension = f"extensions.event({{ id: '{IDS[0]}', source: './posts.ts' }})"
    (app / EXTENSIONS).write_text(text.replace(".use(", f".use({extension}).use(", 1))


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


def passing(change: Change, text: str = 'export { default } from "./app-def";\n') -> Change:
    """Let `src/extensions.ts` have what it exports from another file, and change that."""

    def passes(app: Path) -> None:
        (app / EXTENSIONS).rename(app / APP_DEF)
        write(app / EXTENSIONS, text)
        change(app)

    return passes


def fifo(app: Path) -> None:
    """Put a FIFO in the place of the file that has the chain."""
    (app / APP_DEF).unlink()
    os.mkfifo(app / APP_DEF)


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
    # Names and paths
    "a folder of that name": (
        lambda app: write(app / f"{EVENTS}/post-created/x.ts", ""),
        {"event": POST},
        f"{EVENTS}/post-created",
    ),
    "a folder of that name in other case": (
        lambda app: write(app / f"{EVENTS}/Post-Created/x.ts", ""),
        {"event": POST},
        f"{EVENTS}/Post-Created",
    ),
    "a file of that name": (
        lambda app: write(app / f"{EVENTS}/post-created", ""),
        {"event": POST},
        f"{EVENTS}/post-created",
    ),
    "a link of that name": (link_out(f"{EVENTS}/post-created"), {"event": POST}, f"{EVENTS}/post-created"),
    "src leaves the app": (link_out("src"), {"event": POST}, "src is a symbolic link"),
    "src/backend leaves the app": (
        link_out("src/backend"),
        {"event": POST},
        "src/backend is a symbolic link",
    ),
    "the events folder leaves the app": (link_out(EVENTS), {"event": POST}, f"{EVENTS} is a symbolic link"),
    "a recorded event's folder leaves the app": (
        both(link_out(f"{EVENTS}/contact-created"), remove(BUILDER)),
        {"event": POST},
        f"{EVENTS}/contact-created",
    ),
    "the events folder is a file": (
        both(remove(EVENTS), lambda app: write(app / EVENTS, "")),
        {"event": POST},
        f"{EVENTS} is a file",
    ),
    "src is a file": (
        both(remove("src"), lambda app: write(app / "src", "")),
        {"event": POST},
        "src is a file",
    ),
    "src/extensions.ts leaves the app": (
        both(lambda app: (app / EXTENSIONS).rename(app.parent / "x.ts"), link(EXTENSIONS, "../../x.ts")),
        {"event": POST},
        EXTENSIONS,
    ),
    "src/extensions.ts dangles": (
        both(remove(EXTENSIONS), link(EXTENSIONS, "gone.ts")),
        {"event": POST},
        EXTENSIONS,
    ),
    "src/extensions.ts is a folder": (
        both(remove(EXTENSIONS), lambda app: (app / EXTENSIONS).mkdir()),
        {"event": POST},
        EXTENSIONS,
    ),
    "src/extensions.ts is not UTF-8": (
        lambda app: (app / EXTENSIONS).write_bytes(b"// \xff\n"),
        {"event": POST},
        f"{EXTENSIONS}:1",
    ),
    "the file with the chain is not UTF-8": (
        passing(lambda app: (app / APP_DEF).write_bytes(b"// \n// \xff\n")),
        {"event": POST},
        f"{APP_DEF}:2",
    ),
    "the file with the chain is a FIFO": (passing(fifo), {"event": POST}, f"{APP_DEF} is not a file"),
    "the file with the chain is read-only": (
        passing(lambda app: (app / APP_DEF).chmod(0o444)),
        {"event": POST},
        f"{APP_DEF} is read-only",
    ),
    "the barrel is not UTF-8": (
        passing(lambda app: (app / APP_DEF).write_bytes(b"\xff"), LOOP),
        {"event": POST},
        f"{APP_DEF}:1",
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
def test_an_app_that_would_break_is_refused(plain: TemplateRepo, contact_app: Path, case: str) -> None:
    change, data, words = BAD_APPS[case]
    change(contact_app)
    assert words in refused(plain, contact_app, data, quiet=False)


def test_code_in_comments_handles_nothing(plain: TemplateRepo, contact_app: Path) -> None:
    foreign(
        handler="import { posts } from '@wix/blog';\nimport { cart } from '@wix/ecom';\n"
        "// export default posts.onPostCreated(() => {});\n/* posts.onPostCreated(() => {}) */\n"
        "export default cart.onCartDeleted(() => 'posts.onPostCreated(() => {})');\n"
    )(contact_app)
    text = (contact_app / EXTENSIONS).read_text()
    (contact_app / EXTENSIONS).write_text(
        f"{text}// .use(extensions.event({{ id: 'x', source: './foreign/thing.ts' }}))\n"
    )
    run_copy(plain, contact_app, {"event": POST})
    assert [event["event"] for event in recorded(contact_app)] == [CONTACT, POST]


def test_an_id_that_code_makes_is_no_reason_to_refuse(plain: TemplateRepo, contact_app: Path) -> None:
    foreign(kind="dashboardPage")(contact_app)
    path = contact_app / f"{FOREIGN}.extension.ts"
    path.write_text(path.read_text().replace(f"'{IDS[0]}'", "process.env.PAGE_ID"))
    run_copy(plain, contact_app, {"event": POST})
    assert len(recorded(contact_app)) == 2


def test_a_linked_folder_inside_the_app_is_written_to(plain: TemplateRepo, wix_app: Path) -> None:
    (wix_app / "server").mkdir()
    (wix_app / "src/backend").symlink_to("../server")
    run_copy(plain, wix_app, {"event": CONTACT})
    assert (wix_app / "server/events/contact-created/contact-created.ts").is_file()


def keep_from_writing(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the system say that a folder is read-only, which the superuser is never told."""
    access = os.access
    patch.setattr(os, "access", lambda path, mode: Path(path) != folder and access(path, mode))


@pytest.mark.parametrize("folder", ["src", "src/backend/events", "scripts", "."])
def test_a_read_only_folder_is_refused(
    plain: TemplateRepo, wix_app: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    (wix_app / folder).mkdir(parents=True, exist_ok=True)
    keep_from_writing(monkeypatch, wix_app / folder)
    shown = str(wix_app) if folder == "." else folder
    message = refused(plain, wix_app, {"event": CONTACT, "trigger": True})
    assert message == f"{shown} is read-only and was left alone. Make it writable and run this again."


@pytest.mark.parametrize("asked", [{"remove": "contact-created"}, {"rename": "contact-created:cc"}])
def test_a_read_only_folder_that_is_to_go_is_refused(
    app: Path, monkeypatch: pytest.MonkeyPatch, asked: Mapping[str, Any]
) -> None:
    keep_from_writing(monkeypatch, (app / BUILDER).parent)
    before = everything(app)
    with pytest.raises(UserMessageError, match=f"{Path(BUILDER).parent.as_posix()} is read-only"):
        run_update(app, asked)
    assert everything(app) == before
