"""A progress bar: bytes, events per second, time left. Only a terminal shows it."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..job import Progress

__all__ = ["progress_bar"]


@contextlib.contextmanager
def progress_bar() -> Generator[Callable[[Progress], None] | None]:
    """Yields a function to call with a job's progress; `None` without a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich import progress
    from rich.console import Console

    bar = progress.Progress(
        progress.BarColumn(),
        progress.DownloadColumn(binary_units=True),
        progress.TextColumn("{task.fields[rate]}"),
        progress.TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    )
    task = bar.add_task("", total=None, rate="")
    began = time.monotonic()

    def watch(job: Progress) -> None:
        rate = job.events / max(time.monotonic() - began, 1e-9)
        # A bar of no bytes would be complete at once.
        total = None if job.size is None else max(job.size, 1)
        bar.update(task, total=total, completed=job.position, rate=f"{rate:,.0f} events/s")

    with bar:
        yield watch
