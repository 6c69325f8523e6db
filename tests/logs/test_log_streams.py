"""Which events `LogReader` takes for one stream, and what it tells of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from log_reading import Log, read_log
from rapidsse import _engine

DONE = b"[DONE]"
FAILURE = b"{"
TEXTS = frozenset({"texts"})


def read(*payloads: dict[str, Any] | bytes) -> Log:
    texts = (p if isinstance(p, bytes) else json.dumps(p).encode() for p in payloads)
    body = b"".join(b"data: %b\n\n" % text for text in texts)
    return read_log(_engine, [(0, [body])], deliver=TEXTS)


def groups(log: Log) -> list[int]:
    """The events and failures of each stream."""
    return [events + failures for _, _, _, events, failures, *_ in log.streams]


def response(type: str, id: str | None = None, **more: Any) -> dict[str, Any]:
    return {"type": f"response.{type}", **({"response": {"id": id}} if id else {}), **more}


def chunk(*choices: dict[str, Any], id: str = "c1") -> dict[str, Any]:
    return {"object": "chat.completion.chunk", "id": id, "choices": list(choices)}


def choice(content: str | None = None, index: int = 0, **more: Any) -> dict[str, Any]:
    return {"index": index, "delta": {"content": content}, **more}


IMAGE = {"type": "image_generation.partial_image"}
LAST_IMAGE = {"type": "image_generation.completed"}
PING = {"type": "ping"}
END = response("completed", "a")
STOP = choice(finish_reason="stop")
ROLE = {"delta": {"role": "assistant"}}


@pytest.mark.parametrize(
    ("payloads", "expected"),
    [
        # Each response begins with its `response.created`.
        ([response("created", "a"), response("x"), response("created", "a")], [2, 1]),
        ([response("x"), response("created")], [1, 1]),
        # Other events tell by their id, and by the end.
        ([response("x", "a"), response("x"), response("x", "b")], [2, 1]),
        ([response("x"), response("x", "a"), response("x")], [3]),
        ([response("created", "a"), END, response("x")], [2, 1]),
        ([response("created", "a"), END, response("completed", "a")], [3]),
        ([response("created", "a"), response("failed"), response("x", "b")], [2, 1]),
        ([response("incomplete"), response("x")], [1, 1]),
        # What no API claims belongs to what is there, or to what comes.
        ([response("created", "a"), END, PING, {"error": {}}], [4]),
        ([PING, response("x"), PING], [3]),
        ([PING, response("created", "a")], [1, 1]),
        ([FAILURE, chunk(), FAILURE], [3]),
        ([FAILURE], [1]),
        # APIs do not mix.
        ([response("x"), chunk(), IMAGE, response("x")], [1, 1, 1, 1]),
        # Images.
        ([IMAGE, IMAGE, LAST_IMAGE, IMAGE, LAST_IMAGE, LAST_IMAGE], [3, 2, 1]),
        # Chats.
        ([chunk(), chunk(id="c2"), chunk(id="c2")], [3]),
        ([chunk(ROLE), chunk(choice()), chunk(choice(), id="c2")], [2, 1]),
        ([chunk(ROLE), chunk(ROLE, id="c2")], [1, 1]),
        ([chunk(id=""), chunk(id="c2"), chunk(id="")], [3]),
        ([chunk(STOP), chunk(), chunk(choice())], [3]),
        ([chunk(STOP), chunk(ROLE)], [1, 1]),
        ([chunk(STOP), chunk({**ROLE, "index": 1})], [2]),
        ([chunk(STOP), chunk({**ROLE, "finish_reason": "stop"})], [2]),
        # The mark ends any stream, and begins none.
        ([DONE, chunk(), DONE, DONE, chunk(), DONE], [1, 1]),
        ([response("x"), DONE, response("x")], [1, 1]),
        ([DONE], []),
    ],
)  # fmt: skip
def test_streams_are_distinguished(
    payloads: list[dict[str, Any] | bytes], expected: list[int]
) -> None:
    assert groups(read(*payloads)) == expected


def test_a_body_ends_its_stream() -> None:
    body = b'data: {"type":"response.x"}\n\n'
    log = read_log(_engine, [(0, [body]), (len(body), [body])])
    assert groups(log) == [1, 1]


def test_calls_come_in_order() -> None:
    log = read_log(
        _engine,
        [(0, [b'data: {"type":"response.created"}\n\n' * 2 + b"data: x\n\n"])],
        deliver=frozenset({"all"}),
    )
    assert [call[0] for call in log.calls] == ["event", "stream", "event", "failure", "stream"]


@pytest.mark.parametrize(
    ("payloads", "expected"),
    [
        ([response("x")], ("response", None, False)),
        ([response("created", "a"), response("x", "")], ("response", "a", False)),
        ([response("created", "a"), END], ("response", "a", True)),
        ([response("failed", "a")], ("response", "a", True)),
        ([response("x"), DONE], ("response", None, False)),
        ([PING], ("", None, False)),
        ([FAILURE], ("", None, False)),
        ([IMAGE], ("images", None, False)),
        ([LAST_IMAGE], ("images", None, True)),
        ([chunk(), DONE], ("chat", "c1", False)),
        ([chunk()], ("chat", "c1", False)),
        ([chunk(STOP)], ("chat", "c1", True)),
    ],
)
def test_what_a_stream_is(
    payloads: list[dict[str, Any] | bytes], expected: tuple[str, str | None, bool]
) -> None:
    ((_, api, response_id, *_, complete, _, _),) = read(*payloads).streams
    assert (api, response_id, complete) == expected


def test_the_response_id_is_carried_on() -> None:
    log = read(response("x"), response("created", "a"), response("x"), PING, chunk(), END)
    assert [row["response_id"] for row in log.rows] == [None, "a", "a", "a", "c1", "a"]


@pytest.mark.parametrize(
    ("numbers", "missing", "duplicates"),
    [
        ([], 0, 0),
        ([0, 1, 2], 0, 0),
        ([5, 6, 9], 2, 0),
        ([0, 2, 1], 0, 0),
        ([0, 2, 1, 1, 0], 0, 2),
        ([3, 0], 2, 0),
        ([3, 0, 2, 1, 4], 0, 0),
        ([0, 10, 5, 5], 8, 1),
        ([2**63 - 1, 2**63 - 1, 2**63 - 3], 1, 1),
        ([2**63 - 1, -(2**63)], 2**63 - 1, 0),
        ([-(2**63), 2**63 - 1, 7], 2**63 - 1, 0),
        ([0, None, True, 1.0, 2**63, 2], 1, 0),
    ],
)
def test_sequence_numbers(numbers: list[Any], missing: int, duplicates: int) -> None:
    payloads = [response("x", sequence_number=number) for number in numbers or [None]]
    ((*_, found_missing, found_duplicates, _, _, _),) = read(*payloads).streams
    assert (found_missing, found_duplicates) == (missing, duplicates)


def test_very_many_gaps() -> None:
    """65,536 gaps are kept; what lies in others stays missing."""
    numbers = [*range(0, 2 * 65_536 + 1, 2), 140_000, 139_999, 1, 139_998]
    ((*_, missing, duplicates, _, _, _),) = read(
        *[response("x", sequence_number=number) for number in numbers]
    ).streams
    never = 65_536 + (140_000 - 131_072 - 1) - 1
    assert (missing, duplicates) == (never, 2)


def delta(text: Any, output_index: Any = 0, content_index: Any = 0) -> dict[str, Any]:
    more = {"output_index": output_index, "content_index": content_index}
    return response("output_text.delta", delta=text, **more)


def test_texts_of_a_response() -> None:
    log = read(delta("b", 1), delta("\u20ac"), delta("a", -1), delta("", 7), delta("\0"),
               delta(None), delta(5, 8), delta("x", None, 2.5), delta("y", 0, 1),
               response("x", delta="no"))  # fmt: skip
    ((*_, texts, whole),) = log.streams
    expected = [(-1, 0, "a"), (0, 0, "\u20ac\0x"), (0, 1, "y"), (1, 0, "b"), (7, 0, "")]
    assert (texts, whole) == (expected, True)


def test_texts_of_a_chat() -> None:
    log = read(chunk(choice("a"), choice("b", 1)), chunk(choice(None, 2)), chunk(choice("c")))
    ((*_, texts, whole),) = log.streams
    assert (texts, whole) == ([(0, 0, "ac"), (1, 0, "b")], True)


def test_texts_that_nobody_asks_for_are_not_kept() -> None:
    body = b"data: %b\n\n" % json.dumps(delta("x")).encode()
    for deliver, texts in (("images", []), ("state", [(0, 0, "x")]), ("all", [(0, 0, "x")])):
        log = read_log(_engine, [(0, [body])], deliver=frozenset({deliver}))
        assert [stream[-2] for stream in log.streams] == [texts]


def test_a_text_is_kept_up_to_64_mebibytes() -> None:
    long = "\u20ac" * (1 << 20)
    texts = [delta(long)] * 21 + [delta("x" * (1 << 20)), delta("yy"), delta("z"), delta("", 1)]
    body = b"".join(
        b"data: %b\n\n" % json.dumps(text, ensure_ascii=False).encode() for text in texts
    )
    ((*_, parts, whole),) = read_log(_engine, [(0, [body])], columns=(), deliver=TEXTS).streams
    assert not whole
    assert [(part[:2], len(part[2])) for part in parts] == [((0, 0), 22 << 20)]


def test_the_parts_of_a_text_are_bounded() -> None:
    indexes = [*range(65_536), 3, 65_536, 3]
    body = b"".join(b"data: %b\n\n" % json.dumps(delta("x", n)).encode() for n in indexes)
    ((*_, parts, whole),) = read_log(_engine, [(0, [body])], columns=(), deliver=TEXTS).streams
    assert not whole
    assert (len(parts), parts[3]) == (65_536, (3, 0, "xx"))
