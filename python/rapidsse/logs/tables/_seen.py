"""`Seen`: the texts of one stream's pictures, to know them again."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..._limits import MAX_PARTS
from .._short_ids import shortened
from ._pictures import Picture

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Seen", "are_equal", "kept"]

_SAMPLE = 64
_LONGEST_ID = 64

MAX_KNOWN = MAX_PARTS
"""Pictures of one stream that are known again; a log may hold any number of small ones."""

_STEP = 1 << 17

_KEPT_BYTES = 32 << 20
"""Texts of one stream that are kept, where the log is not in memory."""


@dataclass(slots=True)
class _Alike:
    """Texts of one stream that only comparing them as a whole tells apart."""

    first: Buffer | None
    """The first of them, unless too many are kept."""
    contents: set[int]
    """Their numbers, see `Picture.content`."""
    digests: set[bytes]
    """Of the others, and of the first if it is not kept."""


class Seen:
    """The texts of one stream's pictures, to know them again.

    A text is compared with one other at most, and hashed if that differs, so that pictures made
    to look alike cost no more than others. Those of a log in memory are referred to. Of another log,
    whose buffers are filled again when nothing refers to them, `_KEPT_BYTES` are kept, and digests
    of the rest. Of a stream with more than `MAX_KNOWN` pictures, each further one that is not
    known counts as new.
    """

    def __init__(self, in_memory: bool) -> None:
        self._in_memory = in_memory
        self._kept = self._known = 0
        self._alike: dict[tuple[Any, ...], _Alike] = {}

    def clear(self) -> None:
        """Another stream begins."""
        if self._alike:
            self._kept = self._known = 0
            self._alike.clear()

    def add(self, picture: Picture) -> bool:
        """Whether the picture is new; it is then known."""
        encoded, content = picture.data.encoded, picture.content
        middle = len(encoded) // 2
        key = (
            picture.item_id and shortened(picture.item_id, _LONGEST_ID),
            picture.kind,
            picture.partial,
            len(encoded),
            # Different pictures of the same size rarely agree here.
            bytes(encoded[middle : middle + _SAMPLE]),
        )
        alike = self._alike.get(key)
        if alike is None:
            if self._has_room():
                first = self._keep(encoded)
                digests = set[bytes]() if first is not None else {sha256(encoded).digest()}
                self._alike[key] = _Alike(first, {content} if content else set(), digests)
            return True
        if content in alike.contents:
            return False
        if alike.first is not None and are_equal(alike.first, encoded):
            return False
        digest = sha256(encoded).digest()
        if digest in alike.digests:
            return False
        if self._has_room():
            alike.digests.add(digest)
            if content:
                alike.contents.add(content)
        return True

    def _has_room(self) -> bool:
        self._known += 1
        return self._known <= MAX_KNOWN

    def _keep(self, encoded: memoryview) -> Buffer | None:
        if self._in_memory:
            return encoded
        if self._kept + len(encoded) > _KEPT_BYTES:
            return None
        self._kept += len(encoded)
        return kept(encoded)


def kept(text: memoryview) -> Buffer:
    """The text in its buffer, or a copy where that would keep much of other memory."""
    is_most = len(text) * 4 >= memoryview(text.obj).nbytes
    return text if is_most else bytes(text)


def are_equal(one: Buffer, other: Buffer) -> bool:
    first, second = memoryview(one), memoryview(other)
    if len(first) != len(second):
        return False
    # `memoryview` compares item by item. `bytearray` compares memory, and copies in steps that
    # stay in the processor's cache.
    return all(
        bytearray(first[at : at + _STEP]) == second[at : at + _STEP]
        for at in range(0, len(first), _STEP)
    )
