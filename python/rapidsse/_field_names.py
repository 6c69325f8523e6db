"""The fields of an event stream (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

from typing import Final

__all__ = ["ANY_FIELD", "FIELD_NAMES"]

FIELD_NAMES: Final = (b"data", b"event", b"id", b"retry")

ANY_FIELD: Final = b"(?:%b)" % b"|".join(FIELD_NAMES)
"""As a pattern of bytes."""
