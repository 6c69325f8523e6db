"""Calls a function when a package is imported, after its own code has run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

__all__ = ["forget", "on_import"]


class _Finder(MetaPathFinder):
    """Finds the packages that are awaited, by the other finders."""

    def __init__(self) -> None:
        self.awaited: dict[str, Callable[[], None]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        # Taken out first: the search below comes here again.
        callback = self.awaited.pop(fullname, None)
        if callback is None:
            return None
        spec = find_spec(fullname)
        if spec is None or spec.loader is None:
            self.awaited[fullname] = callback
            return None
        spec.loader = _Loader(spec.loader, callback)
        return spec


class _Loader(Loader):
    """Loads a package as its own loader does, and leaves that one behind."""

    def __init__(self, loader: Any, callback: Callable[[], None]) -> None:
        self._loader = loader
        self._callback = callback

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._callback()


_FINDER = _Finder()


def on_import(package: str, callback: Callable[[], None]) -> None:
    """Calls `callback` once, after the first import of `package`."""
    _FINDER.awaited[package] = callback
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


def forget(package: str) -> None:
    """Undoes `on_import`."""
    _FINDER.awaited.pop(package, None)
    if not _FINDER.awaited and _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)
