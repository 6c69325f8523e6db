"""The images table: the pictures of a log's events, each distinct one once.

A final picture of the Responses API comes twice, with its finished item and again in the
completed response, and often equals the last partial one. The texts are compared in place;
a picture is decoded only for a column or a file that needs it, and once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from ..._apis import IMAGE_FIELDS, PARTIAL_FIELDS, PARTIAL_IMAGES, RESPONSES, image_of
from ..._engine import base64_decode
from ..._errors import Base64Error
from ..._typed._base64 import Base64
from ..._typed._media import size
from ._names import image_name
from ._payloads import Payload, integer, mapping, sequence, text
from ._rows import TableRows

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["DECODED", "ImageSink", "Images", "Picture", "pictures"]

DECODED = frozenset({"size", "sha256", "bytes"})
"""The columns for which pictures are decoded."""

_HEADER_SIZE = 1 << 10
_GROWTH = 16
_SAMPLE = 64
_LONGEST_ID = 64

MAX_KNOWN = 65_536
"""Pictures of one stream that are known again; a log may hold any number of small ones."""

_KEPT_BYTES = 32 << 20
"""Texts of one stream that are kept, where the log is not in memory."""

_SCRATCH_BYTES = 64 << 20

_STEP = 1 << 17


class ImageSink(Protocol):
    """Where pictures are written as files."""

    def write(self, name: str, picture: Base64, content: Buffer | None = None) -> str:
        """Writes a picture under a name that is safe as a file name, and returns its path.

        `content` is the decoded picture where it was decoded before: valid until this
        returns. Otherwise the picture is to be decoded. Raises `Base64Error`.
        """
        ...


@dataclass(slots=True)
class Picture:
    """Base64 in an event. `partial` is its index among the partial images, if it has one;
    pictures with the same `content` are the same text, unless it is 0."""

    item_id: str | None
    kind: str
    partial: int | None
    data: Base64
    content: int


def pictures(payload: Payload) -> Iterator[Picture]:
    """The pictures that an event holds, in the order of its JSON's usual fields."""
    event = payload.fields
    for field in IMAGE_FIELDS:
        data = text(event.get(field))
        if data:
            partial = field in PARTIAL_FIELDS or text(event.get("type")) in PARTIAL_IMAGES
            index = integer(event.get("partial_image_index")) if partial else None
            kind = "partial" if partial else "final"
            yield _picture(payload, data, event.get("item_id"), kind, index)
    outputs = (sequence(mapping(event.get(member)).get("output")) for member in RESPONSES)
    for each in (event.get("item"), *chain.from_iterable(outputs)):
        item = mapping(each)
        data = text(image_of(item))
        if data:
            yield _picture(payload, data, item.get("id"), "final", None)


def _picture(payload: Payload, data: str, item: object, kind: str, index: int | None) -> Picture:
    return Picture(text(item), kind, index, payload.base64(data), payload.content(data))


def _pixel_size(picture: Base64) -> tuple[int, int] | tuple[None, None]:
    """Width and height in pixels, if the header tells.

    The beginning tells for all but a JPEG, whose size can lie behind any amount of metadata:
    of that a growing part is decoded.
    """
    encoded, length = picture.encoded, _HEADER_SIZE
    while True:
        try:
            found = size(base64_decode(encoded[:length]))
        except Base64Error:
            return None, None
        if found is not None:
            return found
        if length >= len(encoded) or picture.media_type != "image/jpeg":
            return None, None
        length *= _GROWTH


@dataclass(slots=True)
class _Alike:
    """Texts of one stream that only comparing them as a whole tells apart."""

    first: Buffer | None
    """The first of them, unless too many are kept."""
    contents: set[int]
    """Their numbers, see `Picture.content`."""
    digests: set[bytes]
    """Of the others, and of the first if it is not kept."""


class _Seen:
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
            _short(picture.item_id),
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
        if alike.first is not None and _equal(alike.first, encoded):
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
        return _kept(encoded)


