"""The images that `decode` writes: their names, their content, their folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from hostile_names import HOSTILE
from rapidsse.cli import main
from samples import (
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

Capture = pytest.CaptureFixture[str]


def write(
    tmp_path: Path, content: bytes, name: str = "log.sse", status: int = 0
) -> dict[str, bytes]:
    """Decodes a log; returns the images table's files by their names, without their digests."""
    log, out = tmp_path / name, tmp_path / "out"
    log.write_bytes(content)
    assert main(["decode", str(log), "-o", str(out), "--overwrite"]) == status
    assert {entry.name for entry in tmp_path.iterdir()} <= {name, "out"}
    rows = ds.dataset(out / "images").to_table().to_pylist()
    paths = [row["path"] for row in rows if row["path"] is not None]
    written = {path.relative_to(out).as_posix() for path in files_in(out / "image-files")}
    assert written == set(paths)
    assert len(written) == len(paths)
    found = {}
    for path in paths:
        short = re.sub(r"-[0-9a-f]{16}(?=\.\w+$)", "", Path(path).name)
        assert short not in found
        found[short] = (out / path).read_bytes()
    return found


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


def test_partial_and_final_images(tmp_path: Path) -> None:
    a, b, c = png(1), png(2), png(3)
    stream = sse(created(), partial("ig_1", a), partial("ig_1", b, 1), done("ig_1", c))
    assert write(tmp_path, stream) == {
        "ig_1-partial-0.png": a,
        "ig_1-partial-1.png": b,
        "ig_1.png": c,
    }


def test_images_without_an_item(tmp_path: Path) -> None:
    events = [
        {
            "type": "image_generation.partial_image",
            "b64_json": text(png(1)),
            "partial_image_index": 0,
        },
        {"type": "image_generation.completed", "b64_json": text(png(2))},
    ]
    assert write(tmp_path, sse(*events)) == {
        "image-partial-0.png": png(1),
        "image.png": png(2),
    }


def test_hostile_names_stay_in_the_folder(tmp_path: Path) -> None:
    stream = sse(created(), *(partial(id, png(n + 1), n) for n, id in enumerate(HOSTILE)))
    finals = sse(*(done(id, png(n + 1, 5)) for n, id in enumerate(HOSTILE)))
    log, out = tmp_path / "log.sse", tmp_path / "out"
    log.write_bytes(stream + finals)
    assert main(["decode", str(log), "-o", str(out)]) == 0
    assert {entry.name for entry in tmp_path.iterdir()} == {"log.sse", "out"}
    files = files_in(out / "image-files")
    assert len(files) == 2 * len(HOSTILE)
    assert {path.parent for path in files} == {out / "image-files" / "part-00000"}
    expected = {png(n + 1, height) for n in range(len(HOSTILE)) for height in (2, 5)}
    assert {path.read_bytes() for path in files} == expected
    for path in files:
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*\.png", path.name)
        assert len(path.name) < 200
    rows = ds.dataset(out / "images").to_table().to_pylist()
    assert {row["item_id"] for row in rows} == set(HOSTILE)


def test_names_that_differ_in_case_only(tmp_path: Path) -> None:
    log, out = tmp_path / "log.sse", tmp_path / "out"
    log.write_bytes(sse(done("Ig", png(1)), done("iG", png(2)), done("ig", png(3))))
    assert main(["decode", str(log), "-o", str(out)]) == 0
    names = [path.name.lower() for path in files_in(out / "image-files")]
    assert len(set(names)) == 3


def test_another_picture_of_the_same_item_is_kept_too(tmp_path: Path) -> None:
    log, out = tmp_path / "log.sse", tmp_path / "out"
    log.write_bytes(sse(done("ig", png(1)), done("ig", png(2)), done("ig", png(1))))
    assert main(["decode", str(log), "-o", str(out)]) == 0
    files = files_in(out / "image-files")
    assert {path.read_bytes() for path in files} == {png(1), png(2)}


