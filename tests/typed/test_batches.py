"""An engine may decode several events by one call; nobody must be able to tell."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rapidsse import DecodeError, DecodeFailure, Decoder


class Delta(msgspec.Struct, tag_field="type", tag="delta"):
    text: str
    number: int = 0


class Other(msgspec.Struct, tag_field="type", tag="other"):
    members: dict[str, Any] = {}


FLAT = '{"type":"delta","text":"x"}'
# What joins with its neighbours to JSON that none of them is, or comes apart.
PAYLOADS = st.lists(
    st.sampled_from(
        [
            FLAT,
            FLAT,
            FLAT,
            '{"type":"delta","text":"}"}',
            '{"type":"delta","text":"{"}',
            '{"type":"delta","text":1}',
            '{"type":"delta"}',
            '{"type":"new"}',
            FLAT + FLAT,
            FLAT + " " + FLAT,
            FLAT + "," + FLAT,
            '{"type":"other","members":',
            '{"type":"other","members":{}}',
            "{}}",
            '{"a":1}}',
            '{"a":[1',
            '{"text":"x',
            '{"type":"delta","text":"x"',
            '{"type":"delta","text":"x"} ',
            "{",
            "}",
            "",
            "[DONE]",
            "null",
        ]
    ),
    max_size=40,
)


def one_by_one(decoder: Decoder[Any], payloads: list[str]) -> list[Any]:
    outcomes = []
    for payload in payloads:
        if payload != "[DONE]":
            try:
                outcomes.append(decoder.decode(payload))
            except DecodeError as error:
                outcomes.append((error.kind, error.reason, error.data))
    return outcomes


@given(PAYLOADS)
@example(['{"type":"other","members":', "{}}", FLAT + FLAT])
@example(['{"type":"other","members":', '{"type":"delta"}}', FLAT + FLAT])
@example([FLAT] * 40)
@example([FLAT] * 15 + ['{"type":"delta","text":1}'] + [FLAT] * 3)
def test_events_are_those_of_the_payloads_one_by_one(payloads: list[str]) -> None:
    decoder: Decoder[Any] = Decoder(Delta | Other, on_error="yield")
    # The first event of a stream is always read by itself: its mark may be yet to come.
    payloads = [FLAT, *payloads]
    stream = "".join(f"event: e\ndata: {payload}\n\n" for payload in payloads).encode()
    events = list(decoder.iter(stream))
    outcomes = [
        (event.kind, event.reason, event.data) if isinstance(event, DecodeFailure) else event
        for event in events
    ]
    assert outcomes == one_by_one(Decoder(Delta | Other), payloads)
    for index, event in enumerate(events):
        if isinstance(event, DecodeFailure):
            assert event.index == index
            assert stream[event.offset :].startswith(b"event: e\ndata: " + event.data + b"\n")


def test_an_error_stands_in_its_place_and_nothing_is_lost() -> None:
    payloads = [f'{{"type":"delta","text":"{n}","number":{n}}}' for n in range(50)]
    payloads[20] = '{"type":"delta","text":20}'
    stream = "".join(f"data: {payload}\n\n" for payload in payloads).encode()
    events = Decoder(Delta).iter(stream)
    assert [next(events).number for _ in range(20)] == list(range(20))
    with pytest.raises(DecodeError, match="event 20 ") as caught:
        next(events)
    assert caught.value.index == 20
    assert [event.number for event in events] == list(range(21, 50))


def test_a_hook_sees_one_event_at_a_time() -> None:
    seen = []

    def hook(type: type, value: object) -> complex:
        seen.append(value)
        return complex(str(value))

    class Point(msgspec.Struct):
        at: complex

    stream = b"".join(b'data: {"at":"%dj"}\n\n' % n for n in range(20))
    events = Decoder(Point, dec_hook=hook).iter(stream)
    assert next(events).at == 0j
    assert seen == ["0j"]


def test_no_more_than_a_few_events_are_decoded_ahead() -> None:
    alive = []

    class Watched(msgspec.Struct):
        n: int

        def __post_init__(self) -> None:
            alive.append(self.n)

    stream = b"".join(b'data: {"n":%d}\n\n' % n for n in range(1000))
    events = Decoder(Watched).iter(stream)
    for n in range(100):
        assert next(events).n == n
        assert len(alive) <= n + 32
