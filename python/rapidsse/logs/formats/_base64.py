"""Base64 as recorders write it, where nothing but the text says that it is base64."""

from __future__ import annotations

import base64
import binascii

from .._bodies import Compression
from .._limits import MAX_INFLATED
from ..sources._compression import BrokenData, decompressed, recognise
from ._streams import HEAD, is_stream

__all__ = ["from_base64", "text_of_base64"]

# How the beginnings of event streams look: `data:`, `event:`, `id:`, `retry:`, `:`, a BOM; and
# those of gzip and zstd.
_BEGINS = ("ZGF0YT", "ZXZlbnQ", "aWQ6", "cmV0cnk6", "Oi", "Og", "77u/", "H4sI", "KLUv/")


def from_base64(text: str | bytes) -> bytes:
    """The bytes of a recorder's base64, which may be folded. Raises `ValueError`."""
    folded = text.encode() if isinstance(text, str) else text
    return base64.b64decode(b"".join(folded.split()), validate=True)


def text_of_base64(text: str) -> str | None:
    """The event stream that a string is the base64 of, compressed or not; `None` if it is none."""
    if not text.startswith(_BEGINS):
        return None
    try:
        data = from_base64(text)
        compression = recognise(data[:16])
        if compression != "none":
            data = _inflated(data, compression)
    except (ValueError, binascii.Error, BrokenData):
        return None
    found = data.decode(errors="replace")
    return found if is_stream(found[:HEAD]) else None


def _inflated(data: bytes, compression: Compression) -> bytes:
    whole = bytearray()
    for step in decompressed([data], compression):
        whole += step
        if len(whole) > MAX_INFLATED:
            raise BrokenData(f"it is larger than {MAX_INFLATED >> 20} MiB")
    return bytes(whole)
