"""Logs at URLs, which fsspec reads. It is imported for them only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import Any, cast

from ..._errors import InputError

__all__ = ["file_system", "is_url", "reason_of", "state_of"]

# A scheme of one letter would be a drive.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::)")


def is_url(path: str) -> bool:
    """Whether fsspec is to read it: `s3://...`, `memory://...`, `zip://a::s3://...`."""
    return _URL.match(path) is not None


_TAGS = ("ETag", "etag", "generation", "LastModified", "last_modified", "mtime", "created")


def state_of(info: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """A file's size in bytes, and a tag that is another when it has changed; as far as known.

    `info` is what its file system tells, on its own or in a listing.
    """
    size = info.get("size")
    tag = next((info[name] for name in _TAGS if info.get(name) is not None), None)
    if isinstance(tag, datetime):
        tag = tag.timestamp()  # as some have it in listings
    return size if isinstance(size, int) else None, None if tag is None else str(tag).strip('"')


def file_system(url: str) -> tuple[Any, str]:
    """The file system that reads a URL, and the file's name there. Raises `InputError`."""
    try:
        core = import_module("fsspec.core")
    except ImportError as error:
        raise InputError(url, "URLs need fsspec: install fsspec") from error
    try:
        return cast("tuple[Any, str]", core.url_to_fs(url))
    except Exception as error:
        raise InputError(url, reason_of(error)) from error


def reason_of(error: Exception) -> str:
    """The cause of an error of a file system."""
    if not isinstance(error, FileNotFoundError):
        return str(error) or type(error).__name__
    # fsspec's http makes this error of everything that a server says, and of no answer at all.
    cause = error.__cause__
    status = getattr(cause, "status", None)
    if cause is None or isinstance(cause, FileNotFoundError) or status in _ABSENT:
        return "no such file"
    if isinstance(status, int) and status:
        return f"the server answered {status} {getattr(cause, 'message', '')}".rstrip()
    return str(cause) or type(cause).__name__


_ABSENT = (404, 410)
"""The statuses of http for what is not there."""
