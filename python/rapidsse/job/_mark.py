"""The mark of a finished split: which files it has, and what was found in it.

A mark holds only for its run and its split, and while the files are there that it lists: a part
that was deleted, or cut short, is written again. It has a digest of itself, so that no other
content of the file is believed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

import msgspec

from ._outcome import Result

__all__ = ["Files", "Mark"]

_DIGEST = "sha256"

Files = dict[str, tuple[int, int]]
"""The path of each part file, or folder of images: how many files it is, and their bytes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The content of a file in `.rapidsse/done`."""

    run: str
    split: int
    files: Files
    result: Result

    def to_json(self) -> bytes:
        """Returns the content of the file."""
        values: dict[str, Any] = {
            "run": self.run,
            "split": self.split,
            "files": self.files,
            "result": self.result.to_dict(),
        }
        return json.dumps(values | {_DIGEST: _digest(values)}).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> Mark:
        """Raises `ValueError` for any other content."""
        try:
            read = json.loads(content)
            values = cast("dict[str, Any]", read if isinstance(read, dict) else {})
            if values.pop(_DIGEST, None) != _digest(values):
                raise ValueError("its digest is another")
            return msgspec.convert(values, cls)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def _digest(values: dict[str, Any]) -> str:
    return sha256(json.dumps(values).encode()).hexdigest()
