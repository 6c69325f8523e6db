"""Compressed content, recognised by its first bytes and decompressed in steps.

A step gives at most 1 MiB, whatever the input expands to. Files of several members or
frames, one after another, are read to their end.
"""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any, Protocol, cast

from .._bodies import Compression

__all__ = ["MAGIC_BYTES", "BrokenData", "MissingPackage", "decompressed", "inflated", "recognise"]

STEP = 1 << 20
# `xz -9` needs 65 MiB; the format allows for 4 GiB.
_XZ_MEMORY = 256 << 20
MAGIC_BYTES = 6
_MAGIC: dict[bytes, Compression] = {
    b"\x1f\x8b\x08": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
}


class BrokenData(Exception):
    """Compressed data that end early or are corrupt."""


class MissingPackage(BrokenData):
    """A compression that needs a package which is not installed."""


def recognise(head: bytes) -> Compression:
    """The compression of content that begins with `head`, of at least `MAGIC_BYTES`."""
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            return name
    # A frame of zstd that is to be skipped, with which pzstd's files begin.
    if head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:
        return "zstd"
    return "none"


def decompressed(chunks: Iterable[bytes], compression: Compression) -> Iterator[bytes]:
    """What the chunks hold, in steps. Raises `BrokenData` after all that is good."""
    match compression:
        case "none":
            return iter(chunks)
        case "gzip":
            return inflated(chunks, 31, "gzip")
        case "bzip2":
            return _members(chunks, bz2.BZ2Decompressor, "bzip2", (OSError, ValueError))
        case "xz":
            return _members(chunks, _new_xz, "xz", (lzma.LZMAError,), padding=True)
        case "zstd":
            zstd = _zstd()
            return _members(chunks, zstd.ZstdDecompressor, "zstd", (zstd.ZstdError,))


class _Decompressor(Protocol):
    """What bz2, lzma and zstd have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _new_xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)


def _zstd() -> Any:
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingPackage(
            "zstd needs backports.zstd before Python 3.14: install backports.zstd"
        ) from error


def _members(
    chunks: Iterable[bytes],
    new: Callable[[], object],
    name: str,
    errors: tuple[type[Exception], ...],
    *,
    padding: bool = False,
) -> Iterator[bytes]:
    member: _Decompressor | None = None
    for chunk in chunks:
        rest = chunk
        while True:
            if member is None:
                # xz pads what lies between its streams.
                rest = rest.lstrip(b"\0") if padding else rest
                if not rest:
                    break
                member = cast(_Decompressor, new())
            try:
                step = member.decompress(rest, STEP)
            except errors as error:
                raise _corrupt(name, error) from error
            if step:
                yield step
            if member.eof:
                rest, member = member.unused_data, None
            elif member.needs_input:
                break
            else:
                rest = b""
    if member is not None:
        raise _cut_short(name)


def inflated(chunks: Iterable[bytes], wbits: int, name: str) -> Iterator[bytes]:
    """Members of DEFLATE data in the container that `wbits` tells zlib.

    Raises `BrokenData` after all that is good.
    """
    member: Any = None
    for chunk in chunks:
        rest = chunk
        while True:
            if member is None:
                # Tape drives and block devices pad with zeros.
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                member = zlib.decompressobj(wbits)
            try:
                step = member.decompress(rest, STEP)
            except zlib.error as error:
                raise _corrupt(name, error) from error
            if step:
                yield step
            if member.eof:
                rest, member = member.unused_data, None
                continue
            rest = member.unconsumed_tail
            # After a full step zlib may hold more, also where it has taken all the input.
            if not rest and len(step) < STEP:
                break
    if member is not None:
        raise _cut_short(name)


def _corrupt(name: str, error: Exception) -> BrokenData:
    return BrokenData(f"the {name} data are corrupt ({error})")


def _cut_short(name: str) -> BrokenData:
    return BrokenData(f"the {name} data end early: was the file cut short?")
