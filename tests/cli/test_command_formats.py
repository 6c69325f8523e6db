"""Each command reads each format, packed or not, and says the same of the same streams."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from log_files import COMPRESS, WRITERS
from rapidsse.cli import main
from samples import completed, created, delta, done, partial, png, sse, usage

pytest.importorskip("jinja2")
pytest.importorskip("PIL")

Capture = pytest.CaptureFixture[str]


def numbered(*events: dict[str, Any]) -> bytes:
    return sse(*({**event, "sequence_number": n} for n, event in enumerate(events)))


TOKENS = usage(7, 5, cached=2, reasoning=1)
PICTURES = partial("ig_1", png(2, 2)), done("ig_1", png(3, 3))
WHOLE = [
    numbered(created("resp_1"), delta("Hel"), delta("lo"), completed("resp_1", usage=TOKENS)),
    numbered(created("resp_2"), *PICTURES, completed("resp_2", usage=TOKENS)),
]
# One number is missing, and the end.
DAMAGED = numbered(created("resp_3"), delta("one")) + sse({**delta("two"), "sequence_number": 3})


@pytest.mark.parametrize("packed", ["none", "gzip"])
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("whole", [True, False])
def test_the_commands(
    tmp_path: Path, capsys: Capture, writer: str, packed: str, whole: bool
) -> None:
    format, write = WRITERS[writer]
    log, page = tmp_path / "log", tmp_path / "page.html"
    log.write_bytes(COMPRESS[packed](write(WHOLE if whole else [*WHOLE, DAMAGED])))

    assert main(["decode", str(log), "--json"]) == 0
    totals = json.loads(capsys.readouterr().out)["totals"]
    counts = (totals["streams"], totals["events"], totals["complete"], totals["images"])
    assert counts == ((2, 8, 2, 2) if whole else (3, 11, 2, 2))
    assert totals["models"]["model-1"] == [len(WHOLE) + (not whole), 14, 4, 10, 2, 24]
    bodies = totals["event_bytes"] + totals["failure_bytes"] + totals["other_bytes"]
    assert bodies == totals["body_bytes"]
    assert (bodies == totals["content_bytes"]) == (format in ("sse", "jsonl"))
    assert (totals["content_bytes"] == totals["input_bytes"]) == (packed == "none")
    assert totals["input_bytes"] == log.stat().st_size

    assert main(["verify", str(log), "--json"]) == (0 if whole else 1)
    problems = map(json.loads, capsys.readouterr().out.splitlines())
    found = {problem["kind"]: problem["response_id"] for problem in problems}
    assert found == ({} if whole else {"gap": "resp_3", "no_end": "resp_3"})

    assert main(["report", str(log), "-o", str(page)]) == 0
    text = page.read_text()
    assert len(re.findall(r"<img ", text)) == 2
    assert ("resp_3" in text) == (not whole)
    assert ("cut short" in text) == (not whole)
