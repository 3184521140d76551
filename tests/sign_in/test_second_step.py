"""One-time codes: asked for, right once, slowed down; codes on paper; set up on the spot where a role needs them."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import time_machine
from sqlmodel import select
from tests.conftest import BASE_URL, PASSWORD

from tongke.accounts import authenticators, service
from tongke.accounts.models import Role, User
from tongke.accounts.sign_in_models import Authenticator, FailedSignIn, RecoveryCode
from tongke.db import now, reading, transaction
from tongke.errors import Conflict, Invalid


@pytest.fixture
def key(settings) -> bytes:
    return settings.signing_key


@pytest.fixture
def teacher(engine) -> User:
    with transaction(engine) as session:
        return service.create_user(session, email="wang", name="王老师", password=PASSWORD, role=Role.TEACHER)


@pytest.fixture
def secret(engine, teacher, key) -> str:
    """The teacher's program, set up a while ago."""
    with time_machine.travel(now() - timedelta(hours=1)), transaction(engine) as session:
        secret = authenticators.begin(session, key, session.get(User, teacher.id))
        session.flush()
        authenticators.confirm(session, key, teacher.id, pyotp.TOTP(secret).now())
    return secret


def by_password(client, email: str = "wang") -> str:
    """The first step; returns the token of the second."""
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD, "next": "/me/settings"})
    assert answer.status_code == 303
    return parse_qs(urlsplit(answer.headers["location"]).query)["step"][0]


def give(client, step: str, code: str):
    return client.post("/sign-in/second", data={"step": step, "code": code})


def test_password_alone_opens_nothing(client, secret) -> None:
    step = by_password(client)

    assert client.get("/me").status_code == 401
    assert "第二步验证" in client.get(f"/sign-in/second?step={step}").text
    answer = give(client, step, pyotp.TOTP(secret).now())
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/settings")
    assert client.get("/me").status_code == 200


def test_code_works_once_within_its_step(client, secret, app) -> None:
    from starlette.testclient import TestClient

    with time_machine.travel(now(), tick=False):
        code = pyotp.TOTP(secret).now()
        assert give(client, by_password(client), code).status_code == 303
        other = TestClient(app, base_url=BASE_URL, follow_redirects=False)
        assert give(other, by_password(other), code).status_code == 422
        assert other.get("/me").status_code == 401


def test_earlier_code_after_a_later_one_is_refused(client, secret, engine, teacher, key) -> None:
    program = pyotp.TOTP(secret)
    with time_machine.travel(now(), tick=False) as clock:
        early = program.now()
        clock.shift(30)
        with transaction(engine) as session:
            authenticators.check(session, key, teacher.id, program.now())
        with transaction(engine) as session, pytest.raises(Invalid):
            authenticators.check(session, key, teacher.id, early)


@pytest.mark.parametrize(("seconds", "is_right"), [(-90, False), (-30, True), (0, True), (30, True), (90, False)])
def test_clock_of_the_phone_may_be_half_a_minute_off(engine, teacher, secret, key, seconds, is_right) -> None:
    moment = now()
    with time_machine.travel(moment, tick=False):
        code = pyotp.TOTP(secret).at(moment + timedelta(seconds=seconds))
        with transaction(engine) as session:
            if is_right:
                authenticators.check(session, key, teacher.id, code)
            else:
                with pytest.raises(Invalid):
                    authenticators.check(session, key, teacher.id, code)


def test_wrong_codes_are_slowed_down_and_seen(client, secret, engine, teacher) -> None:
    step = by_password(client)

    answers = [give(client, step, "000000").status_code for _ in range(6)]

    assert answers == [422] * 5 + [429]
    with reading(engine) as session:
        assert {f.user_id for f in session.exec(select(FailedSignIn))} == {teacher.id}


def test_step_belongs_to_the_browser_that_began_it(client, secret, app) -> None:
    from starlette.testclient import TestClient

    step = by_password(client)
    other = TestClient(app, base_url=BASE_URL, follow_redirects=False)

    assert give(other, step, pyotp.TOTP(secret).now()).status_code == 422
    assert other.get(f"/sign-in/second?step={step}").status_code == 422


def test_step_is_over_after_ten_minutes(client, secret) -> None:
    step = by_password(client)

    with time_machine.travel(now() + timedelta(minutes=11)):
        assert give(client, step, pyotp.TOTP(secret).now()).status_code == 422


def test_recovery_codes_work_once_each_and_are_kept_as_digests(client, engine, teacher, secret, key) -> None:
    with transaction(engine) as session:
        codes = authenticators.new_recovery_codes(session, key, teacher.id)

    assert len(set(codes)) == 10
    assert give(client, by_password(client), codes[0].upper()).status_code == 303
    client.post("/sign-out")
    assert give(client, by_password(client), codes[0]).status_code == 422
    with reading(engine) as session:
        kept = session.exec(select(RecoveryCode)).all()
        assert [codes[0].replace("-", "") in row.code_sha256 for row in kept] == [False] * 10
        assert authenticators.recovery_codes_left(session, teacher.id) == 9
        assert session.exec(select(Authenticator.sealed_secret)).one() != secret


