"""The SDKs of Cohere and Langfuse, which Fern generated."""

from __future__ import annotations

from .rows import BOM, Row, Use, fixed, kept, retry_rows

_A, _B = ("", "a", "", None), ("", "b", "", None)


def _shared() -> list[Row]:
    return [
        fixed("BOM", [BOM + b"data: a\n\ndata: b\n\n"], [_B], [_A, _B]),
        fixed("BOM before a name", [BOM + b"event: e\ndata: a\n\n"], [_A], [("e", "a", "", None)]),
        fixed("comment after an id", [b"id: 1\ndata: a\n\n: keep-alive\n\n"],
              [("", "a", "1", None), ("", "", "1", None)], [("", "a", "1", None)]),
        fixed("blank line after an id", [b"id: 1\ndata: a\n\n\n"],
              [("", "a", "1", None), ("", "", "1", None)], [("", "a", "1", None)]),
        *retry_rows("", ""),
        kept("name of an event without one", [b"data: a\n\n"], [_A]),
        kept("name without data", [b"event: e\n\n"], [("e", "", "", None)]),
        kept("id without data", [b"id: 1\n\n"], [("", "", "1", None)]),
        kept("retry without data", [b"retry: 10\n\n"], [("", "", "", 10)]),
        kept("another encoding", ["data: é\n\n".encode("iso-8859-1")],
             [("", "é", "", None)], charset="iso-8859-1"),
        kept("unknown encoding", ["data: é\n\n".encode()], [("", "é", "", None)], charset="none"),
    ]  # fmt: skip


COHERE: list[Row | Use] = [
    *_shared(),
    fixed("line above 1 MiB", [b"data: " + b"x" * 2**20, b"x\n\n"],
          ["SSEError"], [("", "x" * (2**20 + 1), "", None)]),
]  # fmt: skip

LANGFUSE: list[Row | Use] = [
    *_shared(),
]
