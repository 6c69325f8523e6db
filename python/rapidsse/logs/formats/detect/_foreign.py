"""Files that are no logs, and are refused by name: to scan them as text would find parts of streams.

One line adds a kind.
"""

from __future__ import annotations

import re

__all__ = ["HEAD_FOREIGN", "foreign"]

HEAD_FOREIGN = 512
"""The bytes that recognize them."""

_UNPACK = "unpack it, and name the files in it"
_EXPORT = "export the event streams in it as HAR or as text"

_KINDS: dict[str, tuple[re.Pattern[bytes], str]] = {
    "a tar archive": (re.compile(rb".{257}ustar[\0 ]", re.DOTALL), _UNPACK),
    "a zip archive": (re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"), _UNPACK),
    "a 7z archive": (re.compile(rb"7z\xbc\xaf\x27\x1c"), _UNPACK),
    "a rar archive": (re.compile(rb"Rar!\x1a\x07"), _UNPACK),
    "a cpio archive": (re.compile(rb"07070[127]\d{20}"), _UNPACK),
    "a flow file of mitmproxy": (
        re.compile(rb"\d{1,10}:\d{1,3}:[\w.-]+[;,]"),
        "save it as HAR (mitmdump -nr FLOWS --set hardump=OUT.har)",
    ),
    "a WARC archive": (re.compile(rb"WARC/\d"), _EXPORT),
    "a capture of packets": (
        re.compile(
            rb"\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x0a\x0d\x0d\x0a.{4}(?:\x1a\x2b|\x4d\x3c)",
            re.DOTALL,
        ),
        _EXPORT,
    ),
    "an SQLite database": (re.compile(rb"SQLite format 3\0"), _EXPORT),
    "a Parquet file": (re.compile(rb"PAR1"), "it is a table, not a log"),
    "an Arrow file": (re.compile(rb"ARROW1\0"), "it is a table, not a log"),
    "an Avro file": (re.compile(rb"Obj\x01"), "it is a table, not a log"),
    "an ORC file": (re.compile(rb"ORC[\x00-\x20]"), "it is a table, not a log"),
    "a NumPy array": (re.compile(rb"\x93NUMPY"), "it is a table, not a log"),
    "a pickle of Python": (
        # Of protocol 0, as text, and of those since.
        re.compile(rb"\([dl]p\d+\n|ccopy_reg\n|\x80[\x02-\x05][\x95}\](c]"),
        _EXPORT,
    ),
    "a picture": (
        re.compile(rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP", re.DOTALL),
        "name the log in which it came",
    ),
    "a table of separated values (CSV)": (
        re.compile(
            # Names; then a quoted value with quotes or data in it. Atomic: a line may have many values.
            rb"(?:\xef\xbb\xbf)?[\w \"-]+(?:[,;\t][\w \"-]+)+\r?\n"
            rb"(?>[^\n]*?[,;\t]\")[^\n]*(?:\"\"|\\\"|data:)"
        ),
        "save its rows as JSON Lines",
    ),
    "a dump of SQL": (
        re.compile(
            rb"(?:\xef\xbb\xbf)?(?:\s|--[^\n]*\n|/\*[^*]*\*/;?)*+(?:INSERT\s+INTO\s|REPLACE\s+INTO\s"
            rb"|CREATE\s+(?:TABLE|DATABASE)\s|DROP\s+TABLE\s|COPY\s+[\w.\"]+\s*\(|PRAGMA\s+\w"
            rb"|BEGIN(?:\s+TRANSACTION)?;|SET\s+[@\w]+\s*=|LOCK\s+TABLES\s)",
            re.IGNORECASE,
        ),
        "export the rows as JSON Lines",
    ),
    "a PDF": (re.compile(rb"%PDF-\d"), "it is a page, not a log"),
    "a program": (re.compile(rb"\x7fELF|MZ.{2}[\x00-\x20]", re.DOTALL), "it is no log"),
    "compressed by lz4": (re.compile(rb"\x04\x22\x4d\x18"), "decompress it first"),
    "compressed by lzip": (re.compile(rb"LZIP[\x00-\x02]"), "decompress it first"),
    "compressed by Snappy": (re.compile(rb"\xff\x06\0\0sNaPpY"), "decompress it first"),
    "compressed by compress": (re.compile(rb"\x1f[\x9d\xa0]"), "decompress it first"),
    "text in UTF-32": (
        re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff|(?:[ -~]\0\0\0){2}|(?:\0\0\0[ -~]){2}"),
        "convert it to UTF-8",
    ),
}


def foreign(head: bytes) -> str | None:
    """What content is that begins with `head`, and what to do; `None` if it may be a log."""
    for name, (begin, remedy) in _KINDS.items():
        if begin.match(head):
            return f"it is {name}: {remedy}"
    return None
