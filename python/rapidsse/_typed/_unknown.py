"""`UnknownEvent`, `UnknownItem` and `DecodeFailure`: JSON of unknown types, and failed events.

The annotations are objects, not strings: msgspec would look names up in the module that
`__module__` names, which is the public one.
"""

from typing import Any

from msgspec import Raw, Struct

from .._errors import FailureKind

__all__ = ["DecodeFailure", "UnknownEvent", "UnknownItem"]

_EXCERPT_BYTES = 60


def _excerpt(data: bytes | memoryview) -> str:
    rest = "..." if len(data) > _EXCERPT_BYTES else ""
    return f"<{len(data)} bytes: {bytes(data[:_EXCERPT_BYTES])!r}{rest}>"


class UnknownEvent(Struct, frozen=True, gc=False):
    """An event whose `type` is not in the decoder's union.

    `type` is its tag, `raw` its unchanged JSON (`msgspec.json.decode(raw)` reads it, `bytes(raw)`
    copies it) and `sequence_number` its member of that name, if that is an integer.
    """

    __module__ = "rapidsse"

    type: str | int
    raw: Raw
    sequence_number: int | None = None

    def __hash__(self) -> int:
        return hash((self.type, bytes(self.raw), self.sequence_number))

    def __repr__(self) -> str:
        return (
            f"UnknownEvent(type={self.type!r}, raw={_excerpt(memoryview(self.raw))}, "
            f"sequence_number={self.sequence_number!r})"
        )


class UnknownItem(Struct, frozen=True, gc=False):
    """A member of an event whose `type` is not in the union of its field.

    `type` is its tag and `raw` its unchanged JSON.
    """

    __module__ = "rapidsse"

    type: str | int
    raw: Raw

    def __hash__(self) -> int:
        return hash((self.type, bytes(self.raw)))

    def __repr__(self) -> str:
        return f"UnknownItem(type={self.type!r}, raw={_excerpt(memoryview(self.raw))})"


class DecodeFailure(Struct, frozen=True, gc=False):
    """An event that failed, delivered in its place if `on_error` is `"yield"`.

    The attributes are those of `DecodeError`. For an event past `max_event_size` (kind
    `"too_large"`) `event` is `"message"` and `data` is empty, as nothing of it was kept.
    """

    __module__ = "rapidsse"

    kind: FailureKind
    reason: str
    offset: int
    index: int
    event: str = "message"
    data: bytes = b""

    def __repr__(self) -> str:
        return (
            f"DecodeFailure(kind={self.kind!r}, reason={_short(self.reason)}, "
            f"offset={self.offset}, index={self.index}, event={_short(self.event)}, "
            f"data={_excerpt(self.data)})"
        )


def _short(text: Any) -> str:
    return repr(text if len(text) <= 200 else text[:200] + "...")
