"""The arguments by which every command is told what to read, and how."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence

from .._errors import InputError
from ..logs._bodies import FORMATS
from ..logs._options import MAX_EVENT_SIZE, ReadOptions
from ..logs.listing._paths import distinct, expand

__all__ = ["add_input_arguments", "count", "inputs", "positive", "read_options"]

_UNITS = {"": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}


def add_input_arguments(parser: argparse.ArgumentParser) -> None:
    """`LOG...`, and what is common to all of them."""
    parser.add_argument("logs", nargs="+", metavar="LOG", help="a log; - is standard input")
    parser.add_argument(
        "--max-event-size",
        type=size,
        default=MAX_EVENT_SIZE,
        metavar="N",
        help="a larger event is a failure; bytes, or with KiB, MiB, GiB (default: 256MiB)",
    )
    parser.add_argument(
        "--log-format",
        choices=FORMATS,
        help="of all the logs, where it is not to be recognised",
    )
    parser.add_argument(
        "--body-field", metavar="NAME", help="the field that holds the body in a line of jsonl-body"
    )


def read_options(arguments: argparse.Namespace) -> ReadOptions:
    """How the logs are read, by the arguments that are common to all commands."""
    return ReadOptions(
        format=arguments.log_format,
        body_field=arguments.body_field,
        max_event_size=arguments.max_event_size,
    )


def size(text: str) -> int:
    """A number of bytes, which may have a unit."""
    match = re.fullmatch(r"(\d{1,18})\s*([kmg]ib|)", text.strip().lower(), re.ASCII)
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"not a size in bytes: {text!r}")
    return int(match[1]) * _UNITS[match[2]]


def count(text: str) -> int:
    """A number."""
    if re.fullmatch(r"\d{1,9}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError(f"not a number: {text!r}")
    return int(text)


def positive(text: str) -> int:
    """A number from 1 on."""
    if (number := count(text)) == 0:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def inputs(logs: Sequence[str], unreadable: Callable[[str, str], object]) -> Iterator[str]:
    """The logs that `logs` name, each once; `unreadable` is called with a name that stands for
    none, and the reason."""
    return distinct(_expanded(logs, unreadable))


def _expanded(logs: Sequence[str], unreadable: Callable[[str, str], object]) -> Iterator[str]:
    for name in logs:
        try:
            yield from expand(name)
        except InputError as error:
            unreadable(name, error.reason)
