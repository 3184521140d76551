"""Where a photo or film was taken does not leave with it: positions are blanked in place, nothing is re-encoded."""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from tongke.errors import RefusedContent
from tongke.media.boxes import Box, boxes

_GPS_IFD, _EXIF_IFD = 0x8825, 0x8769
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_XMP_JPEG = (b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0")
_MAX_IFDS = 16
_POSITION_BOXES = frozenset({b"\xa9xyz", b"loci"})
_MOVIE_PARENTS = frozenset({b"moov", b"trak", b"udta"})
_ISO_TYPES = frozenset({"video/mp4", "video/quicktime", "video/3gpp", "audio/mp4", "image/heic", "image/avif"})

_Bytes = mmap.mmap


def carries_position(path: Path, media_type: str) -> bool:
    """Whether ``strip_position`` would change ``path``; it is only read."""
    with path.open("rb") as stream:
        return _clean(stream, media_type, mmap.ACCESS_COPY)[0]


def strip_position(path: Path, media_type: str) -> bool:
    """Blank every camera position in ``path``, in place, and cut what hangs behind the end of a picture.

    Returns whether the bytes changed. Pixels, sound and the places of everything else stay as they are.
    """
    with path.open("r+b") as stream:
        changed, end = _clean(stream, media_type, mmap.ACCESS_WRITE)
        if changed:
            stream.truncate(end)
    return changed


def _clean(stream: BinaryIO, media_type: str, access: int) -> tuple[bool, int]:
    """Blank positions in a mapping of the file (``ACCESS_COPY``: in memory only); gives where a picture ends."""
    cleaners = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp, "image/tiff": _whole_tiff}
    clean = _iso if media_type in _ISO_TYPES else cleaners.get(media_type)
    size = stream.seek(0, 2)
    if clean is None or size == 0:
        return False, size
    with mmap.mmap(stream.fileno(), 0, access=access) as content:
        changed, end = clean(content)
        if changed and access == mmap.ACCESS_WRITE:
            content.flush()
    return changed or end < size, end


def _jpeg(content: _Bytes) -> tuple[bool, int]:
    changed, position = False, 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker == 0xD9:
            return changed, position + 2
        if marker == 0xDA:
            position = _after_scan(content, position + 2)
            continue
        length = int.from_bytes(content[position + 2 : position + 4], "big")
        body, end = position + 4, min(position + 2 + max(length, 2), len(content))
        if marker == 0xE1:
            changed |= _application_segment(content, body, end)
        position = end
    return changed, len(content)


def _after_scan(content: _Bytes, position: int) -> int:
    """Where the next marker after entropy-coded bytes stands."""
    while (position := content.find(b"\xff", position)) >= 0:
        following = content[position + 1 : position + 2]
        if following and following[0] not in {0, 0xFF, *range(0xD0, 0xD8)}:
            return position
        position += 1
    return len(content)


def _application_segment(content: _Bytes, body: int, end: int) -> bool:
    if content[body : body + 6] == b"Exif\0\0":
        return _tiff(content, body + 6, end)
    for name in _XMP_JPEG:
        if content[body : body + len(name)] == name:
            skipped = len(name) + (40 if b"extension" in name else 0)
            return _blank_xmp(content, body + skipped, end)
    return False


def _blank_xmp(content: _Bytes, start: int, end: int) -> bool:
    packet = content[start:end]
    if b"GPS" not in packet and b"geo:" not in packet.lower():
        return False
    content[start:end] = b" " * (end - start)
    return True


def _whole_tiff(content: _Bytes) -> tuple[bool, int]:
    return _tiff(content, 0, len(content)), len(content)


@dataclass(frozen=True, slots=True)
class _Tiff:
    """TIFF-structured metadata between ``base`` and ``end``; numbers outside read as 0."""

    content: _Bytes
    order: str
    base: int
    end: int

    def number(self, layout: str, at: int) -> int:
        size = struct.calcsize(layout)
        if at < self.base or at + size > self.end:
            return 0
        number: int = struct.unpack(self.order + layout, self.content[at : at + size])[0]
        return number


