"""The bodies of recorded responses, which may be kept as they were sent: compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from ...sources._compression import BrokenData, MissingPackage, decompressed, inflated, recognise
from ._streams import HEAD, is_stream

__all__ = ["decoded"]

_PIECE = 256 << 10
_STEP = 1 << 20


def decoded(data: bytes, encoding: str) -> Iterator[bytes]:
    """The body in steps of at most 1 MiB. `encoding` is its `Content-Encoding`, or `""`.

    What recorded it may have decoded it and kept the header, or dropped the header and kept
    the encoding: the first bytes decide, where they can. Raises `BrokenData` after all that
    is good.
    """
    compression = recognise(data[:16])
    if compression != "none":
        return decompressed(_pieces(data), compression)
    if is_stream(data[:HEAD].decode(errors="replace")):
        return _pieces(data)
    match encoding.strip().lower():
        case "deflate":
            return inflated(_pieces(data), _deflate_container(data), "deflate")
        case "br":
            return _brotli(data)
        case _:
            return _pieces(data)


def _pieces(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), _PIECE):
        yield data[at : at + _PIECE]


def _deflate_container(data: bytes) -> int:
    """RFC 9110 means zlib's container by "deflate"; some servers send none."""
    is_zlib = len(data) >= 2 and data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS


def _brotli(data: bytes) -> Iterator[bytes]:
    try:
        brotli: Any = import_module("brotli")
    except ImportError as error:
        raise MissingPackage("a br-encoded body needs brotli: install brotli") from error
    decompressor = brotli.Decompressor()
    if not hasattr(decompressor, "can_accept_more_data"):
        raise MissingPackage("a br-encoded body needs brotli 1.2 or newer: upgrade brotli")
    try:
        for piece in _pieces(data):
            yield decompressor.process(piece, output_buffer_limit=_STEP)
            while not decompressor.can_accept_more_data():
                yield decompressor.process(b"", output_buffer_limit=_STEP)
        # It may have taken all the input and still hold output.
        while step := decompressor.process(b"", output_buffer_limit=_STEP):
            yield step
    except brotli.error as error:
        raise BrokenData(f"the br data are corrupt ({error})") from error
    if not decompressor.is_finished():
        raise BrokenData("the br data end early")
