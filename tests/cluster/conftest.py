"""One Ray and one Spark for all tests of this folder, each started for the first test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_ray import ray_cluster
from local_spark import spark_session
from one_cluster import one_cluster


@pytest.fixture(scope="session")
def cluster_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that the workers of both are in, which relative names of logs start from."""
    with one_cluster():
        yield tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="session")
def ray(cluster_folder: Path) -> Iterator[Any]:
    """Ray with two processors."""
    with ray_cluster(cluster_folder) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def spark(cluster_folder: Path) -> Iterator[Any]:
    """A session of Spark with two workers, which knows the source."""
    with spark_session(cluster_folder) as session:
        yield session
