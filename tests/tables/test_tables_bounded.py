"""What waits in memory is bounded by bytes, however long the names that a log gives."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from rapidsse._limits import MAX_NAME
from rapidsse.logs.tables import _arrow, _events, _failures, _seen, _tables
from samples import completed, created, delta, done, partial, png, sse
from table_reading import EVERYTHING, batches, rows, table_of

LONG, MANY, FLUSH = 4_000, 40, 20_000
EVERY_TABLE = list(EVERYTHING)


def named(number: int) -> str:
    return f"{number:08}" * (LONG // 8)


def failures() -> bytes:
    return b"".join(b"event: %b\ndata: {bad\n\n" % named(n).encode() for n in range(MANY))


def responses(field: str) -> bytes:
    return sse(*(completed(f"resp_{n}", **{field: named(n)}) for n in range(MANY)))


def response_ids() -> bytes:
    return sse(*(created(named(n)) for n in range(MANY)))


def images() -> bytes:
    return sse(created(), *(partial(named(n), b"abc", n) for n in range(MANY)))


LOGS: dict[str, tuple[str, bytes]] = {
    "event": ("failures", failures()),
    "model": ("responses", responses("model")),
    "status": ("responses", responses("status")),
    "response_id": ("responses", response_ids()),
    "item_id": ("images", images()),
}


@pytest.mark.parametrize("column", LOGS)
@pytest.mark.parametrize("views", [False, True])
def test_a_batch_ends_with_its_strings(
    column: str, views: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_arrow, "FLUSH_TEXT", FLUSH)
    table, content = LOGS[column]
    path = tmp_path / "log.sse"
    path.write_bytes(content)
    found, _ = batches(path, {table: [column]}, views=views)
    texts = [batch.column(column).to_pylist() for batch in found[table]]
    assert [text for batch in texts for text in batch] == [named(n) for n in range(MANY)]
    # One row more than fits, and the name of the log is not counted here.
    assert [len(batch) for batch in texts] == [FLUSH // LONG] * (MANY * LONG // FLUSH)


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_the_name_of_the_log_counts(
    table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.sse"
    events = [created(), *(partial("ig", png(1, n + 1), n) for n in range(MANY)), completed()]
    path.write_bytes(
        sse(*events, *(e for n in range(MANY) for e in (created(f"r_{n}"), delta("x"))))
        + failures()
    )
    size = (len(str(path)) + 1) * 10
    monkeypatch.setattr(_events, "FLUSH_NAMES", size)
    monkeypatch.setattr(_arrow, "FLUSH_TEXT", size)
    found, _ = batches(path, {table: ["source"]})
    sizes = [len(batch) for batch in found[table]]
    assert sum(sizes) >= MANY
    assert max(sizes) <= 11


def test_the_names_in_the_totals_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(responses("model"))
    _, totals = batches(path)
    assert set(totals.models) == {named(n)[:MAX_NAME] for n in range(MANY)}
    assert totals.of_streams.responses == MANY


# Events that do not fit into a column of strings.

LIMIT = 1_000


@pytest.fixture
def low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (_tables, _failures):
        monkeypatch.setattr(module, "MAX_EVENT", LIMIT)


@pytest.mark.usefixtures("low_limit")
@pytest.mark.parametrize("given", [None, LIMIT, 10 * LIMIT])
@pytest.mark.parametrize("views", [False, True])
def test_an_event_too_large_for_a_table(given: int | None, views: bool, tmp_path: Path) -> None:
    """It fails whatever the limit and the columns: rows do not depend on other columns."""
    path = tmp_path / "log.sse"
    large = sse(delta("x" * LIMIT))
    path.write_bytes(sse(created()) + large + sse(delta("y")))
    keywords: Any = {"max_event_size": given, "views": views}
    found = rows(path, **keywords)
    assert [row["delta"] for row in found["events"]] == [None, "y"]
    (failure,) = found["failures"]
    assert (failure["kind"], failure["length"], failure["data"]) == (
        "too_large",
        len(large) - 1,
        None,
    )
    assert failure["message"] == (
        "larger than 1,000 bytes, the most that a table holds of an event"
    )
    for table, columns in [("events", ["offset"]), ("failures", ["offset"])]:
        alone = rows(path, {table: columns}, **keywords)[table]
        assert [row["offset"] for row in alone] == [row["offset"] for row in found[table]]


@pytest.mark.usefixtures("low_limit")
def test_a_lower_limit_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(sse(delta("x" * 500)))
    (failure,) = rows(path, max_event_size=100)["failures"]
    assert failure["message"] == "larger than the limit of 100 bytes; raise the limit to read it"


@pytest.mark.usefixtures("low_limit")
def test_the_data_of_a_failure_are_bounded(tmp_path: Path) -> None:
    """As a view they could not be larger than 2 GiB."""
    path = tmp_path / "log.json"
    path.write_text(
        f'{{"interactions": [{{"response": 1, "x": "{"x" * LIMIT}"}}, {{"response": 1}}]}}'
    )
    found, _ = batches(path, {"failures": ["kind", "data"]}, format="vcr")
    data = [row for batch in found["failures"] for row in batch.column("data").to_pylist()]
    assert data == [None, b'{"response": 1}']


# Pictures that look alike.


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kept", [0, 1 << 20])
def test_pictures_that_look_alike_are_not_compared_with_each_other(
    packed: bool, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0
    equal = _seen.are_equal

    def counted(one: Any, other: Any) -> bool:
        nonlocal compared
        compared += 1
        return equal(one, other)

    monkeypatch.setattr(_seen, "are_equal", counted)
    monkeypatch.setattr(_seen, "_KEPT_BYTES", kept)
    many = 200
    texts = ["A" * 1100 + f"AA{number:06}AA" for number in range(many)]
    events = [
        {**partial("ig", b"", 0), "partial_image_b64": text} for text in (*texts, *reversed(texts))
    ]
    content = sse(created(), *events)
    path = tmp_path / ("log.sse.gz" if packed else "log.sse")
    if packed:
        content = gzip.compress(content)
    path.write_bytes(content)
    assert len(table_of(path, "images", ["kind"])) == many
    assert compared <= 2 * many


def test_pictures_that_are_known_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_seen, "MAX_KNOWN", 3)
    pictures = [png(1, n + 1) for n in range(5)]
    path = tmp_path / "log.sse"
    events = [done("ig", picture) for picture in (*pictures, *pictures)]
    path.write_bytes(sse(created(), *events, created("resp_2"), *events[:3], *events[:3]))
    found = table_of(path, "images", ["stream", "bytes"])
    assert [row["bytes"] for row in found] == [*pictures, *pictures[3:], *pictures[:3]]
