"""Frames only: the text log, the image log and the corpus, against every peer's frames."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from typing import Any

import pytest

import rapidsse
from conftest import Compare, corpus, cut, drain
from peers import FRAMES
from rows import Row

# Only httpx-sse has a target, and only on the text log.
TARGETS = {"httpx-sse": (20.0, 1.2)}


def check(ours: Iterable[rapidsse.ServerSentEvent], theirs: Iterable[Any]) -> int:
    """Returns the number of events if both sides yield the same ones."""
    pairs = list(zip(ours, theirs, strict=True))
    for our, their in pairs:
        assert (our.event, our.data) == (their.event or "message", their.data)
    return len(pairs)


@pytest.mark.parametrize("peer", FRAMES)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "64 KiB chunks"])
def test_text_log(compare: Compare, text: bytes, peer: str, whole: bool) -> None:
    chunks = [text] if whole else cut(text)
    source = text if whole else chunks
    events = check(rapidsse.iter_sse(source), FRAMES[peer](chunks))
    rust, python = TARGETS.get(peer, (None, None))
    compare(
        Row(
            f"text log, frames, {'whole' if whole else 'in 64 KiB chunks'}",
            f"{peer}, frames",
            "× its speed",
            rust,
            python,
        ),
        lambda: drain(rapidsse.iter_sse(source)),
        lambda: drain(FRAMES[peer](chunks)),
        rounds=5,
        bytes=len(text),
        events=events,
    )


@pytest.mark.parametrize("peer", FRAMES)
def test_image_log(compare: Compare, images: mmap.mmap, peer: str) -> None:
    chunks = cut(images[:])
    events = check(rapidsse.iter_sse(chunks), FRAMES[peer](chunks))
    compare(
        Row("image log, frames, in 64 KiB chunks", f"{peer}, frames", "× its speed"),
        lambda: drain(rapidsse.iter_sse(chunks)),
        lambda: drain(FRAMES[peer](chunks)),
        rounds=5,
        bytes=len(images),
        events=events,
    )


@pytest.mark.parametrize("peer", FRAMES)
def test_corpus(compare: Compare, peer: str) -> None:
    bodies = [cut(path.read_bytes()) for path in sorted(corpus().glob("responses/*.sse"))]
    events = sum(check(rapidsse.iter_sse(body), FRAMES[peer](body)) for body in bodies)

    def ours() -> None:
        for body in bodies:
            drain(rapidsse.iter_sse(body))

    def theirs() -> None:
        for body in bodies:
            drain(FRAMES[peer](body))

    compare(
        Row("corpus, frames, in 64 KiB chunks", f"{peer}, frames", "× its speed"),
        ours,
        theirs,
        bytes=sum(len(chunk) for body in bodies for chunk in body),
        events=events,
    )
