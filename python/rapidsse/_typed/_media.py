"""What the first bytes of an image say: its media type and its size in pixels.

PNG (ISO/IEC 15948), JPEG (ITU-T T.81), GIF89a and WebP (RFC 9649); nothing is decoded.
"""

from __future__ import annotations

__all__ = ["SNIFF_BYTES", "size", "sniff"]

SNIFF_BYTES = 12
"""As many leading bytes as `sniff` looks at."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Markers with no length behind them: TEM, RST0-RST7 and SOI.
_JPEG_BARE = frozenset((0x01, *range(0xD0, 0xD9)))
# SOF0-SOF15 without DHT, JPG and DAC, which share the range.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def sniff(head: bytes) -> str | None:
    """The media type of an image that begins with `head`, or `None` if it is none of the four."""
    if head.startswith(_PNG):
        return "image/png"
    if head.startswith(_JPEG):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return None


def size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, from the header of a PNG, JPEG, GIF or WebP.

    `data` is the image or its beginning: 30 bytes do for all but a JPEG, whose size lies
    behind its metadata. `None` if the header is not one of these or is cut short.
    """
    media_type = sniff(data[:SNIFF_BYTES])
    if media_type == "image/png":
        if data[12:16] != b"IHDR" or len(data) < 24:
            return None
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if media_type == "image/gif":
        return _two_little(data, 6, 2)
    if media_type == "image/jpeg":
        return _jpeg_size(data)
    if media_type == "image/webp":
        return _webp_size(data)
    return None


def _two_little(data: bytes, start: int, width: int) -> tuple[int, int] | None:
    middle, end = start + width, start + 2 * width
    if len(data) < end:
        return None
    return (
        int.from_bytes(data[start:middle], "little"),
        int.from_bytes(data[middle:end], "little"),
    )


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _JPEG_BARE:
            at += 2
        elif marker in _JPEG_FRAMES:
            height = int.from_bytes(data[at + 5 : at + 7], "big")
            return int.from_bytes(data[at + 7 : at + 9], "big"), height
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    chunk = data[12:16]
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        scaled = _two_little(data, 26, 2)
        # The upper two bits are a scaling hint for the display.
        return None if scaled is None else (scaled[0] & 0x3FFF, scaled[1] & 0x3FFF)
    if chunk == b"VP8L" and data[20:21] == b"\x2f" and len(data) >= 25:
        packed = int.from_bytes(data[21:25], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if chunk == b"VP8X":
        canvas = _two_little(data, 24, 3)
        return None if canvas is None else (canvas[0] + 1, canvas[1] + 1)
    return None
