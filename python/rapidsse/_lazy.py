"""Packages whose names and modules are imported when they are first used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

__all__ = ["lazy"]


def lazy(
    package: str, modules: Mapping[str, str], public: Sequence[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Returns the `__getattr__` and `__dir__` of a package.

    `modules` says which of its modules has a name; `public` are modules that are names themselves.
    `dir()` lists them and the package's `__all__`. Hide both from type checkers, which would take
    any name to be there.
    """
    namespace = vars(sys.modules[package])

    def get(name: str) -> Any:
        if name in public:
            return import_module(f".{name}", package)
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f".{modules[name]}", package), name)
        # The next use finds it without this function.
        namespace[name] = value
        return value

    def names() -> list[str]:
        return sorted([*namespace["__all__"], *public])

    return get, names
