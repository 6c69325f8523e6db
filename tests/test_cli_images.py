"""The images that the command line writes: their names, their content, their folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli_support import (
    DEMO,
    completed,
    corpus,
    created,
    delta,
    done,
    partial,
    png,
    response,
    sse,
    text,
)
from rapidsse import Base64
from rapidsse.cli import main
from rapidsse.cli.images import pixel_size
from rapidsse.cli.names import safe_name

Capture = pytest.CaptureFixture[str]


def write(
    tmp_path: Path, content: bytes, name: str = "log.sse", status: int = 0
) -> dict[str, bytes]:
    """Decodes a log with `--images`; returns the folder's files."""
    log = tmp_path / name
    log.write_bytes(content)
    folder = tmp_path / "out"
    assert main(["decode", str(log), "--images", str(folder)]) == status
    outside = {entry.name for entry in tmp_path.iterdir()}
    assert outside <= {name, "out", "secret"}
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def test_partial_and_final_images(tmp_path: Path) -> None:
    a, b, c = png(1), png(2), png(3)
    stream = sse(created(), partial("ig_1", a), partial("ig_1", b, 1), done("ig_1", c))
    assert write(tmp_path, stream) == {
        "ig_1-partial-0.png": a,
        "ig_1-partial-1.png": b,
        "ig_1.png": c,
    }


def test_images_without_an_item_are_named_after_the_log(tmp_path: Path) -> None:
    events = [
        {
            "type": "image_generation.partial_image",
            "b64_json": text(png(1)),
            "partial_image_index": 0,
        },
        {"type": "image_generation.completed", "b64_json": text(png(2))},
        {"type": "image_edit.partial_image", "b64_json": text(png(3))},
        {"type": "image_edit.completed", "b64_json": text(png(4))},
    ]
    assert write(tmp_path, sse(*events), "my log.v2.sse") == {
        "my_log_v2-partial-0.png": png(1),
        "my_log_v2.png": png(2),
        "my_log_v2-partial.png": png(3),
        "my_log_v2-2.png": png(4),
    }


HOSTILE = [
    "../../x",
    "/etc/passwd",
    "..",
    "..\\..\\x",
    "C:\\x",
    "\\\\host\\share\\x",
    "a\x00b",
    "x" * 10_000,
    "../" * 5000,
    "CON",
    "nul",
    "com1",
    "aux.png",
    "",
    " ",
    ".",
    ".hidden",
    "-rf",
    "~root",
    "a:stream",
    "line\nbreak",
    "\x1b[31m",
    "\u202egnp.exe",
    "日本語",
    "%2e%2e%2f",
    "$(rm -rf x)",
]


def test_hostile_names_stay_in_the_folder(tmp_path: Path) -> None:
    stream = sse(created(), *(partial(id, png(n + 1), n) for n, id in enumerate(HOSTILE)))
    finals = sse(*(done(id, png(n + 1, 5)) for n, id in enumerate(HOSTILE)))
    files = write(tmp_path, stream + finals)
    assert len(files) == 2 * len(HOSTILE)
    expected = {png(n + 1, height) for n in range(len(HOSTILE)) for height in (2, 5)}
    assert set(files.values()) == expected


@pytest.mark.parametrize("id", HOSTILE)
def test_safe_names(id: str) -> None:
    name = safe_name(id)
    assert name.isascii()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert 0 < len(name) <= 101
    assert not name.startswith("-")
    assert name.lower() not in {"con", "prn", "aux", "nul", "com1"}


def test_ordinary_names_are_kept() -> None:
    for name in ("ig_68471f54f620819dacf9f6229ef619c902fc4485fa5115d6", "Image-1"):
        assert safe_name(name) == name


def test_names_that_differ_in_case_only(tmp_path: Path) -> None:
    files = write(tmp_path, sse(done("Ig", png(1)), done("iG", png(2)), done("ig-2", png(3))))
    assert files == {"Ig.png": png(1), "iG-2.png": png(2), "ig-2-2.png": png(3)}


def test_another_picture_of_the_same_item_is_kept_too(tmp_path: Path) -> None:
    files = write(tmp_path, sse(done("ig", png(1)), done("ig", png(2)), done("ig", png(1))))
    assert files == {"ig.png": png(1), "ig-2.png": png(2)}


def test_a_second_run_replaces_the_files_of_the_first(tmp_path: Path) -> None:
    write(tmp_path, sse(done("ig", png(1))))
    assert write(tmp_path, sse(done("ig", png(2)))) == {"ig.png": png(2)}


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="needs symbolic links")
def test_planted_links_are_replaced_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"untouched")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ig.png").symlink_to(secret)
    files = write(tmp_path, sse(done("ig", png())))
    assert secret.read_bytes() == b"untouched"
    assert not (tmp_path / "out" / "ig.png").is_symlink()
    assert files == {"ig.png": png()}


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="needs symbolic links")
def test_a_planted_link_under_the_temporary_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"untouched")
    (tmp_path / "out").mkdir()
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    (tmp_path / "out" / ".rapidsse-guessed.tmp").symlink_to(secret)
    log = tmp_path / "log.sse"
    log.write_bytes(sse(done("ig", png())))
    assert main(["decode", str(log), "--images", str(tmp_path / "out")]) == 2
    assert secret.read_bytes() == b"untouched"
    assert "cannot write" in capsys.readouterr().err


