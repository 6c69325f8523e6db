from __future__ import annotations

import base64
import copy
import gc
import mmap
import pickle
import weakref
from pathlib import Path

import pytest

from rapidsse import Base64, Base64Error, RapidSSEError
from rapidsse._typed import _media

TEXT = b"aGVsbG8gd29ybGQ="
BYTES = b"hello world"


@pytest.mark.parametrize(
    "source",
    [TEXT, TEXT.decode(), bytearray(TEXT), memoryview(TEXT), memoryview(TEXT).cast("h")],
    ids=["bytes", "str", "bytearray", "memoryview", "cast"],
)
def test_every_source_reads_the_same(source: str | bytes) -> None:
    image = Base64(source)
    assert image.encoded == TEXT
    assert image.encoded.format == "B"
    assert image.encoded.readonly
    assert len(image) == len(TEXT)
    assert image.nbytes == len(BYTES)
    assert image.decode() == BYTES
    assert str(image) == TEXT.decode()
    assert image == Base64(TEXT)
    assert hash(image) == hash(Base64(TEXT))


def test_text_stays_in_place() -> None:
    source = bytearray(b"xx" + TEXT + b"yy")
    image = Base64(memoryview(source)[2:-2])
    assert image.encoded.obj is source
    source[2:6] = b"QUJD"
    assert image.decode()[:3] == b"ABC"


@pytest.mark.parametrize("source", [3, None, ["aGk="], Base64(TEXT)], ids=repr)
def test_refuses_other_types_than_text(source: object) -> None:
    with pytest.raises(TypeError):
        Base64(source)  # type: ignore[arg-type]


def test_refuses_a_buffer_with_gaps() -> None:
    with pytest.raises(TypeError, match="contiguous"):
        Base64(memoryview(TEXT)[::2])


@pytest.mark.parametrize("size", range(10))
def test_nbytes_needs_no_decoding(size: int) -> None:
    assert Base64(base64.b64encode(bytes(size))).nbytes == size


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ("QUI", "cut short", 3),
        ("QUI*", "invalid base64 character", 3),
        ("QU\nI", "invalid base64 character", 2),
        ("QUI-", "invalid base64 character", 3),
        ("QR==", "non-zero trailing bits", 1),
        ("QQ==QUJD", "invalid base64 character", 2),
        ("QUJDé", "invalid base64 character", 4),
    ],
)
def test_decoding_is_strict(text: str, reason: str, offset: int) -> None:
    image = Base64(text)
    assert str(image) == text
    with pytest.raises(Base64Error, match=reason) as caught:
        image.decode()
    assert caught.value.offset == offset
    with pytest.raises(Base64Error) as caught:
        image.decode_into(bytearray(100))
    assert caught.value.offset == offset


def test_decode_into() -> None:
    out = bytearray(b"." * 12)
    assert Base64(TEXT).decode_into(out) == 11
    assert out == BYTES + b"."
    with pytest.raises(RapidSSEError, match=r"10.*11"):
        Base64(TEXT).decode_into(bytearray(10))
    with pytest.raises(TypeError):
        Base64(TEXT).decode_into(bytes(11))


def test_save(tmp_path: Path) -> None:
    path = tmp_path / "text"
    assert Base64(TEXT).save(path) == 11
    assert path.read_bytes() == BYTES
    assert Base64("").save(str(path)) == 0
    assert path.read_bytes() == b""


def test_save_leaves_the_file_alone_when_the_text_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"before")
    with pytest.raises(Base64Error):
        Base64("QUI*").save(path)
    assert path.read_bytes() == b"before"


def test_equality_is_of_content() -> None:
    long = b"QUJD" * 50_000
    assert Base64(long) == Base64(bytearray(long))
    for at in (0, 65_536, 131_071, len(long) - 1):
        changed = bytearray(long)
        changed[at] ^= 1
        assert Base64(long) != Base64(changed)
    assert Base64(long) != Base64(long[:-4])
    assert Base64(b"") != Base64(long)
    assert Base64(TEXT) != TEXT
    assert Base64(TEXT) != TEXT.decode()
    assert len({Base64(TEXT), Base64(TEXT.decode()), Base64(long)}) == 2


