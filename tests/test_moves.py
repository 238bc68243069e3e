"""A move takes everything along that names the moved files, or changes nothing."""

from __future__ import annotations

import errno
import itertools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wix import snapshot
from wix_events import record
from wix_events.errors import UserError
from wix_events.moves import Moves, plan_moves
from wix_events.reader import AppFiles, relative_imports
from wix_events.sync import sync

ANSWERS = record.DEFAULT_FILE
EVENTS, OTHER_EVENTS = "src/backend/events", "src/extensions/backend/events"
OLD = f"{EVENTS}/order-approved"
BUILDER = """\
import { extensions } from "@wix/astro/builders";

export const eventOrderApproved = extensions.event({
  id: "11111111-1111-4111-8111-111111111111",
  source: "./backend/events/order-approved/order-approved.ts",
});
"""
HANDLER = 'import { orders } from "@wix/ecom";\n\nexport default orders.onOrderApproved(async () => {});\n'
APP = {
    f"{OLD}/order-approved.extension.ts": BUILDER,
    f"{OLD}/order-approved.ts": HANDLER,
    f"{OLD}/order-approved.sample.json": "{}\n",
    "src/extensions.ts": 'import { app } from "@wix/astro/builders";\n'
    'import { eventOrderApproved } from "./backend/events/order-approved/order-approved.extension";\n\n'
    "export default app().use(eventOrderApproved);\n",
}

RENAMED_EXTENSIONS = (
    APP["src/extensions.ts"].replace("OrderApproved", "Paid").replace("order-approved", "paid")
)


