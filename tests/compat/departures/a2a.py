"""a2a-sdk."""

from __future__ import annotations

from .rows import BOM, Row, Use, fixed, kept

_A, _B = ("message", "a", None, None), ("message", "b", None, None)


def _split(name: str, character: str) -> Row:
    """A character that ends a line for `str.splitlines` only."""
    return fixed(
        name,
        [f"data: a{character}b\n\n".encode()],
        [_A],
        [("message", f"a{character}b", None, None)],
    )


A2A: list[Row | Use] = [
    _split("U+2028 in data", "\u2028"),
    _split("U+2029 in data", "\u2029"),
    _split("U+0085 in data", "\x85"),
    _split("U+000B in data", "\x0b"),
    _split("U+001C in data", "\x1c"),
    fixed("BOM", [BOM + b"data: a\n\ndata: b\n\n"], [_B], [_A, _B]),
    fixed("BOM before a name", [BOM + b"event: e\ndata: a\n\n"], [_A], [("e", "a", None, None)]),
    fixed("empty name", [b"event:\ndata: a\n\n"], [("", "a", None, None)], [_A]),
    kept("name without data", [b"event: e\n\ndata: a\n\n"], [_A]),
    kept("unterminated last event", [b"data: a\n\ndata: b"], [_A]),
    kept("another encoding", ["data: é\n\n".encode("iso-8859-1")],
         [("message", "é", None, None)], charset="iso-8859-1"),
]  # fmt: skip
