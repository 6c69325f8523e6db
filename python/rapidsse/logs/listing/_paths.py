"""The logs that paths stand for: files, directories, globs, URLs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from ._listing import list_logs, place_of

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
    return [log.source for log in list_logs(paths)]


def distinct(names: Iterable[str]) -> Iterator[str]:
    """The names without those of a log that another name before stood for.

    Links and other ways to write a path lead to the same file, which must not count twice.
    """
    seen: set[str] = set()
    for name in names:
        if (place := place_of(name)) not in seen:
            seen.add(place)
            yield name
