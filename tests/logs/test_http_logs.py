"""Logs on servers of http, of every kind that there is: with parts, without, and without sizes."""

from __future__ import annotations

import contextlib
import random
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import rapidsse
from rapidsse.logs.sources._remote_file import RemoteFile
from samples import completed, created, delta, done, png, sse

pytest.importorskip("aiohttp", reason="fsspec reads http with aiohttp")
pytest.importorskip("fsspec.implementations.http")
pa: Any = pytest.importorskip("pyarrow")

MIB = 1 << 20
KINDS = ("parts", "whole", "refused", "unsized")


def stream(number: int) -> bytes:
    picture = png() + random.Random(number).randbytes(MIB)
    name = f"resp_{number}"
    return sse(
        created(name), *[delta("some text")] * 20, done(f"ig_{number}", picture), completed(name)
    )


# More than the 4 MiB that are asked for at a time.
CONTENT = b"".join(map(stream, range(6)))


class Server(ThreadingHTTPServer):
    """Serves `CONTENT` under the names in `KINDS`, and notes which method and range it is asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None]] = []

    def url(self, kind: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{kind}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        kind = self.path.strip("/")
        asked = self.headers["Range"]
        self.server.asked.append((self.command, asked))
        if kind.isdigit():
            self.send_error(int(kind))
            return
        content, status = CONTENT, 200
        if kind == "parts" and asked is not None:
            found = re.fullmatch(r"bytes=(\d+)-(\d+)", asked)
            assert found is not None, asked
            content, status = content[int(found[1]) : int(found[2]) + 1], 206
        self.send_response(status)
        if kind == "refused":
            self.send_header("Accept-Ranges", "none")
        if kind == "unsized":
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            # A client that only asks for the size hangs up.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(content)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", KINDS)
def test_a_log_is_read_whole(kind: str, server: Server) -> None:
    server.asked.clear()
    with rapidsse.open_log(server.url(kind)) as log, rapidsse.open_log(CONTENT) as expected:
        assert [(each.offset, each.length, each.event, each.response_id) for each in log] == [
            (each.offset, each.length, each.event, each.response_id) for each in expected
        ]
    gets = [asked for command, asked in server.asked if command == "GET"]
    if kind == "parts":
        step = 4 * MIB
        assert sorted(gets) == [
            f"bytes={start}-{min(start + step, len(CONTENT)) - 1}"
            for start in range(0, len(CONTENT), step)
        ]
    else:
        # What comes whole is not asked for again; a size is looked for in the answers, in vain.
        assert len(gets) == (3 if kind == "unsized" else 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target_bytes", [2 * MIB, 1 << 30])
def test_the_splits_hold_what_a_scan_does(kind: str, target_bytes: int, server: Server) -> None:
    columns = ["stream", "offset", "length", "index", "event", "response_id"]
    splits = list(rapidsse.plan_splits(server.url(kind), target_bytes=target_bytes))
    assert (len(splits) > 1) == (kind == "parts" and target_bytes < len(CONTENT))
    batches = [batch for split in splits for batch in rapidsse.read_split(split, columns=columns)]
    expected = pa.table(rapidsse.scan(server.url(kind), columns=columns))
    assert pa.Table.from_batches(batches).equals(expected)
    assert expected.num_rows == 6 * 23


def test_parts_are_had_of_a_server_that_gives_none(server: Server) -> None:
    file = RemoteFile(server.url("whole"))
    assert file.has_ranges
    server.asked.clear()
    assert file.window[MIB : MIB + 10] == CONTENT[MIB : MIB + 10]
    assert not file.has_ranges
    assert b"".join(file.read(5, len(CONTENT) - 5)) == CONTENT[5:-5]
    assert len(server.asked) == 1


def test_parts_of_what_has_no_size(server: Server) -> None:
    file = RemoteFile(server.url("unsized"))
    assert not file.has_ranges
    with pytest.raises(rapidsse.InputError, match="its size is not known, so that no part"):
        file.window[0:1]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "no such file"),
        (410, "no such file"),
        (403, "the server answered 403 Forbidden"),
        (500, "the server answered 500 Internal Server Error"),
    ],
)
def test_what_a_server_refuses(status: int, reason: str, server: Server) -> None:
    """Only what is not there is called so."""
    url = server.url(str(status))
    with pytest.raises(rapidsse.InputError) as caught:
        rapidsse.open_log(url)
    assert caught.value.reason == reason
