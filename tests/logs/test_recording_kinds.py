"""Recordings as other recorders, loggers and exports write them: each has the same chat completion."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

pa = pytest.importorskip("pyarrow")

import rapidsse
from rapidsse.logs.verify._problems import Problem
from rapidsse.logs.verify._verify import Verifier
from samples import choice, chunk, completed, created, delta, sse

CHAT = [
    chunk(choices=[choice(role="assistant", content="Hi")]),
    chunk(choices=[choice(content=" you")]),
    chunk(choices=[choice(finish="stop")]),
    chunk(usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}),
]
TEXT = sse(*CHAT, "[DONE]").decode()
LINES = TEXT.split("\n")
FIELDS = [line for line in LINES if line]
PIECES = [TEXT[at : at + 50] for at in range(0, len(TEXT), 50)]
HEADERS = {"content-type": "text/event-stream"}
WHOLE = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "choices": [{"message": {"role": "assistant", "content": "Hi you"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def lines(values: Sequence[Any]) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def har(**entry: Any) -> Any:
    return {"log": {"version": "1.2", "creator": {"name": "x"}, "entries": [entry]}}


def har_of_chunks(encoding: str, encode: Callable[[bytes], str]) -> Any:
    chunks = json.dumps([encode(TEXT[:50].encode()), encode(TEXT[50:].encode())])
    content = {"mimeType": "text/event-stream", "encoding": encoding, "text": chunks}
    return har(response={"status": 200, "content": content})


def nock(response: Any, **fields: Any) -> Any:
    request = {"body": {"messages": [{"role": "user", "content": TEXT}]}}
    return [{"scope": "https://x:443", "method": "POST", **request, **fields, "response": response}]


def partial(size: int) -> str:
    """Docker's json-file: long lines in pieces, of which the last has the line end."""
    pieces = [
        piece
        for line in LINES[:-1]
        for piece in [(line + "\n")[at : at + size] for at in range(0, len(line) + 1, size)]
    ]
    return lines([{"log": piece, "stream": "stdout", "time": "t"} for piece in pieces])


def containerd(size: int) -> str:
    """Kubernetes' CRI: `P` for a piece, `F` for the last of a line; another stream in between."""
    text = ""
    for line in LINES[:-1]:
        starts = range(0, len(line), size) if line else (0,)
        for at in starts:
            tag = "F" if at == starts[-1] else "P"
            text += f"2026-01-01T00:00:00.123456789Z stdout {tag} {line[at : at + size]}\n"
        text += "2026-01-01T00:00:00.1Z stderr F INFO nothing\n"
    return text


