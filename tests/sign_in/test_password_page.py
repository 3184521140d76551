"""The sign-in page: what it says to whoever guesses, and that it says the same of everybody."""

from __future__ import annotations

import pytest
from sqlmodel import select
from tests.conftest import PASSWORD

from tongke.accounts import passwords, service, tries
from tongke.accounts.models import Role, User
from tongke.accounts.sign_in_models import FailedSignIn
from tongke.db import reading, transaction


@pytest.fixture
def teacher(engine):
    with transaction(engine) as session:
        return service.create_user(
            session, email="wang@example.org", name="王老师", password=PASSWORD, role=Role.TEACHER
        )


def try_(client, email="wang@example.org", password="wrong"):
    return client.post("/sign-in", data={"email": email, "password": password})


@pytest.mark.parametrize("email", ["wang@example.org", "nobody@example.org"])
def test_guesser_is_told_when_to_come_back(client, teacher, email) -> None:
    answers = [try_(client, email) for _ in range(tries.FREE_TRIES_OF_PAIR + 1)]

    assert [a.status_code for a in answers] == [422] * tries.FREE_TRIES_OF_PAIR + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 2
    assert "秒后再试" in answers[-1].text


def test_known_and_unknown_names_get_the_same_answers(client, teacher) -> None:
    known = [try_(client, "wang@example.org") for _ in range(7)]
    unknown = [try_(client, "nope@example.org") for _ in range(7)]

    assert [a.status_code for a in known] == [a.status_code for a in unknown]
    assert [a.text.replace("wang@", "nope@") for a in known[:5]] == [a.text for a in unknown[:5]]


def test_failed_tries_are_kept_for_the_person_to_see_and_right_ones_are_not(client, teacher, engine) -> None:
    try_(client)
    assert try_(client, password=PASSWORD).status_code == 303

    with reading(engine) as session:
        failed = session.exec(select(FailedSignIn)).all()
    assert [(f.user_id, f.address) for f in failed] == [(teacher.id, "testclient")]


def test_right_password_in_time_works_again(client, teacher) -> None:
    for _ in range(tries.FREE_TRIES_OF_PAIR - 1):
        try_(client)

    assert try_(client, password=PASSWORD).status_code == 303
    assert try_(client).status_code == 422


def test_old_hash_is_made_anew_at_the_next_sign_in(client, teacher, engine) -> None:
    from pwdlib import PasswordHash

    slow = PasswordHash.recommended().hash(PASSWORD)
    with transaction(engine) as session:
        session.get(User, teacher.id).password_hash = slow

    assert try_(client, password=PASSWORD).status_code == 303
    with reading(engine) as session:
        made = session.get(User, teacher.id).password_hash
    assert made != slow
    assert passwords.is_right(PASSWORD, made)
    assert "m=19456,t=2,p=1" in made


def test_password_changed_while_the_old_one_was_being_looked_at_wins(engine, teacher) -> None:
    from tongke.accounts import password_sign_in
    from tongke.errors import SignInRequired

    who = tries.guesser(b"k", name=teacher.email, address="a")
    with transaction(engine) as session:
        attempt = password_sign_in.begin(session, who, email=teacher.email, address="a", user_agent="")
    verdict = password_sign_in.judge(attempt, PASSWORD)
    with transaction(engine) as session:
        service.set_password(session, session.get(User, teacher.id), "another good password")

    with transaction(engine) as session, pytest.raises(SignInRequired):
        password_sign_in.succeed(session, attempt, verdict)
