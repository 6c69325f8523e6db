"""`TypeCounts`: how many events of a log have which name."""

from __future__ import annotations

# A log may hold names of any length, and any number of them.
_MAX_NAME = 200
_MAX_NAMES = 1000
_OTHERS = "(other types)"


class TypeCounts:
    """The events of each name and their bytes."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}

    def add(self, name: str, length: int) -> None:
        if len(name) * 4 > _MAX_NAME:
            name = name[:_MAX_NAME].encode()[:_MAX_NAME].decode("utf-8", "ignore")
        if name not in self._counts and len(self._counts) >= _MAX_NAMES:
            name = _OTHERS
        events, size = self._counts.get(name, (0, 0))
        self._counts[name] = events + 1, size + length

    def counts(self) -> dict[str, tuple[int, int]]:
        return dict(self._counts)
