"""`make bench-remote`: measures planning and reading of remote logs. Writes benches/REMOTE.md.

- Reads over http, with several concurrent requests and with one, from a local server that responds
  after 30 ms and sends 80 MB/s per connection, roughly like object stores.
- Plans a million logs: files, and the keys of a bucket, which a made-up file system lists a
  thousand at a time.

Each measurement runs in its own process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import mmap
import multiprocessing
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
from fsspec.spec import AbstractFileSystem

import logs
from rapidsse.logs import scan
from rapidsse.logs.sources import _remote_file
from rapidsse.splits import plan_splits, read_split

HERE = Path(__file__).parent
LATENCY = 0.03
BYTES_A_SECOND = 80_000_000
SPLIT_BYTES = 256 << 20
SMALL_BYTES, SMALL_LOGS = 100_000, 2000
LOGS = 1_000_000


# --- A remote server ------------------------------------------------------------------


async def _answer(
    content: mmap.mmap, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Serves each file as the log, or as its beginning."""
    try:
        while request := await reader.readuntil(b"\r\n\r\n"):
            lines = request.decode("latin-1").split("\r\n")
            method, path, _ = lines[0].split(" ")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
            size = SMALL_BYTES if path.startswith("/small") else len(content)
            start, stop, status = 0, size, "200 OK"
            if given := headers.get("range", "").removeprefix("bytes="):
                first, _, last = given.partition("-")
                start, stop = int(first), int(last) + 1 if last else size
                status = "206 Partial Content"
            await asyncio.sleep(LATENCY)
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Length: {stop - start}\r\n"
                f'Accept-Ranges: bytes\r\nETag: "1"\r\n'
                f"Content-Range: bytes {start}-{stop - 1}/{size}\r\n\r\n".encode()
            )
            began = time.perf_counter()
            for at in range(start, stop if method == "GET" else start, 1 << 18):
                writer.write(content[at : min(at + (1 << 18), stop)])
                await writer.drain()
                early = (at - start) / BYTES_A_SECOND - (time.perf_counter() - began)
                if early > 0:
                    await asyncio.sleep(early)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _serve(path: str, ports: Any) -> None:
    with open(path, "rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    async def run() -> None:
        server = await asyncio.start_server(
            lambda reader, writer: _answer(content, reader, writer), "127.0.0.1", 0
        )
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def store() -> Iterator[str]:
    """Yields the URL of a running server."""
    path = logs.text_log(-(-SPLIT_BYTES // 541_382))
    context = multiprocessing.get_context("spawn")
    ports: Any = context.Queue()
    process = context.Process(target=_serve, args=(str(path), ports), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ports.get(timeout=30)}"
    finally:
        process.terminate()
        process.join()


# --- The measurements -------------------------------------------------------------------


def _read(names: Any, url: str, *, target_bytes: int = 1 << 40) -> dict[str, float]:
    options: dict[str, Any] = {"format": "sse", "compression": "none"}
    splits = list(plan_splits(names, target_bytes=target_bytes, **options))
    size = sum(split.size for split in splits)
    return _timed(url, size, (batch for split in splits for batch in read_split(split)))


def _timed(url: str, size: int, batches: Iterator[Any]) -> dict[str, float]:
    # Clients are created once per process.
    fsspec.filesystem("http").cat_file(f"{url}/large", start=0, end=1)
    began, cpu = time.perf_counter(), time.process_time()
    rows = sum(batch.num_rows for batch in batches)
    seconds = time.perf_counter() - began
    return {
        "rows": rows,
        "seconds": seconds,
        "cpu": time.process_time() - cpu,
        "rate": size / seconds,
    }


def large(url: str, *, one: bool) -> dict[str, float]:
    if one:
        _remote_file._IN_FLIGHT = 1
    return _read(f"{url}/large", url)


def whole(url: str, *, one: bool) -> dict[str, float]:
    if one:
        _remote_file._IN_FLIGHT = 1
    found = scan(f"{url}/large")
    size = fsspec.filesystem("http").size(f"{url}/large")
    return _timed(url, size, iter(found))


def small(url: str, *, one: bool) -> dict[str, float]:
    # Of a split that is one log nothing is opened ahead.
    target_bytes = SMALL_BYTES if one else 1 << 40
    names = [f"{url}/small{number}" for number in range(SMALL_LOGS)]
    return _read(names, url, target_bytes=target_bytes)


class Bucket(AbstractFileSystem):
    """Keys as S3 lists them."""

    protocol = "bucket"
    requests = 0

    def info(self, path: str, **kwargs: Any) -> dict[str, Any]:
        return {"name": path, "type": "directory", "size": 0}

    def split_path(self, path: str) -> tuple[str, str, None]:
        bucket, _, key = path.partition("/")
        return bucket, key, None

    def call_s3(self, method: str, **request: Any) -> dict[str, Any]:
        assert method == "list_objects_v2"
        type(self).requests += 1
        start = int(request.get("ContinuationToken", 0))
        keys = range(start, min(start + 1000, LOGS))
        page: dict[str, Any] = {
            "Contents": [
                {
                    "Key": f"logs/2026/{key // 1000:04}/{key:07}.sse",
                    "Size": 100_000,
                    "ETag": f'"{key:032x}"',
                }
                for key in keys
            ]
        }
        if keys.stop < LOGS:
            page["NextContinuationToken"] = str(keys.stop)
        return page


def _planned(name: str) -> dict[str, float]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    splits = found = 0
    for split in plan_splits(name):
        splits += 1
        found += split.logs
    assert found == LOGS, found
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": time.perf_counter() - began,
        "splits": splits,
        "before": before / 1024,
        "peak": peak / 1024,
    }


def bucket() -> dict[str, float]:
    fsspec.register_implementation("bucket", Bucket)
    return {**_planned("bucket://logs/logs"), "requests": Bucket.requests}


def files() -> dict[str, float]:
    return _planned(str(logs.FOLDER / "million"))


# --- The report -------------------------------------------------------------------------


def child(name: str, url: str) -> dict[str, float]:
    run: dict[str, Callable[[], dict[str, float]]] = {
        "large": lambda: large(url, one=False),
        "large, one": lambda: large(url, one=True),
        "whole": lambda: whole(url, one=False),
        "whole, one": lambda: whole(url, one=True),
        "small": lambda: small(url, one=False),
        "small, one": lambda: small(url, one=True),
        "bucket": bucket,
        "files": files,
    }
    return run[name]()


def measure(name: str, url: str = "") -> dict[str, float]:
    command = [sys.executable, __file__, "--child", name, url]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(name, found, flush=True)
    return found


def make_files() -> None:
    root = logs.FOLDER / "million"
    for folder in range(LOGS // 1000):
        inside = root / f"{folder:04}"
        inside.mkdir(parents=True, exist_ok=True)
        for number in range(1000):
            (inside / f"{number:03}.sse").touch()


def report() -> str:
    with store() as url:
        found = {
            name + ways: measure(name + ways, url)
            for name in ("large", "whole", "small")
            for ways in ("", ", one")
        }
    found["bucket"] = measure("bucket")
    make_files()
    try:
        found["files"] = measure("files")
    finally:
        shutil.rmtree(logs.FOLDER / "million")
    lines = [
        "# Logs that are far away, and many",
        "",
        (
            f"http from a server on the same machine, {LATENCY * 1000:.0f} ms to an answer, "
            f"{BYTES_A_SECOND / 1e6:.0f} MB/s a connection; one run of `make bench-remote`."
        ),
        "",
        "| | one request at a time | eight | |",
        "|---|---|---|---|",
    ]
    for name, what in (
        ("large", f"events of a split of {SPLIT_BYTES >> 20} MiB of text"),
        ("whole", "the same by `scan`"),
        ("small", f"events of {SMALL_LOGS:,} logs of {SMALL_BYTES // 1000} kB, one split"),
    ):
        one, eight = found[f"{name}, one"], found[name]
        assert one["rows"] == eight["rows"] > 0
        lines.append(
            f"| {what} | {one['seconds']:.2f} s, {one['rate'] / 1e6:.0f} MB/s "
            f"| {eight['seconds']:.2f} s, {eight['rate'] / 1e6:.0f} MB/s, {eight['cpu']:.2f} s of CPU "
            f"| {one['seconds'] / eight['seconds']:.1f} × |"
        )
    lines += ["", f"| {LOGS:,} logs | planned in | requests | memory at its peak | of it before |"]
    lines += ["|---|---|---|---|---|"]
    for name, what in (
        ("bucket", "keys, 1,000 a page, made up without a wait"),
        ("files", "files in 1,000 folders"),
    ):
        each = found[name]
        lines.append(
            f"| {what} | {each['seconds']:.1f} s | {int(each.get('requests', 0)) or '–'} "
            f"| {each['peak']:.0f} MiB | {each['before']:.0f} MiB |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(child(*options.child)))
        return
    text = report()
    (HERE / "REMOTE.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
