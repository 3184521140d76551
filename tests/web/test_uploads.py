"""The tus door: what it refuses before bytes, what it keeps, and to whom it says what became of them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient
from tests.uploading.app import app_of, platform_without_search

from tongke.accounts.models import Role
from tongke.db import now, reading, transaction
from tongke.http.platform import Platform
from tongke.media import uploads
from tongke.media.models import Asset, UploadSession
from tongke.storage.spool import open_spool

DOOR = "/api/v1/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
TEXT = "同课异构：小数除法。\n".encode() * 40


@pytest.fixture
def platform(settings, engine) -> Platform:
    return platform_without_search(settings, engine)


@pytest.fixture
def client(platform) -> Iterator[TestClient]:
    with TestClient(app_of(platform), base_url="http://testserver") as client:
        yield client


@pytest.fixture
def teacher(make_user, token_of) -> dict[str, str]:
    return token_of(make_user("王老师"))


def metadata(**told: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())


def opened(client, headers, content=TEXT, filename="教案.txt", **more):
    told = {"Upload-Length": str(len(content)), "Upload-Metadata": metadata(filename=filename, **more)}
    return client.post(DOOR, headers={**TUS, **headers, **told})


def sent(client, headers, content=TEXT, filename="教案.txt"):
    place = opened(client, headers, content, filename).headers["location"]
    return place, client.patch(place, headers={**PIECE, **headers, "Upload-Offset": "0"}, content=content)


def test_options_tells_version_extensions_and_the_limit_of_the_asker(client, settings, make_user, token_of) -> None:
    admin = token_of(make_user(role=Role.PLATFORM_ADMIN))

    anonymous = client.options(DOOR)

    assert anonymous.status_code == 204
    assert anonymous.headers["tus-version"] == "1.0.0"
    assert anonymous.headers["tus-extension"] == "creation,creation-with-upload,expiration,termination"
    assert anonymous.headers["tus-max-size"] == str(settings.upload_limit_bytes)
    assert client.options(DOOR, headers=admin).headers["tus-max-size"] == str(settings.upload_limit_admin_bytes)


def test_an_upload_in_two_pieces_becomes_an_asset(client, engine, platform, teacher) -> None:
    place = opened(client, teacher).headers["location"]

    first = client.patch(place, headers={**PIECE, **teacher, "Upload-Offset": "0"}, content=TEXT[:100])
    between = client.head(place, headers={**TUS, **teacher})
    last = client.patch(place, headers={**PIECE, **teacher, "Upload-Offset": "100"}, content=TEXT[100:])
    after = client.head(place, headers={**TUS, **teacher})

    assert (first.status_code, first.headers["upload-offset"]) == (204, "100")
    assert "tongke-asset" not in first.headers
    assert (between.headers["upload-offset"], between.headers["upload-length"]) == ("100", str(len(TEXT)))
    assert "upload-expires" in between.headers
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(TEXT)))
    assert after.headers["tongke-asset"] == last.headers["tongke-asset"]
    with reading(engine) as session:
        asset = session.exec(select(Asset)).one()
    digest = hashlib.sha256(TEXT).hexdigest()
    assert (str(asset.id), asset.sha256, asset.received_sha256) == (last.headers["tongke-asset"], digest, digest)
    assert (asset.size_bytes, asset.filename, asset.kind) == (len(TEXT), "教案.txt", "text")
    assert b"".join(platform.store.read(f"sha256/{digest[:2]}/{digest[2:4]}/{digest}")) == TEXT
    assert list(open_spool(platform.store).uploads()) == []


def test_creation_with_upload_answers_the_asset_at_once(client, teacher) -> None:
    told = {"Upload-Length": str(len(TEXT)), "Upload-Metadata": metadata(filename="教案.txt", filetype="text/plain")}

    answer = client.post(DOOR, headers={**PIECE, **teacher, **told}, content=TEXT)

    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(TEXT)))
    seen = client.head(answer.headers["location"], headers={**TUS, **teacher})
    assert seen.headers["tongke-asset"] == answer.headers["tongke-asset"]


def test_a_repeated_last_piece_answers_the_same_asset(client, engine, teacher) -> None:
    place, last = sent(client, teacher)

    again = client.patch(place, headers={**PIECE, **teacher, "Upload-Offset": str(len(TEXT))}, content=b"")

    assert again.headers["tongke-asset"] == last.headers["tongke-asset"]
    with reading(engine) as session:
        assert len(session.exec(select(Asset)).all()) == 1


def test_others_do_not_learn_that_an_upload_exists(client, teacher, make_user, token_of) -> None:
    place, _ = sent(client, teacher)
    unfinished = opened(client, teacher).headers["location"]
    for other in (token_of(make_user("李老师")), token_of(make_user(role=Role.PLATFORM_ADMIN))):
        for address in (place, unfinished, f"{DOOR}/00000000-0000-4000-8000-000000000000"):
            answers = [
                client.head(address, headers={**TUS, **other}),
                client.patch(address, headers={**PIECE, **other, "Upload-Offset": "0"}, content=b"x"),
                client.delete(address, headers={**TUS, **other}),
            ]
            assert [answer.status_code for answer in answers] == [404, 404, 404]
            assert all("tongke-asset" not in answer.headers for answer in answers)


def test_without_a_sign_in_nothing_is_kept(client, teacher, platform) -> None:
    place = opened(client, teacher).headers["location"]

    answer = client.patch(place, headers={**PIECE, "Upload-Offset": "0"}, content=TEXT)

    assert answer.status_code == 401
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert open_spool(platform.store).kept_bytes(place.rsplit("/", 1)[1]) == 0


def test_a_pupil_may_not_upload(client, make_user, token_of) -> None:
    assert opened(client, token_of(make_user(role=Role.PUPIL))).status_code == 403


@pytest.mark.parametrize("offset", ["99", "101", "0"])
def test_a_wrong_offset_is_a_conflict_and_changes_nothing(client, teacher, offset) -> None:
    place = opened(client, teacher).headers["location"]
    client.patch(place, headers={**PIECE, **teacher, "Upload-Offset": "0"}, content=TEXT[:100])

    answer = client.patch(place, headers={**PIECE, **teacher, "Upload-Offset": offset}, content=TEXT[100:])

    assert answer.status_code == 409
    assert client.head(place, headers={**TUS, **teacher}).headers["upload-offset"] == "100"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Offset": "-1"}, 422),
        ({"Upload-Offset": "zero"}, 422),
        ({"Upload-Offset": "9" * 30}, 422),
        ({}, 422),
        ({"Upload-Offset": "0", "Content-Type": "text/plain"}, 415),
        ({"Upload-Offset": "0", "Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Offset": "0", "Tus-Resumable": ""}, 412),
    ],
)
def test_a_malformed_piece_is_refused(client, teacher, headers, status) -> None:
    place = opened(client, teacher).headers["location"]

    answer = client.patch(place, headers={**PIECE, **teacher, **headers}, content=TEXT)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert client.head(place, headers={**TUS, **teacher}).headers["upload-offset"] == "0"


def test_more_bytes_than_announced_are_refused_whether_counted_or_not(client, teacher) -> None:
    place = opened(client, teacher).headers["location"]
    headers = {**PIECE, **teacher, "Upload-Offset": "0"}

    assert client.patch(place, headers=headers, content=TEXT + b"x").status_code == 413
    assert client.patch(place, headers=headers, content=iter([TEXT, b"x"])).status_code == 413
    assert client.head(place, headers={**TUS, **teacher}).headers["upload-offset"] == "0"


@pytest.mark.parametrize("length", ["", "-5", "1e3", "9" * 19])
def test_a_length_that_is_no_number_is_refused(client, teacher, length) -> None:
    assert client.post(DOOR, headers={**TUS, **teacher, "Upload-Length": length}).status_code == 422


@pytest.mark.parametrize("told", ["filename !!!", "filename " + base64.b64encode(b"\xff\xfe").decode()])
def test_metadata_that_is_no_text_is_refused(client, teacher, told) -> None:
    answer = client.post(DOOR, headers={**TUS, **teacher, "Upload-Length": "5", "Upload-Metadata": told})

    assert answer.status_code == 422


def test_a_file_over_the_limit_is_refused_before_bytes_by_role(client, settings, teacher, make_user, token_of) -> None:
    too_large = {"Upload-Length": str(settings.upload_limit_bytes + 1), "Upload-Metadata": metadata(filename="课.mp4")}
    admin = token_of(make_user(role=Role.PLATFORM_ADMIN))

    refused = client.post(DOOR, headers={**TUS, **teacher, **too_large})

    assert refused.status_code == 413
    assert "4.0 GB" in refused.json()["detail"]
    assert client.post(DOOR, headers={**TUS, **admin, **too_large}).status_code == 201


def test_no_room_is_said_before_bytes_are_taken(client, teacher, platform, monkeypatch) -> None:
    place = opened(client, teacher).headers["location"]
    monkeypatch.setattr(type(platform.store), "free_bytes", lambda _store: 100)

    assert opened(client, teacher).status_code == 507
    answer = client.patch(place, headers={**PIECE, **teacher, "Upload-Offset": "0"}, content=TEXT)
    assert (answer.status_code, answer.json()["type"]) == (507, "/docs/problems#storage-full")
    assert client.head(place, headers={**TUS, **teacher}).headers["upload-offset"] == "0"


@pytest.mark.parametrize("name", ["游戏.exe", "a.HTML", "x.svg", "作业.rar"])
def test_a_name_that_cannot_be_accepted_is_refused_before_bytes(client, teacher, name) -> None:
    answer = opened(client, teacher, filename=name)

    assert (answer.status_code, answer.json()["type"]) == (415, "/docs/problems#refused-content")


def test_refused_content_answers_415_now_and_ever_after(client, engine, platform, teacher) -> None:
    content = b"\x7fELF" + bytes(5000)
    place, last = sent(client, teacher, content, "课件.pptx")

    assert (last.status_code, last.headers["content-type"]) == (415, "application/problem+json")
    assert client.head(place, headers={**TUS, **teacher}).status_code == 415
    again = client.patch(place, headers={**PIECE, **teacher, "Upload-Offset": "5004"}, content=b"")
    assert (again.status_code, again.json()["detail"]) == (415, last.json()["detail"])
    assert list(platform.store.keys("")) == []
    assert list(open_spool(platform.store).uploads()) == []
    with reading(engine) as session:
        assert session.exec(select(Asset)).all() == []


def test_bytes_that_differ_from_the_declared_digest_are_refused(client, teacher) -> None:
    place = opened(client, teacher, sha256="0" * 64).headers["location"]

    answer = client.patch(place, headers={**PIECE, **teacher, "Upload-Offset": "0"}, content=TEXT)

    assert answer.status_code == 415


def test_a_terminated_upload_is_gone_with_its_bytes(client, platform, teacher) -> None:
    place = opened(client, teacher).headers["location"]
    client.patch(place, headers={**PIECE, **teacher, "Upload-Offset": "0"}, content=TEXT[:10])

    assert client.delete(place, headers={**TUS, **teacher}).status_code == 204
    assert client.head(place, headers={**TUS, **teacher}).status_code == 410
    assert client.delete(place, headers={**TUS, **teacher}).status_code == 410
    assert list(open_spool(platform.store).uploads()) == []


def test_a_complete_upload_cannot_be_terminated(client, teacher) -> None:
    place, _ = sent(client, teacher)

    assert client.delete(place, headers={**TUS, **teacher}).status_code == 409


def test_an_expired_upload_is_gone(client, engine, teacher) -> None:
    place = opened(client, teacher).headers["location"]
    with transaction(engine) as session:
        session.exec(select(UploadSession)).one().expires_at = now() - timedelta(seconds=1)

    assert client.head(place, headers={**TUS, **teacher}).status_code == 410
    assert client.patch(place, headers={**PIECE, **teacher, "Upload-Offset": "0"}, content=b"x").status_code == 410


def test_methods_may_be_named_in_a_header(client, teacher) -> None:
    place = opened(client, teacher).headers["location"]

    def named(method: str, content: bytes = b"", **more: str):
        headers = {**PIECE, **teacher, "X-HTTP-Method-Override": method, **more}
        return client.post(place, headers=headers, content=content)

    assert named("PATCH", TEXT[:7], **{"Upload-Offset": "0"}).headers["upload-offset"] == "7"
    assert named("HEAD").headers["upload-offset"] == "7"
    assert named("DELETE").status_code == 204
    assert named("BREW").status_code == 404


def test_a_second_writer_is_locked_out_until_the_first_lease_ends(client, engine, teacher) -> None:
    place = opened(client, teacher).headers["location"]
    with transaction(engine) as session:
        upload = session.exec(select(UploadSession)).one()
        upload.lease_token, upload.lease_until = "another process", now() + timedelta(seconds=10)
    headers = {**PIECE, **teacher, "Upload-Offset": "0"}

    locked = client.patch(place, headers=headers, content=TEXT)
    with transaction(engine) as session:
        session.exec(select(UploadSession)).one().lease_until = now() - timedelta(seconds=1)
    taken_over = client.patch(place, headers=headers, content=TEXT)

    assert (locked.status_code, locked.headers["retry-after"]) == (423, "3")
    assert taken_over.status_code == 204


def test_a_whole_upload_left_by_a_killed_process_is_completed_by_head(client, platform, teacher) -> None:
    place = opened(client, teacher).headers["location"]
    writer = open_spool(platform.store).writer(place.rsplit("/", 1)[1], 0)
    writer.write([TEXT])
    writer.checkpoint()
    writer.close()

    answer = client.head(place, headers={**TUS, **teacher})

    assert (answer.headers["upload-offset"], len(answer.headers["tongke-asset"])) == (str(len(TEXT)), 36)


def test_own_bytes_need_not_be_sent_again(client, teacher) -> None:
    _, first = sent(client, teacher)

    again = opened(client, teacher, filename="再传.txt", sha256=hashlib.sha256(TEXT).hexdigest())

    assert (again.status_code, again.headers["upload-offset"]) == (201, str(len(TEXT)))
    assert again.headers["tongke-asset"] == first.headers["tongke-asset"]


def test_a_private_file_of_another_is_not_betrayed_by_its_digest(client, teacher, make_user, token_of) -> None:
    other = token_of(make_user("李老师"))
    sent(client, teacher)

    known = opened(client, other, sha256=hashlib.sha256(TEXT).hexdigest())
    unknown = opened(client, other, sha256="f" * 64)

    assert known.status_code == unknown.status_code == 201
    assert sorted(known.headers) == sorted(unknown.headers)
    assert known.headers["upload-offset"] == unknown.headers["upload-offset"] == "0"


def test_equal_bytes_of_two_people_are_stored_once(client, platform, engine, teacher, make_user, token_of) -> None:
    sent(client, teacher)
    sent(client, token_of(make_user("李老师")))

    assert len(list(platform.store.keys(""))) == 1
    with reading(engine) as session:
        assert len(session.exec(select(Asset)).all()) == 2


def test_a_silent_scanner_keeps_the_bytes_and_lets_nobody_pass(platform, teacher) -> None:
    closed = replace(platform, settings=platform.settings.model_copy(update={"clamav_address": "127.0.0.1:1"}))
    with TestClient(app_of(closed), base_url="http://testserver") as client:
        place, last = sent(client, teacher)
        seen = client.head(place, headers={**TUS, **teacher})
    with TestClient(app_of(platform), base_url="http://testserver") as client:
        recovered = client.head(place, headers={**TUS, **teacher})

    assert (last.status_code, seen.status_code) == (503, 503)
    assert "tongke-asset" in recovered.headers


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 KB"), (900, "1 KB"), (3_500_000, "3.3 MB"), (4 << 30, "4.0 GB"), (200 << 30, "200 GB")]
)
def test_sizes_are_said_as_people_say_them(size, words) -> None:
    assert uploads.readable(size) == words
