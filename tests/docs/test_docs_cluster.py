"""Runs the blocks of docs/cluster.md in their order, and checks their results."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rapidsse
from child_python import environment
from cluster_tables import same_rows, write_logs
from local_spark import without_spark
from samples import ROOT

pytestmark = [pytest.mark.cluster, pytest.mark.once]

PAGE = ROOT / "docs" / "cluster.md"

# A cluster of this size; the page's own calls find it started.
PRELUDE = """
import logging, ray
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
         object_store_memory=128 << 20)
"""


def test_the_page_from_beginning_to_end(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="needs Ray")
    if reason := without_spark():
        if os.environ.get("RAPIDSSE_SPARK") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    logs = write_logs(tmp_path / "logs")
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    arguments = "--master local[2] --conf spark.ui.enabled=false pyspark-shell"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PRELUDE + "\n".join(blocks)],
        check=False,
        cwd=tmp_path,
        env=environment(
            PYSPARK_SUBMIT_ARGS=arguments,
            PYSPARK_PYTHON=sys.executable,
            SPARK_LOCAL_IP="127.0.0.1",
            RAY_USAGE_STATS_ENABLED="0",
        ),
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    pictures = pa.table(rapidsse.scan(logs, table="images"))
    total = sum(len(each) for each in pictures.column("bytes").to_pylist() if each is not None)
    assert done.stdout.split()[-1] == str(total)
    with pytest.MonkeyPatch.context() as patch:
        # The page names the folder from where it is.
        patch.chdir(tmp_path)
        for table, folder in {
            "events": "events",
            "responses": "responses",
        }.items():
            assert same_rows(pq.read_table(f"tables/{folder}"), "logs", table)
        assert same_rows(pq.read_table("tables/events-by-split"), "logs", "events")
