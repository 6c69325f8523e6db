"""Compressed content, recognised by its first bytes and decompressed in steps.

A step gives at most 128 KiB, which the cache holds, whatever the input expands to. Files of several
members or frames, one after another, are read to their end.
"""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from typing import Any, Protocol, cast

from .._bodies import Compression

__all__ = ["MAGIC_BYTES", "BrokenData", "MissingPackage", "decompressed", "inflated", "recognise"]

STEP = 1 << 17
_SLICE = 1 << 16
# The most bytes of a member that are kept, to decompress it once more up to an error in it.
KEPT = 1 << 20
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
    """What the chunks hold, in steps. Raises `BrokenData` after all that is good.

    Of a member above `KEPT` bytes, less than a step before an error is lost.
    """
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


class _Begun:
    """What a member was given so far, while it is little, and how much came of it.

    A decompressor that meets an error keeps back what the same call had decompressed before.
    """

    def __init__(self, new: Callable[[], Any], errors: tuple[type[Exception], ...]) -> None:
        self._new, self._errors = new, errors
        self._chunks: list[bytes] = []
        self._size = self._yielded = 0

    def take(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > KEPT:
            self._chunks.clear()
        else:
            self._chunks.append(chunk)

    def count(self, step: bytes) -> bytes:
        self._yielded += len(step)
        return step

    def kept_back(self) -> Iterator[bytes]:
        """The good bytes that the call which failed kept back: all before the error, byte by byte."""
        if self._size > KEPT:
            return
        member, left = self._new(), self._yielded
        try:
            for chunk in self._chunks:
                for at in range(len(chunk)):
                    step = member.decompress(chunk[at : at + 1], STEP)
                    while step:
                        if len(step) > left:
                            yield step[left:]
                        left = max(left - len(step), 0)
                        # zlib gives all that a byte can hold at once.
                        more = not getattr(member, "needs_input", True) and not member.eof
                        step = member.decompress(b"", STEP) if more else b""
        except self._errors:
            return


def _members(
    chunks: Iterable[bytes],
    new: Callable[[], object],
    name: str,
    errors: tuple[type[Exception], ...],
    *,
    padding: bool = False,
) -> Iterator[bytes]:
    member: _Decompressor | None = None
    begun = _Begun(new, errors)
    for chunk in chunks:
        rest = chunk
        if member is not None:
            begun.take(rest)
        while True:
            if member is None:
                # xz pads what lies between its streams.
                rest = rest.lstrip(b"\0") if padding else rest
                if not rest:
                    break
                member, begun = cast(_Decompressor, new()), _Begun(new, errors)
                begun.take(rest)
            try:
                step = member.decompress(rest, STEP)
            except errors as error:
                yield from begun.kept_back()
                raise _corrupt(name, error) from error
            if step:
                yield begun.count(step)
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

    Raises `BrokenData` as `decompressed` does.
    """
    new = partial(zlib.decompressobj, wbits)
    member: Any = None
    begun = _Begun(new, (zlib.error,))
    for chunk in _slices(chunks):
        rest = chunk
        if member is not None:
            begun.take(rest)
        while True:
            if member is None:
                # Tape drives and block devices pad with zeros.
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                member, begun = new(), _Begun(new, (zlib.error,))
                begun.take(rest)
            try:
                step = member.decompress(rest, STEP)
            except zlib.error as error:
                yield from begun.kept_back()
                raise _corrupt(name, error) from error
            if step:
                yield begun.count(step)
            if member.eof:
                rest, member = member.unused_data, None
                continue
            rest = member.unconsumed_tail
            # After a full step zlib may hold more, also where it has taken all the input.
            if not rest and len(step) < STEP:
                break
    if member is not None:
        raise _cut_short(name)


def _slices(chunks: Iterable[bytes]) -> Iterator[bytes]:
    # After each step zlib copies what it has not taken yet.
    for chunk in chunks:
        for at in range(0, len(chunk), _SLICE):
            yield chunk[at : at + _SLICE]


def _corrupt(name: str, error: Exception) -> BrokenData:
    return BrokenData(f"the {name} data are corrupt ({error})")


def _cut_short(name: str) -> BrokenData:
    return BrokenData(f"the {name} data end early: was the file cut short?")
