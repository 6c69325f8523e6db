"""Reads Server-Sent Event streams of model output as fast as memory allows."""

from ._engine import ServerSentEvent, engine
from ._errors import Base64Error, DecodeError, EventTooLarge, RapidSSEError
from ._stream import Parser, aiter_sse, iter_sse
from ._version import __version__

__all__ = [
    "Base64Error",
    "DecodeError",
    "EventTooLarge",
    "Parser",
    "RapidSSEError",
    "ServerSentEvent",
    "__version__",
    "aiter_sse",
    "engine",
    "iter_sse",
]
