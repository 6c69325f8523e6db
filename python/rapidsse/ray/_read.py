"""The tables of logs as Ray Datasets: `read_sse`. Needs `rapidsse[ray]`.

A read task is a split: it holds the names of logs, not their content, and gives the same rows
each time it runs, so that Ray may run it again.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, cast

try:
    import ray
    import ray.data as ray_data
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] not in ("ray", "pyarrow"):
        raise
    raise ImportError('rapidsse.ray needs Ray Data: pip install "rapidsse[ray]"') from error

from .._text import suggestion
from ..logs._bodies import check
from ..logs._options import MAX_EVENT_SIZE, TASK_ROWS
from ..logs.tables._schemas import chosen
from ..splits import plan_splits
from ..splits._read import ON_INPUT_ERROR
from ._plan import MOST_BYTES, Plan, cpus
from ._task import ReadSplit, shape_of

if TYPE_CHECKING:
    from ..logs._bodies import Compression, Format
    from ..splits import OnInputError

    Path = str | os.PathLike[str]

__all__ = ["SSEDatasource", "read_sse"]

_ENOUGH_PER_CPU = 2
"""With so many splits per CPU there are enough blocks: Ray need not divide them."""
_MAX_NAMED = 10_000
"""The most logs whose names a Dataset keeps (`Dataset.input_files`)."""


def read_sse(
    paths: Path | Iterable[Path],
    *,
    table: str = "events",
    columns: Sequence[str] | None = None,
    target_bytes: int | None = None,
    format: Format | None = None,
    compression: Compression | None = None,
    body_field: str | None = None,
    event_field: str | None = None,
    max_event_size: int | None = MAX_EVENT_SIZE,
    on_input_error: OnInputError = "raise",
    **ray_options: Any,
) -> ray_data.Dataset:
    """Returns a table of logs as a `ray.data.Dataset`, read by one task per split.

    `paths`, `target_bytes` (bytes of a split, as stored) and the keywords after it are those of
    `rapidsse.plan_splits`; `table`, `columns` and `on_input_error` those of
    `rapidsse.read_split`. `ray_options` go to `ray.data.read_datasource`: `num_cpus`, `memory`,
    `concurrency`, `override_num_blocks` and others. Without `target_bytes` there are about
    `override_num_blocks` splits, or enough for every CPU of the cluster, of at least 16 MiB, and
    at most 1 GiB or a quarter of a CPU's share of the cluster's memory.

    This process lists the logs; every node must reach them under these names. Raises
    `InputError` if they cannot be listed, `ValueError` for an unknown table or column, or a value
    of a keyword that is not allowed, and `TypeError` for a keyword that neither this function nor
    `ray.data.read_datasource` has. A log that cannot be read fails its task with `InputError`,
    unless `on_input_error` is `"keep"`.
    """
    # Its keywords are only partly annotated.
    read: Callable[..., ray_data.Dataset] = cast(Any, ray_data).read_datasource
    _check_keywords(ray_options, read)
    source = SSEDatasource(
        paths,
        table=table,
        columns=columns,
        target_bytes=target_bytes,
        splits=ray_options.get("override_num_blocks"),
        format=format,
        compression=compression,
        body_field=body_field,
        event_field=event_field,
        max_event_size=max_event_size,
        on_input_error=on_input_error,
    )
    if not ray.is_initialized():
        # As `read_datasource` does, but before the splits are planned for the cluster's CPUs.
        cast(Any, ray).init()
    if ray_options.get("override_num_blocks") is None and source.fills_cluster():
        # By default Ray divides the splits into 200 blocks or more, and then does not run the next
        # step, such as `write_parquet`, in the task that reads.
        ray_options["override_num_blocks"] = source.splits
    return read(source, **ray_options)


def _check_keywords(options: Iterable[str], read: Callable[..., Any]) -> None:
    """Raises `TypeError` for keywords of Ray's `read` that it takes and gives to nobody."""
    known = [
        name
        for function in (read_sse, read)
        for name, each in signature(function).parameters.items()
        if each.kind is Parameter.KEYWORD_ONLY
    ]
    for name in options:
        if name not in known:
            raise TypeError(f"read_sse has no keyword {name!r}{suggestion(name, known)}")


