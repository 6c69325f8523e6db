"""Properties of `LogReader`: it gives what the naive oracle gives, however a log is cut into
chunks, and both engines give the same."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import log_oracle
import log_strategies
import other_api_strategies
import stream_strategies
from examples import examples
from log_reading import Log, read_log
from rapidsse import _engine, _pure
from samples import corpus

try:
    from rapidsse import _rust
except ImportError:
    _rust = None  # type: ignore[assignment]

BOTH_ENGINES = pytest.mark.skipif(
    not hasattr(_rust, "LogReader"), reason="the compiled LogReader is not built"
)
OPTIONS = st.fixed_dictionaries(
    {
        "deliver": st.sets(st.sampled_from(["all", "state", "texts", "images", "items"])).map(
            frozenset
        ),
        "max_event_size": st.sampled_from([None, None, None, 0, 3, 40, 200, 20_000]),
    }
)
BODIES = {"sse": log_strategies.bodies(), "lines": log_strategies.line_bodies()}
FRAMING = pytest.mark.parametrize("framing", ["sse", "lines"])


def read_all(engine: Any, bodies: list[bytes], places: list[int], **options: Any) -> Log:
    """Reads bodies that stand one after another, each cut at these places."""
    offset = 0
    pushed: list[tuple[int, list[bytes]]] = []
    for body in bodies:
        pushed.append((offset, stream_strategies.cut(body, places)))
        offset += len(body)
    return read_log(engine, pushed, **options)


def expected(bodies: list[bytes], **options: Any) -> Log:
    offsets = [sum(map(len, bodies[:number])) for number in range(len(bodies))]
    return log_oracle.read(list(zip(offsets, bodies, strict=True)), **options)


@FRAMING
@given(st.data(), stream_strategies.places(), OPTIONS)
@settings(max_examples=examples(100, deep=3000))
def test_the_oracle_agrees(
    framing: str, data: st.DataObject, places: list[int], options: dict[str, Any]
) -> None:
    bodies = data.draw(st.lists(log_strategies.damaged(BODIES[framing]), min_size=1, max_size=2))
    log = read_all(_engine, bodies, places, framing=framing, **options)
    assert log == expected(bodies, framing=framing, **options)
    assert sum(log.totals[2:]) == sum(map(len, bodies))


@FRAMING
@given(st.data(), OPTIONS, st.integers(1, 3), st.integers(1, 60))
def test_no_cut_makes_a_difference(
    framing: str, data: st.DataObject, options: dict[str, Any], rows: int, size: int
) -> None:
    body = data.draw(log_strategies.damaged(BODIES[framing]))[:3000]
    options |= {"framing": framing, "batch_rows": rows, "batch_bytes": size}
    whole = read_all(_engine, [body], [], **options)
    assert read_all(_engine, [body], list(range(len(body))), **options) == whole
    views = [(0, [memoryview(body)])]
    assert read_log(_engine, views, **options) == whole


@pytest.mark.once
@BOTH_ENGINES
@FRAMING
@given(st.data(), stream_strategies.places(), OPTIONS, st.integers(1, 9), st.integers(1, 2000))
@settings(max_examples=examples(100, deep=3000))
def test_engines_agree(
    framing: str,
    data: st.DataObject,
    places: list[int],
    options: dict[str, Any],
    rows: int,
    size: int,
) -> None:
    bodies = data.draw(st.lists(log_strategies.damaged(BODIES[framing]), min_size=1, max_size=2))
    options |= {"framing": framing, "batch_rows": rows, "batch_bytes": size}
    pure = read_all(_pure, bodies, places, **options)
    assert read_all(_rust, bodies, places, **options) == pure


@pytest.mark.once
@BOTH_ENGINES
@FRAMING
@given(st.data(), stream_strategies.places(), OPTIONS, st.integers(1, 9))
@settings(max_examples=examples(150, deep=3000))
def test_engines_agree_on_other_apis(
    framing: str, data: st.DataObject, places: list[int], options: dict[str, Any], rows: int
) -> None:
    bodies = data.draw(st.lists(_other_bodies(framing), min_size=1, max_size=2))
    options |= {"framing": framing, "batch_rows": rows}
    pure = read_all(_pure, bodies, places, **options)
    assert read_all(_rust, bodies, places, **options) == pure
    assert read_all(_rust, bodies, [], **options) == pure


def _other_bodies(framing: str) -> st.SearchStrategy[bytes]:
    bodies = other_api_strategies.bodies(framing)
    return st.one_of(bodies, log_strategies.damaged(bodies))


def recorded() -> list[bytes]:
    return [path.read_bytes() for path in sorted(corpus().rglob("*.sse"))]


def test_the_oracle_agrees_on_the_corpus() -> None:
    bodies = recorded()
    deliver = frozenset({"state", "texts", "images"})
    log = read_all(_engine, bodies, list(range(0, 1 << 16, 4099)), deliver=deliver)
    assert log == expected(bodies, deliver=deliver)
    assert log.failures == []


def test_the_oracle_agrees_on_a_log_of_the_corpus() -> None:
    """One body: its streams follow each other with nothing between them."""
    body = b"".join(stream.rstrip(b"\n") + b"\n\n" for stream in recorded())
    log = read_all(_engine, [body], [])
    assert log == expected([body])
    assert len(log.streams) == len(recorded())


def mutated(stream: bytes, random: random.Random) -> bytes:
    """With a few bytes damaged, and a piece moved, or cut off."""
    damaged = bytearray(stream)
    for _ in range(random.choice([0, 1, 3, 30])):
        damaged[random.randrange(len(damaged))] = random.choice(b'\n\r:"\\{}[],\x00\xff\xef0e')
    start, end = sorted(random.randrange(len(damaged)) for _ in range(2))
    piece = damaged[start:end]
    del damaged[start : random.choice([start, end])]
    at = random.randrange(len(damaged) + 1)
    damaged[at:at] = piece
    return bytes(damaged[: random.choice([len(damaged), random.randrange(len(damaged) + 1)])])


@pytest.mark.parametrize("seed", range(3))
def test_the_oracle_agrees_on_a_damaged_corpus(seed: int) -> None:
    choice = random.Random(seed)
    for stream in recorded():
        bodies = [mutated(stream, choice)]
        places = [choice.randrange(1 << 20) for _ in range(5)]
        options: dict[str, Any] = {"max_event_size": choice.choice([None, None, 1000])}
        assert read_all(_engine, bodies, places, **options) == expected(bodies, **options)


@pytest.mark.once
@BOTH_ENGINES
@pytest.mark.parametrize("seed", range(3))
def test_engines_agree_on_a_damaged_corpus(seed: int) -> None:
    choice = random.Random(seed)
    streams = recorded()
    for stream in streams:
        bodies = [stream, mutated(stream, choice), mutated(stream, choice)]
        places = [choice.randrange(1 << 20) for _ in range(5)]
        options: dict[str, Any] = {
            "max_event_size": choice.choice([None, None, 1000]),
            "deliver": choice.choice([frozenset({"all"}), frozenset({"state", "texts", "images"})]),
        }
        pure = read_all(_pure, bodies, places, **options)
        assert read_all(_rust, bodies, places, **options) == pure
