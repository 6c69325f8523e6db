"""JSON, YAML or XML that is one document: cassettes of any kind, arrays of events or of records, a
record over several lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from ...._errors import InputError
from ...._json import encode_json
from ...._limits import MAX_DEPTH
from ..._bodies import PASSED_OVER, SKIPPED, Body, Damage, Part
from ...sources._content import Content
from ..values._json import check_values, decode_places, decode_record, record_or_none
from ..values._json5 import json_of_json5
from ..values._pieces import is_event, sse_event
from ..values._whole import errors_in
from ._cut_json import made_whole
from ._search import Search

__all__ = ["json_bodies", "xml_bodies", "yaml_bodies"]


def json_bodies(content: Content) -> Iterator[Part]:
    """The event streams of a JSON document, or of several, each over several lines. Raises
    `InputError`."""
    return _bodies(content, _in_json(content))


def yaml_bodies(content: Content) -> Iterator[Part]:
    """The event streams of the documents of a YAML file. Raises `InputError`."""
    # Imported here, as PyYAML is: few logs are YAML.
    from ..values._yaml import documents_in_yaml

    documents = documents_in_yaml(content)
    first = next(documents, None)
    if is_event(first):
        # Each document is an event.
        events = (sse_event(encode_json(each)) for each in chain((first,), documents) if each)
        return iter((Body(0, events),))
    return _bodies(content, chain(() if first is None else (first,), documents), has_aliases=True)


def xml_bodies(content: Content) -> Iterator[Part]:
    """The event streams of an XML document. Raises `InputError`."""
    # Imported here, as few logs are XML.
    from ..values._xml import read_xml

    def documents() -> Iterator[Any]:
        value, broken = read_xml(content.source, bytes(content.document()))
        yield value
        if broken is not None:
            raise broken

    return _bodies(content, documents())


def _bodies(
    content: Content, documents: Iterator[Any], *, has_aliases: bool = False
) -> Iterator[Part]:
    """A body's offset is the sum of the sizes before."""
    offset = 0
    for document in documents:
        search = Search(is_document=True, has_aliases=has_aliases)
        try:
            streams = search.streams(document)
        except RecursionError as error:
            raise _too_deep(content) from error
        errors = [] if streams else errors_in(document)
        for event in map(sse_event, map(encode_json, errors)):
            yield Body(offset, (event,), is_response=True)
            offset += len(event)
        for stream in streams:
            # A list of events may hold those of several responses.
            is_record = stream.record is not None or not isinstance(document, list)
            is_response = stream.is_one and is_record
            yield Body(offset, (stream.data,), is_response=is_response, custom_id=stream.custom_id)
            offset += len(stream.data)
        for _ in range(search.empty):
            yield Damage(offset, 0, "record", "the response is an event stream without a body")
        for _ in range(search.passed_over):
            yield PASSED_OVER
        for _ in range(search.skipped or not (streams or errors)):
            yield SKIPPED


def _in_json(content: Content) -> Iterator[Any]:
    text = content.document()
    try:
        check_values(text)
    except ValueError as error:
        raise InputError(content.source, str(error)) from error
    try:
        yield decode_record(text)
        return
    except RecursionError as error:
        raise _too_deep(content) from error
    except ValueError as error:
        reason = str(error)
    values, at = list[Any](), 0
    decoded = str(text, "utf-8", "replace")
    try:
        for value, end in decode_places(decoded):
            values.append(value)
            at = end
    except (ValueError, RecursionError) as error:
        if not values and (value := record_or_none(json_of_json5(decoded))):
            yield value
            return
        if values:
            reason = f"its JSON document {len(values) + 1} is broken ({error})"
        else:
            reason = f"it is no whole JSON document ({reason})"
        if (whole := made_whole(decoded[at:].encode())) is not None:
            values += filter(None, [record_or_none(whole)])
        yield from _apart(values)
        raise InputError(content.source, reason) from error
    yield from _apart(values)


def _apart(values: list[Any]) -> list[Any]:
    """Documents of their own; or one list, if they are events."""
    return [values] if values and is_event(values[0]) else values


def _too_deep(content: Content) -> InputError:
    return InputError(
        content.source, f"it is nested deeper than {MAX_DEPTH} levels, and is not read"
    )
