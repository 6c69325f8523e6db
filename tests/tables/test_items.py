"""The items table, against a reading that shares no code with the package."""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from made_streams import STREAMS
from rapidsse import engine, scan
from rapidsse._limits import MIN_ELIDED
from rapidsse.logs.tables import _items
from samples import corpus, png
from table_oracle import expected_tables
from table_reading import EVERYTHING, assert_same, rows

Row = dict[str, Any]
ITEMS = {"items": EVERYTHING["items"]}


def items(content: bytes) -> list[Row]:
    found: list[Row] = pa.table(scan(content, table="items")).to_pylist()
    return found


def only(content: bytes, *columns: str) -> tuple[Any, ...]:
    (row,) = items(content)
    return tuple(row[column] for column in columns)


def sse(*events: Any) -> bytes:
    return b"".join(b"data: %b\n\n" % written(event) for event in events)


def written(event: Any) -> bytes:
    """JSON in which only halves of surrogates are escaped."""
    text = json.dumps(event, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text).encode()


def check(path: Path, content: bytes) -> list[Row]:
    """The items of a log, which are those of the oracle."""
    path.write_bytes(content)
    found = rows(path, ITEMS, format="sse", compression="none")
    expected = {"items": expected_tables(str(path), [(0, content)])["items"]}
    assert_same(found, expected)
    return found["items"]


def prefixes(blocks: list[bytes], most: int = 120) -> Iterator[bytes]:
    """The log, cut after each of its events, or after as many of them."""
    cuts = range(1, len(blocks) + 1)
    if len(blocks) > most:
        cuts = sorted({*random.Random(1).sample(cuts, most), len(blocks)})
    for cut in cuts:
        yield b"".join(block + b"\n\n" for block in blocks[:cut])


def max_parts(monkeypatch: pytest.MonkeyPatch) -> int:
    """The most pieces that wait, which is lowered for the pure engine: it is slow."""
    if engine == "rust":
        return 65_536
    for module in ("items", "evidence", "slots", "texts"):
        monkeypatch.setattr(f"rapidsse._pure.logs._{module}.MAX_PARTS", 1000)
    return 1000


RECORDINGS = sorted(path.name for path in (corpus() / "responses").glob("*.sse"))


@pytest.mark.parametrize("name", RECORDINGS)
def test_recordings_that_are_cut(tmp_path: Path, name: str) -> None:
    blocks = (corpus() / "responses" / name).read_bytes().split(b"\n\n")[:-1]
    # Pictures and repeated responses are large, and say nothing more about items.
    found = [check(tmp_path / "log", content) for content in prefixes(blocks, examples(5, deep=30))]
    assert found[-1]
    assert all(row["complete"] for row in found[-1])
    assert any(not row["complete"] for each in found for row in each)


@pytest.mark.parametrize("api", list(STREAMS))
@pytest.mark.parametrize("seed", range(3))
def test_made_streams_that_are_cut(tmp_path: Path, api: str, seed: int) -> None:
    made = STREAMS[api](random.Random(seed))
    blocks = [block.removesuffix(b"\n\n") for block in made.frames()]
    *_, last = (
        check(tmp_path / "log", content) for content in prefixes(blocks, examples(5, deep=30))
    )
    text = "".join(row["text"] or "" for row in last if row["kind"] == "message")
    assert made.text in text
    kinds = {row["kind"] for row in last}
    assert {"message", "reasoning", "call", "result"} <= kinds


# Chat: several choices, parallel calls.


def chunk(index: int = 0, finish: str | None = None, **delta: Any) -> Row:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "id": "c1", "choices": [choice]}


def call(index: int | None, id: str | None = None, name: str | None = None, text: str = "") -> Row:
    function = {"arguments": text} | ({} if name is None else {"name": name})
    made: Row = {"function": function}
    return made | ({} if index is None else {"index": index}) | ({} if id is None else {"id": id})


