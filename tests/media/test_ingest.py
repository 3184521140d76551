"""The one door: every byte is checked, cleaned and stored once, or refused with a reason."""

from __future__ import annotations

import hashlib
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlmodel import select

from tongke.audit.models import AuditEvent
from tongke.db import reading
from tongke.errors import RefusedContent, Unavailable
from tongke.media.filenames import LONGEST_BYTES, clean_filename, unique_filenames
from tongke.media.ingest import ingest
from tongke.media.ingest_scan import scan
from tongke.media.models import Asset, Rendition
from tongke.storage import open_storage
from tongke.storage.base import BlobStore, blob_key

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def store(settings) -> BlobStore:
    return open_storage(settings.storage)


@pytest.fixture
def take(engine, store, settings, make_user, actor_of):
    actor = actor_of(make_user())

    def door(path: Path, filename: str = "", **more) -> Asset:
        return ingest(engine, store, actor, path, filename or path.name, **{"settings": settings, **more})

    return door


def photo(path: Path, *, with_position: bool) -> Path:
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    if with_position:
        exif.get_ifd(0x8825).update({1: "N", 2: (29.0, 36.0, 11.0), 3: "E", 4: (119.0, 2.0, 33.0)})
    Image.new("RGB", (64, 48), "teal").save(path, exif=exif)
    return path


def test_the_place_where_a_photo_was_taken_is_not_stored(take, store, tmp_path) -> None:
    source = photo(tmp_path / "春游.jpg", with_position=True)
    before = source.read_bytes()

    asset = take(source)

    (tmp_path / "stored.jpg").write_bytes(b"".join(store.read(blob_key(asset.sha256))))
    with Image.open(tmp_path / "stored.jpg") as stored:
        assert not stored.getexif().get_ifd(0x8825)
        assert stored.getexif()[0x010F] == "Camera"
    assert source.read_bytes() == before
    assert asset.received_sha256 == hashlib.sha256(before).hexdigest() != asset.sha256
    assert asset.sha256 == hashlib.sha256((tmp_path / "stored.jpg").read_bytes()).hexdigest()
    assert asset.size_bytes == (tmp_path / "stored.jpg").stat().st_size


def test_a_photo_without_a_position_is_stored_as_it_came(take, store, tmp_path) -> None:
    source = photo(tmp_path / "黑板.jpg", with_position=False)

    asset = take(source, adopt=True)

    assert asset.received_sha256 == asset.sha256
    assert b"".join(store.read(blob_key(asset.sha256))) == source.read_bytes()


def test_an_asset_comes_with_its_renditions_and_a_line_in_the_audit(take, engine, tmp_path) -> None:
    asset = take(photo(tmp_path / "a.jpg", with_position=False))

    with reading(engine) as session:
        assert [r.sha256 for r in session.exec(select(Rendition))] == [asset.sha256]
        assert [e.subject_id for e in session.exec(select(AuditEvent)) if e.action == "asset.ingest"] == [str(asset.id)]


def test_what_is_refused_leaves_nothing_behind(take, engine, store, tmp_path) -> None:
    (tmp_path / "lesson.mp4").write_bytes(b"#EXTM3U\n/objects/sha256/secret\n")

    with pytest.raises(RefusedContent):
        take(tmp_path / "lesson.mp4")

    assert list(store.keys("")) == []
    with reading(engine) as session:
        assert session.exec(select(Asset)).all() == []


def test_what_fails_along_the_asset_takes_it_back(take, engine, tmp_path) -> None:
    def fail(_session, _asset) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        take(photo(tmp_path / "a.jpg", with_position=False), along=fail)

    with reading(engine) as session:
        assert session.exec(select(Asset)).all() == []


class Clamd(socketserver.StreamRequestHandler):
    """A double that speaks clamd's INSTREAM to the letter; it knows one virus, and a word that makes it fail."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > 2_000_000:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.wfile.write(b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


@pytest.fixture
def clamd() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_virus_is_refused_by_name_and_a_clean_file_passes(clamd, take, settings, tmp_path) -> None:
    scanned = settings.model_copy(update={"clamav_address": clamd})
    (tmp_path / "作业.txt").write_bytes(EICAR + b"\n" + b"text " * 100_000)
    (tmp_path / "教案.txt").write_bytes(b"a plan " * 100_000)

    with pytest.raises(RefusedContent, match="Eicar-Signature"):
        take(tmp_path / "作业.txt", settings=scanned)
    assert take(tmp_path / "教案.txt", settings=scanned).size_bytes == 700_000


def test_no_verdict_lets_nobody_pass(clamd, tmp_path) -> None:
    (tmp_path / "large").write_bytes(bytes(3_000_000))

    with pytest.raises(Unavailable):
        scan(clamd, tmp_path / "large")
    for address in ("127.0.0.1:1", "nonsense", "127.0.0.1:"):
        with pytest.raises(Unavailable):
            scan(address, tmp_path / "large")
    scan("", tmp_path / "large")


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\教案.docx", "教案.docx"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("  两  个\t空格 .txt. ", "两 个 空格 .txt"),
        ('问?题*:"1".doc', "问_题___1_.doc"),
        ("", "未命名"),
        ("..", "未命名"),
        ("CON.txt", "_CON.txt"),
        ("e\u0301.txt", "é.txt"),
        ("字" * 100 + ".docx", "字" * 65 + ".docx"),
    ],
)
def test_file_names_are_made_fit_to_keep(given_name, kept) -> None:
    assert clean_filename(given_name) == kept


@given(st.text(max_size=300))
def test_any_name_becomes_one_a_file_system_takes_and_stays_so(name: str) -> None:
    cleaned = clean_filename(name)

    assert 0 < len(cleaned.encode()) <= LONGEST_BYTES + 1
    assert not set(cleaned) & set('/\\:*?"<>|\0')
    assert cleaned not in {".", ".."}
    assert clean_filename(cleaned) == cleaned


@given(st.lists(st.sampled_from(["a.txt", "A.TXT", "a (2).txt", "b", "b (2)", ".x"]), max_size=12))
def test_unique_names_differ_even_without_case(names: list[str]) -> None:
    unique = unique_filenames(names)

    assert len({name.casefold() for name in unique}) == len(unique) == len(names)
