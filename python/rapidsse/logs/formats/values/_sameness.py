"""Whether two values are the same, at the cost of reading each once."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from ...._values import members, parts

__all__ = ["Sameness"]


class Sameness:
    """Digests of values, which must be kept as long as this is: those that are equal have the same.

    Comparing each value with each takes time that grows with the square of their number, and more
    for values with YAML's aliases.
    """

    def __init__(self) -> None:
        self._known: dict[int, bytes] = {}

    def of(self, value: Any) -> bytes:
        """The digest of a value of JSON or YAML."""
        if not isinstance(value, (dict, list)):
            return _digest(type(value).__name__.encode(), _bytes(value))
        identity = id(cast("object", value))
        if identity not in self._known:
            pairs = (self.of(key) + self.of(each) for key, each in members(value).items())
            elements = map(self.of, parts(value))
            self._known[identity] = _digest(
                b"%d" % isinstance(value, dict), *sorted(pairs), *elements
            )
        return self._known[identity]


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return str(value).encode(errors="surrogatepass")


def _digest(*pieces: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        digest.update(piece)
    return digest.digest()
