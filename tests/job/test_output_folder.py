"""The output folder: no link in it is followed, and only what a run made is believed."""

from __future__ import annotations

import errno
import json
import os
import pickle
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs import Capture, log, stream, tree
from rapidsse.cli import main
from rapidsse.job import TABLES, FolderError, JobOptions, OutputError, _workers, run_job
from rapidsse.job._outcome import Result
from rapidsse.job._split_reader import SplitReader

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("small_splits")]

posix = pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.sse").write_bytes(log(5, 5 * number))
    return folder


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A folder of somebody else's, with what a run would have in its own."""
    folder = tmp_path / "other"
    for name in ("tmp", "done", "part-00000"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_text("precious")
    for name in ("part-00000.parquet", "rapidsse-run.json", "lock", "00000.json"):
        (folder / name).write_text("precious")
    return folder


def decode(logs: Path, out: Path, *argv: str) -> int:
    return main(["decode", str(logs), "-o", str(out), *argv])


def content(folder: Path) -> dict[str, str]:
    return {str(each): each.read_text() for each in folder.rglob("*") if each.is_file()}


@posix
@pytest.mark.parametrize(
    ("name", "target"),
    [
        (".rapidsse", ""),
        (".rapidsse/lock", "lock"),
        (".rapidsse/lock", "absent"),
        (".rapidsse/done", "done"),
        ("events", ""),
        ("image-files", ""),
    ],
)
def test_a_link_is_refused_by_its_name(
    tmp_path: Path, logs: Path, other: Path, capsys: Capture, name: str, target: str
) -> None:
    out = tmp_path / "out"
    assert decode(logs, out) == 1
    for mark in (out / ".rapidsse" / "done").iterdir():
        mark.unlink()
    link = out / name
    if link.is_dir():
        shutil.rmtree(link)
    else:
        link.unlink()
    link.symlink_to(other / target)
    before = content(other)
    capsys.readouterr()
    assert decode(logs, out) == 2
    assert capsys.readouterr().err == f"rapidsse: cannot write {link}: it is a symbolic link\n"
    assert content(other) == before
    assert not (other / "absent").exists()
    link.unlink()
    assert decode(logs, out) == 1


@posix
def test_a_folder_that_holds_a_link_only_is_not_an_empty_one(
    tmp_path: Path, logs: Path, other: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".rapidsse").symlink_to(other)
    before = content(other)
    assert decode(logs, out) == 2
    assert "it is a symbolic link" in capsys.readouterr().err
    assert content(other) == before


@posix
def test_a_manifest_that_is_a_link_is_not_read(
    tmp_path: Path, logs: Path, other: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    assert decode(logs, out) == 1
    manifest = out / "rapidsse-run.json"
    manifest.rename(tmp_path / "elsewhere")
    manifest.symlink_to(tmp_path / "elsewhere")
    capsys.readouterr()
    assert decode(logs, out) == 2
    assert f"cannot read {manifest}: it is a symbolic link" in capsys.readouterr().err


@pytest.mark.parametrize(
    "ranges", [[], [[5, 0, None]], [[0, 0, None]] * 2, [[0, -5, 3]], [[0, 9, 2]], [[0, 0, 2**70]]]
)
def test_a_manifest_whose_splits_are_not_its_logs_is_refused(
    tmp_path: Path, logs: Path, capsys: Capture, ranges: list[list[int | None]]
) -> None:
    out = tmp_path / "out"
    assert decode(logs, out) == 1
    manifest = out / "rapidsse-run.json"
    values = json.loads(manifest.read_text())
    values["splits"][0]["ranges"] = ranges
    manifest.write_text(json.dumps(values))
    before = tree(out)
    capsys.readouterr()
    assert decode(logs, out) == 2
    error = capsys.readouterr().err
    assert "rapidsse-run.json is not the manifest of a run: " in error
    assert "--overwrite starts anew" in error
    assert tree(out) == before


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("tables", ["events", 2**70], f"--tables events,{2**70}, not --tables events,images"),
        ("format", {}, "--format {}, not --format parquet"),
        ("images", None, "no --images, not --images files"),
    ],
)
def test_a_manifest_with_any_other_options_is_refused(
    tmp_path: Path, logs: Path, capsys: Capture, name: str, value: object, shown: str
) -> None:
    out = tmp_path / "out"
    assert decode(logs, out) == 1
    manifest = out / "rapidsse-run.json"
    values = json.loads(manifest.read_text())
    values["options"][name] = value
    manifest.write_text(json.dumps(values))
    before = tree(out)
    capsys.readouterr()
    assert decode(logs, out) == 2
    assert f"it was started with {shown}" in capsys.readouterr().err
    assert tree(out) == before


