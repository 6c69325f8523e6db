"""Base64 as recorders write it, where nothing but the text says that it is base64."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from ...._values import parts
from ..._bodies import Compression
from ..._limits import MAX_INFLATED
from ...sources._compression import BrokenData, decompressed, recognise
from ._streams import HEAD, is_stream

__all__ = ["from_base64", "pieces_of_text", "text_of_base64", "text_of_numbers"]

# How the beginnings of event streams look: `data:`, `event:`, `id:`, `retry:`, `:`, a BOM; those of
# JSON objects, `{"` or a brace and a line end; of `HTTP/`; and those of gzip and zstd.
_BEGINS = (
    "ZGF0YT", "ZXZlbnQ", "aWQ6", "cmV0cnk6", "Oi", "Og", "77u/", "eyJ", "ewo", "ew0K", "SFRUUC8",
    "H4sI", "KLUv/",
)  # fmt: skip
_BEGINS_HEX = tuple(
    begin.hex() for begin in (b"data:", b"event:", b"id:", b"retry:", b": ", b":\n", b"\xef\xbb\xbf",
                              b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd")
)  # fmt: skip


def from_base64(text: str | bytes) -> bytes:
    """The bytes of a recorder's base64, which may be folded. Raises `ValueError`."""
    folded = text.encode() if isinstance(text, str) else text
    return base64.b64decode(b"".join(folded.split()), validate=True)


def text_of_base64(text: str) -> str | None:
    """The event stream, JSON object or HTTP response that a string is the base64 of, or the
    hexadecimal digits, compressed or not; `None` if it is none."""
    return _text_of([text])


def text_of_numbers(value: Any) -> str | None:
    """The text whose bytes are the numbers of a list, as journald and Node.js write some; `None` if
    the value is no such list."""
    numbers = parts(value)
    if not numbers or not all(type(number) is int for number in numbers):
        return None
    try:
        return bytes(numbers).decode()
    except ValueError:
        return None


def pieces_of_text(pieces: Sequence[str | bytes]) -> list[str]:
    """The pieces of a body as text, which may be those of its base64 or of its digits."""
    texts = [each if isinstance(each, str) else each.decode(errors="replace") for each in pieces]
    whole = _text_of(texts)
    return [text_of_base64(text) or text for text in texts] if whole is None else [whole]


def _text_of(pieces: Sequence[str]) -> str | None:
    """The text that the pieces are, each of which was encoded by itself."""
    first = next(filter(None, pieces), "")
    decode: Callable[[str], bytes]
    if first.startswith(_BEGINS):
        decode = from_base64
    elif first.startswith(_BEGINS_HEX):
        decode = bytes.fromhex
    else:
        return None
    try:
        data = b"".join(map(decode, pieces))
        compression = recognise(data[:16])
        if compression != "none":
            data = _inflated(data, compression)
    except (ValueError, BrokenData):
        return None
    found = data.decode(errors="replace")
    is_text = found.startswith(("{", "HTTP/")) or is_stream(found[:HEAD])
    return found if is_text else None


def _inflated(data: bytes, compression: Compression) -> bytes:
    whole = bytearray()
    for step in decompressed([data], compression):
        whole += step
        if len(whole) > MAX_INFLATED:
            raise BrokenData(f"it is larger than {MAX_INFLATED >> 20} MiB")
    return bytes(whole)
