"""Run command lines in fresh copies of an app, and measure what they take."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from template_repo import git


@dataclass(frozen=True)
class Job:
    """Commands that are run, one after the other, in a fresh copy of an app."""

    app: Path
    commands: tuple[tuple[str, ...], ...]
    env: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Cost:
    """What a job took: median seconds by the clock, and the least seconds of processor time."""

    wall: float
    cpu: float


def copier(*args: str) -> tuple[str, ...]:
    """Return a command line of the Copier that runs beside this benchmark."""
    return (sys.executable, "-m", "copier", *args)


def run(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a command; returns what it printed, or ends the benchmark with it."""
    done = subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)[:300]} failed in {folder}:\n{done.stdout}{done.stderr}")
    return done.stdout


@dataclass(frozen=True)
class Runner:
    """Where jobs run.

    Attributes:
        folder: A folder of the benchmark's own.
        repetitions: How often each job is measured.
    """

    folder: Path
    repetitions: int

    def do(self, job: Job, name: str) -> Path:
        """Run a job once for its result.

        Args:
            job: The job.
            name: What to call the app's folder; what is there goes.

        Returns:
            The app.
        """
        app = self._fresh(job, name)
        for command in job.commands:
            run(command, app, job.env)
        return app

    def measure(self, *jobs: Job) -> list[Cost]:
        """Run the jobs in turn, as often as is to be."""
        samples: list[list[tuple[float, float]]] = [[] for _ in jobs]
        for _ in range(self.repetitions):
            for job, sample in zip(jobs, samples, strict=True):
                sample.append(self.time(job))
        return [Cost(median(wall for wall, _ in sample), min(cpu for _, cpu in sample)) for sample in samples]

    def time(self, job: Job) -> tuple[float, float]:
        """Run a job once; returns its seconds by the clock and of processor time."""
        app = self._fresh(job, "run")
        before, start = _processor_time(), time.perf_counter()
        for command in job.commands:
            run(command, app, job.env)
        return time.perf_counter() - start, _processor_time() - before

    def _fresh(self, job: Job, name: str) -> Path:
        """Copy a job's app."""
        app = self.folder / name
        shutil.rmtree(app, ignore_errors=True)
        shutil.copytree(job.app, app)
        if (app / ".git").exists():
            # The index holds times and inodes of the folder that was copied.
            git(app, "update-index", "-q", "--refresh")
        return app


def _processor_time() -> float:
    """Return the processor time of all processes that have been run to their end."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
