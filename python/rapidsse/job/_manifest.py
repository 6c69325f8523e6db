"""What a job works on, as its output folder tells: `rapidsse-run.json`.

It says which inputs (and in what state), which options and which units; a later run goes on only
where all of it is the same. Beside it, `.rapidsse/done/` has a file for each finished unit.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, cast

import msgspec

from ..logs.listing._listing import STREAM, Listed
from ._plan import Unit

__all__ = ["NAME", "Manifest", "ManifestError"]

NAME = "rapidsse-run.json"
FORMAT = 1


class ManifestError(Exception):
    """A file that should be a run's manifest is not."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A run: the versions and options that shape its output, its inputs, its units."""

    made_by: dict[str, str]
    options: dict[str, Any]
    inputs: tuple[Listed, ...]
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


def _difference(before: tuple[Listed, ...], now: tuple[Listed, ...]) -> str | None:
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
