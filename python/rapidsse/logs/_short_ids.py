"""Ids of any length, in a bounded number of characters."""

from __future__ import annotations

from hashlib import sha256

from ._limits import MAX_ID

__all__ = ["shortened"]


def shortened(id: str, most: int = MAX_ID) -> str:
    """What stands for an id of any length, in `most` characters: of a longer one its beginning, and
    a digest of all of it."""
    if len(id) <= most:
        return id
    end = f"...{sha256(id.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
    return id[: most - len(end)] + end
