"""The command line: `rapidsse`, or `python -m rapidsse`."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

from .._engine import engine
from .._text import suggestion
from .._version import __version__
from .commands import COMMANDS, CommandParser
from .completion import SHELLS, PrintCompletion
from .streams import (
    StandardOutputError,
    complain,
    discard,
    flush_streams,
    leave,
    prepare_streams,
)

__all__ = ["command", "main"]

UNWRITABLE = FAILED = 2
# The exit status that shells give a command that SIGINT or SIGPIPE ended.
INTERRUPTED, BROKEN_PIPE = 130, 141


def command() -> NoReturn:
    """Runs the command line, and ends the process."""
    status = _run(sys.argv[1:], owns_process=True)
    if status == INTERRUPTED and any(
        not thread.daemon and thread is not threading.main_thread()
        for thread in threading.enumerate()
    ):
        # The interpreter would wait for them: they may be those of a library that waits for a
        # server.
        leave(status)
    sys.exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line with `argv` (default: the process's own arguments).

    Returns the exit status. Raises `SystemExit` for `--help`, `--version` and bad usage.
    """
    return _run(sys.argv[1:] if argv is None else argv, owns_process=False)


def _run(argv: Sequence[str], *, owns_process: bool) -> int:
    prepare_streams()
    try:
        try:
            arguments = _arguments(argv)
            arguments.owns_process = owns_process
            return COMMANDS[arguments.command].run(arguments)
        finally:
            flush_streams()
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except StandardOutputError as error:
        discard(sys.stdout)
        if error.is_broken:
            return BROKEN_PIPE
        complain(str(error))
        return UNWRITABLE
    except MemoryError:
        complain("cannot go on: there is not enough memory")
        return FAILED
    except OSError as error:
        # The commands report the errors of logs and outputs: this is another file, or what the
        # system has no more of.
        complain(f"cannot go on: {error}")
        return FAILED


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = _parser()
    if argv:
        _check_first(argv[0], parser)
    return parser.parse_args(argv)


def _check_first(argument: str, parser: CommandParser) -> None:
    """Ends with an error if it is neither a command nor an option, with what was probably meant."""
    if argument.startswith("-"):
        parser.check_option(argument)
    elif argument not in COMMANDS:
        similar = suggestion(argument, COMMANDS)
        if not similar and os.path.exists(argument):
            similar = f" (to read this log: rapidsse decode {argument})"
        commands = ", ".join(COMMANDS)
        parser.error(f"no command {argument!r}{similar}: there are {commands}")


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="rapidsse", description="Reads recorded Server-Sent Event streams of model output."
    )
    version = f"rapidsse {__version__} ({engine} engine)"
    parser.add_argument("--version", action="version", version=version)
    parser.add_argument(
        "--print-completion",
        action=PrintCompletion,
        choices=SHELLS,
        metavar="SHELL",
        help=f"print the completion of the command line for a shell: {', '.join(SHELLS)}",
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=CommandParser
    )
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.help, arguments=command.add_arguments)
    return parser
