"""What the beginning of a log tells about whether it can be cut."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .._errors import InputError
from ..logs._open import Log
from ..logs._options import ReadOptions
from ..logs.formats._boundaries import CUTS
from ..logs.formats._detect import HEAD
from ..logs.sources._remote import is_url
from ..logs.sources._remote_file import RemoteFile
from ..logs.sources._remote_input import RemoteInput
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
    options = reading.options
    if options.compression not in (None, "none"):
        return whole
    if options.format is not None and options.compression is not None:
        return Look(options.format in CUTS, reading)
    try:
        file = RemoteFile(source) if is_url(source) else None
        if file is not None and not file.has_ranges:
            return whole
        with _opened(source if file is None else file, options) as log:
            found = log.format, log.compression
    except InputError:
        return whole
    # A server may show only when it is read that it gives no parts.
    parts = file is None or file.has_ranges
    if not parts or found[0] not in CUTS or found[1] != "none":
        return whole
    options = replace(options, format=found[0], compression="none")
    return Look(True, replace(reading, options=options))


def _opened(log: str | RemoteFile, options: ReadOptions) -> Log:
    return Log(
        log if isinstance(log, str) else RemoteInput(log, log.read(0, len(log), HEAD)), options
    )
