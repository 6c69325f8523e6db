"""Finds responses that are interleaved further on in a log than where its format is detected."""

from __future__ import annotations

__all__ = ["Interleaved"]


class Interleaved:
    """Looks at the streams of a log, one after another.

    Of two interleaved responses the first is cut short where the second begins, which takes in the
    chunks of both; what comes of either after the other one's end is a stream again.
    """

    def __init__(self) -> None:
        self._last: str | None = None
        self._is_cut = self._follows_cut = False

    def is_rest(self, id: str | None, *, is_complete: bool) -> bool:
        """Takes in the next stream. Whether it is such a rest."""
        if id is not None and id != self._last:
            self._follows_cut, self._is_cut = self._is_cut, not is_complete
            self._last = id
            return False
        is_rest, self._follows_cut = self._follows_cut, False
        self._is_cut = not is_complete
        return is_rest
