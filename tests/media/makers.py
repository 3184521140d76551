"""Small files made on the spot: honest ones and those an attacker would send."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def handler(kind: bytes) -> bytes:
    return box(b"hdlr", bytes(8), kind, bytes(12))


def mp4(*tracks: bytes, brand: bytes = b"isom", extra: bytes = b"") -> bytes:
    traks = b"".join(box(b"trak", box(b"mdia", handler(track))) for track in tracks)
    return box(b"ftyp", brand, bytes(4), brand) + box(b"moov", traks, extra) + box(b"mdat", bytes(64))


def zipped(files: dict[str, bytes | str], **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def ole(*streams: str, contents: dict[str, bytes] | None = None) -> bytes:
    """A compound file whose directory names ``streams``; ``contents`` are put behind it, one sector each."""
    contents = contents or {}
    sectors: list[bytes] = [b"", b""]
    entries = [_ole_entry("Root Entry", 0xFFFFFFFE, 0)]
    for name in streams:
        content = contents.get(name)
        if content is None:
            entries.append(_ole_entry(name, 0xFFFFFFFE, 0))
            continue
        entries.append(_ole_entry(name, len(sectors), 8192))
        sectors.append(content.ljust(512, b"\0"))
    sectors[1] = b"".join(entries).ljust(512, b"\0")
    chain = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFE] * 126)
    sectors[0] = chain
    header = bytearray(512)
    header[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<I", header, 48, 1)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    return bytes(header) + b"".join(sectors)


def _ole_entry(name: str, sector: int, size: int) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    entry = bytearray(128)
    entry[: len(raw)] = raw
    struct.pack_into("<H", entry, 64, len(raw))
    struct.pack_into("<IQ", entry, 116, sector, size)
    return bytes(entry)


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
