"""Zip archives as strangers send them: everything is checked before anything is believed or unpacked."""

from __future__ import annotations

import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from tongke.i18n import say
from tongke.media import refusals
from tongke.media.refusals import filled, refuse

MEBIBYTE = 1024 * 1024
PIECE = 64 * 1024
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
END_RECORD = b"PK\x05\x06"
PROGRAMS = frozenset(
    {".exe", ".scr", ".com", ".bat", ".cmd", ".vbs", ".vbe", ".wsf", ".lnk", ".msi", ".ps1", ".hta", ".pif", ".dll"}
)
_NESTED = (b"PK\x03\x04",)
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10))})

BOMB = say("这个压缩包展开后大得不正常，可能会占满服务器，不能上传。请检查里面的文件，重新压缩。")
TOO_MANY = say("这个压缩包里的文件太多（超过 {count} 个）。请分成几个压缩包上传。")
BAD_NAME = say("压缩包里有一个文件的名字不安全：“{name}”。请改名后重新压缩。")
DOUBLE_NAME = say("压缩包里有两个文件重名（大小写不同也算）：“{name}”。请改名后重新压缩。")
LINK = say("压缩包里的“{name}”是一个链接，不是文件。请换成真正的文件后重新压缩。")
CONTRADICTION = say("这个压缩包的目录和内容对不上，可能已经损坏。请重新压缩后再上传。")
PROGRAM_INSIDE = say("压缩包里有程序文件“{name}”，不能上传。请去掉它，重新压缩。")
NESTED_TOO_DEEP = say("压缩包里一层套一层的压缩包太多。请解压后重新压缩成一层。")
ODD_METHOD = say("这个压缩包用了少见的压缩方式。请用普通的 zip 方式重新压缩。")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold once unpacked."""

    total_bytes: int = 8 * 1024 * MEBIBYTE
    entries: int = 20_000
    directory_bytes: int = 16 * MEBIBYTE
    ratio: int = 200
    ratio_from_bytes: int = 24 * MEBIBYTE
    depth: int = 2
    allow_programs: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive; ``name`` is a relative POSIX path in Unicode (Chinese Windows writes GBK)."""

    name: str
    size_bytes: int
    index: int


class _Budget:
    """What is left of the limits, shared with archives inside the archive."""

    def __init__(self, limits: Limits, packed_bytes: int) -> None:
        self.limits, self.packed, self.bytes = limits, packed_bytes, 0

    def take(self, count: int) -> None:
        self.bytes += count
        too_dense = self.bytes > self.limits.ratio_from_bytes and self.bytes > self.limits.ratio * self.packed
        if too_dense or self.bytes > self.limits.total_bytes:
            raise refuse(BOMB)


def inspect(path: Path, limits: Limits | None = None) -> tuple[Entry, ...]:
    """Inflate every entry while counting; gives the files, or raises ``RefusedContent`` saying what is wrong."""
    limits = limits or Limits()
    with path.open("rb") as stream:
        return tuple(_checked(stream, _Budget(limits, path.stat().st_size), depth=0))


def names(path: Path, limits: Limits | None = None) -> tuple[Entry, ...]:
    """Check the directory alone, inflating nothing: enough to tell what sort of package this is."""
    with path.open("rb") as stream, _opened(stream, limits or Limits()) as archive:
        return tuple(entry for entry, _ in _entries(stream, archive, limits or Limits()))


def refuse_programs(entry_names: Iterable[str]) -> None:
    """Raise when one of the names is that of a program for Windows."""
    for name in entry_names:
        if PurePosixPath(name).suffix.lower() in PROGRAMS:
            raise refuse(filled(PROGRAM_INSIDE, name=name))


def extract(path: Path, directory: Path, limits: Limits | None = None) -> list[Path]:
    """Unpack into ``directory`` (which holds nothing yet); on refusal what was written stays there, inside it."""
    limits = limits or Limits()
    written: list[Path] = []
    with path.open("rb") as stream, _opened(stream, limits) as archive:
        budget = _Budget(limits, path.stat().st_size)
        for entry, info in _entries(stream, archive, limits):
            target = directory / entry.name
            if not target.resolve().is_relative_to(directory.resolve()):
                raise refuse(filled(BAD_NAME, name=entry.name))
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as copy:
                _inflate(archive, info, budget, copy.write)
            written.append(target)
    return written


def _checked(stream: BinaryIO, budget: _Budget, depth: int) -> Iterator[Entry]:
    with _opened(stream, budget.limits) as archive:
        for entry, info in _entries(stream, archive, budget.limits):
            _check_content(archive, info, budget, depth)
            yield entry


def _check_content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget, depth: int) -> None:
    """Inflate one entry; an archive in it is looked into as well, against the same budget."""
    with SpooledTemporaryFile(max_size=MEBIBYTE) as inner:
        first = _inflate(archive, info, budget, _keep_if_archive(inner))
        if not first.startswith(_NESTED):
            return
        if depth >= budget.limits.depth:
            raise refuse(NESTED_TOO_DEEP)
        for _ in _checked(inner, budget, depth + 1):  # type: ignore[arg-type]
            pass


