"""The manifest of a run, `rapidsse-run.json`: its versions, options, logs and splits.

A later run resumes only where all of these are the same. Beside the manifest,
`.rapidsse/done/` has a file for each finished split.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, cast

import msgspec

from .._names import spelled
from ..logs._bodies import Compression, Format
from ..logs.listing._listing import STREAM, LogFile
from ..splits._split import LogRange, Reading, Split, pack

__all__ = ["NAME", "Manifest", "ManifestError", "PlannedSplit"]

NAME = "rapidsse-run.json"
VERSION = 2
"""Of the manifest and of the files beside it. 1: splits were cut elsewhere."""


class ManifestError(Exception):
    """The file is not a manifest, or of another version."""


@dataclass(frozen=True, slots=True)
class PlannedSplit:
    """A split, as the manifest keeps it.

    `ranges` are the numbers of logs, each with the bytes at which its range starts and stops
    (`None`: the whole log). `format` and `compression` are those that the plan found out.
    """

    ranges: tuple[tuple[int, int, int | None], ...]
    format: Format | None
    compression: Compression | None

    @classmethod
    def of(cls, split: Split, numbers: dict[str, int]) -> PlannedSplit:
        """Keeps a split of the logs that have these numbers."""
        ranges = tuple((numbers[each.source], each.start, each.stop) for each in split.ranges)
        options = split.reading.options
        return cls(ranges, options.format, options.compression)

    def split(self, logs: Sequence[LogFile], reading: Reading) -> Split:
        """Returns the split of these logs."""
        options = reading.options.of_format(self.format, self.compression)
        ranges = [LogRange.of(logs[number], start, stop) for number, start, stop in self.ranges]
        return pack(ranges, replace(reading, options=options))


@dataclass(frozen=True, slots=True)
class Manifest:
    """A run: the versions and options that determine its output, its logs, its splits."""

    made_by: dict[str, str]
    options: dict[str, Any]
    logs: tuple[LogFile, ...]
    splits: tuple[PlannedSplit, ...]

    @property
    def identity(self) -> str:
        """A digest that tells this run from others. It leaves out the logs' states.

        A log that could not be read may be there when the run is resumed.
        """
        values = asdict(self)
        values["logs"] = [log.source for log in self.logs]
        return sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:32]

    def to_json(self) -> bytes:
        """Returns the content of the file. File names that are not text survive as escapes."""
        values = {"rapidsse_run": VERSION, **asdict(self)}
        return json.dumps(values, indent=1).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> Manifest:
        """Raises `ManifestError`."""
        try:
            read = json.loads(content)
            values = cast("dict[str, Any]", read if isinstance(read, dict) else {})
            if "rapidsse_run" not in values:
                raise ValueError("it is another JSON file")
            version = values.pop("rapidsse_run")
            if version == VERSION:
                manifest = msgspec.convert(values, cls)
                manifest._check()
                return manifest
        except RecursionError as error:
            raise ManifestError(
                f"{NAME} is not the manifest of a run: nested too deeply"
            ) from error
        except ValueError as error:
            raise ManifestError(f"{NAME} is not the manifest of a run: {error}") from error
        raise ManifestError(f"another version of rapidsse wrote it (format {version!r})")

    def _check(self) -> None:
        """Raises `ValueError` unless the splits are each log whole, or its ranges one by one."""
        ranges: dict[int, list[tuple[int, int | None]]] = {}
        for split in self.splits:
            for number, start, stop in split.ranges:
                if stop is not None and split.format is None:
                    raise ValueError("a log is cut whose format is unknown")
                ranges.setdefault(number, []).append((start, stop))
        if ranges.keys() != set(range(len(self.logs))):
            raise ValueError("its splits are not those of its logs")
        for number, found in ranges.items():
            ends = [0, *(stop for _, stop in found)]
            is_cut = [start for start, _ in found] == ends[:-1] and ends[-1] is not None
            is_cut = is_cut and ends[-1] == self.logs[number].size
            if found != [(0, None)] and not is_cut:
                raise ValueError(f"its splits are not all of {spelled(self.logs[number].source)}")

    def difference(self, other: Manifest) -> str | None:
        """Returns how `other` differs from this run; `None` if it does not."""
        for name, value in self.options.items():
            if (now := other.options.get(name)) != value:
                return f"it was started with {_option(name, value)}, not {_option(name, now)}"
        for name, version in self.made_by.items():
            if (now := other.made_by.get(name)) != version:
                return f"it was started with {name} {version}; this is {name} {now}"
        return _difference(self.logs, other.logs)


def _option(name: str, value: Any) -> str:
    """Returns an option as it is typed."""
    if value is None or isinstance(value, bool):
        return f"--{name.replace('_', '-')}" if value else f"no --{name.replace('_', '-')}"
    values = cast("list[object]", value if isinstance(value, list) else [value])
    text = ",".join(map(str, values))
    return f"--{name.replace('_', '-')} {text}"


def _difference(before: tuple[LogFile, ...], now: tuple[LogFile, ...]) -> str | None:
    names = [each.source for each in before]
    others = [each.source for each in now]
    if missing := sorted(set(names) - set(others)):
        return f"{spelled(missing[0])} was one of its logs and is not now"
    if added := sorted(set(others) - set(names)):
        return f"{spelled(added[0])} was not one of its logs and is now"
    if names != others:
        return "its logs came in another order"
    for old, new in zip(before, now, strict=True):
        if STREAM in (old.tag, new.tag):
            return f"{spelled(old.source)} cannot be read a second time"
        # A log that could not be read then may be readable now.
        if old.known and old != new:
            return f"{spelled(old.source)} has changed since the run was started"
    return None
