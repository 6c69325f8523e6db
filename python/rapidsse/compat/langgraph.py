"""The decoders of `langgraph_sdk.sse` on the engine of rapidsse.

`rapidsse.compat.install("langgraph")` accelerates all of its clients. They take the lines of a
`BytesLineDecoder` to an `SSEDecoder`. Here such a line is a whole event.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Self

from .._engine import FrameReader
from .._source import owned
from ._seams import Seam

__all__ = ["Block", "decode_block", "decode_chunk", "flush"]


class Block(bytes):
    """An event, on its way through code that takes it for a line."""

    frame: Any
    # Whether the stream has set an id so far: a missing one is not an empty one.
    has_id: bool

    def __bytes__(self) -> Self:
        return self

    def rstrip(self, chars: Any = None, /) -> Self:
        """Returns the event itself: there is no line end to remove."""
        return self


class _Reset:
    """An event that empties the last id, and has nothing else."""

    id = ""
    retry = None
    data_bytes = b""
    _is_named = False
    _sets_id = True


_RESET = _Reset()


def _reader_of(decoder: Any) -> FrameReader:
    """The reader of a `BytesLineDecoder`, which is made with its first chunk."""
    attributes: dict[str, Any] = decoder.__dict__
    reader: FrameReader | None = attributes.get("_rapidsse")
    if reader is None:
        # An event at the end of a stream counts without its blank line.
        reader = attributes["_rapidsse"] = FrameReader(None, dataless=True, eof="dispatch")
    return reader


def _blocks(decoder: Any, reader: FrameReader) -> list[Any]:
    blocks: list[Any] = []
    last_id, has_id = getattr(decoder, "_rapidsse_id", ("", False))
    for frame in reader:
        if frame.id != last_id:
            if not (frame.id or frame._sets_id):
                blocks.append(_block(_RESET, True))
            last_id = frame.id
        has_id = has_id or frame._sets_id or last_id != ""
        blocks.append(_block(frame, has_id))
    # An empty id without data is no frame, but a client that reconnects must know of it.
    if last_id and not reader.last_event_id:
        blocks.append(_block(_RESET, True))
        last_id = ""
    decoder._rapidsse_id = last_id, has_id
    return blocks


def _block(frame: Any, has_id: bool) -> Block:
    block = Block()
    block.frame = frame
    block.has_id = has_id
    return block


def decode_chunk(self: Any, text: bytes) -> list[Any]:
    """`BytesLineDecoder.decode`: returns the events that a chunk completes."""
    reader = _reader_of(self)
    reader.push(owned(text))
    return _blocks(self, reader)


def flush(self: Any) -> list[Any]:
    """`BytesLineDecoder.flush`: returns the last event, if no blank line ended it."""
    reader = _reader_of(self)
    reader.finish()
    return _blocks(self, reader)


def decode_block(self: Any, block: Any) -> Any:
    """`SSEDecoder.decode`, for a `Block`."""
    part, loads = _their()
    frame, has_id = block.frame, block.has_id
    named = frame._is_named
    if has_id:
        self._last_event_id = frame.id
    payload = frame.data_bytes
    # An event that has none of these came for its data.
    self._has_data = bool(payload) or not (named or frame._sets_id or frame.retry is not None)
    self._at_stream_start = False
    data: Any = loads(payload) if payload else None
    return part(frame.event if named else "", data, self._last_event_id or None)


@cache
def _their() -> tuple[Any, Callable[[memoryview], Any]]:
    """Returns the library's class of events, and how it decodes data."""
    orjson = import_module("orjson")
    stream_part = import_module("langgraph_sdk.schema").StreamPart

    def loads(payload: memoryview) -> Any:
        try:
            return orjson.loads(payload)
        except orjson.JSONDecodeError:
            body = bytes(payload)
            return None if body.isspace() else orjson.loads(body.decode(errors="replace"))

    return stream_part, loads


def seams() -> list[Seam]:
    """What `install` replaces: methods, so that names imported before count too."""
    sse = import_module("langgraph_sdk.sse")
    lines, events = sse.BytesLineDecoder, sse.SSEDecoder
    decode_line = events.decode

    def decode(self: Any, line: bytes) -> Any:
        return decode_block(self, line) if type(line) is Block else decode_line(self, line)

    fields = ("_last_event_id", "_has_data", "_at_stream_start")
    return [
        Seam(lines, "decode", decode_chunk, ("self", "text")),
        Seam(lines, "flush", flush, ("self",)),
        Seam(events, "decode", decode, ("self", "line"), uses=fields),
    ]
