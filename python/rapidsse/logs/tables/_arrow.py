"""From an engine's columns, from lists and from pictures' bytes to Arrow arrays and batches."""

from __future__ import annotations

import contextlib
import mmap
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from ..._rust import _Column

__all__ = [
    "FLUSH_BYTES",
    "FLUSH_TEXT",
    "Blobs",
    "Rows",
    "SourceColumn",
    "batch",
    "from_engine",
    "types",
]

FLUSH_BYTES = 16 << 20
"""A batch ends when its blobs have grown this large."""
FLUSH_TEXT = 1 << 20
"""A batch ends when its strings have so many characters, the source's name included: they are in memory
three times while it is made, and of some texts each takes four bytes."""

# Their stubs know no types that are known only at run time.
_repeat: Callable[[Any, int], pa.Array[Any]] = cast(Any, pa).repeat
_from_arrays: Callable[..., pa.RecordBatch] = cast(Any, pa.RecordBatch).from_arrays


def types(schema: pa.Schema) -> dict[str, pa.DataType]:
    """The columns' types by their names, in the schema's order."""
    return dict(zip(schema.names, schema.types, strict=True))


def is_string(type: pa.DataType) -> bool:
    """Whether the column holds text."""
    return pa.types.is_string(type) or pa.types.is_string_view(type)


def batch(columns: Sequence[pa.Array[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """A batch of a table."""
    return _from_arrays(columns, schema=schema)


def from_engine(column: _Column, rows: int, type: pa.DataType) -> pa.Array[Any]:
    """A column of `LogReader.take`. Buffers are taken over as they are, without a copy."""
    if isinstance(column, list):
        return pa.array(column, type)
    *buffers, nulls = column
    wrapped = [None if each is None else pa.py_buffer(each) for each in buffers]
    if not pa.types.is_string_view(type):
        return pa.Array.from_buffers(type, rows, wrapped, nulls)
    return pa.Array.from_buffers(pa.string(), rows, wrapped, nulls).cast(type)


class SourceColumn:
    """The same text in every row: one array, of which batches take as many rows as they have."""

    def __init__(self, source: str, type: pa.DataType) -> None:
        self._value: Any = pa.scalar(source, type)
        self._array: pa.Array[Any] = _repeat(self._value, 0)

    def __call__(self, rows: int) -> pa.Array[Any]:
        if rows > len(self._array):
            self._array = _repeat(self._value, rows)
        column: pa.Array[Any] = self._array.slice(0, rows)
        return column


def _pages(size: int) -> memoryview:
    """Memory that goes back to the system with its last user: of blocks this large, which come
    and go on several threads, `malloc` would keep many."""
    pages = mmap.mmap(-1, size)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel without them
            pages.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(pages)


class Blobs:
    """A `large_binary` column whose values are written where they will stay.

    Pictures are decoded into it: no other copy of them is made.
    """

    def __init__(self) -> None:
        self._arena: memoryview | None = None
        self._end = 0
        self._offsets = array("q", [0])
        self._valid: list[bool] = []

    def fits(self, size: int) -> bool:
        """Whether there is room for a value without beginning another batch."""
        return not self._valid or self._end + size <= max(FLUSH_BYTES, self._size)

    def room(self, size: int) -> memoryview:
        """Where the next value may be written, if it `fits`; `keep` or `skip` must follow."""
        if self._arena is None or self._end + size > self._size:
            # The values so far, if any, are null or empty.
            self._arena = _pages(max(FLUSH_BYTES, size))
        return self._arena[self._end : self._end + size]

    def keep(self, size: int) -> None:
        """What was written is the next row's value."""
        self._end += size
        self._offsets.append(self._end)
        self._valid.append(True)

    def skip(self) -> None:
        """The next row's value is null."""
        self._offsets.append(self._end)
        self._valid.append(False)

    def take(self, type: pa.DataType) -> pa.Array[Any]:
        """The column; then there is none."""
        rows, arena, end = len(self._valid), self._arena, self._end
        if arena is None:
            data = pa.py_buffer(b"")
        elif end < self._size // 2:
            data = pa.py_buffer(bytes(arena[:end]))  # does not keep the rest of it alive
        else:
            data = pa.py_buffer(arena[:end])
        validity = pa.array(self._valid, pa.bool_()).buffers()[1]
        buffers = [validity, pa.py_buffer(self._offsets), data]
        column = pa.Array.from_buffers(pa.large_binary(), rows, buffers)
        self._arena, self._end, self._offsets, self._valid = None, 0, array("q", [0]), []
        return column if type == pa.large_binary() else column.cast(type)

    @property
    def _size(self) -> int:
        return 0 if self._arena is None else len(self._arena)


class Rows:
    """The rows of a table until they make a batch, which then waits in `ready`.

    A row that ends up in column `blob` is written to `blobs` before it is added.
    """

    def __init__(self, schema: pa.Schema, batch_rows: int, *, blob: str = "") -> None:
        self.ready: list[pa.RecordBatch] = []
        self.blobs: Blobs | None = Blobs() if blob in schema.names else None
        self._schema = schema
        self._blob = blob
        self._batch_rows = batch_rows
        self._columns: dict[str, list[Any]] = {name: [] for name in schema.names if name != blob}
        self._strings = [name for name, type in types(schema).items() if is_string(type)]
        self._count = 0
        self._characters = 0

    def room(self, size: int) -> memoryview:
        """Where the next row's blob is to be written."""
        assert self.blobs is not None
        if not self.blobs.fits(size):
            self.flush()
        return self.blobs.room(size)

    def blob(self, data: Buffer | None) -> None:
        """Writes the next row's blob, where that column is asked for."""
        if self.blobs is None:
            return
        if data is None:
            self.blobs.skip()
            return
        view = memoryview(data).cast("B")
        self.room(len(view))[:] = view
        self.blobs.keep(len(view))

    def add(self, row: Mapping[str, Any]) -> None:
        """Takes of `row` what the columns need."""
        for name, column in self._columns.items():
            column.append(row[name])
        self._count += 1
        for name in self._strings:
            self._characters += len(row[name] or "")
        if self._count >= self._batch_rows or self._characters >= FLUSH_TEXT:
            self.flush()

    def flush(self) -> None:
        """Makes a batch of the rows so far."""
        if not self._count:
            return
        arrays: list[pa.Array[Any]] = []
        for name, type in types(self._schema).items():
            if name == self._blob and self.blobs is not None:
                arrays.append(self.blobs.take(type))
            else:
                arrays.append(pa.array(self._columns[name], type))
        self.ready.append(batch(arrays, self._schema))
        for column in self._columns.values():
            column.clear()
        self._count = self._characters = 0

    def take(self) -> list[pa.RecordBatch]:
        """The batches that are ready; then none is."""
        batches, self.ready = self.ready, []
        return batches
