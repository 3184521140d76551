"""From a teacher's file to what a village can play, read and take away."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from PIL import Image
from tests.media.makers import mp4, write

from tongke.accounts.actor import ANONYMOUS, Actor
from tongke.accounts.models import Role
from tongke.config import Settings
from tongke.db import reading, transaction
from tongke.errors import Conflict, Forbidden
from tongke.i18n import Text
from tongke.media import queries, rendering, renditions, works
from tongke.media.models import RenditionState
from tongke.storage.base import rendition_key

pytestmark = [pytest.mark.media, pytest.mark.slow]
READY = RenditionState.READY
FILM = {"audio": READY, "hls": READY, "mp4_240": READY, "poster": READY, "storyboard": READY}


def stored(desk, asset, kind: str, name: str) -> bytes:
    return b"".join(desk.store.read(rendition_key(asset.sha256, kind, name)))


def probe(desk, asset, kind: str, name: str, what: str) -> str:
    path = desk.store.path_of(rendition_key(asset.sha256, kind, name))
    return subprocess.run(
        ["ffprobe", "-v", "error", "-of", "csv=p=0", "-show_entries", what, str(path)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def test_h264_film_gets_everything(desk, film):
    asset = desk.add(film("课.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", size="640x360", seconds=5))

    desk.work()

    assert desk.states(asset) == {**FILM, "remux": READY}
    made = desk.made(asset)
    assert {kind: row.entry.removeprefix(rendition_key(asset.sha256, kind, "")) for kind, row in made.items()} == {
        "hls": "master.m3u8",
        "mp4_240": "240p.mp4",
        "audio": "audio.m4a",
        "poster": "poster.webp",
        "storyboard": "storyboard.vtt",
        "remux": "video.mp4",
    }
    assert [(r["name"], r["width"], r["height"]) for r in made["hls"].details["rungs"]] == [
        ("240p", 426, 240),
        ("360p", 640, 360),
    ]
    known = desk.asset(asset)
    assert (round(known.duration_s), known.width, known.height) == (5, 640, 360)
    for kind, row in made.items():
        prefix = rendition_key(asset.sha256, kind, "")
        assert row.size_bytes == sum(stat.size_bytes for stat in desk.store.keys(prefix))


def test_hls_is_whole_and_plays(desk, film):
    asset = desk.add(film("课.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", size="640x360", seconds=5))
    desk.work()

    master = stored(desk, asset, "hls", "master.m3u8").decode()
    listed = set(re.findall(r"^\w+\.m3u8$", master, re.MULTILINE)) | set(re.findall(r'URI="([^"]+)"', master))
    assert listed == {"240p.m3u8", "360p.m3u8", "audio.m3u8"}
    for playlist in listed:
        text = stored(desk, asset, "hls", playlist).decode()
        files = set(re.findall(r"^\w+\.m4s$", text, re.MULTILINE))
        assert files == {playlist.replace("m3u8", "m4s")}
        ranges = [(int(size), int(start)) for size, start in re.findall(r"(\d+)@(\d+)", text)]
        assert sum(size for size, _ in ranges) <= len(stored(desk, asset, "hls", files.pop()))
        assert text.endswith("#EXT-X-ENDLIST\n")
    folder = desk.store.path_of(rendition_key(asset.sha256, "hls", "master.m3u8")).parent
    played = subprocess.run(
        [
            "ffprobe",
            "-v",
            "error",
            "-count_packets",
            "-select_streams",
            "v:0",
            "-of",
            "csv=p=0",
            "-show_entries",
            "stream=nb_read_packets",
            str(folder / "master.m3u8"),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "125" in played


def test_take_away_starts_playing_at_once(desk, film):
    asset = desk.add(film("课.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", size="640x360", seconds=5))
    desk.work()

    for kind, name in (("mp4_240", "240p.mp4"), ("remux", "video.mp4"), ("audio", "audio.m4a")):
        content = stored(desk, asset, kind, name)
        assert content.index(b"moov") < content.index(b"mdat")
    assert probe(desk, asset, "mp4_240", "240p.mp4", "stream=codec_name,height").split() == ["h264,240", "aac"]
    assert len(stored(desk, asset, "remux", "video.mp4")) == pytest.approx(asset.size_bytes, rel=0.05)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("old.wmv", ["-c:v", "wmv2", "-c:a", "wmav2"]),
        ("old.mpg", ["-c:v", "mpeg2video", "-c:a", "mp2", "-f", "mpeg"]),
        ("old.avi", ["-c:v", "mpeg4", "-c:a", "mp3"]),
        ("old.mov", ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16be"]),
        ("new.mkv", ["-c:v", "vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"]),
        ("tape.mpg", ["-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-top", "1", "-c:a", "mp2", "-f", "mpeg"]),
        ("flash.flv", ["-c:v", "flv1", "-c:a", "mp3", "-ar", "44100"]),
        ("phone.3gp", ["-c:v", "h263", "-s", "352x288", "-c:a", "aac"]),
    ],
)
def test_old_cameras_films_play_like_mp4(desk, film, name, options):
    asset = desk.add(film(name, *options, size="352x288"))

    desk.work()

    assert desk.states(asset) == FILM
    assert probe(desk, asset, "mp4_240", "240p.mp4", "stream=codec_name").split() == ["h264", "aac"]


@pytest.mark.parametrize("name", ["recorder.ts", "recorder.mkv", "camera.mov", "recorder.avi"])
def test_h264_in_other_containers_is_only_copied(desk, film, name):
    asset = desk.add(film(name, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "0", "-c:a", "aac"))

    desk.work()

    assert desk.states(asset) == {**FILM, "remux": READY}
    assert probe(desk, asset, "remux", "video.mp4", "stream=codec_name").split() == ["h264", "aac"]


def test_sound_a_browser_cannot_play_is_recoded_beside_the_copied_picture(desk, film):
    asset = desk.add(film("camera.mov", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"))

    desk.work()

    assert probe(desk, asset, "remux", "video.mp4", "stream=codec_name").split() == ["h264", "aac"]


def test_film_without_sound_has_no_sound_rendition(desk, film):
    asset = desk.add(film("silent.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", sound=False))

    desk.work()

    assert desk.states(asset) == {"hls": READY, "mp4_240": READY, "poster": READY, "remux": READY, "storyboard": READY}
    assert "audio" not in stored(desk, asset, "hls", "master.m3u8").decode()


def test_sound_in_a_film_container_becomes_sound(desk, film):
    asset = desk.add(film("only-sound.mkv", "-c:a", "aac", picture=False), "a.mkv")
    also = desk.add(film("only-sound.mpg", "-c:a", "mp2", "-f", "mpeg", picture=False))

    desk.work()

    assert desk.states(asset) == {"audio": READY}
    assert desk.states(also) == {"audio": READY}


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp3", "libmp3lame"),
        ("a.wav", "pcm_s16le"),
        ("a.ogg", "libvorbis"),
        ("a.flac", "flac"),
        ("a.wma", "wmav2"),
        ("a.m4a", "aac"),
    ],
)
def test_sound_files_get_a_small_m4a(desk, film, name, codec):
    asset = desk.add(film(name, "-c:a", codec, picture=False))

    desk.work()

    assert desk.states(asset) == {"audio": READY}
    assert round(desk.asset(asset).duration_s) == 2


@pytest.mark.parametrize("size", ["321x241", "98x66", "240x426", "1000x100"])
def test_odd_sizes_and_small_pictures_never_grow(desk, film, size):
    asset = desk.add(film("odd.mp4", "-c:v", "mpeg4", size=size, seconds=1, sound=False))

    desk.work()

    width, height = map(int, size.split("x"))
    assert desk.states(asset) == dict.fromkeys(("hls", "mp4_240", "poster", "storyboard"), READY)
    for rung in desk.made(asset)["hls"].details["rungs"]:
        assert rung["width"] <= width
        assert rung["height"] <= height


def test_film_held_upright_is_shown_upright(desk, film, tmp_path):
    upright = tmp_path / "upright.mp4"
    lying = film("lying.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", size="640x360", sound=False)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(lying), "-c", "copy", "-metadata:s:v", "rotate=90", str(upright)],
        check=True,
    )
    asset = desk.add(upright)

    desk.work()

    known = desk.asset(asset)
    assert (known.width, known.height) == (360, 640)
    assert [(rung["width"], rung["height"]) for rung in desk.made(asset)["hls"].details["rungs"]] == [
        (240, 426),
        (360, 640),
    ]
    with Image.open(desk.store.path_of(rendition_key(asset.sha256, "poster", "poster.webp"))) as poster:
        assert poster.height > poster.width


def test_changing_frame_rate_becomes_steady(desk, film):
    asset = desk.add(
        film(
            "vfr.mkv",
            "-vf",
            "select='not(mod(n\\,3))+lt(n\\,20)'",
            "-fps_mode",
            "vfr",
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
            rate="50",
        )
    )

    desk.work()

    assert desk.states(asset)["hls"] == READY
    rates = probe(desk, asset, "mp4_240", "240p.mp4", "stream=r_frame_rate").split()
    numerator, denominator = map(int, rates[0].split("/"))
    assert numerator / denominator <= 30.5


def test_broken_film_ends_with_a_reason_and_can_be_tried_again(desk, tmp_path):
    asset = desk.add(write(tmp_path / "bad.mp4", mp4(b"vide", b"soun")))

    desk.work()

    made = desk.made(asset)
    assert {row.state for row in made.values()} == {RenditionState.FAILED}
    assert Text(**made["hls"].failure).source in {rendering.NOT_READABLE.source, works.NOTHING_INSIDE.source}
    owner = Actor(user_id=desk.teacher, role=Role.TEACHER)
    with transaction(desk.engine) as session:
        renditions.retry(session, owner, queries.rendition(session, made["hls"].id))
    assert desk.states(asset)["hls"] == RenditionState.QUEUED
    with pytest.raises(Forbidden), transaction(desk.engine) as session:
        renditions.retry(session, ANONYMOUS, queries.rendition(session, made["remux"].id))
    with pytest.raises(Conflict), transaction(desk.engine) as session:
        renditions.retry(session, owner, queries.rendition(session, made["hls"].id))
    desk.work()
    assert desk.states(asset)["hls"] == RenditionState.FAILED


def test_missing_program_is_a_reason_for_the_teacher(desk, film):
    desk.settings = Settings(data_dir=desk.settings.data_dir, ffmpeg="no-such-ffmpeg", ffprobe="no-such-ffprobe")
    asset = desk.add(film("a.mp3", "-c:a", "libmp3lame", picture=False))

    desk.work()

    failure = desk.made(asset)["audio"].failure
    assert "no-such-ffprobe" in str(Text(**failure))


def test_equal_files_are_worked_on_once(desk, film):
    path = film("a.mp3", "-c:a", "libmp3lame", picture=False)
    desk.add(path)
    desk.work()
    before = desk.made(desk.add(path))["audio"]

    second = desk.add(path)
    desk.work()

    assert desk.made(second)["audio"].updated_at == before.updated_at
    assert round(desk.asset(second).duration_s) == 2


def test_photo_gets_a_thumbnail_the_right_way_up(desk, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (1600, 900), "red").save(tmp_path / "photo.jpg", exif=exif)
    asset = desk.add(tmp_path / "photo.jpg")

    desk.work()

    assert desk.states(asset) == {"thumbnail": READY}
    known = desk.asset(asset)
    assert (known.width, known.height) == (900, 1600)
    with Image.open(desk.store.path_of(rendition_key(asset.sha256, "thumbnail", "thumbnail.webp"))) as small:
        assert small.size == (360, 640)


def test_text_and_captions_become_searchable(desk, tmp_path):
    plain = desk.add(write(tmp_path / "a.txt", "小数除法\r\n第二行".encode("gb18030")))
    spoken = desk.add(write(tmp_path / "a.srt", "1\n00:00:01,000 --> 00:00:02,000\n<b>同学们好</b>\n"))

    desk.work()

    assert desk.made(plain)["text"].details["text"] == "小数除法\n第二行"
    assert desk.made(spoken)["text"].details["text"] == "同学们好"
    assert stored(desk, spoken, "text", "captions.vtt").startswith(b"WEBVTT")
    assert desk.made(spoken)["text"].entry.endswith("/captions.vtt")
    assert sorted(desk.searchable) == sorted([plain.sha256, spoken.sha256])


def test_renditions_of_many_files_cost_one_query(desk, film, tmp_path):
    assets = [desk.add(write(tmp_path / f"{n}.txt", f"第{n}课")) for n in range(3)]
    from sqlalchemy import event

    statements = []
    event.listen(desk.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

    with reading(desk.engine) as session:
        found = queries.renditions_of(session, [asset.sha256 for asset in assets])

    assert len([text for text in statements if text.startswith("SELECT")]) == 1
    assert [set(found[asset.sha256]) for asset in assets] == [{"text"}] * 3


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_slides_become_pages_and_text(desk, tmp_path):
    import pptx

    slides = pptx.Presentation()
    for title in ("小数除法", "练习"):
        slides.slides.add_slide(slides.slide_layouts[0]).shapes.title.text = title
    slides.save(tmp_path / "课件.pptx")
    asset = desk.add(tmp_path / "课件.pptx")

    desk.work()

    made = desk.made(asset)
    assert desk.states(asset) == {"pages": READY, "text": READY}
    assert made["pages"].details["pages"] == ["0001.webp", "0002.webp"]
    assert made["pages"].entry == rendition_key(asset.sha256, "pages", "0001.webp")
    assert "小数除法" in made["text"].details["text"]
    assert desk.asset(asset).page_count == 2
    assert all(stat.size_bytes < 40_000 for stat in desk.store.keys(rendition_key(asset.sha256, "pages", "")))


def test_without_libreoffice_the_words_are_still_found(desk, tmp_path):
    import docx

    document = docx.Document()
    document.add_paragraph("教学目标：理解小数除法。")
    document.save(str(tmp_path / "教案.docx"))
    desk.settings = Settings(data_dir=desk.settings.data_dir, soffice="no-such-soffice")
    asset = desk.add(tmp_path / "教案.docx")

    desk.work()

    assert desk.states(asset) == {"pages": RenditionState.FAILED, "text": READY}
    assert "LibreOffice" in str(Text(**desk.made(asset)["pages"].failure))
    assert "小数除法" in desk.made(asset)["text"].details["text"]
