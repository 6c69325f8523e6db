"""`list_logs`: each log once and in order, however many there are, as a plain reading has them."""

from __future__ import annotations

import glob
import os
import tempfile
import tracemalloc
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rapidsse
from examples import examples
from rapidsse.logs import expand
from rapidsse.logs.listing import _walk
from rapidsse.logs.listing._listing import LogFile, list_logs, stat_log
from rapidsse.logs.sources import _window
from rapidsse.logs.sources._remote_file import RemoteFile

pytestmark = pytest.mark.once

# --- Local folders ----------------------------------------------------------------------


def plain(paths: Iterable[str]) -> list[str]:
    """The same, with all names in memory."""

    def hidden(name: str) -> bool:
        return name.startswith((".", "_"))

    def below(folder: str) -> Iterator[str]:
        for parent, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if not hidden(name))
            names = [os.path.join(parent, name) for name in sorted(files) if not hidden(name)]
            yield from filter(os.path.isfile, names)

    names: list[str] = []
    for path in paths:
        is_pattern = glob.has_magic(path) and not os.path.lexists(path)
        for name in sorted(glob.glob(path, recursive=True)) if is_pattern else [path]:
            names += below(name) if os.path.isdir(name) else [name]
    places: dict[str, str] = {}
    for name in names:
        places.setdefault(os.path.realpath(name), name)
    return list(places.values())


# Names whose order is not that of their paths: `-` and `.` come before the separator.
_NAMES = st.sampled_from(["a", "a-", "a.b", "b", "_c", ".d", "e"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=3).map("/".join)
_ARGUMENTS = st.one_of(
    _PATHS,
    st.sampled_from(["", ".", "*", "**", "*/*", "[ab]*", "a/../b", "**/a*", "link", "nothing"]),
)


@pytest.mark.skipif(os.name == "nt", reason="links take rights on Windows")
@settings(max_examples=examples(100, deep=3000))
@given(
    files=st.lists(_PATHS, max_size=8),
    links=st.lists(st.tuples(_PATHS, _PATHS), max_size=5),
    arguments=st.lists(_ARGUMENTS, min_size=1, max_size=4),
    at_once=st.integers(1, 4),
)
def test_trees(
    files: list[str], links: list[tuple[str, str]], arguments: list[str], at_once: int
) -> None:
    with tempfile.TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr(_walk, "AT_ONCE", at_once)
        for name in files:
            path = Path(root, name)
            if not any(parent.is_file() for parent in [path, *path.parents]) and not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(name)
        for name, target in links:
            path = Path(root, name)
            if path.parent.is_dir() and not os.path.lexists(path):
                path.symlink_to(Path(root, target))
        paths = [os.path.join(root, each) for each in arguments]
        paths = [path for path in paths if not glob.has_magic(path) or glob.glob(path)]
        expected = plain(paths)
        assert expand(paths) == expected
        assert list(list_logs(paths)) == [stat_log(name) for name in expected]


@pytest.mark.skipif(os.name == "nt", reason="links take rights on Windows")
def test_a_link_and_what_it_leads_to(tmp_path: Path) -> None:
    for name in ("b", "c/d", "c/_e", "c/h", "_f"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"1")
    for name, target in [
        ("a", "b"),  # comes before its target
        ("c/e", "../b"),  # which has been named by a link
        ("c/i", "h"),  # comes behind its target
        ("c/a", "d"),
        ("d", "c/_e"),  # which is hidden
        ("e", "_f"),
        ("g", "_f"),  # which has been named
    ]:
        (tmp_path / name).symlink_to(target)
    found = [os.path.relpath(log.source, tmp_path) for log in list_logs([tmp_path])]
    assert found == ["a", "d", "e", "c/a", "c/h"]
    assert expand([tmp_path / "c", tmp_path]) == [
        *(str(tmp_path / name) for name in ("c/a", "c/e", "c/h", "d", "e"))
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_a_walk_passes_over_can_be_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "log").write_bytes(b"12")
    paths = [str(tmp_path / name) for name in ("", "pipe", "none", "log", "pipe", "none")]
    log = os.stat(tmp_path / "log")
    assert list(list_logs(paths)) == [
        LogFile(str(tmp_path / "log"), 2, log.st_mtime_ns),
        LogFile(str(tmp_path / "pipe"), tag="stream"),
        LogFile(str(tmp_path / "none")),
    ]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs permissions")
def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a/1", "b/2"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"")
    scandir = os.scandir

    def refusing(folder: str) -> Any:
        if folder.endswith("b"):
            raise PermissionError(13, "Permission denied", folder)
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    logs = list_logs([tmp_path])
    assert next(logs).source == str(tmp_path / "a/1")
    with pytest.raises(rapidsse.InputError, match="Permission denied") as caught:
        next(logs)
    assert caught.value.source == str(tmp_path / "b")


def test_a_deep_folder(tmp_path: Path) -> None:
    folder = str(tmp_path)
    for _ in range(1200):
        folder = os.path.join(folder, "d")
        os.mkdir(folder)
    Path(folder, "log").write_bytes(b"")
    try:
        assert expand(tmp_path) == [os.path.join(folder, "log")]
    finally:
        # Python's own way of doing so goes less deep.
        os.remove(os.path.join(folder, "log"))
        while folder != str(tmp_path):
            os.rmdir(folder)
            folder = os.path.dirname(folder)


def peak(paths: Iterable[str | Path], *, hold: bool = False) -> tuple[int, int]:
    """How many logs there are, and the most bytes in use while they come; or are all held."""
    tracemalloc.start()
    try:
        logs = list(list_logs(paths)) if hold else list_logs(paths)
        return sum(1 for _ in logs), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_large_folder_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8000):
        os.close(os.open(tmp_path / f"{number * 7919 % 8000:05}.sse", os.O_CREAT, 0o600))
    monkeypatch.setattr(_walk, "AT_ONCE", 400)
    numbers = [int(log.source[-9:-4]) for log in list_logs([tmp_path])]
    assert numbers == list(range(8000))
    # Twice, so that what has been named would be held as well.
    count, most = peak([tmp_path, f"{tmp_path}/."])
    assert count == 8000
    _, held = peak([tmp_path], hold=True)
    assert most < 120_000
    assert held > 10 * most


