"""One `Decoder`, one `Base64`, many threads."""

import base64
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import Struct

from rapidsse import Base64, DecodeFailure, Decoder, UnknownEvent

THREADS = 8
ROUNDS = 30


class Text(Struct, tag="text"):
    text: str


class Image(Struct, tag="image"):
    result: Base64


class Group(Struct, tag="group"):
    items: list[Text | Image]


@pytest.fixture(autouse=True)
def _switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def run_in_threads(work: Callable[[int], None]) -> None:
    """Runs `work(0)`, `work(1)`, … at once and raises the first error."""
    errors: list[BaseException] = []
    start = threading.Barrier(THREADS)

    def guarded(number: int) -> None:
        start.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def image_json(text: bytes) -> bytes:
    return b'{"type":"image","result":"%b"}' % text


def test_one_decoder_for_many_streams() -> None:
    decoder: Decoder[Any] = Decoder(Text | Image | Group, on_error="yield")

    def work(number: int) -> None:
        # The same shape in each thread, so that a mixed-up reference would fit.
        text = bytes([ord("A") + number]) * 4
        images = [text, text * 400, text * 8000]
        payloads = [
            b'{"type":"text","text":"%b"}' % text,
            *map(image_json, images),
            b'{"type":"group","items":[%b,{"type":"new"}]}' % b",".join(map(image_json, images)),
            b'{"type":"new","text":"%b"}' % text,
            b'{"type":"image","result":%d}' % number,
        ]
        stream = b"".join(b"data: %b\n\n" % payload for payload in payloads)
        for _ in range(ROUNDS):
            events = list(decoder.iter(stream[at : at + 999] for at in range(0, len(stream), 999)))
            assert events[0] == Text(text.decode())
            assert events[1:4] == [Image(Base64(image)) for image in images]
            assert events[4].items[:3] == events[1:4]
            assert events[5] == UnknownEvent("new", events[5].raw)
            assert bytes(events[5].raw) == payloads[5]
            assert isinstance(events[6], DecodeFailure)
            assert events[6].data == payloads[6]

    run_in_threads(work)
    stats = decoder.stats
    assert stats.failures == {"schema": THREADS * ROUNDS}
    assert stats.unknown_events == stats.unknown_items == THREADS * ROUNDS


def test_one_base64_for_many_threads() -> None:
    data = os.urandom(300_000)
    image = Base64(base64.b64encode(data))

    def work(number: int) -> None:
        out = bytearray(len(data))
        for _ in range(ROUNDS):
            assert image.decode() == data
            assert image.decode_into(out) == len(data)
            assert out == data
            assert hash(image) == hash(image.detach())

    run_in_threads(work)
