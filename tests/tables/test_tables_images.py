"""The images table: which pictures are one, what their rows say, and where they are written."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostile_names import HOSTILE
from rapidsse import Base64, Base64Error
from rapidsse.logs.tables import _decoder, _seen
from rapidsse.logs.tables._names import image_name
from samples import DEMO, call, completed, created, done, partial, png, sse, text
from table_reading import EVERYTHING, batches, rows, table_of

ONE, TWO = png(3, 2), png(5, 4)


class Sink:
    """Keeps what it is given, as an `ImageSink`."""

    def __init__(self) -> None:
        self.written: dict[str, bytes] = {}

    def write(self, name: str, picture: Base64, content: Any = None) -> str:
        assert name not in self.written
        decoded = picture.decode()
        assert content is None or bytes(content) == decoded
        self.written[name] = decoded
        return f"out/{name}"


def log_of(folder: Path, *events: Any, packed: bool = False) -> Path:
    path = folder / ("log.sse.gz" if packed else "log.sse")
    path.write_bytes(gzip.compress(sse(*events)) if packed else sse(*events))
    return path


def image_done(item_id: Any, data: Any) -> dict[str, Any]:
    item = {"id": item_id, "type": "image_generation_call", "result": data}
    return {"type": "response.output_item.done", "item": item}


@pytest.mark.parametrize("packed", [False, True])
def test_a_picture_that_comes_twice_is_one_row(tmp_path: Path, packed: bool) -> None:
    path = log_of(
        tmp_path,
        created(),
        partial("ig_1", ONE, 0),
        partial("ig_1", ONE, 0),
        partial("ig_1", ONE, 1),
        partial("ig_2", ONE, 0),
        done("ig_1", ONE),
        done("ig_2", TWO),
        completed(output=[call("ig_1", ONE), call("ig_2", TWO), call("ig_2", ONE)]),
        created("resp_2"),
        done("ig_1", ONE),
        packed=packed,
    )
    found = table_of(path, "images")
    assert [
        (row["response_id"], row["item_id"], row["kind"], row["partial_image_index"], row["bytes"])
        for row in found
    ] == [
        ("resp_1", "ig_1", "partial", 0, ONE),
        ("resp_1", "ig_1", "partial", 1, ONE),
        ("resp_1", "ig_2", "partial", 0, ONE),
        ("resp_1", "ig_1", "final", None, ONE),
        ("resp_1", "ig_2", "final", None, TWO),
        ("resp_1", "ig_2", "final", None, ONE),
        ("resp_2", "ig_1", "final", None, ONE),
    ]
    assert [row["n_images"] for row in table_of(path, "responses")] == [6, 1]


@pytest.mark.parametrize("kept", [0, 3000, 1 << 20])
@pytest.mark.parametrize("packed", [False, True])
def test_pictures_that_differ_in_one_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool, kept: int
) -> None:
    # Beyond what is kept of a log that is not mapped, digests tell them apart.
    monkeypatch.setattr(_seen, "_KEPT_BYTES", kept)
    length = 2000
    others = [
        "A" * at + "B" + "A" * (length - at - 1) for at in (0, 1, 950, 1000, 1063, 1064, 1998)
    ]
    texts = ["A" * length, *others]
    events = [image_done("ig", text) for text in (*texts, *reversed(texts))]
    path = log_of(tmp_path, created(), *events, packed=packed)
    found = table_of(path, "images")
    assert [row["bytes"] for row in found] == [base64.b64decode(text) for text in texts]


def test_what_is_told_of_a_picture(tmp_path: Path) -> None:
    path = log_of(tmp_path, created(), partial("ig", ONE, 2), done("ig", b"no picture"))
    one, other = table_of(path, "images")
    assert one == {
        "source": str(path),
        "stream": 0,
        "response_id": "resp_1",
        "item_id": "ig",
        "kind": "partial",
        "partial_image_index": 2,
        "media_type": "image/png",
        "width": 3,
        "height": 2,
        "size": len(ONE),
        "sha256": hashlib.sha256(ONE).hexdigest(),
        "bytes": ONE,
    }
    assert (other["media_type"], other["width"], other["size"]) == (None, None, 10)


def test_a_size_behind_much_metadata(tmp_path: Path) -> None:
    comment = b"\xff\xfe\xff\xf0" + bytes(0xFFEE)
    frame = b"\xff\xc0\x00\x11\x08\x02\x00\x03\x00\x03" + bytes(9)
    path = log_of(tmp_path, created(), done("ig", b"\xff\xd8" + comment * 3 + frame))
    (row,) = table_of(path, "images", ["media_type", "width", "height"])
    assert row == {"media_type": "image/jpeg", "width": 768, "height": 512}


def test_pictures_of_the_images_api(tmp_path: Path) -> None:
    one, two = text(ONE), text(TWO)
    path = log_of(
        tmp_path,
        {"type": "image_generation.partial_image", "b64_json": one, "partial_image_index": 0},
        {"type": "image_generation.completed", "b64_json": two, "partial_image_index": 1},
        {"type": "image_edit.partial_image", "b64_json": one},
        {"type": "image_edit.completed", "b64_json": one},
    )
    found = table_of(path, "images")
    assert [(row["kind"], row["partial_image_index"], row["bytes"]) for row in found] == [
        ("partial", 0, ONE),
        ("final", None, TWO),
        ("partial", None, ONE),
        ("final", None, ONE),
    ]
    assert len({row["stream"] for row in found}) == 2


def test_pictures_inside_envelopes_and_chat_messages(tmp_path: Path) -> None:
    inner = {"type": "image_edit.partial_image", "item_id": "i", "partial_image_index": 2}
    image = {"b64_json": base64.b64encode(TWO).decode()}
    path = log_of(
        tmp_path,
        {"kind": "chunk", "payload": {**inner, "b64_json": base64.b64encode(ONE).decode()}},
        {"id": "c", "choices": [{"index": 0, "delta": {"images": [image, {"b64_json": None}]}}]},
    )
    found = [
        (row["item_id"], row["kind"], row["partial_image_index"], row["bytes"])
        for row in table_of(path, "images")
    ]
    assert found == [("i", "partial", 2, ONE), (None, "final", None, TWO)]


@pytest.mark.parametrize("size", [2, 60, 200])
@pytest.mark.parametrize(
    "escape",
    [lambda text: text.replace("/", r"\/"), lambda text: text.replace("+", r"\u002B"),
     lambda text: text.replace("/", r"\u002f").replace("=", r"\u003D").replace("+", r"\u002b")],
    ids=["slash", "plus", "all"],
)  # fmt: skip
@pytest.mark.parametrize(
    "event",
    ['{"type": "image_generation.completed", "b64_json": "%s"}',
     '{"a": ["data:image/png;base64,%s"]}', '{"data" : "%s", "mimeType": "image/png"}'],
)  # fmt: skip
def test_pictures_with_escapes(
    tmp_path: Path, event: str, escape: Callable[[str], str], size: int
) -> None:
    picture = png(size, size) + bytes(range(256)) * size
    data = escape(base64.b64encode(picture).decode())
    text = event.replace("image/png;", escape("image/png;")) % data
    path = tmp_path / "log.sse"
    path.write_text(f"data: {text}\n\n")
    (row,) = table_of(path, "images")
    assert row["sha256"] == hashlib.sha256(picture).hexdigest()
    elided = len(data) >= 1024
    (row,) = table_of(path, "events")
    assert (f"<base64 {len(data)} characters>" in row["payload"]) == elided


def test_results_that_are_no_pictures(tmp_path: Path) -> None:
    path = log_of(
        tmp_path,
        created(),
        {
            "type": "response.output_item.done",
            "item": {"type": "program_output", "result": "image_generation_call" + "A" * 3000},
        },
        image_done("ig", ""),
        image_done("ig", None),
    )
    assert table_of(path, "images") == []


def broken_log(folder: Path) -> Path:
    good = text(png(60, 60, 3) + bytes(3000))
    return log_of(
        folder,
        created(),
        partial("ig", ONE),
        image_done("short", "iVBORw0KGgoAAAAN..."),
        image_done("end", good[:-1] + "!"),
        image_done("end", good[:-1] + "!"),
        image_done("escaped", "\u00e9" * 700),
        image_done("odd", "QUJDR"),
        completed(output=[call("last", TWO)]),
    )


def test_pictures_that_do_not_decode(tmp_path: Path) -> None:
    path = broken_log(tmp_path)
    found, totals = batches(path)
    images = [row for batch in found["images"] for row in batch.to_pylist()]
    failures = [row for batch in found["failures"] for row in batch.to_pylist()]
    assert [
        (row["item_id"], row["size"], row["bytes"], row["sha256"] is None) for row in images
    ] == [
        ("ig", len(ONE), ONE, False),
        ("short", None, None, True),
        ("end", None, None, True),
        ("escaped", None, None, True),
        ("odd", None, None, True),
        ("last", len(TWO), TWO, False),
    ]
    # What the beginning says stays, whatever comes after.
    assert [row["media_type"] for row in images[1:3]] == ["image/png", "image/png"]
    assert [(row["width"], row["height"]) for row in images[1:3]] == [(None, None), (60, 60)]
    assert {row["kind"] for row in failures} == {"base64"}
    assert [row["index"] for row in failures] == [2, 3, 5, 6]
    assert failures[0]["data"] == b"iVBORw0KGgoAAAAN..."
    assert failures[0]["event"] == "response.output_item.done"
    assert "the final image of item short" in failures[0]["message"]
    assert "at byte 16" in failures[0]["message"]
    assert totals.of_events.failures == 4
    assert (totals.of_events.events, totals.of_events.failure_bytes) == (8, 0)
    # The failures are found without the images table, too.
    assert rows(path, {"failures": EVERYTHING["failures"]})["failures"] == failures


@pytest.mark.parametrize("columns", [["path"], ["path", "sha256"], ["path", "bytes"]])
@pytest.mark.parametrize("others", [{}, {"failures": None}])
def test_pictures_are_written(tmp_path: Path, columns: list[str], others: dict[str, None]) -> None:
    path = broken_log(tmp_path)
    sink = Sink()
    found, totals = batches(path, {"images": columns, **others}, sink=sink)
    paths = [row["path"] for batch in found["images"] for row in batch.to_pylist()]
    assert [path is None for path in paths] == [False, True, True, True, True, False]
    assert [f"out/{name}" for name in sink.written] == [path for path in paths if path]
    assert list(sink.written.values()) == [ONE, TWO]
    assert totals.of_events.failures == 4


def test_only_columns_that_need_it_decode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Any:
        raise AssertionError("decoded")

    monkeypatch.setattr(Base64, "decode_into", refuse, raising=True)
    monkeypatch.setattr(Base64, "decode", refuse, raising=True)
    cheap = [name for name in EVERYTHING["images"] if name not in ("size", "sha256", "bytes")]
    assert len(rows(DEMO, {"images": cheap, "responses": None})["images"]) == 3
    with pytest.raises(AssertionError, match="decoded"):
        rows(DEMO, {"images": ["size"]})


def test_an_equal_picture_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[int] = []

    def counting(content: Any) -> Any:
        hashed.append(len(content))
        return hashlib.sha256(content)

    monkeypatch.setattr(_decoder, "sha256", counting)
    events = [partial("ig", ONE), done("ig", ONE), completed(output=[call("ig", ONE)])]
    sink = Sink()
    path = log_of(tmp_path, created(), *events)
    found, _ = batches(path, {"images": ["sha256", "bytes", "path"]}, sink=sink)
    assert [row["bytes"] for batch in found["images"] for row in batch.to_pylist()] == [ONE, ONE]
    assert hashed == [len(ONE)]
    assert list(sink.written.values()) == [ONE, ONE]


def test_hostile_item_ids(tmp_path: Path) -> None:
    path = log_of(tmp_path, created(), *(done(name, ONE) for name in HOSTILE))
    sink = Sink()
    found, _ = batches(path, {"images": ["item_id", "path"]}, sink=sink)
    assert [row["item_id"] for batch in found["images"] for row in batch.to_pylist()] == HOSTILE
    assert len(sink.written) == len(HOSTILE)
    for name in sink.written:
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{,120}\.png", name)


def test_names_depend_on_the_row_alone(tmp_path: Path) -> None:
    events = [created(), partial("ig", ONE, 1), done("ig", ONE), done("ig", TWO)]
    path = log_of(tmp_path, *events)
    names = []
    for columns in (["path"], ["path", "bytes", "sha256"]):
        sink = Sink()
        batches(path, {"images": columns}, sink=sink)
        names.append(list(sink.written))
    assert names[0] == names[1]
    assert names[0][0].startswith("ig-partial-1-")
    assert names[0][0] == image_name(str(path), 0, "ig", "partial", 1, 0, "image/png")


def test_a_sink_that_fails_is_heard(tmp_path: Path) -> None:
    class Full:
        def write(self, name: str, picture: Base64, content: Any = None) -> str:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        batches(DEMO, {"images": ["path"]}, sink=Full())


def test_a_sink_may_find_it_broken(tmp_path: Path) -> None:
    path = log_of(tmp_path, created(), image_done("ig", "QUJDR"))
    with pytest.raises(Base64Error):
        Base64("QUJDR").decode()
    found, totals = batches(path, {"images": ["path"]}, sink=Sink())
    assert found["images"][0].to_pylist() == [{"path": None}]
    assert totals.of_events.failures == 1
