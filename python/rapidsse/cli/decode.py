"""`rapidsse decode`: tables and image files of recorded streams, and a summary of them."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .._text import many, plain, shown
from ..job import TABLES
from .inputs import add_input_arguments, count, positive, read_options
from .progress import progress_bar
from .summary import print_json, print_summary
from .terminal import complain

if TYPE_CHECKING:
    from ..job import Images, Outcome

__all__ = ["add_arguments", "run"]

OK, SOME_FAILED, UNREADABLE, BAD_USAGE, INTERRUPTED = 0, 1, 2, 2, 130

_DESCRIPTION = """\
Decodes logs of model output: Server-Sent Event streams of the Responses API,
the Images API and Chat Completions. Writes tables and image files to a folder,
and prints a summary. Without -o it only reads and prints.

A log is a file, a folder (all files below it), a pattern or an fsspec URL: raw
streams, JSON lines of events or of requests, VCR cassettes, HAR; plain or
compressed. Its format is recognised by its content.
"""

_EPILOG = """\
OUT gets a folder for each table, with a file for each part of the work, and the
pictures in OUT/image-files. A run that was killed is finished by the same
command; what is there is never decoded again. Every byte of the logs belongs to
an event, a failure, or a comment or blank line: the summary adds them up.

exit status:
  0  all events were decoded
  1  some failed: they are in the failures table
  2  bad usage; an input that cannot be read; an output that cannot be written
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `rapidsse decode`."""
    parser.description = _DESCRIPTION
    parser.epilog = _EPILOG
    add_input_arguments(parser)
    parser.add_argument("-o", "--out", type=Path, metavar="OUT", help="the folder to write")
    parser.add_argument(
        "--tables",
        type=_tables,
        default=TABLES,
        metavar="T,T",
        help=f"the tables to write (default: {','.join(TABLES)})",
    )
    parser.add_argument(
        "--images",
        choices=("files", "column", "none"),
        help="write pictures as files, into the images table, or not at all (default: files)",
    )
    parser.add_argument(
        "--payload", action="store_true", help="add the events' JSON, without base64, to events"
    )
    parser.add_argument(
        "--format", choices=("parquet", "jsonl"), default="parquet", help="of the tables"
    )
    parser.add_argument(
        "--workers", type=positive, metavar="N", help="threads (default: one for each core)"
    )
    parser.add_argument(
        "--rows",
        type=count,
        default=20,
        metavar="N",
        help="print at most N rows of each list; all count (default: 20)",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    parser.add_argument("--overwrite", action="store_true", help="start anew where a run has been")


def run(arguments: argparse.Namespace) -> int:
    """Decodes the logs; returns the exit status."""
    from ..job import prepare_process

    try:
        prepare_process()
    except ImportError as error:
        complain(str(error))
        return BAD_USAGE
    from .._errors import InputError
    from ..job import FolderError, JobOptions, OutputError, run_job, workers_are_left

    images: Images | None = arguments.images
    if images not in (None, "none") and "images" not in arguments.tables:
        complain(f"--images {images} is about the images table, which --tables leaves out")
        return BAD_USAGE
    options = JobOptions(
        tables=arguments.tables,
        images=images or "files",
        payload=arguments.payload,
        format=arguments.format,
        reading=read_options(arguments),
    )
    try:
        with progress_bar() as watch:
            outcome = run_job(
                arguments.logs,
                options,
                out=arguments.out,
                overwrite=arguments.overwrite,
                workers=arguments.workers,
                rows=arguments.rows,
                watch=watch,
                report=lambda source, reason: complain(f"cannot read {shown(source)}: {reason}"),
            )
    except (InputError, FolderError, OutputError) as error:
        complain(str(error))
        return BAD_USAGE
    except KeyboardInterrupt:
        if workers_are_left():
            # The interpreter would wait for them, as long as nobody writes what they read.
            complain("interrupted")
            os._exit(INTERRUPTED)
        raise
    for message in dict.fromkeys(outcome.changed):
        complain(message)
    if arguments.json:
        print_json(outcome, sys.stdout)
    else:
        print_summary(outcome, arguments.rows, sys.stdout)
        if arguments.out is not None:
            _note(outcome, arguments.out)
    if outcome.errors or outcome.changed:
        return UNREADABLE
    return SOME_FAILED if outcome.totals.failures else OK


def _note(outcome: Outcome, out: Path) -> None:
    place = plain(str(out), 1000)
    if outcome.before == outcome.splits:
        print(f"\nThe run in {place} was complete: nothing was left to do.")
    elif outcome.before:
        print(
            f"\nThe run in {place} is finished; {many(outcome.before, 'split')} had been decoded before."
        )
    else:
        print(f"\nThe tables are in {place}")


def _tables(text: str) -> tuple[str, ...]:
    names = {name.strip() for name in text.split(",")}
    if unknown := sorted(names - set(TABLES)):
        raise argparse.ArgumentTypeError(f"no table {unknown[0]!r}: there are {', '.join(TABLES)}")
    return tuple(name for name in TABLES if name in names)
