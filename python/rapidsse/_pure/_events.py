"""`ServerSentEvent`: one event, whose text is decoded only when it is asked for."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any

from .._event import event_json, event_reduce, event_repr
from ._fields import MAX_RETRY
from ._source import check_chunk

if TYPE_CHECKING:
    from typing import Self

    from typing_extensions import Buffer

    from ._frame import Frame


class ServerSentEvent:
    """One dispatched event of an event stream (WHATWG HTML, section 9.2).

    Immutable, hashable, picklable; equal when its four fields are equal.
    """

    # `_text` is the data decoded, once it was asked for. `_is_named` and `_sets_id` say whether
    # lines of its own gave the event a name that is not empty, and a valid id.
    __slots__ = (
        "_end",
        "_event",
        "_id",
        "_is_named",
        "_retry",
        "_sets_id",
        "_source",
        "_start",
        "_text",
    )
    __match_args__ = ("event", "data", "id", "retry")

    _source: memoryview
    _start: int
    _end: int
    _event: str
    _id: str
    _is_named: bool
    _retry: int | None
    _sets_id: bool
    _text: str | None

    def __new__(
        cls,
        event: str = "message",
        data: str | Buffer = b"",
        id: str = "",
        retry: int | None = None,
    ) -> Self:
        if not isinstance(event, str):
            raise TypeError(f"event must be str, not {type(event).__name__}")
        if not isinstance(id, str):
            raise TypeError(f"id must be str, not {type(id).__name__}")
        if retry is not None:
            try:
                retry = index(retry)
            except TypeError:
                name = type(retry).__name__
                raise TypeError(f"retry must be int or None, not {name}") from None
            if not 0 <= retry <= MAX_RETRY:
                raise OverflowError("retry must be from 0 to 2**64 - 1 milliseconds")
        if isinstance(data, str):
            raw = data.encode()
        else:
            raw = data if type(data) is bytes else bytes(check_chunk(data))
        self = super().__new__(cls)
        self._event = event
        self._source = memoryview(raw)
        self._start = 0
        self._end = len(raw)
        self._id = id
        self._retry = retry
        self._is_named = True
        self._sets_id = True
        self._text = None
        return self

    @property
    def event(self) -> str:
        """The event's name, `"message"` if the stream gave none."""
        return self._event

    @property
    def data(self) -> str:
        """The data, lines joined by LF, decoded as UTF-8 (U+FFFD for what is invalid)."""
        if self._text is None:
            self._text = str(self.data_bytes, "utf-8", "replace")
        return self._text

    @property
    def data_bytes(self) -> memoryview:
        """The data's bytes, read-only; in place when the event has one `data` line and lay
        within one chunk."""
        return self._source[self._start : self._end]

    @property
    def id(self) -> str:
        """The last event id when the event was dispatched, `""` if none."""
        return self._id

    @property
    def retry(self) -> int | None:
        """The reconnection time in milliseconds that the event's own lines set, if any."""
        return self._retry

    def json(self) -> Any:
        """The decoded JSON of `data`.

        Raises `DecodeError` of kind `"json"` or `"utf8"`.
        """
        return event_json(self.data_bytes, self._event)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ServerSentEvent):
            return NotImplemented
        return (
            self._event == other._event
            and self._id == other._id
            and self._retry == other._retry
            and self.data_bytes == other.data_bytes
        )

    def __hash__(self) -> int:
        return hash((self._event, bytes(self.data_bytes), self._id, self._retry))

    def __repr__(self) -> str:
        return event_repr(self._event, self.data_bytes, self._id, self._retry)

    def __reduce__(self) -> tuple[Any, ...]:
        public, fields = event_reduce(self._event, self.data_bytes, self._id, self._retry)
        return (public if type(self) is ServerSentEvent else type(self)), fields


def new_event(event_type: type[ServerSentEvent], frame: Frame, id: str) -> ServerSentEvent:
    """The event of a frame; `id` is the last event id as of its blank line."""
    event = _new(event_type)
    event._source = frame.source
    event._start = frame.start
    event._end = frame.end
    event._event = frame.name or "message"
    event._id = id
    event._is_named = frame.name != ""
    event._retry = frame.retry
    event._sets_id = frame.sets_id
    event._text = None
    return event


_new = object.__new__

# It is public under this name, and tracebacks and pickles say so.
ServerSentEvent.__module__ = "rapidsse"
