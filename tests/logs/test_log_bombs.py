"""Logs that would take much memory are refused, in a process whose memory is measured."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

import rapidsse
from child_python import PEAK
from log_files import COMPRESS, COMPRESSED, WRITERS
from opened_logs import MIB, STREAM, broken, number_of_events, write

_MEASURED = f"""
import sys, rapidsse
{PEAK}
before = peak()
try:
    with rapidsse.open_log(sys.argv[1], on_error="skip", max_event_size=1 << 20) as log:
        count = sum(1 for _ in log)
    print(log.content, end=" ")
except rapidsse.InputError as error:
    print(error.reason.replace(" ", "_"), end=" ")
print((peak() - before) >> 20)
"""


def measured(path: str) -> tuple[str, int]:
    """The bytes of content or why it cannot be read, and the MiB it took."""
    if sys.platform != "linux":
        pytest.skip("reads /proc/self/status")
    command = [sys.executable, "-c", _MEASURED, path]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result, mib = output.split()
    return result, int(mib)


# What decompresses is the same for both engines.
EACH = [
    name if name == "gzip" else pytest.param(name, marks=pytest.mark.once) for name in COMPRESSED
]


@pytest.mark.parametrize("compression", EACH)
@pytest.mark.parametrize("line", [b": " + b"a" * (MIB - 3) + b"\n", b"data" + b":" * (MIB - 4)])
def test_a_decompression_bomb(compression: str, line: bytes, tmp_path: Path) -> None:
    path = write(tmp_path, COMPRESS[compression](b"data: {}\n\n" + line * 64))
    assert os.path.getsize(path) < 2 * MIB
    content, mib = measured(path)
    assert int(content) == 10 + 64 * MIB
    assert mib < 50


@pytest.mark.once
@pytest.mark.parametrize("header", ["gzip", "deflate", "zstd", "br"])
def test_a_bomb_in_a_cassette(header: str, tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    content = b"data: {}\n\n" + b": " + b"a" * (64 * MIB)
    if header == "br":
        encoded = pytest.importorskip("brotli").compress(content, quality=1)
    elif header == "deflate":
        encoded = zlib.compress(content)
    else:
        encoded = COMPRESS[header](content)
    headers = {"content-encoding": [header]}
    response = {"body": {"string": encoded}, "headers": headers}
    path = write(tmp_path, yaml.safe_dump({"interactions": [{"response": response}]}).encode())
    _, mib = measured(path)
    assert mib < 50


@pytest.mark.once
@pytest.mark.parametrize(
    "content",
    [
        b"interactions:\n- request: [" + b"[]," * (MIB // 2) + b"]\n",
        b"interactions:\n- request: {" + b"? a : b, " * (MIB // 2) + b"}\n",
        b"interactions:\n- &a {response: {body: {string: 'data: {}'}}}\n" + b"- *a\n" * 20_000,
    ],
    ids=["lists", "keys", "aliases"],
)
def test_yaml_that_would_take_much_memory(content: bytes, tmp_path: Path) -> None:
    result, mib = measured(write(tmp_path, content))
    assert int(result) == len(content)
    assert mib < 50


@pytest.mark.once
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("- request: " + "[" * 100_000, "nesting"),
        ("- request: &a " + "[" * 100 + "]" * 100, "nested too deeply"),
        ("- &a [*a]", "unknown anchor"),
        ("- &a [" + "[]," * 1001 + "]", "too much under anchors"),
        ("- request: !!python/object/apply:os.system ['true']", "tag !!python/object/apply:os"),
        ("- response: !!python/name:os.system ''", r"tag !!python/name:os\.system in line 2"),
        ("- request: !x {}", "tag !x in line 2, and only plain data are read"),
        ("- response: !!binary '%'", "broken base64"),
        ("- 1\n---\nothers: []", "no cassette"),
        ("- 'open", "YAML is broken in line"),
        ("- \x01", "YAML is broken"),
    ],
)
def test_yaml_that_is_refused(
    content: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rapidsse.logs.formats.values._yaml._MAX_KEPT", 1000)
    path = write(tmp_path, f"interactions:\n{content}\n".encode())
    count, error = broken(path)
    assert count == 0
    assert re.search(reason, error.reason)


@pytest.mark.once
@pytest.mark.parametrize("start", ['{"interactions":[', '{"log":{"entries":['])
@pytest.mark.parametrize("rest", [b"[" * 100_000, b'"\xff"', b"1]", b""])
def test_json_that_is_broken(start: str, rest: bytes, tmp_path: Path) -> None:
    _, error = broken(write(tmp_path, start.encode() + rest))
    assert "it is no whole" in error.reason


@pytest.mark.once
@pytest.mark.parametrize("writer", ["vcr", "vcr-json", "har"])
@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_a_document_past_the_limit(
    writer: str, compression: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rapidsse.logs.sources._content.WHOLE_LIMIT", MIB)
    content = WRITERS[writer][1]([STREAM] * 6)
    _, error = broken(write(tmp_path, COMPRESS[compression](content)))
    assert "document of more than 1 MiB" in error.reason


@pytest.mark.parametrize("format", ["jsonl", "jsonl-body", "vcr", "har"])
@pytest.mark.parametrize("content", [b"", b"\0", b"\xff\xfe", b"{", b"[]", b"null", b'"x"', b"- "])
def test_odd_content_under_a_named_format(format: str, content: bytes, tmp_path: Path) -> None:
    path = write(tmp_path, content)
    try:
        assert number_of_events(path, format=format, on_error="skip") == 0
    except rapidsse.InputError as error:
        assert format in ("vcr", "har")
        assert error.source == path
