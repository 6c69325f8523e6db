"""JSON Lines with a recorded request a line: the body is a string somewhere in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from .._bodies import SKIPPED, Body, Damage, Part
from ..sources._content import LINE_LIMIT, Content
from ._json import decode_record
from ._streams import is_stream, stream_in

__all__ = ["record_bodies"]


def record_bodies(content: Content, field: str | None) -> Iterator[Part]:
    """The bodies of the records. `field` names theirs, by keys joined with dots; without it
    the first string that looks like an event stream is taken."""
    for offset, line, length in content.lines():
        if line is None:
            yield Damage(offset, length, "too_large", f"a line of more than {LINE_LIMIT >> 20} MiB")
            continue
        # The UTF-8 form of a BOM, which only a file's first line may have.
        start = 3 if offset == 0 and bytes(memoryview(line)[:3]) == b"\xef\xbb\xbf" else 0
        try:
            record = decode_record(memoryview(line)[start:])
            body = stream_in(record) if field is None else _field(record, field)
        except (ValueError, RecursionError, TypeError) as error:
            data = bytes(line)
            if data.strip():
                yield Damage(offset, length, "record", _message(error), data)
            continue
        if body is None or (field is not None and not is_stream(body)):
            yield SKIPPED
        else:
            yield Body(offset, (body.encode(),))


def _message(error: Exception) -> str:
    if isinstance(error, TypeError):
        return str(error)
    reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    return f"not a line of JSON ({reason})"


def _field(record: Any, name: str) -> str | None:
    """The string in the field, or `None` where the record has none. Raises `TypeError`."""
    value = record
    rest = name
    while rest and isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        # A key may itself contain dots.
        if rest in fields:
            value, rest = fields[rest], ""
        else:
            key, _, rest = rest.partition(".")
            value = fields.get(key)
    if rest or value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"the field {name} is no string")
    return value