JSON = "".join(json.dumps(event) + "\n" for event in CHAT)
MESSAGES = [{"type": "receive", "opcode": 1, "data": json.dumps(event)} for event in CHAT]
DOCUMENTS: dict[str, Any] = {
    "polly.js": har(response={"status": 200, "content": {"mimeType": "text/event-stream", "text": TEXT}}, _order=0),
    "polly.js, chunks of base64": har_of_chunks("base64", lambda data: base64.b64encode(data).decode()),
    "polly.js, chunks of digits": har_of_chunks("hex", bytes.hex),
    "a web socket": har(_webSocketMessages=[{"type": "send", "data": "{}"}, *MESSAGES], response={"status": 101}),
    "nock": nock(TEXT, rawHeaders=["Content-Type", "text/event-stream"]),
    "nock, digits": nock([TEXT.encode().hex()], responseIsBinary=True),
    "nock, digits of gzip": nock([gzip.compress(TEXT.encode()).hex()]),
    "wiremock": {"mappings": [{"request": {}, "response": {"base64Body": base64_of(TEXT)}}]},
    "wiremock, JSON": {"mappings": [{"request": {}, "response": {"jsonBody": WHOLE}}]},
    "mountebank": {"imposters": [{"stubs": [{"responses": [{"is": {"headers": HEADERS, "body": TEXT}}]}]}]},
    "vcr of PHP": [{"request": {"method": "POST"}, "response": {"headers": HEADERS, "body": TEXT}}],
    "postman": {"item": [{"request": {"body": {"raw": "{}"}}, "response": [
        {"originalRequest": {"body": {"raw": TEXT}}, "code": 200, "body": TEXT}]}]},
    "insomnia": {"resources": [{"_type": "request", "body": {"text": "{}"}}, {"_type": "response", "body": TEXT}]},
    "langfuse": [{"type": "GENERATION", "input": [{"content": TEXT}], "output": WHOLE}],
    "opentelemetry": {"spans": [{"attributes": [
        {"key": "gen_ai.completion", "value": {"stringValue": json.dumps(WHOLE)}}]}]},
    "cloudwatch": {"events": [{"timestamp": 1, "message": line, "eventId": "1"} for line in LINES]},
    "cloudwatch, JSON": {"events": [{"timestamp": 1, "message": json.dumps(event)} for event in CHAT]},
    "loki": {"data": {"result": [{"stream": {"app": "x"}, "values": [[str(n), line] for n, line in enumerate(LINES)]}]}},
    "gcp": [{"insertId": "a", "jsonPayload": {"message": line}} for line in FIELDS],
    "chunks with times": {"chunks": [{"delay": 5, "data": line + "\n\n"} for line in FIELDS]},
    "pairs": [[0.1 * n, line + "\n\n"] for n, line in enumerate(FIELDS)],
    "pairs of events": [[0.1 * n, event] for n, event in enumerate(CHAT)],
    "events of a span": {"spans": [{"events": [
        {"name": "chunk", "attributes": [{"key": "gen_ai.chunk", "value": {"stringValue": json.dumps(event)}}]}
        for event in CHAT]}]},
    "loki, the newest first": {"data": {"result": [
        {"values": [[f"17{n:017}", line] for n, line in enumerate(LINES)][::-1]}]}},
    "datadog, the newest first": {"data": [
        {"attributes": {"timestamp": f"2026-01-01T00:00:0{n}Z", "message": line}}
        for n, line in enumerate(FIELDS)][::-1]},
    "rows of fields": {"results": [
        [{"field": "@timestamp", "value": str(n)}, {"field": "@message", "value": line}]
        for n, line in enumerate(FIELDS)]},
    "pieces with times": {"chunks": [{"t": 1.5, "data": piece} for piece in PIECES]},
    "pieces with offsets": [{"offset": n, "text": piece} for n, piece in enumerate(PIECES)],
    "delays that fall": {"chunks": [[9 - n, line + "\n\n"] for n, line in enumerate(FIELDS)]},
    "seconds that were left": [{"time": 0.9 - 0.1 * n, "data": line + "\n\n"} for n, line in enumerate(FIELDS)],
    "durations that fall": {"response": [{"ts": 90 - n, "event": event} for n, event in enumerate(CHAT)]},
    "redis streams, the newest first": [[f"1700000000000-{n}", line] for n, line in enumerate(FIELDS)][::-1],
    "an export of redis": {"entries": [
        [f"170000000{n}-0", ["kind", "delta", "payload", json.dumps(event)]] for n, event in enumerate(CHAT)]},
    "events by numbers": {"response": {"chunks": {str(n): event for n, event in reversed(list(enumerate(CHAT)))}}},
    "lines by numbers": {"body": {f"{n:02}": {"data": event} for n, event in enumerate(CHAT)}, "status": 200},
    "JSON in a log's rows": {"values": [[str(n), json.dumps({"got": line})] for n, line in enumerate(FIELDS)]},
    "JSON that was cut anywhere": [{"chunks": [JSON[:70], JSON[70:200], JSON[200:]]}],
    "several lines of JSON in each chunk": [{"chunks": [JSON[:JSON.index("\n", 300)], JSON[JSON.index("\n", 300):]]}],
    "an answer of HTTP": [{"raw_response": f"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{TEXT}"}],
    "base64 of an answer of HTTP": [{"RawResponse": base64_of("HTTP/2 200\r\n\r\n" + TEXT)}],
    "base64 of JSON": [{"payload": {"bytes": base64_of(json.dumps(event))}} for event in CHAT],
    "messages beside text that was cut": har(
        _eventSourceMessages=[{"eventName": "message", "data": json.dumps(event)} for event in CHAT],
        response={"content": {"mimeType": "text/event-stream", "text": TEXT[:100]}}),
}  # fmt: skip
TEXTS: dict[str, str] = {
    "docker, pieces": partial(60),
    "containerd, pieces": containerd(60),
    "loki's lines": lines([{"labels": {"app": "x"}, "line": line} for line in LINES]),
    "journald": lines([{"MESSAGE": line, "_PID": "1"} for line in LINES]),
    "gcp's lines": lines([{"textPayload": line, "insertId": "a"} for line in FIELDS]),
    "a logger's lines": "".join(f"2026-01-01 00:00:00,1 DEBUG x.y: {line}\n" for line in FIELDS),
    "a logger's JSON": "".join(
        f"2026-01-01 00:00:00,1 DEBUG got {json.dumps(each)}\n" for each in CHAT
    ),
    "times and JSON": "".join(f"2026-01-01T00:00:00Z\t{json.dumps(each)}\n" for each in CHAT),
    "journald's numbers": lines([{"MESSAGE": list(line.encode()), "_PID": "1"} for line in LINES]),
    "journald, some numbers": lines(
        [{"MESSAGE": list(line.encode()) if n % 2 else line} for n, line in enumerate(LINES)]),
    "buffers of Node.js": lines([{"res": {"body": {"type": "Buffer", "data": list(TEXT.encode())}}}]),
    "Fluent Bit": "".join(
        f"[{n}] tail.0: [[1700000000.{n}, {{}}], {json.dumps({'log': line})}]\n" for n, line in enumerate(LINES)),
    "Fluent Bit 1": "".join(
        f"[{n}] a.b: [1700000000.{n}, {json.dumps({'log': line})}]\n" for n, line in enumerate(LINES)),
    "Fluentd": "".join(f"2026-01-01T00:00:00+00:00\tapp.log\t{json.dumps({'log': line})}\n" for line in LINES),
    "containerd, a logger's JSON": "".join(
        f"2026-01-01T00:00:00.123Z stdout F {json.dumps({'level': 'info', 'chunk': event})}\n" for event in CHAT),
    "kubectl, a logger's JSON": "".join(
        f"[pod/api-1/app] {json.dumps({'level': 'info', 'msg': line})}\n" for line in LINES),
    "bytes that Python printed": "".join(f"{line.encode()!r}\n" for line in LINES),
    "bytes that a logger printed": "".join(
        f"2026-01-01 00:00:00,1 DEBUG x: chunk {(line + chr(10) * 2).encode()!r}\n" for line in FIELDS),
    "pieces, one per line": lines([{"t": 1, "data": piece} for piece in PIECES]),
    "large pieces, one per line": lines([{"dir": "in", "chunk": TEXT[at : at + 250]} for at in range(0, len(TEXT), 250)]),
    "pieces as strings": lines(PIECES),
    "logfmt": "".join(
        f"time=2026-01-01T00:00:00Z level=debug msg={json.dumps(line)}\n" for line in FIELDS),
    "logfmt of events": "".join(f"ts=1 chunk={json.dumps(json.dumps(event))} n=1\n" for event in CHAT),
    "loguru": "".join(
        f"2026-01-01 00:00:00.123 | DEBUG    | app:<module>:12 - {line}\n" for line in FIELDS),
    "tracing": "".join(
        f"2026-01-01T00:00:00.123456Z DEBUG app::x: chunk={json.dumps(event)}\n" for event in CHAT),
    "joined files with marks": "".join(
        "\ufeff" + lines([{"response": text}]) for text in ("none", TEXT)),
    "a body that was parsed": yaml.safe_dump({"version": 1, "interactions": [
        {"request": {"parsed_body": {"messages": []}}, "response": {"parsed_body": WHOLE, "headers": {}}}]}),
    "redis-cli": "".join(
        f'{n}) 1) "170000000000{n}-0"\n   2) 1) "data"\n      2) {json.dumps(json.dumps(event))}\n'
        for n, event in enumerate(CHAT, 1)),
    "objects with commas between": "".join(json.dumps(event) + ",\n" for event in CHAT),
    "a tape of talkback": "{\n  meta: {\n    createdAt: 't',\n  },\n  res: {\n    status: 200,\n    body: "
        + json.dumps(TEXT) + ",\n  },\n}\n",
    "JSON5": "{\n  // its \"answer\"\n  response: '" + TEXT.replace("\n", "\\n\\\n") + "', /* the end */\n}\n",
    "comments before a document": "/* a tape\n   of x */\n// the first\n\n{\n  body: " + json.dumps(TEXT) + ",\n}\n",
    "YAML of texts": yaml.safe_dump([TEXT], width=60),
    "YAML of texts in blocks": "- |\n  " + TEXT.replace("\n", "\n  ") + "\n",
    "YAML under a name": "---\nmy-capture: &x\n  \"a b\": " + json.dumps(TEXT) + "\n",
    "what was expected": lines([{"expectedResponse": sse(*CHAT[:1]).decode(), "response": TEXT}]),
    "twice encoded": lines([{"response": json.dumps(TEXT)}]),
    "a record in a string": lines([{"record": json.dumps({"response": {"body": TEXT}})}]),
    "strings": lines([TEXT]),
    "strings of events": lines([json.dumps(event) for event in CHAT]),
    "base64 of events": lines([{"t": 1, "chunk": base64_of(line + "\n\n")} for line in FIELDS]),
    "pairs, one per line": lines([[1.5, line + "\n\n"] for line in FIELDS]),
    "pairs of events, one per line": lines([[1.5, event] for event in CHAT]),
    "events over several lines": "\n".join(json.dumps(event, indent=2) for event in CHAT),
    "requests with ids": lines([{"request_id": "a", "event": event} for event in CHAT]),
    "syslog of RFC 5424": "".join(f"<34>1 2026-01-01T00:00:00Z host app 12 - - {line}\n" for line in FIELDS),
    "objects without a line end": "".join(json.dumps(event) for event in CHAT),
    "a record without a line end": json.dumps({"response": TEXT}) + json.dumps({"response": "none"}),
    "JSON texts of RFC 7464": "".join(f"\x1e{json.dumps(event)}\n" for event in CHAT),
    "YAML of events": yaml.safe_dump(CHAT),
    "YAML of events in envelopes": yaml.safe_dump({"chunks": [{"at": 1, "event": event} for event in CHAT]}),
    "YAML documents that are events": yaml.safe_dump_all(CHAT, explicit_start=True, sort_keys=False),
    "YAML of a whole response": yaml.safe_dump(WHOLE, sort_keys=False),
    "an answer to curl -i": "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + TEXT,
}  # fmt: skip


