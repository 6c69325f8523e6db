"""The splits of a job: where each is written, what was found in it, and how one is read."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import import_module

from ..logs._range import Edges
from ..logs.tables._schemas import import_pyarrow
from ..splits._split import Split
from ._folder import Outputs, RunFolder
from ._options import JobOptions
from ._outcome import Result
from ._progress import Progress
from ._split_reader import SplitReader

__all__ = ["JobSplits"]


class JobSplits:
    """The splits of a job, by their numbers in its plan."""

    def __init__(
        self, splits: Sequence[Split], options: JobOptions, folder: RunFolder | None, rows: int
    ) -> None:
        """`folder` is where they are written; `None`: nowhere. `rows` bounds the rows that a result
        keeps of each table."""
        self._splits = splits
        self._options = options
        self.folder = folder
        self._rows = rows
        self._columns = {} if folder is None else options.columns()
        self._edges = Edges()

    def __len__(self) -> int:
        return len(self._splits)

    def size(self, number: int) -> int:
        """Returns the bytes of a split, as stored."""
        return self._splits[number].size

    def outputs(self, number: int) -> Outputs | None:
        """Returns where the files of a split are written; `None` without a folder."""
        if self.folder is None:
            return None
        return self.folder.outputs(number, self._columns, self._options.format)

    def result(self, number: int) -> Result | None:
        """Returns what was found in a split, if it is finished."""
        outputs = self.outputs(number)
        if self.folder is None or outputs is None:
            return None
        return self.folder.result(number, outputs)

    def import_modules(self) -> None:
        """Imports what readers import on demand, so that forks need not."""
        if self.folder is None:
            return
        for module in ("_batches", "_events"):
            import_module(f"..logs.tables.{module}", __package__)
        if self._options.format == "parquet":
            import_module("pyarrow.parquet")
        # With its first list Arrow imports pandas, unless it is left out.
        import_pyarrow().array([0])

    def read(self, number: int, stop: threading.Event, progress: Progress) -> Result:
        """Reads a split and writes its outputs; returns what was found.

        Raises `OutputError`, `LogChanged`, and `Stopped` soon after `stop` is set.
        """
        reader = SplitReader(
            self._splits[number],
            self._options,
            self._columns,
            self.outputs(number),
            self._rows,
            self._edges,
        )
        progress.start(reader)
        try:
            return reader.read(stop)
        finally:
            progress.stop(reader)
