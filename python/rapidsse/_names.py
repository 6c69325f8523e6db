"""How the name of a log is spelled where it must be text: in tables, in messages, on pages."""

from __future__ import annotations

import os
import re

__all__ = ["spelled"]

_LIKE_AN_ESCAPE = re.compile(r"\\(?=x[0-9a-f]{2})")


def spelled(name: str) -> str:
    r"""Returns a file's name as text that UTF-8 can hold; two names are never spelled alike.

    A byte that is not UTF-8 becomes `\xff`, with two digits. So that no other name looks the
    same, a backslash that precedes `x` and two digits becomes `\x5c`; on Windows, where names are
    text and the backslash separates them, it stays.
    """
    if os.name != "nt":
        name = _LIKE_AN_ESCAPE.sub(r"\\x5c", name)
    try:
        content = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Other halves of surrogate pairs, which only Windows has in names.
        content = name.encode("utf-8", "backslashreplace")
    return content.decode("utf-8", "backslashreplace")
