"""Thumbnails for the page, from images that may be broken or malicious.

An image that would take too much memory is refused by its header. For an image with an error, the
page shows the error.
"""

from __future__ import annotations

import base64
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError, features

__all__ = ["Thumbnail", "thumbnail"]

EDGE = 320
"""Pixels of a thumbnail's longer side: twice the CSS pixels, for screens of high density."""

MAX_PIXELS = 40_000_000
"""The largest image that is decoded. It takes about 160 MB of memory."""

MAX_BYTES = 32 << 10
"""The largest thumbnail. A page has hundreds of them."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A thumbnail, or the reason why there is none.

    `source` is a `data:` URL; `width` and `height` are those of the thumbnail, in pixels.
    """

    source: str | None = None
    width: int = 0
    height: int = 0
    refused: str | None = None


def thumbnail(content: bytes | memoryview) -> Thumbnail:
    """Makes a thumbnail of a PNG, JPEG, WebP or GIF, from its first frame."""
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
        # Decodes a JPEG at a fraction of its size.
        picture.draft("RGB", (EDGE, EDGE))
        # Palettes and bits cannot be scaled smoothly; other modes are scaled before the copy.
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
