"""The command line: `rapidsse`, or `python -m rapidsse`."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .._engine import engine
from .._version import __version__

if TYPE_CHECKING:
    from .decode import DecodeOptions

__all__ = ["main"]

BAD_USAGE = 2
# As a shell reports a command that SIGINT or SIGPIPE ended.
INTERRUPTED, BROKEN_PIPE = 130, 141

_DESCRIPTION = """\
Decodes logs of model output: Server-Sent Event streams of the Responses API,
the Images API and Chat Completions, one stream or many after another in a file.
Reports for each file its streams, its events by type, its images, the tokens
used, and what failed.
"""

_EPILOG = """\
An event of an unknown type is counted; it is not a failure. An image is named
after its item, or after FILE where it has none; "-partial-N" marks a partial
one. Without --images nothing finds out whether the base64 is valid.

The lines of --jsonl are the events' JSON as it stands in the log, in order. In
the place of an image's base64, unless --base64 is given, stands the string
  "<base64 MEDIA_TYPE N bytes sha256:HEX>"
with the size and the hash of its file. A failure has a line of its own:
  {"failure": {"source", "offset", "index", "event", "kind", "reason", "data"}}
with "data_base64" in place of "data" where the payload is not UTF-8.

exit status:
  0  all events were decoded
  1  some failed
  2  bad usage; an input that cannot be read; an output that cannot be written
"""

_UNITS = {"": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line with `argv` (default: the process's own arguments).

    Returns the exit status. Raises `SystemExit` for `--help`, `--version` and bad usage.
    """
    options = _options(argv)
    # Imported late: `--help` need not wait for the tables and the types.
    from .decode import complain, decode_logs
    from .output import OutputError

    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            # A console that cannot show a character of a log must not end the run.
            reconfigure(errors="backslashreplace")
    try:
        status = decode_logs(options)
        sys.stdout.flush()
        return status
    except OutputError as error:
        complain(str(error))
        return BAD_USAGE
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes standard output at its end, which would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _options(argv: Sequence[str] | None) -> DecodeOptions:
    parser = argparse.ArgumentParser(
        prog="rapidsse", description="Reads Server-Sent Event streams of model output."
    )
    version = f"rapidsse {__version__} ({engine} engine)"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    decode = commands.add_parser(
        "decode",
        help="report what is in recorded streams, write their images and events",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    decode.add_argument("logs", nargs="+", metavar="FILE", help="a log; - is standard input")
    decode.add_argument(
        "--images", type=Path, metavar="DIR", help="write the images to DIR, which is made"
    )
    decode.add_argument(
        "--jsonl", metavar="FILE", help="write one event a line to FILE; - is standard output"
    )
    decode.add_argument(
        "--base64", action="store_true", help="keep the images' base64 in the lines of --jsonl"
    )
    decode.add_argument(
        "--max-event-size",
        type=_size,
        metavar="N",
        help="a larger event is a failure; bytes, or with KiB, MiB, GiB (default: no limit)",
    )
    decode.add_argument(
        "--rows",
        type=_count,
        default=20,
        metavar="N",
        help="list at most N streams, images and failures a file; all count (default: 20)",
    )
    arguments = parser.parse_args(argv)
    if arguments.base64 and arguments.jsonl is None:
        decode.error("--base64 is about the lines of --jsonl, which is not given")
    if arguments.jsonl is not None and _overwrites(arguments.jsonl, arguments.logs):
        decode.error(f"--jsonl would replace an input: {arguments.jsonl}")

    from .decode import DecodeOptions

    return DecodeOptions(
        logs=arguments.logs,
        images=arguments.images,
        jsonl=arguments.jsonl,
        keep_base64=arguments.base64,
        max_event_size=arguments.max_event_size,
        rows=arguments.rows,
    )


def _overwrites(target: str, logs: Sequence[str]) -> bool:
    def same(log: str) -> bool:
        try:
            return os.path.isfile(target) and os.path.samefile(target, log)
        except OSError:
            return False

    return target != "-" and any(log != "-" and same(log) for log in logs)


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d{1,18})\s*([kmg]ib|)", text.strip().lower(), re.ASCII)
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"not a size in bytes: {text!r}")
    return int(match[1]) * _UNITS[match[2]]


def _count(text: str) -> int:
    if re.fullmatch(r"\d{1,9}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError(f"not a number: {text!r}")
    return int(text)
