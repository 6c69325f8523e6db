"""Reads Server-Sent Event streams of model output as fast as memory allows."""

from ._base64 import Base64
from ._decoder import Decoder, DecodeStats
from ._engine import ServerSentEvent, engine
from ._errors import Base64Error, DecodeError, EventTooLarge, RapidSSEError
from ._stream import Parser, aiter_sse, iter_sse
from ._unknown import DecodeFailure, UnknownEvent, UnknownItem
from ._version import __version__

__all__ = [
    "Base64",
    "Base64Error",
    "DecodeError",
    "DecodeFailure",
    "DecodeStats",
    "Decoder",
    "EventTooLarge",
    "Parser",
    "RapidSSEError",
    "ServerSentEvent",
    "UnknownEvent",
    "UnknownItem",
    "__version__",
    "aiter_sse",
    "engine",
    "iter_sse",
]
