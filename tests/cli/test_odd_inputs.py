"""Logs that are none, and names that name nothing: an `InputError` or a status, nothing else."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from log_files import COMPRESS
from rapidsse.cli import main
from samples import created, delta, sse

pytest.importorskip("pyarrow")
pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform != "linux", reason="needs file names of any bytes"),
]

GOOD = sse(created(), delta())
NAMES = [
    b"bad\xff.sse",
    b"latin \xe9.sse",
    b"new\nline.sse",
    b"\x1b[31m\t.sse",
    b"x" * 251 + b".sse",
    "é \U0001f600.sse".encode(),
    b"a[b].sse",
    b"*.sse",
    b"-x.sse",
    b" ",
    b"~",
    b"%41.sse",
]
READABLE = {os.fsdecode(name) for name in NAMES}
NOTHING = [
    "", "\0", "a\0b", "\ud800.sse", "x" * 5000, "d/" * 3000, "absent", "absent*", "[", "dangling",
    "loop", "folder", "folder/x", "socket", "damaged-\udcff.gz", "/dev/null",
    "/proc/self/mem", "/proc/self/environ", "/proc/self/fd/0", "http://[", "s3:///", "foo://bar",
    "file:///absent", "memory://absent", "zip://a::absent", "simplecache::absent", "::", "://",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("odd")
    for name in NAMES:
        (folder / os.fsdecode(name)).write_bytes(GOOD)
    (folder / "damaged-\udcff.gz").write_bytes(COMPRESS["gzip"](GOOD)[:-9])
    (folder / "folder").mkdir()
    (folder / "dangling").symlink_to("absent")
    (folder / "loop").symlink_to("loop")
    with contextlib.chdir(folder), socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket")
        yield folder


def open_it(name: str, _: Path) -> int:
    with rapidsse.open_log(name, on_error="skip") as log:
        return len(list(log))


def scan_it(name: str, _: Path) -> int:
    return sum(batch.num_rows for batch in rapidsse.scan(name))


def split_it(name: str, _: Path) -> int:
    splits = rapidsse.plan_splits(name)
    return sum(batch.num_rows for split in splits for batch in rapidsse.read_split(split))


def command(*argv: str) -> Callable[[str, Path], int]:
    def run(name: str, out: Path) -> int:
        options = [str(out) if each == "OUT" else each for each in argv]
        return main([*options, "--", name])

    return run


READERS = {
    "open_log": open_it,
    "scan": scan_it,
    "splits": split_it,
    "verify": command("verify"),
    "report": command("report", "-o", "OUT"),
    "decode": command("decode"),
    "decode to a folder": command("decode", "-o", "OUT"),
}


@pytest.mark.parametrize("name", [*sorted(READABLE), *NOTHING], ids=lambda name: ascii(name[:20]))
def test_it_ends_with_a_reason(
    name: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, (reader, read) in enumerate(READERS.items()):
        if reader == "report":
            pytest.importorskip("jinja2")
        try:
            result: Any = read(name, tmp_path / str(number))
        except rapidsse.InputError:
            assert name not in READABLE
            continue
        if reader in ("open_log", "scan", "splits"):
            # A name that stands for many, itself among them; an empty log; what no format claims.
            assert result >= 2 if name in READABLE else result in (0, 1), reader
        elif name in READABLE:
            assert result in (0, 1, 2) if name == "*.sse" else result in (0, 1), reader
        else:
            assert result in (0, 1, 2), reader
    output, errors = capsys.readouterr()
    assert "Traceback" not in output + errors


def test_a_log_that_disappears_after_it_was_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rapidsse.job import _run

    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(3):
        (logs / f"{number}.sse").write_bytes(GOOD)
    real = _run._plan

    def plan(*args: Any) -> Any:
        (logs / "1.sse").unlink()
        return real(*args)

    monkeypatch.setattr(_run, "_plan", plan)
    assert main(["decode", str(logs), "-o", str(tmp_path / "out")]) == 2
    errors = capsys.readouterr().err
    assert "1.sse" in errors
    assert "Traceback" not in errors
    events = rapidsse.scan([logs / "0.sse", logs / "2.sse"])
    assert sum(batch.num_rows for batch in events) == 4
