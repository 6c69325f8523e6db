"""Logs divided into splits, which other threads, processes and machines read on their own.

`plan_splits` divides, `read_split` reads one. The job, `rapidsse.ray` and `rapidsse.spark` run on
them. The rows of all splits are those of `rapidsse.scan`, each once, wherever the cuts are.
"""

from __future__ import annotations

from ._plan import TARGET_BYTES, plan_splits
from ._read import OnInputError, read_split
from ._sample import column_ratios
from ._split import Split
from ._write import write_split

__all__ = [
    "TARGET_BYTES",
    "OnInputError",
    "Split",
    "column_ratios",
    "plan_splits",
    "read_split",
    "write_split",
]
