"""Which logs are meant: files, directories, globs, URLs."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator

from .._errors import InputError
from ._remote import expand_url, is_url

__all__ = ["distinct", "expand"]


def expand(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[str]:
    """The logs that `paths` name, each once, under the name that comes first.

    A directory stands for the files in it and below, sorted, without those whose names, or
    whose directories' names, begin with `.` or `_`. A glob (`*`, `?`, `[...]`, `**` for any
    number of directories) stands for what it matches, unless there is a file of that very
    name. URLs are expanded by fsspec; `"-"` is standard input. A file that is not there is
    left for `open_log` to complain of.

    Raises `InputError` if a directory or a URL cannot be listed, or a glob matches nothing.
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = (paths,)
    return list(distinct(name for path in paths for name in _expand(os.fspath(path))))


def distinct(names: Iterable[str]) -> Iterator[str]:
    """The names without those of a log that another name before stood for.

    Links and other ways to write a path lead to the same file, which must not count twice.
    """
    seen: set[str] = set()
    for name in names:
        if (place := _place(name)) not in seen:
            seen.add(place)
            yield name


def _place(name: str) -> str:
    if name == "-" or is_url(name):
        return name
    try:
        return os.path.realpath(name)
    except (OSError, ValueError):
        return name  # `open_log` says what is wrong with it.


def _expand(path: str) -> Iterable[str]:
    if path == "-":
        return (path,)
    if is_url(path):
        return expand_url(path, _is_hidden)
    if os.path.isdir(path):
        return _files_below(path)
    if glob.has_magic(path) and not os.path.lexists(path):
        found = sorted(glob.glob(path, recursive=True))
        if not found:
            raise InputError(path, "no file matches")
        return (file for name in found for file in _expand_match(name))
    return (path,)


def _expand_match(name: str) -> Iterable[str]:
    return _files_below(name) if os.path.isdir(name) else (name,)


def _files_below(folder: str) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        raise InputError(str(error.filename), error.strerror or str(error)) from error

    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        for name in sorted(files):
            path = os.path.join(parent, name)
            # Sockets and pipes are no logs; what a link leads to may be one.
            if not _is_hidden(name) and os.path.isfile(path):
                yield path


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in name.split("/"))
