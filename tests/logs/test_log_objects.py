"""What the readers pass to their handlers behaves alike on both engines."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from rapidsse._engine import (
    Deferred,
    Event,
    Failure,
    LogReader,
    Picture,
    Piece,
    Place,
    Span,
    StreamEnd,
    Text,
)

PLACE = Place(1, 2, 3, 4)
SPAN = Span(0, 1, 2)
TEXT = Text(0, 1, "x")
PIECE = Piece("message", "text", 0, None, 1, "y")
PICTURE = Picture("i", "partial", 0, b"aGk=", 0)
OBJECTS = [
    (PLACE, "Place(stream=1, offset=2, length=3, index=4)"),
    (SPAN, "Span(start=0, end=1, content=2)"),
    (
        Event(PLACE, "n", None, b"{}", (SPAN,), (PICTURE,)),
        (
            f"Event(place={PLACE!r}, name='n', response_id=None, payload=b'{{}}', "
            f"spans=({SPAN!r},), pictures=({PICTURE!r},))"
        ),
    ),
    (PICTURE, "Picture(item_id='i', kind='partial', partial=0, data=b'aGk=', content=0)"),
    (
        Failure(PLACE, "n", "json", None),
        f"Failure(place={PLACE!r}, name='n', kind='json', payload=None)",
    ),
    (
        StreamEnd(1, "chat", "c", 2, 3, 4, 5, True, (TEXT,), False, (PIECE,), True),
        (
            "StreamEnd(stream=1, api='chat', response_id='c', events=2, failures=3, missing=4, "
            "duplicates=5, complete=True, "
            f"texts=({TEXT!r},), texts_whole=False, pieces=({PIECE!r},), pieces_whole=True)"
        ),
    ),
    (TEXT, "Text(number=0, part=1, text='x')"),
    (
        PIECE,
        "Piece(item='message', column='text', number=0, item_id=None, part=1, text='y')",
    ),
    (
        Deferred(b"{}", ((0, 1),), 5, 6, "n", True),
        ("Deferred(payload=b'{}', spans=((0, 1),), offset=5, index=6, name='n', complete=True)"),
    ),
]


@pytest.mark.parametrize(("found", "text"), OBJECTS)
def test_a_repr_shows_all_fields(found: Any, text: str) -> None:
    assert repr(found) == text


@pytest.mark.parametrize("found", [found for found, _ in OBJECTS])
def test_equal_objects_have_equal_fields(found: Any) -> None:
    fields = {name: getattr(found, name) for name in type(found).__match_args__}
    same = type(found)(**fields)
    assert same is not found
    assert same == found
    assert hash(same) == hash(found)
    assert (same != found) is False
    assert found != tuple(fields.values())
    for name, value in fields.items():
        other = type(found)(**{**fields, name: _other(value)})
        assert other != found
        assert (other == found) is False


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, bytes):
        return value + b"x"
    if isinstance(value, tuple):
        return (*value, *value)
    if isinstance(value, Place):
        return Place(9, 9, 9, 9)
    return "x"


def test_a_response_id_makes_a_difference() -> None:
    assert Event(PLACE, "n", None, b"", (), ()) != Event(PLACE, "n", "r", b"", (), ())


@pytest.mark.parametrize("found", [found for found, _ in OBJECTS])
def test_objects_do_not_change(found: Any) -> None:
    for name in type(found).__match_args__:
        with pytest.raises(AttributeError):
            setattr(found, name, getattr(found, name))
    with pytest.raises(AttributeError):
        found.other = 1


def test_objects_match_patterns() -> None:
    match Failure(PLACE, "n", "json", b"x"):
        case Failure(Place(stream, offset=offset), name, "json"):
            assert (stream, offset, name) == (1, 2, "n")
        case _:
            pytest.fail("no match")


class Keeper:
    """A handler that refers to its reader, and to what it gets."""

    def __init__(self) -> None:
        self.found: list[Any] = []
        self.reader: Any = LogReader(self, deliver={"all"})
        self.reader.begin(0)

    def event(self, event: Event) -> None:
        self.found.append(event)

    failure = stream = event


@pytest.mark.parametrize("end", [True, False])
def test_a_handler_that_refers_to_its_reader_is_collected(end: bool) -> None:
    keeper = Keeper()
    keeper.reader.push(bytearray(b"data: {}\n\ndata: x\n\n" * 300))
    more = True
    while more:
        more = keeper.reader.advance() and end
    assert len(keeper.found) == (600 if end else 256)
    collected = weakref.ref(keeper)
    del keeper
    gc.collect()
    assert collected() is None


def test_a_chunk_that_refers_to_its_events_is_collected() -> None:
    class Bytes(bytearray):
        pass

    keeper = Keeper()
    chunk: Any = Bytes(b"data: {}\n\ndata: x\n\n")
    keeper.reader.push(chunk)
    assert not keeper.reader.advance()
    chunk.found = keeper.found
    collected = weakref.ref(chunk)
    del keeper, chunk
    gc.collect()
    assert collected() is None
