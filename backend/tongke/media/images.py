"""Pictures: their size without decoding, and small versions of them."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from tongke.media import refusals
from tongke.media.refusals import refuse

THUMBNAIL_BOX = (640, 640)
THUMBNAIL_QUALITY = 72

# Sniffing refuses by our own limits before anything is decoded; Pillow's would warn about an honest photo.
Image.MAX_IMAGE_PIXELS = None

_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
}


def measure(stream: IO[bytes], media_type: str) -> tuple[int, int]:
    """Width and height from the header; raises ``RefusedContent`` when there is no readable one."""
    try:
        with Image.open(stream, formats=[_FORMATS[media_type]]) as image:
            return image.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise refuse(refusals.DAMAGED) from error


def make_thumbnail(source: Path, target: Path, media_type: str) -> tuple[int, int]:
    """Write a small WebP of the first frame, the right way up; gives the size of the original, as seen."""
    with Image.open(source, formats=[_FORMATS[media_type]]) as image:
        orientation = image.getexif().get(0x0112, 1)
        width, height = image.size
        image.draft("RGB", THUMBNAIL_BOX)  # a JPEG is decoded at a fraction of its size
        image.thumbnail(THUMBNAIL_BOX)
        small = ImageOps.exif_transpose(image)
        has_alpha = "A" in small.getbands() or "transparency" in small.info
        small.convert("RGBA" if has_alpha else "RGB").save(target, "WEBP", quality=THUMBNAIL_QUALITY, method=4)
    return (height, width) if orientation in {5, 6, 7, 8} else (width, height)