# --- Remote stores ----------------------------------------------------------------------


def pages(monkeypatch: pytest.MonkeyPatch, count: int) -> list[str]:
    """Makes s3fs see a bucket of `count` keys; the requests, as they come."""
    s3fs = pytest.importorskip("s3fs")
    requests: list[str] = []

    def call_s3(self: Any, method: str, **request: Any) -> dict[str, Any]:
        requests.append(method)
        assert method == "list_objects_v2"
        start = int(request.get("ContinuationToken", 0))
        page = [
            {"Key": f"logs/{number:08}.sse", "Size": number, "ETag": f'"{number:032x}"'}
            for number in range(start, min(start + 1000, count))
        ]
        more = {"NextContinuationToken": str(start + 1000)} if start + 1000 < count else {}
        return {"Contents": page, **more}

    def info(self: Any, path: str) -> dict[str, Any]:
        requests.append("info")
        if path != "bucket/logs":
            raise FileNotFoundError(path)
        return {"name": path, "type": "directory", "size": 0}

    monkeypatch.setattr(s3fs.S3FileSystem, "call_s3", call_s3)
    monkeypatch.setattr(s3fs.S3FileSystem, "info", info)
    # One that was made earlier has its own `info`.
    monkeypatch.setattr(s3fs.S3FileSystem, "cachable", False)
    return requests


def test_a_large_bucket_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = pages(monkeypatch, 20_000)
    names = ["s3://bucket/logs", "s3://bucket/logs/*.sse", "s3://bucket/**"]
    assert next(iter(list_logs(names))) == LogFile("s3://bucket/logs/00000000.sse", 0, tag="0" * 32)
    assert requests == ["info", "list_objects_v2"]
    requests.clear()
    count, most = peak(names)
    assert count == 20_000
    assert requests == (["info"] + ["list_objects_v2"] * 20) * 3
    _, held = peak(names[:1], hold=True)
    assert most < 2_000_000
    assert held > 3 * most


@pytest.fixture
def memory() -> Iterator[Any]:
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    name = f"/{uuid.uuid4().hex}"
    yield system, name
    system.rm(name, recursive=True)


