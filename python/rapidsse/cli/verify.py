"""`rapidsse verify`: checks recorded streams, and prints one row per problem."""

from __future__ import annotations

import argparse
import json
import sys

from .._errors import InputError
from .._text import many, plain, shown
from ..logs._open import Log
from ..logs.verify._problems import Problem
from ..logs.verify._verify import Verifier
from .inputs import add_input_arguments, count, inputs, read_options
from .streams import printing
from .summary import not_read, of_no_api
from .table import Column, Table
from .terminal import open_screen

__all__ = ["add_arguments", "run"]

WELL, WRONG, UNREADABLE = 0, 1, 2

_DESCRIPTION = """\
Checks that the streams of logs are complete: that no sequence number is missing
or repeated, that each stream has its end, that the deltas add up to the final
text, that a final image follows the partial ones, and that every event decodes.

A log is a file, a folder (all files below it), a pattern or an fsspec URL, in
any format and compression that decode reads.
"""

_EPILOG = """\
The lines of --json are objects with the members
  source, stream, offset, response_id, kind, detail
where "stream" and "offset" are the byte offsets of the stream and of the event
in the log's decompressed content, or null.

exit status:
  0  no problems
  1  there are problems
  2  bad usage; a log that cannot be read; logs without any event
  130, 141  interrupted by Ctrl-C; the reader of the output went away
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `rapidsse verify`."""
    parser.description = _DESCRIPTION
    parser.epilog = _EPILOG
    add_input_arguments(parser)
    parser.add_argument(
        "--json", action="store_true", help="print only the problems, each as a line of JSON"
    )
    parser.add_argument(
        "--rows",
        type=count,
        default=20,
        metavar="N",
        help="print at most N problems of each log; all are counted (default: 20)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Checks the logs; returns the exit status."""
    printer = _Lines() if arguments.json else _Tables(arguments.rows)
    verifier = Verifier(printer.add, max_event_size=arguments.max_event_size)
    options = read_options(arguments)

    def unreadable(source: str, reason: str) -> None:
        verifier.unreadable(source, reason)
        printer.end_log()

    for source in inputs(arguments.logs, unreadable):
        try:
            with Log(source, options) as log:
                verifier.verify(log)
        except InputError as error:
            verifier.unreadable(source, error.reason)
        printer.end_log()
    printer.end(verifier)
    if printer.unreadable:
        return UNREADABLE
    if not verifier.found:
        # Nothing was checked.
        return UNREADABLE
    return WRONG if verifier.problems else WELL


class _Lines:
    """Prints problems as lines of JSON."""

    def __init__(self) -> None:
        self.unreadable = False

    def add(self, problem: Problem) -> None:
        self.unreadable |= problem.kind == "input"
        # ASCII only: no escape sequence reaches the terminal, and lone surrogates can be printed.
        with printing():
            print(json.dumps(problem.to_dict()))

    def end_log(self) -> None: ...

    def end(self, verifier: Verifier) -> None: ...


class _Tables:
    """Prints a table for each log that has problems, and a line of totals."""

    def __init__(self, rows: int) -> None:
        self.unreadable = False
        self._screen = open_screen(sys.stdout)
        self._rows = rows
        self._kept: list[Problem] = []
        self._count = self._bad = 0
        self._source = ""

    def add(self, problem: Problem) -> None:
        self.unreadable |= problem.kind == "input"
        self._source = problem.source
        self._count += 1
        if len(self._kept) < self._rows:
            self._kept.append(problem)

    def end_log(self) -> None:
        if not self._count:
            return
        self._bad += 1
        title = [(plain(shown(self._source), 1000), "bold"), ("\n", "")]
        names = [Column("problem", "stay"), Column("stream", "number")]
        table = Table([*names, Column("response"), Column("detail", "fold")])
        for number, problem in enumerate(self._kept):
            stream = "-" if problem.stream is None else f"{problem.stream:,}"
            at = "" if problem.offset is None else f"at byte {problem.offset:,}: "
            detail = plain(at + problem.detail, 400)
            kind = problem.kind.replace("_", " ")
            table.styles[number, 0] = "red"
            table.rows.append((kind, stream, plain(problem.response_id, 24), detail))
        table.cut_off(self._count)
        screen = self._screen
        lines = table.parts(screen.width, ascii_only=screen.ascii_only)
        with printing():
            screen.print([*title, *lines, ("\n", "")])
        self._kept, self._count = [], 0

    def end(self, verifier: Verifier) -> None:
        logs, streams = many(verifier.logs, "log"), many(verifier.streams, "stream")
        if verifier.problems:
            found = f"{many(verifier.problems, 'problem')} in {many(self._bad, 'log')}"
            style = "bold red"
        else:
            found, style = "all is well", "bold green"
        line = f"{logs}, {streams}, {many(verifier.events, 'event')}: "
        parts = [(line, ""), (found, style), ("\n", "")]
        parts += [*of_no_api(verifier.unknown_events), *not_read(verifier)]
        with printing():
            self._screen.print(parts)
