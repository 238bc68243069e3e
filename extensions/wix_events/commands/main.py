"""The command line `wix-events`: one subcommand for each module that is named in `_COMMANDS`.

Such a module has `add_arguments(parser)` and `run(options) -> int`, and only that of the given subcommand is imported.
"""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Sequence
from errno import EINVAL
from importlib import import_module
from typing import Any

from ..checkout import version
from ..errors import UsageError, UserError
from ..files import said_of
from ..terminal import fitted, take_any_text

_COMMANDS = {
    "find": "look up the events that Wix publishes",
    "check": "list what is wrong with an app's events",
    "permissions": "list the scopes that an app's events need",
    "report": "show many apps in one table",
}
_WIDTH = 80
_EXAMPLES = """\
examples:
  wix-events find order paid       events that match, best first
  wix-events find ecom.orders.onOrderApproved
                                   everything about one, with a sample
  wix-events check                 what is wrong with the app here
  wix-events permissions           what to grant it in the app dashboard
  wix-events report apps/*         many apps in one table
  wix-events check --help          more about one command

Nothing is written. Every command takes --json. Exit code 0: all is well;
1: a fault was found, or nothing was; 2: wrong usage.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Its arguments, those of the process unless given.

    Returns:
        The exit code: 0, or 1 where there is a finding or a `UserError`. Wrong usage ends with 2 in `argparse`.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    take_any_text()
    parser = _parser(given)
    try:
        options = parser.parse_args(given)
        code = _module(options.command).run(options)
        sys.stdout.flush()
    except UsageError as error:
        parser.error(str(error))
    except UserError as error:
        print(fitted(str(error)), file=sys.stderr)
        return 1
    except OSError as error:
        if error.filename is not None:
            print(said_of(error), file=sys.stderr)
            return 1
        # Python must not notice it again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # The reader has seen enough (`| head`); Windows says so of a pipe that was closed.
        if isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == EINVAL):
            return 0
        print(f"The output cannot be written: {error.strerror}. Write it elsewhere.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return int(code)


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser for given arguments: it knows the options of the subcommand that is among them."""
    chosen = next((word for word in given if not word.startswith("-")), None)
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="wix-events",
        description="Backend events of Wix CLI apps, beside Copier: what to add, and what is there.",
        epilog=_EXAMPLES,
        formatter_class=formatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in _COMMANDS.items():
        command = subparsers.add_parser(name, help=summary, formatter_class=formatter)
        if name == chosen:
            module = _module(name)
            paragraphs = module.__doc__.split("\n\n")
            command.description = "\n\n".join(textwrap.fill(paragraph, _WIDTH) for paragraph in paragraphs)
            module.add_arguments(command)
    return parser


def _module(command: str) -> Any:
    """Return the module of a subcommand."""
    return import_module(f".{command}", __package__)


class _Version(argparse.Action):
    """Prints the version, which is looked for only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print it and end."""
        print(f"wix-events {version()}")
        parser.exit()
