"""Thirty ways to hold it wrong, as newcomers do: each ends in one sentence that says what is wrong
and what to do. `tests/support/misuse.py` has every wrong value; here are the likely ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import rapidsse
from child_python import run_code
from rapidsse import Base64, Decoder, Parser, aiter_sse, iter_sse, open_log, plan_splits, scan
from rapidsse.cli import main
from samples import DEMO

pytest.importorskip("pyarrow")
pytest.importorskip("jinja2")

MISSING = "missing/log.sse"


class Text(msgspec.Struct, tag="text"):
    text: str


class Response:
    """As httpx's, whose body is not the response itself."""

    def iter_bytes(self) -> list[bytes]:
        return []

    def aiter_bytes(self) -> list[bytes]:
        return []


async def arriving() -> AsyncIterator[bytes]:
    yield b"data: 1\n\n"


def first(source: Any) -> Any:
    return asyncio.run(anext(aiter_sse(source)))  # type: ignore[arg-type]


def text_file() -> Any:
    with open(__file__, encoding="utf-8") as file:
        return next(iter_sse(file))  # type: ignore[arg-type]


def closed_parser() -> Any:
    parser = Parser()
    parser.close()
    return parser.feed(b"data: 1\n\n")


anything: Any = rapidsse
NOT_TEXT = "expected bytes or another buffer, not text (str): encode it first"
SIZE = "max_event_size must be an int or None, not str"
BUFFERS = "source must be a buffer or an iterable of buffers, not "
NO_STREAM = "event 0 (message) at byte 0: the body is no event stream, it looks like "

# What somebody does, what is called, and what is said.
IN_PYTHON: list[tuple[str, Callable[[], Any], str]] = [
    (
        "the name of a file in place of its content",
        lambda: next(iter_sse("log.sse")),  # type: ignore[arg-type]
        "TypeError: the source is text: encode it to bytes first; if it is a path, open the file",
    ),
    (
        "a Path",
        lambda: next(iter_sse(Path("log.sse"))),  # type: ignore[arg-type]
        f"TypeError: {BUFFERS}{type(Path()).__name__}: open the file in binary mode",
    ),
    ("a file that is open for text", text_file, f"TypeError: {NOT_TEXT}"),
    (
        "lines of text",
        lambda: next(iter_sse(iter(["data: 1"]))),  # type: ignore[arg-type]
        f"TypeError: {NOT_TEXT}",
    ),
    (
        "an async iterator for the ordinary function",
        lambda: next(iter_sse(arriving())),  # type: ignore[arg-type]
        f"TypeError: {BUFFERS}async_generator: use aiter_sse",
    ),
    (
        "an ordinary iterable for the async function",
        lambda: first([b"data: 1\n\n"]),
        "TypeError: source must be a buffer or an async iterable of buffers, not list: use iter_sse",
    ),
    (
        "a response in place of its body",
        lambda: next(iter_sse(Response())),  # type: ignore[arg-type]
        f"TypeError: {BUFFERS}Response: iterate over its iter_bytes()",
    ),
    (
        "an async response in place of its body",
        lambda: first(Response()),
        (
            "TypeError: source must be a buffer or an async iterable of buffers, not Response: "
            "iterate over its aiter_bytes()"
        ),
    ),
    (
        "text that is fed",
        lambda: Parser().feed("data: 1\n\n"),  # type: ignore[arg-type]
        f"TypeError: {NOT_TEXT}",
    ),
    (
        "a parser that was closed",
        closed_parser,
        "ValueError: the Parser is closed: call reset() to parse another stream",
    ),
    (
        "a size in words",
        lambda: Parser(max_event_size="5MB"),  # type: ignore[arg-type]
        f"TypeError: {SIZE}",
    ),
    (
        "a policy of errors that does not exist",
        lambda: anything.Decoder(Text, on_error="ignore"),
        "ValueError: on_error must be 'raise', 'yield' or 'skip', not 'ignore'",
    ),
    (
        "a page of HTML in place of a stream",
        lambda: list(Decoder(Text).iter(b"<html>Bad Gateway")),
        f"DecodeError: {NO_STREAM}HTML; the payload of 17 bytes begins: <html>Bad Gateway",
    ),
    (
        "an error in JSON in place of a stream",
        lambda: list(Decoder(Text).iter(b'{"error":{}}')),
        f'DecodeError: {NO_STREAM}JSON; the payload of 12 bytes begins: {{"error":{{}}}}',
    ),
    (
        "a payload that is not UTF-8",
        lambda: list(Decoder(Text).iter(b'data: {"type":"text","text":"a\xff"}\n\n')),
        (
            "DecodeError: event 0 (message) at byte 0: not UTF-8: invalid start byte at byte 24 "
            r'of the payload; the payload of 27 bytes begins: {"type":"text","text":"a\xff"}'
        ),
    ),
    (
        "text that is not base64",
        lambda: Base64("a picture").decode(),
        "Base64Error: invalid base64 character at byte 1 of the base64 text",
    ),
    (
        "a log that does not exist",
        lambda: open_log(MISSING),
        f"InputError: cannot read {MISSING}: No such file or directory",
    ),
    (
        "a folder in place of a log",
        lambda: open_log(DEMO.parent),
        f"InputError: cannot read {DEMO.parent}: it is a directory: name the files in it",
    ),
    (
        "a pattern that matches nothing",
        lambda: list(scan("missing/*.sse")),
        "InputError: cannot read missing/*.sse: no file matches",
    ),
    (
        "a table that does not exist",
        lambda: scan(DEMO, table="event"),
        "ValueError: unknown table 'event' (did you mean events?); the tables are events, ",
    ),
    (
        "a column that does not exist",
        lambda: scan(DEMO, columns=["sorce"]),
        (
            "ValueError: the events table has no column 'sorce' (did you mean source?); "
            "its columns are source, stream, "
        ),
    ),
    (
        "one column as a string",
        lambda: scan(DEMO, columns="delta"),
        "TypeError: columns are a sequence of names: write ['delta']",
    ),
    (
        "the size of a split in words",
        lambda: plan_splits(DEMO, target_bytes="1MB"),  # type: ignore[arg-type]
        "TypeError: target_bytes must be an int, not str",
    ),
    (
        "a log in place of a split",
        lambda: list(anything.read_split(DEMO)),
        f"TypeError: expected a Split, as plan_splits yields them, not {type(DEMO).__name__}",
    ),
]