def test_role_that_needs_it_sets_it_up_on_the_way_in(client, engine, settings) -> None:
    settings.second_step_roles = "platform_admin, region_admin"
    with transaction(engine) as session:
        service.create_user(session, email="boss", name="管理员", password=PASSWORD, role=Role.PLATFORM_ADMIN)

    step = by_password(client, "boss")
    page = client.get(f"/sign-in/second?step={step}").text
    assert "<svg" in page
    secret = re.search(r'<p class="code">([A-Z2-7 ]+)</p>', page)[1].replace(" ", "")
    assert client.get("/me").status_code == 401
    assert give(client, step, "123456").status_code == 422
    shown = give(client, step, pyotp.TOTP(secret).now())

    assert shown.text.count('<li class="code">') == 10
    assert client.get("/me").status_code == 200
    client.post("/sign-out")
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert give(client, by_password(client, "boss"), pyotp.TOTP(secret).now()).status_code == 303
        assert client.post("/me/sign-in/authenticator/removal").status_code == 409


def test_set_up_renewed_and_turned_off_on_ones_own_page(client, engine, teacher) -> None:
    client.post("/sign-in", data={"email": "wang", "password": PASSWORD})
    page = client.get("/me/sign-in/authenticator").text
    secret = re.search(r'<p class="code">([A-Z2-7 ]+)</p>', page)[1].replace(" ", "")
    assert secret in client.get("/me/sign-in/authenticator").text.replace(" ", ""), "looking again keeps the code"

    assert client.post("/me/sign-in/authenticator", data={"code": "000000"}).status_code == 422
    shown = client.post("/me/sign-in/authenticator", data={"code": pyotp.TOTP(secret).now()})
    assert shown.text.count('<li class="code">') == 10
    assert "还有 10 个备用码" in client.get("/me/sign-in").text
    assert client.post("/me/sign-in/authenticator/codes").text.count('<li class="code">') == 10
    assert client.post("/me/sign-in/authenticator/removal").status_code == 303
    with reading(engine) as session:
        assert session.exec(select(RecoveryCode)).all() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/me/sign-in/authenticator"),
        ("POST", "/me/sign-in/authenticator"),
        ("POST", "/me/sign-in/authenticator/codes"),
        ("POST", "/me/sign-in/authenticator/removal"),
        ("POST", "/me/passkeys/00000000-0000-0000-0000-000000000000/removal"),
        ("POST", "/me/sign-in/providers/00000000-0000-0000-0000-000000000000/removal"),
    ],
)
def test_computer_left_alone_changes_nothing(client, teacher, method, path) -> None:
    """One's own computer, that is: on a shared one the sign-in itself has ended by then."""
    client.post("/sign-in", data={"email": "wang", "password": PASSWORD, "own": "true"})

    with time_machine.travel(now() + timedelta(minutes=31)):
        assert client.request(method, path, data={"code": "1"} if method == "POST" else None).status_code == 403
        assert "请先重新登录一次" in client.get("/me/sign-in").text
        again = {"email": "wang", "password": PASSWORD, "next": "/me/sign-in"}
        assert client.get("/sign-in?again=true&next=/me/sign-in").status_code == 200
        assert client.post("/sign-in", data=again).headers["location"] == "/me/sign-in"
        assert "请先重新登录一次" not in client.get("/me/sign-in").text


def test_key_that_changed_leaves_recovery_codes_to_the_administrator(engine, teacher, secret) -> None:
    with transaction(engine) as session, pytest.raises(Invalid) as told:
        authenticators.check(session, b"another key", teacher.id, pyotp.TOTP(secret).now())
    assert "密钥换过了" in str(told.value)


def test_second_program_is_not_set_up_beside_the_first(engine, teacher, secret, key) -> None:
    with transaction(engine) as session, pytest.raises(Conflict):
        authenticators.begin(session, key, session.get(User, teacher.id))


def test_sessions_are_listed_and_ended_and_failed_tries_told(client, signed_in, teacher) -> None:
    other = signed_in(teacher)
    client.post("/sign-in", data={"email": "wang", "password": "wrong"})
    client.post("/sign-in", data={"email": "wang", "password": PASSWORD})

    page = client.get("/me/sign-in").text
    assert "最近有 1 次没有成功的登录" in page
    assert page.count("退出那里") == 1
    assert client.post("/me/sign-in/sessions").status_code == 303
    assert other.get("/me").status_code == 401
    assert client.get("/me").status_code == 200


def test_session_of_somebody_else_is_not_ended(client, signed_in, teacher, make_user, engine) -> None:
    from tongke.accounts.models import SignInSession

    stranger = signed_in(make_user("陈老师"))
    with reading(engine) as session:
        digest = session.exec(select(SignInSession.token_sha256)).one()
    client.post("/sign-in", data={"email": "wang", "password": PASSWORD})

    client.post("/me/sign-in/sessions", data={"only": digest})

    assert stranger.get("/me").status_code == 200
