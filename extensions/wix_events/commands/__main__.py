"""`python -m wix_events.commands`: the command line of a checkout that is not installed."""

from __future__ import annotations

import sys

from .main import main

sys.exit(main())
