"""JSON Lines with a recorded request per line: its event stream is somewhere in it."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any

from ...._values import members
from ..._bodies import PASSED_OVER, SKIPPED, Body, Damage, Part
from ...sources._content import Content
from ..lines._lines import restored, too_long
from ..values._json import decode_record, utf8
from ..values._roles import Role
from ..values._streams import is_stream
from ..values._whole import batch_id
from ._cut_json import made_whole
from ._search import Search, Stream

__all__ = ["record_bodies"]


def record_bodies(content: Content, field: str | None) -> Iterator[Part]:
    """The bodies of the records. `field` names theirs, by keys joined with dots; without it
    `Search` finds them."""
    for offset, line, length in content.lines():
        if line is None:
            yield too_long(offset, length)
            continue
        # The UTF-8 form of a BOM, as of files that were joined.
        start = 3 if bytes(memoryview(line)[:3]) == BOM_UTF8 else 0
        search = Search()
        broken: Damage | None = None
        try:
            try:
                record = decode_record(memoryview(line)[start:])
            except ValueError as error:
                data = bytes(line)
                if not data.strip():
                    continue
                broken = Damage(offset, length, "record", _message(error), data)
                # Of a line that was cut short, what precedes the cut.
                whole = made_whole(data[start:])
                record = None if whole is None else decode_record(whole)
            streams = search.streams(record) if field is None else _field(search, record, field)
        except (ValueError, RecursionError, TypeError) as error:
            yield broken or Damage(offset, length, "record", _message(error), bytes(line))
            continue
        at = offset
        for stream in streams:
            yield Body(at, (stream.data,), is_response=stream.is_one, custom_id=stream.custom_id)
            at += len(stream.data)
        if broken is not None:
            yield broken
            continue
        for _ in range(search.empty):
            message = "the response is an event stream without a body"
            yield Damage(offset, length, "record", message, bytes(line))
        for _ in range(search.passed_over):
            yield PASSED_OVER
        for _ in range(search.skipped or not streams):
            yield SKIPPED


def _message(error: Exception) -> str:
    if isinstance(error, TypeError):
        return str(error)
    reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    return f"not a line of JSON ({reason})"


def _field(search: Search, record: Any, name: str) -> list[Stream]:
    """The event streams in the field, or nothing where the record has none. Raises `TypeError`."""
    value = record
    rest = name
    while rest and isinstance(value, dict):
        fields = members(value)
        # A key may itself contain dots.
        if rest in fields:
            value, rest = fields[rest], ""
        else:
            key, _, rest = rest.partition(".")
            value = fields.get(key)
    if rest or value is None:
        return []
    if isinstance(value, (dict, list)) and (found := search.streams(value)):
        streams = found
    elif not isinstance(value, str):
        raise TypeError(f"the field {name} is no string")
    elif is_stream(value):
        data = utf8(value)
        streams = [Stream(b"".join(restored(data, (data,))), Role.BODY)]
    else:
        return []
    for stream in streams:
        stream.custom_id = batch_id(members(record))
    return streams
