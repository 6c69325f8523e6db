"""Thumbnails of the report's pictures."""

from __future__ import annotations

import io
from base64 import b64decode
from zlib import crc32

import pytest

from samples import png

for needed in ("PIL", "jinja2", "pyarrow"):
    pytest.importorskip(needed, reason='the report needs "rapidsse[report]"')

from PIL import Image

from rapidsse.report._thumbnails import EDGE, MAX_BYTES, MAX_PIXELS, thumbnail
from report_pages import picture


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
        ("WEBP", "RGB"),
        ("WEBP", "RGBA"),
        ("GIF", "P"),
    ],
)
def test_thumbnails_of_every_kind(format: str, mode: str) -> None:
    made = thumbnail(picture(format, mode))
    assert made.refused is None
    assert (made.width, made.height) == (EDGE, EDGE * 480 // 640)
    assert made.source is not None
    head, _, text = made.source.partition(",")
    assert head == "data:image/webp;base64"
    content = b64decode(text, validate=True)
    assert len(content) <= MAX_BYTES
    with Image.open(io.BytesIO(content)) as shown:
        assert shown.size == (made.width, made.height)


def test_a_small_picture_is_not_enlarged() -> None:
    made = thumbnail(png(3, 2))
    assert (made.width, made.height) == (3, 2)


def test_a_thumbnail_stands_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    made = thumbnail(picture("JPEG", size=(640, 320), exif=turned))
    assert (made.width, made.height) == (EDGE // 2, EDGE)


def test_transparency_is_kept() -> None:
    made = thumbnail(picture("PNG", "RGBA"))
    assert made.source is not None
    with Image.open(io.BytesIO(b64decode(made.source.partition(",")[2]))) as shown:
        assert shown.mode == "RGBA"
        assert shown.getpixel((0, 0))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"\x89PNG\r\n\x1a\n",
        png()[:40],
        picture("JPEG")[:300],
        picture("WEBP")[:40],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture("BMP"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    made = thumbnail(content)
    assert made.source is None
    assert made.refused is not None
    assert made.refused.startswith("cannot be shown: ")


def test_a_decompression_bomb_is_not_decoded() -> None:
    for edge in (8_000, 60_000):
        small = png(1, 1)
        header = b"IHDR" + 2 * edge.to_bytes(4, "big") + small[24:29]
        bomb = small[:12] + header + crc32(header).to_bytes(4, "big") + small[33:]
        assert edge * edge > MAX_PIXELS
        made = thumbnail(bomb)
        assert made.source is None
        assert (made.refused or "").startswith("too large to show")
