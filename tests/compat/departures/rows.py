"""The rows of the tables, and rows that several libraries share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from peer_reading import Chunks, Reading

Verdict = Literal["kept", "fixed", "limit"]
Level = Literal["frames", "live", "accelerate", "events"]


class Row(NamedTuple):
    """A stream, and what each side reads from it.

    At the level `frames` an item is (event, data, id, retry); at `live` it is (chunks taken so
    far, data); at `accelerate` and `events` the class of a typed event and its text.
    """

    name: str
    chunks: Chunks
    peer: Reading
    ours: Reading
    verdict: Verdict
    level: Level
    # Of the readers, such as the encoding. `way` names those that the row is about.
    options: dict[str, Any]


class Use(NamedTuple):
    """Another use of the library than reading a stream, and its result on each side."""

    name: str
    use: Callable[[Any], Any]
    modules: tuple[Any, Any]
    peer: Any
    ours: Any
    verdict: Verdict


def kept(name: str, chunks: Chunks, both: Reading, level: Level = "frames", **options: Any) -> Row:
    return Row(name, chunks, both, both, "kept", level, options)


def fixed(
    name: str,
    chunks: Chunks,
    peer: Reading,
    ours: Reading,
    level: Level = "frames",
    **options: Any,
) -> Row:
    return Row(name, chunks, peer, ours, "fixed", level, options)


def limit(
    name: str,
    chunks: Chunks,
    peer: Reading,
    ours: Reading,
    level: Level = "frames",
    **options: Any,
) -> Row:
    return Row(name, chunks, peer, ours, "limit", level, options)


def error_of(use: Callable[[], Any]) -> str:
    """Returns the class name of the error that `use` raises, or `""`."""
    try:
        use()
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return ""


BOM = b"\xef\xbb\xbf"
# Values that only one of `int` and the grammar accepts: the line, the value by `int`, ours.
RETRY: list[tuple[str, bytes, int | None, int | None]] = [
    ("retry: 1_0", b"retry: 1_0", 10, None),
    ("retry: +10", b"retry: +10", 10, None),
    ("retry: -5", b"retry: -5", -5, None),
    ("retry between spaces", b"retry:  10 ", 10, None),
    ("retry in other digits", "retry: \u0661\u0660".encode(), 10, None),
    ("retry after a valid one", b"retry: 10\nretry: 2_0", 20, 10),
    ("retry of 5000 digits", b"retry: " + b"0" * 4998 + b"10", None, 10),
]
HUGE = b"retry: 99999999999999999999"


def retry_rows(event: str | None, id: str | None) -> list[Row]:
    def one(retry: int | None) -> Reading:
        return [(event, "a", id, retry)]

    return [
        *(fixed(name, [line + b"\ndata: a\n\n"], one(peer), one(our))
          for name, line, peer, our in RETRY),
        limit("retry above 2**64 - 1", [HUGE + b"\ndata: a\n\n"], one(10**20 - 1), one(2**64 - 1)),
    ]  # fmt: skip
