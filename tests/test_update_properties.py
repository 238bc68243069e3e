"""Runs of Copier, edits of the user's and releases of the template, mixed at random: nothing is lost on the way."""

from __future__ import annotations

import itertools
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

import editor
import pytest
import yaml
from apps import (
    ANSWERS,
    EVENTS,
    EXTENSIONS,
    WIX_EVENTS,
    builder,
    handler,
    record,
    registered,
    release,
    without_registrations,
)
from copier.errors import UserMessageError
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from template_repo import TemplateRepo, commit_all, git, run_copy, run_update
from wix import new_app, snapshot
from wix_events.registrations import Registration

KEYS = [
    "crm.contacts.onContactCreated",
    "crm.contacts.onContactUpdated",
    "blog.posts.onPostCreated",
    "ecom.orders.onOrderApproved",
    "ecom.cart.onCartCreated",
    "bookings.bookings.onBookingConfirmed",
    "members.members.onMemberCreated",
]
BY_HAND = ["crm.labels.onLabelCreated", "comments.comments.onCommentCreated"]
NAMES = ["first", "second-one", "third-3"]
VERSIONS = ["1.0.0", "1.1.0", "2.0.0", "3.0.0", "3.1.0", "4.0.0"]


@pytest.fixture(scope="module")
def versions(template: TemplateRepo, tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """Make a template with all of VERSIONS; those that end in .0.0 change what is rendered."""
    repo = template.fork(tmp_path_factory.mktemp("versions") / "template")
    release(repo, "1.1.0", files={"README.md": "1.1.0\n"})
    release(repo, "2.0.0", handler=lambda text: text.replace("import {", "// Second version.\nimport {", 1))
    release(repo, "3.0.0", builder=lambda text: text.replace("/**", "// Third version.\n/**", 1))
    release(repo, "3.1.0", files={"README.md": "3.1.0\n"})
    release(repo, "4.0.0", handler=lambda text: text + "// Fourth version.\n")
    return repo


class Life(RuleBasedStateMachine):
    """An app's life; after each run everything that was promised is looked up on disk."""

    def __init__(self, repo: TemplateRepo, folder: Path) -> None:
        """Make an app with one event at the first version."""
        super().__init__()
        self.repo, self.folder = repo, folder
        self.app = new_app(folder / "app")
        self.version = 0
        self.events_dir = EVENTS
        self.numbers = itertools.count()
        self.ids: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.unadopted: dict[str, str] = {}
        # Each line of the user's, and the event whose files hold it, if any.
        self.lines: dict[str, str | None] = {}
        self.copy(KEYS[0], "", 0)

    def teardown(self) -> None:
        """Delete the app."""
        shutil.rmtree(self.folder)

    # Runs

    @rule(key=st.sampled_from(KEYS), name=st.sampled_from(["", *NAMES]), newer=st.integers(0, 2))
    def copy(self, key: str, name: str, newer: int) -> None:
        """Add an event with copier copy, which at a newer version is refused unless there is nothing to add."""
        if key in self.ids:
            name = ""
        elif name in self.names.values():
            return
        version = min(self.version + newer, len(VERSIONS) - 1)
        data = {"event": key, **({"name": name} if name else {})}
        before = snapshot(self.app)
        if version == self.version or key in self.ids:
            run_copy(self.repo, self.app, data, vcs_ref=VERSIONS[version])
        else:
            with pytest.raises(UserMessageError, match="copier update"):
                run_copy(self.repo, self.app, data, vcs_ref=VERSIONS[version])
        if version == self.version:
            self.note(key, name)
        else:
            assert snapshot(self.app) == before
        self.check()

    @rule(newer=st.integers(0, 2), key=st.sampled_from(["", *KEYS]))
    def update(self, newer: int, key: str) -> None:
        """Update to this or a newer version, and perhaps add an event."""
        self.version = min(self.version + newer, len(VERSIONS) - 1)
        self.run_update({"event": key} if key else {}, [key] if key else [])

    @precondition(lambda self: self.names)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        """Remove an event."""
        name = data.draw(st.sampled_from(sorted(self.names.values())))
        self.forget(name)
        self.run_update({"remove": name})

    @precondition(lambda self: self.mine())
    @rule(data=st.data(), new=st.sampled_from(NAMES))
    def rename(self, data: st.DataObject, new: str) -> None:
        """Rename an event."""
        old = data.draw(st.sampled_from(sorted(self.mine())))
        if new not in self.names.values():
            self.names = {key: new if name == old else name for key, name in self.names.items()}
            self.run_update({"rename": f"{old}:{new}"})

    @rule()
    def move(self) -> None:
        """Change the folder of all events, if there are any to move."""
        if self.mine():
            self.events_dir = WIX_EVENTS if self.events_dir == EVENTS else EVENTS
            self.run_update({"events_dir": self.events_dir})

    @precondition(lambda self: self.unadopted)
    @rule()
    def adopt(self) -> None:
        """Adopt what was made by hand."""
        for key, folder in self.unadopted.items():
            self.names[key] = folder
        adopted, self.unadopted = self.unadopted, {}
        self.run_update({"adopt": True})
        assert set(adopted) <= {event["event"] for event in record(self.app).values()}

    # The user's own doing

    @precondition(lambda self: self.mine())
    @rule(data=st.data(), where=st.sampled_from([builder, handler]))
    def write_code(self, data: st.DataObject, where: type) -> None:
        """Write a line into an event's builder or handler, away from what releases change."""
        name = data.draw(st.sampled_from(sorted(self.mine())))
        path = self.app / where(name, self.events_dir)
        line = self.line(next(key for key, value in self.names.items() if value == name))
        text = path.read_text()
        mark = "    // Your code goes here" if where is handler else "});\n"
        assert text.count(mark) == 1
        path.write_text(text.replace(mark, f"{line}\n{mark}" if where is handler else f"{mark}{line}\n"))
        commit_all(self.app)

    @rule(last=st.booleans())
    def write_in_extensions(self, last: bool) -> None:
        """Write a line into src/extensions.ts."""
        path, line = self.app / EXTENSIONS, self.line(None)
        text = path.read_text()
        path.write_text(f"{text}{line}\n" if last else f"{line}\n{text}")
        commit_all(self.app)

    @precondition(lambda self: self.mine())
    @rule(data=st.data())
    def lose_registrations(self, data: st.DataObject) -> None:
        """Lose registrations, as a bad merge does, and resync."""
        names = data.draw(st.sets(st.sampled_from(sorted(self.mine())), min_size=1))
        path = self.app / EXTENSIONS
        builders = [builder(name, self.events_dir) for name in names]
        path.write_bytes(without_registrations(path.read_bytes(), builders))
        commit_all(self.app)
        self.run_update({})

    @precondition(lambda self: self.mine())
    @rule(data=st.data(), whole=st.booleans())
    def delete_files(self, data: st.DataObject, whole: bool) -> None:
        """Delete an event's folder, which drops it, or only its builder, which a copy makes again."""
        name = data.draw(st.sampled_from(sorted(self.mine())))
        path = self.app / builder(name, self.events_dir)
        if whole:
            shutil.rmtree(path.parent)
            self.forget(name)
        else:
            text = path.read_text()
            self.lines = {line: key for line, key in self.lines.items() if line not in text}
            path.unlink()
        commit_all(self.app)
        if not whole:
            key = next(key for key, value in self.names.items() if value == name)
            run_copy(self.repo, self.app, {"event": key}, vcs_ref=VERSIONS[self.version])
            commit_all(self.app)
        self.run_update({})

    @rule(key=st.sampled_from(BY_HAND))
    def make_by_hand(self, key: str) -> None:
        """Make and register an event without the template."""
        if key in self.ids:
            return
        package, namespace, listener = key.split(".")
        folder = f"by-hand-{next(self.numbers)}"
        self.ids[key] = str(uuid.uuid4())
        self.unadopted[key] = folder
        place = self.app / "src" / folder
        place.mkdir()
        (place / "x.extension.ts").write_text(
            'import { extensions } from "@wix/astro/builders";\n'
            f'export default extensions.event({{ id: "{self.ids[key]}", source: "./{folder}/x.ts" }});\n'
        )
        (place / "x.ts").write_text(
            f'import {{ {namespace} }} from "@wix/{package}";\nexport default {namespace}.{listener}(() => {{}});\n'
        )
        path = self.app / EXTENSIONS
        wanted = [Registration(f"src/{folder}/x.extension", "default")]
        path.write_bytes(editor.register(path.read_bytes(), wanted))
        commit_all(self.app)

    # What is known, and whether it is so

    def mine(self) -> list[str]:
        """Return the names of the events that the template made."""
        return [name for key, name in self.names.items() if key not in BY_HAND]

    def line(self, key: str | None) -> str:
        """Make a line of the user's that is like no other."""
        line = f"// mine, number {next(self.numbers)}."
        self.lines[line] = key
        return line

    def note(self, key: str, name: str) -> None:
        """Note an event that a run may have added, with the name and the id that it got."""
        if key not in self.ids:
            (event,) = (event for event in record(self.app).values() if event["event"] == key)
            assert event["id"] not in self.ids.values()
            assert name in ("", event["name"])
            self.ids[key], self.names[key] = event["id"], event["name"]

    def forget(self, name: str) -> None:
        """Note that an event goes, with the user's lines in it."""
        (key,) = (key for key, value in self.names.items() if value == name)
        del self.ids[key], self.names[key]
        self.lines = {line: owner for line, owner in self.lines.items() if owner != key}
        if key in BY_HAND:
            # Its files stay, so that it could not be made anew: the user deletes them.
            shutil.rmtree(self.app / "src" / name)
            path = self.app / EXTENSIONS
            path.write_bytes(without_registrations(path.read_bytes(), [f"src/{name}/x.extension.ts"]))
            commit_all(self.app)

    def run_update(self, data: dict[str, object], added: Iterable[str] = ()) -> None:
        """Update, check, and update once more, which must change nothing."""
        run_update(self.app, data, vcs_ref=VERSIONS[self.version])
        for key in added:
            self.note(key, "")
        self.check()
        answers = yaml.safe_load((self.app / ANSWERS).read_text())
        assert answers["_commit"] == VERSIONS[self.version]
        run_update(self.app, vcs_ref=VERSIONS[self.version])
        assert git(self.app, "status", "--porcelain") == ""

    def check(self) -> None:
        """Look up on disk everything that was promised, then commit."""
        events = record(self.app)
        recorded = {event["event"]: (name, event["id"]) for name, event in events.items()}
        assert recorded == {key: (name, self.ids[key]) for key, name in self.names.items()}
        expected = {f"src/{folder}/x.extension" for folder in self.unadopted.values()}
        for name, event in events.items():
            paths = (
                event.get("builder", builder(name, self.events_dir)),
                event.get("handler", handler(name, self.events_dir)),
            )
            assert f'id: "{event["id"]}"' in (self.app / paths[0]).read_text()
            assert event["event"].split(".")[2] in (self.app / paths[1]).read_text()
            expected.add(paths[0][:-3])
        assert registered(self.app) == expected
        files = {path: content for path, content in snapshot(self.app).items() if path.startswith("src/")}
        everything = b"\n".join(files.values()).decode()
        assert "<<<<<<<" not in everything
        for line in self.lines:
            assert everything.count(line) == 1, line
        commit_all(self.app)


@pytest.mark.slow
@pytest.mark.hypothesis
def test_no_order_of_runs_edits_and_releases_loses_anything(
    versions: TemplateRepo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    class OneLife(Life):
        """A life in a folder of its own."""

        def __init__(self) -> None:
            super().__init__(versions, tmp_path_factory.mktemp("life"))

    profile = settings()
    run_state_machine_as_test(
        OneLife,
        settings=settings(
            # Each step takes seconds: an example is worth more than a smaller one.
            phases=[Phase.generate],
            stateful_step_count=8,
            max_examples=8 if profile.derandomize else profile.max_examples,
        ),
    )
