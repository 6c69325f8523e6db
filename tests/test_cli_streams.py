"""Where one stream of a log ends and the next begins, and the tokens that each used."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cli_support import choice, chunk, completed, created, delta, response, usage
from rapidsse import UnknownEvent, openai
from rapidsse.cli.streams import Stream, Streams, Usage


def streams(*events: dict[str, Any]) -> tuple[list[Stream], Streams]:
    """The streams of events that decode."""
    kinds = openai.ResponseStreamEvent | openai.ImageGenStreamEvent | openai.ImageEditStreamEvent
    typed: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kinds)
    chunks = msgspec.json.Decoder(openai.ChatCompletionChunk)
    found = Streams(100)
    for event in events:
        payload = msgspec.json.encode(event)
        if "type" not in event:
            value: Any = chunks.decode(payload)
        elif event["type"] == "keepalive":
            value = UnknownEvent("keepalive", msgspec.Raw(payload))
        else:
            value = typed.decode(payload)
        found.add(value)
    found.finish()
    return found.kept, found


def summary(*events: dict[str, Any]) -> list[tuple[str | None, str, int]]:
    return [(stream.id, stream.status, stream.events) for stream in streams(*events)[0]]


UNKNOWN = {"type": "keepalive"}
ROLE = choice(role="assistant")
STOP = choice(finish="stop")
PICTURE = {"type": "image_generation.completed"}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([created("a"), delta(), completed("a")], [("a", "completed", 3)]),
        ([created("a"), delta(), created("b")], [("a", "", 2), ("b", "", 1)]),
        # The same recording twice.
        ([created("a"), completed("a")] * 2, [("a", "completed", 2)] * 2),
        # A recording that begins in the middle, and one that goes on without a beginning.
        ([delta(), completed("a")], [("a", "completed", 2)]),
        ([created("a"), completed("a"), delta()], [("a", "completed", 2), (None, "", 1)]),
        # A final event that comes twice belongs to its response.
        ([created("a"), completed("a"), completed("a")], [("a", "completed", 3)]),
        ([created("a"), completed("b")], [("a", "", 1), ("b", "completed", 1)]),
        ([created("a"), {"type": "response.failed"}, delta()], [("a", "failed", 2), (None, "", 1)]),
        # Unknown events begin nothing.
        ([UNKNOWN, created("a"), UNKNOWN, completed("a"), UNKNOWN], [("a", "completed", 5)]),
        ([UNKNOWN, UNKNOWN], [(None, "", 2)]),
        # An error may stand before the end of its response, or in its place.
        (
            [
                created("a"),
                {"type": "error", "code": "server_error", "message": "m"},
                {"type": "response.failed", "response": response("a", error={"code": "c"})},
            ],
            [("a", "failed: c", 3)],
        ),
        (
            [{"type": "error", "message": "no"}, created("a")],
            [(None, "error: no", 1), ("a", "", 1)],
        ),
        (
            [
                {
                    "type": "response.incomplete",
                    "response": response("a", incomplete_details={"reason": "max_output_tokens"}),
                }
            ],
            [("a", "incomplete: max_output_tokens", 1)],
        ),
        # Chat Completions.
        (
            [
                chunk("x", choices=[ROLE]),
                chunk("x", choices=[STOP]),
                chunk("x"),
                chunk("y", choices=[ROLE]),
            ],
            [("x", "stop", 3), ("y", "", 1)],
        ),
        # Azure's first chunk has no id.
        ([chunk(""), chunk("x"), chunk("")], [("x", "", 3)]),
        # Servers that give every completion the same id, and those that repeat the role.
        ([chunk(choices=[ROLE]), chunk(choices=[STOP])] * 2, [("chatcmpl-1", "stop", 2)] * 2),
        (
            [chunk(choices=[ROLE])] * 3
            + [chunk(choices=[choice(finish="stop", role="assistant")])],
            [("chatcmpl-1", "stop", 4)],
        ),
        (
            [chunk(choices=[STOP]), chunk(choices=[choice(1, role="assistant")])],
            [("chatcmpl-1", "stop", 2)],
        ),
        # The Images API names no response; kinds of streams may follow one another.
        (
            [{"type": "image_generation.partial_image"}, PICTURE, PICTURE],
            [(None, "completed", 2), (None, "completed", 1)],
        ),
        (
            [created("a"), chunk("x"), PICTURE, delta()],
            [("a", "", 1), ("x", "", 1), (None, "completed", 1), (None, "", 1)],
        ),
    ],
)
def test_boundaries(
    events: list[dict[str, Any]], expected: list[tuple[str | None, str, int]]
) -> None:
    assert summary(*events) == expected


def test_tokens_are_counted_once_a_stream() -> None:
    end = completed("a", usage=usage(10, 5, 4, 3))
    chat = {
        "prompt_tokens": 7,
        "completion_tokens": 2,
        "total_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 1},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    running = chat | {"completion_tokens": 1, "total_tokens": 8}
    image = PICTURE | {"usage": {"input_tokens": 3, "output_tokens": 100, "total_tokens": 103}}
    _, found = streams(
        *(created("a"), end, end),
        *(created("b"), completed("b", usage=usage(1, 1))),
        *(chunk(usage=running), chunk(usage=chat)),
        image,
    )
    assert found.count == 4
    assert found.models == {
        "model-1": (2, Usage(11, 4, 6, 3, 17)),
        "model-2": (1, Usage(7, 1, 2, 2, 9)),
        "-": (1, Usage(3, 0, 100, 0, 103)),
    }


def test_lacking_counts_are_nothing() -> None:
    _, found = streams(completed("a", usage={}), chunk("x", usage={}), PICTURE | {"usage": {}})
    assert [usage for _, usage in found.models.values()] == [Usage()] * 3


def test_names_without_end_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapidsse.cli.streams.MODELS", 2)
    events = [completed(f"r{n}", model=f"m{n}", usage=usage(1, 1)) for n in range(5)]
    _, found = streams(*events)
    assert {model: number for model, (number, _) in found.models.items()} == {
        "m0": 1,
        "m1": 1,
        "(other models)": 3,
    }
