"""Places of a library where a replacement fits, and what must be true of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

__all__ = ["Seam", "Unknown", "own_attributes"]


class Unknown(Exception):
    """The library's internals are not those that a replacement was made for."""


@dataclass(frozen=True)
class Seam:
    """An attribute of a module or a class, and its replacement.

    `replacement` is `None` for what is only checked. `parameters` are the names of those of the
    original. `uses` names what the replacement needs of an object that the class makes.
    """

    owner: Any
    name: str
    replacement: Callable[..., Any] | None
    parameters: tuple[str, ...]
    uses: tuple[str, ...] = ()
    # Undoes what the replacement has changed elsewhere.
    undo: Callable[[], None] | None = None

    def check(self) -> None:
        """Raises `Unknown` if the attribute is missing, or is not what the replacement expects."""
        original = getattr(self.owner, self.name, None)
        where = f"{_name_of(self.owner)}.{self.name}"
        if original is None:
            raise Unknown(f"there is no {where}")
        try:
            parameters = tuple(inspect.signature(original).parameters)
        except (TypeError, ValueError):
            raise Unknown(f"{where} has no signature") from None
        if parameters != self.parameters:
            raise Unknown(
                f"{where} takes ({', '.join(parameters)}), not ({', '.join(self.parameters)})"
            )
        for name in self.uses:
            if name not in _names_set_by(self.owner):
                raise Unknown(f"{_name_of(self.owner)} does not set {name}")


def own_attributes(owner: Any) -> Mapping[str, Any]:
    """Those of a module, a class or an object, without those that it inherits."""
    attributes: Mapping[str, Any] = owner.__dict__
    return attributes


def _name_of(owner: Any) -> str:
    module = getattr(owner, "__module__", None)
    name: str = getattr(owner, "__qualname__", owner.__name__)
    return f"{module}.{name}" if module else name


def _names_set_by(cls: Any) -> set[str]:
    """The attributes that the methods of a class name, its own among them."""
    codes = [
        method.__code__
        for base in cls.__mro__
        for method in own_attributes(base).values()
        if isinstance(method, FunctionType)
    ]
    return {name for code in codes for name in code.co_names} | set(dir(cls))
