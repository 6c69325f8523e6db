"""sseclient-py 1.9."""

from __future__ import annotations

import sseclient

from rapidsse.compat import sseclient as ours

from .rows import BOM, HUGE, Row, Use, fixed, kept, limit

_SSECLIENT = (sseclient, ours)
_A = ("message", "a", None, None)
_B = ("message", "b", None, None)


def _merged(name: str, stream: bytes) -> Row:
    """Two events that the library takes for one."""
    return fixed(name, [stream], [("message", "a\nb", None, None)], [_A, _B])


def _retry_text(name: str, value: bytes, peer: str | None, ours: str | None) -> Row:
    return fixed(
        name,
        [b"retry:" + value + b"\ndata: a\n\n"],
        [("message", "a", None, peer)],
        [("message", "a", None, ours)],
    )


SSECLIENT: list[Row | Use] = [
    fixed("BOM", [BOM + b"data: a\n\ndata: b\n\n"], [_B], [_A, _B]),
    fixed(
        "BOM before a name",
        [BOM + b"event: e\ndata: a\n\n"],
        [_A],
        [("e", "a", None, None)],
    ),
    fixed(
        "invalid UTF-8",
        [b"data: a\n\ndata: \xff\n\ndata: b\n\n"],
        [_A, "UnicodeDecodeError"],
        [_A, ("message", "\ufffd", None, None), _B],
    ),
    fixed(
        "invalid UTF-8 in a comment",
        [b": \xff\n\ndata: a\n\n"],
        ["UnicodeDecodeError"],
        [_A],
    ),
    fixed(
        "invalid text in another encoding",
        [b"data: \xff\n\n"],
        ["UnicodeDecodeError"],
        [("message", "\ufffd", None, None)],
        char_enc="ascii",
    ),
    _merged("blank line LF, CRLF", b"data: a\n\r\ndata: b\n\n"),
    _merged("blank line LF, CR", b"data: a\n\rdata: b\n\n"),
    _merged("blank line CR, CRLF", b"data: a\r\r\ndata: b\n\n"),
    _merged("blank line CRLF, CR", b"data: a\r\n\rdata: b\n\n"),
    fixed(
        "UTF-16",
        ["data: a\n\ndata: b\n\n".encode("utf-16-le")],
        ["UnicodeDecodeError"],
        [_A, _B],
        char_enc="utf-16-le",
    ),
    fixed(
        "id with NUL",
        [b"id: 1\nid: 2\0\ndata: a\n\n"],
        [("message", "a", "2\0", None)],
        [("message", "a", "1", None)],
    ),
    _retry_text("retry that is no number", b" soon", "soon", None),
    _retry_text("retry that is empty", b"", "", None),
    _retry_text("retry: 1_0", b" 1_0", "1_0", None),
    _retry_text("retry: +10", b" +10", "+10", None),
    _retry_text("retry: -5", b" -5", "-5", None),
    _retry_text("retry between spaces", b"  10 ", " 10 ", None),
    _retry_text("retry in other digits", " \u0661\u0660".encode(), "\u0661\u0660", None),
    _retry_text("retry after a valid one", b" 10\nretry: soon", "soon", "10"),
    _retry_text("retry with leading zeros", b" 010", "010", "10"),
    limit("retry above 2**64 - 1", [HUGE + b"\ndata: a\n\n"],
          [("message", "a", None, "9" * 20)], [("message", "a", None, str(2**64 - 1))]),
    Use("str of one character of data", lambda module: str(module.Event(data="a")), _SSECLIENT,
        "message event, 1 bytes", "message event, 1 byte", "fixed"),
    kept("unterminated last event", [b"data: a\n\ndata: b"], [_A, _B]),
    kept(
        "id of its own lines only",
        [b"id: 1\ndata: a\n\ndata: b\n\n"],
        [("message", "a", "1", None), _B],
    ),
    kept("id without data", [b"id: 1\n\ndata: a\n\n"], [_A]),
    kept("retry as text", [b"retry: 10\ndata: a\n\n"], [("message", "a", None, "10")]),
    kept(
        "another encoding",
        ["data: é\n\n".encode("iso-8859-1")],
        [("message", "é", None, None)],
        char_enc="iso-8859-1",
    ),
    kept("unknown encoding", [b"data: a\n\n"], ["LookupError"], char_enc="no-such"),
    Use("log messages", lambda module: hasattr(module, "logging"), _SSECLIENT,
        True, False, "limit"),
]  # fmt: skip
