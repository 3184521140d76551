"""Files made to hurt: each is refused or ends as failed with a reason; no foreign byte is read, nothing is called."""

from __future__ import annotations

import io
import resource
import socket
import subprocess
import sys
import time
import zipfile

import pytest
from PIL import Image
from tests.media.makers import box, mp4, write, zipped

from tongke.errors import RefusedContent
from tongke.media import refusals
from tongke.media.models import RenditionState
from tongke.media.probe import probe
from tongke.media.sandbox import ToolFailed, run, workspace
from tongke.media.sniff import sniff
from tongke.storage.base import blob_key

pytestmark = [pytest.mark.media, pytest.mark.slow]


@pytest.fixture
def foreign_film(desk, film):
    """Another teacher's film as it really lies in the store."""
    asset = desk.add(film("private.ts", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-f", "mpegts"), "private.ts")
    return desk.store.path_of(blob_key(asset.sha256))


@pytest.fixture
def canary():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def playlists(target) -> dict[str, str]:
    return {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{target}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile '{target}'\n",
        "hls file:": f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile:{target}\n#EXT-X-ENDLIST\n",
    }


@pytest.mark.parametrize("kind", ["hls", "concat", "hls file:"])
def test_playlist_named_mp4_is_refused(tmp_path, foreign_film, kind):
    path = write(tmp_path / "upload", playlists(foreign_film)[kind])

    with pytest.raises(RefusedContent) as raised:
        sniff(path, "公开课.mp4")

    assert raised.value.message == refusals.PLAYLIST


@pytest.mark.parametrize("kind", ["hls", "concat", "hls file:"])
@pytest.mark.parametrize("media_type", ["video/mp4", "video/x-matroska", "video/mp2t", "audio/mpeg"])
def test_playlist_that_got_past_the_door_reads_nothing(tmp_path, foreign_film, kind, media_type):
    with workspace("source.media") as place:
        write(place.source, playlists(foreign_film)[kind])
        with pytest.raises(ToolFailed) as raised:
            probe("ffprobe", place, media_type)

    assert "h264" not in raised.value.words


@pytest.mark.skipif(sys.platform != "linux", reason="the wall is Linux's")
@pytest.mark.parametrize("kind", ["hls", "concat"])
def test_even_a_careless_ffprobe_cannot_leave_its_folder(foreign_film, kind):
    careless = ["ffprobe", "-v", "error", "-protocol_whitelist", "file,http,tcp"]
    everything = ["-allowed_extensions", "ALL", "-allowed_segment_extensions", "ALL", "-extension_picky", "0"]
    options = [*careless, *(everything if kind == "hls" else ["-safe", "0"])]
    shown = ["-show_entries", "stream=codec_name", "-of", "csv=p=0"]
    with workspace("source.mp4") as place:
        write(place.source, playlists(foreign_film)[kind])
        bare = subprocess.run(
            [*options, "-f", kind, *shown, str(place.source)], capture_output=True, text=True, check=False
        )
        try:
            confined = run([*options, "-f", kind, *shown, str(place.source)], place)
        except ToolFailed:
            confined = b""

    assert "h264" in bare.stdout  # outside the walls the same file is opened: the attack is real
    assert b"h264" not in confined


def test_playlist_calls_nobody(canary):
    address = f"http://127.0.0.1:{canary.getsockname()[1]}/x.ts"
    with workspace("source.mp4") as place:
        write(place.source, playlists(address)["hls"])
        with pytest.raises(ToolFailed):
            run(["ffprobe", "-v", "error", "-f", "hls", str(place.source)], place)
    with pytest.raises(TimeoutError):
        canary.accept()


def test_film_with_references_outside_reads_nothing(desk, foreign_film, tmp_path):
    dref = box(b"dref", bytes(4), b"\0\0\0\1", box(b"url ", bytes(4), f"file://{foreign_film}\0".encode()))
    path = write(tmp_path / "a.mov", mp4(b"vide", brand=b"qt  ", extra=box(b"udta", dref)))
    asset = desk.add(path)

    desk.work()

    states = desk.states(asset)
    assert {states[kind] for kind in ("hls", "mp4_240", "poster")} == {RenditionState.FAILED}


@pytest.mark.parametrize("seed", range(6))
def test_malformed_film_ends_in_time_with_a_verdict(desk, film, tmp_path, seed):
    import random

    dice = random.Random(seed)
    content = bytearray(
        film("課.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart", seconds=1).read_bytes()
    )
    start = content.index(b"moov") + 8
    for _ in range(40):
        content[dice.randrange(start, min(len(content), start + 3000))] = dice.randrange(256)
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    try:
        asset = desk.add(write(tmp_path / "a.mp4", bytes(content)))
    except RefusedContent:
        return
    desk.work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert set(desk.states(asset).values()) <= {RenditionState.READY, RenditionState.FAILED}
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 60
    assert time.monotonic() - started < 120


def test_film_that_claims_to_be_endless_is_no_trouble(desk, film, tmp_path):
    content = bytearray(film("課.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", seconds=1).read_bytes())
    at = content.index(b"mvhd")
    content[at + 20 : at + 24] = b"\x7f\xff\xff\xff"
    asset = desk.add(write(tmp_path / "a.mp4", bytes(content)))

    desk.work()

    assert set(desk.states(asset).values()) <= {RenditionState.READY, RenditionState.FAILED}


def test_pdf_bomb_and_script_take_down_nothing(desk, tmp_path):
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9000000 9000000]/Contents 4 0 R>>",
        b"<</Length 0>>stream\n\nendstream",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    content += table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(content))
    asset = desk.add(write(tmp_path / "a.pdf", content))

    desk.work()

    states = desk.states(asset)
    assert states["pages"] in {RenditionState.READY, RenditionState.FAILED}
    sizes = desk.made(asset)["pages"].details.get("sizes", [])
    assert all(max(size) <= 1280 for size in sizes)


