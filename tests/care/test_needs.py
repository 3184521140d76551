"""Administrators see what needs them today, and only what is theirs."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine

from tongke.accounts.actor import OPERATOR, Actor
from tongke.accounts.models import Role
from tongke.audit.service import record
from tongke.care.certificate import CertificateWatch, end_of_certificate
from tongke.care.figures import BACKUP_MADE
from tongke.care.needs import Level, Need, needs
from tongke.db import now, reading, transaction
from tongke.errors import Forbidden
from tongke.jobs import service as jobs
from tongke.resources import service
from tongke.resources.schemas import draft_fields
from tongke.review import service as review


@pytest.fixture
def admin(make_user: Callable, actor_of: Callable) -> Actor:
    return actor_of(make_user("平台管理员", role=Role.PLATFORM_ADMIN))


@pytest.fixture
def seen(platform) -> Callable[..., dict[str, Need]]:
    def see(actor: Actor, certificate: datetime | None = None, **settings: int) -> dict[str, Need]:
        chosen = platform.settings.model_copy(update=settings)
        with reading(platform.engine) as session:
            return {need.kind: need for need in needs(session, actor, chosen, platform.store, certificate)}

    return see


def backed_up(engine: Engine) -> None:
    with transaction(engine) as session:
        record(session, OPERATOR, BACKUP_MADE, "platform", "b.tongke")


def wait_for_review(engine: Engine, author: Actor) -> None:
    with transaction(engine) as session:
        draft = service.create_draft(
            session, author, draft_fields({"title": "静夜思", "type": "reading", "grade": "2"})
        )
        review.submit(session, author, draft.resource, commitment=True)


def test_nothing_is_said_when_all_is_well(platform, admin, seen) -> None:
    backed_up(platform.engine)

    assert set(seen(admin)) - {"disk"} == set()


def test_a_platform_without_backup_is_told_now(admin, seen) -> None:
    assert seen(admin)["backup"].level is Level.NOW


def test_an_old_backup_is_told_and_a_fresh_one_is_not(platform, admin, seen) -> None:
    backed_up(platform.engine)
    with time_machine.travel(now() + timedelta(hours=27), tick=False):
        assert "27" in str(seen(admin)["backup"].sentence)
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        assert "backup" not in seen(admin)


def test_a_full_disk_is_told_now(admin, seen) -> None:
    assert seen(admin, free_space_reserve_bytes=2**60)["disk"].level is Level.NOW


def test_failed_work_is_told_for_a_week(platform, admin, seen) -> None:
    with transaction(platform.engine) as session:
        jobs.enqueue(session, "media.text", {}, max_attempts=1)
    held = jobs.claim(platform.engine, "w", ["media.text"])
    with transaction(platform.engine) as session:
        jobs.fail(session, held, "no such file", retry=False)

    assert seen(admin)["jobs"].page == "admin:jobs"
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        assert "jobs" not in seen(admin)


def test_work_nobody_does_is_told(platform, admin, seen) -> None:
    with transaction(platform.engine) as session:
        jobs.enqueue(session, "media.text", {})

    assert "worker" not in seen(admin)
    with time_machine.travel(now() + timedelta(minutes=11), tick=False):
        assert seen(admin)["worker"].level is Level.NOW


def test_each_administrator_sees_the_queue_of_their_own(
    platform, make_user, make_school, actor_of, seen, county
) -> None:
    here, there = make_school("甲小学"), make_school("乙小学")
    wait_for_review(platform.engine, actor_of(make_user("王老师", school=here)))
    heads = {
        "office": actor_of(make_user("教育局", role=Role.REGION_ADMIN, region=county)),
        "here": actor_of(make_user("甲校管理员", role=Role.SCHOOL_ADMIN, school=here)),
        "there": actor_of(make_user("乙校管理员", role=Role.SCHOOL_ADMIN, school=there)),
    }

    assert {name: set(seen(actor)) for name, actor in heads.items()} == {
        "office": {"queue"}, "here": {"queue"}, "there": set(),
    }  # fmt: skip
    with time_machine.travel(now() + timedelta(days=4), tick=False):
        assert seen(heads["here"])["queue"].level is Level.NOW


def test_a_teacher_sees_none_of_it(make_user, actor_of, seen) -> None:
    with pytest.raises(Forbidden):
        seen(actor_of(make_user("王老师")))


@pytest.mark.parametrize(("days", "level"), [(-1, Level.NOW), (5, Level.SOON), (60, None)])
def test_a_certificate_is_told_before_it_ends(admin, seen, days: int, level: Level | None) -> None:
    need = seen(admin, now() + timedelta(days=days, hours=1)).get("certificate")

    assert (need.level if need else None) == level


def test_what_is_pressing_comes_first(platform, admin) -> None:
    with reading(platform.engine) as session:
        found = needs(session, admin, platform.settings, platform.store, now() + timedelta(days=5))

    assert [need.level for need in found] == sorted((need.level for need in found), key=[Level.NOW, Level.SOON].index)


def test_the_page_says_it_in_the_readers_language(signed_in, make_user) -> None:
    browser = signed_in(make_user("平台管理员", role=Role.PLATFORM_ADMIN))

    assert "还没有做过备份" in browser.get("/admin").text
    assert "There is no backup yet" in browser.get("/admin", headers={"accept-language": "en"}).text


def test_the_page_of_failed_work_gives_the_reason(platform, signed_in, make_user) -> None:
    with transaction(platform.engine) as session:
        jobs.enqueue(session, "media.text", {}, max_attempts=1)
    held = jobs.claim(platform.engine, "w", ["media.text"])
    with transaction(platform.engine) as session:
        jobs.fail(session, held, "LibreOffice <没有> 应答", retry=False)
    browser = signed_in(make_user("平台管理员", role=Role.PLATFORM_ADMIN))

    text = browser.get("/admin/jobs").text

    assert "LibreOffice &lt;没有&gt; 应答" in text
    assert "共 1 个任务" in text


def expired_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - timedelta(days=90))
        .not_valid_after(now() - timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))


def test_the_end_of_a_certificate_is_seen_over_the_line_even_when_it_has_ended(tmp_path: Path) -> None:
    expired_certificate(tmp_path)
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        ends = end_of_certificate("127.0.0.1", server.server_port)
        watch = CertificateWatch(f"https://127.0.0.1:{server.server_port}")
        assert watch.ends() is None
        while watch._lock.locked():
            threading.Event().wait(0.01)
        assert watch.ends() == ends
    finally:
        server.shutdown()
        server.server_close()

    assert ends < now()


def test_no_certificate_without_tls() -> None:
    assert CertificateWatch("http://127.0.0.1:1").ends() is None
