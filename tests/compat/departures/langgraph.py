"""langgraph-sdk: the parts that its decoder makes, the data as JSON."""

from __future__ import annotations

from .rows import BOM, Row, Use, kept, limit

_ONE, _TWO = ("", "1", None, None), ("", "2", None, None)

LANGGRAPH: list[Row | Use] = [
    limit("empty data of an id", [b"id: 7\ndata:\n\ndata: 1\n\n"],
          [("", None, "7", None), ("", "1", "7", None)], [("", "1", "7", None)],
          way=("sync", "async")),
    limit("empty id without data, the first id of a response", [b"id:\n\ndata: 1\n\n"],
          [("", None, None, None), _ONE], [_ONE], way=("transport",)),
    kept("empty id without data", [b"id: 7\ndata: 1\n\nid:\n\ndata: 2\n\n"],
         [("", "1", "7", None), ("", None, None, None), _TWO], way=("transport",)),
    kept("empty id without data, at the end", [b"id: 7\ndata: 1\n\n", b"id:\n\n"],
         [("", "1", "7", None), ("", None, None, None)], way=("transport",)),
    kept("BOM", [BOM + b"data: 1\n\n"], [_ONE]),
    kept("unterminated last event", [b"data: 1\n\ndata: 2"], [_ONE, _TWO]),
    kept("name without data", [b"event: e\n\n"], [("e", None, None, None)]),
    kept("id without data", [b"id: 7\n\n: keep-alive\n\ndata: 1\n\n"],
         [("", "1", "7", None)], way=("sync", "async")),
    kept("id without data, transport", [b"id: 7\n\n: keep-alive\n\ndata: 1\n\n"],
         [("", None, "7", None), ("", "1", "7", None)], way=("transport",)),
    kept("empty id", [b"id: 7\ndata: 1\n\nid:\ndata: 2\n\n"], [("", "1", "7", None), _TWO]),
    kept("invalid UTF-8", [b"data: \"\xff\"\n\n"], [("", '"\\ufffd"', None, None)]),
    kept("data that is no JSON", [b"data: 1\n\ndata: x\n\n"], [_ONE, "JSONDecodeError"]),
    kept("data of spaces", [b"event: e\ndata:   \n\n"], [("e", None, None, None)]),
]  # fmt: skip
