"""`ServerSentEvent`: its fields, and what every Python object can do."""

from __future__ import annotations

import copy
import pickle
import sys
from typing import Any

import pytest

import rapidsse
from rapidsse import ServerSentEvent
from rapidsse._engine import FrameReader

STREAM = b'event: e\ndata: {"a": [1]}\nid: 7\nretry: 10\n\n'


@pytest.fixture
def event() -> ServerSentEvent:
    (event,) = rapidsse.iter_sse(STREAM)
    return event


def test_fields(event: ServerSentEvent) -> None:
    assert event.event == "e"
    assert event.data == '{"a": [1]}'
    assert event.data is event.data
    assert event.data_bytes.tobytes() == b'{"a": [1]}'
    assert event.data_bytes.readonly
    assert event.id == "7"
    assert event.retry == 10
    assert event.json() == {"a": [1]}


def test_constructor() -> None:
    event = ServerSentEvent()
    assert (event.event, event.data, event.id, event.retry) == ("message", "", "", None)
    assert ServerSentEvent("e", "é", "i", 3).data_bytes.tobytes() == "é".encode()
    assert ServerSentEvent("e", bytearray(b"x"), id="i").data == "x"
    assert ServerSentEvent(data=memoryview(b"xyz")[1:]).data_bytes.tobytes() == b"yz"
    assert ServerSentEvent(data=b"\xff").data == "\ufffd"
    assert ServerSentEvent(retry=2**64 - 1).retry == 2**64 - 1


def test_constructor_copies_mutable_buffers() -> None:
    data = bytearray(b"before")
    event = ServerSentEvent(data=data)
    data[:] = b"after!"
    assert event.data == "before"


def test_constructor_refuses_other_types() -> None:
    wrong: list[dict[str, Any]] = [
        {"event": b"e"},
        {"data": 1},
        {"id": 1},
        {"retry": "1"},
        {"retry": 1.5},
    ]
    for arguments in wrong:
        with pytest.raises(TypeError):
            ServerSentEvent(**arguments)
    for retry in (-1, 2**64):
        with pytest.raises(OverflowError):
            ServerSentEvent(retry=retry)


def test_immutable(event: ServerSentEvent) -> None:
    for name in ("event", "data", "data_bytes", "id", "retry", "other"):
        with pytest.raises(AttributeError):
            setattr(event, name, "x")
        with pytest.raises(AttributeError):
            delattr(event, name)
    with pytest.raises(TypeError):
        event.data_bytes[0] = 0


def test_equality_and_hash(event: ServerSentEvent) -> None:
    same = ServerSentEvent("e", b'{"a": [1]}', "7", 10)
    assert event == same
    assert (event != same) is False
    assert hash(event) == hash(same)
    assert event == ServerSentEvent("e", '{"a": [1]}', "7", 10)
    others = [
        ServerSentEvent("f", b'{"a": [1]}', "7", 10),
        ServerSentEvent("e", b'{"a": [2]}', "7", 10),
        ServerSentEvent("e", b'{"a": [1]}', "8", 10),
        ServerSentEvent("e", b'{"a": [1]}', "7", 11),
        ServerSentEvent("e", b'{"a": [1]}', "7"),
        ("e", '{"a": [1]}', "7", 10),
    ]
    for other in others:
        assert event != other
    assert len({event, same, *others}) == 7


def test_data_is_compared_as_bytes() -> None:
    assert ServerSentEvent(data=b"\xff") != ServerSentEvent(data=b"\xfe")
    assert ServerSentEvent(data=b"\xff").data == ServerSentEvent(data=b"\xfe").data


def test_no_order(event: ServerSentEvent) -> None:
    with pytest.raises(TypeError):
        event < ServerSentEvent()  # type: ignore[operator]  # noqa: B015


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(event: ServerSentEvent, protocol: int) -> None:
    pickled = pickle.dumps(event, protocol)
    assert b"rapidsse" in pickled
    assert b"_pure" not in pickled
    assert b"_rust" not in pickled
    loaded = pickle.loads(pickled)
    assert type(loaded) is ServerSentEvent
    assert loaded == event


