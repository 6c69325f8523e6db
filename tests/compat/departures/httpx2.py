"""The event streams of httpx2 2."""

from __future__ import annotations

from typing import Any

import httpx2

from rapidsse.compat import httpx2 as ours

from .rows import BOM, Row, Use, fixed, kept, retry_rows


def _source(module: Any, stream: bytes, content_type: str = "text/event-stream") -> Any:
    response = httpx2.Response(
        200,
        headers={"Content-Type": content_type},
        content=stream,
        request=httpx2.Request("GET", "http://localhost"),
    )
    return module.EventSource(response)


def _event(module: Any) -> Any:
    return next(iter(_source(module, b"data: a\n\n")))


def _error(module: Any, stream: bytes, content_type: str = "text/event-stream") -> str:
    try:
        list(_source(module, stream, content_type))
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return ""


_MODULES = (httpx2, ours)

HTTPX2: list[Row | Use] = [
    Use("event above 1 MiB", lambda module: _error(module, b"data: " + b"x" * 2**20 + b"\n\n"),
        _MODULES, "SSEError", "", "fixed"),
    fixed("BOM", [BOM + b"data: a\n\ndata: b\n\n"],
          [("message", "b", "", None)], [("message", "a", "", None), ("message", "b", "", None)]),
    fixed("BOM before a name", [BOM + b"event: e\ndata: a\n\n"],
          [("message", "a", "", None)], [("e", "a", "", None)]),
    *retry_rows("message", ""),
    fixed("empty id without data", [b"id:\n\ndata: a\n\n"],
          [("message", "", "", None), ("message", "a", "", None)], [("message", "a", "", None)]),
    fixed("empty name without data", [b"event:\n\ndata: a\n\n"],
          [("message", "", "", None), ("message", "a", "", None)], [("message", "a", "", None)]),
    fixed("unterminated last event whose line ends in CR", [b"data: a\n\ndata: b\r"],
          [("message", "a", "", None), ("message", "b", "", None)], [("message", "a", "", None)]),
    fixed("CR at the end of a chunk", [b"data: a\r\r", b"data: b\r\r", b": end\r"],
          [(2, "a"), (3, "b")], [(1, "a"), (2, "b")], "live"),
    kept("name without data", [b"event: e\n\n"], [("e", "", "", None)]),
    kept("id without data", [b"id: 1\n\n"], [("message", "", "1", None)]),
    kept("retry without data", [b"retry: 10\n\n"], [("message", "", "", 10)]),
    kept("comment after an id", [b"id: 1\ndata: a\n\n: keep-alive\n\n"],
         [("message", "a", "1", None)]),
    kept("another encoding", ["data: é\n\n".encode("iso-8859-1")],
         [("message", "é", "", None)], charset="iso-8859-1"),
    Use("another content type", lambda module: _error(module, b"", "text/plain"),
        _MODULES, "SSEError", "SSEError", "kept"),
    Use("isinstance(event, httpx2.ServerSentEvent)",
        lambda module: isinstance(_event(module), httpx2.ServerSentEvent),
        _MODULES, True, True, "kept"),
    Use("type(event) is httpx2.ServerSentEvent",
        lambda module: type(_event(module)) is httpx2.ServerSentEvent,
        _MODULES, True, False, "limit"),
    Use("vars(event)", lambda module: hasattr(_event(module), "__dict__"),
        _MODULES, True, False, "limit"),
]  # fmt: skip
