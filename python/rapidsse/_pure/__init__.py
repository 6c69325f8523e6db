"""The pure-Python engine, which is also the readable reference of the compiled one.

bytes → `_source` (chunks) → `_splitter` (lines, fields, events) → `_frames` or `_typed`,
with `_spans` and `_base64` beside them. `_rust.pyi` is the interface of both engines.
"""

from __future__ import annotations

from typing import Final

from ._base64 import base64_decode, base64_decode_into
from ._events import ServerSentEvent
from ._frames import FrameReader
from ._mapped import MappingGuard
from ._spans import find_spans
from ._typed import TypedReader
from .logs._objects import Event, Failure, Place, StreamEnd
from .logs._reader import LogReader

__all__ = [
    "Event",
    "Failure",
    "FrameReader",
    "LogReader",
    "MappingGuard",
    "Place",
    "ServerSentEvent",
    "StreamEnd",
    "TypedReader",
    "base64_decode",
    "base64_decode_into",
    "engine",
    "find_spans",
]

engine: Final = "python"