def test_choices_and_parallel_calls(tmp_path: Path) -> None:
    events = [
        chunk(0, role="assistant", content=""),
        chunk(1, role="assistant", reasoning_content="hm"),
        chunk(0, content="I look"),
        chunk(0, tool_calls=[call(0, "a", "weather", '{"at":')]),
        chunk(1, content="No"),
        chunk(0, tool_calls=[call(1, "b", "weather", '{"at":'), call(0, text='"Rome"}')]),
        chunk(0, content=" it up"),
        chunk(0, tool_calls=[call(1, text='"Oslo"}')]),
        chunk(1, refusal="I can't"),
        chunk(0, "tool_calls"),
        chunk(1, "stop"),
    ]
    blocks = sse(*events).split(b"\n\n")[:-1]
    *_, last = (check(tmp_path / "log", content) for content in prefixes(blocks))
    columns = "choice", "index", "kind", "call_id", "name", "arguments", "text", "refusal"
    assert [tuple(row[name] for name in columns) for row in last] == [
        (0, 0, "message", None, None, None, "I look it up", None),
        (0, 1, "call", "a", "weather", '{"at":"Rome"}', None, None),
        (0, 2, "call", "b", "weather", '{"at":"Oslo"}', None, None),
        (1, 0, "reasoning", None, None, None, "hm", None),
        (1, 1, "message", None, None, None, "No", "I can't"),
    ]
    assert all(row["complete"] and row["assembled"] for row in last)


def test_calls_without_numbers() -> None:
    log = sse(
        chunk(tool_calls=[call(None, "a", "f", "{}"), call(None, "b", "f", "{")]),
        chunk(tool_calls=[call(None, text="}")]),
        chunk(tool_calls=[call(None, "b", text=" ")]),
        chunk(tool_calls=[call(None, None, "g", "[]")]),
        chunk(function_call={"name": "old", "arguments": {"x": 1}}),
    )
    found = [(row["call_id"], row["name"], row["arguments"]) for row in items(log)]
    assert found == [
        ("a", "f", "{}"),
        ("b", "f", "{} "),
        (None, "g", "[]"),
        (None, "old", '{"x": 1}'),
    ]
    assert not any(row["complete"] for row in items(log))


def test_what_a_server_says_twice_counts_once() -> None:
    both = chunk(content="A ") | {}
    both["choices"][0]["message"] = {"content": "A "}
    more = chunk(content="dog")
    more["choices"][0]["message"] = {"content": "A dog"}
    assert only(sse(both, more), "text") == ("A dog",)


# What an item is as a whole.


def response(*types: Any, output: list[Row] | None = None) -> bytes:
    created = {"type": "response.created", "response": {"id": "r1"}}
    end = [] if output is None else [
        {"type": "response.completed", "response": {"id": "r1", "output": output}}
    ]  # fmt: skip
    return sse(created, *types, *end)


def test_a_whole_item_counts_and_not_its_deltas() -> None:
    delta = {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "{"}
    item = {"type": "function_call", "id": "f1", "call_id": "c1", "name": "f", "arguments": ""}
    added = {"type": "response.output_item.added", "output_index": 0, "item": item}
    done = {**added, "type": "response.output_item.done", "item": item | {"arguments": "{}"}}
    columns = "item_id", "call_id", "name", "arguments", "complete", "assembled"
    named = "f1", "c1", "f"
    assert only(response(added), *columns) == (*named, None, False, False)
    assert only(response(added, delta), *columns) == (*named, "{", False, True)
    assert only(response(added, delta, done), *columns) == (*named, "{}", True, False)
    assert only(response(delta), *columns) == (None, None, None, "{", False, True)
    # Some servers list no output at the end.
    assert only(response(added, delta, done, output=[]), *columns) == (*named, "{}", True, False)
    last = item | {"arguments": "[]"}
    assert only(response(added, delta, done, output=[last]), *columns) == (
        *named,
        "[]",
        True,
        False,
    )


def test_a_text_that_came_as_a_whole_counts_for_its_deltas() -> None:
    delta = {"type": "response.output_text.delta", "output_index": 0, "delta": "Hell"}
    done = {"type": "response.output_text.done", "output_index": 0, "text": "Hello"}
    assert only(response(delta, done), "text", "complete") == ("Hello", False)


