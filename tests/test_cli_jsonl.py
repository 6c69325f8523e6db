"""The lines of `--jsonl`, against a slow, independent reading of the same logs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from cli_support import (
    DEMO,
    call,
    completed,
    corpus,
    created,
    delta,
    done,
    partial,
    payloads,
    png,
    sse,
    text,
)
from rapidsse.cli import main

Capture = pytest.CaptureFixture[str]

KEYS = ("partial_image_b64", "b64_json")


def lines(tmp_path: Path, content: bytes, *argv: str, status: int = 0) -> list[str]:
    log, target = tmp_path / "log.sse", tmp_path / "events.jsonl"
    log.write_bytes(content)
    assert main(["decode", str(log), "--jsonl", str(target), *argv]) == status
    written = target.read_bytes()
    assert not written or written.endswith(b"\n")
    return written.decode().split("\n")[:-1]


def label(encoded: str) -> str:
    content = base64.b64decode(encoded, validate=True)
    kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
    digest = hashlib.sha256(content).hexdigest()
    return f"<base64 image/{kind} {len(content)} bytes sha256:{digest}>"


def elided(value: Any) -> Any:
    """What `--jsonl` should make of an event."""
    if isinstance(value, list):
        return [elided(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, member in value.items():
        picture = key in KEYS or (key == "result" and value["type"] == "image_generation_call")
        try:
            result[key] = label(member) if picture else elided(member)
        except ValueError:
            result[key] = member
    return result


def test_the_demo_and_the_corpus(tmp_path: Path) -> None:
    logs = [DEMO, *sorted(corpus().rglob("*.sse"))]
    expected = [payload for log in logs for payload in payloads(log.read_bytes())]
    target = tmp_path / "events.jsonl"
    argv = ["decode", *map(str, logs), "--jsonl", str(target)]
    assert main(argv) == 0
    written = target.read_text(encoding="utf-8").split("\n")[:-1]
    assert len(written) == len(expected) > 2000
    for line, payload in zip(written, expected, strict=True):
        assert json.loads(line) == elided(json.loads(payload))
    # Base64 apart, the JSON is the log's own, character for character.
    assert main([*argv, "--base64"]) == 0
    assert target.read_text(encoding="utf-8").split("\n")[:-1] == expected


def test_only_the_bytes_of_the_pictures_are_replaced(tmp_path: Path) -> None:
    picture = text(png())
    payload = (
        '{ "type":"response.output_item.done", "extra" : [1.50, "\\u00e9", 1e999] , "item": '
        f'{{"result": "{picture}" ,"type":"image_generation_call","x":{{"a" :12345678901234567890123}} }} }}'
    )
    (line,) = lines(tmp_path, sse(payload))
    assert '[1.50, "\\u00e9", 1e999]' in line
    assert '{"a" :12345678901234567890123}' in line
    assert label(picture) in line
    assert picture not in line


def test_the_same_key_in_another_item_is_left_alone(tmp_path: Path) -> None:
    other = {"type": "program_output", "id": "po", "call_id": "c", "result": text(png())}
    event = completed(output=[other, call("ig_1", png()), other, call("ig_2", png(9))])
    (line,) = lines(tmp_path, sse(event))
    assert json.loads(line) == elided(event)
    assert json.loads(line)["response"]["output"][0] == other


def test_failures_are_lines_in_their_place(tmp_path: Path) -> None:
    events: list[Any] = [created(), "{oops", delta("x" * 3000), delta()]
    content = b"event: bad\n" + sse(*events) + b'data: {"type": "respo'
    written = lines(tmp_path, content, "--max-event-size", "2KiB", status=1)
    parsed = [json.loads(line) for line in written]
    assert parsed[0] == created()
    assert parsed[3] == delta()
    failures = [parsed[n]["failure"] for n in (1, 2, 4)]
    assert [f["kind"] for f in failures] == ["json", "too_large", "truncated"]
    assert [f["index"] for f in failures] == [1, 2, 4]
    assert [f.get("data") for f in failures] == ["{oops", None, '{"type": "respo']
    for failure in failures:
        assert failure["source"].endswith("log.sse")
        assert content[failure["offset"] :].startswith(b"data: ")


def test_a_payload_that_is_not_utf8_is_kept_as_base64(tmp_path: Path) -> None:
    content = b'data: {"type": "response.output_text.delta", "delta": "\xff"}\n\n'
    (line,) = lines(tmp_path, content, status=1)
    failure = json.loads(line)["failure"]
    assert failure["kind"] == "utf8"
    assert base64.b64decode(failure["data_base64"]) == content[6:-2]


def test_invalid_utf8_in_a_member_that_no_field_reads(tmp_path: Path) -> None:
    content = b'data: {"type": "response.output_text.delta", "delta": "a", "new": "\xff"}\n\n'
    (line,) = lines(tmp_path, content)
    assert json.loads(line)["new"] == "\ufffd"


def test_an_event_of_several_data_lines_is_one_line(tmp_path: Path) -> None:
    pretty = json.dumps(done("ig_1", png()), indent=2)
    content = "".join(f"data: {line}\n" for line in pretty.split("\n")) + "\n"
    (line,) = lines(tmp_path, content.encode())
    assert json.loads(line) == elided(done("ig_1", png()))
    (line,) = lines(tmp_path, content.encode(), "--base64")
    assert json.loads(line) == done("ig_1", png())


def test_unknown_events_are_written_as_they_stand(tmp_path: Path) -> None:
    unknown = '{"type":"response.novelty" , "b64":"' + "A" * 4000 + '"}'
    assert lines(tmp_path, sse(unknown)) == [unknown]


def test_text_that_is_not_base64_stays(tmp_path: Path) -> None:
    event = partial("ig", b"") | {"partial_image_b64": "iVBORw0KGgo..."}
    assert [json.loads(line) for line in lines(tmp_path, sse(event))] == [event]
    # With --images it is a failure as well; the event keeps its line.
    argv = ("--images", str(tmp_path / "out"))
    written = [json.loads(line) for line in lines(tmp_path, sse(event), *argv, status=1)]
    assert written[0] == event
    assert written[1]["failure"]["kind"] == "base64"
    assert "data" not in written[1]["failure"]


def test_standard_output_carries_only_the_lines(tmp_path: Path, capsys: Capture) -> None:
    log = tmp_path / "log.sse"
    log.write_bytes(sse(created(), delta()))
    assert main(["decode", str(log), "--jsonl", "-"]) == 0
    captured = capsys.readouterr()
    assert [json.loads(line) for line in captured.out.splitlines()] == [created(), delta()]
    assert "1 stream, 2 events" in captured.err


def test_the_file_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    target = tmp_path / "events.jsonl"
    target.write_text("earlier\n")
    with monkeypatch.context() as patch:
        patch.setattr("rapidsse.cli.decode._event", lambda *_: sys.exit(9))
        with pytest.raises(SystemExit):
            main(["decode", str(DEMO), "--jsonl", str(target)])
    assert target.read_text() == "earlier\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["events.jsonl"]
    assert main(["decode", str(DEMO), "--jsonl", str(target)]) == 0
    assert len(target.read_text().splitlines()) == 41


def test_a_file_that_cannot_be_written(tmp_path: Path, capsys: Capture) -> None:
    for target in (tmp_path / "absent" / "events.jsonl", tmp_path):
        assert main(["decode", str(DEMO), "--jsonl", str(target)]) == 2
        assert re.match(r"rapidsse: cannot write .*\n\Z", capsys.readouterr().err)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(capsys: Capture) -> None:
    assert main(["decode", str(DEMO), "--jsonl", "/dev/full"]) == 2
    assert capsys.readouterr().err == "rapidsse: cannot write /dev/full: No space left on device\n"
