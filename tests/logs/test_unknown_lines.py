"""Lines of event streams that are no comment and no field: they set nothing, and are counted."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from rapidsse.cli.summary import not_read
from rapidsse.cli.terminal import open_screen
from rapidsse.logs._open import open_log
from rapidsse.logs.tables._tables import LogTables
from rapidsse.logs.tables._totals import LogTotals
from rapidsse.logs.verify._verify import Verifier
from samples import completed, created, sse

ONE, TWO = sse(created()), sse(completed())

LOGS = {
    "between": (ONE + b"hello world\n\n" + TWO, 1),
    "within": (b"hello: world\n" + ONE + b"\n" + b"x\ny: 2\n" + TWO, 3),
    "at_the_end": (ONE + TWO + b"cut: her", 1),
    "http": (b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + ONE + TWO, 2),
    "much_like_fields": (ONE + b"Data: {}\n data: {}\nevents: a\ndat: {}\n\n" + TWO, 4),
    "fields_and_comments": (ONE + b": c\nretry: x\nid\ndata\nevent:\n\n:\n\n" + TWO, 0),
}


@pytest.mark.parametrize("name", LOGS)
def test_lines_that_are_no_field_are_counted(tmp_path: Path, name: str) -> None:
    data, count = LOGS[name]
    path = tmp_path / "log.sse"
    path.write_bytes(data)
    tables = LogTables({"events": None})
    with open_log(path) as log:
        assert sum(batch.num_rows for _, batch in tables.read(log)) == 2
    assert tables.totals.of_logs.unknown_lines == count
    verifier = Verifier(lambda problem: None)
    with open_log(path) as log:
        verifier.verify(log)
    assert verifier.unknown_lines == count


def test_the_number_of_lines_is_printed() -> None:
    def printed(counts: LogTotals) -> str:
        file = io.StringIO()
        open_screen(file).print(list(not_read(counts)))
        return file.getvalue()

    assert printed(LogTotals(unknown_lines=1)) == (
        "1 line with no field of an event stream and no comment\n"
    )
    assert printed(LogTotals(unknown_lines=2000)).startswith("2,000 lines with")
    assert printed(LogTotals()) == ""
