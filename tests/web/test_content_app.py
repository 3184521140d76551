"""The second origin: signed addresses only, ranges as browsers ask for them, nothing that could run or be tracked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session
from starlette.testclient import TestClient

from tongke.db import now, transaction
from tongke.http.content_app import ContentApp, disposition
from tongke.http.content_ranges import Selection, select_range
from tongke.media.addresses import bundle_address, content_address
from tongke.media.models import Asset, MediaKind, Rendition, RenditionKind
from tongke.storage import open_storage
from tongke.storage.base import BlobStore, blob_key

CONTENT = bytes(range(256)) * 4000
DIGEST = "ab" * 32


@pytest.fixture
def store(settings) -> BlobStore:
    return open_storage(settings.storage)


@pytest.fixture
def content(settings, store, engine) -> Iterator[TestClient]:
    with TestClient(ContentApp(settings, store, engine), base_url=settings.content_url) as client:
        yield client


def kept(store: BlobStore, tmp_path: Path, key: str, content: bytes = CONTENT) -> None:
    (tmp_path / "source").write_bytes(content)
    store.put(key, tmp_path / "source")


@pytest.fixture
def video(store, make_user, tmp_path) -> Asset:
    kept(store, tmp_path, blob_key(DIGEST))
    return Asset(
        owner_id=make_user().id,
        filename="小数除法（一）.mp4",
        sha256=DIGEST,
        received_sha256=DIGEST,
        size_bytes=len(CONTENT),
        media_type="video/mp4",
        kind=MediaKind.VIDEO,
        duration_s=2400.0,
    )


def test_a_signed_address_gives_the_bytes_without_powers(content, settings, video) -> None:
    answer = content.get(content_address(settings, video))

    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["etag"] == f'"{DIGEST}"'
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "allow-same-origin" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == settings.base_url
    assert answer.headers["cache-control"].startswith("private, max-age=")
    assert answer.headers["content-disposition"].startswith("inline; ")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-0", 206, (0, 1)),
        ("bytes=100-199", 206, (100, 200)),
        ("bytes=1023999-", 206, (1023999, 1024000)),
        ("bytes=1000000-9999999", 206, (1000000, 1024000)),
        ("bytes=-5", 206, (1023995, 1024000)),
        ("bytes=0-1,5-6", 200, (0, 1024000)),
        ("bytes=5-2", 200, (0, 1024000)),
        ("items=0-1", 200, (0, 1024000)),
        ("bytes=-", 200, (0, 1024000)),
    ],
)
def test_ranges_are_answered_as_asked(content, settings, video, asked, status, span) -> None:
    answer = content.get(content_address(settings, video), headers={"Range": asked})

    assert (answer.status_code, answer.content) == (status, CONTENT[slice(*span)])
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {span[0]}-{span[1] - 1}/{len(CONTENT)}"


@pytest.mark.parametrize("asked", ["bytes=1024000-", "bytes=-0", "bytes=9999999-99999999"])
def test_a_range_outside_is_416(content, settings, video, asked) -> None:
    answer = content.get(content_address(settings, video), headers={"Range": asked})

    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */1024000")


def test_if_range_and_if_none_match_go_by_the_digest(content, settings, video) -> None:
    address = content_address(settings, video)
    same, other = f'"{DIGEST}"', '"other"'

    assert content.get(address, headers={"Range": "bytes=0-1", "If-Range": same}).status_code == 206
    assert content.get(address, headers={"Range": "bytes=0-1", "If-Range": other}).status_code == 200
    assert content.get(address, headers={"If-None-Match": f"{other}, {same}"}).status_code == 304
    assert content.get(address, headers={"If-None-Match": other}).status_code == 200


def test_head_gives_the_size_and_nothing_else(content, settings, video) -> None:
    answer = content.head(content_address(settings, video))

    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, str(len(CONTENT)), b"")


def test_an_address_not_ours_is_404_and_an_old_one_410(content, settings, video) -> None:
    path = urlsplit(content_address(settings, video)).path
    expiry, _, rest = path.removeprefix("/").partition(".")
    signature, _, place = rest.partition("/")
    forged = [
        path.replace(DIGEST, "cd" * 32),
        path.replace("video~mp4", "text~html"),
        path.replace("/files/", "/downloads/"),
        f"/{int(expiry) + 3600}.{signature}/{place}",
        f"/{expiry}.{signature[:-1]}/{place}",
        f"/{expiry}./{place}",
        f"/{place}",
        f"/x.{signature}/{place}",
        f"/٣.{signature}/{place}",
        "/",
        "/1.2/bundles/!!/x.zip",
        f"/{expiry}.{signature}/../../etc/passwd",
    ]
    assert [content.get(address).status_code for address in forged] == [404] * len(forged)
    with time_machine.travel(now() + timedelta(hours=5, minutes=39)):
        assert content.get(path).status_code == 200 if int(expiry) > now().timestamp() else 410
    with time_machine.travel(now() + timedelta(hours=6)):
        assert content.get(path).status_code == 410


def test_an_address_is_the_same_within_the_hour_and_outlasts_the_lesson(settings, video) -> None:
    with time_machine.travel("2026-11-23T08:00:01Z", tick=False):
        first = content_address(settings, video)
    with time_machine.travel("2026-11-23T08:10:00Z", tick=False):
        assert content_address(settings, video) == first
        expiry = int(urlsplit(first).path.split("/")[1].partition(".")[0])
        assert expiry >= now().timestamp() + 2400 + 4 * 3600 - 600


def test_segments_inherit_their_playlists_signature_and_nothing_else_does(content, settings, store, tmp_path) -> None:
    folder = f"renditions/ab/{DIGEST}/hls"
    kept(store, tmp_path, f"{folder}/master.m3u8", b"#EXTM3U\n")
    kept(store, tmp_path, f"{folder}/240/0.m4s")
    kept(store, tmp_path, f"renditions/ab/{DIGEST}/audio/a.m4a")
    hls = Rendition(sha256=DIGEST, kind=RenditionKind.HLS, entry=f"{folder}/master.m3u8")

    address = content_address(settings, hls, duration_s=60)

    playlist = content.get(address)
    assert (playlist.content, playlist.headers["content-type"]) == (b"#EXTM3U\n", "application/vnd.apple.mpegurl")
    segment = content.get(address.replace("master.m3u8", "240/0.m4s"), headers={"Range": "bytes=3-5"})
    assert (segment.status_code, segment.content) == (206, CONTENT[3:6])
    assert content.get(address.replace("/hls/master.m3u8", "/audio/a.m4a")).status_code == 404
    assert content.get(address.replace("master.m3u8", "missing.m4s")).status_code == 404
    assert content.get(address.replace("master.m3u8", "%2e%2e/audio/a.m4a")).status_code == 404


def test_a_rendition_to_take_away_is_a_download_with_its_chinese_name(content, settings, store, tmp_path) -> None:
    kept(store, tmp_path, f"renditions/ab/{DIGEST}/mp4_240/film.mp4")
    film = Rendition(sha256=DIGEST, kind=RenditionKind.MP4_240, entry=f"renditions/ab/{DIGEST}/mp4_240/film.mp4")

    answer = content.get(content_address(settings, film, download_name="小数除法/流畅版.mp4"))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"________.mp4\"; filename*=UTF-8''%E5%B0%8F%E6%95%B0%E9%99%A4%E6%B3%95_%E6%B5%81%E7%95%85%E7%89%88.mp4"
    )


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/pdf", "application/zip"])
def test_what_could_run_is_a_download(content, settings, video, media_type) -> None:
    video.media_type = media_type

    answer = content.get(content_address(settings, video))

    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"].startswith("attachment; ")


def test_only_reading_methods_are_answered(content, settings, video) -> None:
    address = content_address(settings, video)

    assert content.post(address).status_code == 405
    assert content.delete(address).status_code == 405
    asked = content.options(address, headers={"Origin": settings.base_url, "Access-Control-Request-Headers": "range"})
    assert (asked.status_code, asked.headers["access-control-allow-headers"]) == (204, "Range, If-Range")


@pytest.mark.embedded_only
def test_nginx_may_send_the_bytes(settings, store, engine, video) -> None:
    behind = settings.model_copy(update={"accel_redirect": "/objects/"})
    with TestClient(ContentApp(behind, store, engine), base_url=settings.content_url) as client:
        answer = client.get(content_address(settings, video), headers={"Range": "bytes=0-1"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["x-accel-redirect"] == f"/objects/{blob_key(DIGEST)}"


def test_a_bundle_holds_every_file_under_a_name_of_its_own(content, settings, engine, video) -> None:
    with transaction(engine) as session:
        ids = [copy_of(session, video, name) for name in ("教案.docx", "教案.DOCX", "../../课件.pptx", "教案.docx")]

    answer = content.get(bundle_address(settings, ids, name="小数除法.zip"))

    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert bundle.testzip() is None
        assert bundle.namelist() == ["教案.docx", "教案 (2).DOCX", "课件.pptx", "教案 (3).docx"]
        assert bundle.read("课件.pptx") == CONTENT


def test_a_bundle_with_a_missing_file_is_404_before_it_begins(content, settings, engine, store, video) -> None:
    with transaction(engine) as session:
        ids = [copy_of(session, video, "a.mp4")]
    address = bundle_address(settings, ids, name="a.zip")
    store.delete(blob_key(DIGEST))

    assert content.get(address).status_code == 404


def copy_of(session: Session, asset: Asset, filename: str):
    copied = Asset(**asset.model_dump(exclude={"id", "filename"}), filename=filename)
    session.add(copied)
    session.flush()
    return copied.id


@given(st.text(max_size=40))
def test_any_name_makes_a_header_that_holds(name: str) -> None:
    line = disposition(name.encode("utf-8", "replace").decode(), is_download=True)

    assert line.isascii()
    assert line.count('"') == 2


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d{0,9}-\d{0,9}", fullmatch=True), st.integers(0, 10**9))
def test_any_range_selects_bytes_that_exist(asked: str, size: int) -> None:
    chosen = select_range(asked, None, '"x"', size)

    assert chosen is None or (chosen.start >= 0 and chosen.length >= 0 and chosen.start + chosen.length <= size)
    if chosen is not None and chosen.is_part:
        assert chosen.length > 0
    assert select_range(None, None, '"x"', size) == Selection(0, size, is_part=False)
