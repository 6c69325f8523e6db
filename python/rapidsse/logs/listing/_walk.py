"""The logs in a local folder and below, in order, however many there are.

Of a folder no more than `AT_ONCE` names are held: a larger one is read several times, and each
time the next names in order are kept.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from itertools import islice

from ..._errors import InputError
from ._log_file import LogFile, from_status
from ._places import HIDDEN, Places, is_hidden

__all__ = ["AT_ONCE", "walk"]

AT_ONCE = 1 << 17

# Whether it is a folder, its name, whether it is a link: a folder's files come first, sorted.
_Entry = tuple[bool, str, bool]
# Compares as the files come in a walk.
_Position = list[tuple[bool, str]]


def walk(
    root: str, places: Places, unreadable: Callable[[str, str], object] | None = None
) -> Iterator[LogFile]:
    """Yields the logs below a folder that are not in `places`, and adds them to it.

    A folder's files come sorted, then those of its sub-folders. Files to which links lead are
    among them, folders to which links lead are not. Raises `InputError` for a folder that cannot
    be listed; or calls `unreadable` with its path and the reason, and continues with the others.
    """
    real_root = os.path.realpath(root)
    if places.is_listed(real_root):
        return
    # Folders that are being listed: how they are named, the place, the rest of the entries.
    open_folders = [(root, real_root, _entries(root))]
    while open_folders:
        folder, real_folder, entries = open_folders[-1]
        try:
            entry = next(entries, None)
        except InputError as error:
            if unreadable is None:
                raise
            unreadable(error.source, error.reason)
            entry = None
        if entry is None:
            open_folders.pop()
            continue
        is_folder, name, is_link = entry
        path, place = os.path.join(folder, name), os.path.join(real_folder, name)
        if is_folder:
            if not places.is_listed(place):
                open_folders.append((path, place, _entries(path)))
            continue
        try:
            # Sockets and pipes are no logs; what a link leads to may be one.
            status = os.stat(path)
        except PermissionError:
            # Its folder may be listed, not entered. `open_log` says what is wrong with it.
            yield LogFile(path)
            continue
        except OSError:
            continue
        if not stat.S_ISREG(status.st_mode):
            continue
        if is_link:
            at, place = place, os.path.realpath(path)
            if place in places or _comes_first(place, at, real_root, places):
                continue
            places.add(place)
        # Folders that were listed are not entered, so that only single files can be there.
        elif places.is_single(place):
            continue
        yield from_status(path, status)
    places.add_folder(real_root)


def _comes_first(place: str, at: str, root: str, places: Places) -> bool:
    """Whether the walk of `root` comes to a file under its own name before it comes to `at`."""
    if not place.startswith(os.path.join(root, "")):
        return False
    name = places.below(root, place)
    return not is_hidden(name) and _position(name) < _position(places.below(root, at))


def _position(name: str) -> _Position:
    *folders, file = name.split("/")
    return [*((True, folder) for folder in folders), (False, file)]


def _entries(folder: str) -> Iterator[_Entry]:
    """A folder's files, then its sub-folders, each sorted; without those that are hidden."""
    last: _Entry = (False, "", False)
    while True:
        try:
            found = _smallest(_entries_behind(folder, last))
        except OSError as error:
            raise InputError(folder, error.strerror or str(error)) from error
        found.reverse()
        is_full = len(found) == AT_ONCE
        while found:
            # What has been handed over is let go.
            last = found.pop()
            yield last
        if not is_full:
            return


def _smallest(entries: Iterator[_Entry]) -> list[_Entry]:
    """The first `AT_ONCE` in order; `heapq.nsmallest` takes half as long again."""
    found = list(islice(entries, 2 * AT_ONCE))
    found.sort()
    del found[AT_ONCE:]
    for entry in entries:
        if entry < found[AT_ONCE - 1]:
            found.append(entry)
            if len(found) == 2 * AT_ONCE:
                found.sort()
                del found[AT_ONCE:]
    found.sort()
    del found[AT_ONCE:]
    return found


def _entries_behind(folder: str, last: _Entry) -> Iterator[_Entry]:
    last_is_folder, last_name, _ = last
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith(HIDDEN):
                continue
            try:
                is_folder = entry.is_dir()
            except OSError:
                is_folder = False
            if name > last_name if is_folder is last_is_folder else is_folder:
                is_link = _is_link(entry)
                if not (is_folder and is_link):
                    yield is_folder, name, is_link


def _is_link(entry: os.DirEntry[str]) -> bool:
    if sys.version_info >= (3, 12) and entry.is_junction():
        return True
    return entry.is_symlink()
