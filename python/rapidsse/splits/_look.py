"""What the beginning of a log tells about whether it can be cut."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .._errors import InputError
from ..logs._boundaries import CUTS
from ..logs._detect import HEAD
from ..logs._log import Log
from ..logs._range import RemoteInput
from ..logs._remote import is_url
from ..logs._remote_file import RemoteFile
from ._split import Reading

__all__ = ["Look", "look_into"]


@dataclass(frozen=True, slots=True)
class Look:
    """Whether a log can be cut, and how its parts are read."""

    cut: bool
    reading: Reading


def look_into(source: str, reading: Reading) -> Look:
    """Reads as much of the beginning as it takes; nothing, where `reading` tells it all.

    A log that cannot be read is not cut: its reader says what is wrong.
    """
    whole = Look(False, reading)
    if reading.compression not in (None, "none"):
        return whole
    if reading.format is not None and reading.compression is not None:
        return Look(reading.format in CUTS, reading)
    try:
        with _opened(source, reading) as log:
            if log.format not in CUTS or log.compression != "none":
                return whole
            return Look(True, replace(reading, format=log.format, compression="none"))
    except InputError:
        return whole


def _opened(source: str, reading: Reading) -> Log:
    log: str | RemoteInput = source
    if is_url(source):
        file = RemoteFile(source)
        if not file.has_ranges:
            raise InputError(source, "its parts cannot be read alone")
        log = RemoteInput(file, file.read(0, len(file), HEAD))
    return Log(
        log,
        format=reading.format,
        compression=reading.compression,
        body_field=reading.body_field,
    )