LOG = str(DEMO)
PICTURE = DEMO.parents[1] / "docs" / "pictures" / "report.png"
COMMANDS = "there are decode, verify, report"
ON_THE_COMMAND_LINE: list[tuple[str, list[str], str]] = [
    (
        "a command with a typo",
        ["decod", LOG],
        f"no command 'decod' (did you mean decode?): {COMMANDS}",
    ),
    (
        "no command",
        [LOG],
        f"no command '{LOG}' (to read this log: rapidsse decode {LOG}): {COMMANDS}",
    ),
    (
        "an option with a typo",
        ["decode", LOG, "--overwite"],
        "no option '--overwite' (did you mean --overwrite?): --help lists them",
    ),
    (
        "a log that does not exist",
        ["decode", MISSING],
        f"cannot read {MISSING}: No such file or directory",
    ),
    (
        "a size with a unit of its own",
        ["decode", LOG, "--max-event-size", "5MB"],
        "not a size: '5MB'; give bytes, or KiB, MiB or GiB, such as 256MiB",
    ),
    (
        "a table with a typo",
        ["decode", LOG, "-o", "out", "--tables", "image"],
        "no table 'image' (did you mean images?): there are events, ",
    ),
    (
        "an option of an output without one",
        ["decode", LOG, "--payload"],
        "--payload is about what is written: name a folder with -o",
    ),
    (
        "a file in place of the output folder",
        ["decode", LOG, "-o", LOG],
        f"the output is a folder, and {LOG} is a file: name another",
    ),
    (
        "an output folder of something else",
        ["decode", LOG, "-o", "."],
        ". is not empty, and no run of rapidsse made it: choose another folder",
    ),
    (
        "a page in a folder that does not exist",
        ["report", LOG, "-o", "missing/page.html"],
        "cannot write missing/page.html: the folder missing does not exist; create it first",
    ),
    (
        "a folder in place of a page",
        ["report", LOG, "-o", "."],
        "cannot write .: it is a folder; name a file",
    ),
    (
        "a file that is no log",
        ["decode", str(PICTURE)],
        f"cannot read {PICTURE}: it is a picture: name the log in which it came",
    ),
]


def test_there_are_thirty() -> None:
    assert len(IN_PYTHON) + len(ON_THE_COMMAND_LINE) >= 30


@pytest.mark.parametrize(
    ("call", "message"), [pytest.param(*each, id=name) for name, *each in IN_PYTHON]
)
def test_in_python(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(Exception, match=r"\S") as caught:
        call()
    said = f"{type(caught.value).__name__}: {caught.value}"
    assert said.startswith(message) if message.endswith(", ") else said == message


@pytest.mark.parametrize(
    ("argv", "message"), [pytest.param(*each, id=name) for name, *each in ON_THE_COMMAND_LINE]
)
def test_on_the_command_line(
    argv: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is the last line, and nothing was written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").touch()
    try:
        status = main(argv)
    except SystemExit as ended:
        assert isinstance(ended.code, int)
        status = ended.code
    assert status == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("rapidsse")
    assert f": {message}" in said if message.endswith(", ") else said.endswith(f": {message}")
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_an_engine_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPIDSSE_ENGINE", "c")
    done = run_code("import rapidsse")
    said = "ImportError: RAPIDSSE_ENGINE is 'c': set it to 'rust' or 'python', or unset it"
    assert done.stderr.splitlines()[-1] == said