def check(path: Path) -> None:
    [row] = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    assert (row["output_text"], row["status"], row["total_tokens"]) == ("Hi you", "stop", 3)
    assert row["complete"]
    assert problems(path) == []


def problems(path: Path) -> list[Problem]:
    found: list[Problem] = []
    with rapidsse.open_log(path) as log:
        Verifier(found.append).verify(log)
    return found


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str, indent: int | None, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(json.dumps(DOCUMENTS[name], indent=indent))
    check(path)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("encode", [str.encode, lambda text: gzip.compress(text.encode())])
def test_texts(name: str, encode: Callable[[str], bytes], tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(encode(TEXTS[name]))
    check(path)


NAMED = "".join(
    f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
    for event in (created(), delta("Hi"), completed())
)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("are_blank", [True, False])
@pytest.mark.parametrize(
    "wrap", [list, lambda texts: [{"t": 1, "message": text} for text in texts]]
)
def test_lines_of_named_events(
    wrap: Callable[[Any], Any], are_blank: bool, indent: int | None, tmp_path: Path
) -> None:
    texts = [line for line in NAMED.split("\n") if line or are_blank]
    path = tmp_path / "log"
    path.write_text(json.dumps({"events": wrap(texts)}, indent=indent))
    [row] = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    assert (row["n_events"], row["complete"]) == (3, True)


@pytest.mark.parametrize("text", [TEXT, json.dumps(WHOLE)])
@pytest.mark.parametrize("is_packed", [True, False])
def test_archives_of_bodies_with_an_encoding(text: str, is_packed: bool, tmp_path: Path) -> None:
    # Most recorders decode a body and keep its header.
    brotli = pytest.importorskip("brotli")
    body = brotli.compress(text.encode()) if is_packed else text.encode()
    content = {"mimeType": "x", "encoding": "base64", "text": base64.b64encode(body).decode()}
    headers = [{"name": "Content-Encoding", "value": "br"}]
    path = tmp_path / "log"
    path.write_text(json.dumps(har(response={"headers": headers, "content": content})))
    check(path)


UNREADABLE: dict[str, tuple[str, str]] = {
    "no logs of events": (lines([{"msg": "started"}, {"msg": "stopped"}]), "no_response"),
    "objects of Python": ("ChatCompletionChunk(id='c1')\n" * 3, "no_events"),
    "Vercel's data stream": ('f:{"messageId":"m"}\n0:"Hi"\nd:{"finishReason":"stop"}\n', "no_events"),
    "events in the events of a server": (
        "".join("data: " + json.dumps({"kind": "chunk", "payload": event}) + "\n\n" for event in CHAT),
        "no_response",
    ),
    "a page of HTML": ("<!doctype html><html><body>502</body></html>", "no_events"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_not_read_is_named(name: str, tmp_path: Path) -> None:
    text, kind = UNREADABLE[name]
    path = tmp_path / "log"
    path.write_text(text)
    [problem] = problems(path)
    assert problem.kind == kind
    assert text[:20].strip() in problem.detail


def test_responses_that_a_recorder_cut_are_not_joined(tmp_path: Path) -> None:
    records = [{"id": n, "body": sse(chunk(f"c{n}", choices=[choice(content="x")]), chunk(f"c{n}")).decode()[:-9]}
               for n in range(3)]  # fmt: skip
    path = tmp_path / "log"
    path.write_text(lines(records))
    assert [problem.kind for problem in problems(path)] == ["truncated", "no_end"] * 3
    rows = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    assert [row["response_id"] for row in rows] == ["c0", "c1", "c2"]


def test_records_of_one_event_each_are_not_joined(tmp_path: Path) -> None:
    responses = [sse(chunk(f"c{n}", choices=[choice(content="x")])).decode() for n in range(2)]
    records = [{"request": {}, "response": {"body": text}} for text in responses]
    path = tmp_path / "log"
    path.write_text(json.dumps(records, indent=2))
    assert len(pa.table(rapidsse.scan(path, table="responses"))) == 2


@pytest.mark.parametrize("indent", [None, 2])
def test_whole_responses_after_one_that_was_cut_are_not_joined(
    indent: int | None, tmp_path: Path
) -> None:
    whole = [TEXT.replace("chatcmpl-1", f"chatcmpl-{n}") for n in (2, 3)]
    bodies = [TEXT[: len(TEXT) // 2], "Internal Server Error", *whole]
    path = tmp_path / "log"
    path.write_text(json.dumps([{"prompt": "x", "body": body} for body in bodies], indent=indent))
    rows = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    assert [row["complete"] for row in rows[1:]] == [True, True]
    assert [row["n_events"] for row in rows[1:]] == [len(CHAT)] * 2
    assert [problem.kind for problem in problems(path)] == ["truncated", "no_end"]


def test_data_that_is_no_json_is_no_piece(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(lines([{"data": "data: hello"}, {"data": "other words"}] * 3))
    events = pa.table(rapidsse.scan(path, table="events")).to_pylist()
    failures = pa.table(rapidsse.scan(path, table="failures"))
    assert (len(events), len(failures)) == (6, 0)
