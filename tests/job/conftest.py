"""What the tests of jobs share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jobs import Jobs


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    """Jobs in processes of their own, which have all ended after the test."""
    # Imported here: `--engine` chooses the engine before.
    from jobs import Jobs

    jobs = Jobs()
    yield jobs
    jobs.close()
