"""How many splits a Dataset has: enough for the cluster's CPUs, and small enough for its memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, cast

import ray

from ..splits import Split, column_ratios

__all__ = ["MOST_BYTES", "Plan", "cpus"]

_LEAST_BYTES = 16 << 20
"""Bytes. A smaller split takes less time than a task costs."""
MOST_BYTES = 1 << 30
"""Bytes. Ray leaves a CPU idle for 0.1 to 0.2 s between tasks: a tenth of the time at this size."""
_MEMORY_SHARE = 4
"""A task that writes holds the rows of its split, which are about as large as a text log."""
_TASKS_PER_CPU = 4
"""Several, so that no CPU is idle for long while others read the last splits."""


class Plan:
    """The splits, planned when they are first needed, and the size of their table.

    It stays with the driver.
    """

    def __init__(
        self,
        plan: Callable[..., Iterator[Split]],
        table: str,
        columns: Sequence[str],
        target_bytes: int | None,
        count: int | None,
    ) -> None:
        self._plan = plan
        self._table = table
        self._columns = columns
        self._target_bytes = target_bytes
        self._count = count

    @cached_property
    def splits(self) -> list[Split]:
        if self._target_bytes is not None:
            return list(self._plan(target_bytes=self._target_bytes))
        # The size of the logs is unknown until they are listed.
        most = _most_bytes()
        splits = list(self._plan(target_bytes=most))
        size = sum(split.size for split in splits)
        if self._count is not None:
            target = max(1, -(-size // self._count))
        else:
            count = _TASKS_PER_CPU * cpus()
            target = min(max(_LEAST_BYTES, -(-size // count)), most)
        if target == most:
            return splits
        return list(self._plan(target_bytes=target))

    @cached_property
    def size(self) -> int:
        """Bytes of the logs, as stored."""
        return sum(split.size for split in self.splits)

    def ratio(self, columns: Iterable[str]) -> float:
        """Returns the bytes of these columns per byte of the logs."""
        return sum(self._ratios[name] for name in columns)

    @cached_property
    def _ratios(self) -> dict[str, float]:
        return column_ratios(self.splits, self._table, self._columns)


def cpus() -> int:
    return max(1, int(_resources().get("CPU", 1)))


def _most_bytes() -> int:
    """Returns the most bytes of a split: a fraction of a CPU's share of the cluster's memory."""
    memory = _resources().get("memory")
    if memory is None:
        return MOST_BYTES
    return min(max(_LEAST_BYTES, int(memory) // cpus() // _MEMORY_SHARE), MOST_BYTES)


def _resources() -> dict[str, float]:
    """Returns the resources of the cluster; before it is joined, the CPUs of this machine."""
    if not ray.is_initialized():
        return {"CPU": os.cpu_count() or 1}
    # It is only partly annotated.
    resources: dict[str, float] = cast(Any, ray).cluster_resources()
    return resources
