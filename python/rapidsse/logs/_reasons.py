"""Why an event did not decode, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["reason_of"]

_REASONS = {
    "json": "not JSON",
    "utf8": "not UTF-8",
    "schema": "the JSON is no object",
    "depth": "the JSON is nested deeper than 128",
    "truncated": "the log ends in the middle of the event",
    "too_large": "larger than max_event_size; raise the limit to read it",
}


def reason_of(kind: str, payload: Buffer | None) -> str:
    """The cause of a failure that `LogReader` reports, more exactly where that is cheap."""
    if payload is not None and kind == "json":
        try:
            msgspec.json.decode(payload)
        except (ValueError, RecursionError) as error:
            return f"not JSON: {error}"
    if payload is not None and kind == "utf8":
        try:
            str(payload, "utf-8")
        except UnicodeDecodeError as error:
            return f"not UTF-8: {error.reason} at byte {error.start} of the payload"
    return _REASONS.get(kind, kind)
