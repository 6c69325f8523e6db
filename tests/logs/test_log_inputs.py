"""`open_log`: where the bytes come from, and what is wrong with them."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

import rapidsse
from log_files import COMPRESS, COMPRESSED, WRITERS, compress_zstd
from opened_logs import MIB, STREAM, broken, number_of_events, write
from rapidsse.logs._open import Log
from rapidsse.logs.sources._pipe import pipe_source
from samples import created, delta, sse

# --- Where the bytes come from ----------------------------------------------------------


def test_a_path_or_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, STREAM)
    assert number_of_events(path) == number_of_events(Path(path)) == 2000


def test_no_such_file(tmp_path: Path) -> None:
    path = str(tmp_path / "none")
    with pytest.raises(rapidsse.InputError) as caught:
        rapidsse.open_log(path)
    error = caught.value
    assert str(error) == f"cannot read {path}: No such file or directory"
    assert (error.source, error.reason) == (path, "No such file or directory")
    assert isinstance(error, rapidsse.RapidSSEError)
    copied = pickle.loads(pickle.dumps(error))
    assert (str(copied), copied.source) == (str(error), path)


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(rapidsse.InputError, match="is a directory: name the files in it"):
        rapidsse.open_log(tmp_path)


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_names_that_no_file_can_have(path: str) -> None:
    with pytest.raises(rapidsse.InputError, match="cannot read"):
        rapidsse.open_log(path)


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs Linux's /proc")
def test_a_file_that_cannot_be_read() -> None:
    with pytest.raises(rapidsse.InputError, match="cannot read /proc/self/mem: "):
        rapidsse.open_log("/proc/self/mem")


@pytest.mark.parametrize("compression", COMPRESS)
def test_standard_input(compression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(COMPRESS[compression](STREAM))

    monkeypatch.setattr(sys, "stdin", Input())
    with rapidsse.open_log("-") as log:
        assert (log.source, log.size, log.is_plain) == ("-", None, False)
        assert sum(1 for _ in log) == 2000
        assert (log.compression, log.content) == (compression, len(STREAM))
    assert not Input.buffer.closed


def test_what_a_pipe_holds_is_given_before_more_is_waited_for() -> None:
    code = (
        "import rapidsse\n"
        "for event in rapidsse.open_log('-'): print(event.json()['delta'], flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        for text in ("a", "b"):
            process.stdin.write(sse(delta(text)))
            process.stdin.flush()
            assert process.stdout.readline().decode().strip() == text
        process.stdin.close()
        assert process.stdout.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(compress_zstd(STREAM)))
    writer.start()
    assert number_of_events(path) == 2000
    writer.join()


@pytest.mark.parametrize("compression", ["none", "zstd"])
def test_a_url(compression: str) -> None:
    fsspec = pytest.importorskip("fsspec")
    url = f"memory://logs/{compression}.sse"
    fsspec.filesystem("memory").pipe("/logs/" + f"{compression}.sse", COMPRESS[compression](STREAM))
    with rapidsse.open_log(url) as log:
        assert [event.source for event in log] == [url] * 2000
        assert log.size == log.consumed == len(COMPRESS[compression](STREAM))
        assert (log.compression, log.is_plain) == (compression, False)


@pytest.mark.parametrize(
    ("url", "reason"),
    [("memory://none/x", "no such file"), ("nothing://x", "Protocol not known: nothing")],
)
def test_urls_that_cannot_be_read(url: str, reason: str) -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(rapidsse.InputError, match=f"cannot read {url}: {reason}"):
        rapidsse.open_log(url)


def test_a_server_that_does_not_answer() -> None:
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    with pytest.raises(rapidsse.InputError, match="x: Cannot connect to host"):
        rapidsse.open_log("http://127.0.0.1:1/x")


def test_a_file_system_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec")
    fsspec.filesystem("memory").pipe("/fails", STREAM * 20)
    memory = pytest.importorskip("fsspec.implementations.memory")
    read = memory.MemoryFile.read

    def fail(file: Any, size: int = -1) -> bytes:
        if file.tell() >= MIB:
            raise RuntimeError("the connection was lost")
        return bytes(read(file, size))

    monkeypatch.setattr(memory.MemoryFile, "read", fail)
    monkeypatch.setattr(memory.MemoryFile, "read1", fail, raising=False)
    count, error = broken("memory://fails")
    assert error.reason == "the connection was lost"
    assert count > 5000


# --- A file that changes ----------------------------------------------------------------


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_a_file_that_grows(compression: str, tmp_path: Path) -> None:
    path = write(tmp_path, COMPRESS[compression](STREAM))
    count = 0
    with rapidsse.open_log(path) as log:
        for _ in log:
            count += 1
            if count == 10:
                with open(path, "ab") as file:
                    file.write(b"\0" if compression == "gzip" else STREAM)
            if count == 2000:
                break
        with pytest.raises(rapidsse.InputError) as caught:
            next(iter(log))
    # It is reported after everything that was there.
    assert re.search(r"changed while it was read \(from [0-9,]+ to [0-9,]+", caught.value.reason)
    assert "when it is no longer written to" in caught.value.reason


def test_a_file_rewritten_in_place(tmp_path: Path) -> None:
    path = write(tmp_path, STREAM)
    with rapidsse.open_log(path) as log:
        os.utime(path, ns=(0, 0))
        with pytest.raises(rapidsse.InputError, match=r"changed while it was read \(in place\)"):
            list(log)


# --- Compression ------------------------------------------------------------------------


@pytest.mark.parametrize("compression", COMPRESSED)
def test_an_archive_that_is_cut_short(compression: str, tmp_path: Path) -> None:
    whole = COMPRESS[compression](STREAM)
    path = write(tmp_path, whole[:-5])
    count, error = broken(path)
    assert "data end early: was the file cut short?" in error.reason
    content = int(error.reason.split("; ")[1].split()[0].replace(",", ""))
    # The first half is a member of its own, which is whole.
    assert len(STREAM) // 2 <= content <= len(STREAM)
    assert abs(count - content * 2000 / len(STREAM)) < 25


@pytest.mark.parametrize("compression", COMPRESSED)
def test_a_small_archive_that_is_cut_short(compression: str, tmp_path: Path) -> None:
    """It breaks within the bytes that tell its format."""
    whole = COMPRESS[compression](STREAM[: len(STREAM) // 100])
    count, error = broken(write(tmp_path, whole[:-5]))
    assert "data end early: was the file cut short?" in error.reason
    assert count >= 9


@pytest.mark.parametrize("compression", COMPRESSED)
def test_a_corrupt_archive(compression: str, tmp_path: Path) -> None:
    whole = bytearray(COMPRESS[compression](STREAM))
    at = len(whole) * 3 // 4
    whole[at : at + 40] = bytes(40)
    count, error = broken(write(tmp_path, bytes(whole)))
    assert f"the {compression} data are corrupt" in error.reason
    assert count >= 990


@pytest.mark.parametrize("compression", COMPRESSED)
def test_a_small_archive_with_a_corrupt_end(compression: str, tmp_path: Path) -> None:
    """Its content is whole, and what one call decompresses."""
    whole = bytearray(COMPRESS[compression](STREAM[: len(STREAM) // 20]))
    whole[-3] ^= 0x10
    count, error = broken(write(tmp_path, COMPRESS[compression](STREAM) + whole))
    assert f"the {compression} data are corrupt" in error.reason
    # zstd's end is a part of its content, if it has no checksum.
    assert count >= 2000 + 99 * (compression != "zstd")


@pytest.mark.parametrize("compression", COMPRESSED)
def test_what_follows_an_archive(compression: str, tmp_path: Path) -> None:
    count, error = broken(write(tmp_path, COMPRESS[compression](STREAM) + b"garbage"))
    assert error.reason.endswith(f"; {len(STREAM):,} bytes of content precede")
    assert count == 2000


@pytest.mark.parametrize("compression", ["gzip", "xz"])
def test_padding(compression: str, tmp_path: Path) -> None:
    path = write(tmp_path, COMPRESS[compression](STREAM) + bytes(512))
    assert number_of_events(path) == 2000


@pytest.mark.parametrize("compression", COMPRESSED)
def test_empty_content(compression: str, tmp_path: Path) -> None:
    path = write(tmp_path, COMPRESS[compression](b""))
    with rapidsse.open_log(path) as log:
        assert (log.format, log.compression, list(log)) == ("sse", compression, [])


def test_a_compression_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, STREAM)
    with pytest.raises(rapidsse.InputError, match="the gzip data are corrupt"):
        rapidsse.open_log(path, compression="gzip")
    path = write(tmp_path, COMPRESS["gzip"](STREAM))
    assert number_of_events(path, compression="none", format="sse", on_error="skip") == 0


def test_a_skippable_frame_of_zstd(tmp_path: Path) -> None:
    frame = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    content = frame + compress_zstd(STREAM) + frame + compress_zstd(STREAM)
    assert number_of_events(write(tmp_path, content)) == 4000


@pytest.mark.parametrize("compression", COMPRESSED)
def test_content_in_many_steps(compression: str, tmp_path: Path) -> None:
    content = sse(*(delta(f"{number} " * 250) for number in range(3000)))
    assert len(content) > 3 * MIB
    path = write(tmp_path, COMPRESS[compression](content))
    assert number_of_events(path) == 3000


def test_no_thread_stays(tmp_path: Path) -> None:
    path = write(tmp_path, COMPRESS["gzip"](STREAM * 80))

    def running() -> int:
        # Others, of engines that earlier tests have started, come and go.
        return sum(thread.name == "rapidsse read-ahead" for thread in threading.enumerate())

    before = running()
    with rapidsse.open_log(path) as log:
        while log.content < 2 * MIB:
            next(iter(log))
        assert running() == before + 1
    assert running() == before


# --- What is not installed --------------------------------------------------------------


@pytest.mark.parametrize(
    ("package", "content", "name", "hint"),
    [
        ("fsspec.core", STREAM, "memory://x", "URLs need fsspec: install fsspec"),
        ("yaml", WRITERS["vcr"][1]([STREAM]), "log", "YAML needs PyYAML: install pyyaml"),
        ("backports.zstd", compress_zstd(STREAM), "log", "install backports.zstd"),
    ],
)
def test_a_package_that_is_not_installed(
    package: str,
    content: bytes,
    name: str,
    hint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if package == "backports.zstd" and sys.version_info >= (3, 14):
        package = "compression.zstd"
    monkeypatch.setitem(sys.modules, package, None)
    path = name if "://" in name else write(tmp_path, content, name)
    with pytest.raises(rapidsse.InputError, match=hint), rapidsse.open_log(path) as log:
        list(log)


def test_br_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "brotli", None)
    headers = {"content-encoding": ["br"], "content-type": ["text/event-stream"]}
    cassette = {"interactions": [{"response": {"body": "\x0b\x02", "headers": headers}}]}
    path = write(tmp_path, json.dumps(cassette).encode())
    with rapidsse.open_log(path) as log:
        with pytest.raises(rapidsse.DecodeError, match="needs brotli: install brotli") as caught:
            list(log)
        assert caught.value.kind == "encoding"


def test_the_names_cost_nothing_until_they_are_used() -> None:
    code = (
        "import sys, rapidsse\n"
        "print([name for name in sys.modules if name.startswith('rapidsse.logs')])\n"
        "rapidsse.open_log\n"
        "print(sorted({'fsspec', 'yaml', 'pyarrow'} & set(sys.modules)))\n"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    assert output.split("\n")[:2] == ["[]", "[]"]


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'open_lag'"):
        rapidsse.open_lag  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError):
        from rapidsse.logs import nothing  # type: ignore[attr-defined]  # noqa: F401


@pytest.mark.parametrize("module", ["rapidsse", "rapidsse.logs"])
def test_the_public_names_are_there(module: str) -> None:
    loaded = __import__(module, fromlist=["x"])
    for name in loaded.__all__:
        assert getattr(loaded, name) is not None


# --- What comes in pieces of any size ----------------------------------------------------


class Dribs(io.RawIOBase):
    """A remote file of which now more, now less comes at a time."""

    def __init__(self, content: bytes, seed: int, good: int | None = None) -> None:
        self._content = io.BytesIO(content)
        self._random = random.Random(seed)
        self._good = len(content) if good is None else good

    def read(self, size: int = -1) -> bytes:
        at = self._content.tell()
        if at == self._good < len(self._content.getvalue()):
            raise TimeoutError("timed out")
        size = min(size, self._random.randrange(1, MIB // 3), max(self._good - at, 1))
        return self._content.read(size)


def test_what_comes_in_dribs_makes_the_same_batches() -> None:
    pytest.importorskip("pyarrow")
    from rapidsse.logs.tables._tables import LogTables

    # Failures are handed over one by one, and end a batch when they are many.
    content = sse(created(), *["{no"] * 40, *[delta("a" * 500)] * 100) * 100
    assert len(content) > 4 * MIB

    def batches(seed: int) -> list[int]:
        file = pipe_source(
            "http://host/log", cast(BinaryIO, Dribs(content, seed)), None, is_remote=True
        )
        with Log(file) as log:
            return [batch.num_rows for _, batch in LogTables({"events": None}).read(log)]

    first = batches(0)
    assert sum(first) == 100 * 101
    assert len(first) > 10
    for seed in (1, 2):
        assert batches(seed) == first


def test_what_came_before_a_connection_broke_is_read() -> None:
    content = sse(*[delta(str(number)) for number in range(60_000)])
    good = MIB + 300_000
    file = cast(BinaryIO, Dribs(content, 0, good))
    found = list[Any]()
    source = pipe_source("http://host/log", file, None, is_remote=True)
    with (
        pytest.raises(rapidsse.InputError, match="cannot read http://host/log: timed out"),
        Log(source, on_error="yield") as log,
    ):
        found += log
    *events, cut = found
    assert len(events) == content[:good].count(b"\n\n")
    assert (cut.kind, cut.index) == ("truncated", len(events))
