"""`Base64`: base64 text that is not copied or decoded before its bytes are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from .._engine import base64_decode, base64_decode_into
from .._errors import Base64Error
from ._media import SNIFF_BYTES, sniff

if TYPE_CHECKING:
    from os import PathLike

    from typing_extensions import Buffer

    from .._rust import Segments

__all__ = ["Base64", "in_place"]

_REPR_CHARS = 24
_COMPARE_BYTES = 1 << 16


@final
class Base64:
    """Base64 text (RFC 4648, section 4) that refers to its bytes in the source, without a copy.

    Takes any C-contiguous buffer, which it keeps alive, or a `str`; of a data URL (RFC 2397) it is
    the base64 behind the comma. The text is checked when it is
    decoded, not before. Immutable as long as the source is; compared and hashed by content. Raises
    `TypeError` for anything else.
    """

    __slots__ = ("_encoded", "_hash")
    __module__ = "rapidsse"

    def __init__(self, text: str | Buffer) -> None:
        view = memoryview(text.encode() if isinstance(text, str) else text)
        if view.format != "B" or view.ndim != 1 or not view.c_contiguous:
            view = view.cast("B")
        self._encoded: memoryview | Segments = _behind_comma(view.toreadonly())
        self._hash: int | None = None

    @property
    def encoded(self) -> memoryview:
        """The text in place: a read-only view of bytes.

        Text that came in several chunks is put together when it is first asked for.
        """
        if not isinstance(self._encoded, memoryview):
            self._encoded = memoryview(self._encoded)
        return self._encoded

    def __len__(self) -> int:
        """The length of the text in bytes."""
        return len(self._encoded)

    @property
    def nbytes(self) -> int:
        """The length in bytes of the decoded data, computed from length and padding alone.

        Only meaningful for valid base64.
        """
        text = self._encoded
        padding = bytes(text[-2:]).count(b"=")
        return (len(text) - padding) * 3 // 4

    def decode(self) -> bytes:
        """The decoded data. Decoding is strict and, on the compiled engine, releases the GIL.

        Raises `Base64Error` with the offset of the first bad byte.
        """
        return base64_decode(self._encoded)

    def decode_into(self, buffer: Buffer) -> int:
        """Decodes into a writable buffer of at least `nbytes` bytes; returns the bytes written.

        Raises `Base64Error` as `decode` does, `RapidSSEError` if the buffer is too small, and
        `TypeError` if it is not a writable, C-contiguous buffer. After an error the content of the
        buffer is unspecified.
        """
        return base64_decode_into(self.encoded, buffer)

    def save(self, path: str | PathLike[str]) -> int:
        """Writes the decoded data to the file `path`; returns the number of bytes.

        Replaces an existing file. Raises `Base64Error` before the file is opened, and `OSError`.
        """
        data = self.decode()
        with open(path, "wb") as file:
            return file.write(data)

    @property
    def media_type(self) -> str | None:
        """`image/png`, `image/jpeg`, `image/webp`, `image/gif`, or `None`.

        Only the first 16 characters count.
        """
        groups = min(len(self._encoded), SNIFF_BYTES // 3 * 4) // 4
        try:
            return sniff(base64_decode(self._encoded[: groups * 4]))
        except Base64Error:
            return None

    def detach(self) -> Base64:
        """An equal `Base64` with its own copy of the text, which does not keep the source alive."""
        return Base64(bytes(self.encoded))

    def __str__(self) -> str:
        return str(self.encoded, "utf-8", "replace")

    def __repr__(self) -> str:
        text = str(self._encoded[:_REPR_CHARS], "ascii", "backslashreplace")
        rest = "..." if len(self) > _REPR_CHARS else ""
        kind = self.media_type or "unknown media type"
        return f"<Base64 {text + rest!r}, {kind}, {self.nbytes} bytes>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Base64):
            return NotImplemented
        if self is other:
            return True
        mine, theirs = self.encoded, other.encoded
        if len(mine) != len(theirs):
            return False
        # `memoryview` compares item by item; blocks of `bytes` compare at memory speed.
        return all(
            bytes(mine[at : at + _COMPARE_BYTES]) == bytes(theirs[at : at + _COMPARE_BYTES])
            for at in range(0, len(mine), _COMPARE_BYTES)
        )

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((Base64, bytes(self.encoded)))
        return self._hash

    def __reduce__(self) -> tuple[type[Base64], tuple[bytes]]:
        return Base64, (bytes(self.encoded),)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What IPython shows: the image, if it is one and decodes."""
        media_type = self.media_type
        return {} if media_type is None else self._display(media_type)

    def _repr_png_(self) -> str | None:
        return self._display("image/png").get("image/png")

    def _repr_jpeg_(self) -> str | None:
        return self._display("image/jpeg").get("image/jpeg")

    def _display(self, media_type: str) -> dict[str, str]:
        # Front ends take images as base64, so the text itself is sent; it is decoded only so that
        # no broken image is shown.
        if self.media_type != media_type:
            return {}
        try:
            self.decode()
        except Base64Error:
            return {}
        return {media_type: str(self)}


_URL, _IN_URL = b"data:", b";base64,"
_URL_HEAD = 256


def _behind_comma(text: memoryview | Segments) -> memoryview | Segments:
    """The base64 of a data URL, or the text itself if it is none."""
    if bytes(text[: len(_URL)]) != _URL:
        return text
    at = bytes(text[:_URL_HEAD]).find(_IN_URL)
    return text if at < 0 else memoryview(text)[at + len(_IN_URL) :]


def in_place(view: memoryview | Segments) -> Base64:
    """`Base64(view)` without its checks: `view` is read-only, flat, and of bytes."""
    image = Base64.__new__(Base64)
    image._encoded = _behind_comma(view)
    image._hash = None
    return image
