"""The server that the tests of real clients read from does what it is told to."""

from __future__ import annotations

import gzip
import http.client
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

import live_server as module
from live_server import LiveServer, Scenario

BODY = "data: aé\r\n\r\ndata: b\r\n\r\n".encode() * 20
INSIDE_CRLF = BODY.index(b"\n")
INSIDE_CHARACTER = BODY.index(b"\xa9")


@contextmanager
def connected(url: str) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    with closing(connection):
        yield connection


class Response(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    content: bytes


def get(url: str, method: str = "GET", body: bytes | Iterator[bytes] | None = None) -> Response:
    with connected(url) as connection:
        connection.request(method, urlsplit(url).path, body)
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())


def raw(url: str) -> bytes:
    """What the server writes up to the end of the connection, without the head."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(f"GET {parts.path} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        with connection.makefile("rb") as file:
            return file.read().partition(b"\r\n\r\n")[2]


def http_chunks(written: bytes) -> list[bytes]:
    chunks = []
    while written:
        line, _, rest = written.partition(b"\r\n")
        size = int(line, 16)
        chunks.append(rest[:size])
        assert rest[size : size + 2] == b"\r\n"
        written = rest[size + 2 :]
    return chunks


@pytest.mark.parametrize("cut", [1, 7, 1024, 65536])
def test_a_size_to_cut_at(live_server: LiveServer, cut: int) -> None:
    *chunks, last = http_chunks(raw(live_server.add(Scenario(BODY, cut=cut))))
    assert chunks == [BODY[at : at + cut] for at in range(0, len(BODY), cut)]
    assert last == b""


def test_positions_to_cut_at(live_server: LiveServer) -> None:
    cut = [INSIDE_CRLF, INSIDE_CHARACTER]
    first, second, third, _ = http_chunks(raw(live_server.add(Scenario(BODY, cut=cut))))
    assert first.endswith(b"a\xc3")
    assert second == b"\xa9\r"
    assert third.startswith(b"\n\r\n")
    assert first + second + third == BODY


def test_a_content_length(live_server: LiveServer) -> None:
    url = live_server.add(Scenario(BODY, cut=3, length=True))
    assert raw(url) == BODY
    assert get(url).headers["Content-Length"] == str(len(BODY))


def test_status_headers_and_content_type(live_server: LiveServer) -> None:
    response = get(live_server.add(Scenario(BODY)))
    assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream")
    scenario = Scenario(
        b"{}", status=429, content_type="application/json", headers={"Retry-After": "0"}
    )
    response = get(live_server.add(scenario))
    assert (response.status, response.content) == (429, b"{}")
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Retry-After"] == "0"


def test_any_method_on_any_path(live_server: LiveServer) -> None:
    scenario = Scenario(BODY)
    url = live_server.add(scenario)
    assert get(f"{url}/chat/completions?stream=1", "POST", b"{}").content == BODY
    assert get(f"{url}/v1/messages", "PUT", iter([b"12", b"345"])).content == BODY
    assert get(url, "HEAD").content == b""
    seen = [(request.method, request.body) for request in scenario.received]
    assert seen == [("POST", b"{}"), ("PUT", b"12345"), ("HEAD", b"")]
    assert scenario.received[0].headers["content-length"] == "2"
    assert get(f"{url}0000").status == 404


def test_connections_are_kept_and_counted(live_server: LiveServer) -> None:
    scenario, other = Scenario(BODY), Scenario(BODY, length=True)
    url, other_url = live_server.add(scenario), live_server.add(other)
    with connected(url) as connection:
        for target in (url, other_url, url):
            connection.request("POST", urlsplit(target).path, b"{}")
            assert connection.getresponse().read() == BODY
    assert (scenario.connections, scenario.requests) == (1, 2)
    assert (other.connections, other.requests) == (1, 1)
    get(url)
    assert (scenario.connections, scenario.requests) == (2, 3)


@pytest.mark.parametrize("length", [False, True])
@pytest.mark.parametrize("drop", [0, len(BODY) // 2, len(BODY)])
def test_a_dropped_connection(live_server: LiveServer, drop: int, length: bool) -> None:
    url = live_server.add(Scenario(BODY, cut=50, drop=drop, length=length))
    written = raw(url)
    assert (written if length else b"".join(http_chunks(written))) == BODY[:drop]
    if drop < len(BODY) or not length:
        with pytest.raises(http.client.IncompleteRead):
            get(url)


def test_a_stall_sends_nothing_until_it_is_over(live_server: LiveServer) -> None:
    scenario = Scenario(BODY, stall={10: 60, 20: 60})
    url = live_server.add(scenario)
    with connected(url) as connection:
        connection.request("GET", urlsplit(url).path)
        response = connection.getresponse()
        assert response.read(10) == BODY[:10]
        connection.sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            response.read(1)
        assert scenario.sent == 10
    scenario.resume()
    assert get(url).content == BODY


def test_a_stall_takes_its_time(live_server: LiveServer) -> None:
    url = live_server.add(Scenario(BODY, stall={0: 0.2}))
    start = time.monotonic()
    assert get(url).content == BODY
    assert time.monotonic() - start >= 0.2


def test_compressed_pieces_can_be_read_as_they_come(live_server: LiveServer) -> None:
    url = live_server.add(Scenario(BODY, cut=[10], gzip=True))
    response = get(url)
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content) == BODY
    first, second, _ = http_chunks(raw(url))
    reader = zlib.decompressobj(wbits=31)
    assert reader.decompress(first) == BODY[:10]
    assert reader.decompress(second) == BODY[10:]


def test_closing_interrupts_whatever_goes_on() -> None:
    before = set(threading.enumerate())
    with LiveServer() as server:
        stalled = server.add(Scenario(BODY, stall={10: 600}))
        unread = server.add(Scenario(bytes(1 << 26)))
        idle = server.add(Scenario(BODY))
        with connected(stalled) as one, connected(unread) as two, connected(idle) as three:
            for connection, url in ((one, stalled), (two, unread), (three, idle)):
                connection.request("GET", urlsplit(url).path)
            assert one.getresponse().read(10) == BODY[:10]
            assert two.getresponse().read(1) == b"\0"
            assert three.getresponse().read() == BODY
            server.close()
    # Fewer is well: a thread of the other server may have ended meanwhile.
    assert set(threading.enumerate()) <= before


def test_clients_may_go_away(live_server: LiveServer) -> None:
    scenario = Scenario(bytes(1 << 26), cut=1 << 16)
    url = live_server.add(scenario)
    with connected(url) as connection:
        connection.request("GET", urlsplit(url).path)
        assert connection.getresponse().read(1) == b"\0"
    assert get(live_server.add(Scenario(BODY))).content == BODY


def test_as_a_process_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "stream.sse"
    file.write_bytes(BODY)
    command = [sys.executable, str(module.__file__), str(file), "--cut", "100"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        url = process.stdout.readline().decode().strip()
        assert [len(chunk) for chunk in http_chunks(raw(url))] == [100] * 4 + [80, 0]
        process.stdin.close()
        assert process.wait(20) == 0
