"""A remote log as an input: in parts, of which several are on their way at a time, or as a file."""

from __future__ import annotations

from collections.abc import Iterator

from ._input import Input
from ._remote import open_url
from ._remote_file import RemoteFile, is_concurrent

__all__ = ["RemoteInput", "open_remote", "open_whole"]


def open_remote(url: str) -> Input:
    """Opens a URL that is read to its end. Raises `InputError`."""
    return open_whole(RemoteFile(url)) if is_concurrent(url) else _open_as_file(url)


def open_whole(file: RemoteFile) -> Input:
    """All of a remote file, in parts if it can be had in parts. Raises `InputError`."""
    if file.has_ranges:
        return RemoteInput(file, file.read(0, len(file)))
    return _open_as_file(file.url)


def _open_as_file(url: str) -> Input:
    opened, size = open_url(url)
    return Input(url, opened, size, remote=True)


class RemoteInput(Input):
    """What `pieces` gives of a remote file, as it lies there."""

    def __init__(self, file: RemoteFile, pieces: Iterator[bytes]) -> None:
        self.source = file.url
        self.size = len(file)
        self.consumed = 0
        self.remote = True
        self._remote_file = file
        self._pieces = pieces
        self._peeked = b""
        self._ended = False

    def _read(self) -> bytes:
        chunk = b"" if self._ended else next(self._pieces, b"")
        self._ended = not chunk
        return chunk

    def map(self) -> None:
        """Nothing: it is not in place."""

    def check_unchanged(self) -> None:
        """Raises `InputError` if the file is not what it was when it was opened."""
        self._remote_file.check_unchanged()

    def close(self) -> None:
        """No connection is kept."""
