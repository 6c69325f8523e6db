"""The arguments of every command: which logs to read, and how."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterator, Sequence
from glob import has_magic

from .._errors import InputError
from .._text import suggestion
from ..logs._bodies import FORMATS
from ..logs._options import MAX_EVENT_SIZE, ReadOptions
from ..logs.listing._listing import list_logs
from ..logs.listing._paths import distinct
from ..logs.sources._remote import is_url
from .streams import complain

__all__ = [
    "add_input_arguments",
    "complain_of_missing",
    "count",
    "inputs",
    "one_of",
    "positive",
    "read_options",
]

_UNITS = {"": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}


def add_input_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `LOG...` and the options of how logs are read."""
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
        type=one_of("format", FORMATS),
        choices=FORMATS,
        metavar="FORMAT",
        help=f"the format of the logs: {', '.join(FORMATS)} (default: detected)",
    )
    parser.add_argument(
        "--body-field", metavar="NAME", help="the field of a jsonl-body line that holds the body"
    )
    parser.add_argument(
        "--event-field", metavar="NAME", help="the field of a jsonl-event line that holds the event"
    )


def read_options(arguments: argparse.Namespace) -> ReadOptions:
    """Returns the options of how logs are read. Raises `SystemExit` for those that contradict each
    other."""
    try:
        return ReadOptions(
            format=arguments.log_format,
            body_field=arguments.body_field,
            event_field=arguments.event_field,
            max_event_size=arguments.max_event_size,
        )
    except ValueError as error:
        complain(re.sub(r"(body|event)_field", r"--\1-field", str(error)))
        raise SystemExit(2) from None


def size(text: str) -> int:
    """Parses a number of bytes, such as `4096` or `1GiB`."""
    match = re.fullmatch(r"(\d{1,18})\s*([kmg]ib|)", text.strip().lower(), re.ASCII)
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError(
            f"not a size: {text!r}; give bytes, or KiB, MiB or GiB, such as 256MiB"
        )
    return int(match[1]) * _UNITS[match[2]]


def count(text: str) -> int:
    """Parses a whole number."""
    if re.fullmatch(r"\d{1,9}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError(f"not a whole number, 0 or more: {text!r}")
    return int(text)


def positive(text: str) -> int:
    """Parses a whole number of at least 1."""
    if re.fullmatch(r"0*[1-9]\d{0,8}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError(f"not a whole number, 1 or more: {text!r}")
    return int(text)


def one_of(kind: str, known: Sequence[str]) -> Callable[[str], str]:
    """Returns what parses one of these names, and says which one was probably meant."""

    def parse(text: str) -> str:
        if text not in known:
            there_are = ", ".join(known)
            raise argparse.ArgumentTypeError(
                f"no {kind} {text!r}{suggestion(text, known)}: there are {there_are}"
            )
        return text

    return parse


def complain_of_missing(logs: Sequence[str]) -> None:
    """Complains of files that do not exist: the first to know where an extra is missing, too."""
    for name in logs:
        if not (name == "-" or is_url(name) or has_magic(name) or os.path.lexists(name)):
            complain(str(InputError(name, "No such file or directory")))


def inputs(logs: Sequence[str], unreadable: Callable[[str, str], object]) -> Iterator[str]:
    """Yields the logs that `logs` name, each once.

    Calls `unreadable` with each name that stands for no log, and with each folder that cannot be
    listed, and the reason; or with all names, if they are folders without files.
    """
    return distinct(_expanded(logs, unreadable))


def _expanded(logs: Sequence[str], unreadable: Callable[[str, str], object]) -> Iterator[str]:
    is_empty = True

    def report(name: str, reason: str) -> None:
        nonlocal is_empty
        is_empty = False
        unreadable(name, reason)

    for name in logs:
        try:
            for log in list_logs([name], report):
                is_empty = False
                yield log.source
        except InputError as error:
            report(name, error.reason)
    if is_empty:
        unreadable(", ".join(logs), "there are no files")
