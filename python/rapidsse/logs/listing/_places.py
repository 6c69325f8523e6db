"""Which logs were named already, without a list of them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

__all__ = ["HIDDEN", "Places", "is_hidden"]

HIDDEN = (".", "_")
"""What the names of files and folders that are passed over begin with."""


def is_hidden(name: str) -> bool:
    """Whether a folder's file of this name is passed over; `/` parts it from sub-folders."""
    return any(part.startswith(HIDDEN) for part in name.split("/"))


class Places:
    """The places of one file system's logs that have been listed.

    Single ones are remembered. Of a folder or a pattern that was listed to its end, only its rule
    is: all files there that meet it have been listed.
    """

    def __init__(self, separator: str = "/") -> None:
        self._separator = separator
        self._single: set[str] = set()
        self._listed: dict[str, list[Callable[[str], bool]]] = {}

    def add(self, place: str) -> None:
        """Remembers one."""
        self._single.add(place)

    def add_folder(self, folder: str) -> None:
        """Remembers what is not hidden below a folder, and the folder itself."""
        if not self.is_listed(folder):
            self.add_matches(folder, lambda place: not is_hidden(self.below(folder, place)))

    def add_matches(self, folder: str, rule: Callable[[str], bool]) -> None:
        """Remembers the places below a folder that meet a rule."""
        self._listed.setdefault(folder.rstrip(self._separator), []).append(rule)

    def below(self, folder: str, place: str) -> str:
        """The name of a place within a folder above it, with `/` between its parts."""
        rest = place[len(folder) :].lstrip(self._separator)
        return rest if self._separator == "/" else rest.replace(self._separator, "/")

    def is_single(self, place: str) -> bool:
        """Whether it was named one by one."""
        return place in self._single

    def is_listed(self, place: str) -> bool:
        """Whether it meets the rule of a folder or a pattern that was listed."""
        return bool(self._listed) and any(
            rule(place) for folder in self._above(place) for rule in self._listed.get(folder, ())
        )

    def __contains__(self, place: str) -> bool:
        return self.is_single(place) or self.is_listed(place)

    def _above(self, place: str) -> Iterator[str]:
        """A place and the folders above it, as they are kept."""
        end = len(place.rstrip(self._separator))
        while end >= 0:
            yield place[:end].rstrip(self._separator)
            end = place.rfind(self._separator, 0, end)
