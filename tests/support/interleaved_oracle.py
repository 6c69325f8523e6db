"""Which streams hold the rest of a response that an earlier one of the same body began, found by
reading all of them again.

Shares no code with the package.
"""

from __future__ import annotations

from typing import Any

from response_oracle import BEGINS, ENDS, MEMBERS, Stream, api_of, id_of, kind_of, parts_of


def has_rest_of_another(streams: list[Stream]) -> bool:
    """Whether the last of these streams, all of known APIs, does."""
    cut = {stream.id for stream in streams[:-1] if stream.id is not None}
    for id in set(cut):
        last = [stream for stream in streams[:-1] if stream.id == id][-1]
        if last.ended:
            cut.remove(id)
    *_, stream = streams
    if cut & set(_ids_that_go_on(stream)):
        return True
    return _follows_open(streams)


def _ids_that_go_on(stream: Stream) -> list[str]:
    known = [event for event in stream.events if api_of(*event)]
    begun = None
    if known and _may_begin(*known[0]):
        begun = id_of(known[0][0], api_of(*known[0]))
    said = [event for event in known if event is known[0] or _says_response(*event)]
    ids = [id_of(value, api_of(value, name)) for value, name in said]
    return [id for id in ids if id is not None and id != begun]


def _says_response(value: dict[str, Any], name: str) -> bool:
    has_one = any(isinstance(value.get(member), dict) for member in MEMBERS.values())
    return has_one or kind_of(value, name) in ENDS


def _may_begin(value: dict[str, Any], name: str) -> bool:
    return kind_of(value, name) in BEGINS or any(
        part.role for part in parts_of(value, api_of(value, name))
    )


def _follows_open(streams: list[Stream]) -> bool:
    """Whether the last stream begins no response and has no id of its own, and as many of its API in
    sequence before the last one with an id were cut short as there are others after it."""
    open: list[str] = []
    last: str | None = None
    api = ""
    is_cut = is_rest = False
    for stream in streams:
        is_rest = False
        if stream.id is not None and stream.id != last:
            open = [*open, api] if is_cut else []
            last, api = stream.id, stream.api
        elif stream.api in open and not _begins(stream):
            open.remove(stream.api)
            is_rest = True
        is_cut = not stream.ended
    return is_rest


def _begins(stream: Stream) -> bool:
    known = [event for event in stream.events if api_of(*event)]
    return bool(known) and _may_begin(*known[0])