def test_items_without_a_number_have_an_id() -> None:
    def delta(id: str, text: str) -> Row:
        return {"type": "response.output_text.delta", "item_id": id, "delta": text}

    log = response(delta("m1", "a"), delta("m2", "b"), delta("m1", "c"))
    assert [(row["index"], row["text"]) for row in items(log)] == [(0, "ac"), (1, "b")]


def test_inputs_are_no_items() -> None:
    output = {"type": "function_call_output", "call_id": "c1", "output": "sunny"}
    ended = {"id": "r1", "input": [output], "output": []}
    assert items(sse({"type": "response.completed", "response": ended})) == []


def test_batches_have_their_ids(tmp_path: Path) -> None:
    message = {"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}
    body = {"object": "response", "id": "r1", "status": "completed", "output": [message]}
    path = tmp_path / "batch.jsonl"
    record = {"id": "b", "custom_id": "request-7", "response": {"status_code": 200, "body": body}}
    path.write_text(json.dumps(record) + "\n")
    (row,) = pa.table(scan(path, table="items")).to_pylist()
    assert (row["custom_id"], row["text"], row["complete"]) == ("request-7", "Hi", True)


# Images, and bounds.


def test_no_base64_is_in_the_items(tmp_path: Path) -> None:
    picture = base64.b64encode(png(60, 60) + bytes(3000)).decode()
    url = f"data:image/png;base64,{picture}"
    mark = f"<base64 {len(picture)} characters>"
    outputs = [{"type": "image", "url": url}, {"data": picture, "note": "n"}]
    output = [
        {"type": "image_generation_call", "id": "i1", "result": picture, "status": "completed"},
        {"type": "code_interpreter_call", "id": "x1", "code": f'show("{url}")', "outputs": outputs},
        {"type": "message", "content": [{"type": "output_text", "text": f"![]({url})"}]},
    ]
    found = check(tmp_path / "log", response(output=output))
    assert all(picture[:1000] not in str(row) for row in found)
    image, code, message = found
    assert (image["kind"], image["item_id"], image["result"]) == ("image", "i1", None)
    assert code["arguments"] == f'show("data:image/png;base64,{mark}")'
    assert json.loads(code["result"])[1] == {"data": mark, "note": "n"}
    assert message["text"] == f"![](data:image/png;base64,{mark})"
    parts = [{"text": "see"}, {"inlineData": {"mimeType": "image/png", "data": picture}}]
    gemini = sse({"candidates": [{"content": {"parts": [*parts, {"text": "it"}]}}]})
    assert [row["kind"] for row in check(tmp_path / "log", gemini)] == [
        "message",
        "image",
        "message",
    ]


@pytest.mark.parametrize("length", [MIN_ELIDED - 4, MIN_ELIDED])
@pytest.mark.parametrize("before", ["", "x" * 1020, "a picture: " * 100])
@pytest.mark.parametrize("after", ["", ")" * 1020, " and that is all" * 100])
def test_base64_is_found_wherever_it_lies(before: str, after: str, length: int) -> None:
    start, data = f"{before}![](data:image/png;base64,", "A" * length
    message = {
        "type": "message",
        "content": [{"type": "output_text", "text": start + data + after}],
    }
    mark = data if length < MIN_ELIDED else f"<base64 {length} characters>"
    assert only(response(output=[message]), "text") == (start + mark + after,)


@given(st.lists(st.tuples(st.sampled_from(["a", " ", "\n", "ä"]), st.integers(1, 1100))))
def test_base64_is_looked_for_where_no_space_is(runs: list[tuple[str, int]]) -> None:
    text = "".join(character * count for character, count in runs)
    assert _items._has_long_word(text) == (re.search(f"[^ ]{{{MIN_ELIDED}}}", text) is not None)


def done(number: int) -> Row:
    item = {"type": "message", "id": f"m{number}", "content": [{"text": f"text {number}"}]}
    return {"type": "response.output_item.done", "output_index": number, "item": item}


@pytest.mark.parametrize("limit", ["MAX_KEPT", "MAX_ITEMS"])
def test_whole_items_do_not_wait_without_bounds(
    limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [done(number) for number in range(40)]
    log = response(*events, output=[event["item"] for event in events])
    expected = [(number, f"text {number}") for number in range(40)]
    assert [(row["index"], row["text"]) for row in items(log)] == expected
    kept: list[int] = []
    write = _items.Items._write

    def written(self: Any, *args: Any) -> None:
        kept.append(len(self._items))
        write(self, *args)

    monkeypatch.setattr(_items.Items, "_write", written)
    # Those that are written early are known again, as far as that many are.
    monkeypatch.setattr(_items, limit, 100 if limit == "MAX_KEPT" else 50)
    assert [(row["index"], row["text"]) for row in items(log)] == expected
    assert max(kept) < 10 if limit == "MAX_KEPT" else max(kept) == 25


@pytest.mark.parametrize(("limit", "most"), [("MAX_KEPT", 100), ("MAX_ITEMS", 10)])
def test_items_that_never_end_do_not_wait_without_bounds(
    limit: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    write_early = _items.Items._write_early

    def written(self: Any, event: Any) -> None:
        write_early(self, event)
        kept.append(len(self._items))

    monkeypatch.setattr(_items.Items, "_write_early", written)
    monkeypatch.setattr(_items, limit, most)
    events = [{**done(number), "type": "response.output_item.added"} for number in range(40)]
    found = items(response(*events))
    assert sorted(row["index"] for row in found) == list(range(40))
    assert not any(row["complete"] for row in found)
    assert kept
    assert max(kept) == 0


def test_items_without_a_number_follow_those_that_are_in_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = [done(number) for number in range(40)]
    for event in events:
        del event["output_index"]
    monkeypatch.setattr(_items, "MAX_ITEMS", 10)
    found = [(row["index"], row["text"]) for row in items(response(*events))]
    assert found == [(number, f"text {number}") for number in range(40)]


def test_no_number_is_larger_than_the_column_holds() -> None:
    most = 2**63 - 1
    delta = {"type": "response.output_text.delta", "output_index": most, "delta": "a"}
    other = {"type": "response.output_text.delta", "item_id": "m", "delta": "b"}
    assert only(response(delta, other), "index") == (most,)
    last, further = {**done(1), "output_index": most}, done(2)
    del further["output_index"]
    assert only(response(last, further), "index") == (most,)


def test_pieces_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    most = max_parts(monkeypatch)
    choices = [{"index": number, "delta": {"content": "a"}} for number in range(most + 10)]
    finished = [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    found = items(sse({"choices": choices}, {"choices": finished}))
    assert len(found) == most
    assert not any(row["complete"] for row in found)


# Any events.

_TEXT = st.sampled_from(["a", "", "é", "\ud83d", "\ude00", "{", '"', None, 5, {"text": "t"}])
_SMALL = st.sampled_from([0, 1, 1, None, "1", 2.0, -1])
_ID = st.sampled_from(["x", "y", "", None, 7])


def optional(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries({}, optional=members)


def number(answer: Any) -> int:
    """The number of an answer: each of an event has its own."""
    index = answer.get("index") if isinstance(answer, dict) else None
    return index if type(index) is int else 0


_JSON = st.one_of(_TEXT, st.sampled_from([{"b": [1, "é"]}, [], {}, True, 1.5]))
_FUNCTION = optional(name=_ID, arguments=_JSON)
_MESSAGE = optional(
    content=st.one_of(_TEXT, st.lists(optional(type=st.sampled_from(["text", "thinking", 5]),
        text=_TEXT, thinking=st.one_of(_TEXT, st.lists(optional(text=_TEXT)))), max_size=2)),
    reasoning=_TEXT, reasoning_content=_TEXT, refusal=_TEXT, function_call=_FUNCTION,
    tool_calls=st.one_of(_TEXT, st.lists(
        optional(index=_SMALL, id=_ID, function=_FUNCTION, custom=optional(name=_ID, input=_TEXT)),
        max_size=3)),
    images=st.lists(optional(image_url=_JSON), max_size=2),
    audio=optional(transcript=_TEXT),
)  # fmt: skip
_CHAT = optional(
    object=st.sampled_from(["chat.completion.chunk", "text_completion", None]),
    choices=st.one_of(_TEXT, st.lists(st.one_of(_TEXT, optional(
        index=_SMALL, delta=_MESSAGE, message=_MESSAGE, text=_TEXT,
        finish_reason=st.sampled_from(["stop", "error", None, 5]))), max_size=2,
        unique_by=lambda choice: number(choice))),
)  # fmt: skip
_PART = optional(
    text=_TEXT, thought=st.sampled_from([True, False, 1]),
    functionCall=optional(id=_ID, name=_ID, args=_JSON),
    functionResponse=optional(id=_ID, name=_ID, response=_JSON),
    executableCode=optional(code=_TEXT), codeExecutionResult=optional(output=_TEXT, outcome=_TEXT),
    inlineData=optional(mimeType=st.sampled_from(["image/png", "audio/wav", None]), data=_TEXT),
    fileData=optional(fileUri=_TEXT),
)  # fmt: skip
_GEMINI = optional(
    candidates=st.one_of(_TEXT, st.lists(optional(
        index=_SMALL, content=optional(parts=st.one_of(_TEXT, st.lists(_PART, max_size=3))),
        finishReason=st.sampled_from(["STOP", "", None])), max_size=2,
        unique_by=lambda candidate: number(candidate))),
)  # fmt: skip
_BLOCK = optional(
    type=st.sampled_from(["text", "tool_use", "thinking", "web_search_tool_result", None, 5]),
    id=_ID, tool_use_id=_ID, name=_ID, text=_TEXT, thinking=_TEXT, input=_JSON, content=_JSON,
    partial_json=_TEXT, file_id=_ID, arguments=_JSON, result=_JSON, summary=_JSON, call_id=_ID,
)  # fmt: skip


def typed(*types: str, **members: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries({"type": st.sampled_from(types)}, optional=members)


_BLOCKS = typed(
    *("content_block_start", "content_block_delta", "content_block_stop"),
    *("step.start", "step.delta", "step.stop", "content.start", "content.delta", "content.stop"),
    index=_SMALL, delta=st.one_of(_TEXT, _BLOCK), content_block=st.one_of(_TEXT, _BLOCK),
    step=_BLOCK, content=st.one_of(_TEXT, _BLOCK),
)  # fmt: skip
_ITEM = optional(
    type=st.sampled_from(["message", "reasoning", "function_call", "image_generation_call", None]),
    id=_ID, call_id=_ID, name=_ID, arguments=_JSON, output=_JSON, result=_JSON, status=_ID,
    content=st.one_of(_TEXT, st.lists(optional(text=_TEXT, refusal=_TEXT, transcript=_TEXT),
                                      max_size=2)),
    summary=st.lists(optional(text=_TEXT), max_size=2),
)  # fmt: skip
_RESPONSE = typed(
    *("response.output_item.added", "response.output_item.done", "response.in_progress"),
    *("response.completed", "response.output_text.delta", "response.output_text.done"),
    *("response.function_call_arguments.delta", "response.reasoning_summary_text.delta"),
    *("response.reasoning_summary_text.done", "response.refusal.delta"),
    output_index=_SMALL, index=_SMALL, content_index=_SMALL, summary_index=_SMALL, item_id=_ID,
    delta=_TEXT, text=_TEXT, arguments=_TEXT, item=st.one_of(_TEXT, _ITEM),
    response=optional(output=st.one_of(_TEXT, st.lists(st.one_of(_TEXT, _ITEM), max_size=2))),
)  # fmt: skip
EVENTS = {"chat": _CHAT, "gemini": _GEMINI, "blocks": _BLOCKS, "responses": _RESPONSE}


@pytest.mark.parametrize("api", list(EVENTS))
@given(st.data())
@settings(max_examples=examples(100))
def test_any_events(
    tmp_path_factory: pytest.TempPathFactory, api: str, data: st.DataObject
) -> None:
    events = data.draw(st.lists(EVENTS[api], max_size=6))
    check(tmp_path_factory.getbasetemp() / f"{api}.sse", sse(*events))
