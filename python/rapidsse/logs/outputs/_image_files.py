"""The images of one split of a job as files in a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..._typed._base64 import Base64
from ._output import reported

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["ImageFiles"]

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class ImageFiles:
    """An `ImageSink` that writes into `folder`, which is made with the first image.

    `shown` is the folder's path as the images table says it.
    """

    def __init__(self, folder: Path, shown: str) -> None:
        self._folder = folder
        self._shown = shown
        self._made = False
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

    def _write(self, name: str, content: memoryview) -> None:
        path = self._folder / name
        with reported(path):
            if not self._made:
                os.makedirs(self._folder, exist_ok=True)
                self._made = True
            # Unbuffered, and without the interpreter's lock while the system copies.
            file = os.open(path, _FLAGS, 0o666)
            try:
                while content:
                    content = content[os.write(file, content) :]
            finally:
                os.close(file)
