"""What a file is, by its bytes: the name is only a hint for telling WPS from Word and CSV from plain text."""

from __future__ import annotations

import struct
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from tongke.i18n import Text
from tongke.media import refusals
from tongke.media.containers import container
from tongke.media.models import MediaKind
from tongke.media.packages import OLE_MAGIC, ole_package, zip_package
from tongke.media.refusals import filled, refuse
from tongke.media.sniffed import Sniffed
from tongke.media.textual import text_kind

__all__ = ["Sniffed", "sniff"]

HEAD_BYTES = 64 * 1024
MAX_PIXELS = 100_000_000
MAX_JPEG_PIXELS = 250_000_000  # telephones make 200; a JPEG is decoded at an eighth of its size
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"dex\n",
    b"\0asm",
)
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"MSCF", b"\x28\xb5\x2f\xfd")
_FLASH = (b"FWS", b"CWS", b"ZWS")
_SHORTCUT = b"\x4c\0\0\0\x01\x14\x02\0"
_IMAGES = (
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"GIF87a", "image/gif", ".gif"),
    (b"GIF89a", "image/gif", ".gif"),
    (b"BM", "image/bmp", ".bmp"),
    (b"II*\0", "image/tiff", ".tif"),
    (b"MM\0*", "image/tiff", ".tif"),
)
_PDF_TAIL_BYTES = 64 * 1024


def sniff(path: Path, filename: str) -> Sniffed:
    """Say what ``path`` holds; raises ``RefusedContent`` with the reason in the teacher's words."""
    size = path.stat().st_size
    if size == 0:
        raise refuse(refusals.EMPTY)
    extension = PurePosixPath(filename.replace("\\", "/")).suffix.lower()
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if head.startswith(b"PK\x03\x04"):
            return zip_package(path)
        found = _binary(head, stream, size, extension)
    if found is not None:
        return found
    text = text_kind(head, extension, is_whole=size <= HEAD_BYTES)
    if isinstance(text, Sniffed):
        return text
    raise refuse(text or _unknown(path))


def _binary(head: bytes, stream: BinaryIO, size: int, extension: str) -> Sniffed | None:
    _refuse_magic(head, size)
    if head.startswith(OLE_MAGIC):
        return ole_package(stream, size, extension)
    if head.startswith(b"{\\rtf"):
        return Sniffed("application/rtf", MediaKind.OFFICE, ".rtf")
    return _pdf(head, stream, size) or _image(head, stream) or container(head, stream, size)


def _refuse_magic(head: bytes, size: int) -> None:
    if head.startswith(_SHORTCUT):
        raise refuse(refusals.SHORTCUT)
    if head.startswith(_PROGRAMS[1:]) or (head.startswith(b"MZ") and _is_windows_program(head)):
        raise refuse(refusals.PROGRAM)
    if head.startswith(_ARCHIVES) or head[257:262] == b"ustar":
        raise refuse(refusals.OTHER_ARCHIVE)
    if head.startswith(_FLASH) and len(head) > 8 and struct.unpack_from("<I", head, 4)[0] >= size // 2:
        raise refuse(refusals.FLASH)
    if head.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        raise refuse(refusals.EMPTY)


def _is_windows_program(head: bytes) -> bool:
    return b"\0" in head[:64] or b"This program" in head[:512]


def _pdf(head: bytes, stream: BinaryIO, size: int) -> Sniffed | None:
    at = head.find(b"%PDF-", 0, 1024)
    if at < 0 or b"<" in head[:at]:
        return None  # a page or script with a PDF glued on is what it begins with
    stream.seek(max(0, size - _PDF_TAIL_BYTES))
    tail = stream.read()
    if b"startxref" not in tail and b"%%EOF" not in tail:
        raise refuse(refusals.TRUNCATED)
    return Sniffed("application/pdf", MediaKind.PDF, ".pdf")


def _image(head: bytes, stream: BinaryIO) -> Sniffed | None:
    for magic, media_type, extension in _IMAGES:
        if head.startswith(magic) and (magic != b"BM" or head[6:10] == b"\0\0\0\0"):
            return _measured(Sniffed(media_type, MediaKind.IMAGE, extension), stream)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _measured(Sniffed("image/webp", MediaKind.IMAGE, ".webp"), stream)
    return None


def _measured(found: Sniffed, stream: BinaryIO) -> Sniffed:
    """``found``, unless it has more pixels than a school's PC has memory for; nothing is decoded."""
    from tongke.media.images import measure  # slow import

    stream.seek(0)
    width, height = measure(stream, found.media_type)
    limit = MAX_JPEG_PIXELS if found.media_type == "image/jpeg" else MAX_PIXELS
    if width * height > limit:
        raise refuse(filled(refusals.TOO_MANY_PIXELS, width=width, height=height))
    return found


def _unknown(path: Path) -> Text:
    import puremagic  # slow import

    try:
        name = puremagic.magic_file(str(path))[0].name
    except (puremagic.PureError, ValueError, IndexError):
        return refusals.UNKNOWN
    return filled(refusals.KNOWN_BUT_REFUSED, name=name) if name else refusals.UNKNOWN