def _tiff(content: _Bytes, base: int, end: int) -> bool:
    """Take the GPS directory out of TIFF-structured metadata: its values, its entries, and the pointer to it."""
    order = {b"II": "<", b"MM": ">"}.get(content[base : base + 2])
    if order is None:
        return False
    tiff = _Tiff(content, order, base, end)
    changed, queue, seen = False, [tiff.number("I", base + 4)], set[int]()
    while queue and len(seen) < _MAX_IFDS:
        offset = queue.pop()
        if offset == 0 or offset in seen or base + offset + 2 > end:
            continue
        seen.add(offset)
        changed |= _directory(tiff, base + offset, queue)
    return changed


def _directory(tiff: _Tiff, at: int, queue: list[int]) -> bool:
    changed, count = False, tiff.number("H", at)
    for n in range(count - 1, -1, -1):
        entry = at + 2 + 12 * n
        if entry + 12 > tiff.end:
            continue
        tag, target = tiff.number("H", entry), tiff.number("I", entry + 8)
        if tag == _EXIF_IFD:
            queue.append(target)
        elif tag == _GPS_IFD:
            _erase_directory(tiff, tiff.base + target)
            last = min(at + 2 + 12 * count + 4, tiff.end)
            tiff.content[entry:last] = tiff.content[entry + 12 : last] + bytes(12)
            count -= 1
            tiff.content[at : at + 2] = struct.pack(tiff.order + "H", count)
            changed = True
    queue.append(tiff.number("I", at + 2 + 12 * count))
    return changed


def _erase_directory(tiff: _Tiff, at: int) -> None:
    for n in range(tiff.number("H", at)):
        entry = at + 2 + 12 * n
        if entry + 12 > tiff.end:
            break
        size = _TYPE_BYTES.get(tiff.number("H", entry + 2), 1) * tiff.number("I", entry + 4)
        target = tiff.base + tiff.number("I", entry + 8)
        if size > 4 and target + size <= tiff.end:
            tiff.content[target : target + size] = bytes(size)
        tiff.content[entry : entry + 12] = bytes(12)
    if tiff.base <= at <= tiff.end - 2:
        tiff.content[at : at + 2] = b"\0\0"


def _png(content: _Bytes) -> tuple[bool, int]:
    changed, position = False, 8
    while position + 12 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        kind, body, end = content[position + 4 : position + 8], position + 8, position + 8 + length
        if end + 4 > len(content):
            break
        if _png_chunk(content, kind, body, end):
            content[end : end + 4] = zlib.crc32(content[position + 4 : end]).to_bytes(4, "big")
            changed = True
        position = end + 4
        if kind == b"IEND":
            return changed, position
    return changed, len(content)


def _png_chunk(content: _Bytes, kind: bytes, body: int, end: int) -> bool:
    if kind == b"eXIf":
        return _tiff(content, body, end)
    if kind not in {b"tEXt", b"zTXt", b"iTXt"}:
        return False
    keyword = content[body : min(end, body + 80)].split(b"\0")[0].lower()
    if not keyword.startswith(b"raw profile type") and keyword != b"xml:com.adobe.xmp":
        return False
    if keyword == b"raw profile type icc":
        return False
    if end - body < 9:
        return False
    content[body - 4 : body] = b"tEXt"  # compressed text cannot be blanked in place: the chunk becomes an empty comment
    content[body:end] = b"Comment\0".ljust(end - body)
    return True


def _webp(content: _Bytes) -> tuple[bool, int]:
    changed, position = False, 12
    file_end = min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    while position + 8 <= file_end:
        kind, length = content[position : position + 4], int.from_bytes(content[position + 4 : position + 8], "little")
        body, end = position + 8, min(position + 8 + length, file_end)
        if kind == b"EXIF":
            prefix = 6 if content[body : body + 6] == b"Exif\0\0" else 0
            changed |= _tiff(content, body + prefix, end)
        elif kind == b"XMP ":
            changed |= _blank_xmp(content, body, end)
        position = end + (length & 1)
    return changed, file_end