def test_invalid_base64_fails_alone(tmp_path: Path, capsys: Capture) -> None:
    bad = partial("ig_1", png())
    bad["partial_image_b64"] = bad["partial_image_b64"][:40] + "*" + bad["partial_image_b64"][41:]
    files = write(tmp_path, sse(created(), bad, delta(), done("ig_1", png(7))), status=1)
    assert files == {"ig_1.png": png(7)}
    output = capsys.readouterr().out
    assert "4 events, 2 images, 1 failed" in output
    assert "invalid base64 character" in output
    # Without --images nothing decodes it.
    assert main(["decode", str(tmp_path / "log.sse")]) == 0


def test_a_folder_that_cannot_be_made(tmp_path: Path, capsys: Capture) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    for folder in (blocked, blocked / "below"):
        assert main(["decode", str(DEMO), "--images", str(folder)]) == 2
        captured = capsys.readouterr()
        assert captured.err.startswith("rapidsse: cannot write ")
        assert captured.err.count("\n") == 1


def test_a_folder_in_the_place_of_an_image(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "out" / "ig.png").mkdir(parents=True)
    log = tmp_path / "log.sse"
    log.write_bytes(sse(done("ig", png())))
    assert main(["decode", str(log), "--images", str(tmp_path / "out")]) == 2
    assert "ig.png" in capsys.readouterr().err
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["ig.png"]


def test_other_formats_and_what_is_no_picture(tmp_path: Path) -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x05\x00\x07\x01\x01\x11\x00"
    gif = b"GIF89a\x03\x00\x04\x00"
    webp = b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\0\0\0\0\0\0\0\x08\0\0\x09\0\0"
    page = b"<svg onload='alert(1)'>"
    content = {"a.jpg": jpeg, "b.gif": gif, "c.webp": webp, "d.bin": page}
    events = [done(name[0], data) for name, data in content.items()]
    assert write(tmp_path, sse(*events)) == content
    sizes = [pixel_size(Base64(text(data))) for data in content.values()]
    assert sizes == [(7, 5), (3, 4), (9, 10), None]


def test_the_size_of_a_jpeg_behind_much_metadata() -> None:
    segment = b"\xff\xe1\xff\xff" + bytes(65533)
    frame = b"\xff\xc2\x00\x0b\x08\x01\x00\x02\x00\x01\x01\x11\x00"
    assert pixel_size(Base64(text(b"\xff\xd8" + segment * 20 + frame))) == (512, 256)
    assert pixel_size(Base64(text(b"\xff\xd8" + segment * 20))) is None


def test_results_of_other_items_are_not_images(tmp_path: Path) -> None:
    output = [{"type": "program_output", "id": "po_1", "call_id": "c", "result": text(png())}]
    assert write(tmp_path, sse(created(), completed(output=output))) == {}


def test_the_demo_stream_gives_its_pictures(tmp_path: Path) -> None:
    files = write(tmp_path, DEMO.read_bytes())
    stem = "ig_demo0001c0ffee5eaf00d5ca1ab1e"
    assert sorted(files) == [f"{stem}-partial-0.png", f"{stem}-partial-1.png", f"{stem}.png"]
    assert all(data.endswith(b"IEND\xaeB`\x82") for data in files.values())


def test_a_recorded_image_generation(tmp_path: Path) -> None:
    recorded = corpus() / "responses" / "test_image_generation_streaming.0.sse"
    files = write(tmp_path, recorded.read_bytes())
    stem = "ig_68471f54f620819dacf9f6229ef619c902fc4485fa5115d6"
    assert sorted(files) == [f"{stem}-partial-0.jpg", f"{stem}-partial-1.jpg", f"{stem}.jpg"]
    for data in files.values():
        assert data.startswith(b"\xff\xd8\xff")
        assert data.endswith(b"\xff\xd9")
        assert pixel_size(Base64(text(data))) == (1024, 1024)


def test_the_documented_stream_has_no_valid_base64(tmp_path: Path, capsys: Capture) -> None:
    documented = (corpus() / "image_generation_documented.sse").read_bytes()
    assert write(tmp_path, documented, status=1) == {}
    assert "17 events, 2 images, 2 failed" in capsys.readouterr().out


def test_a_failed_response_may_lack_its_output(tmp_path: Path) -> None:
    failed = {"type": "response.failed", "response": response(output=None)}
    assert write(tmp_path, sse(failed, {"type": "response.failed"})) == {}
