"""Event streams in XML: what proxies, loggers and test reports write."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from rapidsse import InputError, open_log
from rapidsse.cli import main
from samples import choice, chunk, sse

EVENTS = [
    chunk(choices=[choice(role="assistant", content="Hi")]),
    chunk(choices=[choice(content="!")]),
    chunk(choices=[choice(finish="stop")]),
]
STREAM = sse(*EVENTS).decode()
HTTP = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{STREAM}"


def logged(number: int) -> str:
    return (
        f'<log4j:event timestamp="{1700000000000 + number}" level="DEBUG">\n'
        f"<log4j:message><![CDATA[data: {json.dumps(EVENTS[number])}]]></log4j:message>\n"
        "</log4j:event>\n"
    )


KINDS: dict[str, Callable[[], str]] = {
    "CDATA": lambda: f"<?xml version='1.0'?><log><response><![CDATA[{STREAM}]]></response></log>\n",
    "escaped": lambda: (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE l SYSTEM "l.dtd">\n<l><r>'
        f"<request>{escape(STREAM)}</request><response>{escape(STREAM)}</response></r></l>"
    ),
    "Burp": lambda: (
        '<items><item><response base64="true"><![CDATA['
        f"{base64.b64encode(HTTP.encode()).decode()}]]></response></item></items>"
    ),
    "log4j": lambda: "".join(map(logged, range(3))),
    "JUnit": lambda: (
        f"<suite><case name='a'><system-out>{escape(STREAM)}</system-out></case></suite>"
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_events_in_xml(kind: str) -> None:
    with open_log(KINDS[kind]().encode()) as log:
        assert log.format == "xml"
        assert [event.json() for event in log] == EVENTS


def test_xml_that_was_cut_is_read_up_to_the_cut(tmp_path: Path) -> None:
    text = KINDS["CDATA"]()
    path = tmp_path / "log.xml"
    path.write_text(text[: text.index("stop")])
    assert main(["verify", str(path), "--json"]) == 2
    found = list[object]()
    with open_log(path, on_error="skip") as log, pytest.raises(InputError, match="no whole XML"):
        found.extend(event.json() for event in log)
    assert found == EVENTS[:2]


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "b">]>'
        + KINDS["JUnit"]().replace("Hi", "&a;"),
        "<a>" * 200 + STREAM,
    ],
)
def test_xml_that_is_not_read(text: str) -> None:
    with open_log(text.encode()) as log, pytest.raises(InputError):
        list(log)


def test_a_page_of_html_has_no_events() -> None:
    page = b"<!DOCTYPE html><html><body><pre>data: {}</pre></body></html>\n"
    with open_log(page) as log:
        assert (log.format, list(log)) == ("sse", [])


@pytest.mark.parametrize("member", ["@message", "log", "body"])
@pytest.mark.parametrize("write", [lambda event: event, json.dumps])
def test_an_event_in_an_object_that_is_a_text(member: str, write: Callable[..., object]) -> None:
    records = [{member: json.dumps({"level": "info", "event": write(event)})} for event in EVENTS]
    records.insert(1, {member: json.dumps({"level": "info", "note": "x"})})
    text = "".join(json.dumps(record) + "\n" for record in records)
    with open_log(text.encode()) as log:
        assert log.format == "jsonl-event"
        assert [event.json() for event in log] == EVENTS
        assert log.skipped == 1
    broken = text.replace("finish_reason", 'finish_reason"x', 1)
    with open_log(broken.encode(), on_error="yield") as log:
        assert len([event for event in log if not hasattr(event, "json")]) == 1
