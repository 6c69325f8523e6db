"""Fields: the name and the value of a line (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

import dataclasses
from codecs import BOM_UTF8
from typing import Final

from .._field_names import FIELD_NAMES

COMMENT: Final = b":"
UNKNOWN: Final = b""
# A line that sets no field although its name is known. No field has this name.
IGNORED: Final = b"\n"
# The longest name and a colon: this many bytes of a line decide its field,
_DECIDING = 6
# or this many, as a byte order mark may precede them.
HEAD: Final = _DECIDING + len(BOM_UTF8)

_NAMES = frozenset(FIELD_NAMES)
MAX_RETRY = 2**64 - 1
# A number with this many significant digits is above `MAX_RETRY`.
RETRY_DIGITS = 21


def field_of(head: bytes, *, is_ended: bool, also_data: bytes = b"") -> bytes | None:
    """The field of a line that starts with `head`: its name, `COMMENT` or `UNKNOWN`.

    `also_data` names a field that is none of the specification; where it is given, a byte order mark
    may precede the name. `None` as long as more bytes decide, which is never so when the line
    `is_ended`.
    """
    mark = mark_of(head, also_data)
    name, colon, _ = head[mark:].partition(b":")
    if colon and not name:
        return UNKNOWN if mark else COMMENT
    if not colon and not is_ended and len(name) < _DECIDING:
        return None
    return name if name in _NAMES or (name and name == also_data) else UNKNOWN


def mark_of(head: bytes | bytearray, also_data: bytes) -> int:
    """The bytes of a byte order mark before the name, where one may be."""
    return len(BOM_UTF8) if also_data and head.startswith(BOM_UTF8) else 0


def parse_retry(value: bytes) -> int | None:
    """The milliseconds of a `retry` line, at most 2**64 - 1; `None` unless all are ASCII digits."""
    if not value.isdigit():
        return None
    # `int` itself refuses very long numbers.
    return min(int(value.lstrip(b"0")[:RETRY_DIGITS] or b"0"), MAX_RETRY)


@dataclasses.dataclass(slots=True)
class CutLine:
    """A line that the end of a chunk cuts, as far as it was read.

    `text` are its bytes, which are kept only if they may matter: not those of a comment, nor
    those of an unknown field.
    """

    offset: int
    also_data: bytes = b""
    field: bytes | None = None
    text: bytearray = dataclasses.field(default_factory=bytearray)

    def add(self, part: memoryview, *, is_ended: bool) -> None:
        """Adds the next bytes of the line."""
        if self.field is None:
            head = bytes(self.text) + bytes(part[:HEAD])
            self.field = field_of(head, is_ended=is_ended, also_data=self.also_data)
        if self.field in (COMMENT, UNKNOWN, IGNORED):
            self.text.clear()
            return
        self.text += part
        if self.field == b"retry":
            self._shorten_number()

    def ignore(self) -> None:
        """Makes it a line that sets no field."""
        self.field = IGNORED
        self.text.clear()

    @property
    def value_size(self) -> int:
        """The bytes of the value so far."""
        return len(self.text) - self._value_start()

    def take_value(self) -> bytearray:
        """The value, once the line has ended."""
        value = self.text
        del value[: self._value_start()]
        self.text = bytearray()
        return value

    def _value_start(self) -> int:
        assert self.field is not None
        mark = mark_of(self.text, self.also_data)
        at = min(mark + len(self.field) + 1, len(self.text))
        return at + 1 if self.text[at : at + 1] == b" " else at

    def _shorten_number(self) -> None:
        """Keeps a number that spans chunks from growing: more digits do not change it."""
        at = self._value_start()
        value = self.text[at:]
        if value and not value.isdigit():
            self.ignore()
        elif len(value) > RETRY_DIGITS:
            self.text[at:] = value.lstrip(b"0")[:RETRY_DIGITS] or b"0"
