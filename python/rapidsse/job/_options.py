"""The options of a job: how its logs are read, and what its output holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ..logs._options import MAX_EVENT_SIZE, ReadOptions
from ..logs.outputs._parts import PartFormat
from ..logs.tables._schemas import TABLES, Table, chosen

__all__ = ["IMAGES", "PART_FORMATS", "TABLES", "Images", "JobOptions"]

Images = Literal["files", "column", "none"]
IMAGES: tuple[Images, ...] = get_args(Images)
PART_FORMATS: tuple[PartFormat, ...] = get_args(PartFormat)


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What a job writes, and how it reads its logs.

    `images`: pictures become files, the column `bytes` of the images table, or neither.
    """

    tables: tuple[Table, ...] = TABLES
    images: Images = "files"
    payload: bool = False
    format: PartFormat = "parquet"
    reading: ReadOptions = field(default=ReadOptions(max_event_size=MAX_EVENT_SIZE))

    def columns(self) -> dict[str, Sequence[str] | None]:
        """Returns the columns of each table."""
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
        """Returns the options by the names of the command line, as JSON values."""
        return {
            "tables": list(self.tables),
            "images": self.images,
            "payload": self.payload,
            "format": self.format,
            "max_event_size": self.reading.max_event_size,
            "log_format": self.reading.format,
            "body_field": self.reading.body_field,
            "event_field": self.reading.event_field,
        }
