"""What loggers write in front of each line: times, streams, names of containers, levels."""

from __future__ import annotations

import json
import re
from ast import literal_eval

from ...._field_names import ANY_FIELD
from ..values._base64 import text_of_base64
from ..values._json import record_or_none, utf8
from ..values._pieces import is_event_text
from ._envelope import envelope_of

__all__ = [
    "is_event_line",
    "is_prefixed",
    "source_in_prefix",
    "without_prefix",
    "without_prefix_of_json",
]

_TIME = (
    rb"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?\]?"
    rb"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
    rb"|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?"
)
# Docker Compose and kubectl write the container's name first, containerd the stream and whether
# the line is all (F) or part (P) of what was written; Fluent Bit a record in brackets, redis-cli
# the numbers of lists.
_PREFIX = re.compile(
    rb"(?P<list>\[\d+\] [\w.-]+: \[(?:\[[\d.]+, \{[^{}\n]*\}\]|[\d.]+), (?=\{)|(?: *\d+\) )+(?=\"))?"
    rb"(?P<name>[\w.-]+ +\| |\[pod/[^\]\n]+\] )?(?:<\d{1,3}>(?:1 )?)?"
    rb"(?:(?:%b)[ \t]?)?"
    rb"(?:(?P<stream>stdout|stderr) (?P<part>[FP])(?:$| ))?" % _TIME
)
# Programs write their own beginning: a level, a module, a host.
_OWN = re.compile(
    rb"[ \t]*(?:[\w.\[\]()/:@|<>-]+[ \t]+){1,8}?(?:[\w.]+=)?"
    rb"(?=(?:data: ?[{\[]|event: ?\w|id: ?\w|retry: ?\d|: |\{\"|b'data: ?[{\[]|b'event: ?\w|b''$))"
)
_PROCESS = re.compile(rb"[\w./-]+\[\d+\]:")
_FIELD = re.compile(rb"%b?:" % ANY_FIELD)
_DATA = re.compile(rb"data: ?[{\[]")
# Bytes as Python prints them.
_REPR = re.compile(
    rb"b(?:'(?:%b?:(?:[^'\\]++|\\.)*+)?'|\"(?:%b?:(?:[^\"\\]++|\\.)*+)?\")" % (ANY_FIELD, ANY_FIELD)
)
# Of logfmt: a name, and a value that may be in quotes.
_PAIR = re.compile(rb"[\w.@-]+=(?:(\"(?:[^\"\\]++|\\.)*+\")|[^\s\"]*+)(?:\s++|$)")
# Whatever else a program writes in front of the JSON of an event, as it prints it.
_ANY = re.compile(rb"(?:[^{\n]{1,200}?(?=(?:data: ?)?\{[\"']))?+(?=(?:data: ?)?\{[\"'])")
_INDENT = re.compile(rb"[ \t]++(?=(?:data: ?[{\[]|event: ?\w|id: ?\w|retry: ?\d|: )|\Z)")
_PRINTED_LENGTH = 1 << 20
_OWN_LENGTH = 200
_LINES = 100
"""Lines of a log that are looked at."""


def without_prefix(line: bytes) -> tuple[bytes, bool] | None:
    """What was logged, and whether the next line continues it; `None` without a prefix."""
    text = line.rstrip(b"\r\n")
    match = _PREFIX.match(text)
    if match is None or not match.end():
        if _REPR.fullmatch(text):
            return _printed(text), False
        found = (read(text) for read in (_value_in, _indented, _of_base64, _event_in))
        said = next((each for each in found if each is not None), None)
        return None if said is None else (said, False)
    rest = text[match.end() :]
    own = None if _FIELD.match(rest) else _OWN.match(rest)
    if own is not None:
        rest = rest[own.end() :]
    elif not _FIELD.match(rest):
        rest = _event_in(rest) or rest
    if match["list"] is not None:
        rest = rest.removesuffix(b"]")
    if _REPR.fullmatch(rest):
        rest = _printed(rest)
    return rest, match["part"] == b"P"


def _value_in(line: bytes) -> bytes | None:
    """The text of a stream, or the JSON of an event, that is one of a line's `key="value"` pairs."""
    if not _PAIR.match(line):
        return None
    for pair in _PAIR.finditer(line):
        if pair[1] is not None and isinstance(said := record_or_none(pair[1]), str) and said:
            text = said.encode(errors="backslashreplace")
            if _FIELD.match(text) or is_event_line(text):
                return text
    return None


def _indented(line: bytes) -> bytes | None:
    """A line of an event stream, of which all lines are indented."""
    found = _INDENT.match(line)
    return None if found is None else line[found.end() :]


def _of_base64(line: bytes) -> bytes | None:
    """The text of which a line is the base64."""
    if not line[:1].isalnum():
        return None
    digits = line.decode(errors="replace")
    # Of a line that was cut, what is whole: the event in it does not decode.
    text = text_of_base64(digits) or text_of_base64(digits[: len(digits) // 4 * 4])
    return None if text is None else utf8(text)


def _event_in(line: bytes) -> bytes | None:
    """The JSON of an event of a known API, or of an object around one, behind any other text."""
    found = _ANY.match(line)
    if found is None:
        return None
    said = line[found.end() :]
    data = said.removeprefix(b"data:").strip()
    if data[:2] == b"{'":
        return _json_of_printed(data) or None
    return said if is_event_line(data) or _has_envelope(data) else None


def _json_of_printed(text: bytes) -> bytes:
    """The JSON of an object that Python printed; empty if it is none."""
    try:
        printed = literal_eval(text.decode()) if len(text) <= _PRINTED_LENGTH else None
        dumped = json.dumps(printed, ensure_ascii=False, default=bytes.decode)
        return utf8(dumped) if printed else b""
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return b""


def _printed(text: bytes) -> bytes:
    """The bytes that were printed."""
    try:
        printed: bytes = literal_eval(text.decode())
    except (ValueError, SyntaxError):
        return text
    return printed


def without_prefix_of_json(line: bytes) -> bytes:
    """A line without what is in front of its JSON; another line as it is."""
    found = None if line[:1] == b"{" and line[:2] != b"{'" else without_prefix(line)
    return line if found is None or found[0][:1] not in (b"{", b'"') else found[0]


def source_in_prefix(line: bytes) -> tuple[bytes | None, ...]:
    """The container, the stream and the process that a line's prefix names."""
    match = _PREFIX.match(line)
    assert match is not None, "each of its parts may be missing"
    process = _PROCESS.search(line, match.end(), match.end() + _OWN_LENGTH)
    return match["name"], match["stream"], process and process[0]


def is_event_line(text: bytes) -> bool:
    """Whether what was logged is the JSON of an event."""
    return text[:1] == b"{" and is_event_text(text.decode(errors="replace"))


def _has_envelope(text: bytes) -> bool:
    return text[:1] in (b"{", b'"') and envelope_of(record_or_none(text)) is not None


def is_prefixed(head: bytes) -> bool:
    """Whether the lines are those of an event stream, each with a prefix."""
    for line in head.split(b"\n")[:_LINES]:
        found = without_prefix(line)
        if found is None:
            continue
        text = found[0]
        if _DATA.match(text) or is_event_line(text) or _has_envelope(text):
            return True
    return False
