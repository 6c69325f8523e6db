"""The pictures of a log: found in its events, told apart, and written as files.

A final picture comes twice, in `response.output_item.done` and again in the completed
response: the same bytes under the same item are one picture.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import openai
from .._base64 import Base64
from .._engine import base64_decode
from .._errors import Base64Error
from .._media import size
from .names import safe_name
from .output import OutputError, write_whole
from .streams import Stream

__all__ = ["Image", "ImageFiles", "Images", "Picture", "pictures"]

_FIRST_LOOK = 1 << 10
_GROWTH = 16

_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


@dataclass(slots=True)
class Picture:
    """Base64 in an event, and where in its JSON it stands.

    `partial` is the index of a partial image, -1 where the recording lacks it, and `None`
    for a final one.
    """

    path: tuple[str | int, ...]
    item_id: str | None
    partial: int | None
    data: Base64

    @property
    def kind(self) -> str:
        """`final`, `partial`, or `partial` with its index."""
        if self.partial is None:
            return "final"
        return "partial" if self.partial < 0 else f"partial {self.partial}"


@dataclass(slots=True)
class Image:
    """A row of the report: one distinct picture."""

    stream: int
    item_id: str | None
    kind: str
    media_type: str | None
    size: tuple[int, int] | None
    nbytes: int


def pictures(value: object) -> Iterator[Picture]:
    """The pictures that an event holds."""
    find = _FINDERS.get(type(value))
    return find(value) if find is not None else iter(())


def _field(value: Any, name: str, item_id: str | None, partial: int | None) -> Iterator[Picture]:
    data = getattr(value, name)
    if data is not None:
        yield Picture((name,), item_id, partial, data)


def _index(value: Any) -> int:
    index = value.partial_image_index
    return -1 if index is None else max(index, -1)


def _of_item(event: Any) -> Iterator[Picture]:
    item = event.item
    if isinstance(item, openai.ImageGenerationCall) and item.result is not None:
        yield Picture(("item", "result"), item.id, None, item.result)


def _of_response(event: Any) -> Iterator[Picture]:
    output: list[Any] = (event.response.output if event.response is not None else None) or []
    for number, item in enumerate(output):
        if isinstance(item, openai.ImageGenerationCall) and item.result is not None:
            yield Picture(("response", "output", number, "result"), item.id, None, item.result)


def _of_call(event: Any) -> Iterator[Picture]:
    return _field(event, "partial_image_b64", event.item_id, _index(event))


def _of_partial(event: Any) -> Iterator[Picture]:
    return _field(event, "b64_json", None, _index(event))


def _of_completed(event: Any) -> Iterator[Picture]:
    return _field(event, "b64_json", None, None)


_FINDERS: dict[type, Callable[[Any], Iterator[Picture]]] = {
    openai.ResponseImageGenCallPartialImageEvent: _of_call,
    openai.ImageGenPartialImageEvent: _of_partial,
    openai.ImageEditPartialImageEvent: _of_partial,
    openai.ImageGenCompletedEvent: _of_completed,
    openai.ImageEditCompletedEvent: _of_completed,
    openai.ResponseOutputItemAddedEvent: _of_item,
    openai.ResponseOutputItemDoneEvent: _of_item,
    openai.ResponseCreatedEvent: _of_response,
    openai.ResponseInProgressEvent: _of_response,
    openai.ResponseQueuedEvent: _of_response,
    openai.ResponseCompletedEvent: _of_response,
    openai.ResponseIncompleteEvent: _of_response,
    openai.ResponseFailedEvent: _of_response,
}


def pixel_size(picture: Base64) -> tuple[int, int] | None:
    """Width and height in pixels, if the header tells.

    Only a growing part of the beginning is decoded: a JPEG's size can lie behind any
    amount of metadata.
    """
    if picture.media_type is None:
        return None
    encoded, look = picture.encoded, _FIRST_LOOK
    while True:
        try:
            found = size(base64_decode(encoded[:look]))
        except Base64Error:
            return None
        if found is not None or look >= len(encoded):
            return found
        look *= _GROWTH


class ImageFiles:
    """Writes pictures into one folder, each under a name of its own.

    Names depend on nothing but the logs and their order, so a second run replaces the
    files of the first.
    """

    def __init__(self, folder: Path) -> None:
        """Makes the folder. Raises `OutputError`."""
        self.folder = folder
        self.written = 0
        # By lower-case name, because file systems may not tell case apart.
        self._taken: dict[str, bytes] = {}
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise OutputError(folder, error) from error

    def write(self, picture: Picture, digest: bytes, log: str) -> Path:
        """Decodes and writes a picture, unless this run wrote the same one already.

        Raises `Base64Error` and `OutputError`.
        """
        content = picture.data.decode()
        stem = safe_name(picture.item_id or "", default=safe_name(Path(log).stem))
        if picture.partial is not None:
            stem += "-partial" if picture.partial < 0 else f"-partial-{picture.partial}"
        suffix = _SUFFIXES.get(picture.data.media_type or "", "bin")
        name, copy = f"{stem}.{suffix}", 1
        while self._taken.setdefault(name.lower(), digest) != digest:
            copy += 1
            name = f"{stem}-{copy}.{suffix}"
        path = self.folder / name
        write_whole(path, content)
        self.written += 1
        return path


class Images:
    """The distinct pictures of one log: the first `limit` as rows, all of them counted."""

    def __init__(self, limit: int, files: ImageFiles | None, log: str) -> None:
        self.kept: list[Image] = []
        self.count = 0
        self.nbytes = 0
        self._limit = limit
        self._files = files
        self._log = log
        self._stream = 0
        self._seen: set[tuple[str | None, int | None, bytes]] = set()

    def add(self, picture: Picture, stream: Stream) -> None:
        """Counts a picture, and writes it where files are asked for.

        Raises `Base64Error` for one that cannot be written because it does not decode,
        and `OutputError`.
        """
        if stream.number != self._stream:
            self._stream = stream.number
            self._seen.clear()
        digest = hashlib.sha256(picture.data.encoded).digest()
        key = (picture.item_id, picture.partial, digest)
        if key in self._seen:
            return
        self._seen.add(key)
        data = picture.data
        self.count += 1
        self.nbytes += data.nbytes
        if len(self.kept) < self._limit:
            row = (data.media_type, pixel_size(data), data.nbytes)
            self.kept.append(Image(stream.number, picture.item_id, picture.kind, *row))
        if self._files is not None:
            self._files.write(picture, digest, self._log)