def _iso(content: _Bytes) -> tuple[bool, int]:
    stream = cast("BinaryIO", content)
    try:
        changed = _movie(content, stream, 0, len(content))
    except (RefusedContent, struct.error):
        return False, len(content)  # sniffing already judged the file; here it is only left as it is
    return changed, len(content)


def _movie(content: _Bytes, stream: BinaryIO, start: int, end: int) -> bool:
    changed = False
    for box in list(boxes(stream, start, end)):
        if box.end > end:
            break
        if box.kind in _MOVIE_PARENTS:
            changed |= _movie(content, stream, box.body, box.end)
        elif box.kind in _POSITION_BOXES:
            content[box.start + 4 : box.start + 8] = b"free"
            content[box.body : box.end] = bytes(box.end - box.body)
            changed = True
        elif box.kind == b"meta":
            changed |= _meta(content, stream, box)
    return changed


def _meta(content: _Bytes, stream: BinaryIO, meta: Box) -> bool:
    # In QuickTime "meta" holds boxes at once, in ISO files four bytes of version come first.
    start = meta.body if content[meta.body + 4 : meta.body + 8] in {b"hdlr", b"keys", b"ilst"} else meta.body + 4
    parts = {box.kind: box for box in boxes(stream, start, meta.end) if box.end <= meta.end}
    changed = False
    if b"keys" in parts and b"ilst" in parts:
        changed |= _keyed(content, stream, parts[b"keys"], parts[b"ilst"])
    if b"iinf" in parts and b"iloc" in parts:
        for start, end in _metadata_items(content, stream, parts):
            changed |= _metadata_item(content, start, end)
    return changed


def _keyed(content: _Bytes, stream: BinaryIO, keys: Box, listed: Box) -> bool:
    position, number, wanted = keys.body + 8, 0, set[int]()
    while position + 8 <= keys.end:
        length, number = max(8, int.from_bytes(content[position : position + 4], "big")), number + 1
        if b"location" in content[position + 8 : position + length].lower():
            wanted.add(number)
        position += length
    changed = False
    for box in boxes(stream, listed.body, listed.end):
        if box.end <= listed.end and int.from_bytes(box.kind, "big") in wanted and box.end - box.body > 16:
            content[box.body + 16 : box.end] = b" " * (box.end - box.body - 16)
            changed = True
    return changed


def _metadata_items(content: _Bytes, stream: BinaryIO, parts: dict[bytes, Box]) -> Iterator[tuple[int, int]]:
    """Where the Exif and XMP items of a HEIC or AVIF picture lie."""
    listing = parts[b"iinf"]
    first = listing.body + (6 if content[listing.body] == 0 else 8)
    wanted = set()
    for box in boxes(stream, first, listing.end):
        if box.kind == b"infe" and box.end <= listing.end and content[box.body] >= 2:
            wide = content[box.body] > 2
            at = box.body + 4 + (4 if wide else 2) + 2
            if content[at : at + 4] in {b"Exif", b"mime"}:
                wanted.add(int.from_bytes(content[box.body + 4 : box.body + (8 if wide else 6)], "big"))
    for item, start, length in _locations(content, parts[b"iloc"]):
        if item in wanted and start + length <= len(content):
            yield start, start + length


def _locations(content: _Bytes, box: Box) -> Iterator[tuple[int, int, int]]:
    reader = BytesIO(content[box.body : box.end])

    def number(size: int) -> int:
        return int.from_bytes(reader.read(size), "big")

    version = number(4) >> 24
    sizes = number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    for _ in range(number(2 if version < 2 else 4)):
        item = number(2 if version < 2 else 4)
        method = number(2) & 15 if version else 0
        number(2)
        base = number(base_size)
        for _ in range(number(2)):
            number(index_size)
            offset, length = number(offset_size), number(length_size)
            if method == 0:
                yield item, base + offset, length


def _metadata_item(content: _Bytes, start: int, end: int) -> bool:
    if b"<x:xmpmeta" in content[start : min(end, start + 512)] or b"<?xpacket" in content[start : min(end, start + 64)]:
        return _blank_xmp(content, start, end)
    tiff = start + 4 + int.from_bytes(content[start : start + 4], "big")
    return _tiff(content, tiff, end) if tiff < end else False
