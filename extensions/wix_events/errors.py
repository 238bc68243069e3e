"""What a person has to read when a run cannot go on."""

from __future__ import annotations


class UserError(Exception):
    """A fault that the user can mend; its text says what is wrong, where, and what to do."""


class UsageError(UserError):
    """A fault in how a command of `wix-events` was called."""
