"""The memory of processes, as Linux counts it."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["memory_of"]


def memory_of(pid: int, file: str, field: str) -> int:
    """Returns a field of `/proc/PID/FILE`, in bytes."""
    content = Path(f"/proc/{pid}/{file}").read_text()
    (kib,) = re.findall(rf"^{field}:\s+(\d+) kB$", content, re.MULTILINE)
    return int(kib) * 1024