class SSEDatasource(Datasource):
    """Splits as Ray's read tasks; `read_sse` makes a Dataset of it.

    The keywords are those of `read_sse`; `splits` is their number, if `target_bytes` does not give
    their size. Selecting columns of the Dataset leaves the others unread.
    """

    def __init__(
        self,
        paths: Path | Iterable[Path],
        *,
        table: str = "events",
        columns: Sequence[str] | None = None,
        target_bytes: int | None = None,
        splits: int | None = None,
        format: Format | None = None,
        compression: Compression | None = None,
        body_field: str | None = None,
        event_field: str | None = None,
        max_event_size: int | None = MAX_EVENT_SIZE,
        on_input_error: OnInputError = "raise",
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._table, self._columns = chosen(table, columns)
        if "path" in self._columns:
            raise ValueError("a Dataset has no files, so it has no `path`: ask for `bytes`")
        check("on_input_error", on_input_error, ON_INPUT_ERROR)
        self._on_input_error: OnInputError = on_input_error
        if splits is not None and splits < 1:
            raise ValueError(f"there is at least 1 split, not {splits}")
        plan = partial(
            plan_splits,
            # A generator could be read only once.
            paths if isinstance(paths, str | os.PathLike) else list(paths),
            format=format,
            compression=compression,
            body_field=body_field,
            event_field=event_field,
            max_event_size=max_event_size,
        )
        # Checks the keywords now.
        plan(target_bytes=MOST_BYTES if target_bytes is None else target_bytes)
        self._plan = Plan(plan, self._table, self._columns, target_bytes, splits)

    def get_name(self) -> str:
        """`"SSE"`: the read is called `ReadSSE`."""
        return "SSE"

    @property
    def splits(self) -> int:
        """The number of splits, and of the tasks that read them."""
        return len(self._plan.splits)

    def fills_cluster(self) -> bool:
        """Returns whether there are enough splits for every CPU."""
        return self.splits >= _ENOUGH_PER_CPU * cpus()

    def estimate_inmemory_data_size(self) -> int | None:
        """Returns the bytes of the Dataset, estimated from the first bytes of some logs."""
        return round(self._plan.size * self._plan.ratio(self._columns))

    def get_read_tasks(
        self,
        parallelism: int,
        per_task_row_limit: int | None = None,
        data_context: Any = None,
    ) -> list[ReadTask]:
        """Returns one task per split, whatever the `parallelism`: see `target_bytes`."""
        shape = shape_of(self._table, self._columns)
        ratio = self._plan.ratio(self._columns)
        rows = min(TASK_ROWS, per_task_row_limit or TASK_ROWS)
        named = sum(split.logs for split in self._plan.splits) <= _MAX_NAMED
        return [
            ReadTask(
                ReadSplit(split, self._table, self._columns, rows, self._on_input_error),
                BlockMetadata(
                    num_rows=None,
                    size_bytes=round(split.size * ratio),
                    input_files=split.sources if named else None,
                    exec_stats=None,
                ),
                schema=shape,
                per_task_row_limit=per_task_row_limit,
            )
            for split in self._plan.splits
        ]

    def supports_projection_pushdown(self) -> bool:
        """Yes."""
        return True

    def get_projection_map(self) -> dict[str, str]:
        """Returns the columns that are read."""
        return {name: name for name in self._columns}

    def apply_projection(self, projection_map: Mapping[str, str] | None) -> SSEDatasource:
        """Returns the same logs with these columns, in this order.

        Raises `ValueError` for a column that the Dataset does not have.
        """
        if projection_map is None:
            return self
        unknown = [name for name in projection_map if name not in self._columns]
        if unknown:
            raise ValueError(
                f"the Dataset has no column {', '.join(map(repr, unknown))}; its columns are "
                f"{', '.join(self._columns)}: ask for others with `columns`"
            )
        clone = copy.copy(self)
        clone._columns = tuple(projection_map)
        return clone
