"""`Decoder` refuses a body that is plainly no event stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import rapidsse
from samples import delta, sse

JSON = b'{\n  "error": {"message": "overloaded"}\n}'
HTML = b"\n<!DOCTYPE html><title>502</title>"


async def chunks_of(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def first_of(events: AsyncIterator[Any]) -> Any:
    return await anext(events)


@pytest.mark.parametrize("on_error", ["raise", "skip"])
@pytest.mark.parametrize(
    ("body", "kind", "quoted"),
    [
        (JSON, "JSON", "overloaded"),
        (b"\xef\xbb\xbf" + JSON, "JSON", "overloaded"),
        (b'[{"error": 1}]', "JSON", "error"),
        (HTML, "HTML", "<title>502"),
    ],
)
def test_an_error_page_is_refused(body: bytes, kind: str, quoted: str, on_error: Any) -> None:
    decoder = rapidsse.Decoder(dict[str, Any], on_error=on_error)
    message = f"the body is no event stream, it looks like {kind}; .* begins: .*{quoted}"
    for source in (body, bytearray(body), memoryview(body), [body]):
        with pytest.raises(rapidsse.DecodeError, match=message):
            list(decoder.iter(source))
    with pytest.raises(rapidsse.DecodeError, match=message):
        asyncio.run(first_of(decoder.aiter(chunks_of(body))))


@pytest.mark.parametrize("before", [b"", b'{"junk": 1}\n\n', b"<html>\n\n", b"{\n\n", b"<x>\n\n"])
def test_a_stream_that_begins_with_something_else_is_read(before: bytes) -> None:
    decoder = rapidsse.Decoder(dict[str, Any])
    body = before + sse(delta("a"), delta("b"))
    for source in (body, [body], [b"", body], [body[:40], body[40:]] if not before else [body]):
        assert [event["delta"] for event in decoder.iter(source)] == ["a", "b"]


def test_the_first_chunk_is_asked_for_again_after_an_error() -> None:
    class Chunks:
        def __init__(self) -> None:
            self.steps: list[Any] = [
                OSError("once"),
                sse(delta("a")),
                OSError("twice"),
                sse(delta("b")),
            ]

        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            if not self.steps:
                raise StopIteration
            step = self.steps.pop(0)
            if isinstance(step, OSError):
                raise step
            return bytes(step)

    events = rapidsse.Decoder(dict[str, Any]).iter(Chunks())
    with pytest.raises(OSError, match="once"):
        next(events)
    assert next(events)["delta"] == "a"
    with pytest.raises(OSError, match="twice"):
        next(events)
    assert [event["delta"] for event in events] == ["b"]
