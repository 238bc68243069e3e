"""The life of an app: runs of Copier, edits of the user's and merges of branches, each looked over when it is done."""

from __future__ import annotations

import itertools
import posixpath
import shutil
import subprocess
import uuid
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import editor
import pytest
import yaml
from apps import (
    ANSWERS,
    EVENTS,
    EXTENSIONS,
    WIX_EVENTS,
    builder,
    everything,
    handler,
    record,
    registered,
    without_registrations,
    write,
)
from copier.errors import UserMessageError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from template_repo import TemplateRepo, commit_all, git, run_copy, run_update
from wix import new_app, snapshot
from wix_events.names import export_name
from wix_events.reader import AppFiles, read_app, relative_imports
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
PICKS = st.integers(0, 9)
RESOLUTIONS = ["--ours", "--theirs", "both"]

# What two branches do before they are merged: what git merges, but for what both write down in shared files.
# Left out is what only a person can put together, as where one side renames what new code of the other imports.
BRANCHES = [
    ("add", "add"),
    ("add", "rename"),
    ("rename", "add"),
    ("rename", "rename"),
    ("rename", "write"),
    ("write", "rename"),
    ("rename", "remove"),
    ("remove", "add"),
    ("remove", "remove"),
    ("help", "add"),
    ("help", "rename"),
    ("newer", "write"),
    ("write", "move"),
    ("remove", "move"),
    ("add", "move"),
    ("move", "add"),
]


class Line(NamedTuple):
    """A line of the user's, in a file that goes with events.

    Attributes:
        owner: The event in whose folder it is, if in any.
        uses: The events that its file imports: before one of them is removed, the user deletes that file.
    """

    owner: str | None
    uses: frozenset[str] = frozenset()


@dataclass
class Known:
    """What is true of an app on a branch.

    Attributes:
        version: Its template's, by number.
        events_dir: Where its events are.
        ids: The id of each event, by key.
        names: The name of each recorded event, by key.
        unadopted: The folder of each event that the record does not have, by key.
        lines: All lines of the user's.
        followed: The events whose files a merge left where the record did not have them: they count as moved by the user.
    """

    version: int = 0
    events_dir: str = EVENTS
    ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    unadopted: dict[str, str] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)

    def mine(self) -> list[str]:
        """Return the names of the events whose files are the template's."""
        return sorted(name for key, name in self.names.items() if key not in {*BY_HAND, *self.followed})

    def key(self, name: str) -> str:
        """Return the event of a name."""
        return next(key for key, value in self.names.items() if value == name)

    def merged(self, base: Known, other: Known) -> Known:
        """Return what is true after a merge: what either side has changed."""

        def either(was: dict[str, str], one: dict[str, str], two: dict[str, str]) -> dict[str, str]:
            keys = {*one, *two}
            found = {key: one.get(key) if one.get(key) != was.get(key) else two.get(key) for key in keys}
            return {key: value for key, value in found.items() if value is not None}

        lines = {
            line: at
            for line, at in {**self.lines, **other.lines}.items()
            if line not in base.lines or (line in self.lines and line in other.lines)
        }
        return Known(
            max(self.version, other.version),
            self.events_dir if self.events_dir != base.events_dir else other.events_dir,
            either(base.ids, self.ids, other.ids),
            either(base.names, self.names, other.names),
            self.unadopted,
            lines,
            self.followed | other.followed,
        )


def picked(values: Iterable[str], pick: int) -> str:
    """Return one of some values by a number."""
    choice = sorted(values)
    return choice[pick % len(choice)]


