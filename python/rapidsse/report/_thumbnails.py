"""Small pictures for the page, made of pictures that may be broken or made to harm.

A picture is refused by its header alone where it would take too much memory; whatever goes
wrong with one, the page shows that in its place.
"""

from __future__ import annotations

import base64
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError, features

__all__ = ["Thumbnail", "thumbnail"]

EDGE = 320
"""Pixels of a thumbnail's longer side: twice what the page gives it, for dense screens."""

MAX_PIXELS = 40_000_000
"""Of a picture that is decoded: some 160 MB of memory."""

MAX_BYTES = 32 << 10
"""Of a thumbnail; a page has hundreds of them."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture to show, or why there is none.

    `source` is a `data:` URL; `width` and `height` are its own, in pixels.
    """

    source: str | None = None
    width: int = 0
    height: int = 0
    refused: str | None = None


def thumbnail(content: bytes | memoryview) -> Thumbnail:
    """A thumbnail of a PNG, JPEG, WebP or GIF; of its first frame, where it has many."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _made(content)
    except Image.DecompressionBombError:
        return Thumbnail(refused="too large to show")
    except Exception as error:  # noqa: BLE001 (decoders of pictures raise anything)
        return Thumbnail(refused=f"cannot be shown: {_reason(error)}")


def _made(content: bytes | memoryview) -> Thumbnail:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
        width, height = picture.size
        if width * height > MAX_PIXELS:
            return Thumbnail(refused=f"too large to show: {width:,} × {height:,} pixels")
        # A JPEG is decoded at a fraction of its size.
        picture.draft("RGB", (EDGE, EDGE))
        # Palettes and bits cannot be scaled smoothly; the rest is made small before it is copied.
        small = picture.convert("RGBA") if picture.mode in ("1", "P", "PA") else picture
        small.thumbnail((EDGE, EDGE))
        ImageOps.exif_transpose(small, in_place=True)
        small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    for quality in (80, 50, 20):
        encoded, media_type = _encode(small, quality)
        if len(encoded) <= MAX_BYTES:
            text = base64.b64encode(encoded).decode()
            return Thumbnail(f"data:{media_type};base64,{text}", *small.size)
    return Thumbnail(refused="its thumbnail is too large")


def _encode(picture: Image.Image, quality: int) -> tuple[bytes, str]:
    file = io.BytesIO()
    if features.check("webp"):
        picture.save(file, "WEBP", quality=quality, method=4)
        return file.getvalue(), "image/webp"
    if picture.mode == "RGBA":
        picture.thumbnail((2 * quality, 2 * quality))
        picture.save(file, "PNG", optimize=True)
        return file.getvalue(), "image/png"
    picture.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue(), "image/jpeg"


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not a picture of a known format"
    return str(error)[:100] or type(error).__name__
