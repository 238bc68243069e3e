"""Run the benchmark and print its tables: `make bench`."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from keys import keys_pressed
from template_repo import git
from wix import ROOT

from . import __doc__ as about
from . import generators
from .jobs import Runner, run
from .pairs import Pair, Pairs, Sizes
from .readme import CommandLines, NoUv

FULL = Sizes(many=20, recorded=100, updated=(20, 100), flat=(1, 10, 50, 100, 200))
QUICK = Sizes(many=2, recorded=3, updated=(3,), flat=(1, 3))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=about)
    parser.add_argument(
        "--quick", action="store_true", help="few events, one repetition: shows that it works"
    )
    parser.add_argument("--repetitions", type=int, default=7, help="how often each side of a pair is run")
    parser.add_argument("--only", default="", help="only pairs whose name has this in it")
    options = parser.parse_args()
    place = _place()
    with tempfile.TemporaryDirectory(dir=place) as folder:
        _isolate(Path(folder))
        print("\n".join(_header(place or Path(folder).parent)), flush=True)
        runner = Runner(Path(folder), 1 if options.quick else options.repetitions)
        pairs = Pairs(runner, QUICK if options.quick else FULL)
        _compare(runner, (pair for pair in pairs.all() if options.only in pair.what))
        if options.only:
            return
        _compare(runner, generators.pairs(pairs))
        _flat(runner, pairs)
        _readme(runner, pairs)
        _keys()


def _compare(runner: Runner, pairs: Iterable[Pair]) -> None:
    """Print one line of a table for each pair."""
    print("\n| what | takes | beside | takes | by the clock | processor time | goal |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for pair in pairs:
        cost, base = runner.measure(pair.job, pair.other)
        ratios = f"{cost.wall / base.wall:.2f} | {cost.cpu / base.cpu:.2f}"
        goal = f"≤ {pair.goal}" if pair.goal else ""
        print(
            f"| {pair.what} | {cost.wall:.2f} s | {pair.beside} | {base.wall:.2f} s | {ratios} | {goal} |",
            flush=True,
        )


def _flat(runner: Runner, pairs: Pairs) -> None:
    """Print what each further event takes, in processor time, from one size to the next."""
    counts, jobs = zip(*pairs.flat(), strict=True)
    costs = runner.measure(*jobs)
    print("\n| new events in one copy | processor time | for each more |")
    print("| --- | --- | --- |")
    for place, (count, cost) in enumerate(zip(counts, costs, strict=True)):
        more = (
            (cost.cpu - costs[place - 1].cpu) / (count - counts[place - 1]) * 1000 if place else float("nan")
        )
        print(f"| {count} | {cost.cpu:.2f} s | {f'{more:.1f} ms' if place else ''} |", flush=True)


def _readme(runner: Runner, pairs: Pairs) -> None:
    """Print what the README's command lines take, if uv can be had."""
    try:
        lines = CommandLines(pairs)
        print("\n| once, downloads included | takes |\n| --- | --- |")
        for what, seconds in lines.first():
            print(f"| {what} | {seconds:.1f} s |", flush=True)
    except NoUv as error:
        print(f"\nuv cannot be had, so the README's command lines were left out: {error}")
        return
    _compare(runner, lines.pairs())


def _keys() -> None:
    """Print how many keys are pressed in the dialogue to find an event."""
    pressed = keys_pressed().values()
    mean, median = statistics.mean(pressed), statistics.median(pressed)
    print(
        f"\nKeys pressed in the dialogue to find an event, over all {len(pressed)} events: mean {mean:.1f}, median {median:.0f},"
        f" most {max(pressed)}."
    )


def _place() -> Path | None:
    """Return a folder in memory, if there is one with room.

    On a disk the thousands of files that the benchmark itself makes and deletes slow its file system down from row to row.
    """
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 2**30 else None


def _isolate(folder: Path) -> None:
    """Keep the user's settings of git and Copier out, and temporary files in."""
    (folder / "tmp").mkdir()
    (folder / "gitconfig").write_text(
        "[user]\n  name = Bench\n  email = bench@example.com\n[gc]\n  auto = 0\n"
    )
    (folder / "settings.yml").write_text("{}\n")
    # As in a user's shell.
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH"):
        os.environ.pop(name, None)
    os.environ |= {
        "TMPDIR": str(folder / "tmp"),
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "COPIER_SETTINGS_PATH": str(folder / "settings.yml"),
    }


def _header(place: Path) -> list[str]:
    """Say what was measured where."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    packages = ("copier", "copier-template-extensions", "tree-sitter")
    return [
        f"- {time.strftime('%Y-%m-%d')}, commit {git(ROOT, 'rev-parse', '--short', 'HEAD').strip()}, `{' '.join(['make bench', *sys.argv[1:]])}`",
        f"- {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, load {os.getloadavg()[0]:.1f} at the start, files in {place}",
        f"- Python {platform.python_version()}, {git(ROOT, 'version').strip()}, Node {run(('node', '--version'), ROOT).strip()}",
        "- " + ", ".join(f"{package} {version(package)}" for package in packages),
        "- " + ", ".join(generators.versions()),
    ]


if __name__ == "__main__":
    main()