@posix
@pytest.mark.parametrize("argv", [(), ("--overwrite",)])
def test_links_where_files_are_replaced_are_replaced(
    tmp_path: Path, logs: Path, other: Path, argv: tuple[str, ...]
) -> None:
    out = tmp_path / "out"
    assert decode(logs, out) == 1
    before = tree(out)
    places = {
        out / "events" / "part-00000.parquet": other / "part-00000.parquet",
        out / "image-files" / "part-00000": other / "part-00000",
        out / ".rapidsse" / "tmp": other / "tmp",
    }
    for place, target in places.items():
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        place.symlink_to(target)
    others = content(other)
    assert decode(logs, out, *argv) == 1
    assert content(other) == others
    assert tree(out) == before
    assert not any(place.is_symlink() for place in places)


@posix
def test_folders_of_tables_that_are_links_are_removed_not_emptied(
    tmp_path: Path, logs: Path, other: Path
) -> None:
    out = tmp_path / "out"
    assert decode(logs, out) == 1
    before = tree(out)
    for name in ("events", "image-files"):
        shutil.rmtree(out / name)
        (out / name).symlink_to(other)
    others = content(other)
    assert decode(logs, out, "--overwrite") == 1
    assert content(other) == others
    assert tree(out) == before


@posix
def test_the_output_folder_itself_may_be_named_by_a_link(tmp_path: Path, logs: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    assert decode(logs, tmp_path / "out") == 1
    assert (tmp_path / "real" / "events").is_dir()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_place_of_a_file_does_not_block(
    tmp_path: Path, logs: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    assert decode(logs, out) == 1
    (out / "rapidsse-run.json").unlink()
    os.mkfifo(out / "rapidsse-run.json")
    capsys.readouterr()
    assert decode(logs, out) == 2
    assert "it is not a regular file" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_no_folder_is_left_open(tmp_path: Path, logs: Path) -> None:
    out = tmp_path / "out"
    for argv in ((), (), ("--overwrite",), ("--payload",)):
        decode(logs, out, *argv)
    files = Path("/proc/self/fd").iterdir()
    assert not [file for file in files if str(out) in os.path.realpath(file)]


class Stuck:
    """A worker that does not look up from its split, and another that fails meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.is_stuck = threading.Event()
        real: Callable[[SplitReader, threading.Event], Result] = SplitReader.read

        def read(reader: SplitReader, stop: threading.Event) -> Result:
            if reader._split.ranges[0].source.endswith("0.sse"):
                self.is_stuck.set()
                assert self.go_on.wait(60)
                # It has read all of it, and was not asked to stop.
                return real(reader, threading.Event())
            assert self.is_stuck.wait(60)
            raise OutputError(Path("part"), "No space left on device")

        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(SplitReader, "read", read)
        monkeypatch.setattr(_workers, "_PATIENCE", 0.05)

    def let_others_run(self) -> None:
        """Later runs are not stuck."""
        self._patch.undo()

    def wait(self) -> None:
        """Lets the worker go on, to its end."""
        self.go_on.set()
        for thread in threading.enumerate():
            if thread.name.startswith("rapidsse-worker"):
                thread.join(60)


def test_a_run_that_failed_publishes_nothing_and_holds_its_folder_to_the_end(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fcntl")
    out, through = tmp_path / "out", tmp_path / "through"
    run_job([str(logs)], JobOptions(), out=through)
    stuck = Stuck(monkeypatch)
    try:
        with pytest.raises(OutputError, match="No space left"):
            run_job([str(logs)], JobOptions(), out=out, workers=2)
        stuck.let_others_run()
        # The next run must not begin while the worker may still write.
        with pytest.raises(FolderError, match="another run is at work"):
            run_job([str(logs)], JobOptions(), out=out)
    finally:
        stuck.let_others_run()
        stuck.wait()
    assert list(tree(out)) == ["rapidsse-run.json"]
    assert not list((out / ".rapidsse" / "done").iterdir())
    assert not (out / ".rapidsse" / "tmp").exists()
    run_job([str(logs)], JobOptions(), out=out)
    assert tree(out) == tree(through)


def test_the_files_of_a_run_carry_its_own_name(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where no lock keeps two runs apart, none moves what the other has written."""
    names: list[Path] = []
    real: Callable[[SplitReader, threading.Event], Result] = SplitReader.read

    def read(reader: SplitReader, stop: threading.Event) -> Result:
        result = real(reader, stop)
        names.extend((tmp_path / "out" / ".rapidsse" / "tmp").glob("*"))
        return result

    monkeypatch.setattr(SplitReader, "read", read)
    for _ in range(2):
        run_job([str(logs)], JobOptions(), out=tmp_path / "out", overwrite=True, workers=1)
    assert len(set(names)) == 2


@pytest.mark.parametrize("table", ["events", "images", "image-files"])
@pytest.mark.parametrize("damage", ["missing", "other"])
def test_a_part_that_is_not_what_was_written_is_written_again(
    tmp_path: Path, logs: Path, capsys: Capture, table: str, damage: str
) -> None:
    out = tmp_path / "out"
    assert decode(logs, out) == 1
    before = tree(out)
    part = sorted((out / table).iterdir())[1]
    file = part if part.is_file() else next(part.iterdir())
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:50])
    capsys.readouterr()
    assert decode(logs, out) == 1
    assert "resumed after 3 splits" in capsys.readouterr().out
    assert tree(out) == before


