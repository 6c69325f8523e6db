"""Whoever misuses the library gets the same error on both engines, word for word."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

import misuse
import public_misuse
import rapidsse
from child_python import environment
from misuse import Misuse, Use, outcome
from rapidsse import _pure

pytestmark = pytest.mark.once

try:
    from rapidsse import _rust
except ImportError:
    _rust = None  # type: ignore[assignment]

BOTH_ENGINES = pytest.mark.skipif(_rust is None, reason="the compiled engine is not built")


def test_every_name_is_taken_once() -> None:
    names = [case.name for case in [*misuse.ENGINE, *public_misuse.PUBLIC]]
    assert len(set(names)) == len(names)


def test_every_public_name_is_misused() -> None:
    cases = " ".join(
        f"{case.name.partition(':')[0]} " for case in [*misuse.ENGINE, *public_misuse.PUBLIC]
    )
    names = {name for name in rapidsse.__all__ if re.search(rf"\b{name}\b", cases)}
    assert names | public_misuse.UNTESTED.keys() == set(rapidsse.__all__)
    assert not names & public_misuse.UNTESTED.keys()


@BOTH_ENGINES
def test_every_name_of_an_engine_is_misused() -> None:
    tested = {case.name.partition(":")[0].partition(".")[0] for case in misuse.ENGINE}
    # The rest are records, which the readers make.
    records = {"Deferred", "Event", "Failure", "LogCounts", "Picture", "Piece", "Place"}
    records |= {"Span", "StreamEnd"}
    assert tested | records | {"Text", "engine"} == set(_pure.__all__)
    assert not tested & records


@BOTH_ENGINES
@pytest.mark.parametrize("case", misuse.ENGINE, ids=lambda case: case.name)
def test_engines(case: Misuse) -> None:
    pure = outcome(lambda: case.run(_pure))
    assert pure == outcome(lambda: case.run(_rust))
    assert pure[0] == case.error.__qualname__


@BOTH_ENGINES
@pytest.mark.parametrize("case", misuse.ODD_BUT_RIGHT, ids=lambda case: case.name)
def test_odd_but_right(case: Use) -> None:
    assert case.run(_pure) == case.run(_rust) == case.value


def public_outcomes(engine: str) -> dict[str, list[str]]:
    """In a process of its own: a process has one engine."""
    program = subprocess.run(
        [sys.executable, public_misuse.__file__],
        env=environment(RAPIDSSE_ENGINE=engine),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    outcomes: dict[str, list[str]] = json.loads(program.stdout)
    return outcomes


@pytest.fixture(scope="module")
def pure_outcomes() -> dict[str, list[str]]:
    return public_outcomes("python")


@pytest.fixture(scope="module")
def rust_outcomes() -> dict[str, list[str]]:
    return public_outcomes("rust")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("iter_sse: the source is str", "if it is a path, open the file"),
        ("iter_sse: the source is a path", "open the file in binary mode"),
        ("aiter_sse: the source is a path", "open the file in binary mode"),
        ("iter_sse: the source is an async iterator", "use aiter_sse"),
        ("aiter_sse: the source is a list", "use iter_sse"),
        ("Decoder.iter: the source is an async iterator", "use aiter"),
        ("Decoder.aiter: the source is a list", "use iter"),
    ],
)
def test_a_wrong_source_is_told_what_to_do(
    name: str, hint: str, pure_outcomes: dict[str, list[str]]
) -> None:
    assert pure_outcomes[name][1].endswith(f": {hint}") or pure_outcomes[name][1].endswith(
        f"; {hint}"
    )


@BOTH_ENGINES
@pytest.mark.parametrize("case", public_misuse.PUBLIC, ids=lambda case: case.name)
def test_public(
    case: Misuse, pure_outcomes: dict[str, list[str]], rust_outcomes: dict[str, list[str]]
) -> None:
    pure = pure_outcomes[case.name]
    assert pure == rust_outcomes[case.name]
    assert pure[0] == case.error.__qualname__
