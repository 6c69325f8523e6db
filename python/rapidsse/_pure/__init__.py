"""The pure-Python engine, which is also the readable reference of the compiled one.

A stream passes these modules in this order:

- `_source`, `_chunks`: the bytes, pushed or pulled, in place; the BOM is skipped.
- `_lines`: where the lines of a chunk start and end.
- `_fields`, `_block`: what a line means, and the event that the lines since a blank one make.
- `_frames`: the parser, which ties these together and says when an event is complete.
- `_stream`: all of that for one stream; `_runs` is a faster way through events that look alike,
  without which everything is the same.
- `_frame_reader` (events as they are), `_typed` (events decoded, with `_spans`), `logs`.

`_rust.pyi` is the interface of both engines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .._lazy import lazy

__all__ = [
    "Deferred",
    "Event",
    "Failure",
    "FrameReader",
    "LogCounts",
    "LogReader",
    "Picture",
    "Piece",
    "Place",
    "ServerSentEvent",
    "Span",
    "StreamEnd",
    "Text",
    "TypedReader",
    "base64_decode",
    "base64_decode_into",
    "engine",
    "find_spans",
]

engine: Final = "python"

if TYPE_CHECKING:
    from ._base64 import base64_decode, base64_decode_into
    from ._deferred import Deferred
    from ._events import ServerSentEvent
    from ._frame_reader import FrameReader
    from ._spans import find_spans
    from ._typed import TypedReader
    from .logs._objects import (
        Event,
        Failure,
        LogCounts,
        Picture,
        Piece,
        Place,
        Span,
        StreamEnd,
        Text,
    )
    from .logs._reader import LogReader
else:
    # Streams do without the reader of logs, which is half of the engine.
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Deferred": "_deferred",
            "Event": "logs._objects",
            "Failure": "logs._objects",
            "FrameReader": "_frame_reader",
            "LogCounts": "logs._objects",
            "LogReader": "logs._reader",
            "Picture": "logs._objects",
            "Piece": "logs._objects",
            "Place": "logs._objects",
            "ServerSentEvent": "_events",
            "Span": "logs._objects",
            "StreamEnd": "logs._objects",
            "Text": "logs._objects",
            "TypedReader": "_typed",
            "base64_decode": "_base64",
            "base64_decode_into": "_base64",
            "find_spans": "_spans",
        },
    )
