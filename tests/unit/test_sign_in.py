"""Signing in: who stands behind a cookie or a token, and when nobody does."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from tests.conftest import PASSWORD

from tongke.accounts import password_sign_in, service, sign_in, tries
from tongke.accounts.actor import ANONYMOUS
from tongke.accounts.models import Role, User
from tongke.db import now, reading, transaction
from tongke.errors import Conflict, Forbidden, Invalid, SignInRequired


def by_password(engine, email: str, password: str, *, address: str = "10.0.0.1") -> User:
    """The three moves of signing in, one after the other."""
    who = tries.guesser(b"key", name=email, address=address)
    with transaction(engine) as session:
        attempt = password_sign_in.begin(session, who, email=email, address=address, user_agent="test")
    verdict = password_sign_in.judge(attempt, password)
    with transaction(engine) as session:
        return password_sign_in.succeed(session, attempt, verdict)


@pytest.fixture
def teacher(engine, make_school):
    school = make_school()
    with transaction(engine) as session:
        return service.create_user(
            session, email=" Wang@Example.org ", name="王老师", password=PASSWORD, role=Role.TEACHER, school=school
        )


def test_teacher_signs_in_with_name_in_any_case(engine, teacher) -> None:
    user = by_password(engine, "WANG@example.org", PASSWORD)
    with transaction(engine) as session:
        token = sign_in.open_session(session, user, days=1)
    with reading(engine) as session:
        actor, is_stale = sign_in.actor_of_cookie(session, token)

    assert (user.id, actor.user_id, actor.school_name, is_stale) == (teacher.id, teacher.id, "千岛湖镇中心小学", False)


@pytest.mark.parametrize(("email", "password"), [("wang@example.org", "wrong"), ("nobody@example.org", PASSWORD)])
def test_wrong_password_and_unknown_name_read_the_same(engine, teacher, email, password) -> None:
    with pytest.raises(SignInRequired) as told:
        by_password(engine, email, password)

    assert str(told.value) == "登录名或密码不对。请再试一次，或请学校管理员重置密码。"


def test_session_ends_by_itself(engine, teacher) -> None:
    with transaction(engine) as session:
        token = sign_in.open_session(session, teacher, days=1)

    with time_machine.travel(now() + timedelta(days=1, seconds=1)), reading(engine) as session:
        assert sign_in.actor_of_cookie(session, token)[0] == ANONYMOUS


def test_idle_session_ends_on_shared_computers(engine, teacher) -> None:
    with transaction(engine) as session:
        token = sign_in.open_session(session, teacher, days=1)

    with time_machine.travel(now() + timedelta(minutes=31)), reading(engine) as session:
        assert sign_in.actor_of_cookie(session, token, idle_minutes=30)[0] == ANONYMOUS
        assert sign_in.actor_of_cookie(session, token, idle_minutes=0)[0].user_id == teacher.id


def test_suspended_person_is_nobody_at_once(engine, teacher, make_user, actor_of) -> None:
    admin = actor_of(make_user("管理员", role=Role.PLATFORM_ADMIN))
    with transaction(engine) as session:
        cookie = sign_in.open_session(session, teacher, days=1)
        token = service.create_token(session, teacher)
    with transaction(engine) as session:
        service.suspend(session, admin, session.merge(teacher))

    with reading(engine) as session:
        assert sign_in.actor_of_cookie(session, cookie)[0] == ANONYMOUS
        with pytest.raises(SignInRequired):
            sign_in.actor_of_token(session, token)


def test_new_password_ends_every_sign_in(engine, teacher) -> None:
    with transaction(engine) as session:
        token = sign_in.open_session(session, teacher, days=1)
    with transaction(engine) as session:
        service.set_password(session, session.merge(teacher), "another good password")

    with reading(engine) as session:
        assert sign_in.actor_of_cookie(session, token)[0] == ANONYMOUS


def test_sign_in_name_is_given_once(engine, teacher) -> None:
    with transaction(engine) as session, pytest.raises(Conflict):
        service.create_user(session, email="wang@example.org", name="王二", password=PASSWORD, role=Role.TEACHER)


@pytest.mark.parametrize("password", ["short", "x" * 300])
def test_unfit_password_is_refused_with_its_field(engine, password) -> None:
    with transaction(engine) as session, pytest.raises(Invalid) as told:
        service.create_user(session, email="a@example.org", name="甲", password=password, role=Role.TEACHER)

    assert list(told.value.fields) == ["password"]


def test_school_admin_invites_teachers_of_the_school_only(engine, make_school, make_user, actor_of) -> None:
    own, other = make_school("一小"), make_school("二小")
    admin = actor_of(make_user("校管", role=Role.SCHOOL_ADMIN, school=own))

    def invite(school, role) -> None:
        with transaction(engine) as session:
            service.invite(session, admin, email="new@example.org", name="新老师", role=role, school=school)

    with pytest.raises(Forbidden):
        invite(other, Role.TEACHER)
    with pytest.raises(Forbidden):
        invite(own, Role.REGION_ADMIN)
    invite(own, Role.TEACHER)
