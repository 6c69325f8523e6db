"""httpx-sse 0.4."""

from __future__ import annotations

from typing import Any

import httpx
import httpx_sse

from rapidsse.compat import httpx_sse as ours

from .rows import BOM, Row, Use, error_of, fixed, kept, retry_rows


def _header_after(module: Any) -> dict[str, str]:
    """The caller's own headers after a request that was given them."""
    headers = {"X-Own": "1"}
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    with (
        httpx.Client(transport=transport) as client,
        module.connect_sse(client, "GET", "http://localhost", headers=headers),
    ):
        return headers


def _accepted(module: Any) -> list[str]:
    """The `Accept` headers of a request whose caller wrote the name in small letters."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.extend(request.headers.get_list("accept"))
        return httpx.Response(200)

    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as client,
        module.connect_sse(client, "GET", "http://localhost", headers={"accept": "*/*"}),
    ):
        return seen


_HTTPX_SSE = (httpx_sse, ours)

HTTPX_SSE: list[Row | Use] = [
    fixed(
        "BOM",
        [BOM + b"data: a\n\ndata: b\n\n"],
        [("message", "b", "", None)],
        [("message", "a", "", None), ("message", "b", "", None)],
    ),
    fixed(
        "BOM before a name",
        [BOM + b"event: e\ndata: a\n\n"],
        [("message", "a", "", None)],
        [("e", "a", "", None)],
    ),
    fixed(
        "BOM in another encoding",
        ["\ufeffdata: a\n\ndata: b\n\n".encode("utf-16-le")],
        [("message", "b", "", None)],
        [("message", "a", "", None), ("message", "b", "", None)],
        charset="utf-16-le",
    ),
    fixed(
        "comment after an id",
        [b"id: 1\ndata: a\n\n: keep-alive\n\n"],
        [("message", "a", "1", None), ("message", "", "1", None)],
        [("message", "a", "1", None)],
    ),
    fixed(
        "blank line after an id",
        [b"id: 1\ndata: a\n\n\n"],
        [("message", "a", "1", None), ("message", "", "1", None)],
        [("message", "a", "1", None)],
    ),
    *retry_rows("message", ""),
    fixed(
        "CR at the end of a chunk",
        [b"data: a\r\r", b"data: b\r\r", b": end\r"],
        [(2, "a"), (3, "b")],
        [(1, "a"), (2, "b")],
        "live",
    ),
    Use("headers of the caller", _header_after, _HTTPX_SSE,
        {"X-Own": "1", "Accept": "text/event-stream", "Cache-Control": "no-store"},
        {"X-Own": "1"}, "fixed"),
    Use("headers in small letters", _accepted, _HTTPX_SSE,
        ["*/*", "text/event-stream"], ["text/event-stream"], "fixed"),
    kept("name without data", [b"event: e\n\n"], [("e", "", "", None)]),
    kept("id without data", [b"id: 1\n\n"], [("message", "", "1", None)]),
    kept("retry without data", [b"retry: 10\n\n"], [("message", "", "", 10)]),
    kept(
        "another encoding",
        ["data: é\n\n".encode("iso-8859-1")],
        [("message", "é", "", None)],
        charset="iso-8859-1",
    ),
    Use("long repr", lambda module: len(repr(module.ServerSentEvent(data="x" * 5000))) > 5000,
        _HTTPX_SSE, True, True, "kept"),
    Use("events compare by identity",
        lambda module: module.ServerSentEvent() == module.ServerSentEvent(),
        _HTTPX_SSE, False, False, "kept"),
    Use("attributes of one's own",
        lambda module: error_of(lambda: setattr(module.ServerSentEvent(), "seen", True)),
        _HTTPX_SSE, "", "AttributeError", "limit"),
    Use("event made with a negative retry",
        lambda module: error_of(lambda: module.ServerSentEvent(retry=-1)),
        _HTTPX_SSE, "", "OverflowError", "limit"),
    Use("__version__", lambda module: hasattr(module, "__version__"),
        _HTTPX_SSE, True, True, "kept"),
]  # fmt: skip
