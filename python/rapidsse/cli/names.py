"""File names for what a log names: one path component, whatever the log says.

A name is made of ASCII letters, digits, `_` and `-`, so it holds no separator, no dot, no
NUL and no control character; it does not begin with `-`; it is short; and it is not a
device on Windows.
"""

from __future__ import annotations

import re

__all__ = ["safe_name"]

MAX_LENGTH = 100
"""Characters; leaves room for a suffix within the 255 bytes that file systems allow."""

_OTHERS = re.compile(r"[^A-Za-z0-9_-]+")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def safe_name(text: str, default: str = "image") -> str:
    """`text` as a file name without its extension; `default` where nothing of it is left.

    Different texts may give the same name: the caller tells them apart.
    """
    # Cut first: cleaning a name of many megabytes would take its time.
    name = _OTHERS.sub("_", text[: 4 * MAX_LENGTH]).strip("_-")[:MAX_LENGTH]
    if _DEVICES.fullmatch(name):
        name = f"{name}_"
    return name or default