@pytest.mark.parametrize(
    "mark", ["", "{}", "[]", "null", "another split's", "another run's", "other rows"]
)
def test_a_mark_is_believed_only_if_it_is_the_runs_own(
    tmp_path: Path, logs: Path, mark: str
) -> None:
    out = tmp_path / "out"
    assert decode(logs, out) == 1
    before = tree(out)
    done = out / ".rapidsse" / "done"
    own = (done / "00001.json").read_bytes()
    if mark == "another split's":
        (done / "00001.json").write_bytes((done / "00000.json").read_bytes())
    elif mark == "another run's":
        values = json.loads(own)
        (done / "00001.json").write_text(json.dumps(values | {"run": "0" * 32}))
    elif mark == "other rows":
        assert b'"n_events"' in own
        (done / "00001.json").write_bytes(own.replace(b'"n_events"', b'"m_events"'))
    else:
        (done / "00001.json").write_text(mark)
    shutil.rmtree(out / "events")
    assert decode(logs, out) == 1
    assert tree(out) == before
    assert (done / "00001.json").read_bytes() == own


def test_what_is_marked_lies_on_the_disk(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is flushed before it is renamed, each folder after, and before the mark."""
    if sys.platform != "linux":
        pytest.skip("looks at /proc")
    out = tmp_path / "out"
    steps: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def synced(fd: int) -> None:
        steps.append(("sync", os.path.relpath(os.readlink(f"/proc/self/fd/{fd}"), out)))
        fsync(fd)

    def replaced(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        folders = [os.readlink(f"/proc/self/fd/{fd}") for fd in (src_dir_fd, dst_dir_fd)]
        steps.append(("from", os.path.relpath(f"{folders[0]}/{source}", out)))
        steps.append(("to", os.path.relpath(f"{folders[1]}/{target}", out)))
        replace(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    (logs / "one.sse").write_bytes(stream(1))
    run_job([str(logs / "one.sse")], JobOptions(), out=out)
    moves = [number for number, (kind, _) in enumerate(steps) if kind == "from"]
    mark = steps.index(("to", ".rapidsse/done/00000.json"))
    # The manifest, the tables, the pictures and the mark.
    assert len(moves) == len(TABLES) + 3
    for number in moves:
        source, target = steps[number][1], steps[number + 1][1]
        assert ("sync", source) in steps[:number], source
        after = steps[number + 2 : None if number + 1 == mark else mark]
        assert ("sync", os.path.dirname(target) or ".") in after, target
    # The pictures: both the files and the names that they have.
    pictures = [path for path in tree(out) if path.startswith("image-files/")]
    flushed = [os.path.basename(path) for kind, path in steps[:mark] if kind == "sync"]
    assert pictures
    assert {os.path.basename(path) for path in pictures} <= set(flushed)


@pytest.mark.parametrize("advice", ["taken", "refused", "unknown"])
def test_a_picture_begins_to_be_flushed_when_it_is_written(
    advice: str, tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job([str(logs)], JobOptions(), out=tmp_path / "before")
    sizes: list[int] = []

    def advised(fd: int, offset: int, length: int, kind: int) -> None:
        assert (offset, length) == (0, 0)  # all of it
        sizes.append(os.fstat(fd).st_size)
        if advice == "refused":
            raise OSError(errno.EINVAL, "no")

    if advice == "unknown":
        monkeypatch.delattr(os, "posix_fadvise", raising=False)
    else:
        monkeypatch.setattr(os, "POSIX_FADV_DONTNEED", 4, raising=False)
        monkeypatch.setattr(os, "posix_fadvise", advised, raising=False)
    run_job([str(logs)], JobOptions(), out=tmp_path / "out")
    assert tree(tmp_path / "out") == tree(tmp_path / "before")
    pictures = [path.stat().st_size for path in (tmp_path / "out").glob("image-files/*/*")]
    assert pictures
    assert sorted(sizes) == (sorted(pictures) if advice != "unknown" else [])


def test_its_errors_can_be_sent_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(OutputError(Path("out") / "part", "No space left")))
    assert isinstance(error, OutputError)
    assert (error.path, error.reason) == (Path("out") / "part", "No space left")
    assert str(error) == f"cannot write {Path('out') / 'part'}: No space left"
