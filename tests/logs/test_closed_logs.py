"""A log that is closed while it is read, by this thread or another, says so: it never looks read."""

from __future__ import annotations

import contextlib
import gzip
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from rapidsse.logs._bodies import Body
from rapidsse.logs.sources._file import FileSource
from samples import completed, created, delta, sse

STREAM = sse(created(), *[delta("a" * 100)] * 5, completed())
CONTENT = STREAM * 600
MESSAGE = r": the log was closed before it was read to its end$"


def small(path: Path) -> Any:
    path.write_bytes(STREAM)
    return path


def plain(path: Path) -> Any:
    path.write_bytes(CONTENT)
    return path


def compressed(path: Path) -> Any:
    path.write_bytes(gzip.compress(CONTENT, 1))
    return path


def json_lines(path: Path) -> Any:
    path.write_bytes(b'{"type":"response.output_text.delta","delta":"a"}\n' * 20_000)
    return path


def memory(path: Path) -> Any:
    return CONTENT


def remote(path: Path) -> Any:
    fsspec = pytest.importorskip("fsspec")
    fsspec.filesystem("memory").pipe("/closed.sse", CONTENT)
    return "memory://closed.sse"


LOGS: list[Callable[[Path], Any]] = [small, plain, compressed, json_lines, memory, remote]


def elsewhere(call: Callable[[], object]) -> None:
    """Calls it in another thread, to its end."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 (raised below)
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    if errors:
        raise errors[0]


def here(call: Callable[[], object]) -> None:
    call()


@pytest.mark.parametrize("close", [here, elsewhere])
@pytest.mark.parametrize("make", LOGS)
def test_a_loop_over_a_closed_log_raises(
    make: Callable[[Path], Any], close: Callable[..., None], tmp_path: Path
) -> None:
    log = rapidsse.open_log(make(tmp_path / "log"))
    events = iter(log)
    first = next(events)
    close(log.close)
    for _ in range(2):
        with pytest.raises(ValueError, match=MESSAGE):
            next(events)
    assert first.json()


@pytest.mark.parametrize("make", LOGS)
def test_a_log_that_was_read_may_be_closed(make: Callable[[Path], Any], tmp_path: Path) -> None:
    log = rapidsse.open_log(make(tmp_path / "log"))
    events = iter(log)
    assert len(list(events)) > 5
    log.close()
    assert list(events) == []


@pytest.mark.parametrize("make", LOGS)
def test_a_closed_log_has_no_bodies(make: Callable[[Path], Any], tmp_path: Path) -> None:
    log = rapidsse.open_log(make(tmp_path / "log"))
    log.close()
    with pytest.raises(ValueError, match=MESSAGE):
        next(log.bodies())
    with pytest.raises(ValueError, match=MESSAGE):
        next(iter(log))


@pytest.mark.parametrize("make", [plain, compressed, remote])
def test_chunks_of_a_closed_log(
    make: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of more than one chunk."""
    monkeypatch.setattr("test_closed_logs.CONTENT", STREAM * 10_000)
    log = rapidsse.open_log(make(tmp_path / "log"))
    body = next(log.bodies())
    assert isinstance(body, Body)
    next(iter(body.chunks))
    elsewhere(log.close)
    with pytest.raises(ValueError, match=MESSAGE):
        list(body.chunks)


def test_a_log_that_is_closed_during_a_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that closes it gets no error; what was read meanwhile is not given."""
    read_into = FileSource.read_into

    def closing(self: FileSource, view: memoryview) -> int:
        size = read_into(self, view)
        elsewhere(log.close)
        return size

    log = rapidsse.open_log(plain(tmp_path / "log"))
    monkeypatch.setattr(FileSource, "read_into", closing)
    found: list[Any] = []
    with pytest.raises(ValueError, match=MESSAGE):
        found.extend(log)
    assert found == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_that_is_closed_while_it_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    goes_on = threading.Event()

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), path.open("wb", buffering=0) as pipe:
            pipe.write(STREAM)
            assert goes_on.wait(60)
            pipe.write(STREAM)

    writer = threading.Thread(target=write)
    writer.start()
    log = rapidsse.open_log(path)
    taken, errors = threading.Event(), list[str]()

    def read() -> None:
        events: Iterator[Any] = iter(log)
        try:
            for number, _ in enumerate(events):
                if number == 0:
                    taken.set()
        except ValueError as error:
            errors.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    assert taken.wait(60)
    log.close()
    goes_on.set()
    reader.join(60)
    writer.join(60)
    assert errors == [f"{path}: the log was closed before it was read to its end"]


@pytest.mark.parametrize("make", [plain, compressed, json_lines])
def test_closed_at_any_moment(make: Callable[[Path], Any], tmp_path: Path) -> None:
    """A loop that ends has had every event."""
    path = make(tmp_path / "log")
    with rapidsse.open_log(path) as log:
        whole = sum(1 for _ in log)
    for wait in range(10):
        log = rapidsse.open_log(path)
        started = threading.Event()
        outcome: list[object] = []

        def read(log: Any = log, started: Any = started, outcome: list[object] = outcome) -> None:
            count = 0
            started.set()
            try:
                for _ in log:
                    count += 1
            except ValueError as error:
                outcome.append(str(error))
            else:
                outcome.append(count)

        reader = threading.Thread(target=read)
        reader.start()
        assert started.wait(60)
        # Some work, so that it is closed at different places.
        sum(range(wait * 10_000))
        log.close()
        reader.join(60)
        assert outcome == [whole] or str(outcome[0]).endswith("before it was read to its end")
