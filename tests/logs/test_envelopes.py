"""One event per line inside of something else, and streams whose blank lines were dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from rapidsse.logs import LogEvent
from samples import completed, created, delta, sse

FIRST = [created("resp_1"), delta("Hel"), delta('l\n"o'), completed("resp_1")]
SECOND = [created("resp_2"), delta("x"), completed("resp_2")]
EVENTS = FIRST + SECOND
TEXT = sse(*FIRST, "[DONE]", *SECOND).decode()
TIME = "2026-01-01T00:00:00.123456789Z"


def write(folder: Path, text: str | bytes) -> str:
    path = folder / "log"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def lines(values: list[Any], wrap: Callable[[Any], Any]) -> str:
    return "".join(json.dumps(wrap(value)) + "\n" for value in values)


def read(path: str, **options: Any) -> tuple[str, list[LogEvent]]:
    with rapidsse.open_log(path, **options) as log:
        return log.format, list(log)


def check(path: str, format: str, *, is_named: bool = False, **options: Any) -> list[LogEvent]:
    found_format, found = read(path, **options)
    assert found_format == format
    if is_named:
        assert [event.event for event in found] == [each["type"] for each in EVENTS]
    expected = [without_type(each) for each in EVENTS] if is_named else EVENTS
    assert [event.json() for event in found] == expected
    assert [event.response_id for event in found] == ["resp_1"] * 4 + ["resp_2"] * 3
    return found


def without_type(event: Any) -> Any:
    return {key: value for key, value in event.items() if key != "type"}


OBJECTS: dict[str, Callable[[Any], Any]] = {
    "an object": lambda each: {"ts": 1, "chunk": each},
    "an object further in": lambda each: {"ts": 1, "record": {"level": "x", "sse": each}},
    "its JSON": lambda each: {"data": json.dumps(each), "event": each["type"]},
    "an event of the SDK": lambda each: {"type": "stream_event", "event": each, "session_id": "s"},
    "its text": lambda each: {"at": 1.5, "raw": f"data: {json.dumps(each)}\n\n"},
    "a short key": lambda each: {"d": each},
    "a message that is JSON": lambda each: {"level": "debug", "message": json.dumps(each)},
    "a line of JSON": lambda each: {"log": json.dumps(each) + "\n", "stream": "stdout"},
    "its text without a line end": lambda each: {"at": 1.5, "raw": f"data: {json.dumps(each)}"},
    "its name outside": lambda each: {"event": each["type"], "data": without_type(each)},
    "its name outside of its JSON": lambda each: {
        "event": each["type"],
        "data": json.dumps(without_type(each)),
    },
}


@pytest.mark.parametrize("name", OBJECTS)
def test_events_inside_objects(name: str, tmp_path: Path) -> None:
    text = lines(EVENTS, OBJECTS[name])
    found = check(write(tmp_path, text), "jsonl-event", is_named="outside" in name)
    starts = [text.index(line) for line in text.splitlines(keepends=True)]
    if name != "a short key":
        # Offsets are those of the lines.
        assert [event.offset for event in found] == starts


def test_the_field_of_the_event_can_be_named(tmp_path: Path) -> None:
    def wrap(event: Any) -> Any:
        return {"a": {"x": {"type": "response.created"}, "y": event}, "b": 1}

    path = write(tmp_path, lines(EVENTS, wrap))
    check(path, "jsonl-event", event_field="a.y")
    assert len(read(path, event_field="a.none")[1]) == 0
    # Of an API that nobody knows.
    path = write(tmp_path, lines([{"k": 1}, {"k": 2}], lambda each: {"inner": each}))
    assert [event.json() for event in read(path, event_field="inner")[1]] == [{"k": 1}, {"k": 2}]


def test_lines_without_an_event(tmp_path: Path) -> None:
    wrapped = lines(EVENTS, OBJECTS["an object"]).splitlines(keepends=True)
    others = ['{"ts": 1, "level": "info"}\n', "\n", '{"ts": 1, "chunk": "[DONE]"}\n']
    path = write(
        tmp_path, "".join([wrapped[0], *others[:2], *wrapped[1:4], others[2], *wrapped[4:]])
    )
    check(path, "jsonl-event")
    with rapidsse.open_log(path) as log:
        assert len(list(log)) == len(EVENTS)
        assert log.skipped == 2
    empty = ['{"ts": 1, "chunk": null}\n']
    check(write(tmp_path, "".join([*empty, *wrapped, *empty])), "jsonl-event")
    path = write(tmp_path, wrapped[0] + '{"ts": 1, "chunk": {"a\n' + wrapped[1])
    with rapidsse.open_log(path, on_error="yield") as log:
        assert [type(each).__name__ for each in log] == ["LogEvent", "LogFailure", "LogEvent"]


def test_what_a_program_wrote_between_messages_with_events(tmp_path: Path) -> None:
    messages = ["connected", *map(json.dumps, EVENTS[:4]), "[DONE]", *map(json.dumps, EVENTS[4:])]
    path = write(tmp_path, lines([*messages, "closed"], lambda each: {"t": 1, "message": each}))
    check(path, "jsonl-event")
    check(path, "jsonl-event", event_field="message")
    with rapidsse.open_log(path) as log:
        assert len(list(log)) == len(EVENTS)
        assert log.skipped == 2


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("first", ["ping", "session.created"])
def test_an_array_whose_first_event_is_of_no_api(
    first: str, indent: int | None, tmp_path: Path
) -> None:
    array = json.dumps([{"type": first}, {"type": "rate_limits.updated"}, *EVENTS], indent=indent)
    format, found = read(write(tmp_path, array))
    assert format == "json"
    assert [event.json() for event in found[2:]] == EVENTS


def docker(text: str) -> str:
    return lines(
        text.splitlines(keepends=True), lambda line: {"log": line, "stream": "stdout", "time": TIME}
    )


def docker_in_parts(text: str) -> str:
    parts = [
        line[at : at + 50]
        for line in text.splitlines(keepends=True)
        for at in range(0, len(line), 50)
    ]
    return docker("").join([lines(parts, lambda part: {"log": part, "stream": "stdout"})])


def containerd(text: str) -> str:
    return "".join(f"{TIME} stdout F {line}\n" for line in text.splitlines())


def containerd_in_parts(text: str) -> str:
    found = list[str]()
    for line in text.splitlines():
        parts = [line[at : at + 40] for at in range(0, len(line), 40)] or [""]
        found += [f"{TIME} stdout P {part}\n" for part in parts[:-1]]
        found.append(f"{TIME} stdout F {parts[-1]}\n")
    return "".join(found)


LOGGERS: dict[str, Callable[[str], str]] = {
    "docker": docker,
    "docker, in parts": docker_in_parts,
    "messages": lambda text: lines(text.splitlines(), lambda line: {"ts": 1, "message": line}),
    "messages, none of them blank": lambda text: lines(
        list(filter(None, text.splitlines())), lambda line: {"ts": 1, "msg": line}
    ),
    "journald": lambda text: lines(text.splitlines(), lambda line: {"_PID": "1", "MESSAGE": line}),
    "times in brackets": lambda text: "".join(f"[{TIME}] {line}\n" for line in text.splitlines()),
    "kubectl": lambda text: "".join(f"[pod/web-1/app] {line}\n" for line in text.splitlines()),
    "containerd": containerd,
    "containerd, in parts": containerd_in_parts,
    "times": lambda text: "".join(f"{TIME} {line}\n" for line in text.splitlines()),
    "compose": lambda text: "".join(f"web-1  | {line}\n" for line in text.splitlines()),
    "syslog": lambda text: "".join(
        f"Jan  1 00:00:00 host app[12]: {line}\n" for line in text.splitlines() if line
    ),
    "a level": lambda text: "".join(
        f"2026-01-01 00:00:00,123 DEBUG httpx.stream: {line}\n"
        for line in text.splitlines()
        if line
    ),
}


@pytest.mark.parametrize("name", LOGGERS)
def test_lines_of_a_container(name: str, tmp_path: Path) -> None:
    text = LOGGERS[name](TEXT)
    found = check(write(tmp_path, text), "jsonl-event")
    assert all(
        text.encode()[each.offset - 1 :][:1] in (b"\n", b"") or not each.offset for each in found
    )
    # Among lines of other kinds.
    mixed = TEXT.replace("\n\n", "\n\nlistening on port 80\n", 1)
    check(write(tmp_path, LOGGERS[name](mixed)), "jsonl-event")


# --- Blank lines that were dropped ------------------------------------------------------

STRIPPED: dict[str, Callable[[str], str]] = {
    "data": lambda text: text.replace("\n\n", "\n"),
    "data without a space": lambda text: text.replace("\n\n", "\n").replace("data: ", "data:"),
    "CRLF": lambda text: text.replace("\n\n", "\r\n"),
    "a BOM": lambda text: "\ufeff" + text.replace("\n\n", "\n"),
    "names": lambda text: text.replace("\n\n", "\n").replace("data: {", "event: x\ndata: {"),
    "comments": lambda text: ": hello\n\n" + text.replace("\n\n", "\n: ping\n"),
    "the last one": lambda text: text.replace("\n\n", "\n").rstrip(),
}


@pytest.mark.parametrize("name", STRIPPED)
def test_blank_lines_that_were_dropped(name: str, tmp_path: Path) -> None:
    text = STRIPPED[name](TEXT)
    assert "\n\n" not in text.removeprefix(": hello\n\n")
    found = check(write(tmp_path, text), "sse-lines")
    if name in ("data", "CRLF"):
        content = text.encode()
        assert all(content[each.offset :].startswith(b"data: {") for each in found)


def test_blank_lines_that_were_dropped_in_a_body(tmp_path: Path) -> None:
    stripped = TEXT.replace("\n\n", "\n")
    check(write(tmp_path, json.dumps({"response": stripped}) + "\n"), "jsonl-body")
    response = {"body": {"string": stripped}, "headers": {"content-type": ["text/event-stream"]}}
    cassette = {"interactions": [{"request": {}, "response": response}]}
    check(write(tmp_path, json.dumps(cassette)), "vcr")


@pytest.mark.parametrize(
    "text",
    [
        # Lines of one event.
        'data: {"type":\ndata: "response.created"}\n\n',
        'data: {"a": 1}\n\ndata: {"b": 1}\n\n',
        "data: 1\ndata: 2\n\n",
    ],
)
def test_events_of_several_lines_stay_whole(text: str, tmp_path: Path) -> None:
    with rapidsse.open_log(write(tmp_path, text), on_error="yield") as log:
        assert log.format == "sse"
        assert len(list(log)) == text.count("\n\n")
