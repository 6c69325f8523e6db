"""A job that is killed, and run again, gives byte for byte what it gives when it runs through."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from examples import examples
from jobs import Jobs, check_what_is_there, tree, write_logs
from rapidsse.job import TABLES

KILLS = examples(4, deep=125)
SEED = 4 if KILLS == 4 else random.randrange(1 << 32)

pytestmark = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="kills forked processes, as Linux can"
)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    write_logs(folder, cut=50, packed=10, small=10)
    return folder


@pytest.mark.once
@pytest.mark.deep
def test_killed_at_any_moment(tmp_path: Path, logs: Path, jobs: Jobs) -> None:
    """The disk is full at first, and now and then as well, at any file."""
    print("seed", SEED)
    through, out = tmp_path / "through", tmp_path / "out"
    argv = ["decode", str(logs), "--payload", "-o"]
    ran, status = jobs.run([*argv, str(through), "--workers", "2"])
    assert status == 1
    expected = tree(through)
    assert len(expected) > 150
    largest = max((through / path).stat().st_size for path in expected)
    chance = random.Random(SEED)
    _, status = jobs.run([*argv, str(out)], most=largest - 1)
    assert status == 2
    killed = halfway = 0
    # The kills must not be idle ones; on a busy machine more of them are.
    while killed < KILLS or (halfway <= KILLS // 3 and killed < 4 * KILLS):
        workers = str(chance.choice((1, 2, 4)))
        # Beyond the end, too, where the last split and the temporaries are tidied away.
        most = chance.randrange(largest) if chance.random() < 0.3 else None
        seconds = chance.uniform(0, 1.1 * ran)
        _, status = jobs.run([*argv, str(out), "--workers", workers], seconds, most)
        assert status in (-9, 1) if most is None else status in (-9, 1, 2)
        check_what_is_there(out, expected)
        if status == 2:
            assert not (out / ".rapidsse" / "tmp").exists()
            continue
        if status == -9:
            killed += 1
            halfway += (out / "events").exists()
            continue
        assert tree(out) == expected
        assert not (out / ".rapidsse" / "tmp").exists()
        shutil.rmtree(out)
    _, status = jobs.run([*argv, str(out)])
    assert status == 1
    assert tree(out) == expected
    assert not (out / ".rapidsse" / "tmp").exists()
    assert halfway > KILLS // 3


@pytest.mark.once
@pytest.mark.parametrize("jobs", ["threads"], indirect=True)
def test_killed_between_any_two_steps(
    tmp_path: Path, logs: Path, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stops after each of the system calls that put a split in place, one after another."""
    from rapidsse.cli import main

    through, out = tmp_path / "through", tmp_path / "out"
    argv = ["decode", str(logs / "c1.sse"), str(logs / "c2.sse"), "--workers", "1", "-o"]
    assert jobs.run([*argv, str(through)])[1] == 1
    expected = tree(through)

    class Killed(BaseException):
        pass

    def dies(step: int) -> Any:
        calls = 0

        def call(real: Any) -> Any:
            def called(*args: Any, **keywords: Any) -> Any:
                nonlocal calls
                calls += 1
                if calls > step:
                    # What a process that has been killed does not do any more.
                    raise Killed
                return real(*args, **keywords)

            return called

        return call

    steps = 0
    while True:
        with monkeypatch.context() as patch:
            call = dies(steps)
            for name in ("replace", "rename"):
                patch.setattr(os, name, call(getattr(os, name)))
            try:
                status = main([*argv, str(out)])
            except Killed:
                status = None
        check_what_is_there(out, expected)
        if status is not None:
            break
        steps += 1
        assert main([*argv, str(out)]) == 1
        assert tree(out) == expected
        shutil.rmtree(out)
    # The manifest, the tables, the pictures and the mark of the split.
    assert steps == len(TABLES) + 3
