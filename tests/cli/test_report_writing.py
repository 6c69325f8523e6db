"""Where the report's page is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from child_python import run_code
from samples import completed, created, sse

for needed in ("PIL", "jinja2", "pyarrow"):
    pytest.importorskip(needed, reason='the report needs "rapidsse[report]"')

from report_pages import report


def test_the_page_goes_to_standard_output(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "log.sse").write_bytes(sse(created(), completed()))
    assert report(tmp_path / "log.sse", "-o", "-") == 0
    assert capfdbinary.readouterr().out.startswith(b"<!doctype html>")


def test_it_says_where_the_page_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.sse").write_bytes(sse(created(), completed()) + b"data: {\n\n")
    page = tmp_path / "page.html"
    assert report(tmp_path / "log.sse", "-o", page) == 1
    said = f"The page is in {page}: 1 log, 2 events, 1 failure\n"
    assert capsys.readouterr().out == said
    # Not between the parts of a page that goes elsewhere.
    assert report(tmp_path / "log.sse", "-o", "/dev/null") == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("out", "reason"),
    [
        ("absent/page.html", "the folder {folder}/absent does not exist; create it first"),
        ("folder", "it is a folder; name a file"),
        ("log.txt/page.html", "Not a directory"),
        ("link.html", "it is a symbolic link"),
    ],
)
def test_a_page_that_cannot_be_written(
    out: str,
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message comes before any log is read."""

    def read(*_: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr("rapidsse.report._gather.Gatherer.read", read)
    (tmp_path / "folder").mkdir()
    (tmp_path / "log.txt").touch()
    (tmp_path / "link.html").symlink_to("absent.txt")
    assert report(tmp_path / "log.txt", "-o", tmp_path / out) == 2
    page = tmp_path / ("log.txt" if out.startswith("log.txt") else out)
    said = f"rapidsse: cannot write {page}: {reason.format(folder=tmp_path)}\n"
    assert capsys.readouterr().err == said
    assert (tmp_path / "log.txt").read_bytes() == b""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_folder_that_takes_no_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It names the page, and not the file under construction."""
    (tmp_path / "log.sse").write_bytes(sse(created(), completed()))
    assert report(tmp_path / "log.sse", "-o", "/proc/self/page.html") == 2
    said = "rapidsse: cannot write /proc/self/page.html: "
    assert capsys.readouterr().err.startswith(said)


def test_a_page_never_replaces_a_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(sse(created(), completed()))
    before = path.read_bytes()
    (tmp_path / "link.html").symlink_to(path)
    for out in (path, tmp_path / "link.html"):
        assert report(path, "-o", out) == 2
        assert "would replace an input" in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.parametrize("target", ["other.txt", "absent.txt", "folder"])
def test_a_page_is_not_written_through_a_link(
    target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.sse").write_bytes(sse(created(), completed()))
    (tmp_path / "other.txt").write_text("of another")
    (tmp_path / "folder").mkdir()
    link = tmp_path / "page.html"
    link.symlink_to(tmp_path / target)
    assert report(tmp_path / "log.sse", "-o", link) == 2
    said = f"rapidsse: cannot write {link}: it is a symbolic link\n"
    assert capsys.readouterr().err == said
    assert link.readlink() == tmp_path / target
    assert (tmp_path / "other.txt").read_text() == "of another"
    names = ["folder", "log.sse", "other.txt", "page.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_only_whole_pages_appear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log.sse").write_bytes(sse(created(), completed()))
    out = tmp_path / "page.html"
    out.write_text("the page of before")

    def interrupted(source: object, target: object, **_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    assert report(tmp_path / "log.sse", "-o", out) == 130
    assert out.read_text() == "the page of before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.sse", "page.html"]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['jinja2'] = None\n"
        "from rapidsse.cli import main\n"
        f"sys.exit(main(['report', 'log.sse', '-o', {str(tmp_path / 'page.html')!r}]))"
    )
    run = run_code(code)
    assert run.returncode == 2
    assert 'pip install "rapidsse[report]"' in run.stderr
    assert "Traceback" not in run.stderr
