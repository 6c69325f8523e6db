"""Runs the blocks of docs/cluster.md in their order, and checks their results."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rapidsse
from cluster_tables import same_rows, write_logs
from samples import ROOT

pytestmark = [pytest.mark.cluster, pytest.mark.once, pytest.mark.filterwarnings("ignore")]

PAGE = ROOT / "docs" / "cluster.md"


def test_the_page_from_beginning_to_end(
    ray: Any,
    spark: Any,
    cluster_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The page names folders from where it is, and its own calls find both engines started.
    monkeypatch.chdir(cluster_folder)
    write_logs(Path("logs"))
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    # Workers get the functions of a `__main__` with their code.
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks:
        exec(block, names)  # noqa: S102 (our own page)
    assert names["spark"] is spark
    pictures = pa.table(rapidsse.scan("logs", table="images"))
    total = sum(len(each) for each in pictures.column("bytes").to_pylist() if each is not None)
    assert capsys.readouterr().out.split()[-1] == str(total)
    assert same_rows(pq.read_table("tables/events"), "logs", "events")
    assert same_rows(pq.read_table("tables/responses"), "logs", "responses")
    assert same_rows(pq.read_table("tables/events-by-split"), "logs", "events")
