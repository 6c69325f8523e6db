"""HAR, the HTTP archive of browsers and proxies (version 1.2): JSON, one document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from ...._errors import InputError
from ...._text import not_utf8
from ...._values import parts
from ..._bodies import Part
from ...sources._content import Content
from ..values._base64 import from_base64
from ..values._json import decode_as, decode_record, record_or_none, utf8
from ..values._pieces import sse_event
from ._archive import Recorded, Unreadable, bodies_in_a_row
from ._cut_json import decode_cut
from ._search import header

__all__ = ["har_bodies"]


class _Log(Struct):
    # Each is decoded alone, so that one of another shape costs only itself.
    entries: list[msgspec.Raw]


class _Har(Struct):
    log: _Log


class _Body(Struct, rename={"media_type": "mimeType"}):
    media_type: str | None = None
    text: str | None = None
    encoding: str | None = None


class _Response(Struct):
    content: _Body | None = None
    headers: msgspec.Raw = msgspec.Raw(b"null")


class _Message(Struct, rename={"name": "eventName"}):
    name: str | None = None
    data: str = ""


class _Frame(Struct):
    """A message of a WebSocket."""

    type: str = ""
    data: str = ""


class _Entry(Struct, rename={"messages": "_eventSourceMessages", "frames": "_webSocketMessages"}):
    response: _Response | None = None
    # Chrome's developer tools have the events here, and no text.
    messages: list[_Message] = []
    frames: list[_Frame] = []


def har_bodies(content: Content) -> Iterator[Part]:
    """The bodies of the responses that are event streams. Raises `InputError` if it is no HAR."""
    return bodies_in_a_row(_entries(content))


def _entries(content: Content) -> Iterator[Recorded | Unreadable]:
    try:
        har, broken = decode_cut(content.document(), _Har, (("log", "entries"),))
    except (ValueError, RecursionError) as error:
        raise InputError(content.source, f"it is no whole HAR ({error})") from error
    yield from map(_recorded, har.log.entries)
    if broken is not None:
        raise InputError(content.source, f"it is no whole HAR ({broken})") from broken


def _recorded(raw: msgspec.Raw) -> Recorded | Unreadable:
    try:
        entry = decode_as(raw, _Entry)
    except (ValueError, RecursionError) as error:
        return Unreadable(f"the entry is not HAR's ({error})", bytes(raw))
    body = entry.response.content if entry.response is not None else None
    said = 0 if body is None or body.encoding else len(body.text or "")
    # The text of a response that was going on may end before the messages do.
    if entry.messages and said < sum(len(message.data) for message in entry.messages):
        return Recorded(b"".join(map(_event, entry.messages)), media_type="text/event-stream")
    if received := [frame.data for frame in entry.frames if frame.type == "receive"]:
        return Recorded(b"".join(sse_event(utf8(data)) for data in received if data))
    if body is None:
        return Recorded(b"")
    text, encoding = utf8(body.text or ""), ""
    if body.encoding in _DECODERS:
        try:
            text = b"".join(map(_DECODERS[body.encoding], _pieces(body.text or "")))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            reason = f"the entry's text is not {body.encoding} ({error})"
            return Unreadable(reason, bytes(raw))
        # A recorder that wrote the body as text had already decompressed it.
        if entry.response is not None and not_utf8(text):
            encoding = header(record_or_none(entry.response.headers), "content-encoding")
    return Recorded(text, encoding, body.media_type or "")


_DECODERS = {"base64": from_base64, "hex": bytes.fromhex}


def _pieces(text: str) -> Sequence[str]:
    """Polly.js has a body's chunks as a list, each encoded by itself."""
    return parts(decode_record(text)) if text.startswith("[") else (text,)


def _event(message: _Message) -> bytes:
    name = message.name if message.name not in ("", "message") else None
    return sse_event(utf8(message.data), name)
