"""Long base64 cut out of a payload: placeholders, and what they stand for.

msgspec reads the payload with a short placeholder in the place of each long base64 string, and asks
for the `Base64` in the place of each. That refers to the payload itself, uncopied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._base64 import Base64, in_place

if TYPE_CHECKING:
    from .._rust import _Payload as Payload

__all__ = ["Placeholders"]

_JSON_TYPES: dict[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    type(None): "null",
    list: "array",
    dict: "object",
}


class Placeholders:
    """The strings of one payload that its `Base64` fields may refer to, during one decode.

    `cut` gives for each placeholder the number of the span that it stands for; the other spans
    stay in the JSON.
    """

    __slots__ = ("_by_text", "_cut", "_spans", "_view", "taken")

    def __init__(
        self, payload: Payload, spans: Sequence[tuple[int, int]], cut: dict[str, int]
    ) -> None:
        self._view = (
            memoryview(payload).toreadonly()
            if isinstance(payload, (bytes, memoryview))
            else payload
        )
        self._spans = spans
        self._cut = cut
        self._by_text: dict[str, int] | None = None
        self.taken: list[int] = []

    def json(self) -> bytes:
        """The payload with a placeholder for each span that is cut."""
        parts: list[Payload] = []
        at = 0
        for placeholder, number in self._cut.items():
            start, end = self._spans[number]
            parts += (self._view[at:start], placeholder.encode())
            at = end
        parts.append(self._view[at:])
        return b"".join(parts)

    def are_exact(self) -> bool:
        """Whether each placeholder ended up in a `Base64`, once."""
        return len(self.taken) == len(self._cut) == len(set(self.taken))

    def base64(self, value: object) -> Base64:
        """The `Base64` for what msgspec read in the place of one.

        Raises `ValueError`, to which msgspec adds the path, for anything but a string.
        """
        if type(value) is not str:
            name = _JSON_TYPES.get(type(value), type(value).__name__)
            raise ValueError(f"Expected a base64 string, got `{name}`")
        number = self._cut.get(value)
        if number is not None:
            self.taken.append(number)
        else:
            if self._by_text is None:
                self._by_text = self._index()
            number = self._by_text.get(value)
            if number is None:  # written with escapes, or not ASCII
                return Base64(value)
        start, end = self._spans[number]
        return in_place(self._view[start:end])

    def _index(self) -> dict[str, int]:
        """The spans that are not cut, by their text."""
        cut = set(self._cut.values())
        return {
            str(self._view[start:end], "ascii"): number
            for number, (start, end) in enumerate(self._spans)
            if number not in cut
        }
