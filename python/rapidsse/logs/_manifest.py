"""What a job works on, as its output folder tells: `rapidsse-run.json`.

It says which inputs (and in what state), which options and which units; a later run goes on only
where all of it is the same. Beside it, `.rapidsse/done/` has a file for each finished unit.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any, cast

import msgspec

from ._plan import Unit
from ._remote import is_url

__all__ = ["NAME", "Input", "Manifest", "ManifestError", "look"]

NAME = "rapidsse-run.json"
FORMAT = 1
STREAM = "stream"
"""The tag of standard input and of pipes, which give their bytes once."""


class ManifestError(Exception):
    """A file that should be a run's manifest is not."""


@dataclass(frozen=True, slots=True)
class Input:
    """An input's name and what tells whether it has changed; all `None` where nothing does.

    `tag` is what a remote store has in place of a time of modification.
    """

    source: str
    size: int | None = None
    mtime_ns: int | None = None
    tag: str | None = None

    @property
    def known(self) -> bool:
        """Whether a change would be noticed."""
        return self.size is not None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A run: the versions and options that shape its output, its inputs, its units."""

    made_by: dict[str, str]
    options: dict[str, Any]
    inputs: tuple[Input, ...]
    units: tuple[Unit, ...]

    def to_json(self) -> bytes:
        """The manifest's file. File names that are not text survive as escapes."""
        values = {"rapidsse_run": FORMAT, **asdict(self)}
        return json.dumps(values, indent=1).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> Manifest:
        """Raises `ManifestError`."""
        try:
            values = json.loads(content)
            if values.pop("rapidsse_run") != FORMAT:
                raise ManifestError("it was written by another version of rapidsse")
            return msgspec.convert(values, cls)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ManifestError(f"it is not the manifest of a run: {error}") from error

    def difference(self, other: Manifest) -> str | None:
        """What `other` has that this run has not, in words; `None` where it is the same run."""
        for name, version in self.made_by.items():
            if (now := other.made_by.get(name)) != version:
                return f"it was begun with {name} {version}; this is {name} {now}"
        for name, value in self.options.items():
            if (now := other.options.get(name)) != value:
                return f"it was begun with {_option(name, value)}, not {_option(name, now)}"
        return _difference(self.inputs, other.inputs)


def _option(name: str, value: Any) -> str:
    text = ",".join(cast("list[str]", value)) if isinstance(value, list) else value
    return f"--{name.replace('_', '-')} {text}"


def _difference(before: tuple[Input, ...], now: tuple[Input, ...]) -> str | None:
    names = [each.source for each in before]
    others = [each.source for each in now]
    if missing := sorted(set(names) - set(others)):
        return f"{missing[0]} was among its inputs and is not now"
    if added := sorted(set(others) - set(names)):
        return f"{added[0]} was not among its inputs and is now"
    if names != others:
        return "its inputs came in another order"
    for old, new in zip(before, now, strict=True):
        if STREAM in (old.tag, new.tag):
            return f"{old.source} cannot be read a second time"
        # What could not be read then may be readable now.
        if old.known and old != new:
            return f"{old.source} has changed since it was begun"
    return None


def look(source: str) -> Input:
    """An input's present state; nothing but its name where it has none that could be told."""
    if source == "-":
        return Input(source, tag=STREAM)
    if is_url(source):
        return _look_remote(source)
    try:
        status = os.stat(source)
    except (OSError, ValueError):
        return Input(source)
    if not stat.S_ISREG(status.st_mode):
        return Input(source, tag=STREAM)
    return Input(source, status.st_size, status.st_mtime_ns)


_TAGS = ("ETag", "etag", "generation", "LastModified", "last_modified", "mtime", "created")


def _look_remote(source: str) -> Input:
    try:
        url_to_fs: Any = import_module("fsspec.core").url_to_fs
        system, path = url_to_fs(source)
        system.invalidate_cache()
        info: dict[str, Any] = system.info(path)
    except Exception:  # noqa: BLE001 - a store's client may raise anything; reading says what.
        return Input(source)
    size = info.get("size")
    tag = next((str(info[name]) for name in _TAGS if info.get(name) is not None), None)
    return Input(source, size if isinstance(size, int) else None, tag=tag)
