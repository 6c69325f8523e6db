"""Whether a log can be cut: its format and compression, from its first bytes."""

from __future__ import annotations

from .._errors import InputError
from ..logs._open import Log
from ..logs._options import ReadOptions
from ..logs.formats._table import FORMAT_TABLE
from ..logs.formats.values._streams import HEAD
from ..logs.sources._remote import is_url
from ..logs.sources._remote_file import RemoteFile

__all__ = ["probe"]


def probe(source: str, options: ReadOptions) -> ReadOptions | None:
    """Returns how the ranges of a log are read; `None` if it cannot be cut.

    Reads as few of the first bytes as possible; none where `options` say both format and
    compression. A log that cannot be read is not cut: its reader says what is wrong.
    """
    if options.compression not in (None, "none"):
        return None
    if options.format is not None and options.compression is not None:
        return options if FORMAT_TABLE[options.format].cuts else None
    try:
        file = RemoteFile(source) if is_url(source) else None
        if file is not None and not file.has_ranges:
            return None
        with _open(source if file is None else file, options) as log:
            format, compression = log.format, log.compression
    except InputError:
        return None
    # Some servers say only in their first answer that they give no ranges.
    has_ranges = file is None or file.has_ranges
    if not has_ranges or not FORMAT_TABLE[format].cuts or compression != "none":
        return None
    return options.of_format(format, "none")


def _open(log: str | RemoteFile, options: ReadOptions) -> Log:
    return Log(log if isinstance(log, str) else log.source(log.read(0, log.size, HEAD)), options)