class Watched(RuleBasedStateMachine):
    """An app, and what is known of it; after each run everything that was promised is looked up on disk."""

    def __init__(self, repo: TemplateRepo, folder: Path) -> None:
        """Make an app without events."""
        super().__init__()
        self.repo, self.folder = repo, folder
        self.app = new_app(folder / "app")
        write(folder / "neighbour/mine.ts", "// Not the app's.\n")
        self.numbers = itertools.count()
        self.known = Known()

    def teardown(self) -> None:
        """See that all is done, and delete the app."""
        self.settle()
        shutil.rmtree(self.folder)

    def line(self, owner: str | None, *uses: str) -> str:
        """Make a line of the user's that is like no other."""
        line = f"// mine, number {next(self.numbers)}."
        self.known.lines[line] = Line(owner, frozenset(uses))
        return line

    def write_in_handler(self, name: str, line: str) -> None:
        """Write a line where an event's handler has room for it."""
        path = self.app / handler(name, self.known.events_dir)
        text, mark = path.read_text(), "    // Your code goes here"
        assert text.count(mark) == 1
        path.write_text(text.replace(mark, f"{line}\n{mark}"))

    def note(self, key: str, name: str) -> None:
        """Note an event that a run may have added, with the name and the id that it got."""
        if key not in self.known.ids:
            (event,) = (event for event in record(self.app).values() if event["event"] == key)
            assert event["id"] not in self.known.ids.values()
            assert name in ("", event["name"])
            self.known.ids[key], self.known.names[key] = event["id"], event["name"]

    def forget(self, name: str) -> None:
        """Note that an event goes, with the user's lines in it; the user deletes the files that import it."""
        key = self.known.key(name)
        gone = {line for line, at in self.known.lines.items() if key in at.uses}
        for path in sorted((self.app / "src").rglob("*.ts")):
            if gone & set(path.read_text().splitlines()):
                path.unlink()
        self.known.lines = {
            line: at for line, at in self.known.lines.items() if at.owner != key and line not in gone
        }
        del self.known.ids[key], self.known.names[key]
        if place := record(self.app)[name].get("builder"):
            # Its files stay, so that it could not be made anew: the user deletes them.
            shutil.rmtree((self.app / place).parent)
            path = self.app / EXTENSIONS
            path.write_bytes(without_registrations(path.read_bytes(), [place]))
        commit_all(self.app)

    def run_update(self, data: dict[str, object], added: Iterable[str] = ()) -> None:
        """Update and check."""
        run_update(self.app, data, vcs_ref=VERSIONS[self.known.version])
        for key in added:
            self.note(key, "")
        self.known.followed = {
            event["event"] for event in record(self.app).values() if "builder" in event
        } - set(BY_HAND)
        self.check()
        answers = yaml.safe_load((self.app / ANSWERS).read_text())
        assert answers["_commit"] == VERSIONS[self.known.version]

    def settle(self) -> None:
        """Update once more, which must change nothing: the runs before have left nothing to do."""
        run_update(self.app, vcs_ref=VERSIONS[self.known.version])
        assert git(self.app, "status", "--porcelain") == ""

    def check(self) -> None:
        """Look up on disk everything that was promised, then commit."""
        events = record(self.app)
        recorded = {event["event"]: (name, event["id"]) for name, event in events.items()}
        assert recorded == {key: (name, self.known.ids[key]) for key, name in self.known.names.items()}
        expected = {f"src/{folder}/x.extension" for folder in self.known.unadopted.values()}
        sources = set()
        for name, event in events.items():
            paths = (
                event.get("builder", builder(name, self.known.events_dir)),
                event.get("handler", handler(name, self.known.events_dir)),
            )
            assert f'id: "{event["id"]}"' in (self.app / paths[0]).read_text()
            assert event["event"].split(".")[2] in (self.app / paths[1]).read_text()
            expected.add(paths[0][:-3])
            sources.add((event["id"], paths[1]))
        assert registered(self.app) == expected
        found = [extension for extension in read_app(self.app).extensions if extension.registered]
        assert len(found) == len(expected)
        assert {(each.id, each.handler) for each in found} >= sources
        files = {path: content for path, content in snapshot(self.app).items() if path.startswith("src/")}
        assert files["src/extensions.ts"].count(b".use(") == len(expected)
        text = b"\n".join(files.values()).decode()
        assert "<<<<<<<" not in text
        for line in self.known.lines:
            assert text.count(line) == 1, line
        app = AppFiles(self.app)
        imports = relative_imports(app)
        assert not app.problems
        assert [item for item in imports if item.target is None or item.target not in files] == []
        around = {path for path in everything(self.folder) if not path.startswith("app/")}
        assert around == {"app", "neighbour", "neighbour/mine.ts"}
        assert (self.folder / "neighbour/mine.ts").read_text() == "// Not the app's.\n"
        commit_all(self.app)

    def resolve(self, resolution: str, added: set[str], theirs: Known) -> None:
        """Resolve what git could not merge: `src/extensions.ts` by one side, or by adding what their branch added to ours."""
        unmerged = set(git(self.app, "diff", "--name-only", "--diff-filter=U").split())
        if ANSWERS in unmerged:
            self.keep_both_records()
        if "package.json" in unmerged:
            # The update that follows adds what is missing.
            git(self.app, "checkout", "--ours", "package.json")
        if EXTENSIONS in unmerged:
            git(self.app, "checkout", "--ours" if resolution == "both" else resolution, EXTENSIONS)
        if EXTENSIONS in unmerged and resolution == "both":
            path = self.app / EXTENSIONS
            wanted = [
                Registration(
                    builder(theirs.names[key], theirs.events_dir)[:-3], export_name(theirs.names[key])
                )
                for key in sorted(added)
            ]
            path.write_bytes(editor.register(path.read_bytes(), wanted))

    def keep_both_records(self) -> None:
        """Resolve the answers file as the README says: by keeping the events of both sides."""
        stages = [self.folder / f"stage-{number}" for number in (1, 2, 3)]
        for number, stage in enumerate(stages, 1):
            stage.write_text(git(self.app, "show", f":{number}:{ANSWERS}"))
        base, ours, theirs = map(str, stages)
        (self.app / ANSWERS).write_text(git(self.app, "merge-file", "-p", "--union", ours, base, theirs))
        for stage in stages:
            stage.unlink()


