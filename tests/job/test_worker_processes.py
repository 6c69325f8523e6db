"""Processes read the splits of a large job: what it writes and says is the same as with threads."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from commands_with_processes import AT, LONG, THREADS, Command
from jobs import Capture, decode, stream, tree
from log_files import COMPRESS

pytest.importorskip("pyarrow")
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only"),
    pytest.mark.usefixtures("small_splits"),
]


def check_is_clean(command: Command, out: Path) -> None:
    """No process is left, and nothing under construction."""
    assert command.left == []
    assert not (out / ".rapidsse" / "tmp").exists()


@pytest.fixture
def undisturbed(tmp_path: Path, logs: Path) -> dict[str, str]:
    """What threads write."""
    decode(logs, "-o", tmp_path / "undisturbed")
    found = tree(tmp_path / "undisturbed")
    assert len(found) > 100
    return found


def check_completes(tmp_path: Path, logs: Path, expected: dict[str, str]) -> None:
    """The same command completes an interrupted run."""
    out = tmp_path / "out"
    command = Command(tmp_path, "decode", logs, "-o", out, "--workers", 3)
    status, _, errors = command.end()
    assert (status, errors) == (1, "")
    assert command.readers
    assert tree(out) == expected
    check_is_clean(command, out)


OPTIONS = {
    "plain": [],
    "payload": ["--payload"],
    "column": ["--images", "column"],
    "none": ["--images", "none"],
    "json lines": ["--format", "jsonl", "--payload"],
    "some tables": ["--tables", "responses,failures"],
}


@pytest.mark.parametrize("options", OPTIONS)
def test_the_output_is_that_of_threads(
    options: str, tmp_path: Path, logs: Path, capsys: Capture
) -> None:
    """Both forms of the summary are, too."""
    out = tmp_path / "out"
    argv = ["decode", logs, "-o", out, *OPTIONS[options]]
    if options == "plain":
        (logs / "e.sse.bz2").write_bytes(COMPRESS["bzip2"](stream(70)))
        (logs / "f.txt").write_bytes(b"nothing\n" * 5000)
    printed = []
    for form in ([], ["--json"]):
        shutil.rmtree(out, ignore_errors=True)
        decode(*argv[1:], *form, "--workers", 1)
        printed.append(capsys.readouterr().out)
    expected = tree(out)
    for workers, form in ((3, 0), (5, 1)):
        shutil.rmtree(out)
        command = Command(tmp_path, *argv, *["--json"] * form, "--workers", workers)
        assert command.end() == (1, printed[form], "")
        assert len(command.readers) == len(command.started) == workers
        assert tree(out) == expected
        check_is_clean(command, out)


def test_without_an_output_the_summary_is_that_of_threads(
    tmp_path: Path, logs: Path, capsys: Capture
) -> None:
    (logs / "f.txt").write_bytes(b"nothing\n" * 5000)
    for form in ([], ["--json"]):
        decode(logs, *form, "--workers", 1)
        command = Command(tmp_path, "decode", logs, *form, "--workers", 3)
        assert command.end() == (1, capsys.readouterr().out, "")
        assert len(command.readers) == 3
        assert command.left == []


GONE = """
from rapidsse.job._splits import JobSplits

def planned(self, *args, real=JobSplits.__init__):
    real(self, *args)
    os.unlink(sys.argv[2] + "/c3.sse")

