"""The images of one split of a job as files in a folder."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ..._typed._base64 import Base64
from ._directory import Directory
from ._output import reported

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["ImageFiles"]


class ImageFiles:
    """An `ImageSink` that writes into the folder `name`, which is made with the first image.

    The folder is made in `parent`. `shown` is its final path, for the images table.
    """

    def __init__(self, parent: Directory, name: str, shown: str) -> None:
        self._parent = parent
        self._name = name
        self._shown = shown
        self._folder: Directory | None = None
        # Reused: fresh memory for each image would cost more than decoding it.
        self._buffer = bytearray()

    def write(self, name: str, picture: Base64, content: Buffer | None = None) -> str:
        """Writes an image; returns its path as the images table says it.

        `content` is the decoded image, where it is at hand. Raises `Base64Error` and
        `OutputError`.
        """
        assert os.path.basename(name) == name and not name.startswith("."), name
        if content is not None:
            self._write(name, memoryview(content))
        else:
            if len(self._buffer) < picture.nbytes:
                self._buffer = bytearray(picture.nbytes)
            size = picture.decode_into(self._buffer)
            self._write(name, memoryview(self._buffer)[:size])
        return f"{self._shown}/{name}"

    def close(self) -> None:
        """Closes the folder; its files stay."""
        if self._folder is not None:
            self._folder.close()

    def _write(self, name: str, content: memoryview) -> None:
        if self._folder is None:
            self._folder = self._parent.enter(self._name)
        file = self._folder.create(name)
        with reported(self._folder.path, name):
            try:
                # Unbuffered, and without the interpreter's lock while the system copies.
                while content:
                    content = content[os.write(file, content) :]
                _begin_flush(file)
            finally:
                os.close(file)


def _begin_flush(file: int) -> None:
    """Asks the system to start writing an open file to the disk, without waiting.

    Otherwise Linux starts after seconds, or at the flush, and a job of few splits waits for its
    images at the end.
    """
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):  # a file system that takes no advice
            # Pages that are not yet on the disk are written, and stay in memory.
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
