"""The official `google-genai` SDK: what its streams of `generateContent` yield."""

from __future__ import annotations

from .rows import BOM, Level, Row, Use, fixed, kept, limit


def _chunk(text: str) -> bytes:
    return b'{"candidates":[{"content":{"parts":[{"text":%s}]}}]}' % text.encode()


def _data(text: str) -> bytes:
    return b"data: " + _chunk(text) + b"\n\n"


_ONE, _TWO = _data('"1"'), _data('"2"')
_READ_ONE, _READ_TWO = ("GenerateContentResponse", "1"), ("GenerateContentResponse", "2")
_BOTH = [_READ_ONE, _READ_TWO]
_FAILS = ["UnknownApiResponseError"]
_ERROR = b'{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}'


def _frames(level: Level) -> list[Row | Use]:
    """What both ways share, as they split the events alike."""
    rows = [
        fixed("BOM", [BOM + _ONE, _TWO], _FAILS, _BOTH, level),
        fixed("comment", [b": keep-alive\n\n" + _ONE, _TWO], _FAILS, _BOTH, level),
        fixed("data without a space", [_ONE, _TWO.replace(b"data: ", b"data:")],
              [_READ_ONE, *_FAILS], _BOTH, level),
        fixed("name", [b"event: e\n" + _ONE, _TWO], _FAILS, _BOTH, level),
        fixed("id", [b"id: 1\n" + _ONE, _TWO], _FAILS, _BOTH, level),
        fixed("retry", [b"retry: 10\n" + _ONE, _TWO], _FAILS, _BOTH, level),
        fixed("empty data", [b"data:\n\n" + _ONE, _TWO], _FAILS, _BOTH, level),
        fixed("array of chunks", [b"[%b,\n%b]" % (_chunk('"1"'), _chunk('"2"'))],
              _FAILS, _BOTH, level),
        kept("unterminated last event", [_ONE, _TWO[:-2]], _BOTH, level),
        kept("data of several lines", [_ONE.replace(b":[", b":\ndata: [", 1), _TWO], _BOTH, level),
        kept("error in an event", [_ONE, b"data: %b\n\n" % _ERROR],
             [_READ_ONE, "ServerError"], level),
        kept("error as JSON", [_ONE, _ERROR], [_READ_ONE, "ServerError"], level),
        kept("page that is no stream", [b"<html>\n</html>"], _FAILS, level),
        kept("data that is no JSON", [_ONE, b"data: x\n\n"], [_READ_ONE, *_FAILS], level),
    ]  # fmt: skip
    return [row._replace(name=f"{level}: {row.name}") for row in rows]


GOOGLE: list[Row | Use] = [
    *_frames("accelerate"),
    kept("accelerate: NaN", [_ONE.replace(b"]}", b'],"x":NaN}', 1)], [_READ_ONE], "accelerate"),
    kept("accelerate: field of another type", [_data("7")], ["ValidationError"], "accelerate"),
    kept("accelerate: [DONE]", [_ONE, b"data: [DONE]\n\n"], [_READ_ONE, *_FAILS], "accelerate"),
    *_frames("events"),
    fixed("events: [DONE]", [_ONE, b"data: [DONE]\n\n"],
          [_READ_ONE, *_FAILS], [_READ_ONE], "events"),
    fixed("events: field of another type", [_data("7"), _ONE],
          ["ValidationError"], [("GenerateContentResponse", None), _READ_ONE], "events"),
    limit("events: NaN", [_ONE.replace(b"]}", b'],"x":NaN}', 1)], [_READ_ONE], _FAILS, "events"),
    limit("events: lone surrogate", [_data('"\\ud800"')],
          [("GenerateContentResponse", "\ud800")], _FAILS, "events"),
]  # fmt: skip
