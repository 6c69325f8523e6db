"""The images table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from .._base64 import Base64

__all__ = ["ImageSink"]


class ImageSink(Protocol):
    """Where pictures are written as files."""

    def write(self, name: str, picture: Base64, content: Buffer | None = None) -> str:
        """Writes a picture under a name that is safe as a file name, and returns its path.

        `content` is the decoded picture where it was decoded before: valid until this
        returns. Otherwise the picture is to be decoded. Raises `Base64Error`.
        """
        ...
