"""The command line: `rapidsse`, or `python -m rapidsse`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .._engine import engine
from .._version import __version__
from .commands import COMMANDS, CommandParser

__all__ = ["main"]

# The exit status that shells give a command that SIGINT or SIGPIPE ended.
INTERRUPTED, BROKEN_PIPE = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line with `argv` (default: the process's own arguments).

    Returns the exit status. Raises `SystemExit` for `--help`, `--version` and bad usage.
    """
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            # A console may lack a character of a log: that must not end the run.
            reconfigure(errors="backslashreplace")
    try:
        status = COMMANDS[arguments.command].run(arguments)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("rapidsse: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes standard output when it ends, which would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


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