TREE = ["a.sse", "a/x.sse", "a/b/y.sse", "a-b/z.har", "a/_p/q.sse", ".h/r.sse", "c/_s.sse"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("", ["a-b/z.har", "a.sse", "a/b/y.sse", "a/x.sse"]),
        ("a", ["a/b/y.sse", "a/x.sse"]),
        ("*", ["a.sse"]),
        ("*/*.sse", [".h/r.sse", "a/x.sse", "c/_s.sse"]),
        ("a*/**", ["a-b/z.har", "a/_p/q.sse", "a/b/y.sse", "a/x.sse"]),
        ("**/*.sse", [".h/r.sse", "a.sse", "a/_p/q.sse", "a/b/y.sse", "a/x.sse", "c/_s.sse"]),
        ("**", sorted(TREE)),
    ],
)
def test_other_stores(pattern: str, names: list[str], memory: Any) -> None:
    system, root = memory
    for name in TREE:
        system.pipe(f"{root}/{name}", name.encode())
    url = f"memory:/{root}"
    found = list(list_logs([f"{url}/{pattern}"]))
    assert [log.source.rpartition(f"{root}/")[2] for log in found] == names
    for log in found:
        assert stat_log(log.source) == log
        assert log.known
    if "*" in pattern:
        assert [log.source for log in found] == [
            system.unstrip_protocol(name)
            for name in system.glob(f"{root}/{pattern}")
            if system.isfile(name)
        ]
    # In whatever way the others lead there.
    others = [f"{url}/{pattern}", f"memory://{root}/{names[0]}", f"{url}/a.sse", f"{url}/**/*.har"]
    assert sorted(log.source.rpartition(f"{root}/")[2] for log in list_logs(others)) == sorted(
        {*names, "a.sse", "a-b/z.har"}
    )


def test_folders_that_hold_no_match_are_not_listed(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, root = memory
    for name in TREE:
        system.pipe(f"{root}/{name}", b"1")
    listed: list[str] = []
    ls = type(system).ls

    def noting(self: Any, path: str, **options: Any) -> Any:
        listed.append(path)
        return ls(self, path, **options)

    dropped: list[str] = []
    monkeypatch.setattr(type(system), "ls", noting)
    monkeypatch.setattr(
        type(system), "invalidate_cache", lambda self, path=None: dropped.append(path)
    )
    assert len(expand(f"memory:/{root}/a*/*.sse")) == 1
    assert listed == [root, f"{root}/a-b", f"{root}/a"]
    # First all of what was kept, then each listing.
    assert dropped == [None, *listed]
    listed.clear()
    expand(f"memory:/{root}")
    assert listed == [f"{root}{name}" for name in ("", "/a-b", "/a", "/a/b", "/c")]


# --- A remote file is searched as bytes are ---------------------------------------------

_SUBS = [b"\n", b"\n\n", b"\r\n\r\n", b"ab", b"aba", b"abab\n", b"b" * 9]
_CONTENT = st.lists(
    st.sampled_from([b"a", b"b", b"\n", b"\r", b"abab", b"a" * 9, *_SUBS]), min_size=5, max_size=40
).map(b"".join)


@given(
    content=_CONTENT,
    searches=st.lists(
        st.tuples(
            st.sampled_from(["find", "rfind", "slice", "read"]),
            st.sampled_from(_SUBS),
            st.integers(0, 300),
            st.integers(0, 300),
        ),
        min_size=4,
        max_size=12,
    ),
    least=st.integers(1, 9),
    growth=st.integers(0, 3),
)
def test_a_remote_file_is_searched_as_bytes_are(
    content: bytes, searches: list[tuple[str, bytes, int, int]], least: int, growth: int
) -> None:
    fsspec = pytest.importorskip("fsspec")
    fsspec.filesystem("memory").pipe("/searched", content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_window, "_LEAST", least)
        patch.setattr(_window, "_MOST", least << growth)
        file = RemoteFile("memory://searched")
        window = file.window
        assert len(window) == len(content)
        sizes: list[int] = []

        def read(start: int, stop: int) -> bytes:
            sizes.append(stop - start)
            return content[start:stop]

        bounded = _window.Window(read, len(content), most=least)
        for how, sub, first, last in searches:
            # Within it, in either order, or a little behind it.
            start, end = first % (len(content) + 3), last % (len(content) + 3)
            if how == "slice":
                assert window[start:end] == bounded[start:end] == content[start:end]
            elif how == "read":
                stop = min(end, len(content))
                pieces = list(file.read(start, stop, least))
                assert b"".join(pieces) == content[start:stop]
                assert all(pieces)
            else:
                found = getattr(window, how)(sub, start, end)
                assert found == getattr(content, how)(sub, start, end), (how, sub, start, end)
                assert getattr(bounded, how)(sub, start, end) == found
        assert max(sizes, default=0) <= least
