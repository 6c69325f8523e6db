"""Checks that an installed rapidsse works: `python smoke.py ENGINE [--extras]`.

`--extras` means that it was installed as `rapidsse[report]`, with all that the tables need.
Run by check_wheels.py in a fresh environment, from a folder that is not the repository.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sysconfig
import tempfile
from pathlib import Path

import rapidsse
from rapidsse import Decoder, openai

# A transparent pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
EVENTS = [
    {
        "type": "response.output_text.delta",
        "content_index": 0,
        "delta": "Hello",
        "item_id": "msg_1",
        "logprobs": [],
        "output_index": 0,
        "sequence_number": 0,
    },
    {
        "type": "response.image_generation_call.partial_image",
        "item_id": "ig_1",
        "output_index": 1,
        "partial_image_b64": base64.b64encode(PNG).decode(),
        "partial_image_index": 0,
        "sequence_number": 1,
    },
]


def run(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs the installed command, whose exit status must be `status`."""
    command = [str(Path(sysconfig.get_path("scripts"), "rapidsse")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == status, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def check_library(stream: bytes, folder: Path) -> None:
    assert [event.json() for event in rapidsse.iter_sse(stream)] == EVENTS
    delta, partial = Decoder(openai.ResponseStreamEvent).iter(stream)
    assert isinstance(delta, openai.ResponseTextDeltaEvent)
    assert delta.delta == "Hello"
    assert isinstance(partial, openai.ResponseImageGenCallPartialImageEvent)
    assert partial.partial_image_b64 is not None
    image = folder / "image.png"
    partial.partial_image_b64.save(image)
    assert image.read_bytes() == PNG


def check_command(log: Path) -> None:
    run("--help")
    with rapidsse.open_log(log) as events:
        assert [event.json() for event in events] == EVENTS
    summary = json.loads(run("decode", log, "--json").stdout)
    assert summary["totals"]["events"] == len(EVENTS)
    assert "1 stream, 2 events, 1 image, 0 failed" in run("decode", log).stdout
    problems = run("verify", log, "--json", status=1).stdout.splitlines()
    assert {json.loads(line)["kind"] for line in problems} == {"no_end", "image"}


def check_no_extras(log: Path, out: Path) -> None:
    for command in ("decode", "report"):
        assert "pip install" in run(command, log, "-o", out, status=2).stderr
    assert not out.exists()


def check_extras(log: Path, out: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    run("decode", log, "-o", out)
    assert [path.read_bytes() for path in out.glob("image-files/*/*.png")] == [PNG]
    written = pyarrow.parquet.read_table(out / "events")
    assert written.column("delta").to_pylist() == ["Hello", None]
    scanned = pyarrow.table(rapidsse.scan(log, columns=["delta"]))
    assert scanned.column("delta").to_pylist() == ["Hello", None]

    page = out.with_suffix(".html")
    run("report", log, "-o", page)
    html = page.read_text(encoding="utf-8")
    assert "<style>" in html
    assert "ig_1" in html


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine")
    parser.add_argument("--extras", action="store_true")
    options = parser.parse_args()

    assert rapidsse.engine == options.engine, f"the engine is {rapidsse.engine}"
    stream = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in EVENTS).encode()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "stream.sse"
        log.write_bytes(stream)
        check_library(stream, folder)
        check_command(log)
        (check_extras if options.extras else check_no_extras)(log, folder / "out")
    extras = " with its extras" if options.extras else ""
    print(f"rapidsse {rapidsse.__version__}{extras} works on the {options.engine} engine")


if __name__ == "__main__":
    main()
