"""Files are replaced whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from wix_events import files
from wix_events.errors import UserError
from wix_events.files import delete, lock_folder, read, write_atomically

OLD = b"old\r\n" * 3
NEW = b"new\n" * 5
EXTENSIONS = Path(files.__file__).parents[1]


def tree(folder: Path) -> dict[str, bytes]:
    """Return the content of every file in a folder by name, hidden ones included."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    app = tmp_path / "app"
    app.mkdir()
    (app / "a.ts").write_bytes(OLD)
    return app


def test_content_is_replaced_and_nothing_else_is_left(app: Path) -> None:
    write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": NEW}
    assert read(app / "a.ts") == NEW


@pytest.mark.parametrize("content", [b"", b"\r\n\n\x00\xff", b"x" * 3_000_000])
def test_any_bytes_are_written_as_they_are(app: Path, content: bytes) -> None:
    write_atomically(app / "a.ts", content, app)

    assert tree(app) == {"a.ts": content}


def test_missing_file_is_created_with_the_rights_that_the_user_gives_to_new_files(app: Path) -> None:
    (app / "any").touch()

    write_atomically(app / "b.ts", NEW, app)

    assert read(app / "b.ts") == NEW
    assert (app / "b.ts").stat().st_mode == (app / "any").stat().st_mode


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_mode_is_kept(app: Path, mode: int) -> None:
    (app / "a.ts").chmod(mode)

    write_atomically(app / "a.ts", NEW, app)

    assert stat.S_IMODE((app / "a.ts").stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give files away")
def test_owner_is_kept(app: Path) -> None:
    os.chown(app / "a.ts", 1234, 2345)

    write_atomically(app / "a.ts", NEW, app)

    status = (app / "a.ts").stat()
    assert (status.st_uid, status.st_gid) == (1234, 2345)


def test_owner_that_cannot_be_kept_does_not_stop_the_write(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chown(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "chown", chown)

    write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": NEW}


def test_private_content_is_at_no_time_open_to_others(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        real(descriptor)

    (app / "a.ts").chmod(0o600)
    monkeypatch.setattr(os, "fsync", fsync)

    write_atomically(app / "a.ts", NEW, app)

    assert modes == [0o600]


def test_equal_content_is_not_written_again(app: Path) -> None:
    (app / "a.ts").chmod(0o444)
    before = (app / "a.ts").stat()

    write_atomically(app / "a.ts", OLD, app)

    assert (app / "a.ts").stat() == before


@pytest.mark.parametrize("link", ["../a.ts", "{app}/a.ts", "../folder-link/../a.ts"])
def test_link_stays_and_its_file_is_replaced(app: Path, link: str) -> None:
    (app / "src").mkdir()
    (app / "folder-link").symlink_to("src")
    (app / "src" / "link.ts").symlink_to(link.format(app=app))

    write_atomically(app / "src" / "link.ts", NEW, app)

    assert os.readlink(app / "src" / "link.ts") == link.format(app=app)
    assert read(app / "a.ts") == NEW


def test_file_that_a_link_points_to_is_created(app: Path) -> None:
    (app / "link.ts").symlink_to("b.ts")

    write_atomically(app / "link.ts", NEW, app)

    assert (app / "link.ts").is_symlink()
    assert read(app / "b.ts") == NEW


def test_root_that_is_itself_reached_by_a_link_is_no_way_out(app: Path) -> None:
    (app.parent / "link").symlink_to(app)

    write_atomically(app.parent / "link" / "a.ts", NEW, app.parent / "link")

    assert tree(app) == {"a.ts": NEW}


@pytest.mark.parametrize("path", ["file-link", "folder-link/a.ts", "folder-link/new.ts", "../other/a.ts"])
def test_path_that_leaves_the_root_is_refused(app: Path, path: str) -> None:
    other = app.parent / "other"
    other.mkdir()
    (other / "a.ts").write_bytes(OLD)
    (app / "file-link").symlink_to(other / "a.ts")
    (app / "folder-link").symlink_to("../other")

    with pytest.raises(UserError, match="outside") as error:
        write_atomically(app / path, NEW, app)

    assert str(error.value).startswith(path)
    assert tree(other) == {"a.ts": OLD}


def test_folder_whose_name_begins_like_the_root_is_outside(app: Path) -> None:
    (app.parent / "app-2").mkdir()

    with pytest.raises(UserError):
        write_atomically(app.parent / "app-2" / "a.ts", NEW, app)


def test_circle_of_links_is_an_error(app: Path) -> None:
    (app / "b.ts").symlink_to("c.ts")
    (app / "c.ts").symlink_to("b.ts")

    with pytest.raises(UserError, match="links"):
        write_atomically(app / "b.ts", NEW, app)
    with pytest.raises(UserError, match="links"):
        read(app / "b.ts")


def test_folder_in_place_of_the_file_is_an_error(app: Path) -> None:
    (app / "b.ts").mkdir()

    with pytest.raises(UserError, match="not a file"):
        write_atomically(app / "b.ts", NEW, app)
    with pytest.raises(UserError, match="not a file"):
        read(app / "b.ts")


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_fifo_or_device_in_place_of_the_file_is_an_error_at_once(
    app: Path, make: Callable[[Path], None]
) -> None:
    make(app / "b.ts")

    with pytest.raises(UserError, match="is not a file"):
        read(app / "b.ts")
    with pytest.raises(UserError, match=r"is not a file|outside"):
        write_atomically(app / "b.ts", NEW, app)


def test_file_in_place_of_the_folder_is_an_error(app: Path) -> None:
    with pytest.raises(UserError, match="Not a directory"):
        read(app / "a.ts" / "b.ts")
    with pytest.raises(UserError, match="Not a directory"):
        write_atomically(app / "a.ts" / "b.ts", NEW, app)


def test_missing_folders_are_made(app: Path) -> None:
    write_atomically(app / "src" / "backend" / "a.ts", NEW, app)

    assert read(app / "src" / "backend" / "a.ts") == NEW


def test_hard_link_is_replaced_and_not_written_through(app: Path) -> None:
    os.link(app / "a.ts", app.parent / "outside.ts")

    write_atomically(app / "a.ts", NEW, app)

    assert read(app / "a.ts") == NEW
    assert read(app.parent / "outside.ts") == OLD


def test_reading_a_missing_file_says_that_it_is_missing(app: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(app / "b.ts")


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o555])
def test_read_only_file_is_refused(app: Path, mode: int) -> None:
    (app / "a.ts").chmod(mode)

    with pytest.raises(UserError, match=r"a\.ts is read-only .*Make it writable"):
        write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": OLD}


@pytest.mark.parametrize("step", ["chmod", "fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_failing_step_leaves_the_old_file_and_no_other(
    app: Path, step: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(
            UserError, match=rf"a\.ts was not written and is as it was: {os.strerror(number)}\."
        ):
            write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": OLD}


def test_interrupt_leaves_the_old_file_and_no_other(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": OLD}


def child(code: str, *arguments: object, within: Sequence[str] = ()) -> str:
    """Run Python code in a process of its own, with the module at hand, and return what it prints."""
    code = f"import os, sys\nsys.path.insert(0, {str(EXTENSIONS)!r})\nfrom wix_events import files\n{code}"
    command = [*within, sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


WRITE_AND_LIST = """
from pathlib import Path
folder, size = Path(sys.argv[1]), int(sys.argv[2])
try:
    files.write_atomically(folder / "a.ts", b"x" * size, folder)
except files.UserError as error:
    print(error)
print(sorted(os.listdir(folder)), (folder / "a.ts").read_bytes()[:5])
"""


def test_file_size_limit_leaves_the_old_file_and_no_other(app: Path) -> None:
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (9999, 9999))"

    printed = child(limit + WRITE_AND_LIST, app, 100_000)

    assert "a.ts was not written and is as it was: File too large." in printed
    assert tree(app) == {"a.ts": OLD}


@pytest.mark.skipif(not shutil.which("unshare"), reason="mounting for one process is a thing of Linux")
@pytest.mark.parametrize(
    ("then", "problem"),
    [
        ("true", "a.ts was not written and is as it was: No space left on device."),
        ('mount -o remount,ro "$0"', "a.ts is read-only and was left alone."),
    ],
)
def test_full_or_read_only_file_system_leaves_the_old_file_and_no_other(
    tmp_path: Path, then: str, problem: str
) -> None:
    private = ["unshare", "--mount", "--map-root-user"]
    mount = 'mount -t tmpfs -o size=64k none "$0"'
    if subprocess.run(
        [*private, "sh", "-c", mount, tmp_path], check=False, stderr=subprocess.DEVNULL
    ).returncode:
        pytest.skip("this machine lets no one mount a file system")
    shell = f'{mount} && echo first > "$0/a.ts" && {then} && exec "$@"'

    printed = child(WRITE_AND_LIST, tmp_path, 100_000, within=[*private, "sh", "-c", shell, str(tmp_path)])

    assert problem in printed
    assert printed.endswith("['a.ts'] b'first'\n")


# Without CAP_DAC_OVERRIDE (1) and CAP_DAC_READ_SEARCH (2) permissions bind the superuser as well.
AS_ANYONE = """
if "again" not in sys.argv:
    import ctypes
    [ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) for capability in (1, 2)]
    os.execv(sys.executable, [*sys.orig_argv, "again"])
"""


def test_read_only_folder_leaves_the_old_file(app: Path) -> None:
    app.chmod(0o555)

    printed = child(AS_ANYONE + WRITE_AND_LIST, app, 100)

    assert "a.ts was not written and is as it was: Permission denied." in printed
    assert tree(app) == {"a.ts": OLD}


def test_unreadable_file_is_an_error(app: Path) -> None:
    (app / "a.ts").chmod(0o200)
    read_it = """
try:
    files.read(files.Path(sys.argv[1]))
except files.UserError as error:
    print(error)
"""

    assert "a.ts cannot be read: Permission denied." in child(AS_ANYONE + read_it, app / "a.ts")


KILL_AT_EACH_LINE = """
import signal
from itertools import count
from pathlib import Path

app, old, new = Path(sys.argv[1]), b"old", b"new and longer"
file = app / "a.ts"
for lines in count():
    file.write_bytes(old)
    child = os.fork()
    if child == 0:
        def trace(frame, event, _):
            global lines
            if frame.f_code.co_filename != files.__file__:
                return None
            if event == "line":
                if lines == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                lines -= 1
            return trace
        sys.settrace(trace)
        files.write_atomically(file, new, app)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    content = file.read_bytes()
    left = [name for name in os.listdir(app) if name != "a.ts"]
    print("killed" if os.WIFSIGNALED(status) else status, content.decode(), len(left), sep=",")
    file.write_bytes(old)
    files.write_atomically(file, new, app)
    assert file.read_bytes() == new
    assert os.listdir(app) == ["a.ts"], os.listdir(app)
    if not os.WIFSIGNALED(status):
        break
"""


def test_kill_at_any_line_leaves_old_or_new_and_the_next_write_cleans_up(app: Path) -> None:
    *killed, done = child(KILL_AT_EACH_LINE, app).splitlines()

    assert set(killed) == {"killed,old,0", "killed,old,1"}
    assert killed.count("killed,old,1") > 5
    assert done == "0,new and longer,0"


def test_link_in_place_of_the_temporary_file_is_not_followed(app: Path) -> None:
    victim = app.parent / "victim"
    victim.write_bytes(OLD)
    (app / ".a.ts.event-tmp").symlink_to(victim)

    write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": NEW}
    assert read(victim) == OLD


def test_deleting_takes_the_file_and_its_folder_once_that_is_empty(app: Path) -> None:
    (app / "event").mkdir()
    for name in "ab":
        (app / "event" / name).touch()

    delete(app / "event" / "a", app)
    assert tree(app / "event") == {"b": b""}
    delete(app / "event" / "b", app)
    delete(app / "event" / "c", app)
    assert tree(app) == {"a.ts": OLD}


def test_deleting_takes_a_link_and_not_what_it_points_to(app: Path) -> None:
    (app / "link").symlink_to("a.ts")

    delete(app / "link", app)

    assert tree(app) == {"a.ts": OLD}


def test_nothing_is_deleted_behind_a_link_that_leaves_the_root(app: Path) -> None:
    (app.parent / "other").mkdir()
    (app.parent / "other" / "a.ts").write_bytes(OLD)
    (app / "event").symlink_to("../other")

    with pytest.raises(UserError, match="outside"):
        delete(app / "event" / "a.ts", app)

    assert tree(app.parent / "other") == {"a.ts": OLD}


LOCK_AND_COUNT = """
from pathlib import Path
folder = Path(sys.argv[1])
files.lock_folder(folder)
number = int((folder / "a.ts").read_text())
os.sched_yield()
(folder / "a.ts").write_text(f"{number + 1}")
"""


def test_processes_that_lock_one_folder_take_turns(app: Path) -> None:
    (app / "a.ts").write_text("0")

    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: child(LOCK_AND_COUNT, app), range(8)))

    assert tree(app) == {"a.ts": b"8"}


def test_waiting_for_another_run_ends_with_what_to_do(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptor = os.open(app, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    monkeypatch.setattr(files, "_PATIENCE", 0)

    with pytest.raises(UserError, match=r"Another run .* end it, and run this again"):
        lock_folder(app)

    os.close(descriptor)
    lock_folder(app)
    os.close(files._locked.popitem()[1])


def test_folder_that_is_not_there_is_not_locked(app: Path) -> None:
    lock_folder(app / "new")

    assert not files._locked
    assert tree(app) == {"a.ts": OLD}


def test_processes_that_write_at_once_leave_one_whole_content(app: Path) -> None:
    code = """
from pathlib import Path
app = Path(sys.argv[1])
files.lock_folder(app)
for turn in range(100):
    files.write_atomically(app / "a.ts", f"{turn % 10}".encode() * 50_000, app)
    content = (app / "a.ts").read_bytes()
    assert len(content) == 50_000 and len(set(content)) == 1
"""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: child(code, app), range(3)))

    assert tree(app) == {"a.ts": b"9" * 50_000}
