"""Make the app in the current folder follow its record: `sync.py ANSWERS_FILE [CHANGES]`; Copier starts this script."""

from __future__ import annotations

import sys

from wix_events.sync import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
