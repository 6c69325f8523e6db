"""Reads Server-Sent Event streams of model output: frames, typed events and recorded logs."""

from typing import TYPE_CHECKING

from ._engine import ServerSentEvent, engine
from ._errors import Base64Error, DecodeError, EventTooLarge, InputError, RapidSSEError
from ._lazy import lazy
from ._stream import Parser, aiter_sse, iter_sse
from ._typed._base64 import Base64
from ._typed._decoder import Decoder, DecodeStats
from ._typed._unknown import DecodeFailure, UnknownEvent, UnknownItem
from ._version import __version__

__all__ = [
    "Base64",
    "Base64Error",
    "DecodeError",
    "DecodeFailure",
    "DecodeStats",
    "Decoder",
    "EventTooLarge",
    "InputError",
    "Parser",
    "RapidSSEError",
    "ServerSentEvent",
    "UnknownEvent",
    "UnknownItem",
    "__version__",
    "aiter_sse",
    "engine",
    "iter_sse",
    "open_log",
    "plan_splits",
    "read_split",
    "scan",
]

if TYPE_CHECKING:
    from .logs import open_log, scan
    from .splits import plan_splits, read_split
else:
    # Most programs read no logs.
    __getattr__ = lazy(
        __name__,
        {"open_log": "logs", "scan": "logs", "plan_splits": "splits", "read_split": "splits"},
    )
