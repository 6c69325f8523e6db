"""The arguments by which `verify` and `report` are told what to read, and how."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence

from .._errors import InputError
from ..logs._paths import distinct, expand
from .decode import _size

__all__ = ["add_input_arguments", "inputs"]


def add_input_arguments(parser: argparse.ArgumentParser) -> None:
    """`LOG...`, and what is common to all of them."""
    parser.add_argument("logs", nargs="+", metavar="LOG", help="a log; - is standard input")
    parser.add_argument(
        "--max-event-size",
        type=_size,
        default=256 << 20,
        metavar="N",
        help="a larger event does not decode; bytes, or with KiB, MiB, GiB (default: 256MiB)",
    )
    parser.add_argument(
        "--log-format",
        choices=("sse", "jsonl", "jsonl-body", "vcr", "har"),
        help="of all the logs, where it is not to be recognised",
    )
    parser.add_argument(
        "--body-field", metavar="NAME", help="the field that holds the body in a line of jsonl-body"
    )


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
