"""Which files the given paths, globs and URLs mean."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import rapidsse
from opened_logs import STREAM, number_of_events, write
from rapidsse.logs import expand


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., list[str]]:
    for name in ("b.sse", "a/x.jsonl", "a/.hidden", "a/_part", "_b/y", ".c/z", "c/d/e.sse"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(STREAM)

    def expanded(*patterns: str) -> list[str]:
        found = expand(str(tmp_path / pattern) for pattern in patterns)
        return [os.path.relpath(name, tmp_path) for name in found]

    return expanded


def test_directories_and_globs(tree: Callable[..., list[str]]) -> None:
    assert tree("") == ["b.sse", "a/x.jsonl", "c/d/e.sse"]
    assert tree("a/_part", "a") == ["a/_part", "a/x.jsonl"]
    assert tree("*.sse", "b.sse") == ["b.sse"]
    assert tree("**/*.sse") == ["b.sse", "c/d/e.sse"]
    assert tree("c/*", "nothing") == ["c/d/e.sse", "nothing"]


def test_a_glob_that_matches_nothing(tree: Callable[..., list[str]]) -> None:
    with pytest.raises(rapidsse.InputError, match="no file matches"):
        tree("*.har")


def test_a_name_that_looks_like_a_glob(tmp_path: Path) -> None:
    path = write(tmp_path, STREAM, "log[1].sse")
    assert expand(path) == expand(Path(path)) == [path]
    assert expand(["-", "-"]) == ["-"]


def test_a_file_of_several_names_is_one_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, STREAM, "log.sse")
    monkeypatch.chdir(tmp_path)
    assert expand(["log.sse", "./log.sse", path, "x/../log.sse"]) == ["log.sse"]
    assert expand([".", "log.sse", tmp_path]) == [os.path.join(".", "log.sse")]


@pytest.mark.skipif(os.name == "nt", reason="links take rights on Windows")
def test_links(tmp_path: Path) -> None:
    path = write(tmp_path, STREAM, "log.sse")
    (tmp_path / "latest.sse").symlink_to("log.sse")
    (tmp_path / "around").symlink_to(".")
    (tmp_path / "nowhere").symlink_to("absent")
    # A link of that name comes first; links to folders are not followed.
    assert expand(tmp_path) == [str(tmp_path / "latest.sse")]
    assert expand([path, tmp_path]) == [path]
    assert expand(tmp_path / "around" / "around") == [str(tmp_path / "around/around/latest.sse")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_directory_is_no_log(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert expand(tmp_path) == []


def test_urls_are_expanded() -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    for name in ("/tree/a.sse", "/tree/b/c.sse", "/tree/b/.d", "/tree/_e/f"):
        memory.pipe(name, STREAM)
    assert expand("memory://tree") == ["memory:///tree/a.sse", "memory:///tree/b/c.sse"]
    assert expand("memory://tree/*.sse") == ["memory:///tree/a.sse"]
    assert expand("memory://tree/a.sse") == ["memory://tree/a.sse"]
    assert [number_of_events(url) for url in expand("memory://tree")] == [2000, 2000]
    with pytest.raises(rapidsse.InputError, match="no file matches"):
        expand("memory://tree/*.har")


def test_a_folder_without_files_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(rapidsse.InputError, match="there are no files"):
        list(rapidsse.scan(tmp_path))
    with pytest.raises(rapidsse.InputError, match="there are no files"):
        list(rapidsse.scan([STREAM, tmp_path]))
