"""`rapidsse decode`: writes tables and image files of recorded streams, and prints a summary."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .._text import many, plain, shown
from ..job import IMAGES, PART_FORMATS, TABLES
from .inputs import (
    add_input_arguments,
    complain_of_missing,
    count,
    one_of,
    positive,
    read_options,
)
from .progress import progress_bar
from .streams import complain, leave, printing
from .summary import print_json, print_summary

if TYPE_CHECKING:
    from ..job import Outcome

__all__ = ["add_arguments", "run"]

OK, SOME_FAILED, UNREADABLE, BAD_USAGE, INTERRUPTED = 0, 1, 2, 2, 130

_DESCRIPTION = """\
Decodes logs of model output: Server-Sent Event streams of OpenAI's APIs, of
Chat Completions as other providers send them, of Anthropic's Messages, of
Gemini, of Cohere's Chat, of Bedrock's Converse and of Ollama. Writes tables and
image files to a folder, and prints a summary. Without -o it only prints that.

A log is a file, a folder (all files below it), a pattern or an fsspec URL: raw
streams, JSON Lines, JSON and YAML documents, whole responses, VCR cassettes,
HAR; plain or compressed. Its format is detected from its content.
"""

_EPILOG = """\
The logs are divided into splits, each of which becomes a part file of each
table in OUT, and a folder of images in OUT/image-files. Interrupted jobs
resume: the same command skips the finished splits. Every byte of the logs
belongs to an event, a failure, or a comment or blank line: the summary adds
them up.

