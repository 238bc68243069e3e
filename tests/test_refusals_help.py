"""What a refusal advises is what helps."""

from __future__ import annotations

from pathlib import Path

from apps import CONTACT, POST, handler, refused, write
from template_repo import TemplateRepo


def test_conflict_markers_are_to_be_resolved_not_deleted(plain: TemplateRepo, contact_app: Path) -> None:
    path = contact_app / handler("contact-created")
    text = path.read_text()
    write(path, f"{text}<<<<<<< before\n=======\n>>>>>>> after\n")
    said = refused(plain, contact_app, {"event": f"{CONTACT},{POST}"}, quiet=False)
    line = text.count("\n") + 1
    assert f"{handler('contact-created')}:{line}: a merge left its conflict markers. Resolve them" in said
    assert "delete" not in said
