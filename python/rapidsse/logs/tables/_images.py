"""The images table: the pictures of a log's events, each distinct one once.

A final picture of the Responses API comes twice, with its finished item and again in the
completed response, and often equals the last partial one. The texts are compared in place;
a picture is decoded only for a column or a file that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Protocol

from ..._engine import base64_decode
from ..._errors import Base64Error
from ..._typed._base64 import Base64
from ..._typed._media import SNIFF_BYTES, size, sniff
from ._decoder import Decoded, Decoder
from ._names import image_name
from ._pictures import Picture
from ._rows import TableRows
from ._seen import Seen

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from ..._engine import Picture as EnginePicture

__all__ = ["DECODED", "ImageSink", "Images", "Picture"]

DECODED = frozenset({"size", "sha256", "bytes"})
"""The columns for which pictures are decoded."""

_HEADER_SIZE = 1 << 10
_GROWTH = 16


class ImageSink(Protocol):
    """Where pictures are written as files."""

    def write(self, name: str, picture: Base64, content: Buffer | None = None) -> str:
        """Writes a picture under a name that is safe as a file name, and returns its path.

        `content` is the decoded picture where it was decoded before: valid until this
        returns. Otherwise the picture is to be decoded. Raises `Base64Error`.
        """
        ...


def _properties(picture: Base64, *, measures: bool) -> tuple[str | None, int | None, int | None]:
    """Media type, and with `measures` width and height in pixels, if the header tells.

    The beginning tells for all but a JPEG, whose size can lie behind any amount of metadata:
    of that a growing part is decoded.
    """
    if not measures:
        return picture.media_type, None, None
    encoded, length = picture.encoded, _HEADER_SIZE
    media_type = None
    while True:
        try:
            head = base64_decode(encoded[:length])
        except Base64Error:
            return media_type or picture.media_type, None, None
        media_type = sniff(head[:SNIFF_BYTES])
        if (found := size(head)) is not None:
            return media_type, *found
        if length >= len(encoded) or media_type != "image/jpeg":
            return media_type, None, None
        length *= _GROWTH


class Images:
    """Collects the rows of one log.

    `broken` is called for each picture that does not decode. Without a sink, and with none
    of the columns in `DECODED`, pictures are decoded only if `decode` says so.
    """

    def __init__(
        self,
        rows: TableRows | None,
        columns: Collection[str],
        source: str,
        *,
        in_memory: bool,
        decode: bool,
        sink: ImageSink | None,
        broken: Callable[[Picture, Base64Error], None],
    ) -> None:
        self._rows = rows
        self.count = 0
        self.nbytes = 0
        self._in_stream = 0
        self._source = source
        self._sink = sink
        self._broken = broken
        self._sniffs = sink is not None or "media_type" in columns
        self._measures = not {"width", "height"}.isdisjoint(columns)
        self._seen = Seen(in_memory)
        self._decoder: Decoder | None = None
        self.deliver = {"images"}
        """What is asked of the engine."""
        if decode or not DECODED.isdisjoint(columns):
            self._decoder = Decoder(rows, in_memory=in_memory, hashes="sha256" in columns)
            # One that is the same text as the one before it is not decoded again.
            self.deliver.add("contents")

    def end_stream(self) -> int:
        """The pictures that follow belong to another stream. Returns how many this one had."""
        count, self._in_stream = self._in_stream, 0
        self._seen.clear()
        if self._decoder is not None:
            self._decoder.forget()
        return count

    def add(self, pictures: Iterable[EnginePicture], stream: int, response_id: str | None) -> None:
        """Takes in the pictures of an event."""
        for found in pictures:
            picture = Picture.of(found)
            if self._seen.add(picture):
                self._add(picture, stream, response_id)
                self._in_stream += 1

    def _add(self, picture: Picture, stream: int, response_id: str | None) -> None:
        data = picture.data
        self.count += 1
        self.nbytes += data.nbytes
        decoded = None if self._decoder is None else self._decoder.decode(picture)
        if decoded is not None and decoded.error is not None:
            self._broken(picture, decoded.error)
        content = None if decoded is None else decoded.content
        media_type = width = height = None
        if self._sniffs or self._measures:
            media_type, width, height = _properties(data, measures=self._measures)
        path = None
        if self._sink is not None:
            path = self._write(self._sink, picture, stream, media_type, decoded)
        if self._rows is None:
            return
        self._rows.add(
            {
                "source": self._source,
                "stream": stream,
                "response_id": response_id,
                "item_id": picture.item_id,
                "kind": picture.kind,
                "partial_image_index": picture.partial,
                "media_type": media_type,
                "width": width,
                "height": height,
                "size": None if content is None else len(content),
                "sha256": None if decoded is None else decoded.sha256,
                "path": path,
            }
        )

    def _write(
        self,
        sink: ImageSink,
        picture: Picture,
        stream: int,
        media_type: str | None,
        decoded: Decoded | None,
    ) -> str | None:
        if decoded is not None and decoded.content is None:
            return None
        name = image_name(
            self._source,
            stream,
            picture.item_id,
            picture.kind,
            picture.partial,
            self._in_stream,
            media_type,
        )
        try:
            return sink.write(name, picture.data, None if decoded is None else decoded.content)
        except Base64Error as error:
            self._broken(picture, error)
            return None
