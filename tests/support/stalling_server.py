"""A server of http that stops in the middle of its answers, and says so."""

from __future__ import annotations

import contextlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

__all__ = ["StallingServer"]


class StallingServer(ThreadingHTTPServer):
    """Serves `content` up to the byte `good`, at any name; of a name with `silent` nothing.

    `stalled` is set when a client waits for what never comes.
    """

    daemon_threads = True

    def __init__(self, content: bytes, good: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = content
        self.good = good
        self.stalled = threading.Event()
        self.over = threading.Event()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StallingServer

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if "silent" in self.path:
            self._stall()
            return
        size, asked = len(self.server.content), self.headers["Range"]
        start, stop = 0, size
        if asked is not None:
            found = re.fullmatch(r"bytes=(\d+)-(\d+)", asked)
            assert found is not None, asked
            start, stop = int(found[1]), int(found[2]) + 1
        self.send_response(200 if asked is None else 206)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{size}")
        self.send_header("Content-Length", str(stop - start))
        self.end_headers()
        if self.command == "HEAD":
            return
        # A client that only asks for the size hangs up.
        with contextlib.suppress(ConnectionError):
            self.wfile.write(self.server.content[start : min(stop, self.server.good)])
            self.wfile.flush()
            if stop > self.server.good:
                self._stall()

    def _stall(self) -> None:
        self.server.stalled.set()
        self.server.over.wait()
        self.close_connection = True
