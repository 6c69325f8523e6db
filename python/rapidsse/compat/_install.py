"""Replaces the parsers of libraries for the whole process, for code that makes its own clients."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from ._installed import imported
from ._libraries import Library, importable, libraries_of
from ._on_import import forget, on_import
from ._seams import Seam, Unknown, own_attributes

__all__ = ["install", "uninstall"]

_ABSENT = object()


class _Replaced(NamedTuple):
    """A seam, and what was there before."""

    # In the owner's own `__dict__`, where a class may have inherited it.
    original: Any
    seam: Seam


_lock = threading.RLock()
# By package, as all that follows.
_installed: dict[str, list[_Replaced]] = {}
# Those to be installed when they are imported.
_awaited: dict[str, Library] = {}


def install(*libraries: str) -> None:
    """Replaces the parsers of libraries for the whole process, as `uvloop.install()` does.

    `libraries` are names such as `"httpx2"`, whose packages are imported. Without any, all libraries
    that `rapidsse.compat` knows are installed: those that have been imported at once, the others
    when they are. Objects that exist, and names that other modules have imported, are accelerated
    too. To install twice is harmless, and replaces what has been loaded again since.

    Where a library's internals are not those that this version of rapidsse knows, it is left alone,
    with a `RuntimeWarning` that says what differs and which versions work. Raises `ValueError` for a
    name that is not known, and `ImportError` for a library that cannot be imported.
    """
    chosen = [library for name in libraries for library in libraries_of(name)]
    with _lock:
        for library in chosen or importable():
            if _is_installed(library):
                continue
            _restore(_installed.pop(library.package, []))
            if library.package in sys.modules or (chosen and not library.part_of):
                _install(library, stacklevel=3)
            else:
                _awaited[library.package] = library
                on_import(library.package, partial(_install, library, stacklevel=2))


def uninstall(*libraries: str) -> None:
    """Undoes `install`; without names, for all libraries. Every attribute is as it was before.

    What other code has replaced since is left alone, with a `RuntimeWarning`.
    """
    with _lock:
        chosen = [library.package for name in libraries for library in libraries_of(name)]
        for package in chosen or [*_installed, *_awaited]:
            if _awaited.pop(package, None) is not None:
                forget(package)
            _restore(_installed.pop(package, []))


def _install(library: Library, *, stacklevel: int) -> None:
    with _lock:
        if _awaited.pop(library.package, None) is not None:
            forget(library.package)
        # An error here is one of the library's, or says that it is not there.
        imported(library.package, library.distribution)
        try:
            seams = library.seams()
            for seam in seams:
                seam.check()
        except (Unknown, AttributeError, ImportError) as error:
            warnings.warn(
                f"{_release(library)} is left as it is: {error}. "
                f"rapidsse works with {library.distribution} {library.versions}",
                RuntimeWarning,
                stacklevel=stacklevel,
            )
            return
        _installed[library.package] = [_replace(seam) for seam in seams if seam.replacement]


def _is_installed(library: Library) -> bool:
    """Whether what was replaced is still in use. A module that was loaded again has new objects."""
    replaced = _installed.get(library.package)
    if replaced is None or library.package not in sys.modules:
        return False
    try:
        owners = [seam.owner for seam in library.seams() if seam.replacement]
    except (Unknown, AttributeError, ImportError):
        return True
    return list(map(id, owners)) == [id(each.seam.owner) for each in replaced]


def _release(library: Library) -> str:
    try:
        return f"{library.distribution} {version(library.distribution)}"
    except PackageNotFoundError:
        return library.distribution


def _replace(seam: Seam) -> _Replaced:
    original = own_attributes(seam.owner).get(seam.name, _ABSENT)
    setattr(seam.owner, seam.name, seam.replacement)
    return _Replaced(original, seam)


def _restore(replaced: Iterable[_Replaced]) -> None:
    for original, seam in replaced:
        owner, name = seam.owner, seam.name
        if seam.undo is not None:
            seam.undo()
        if own_attributes(owner).get(name) is not seam.replacement:
            warnings.warn(
                f"{owner.__name__}.{name} is no longer that of rapidsse, and is left as it is",
                RuntimeWarning,
                stacklevel=3,
            )
        elif original is _ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, original)
