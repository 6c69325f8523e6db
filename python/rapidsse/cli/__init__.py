"""The command line: `rapidsse`, or `python -m rapidsse`."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

from .._engine import engine
from .._version import __version__
from .commands import COMMANDS, CommandParser
from .streams import complain, discard, flush_streams, leave, prepare_streams

__all__ = ["command", "main"]

UNWRITABLE = 2
# The exit status that shells give a command that SIGINT or SIGPIPE ended.
INTERRUPTED, BROKEN_PIPE = 130, 141


def command() -> NoReturn:
    """Runs the command line, and ends the process."""
    status = main()
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
    prepare_streams()
    try:
        try:
            arguments = _parser().parse_args(argv)
            return COMMANDS[arguments.command].run(arguments)
        finally:
            flush_streams()
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        discard(sys.stdout)
        return BROKEN_PIPE
    except OSError as error:
        if error.filename is not None:
            raise
        # The commands handle the errors of their files.
        discard(sys.stdout)
        complain(f"cannot write standard output: {error.strerror or error}")
        return UNWRITABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rapidsse", description="Reads recorded Server-Sent Event streams of model output."
    )
    version = f"rapidsse {__version__} ({engine} engine)"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=CommandParser
    )
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.help, arguments=command.add_arguments)
    return parser
