"""A local Ray with two workers for the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

__all__ = ["ray_cluster"]


@contextmanager
def ray_cluster(folder: Path) -> Iterator[Any]:
    """The module `ray` with a cluster whose workers are in `folder`; without Ray the tests are
    skipped."""
    ray: Any = pytest.importorskip("ray", reason="needs Ray")
    pytest.importorskip("ray.data", reason="needs Ray")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        with pytest.MonkeyPatch.context() as inside:
            inside.chdir(folder)
            ray.init(
                num_cpus=2,
                include_dashboard=False,
                log_to_driver=False,
                logging_level="ERROR",
                object_store_memory=256 << 20,
            )
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield ray
        ray.shutdown()
