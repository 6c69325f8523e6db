"""`make bench-cluster`: writes the events table as Parquet, by `rapidsse decode`, Ray and Spark.

Each runs with one and with two workers, by turns, in its own process, on a folder of text logs that
`decode --workers 2` reads in a minute. The logs are hard links to one file, because this measures
the engines, not the disk. Rows through Spark are measured once, because they take so long. Writes
benches/CLUSTER.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq

import logs

HERE = Path(__file__).parent
FILE_BYTES = 1 << 30
MINUTE = 60.0
TARGET_BYTES = 1 << 30
"""Of a split: what `read_sse` takes for logs of this size by itself."""


def make_logs(folder: Path, files: int) -> None:
    """Returns a folder of this many logs of 1 GiB, all the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    source = logs.text_log(-(-FILE_BYTES // 541_382))
    for old in folder.iterdir():
        old.unlink()
    for number in range(files):
        os.link(source, folder / f"{number:04}.sse")


# Each returns the seconds that its engine took to start.


def decode(folder: str, out: str, workers: int) -> float:
    command = [sys.executable, "-m", "rapidsse", "decode", folder, "-o", out]
    command += ["--tables", "events", "--workers", str(workers), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return 0.0


def on_ray(folder: str, out: str, workers: int) -> float:
    started = time.perf_counter()
    import ray

    from rapidsse.ray import read_sse

    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    started = time.perf_counter() - started
    read_sse(folder).write_parquet(out)
    return started


def ray_tasks(folder: str, out: str, workers: int) -> float:
    started = time.perf_counter()
    import ray

    from rapidsse.splits import plan_splits, write_split

    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)
    started = time.perf_counter() - started
    write = ray.remote(write_split)
    ray.get([write.remote(split, out) for split in plan_splits(folder, target_bytes=TARGET_BYTES)])
    return started


def _session(workers: int) -> Any:
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    return (
        builder.master(f"local[{workers}]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.memory", "4g")
        .getOrCreate()
    )


def on_spark(folder: str, out: str, workers: int) -> float:
    started = time.perf_counter()
    spark = _session(workers)
    from rapidsse.spark import SSEDataSource

    spark.dataSource.register(SSEDataSource)
    started = time.perf_counter() - started
    reader = spark.read.format("rapidsse").option("targetBytes", TARGET_BYTES)
    reader.load(folder).write.parquet(out)
    spark.stop()
    return started


def spark_tasks(folder: str, out: str, workers: int) -> float:
    started = time.perf_counter()
    context = _session(workers).sparkContext
    started = time.perf_counter() - started
    from rapidsse.splits import plan_splits, write_split

    splits = list(plan_splits(folder, target_bytes=TARGET_BYTES))
    context.parallelize(splits, len(splits)).foreach(partial(write_split, out=out))
    context.stop()
    return started


RUN: dict[str, Callable[[str, str, int], float]] = {
    "decode": decode,
    "ray": on_ray,
    "ray, write_split": ray_tasks,
    "spark": on_spark,
    "spark, write_split": spark_tasks,
}
ONCE = ("spark",)


def rows(out: Path) -> int:
    return sum(pq.read_metadata(path).num_rows for path in out.rglob("*.parquet"))


def measure(engine: str, folder: Path, workers: int) -> dict[str, float]:
    """Runs once, in its own process. Returns its seconds, those of the engine's start, and its rows."""
    out = folder.parent / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, __file__, "--child", engine, str(folder), str(out), str(workers)]
    started = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - started
    found = {"seconds": seconds, "start": float(done.stdout.split()[-1]), "rows": rows(out)}
    shutil.rmtree(out)
    print(f"{engine} with {workers}: {seconds:.1f} s, {found['start']:.1f} s to start", flush=True)
    return found


def report(files: int, found: dict[str, list[dict[str, float]]]) -> str:
    def seconds(name: str, *, started: bool) -> float:
        return median(each["seconds"] - started * each["start"] for each in found[name])

    size = files * os.stat(logs.FOLDER / "cluster" / "logs" / "0000.sse").st_size
    lines = [
        "# The events table as Parquet, on each engine",
        "",
        (
            f"{files} text logs, {size / 1e9:.1f} GB and {int(found['decode-2'][0]['rows']):,} events; "
            f"ray {version('ray')}, pyspark {version('pyspark')}, pyarrow {version('pyarrow')}; "
            f"{os.cpu_count()} cores; medians of runs in turns, made by `make bench-cluster`. "
            "The start of an engine does not grow with the logs, so the last two columns leave it out."
        ),
        "",
        (
            "| | runs | one worker | two workers | one / two | two / `decode` | start "
            "| one / two | two / `decode` |"
        ),
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for engine in RUN:
        cells = [engine, str(len(found[f"{engine}-2"]))]
        ratios: list[str] = []
        for started in (False, True):
            one, two = (seconds(f"{engine}-{workers}", started=started) for workers in (1, 2))
            base = seconds("decode-2", started=started)
            ratios += [f"{one / two:.2f} ×", f"{two / base:.2f} ×"]
            if not started:
                cells += [f"{one:.1f} s", f"{two:.1f} s"]
        start = median(each["start"] for each in found[f"{engine}-2"])
        cells += [*ratios[:2], f"{start:.1f} s", *ratios[2:]]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--files", type=int, help="number of files of 1 GiB (default: enough for a minute)"
    )
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        engine, folder, out, workers = options.child
        print(RUN[engine](folder, out, int(workers)))
        return
    folder = logs.FOLDER / "cluster" / "logs"
    files = options.files
    if not files:
        make_logs(folder, 10)
        files = round(10 * 1.1 * MINUTE / measure("decode", folder, 2)["seconds"])
    make_logs(folder, files)
    found: dict[str, list[dict[str, float]]] = {}
    for number in range(options.rounds):
        for workers, engine in product((2, 1), RUN):
            if not number or engine not in ONCE:
                found.setdefault(f"{engine}-{workers}", []).append(measure(engine, folder, workers))
    counted = {each["rows"] for runs in found.values() for each in runs}
    assert len(counted) == 1, f"the engines wrote different numbers of rows: {found}"
    text = report(files, found)
    (HERE / "CLUSTER.md").write_text(text)
    (HERE / "CLUSTER.json").write_text(json.dumps(found, indent=1) + "\n")
    print(text)


if __name__ == "__main__":
    main()
