"""The SDK of Mistral, which Speakeasy generated: what its decoders get, the data as JSON."""

from __future__ import annotations

from .rows import BOM, Row, Use, fixed, kept, limit

_ONE, _TWO = (None, "1", None, None), (None, "2", None, None)

MISTRALAI: list[Row | Use] = [
    fixed("BOM that is cut", [BOM[:1], BOM[1:] + b"data: 1\n\ndata: 2\n\n"], [_TWO], [_ONE, _TWO]),
    fixed("invalid UTF-8", [b"data: 1\n\ndata: \"\xff\"\n\n"],
          [_ONE, "UnicodeDecodeError"], [_ONE, (None, '"\\ufffd"', None, None)]),
    fixed("invalid UTF-8 in a comment", [b": \xff\n\ndata: 1\n\n"],
          ["UnicodeDecodeError"], [_ONE]),
    fixed("empty name", [b"event:\ndata: 1\n\n"], [("", "1", None, None)], [_ONE]),
    fixed("retry in other digits", ["retry: \u0661\u0660\ndata: 1\n\n".encode()],
          [(None, "1", None, 10)], [_ONE]),
    fixed("retry of 5000 digits", [b"retry: " + b"0" * 4998 + b"10\ndata: 1\n\n"],
          ["ValueError"], [(None, "1", None, 10)]),
    limit("retry above 2**64 - 1", [b"retry: 99999999999999999999\ndata: 1\n\n"],
          [(None, "1", None, 10**20 - 1)], [(None, "1", None, 2**64 - 1)]),
    limit("empty id without data", [b"id:\n\ndata: 1\n\n"], [(None, "1", "", None)], [_ONE]),
    kept("BOM", [BOM + b"data: 1\n\n"], [_ONE]),
    kept("unterminated last event", [b"data: 1\n\ndata: 2"], [_ONE, _TWO]),
    kept("no id before the first", [b"data: 1\n\nid: 7\ndata: 2\n\n"],
         [_ONE, (None, "2", "7", None)]),
    kept("name without data", [b"event: e\n\ndata: 1\n\n"], [_ONE]),
    kept("data that is no JSON", [b"data: x\n\n"], [(None, '"x"', None, None)]),
    kept("NaN", [b"data: NaN\n\n"], [(None, "NaN", None, None)]),
    kept("duplicate keys", [b'data: {"a":1,"b":2,"a":3}\n\n'],
         [(None, '{"a": 3, "b": 2}', None, None)]),
    kept("sentinel", [b"data: 1\n\ndata: [DONE]\n\ndata: 2\n\n"], [_ONE], sentinel="[DONE]"),
    kept("name without data, where data is not required", [b"event: e\n\n"],
         [("e", None, None, None)], data_required=False),
    limit("empty data of a name, where data is not required", [b"event: e\ndata:\n\n"],
          [("e", '""', None, None)], [("e", None, None, None)], data_required=False),
    limit("empty name without data, where data is not required", [b"event:\n\n"],
          [("", None, None, None)], [], data_required=False),
    limit("empty id without data, where data is not required", [b"id:\n\n"],
          [(None, None, "", None)], [], data_required=False),
    limit("invalid retry without data, where data is not required", [b"retry: soon\n\n"],
          [(None, None, None, None)], [], data_required=False),
]  # fmt: skip