def write(root: Path, tree: Mapping[str, str | bytes]) -> Path:
    for path, text in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Make an app with one event."""
    return write(tmp_path / "app", APP)


def rename(root: Path, *pairs: tuple[str, str]) -> Moves:
    return plan_moves(root, EVENTS, EVENTS, pairs or [("order-approved", "paid")], once=False)


def move(root: Path, once: bool = False, new: str = "order-approved") -> Moves:
    return plan_moves(root, EVENTS, OTHER_EVENTS, [("order-approved", new)], once)


def lead_nowhere(root: Path) -> list[str]:
    """Return what is imported in vain."""
    return [
        f"{item.file}: {item.specifier}"
        for item in relative_imports(AppFiles(root))
        if item.target is None and not item.computed
    ]


# --- what follows -----------------------------------------------------------------------------------------------------


def test_rename_takes_the_folder_the_files_the_export_and_the_source_along(app: Path) -> None:
    write(app, {f"{OLD}/notes/logo.png": b"\x89PNG\xff\0", f"{OLD}/own.ts": "export {};\n"})

    planned = rename(app)
    planned.apply()

    new = f"{EVENTS}/paid"
    assert snapshot(app) == {
        f"{new}/paid.extension.ts": BUILDER.replace("OrderApproved", "Paid")
        .replace("order-approved", "paid")
        .encode(),
        f"{new}/paid.ts": HANDLER.encode(),
        f"{new}/paid.sample.json": b"{}\n",
        f"{new}/notes/logo.png": b"\x89PNG\xff\0",
        f"{new}/own.ts": b"export {};\n",
        "src/extensions.ts": RENAMED_EXTENSIONS.encode(),
    }
    assert not (app / OLD).exists()
    assert not planned.notes


NEIGHBOUR = f"{EVENTS}/other/other.ts"
# What stands in which file, and what stands there after the rename to `paid`.
RENAMED = [
    (f"{OLD}/a.test.ts", 'import handler from "./order-approved";', 'import handler from "./paid";'),
    (f"{OLD}/a.test.ts", 'vi.mock("./order-approved", () => ({}));', 'vi.mock("./paid", () => ({}));'),
    (f"{OLD}/a.test.ts", 'vi.mock(import("./order-approved"));', 'vi.mock(import("./paid"));'),
    (f"{OLD}/a.test.ts", 'import "../order-approved/order-approved";', 'import "./paid";'),
    (f"{OLD}/a.test.ts", 'import "./order-approved.ts";', 'import "./paid.ts";'),
    (f"{OLD}/a.test.ts", "import './order-approved.js'", "import './paid.js'"),
    (f"{OLD}/a.test.ts", 'import s from "./order-approved.sample.json";', 'import s from "./paid.sample.json";'),
    (f"{OLD}/a.test.ts", 'new URL("order-approved.sample.json", import.meta.url);', 'new URL("paid.sample.json", import.meta.url);'),
    (f"{OLD}/a.test.ts", 'import raw from "./order-approved.ts?raw";', 'import raw from "./paid.ts?raw";'),
    (f"{OLD}/deep/b.ts", 'export * from "../order-approved";', 'export * from "../paid";'),
    (f"{OLD}/a.test.ts", 'import "../other/other";', 'import "../other/other";'),
    (f"{OLD}/a.test.ts", 'import "./own-code";', 'import "./own-code";'),
    (NEIGHBOUR, 'import h from "../order-approved/order-approved";', 'import h from "../paid/paid";'),
    (NEIGHBOUR, 'import h from "../order-approved/";', 'import h from "../paid/";'),
    (NEIGHBOUR, 'const { x } = await import("../order-approved/own-code");', 'const { x } = await import("../paid/own-code");'),
    (NEIGHBOUR, 'type T = import("../order-approved/own-code").T;', 'type T = import("../paid/own-code").T;'),
    (NEIGHBOUR, 'log("../order-approved/order-approved");', 'log("../order-approved/order-approved");'),
    ("src/pages/api.ts", 'import h from "../backend/events/order-approved/order-approved.js";', 'import h from "../backend/events/paid/paid.js";'),
    ("src/pages/index.astro", '---\nimport { x } from "../backend/events/order-approved/own-code";\n---\n<p>order-approved</p>', '---\nimport { x } from "../backend/events/paid/own-code";\n---\n<p>order-approved</p>'),
    ("src/pages/api.ts", 'import h from "@/backend/events/order-approved/order-approved";', 'import h from "@/backend/events/paid/paid";'),
    ("src/pages/api.ts", 'import h from "#events/order-approved/order-approved.ts";', 'import h from "#events/paid/paid.ts";'),
    ("src/pages/api.ts", 'import h from "#events/other/other";', 'import h from "#events/other/other";'),
    (f"{OLD}/a.test.ts", 'import { eventOrderApproved } from "./order-approved.extension";\nuse(eventOrderApproved);', 'import { eventPaid } from "./paid.extension";\nuse(eventPaid);'),
    (f"{OLD}/a.test.ts", 'import { eventOrderApproved } from "./order-approved.extension";\nuse({ eventOrderApproved });', 'import { eventPaid as eventOrderApproved } from "./paid.extension";\nuse({ eventOrderApproved });'),
    ("src/pages/text.mdx", 'import { x } from "../backend/events/order-approved/own-code";\n\n# It\'s order-approved', 'import { x } from "../backend/events/paid/own-code";\n\n# It\'s order-approved'),
    ("src/view.vue", '<script setup>\nimport { x } from "./backend/events/order-approved/own-code";\n</script>', '<script setup>\nimport { x } from "./backend/events/paid/own-code";\n</script>'),
    ("tests/orders/a.test.ts", 'import h from "../../src/backend/events/order-approved/order-approved";', 'import h from "../../src/backend/events/paid/paid";'),
    ("vitest.config.ts", 'new URL("./src/backend/events/order-approved/own-code.ts", import.meta.url);', 'new URL("./src/backend/events/paid/own-code.ts", import.meta.url);'),
    ("a.test.ts", 'import { eventOrderApproved } from "@/backend/events/order-approved/order-approved.extension";', 'import { eventPaid } from "@/backend/events/paid/paid.extension";'),
    ("dist/a.js", 'import "../src/backend/events/order-approved/own-code";', 'import "../src/backend/events/order-approved/own-code";'),
    ("src/index.ts", 'export { eventOrderApproved } from "./backend/events/order-approved/order-approved.extension";', 'export { eventPaid as eventOrderApproved } from "./backend/events/paid/paid.extension";'),
    ("src/index.ts", 'export { eventOrderApproved as x } from "./backend/events/order-approved/order-approved.extension";', 'export { eventPaid as x } from "./backend/events/paid/paid.extension";'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after"), RENAMED)
def test_imports_follow_a_rename_in_their_own_style(app: Path, path: str, before: str, after: str) -> None:
    write(
        app,
        {
            NEIGHBOUR: "export {};\n",
            f"{OLD}/own-code.ts": "export const x = 1; export type T = 1;\n",
            f"{OLD}/index.ts": "export {};\n",
            "tsconfig.json": '{"compilerOptions": {"paths": {"#events/*": ["./src/backend/events/*"]}}}',
        },
    )
    start = "" if path.endswith((".astro", ".mdx", ".vue")) else "\ufeff// ü\r\n"
    write(app, {path: f"{start}{before}\r\n// kept\n"})

    rename(app).apply()

    assert (app / path.replace(OLD, f"{EVENTS}/paid")).read_bytes().decode() == f"{start}{after}\r\n// kept\n"
    assert lead_nowhere(app) == []


MOVED = [
    (f"{OLD}/order-approved.ts", 'import "../../send";', 'import "../../../../backend/send";'),
    (f"{OLD}/order-approved.ts", 'import "../once";', 'import "../once";'),
    (f"{OLD}/order-approved.ts", 'import "../mine";', 'import "../../../../backend/events/mine";'),
    (f"{OLD}/deep/b.ts", 'import "../../../send.js";', 'import "../../../../../backend/send.js";'),
    (f"{OLD}/deep/b.ts", 'import "../order-approved";', 'import "../order-approved";'),
    (f"{OLD}/order-approved.ts", 'import "../../generated/later";', 'import "../../../../backend/generated/later";'),
    (f"{EVENTS}/mine.ts", 'import "./order-approved/order-approved";', 'import "../../extensions/backend/events/order-approved/order-approved";'),
    (f"{EVENTS}/mine.ts", 'import "./once";', 'import "../../extensions/backend/events/once";'),
    ("src/pages/api.ts", 'import "@/backend/events/order-approved/order-approved";', 'import "@/extensions/backend/events/order-approved/order-approved";'),
    (f"{OLD}/order-approved.ts", 'import "@/backend/send";', 'import "@/backend/send";'),
    ("src/pages/api.ts", 'import "#events/order-approved/order-approved.ts";', 'import "../extensions/backend/events/order-approved/order-approved";'),
    ("src/pages/api.ts", 'import s from "#one?raw";', 'import s from "../extensions/backend/events/order-approved/order-approved.ts?raw";'),
    ("tests/a.test.ts", 'import "../src/backend/events/once";', 'import "../src/extensions/backend/events/once";'),
    ("src/extensions.ts", 'import "./backend/events/order-approved/own-code";', 'import "./extensions/backend/events/order-approved/own-code";'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after"), MOVED)
def test_imports_follow_to_another_folder(app: Path, path: str, before: str, after: str) -> None:
    write(
        app,
        {
            "src/backend/send.ts": "",
            f"{EVENTS}/mine.ts": "",
            f"{EVENTS}/once.ts": "",
            f"{OLD}/own-code.ts": "",
            "package.json": f'{{"imports": {{"#events/*": "./{EVENTS}/*", "#one": "./{OLD}/order-approved.ts"}}}}',
        },
    )
    write(app, {path: f"{before}\n"})

    move(app, once=True).apply()

    assert (app / path.replace(OLD, f"{OTHER_EVENTS}/order-approved")).read_text() == f"{after}\n"
    assert [found for found in lead_nowhere(app) if "generated" not in found] == []
    assert (app / OTHER_EVENTS / "once.ts").exists() and (app / EVENTS / "mine.ts").exists()


def test_folder_of_events_goes_when_nothing_is_left_in_it(app: Path) -> None:
    planned = move(app, new="paid")
    planned.apply()

    assert not (app / EVENTS).exists()
    assert (
        '"./extensions/backend/events/paid/paid.ts"'
        in (app / OTHER_EVENTS / "paid/paid.extension.ts").read_text()
    )
    assert '"./extensions/backend/events/paid/paid.extension"' in (app / "src/extensions.ts").read_text()


def test_name_that_is_passed_on_with_a_star_follows_where_it_is_imported(app: Path) -> None:
    extensions = 'import { eventOrderApproved } from "./backend/events";\nexport default app().use(eventOrderApproved);\n'
    write(
        app,
        {
            f"{EVENTS}/index.ts": 'export * from "./order-approved/order-approved.extension";\n',
            "src/extensions.ts": extensions,
        },
    )

    rename(app).apply()

    assert (app / EVENTS / "index.ts").read_text() == 'export * from "./paid/paid.extension";\n'
    assert (app / "src/extensions.ts").read_text() == extensions.replace("OrderApproved", "Paid")


@pytest.mark.parametrize(
    ("path", "code", "noted"),
    [
        (f"{OLD}/order-approved.ts", "await import(`./${name}.ts`);", "src/backend/events/paid/paid.ts:1: `./${name}.ts` is computed"),
        ("src/a.ts", 'require("./backend/events/order-approved/" + name);', "src/a.ts:1: "),
        ("src/a.ts", 'import * as b from "./backend/events/order-approved/order-approved.extension";\nb.eventOrderApproved;',
         "src/a.ts:1: takes all that src/backend/events/paid/paid.extension.ts has: eventOrderApproved is eventPaid there now."),
        ("src/a.ts", 'import.meta.glob("./backend/events/order-*/*.json");',
         'src/a.ts:1: "./backend/events/order-*/*.json" is computed'),
        ("tests/a.ts", 'import(`../src/backend/events/order-approved/${name}`);', "tests/a.ts:1: "),
    ],
)  # fmt: skip
def test_what_cannot_follow_is_named(app: Path, path: str, code: str, noted: str) -> None:
    write(app, {path: code})

    assert [note.startswith(noted) for note in rename(app).notes] == [True]


def test_computed_import_that_has_nothing_to_do_with_the_move_is_not_named(app: Path) -> None:
    write(
        app,
        {"src/a.ts": "await import(`./pages/${name}.ts`);\nimport.meta.glob('./pages/*.ts');\n"},
    )
    write(app, {"public/old.js": b"// \xe9\n"})

    assert not rename(app).notes


def test_long_expressions_and_broken_code_do_not_stop_a_move(app: Path) -> None:
    write(
        app,
        {
            f"{OLD}/long.ts": f"export const x = {' + '.join(['1'] * 3000)};\n",
            f"{OLD}/broken.ts": "import {\n",
        },
    )

    rename(app).apply()

    assert (app / EVENTS / "paid/long.ts").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_modes_are_kept(app: Path) -> None:
    (app / OLD / "order-approved.ts").chmod(0o640)

    rename(app).apply()

    assert (app / EVENTS / "paid/paid.ts").stat().st_mode & 0o777 == 0o640


# --- what is refused, before anything moves ---------------------------------------------------------------------------


def refused(app: Path, plan: Callable[[Path], Moves]) -> str:
    before = snapshot(app)
    with pytest.raises(UserError) as error:
        plan(app)
    assert snapshot(app) == before
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", ["paid.ts", "paid.extension.ts", "paid.sample.json", "Paid.ts"])
def test_file_of_the_users_own_is_not_overwritten_by_a_renamed_one(app: Path, name: str) -> None:
    write(app, {f"{OLD}/{name}": "mine\n"})

    assert f"{OLD}/{name}" in refused(app, rename)


@pytest.mark.parametrize("there", ["paid/paid.ts", "paid/PAID.ts", "Paid/mine.ts", "paid"])
def test_what_is_in_the_new_place_is_not_overwritten(app: Path, there: str) -> None:
    write(app, {f"{EVENTS}/{there}": "mine\n"})

    assert f"{EVENTS}/{there.split('/mine')[0]} is there already" in refused(app, rename)


@pytest.mark.parametrize("there", ["once.ts", "Once.ts", "order-approved/order-approved.ts"])
def test_file_in_the_new_folder_is_not_overwritten(app: Path, there: str) -> None:
    write(app, {f"{EVENTS}/once.ts": "ours\n", f"{OTHER_EVENTS}/{there}": "mine\n"})

    assert f"{OTHER_EVENTS}/{there} is there already" in refused(app, lambda app: move(app, once=True))


def test_two_events_that_would_swap_names_are_refused(app: Path) -> None:
    write(
        app, {path.replace("order-approved", "paid"): text for path, text in APP.items() if "events/" in path}
    )

    refused(app, lambda app: rename(app, ("order-approved", "paid"), ("paid", "order-approved")))


@pytest.mark.parametrize("path", [f"{OLD}/mine.ts", "src/pages/uses.ts"])
def test_read_only_file_whose_imports_must_follow_is_refused(app: Path, path: str) -> None:
    write(
        app, {path: 'import "./order-approved";import "../backend/events/order-approved/order-approved";\n'}
    )
    (app / path).chmod(0o444)

    assert f"{path} is read-only" in refused(app, rename)


def test_code_that_is_not_utf_8_is_refused_where_it_moves(app: Path) -> None:
    write(app, {f"{OLD}/latin.ts": b"// \xfc\n", "src/latin.ts": b"// \xfc\n"})

    assert f"{OLD}/latin.ts:1: Is not UTF-8" in refused(app, rename)
    (app / OLD / "latin.ts").unlink()
    rename(app).apply()


@pytest.mark.parametrize("path", [OLD, f"{OLD}/order-approved.ts", f"{OLD}/mine.ts", EVENTS, "src"])
@pytest.mark.parametrize("outside", [True, False])
def test_links_are_not_moved(app: Path, path: str, outside: bool) -> None:
    place = (app.parent if outside else app / "lib") / "elsewhere"
    place.parent.mkdir(exist_ok=True)
    if (app / path).exists():
        (app / path).rename(place)
    else:
        place.touch()
    (app / path).symlink_to(place)

    assert "is a link" in refused(app, rename) and place.exists()


@pytest.mark.parametrize("path", [OTHER_EVENTS, "src/extensions"])
def test_linked_folder_is_no_place_to_move_to(app: Path, path: str) -> None:
    (app.parent / "elsewhere").mkdir()
    (app / path).parent.mkdir(parents=True, exist_ok=True)
    (app / path).symlink_to(app.parent / "elsewhere")

    assert "is a link" in refused(app, move)


def test_fifo_is_not_moved_and_not_waited_for(app: Path) -> None:
    os.mkfifo(app / OLD / "pipe.ts")

    assert "pipe.ts is no file" in refused(app, rename)


# --- all or nothing ---------------------------------------------------------------------------------------------------


@pytest.fixture
def busy_app(app: Path) -> Path:
    """Make an app in which a move writes new files and changes others."""
    uses = 'import "./backend/events/order-approved/order-approved";\n'
    return write(
        app, {"src/a.ts": uses, "src/b.ts": uses, f"{OLD}/deep/c.ts": 'import "../order-approved";\n'}
    )


CHANGES = ("mkdir", "open", "chmod", "fsync", "replace", "rename", "unlink", "rmdir")


def fail_at(
    monkeypatch: pytest.MonkeyPatch, step: int, fault: Callable[[], None], calls: list[int] | None = None
) -> None:
    """Let one of the calls that may change a file fail, and count them."""
    calls = calls or [0]
    calls[0] = 0

    def failing(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            calls[0] += 1
            if calls[0] == step:
                fault()
            return real(*arguments, **options)

        return call

    for name in CHANGES:
        monkeypatch.setattr(os, name, failing(getattr(os, name)))


def no_space() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("fault", [no_space, interrupt])
@pytest.mark.parametrize("plan", [rename, lambda app: move(app, once=True)])
def test_step_that_fails_leaves_everything_as_it_was(
    busy_app: Path, tmp_path: Path, fault: Callable[[], None], plan: Callable[[Path], Moves]
) -> None:
    before = snapshot(busy_app)
    plan(write(tmp_path / "whole", before)).apply()
    whole = snapshot(tmp_path / "whole")
    reached = [0]
    for step in itertools.count(1):
        app = write(tmp_path / f"{step}", before)
        planned = plan(app)
        with pytest.MonkeyPatch.context() as patch:
            fail_at(patch, step, fault, reached)
            try:
                planned.apply()
                allowed = [whole]
            except UserError:
                allowed = [before]
            except KeyboardInterrupt:  # All may be done but for taking away what is left of the old folder.
                allowed = [before, whole]
        assert {path: text for path, text in snapshot(app).items() if ".event-tmp/" not in path} in allowed, (
            step
        )
        if reached[0] < step:
            break
        plan(app).apply()
        assert snapshot(app) == whole
    # Before 3.11, pathlib keeps the functions of os that there were when it was imported, so that fewer calls are seen.
    assert step > (40 if sys.version_info >= (3, 11) else 10)


@pytest.mark.parametrize("plan", [rename, lambda app: move(app, once=True)])
def test_move_that_was_killed_at_any_step_is_completed_by_the_next(
    busy_app: Path, tmp_path: Path, plan: Callable[[Path], Moves]
) -> None:
    tree = snapshot(busy_app)
    plan(write(tmp_path / "whole", tree)).apply()
    for step in itertools.count(1):
        app = write(tmp_path / f"{step}", tree)
        if (child := os.fork()) == 0:
            fail_at(pytest.MonkeyPatch(), step, lambda: os._exit(9))
            plan(app).apply()
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            break
        plan(app).apply()

        assert snapshot(app) == snapshot(tmp_path / "whole"), step
        assert not list(app.rglob("*.event-tmp"))
    assert step > 40


NAMES = st.sampled_from(["order-approved", "paid", "index", "once", "mine", "Paid"])
SUFFIX = st.sampled_from(
    [".ts", ".extension.ts", ".sample.json", ".test.ts", "/order-approved.ts", "/index.ts"]
)
PLACES = st.builds(
    lambda folder, name, suffix: f"{folder}/{name}{suffix}",
    st.sampled_from([OLD, f"{OLD}/deep", EVENTS, "src", "src/pages"]),
    NAMES,
    SUFFIX,
)


@given(
    places=st.lists(PLACES, min_size=1, max_size=6, unique_by=str.casefold),
    links=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans()), max_size=12),
    target=st.sampled_from([(EVENTS, "paid"), (OTHER_EVENTS, "order-approved"), (OTHER_EVENTS, "paid")]),
)
def test_no_import_is_lost_in_any_move(
    tmp_path_factory: pytest.TempPathFactory,
    places: list[str],
    links: list[tuple[int, int, bool]],
    target: tuple[str, str],
) -> None:
    root = write(tmp_path_factory.mktemp("any"), APP)
    paths = sorted({*places, *APP} - {"src/extensions.ts"})
    try:
        write(root, {path: snapshot(root).get(path, b"") for path in paths})
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return
    for first, second, suffix in links:
        importer, imported = paths[first % len(paths)], paths[second % len(paths)]
        if importer.endswith(".ts") and importer != imported:
            name = imported if suffix or not imported.endswith(".ts") else imported.removesuffix(".ts")
            spelled = os.path.relpath(name, os.path.dirname(importer))
            with (root / importer).open("a") as file:
                file.write(f'import "{spelled if spelled.startswith("../") else "./" + spelled}";\n')
    before = snapshot(root)
    reached = {(item.file, item.target) for item in relative_imports(AppFiles(root))}
    try:
        planned = plan_moves(root, EVENTS, target[0], [("order-approved", target[1])], once=True)
    except UserError:
        assert snapshot(root) == before
        return
    planned.apply()
    moved = planned.moved
    assert {(item.file, item.target) for item in relative_imports(AppFiles(root))} == {
        (moved.get(file, file), moved.get(imported or "", imported)) for file, imported in reached
    }
    kept = {path: content for path, content in before.items() if b"import" not in content}
    assert all(snapshot(root)[moved.get(path, path)] == content for path, content in kept.items())


# --- what a merge leaves ----------------------------------------------------------------------------------------------


def synced(app: Path, *names: str) -> list[str]:
    """Record events by their names, let the app follow, and return what is said."""
    id_ = "11111111-1111-4111-8111-111111111111"
    events = [{"name": name, "event": "ecom.orders.onOrderApproved", "id": id_} for name in names]
    write(app, {ANSWERS: record.text(record.Record(ANSWERS, events, EVENTS))})
    return sync(app, ANSWERS, {})


def test_import_of_an_event_that_the_record_has_elsewhere_goes(app: Path) -> None:
    rename(app).apply()
    write(app, {"src/extensions.ts": APP["src/extensions.ts"]})
    assert synced(app, "paid") == []
    assert (app / "src/extensions.ts").read_text() == RENAMED_EXTENSIONS


def test_other_imports_that_lead_nowhere_are_named(app: Path) -> None:
    lines = (
        'import { page } from "./pages/gone.extension";\n'
        'import { mine } from "./backend/events/gone/gone.extension";\nimport x from "react";\n'
    )
    write(app, {"src/extensions.ts": lines})
    assert [said.partition(", which is not there")[0] for said in synced(app)] == [
        'src/extensions.ts:1: Imports "./pages/gone.extension"',
        'src/extensions.ts:2: Imports "./backend/events/gone/gone.extension"',
    ]
    assert (app / "src/extensions.ts").read_text() == lines


def test_missing_file_of_a_recorded_event_is_left_to_others(app: Path) -> None:
    (app / OLD / "order-approved.extension.ts").unlink()
    assert synced(app, "order-approved") == []
    assert (app / "src/extensions.ts").read_text() == APP["src/extensions.ts"]
