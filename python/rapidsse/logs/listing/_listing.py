"""The logs that the given names stand for, with the state that a listing has of each.

Logs are yielded while they are listed; no list of them is held: folders and remote stores may
have millions of logs.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Iterable, Iterator

from ..._errors import InputError
from ..sources._remote import is_url
from ._log_file import STREAM, LogFile, from_status, stat_log
from ._places import Places
from ._remote_listing import RemotePlaces, list_url
from ._walk import walk

__all__ = ["STREAM", "LogFile", "list_logs", "place_of", "stat_log"]


def list_logs(
    paths: Iterable[str | os.PathLike[str]],
    unreadable: Callable[[str, str], object] | None = None,
) -> Iterator[LogFile]:
    """The logs that `paths` name, as `expand` has them, each with its state.

    Raises `InputError` if a directory or a URL cannot be listed, or a glob matches nothing. With
    `unreadable`, it is called with a local directory that cannot be listed and the reason, and
    the other logs follow.
    """
    local, remote = Places(os.sep), RemotePlaces()
    for each in paths:
        path = os.fspath(each)
        if path == "-":
            yield from _file(LogFile(path, tag=STREAM), path, local)
        elif is_url(path):
            yield from list_url(path, remote)
        else:
            yield from _list_local(path, local, unreadable)


def _list_local(
    path: str, places: Places, unreadable: Callable[[str, str], object] | None
) -> Iterator[LogFile]:
    if not path:
        raise InputError(path, "its name is empty: name a file")
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        if not glob.has_magic(path) or os.path.lexists(path):
            # `open_log` says what is wrong with it.
            yield from _file(LogFile(path), place_of(path), places)
            return
    else:
        yield from _list_found(path, status, places, unreadable)
        return
    matches = sorted(glob.glob(path, recursive=True))
    if not matches:
        raise InputError(path, "no file matches")
    for match in matches:
        try:
            status = os.stat(match)
        except OSError:
            yield from _file(LogFile(match), place_of(match), places)
        else:
            yield from _list_found(match, status, places, unreadable)


def _list_found(
    path: str,
    status: os.stat_result,
    places: Places,
    unreadable: Callable[[str, str], object] | None,
) -> Iterator[LogFile]:
    if stat.S_ISDIR(status.st_mode):
        yield from walk(path, places, unreadable)
    else:
        yield from _file(from_status(path, status), place_of(path), places)


def _file(log: LogFile, place: str, places: Places) -> Iterator[LogFile]:
    # A walk passes over what is no regular file, or is not there.
    seen = place in places and (places.is_single(place) or os.path.isfile(place))
    if not seen:
        places.add(place)
        yield log


def place_of(name: str) -> str:
    """What is the same for all names of a file."""
    if name == "-" or is_url(name):
        return name
    try:
        return os.path.realpath(name)
    except (OSError, ValueError):
        return name  # `open_log` says what is wrong with it.
