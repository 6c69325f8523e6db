"""Texts for people: what a log has, made safe to show, and parts of messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["many", "not_utf8", "plain", "refused_utf8", "shown", "suggestion"]

MAX_TEXT = 200


def plain(text: str | None, limit: int = MAX_TEXT) -> str:
    """Returns the text as one printable line of about `limit` characters, or `-` for none.

    A log may hold escape sequences for the terminal, and markup: neither must take effect.
    """
    if not text:
        return "-"
    short = text if len(text) <= limit else text[: limit - 3] + "..."
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short)


def shown(source: str) -> str:
    """Returns the name to show for a log."""
    return "standard input" if source == "-" else source


def many(count: int, name: str) -> str:
    """Returns `1 event` or `2 events`."""
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Returns a question that names the most similar of the known names, if one is similar."""
    # Imported here: most programs make no mistake.
    from difflib import get_close_matches

    similar = get_close_matches(name, known, 1)
    return f" (did you mean {similar[0]}?)" if similar else ""


def not_utf8(payload: Buffer) -> str | None:
    """Returns why a payload is not UTF-8, and where; `None` if it is.

    An error of msgspec's counts the bytes of the string in which the byte is.
    """
    try:
        str(payload, "utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8: {error.reason} at byte {error.start} of the payload"
    return None


def refused_utf8(error: Exception, payload: Buffer) -> str | None:
    """Returns why a payload is not UTF-8, if that is what an error of msgspec's is about.

    Until 0.22 that error is Python's own; from 0.23 on it is a `msgspec.DecodeError`.
    """
    if not isinstance(error, UnicodeDecodeError) and not str(error).startswith("Invalid UTF-8"):
        return None
    return not_utf8(payload) or str(error)
