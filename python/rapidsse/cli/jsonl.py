"""JSON Lines: one event a line, as its JSON stands in the log; failures in their places.

    {"type":"response.created",...}
    {"failure":{"source":...,"offset":...,"index":...,"event":...,"kind":...,"reason":...}}

A picture's base64 becomes `<base64 MEDIA_TYPE N bytes sha256:HEX>`, where N and the hash
are those of the picture's bytes, that is of the file that `--images` writes. Text that is
not base64 stays as it is.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from .._base64 import Base64
from .._errors import Base64Error
from .events import Event, Failure
from .images import Picture
from .output import reported

__all__ = ["JsonLines"]

# A path into the JSON, level by level; the leaves are the values to put there.
_Tree = dict[str | int, "_Tree | msgspec.Raw"]

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


class JsonLines:
    """Writes lines to an open file; `path` names it in an `OutputError`."""

    def __init__(self, file: BinaryIO, path: Path, *, keep_base64: bool) -> None:
        self._file = file
        self._path = path
        self._keep_base64 = keep_base64

    def event(self, event: Event, pictures: Iterable[Picture]) -> None:
        """One decoded event."""
        payload = event.payload
        self._line(payload if self._keep_base64 else _elided(payload, pictures))

    def failure(self, failure: Failure, log: str) -> None:
        """One failure, with the payload that did not decode where there is one."""
        row: dict[str, Any] = {
            "source": os.fsencode(log).decode("utf-8", "replace"),
            "offset": failure.offset,
            "index": failure.index,
            "event": failure.event,
            "kind": failure.kind,
            "reason": failure.reason,
        }
        if failure.payload is not None:
            payload = bytes(failure.payload)
            try:
                row["data"] = payload.decode()
            except UnicodeDecodeError:
                row["data_base64"] = base64.b64encode(payload).decode()
        self._line(msgspec.json.encode({"failure": row}))

    def _line(self, json: bytes | memoryview) -> None:
        with reported(self._path):
            self._file.write(_one_line(bytes(json)) + b"\n")


def _one_line(json: bytes) -> bytes:
    """Valid JSON on one line; the values are untouched."""
    if not json.isascii():
        # Strings that no field asked for are not checked when an event is decoded. The
        # event-stream grammar reads their invalid bytes as U+FFFD.
        json = json.decode("utf-8", "replace").encode()
    # Line ends come from events of several data lines, and never stand inside a string.
    return json.replace(b"\n", b" ").strip()


def _elided(payload: bytes | memoryview, pictures: Iterable[Picture]) -> bytes | memoryview:
    tree: _Tree = {}
    for picture in pictures:
        label = _label(picture.data)
        if label is None:
            continue
        level = tree
        for key in picture.path[:-1]:
            below = level.setdefault(key, {})
            assert isinstance(below, dict)
            level = below
        level[picture.path[-1]] = msgspec.Raw(msgspec.json.encode(label))
    return _with(payload, tree) if tree else payload


def _label(data: Base64) -> str | None:
    try:
        content = data.decode()
    except Base64Error:
        return None
    kind = data.media_type or "application/octet-stream"
    return f"<base64 {kind} {len(content)} bytes sha256:{hashlib.sha256(content).hexdigest()}>"


def _with(json: bytes | memoryview | msgspec.Raw, tree: _Tree) -> bytes:
    """`json` with the values of `tree` in it; all others are copied as they stand."""
    members: Any
    members = _ARRAY.decode(json) if isinstance(next(iter(tree)), int) else _OBJECT.decode(json)
    for key, value in tree.items():
        new = msgspec.Raw(_with(members[key], value)) if isinstance(value, dict) else value
        members[key] = new
    return msgspec.json.encode(members)