JobSplits.__init__ = planned
"""


@pytest.mark.parametrize("writes", [True, False])
def test_logs_that_cannot_be_read(writes: bool, tmp_path: Path, logs: Path) -> None:
    """Each is said once, and is a row of the failures."""
    whole = gzip.compress(b"".join(map(stream, range(80, 90))), mtime=0)
    (logs / "cut.sse.gz").write_bytes(whole[: len(whole) // 2])
    (logs / "corrupt.sse.gz").write_bytes(whole[:20] + bytes(100) + whole[120:])
    kept = (logs / "c3.sse").read_bytes()
    trees, ended = [], []
    for name, before in (("threads", THREADS), ("processes", "")):
        (logs / "c3.sse").write_bytes(kept)
        os.utime(logs / "c3.sse", (1, 1))
        argv = ["decode", logs, *["-o", tmp_path / name] * writes, "--workers", 3]
        command = Command(tmp_path, *argv, before=f"import os\n{before}{GONE}")
        status, printed, errors = command.end()
        assert len(command.readers) == (0 if before else 3)
        trees.append(tree(tmp_path / name))
        # In the order in which they were met.
        ended.append((status, printed.replace(name, ""), sorted(errors.splitlines())))
    assert ended[0] == ended[1]
    assert ended[0][0] == 2
    assert len(ended[0][2]) == 3
    assert trees[0] == trees[1]


def test_a_log_that_changes_while_it_is_read(tmp_path: Path, logs: Path) -> None:
    change = f"{AT}at(3, lambda: open(sys.argv[2] + '/a.sse', 'a').close() or os.utime(sys.argv[2] + '/a.sse', (1, 1)))\n"
    ended = []
    for name, before in (("threads", THREADS), ("processes", "")):
        folder = tmp_path / name / "logs"
        shutil.copytree(logs, folder)
        out = tmp_path / name / "out"
        command = Command(
            tmp_path, "decode", folder, "-o", out, "--workers", 2, before=before + change
        )
        status, _, errors = command.end()
        assert len(command.readers) == (0 if before else 2)
        ended.append((status, errors.replace(name, "")))
        check_is_clean(command, out)
    assert ended[0] == ended[1]
    assert ended[0][0] == 2
    assert ended[0][1].count("a.sse changed while it was read") == 1


KILLED = (
    "rapidsse: a worker process was killed by signal 9 (Killed); if memory was short, "
    "use fewer --workers"
)


@pytest.mark.once
def test_a_process_that_is_killed(tmp_path: Path, logs: Path, undisturbed: dict[str, str]) -> None:
    out = tmp_path / "out"
    killed = f"{AT}at(7, lambda: os.kill(os.getpid(), signal.SIGKILL))\n"
    command = Command(tmp_path, "decode", logs, "-o", out, "--workers", 3, before=killed)
    resumes = "; finished splits are kept: the same command resumes the run\n"
    assert command.end() == (2, "", KILLED + resumes)
    assert len(command.readers) == 3
    check_is_clean(command, out)
    there = tree(out)
    assert there and there.items() < undisturbed.items()
    check_completes(tmp_path, logs, undisturbed)


@pytest.mark.once
def test_a_process_that_is_killed_without_an_output(tmp_path: Path, logs: Path) -> None:
    killed = f"{AT}at(7, lambda: os.kill(os.getpid(), signal.SIGKILL))\n"
    command = Command(tmp_path, "decode", logs, "--workers", 3, before=killed)
    assert command.end() == (2, "", f"{KILLED}\n")
    assert command.readers


ENDS = {
    "ended with status 5": "",
    # Then the system forgets the status.
    "has ended": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n",
}


@pytest.mark.once
@pytest.mark.parametrize("how", ENDS)
def test_a_process_that_ends(how: str, tmp_path: Path, logs: Path) -> None:
    out = tmp_path / "out"
    before = f"{AT}at(7, lambda: os._exit(5))\n{ENDS[how]}"
    command = Command(
        tmp_path, "decode", logs, "-o", out, "--workers", 3, "--overwrite", before=before
    )
    status, printed, errors = command.end()
    assert (status, printed) == (2, "")
    assert errors.endswith("kept: the same command, without --overwrite, resumes the run\n")
    assert errors.startswith(f"rapidsse: a worker process {how}; ")
    assert errors.count("\n") == 1
    assert command.readers
    check_is_clean(command, out)


CANNOT_WRITE = r"rapidsse: cannot write \S+/out/\S+: File too large\n"


@pytest.mark.once
@pytest.mark.parametrize("number", [0, 7])
def test_an_output_that_cannot_be_written(
    number: int, tmp_path: Path, logs: Path, undisturbed: dict[str, str]
) -> None:
    """The first file that is too large, of all and of a split in the middle."""
    out = tmp_path / "out"
    limit = f"import resource\n{AT}at({number}, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (99, resource.RLIM_INFINITY)))\n"
    ended = []
    for before in (THREADS, ""):
        command = Command(
            tmp_path, "decode", logs, "-o", out, "--workers", 2, before=before + limit
        )
        ended.append(command.end())
        assert len(command.readers) == (0 if before else 2)
        check_is_clean(command, out)
        assert tree(out).items() < undisturbed.items()
        shutil.rmtree(out)
    for status, printed, errors in ended:
        assert (status, printed) == (2, "")
        assert re.fullmatch(CANNOT_WRITE, errors), errors
    check_completes(tmp_path, logs, undisturbed)


UNEXPECTED = {
    "picklable": "def fail(): raise LookupError('no such thing')\n",
    "not picklable": "class Odd(Exception): pass\ndef fail():\n    error = Odd('no such thing')\n"
    "    error.lock = threading.Lock()\n    raise error\n",
    "with a cause": "def fail(): raise LookupError('no such thing') from KeyError('the real cause')\n",
    "not the same when it comes back": "class Odd(Exception):\n    def __init__(self, a, b):\n"
    "        super().__init__(f'{a} {b}')\ndef fail(): raise Odd('no such', 'thing')\n",
}


@pytest.mark.once
@pytest.mark.parametrize("error", UNEXPECTED)
def test_an_unexpected_error_says_where_it_was_raised(
    error: str, tmp_path: Path, logs: Path
) -> None:
    out = tmp_path / "out"
    before = f"{AT}{UNEXPECTED[error]}at(5, fail)\n"
    command = Command(tmp_path, "decode", logs, "-o", out, "--workers", 3, before=before)
    status, printed, errors = command.end()
    assert (status, printed) == (1, "")
    assert "no such thing" in errors
    assert ("Odd" if "class Odd" in UNEXPECTED[error] else "LookupError") in errors
    assert ("the real cause" in errors) == (error == "with a cause")
    assert "in fail\n" in errors
    assert command.readers
    check_is_clean(command, out)


@pytest.mark.once
@pytest.mark.parametrize("whom", ["all", "parent"])
def test_ctrl_c(whom: str, tmp_path: Path, logs: Path, undisturbed: dict[str, str]) -> None:
    out = tmp_path / "out"
    command = Command(
        tmp_path, "decode", logs, "-o", out, "--workers", 3, before=f"{AT}at(6, wait)\n"
    )
    command.wait()
    (os.killpg if whom == "all" else os.kill)(command.program.pid, signal.SIGINT)
    assert command.end() == (130, "", "rapidsse: interrupted\n")
    assert len(command.readers) == 3
    check_is_clean(command, out)
    there = tree(out)
    assert there.items() < undisturbed.items()
    check_completes(tmp_path, logs, undisturbed)


@pytest.mark.once
def test_processes_end_with_the_one_that_started_them(
    tmp_path: Path, logs: Path, undisturbed: dict[str, str]
) -> None:
    out = tmp_path / "out"
    command = Command(
        tmp_path, "decode", logs, "-o", out, "--workers", 3, before=f"{AT}at(6, wait)\n"
    )
    command.wait()
    command.program.kill()
    # It waits for the folder until they have ended.
    check_completes(tmp_path, logs, undisturbed)
    assert command.end() == (-signal.SIGKILL, "", "")
    assert len(command.readers) == 3
    end = time.monotonic() + LONG
    while command.left:
        assert time.monotonic() < end
        time.sleep(0.01)


# `refuse(module, name, number)`: call `number` of a function is refused.
REFUSE = """
import errno, os
from rapidsse import _threads as threads
from rapidsse.job import _worker_processes as processes