def test_copy(event: ServerSentEvent) -> None:
    assert copy.copy(event) == event
    assert copy.deepcopy(event) == event


def test_match(event: ServerSentEvent) -> None:
    match event:
        case ServerSentEvent("e", data, "7", retry=10):
            assert data == '{"a": [1]}'
        case _:
            pytest.fail("the pattern did not match")


def test_names() -> None:
    assert ServerSentEvent.__module__ == "rapidsse"
    assert ServerSentEvent.__qualname__ == "ServerSentEvent"


def test_repr() -> None:
    event = ServerSentEvent("e", 'say "hi"\n', "7", 10)
    assert repr(event) == "ServerSentEvent(event='e', data='say \"hi\"\\n', id='7', retry=10)"
    assert repr(ServerSentEvent()) == (
        "ServerSentEvent(event='message', data='', id='', retry=None)"
    )


def test_repr_of_60_characters_is_whole() -> None:
    assert f"data={'€' * 60!r}, id" in repr(ServerSentEvent(data="€" * 60))
    assert f"data={'🎉' * 60!r}, id" in repr(ServerSentEvent(data="🎉" * 60))


def test_repr_is_short() -> None:
    event = ServerSentEvent(data="x" * 2_000_000)
    assert f"data='{'x' * 60}...' (2000000 bytes), id=''" in repr(event)
    assert "(183 bytes)" in repr(ServerSentEvent(data="€" * 61))
    huge = ServerSentEvent("n" * 10**6, b"\xff" * 10**6, "i" * 10**6, 2**64 - 1)
    assert len(repr(huge)) < 1000


def test_json_errors() -> None:
    with pytest.raises(rapidsse.DecodeError, match="malformed") as caught:
        ServerSentEvent("e", b"{x}").json()
    assert caught.value.kind == "json"
    assert caught.value.data == b"{x}"
    assert caught.value.offset is None
    with pytest.raises(rapidsse.DecodeError) as caught:
        ServerSentEvent(data=b'{"a":"b","c":"d\xff"}').json()
    assert caught.value.kind == "utf8"
    assert caught.value.reason == "not UTF-8: invalid start byte at byte 15 of the payload"
    with pytest.raises(rapidsse.DecodeError) as caught:
        ServerSentEvent(data=b"[" * 100_000).json()
    assert caught.value.kind == "json"
    with pytest.raises(rapidsse.DecodeError):
        ServerSentEvent().json()


class Subclass(ServerSentEvent):
    __slots__ = ()

    def shout(self) -> str:
        return self.data.upper()


def test_a_reader_makes_events_of_a_subclass() -> None:
    reader = FrameReader(iter([STREAM, b"data: x\n\ndata: y\n\n"]), event_type=Subclass)
    events = list(reader)
    assert [type(event) for event in events] == [Subclass] * 3
    assert [event.shout() for event in events] == ['{"A": [1]}', "X", "Y"]
    assert events[1] == ServerSentEvent(data="x", id="7")


def test_events_of_a_subclass_neither_leak_it_nor_let_it_go() -> None:
    before = sys.getrefcount(Subclass)
    events = list(FrameReader(iter([b"data: x\n\n" * 1000]), event_type=Subclass))
    assert sys.getrefcount(Subclass) == before + len(events)
    del events
    assert sys.getrefcount(Subclass) == before


@pytest.mark.parametrize("event_type", [object, int, "ServerSentEvent", None])
def test_the_class_of_the_events_must_be_one(event_type: Any) -> None:
    with pytest.raises(TypeError, match="event_type must be ServerSentEvent or a subclass"):
        FrameReader(event_type=event_type)


@pytest.mark.parametrize("slots", [None, "__dict__", "__weakref__", "field"])
def test_the_class_of_the_events_must_not_add_fields(slots: str | None) -> None:
    # Some of these do not show in the size of the class on some Pythons.
    fields = {} if slots is None else {"__slots__": slots}
    with_fields = type("WithFields", (ServerSentEvent,), fields)
    with pytest.raises(TypeError, match="empty __slots__"):
        FrameReader(event_type=with_fields)
