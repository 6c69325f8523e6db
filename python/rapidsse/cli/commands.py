"""The commands. Each has a module, which is imported only when the command is called."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn, cast

from .._text import suggestion

__all__ = ["COMMANDS", "Command", "CommandParser"]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: a module here with `add_arguments(parser)` and `run(arguments) -> status`."""

    module: str
    help: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the command's description and arguments to the parser."""
        self._load().add_arguments(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        """Runs the command; returns the exit status."""
        return cast(int, self._load().run(arguments))

    def _load(self) -> Any:
        return import_module(f".{self.module}", __package__)


COMMANDS = {
    "decode": Command("decode", "write tables and image files of recorded streams"),
    "verify": Command("verify", "check that recorded streams are complete"),
    "report": Command("report_page", "write a page about recorded streams"),
}


class CommandParser(argparse.ArgumentParser):
    """The parser of a command. It adds its arguments when it is first used."""

    def __init__(
        self,
        *args: Any,
        arguments: Callable[[argparse.ArgumentParser], None] | None = None,
        **options: Any,
    ) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **options)
        self._arguments = arguments

    def error(self, message: str) -> NoReturn:
        """Ends with the message: under the usage it is hard to find. That is shown where arguments
        are missing."""
        if " required: " in message:
            super().error(message)
        self.exit(2, f"{self.prog}: error: {message}\n")

    def complete(self) -> None:
        """Adds the arguments, unless they were added."""
        if self._arguments is not None:
            add, self._arguments = self._arguments, None
            add(self)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """As `ArgumentParser.parse_known_args`, the method that argparse calls for a subcommand."""
        self.complete()
        found, unknown = super().parse_known_args(args, namespace)
        for each in unknown:
            if not each.startswith("-"):
                self.error(f"{each!r} stands apart from the other logs: name all in one place")
            self.check_option(each)
        return found, unknown

    def check_option(self, argument: str) -> None:
        """Ends with an error if there is no such option."""
        name = argument.partition("=")[0]
        known = self._option_string_actions
        if not any(option.startswith(name) for option in known):
            similar = suggestion(name, [option for option in known if option.startswith("--")])
            self.error(f"no option {name!r}{similar}: --help lists them")
