"""File names for what a log names: one path component, whatever the log says.

A name is made of ASCII letters, digits, `_` and `-`, so it holds no separator, no dot, no
NUL and no control character; it does not begin with `-`; it is short; and it is not a
device on Windows.
"""

from __future__ import annotations

import re
from hashlib import blake2b

__all__ = ["image_name", "safe_name"]

MAX_LENGTH = 100
"""Characters; leaves room for a suffix within the 255 bytes that file systems allow."""

_OTHERS = re.compile(r"[^A-Za-z0-9_-]+")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
_DIGEST_BYTES = 8


def safe_name(text: str, default: str = "image") -> str:
    """`text` as a file name without its extension; `default` where nothing of it is left.

    Different texts may give the same name: the caller tells them apart.
    """
    # Cut first: cleaning a name of many megabytes would take its time.
    name = _OTHERS.sub("_", text[: 4 * MAX_LENGTH]).strip("_-")[:MAX_LENGTH]
    if _DEVICES.fullmatch(name):
        name = f"{name}_"
    return name or default


def image_name(
    source: str,
    stream: int,
    item_id: str | None,
    kind: str,
    partial_image_index: int | None,
    ordinal: int,
    media_type: str | None,
) -> str:
    """The file name of a picture, the `ordinal`th of its stream.

    It depends on nothing else, so that every run gives a picture the same name in whatever
    order it comes to it, and no two pictures share one, whatever the log calls them.
    """
    key = repr((source, stream, item_id, kind, partial_image_index, ordinal))
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()
    stem = safe_name(item_id or "")
    if kind == "partial":
        stem += "-partial" if partial_image_index is None else f"-partial-{partial_image_index}"
    return f"{stem}-{digest}.{_SUFFIXES.get(media_type or '', 'bin')}"