def test_is_immutable() -> None:
    image = Base64(TEXT)
    for name in ("encoded", "nbytes", "media_type", "other"):
        with pytest.raises(AttributeError):
            setattr(image, name, 1)
    with pytest.raises(TypeError):
        image.encoded[0] = 1


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_copies_the_text(protocol: int) -> None:
    image = Base64(memoryview(b"xx" + TEXT + b"yy" * 1000)[2:-2000])
    data = pickle.dumps(image, protocol)
    assert len(data) < 200
    assert pickle.loads(data) == image
    assert copy.copy(image) == image
    assert copy.deepcopy(image) == image


class Source(bytearray):
    """A buffer that tells when it goes."""


def test_keeps_its_source_and_detach_lets_it_go() -> None:
    source = Source(TEXT)
    alive = weakref.ref(source)
    image = Base64(source)
    del source
    gc.collect()
    assert alive() is not None
    detached = image.detach()
    assert detached == image
    del image
    gc.collect()
    assert alive() is None
    assert detached.decode() == BYTES


def test_detach_lets_a_map_close(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(TEXT)
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    image = Base64(mapped)
    with pytest.raises(BufferError):
        mapped.close()
    image = image.detach()
    mapped.close()
    assert image.decode() == BYTES


def test_repr_is_short() -> None:
    assert repr(Base64(TEXT)) == "<Base64 'aGVsbG8gd29ybGQ=', unknown media type, 11 bytes>"
    assert len(repr(Base64(b"QUJD" * 10**6))) < 100
    assert "€" not in repr(Base64("€" * 8))
    assert str(Base64(b"\xff")) == "\ufffd"


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x04\0\0\0\x06\0\x08\x02\0\0\0"
GIF = b"GIF89a\x40\x01\xf0\0\0\0\0"
SOF = b"\xff\xc2\0\x11\x08\x06\0\x04\0\x03"
JPEG = b"\xff\xd8\xff\xe0\0\x06ABCD\xff\xff\xfe\0\x02" + b"\xff\xc4\0\x04..\xff\x01" + SOF
VP8 = b"RIFF....WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\x41\xf0\x80"
VP8L = b"RIFF....WEBPVP8L\0\0\0\0\x2f" + (319 | 239 << 14).to_bytes(4, "little")
VP8X = b"RIFF....WEBPVP8X\0\0\0\0\0\0\0\0" + b"\x3f\x01\0\xef\0\0"

PICTURES = [
    (PNG, "image/png", (1024, 1536)),
    (GIF, "image/gif", (320, 240)),
    (GIF.replace(b"89a", b"87a"), "image/gif", (320, 240)),
    (JPEG, "image/jpeg", (1024, 1536)),
    (VP8, "image/webp", (320, 240)),
    (VP8L, "image/webp", (320, 240)),
    (VP8X, "image/webp", (320, 240)),
]


@pytest.mark.parametrize(("head", "media_type", "size"), PICTURES)
def test_media_type_and_size(head: bytes, media_type: str, size: tuple[int, int]) -> None:
    data = head + bytes(100)
    assert Base64(base64.b64encode(data)).media_type == media_type
    assert _media.sniff(data) == media_type
    assert _media.size(data) == size
    for end in range(len(head)):
        assert _media.size(data[:end]) in (None, size)
    assert _media.size(data[:9]) is None


def test_media_type_looks_at_the_first_groups_only() -> None:
    text = base64.b64encode(PNG).decode()
    assert Base64(text[:12] + "*" * 20).media_type is None
    assert Base64(text[:16] + "*" * 20).media_type == "image/png"
    # The documented stream elides its picture like this.
    assert Base64("iVBORw0KGgoAAAAN...").media_type == "image/png"
    assert Base64(text[:14]).media_type == "image/png"


@pytest.mark.parametrize("text", ["", "iVB", "iVBO", "hello!", "AAAA" * 10, "UklGRi4uLi5XQVZF"])
def test_no_media_type(text: str) -> None:
    assert Base64(text).media_type is None
    assert _media.size(text.encode()) is None
