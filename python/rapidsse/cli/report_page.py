"""`rapidsse report`: writes one page about many logs."""

from __future__ import annotations

import argparse
from contextlib import closing

from .._names import spelled
from .._text import many, plain, shown
from ..logs.outputs._output import OutputError
from .inputs import add_input_arguments, complain_of_missing, count, inputs, read_options
from .page_file import PageFile, replaces
from .streams import complain, printing

__all__ = ["add_arguments", "run"]

OK, SOME_FAILED, UNREADABLE = 0, 1, 2

_DESCRIPTION = """\
Writes a page about recorded streams: totals, events and bytes by type, tokens
by model, thumbnails of the images from partial to final, responses that failed,
and events that did not decode. It is one HTML file without scripts, which loads
no other file: it can be sent to others as it is.

A log is a file, a folder (all files below it), a pattern or an fsspec URL, in
any format and compression that decode reads.
"""

_EPILOG = """\
exit status:
  0  all events were decoded
  1  some events were not: the page lists them; or a log has no event, or none
     of a known API; or an error event where no response is
  2  bad usage; a log that cannot be read (the page covers the others); logs
     without any event; a page that cannot be written
  130, 141  interrupted by Ctrl-C; the reader of the page went away
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `rapidsse report`."""
    parser.description = _DESCRIPTION
    parser.epilog = _EPILOG
    add_input_arguments(parser)
    parser.add_argument(
        "-o", "--out", required=True, metavar="PAGE", help="the file to write; - is standard output"
    )
    parser.add_argument(
        "--images",
        type=count,
        default=200,
        metavar="N",
        help="show at most N images; all are counted (default: 200)",
    )
    parser.add_argument(
        "--rows",
        type=count,
        default=200,
        metavar="N",
        help="list at most N logs, responses and failures; all are counted (default: 200)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Writes the page; returns the exit status."""
    try:
        # The optional libraries are imported here, before any log is read.
        from ..report._gather import Gatherer
        from ..report._render import render

        gatherer = Gatherer(
            options=read_options(arguments), images=arguments.images, rows=arguments.rows
        )
    except ImportError as error:
        complain_of_missing(arguments.logs)
        complain(f'report needs more libraries: pip install "rapidsse[report]" ({error})')
        return UNREADABLE
    for source in arguments.logs:
        if replaces(arguments.out, source):
            complain(f"the page would replace an input: {spelled(source)}")
            return UNREADABLE
    try:
        with closing(PageFile(arguments.out)) as file:
            for source in inputs(arguments.logs, gatherer.unreadable):
                # The page of an earlier run, in a folder of logs, is none.
                if not replaces(arguments.out, source):
                    gatherer.read(source)
            page = gatherer.page
            file.write(render(page).encode())
            is_file = file.is_file
    except OutputError as error:
        complain(str(error))
        return UNREADABLE
    if is_file:
        counts = page.totals.of_events
        logs = many(page.logs.count, "log")
        events, failures = many(counts.events, "event"), many(counts.failures, "failure")
        with printing():
            print(plain(f"The page is in {arguments.out}: {logs}, {events}, {failures}", 1000))
    if page.unreadable.count:
        for row in page.unreadable.rows:
            complain(f"cannot read {shown(row.source)}: {row.error}")
        return UNREADABLE
    for row in page.empty.rows:
        known = " of a known API" if row.totals.of_streams.unrecognized else ""
        complain(f"no event{known} was found in {shown(row.source)}: {row.looks_like}")
    if page.empty.left_out:
        complain(f"nor in {many(page.empty.left_out, 'other log')}")
    if not page.logs.count:
        complain("no event was found: the page is empty")
    if not page.totals.found_or_failed:
        return UNREADABLE
    failed = page.totals.of_events.failures or page.totals.error_events or page.empty.count
    return SOME_FAILED if failed else OK
