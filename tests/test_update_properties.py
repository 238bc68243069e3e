"""Runs of Copier, edits of the user's and releases of the template, mixed at random: nothing is lost on the way."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from apps import ANSWERS, EVENTS, builder, handler, release, write
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from life import BRANCHES, KEYS, RESOLUTIONS, Life
from template_repo import TemplateRepo
from wix_events.errors import UserError
from wix_events.record import SCHEMA, read


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


def live(repo: TemplateRepo, factory: pytest.TempPathFactory, lives: int, steps: int) -> None:
    """Run lives at random: as many as are given, or as the profile says where it is not the suite's."""

    class OneLife(Life):
        """A life in a folder of its own."""

        def __init__(self) -> None:
            super().__init__(repo, factory.mktemp("life"))

    profile = settings()
    run_state_machine_as_test(
        OneLife,
        settings=settings(
            # Each step takes seconds: an example is worth more than a smaller one.
            phases=[Phase.generate],
            report_multiple_bugs=False,
            stateful_step_count=steps,
            max_examples=lives if profile.derandomize else profile.max_examples,
        ),
    )


@pytest.mark.slow
@pytest.mark.hypothesis
def test_no_order_of_runs_edits_and_releases_loses_anything(
    versions: TemplateRepo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    live(versions, tmp_path_factory, lives=2, steps=8)


@pytest.fixture
def life(versions: TemplateRepo, tmp_path: Path) -> Life:
    """Begin a life."""
    return Life(versions, tmp_path / "life")


def test_imports_follow_events_through_renames_and_another_folder(life: Life) -> None:
    life.copy(KEYS[2], "first", 0)
    for kind in ("helper", "test", "user", "neighbour", "test"):
        life.write_file(kind, 1)
    life.write_file("neighbour", 0)
    life.write_code(1, True)
    life.rename(1, "second-one")
    life.move()
    life.rename(0, "third-3")
    life.update(2, "")
    life.move()
    life.remove(0)
    life.settle()


@pytest.mark.hypothesis
def test_no_order_of_a_few_steps_loses_anything(
    versions: TemplateRepo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    live(versions, tmp_path_factory, lives=1, steps=3)


# One of two that are the other way round; lives at random have them all.
MIRRORED = {sides for number, sides in enumerate(BRANCHES) if sides[::-1] in BRANCHES[:number]}
QUICK = [("rename", "rename"), ("add", "move")]


@pytest.mark.parametrize(
    ("sides", "resolution"),
    [
        pytest.param(
            sides,
            resolution,
            id=f"{'-'.join(sides)} {resolution.strip('-')}",
            marks=[] if sides in QUICK else [pytest.mark.slow],
        )
        for sides, resolution in zip(BRANCHES, itertools.cycle(RESOLUTIONS), strict=False)
        if sides not in MIRRORED
    ],
)
def test_merge_of_two_branches_is_put_in_step(life: Life, sides: tuple[str, str], resolution: str) -> None:
    life.copy(KEYS[2], "first", 0)
    life.write_file("test", 1)
    life.merge(sides, (1, 0), resolution)


@pytest.mark.slow
def test_an_event_that_one_branch_added_where_another_moved_all_away_is_followed(life: Life) -> None:
    life.merge(("add", "move"), (5, 5), "--theirs")
    assert life.known.followed
    life.merge(("add", "rename"), (5, 7), "--ours")
    life.remove(1)


def test_of_two_names_that_a_merge_left_an_event_the_one_with_files_is_kept(tmp_path: Path) -> None:
    id = "0b8d2c1e-5f7a-4c3d-9e6f-1a2b3c4d5e6f"
    lines = [f"  - {{name: {name}, event: {KEYS[0]}, id: {id}}}\n" for name in ("first", "second-one")]
    write(tmp_path / ANSWERS, f"events_dir: {EVENTS}\nevents:\n{''.join(lines)}schema: {SCHEMA}\n")
    with pytest.raises(UserError, match="Keep one of the two"):
        read(tmp_path, ANSWERS)
    write(tmp_path / handler("second-one"), "")
    found = read(tmp_path, ANSWERS)
    assert found is not None
    assert [event["name"] for event in found.events] == ["second-one"]
    write(tmp_path / builder("first"), "")
    with pytest.raises(UserError, match="Keep one of the two"):
        read(tmp_path, ANSWERS)
