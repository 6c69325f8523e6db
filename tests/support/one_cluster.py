"""A lock that only one run of the tests holds: the clusters of two at once are slow enough for Ray
to give up."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["one_cluster"]


@contextmanager
def one_cluster() -> Iterator[None]:
    """Waits until no other run on this machine has a cluster."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with Path(tempfile.gettempdir(), "rapidsse-tests-cluster.lock").open("a") as file:
        # Closing the file lets go of it, also when the run is killed.
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
