"""Readers and events that are part of a reference cycle are collected like any Python object."""

from __future__ import annotations

import array
import gc
import mmap
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

import rapidsse
from rapidsse import Decoder, iter_sse
from rapidsse._engine import FrameReader, TypedReader

STREAM = b'data: {"a":1}\n\n'
LARGE = b'data: {"a":"' + b"A" * 3000 + b'"}\n\n'


class Node:
    """An object with attributes, such as a client that keeps the events it reads."""

    held: Any
    more: Any


class Source(Node):
    """Chunks without end."""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return STREAM


class Buffer(bytearray):
    held: Any


class Type(msgspec.Struct):
    a: Any = None


def frames_of_a_source() -> object:
    source = Source()
    source.held = iter_sse(source)
    next(source.held)
    return source


def a_large_event_of_a_buffer() -> object:
    """An event whose data lies in several chunks, one of which refers to it."""
    buffers = [Buffer(LARGE[at : at + 1100]) for at in range(0, len(LARGE), 1100)]
    reader = FrameReader()
    for buffer in buffers:
        reader.push(buffer)
    buffers[1].held = next(reader)
    return buffers[1]


def typed_events_of_a_source() -> object:
    source = Source()
    source.held = Decoder(Type).iter(source)
    next(source.held)
    return source


def a_decoder_and_its_hook() -> object:
    node = Node()
    node.held = Decoder(Type, dec_hook=lambda expected, value, node=node: value)
    node.more = node.held.iter(STREAM * 100)
    next(node.more)
    return node


class Handler(Node):
    def deferred(self, *arguments: object) -> object:
        return arguments

    def done(self) -> object:
        return NotImplemented

    def too_large(self, error: Exception) -> object:
        return error


def a_reader_and_its_handler() -> object:
    handler = Handler()
    handler.held = TypedReader(
        decode=msgspec.json.decode,
        decode_lines=msgspec.json.Decoder().decode_lines,
        handler=handler,
        keys=None,
    )
    handler.held.push(STREAM * 100)
    next(handler.held)
    return handler


def a_reader_and_its_decode() -> object:
    node = Node()

    def decode(payload: bytes, node: Node = node) -> object:
        return payload

    node.held = TypedReader(decode=decode, handler=Handler(), keys=None)
    return node


def a_reader_that_read_ahead() -> object:
    node = Node()

    def decode_lines(lines: bytes) -> list[object]:
        return [node] * len(lines.splitlines())

    node.held = TypedReader(
        iter([STREAM * 100]),
        decode=lambda payload: node,
        decode_lines=decode_lines,
        handler=Handler(),
        keys=None,
    )
    next(node.held)
    return node


def a_buffer_and_its_reader() -> object:
    buffer = Buffer(STREAM)
    buffer.held = iter_sse(buffer)
    return buffer


def a_buffer_and_its_events() -> object:
    buffer = Buffer(STREAM)
    buffer.held = list(iter_sse(buffer))
    return buffer


def a_buffer_and_a_view_of_an_event() -> object:
    buffer = Buffer(STREAM)
    buffer.held = [event.data_bytes for event in iter_sse(buffer)]
    return buffer


def a_buffer_and_the_data_kept_in_it() -> object:
    buffer = Buffer(LARGE[:2000])
    handler = Handler()
    reader = TypedReader(decode=msgspec.json.decode, handler=handler, keys=frozenset({"a"}))
    reader.push(b'data: {"a":"')
    reader.push(Buffer(b"A" * 2000))
    reader.push(buffer)
    assert list(reader) == []
    buffer.held = reader
    return buffer


def an_event_class_and_its_reader() -> object:
    class Event(rapidsse.ServerSentEvent):
        __slots__ = ()
        held: Any

    Event.held = FrameReader(event_type=Event)
    return Event


def an_event_class_and_its_event() -> object:
    class Event(rapidsse.ServerSentEvent):
        __slots__ = ()
        held: Any

    reader = FrameReader(event_type=Event)
    reader.push(STREAM)
    Event.held = list(reader)
    return Event


@pytest.mark.parametrize(
    "make",
    [
        frames_of_a_source,
        a_large_event_of_a_buffer,
        typed_events_of_a_source,
        a_decoder_and_its_hook,
        a_reader_and_its_handler,
        a_reader_and_its_decode,
        a_reader_that_read_ahead,
        a_buffer_and_its_reader,
        a_buffer_and_its_events,
        a_buffer_and_a_view_of_an_event,
        a_buffer_and_the_data_kept_in_it,
        an_event_class_and_its_reader,
        an_event_class_and_its_event,
    ],
)
def test_a_cycle_is_collected(make: Callable[[], object]) -> None:
    ref = weakref.ref(make())
    gc.collect()
    assert ref() is None


def test_events_of_plain_buffers_are_not_visited() -> None:
    """The collector has as little to do with many events as with none."""
    mapped = mmap.mmap(-1, len(STREAM))
    mapped[:] = STREAM
    buffers = [STREAM, bytearray(STREAM), mapped, memoryview(STREAM)]
    for buffer in buffers:
        (event,) = iter_sse(buffer)
        if rapidsse.engine == "rust":
            assert not gc.is_tracked(event), buffer
    assert [event.data for event in iter_sse(array.array("B", STREAM))] == ['{"a":1}']


def test_a_collected_reader_is_harmless() -> None:
    """A finalizer that runs late still finds objects that answer."""
    answers: list[object] = []

    class Last(Node):
        def __del__(self) -> None:
            answers.extend(self.held)

    last = Last()
    last.held = iter_sse(iter([STREAM, STREAM]))
    last.more = last
    del last
    gc.collect()
    assert [event.data for event in answers] == ['{"a":1}'] * 2  # type: ignore[attr-defined]
