"""The responses table: what the three APIs tell of a response, and of one that was cut short."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from rapidsse._json import decode_json
from samples import choice, chunk, completed, created, delta, png, response, sse, text, usage
from table_reading import table_of

Row = dict[str, Any]


def read(folder: Path, *events: Any) -> list[Row]:
    path = folder / "log.sse"
    path.write_bytes(sse(*events))
    return table_of(path, "responses")


def only(row: Row, *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def message(*texts: str) -> Row:
    content = [{"type": "output_text", "text": text} for text in texts]
    return {"type": "message", "id": "msg_1", "content": [*content, {"type": "refusal"}]}


def test_a_response(tmp_path: Path) -> None:
    begun = created() | {
        "response": response(created_at=1_700_000_000, status="in_progress", usage=None)
    }
    end = completed(
        created_at=1_700_000_000,
        completed_at=1_700_000_003.25,
        usage=usage(10, 20, cached=3, reasoning=5),
        output=[{"type": "reasoning"}, message("Hello, ", "world"), message("!")],
    )
    (row,) = read(tmp_path, begun, delta("Hello"), end | {"sequence_number": 2})
    start = datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.UTC)
    assert row == {
        "source": str(tmp_path / "log.sse"),
        "stream": 0,
        "response_id": "resp_1",
        "model": "model-1",
        "status": "completed",
        "created_at": start,
        "completed_at": start + datetime.timedelta(seconds=3.25),
        "input_tokens": 10,
        "cached_tokens": 3,
        "cache_write_tokens": None,
        "output_tokens": 20,
        "reasoning_tokens": 5,
        "total_tokens": 30,
        "output_text": "Hello, world!",
        "n_events": 3,
        "n_images": 0,
        "error_code": None,
        "error_message": None,
        "complete": True,
        "missing": 1,
        "duplicates": 0,
        "custom_id": None,
    }


def test_a_stream_that_was_cut_short(tmp_path: Path) -> None:
    parts = [
        delta("b") | {"output_index": 1},
        delta("a") | {"output_index": 0, "content_index": 1},
        delta("c") | {"output_index": 1},
        {"type": "response.function_call_arguments.delta", "delta": "{"},
    ]
    begun = created() | {"response": response(status="in_progress")}
    (row,) = read(tmp_path, begun, *parts, '{"type":"response.out')
    assert only(row, "status", "output_text", "n_events", "complete") == (
        "in_progress",
        "abc",
        5,
        False,
    )


def test_no_text_in_the_last_response(tmp_path: Path) -> None:
    (row,) = read(tmp_path, created(), delta("kept"), completed(output=[]))
    assert row["output_text"] == "kept"
    (row,) = read(tmp_path, created(), completed(output=[{"type": "reasoning"}]))
    assert row["output_text"] is None


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (
            "failed",
            {"status": "failed", "error": {"code": "server_error", "message": "down"}},
            ("failed", "server_error", "down"),
        ),
        (
            "incomplete",
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            ("incomplete", "max_output_tokens", None),
        ),
        ("incomplete", {"status": None}, ("incomplete", None, None)),
        ("completed", {"status": "completed", "error": None}, ("completed", None, None)),
    ],
)
def test_how_a_response_ended(
    tmp_path: Path, kind: str, fields: Row, expected: tuple[Any, ...]
) -> None:
    end = {"type": f"response.{kind}", "response": response(**fields)}
    (row,) = read(tmp_path, created(), end)
    assert only(row, "status", "error_code", "error_message") == expected
    assert row["complete"]


def test_errors_beside_the_response(tmp_path: Path) -> None:
    error = {"type": "error", "code": "rate_limit_exceeded", "message": "slow down"}
    failed = {"type": "response.failed", "response": response(error={"code": "x", "message": "y"})}
    nested = {"error": {"code": "overloaded", "message": "later", "type": "server_error"}}
    names = ("error_code", "error_message", "complete")
    assert only(*read(tmp_path, created(), error), *names) == (
        "rate_limit_exceeded",
        "slow down",
        False,
    )
    assert only(*read(tmp_path, created(), failed, error), *names) == ("x", "y", True)
    assert only(*read(tmp_path, created(), nested), *names) == ("overloaded", "later", False)
    assert only(*read(tmp_path, chunk(), nested), *names) == ("overloaded", "later", False)


def test_what_comes_after_the_end_changes_nothing(tmp_path: Path) -> None:
    late = {"type": "response.in_progress", "response": response(status="in_progress", model="x")}
    (row,) = read(tmp_path, created(), completed(), late)
    assert only(row, "status", "model", "n_events") == ("completed", "model-1", 3)


def test_the_images_api(tmp_path: Path) -> None:
    tokens = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}
    end = {
        "type": "image_generation.completed",
        "b64_json": text(png()),
        "created_at": 1_700_000_000,
        "usage": tokens,
    }
    begin = {"type": "image_generation.partial_image", "b64_json": text(png(9))}
    whole, cut = read(tmp_path, begin, end, begin)
    names = ("response_id", "status", "input_tokens", "output_tokens", "total_tokens", "n_images")
    assert only(whole, *names) == (None, "completed", 5, 7, 12, 2)
    assert whole["created_at"].year == 2023
    assert only(cut, *names) == (None, None, None, None, None, 1)
    assert only(cut, "cached_tokens", "output_text", "complete") == (None, None, False)


def test_chat_completions(tmp_path: Path) -> None:
    tokens = {
        "prompt_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 1},
        "completion_tokens": 6,
        "completion_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 10,
    }
    growing = {"prompt_tokens": 4, "completion_tokens": 1, "total_tokens": 5}
    (row,) = read(
        tmp_path,
        chunk(choices=[choice(role="assistant", content="")], created=1_700_000_000),
        chunk(choices=[choice(content="Hel")], usage=growing),
        chunk(choices=[choice(1, content="second")]),
        chunk(choices=[choice(content="lo")]),
        chunk(choices=[choice(1, "stop"), choice(0, "length")]),
        chunk(usage=tokens),
        "[DONE]",
    )
    assert only(row, "response_id", "model", "status", "output_text", "complete") == (
        "chatcmpl-1",
        "model-2",
        "length",
        "Hellosecond",
        True,
    )
    assert only(
        row, "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "total_tokens"
    ) == (4, 1, 6, 2, 10)
    assert only(row, "created_at", "completed_at")[1] is None


def test_gaps_and_duplicates(tmp_path: Path) -> None:
    numbers = [0, 1, 4, 3, 3, 9]
    (row,) = read(tmp_path, *(delta() | {"sequence_number": number} for number in numbers), delta())
    assert only(row, "missing", "duplicates", "n_events") == (5, 1, 7)


def test_streams_of_no_api_have_no_row(tmp_path: Path) -> None:
    assert read(tmp_path, {"type": "ping"}, {"type": "error", "code": "x"}) == []


@pytest.mark.parametrize("value", [True, "1700000000", -1e12, 1e12, 2**80, None])
def test_times_that_are_none(tmp_path: Path, value: Any) -> None:
    (row,) = read(tmp_path, completed(created_at=value))
    assert row["created_at"] is None


HALF, OTHER = "\\ud83d", "\\ude00"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (HALF, "\ufffd"),
        (OTHER + HALF, "\ufffd\ufffd"),
        (HALF + OTHER, "\U0001f600"),
        ("\U0001f600" + HALF, "\U0001f600\ufffd"),
        ("\U0001f600", "\U0001f600"),
        # In two texts they are two halves.
        (HALF + '"},{"type":"output_text","text":"' + OTHER, "\ufffd\ufffd"),
    ],
)
@pytest.mark.parametrize("nonstandard", ["", '"logprobs":NaN,'])
def test_halves_of_surrogates(tmp_path: Path, written: str, text: str, nonstandard: str) -> None:
    payload = json.dumps(completed(output=[message("TEXT")])).replace("TEXT", written)
    path = tmp_path / "log.sse"
    path.write_text(f"data: {{{nonstandard}{payload[1:]}\n\n", encoding="utf-8")
    (row,) = table_of(path, "responses")
    assert row["output_text"] == text


def test_standard_json_has_no_halves_of_surrogates() -> None:
    for written in (HALF, OTHER, OTHER + HALF, HALF + "a" + OTHER, "a" * 40 + HALF):
        assert decode_json(f'["{written}"]'.encode())[1] is False
    assert decode_json(f'["{HALF}{OTHER}"]'.encode()) == (["\U0001f600"], True)
