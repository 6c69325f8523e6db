"""Hypothesis strategies: logs of all the APIs' events, mixed, malformed and cut."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

import stream_strategies

# Placeholders keep failing examples readable; `expand` replaces them by long values.
_LONG = {
    b"<base64>": b"QUJD" * 400 + b"QQ==",
    b"<large>": b"QUJD" * 6000,
    b"<text>": b"not base64, but long; " * 800,
    b"<wide>": b"[]," * 200 + b"[]",
    b"<deep>": b"[" * 127 + b"]" * 127,
    b"<deeper>": b'{"a":' * 129 + b"1" + b"}" * 129,
    b"<open>": b"[" * 140,
    b"<digits>": b"9" * 4300,
}


def expand(generated: bytes) -> bytes:
    for name, long in _LONG.items():
        generated = generated.replace(name, long)
    return generated


_ODD = st.sampled_from([None, True, 0, -1, 1.5, 2**63, 2**64, "", "x", [], {}, [1], {"id": "r1"}])
_ID = st.sampled_from(["r1", "r2", "", None, 7])
_NUMBER = st.one_of(st.integers(-2, 6), st.sampled_from([2**63 - 1, -(2**63), 2**63, 1.0]))
_TEXT = st.sampled_from(["a", "", "é", "\u20ac", "\U0001f600", '"', "\\", "\n", "\x7f", "\0"])
_IMAGE = st.sampled_from(["<base64>", "<large>", "<text>", "QUJD", "", "é", None, 5])


def _optional(key: str, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(st.just({}), strategy.map(lambda value: {key: value}))


def _merged(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda dicts: {k: v for part in dicts for k, v in part.items()})


def _types(*types: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(types).map(lambda type: {"type": type})


_item = st.fixed_dictionaries(
    {"type": st.sampled_from(["image_generation_call", "message"]), "result": _IMAGE}
)
_response = _merged(
    _types(
        *("response.created", "response.in_progress", "response.output_text.delta"),
        *("response.output_text.delta", "response.output_text.done", "response.completed"),
        *("response.incomplete", "response.failed", "response.output_item.done"),
        "response.image_generation_call.partial_image",
    ),
    _optional("sequence_number", _NUMBER),
    _optional("response", st.one_of(_ODD, _merged(_optional("id", _ID)))),
    _optional("delta", st.one_of(_TEXT, _ODD)),
    _optional("output_index", st.one_of(st.integers(0, 2), _ODD)),
    _optional("content_index", st.one_of(st.integers(0, 2), _ODD)),
    _optional("item_id", st.one_of(_ID, _TEXT)),
    _optional("item", st.one_of(_item, _ODD)),
    _optional("partial_image_b64", _IMAGE),
)
_choice = _merged(
    _optional("index", st.one_of(st.integers(0, 1), _ODD)),
    _optional("delta", st.one_of(_merged(_optional("content", _TEXT), _optional("role", _TEXT)),
                                 _ODD)),
    _optional("finish_reason", st.sampled_from([None, None, "stop", 0])),
)  # fmt: skip
_chat = _merged(
    st.just({"object": "chat.completion.chunk"}),
    _optional("id", _ID),
    _optional("choices", st.one_of(st.lists(st.one_of(_choice, _ODD), max_size=2), _ODD)),
    _optional("usage", _ODD),
    _optional("type", st.sampled_from(["response.created", "response.output_text.delta", "error"])),
)
_images = _merged(
    _types("image_generation.partial_image", "image_generation.completed", "image_edit.completed"),
    _optional("b64_json", _IMAGE),
    _optional("sequence_number", _NUMBER),
)
_URL = ["data:image/png;base64,", "data:image/gif;base64,QUJD", "data:text/plain;base64,QUJD",
        "data:image/<wide>;base64,QUJD", "data:image/" + "\U0001f600" * 240 + ";base64,QUJD",
        "data:image/" + "\U0001f600" * 238 + ";base64,QUJD", "data:image/png;base64,<large>"]  # fmt: skip
_picture = st.recursive(
    st.one_of(_item, _IMAGE, st.sampled_from(_URL), _ODD),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        _merged(
            _optional("id", st.one_of(_ID, _TEXT)),
            _optional("type", st.sampled_from(["image_generation_call", "message", 5])),
            _optional("mimeType", st.sampled_from(["image/png", "text/plain", "", None])),
            _optional("media_type", st.sampled_from(["image/png", "image", 5])),
            _optional("data", inner),
            _optional("result", inner),
            _optional("url", inner),
            _optional("output", inner),
        ),
    ),
    max_leaves=6,
)
_pictures = _merged(
    _optional("type", st.sampled_from([
        "response.image_generation_call.partial_image", "image_edit.partial_image", "message"])),
    _optional("item_id", st.one_of(_ID, _TEXT, _ODD)),
    _optional("partial_image_index", st.one_of(_NUMBER, _ODD)),
    _optional("partial_image_b64", st.one_of(_IMAGE, st.sampled_from(_URL))),
    _optional("b64_json", st.one_of(_IMAGE, _picture)),
    _optional("item", _picture),
    _optional("response", _picture),
    _optional("many", st.integers(14, 18).map(
        lambda count: {**{str(n): n for n in range(count)}, "url": _URL[0]})),
)  # fmt: skip
_content = st.sampled_from(
    ["a", "\ud83d", "\ude00", "", {"type": "text", "text": "b"}, {"text": "t", "thought": True},
     {"type": "thinking", "text": "no"}, [{"text": "c"}, "d", [{"text": "no"}], 5], None]
)  # fmt: skip
_loose_choice = _merged(
    _optional("index", st.integers(0, 1)),
    _optional("text", _content),
    _optional("message", _merged(_optional("content", _content))),
    _optional("delta", _merged(_optional("content", _content), _optional("role", _TEXT))),
    _optional("message", _merged(_optional("content", _content))),
    _optional("finish_reason", st.sampled_from([None, "", "stop", "error", 0])),
    _optional("error", st.sampled_from([{"code": 502, "message": "m"}, None])),
)
_loose_chat = _merged(
    _optional("object", st.sampled_from(
        ["chat.completion", "chat.completion.done", "text_completion", "", None, "x"])),
    _optional("id", _ID),
    _optional("choices", st.lists(_loose_choice, max_size=2)),
    _optional("usage", st.sampled_from([{"total_tokens": 3}, None])),
    _optional("error", st.sampled_from(["out of memory", "", {"code": 5, "message": "m"}])),
    _optional("x_groq", st.sampled_from(
        [{"error": "e"}, {"error": {}, "usage": {"total_tokens": 4}}, {"error": ""}, 5, "e"])),
)  # fmt: skip
_message = _merged(
    _types(
        *("message_start", "content_block_start", "content_block_delta", "content_block_delta"),
        *("message_delta", "message_stop", "ping", "error"),
    ),
    _optional("index", st.one_of(st.integers(0, 1), _ODD)),
    _optional("message", st.one_of(_merged(_optional("id", _ID)), _ODD)),
    _optional("delta", st.one_of(_content, st.sampled_from([{"stop_reason": "end_turn"},
        {"type": "text_delta", "text": "x"}, {"type": "thinking_delta", "thinking": "x"}]))),
    _optional("content_block", _content),
    _optional("usage", st.sampled_from([{"output_tokens": 5}, {"cache_read_input_tokens": 2}])),
)  # fmt: skip
_candidate = _merged(
    _optional("index", st.integers(0, 1)),
    _optional("content", _merged(_optional("parts", _content), _optional("role", _TEXT))),
    _optional("finishReason", st.sampled_from([None, "STOP", ""])),
)
_gemini = _merged(
    _optional("responseId", _ID),
    _optional("candidates", st.one_of(st.lists(_candidate, max_size=2), _ODD)),
    _optional("promptFeedback", st.sampled_from([{"blockReason": "SAFETY"}, {}, 5])),
    _optional("usageMetadata", st.sampled_from([{"totalTokenCount": 5}, {}, 5])),
    _optional("modelVersion", _TEXT),
)
_interaction = _merged(
    st.sampled_from(["interaction.created", "step.delta", "interaction.completed"]).map(
        lambda type: {"event_type": type}
    ),
    _optional("type", st.sampled_from(["x", "", None])),
    _optional("interaction", st.one_of(_merged(_optional("id", _ID)), _ODD)),
    _optional("delta", _content),
    _optional("index", st.integers(0, 1)),
)
_snake = _merged(
    st.just({"response_id": "r1"}),
    _optional("responseId", _ID),
    _optional("candidates", st.lists(_merged(
        _optional("finish_reason", st.sampled_from([None, "STOP", ""])), _candidate), max_size=2)),
    _optional("prompt_feedback", st.sampled_from([{"block_reason": "SAFETY"}, {}, 5])),
    _optional("usage_metadata", st.sampled_from([{"total_token_count": 5}, {}, 5])),
    _optional("model_version", _TEXT),
)  # fmt: skip
_cohere = _merged(
    _types("message-start", "content-start", "content-delta", "content-delta", "content-end",
        "tool-call-start", "tool-call-delta", "tool-call-end", "tool-plan-delta", "message-end"),
    _optional("id", _ID),
    _optional("index", st.integers(0, 1)),
    _optional("delta", _merged(
        _optional("message", _merged(
            _optional("content", st.one_of(_content, st.just({"thinking": "t"}))),
            _optional("tool_plan", _content),
            _optional("tool_calls", st.sampled_from([
                {"id": "t1", "function": {"name": "f", "arguments": "{"}}, {"id": ""}, []])),
        )),
        _optional("finish_reason", st.sampled_from(["COMPLETE", "", None])),
        _optional("error", st.sampled_from(["failed", None])),
        _optional("usage", st.sampled_from(
            [{"tokens": {"input_tokens": 2.0}, "billed_units": {"output_tokens": 1}}, {}, 5])),
    )),
)  # fmt: skip
_wrapped = st.fixed_dictionaries({"response": _gemini}, optional={
    "type": st.sampled_from(["", "x", None, "response.create"]), "sequence_number": _NUMBER,
    "message": st.sampled_from([{"choices": []}, {"id": "r1"}, 5]),
})  # fmt: skip
_others = _merged(
    _optional("type", st.one_of(st.sampled_from(["error", "ping", "e" * 300, "é" * 150]), _ODD)),
    _optional("error", _ODD),
    _optional("object", st.one_of(st.just("error"), _ODD)),
)
_failure = _merged(
    _optional("type", st.sampled_from(["", "x", "message", None, 5])),
    _optional("detail", st.one_of(st.just([{"msg": "m"}]), _ODD)),
    _optional("errors", _ODD),
    _optional("message", st.one_of(_TEXT, _ODD)),
    _optional("code", st.one_of(
        st.sampled_from([399, 400, "400", "399", "0400", "9" * 18, "9" * 19, "\u0662", "ok"]), _ODD)),
)  # fmt: skip
_RAW = [
    b"[DONE]", b" [DONE]\t", b"[DONE] x", b"12", b"null", b"NaN", b'{"a":-Infinity}', b'{"a":[NaN,Infinity,-NaN]}',
    b'{"type":"response.output_text.delta","delta":"\\ude00\\ud83d"}', b"{}", b"",
    b'{"type":"ping","type":"error"}', b'{"type":"response.create","response":{}}', b'{"delta":"a","delta":1}', b'{"a":1e400}', b'{"a":01}',
    b'{"a":<digits>}', b'{"a":<digits>9}', b'{"a":-<digits>}', b'{"sequence_number":1e0}',
    b'{"t\\u0079pe":"response.output_text.delta","d\\u0065lta":"<base64>"}', b'{"a":"\\ud800"}',
    b'{"a":"\\ud83d\\ude00"}', b'{"a":"\xff"}', b'{"a":\xff}', b'\xef\xbb\xbf{}', b'{"a":"\t"}',
    b'{"a":<deep>}', b'{"a":[<deep>]}', b"<deeper>", b"<open>", b'x<open>', b'{"a":[<wide>]}',
    b'{"a":[<wide>],}', b'{"a":<open>{', b'{<open>', b'{"a":"<large>","result":"<large>"}x',
    b'{"result":"<large>","a":"\xff"}', b'{"result":"<large>\xc3","b":"\xa9"}',
    b'{"type":"image_generation_call","result":"QUJD","a":"data:image\\/png;base64,QUJD","a":"x"}',
    b'{"a":{"data":"<large>","mime_type":"im\\u0061ge/png","d\\u0061ta":"QUJD","id":"x\\ud800"},"b":"image/"}',
    b'{"a":["data:image/png;base64,\\ud800", {"type":"image_generation_call","result":"\\u0041"}]}',
    b'{"x":{"type":"image_edit.partial_image","b64_json":"<base64>","partial_image_index":1,"item_id":"i"}}',
    b'{"item_id":"e","choices":[{"delta":{"images":[{"b64_json":"<large>"},{"b64_json":{"url":"b64_json"}}]}}]}',
    b'{"a":"data:image\\u002fpng;base64,QUJD\\u003d","partial_image_b64":"data:image/png;base64,QUJD","b64_json":7}',
    b'{"b64_json":"<large>\\u002B<large>","url" :\t"<base64>\\/=", "x\\"y":"<large>\\u003d"}',
    b'{"a":"<large>\\/","data":"<large>\\/ ","b":"x;base64,<large>\\u002b","a\\"data":"\\/<large>"}',
    b'{"response":{"a":"<text>image_generation_call"}}', b'{"partial_image_b64" : "<large>" }',
    b'{"r\\u0065sult":"<base64>","x\\"result":"<large>"}', b'{"delta":"<text>"}',
]  # fmt: skip


def _written(value: dict[str, Any], ascii: bool, spaces: bool) -> bytes:
    separators = None if spaces else (",", ":")
    try:
        return json.dumps(value, ensure_ascii=ascii, separators=separators).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=separators).encode()


def payloads() -> st.SearchStrategy[bytes]:
    """Mostly such as the APIs send; to `expand`."""
    value = st.one_of(
        *(_response, _chat, _images, _others, _failure, _pictures),
        *(_loose_chat, _message, _gemini, _interaction, _wrapped, _snake, _cohere),
    )
    return st.one_of(
        st.builds(_written, value, st.booleans(), st.booleans()), st.sampled_from(_RAW)
    )


def _block(before: bytes, payload: bytes, how: str, eol: bytes, end: int) -> bytes:
    lines = before + b"data:" + (b"" if how == "tight" else b" ") + payload + b"\n"
    if how == "split":
        lines = lines.replace(b",", b",\n:x\ndata: ")
    return lines.replace(b"\n", eol) + eol * end


def bodies() -> st.SearchStrategy[bytes]:
    """Event streams; to `expand`."""
    before = st.sampled_from(
        [b"", b"", b"event: response.created\n", b"event: content_block_delta\n", b"event: x\n", b"event: message\n", b": c\n", b"id: 1\0\n: c\n",
         b"event: \xff\n", b"error: {}\n", b"error\n", b'error:{"message":"m"}\n', b"event:\n", b"retry: 1\n", b"unknown\n", b"\xef\xbb\xbfdata: {}\n", b"\xef\xbb\xbferror: {}\n", b"\n", b":\n\n"]
    )  # fmt: skip
    block = st.builds(
        _block,
        before,
        payloads(),
        st.sampled_from(["", "", "tight", "split"]),
        st.sampled_from([b"\n", b"\n", b"\r\n", b"\r"]),
        st.sampled_from([1, 1, 1, 0, 2]),
    )
    blocks = st.lists(st.one_of(block, block, block, stream_strategies.streams()), max_size=8)
    return st.builds(lambda start, rest: start + b"".join(rest), _starts, blocks)


_starts = st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\xef\xbb", b":\n", b"\n"])


def line_bodies() -> st.SearchStrategy[bytes]:
    """JSON lines; to `expand`."""
    end = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b" \n", b"\r", b"\n\n", b"\n \t\r\n", b""])
    line = st.tuples(payloads(), end).map(b"".join)
    piece = st.one_of(line, line, line, st.binary(max_size=4))
    lines = st.lists(piece, max_size=8).map(b"".join)
    return st.builds(lambda start, rest: start + rest, _starts, lines)


@st.composite
def damaged(draw: st.DrawFn, bodies: st.SearchStrategy[bytes]) -> bytes:
    """A body, expanded, perhaps cut short and perhaps with a few bytes replaced."""
    body = expand(draw(bodies))
    if draw(st.booleans()):
        body = body[: draw(st.integers(0, len(body)))]
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        at = draw(st.integers(0, len(body)))
        new = draw(st.one_of(st.binary(max_size=2), st.sampled_from(stream_strategies.LINE_ENDS)))
        body = body[:at] + new + body[at + draw(st.integers(0, 2)) :]
    # HTML is not a stream: `tests/logs/test_foreign_files.py`.
    return body.lstrip(b"<") if body.lstrip().startswith(b"<") else body
