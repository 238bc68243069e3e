"""Run the steps of `validate` in the app's folder; Copier starts this script."""

from __future__ import annotations

import sys

from wix_events.commands.validate import main

if __name__ == "__main__":
    sys.exit(main())
