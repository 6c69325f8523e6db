"""The logs below a URL, page by page or folder by folder, in the order of their names.

Their state comes with the listing: no file is asked for on its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from ..._errors import InputError
from ..sources._remote import file_system, reason_of, state_of
from ._log_file import LogFile, stat_log
from ._places import Places, is_hidden

__all__ = ["RemotePlaces", "list_url"]

_MAGIC = re.compile(r"[*?\[]")

_Info = Mapping[str, Any]
_Result = TypeVar("_Result")


class RemotePlaces:
    """`Places` of each file system."""

    def __init__(self) -> None:
        self._of: dict[Any, Places] = {}

    def of(self, system: Any) -> Places:
        """Those of this one. fsspec makes but one of the same options."""
        return self._of.setdefault(system, Places())


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What is looked for in a file system."""

    root: str
    """The folder to list."""
    prefix: str
    """What all names of files begin with."""
    is_flat: bool
    """Whether none lies in a sub-folder of the root."""
    accepts: Callable[[str], bool]
    """Whether a file of this name is one."""
    enters: Callable[[str], bool]
    """Whether there may be some below a folder of this name."""


def list_url(url: str, known: RemotePlaces) -> Iterator[LogFile]:
    """Yields the logs that a URL names and that are not in `known`, and adds them to it.

    Raises `InputError`.
    """
    system, path = file_system(url)
    places = known.of(system)
    info = _info(url, system, path)
    is_pattern = info is None and _MAGIC.search(path) is not None
    if is_pattern:
        wanted = _guarded(url, lambda: _matching(path))
    elif info is not None and _is_folder(system, path, info):
        wanted = _below(path)
    else:
        if path not in places:
            places.add(path)
            yield _log_file(url, info or {})
        return
    found = _pages(system, wanted) if _is_s3(url, system) else _walk(system, wanted)
    is_empty = True
    while (info := _guarded(url, lambda: next(found, None))) is not None:
        name: str = info["name"]
        if not wanted.accepts(name):
            continue
        is_empty = False
        if name not in places:
            log = _log_file(system.unstrip_protocol(name), info)
            # Some tell the sizes of files only one by one.
            yield log if log.known else stat_log(log.source)
    if is_empty and is_pattern:
        raise InputError(url, "no file matches")
    places.add_matches(wanted.root, wanted.accepts)


def _log_file(url: str, info: _Info) -> LogFile:
    size, tag = state_of(info)
    # Without a size no part of it can be read, so that nothing of it is certain.
    return LogFile(url) if size is None else LogFile(url, size, tag=tag)


def _guarded(url: str, call: Callable[[], _Result]) -> _Result:
    try:
        return call()
    except Exception as error:
        # Each file system has the errors of its own client library.
        raise InputError(url, reason_of(error)) from error


def _info(url: str, system: Any, path: str) -> _Info | None:
    """What there is of that very name."""
    try:
        # What was listed long ago may have changed.
        system.invalidate_cache()
        info: _Info = system.info(path)
    except OSError:
        return None  # Reading it says what is wrong.
    except Exception as error:
        if _MAGIC.search(path):
            return None  # It may be no name at all.
        raise InputError(url, reason_of(error)) from error
    return info


def _is_folder(system: Any, path: str, info: _Info) -> bool:
    if info.get("type") == "directory":
        return True
    # On the web a folder's index is a file.
    return path.endswith("/") and bool(system.isdir(path))


# --- Patterns -----------------------------------------------------------------------


def _below(folder: str) -> _Pattern:
    root = folder.rstrip("/")

    def is_visible(name: str) -> bool:
        return not is_hidden(name[len(root) :].lstrip("/"))

    return _Pattern(folder, f"{root}/", False, is_visible, is_visible)


def _matching(pattern: str) -> _Pattern:
    glob_translate: Callable[[str], str] = import_module("fsspec.utils").glob_translate
    magic = _MAGIC.search(pattern)
    assert magic is not None, "a name without magic is no pattern"
    prefix = pattern[: magic.start()]
    root, _, _ = prefix.rpartition("/")
    whole = re.compile(glob_translate(pattern))
    parts = pattern[len(root) :].lstrip("/").split("/")
    folders = [re.compile(glob_translate(part)) for part in parts[:-1]]
    any_depth = parts.index("**") if "**" in parts else len(parts)

    def enters(folder: str) -> bool:
        names = folder[len(root) :].strip("/").split("/")
        if len(names) > any_depth:
            return True
        # Those above it were entered.
        return len(names) <= len(folders) and bool(folders[len(names) - 1].match(names[-1]))

    def accepts(name: str) -> bool:
        return whole.match(name) is not None

    if not root and pattern.startswith("/"):
        root = "/"
    return _Pattern(root, prefix, parts[:-1] == [] and parts != ["**"], accepts, enters)


# --- The ways to list -------------------------------------------------------------------


def _is_s3(url: str, system: Any) -> bool:
    # A chain of file systems has names of its own.
    return "::" not in url and hasattr(system, "call_s3")


def _pages(system: Any, wanted: _Pattern) -> Iterator[_Info]:
    """The keys of a bucket, which come sorted, many at a time, and from all folders."""
    bucket: str
    bucket, prefix, _ = system.split_path(wanted.prefix)
    if not bucket or "/" not in wanted.prefix:
        raise ValueError("of which bucket? Its name must be there in full")
    request = {"Bucket": bucket, "Prefix": prefix, **getattr(system, "req_kw", {})}
    if wanted.is_flat:
        request["Delimiter"] = "/"
    while True:
        page: _Info = system.call_s3("list_objects_v2", **request)
        for entry in page.get("Contents", ()):
            # Folders that were made by hand have such keys.
            if not entry["Key"].endswith("/"):
                yield {**entry, "name": f"{bucket}/{entry['Key']}", "size": entry["Size"]}
        token = page.get("NextContinuationToken")
        if not token:
            return
        request["ContinuationToken"] = token


def _walk(system: Any, wanted: _Pattern) -> Iterator[_Info]:
    """The files below a folder, one folder's listing after the other."""
    open_folders = [_entries(system, wanted.root)]
    while open_folders:
        entry = next(open_folders[-1], None)
        if entry is None:
            open_folders.pop()
        elif entry["type"] != "directory":
            yield entry
        elif wanted.enters(entry["name"]):
            open_folders.append(_entries(system, entry["name"]))


def _entries(system: Any, folder: str) -> Iterator[_Info]:
    """A folder's entries in the order of the names of the files that they stand for."""

    def key(entry: _Info) -> str:
        name: str = entry["name"].rstrip("/")
        return f"{name}/" if entry["type"] == "directory" else name

    try:
        entries: list[_Info] = sorted(system.ls(folder, detail=True), key=key, reverse=True)
    except FileNotFoundError:
        return  # It is gone, or never was one where a pattern begins.
    # It would keep the listings of all folders.
    system.invalidate_cache(folder)
    itself = folder.rstrip("/")
    while entries:
        entry = entries.pop()
        if entry["name"].rstrip("/") != itself:
            yield entry
