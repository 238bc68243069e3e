"""What a run is spared: compiling our modules, git's comparing of all files, and a last search for garbage."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path

import pytest
import shortcuts
import yaml
from template_repo import TemplateRepo, commit_all, git
from wix import ROOT

EXTENSIONS = ROOT / "extensions"

# Notes each file that Python compiles.
COMPILED = """
import os, sys

log = os.open(os.environ["COMPILED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def note(event, arguments):
    if event == "compile" and isinstance(arguments[1], str):
        os.write(log, f"{arguments[1]}\\n".encode())


sys.addaudithook(note)
"""


def test_the_modules_are_those_that_a_run_imports() -> None:
    loaded = yaml.safe_load((ROOT / "copier.yml").read_text())["_jinja_extensions"][1:]
    extensions = [re.fullmatch(r"extensions/(\w+)\.py:\w+", path) for path in loaded]
    names = {found[1] for found in extensions if found} - {"shortcuts"}
    siblings = set(re.findall(r'_sibling\("(\w+)"\)', (EXTENSIONS / "sync.py").read_text()))
    assert len(extensions) == len(names) + 1
    assert set(shortcuts.MODULES) == names | siblings


def compiled_by_a_copy(template: TemplateRepo, app: Path, tmp_path: Path, package: Path) -> set[str]:
    """Add an event with a package beside Copier; return which modules of the checkout were compiled."""
    (tmp_path / "path").mkdir()
    (tmp_path / "path/sitecustomize.py").write_text(COMPILED)
    (tmp_path / "path" / shortcuts.PACKAGE).symlink_to(package)
    # Without it, the package that this suite is run with would be a part of it.
    (package / "__init__.py").touch()
    log = tmp_path / "compiled"
    command = ("copy", "--trust", "--defaults", "-d", "event=crm.contacts.onContactCreated")
    subprocess.run(
        [sys.executable, "-m", "copier", *command, str(template.path), str(app)],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "path"), "COMPILED": str(log)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    assert (app / "src/backend/events/contact-created/contact-created.ts").is_file()
    paths = (Path(line) for line in log.read_text().splitlines())
    return {path.stem for path in paths if path.parent.name == "extensions"}


def test_nothing_is_compiled_that_the_installed_package_has(
    template: TemplateRepo, wix_app: Path, tmp_path: Path
) -> None:
    package = Path(shutil.copytree(template.path / "extensions", tmp_path / "package"))
    assert compiled_by_a_copy(template, wix_app, tmp_path, package) == {"shortcuts"}


def test_a_module_that_differs_from_the_installed_one_is_compiled(
    template: TemplateRepo, wix_app: Path, tmp_path: Path
) -> None:
    package = Path(shutil.copytree(template.path / "extensions", tmp_path / "package"))
    (package / "plan.py").write_text("raise SystemExit('this is another version')\n")
    (package / "sync.py").unlink()
    assert compiled_by_a_copy(template, wix_app, tmp_path, package) == {"shortcuts", "plan", "sync"}


def test_without_the_package_all_is_compiled(template: TemplateRepo, wix_app: Path, tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    compiled = compiled_by_a_copy(template, wix_app, tmp_path, package)
    assert compiled == {"shortcuts", *shortcuts.MODULES}


def test_a_template_in_a_folder_of_its_own_is_left_as_it_is(
    template: TemplateRepo, wix_app: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(template.path, tmp_path / "folder", ignore=shutil.ignore_patterns(".git"))
    package = Path(shutil.copytree(template.path / "extensions", tmp_path / "package"))
    compiled = compiled_by_a_copy(TemplateRepo(folder), wix_app, tmp_path, package)
    assert compiled == {"shortcuts", *shortcuts.MODULES}


def module(folder: Path, text: str) -> Path:
    """Write a module of the name that `app` has here."""
    folder.mkdir(exist_ok=True)
    path = folder / "app.py"
    path.write_text(text)
    return path


def load(path: Path) -> object:
    """Import a module from its file; return its `X`."""
    names: dict[str, object] = {}
    code = SourceFileLoader("app", str(path)).get_code("app")
    assert code
    exec(code, names)
    return names["X"]


def test_bytecode_that_the_installed_module_has_outgrown_is_not_handed_over(tmp_path: Path) -> None:
    ours, twin = module(tmp_path / "ours", "X = 2\n"), module(tmp_path / "twin", "X = 1\n")
    assert load(twin) == 1
    twin.write_text("X = 2\n")
    later = twin.stat().st_mtime + 10
    os.utime(twin, (later, later))
    shortcuts.hand_over_bytecode(ours.parent, twin.parent)
    assert Path(cache_from_source(str(ours))).is_file()
    assert load(ours) == 2


def test_bytecode_that_is_there_stays(tmp_path: Path) -> None:
    ours, twin = module(tmp_path / "ours", "X = 1\n"), module(tmp_path / "twin", "X = 1\n")
    there = Path(cache_from_source(str(ours)))
    there.parent.mkdir()
    there.write_bytes(b"mine")
    shortcuts.hand_over_bytecode(ours.parent, twin.parent)
    assert there.read_bytes() == b"mine"


def test_a_checkout_that_cannot_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    ours, twin = module(tmp_path / "ours", "X = 1\n"), module(tmp_path / "twin", "X = 1\n")
    # A file where the folder would be: the superuser may write anywhere.
    Path(cache_from_source(str(ours))).parent.write_text("")
    shortcuts.hand_over_bytecode(ours.parent, twin.parent)
    shortcuts.age_files(tmp_path)
    assert load(ours) == 1


@pytest.fixture(params=["clone", "worktree"])
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Make a checkout in each way that Copier does."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source/file.txt").write_text("one\n")
    commit_all(tmp_path / "source")
    path = tmp_path / "checkout"
    if request.param == "clone":
        git(tmp_path, "clone", "--quiet", "source", str(path))
    else:
        git(tmp_path / "source", "worktree", "add", "--quiet", "--detach", str(path))
    return path


def test_git_sees_the_files_as_older_than_its_index_and_a_change_all_the_same(checkout: Path) -> None:
    index = checkout / git(checkout, "rev-parse", "--git-path", "index").strip()
    shortcuts.age_files(checkout)
    # git looks at whole seconds only.
    assert int(index.stat().st_mtime) > int((checkout / "file.txt").stat().st_mtime)
    assert git(checkout, "status", "--porcelain") == ""
    (checkout / "file.txt").write_text("three\n")
    assert git(checkout, "status", "--porcelain") == " M file.txt\n"


@pytest.mark.parametrize(
    ("command", "frozen"),
    [
        ("/usr/bin/copier", True),
        ("C:/Scripts/copier.exe", True),
        ("/x/copier/__main__.py", True),
        ("/usr/bin/pytest", False),
        ("-c", False),
    ],
)
def test_only_copier_s_own_command_leaves_garbage(command: str, frozen: bool) -> None:
    code = (
        "import atexit, gc, sys; atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > before)); "
        f"sys.path.insert(0, {str(EXTENSIONS)!r}); import shortcuts; before = 0; "
        f"sys.argv[0] = {command!r}; shortcuts.leave_garbage(); "
        f"assert (gc.get_freeze_count() > 0) == {frozen}; before = gc.get_freeze_count(); new = [[] for _ in range(99)]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"True {frozen}\n"
