"""The commands, each in a module of its own that is imported only when it is called."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

__all__ = ["COMMANDS", "Command", "CommandParser"]


@dataclass(frozen=True, slots=True)
class Command:
    """A module of this package with `add_arguments(parser)` and `run(arguments) -> status`."""

    module: str
    help: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Gives the parser the command's description and arguments."""
        self._load().add_arguments(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        """Runs the command; returns the exit status."""
        return cast(int, self._load().run(arguments))

    def _load(self) -> Any:
        return import_module(f".{self.module}", __package__)


COMMANDS = {
    "decode": Command("decode", "make tables and image files of recorded streams"),
    "verify": Command("verify", "check that recorded streams are whole"),
    "report": Command("report_page", "make a page to look at of recorded streams"),
}


class CommandParser(argparse.ArgumentParser):
    """A command's parser, which gets its arguments when it is first used."""

    def __init__(
        self,
        *args: Any,
        arguments: Callable[[argparse.ArgumentParser], None] | None = None,
        **options: Any,
    ) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **options)
        self._arguments = arguments

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """`ArgumentParser.parse_known_args`, which parsers of subcommands are called by."""
        if self._arguments is not None:
            add, self._arguments = self._arguments, None
            add(self)
        return super().parse_known_args(args, namespace)
