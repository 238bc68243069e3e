"""Run `check.py` as the command `wix-events-check` of the package that `pyproject.toml` describes."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Run the check; returns its exit code."""
    # The scripts here import one another by plain name, as they do when Copier runs them.
    sys.path.insert(0, str(Path(__file__).parent))
    import check

    return check.main()
