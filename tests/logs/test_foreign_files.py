"""Files that are no logs are refused by name; UTF-16 is read."""

from __future__ import annotations

import gzip
import io
import pickle
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import rapidsse
from rapidsse.cli import main
from rapidsse.logs.formats.detect._foreign import foreign
from rapidsse.logs.sources._unicode import as_utf8
from samples import completed, created, delta, png, sse

STREAM = sse(created("resp_1"), delta("\u00e9\U0001f600"), completed("resp_1"))


def tar(format: int) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format) as archive:
        for name in ("logs/a.sse", "logs/b.sse"):
            info = tarfile.TarInfo(name)
            info.size = len(STREAM)
            archive.addfile(info, io.BytesIO(STREAM))
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.sse", STREAM)
    return file.getvalue()


# As mitmproxy's tnetstrings are.
FLOW = b"9999:9:websocket;0:~8:response;" + STREAM

FOREIGN = {
    "tar": (tar(tarfile.USTAR_FORMAT), "a tar archive"),
    "pax": (tar(tarfile.PAX_FORMAT), "a tar archive"),
    "gnu": (tar(tarfile.GNU_FORMAT), "a tar archive"),
    "zip": (zipped(), "a zip archive"),
    "flow": (FLOW, "a flow file of mitmproxy"),
    "sqlite": (b"SQLite format 3\0" + STREAM, "an SQLite database"),
    "warc": (b"WARC/1.0\r\nWARC-Type: response\r\n\r\n" + STREAM, "a WARC archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4" + STREAM, "a 7z archive"),
    "parquet": (b"PAR1" + STREAM, "a Parquet file"),
    "orc": (b"ORC\x0a" + STREAM, "an ORC file"),
    "numpy": (b"\x93NUMPY\1\0v\0" + STREAM, "a NumPy array"),
    "pickle": (pickle.dumps({"body": STREAM}), "a pickle of Python"),
    "pickle, protocol 0": (pickle.dumps({"body": STREAM.decode()}, 0), "a pickle of Python"),
    "csv": (
        b'id,body\r\n1,"' + STREAM.replace(b'"', b'""') + b'"\r\n',
        "a table of separated values (CSV)",
    ),
    "csv, quotes in a later value": (
        b'id,body,more\n1,"a","b","{""a"": 1}"\n',
        "a table of separated values (CSV)",
    ),
    "tsv": (b'at\tbody\n5\t"data: {\\"a\\": 1}"\n', "a table of separated values (CSV)"),
    "lzip": (b"LZIP\1\x0c" + STREAM, "compressed by lzip"),
    "sql": (b"INSERT INTO t VALUES (1,'" + STREAM + b"');\n", "a dump of SQL"),
    "sql of PostgreSQL": (
        b"--\n-- PostgreSQL database dump\n--\n\nSET x = 0;\n\nCOPY a.t (id, b) FROM stdin;\n1\t"
        + STREAM,
        "a dump of SQL",
    ),
    "sql of SQLite": (b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n" + STREAM, "a dump of SQL"),
    "sql of MySQL": (
        b"-- MySQL dump 10\n/*!40101 SET x=1 */;\nDROP TABLE IF EXISTS `t`;\n" + STREAM,
        "a dump of SQL",
    ),
    "png": (png() + STREAM, "a picture"),
    "pdf": (b"%PDF-1.4\n" + STREAM, "a PDF"),
    "elf": (b"\x7fELF\2\1\1" + STREAM, "a program"),
    "utf-32": (STREAM.decode().encode("utf-32"), "text in UTF-32"),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", FOREIGN)
def test_other_files_are_refused_by_name(
    name: str, packed: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, kind = FOREIGN[name]
    path = tmp_path / "log.sse"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(rapidsse.InputError, match=f"it is {re.escape(kind)}: "):
        rapidsse.open_log(path)
    assert main(["decode", str(path)]) == 2
    assert kind in capsys.readouterr().err
    assert main(["verify", str(path)]) == 2


def test_a_line_of_many_values_takes_linear_time() -> None:
    """Otherwise this takes minutes."""
    assert foreign(b"a,b\n" + b',"x' * 200_000) is None


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_read(encoding: str, packed: bool, tmp_path: Path) -> None:
    text = STREAM.decode()
    marked = "\ufeff" + text if encoding == "utf-16-be" else text
    content = marked.encode(encoding)
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(content) if packed else content)
    for log_or_bytes in (path, path.read_bytes()):
        with rapidsse.open_log(log_or_bytes) as log:
            assert log.format == "sse"
            assert not log.is_plain
            events = list(log)
        assert [event.json() for event in events] == [
            event.json() for event in rapidsse.iter_sse(STREAM)
        ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_cut_anywhere(encoding: str) -> None:
    content = STREAM.decode().encode(encoding)
    for size in (1, 3, 7):
        steps = [content[at : at + size] for at in range(0, len(content), size)]
        assert b"".join(as_utf8(steps)).removeprefix(b"\xef\xbb\xbf") == STREAM
    half = "data: ".encode("utf-16-le") + b"\x00\xd8"
    assert b"".join(as_utf8([half])) == "data: \ufffd".encode()


def test_what_comes_before_an_error_is_kept() -> None:
    def broken(*steps: bytes) -> Iterator[bytes]:
        yield from steps
        raise OSError

    for steps in ((), (b"da",), (b"data: ", b"x")):
        found = list[bytes]()
        with pytest.raises(OSError):
            found.extend(as_utf8(broken(*steps)))
        # What `extend` took before the error.
        assert b"".join(found) == b"".join(steps)
        assert b"" not in found


def test_other_files_cost_nothing_of_the_logs_beside_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    folder = tmp_path / "logs"
    folder.mkdir()
    for name, (content, _) in FOREIGN.items():
        (folder / name).write_bytes(content)
    (folder / "page").write_bytes(gzip.compress(b"<html><body>502"))
    (folder / "z.sse").write_bytes(STREAM)
    assert main(["decode", str(folder), "-o", str(tmp_path / "out")]) == 2
    errors = capsys.readouterr().err
    for name, (_, kind) in FOREIGN.items():
        assert f"{name}: it is {kind}: " in errors
    assert errors.count("cannot read") == len(FOREIGN)
    parts = pq.read_table(tmp_path / "out" / "events")
    assert len(parts) == len(list(rapidsse.open_log(STREAM)))