def test_overwriting_removes_earlier_images(tmp_path: Path) -> None:
    write(tmp_path, sse(done("ig", png(1)), done("other", png(2))))
    assert write(tmp_path, sse(done("ig", png(2)))) == {"ig.png": png(2)}
    assert write(tmp_path, sse(created())) == {}
    assert not (tmp_path / "out" / "image-files").exists()


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_planted_links_are_replaced_not_followed(tmp_path: Path) -> None:
    log, out, secret = tmp_path / "log.sse", tmp_path / "out", tmp_path / "secret"
    log.write_bytes(sse(done("ig", png())))
    secret.mkdir()
    (secret / "file").write_bytes(b"untouched")
    argv = ["decode", str(log), "-o", str(out)]
    assert main(argv) == 0
    # As if the run had been killed before it said that the split is finished.
    (out / ".rapidsse" / "done" / "00000.json").unlink()
    part, pictures = out / "events" / "part-00000.parquet", out / "image-files" / "part-00000"
    before = part.read_bytes()
    part.unlink()
    part.symlink_to(secret / "file")
    for path in files_in(pictures):
        path.unlink()
    pictures.rmdir()
    pictures.symlink_to(secret)
    status = main(argv)
    assert (secret / "file").read_bytes() == b"untouched"
    assert [path.name for path in secret.iterdir()] == ["file"]
    assert status == 0
    assert not part.is_symlink()
    assert part.read_bytes() == before
    assert not pictures.is_symlink()
    assert [path.read_bytes() for path in files_in(pictures)] == [png()]


def test_invalid_base64_fails_alone(tmp_path: Path, capsys: Capture) -> None:
    bad = partial("ig_1", png())
    bad["partial_image_b64"] = bad["partial_image_b64"][:40] + "*" + bad["partial_image_b64"][41:]
    files = write(tmp_path, sse(created(), bad, delta(), done("ig_1", png(7))), status=1)
    assert files == {"ig_1.png": png(7)}
    output = capsys.readouterr().out
    assert "4 events, 2 images, 1 failed" in output
    assert "invalidbase64character" in "".join(output.split())


def test_pictures_in_the_table(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["decode", str(DEMO), "-o", str(out), "--images", "column"]) == 0
    rows = ds.dataset(out / "images").to_table().to_pylist()
    assert [len(row["bytes"]) for row in rows] == [row["size"] for row in rows]
    assert all(row["bytes"].endswith(b"IEND\xaeB`\x82") for row in rows)
    assert "path" not in rows[0]
    assert not (out / "image-files").exists()


def test_no_pictures(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["decode", str(DEMO), "-o", str(out), "--images", "none"]) == 0
    rows = ds.dataset(out / "images").to_table().to_pylist()
    assert len(rows) == 3
    assert not {"path", "bytes"} & set(rows[0])
    assert not (out / "image-files").exists()


def test_other_formats_and_what_is_no_picture(tmp_path: Path) -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x05\x00\x07\x01\x01\x11\x00"
    gif = b"GIF89a\x03\x00\x04\x00"
    webp = b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\0\0\0\0\0\0\0\x08\0\0\x09\0\0"
    page = b"<svg onload='alert(1)'>"
    content = {"a.jpg": jpeg, "b.gif": gif, "c.webp": webp, "d.bin": page}
    assert write(tmp_path, sse(*(done(name[0], data) for name, data in content.items()))) == content


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


def test_the_documented_stream_has_no_valid_base64(tmp_path: Path, capsys: Capture) -> None:
    documented = (corpus() / "image_generation_documented.sse").read_bytes()
    assert write(tmp_path, documented, status=1) == {}
    assert "17 events, 2 images, 2 failed" in capsys.readouterr().out


def test_a_failed_response_may_lack_its_output(tmp_path: Path) -> None:
    failed = {"type": "response.failed", "response": response(output=None)}
    assert write(tmp_path, sse(failed, {"type": "response.failed"})) == {}
