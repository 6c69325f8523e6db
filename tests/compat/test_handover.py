"""What a client hands over between the JSON of an event and its object."""

from __future__ import annotations

import gc
from weakref import ref

from rapidsse.compat._frames import Handover, SDKDecoder, SDKEvent


class Watched(Handover):
    pass


def last_event(handover: Handover) -> SDKEvent:
    """An event whose JSON was asked for and that no client processed, such as one of an error."""
    *_, last = SDKDecoder(handover).iter_bytes(iter([b'data: {"a":1}\n\ndata: {"b":2}\n\n']))
    assert last.json() == {"b": 2}
    return last


def test_the_object_is_taken_once() -> None:
    handover = Handover()
    event = last_event(handover)
    assert handover.given is not None
    data = handover.given.data
    assert handover.take({"b": 2}) is None
    given = handover.take(data)
    assert given is not None
    assert given.event is event
    assert handover.take(data) is None


def test_what_no_client_took_does_not_keep_the_client() -> None:
    handover = Watched()
    last_event(handover)
    gone = ref(handover)
    del handover
    gc.collect()
    assert gone() is None


def test_an_event_may_outlive_its_client() -> None:
    handover = Watched()
    *_, last = SDKDecoder(handover).iter_bytes(iter([b'data: {"a":1}\n\n']))
    del handover
    gc.collect()
    assert last.json() == {"a": 1}
