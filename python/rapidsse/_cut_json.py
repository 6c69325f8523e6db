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
) -> tuple[dict[str, Any], dict[str, S], bool]:
    """The fields of an event, the spans that its placeholders stand for, and whether it is JSON by the
    standard, as `decode_json` says it.

    `spans` are an engine's: string values, so that with them cut out the rest is still JSON.
    """
    cut: dict[str, S] = {}
    long = [span for span in spans if span.end - span.start >= MIN_CUT]
    if not long:
        fields, is_standard = decode_json(bytes(payload) if len(payload) < MAX_COPY else payload)
        return fields, cut, is_standard
    view, prefix = memoryview(payload), nonce()
    parts, at = list[bytes | memoryview](), 0
    for number, span in enumerate(long):
        placeholder = f"{prefix}:{number}"
        cut[placeholder] = span
        parts += (view[at : span.start], placeholder.encode())
        at = span.end
    parts.append(view[at:])
    fields, is_standard = decode_json(b"".join(parts))
    return fields, cut, is_standard
