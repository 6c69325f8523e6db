"""`Decoder`: the bytes of a log's pictures, each decoded once to where they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from ..._errors import Base64Error
from ._pictures import Picture
from ._rows import TableRows
from ._seen import are_equal, kept

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Decoded", "Decoder"]

_SCRATCH_BYTES = 64 << 20


@dataclass(slots=True)
class Decoded:
    """A picture that was decoded; `content` is `None` if it is broken, and `number` is
    `Picture.content`."""

    number: int
    text: Buffer
    content: memoryview | None
    sha256: str | None
    error: Base64Error | None


class Decoder:
    """Decodes pictures to the blobs of `rows`, or else to memory that the next picture reuses.

    A picture that equals the one before it is not decoded again.
    """

    def __init__(self, rows: TableRows | None, *, in_memory: bool, hashes: bool) -> None:
        self._rows = rows
        self._in_memory = in_memory
        self._hashes = hashes
        self._last: Decoded | None = None
        self._scratch = bytearray()

    def forget(self) -> None:
        """The next picture is decoded, whatever the one before it was."""
        self._last = None

    def decode(self, picture: Picture) -> Decoded:
        """Decodes a picture, valid until the next one is."""
        encoded, last, number = picture.data.encoded, self._last, picture.content
        blobs = None if self._rows is None else self._rows.blobs
        if last is not None and (0 != last.number == number or are_equal(last.text, encoded)):
            if blobs is not None and self._rows is not None:
                self._rows.blob(last.content)
            return last
        room = self._room(picture.data.nbytes)
        try:
            nbytes = picture.data.decode_into(room)
        except Base64Error as error:
            last = Decoded(number, encoded, None, None, error)
            if blobs is not None:
                blobs.skip()
        else:
            content = room[:nbytes]
            digest = sha256(content).hexdigest() if self._hashes else None
            last = Decoded(number, encoded, content, digest, None)
            if blobs is not None:
                blobs.keep(nbytes)
        if not self._in_memory:
            last.text = kept(encoded)
        self._last = last
        return last

    def _room(self, nbytes: int) -> memoryview:
        if self._rows is not None and self._rows.blobs is not None:
            return self._rows.room(nbytes)
        # Fresh memory for every picture would cost as much as decoding it.
        if not nbytes <= len(self._scratch) <= _SCRATCH_BYTES:
            self._scratch = bytearray(nbytes)
        return memoryview(self._scratch)
