"""What the tests of jobs share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jobs import Jobs


@pytest.fixture(params=["threads", "processes"])
def jobs(request: pytest.FixtureRequest) -> Iterator[Jobs]:
    """Jobs in processes of their own, which have all ended after the test; threads read for them,
    or processes."""
    # Imported here: `--engine` chooses the engine before.
    from jobs import Jobs

    processes = request.param == "processes"
    jobs = Jobs(processes=processes)
    yield jobs
    jobs.close()
    assert bool(jobs.reads) == processes


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that is broken off waits for its workers, however slow the machine is: else it would end
    the process at once, which is the tests' own."""
    from rapidsse.job import _workers

    monkeypatch.setattr(_workers, "_PATIENCE", 60)


@pytest.fixture
def small_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs have many splits."""
    from small_splits import make_splits_small

    make_splits_small(monkeypatch.setattr)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A folder of logs: one that is cut, one that is packed, and some small ones."""
    from jobs import stream, write_logs

    folder = tmp_path / "logs"
    write_logs(folder, cut=30, packed=10, small=8)
    lines = b"".join(
        json.dumps({"n": n, "body": stream(n).decode()}).encode() + b"\n" for n in range(50, 60)
    )
    (folder / "d.jsonl").write_bytes(lines)
    return folder
