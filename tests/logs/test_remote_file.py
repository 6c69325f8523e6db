"""Files at URLs, read piece by piece: several requests at a time, the pieces in order."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from typing import Any, ClassVar

import pytest

from rapidsse import InputError
from rapidsse.logs.sources._remote_file import RemoteFile

pytestmark = pytest.mark.once

fsspec: Any = pytest.importorskip("fsspec")
asyn: Any = pytest.importorskip("fsspec.asyn")
spec: Any = pytest.importorskip("fsspec.spec")

CONTENT = random.Random(1).randbytes(40_500)
STEP = 1000


class Asked:
    """How many requests came, and how many at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.starts: list[int] = []
        self.now = self.most = 0

    def begin(self, start: int) -> None:
        with self.lock:
            self.starts.append(start)
            self.now += 1
            self.most = max(self.most, self.now)

    def end(self) -> None:
        with self.lock:
            self.now -= 1


class Store(asyn.AsyncFileSystem):  # type: ignore[misc]
    """Answers a request after a while, now sooner, now later."""

    protocol = "store"
    cachable = False
    asked: ClassVar[dict[str, Asked]] = {}
    ends_at: ClassVar[int]

    async def _info(self, path: str, **kwargs: Any) -> dict[str, Any]:
        return {"name": path, "size": len(CONTENT), "type": "file", "ETag": "1"}

    async def _cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any
    ) -> bytes:
        assert start is not None and end is not None
        asked = self.asked[f"store://{path}"]
        asked.begin(start)
        await asyncio.sleep(0.002 if start // STEP % 2 else 0.02)
        asked.end()
        if end > self.ends_at:
            raise OSError("the server is gone")
        return CONTENT[start:end]


class OneConnection(spec.AbstractFileSystem):  # type: ignore[misc]
    """As file systems are that know nothing of others' threads."""

    protocol = "oneconnection"
    asked: ClassVar[Asked]

    def info(self, path: str, **kwargs: Any) -> dict[str, Any]:
        return {"name": path, "size": len(CONTENT), "type": "file"}

    def cat_file(self, path: str, start: Any = None, end: Any = None, **kwargs: Any) -> bytes:
        self.asked.begin(start)
        time.sleep(0.002)
        self.asked.end()
        return CONTENT[start:end]


@pytest.fixture
def file() -> RemoteFile:
    """A file of another name for each test: answers to the last one may still be on their way."""
    fsspec.register_implementation("store", Store, clobber=True)
    url = f"store://log-{len(Store.asked)}"
    Store.asked[url], Store.ends_at = Asked(), len(CONTENT)
    return RemoteFile(url)


def test_several_pieces_are_on_their_way_at_a_time(file: RemoteFile) -> None:
    pieces = list(file.read(300, len(CONTENT) - 70, STEP))
    assert b"".join(pieces) == CONTENT[300:-70]
    assert {len(piece) for piece in pieces[:-1]} == {STEP}
    assert 2 <= Store.asked[file.url].most <= 8
    assert sorted(Store.asked[file.url].starts) == list(range(300, len(CONTENT) - 70, STEP))
    assert file.fetched == len(CONTENT) - 370


def test_what_is_only_opened_takes_its_beginning_alone(file: RemoteFile) -> None:
    pieces = file.read(0, len(CONTENT), STEP)
    assert next(pieces) == CONTENT[:STEP]
    time.sleep(0.01)
    assert Store.asked[file.url].starts == [0]


def test_what_was_searched_is_not_fetched_again(file: RemoteFile) -> None:
    assert file.window.find(b"\0", 0, 10) == CONTENT.find(b"\0", 0, 10)
    assert b"".join(file.read(5, len(CONTENT), STEP)) == CONTENT[5:]
    assert Store.asked[file.url].starts == [0]


def test_what_comes_before_an_error_is_given(file: RemoteFile) -> None:
    Store.ends_at = 7 * STEP
    found = b""
    with pytest.raises(InputError, match="the server is gone") as caught:
        for piece in file.read(0, len(CONTENT), STEP):
            found += piece
    assert caught.value.source == file.url
    assert found == CONTENT[: 7 * STEP]


def test_who_stops_early_has_no_more_fetched(file: RemoteFile) -> None:
    pieces = file.read(0, len(CONTENT), STEP)
    assert [next(pieces), next(pieces)] == [CONTENT[:STEP], CONTENT[STEP : 2 * STEP]]
    pieces.close()  # type: ignore[attr-defined]
    time.sleep(0.05)
    assert len(Store.asked[file.url].starts) <= 9
    assert Store.asked[file.url].now == 0


def test_other_file_systems_are_asked_one_thing_at_a_time() -> None:
    fsspec.register_implementation("oneconnection", OneConnection, clobber=True)
    OneConnection.asked = Asked()
    file = RemoteFile("oneconnection://log")
    assert b"".join(file.read(0, len(CONTENT), STEP)) == CONTENT
    assert (OneConnection.asked.most, len(OneConnection.asked.starts)) == (1, 41)
