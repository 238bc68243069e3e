"""What a refusal advises is what helps."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from apps import ANSWERS, CONTACT, POST, append, handler, refused, write
from copier.errors import UserMessageError
from template_repo import TemplateRepo, run_update


def test_conflict_markers_are_to_be_resolved_not_deleted(plain: TemplateRepo, contact_app: Path) -> None:
    path = contact_app / handler("contact-created")
    text = path.read_text()
    write(path, f"{text}<<<<<<< before\n=======\n>>>>>>> after\n")
    said = refused(plain, contact_app, {"event": f"{CONTACT},{POST}"}, quiet=False)
    line = text.count("\n") + 1
    assert f"{handler('contact-created')}:{line}: a merge left its conflict markers. Resolve them" in said
    assert "delete" not in said


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"rename": "post-created:post-created"}, '"post-created" needs one new name'),
        ({"rename": "post-created:a,post-created:b"}, '"post-created" needs one new name'),
        ({"rename": "post-created:contact-created", "remove": "contact-created"}, "that this run removes"),
    ],
)
def test_a_rename_that_cannot_be_is_told_from_a_folder_in_the_way(
    app: Path, asked: Mapping[str, str], words: str
) -> None:
    with pytest.raises(UserMessageError) as raised:
        run_update(app, asked, vcs_ref="1.0.0")
    assert words in str(raised.value)
    assert "did not make" not in str(raised.value)


def test_a_record_that_has_other_names_is_not_written_through(
    plain: TemplateRepo, contact_app: Path, tmp_path: Path
) -> None:
    os.link(contact_app / ANSWERS, tmp_path / "elsewhere.yml")
    before = (tmp_path / "elsewhere.yml").read_bytes()
    assert f"{ANSWERS} is a hard link" in refused(plain, contact_app, {"event": POST}, quiet=False)
    assert (tmp_path / "elsewhere.yml").read_bytes() == before


def test_a_record_cannot_answer_what_is_asked_before_writing(plain: TemplateRepo, contact_app: Path) -> None:
    append(contact_app / ANSWERS, "confirm: false\n")
    assert "confirm is no part of the record" in refused(plain, contact_app, {"event": POST}, quiet=False)