def refuse(module, name, number):
    real, calls = getattr(module, name), []
    def refused(*args):
        calls.append(None)
        if len(calls) == number:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return real(*args)
    setattr(module, name, refused)
"""

NO_ROOM = {
    "the first process": (0, "refuse(os, 'fork', 1)"),
    "the second process": (1, "refuse(os, 'fork', 2)"),
    "a thread of a process": (3, "refuse(processes, 'start', 1)"),
    "the first thread": (3, "refuse(threads, 'start', 1)"),
}
"""What is refused after so many processes have been started."""


@pytest.mark.once
@pytest.mark.parametrize("what", NO_ROOM)
def test_without_room_for_processes_threads_read(
    what: str, tmp_path: Path, logs: Path, undisturbed: dict[str, str]
) -> None:
    out = tmp_path / "out"
    started, before = NO_ROOM[what]
    command = Command(
        tmp_path, "decode", logs, "-o", out, "--workers", 3, before=f"{REFUSE}{before}\n"
    )
    status, _, errors = command.end()
    assert (status, errors) == (1, "")
    assert len(command.started) == started
    assert not command.readers
    check_is_clean(command, out)
    assert tree(out) == undisturbed


@pytest.mark.once
@pytest.mark.parametrize("has_rich", [True, False])
def test_progress_on_a_terminal_needs_no_thread(has_rich: bool, tmp_path: Path, logs: Path) -> None:
    before = "sys.stderr.isatty = lambda: True\n"
    if has_rich:
        pytest.importorskip("rich")
    else:
        before += "sys.modules['rich'] = None\n"
    command = Command(tmp_path, "decode", logs, "--workers", 3, before=before)
    status, _, shown = command.end()
    assert status == 1
    assert "events/s" in shown
    assert len(command.readers) == 3


WARNINGS = """
import pyarrow, warnings
warnings.simplefilter("always")
"""


@pytest.mark.once
@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python does not warn")
def test_python_does_not_warn_of_the_threads_of_libraries(tmp_path: Path, logs: Path) -> None:
    command = Command(tmp_path, "decode", logs, "--workers", 3, before=WARNINGS)
    assert command.end()[::2] == (1, "")
    assert len(command.readers) == 3


FIFO = """
import os, threading
os.mkfifo(sys.argv[-1])
if os.fork() == 0:
    with open(sys.argv[-1], "wb") as fifo, open(sys.argv[2] + "/a.sse", "rb") as log:
        fifo.write(log.read())
    os._exit(0)
