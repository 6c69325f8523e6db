"""Small logs of each kind of recording: what is read of them, and the exit status of the commands.

`support/cases` has the logs. Those of APIs are in `tests/tables`.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

import rapidsse
from rapidsse.cli import main

CASES = Path(__file__).parent.parent / "support" / "cases"


class Case(NamedTuple):
    """`bodies`: the events of each stream. `refused`: it is an `InputError`, and exit status 2."""

    format: str = ""
    bodies: list[int] | None = None
    skipped: int = 0
    passed_over: int = 0
    refused: str = ""


EXPECTED = {
    "array_oneline.json": Case("json", [3]),
    "array_pretty.json": Case("json", [3]),
    "array_records_pretty.json": Case("json", [3], passed_over=1),
    "betamax.json": Case("jsonl-body", [2], passed_over=1),
    "chrome_esm.har": Case("har", [3]),
    "chunk_objects.jsonl": Case("jsonl-body", [2]),
    "chunks_list.jsonl": Case("jsonl-body", [3]),
    "claude_stream_json.jsonl": Case("jsonl-event", [3]),
    "docker_json_file.jsonl": Case("jsonl-event", [3]),
    "gemini_array.json": Case("json", [2]),
    "httpmock.yaml": Case("yaml", [2]),
    "json_cassette_metadata_first_pretty.json": Case("json", [2], passed_over=1),
    "keepalive_data.sse": Case("sse", [4]),
    "noblank.sse": Case("sse-lines", [3]),
    "pretty_record.json": Case("json", [3]),
    "prompt_has_sse.jsonl": Case("jsonl-body", [2], passed_over=1),
    "ruby_vcr.yml": Case("vcr", [2]),
    "two.tar": Case(refused="a tar archive"),
    "two.tar.gz": Case(refused="a tar archive"),
    "utf16le_bom.sse": Case("sse", [3]),
    "wrapped_event.jsonl": Case("jsonl-event", [3]),
}


def test_each_case_has_an_outcome() -> None:
    assert {path.name for path in CASES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    case, path = EXPECTED[name], str(CASES / name)
    if case.refused:
        with pytest.raises(rapidsse.InputError, match=case.refused):
            rapidsse.open_log(path)
        assert main(["decode", path]) == main(["verify", path]) == 2
        return
    streams = dict[int, int]()
    with rapidsse.open_log(path) as log:
        for event in log:
            streams[event.stream] = streams.get(event.stream, 0) + 1
        assert (log.format, log.skipped, log.passed_over) == (
            case.format,
            case.skipped,
            case.passed_over,
        )
    assert list(streams.values()) == case.bodies
    assert main(["decode", path]) == 0
    assert main(["verify", path]) == 0
    assert "all is well" in capsys.readouterr().out
