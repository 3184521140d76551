"""A photo or film forgets where it was taken and nothing else."""

from __future__ import annotations

import struct
import subprocess

import pytest
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo
from tests.media.makers import box, handler, write

from tongke.media.position import strip_position

LATITUDE = (30.0, 15.0, 12.34)
XMP = b'<?xpacket begin=""?><x:xmpmeta><rdf exif:GPSLatitude="30,15.2N"/></x:xmpmeta>'


def photo(path, **more) -> None:
    image = Image.radial_gradient("L").convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "HUAWEI"
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2026:09:01 08:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: LATITUDE})
    image.save(path, exif=exif, **more)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.jpg", "image/jpeg"),
        ("a.png", "image/png"),
        ("a.webp", "image/webp"),
        ("a.avif", "image/avif"),
    ],
)
def test_position_is_gone_and_all_else_stays(tmp_path, name, media_type):
    path = tmp_path / name
    photo(path)
    with Image.open(path) as image:
        before = image.convert("RGB")
        assert image.getexif().get_ifd(0x8825)

    assert strip_position(path, media_type) is True

    with Image.open(path) as image:
        exif = image.getexif()
        assert 0x8825 not in exif
        assert exif.get_ifd(0x8825) == {}
        assert (exif[0x010F], exif[0x0112]) == ("HUAWEI", 6)
        assert exif.get_ifd(0x8769)[0x9003] == "2026:09:01 08:00:00"
        assert ImageChops.difference(image.convert("RGB"), before).getbbox() is None
    seconds = struct.pack("<2I", 1234, 100), struct.pack(">2I", 1234, 100)
    assert not any(raw in path.read_bytes() for raw in seconds)
    assert strip_position(path, media_type) is False


def test_xmp_position_and_what_hangs_behind_a_jpeg_are_gone(tmp_path):
    path = tmp_path / "a.jpg"
    photo(path, xmp=XMP)
    whole = path.read_bytes()
    write(path, whole + b"\0\0\0\x18ftypmp42 the film of a moving photo")

    assert strip_position(path, "image/jpeg") is True

    assert len(path.read_bytes()) == len(whole)
    assert b"GPSLatitude" not in path.read_bytes()


def test_png_text_profiles_are_gone(tmp_path):
    path = tmp_path / "a.png"
    notes = PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    notes.add_text("Raw profile type exif", "4578696600", zip=True)
    notes.add_text("Title", "圆的面积")
    Image.new("RGB", (4, 4)).save(path, pnginfo=notes)

    assert strip_position(path, "image/png") is True

    with Image.open(path) as image:
        image.load()
        assert set(image.text) == {"Title", "Comment"}
        assert image.text["Title"] == "圆的面积"


def test_heic_position_is_gone(tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: LATITUDE})
    item = struct.pack(">I", 6) + exif.tobytes()
    infe = box(b"infe", b"\2\0\0\0", struct.pack(">2H", 7, 0), b"Exif\0")
    listing = box(b"iinf", bytes(4), struct.pack(">H", 1), infe)

    def heic(offset: int) -> bytes:
        iloc = box(b"iloc", bytes(4), b"\x44\0", struct.pack(">HHHH2I", 1, 7, 0, 1, offset, len(item)))
        return (
            box(b"ftyp", b"heic", bytes(4))
            + box(b"meta", bytes(4), box(b"hdlr", bytes(8), b"pict"), listing, iloc)
            + box(b"mdat", item)
        )

    content = heic(len(heic(0)) - len(item))
    path = write(tmp_path / "a.heic", content)

    assert strip_position(path, "image/heic") is True

    left = path.read_bytes()
    assert len(left) == len(content)
    cleaned = Image.Exif()
    cleaned.load(left[-len(item) + 4 :])
    assert dict(cleaned) == {}


def test_film_position_is_gone(tmp_path):
    xyz = box(b"\xa9xyz", struct.pack(">2H", 18, 0), b"+30.2500+120.1600/")
    keys = box(b"keys", bytes(4), struct.pack(">I", 1), box(b"mdta", b"com.apple.quicktime.location.ISO6709"))
    listed = box(b"ilst", box(struct.pack(">I", 1), box(b"data", struct.pack(">2I", 1, 0), b"+30.2500+120.1600/")))
    meta = box(b"meta", box(b"hdlr", bytes(8), b"mdta"), keys, listed)
    content = (
        box(b"ftyp", b"qt  ", bytes(4))
        + box(b"moov", box(b"trak", box(b"mdia", handler(b"vide"))), box(b"udta", xyz), meta)
        + box(b"mdat", b"film")
    )
    path = write(tmp_path / "a.mov", content)

    assert strip_position(path, "video/quicktime") is True

    assert b"+30.25" not in path.read_bytes()
    assert path.stat().st_size == len(content)


@pytest.mark.media
def test_real_film_still_plays_without_its_position(tmp_path):
    path = tmp_path / "a.mp4"
    make = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=d=1:s=64x64:r=5",
        "-metadata",
        "location=+30.2500+120.1600/",
        str(path),
    ]
    subprocess.run(make, check=True)
    assert b"loci" in path.read_bytes()

    assert strip_position(path, "video/mp4") is True

    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", str(path)], check=True, capture_output=True, text=True
    ).stdout
    assert "+30.25" not in probe
    assert "duration=1.0" in probe


def test_tiff_position_is_gone(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "HUAWEI"
    exif.get_ifd(0x8825).update({1: "N", 2: LATITUDE})
    path = write(tmp_path / "a.tif", exif.tobytes()[6:])

    assert strip_position(path, "image/tiff") is True

    left = Image.Exif()
    left.load(b"Exif\0\0" + path.read_bytes())
    assert dict(left) == {0x010F: "HUAWEI"}


def test_damaged_metadata_is_left_alone(tmp_path):
    path = write(tmp_path / "a.jpg", b"\xff\xd8\xff\xe1\x00\x30Exif\0\0II*\0\xff\xff\xff\xff" + bytes(40))

    assert strip_position(path, "image/jpeg") is False
