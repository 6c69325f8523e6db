"""`rapidsse --print-completion SHELL`: prints what makes a shell complete the command line."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import Any, cast

from .commands import CommandParser
from .streams import printing

__all__ = ["SHELLS", "PrintCompletion"]

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")
_FILES = frozenset({"logs", "out"})
"""The arguments that are names of files."""


class PrintCompletion(argparse.Action):
    """Prints the script of a shell, and ends."""

    def __call__(
        self, parser: argparse.ArgumentParser, _: argparse.Namespace, value: Any, __: Any = None
    ) -> None:
        """Called by argparse, with the name of the shell."""
        try:
            shtab: Any = import_module("shtab")
        except ImportError:
            parser.error('--print-completion needs shtab: pip install "rapidsse[cli]"')
        for command in _commands(parser):
            command.complete()
            for action in command._actions:
                if action.dest in _FILES:
                    action.complete = shtab.FILE  # type: ignore[attr-defined]
        with printing():
            print(shtab.complete(parser, value), file=sys.stdout, flush=True)
        parser.exit()


def _commands(parser: argparse.ArgumentParser) -> list[CommandParser]:
    found: list[CommandParser] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            commands = cast("argparse._SubParsersAction[CommandParser]", action)
            found += commands.choices.values()
    return found
