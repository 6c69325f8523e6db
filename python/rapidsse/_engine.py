"""Selects the engine on import: the compiled one, or the pure-Python one.

`RAPIDSSE_ENGINE=rust` or `python` chooses. By default the pure engine is used only if the compiled
module is not installed, which CPython, for which there are wheels, warns of; one that is installed
but fails to load is an error.
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_SLOW = (
    "rapidsse runs on its pure-Python engine, which is several times slower, because the compiled "
    "one is not installed: `pip install --force-reinstall rapidsse` installs it if there is a "
    "wheel for this Python and platform; RAPIDSSE_ENGINE=python silences this warning"
)


def _load(chosen: str) -> Any:
    if chosen not in ("", "rust", "python"):
        raise ImportError(
            f"RAPIDSSE_ENGINE is {chosen!r}: set it to 'rust' or 'python', or unset it"
        )
    if chosen != "python":
        try:
            # Not `from . import`, whose error is the same for a missing and a broken module.
            return import_module("._rust", __package__)
        except ModuleNotFoundError as error:
            # Any other name means a broken installation, which must not become a slow one.
            absent = error.name == f"{__package__}._rust"
            if chosen == "rust" or not absent:
                raise
            if sys.implementation.name == "cpython":
                warnings.warn(_SLOW, RuntimeWarning, stacklevel=4)
    from . import _pure

    return _pure


if TYPE_CHECKING:
    from ._rust import (
        Deferred,
        Event,
        Failure,
        FrameReader,
        LogCounts,
        LogReader,
        Picture,
        Piece,
        Place,
        ServerSentEvent,
        Span,
        StreamEnd,
        Text,
        TypedReader,
        base64_decode,
        base64_decode_into,
        engine,
        find_spans,
    )
else:
    _module = _load(os.environ.get("RAPIDSSE_ENGINE", ""))

    if _module.__name__ == f"{__package__}._rust":
        # All at once: one that lacks a name is a broken installation.
        globals().update({name: getattr(_module, name) for name in __all__})

    def __getattr__(name: str) -> Any:
        # Of the pure engine, only what is used is imported.
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(_module, name)
        return value
