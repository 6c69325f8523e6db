"""`make abi3`: compares one abi3 wheel for all CPythons with one wheel per version.

Builds both, installs each in its own environment, and runs the passes of the text log in both by
turns, each turn in a fresh process.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import venv
from pathlib import Path

import logs

FOLDER = logs.FOLDER.parent / "abi3"
VARIANTS: dict[str, list[str]] = {"per-version": [], "abi3": ["--features", "abi3"]}
TURNS = 15

PASSES = """
import json, sys, time
import rapidsse
from rapidsse import Decoder, openai
assert rapidsse.engine == "rust"
data = open(sys.argv[1], "rb").read()
chunks = [data[i : i + 65536] for i in range(0, len(data), 65536)]
decoder = Decoder(openai.ResponseStreamEvent)
passes = {
    "typed": lambda: decoder.iter(data),
    "frames, whole": lambda: rapidsse.iter_sse(data),
    "frames, in 64 KiB chunks": lambda: rapidsse.iter_sse(chunks),
}
seconds = {}
for name, start in passes.items():
    times = []
    for _ in range(5):
        begin = time.process_time()
        for _ in start():
            pass
        times.append(time.process_time() - begin)
    seconds[name] = min(times)
print(json.dumps(seconds))
"""


def install(variant: str) -> Path:
    """Builds the wheel and installs it; returns the environment's interpreter."""
    dist, environment = FOLDER / f"dist-{variant}", FOLDER / f"venv-{variant}"
    shutil.rmtree(dist, ignore_errors=True)
    build = [sys.executable, "-m", "maturin", "build", "--release", "--locked", "--quiet"]
    build += ["--interpreter", sys.executable, "--out", str(dist), *VARIANTS[variant]]
    subprocess.run(build, check=True)
    (wheel,) = dist.glob("*.whl")
    print(f"{wheel.name}: {wheel.stat().st_size:,} bytes")
    venv.create(environment, clear=True)
    python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", str(wheel)]
    subprocess.run(pip, check=True)
    return python


def main() -> None:
    log = logs.text_log()
    pythons = {variant: install(variant) for variant in VARIANTS}
    turns: list[dict[str, dict[str, float]]] = []
    for _ in range(TURNS):
        turn = {}
        for variant, python in pythons.items():
            command = [python, "-I", "-c", PASSES, log]
            turn[variant] = json.loads(subprocess.check_output(command, cwd=FOLDER))
        turns.append(turn)
    print("| text log | per-version | abi3 | abi3 takes |\n|---|---|---|---|")
    events = 48 * logs.EVENTS_PER_TEXT_STREAM
    for name in turns[0]["abi3"]:
        ratios = [turn["abi3"][name] / turn["per-version"][name] for turn in turns]
        costs = (
            statistics.median(turn[variant][name] for turn in turns) / events * 1e6
            for variant in VARIANTS
        )
        cells = [name, *(f"{cost:.3f} µs/event" for cost in costs)]
        ratio = f"{statistics.median(ratios):.2f} × ({min(ratios):.2f}–{max(ratios):.2f})"
        print(f"| {' | '.join([*cells, ratio])} |")


if __name__ == "__main__":
    main()