"""
THREADS_ONLY = {
    "main": ("{logs}", "sys.exit(cli.main())"),
    "a small job": ("{logs}", "_workers._LARGE = 256 << 20"),
    "standard input": ("{logs} -", ""),
    "a pipe": ("{logs} {logs}/fifo", FIFO),
    "a URL": ("{logs} file://{logs}/a.sse", ""),
    "another thread": ("{logs}", "threading.Thread(target=threading.Event().wait, daemon=True).start()"),
    "one worker": ("{logs} --workers 1", ""),
    "one split": ("{logs}/c0.sse", ""),
    "a daemon of multiprocessing": (
        "{logs}", "import multiprocessing as m; m.current_process()._config['daemon'] = True",
    ),
}  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize("case", THREADS_ONLY)
def test_threads_read(case: str, tmp_path: Path, logs: Path) -> None:
    argv, before = THREADS_ONLY[case]
    if case == "a URL":
        pytest.importorskip("fsspec")
    arguments = argv.format(logs=logs).split()
    command = Command(tmp_path, "decode", "--workers", 3, *arguments, before=before)
    status, printed, _ = command.end()
    assert status in (0, 1) and printed
    assert command.started == []
    assert not command.readers


MODULES = """
from rapidsse.job import _worker_processes

def serve(*args, real=_worker_processes._serve):
    before = set(sys.modules)
    real(*args)
    with open(NOTES + "-modules", "a") as file:
        imported = sorted(set(sys.modules) - before)
        # Of the pure engine, which is slow anyway.
        print(*(name for name in imported if "pybase64" not in name), file=file)

_worker_processes._serve = serve
"""


@pytest.mark.once
@pytest.mark.parametrize("options", ["plain", "column", "json lines"])
def test_a_process_imports_nothing(options: str, tmp_path: Path, logs: Path) -> None:
    """What it imports the others would import as well; but for what few logs need."""
    (logs / "d.jsonl").unlink()
    out = tmp_path / "out"
    command = Command(
        tmp_path, "decode", logs, "-o", out, "--workers", 3, *OPTIONS[options], before=MODULES
    )
    assert command.end()[0] == 1
    assert len(command.readers) == 3
    assert (tmp_path / "notes0-modules").read_text() == "\n" * 3


WATCH = """
import contextlib, json
from rapidsse.cli import decode

@contextlib.contextmanager
def progress_bar():
    seen = []
    yield lambda job: seen.append((job.position, job.events, job.size))
    with open(NOTES + "-seen", "w") as file:
        json.dump(seen, file)

decode.progress_bar = progress_bar
_workers.TICK = 0.001
"""


@pytest.mark.once
def test_the_progress_never_goes_back(tmp_path: Path, logs: Path) -> None:
    command = Command(tmp_path, "decode", logs, "--workers", 3, before=WATCH)
    assert command.end()[0] == 1
    assert len(command.readers) == 3
    seen = json.loads((tmp_path / "notes0-seen").read_text())
    size = sum(log.stat().st_size for log in logs.iterdir())
    assert len(seen) > 3
    for number in (0, 1):
        values = [each[number] for each in seen]
        assert values == sorted(values)
    assert seen[-1] == [size, seen[-1][1], size]
    assert seen[-1][1] > 1000
