"""What the editor of src/extensions.ts is given, and how it says that it cannot do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

# Finds the app's file that a specifier in the edited file leads to, without its suffix; None for a package.
ModuleOf = Callable[[str], "str | None"]


class Registration(NamedTuple):
    """One event's builder as src/extensions.ts imports it.

    Attributes:
        module: The builder file's path in the app, with "/" and without ".ts".
        export: The name that the builder file exports, or "default".
    """

    module: str
    export: str


class RegistrationError(Exception):
    """A file that cannot be edited.

    Attributes:
        line: The line at fault, counted from 1.
        reason: What is wrong there.
        by_hand: The exact lines for the user to add, in the file's own style.
    """

    def __init__(self, line: int, reason: str, by_hand: Sequence[str] = ()) -> None:
        """Make the error; its message names the line and the reason."""
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason
        self.by_hand = list(by_hand)

    def explained(self, path: str, otherwise: str, line: int | None = None) -> str:
        """Say what is wrong with a file, and which lines to add by hand.

        Args:
            path: The file.
            otherwise: What to do where there are no such lines.
            line: The line to name, that at fault unless given.
        """
        todo = "Add these lines by hand:" if self.by_hand else otherwise
        said = f"{path}:{line or self.line}: {self.reason}, so nothing was changed there."
        return "\n".join([said, todo, *(f"  {each}" for each in self.by_hand)])
