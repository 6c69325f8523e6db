"""The options of a job that shape its output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..logs._bodies import Format
from ..logs._options import ReadOptions
from ..logs.outputs._parts import PartFormat
from ..logs.tables._schemas import TABLES, Table, chosen

__all__ = ["Images", "JobOptions"]

Images = Literal["files", "column", "none"]


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What goes into the output, and how the inputs are read.

    `images` says where the pictures go: to files, into the images table, or nowhere.
    """

    tables: tuple[Table, ...] = TABLES
    images: Images = "files"
    payload: bool = False
    format: PartFormat = "parquet"
    max_event_size: int | None = 256 << 20
    log_format: Format | None = None
    body_field: str | None = None

    @property
    def reading(self) -> ReadOptions:
        """How the logs are read."""
        return ReadOptions(self.log_format, None, self.body_field, self.max_event_size)

    def columns(self) -> dict[str, Sequence[str] | None]:
        """The columns of each table."""
        columns: dict[str, Sequence[str] | None] = {}
        for table in self.tables:
            names = list(chosen(table)[1])
            if table == "events" and self.payload:
                names.append("payload")
            elif table == "images" and self.images != "column":
                names.remove("bytes")
                if self.images == "files":
                    names.append("path")
            columns[table] = names
        return columns

    def to_dict(self) -> dict[str, Any]:
        """As JSON gives it back."""
        return {**asdict(self), "tables": list(self.tables)}
