"""Files are what their bytes say; what is refused is refused with a reason a teacher understands."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.media.makers import box, mp4, ole, write, zipped

from tongke.errors import RefusedContent
from tongke.media import archives, packages, refusals
from tongke.media.models import MediaKind
from tongke.media.sniff import sniff

REAL = Path(__file__).parents[2].parent / "shared" / "data" / "packages"
CONTENT_TYPES = {"[Content_Types].xml": "<Types/>"}
TS = b"".join(b"\x47" + bytes(187) for _ in range(8))
MP3 = (b"\xff\xfb\x90\x00" + bytes(413)) * 4
AAC = (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)) * 4


def real_files() -> list[Path]:
    return [path for path in sorted(REAL.rglob("*")) if path.is_file() and path.suffix != ".tsv"]


def png(size: tuple[int, int]) -> bytes:
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">2I5B", *size, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


def sniff_bytes(tmp_path: Path, content: bytes | str, name: str):
    return sniff(write(tmp_path / "upload", content), name)


def refusal(tmp_path: Path, content: bytes | str, name: str) -> str:
    with pytest.raises(RefusedContent) as raised:
        sniff_bytes(tmp_path, content, name)
    return raised.value.message.source


def test_ordinary_files_are_all_accepted():
    if not REAL.exists():
        pytest.skip("../shared/data/packages is not on this machine")
    kinds = {path.relative_to(REAL).as_posix(): sniff(path, path.name).kind for path in real_files()}

    assert len(kinds) > 30
    folders = {
        "audio": {"audio"},
        "h5p": {"archive"},
        "hostile": {"archive"},
        "office": {"office", "pdf", "archive"},
        "scorm": {"archive"},
        "video": {"video", "audio"},
    }
    assert {name: kind for name, kind in kinds.items() if kind not in folders[name.split("/")[0]]} == {}
    assert kinds["video/opencast_audio_only.mov"] == MediaKind.AUDIO


def short_name(value: object) -> str:
    """Name a case by its words, not by its bytes."""
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize(
    ("content", "name", "media_type", "extension"),
    [
        (mp4(b"vide", b"soun"), "课.mp4", "video/mp4", ".mp4"),
        (mp4(b"vide"), "课", "video/mp4", ".mp4"),
        (mp4(b"vide", brand=b"qt  "), "a.mp4", "video/quicktime", ".mov"),
        (mp4(b"vide", brand=b"3gp5"), "a.mp4", "video/3gpp", ".3gp"),
        (mp4(b"soun"), "a.mp4", "audio/mp4", ".m4a"),
        (box(b"wide") + mp4(b"vide")[16 + 4 :], "old.mov", "video/quicktime", ".mov"),
        (box(b"ftyp", b"heic", bytes(4), b"mif1") + box(b"meta", bytes(4)) + box(b"mdat", b"x"), "p.heic", "image/heic", ".heic"),
        (b"RIFF\0\0\1\0AVI LIST" + bytes(64), "a.avi", "video/x-msvideo", ".avi"),
        (b"RIFF\0\0\1\0WAVEfmt " + bytes(64), "a.wav", "audio/wav", ".wav"),
        (b"\x1aE\xdf\xa3\x93\x42\x82\x88matroska" + b"V_MPEG4", "a.mkv", "video/x-matroska", ".mkv"),
        (b"\x1aE\xdf\xa3\x93\x42\x82\x84webm" + b"A_OPUS", "a.webm", "audio/webm", ".weba"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(40) + bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b"), "a.wmv", "video/x-ms-wmv", ".wmv"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(40), "a.wma", "audio/x-ms-wma", ".wma"),
        (b"FLV\x01\x05" + bytes(32), "a.flv", "video/x-flv", ".flv"),
        (b"\0\0\x01\xba\x44" + bytes(64), "a.mpg", "video/mpeg", ".mpg"),
        (TS, "a.mts", "video/mp2t", ".ts"),
        (MP3, "a.mp3", "audio/mpeg", ".mp3"),
        (b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + MP3, "a.mp3", "audio/mpeg", ".mp3"),
        (AAC, "a.aac", "audio/aac", ".aac"),
        (b"fLaC" + bytes(32), "a.flac", "audio/flac", ".flac"),
        (b"OggS" + bytes(32), "a.ogg", "audio/ogg", ".ogg"),
        (b"%PDF-1.4\n1 0 obj\nstartxref\n0\n%%EOF", "a.pdf", "application/pdf", ".pdf"),
        (b"{\\rtf1 hello}", "a.doc", "application/rtf", ".rtf"),
        (ole("WordDocument"), "a.doc", "application/msword", ".doc"),
        (ole("WordDocument"), "教案.wps", "application/wps-office.wps", ".wps"),
        (ole("Workbook"), "成绩.et", "application/wps-office.et", ".et"),
        (ole("PowerPoint Document"), "课件.dps", "application/wps-office.dps", ".dps"),
        (ole("PowerPoint Document"), "课件.ppt", "application/vnd.ms-powerpoint", ".ppt"),
        (zipped({**CONTENT_TYPES, "ppt/presentation.xml": "<p/>"}), "a.pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}), "a.odt", "application/vnd.oasis.opendocument.text", ".odt"),
        (zipped({"第一课/教案.txt": "你好", "index.html": "<html>"}), "a.zip", "application/zip", ".zip"),
        ("同课 同课 同课\n第二行", "说明.txt", "text/plain", ".txt"),
        ("同课异构，小数除法。\n".encode("gb18030"), "说明.txt", "text/plain", ".txt"),
        ("同课".encode("utf-16"), "说明.txt", "text/plain", ".txt"),
        ("# 教案\n", "a.md", "text/markdown", ".md"),
        ("姓名,分数\n".encode("gb18030"), "a.csv", "text/csv", ".csv"),
        ("\ufeffWEBVTT\n\n00:00.000 --> 00:01.000\n好\n", "a.vtt", "text/vtt", ".vtt"),
        ("1\r\n00:00:00,000 --> 00:00:01,000\r\n你好\r\n".encode("gb18030"), "a.srt", "application/x-subrip", ".srt"),
    ],
    ids=short_name,
)  # fmt: skip
def test_type_comes_from_the_bytes(tmp_path, content, name, media_type, extension):
    found = sniff_bytes(tmp_path, content, name)

    assert (found.media_type, found.extension) == (media_type, extension)


@pytest.mark.parametrize("extension", ["png", "gif", "bmp", "webp", "tiff", "jpeg", "avif"])
def test_pictures_are_recognised(tmp_path, extension):
    Image.new("RGB", (9, 7)).save(tmp_path / f"a.{extension}")

    found = sniff(tmp_path / f"a.{extension}", "照片")

    assert (found.kind, found.media_type) == (MediaKind.IMAGE, f"image/{extension}")


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.mp4", refusals.EMPTY),
        ("#EXTM3U\n#EXTINF:1,\n/srv/objects/sha256/ab\n#EXT-X-ENDLIST\n", "课.mp4", refusals.PLAYLIST),
        ("\ufeff#EXTM3U\nhttp://10.0.0.1/x\n", "课.ts", refusals.PLAYLIST),
        ("ffconcat version 1.0\nfile '/etc/passwd'\n", "课.mp4", refusals.PLAYLIST),
        ("# comment\nfile 'a.ts'\nduration 3\n", "课.txt", refusals.PLAYLIST),
        ("<asx version='3.0'><entry/></asx>", "课.wmv", refusals.PLAYLIST),
        ("[InternetShortcut]\r\nURL=http://example.com/\r\n", "好课.mp4", refusals.SHORTCUT),
        ("[InternetShortcut]\r\nURL=http://example.com/\r\n", "好课.url", refusals.SHORTCUT),
        (bytes.fromhex("4c0000000114020000000000c000000000000046") + bytes(60), "好课.lnk", refusals.SHORTCUT),
        ("<!DOCTYPE html><title>x</title>", "a.txt", refusals.WEB_PAGE),
        ("<!-- %PDF-1.4 --><html><script>alert(1)</script>\nstartxref %%EOF", "a.pdf", refusals.WEB_PAGE),
        ("hello <script>alert(1)</script>", "a.txt", refusals.WEB_PAGE),
        ("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "a.png", refusals.DRAWING),
        ("#!/bin/sh\nrm -rf /\n", "a.txt", refusals.SCRIPT),
        ("print('你好')\n", "作业.py", refusals.SCRIPT),
        ("@echo off\r\ndel *\r\n", "a.txt", refusals.SCRIPT),
        (b"MZ\x90\0\x03\0\0\0" + bytes(120), "课件.pptx", refusals.PROGRAM),
        (b"\x7fELF\x02\x01" + bytes(120), "a.mp4", refusals.PROGRAM),
        (zipped({"AndroidManifest.xml": "x", "classes.dex": "x"}), "a.zip", refusals.PROGRAM),
        (b"Rar!\x1a\x07\x01\0" + bytes(64), "a.rar", refusals.OTHER_ARCHIVE),
        (b"7z\xbc\xaf\x27\x1c" + bytes(64), "a.zip", refusals.OTHER_ARCHIVE),
        (b"FWS\x09" + struct.pack("<I", 100) + bytes(92), "a.swf", refusals.FLASH),
        (ole("EncryptionInfo", "EncryptedPackage"), "a.docx", refusals.ENCRYPTED),
        (ole("WordDocument", contents={"WordDocument": b"\xec\xa5" + bytes(8) + b"\0\x01"}), "a.doc", refusals.ENCRYPTED),
        (ole("Workbook", contents={"Workbook": struct.pack("<2H", 0x809, 4) + bytes(4) + struct.pack("<2H", 0x2F, 6)}), "a.xls", refusals.ENCRYPTED),
        ("一段文字", "课.mp4", refusals.TEXT_IN_DISGUISE),
        (b".RMF\0\0\0\x12" + bytes(64), "a.rmvb", refusals.OLD_MEDIA),
        (mp4(b"vide")[:-10], "a.mp4", refusals.TRUNCATED),
        (box(b"ftyp", b"isom", bytes(4)) + struct.pack(">I4s", 90_000, b"mdat") + bytes(64), "a.mp4", refusals.TRUNCATED),
        (box(b"ftyp", b"isom", bytes(4)) + struct.pack(">I4s", 3, b"moov") + bytes(64), "a.mp4", refusals.DAMAGED),
        (box(b"ftyp", b"isom", bytes(4)) + struct.pack(">I4sQ", 1, b"moov", 7) + bytes(64), "a.mp4", refusals.DAMAGED),
        (box(b"ftyp", b"isom", bytes(4)) + box(b"moov", struct.pack(">I4s", 9999, b"trak")), "a.mp4", refusals.DAMAGED),
        (b"%PDF-1.7\n1 0 obj\n" + bytes(100), "a.pdf", refusals.TRUNCATED),
        (zipped({"a": "x" * 900})[:-30], "a.zip", refusals.TRUNCATED),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "a.png", refusals.DAMAGED),
        (png((60_000, 60_000)), "a.png", refusals.TOO_MANY_PIXELS),
        (bytes(range(256)) * 8, "a.bin", refusals.UNKNOWN),
    ],
    ids=short_name,  # bytes that hold the time would name a test anew each second
)  # fmt: skip
def test_refused_with_its_own_reason(tmp_path, content, name, reason):
    assert refusal(tmp_path, content, name) == reason.source


def test_office_macros_are_a_warning_not_a_refusal(tmp_path):
    content = zipped({**CONTENT_TYPES, "word/document.xml": "<w/>", "word/vbaProject.bin": "x"})

    found = sniff_bytes(tmp_path, content, "a.docm")

    assert (found.kind, found.warnings) == (MediaKind.OFFICE, (packages.MACROS,))


def test_programs_in_a_zip_are_named(tmp_path):
    assert refusal(tmp_path, zipped({"课件/start.exe": b"MZ"}), "a.zip") == archives.PROGRAM_INSIDE.source


def test_polyglots_are_what_they_begin_with(tmp_path):
    Image.new("RGB", (9, 7)).save(tmp_path / "a.gif")
    picture = (tmp_path / "a.gif").read_bytes() + zipped({"x.html": "<script>"})

    assert sniff_bytes(tmp_path, picture, "a.zip").media_type == "image/gif"


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from(
        [mp4(b"vide"), mp4(b"soun", b"vide"), ole("WordDocument"), zipped({"a": "b"}), MP3, TS, b"RIFF", b"%PDF-1.4"]
    ),
    noise=st.binary(max_size=300),
    cut=st.integers(0, 400),
)
def test_whatever_arrives_is_named_or_refused(tmp_path, start, noise, cut):
    path = write(tmp_path / "upload", start[:cut] + noise + start[cut:])

    try:
        kind = sniff(path, "a.mp4").kind
    except RefusedContent as error:
        kind = error.message.source

    assert kind
