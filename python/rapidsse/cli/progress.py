"""A progress bar: bytes, events per second, time left. Only a terminal shows it."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from .terminal import has_rich

if TYPE_CHECKING:
    from ..job import Progress

__all__ = ["progress_bar"]

_WIDTH = 78
"""Characters of the plain line, so that a terminal does not break it."""


@contextlib.contextmanager
def progress_bar() -> Generator[Callable[[Progress], None] | None]:
    """Yields a function to call with a job's progress; `None` without a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with _bar() if has_rich() else _line() as watch:
        yield watch


@contextlib.contextmanager
def _bar() -> Generator[Callable[[Progress], None]]:
    from rich import progress
    from rich.console import Console

    bar = progress.Progress(
        progress.BarColumn(),
        progress.DownloadColumn(binary_units=True),
        progress.TextColumn("{task.fields[rate]}"),
        progress.TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        # Without a thread: a process with threads is not forked.
        auto_refresh=False,
    )
    task = bar.add_task("", total=None, rate="")
    rate = _Rate()

    def watch(job: Progress) -> None:
        # A bar of no bytes would be complete at once.
        total = None if job.size is None else max(job.size, 1)
        with contextlib.suppress(OSError):
            bar.update(task, total=total, completed=job.position, rate=rate(job), refresh=True)

    # Nothing is lost if the terminal is gone.
    with contextlib.suppress(OSError):
        bar.start()
    try:
        yield watch
    finally:
        with contextlib.suppress(OSError):
            bar.stop()


@contextlib.contextmanager
def _line() -> Generator[Callable[[Progress], None]]:
    """Yields a function that shows the progress as one line of plain text, over the last one."""
    rate = _Rate()

    def show(text: str) -> None:
        # Nothing is lost if the terminal is gone.
        with contextlib.suppress(OSError):
            sys.stderr.write(f"\r{text[:_WIDTH]:<{_WIDTH}}\r")
            sys.stderr.flush()

    def watch(job: Progress) -> None:
        size = "" if job.size is None else f" of {job.size / 2**20:,.1f}"
        show(f"{job.position / 2**20:,.1f}{size} MiB, {rate(job)}")

    try:
        yield watch
    finally:
        show("")


class _Rate:
    """Events per second since the job began."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, job: Progress) -> str:
        rate = job.events / max(time.monotonic() - self._began, 1e-9)
        return f"{rate:,.0f} events/s"