def _keep_if_archive(inner: SpooledTemporaryFile[bytes]) -> Callable[[bytes], int | None]:
    kept: list[bool] = []

    def keep(piece: bytes) -> int | None:
        if not kept:
            kept.append(piece.startswith(_NESTED))
        return inner.write(piece) if kept[0] else None

    return keep


def _inflate(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget, write: Callable[[bytes], int | None]
) -> bytes:
    """Read one entry in pieces, counting each before the next; gives its first bytes."""
    first, count = b"", 0
    try:
        with archive.open(info) as content:
            while piece := content.read(PIECE):
                first = first or piece[:8]
                count += len(piece)
                budget.take(len(piece))
                write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise refuse(CONTRADICTION) from error
    if count != info.file_size:
        raise refuse(CONTRADICTION)
    return first


def _opened(stream: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    _check_end(stream, limits)
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise refuse(refusals.TRUNCATED) from error


def _check_end(stream: BinaryIO, limits: Limits) -> None:
    """Read how large the directory says it is before a library takes it into memory."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 65_557))
    tail = stream.read()
    at = tail.rfind(END_RECORD)
    if at < 0 or len(tail) < at + 22:
        raise refuse(refusals.TRUNCATED)
    count, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    is_zip64 = 0xFFFFFFFF == directory_bytes or count == 0xFFFF  # noqa: SIM300
    locator = tail.rfind(b"PK\x06\x06", 0, at)
    if is_zip64 and locator >= 0:
        count, directory_bytes = struct.unpack_from("<2Q", tail, locator + 32)
    if directory_bytes > limits.directory_bytes or count > limits.entries:
        raise refuse(filled(TOO_MANY, count=limits.entries))


def _entries(stream: BinaryIO, archive: zipfile.ZipFile, limits: Limits) -> Iterator[tuple[Entry, zipfile.ZipInfo]]:
    infos = archive.infolist()
    if len(infos) > limits.entries:
        raise refuse(filled(TOO_MANY, count=limits.entries))
    _check_places(stream, infos, archive.start_dir)
    named = [(_name(info), info) for info in infos]
    _check_doubles([name for name, _ in named])
    for index, (name, info) in enumerate(named):
        _check_entry(info, name, limits)
        if not info.is_dir():
            yield Entry(name, info.file_size, index), info


def _check_places(stream: BinaryIO, infos: list[zipfile.ZipInfo], directory_at: int) -> None:
    """Each local header must say what the directory says, and no two entries may share bytes."""
    free_from = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < free_from:
            raise refuse(CONTRADICTION)
        stream.seek(info.header_offset)
        header = stream.read(LOCAL_HEADER.size)
        if len(header) < LOCAL_HEADER.size:
            raise refuse(CONTRADICTION)
        magic, _, flags, method, *_, name_length, extra_length = LOCAL_HEADER.unpack(header)
        raw_name = stream.read(name_length)
        wanted = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
        if magic != b"PK\x03\x04" or raw_name != wanted or method != info.compress_type or flags & 1:
            raise refuse(refusals.ENCRYPTED if flags & 1 else CONTRADICTION)
        free_from = info.header_offset + LOCAL_HEADER.size + name_length + extra_length + info.compress_size
        if free_from > directory_at:
            raise refuse(CONTRADICTION)


def _check_doubles(all_names: list[str]) -> None:
    folded = [_folded(name) for name in all_names]
    seen: set[str] = set()
    for name, key in zip(all_names, folded, strict=True):
        if key in seen:
            raise refuse(filled(DOUBLE_NAME, name=name))
        seen.add(key)
    files = {key for name, key in zip(all_names, folded, strict=True) if not name.endswith("/")}
    for key in folded:
        for parent in PurePosixPath(key).parents:
            if str(parent) in files:
                raise refuse(filled(DOUBLE_NAME, name=str(parent)))


def _check_entry(info: zipfile.ZipInfo, name: str, limits: Limits) -> None:
    path = PurePosixPath(name)
    is_odd = (
        not path.parts
        or path.is_absolute()
        or ".." in name.split("/")
        or any(ord(character) < ord(" ") or character in '\\:*?"<>|' for character in name)
        or any(part.split(".")[0].lower() in _RESERVED for part in path.parts)
        or any(len(part.encode()) > 255 for part in path.parts)  # longest name of common file systems
    )
    if is_odd:
        raise refuse(filled(BAD_NAME, name=name[:80]))
    if stat.S_ISLNK(info.external_attr >> 16):
        raise refuse(filled(LINK, name=name))
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise refuse(ODD_METHOD)
    if not limits.allow_programs:
        refuse_programs([name])


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name in Unicode: UTF-8 where flagged, otherwise whichever of UTF-8 and GB18030 fits."""
    original = info.orig_filename
    if not info.flag_bits & 0x800:
        raw = original.encode("cp437")
        for encoding in ("utf-8", "gb18030"):
            try:
                original = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return original


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.rstrip("/")).casefold()
