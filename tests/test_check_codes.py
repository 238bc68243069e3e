"""docs/checks.md explains each code of the check, and the tests plant a fault for each."""

from __future__ import annotations

import re

import test_check
import test_check_extensions
import test_check_leftovers
from wix import ROOT
from wix_events.findings import CODES, REMARKS

SECTIONS = re.split(r"^### ", (ROOT / "docs/checks.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


def test_each_code_has_a_section_and_each_section_a_code() -> None:
    titles = [section.partition("\n")[0] for section in SECTIONS]
    assert sorted(titles) == [f"`{code}`" for code in sorted(CODES)]


def test_each_section_says_whether_it_is_a_fault_and_what_to_do() -> None:
    for section in SECTIONS:
        title, kind, remedy = re.split(r"\n\n", section.partition("\n## ")[0].strip(), maxsplit=2)
        assert kind.startswith("Remark. " if title.strip("`") in REMARKS else "Fault. "), title
        assert remedy


def test_each_code_is_planted_by_a_test() -> None:
    planted = {
        code
        for module in (test_check, test_check_extensions, test_check_leftovers)
        for _, code, _, _ in module.FAULTS.values()
    }
    # Tests of their own show these, which need more than one change.
    assert planted | {"no-record", "unmerged"} == set(CODES)