exit status:
  0  all events were decoded
  1  some events were not: they are in the failures table; or a log has no event
     but keep-alives, or none of a known API, unless --log-format, --event-field
     or --body-field is given; or an error event where no response is
  2  bad usage; a log that cannot be read; an output that cannot be written; a
     worker process that was killed
  130, 141  interrupted by Ctrl-C; the reader of the output went away
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `rapidsse decode`."""
    parser.description = _DESCRIPTION
    parser.epilog = _EPILOG
    add_input_arguments(parser)
    parser.add_argument("-o", "--out", type=Path, metavar="OUT", help="the folder to write")
    parser.add_argument(
        "--tables",
        type=_tables,
        metavar="T,T",
        help=f"the tables to write (default: {','.join(TABLES)})",
    )
    parser.add_argument(
        "--images",
        type=one_of("choice", IMAGES),
        choices=IMAGES,
        help="write images as files, into the images table, or not at all (default: files)",
    )
    parser.add_argument(
        "--payload", action="store_true", help="add the events' JSON, without base64, to events"
    )
    parser.add_argument(
        "--format",
        type=one_of("format", PART_FORMATS),
        choices=PART_FORMATS,
        help="the format of the tables (default: parquet)",
    )
    parser.add_argument(
        "--workers",
        type=positive,
        metavar="N",
        help="the number of workers that read logs (default: one per core)",
    )
    parser.add_argument(
        "--rows",
        type=count,
        default=20,
        metavar="N",
        help="print at most N rows of each table; all are counted (default: 20)",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace the run in OUT instead of resuming it"
    )


def run(arguments: argparse.Namespace) -> int:
    """Decodes the logs; returns the exit status."""
    from ..job import prepare_process

    if (contradiction := _contradiction(arguments)) is not None:
        complain(contradiction)
        return BAD_USAGE
    try:
        prepare_process(writes=arguments.out is not None, owns_process=arguments.owns_process)
    except ImportError as error:
        complain_of_missing(arguments.logs)
        complain(str(error))
        return BAD_USAGE
    outcome = _decoded(arguments)
    if outcome is None:
        return BAD_USAGE
    for message in dict.fromkeys(outcome.changed):
        complain(message)
    totals = outcome.totals
    with printing():
        if arguments.json:
            print_json(outcome, sys.stdout)
        elif totals.of_logs.inputs or not outcome.errors:
            # Of what could not be read each log was named.
            print_summary(outcome, arguments.rows, sys.stdout)
            _print_empty(outcome)
            if arguments.out is not None:
                _note(outcome, arguments.out)
    if outcome.errors or outcome.changed:
        return UNREADABLE
    failed = totals.of_events.failures or totals.error_events
    return SOME_FAILED if failed or outcome.n_empty else OK


def _contradiction(arguments: argparse.Namespace) -> str | None:
    """Returns what is wrong with the options as a whole."""
    if arguments.out is None and (ignored := _about_outputs(arguments)) is not None:
        return f"{ignored} is about what is written: name a folder with -o"
    images, tables = arguments.images, arguments.tables or TABLES
    if images not in (None, "none") and "images" not in tables:
        return f"--images {images} is about the images table, which --tables leaves out"
    return None


def _decoded(arguments: argparse.Namespace) -> Outcome | None:
    """Runs the job; returns `None` after an error, which it has printed."""
    from .._errors import InputError
    from ..job import FolderError, JobOptions, OutputError, run_job, workers_are_left

    options = JobOptions(
        tables=arguments.tables or TABLES,
        images=arguments.images or "files",
        payload=arguments.payload,
        format=arguments.format or "parquet",
        reading=read_options(arguments),
    )
    try:
        with progress_bar() as watch:
            return run_job(
                arguments.logs,
                options,
                out=arguments.out,
                overwrite=arguments.overwrite,
                workers=arguments.workers,
                owns_process=arguments.owns_process,
                rows=arguments.rows,
                watch=watch,
                report=lambda source, reason: complain(f"cannot read {shown(source)}: {reason}"),
            )
    except (InputError, FolderError, OutputError, ChildProcessError) as error:
        complain(str(error) + _about_resuming(error, arguments))
        if workers_are_left():
            # The interpreter would wait for them: they read or write on, for nothing.
            leave(BAD_USAGE)
        return None
    except KeyboardInterrupt:
        if workers_are_left():
            # The interpreter would wait for them, and they wait for the writer of a pipe, or the disk.
            complain("interrupted")
            leave(INTERRUPTED)
        raise


def _about_resuming(error: Exception, arguments: argparse.Namespace) -> str:
    """Returns how a job resumes whose worker process was killed."""
    if arguments.out is None or not isinstance(error, ChildProcessError):
        return ""
    again = "the same command" + ", without --overwrite," * arguments.overwrite
    return f"; finished splits are kept: {again} resumes the run"


def _print_empty(outcome: Outcome) -> None:
    """Names the logs in which nothing was found, and what each looks like."""
    count, totals = outcome.n_empty, outcome.totals
    if not count:
        return
    pings = f" but {many(totals.pings, 'keep-alive')}" if totals.pings else ""
    known = " of a known API" if totals.of_streams.unrecognized else ""
    if totals.of_logs.inputs == 1:
        print(f"\nNo event{known}{pings} was found:\n{plain(outcome.empty[0][1], 200)}")
        return
    print(f"\nNo event{known} was found in {count:,} of {many(totals.of_logs.inputs, 'log')}:")
    for source, looks in outcome.empty:
        print(f"{plain(shown(source), 1000)}: {plain(looks, 200)}")
    if count > len(outcome.empty):
        print(f"and {count - len(outcome.empty):,} more")


def _about_outputs(arguments: argparse.Namespace) -> str | None:
    """Returns an option that says what is written, if one is given."""
    names = ("tables", "images", "payload", "format", "overwrite")
    return next((f"--{name}" for name in names if getattr(arguments, name)), None)


def _note(outcome: Outcome, out: Path) -> None:
    place = plain(str(out), 1000)
    if outcome.before == outcome.splits:
        print(f"\nThe run in {place} was already complete.")
    elif outcome.before:
        print(f"\nThe tables are in {place}; resumed after {many(outcome.before, 'split')}.")
    else:
        print(f"\nThe tables are in {place}")


def _tables(text: str) -> tuple[str, ...]:
    names = {name.strip() for name in text.split(",")}
    for name in sorted(names):
        one_of("table", TABLES)(name)
    return tuple(name for name in TABLES if name in names)
