"""Reads Server-Sent Event streams of model output: frames, typed events and recorded logs."""

from typing import TYPE_CHECKING

from ._engine import engine
from ._lazy import lazy
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
    from . import anthropic as anthropic
    from . import compat as compat
    from . import google as google
    from . import logs as logs
    from . import openai as openai
    from . import splits as splits
    from ._engine import ServerSentEvent
    from ._errors import Base64Error, DecodeError, EventTooLarge, InputError, RapidSSEError
    from ._stream import Parser, aiter_sse, iter_sse
    from ._typed._base64 import Base64
    from ._typed._decoder import Decoder, DecodeStats
    from ._typed._unknown import DecodeFailure, UnknownEvent, UnknownItem
    from .logs import open_log, scan
    from .splits import plan_splits, read_split
else:
    # Most programs use one part: frames, typed events or logs.
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Base64": "_typed._base64",
            "Base64Error": "_errors",
            "DecodeError": "_errors",
            "DecodeFailure": "_typed._unknown",
            "DecodeStats": "_typed._decoder",
            "Decoder": "_typed._decoder",
            "EventTooLarge": "_errors",
            "InputError": "_errors",
            "Parser": "_stream",
            "RapidSSEError": "_errors",
            "ServerSentEvent": "_engine",
            "UnknownEvent": "_typed._unknown",
            "UnknownItem": "_typed._unknown",
            "aiter_sse": "_stream",
            "iter_sse": "_stream",
            "open_log": "logs",
            "plan_splits": "splits",
            "read_split": "splits",
            "scan": "logs",
        },
        ("anthropic", "compat", "google", "logs", "openai", "splits"),
    )
