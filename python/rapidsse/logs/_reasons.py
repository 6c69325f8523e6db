"""Why an event did not decode, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .._text import not_utf8

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["reason_of"]

_REASONS = {
    "json": "not JSON",
    "utf8": "not UTF-8",
    "schema": "the JSON is no object",
    "depth": "the JSON is nested deeper than 128 levels",
    "truncated": "the log ends in the middle of the event",
}


class _Object(msgspec.Struct):
    """Any JSON object."""


def reason_of(kind: str, payload: Buffer | None, limit: int | None = None) -> str:
    """The cause of a failure that `LogReader` reports, more exactly where that is cheap.

    `limit` is the size in bytes past which an event is `too_large`.
    """
    if kind == "too_large":
        known = "max_event_size" if limit is None else f"the limit of {limit:,} bytes"
        return f"larger than {known}; raise the limit to read it"
    if payload is not None and kind == "json" and (fault := _fault(payload)):
        return f"not JSON: {fault}"
    if payload is not None and kind == "utf8" and (fault := not_utf8(payload)):
        return fault
    return _REASONS.get(kind, kind)


def _fault(payload: Buffer) -> str | None:
    # Whichever engine refused it, these are the words. The first try skips the values: what
    # it makes of a large payload's beginning would be large as well.
    for expected in (_Object, dict):
        try:
            msgspec.json.decode(payload, type=expected)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return str(error).removeprefix("JSON is malformed: ")
    return None
