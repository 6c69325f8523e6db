"""A local HTTP/1.1 server that streams given bytes in a given way, for tests of real clients.

    with LiveServer() as server:
        scenario = Scenario(body, cut=1024, stall={500: 30})
        url = server.add(scenario)  # http://127.0.0.1:PORT/N

Every method and every path below that URL is answered with the scenario, so it serves as an
SDK's `base_url`. Connections are kept open between requests. Positions are always bytes of
the plain body. In tests, take the fixture `live_server`.

To keep the server's work out of a measured process, run this file:

    python tests/live_server.py FILE --cut 65536

prints the URL on one line and serves FILE until stdin closes, so give it a pipe for stdin.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socket import SHUT_RDWR, socket
from socketserver import ThreadingTCPServer
from typing import Any, NamedTuple, Self


class Request(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: object
    """The same object for the requests of one connection."""


@dataclass(eq=False, kw_only=True)
class Scenario:
    """What is answered and how, and what has been asked so far."""

    body: bytes = field(kw_only=False)
    cut: int | Sequence[int] = 65536
    """A size, or the positions to cut at. Every piece is one HTTP chunk and one write."""
    length: bool = False
    """Announce a Content-Length instead of sending HTTP chunks."""
    stall: Mapping[int, float] = field(default_factory=dict)
    """Position to seconds: how long to send nothing there, or until `resume()`."""
    drop: int | None = None
    """Where to close the connection, short of what was announced."""
    gzip: bool = False
    """Compress the body, each piece in a way that can be decompressed when it arrives."""
    status: int = 200
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)

    received: list[Request] = field(default_factory=list, init=False)
    sent: int = field(default=0, init=False)
    """How far into the body the latest response is: never less than what the client has."""
    _resumed: threading.Event = field(default_factory=threading.Event, init=False)

    @property
    def requests(self) -> int:
        return len(self.received)

    @property
    def connections(self) -> int:
        """How many connections have carried a request for this."""
        return len({request.connection for request in self.received})

    def resume(self) -> None:
        """Ends the stall that a response is in, and all that follow."""
        self._resumed.set()

    def pause(self, position: int) -> None:
        if position in self.stall:
            self._resumed.wait(self.stall[position])

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """The body as it is sent: each piece with the position where it ends."""
        size = len(self.body)
        cuts = range(self.cut, size, self.cut) if isinstance(self.cut, int) else self.cut
        stops = {*cuts, *self.stall, size if self.drop is None else self.drop, size}
        deflate = zlib.compressobj(wbits=31) if self.gzip else None
        start = 0
        for stop in sorted(stops):
            piece = self.body[start:stop]
            if deflate is not None:
                mode = zlib.Z_FINISH if stop == size else zlib.Z_SYNC_FLUSH
                piece = deflate.compress(piece) + deflate.flush(mode)
            yield stop, piece
            start = stop


class LiveServer:
    """Serves on a free port of 127.0.0.1 until it is closed, which leaves no thread behind."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def add(self, scenario: Scenario) -> str:
        """The URL that is answered with `scenario`, without a slash at its end."""
        scenarios = self._server.scenarios
        name = str(len(scenarios))
        scenarios[name] = scenario
        port = self._server.server_address[1]
        return f"http://127.0.0.1:{port}/{name}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingTCPServer):
    # `server_close` joins the threads of connections only then.
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.scenarios: dict[str, Scenario] = {}
        self._open: set[socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        # Here and not in the connection's thread, which may not have run yet at `hang_up`.
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Wakes every connection's thread, whatever it waits for."""
        for scenario in self.scenarios.values():
            scenario.resume()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may go away at any time; whatever else is wrong is raised for pytest to see."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            raise error


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self._connection = object()

    def answer(self) -> None:
        body = self._request_body()
        name = self.path.split("?")[0].split("/")[1]
        scenario = self.server.scenarios.get(name)
        if scenario is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body, self._connection)
        scenario.received.append(request)
        self._send_head(scenario)
        if self.command != "HEAD":
            self._send_body(scenario)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _request_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def _send_head(self, scenario: Scenario) -> None:
        self.send_response(scenario.status)
        self.send_header("Content-Type", scenario.content_type)
        if scenario.gzip:
            self.send_header("Content-Encoding", "gzip")
        if scenario.length:
            length = sum(len(piece) for _, piece in scenario.pieces())
            self.send_header("Content-Length", str(length))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        for name, value in scenario.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_body(self, scenario: Scenario) -> None:
        scenario.sent = 0
        for stop, piece in scenario.pieces():
            scenario.sent = stop
            # An empty HTTP chunk would be the last.
            if piece:
                self.wfile.write(
                    piece if scenario.length else b"%x\r\n%b\r\n" % (len(piece), piece)
                )
            scenario.pause(stop)
            if stop == scenario.drop:
                self.close_connection = True
                return
        if not scenario.length:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description="Serves a file as an event stream.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--cut", type=int, default=65536, help="bytes per HTTP chunk")
    parser.add_argument("--length", action="store_true", help="Content-Length, no HTTP chunks")
    options = parser.parse_args()
    with LiveServer() as server, contextlib.suppress(KeyboardInterrupt):
        body = options.file.read_bytes()
        print(server.add(Scenario(body, cut=options.cut, length=options.length)), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