def test_locked_pdf_says_so(desk, tmp_path):
    content = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    content += b"3 0 obj<</Filter/Standard/V 1/R 2/O(" + b"a" * 32 + b")/U(" + b"b" * 32 + b")/P -4>>endobj\n"
    content += b"trailer<</Size 4/Root 1 0 R/Encrypt 3 0 R/ID[(x)(x)]>>\nstartxref\n0\n%%EOF"
    asset = desk.add(write(tmp_path / "a.pdf", content))

    desk.work()

    assert desk.made(asset)["pages"].failure["source"] == refusals.ENCRYPTED.source


def test_office_file_cannot_read_the_servers_files(desk, tmp_path):
    secret = write(tmp_path / "secret.txt", "the secret of this machine")
    xml = f"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>before &e; after</w:t></w:r></w:p></w:body></w:document>"""
    import docx

    blank = io.BytesIO()
    docx.Document().save(blank)
    with zipfile.ZipFile(blank) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["word/document.xml"] = xml.encode()
    asset = desk.add(write(tmp_path / "a.docx", zipped(files)))

    desk.work()

    made = desk.made(asset)
    assert "secret" not in str(made["text"].details)
    assert all(b"the secret of" not in b"".join(desk.store.read(stat.key)) for stat in desk.store.keys("renditions/"))


def test_picture_bomb_is_refused_before_decoding(tmp_path):
    small = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(small, "PNG")
    path = write(tmp_path / "a.png", small.getvalue())
    started = time.process_time()

    with pytest.raises(RefusedContent) as raised:
        sniff(path, "a.png")

    assert raised.value.message.source == refusals.TOO_MANY_PIXELS.source
    assert time.process_time() - started < 0.5


def test_polyglot_photo_leaves_its_passenger(desk, tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "a.jpg")
    path = write(
        tmp_path / "b.jpg", (tmp_path / "a.jpg").read_bytes() + zipped({"x.html": "<script>alert(1)</script>"})
    )
    asset = desk.add(path)

    desk.work()

    assert desk.states(asset) == {"thumbnail": RenditionState.READY}
    assert desk.store.stat(desk.made(asset)["thumbnail"].entry).size_bytes < 4000
