"""`rapidsse report`: what the page says, that it is bounded, and that nothing in a log gets out
of its place on it. tests/cli/test_report_browser.py looks at it in a browser."""

from __future__ import annotations

import gzip
import json
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from samples import (
    completed,
    corpus,
    created,
    delta,
    done,
    partial,
    png,
    response,
    sse,
    usage,
)

for needed in ("PIL", "jinja2", "pyarrow"):
    pytest.importorskip(needed, reason='the report needs "rapidsse[report]"')

from rapidsse.logs.tables._totals import EventTotals, LogTotals, StreamTotals, Totals
from rapidsse.report._charts import MAX_BARS, token_bars, type_bars
from rapidsse.report._page import Failure, FirstRows, Item, LogRow, Page, Picture, Response
from rapidsse.report._render import _short, _size, render
from rapidsse.report._thumbnails import Thumbnail
from report_pages import Parsed, made, report

EVIL = (
    "<script>hit()</script>\"><img src=x onerror=hit()> ' javascript:hit() & {{ 7*7 }} \u202e\x00\n"
)


# What the page says


def test_the_recorded_streams(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    logs = corpus() / "responses"
    assert report(logs, "-o", out) == 0
    page = Parsed(out.read_text(encoding="utf-8"))
    contents = [path.read_bytes() for path in logs.glob("*.sse")]
    assert f"{len(contents)} logs in {logs}/" in page.text
    size = sum(map(len, contents))
    assert f"of {size:,} bytes of streams" in page.texts["overview"]
    deltas = sum(content.count(b"event: response.output_text.delta\n") for content in contents)
    words = page.texts["types"].split()
    assert words[words.index("response.output_text.delta") + 1] == f"{deltas:,}"
    assert "gpt-4o-mini-2024-07-18" in page.texts["tokens"]
    assert [image["alt"] for image in page.all("img")] == [
        f"{name} image of ig_68471f54f620819dacf9f6229ef619c902fc4485fa5115d6"
        for name in ("Partial 0", "Partial 1", "Final")
    ]
    assert "incomplete" in page.texts["responses"]
    assert "max_output_tokens" in page.texts["responses"]
    assert page.texts["failures"].split() == ["Failures", "None."]


def test_images_go_from_partial_to_final(tmp_path: Path) -> None:
    shades = [png(grey=grey) for grey in range(4)]
    events = [
        partial("ig_1", shades[1], 1),
        partial("ig_2", shades[3], 0),
        partial("ig_1", shades[0], 0),
        done("ig_1", shades[2]),
    ]
    page = made(tmp_path, sse(created(), *events, completed()))
    assert [image["alt"] for image in page.all("img")] == [
        "Partial 0 image of ig_1",
        "Partial 1 image of ig_1",
        "Final image of ig_1",
        "Partial 0 image of ig_2",
    ]
    for shade in shades:
        assert sha256(shade).hexdigest() in page.texts["images"]
    assert page.texts["images"].count("image/png") == 4
    assert page.texts["images"].count("3 × 2") == 4


def test_the_images_of_two_logs_stay_apart(tmp_path: Path) -> None:
    for name in ("a.sse", "b.sse"):
        (tmp_path / name).write_bytes(sse(created(), done("ig_1", png()), completed()))
    out = tmp_path / "page.html"
    assert report(tmp_path, "-o", out) == 0
    page = Parsed(out.read_text())
    assert len(page.all("article")) == 2
    # The page itself lies in the folder now, and is no log.
    assert report(tmp_path, "-o", out) == 0
    assert Parsed(out.read_text()).shape == page.shape


def test_tokens_by_model(tmp_path: Path) -> None:
    log = sse(
        created("resp_1"),
        completed("resp_1", model="small", usage=usage(100, 20, cached=60, reasoning=5)),
        created("resp_2"),
        completed("resp_2", model="large", usage=usage(1000, 200)),
        created("resp_3"),
        completed("resp_3", model="large", usage=usage(1, 1)),
    )
    page = made(tmp_path, log)
    words = page.texts["tokens"].split()
    large, small = words.index("large"), words.index("small")
    assert words[large:small] == ["large", "2", "1,001", "0", "201", "0", "1,202"]
    assert words[small:] == ["small", "1", "100", "60", "20", "5", "120"]


def test_tokens_of_an_api_that_counts_no_total(tmp_path: Path) -> None:
    message = {"id": "msg", "model": "m", "content": [], "usage": {"input_tokens": 30}}
    log = sse(
        {"type": "message_start", "message": message},
        {"type": "message_delta", "delta": {"stop_reason": "x"}, "usage": {"output_tokens": 12}},
        {"type": "message_stop"},
    )
    page = made(tmp_path, log)
    assert "Tokens 42 30 in, 12 out" in " ".join(page.texts["overview"].split())
    assert page.texts["tokens"].split()[-7:] == ["m", "1", "30", "0", "12", "0", "42"]


def test_what_was_not_read_is_said(tmp_path: Path) -> None:
    text = sse(created(), completed()).decode()
    record = {"messages": [{"role": "user", "content": text}], "response": text}
    log = "".join(json.dumps(each) + "\n" for each in (record, record, {"note": "x"}))
    overview = " ".join(made(tmp_path, log.encode()).texts["overview"].split())
    assert "1 record without events was skipped." in overview
    assert "2 other streams or events in records were passed over." in overview


def test_responses_that_went_wrong(tmp_path: Path) -> None:
    failed = response("resp_2", status="failed", error={"code": "oops", "message": "it broke"})
    log = sse(
        created("resp_1"),
        completed("resp_1"),
        created("resp_2"),
        {"type": "response.failed", "response": failed},
        created("resp_3"),
        delta() | {"sequence_number": 2},
        delta() | {"sequence_number": 2},
    )
    page = made(tmp_path, log)
    text = page.texts["responses"]
    assert "resp_1" not in text
    for words in ("resp_2", "failed", "oops", "it broke", "resp_3", "cut short"):
        assert words in text
    assert "1 missing" in text
    assert "1 twice" in text


def test_failures(tmp_path: Path) -> None:
    before = sse(created())
    log = before + b"data: {nope}\n\n" + sse(partial("ig_1", png()) | {"partial_image_b64": "?"})
    page = made(tmp_path, log + sse(completed()), status=1)
    text = page.texts["failures"]
    assert f"at byte {len(before):,}" in text
    assert "{nope}" in text
    assert "json 1" in text
    assert "base64 1" in text
    assert "not valid base64" in page.texts["images"]


def test_a_log_without_any_event(tmp_path: Path) -> None:
    page = made(tmp_path, b": a comment\n\n", status=2)
    assert "There are no events." in page.texts["overview"]


def test_logs_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = gzip.compress(sse(created(), completed()) * 1000)
    (tmp_path / "cut.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "good.sse").write_bytes(sse(created(), completed()))
    out = tmp_path / "page.html"
    names = [tmp_path / name for name in ("cut.gz", "absent.sse", "good.sse")]
    assert report(*names, "-o", out) == 2
    page = Parsed(out.read_text())
    assert "2 logs not read to the end" in page.texts["overview"]
    for name in ("cut.gz", "absent.sse", "good.sse"):
        assert name in page.texts["logs"]
    err = capsys.readouterr().err
    assert "cut.gz" in err
    assert "absent.sse" in err


# Bounded


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    log = sse(created(), *(partial("ig_1", png(grey=n), n) for n in range(9))) + 9 * b"data: {\n\n"
    page = made(tmp_path, log, "--images", "4", "--rows", "3", status=1)
    assert len(page.all("img")) == 4
    assert "5 more images are left out" in page.texts["images"]
    assert page.texts["failures"].count("at byte") == 3
    assert "6 more failures left out" in page.texts["failures"]
    assert "json 9" in page.texts["failures"]
    none = made(tmp_path, log, "--images", "0", status=1)
    assert none.all("img") == []


def test_long_words_are_cut(tmp_path: Path) -> None:
    long = "w" * 1_000_000
    events = [
        created(long),
        {"type": long, "error": {"code": long, "message": long}},
        partial(long, png()),
    ]
    made(tmp_path, sse(*events) + f"event: {long}\ndata: {long}\n\n".encode(), status=1)
    assert (tmp_path / "page.html").stat().st_size < 40_000


def test_bars_of_many_names_are_added_up() -> None:
    types = {f"type {n}": [n, 10 * n] for n in range(1, 101)}
    bars = type_bars(types)
    assert len(bars) == MAX_BARS
    assert bars[0].numbers == (100, 1000)
    assert (bars[-1].name, bars[-1].is_rest) == ("61 others", True)
    assert sum(bar.numbers[0] for bar in bars) == 5050
    assert sum(bar.numbers[1] for bar in bars) == 50500
    assert all(0 <= length <= 100 for bar in bars for length in bar.lengths)
    assert max(bar.lengths[0] for bar in bars) == 100
    assert type_bars({}) == []


def test_bars_of_tokens() -> None:
    large, small = token_bars(
        {"small": [1, 10, 4, 20, 5, 30], "none": [3, 0, 0, 0, 0, 0], "large": [2, 40, 0, 20, 0, 60]}
    )
    assert (large.name, large.responses, large.tokens) == ("large", 2, (40, 0, 20, 0, 60))
    assert [length for _, length in small.parts] == pytest.approx([10, 20 / 3, 25, 25 / 3])
    assert [start for start, _ in small.parts] == pytest.approx([0, 10, 50 / 3, 125 / 3])


def test_tokens_that_cannot_be_right_are_drawn_all_the_same() -> None:
    (bar,) = token_bars({"odd": [1, 5, 50, 5, 50, 10]})
    assert sum(length for _, length in bar.parts) == pytest.approx(100)


@pytest.mark.parametrize(
    ("number", "size", "short"),
    [
        (0, "0 bytes", "0"),
        (1, "1 byte", "1"),
        (999, "999 bytes", "999"),
        (1023, "1,023 bytes", "1,023"),
        (1024**2 - 1, "1 MiB", "1.05M"),
        (9_999, "9.76 KiB", "9,999"),
        (12_345, "12.1 KiB", "12.3k"),
        (999_950, "977 KiB", "1M"),
        (123_456_789, "118 MiB", "123M"),
        (10**15, "909 TiB", "1000T"),
    ],
)
def test_numbers_as_people_read_them(number: int, size: str, short: str) -> None:
    assert _size(number) == size
    assert _short(number) == short


# Nothing gets out of its place


def page_of(word: str) -> Page:
    """A page on which every word that can come from a log or a path is `word`."""
    picture = Picture(0, word, 3, 2, 99, word, Thumbnail("data:image/webp;base64,AAAA", 3, 2))
    refused = replace(picture, partial=None, thumbnail=Thumbnail(refused=word))
    totals = Totals(
        LogTotals(inputs=2),
        EventTotals(failures=1),
        StreamTotals(images=2),
        types={word: [1, 2]},
        models={word: [1, 2, 1, 2, 1, 4]},
    )
    page = Page(
        made="today",
        version="1",
        totals=totals,
        logs=FirstRows(9),
        unreadable=FirstRows(9),
        items=[Item(word, 0, word, word, [picture, refused]), Item(word, 0, None, None, [picture])],
        images_shown=2,
        responses=FirstRows(9),
        failures=FirstRows(9),
        failure_kinds={word: 1},
        folder=word,
    )
    page.logs.add(LogRow(word + "/log", word, word, Totals(of_events=EventTotals(failures=1))))
    page.unreadable.add(LogRow(word + "/log", word, word, Totals(), word))
    page.responses.add(Response(word, 0, word, word, (word,), word, word))
    page.failures.add(Failure(word, 0, 1, word, word, word, word))
    return page


def test_every_field_is_text_and_nothing_else() -> None:
    plain, evil = Parsed(render(page_of("word"))), Parsed(render(page_of(EVIL)))
    assert evil.shape == plain.shape
    # Wherever the word stood, EVIL stands, if not to its end.
    assert plain.text.count("word") == evil.text.count(EVIL[:23]) > 20
    assert "{{ 7*7 }} \\u202e\\x00\\n" in evil.text
    assert "\u202e" not in evil.text


def test_no_field_is_forgotten() -> None:
    # A new field of the page's data has to be tried above, too.
    page = page_of(EVIL)
    rows: list[Any] = [page.logs.rows[0], page.unreadable.rows[0], page.responses.rows[0]]
    rows += [page.failures.rows[0], page.items[0], page.items[0].pictures[1]]
    for row in rows:
        for each in fields(row):
            value = getattr(row, each.name)
            assert not isinstance(value, str) or EVIL in value or each.name == "error"


def test_a_hostile_log(tmp_path: Path) -> None:
    evil = EVIL.replace("\n", "")
    events = [
        {"type": "response.created", "response": response(evil, model=evil)},
        {"type": evil, "delta": evil},
        partial(evil, png()),
        {"type": "error", "code": evil, "message": evil},
        {
            "type": "response.failed",
            "response": response(evil, model=evil, status=evil, error={"code": evil}),
        },
        {"type": "response.created", "response": response(evil, model=evil)},
        completed(evil, model=evil, usage=usage(3, 4)),
    ]
    log = sse(*events) + f"event: {evil}\ndata: {evil}\n\n".encode()
    folder = tmp_path / "<img src=x onerror=hit()>"
    folder.mkdir()
    path, out = folder / "<script>hit().sse", tmp_path / "page.html"
    path.write_bytes(log)
    assert report(path, "-o", out) == 1
    page = Parsed(out.read_text(encoding="utf-8"))
    assert page.text.count("<script>") > 10
    assert_harmless(page)


def assert_harmless(page: Parsed) -> None:
    assert {tag for tag, _ in page.elements} <= {
        *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section"),
        *("div", "p", "h1", "h2", "h3", "ul", "ol", "li", "a", "span", "strong", "code", "pre"),
        *("dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "svg", "rect"),
        *("article", "figure", "figcaption", "img", "abbr", "br", "wbr"),
    }
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        for name, value in attributes.items():
            if name == "href":
                assert value is not None
                assert value.startswith("#")
            if name == "src":
                assert tag == "img"
                assert value is not None
                assert value.startswith("data:image/webp;base64,")


def test_the_policy_comes_first_and_forbids_scripts_and_loads() -> None:
    html = render(page_of("word"))
    policy = Parsed(html).all("meta")[1]
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert html.index("Content-Security-Policy") < html.index("<style>")
    directives = dict(each.strip().split(" ", 1) for each in (policy["content"] or "").split(";"))
    assert directives.pop("style-src").startswith("'sha256-")
    assert directives == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
