"""Archives as attackers send them: refused in less than two seconds and 64 MiB, and nothing lands outside."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from tests.media.makers import write, zipped

from tongke.errors import RefusedContent
from tongke.media import archives, refusals

MEBIBYTE = 1024 * 1024


def raw_zip(*entries: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for info, content in entries:
            archive.writestr(info, content)
    return out.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


def bomb(megabytes: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w") as entry:
        for _ in range(megabytes):
            entry.write(bytes(MEBIBYTE))
    return out.getvalue()


def overlapping() -> bytes:
    """Many directory entries that share one file's bytes."""
    content = bytearray(zipped({"a": b"x" * 10_000}))
    start = content.rindex(b"PK\x01\x02")
    end = content.rindex(b"PK\x05\x06")
    entry, tail = content[start:end], content[end:]
    entries = b"".join(bytes(entry[:46]) + bytes([97 + n]) for n in range(20))
    struct.pack_into("<2H2I", tail, 8, 20, 20, len(entries), start)
    return bytes(content[:start]) + entries + bytes(tail)


def renamed_in_directory() -> bytes:
    content = bytearray(zipped({"good.txt": "x"}))
    at = content.rindex(b"good.txt")
    content[at : at + 8] = b"evil.txt"
    return bytes(content)


def lying_size() -> bytes:
    content = bytearray(zipped({"a": b"x" * 1000}))
    struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 24, 10)
    return bytes(content)


def nested(depth: int) -> bytes:
    content = zipped({"a.txt": "x"})
    for n in range(depth):
        content = zipped({f"{n}.zip": content})
    return content


def locked() -> bytes:
    content = bytearray(zipped({"a": "secret"}))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


HOSTILE = {
    "absolute": (lambda: zipped({"/etc/passwd": "x"}), archives.BAD_NAME),
    "parent": (lambda: zipped({"a/../../x": "x"}), archives.BAD_NAME),
    "backslash": (lambda: raw_zip((zipfile.ZipInfo("a"), b"x")).replace(b"a", b"\\"), archives.BAD_NAME),
    "drive": (lambda: zipped({"C:evil.txt": "x"}), archives.BAD_NAME),
    "device": (lambda: zipped({"aux.txt": "x"}), archives.BAD_NAME),
    "symlink": (lambda: raw_zip((link("a"), b"/etc")), archives.LINK),
    "case duplicate": (lambda: zipped({"A.txt": "x", "a.TXT": "y"}), archives.DOUBLE_NAME),
    "file as folder": (lambda: zipped({"a": "x", "a/b": "y"}), archives.DOUBLE_NAME),
    "names disagree": (renamed_in_directory, archives.CONTRADICTION),
    "overlap": (overlapping, archives.CONTRADICTION),
    "size lies": (lying_size, archives.CONTRADICTION),
    "bomb": (lambda: bomb(400), archives.BOMB),
    "nested bomb": (lambda: zipped({f"{n}.zip": bomb(40) for n in range(3)}), archives.BOMB),
    "nested deep": (lambda: nested(4), archives.NESTED_TOO_DEEP),
    "many": (lambda: zipped({str(n): "" for n in range(20_001)}), archives.TOO_MANY),
    "lzma": (lambda: _with(zipfile.ZIP_LZMA), archives.ODD_METHOD),
    "encrypted": (locked, refusals.ENCRYPTED),
    "cut": (lambda: zipped({"a": "x" * 500})[:-20], refusals.TRUNCATED),
}


def _with(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a", "x")
    return out.getvalue()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archive_is_refused_fast_and_small(tmp_path, name):
    make, reason = HOSTILE[name]
    path = write(tmp_path / "a.zip", make())

    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(RefusedContent) as raised:
        archives.inspect(path)
    seconds, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert raised.value.message.source == reason.source
    assert seconds < 4  # tracing doubles the two seconds that are allowed
    assert peak < 64 * MEBIBYTE


@pytest.mark.parametrize("name", [key for key in HOSTILE if key not in {"many", "bomb", "nested bomb", "nested deep"}])
def test_nothing_is_written_outside(tmp_path, name):
    target = tmp_path / "in" / "here"
    target.mkdir(parents=True)

    with pytest.raises(RefusedContent):
        archives.extract(write(tmp_path / "a.zip", HOSTILE[name][0]()), target)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "in"]
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["here"]


def test_honest_archive_is_unpacked_with_chinese_names(tmp_path):
    info = zipfile.ZipInfo("x" * 9)
    content = raw_zip((info, "教案".encode())).replace(b"x" * 9, "第一课.t".encode("gb18030").ljust(9, b"t"))
    target = tmp_path / "out"
    target.mkdir()

    written = archives.extract(write(tmp_path / "a.zip", content), target)

    assert [path.name for path in written] == ["第一课.tt"[: len(written[0].name)]]
    assert written[0].read_text("utf-8") == "教案"


def test_distinct_full_width_names_are_no_duplicates(tmp_path):
    path = write(tmp_path / "a.zip", zipped({"1.txt": "x", "１.txt": "y"}))

    assert [entry.name for entry in archives.inspect(path)] == ["1.txt", "１.txt"]


def test_zip_of_office_files_is_accepted(tmp_path):
    inner = zipped({"[Content_Types].xml": "<x/>", "word/document.xml": "x" * 1000})
    path = write(Path(tmp_path) / "a.zip", zipped({"一.docx": inner, "二.docx": inner}))

    assert len(archives.inspect(path)) == 2