class Life(Watched):
    """What happens to an app."""

    def __init__(self, repo: TemplateRepo, folder: Path) -> None:
        """Make an app with one event at the first version."""
        super().__init__(repo, folder)
        self.copy(KEYS[0], "", 0)

    # Runs

    @rule(key=st.sampled_from(KEYS), name=st.sampled_from(["", *NAMES]), newer=st.integers(0, 2))
    def copy(self, key: str, name: str, newer: int) -> None:
        """Add an event with copier copy, which at a newer version is refused unless there is nothing to add."""
        if key in self.known.ids:
            name = ""
        elif name in self.known.names.values():
            return
        version = min(self.known.version + newer, len(VERSIONS) - 1)
        data = {"event": key, **({"name": name} if name else {})}
        before = snapshot(self.app)
        if version == self.known.version or key in self.known.ids:
            run_copy(self.repo, self.app, data, vcs_ref=VERSIONS[version])
        else:
            with pytest.raises(UserMessageError, match="copier update"):
                run_copy(self.repo, self.app, data, vcs_ref=VERSIONS[version])
        if version == self.known.version:
            self.note(key, name)
        else:
            assert snapshot(self.app) == before
        self.check()

    @rule(newer=st.integers(0, 2), key=st.sampled_from(["", *KEYS]))
    def update(self, newer: int, key: str) -> None:
        """Update to this or a newer version, and perhaps add an event."""
        self.known.version = min(self.known.version + newer, len(VERSIONS) - 1)
        self.run_update({"event": key} if key else {}, [key] if key else [])

    @precondition(lambda self: self.known.names)
    @rule(pick=PICKS)
    def remove(self, pick: int) -> None:
        """Remove an event."""
        name = picked(self.known.names.values(), pick)
        self.forget(name)
        self.run_update({"remove": name})

    @precondition(lambda self: self.known.mine())
    @rule(pick=PICKS, new=st.sampled_from(NAMES))
    def rename(self, pick: int, new: str) -> None:
        """Rename an event."""
        old = picked(self.known.mine(), pick)
        if new not in self.known.names.values():
            self.known.names = {key: new if name == old else name for key, name in self.known.names.items()}
            self.run_update({"rename": f"{old}:{new}"})

    @rule()
    def move(self) -> None:
        """Change the folder of all events, if there are any to move."""
        if self.known.mine():
            self.known.events_dir = WIX_EVENTS if self.known.events_dir == EVENTS else EVENTS
            self.run_update({"events_dir": self.known.events_dir})

    @precondition(lambda self: self.known.unadopted)
    @rule()
    def adopt(self) -> None:
        """Adopt what was made by hand."""
        for key, folder in self.known.unadopted.items():
            self.known.names[key] = folder
        adopted, self.known.unadopted = self.known.unadopted, {}
        self.run_update({"adopt": True})
        assert set(adopted) <= {event["event"] for event in record(self.app).values()}

    # The user's own doing

    @precondition(lambda self: self.known.mine())
    @rule(pick=PICKS, in_handler=st.booleans())
    def write_code(self, pick: int, in_handler: bool) -> None:
        """Write a line into an event's builder or handler, away from what releases change."""
        name = picked(self.known.mine(), pick)
        line = self.line(self.known.key(name))
        if in_handler:
            self.write_in_handler(name, line)
        else:
            path = self.app / builder(name, self.known.events_dir)
            text = path.read_text()
            assert text.count("});\n") == 1
            path.write_text(text.replace("});\n", f"}});\n{line}\n"))
        commit_all(self.app)

    @precondition(lambda self: self.known.mine())
    @rule(kind=st.sampled_from(["helper", "test", "user", "neighbour"]), pick=PICKS)
    def write_file(self, kind: str, pick: int) -> None:
        """Write a file that has to do with an event: a helper or a test beside the handler, or what uses it elsewhere."""
        name, number = picked(self.known.mine(), pick), next(self.numbers)
        key, folder = self.known.key(name), f"{self.known.events_dir}/{name}"
        owner: str | None = key
        uses = [key]
        if kind == "helper":
            path, text = f"{folder}/help-{number}.ts", f'export type {{ default as Type }} from "./{name}";'
            self.write_in_handler(name, f'void import("./help-{number}"); {self.line(key)}')
        elif kind == "test":
            path = f"{folder}/{name if number % 2 else f'more-{number}'}.test.ts"
            text = f'import "./{name}.extension";\nvi.mock("./{name}");\nimport "./{name}.js";'
        elif kind == "user":
            owner, path = None, f"src/lib/use-{number}.ts"
            there = posixpath.relpath(folder, "src/lib")
            text = (
                f'import {{ {export_name(name)} }} from "{there}/{name}.extension";\n'
                f'export {{ default }} from "{there}/{name}";\nvoid import("{there}/{name}");'
            )
        else:
            other = picked(self.known.mine(), pick + 1)
            path, uses = f"{folder}/with-{number}.ts", [key, self.known.key(other)]
            text = f'import "../{other}/{other}";\nexport * from "../{other}/{other}.extension";'
        if not (self.app / path).exists():
            write(self.app / path, f"{text}\n{self.line(owner, *uses)}\n")
        commit_all(self.app)

    @rule(last=st.booleans())
    def write_in_extensions(self, last: bool) -> None:
        """Write a line into src/extensions.ts."""
        path, line = self.app / EXTENSIONS, self.line(None)
        text = path.read_text()
        path.write_text(f"{text}{line}\n" if last else f"{line}\n{text}")
        commit_all(self.app)

    @precondition(lambda self: self.known.mine())
    @rule(picks=st.sets(PICKS, min_size=1))
    def lose_registrations(self, picks: set[int]) -> None:
        """Lose registrations, as a bad merge does, and resync."""
        names = {picked(self.known.mine(), pick) for pick in picks}
        path = self.app / EXTENSIONS
        builders = [builder(name, self.known.events_dir) for name in names]
        path.write_bytes(without_registrations(path.read_bytes(), builders))
        commit_all(self.app)
        self.run_update({})

    @precondition(lambda self: self.known.mine())
    @rule(pick=PICKS, whole=st.booleans())
    def delete_files(self, pick: int, whole: bool) -> None:
        """Delete an event's folder, which drops it, or only its builder, which a copy makes again."""
        name = picked(self.known.mine(), pick)
        path = self.app / builder(name, self.known.events_dir)
        if whole:
            self.forget(name)
            shutil.rmtree(path.parent)
        else:
            text = path.read_text()
            self.known.lines = {line: at for line, at in self.known.lines.items() if line not in text}
            path.unlink()
        commit_all(self.app)
        if not whole:
            key = self.known.key(name)
            run_copy(self.repo, self.app, {"event": key}, vcs_ref=VERSIONS[self.known.version])
            commit_all(self.app)
        self.run_update({})

    @rule(key=st.sampled_from(BY_HAND))
    def make_by_hand(self, key: str) -> None:
        """Make and register an event without the template."""
        if key in self.known.ids:
            return
        package, namespace, listener = key.split(".")
        folder = f"by-hand-{next(self.numbers)}"
        self.known.ids[key] = str(uuid.uuid4())
        self.known.unadopted[key] = folder
        place = self.app / "src" / folder
        place.mkdir()
        (place / "x.extension.ts").write_text(
            'import { extensions } from "@wix/astro/builders";\n'
            f'export default extensions.event({{ id: "{self.known.ids[key]}", source: "./{folder}/x.ts" }});\n'
        )
        (place / "x.ts").write_text(
            f'import {{ {namespace} }} from "@wix/{package}";\nexport default {namespace}.{listener}(() => {{}});\n'
        )
        path = self.app / EXTENSIONS
        wanted = [Registration(f"src/{folder}/x.extension", "default")]
        path.write_bytes(editor.register(path.read_bytes(), wanted))
        commit_all(self.app)

    # Two branches

    @precondition(lambda self: self.known.mine())
    @rule(
        sides=st.sampled_from(BRANCHES),
        picks=st.tuples(PICKS, PICKS),
        resolution=st.sampled_from(RESOLUTIONS),
    )
    def merge(self, sides: tuple[str, str], picks: tuple[int, int], resolution: str) -> None:
        """Do something on each of two branches, and merge them; then an update puts everything in step."""
        base, main = deepcopy(self.known), git(self.app, "symbolic-ref", "--short", "HEAD").strip()
        git(self.app, "checkout", "--quiet", "-B", "theirs")
        self.do(sides[0], picks[0], Known())
        commit_all(self.app)
        theirs, self.known = self.known, deepcopy(base)
        git(self.app, "checkout", "--quiet", main)
        self.do(sides[1], picks[1], theirs)
        commit_all(self.app)
        self.known = self.known.merged(base, theirs)
        subprocess.run(
            ["git", "merge", "--quiet", "--no-edit", "theirs"], cwd=self.app, capture_output=True, check=False
        )
        self.resolve(resolution, set(theirs.names) - set(base.names), theirs)
        commit_all(self.app)
        self.run_update({})

    def do(self, what: str, pick: int, theirs: Known) -> None:
        """Do something, to an event that another branch has not touched."""
        new = {at for line, at in theirs.lines.items() if line not in self.known.lines}
        touched = {key for at in new for key in (at.owner, *at.uses)}
        if theirs.names:
            touched |= {key for key, name in self.known.names.items() if theirs.names.get(key) != name}
        if what == "write":
            touched -= {key for key in touched if key in theirs.names}
            touched |= {at.owner for at in new}
        free = [name for name in self.known.mine() if self.known.key(name) not in touched]
        index = self.known.mine().index(picked(free, pick)) if free else 0
        if what == "add":
            taken = {*self.known.ids, *theirs.ids}
            left = [key for key in KEYS if key not in taken]
            if left:
                self.copy(picked(left, pick), "", 0)
        elif what == "move":
            self.move()
        elif what == "newer":
            self.update(1 + pick % 2, "")
        elif free and what == "rename":
            left = [
                name for name in NAMES if name not in {*self.known.names.values(), *theirs.names.values()}
            ]
            if left:
                self.rename(index, picked(left, pick))
        elif free and what == "remove":
            self.remove(sorted(self.known.names.values()).index(self.known.mine()[index]))
        elif free and what == "help":
            self.write_file(["helper", "test", "user"][pick % 3], index)
        elif free and what == "write":
            self.write_code(index, pick % 2 == 0)