def _short(item_id: str | None) -> str | bytes | None:
    """What stands for an item's id, which may be of any length."""
    if item_id is None or len(item_id) <= _LONGEST_ID:
        return item_id
    return sha256(item_id.encode("utf-8", "surrogatepass")).digest()


def _kept(text: memoryview) -> Buffer:
    """The text in its buffer, or a copy where that would keep much of other memory."""
    is_most = len(text) * 4 >= memoryview(text.obj).nbytes
    return text if is_most else bytes(text)


def _equal(one: Buffer, other: Buffer) -> bool:
    first, second = memoryview(one), memoryview(other)
    if len(first) != len(second):
        return False
    # `memoryview` compares item by item. `bytearray` compares memory, and copies in steps that
    # stay in the processor's cache.
    return all(
        bytearray(first[at : at + _STEP]) == second[at : at + _STEP]
        for at in range(0, len(first), _STEP)
    )


@dataclass(slots=True)
class _Decoded:
    """The last picture that was decoded, and where; `content` is `None` if it is broken, and
    `number` is `Picture.content`."""

    number: int
    text: Buffer
    content: memoryview | None
    sha256: str | None
    error: Base64Error | None


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
        self._decodes = decode or not DECODED.isdisjoint(columns)
        self._hashes = "sha256" in columns
        self._sniffs = sink is not None or "media_type" in columns
        self._measures = not {"width", "height"}.isdisjoint(columns)
        self._in_memory = in_memory
        self._seen = _Seen(in_memory)
        self._last: _Decoded | None = None
        self._scratch = bytearray()

    def end_stream(self) -> int:
        """The pictures that follow belong to another stream. Returns how many this one had."""
        count, self._in_stream = self._in_stream, 0
        self._seen.clear()
        self._last = None
        return count

    def add(self, payload: Payload, stream: int, response_id: str | None) -> None:
        """Takes in the pictures of an event."""
        for picture in pictures(payload):
            if self._seen.add(picture):
                self._add(picture, stream, response_id)
                self._in_stream += 1

    def _add(self, picture: Picture, stream: int, response_id: str | None) -> None:
        data = picture.data
        self.count += 1
        self.nbytes += data.nbytes
        decoded = self._decode(picture) if self._decodes else None
        content = None if decoded is None else decoded.content
        media_type = data.media_type if self._sniffs else None
        path = None
        if self._sink is not None:
            path = self._write(self._sink, picture, stream, media_type, decoded)
        if self._rows is None:
            return
        width, height = _pixel_size(data) if self._measures else (None, None)
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

    def _decode(self, picture: Picture) -> _Decoded:
        """Decodes a picture to where it is wanted, unless the one before was the same."""
        encoded, last, number = picture.data.encoded, self._last, picture.content
        blobs = None if self._rows is None else self._rows.blobs
        if last is not None and (0 != last.number == number or _equal(last.text, encoded)):
            if blobs is not None and self._rows is not None:
                self._rows.blob(last.content)
        else:
            room = self._room(picture.data.nbytes)
            try:
                nbytes = picture.data.decode_into(room)
            except Base64Error as error:
                last = _Decoded(number, encoded, None, None, error)
                if blobs is not None:
                    blobs.skip()
            else:
                content = room[:nbytes]
                digest = sha256(content).hexdigest() if self._hashes else None
                last = _Decoded(number, encoded, content, digest, None)
                if blobs is not None:
                    blobs.keep(nbytes)
            if not self._in_memory:
                last.text = _kept(encoded)
            self._last = last
        if last.error is not None:
            self._broken(picture, last.error)
        return last

    def _room(self, nbytes: int) -> memoryview:
        if self._rows is not None and self._rows.blobs is not None:
            return self._rows.room(nbytes)
        # Fresh memory for every picture would cost as much as decoding it.
        if not nbytes <= len(self._scratch) <= _SCRATCH_BYTES:
            self._scratch = bytearray(nbytes)
        return memoryview(self._scratch)

    def _write(
        self,
        sink: ImageSink,
        picture: Picture,
        stream: int,
        media_type: str | None,
        decoded: _Decoded | None,
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
