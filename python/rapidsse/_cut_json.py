"""The JSON of an event, read with a placeholder in the place of each long base64."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from ._json import decode_json
from ._limits import MAX_COPY, MIN_CUT
from ._nonce import nonce

__all__ = ["cut_json"]


class _Span(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


S = TypeVar("S", bound=_Span)


def cut_json(
    payload: bytes | memoryview, spans: Iterable[S]
) -> tuple[dict[str, Any], dict[str, S]]:
    """The fields of an event, and the spans that its placeholders stand for.

    `spans` are an engine's: string values, so that with them cut out the rest is still JSON.
    """
    cut: dict[str, S] = {}
    long = [span for span in spans if span.end - span.start >= MIN_CUT]
    if not long:
        return decode_json(bytes(payload) if len(payload) < MAX_COPY else payload)[0], cut
    view, prefix = memoryview(payload), nonce()
    parts, at = list[bytes | memoryview](), 0
    for number, span in enumerate(long):
        placeholder = f"{prefix}:{number}"
        cut[placeholder] = span
        parts += (view[at : span.start], placeholder.encode())
        at = span.end
    parts.append(view[at:])
    return decode_json(b"".join(parts))[0], cut
