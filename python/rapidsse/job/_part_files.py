"""The part files of one split: one per table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..logs.outputs._parts import Part, PartFormat, open_part
from ..logs.tables._schemas import schema
from ._folder import Outputs

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PartFiles"]


class PartFiles:
    """The files under construction; none without `outputs`. The methods raise `OutputError`."""

    def __init__(
        self,
        columns: Mapping[str, Sequence[str] | None],
        outputs: Outputs | None,
        format: PartFormat,
    ) -> None:
        self._columns = columns
        self._outputs = outputs
        self._format: PartFormat = format
        self._parts: dict[str, Part] = {}

    def open(self) -> None:
        """Makes the files, unless they are made."""
        if self._outputs is not None and not self._parts:
            folder = self._outputs.folder
            for table, name in self._outputs.tables.items():
                columns = schema(table, self._columns[table])
                self._parts[table] = open_part(folder, name, columns, self._format)

    def write(self, table: str, batch: pa.RecordBatch) -> None:
        """Adds rows of a table, if it is one of those to be written."""
        if table in self._parts:
            self._parts[table].write(batch)

    def close(self) -> None:
        """Completes the files."""
        for part in self._parts.values():
            part.close()

    def abandon(self) -> None:
        """Closes the files without completing them. Raises nothing."""
        for part in self._parts.values():
            part.abandon()
