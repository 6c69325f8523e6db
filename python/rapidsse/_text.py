"""Text from a log, made safe to show: for the command line and the report."""

from __future__ import annotations

__all__ = ["many", "plain", "shown"]

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
