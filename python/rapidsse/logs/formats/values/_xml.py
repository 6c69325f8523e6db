"""XML as plain data: an element is an object of its attributes and its children, or its text alone.

What recorders write as XML (proxies, loggers, test reports) is read in the same way as JSON then.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

from ...._errors import InputError
from ...._limits import MAX_DEPTH
from ..._limits import MAX_VALUES

__all__ = ["holds_stream", "read_xml"]

_TEXT = "text"
"""What the text of an element is called that has attributes or children."""

# A DOCTYPE that declares entities is not skipped, and so no XML behind the root of our own.
_DECLARATION = re.compile(
    rb"\s*<\?xml[^>]*?(?:encoding=[\"']([\w.-]+)[\"'][^>]*)?\?>(?:\s*<!DOCTYPE[^\[\]>]*>)?"
)
_BEGIN = re.compile(rb"<(?:\?xml\b|(?!html\b)[A-Za-z_][\w:.-]*[\s>])", re.IGNORECASE)
# A stream as a text, or as base64, also of all that HTTP sent.
_STREAM = re.compile(
    rb"(?:CDATA\[|[>\"'])\s*(?:data: ?[{\[]|event: ?\w|ZGF0YT|ZXZlbnQ|SFRUUC|HTTP/\d|"
    rb"data: ?(?:&#123;|&#91;))"
)


def holds_stream(head: bytes) -> bool:
    """Whether a text is XML, and a stream is in it. A page of HTML is none."""
    return bool(_BEGIN.match(head) and _STREAM.search(head))


def read_xml(source: str, text: bytes) -> tuple[Any, InputError | None]:
    """The value of a document, or of elements one after another, as far as it is whole; and what
    breaks it."""
    reader, broken = _Reader(source), None
    declared = _DECLARATION.match(text)
    encoding = declared[1].decode() if declared and declared[1] else "utf-8"
    rest = text[declared.end() :] if declared else text
    try:
        # A root of its own, as there may be several elements.
        reader.feed(encoding, b"<log>", rest, b"</log>")
    except (expat.ExpatError, LookupError) as error:
        broken = InputError(source, f"it is no whole XML document ({error})")
    return reader.value, broken


class _Reader:
    """Makes the values of elements while they are parsed."""

    def __init__(self, source: str) -> None:
        self.value: dict[str, Any] = {}
        self._source = source
        self._count = 0
        # Of the elements that are open: the names, the members, the pieces of the text.
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []

    def feed(self, encoding: str, *parts: bytes) -> None:
        """Parses all parts. Raises `ExpatError`, and `InputError` for what is not read at all."""
        # Other encodings than those that expat knows are decoded before.
        if encoding.lower() not in ("utf-8", "us-ascii", "iso-8859-1"):
            parts = tuple(part.decode(encoding).encode() for part in parts)
            encoding = "utf-8"
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            for number, part in enumerate(parts, start=1):
                parser.Parse(part, number == len(parts))
        finally:
            while self._open:
                self._end("")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1 + len(attributes)
        if len(self._open) > MAX_DEPTH:
            raise InputError(self._source, f"it is nested deeper than {MAX_DEPTH} levels")
        if self._count > MAX_VALUES:
            raise InputError(self._source, f"it has more than {MAX_VALUES:,} values")
        self._open.append((name.rpartition(":")[2], {**attributes}, []))

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1][2].append(text)

    def _end(self, _: str) -> None:
        name, fields, pieces = self._open.pop()
        text = "".join(pieces)
        if not self._open:
            self.value = fields
            return
        if fields and text.strip():
            fields[_TEXT] = text
        value = fields or text
        around = self._open[-1][1]
        if name not in around:
            around[name] = value
        elif isinstance(around[name], list):
            before: list[Any] = around[name]
            before.append(value)
        else:
            around[name] = [around[name], value]
