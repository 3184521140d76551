"""Zip and OLE containers: Office, WPS, OpenDocument, e-books, course packages, and what pretends to be them."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tongke.i18n import Text, say
from tongke.media import archives, refusals
from tongke.media.models import MediaKind
from tongke.media.refusals import refuse
from tongke.media.sniffed import Sniffed

OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
MACROS: Text = say("这个文件带有宏（小程序）。别人打开时电脑可能会提示风险，建议另存一份不带宏的文件。")

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_PARTS = {
    "word/": (f"{_OOXML}wordprocessingml.document", ".docx"),
    "ppt/": (f"{_OOXML}presentationml.presentation", ".pptx"),
    "xl/": (f"{_OOXML}spreadsheetml.sheet", ".xlsx"),
}
_ODF_TYPES = {"text": ".odt", "presentation": ".odp", "spreadsheet": ".ods", "graphics": ".odg"}
_STREAMS = (
    ("WordDocument", "application/msword", ".doc", {".wps": "application/wps-office.wps"}),
    ("PowerPoint Document", "application/vnd.ms-powerpoint", ".ppt", {".dps": "application/wps-office.dps"}),
    ("Workbook", "application/vnd.ms-excel", ".xls", {".et": "application/wps-office.et"}),
    ("Book", "application/vnd.ms-excel", ".xls", {".et": "application/wps-office.et"}),
)
_MAX_DIRECTORY_SECTORS = 4096
_FREE = 0xFFFFFFFA
_NO_MACRO_STREAMS = frozenset({"_VBA_PROJECT", "VBA", "Macros", "_VBA_PROJECT_CUR"})


def zip_package(path: Path) -> Sniffed:
    """What a zip is; the archive rules hold for every one, Office files too."""
    names = {entry.name for entry in archives.inspect(path, archives.Limits(allow_programs=True))}
    with zipfile.ZipFile(path) as archive:
        mimetype = archive.read("mimetype")[:128].decode("ascii", "replace").strip() if "mimetype" in names else ""
    if "AndroidManifest.xml" in names or "META-INF/MANIFEST.MF" in names or "classes.dex" in names:
        raise refuse(refusals.PROGRAM)
    if mimetype == "application/epub+zip":
        return Sniffed(mimetype, MediaKind.ARCHIVE, ".epub")
    if mimetype.startswith(_ODF):
        return _open_document(mimetype, names)
    if "[Content_Types].xml" in names:
        for folder, (media_type, extension) in _PARTS.items():
            if any(name.startswith(folder) for name in names):
                has_macros = any(name.endswith("vbaProject.bin") for name in names)
                return Sniffed(media_type, MediaKind.OFFICE, extension, (MACROS,) if has_macros else ())
    archives.refuse_programs(names)
    return Sniffed("application/zip", MediaKind.ARCHIVE, ".h5p" if "h5p.json" in names else ".zip")


def _open_document(mimetype: str, names: set[str]) -> Sniffed:
    family = mimetype.removeprefix(_ODF).removesuffix("-template")
    if family not in _ODF_TYPES:
        raise refuse(refusals.UNKNOWN)
    has_macros = any(name.startswith(("Basic/", "Scripts/")) for name in names)
    return Sniffed(mimetype, MediaKind.OFFICE, _ODF_TYPES[family], (MACROS,) if has_macros else ())


def ole_package(stream: BinaryIO, size: int, extension: str) -> Sniffed:
    """What an OLE compound file is: the binary Office and WPS formats, and encrypted Office of any age."""
    found = {entry.name: entry for entry in _directory(stream, size)}
    if "EncryptedPackage" in found or "EncryptedSummary" in found or _is_locked(stream, found):
        raise refuse(refusals.ENCRYPTED)
    for name, media_type, usual, of_wps in _STREAMS:
        if name in found:
            warnings = (MACROS,) if _NO_MACRO_STREAMS & set(found) else ()
            if extension in of_wps:
                return Sniffed(of_wps[extension], MediaKind.OFFICE, extension, warnings)
            return Sniffed(media_type, MediaKind.OFFICE, usual, warnings)
    is_installer = any(re.match("[\u3800-\u4840]", name) for name in found)
    raise refuse(refusals.PROGRAM if is_installer else refusals.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    at: int
    """Where the stream's first sector begins in the file (streams under 4 KiB live elsewhere)."""
    size: int


def _directory(stream: BinaryIO, size: int) -> Iterator[_Entry]:
    stream.seek(0)
    header = stream.read(512)
    if len(header) < 512:
        raise refuse(refusals.TRUNCATED)
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in {9, 12}:
        raise refuse(refusals.DAMAGED)
    sector_bytes, sector = 1 << shift, struct.unpack_from("<I", header, 48)[0]
    tables = struct.unpack_from("<109I", header, 76)
    seen: set[int] = set()
    while sector < _FREE and len(seen) < _MAX_DIRECTORY_SECTORS and sector not in seen:
        seen.add(sector)
        at = (sector + 1) * sector_bytes
        if at >= size:
            raise refuse(refusals.TRUNCATED)
        stream.seek(at)
        yield from _entries(stream.read(sector_bytes), sector_bytes)
        sector = _next(stream, tables, sector, sector_bytes)


def _entries(content: bytes, sector_bytes: int) -> Iterator[_Entry]:
    for start in range(0, len(content) - 127, 128):
        length = struct.unpack_from("<H", content, start + 64)[0]
        if 2 <= length <= 64:
            name = content[start : start + length - 2].decode("utf-16-le", "replace")
            first, size = struct.unpack_from("<IQ", content, start + 116)
            yield _Entry(name, (first + 1) * sector_bytes, size & 0xFFFFFFFF)


def _next(stream: BinaryIO, tables: tuple[int, ...], sector: int, sector_bytes: int) -> int:
    which, place = divmod(sector, sector_bytes // 4)
    if which >= len(tables) or tables[which] >= _FREE:
        return _FREE  # beyond the first 109 tables: 7 MB into the file, where no directory begins
    stream.seek((tables[which] + 1) * sector_bytes + place * 4)
    raw = stream.read(4)
    return int.from_bytes(raw, "little") if len(raw) == 4 else _FREE


def _is_locked(stream: BinaryIO, found: dict[str, _Entry]) -> bool:
    """Word says so in its header; Excel by a FILEPASS record near its start."""
    if (word := found.get("WordDocument")) and word.size >= 4096:
        stream.seek(word.at)
        head = stream.read(12)
        return len(head) == 12 and head[:2] == b"\xec\xa5" and bool(head[11] & 1)
    book = found.get("Workbook") or found.get("Book")
    if book is None or book.size < 4096:
        return False
    stream.seek(book.at)
    head, position = stream.read(512), 0
    while position + 4 <= len(head):
        record, length = struct.unpack_from("<2H", head, position)
        if record == 0x2F:
            return True
        position += 4 + length
    return False
