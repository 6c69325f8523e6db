"""`write_split`: a table of one split as a Parquet file.

For a cluster that only turns logs into Parquet: the rows do not pass through its engine, which
only distributes the splits.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ..logs._options import TASK_ROWS
from ..logs.outputs._directory import Directory
from ..logs.outputs._output import OutputError
from ..logs.outputs._parts import open_part
from ..logs.sources._remote import file_system, is_url
from ..logs.tables._schemas import chosen, schema
from ._read import OnInputError, read_split
from ._split import Split

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["write_split"]


def write_split(
    split: Split,
    out: str | os.PathLike[str],
    *,
    table: str = "events",
    columns: Sequence[str] | None = None,
    on_input_error: OnInputError = "raise",
) -> int:
    """Writes the rows of a table that a split holds to a Parquet file in `out`.

    `out` is a folder or an fsspec URL, and is made if it is missing; the keywords are those of
    `read_split`. Returns the number of rows; without rows there is no file. The file's name
    depends on the split, the table and the columns, and the file appears whole: a task that runs
    again replaces it by the same bytes, and a task that is killed leaves none, or a hidden one,
    which readers of Parquet folders ignore.

    Raises what `read_split` does, and `OSError`, or what the file system of a URL raises, for a
    file that cannot be written.
    """
    names = chosen(table, columns)[1]
    batches = read_split(
        split,
        table=table,
        columns=names,
        batch_rows=TASK_ROWS,
        on_input_error=on_input_error,
    )
    what = repr((split.packed, split.reading, table, names)).encode()
    name = f"{table}-{sha256(what).hexdigest()[:20]}.parquet"
    target = os.fspath(out)
    if is_url(target):
        with tempfile.TemporaryDirectory(prefix="rapidsse-") as folder:
            with closing(Directory(Path(folder))) as scratch:
                rows = _write(batches, schema(table, names), scratch, name)
            if rows:
                system, path = file_system(target)
                system.makedirs(path, exist_ok=True)
                system.put_file(str(Path(folder) / name), f"{path.rstrip('/')}/{name}")
        return rows
    os.makedirs(target, exist_ok=True)
    with (
        _as_os_error(),
        tempfile.TemporaryDirectory(prefix=".rapidsse-", dir=target) as folder,
        closing(Directory(Path(target))) as place,
        closing(Directory(Path(folder))) as scratch,
    ):
        rows = _write(batches, schema(table, names), scratch, name)
        if rows:
            scratch.sync_contents([name])
            scratch.move(name, place, name)
            place.sync()
    return rows


def _write(
    batches: Iterable[pa.RecordBatch], shape: pa.Schema, folder: Directory, name: str
) -> int:
    rows = 0
    with _as_os_error():
        part = open_part(folder, name, shape, "parquet")
        try:
            for batch in batches:
                part.write(batch)
                rows += batch.num_rows
        except BaseException:
            part.abandon()
            raise
        part.close()
    return rows


@contextmanager
def _as_os_error() -> Generator[None]:
    try:
        yield
    except OutputError as error:
        # `OutputError` is private, and cannot be pickled for another process.
        raise OSError(str(error)) from error
