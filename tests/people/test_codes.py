"""One-time codes and forgotten passwords: once, for a while, and without telling who has an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select
from tests.conftest import PASSWORD
from tests.people.mail_servers import postman

from tongke.accounts import codes, letters, passwords, service, sign_in
from tongke.accounts.actor import ANONYMOUS
from tongke.accounts.models import CodePurpose, OneTimeCode, Role, User
from tongke.db import now, reading, transaction
from tongke.errors import Conflict, Forbidden, Invalid
from tongke.jobs.models import Job
from tongke.jobs.worker import Worker
from tongke.mail import open_mail

KEY = b"a key for tests"
NEW_HASH = passwords.hash_password("a new password")


@pytest.fixture
def teacher(make_user, make_school):
    return make_user("王老师", school=make_school(), email="wang@example.org")


def issue(engine, user, purpose=CodePurpose.INVITATION, key=KEY) -> str:
    with transaction(engine) as session:
        return codes.issue(session, session.merge(user), purpose, key=key, made_by=None).code


def redeem(engine, code) -> User:
    with transaction(engine) as session:
        return codes.redeem(session, code, password_hash=NEW_HASH, key=KEY)


def test_code_works_once_and_ends_every_sign_in(engine, teacher) -> None:
    with transaction(engine) as session:
        cookie = sign_in.open_session(session, teacher, days=1)
    code = issue(engine, teacher)

    assert redeem(engine, f" {code.lower().replace('-', ' ')} ").id == teacher.id
    with pytest.raises(Invalid):
        redeem(engine, code)
    with reading(engine) as session:
        assert sign_in.actor_of_cookie(session, cookie)[0] == ANONYMOUS
        assert session.get(User, teacher.id).password_hash == NEW_HASH


def test_table_holds_nothing_that_opens(engine, teacher) -> None:
    code = issue(engine, teacher)
    with reading(engine) as session:
        (row,) = session.exec(select(OneTimeCode)).all()

    assert row.digest == codes.digest_of(code, KEY)
    assert row.digest != codes.digest_of(code, b"another key")
    assert code.replace("-", "") not in str(row)


@pytest.mark.parametrize(
    ("purpose", "lasts"),
    [
        (CodePurpose.MAIL_RESET, timedelta(minutes=30)),
        (CodePurpose.SCHOOL_RESET, timedelta(days=3)),
        (CodePurpose.INVITATION, timedelta(days=30)),
    ],
)
def test_code_expires(engine, teacher, purpose, lasts) -> None:
    code = issue(engine, teacher, purpose)
    with reading(engine) as session:
        with time_machine.travel(now() + lasts - timedelta(seconds=5)):
            assert codes.holder_of(session, code, key=KEY).id == teacher.id
        with time_machine.travel(now() + lasts + timedelta(seconds=5)), pytest.raises(Invalid):
            codes.holder_of(session, code, key=KEY)


def test_new_code_voids_the_old_one_and_a_suspended_person_has_none(engine, teacher) -> None:
    old, new = issue(engine, teacher), issue(engine, teacher)
    with pytest.raises(Invalid):
        redeem(engine, old)
    with transaction(engine) as session:
        session.merge(teacher).suspended_at = now()
    with pytest.raises(Invalid):
        redeem(engine, new)


def test_administrator_hands_out_codes_only_below_and_never_for_the_suspended(
    engine, make_user, make_school, actor_of
) -> None:
    school = make_school("二小")
    chief, reviewer = (
        make_user("校管", role=Role.SCHOOL_ADMIN, school=school),
        make_user(role=Role.REVIEWER, school=school),
    )
    own = make_user("本校", school=school)
    actor = actor_of(chief)
    with transaction(engine) as session:
        person = session.merge(own)
        assert codes.hand_out(session, actor, person, key=KEY).sign_in_name == own.email
        with pytest.raises(Forbidden):
            codes.hand_out(session, actor, session.merge(reviewer), key=KEY)
        service.suspend(session, actor, person)
        with pytest.raises(Conflict):
            codes.hand_out(session, actor, person, key=KEY)


def test_codes_are_long_enough_and_cannot_be_misread() -> None:
    made = {codes.new_code() for _ in range(2000)}

    assert len(made) == 2000
    assert all(re.fullmatch(r"[A-HJKMNP-Z2-9]{4}(-[A-HJKMNP-Z2-9]{4}){2}", code) for code in made)


@pytest.fixture
def mailing(settings, app, platform):
    """A platform whose letters go to a real server; gives the server and a way to let the worker work."""
    from dataclasses import replace

    with postman() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        with_mail = settings.model_copy(update={"mail_url": url, "mail_sender": "tongke@example.org"})
        app.state.platform = replace(platform, settings=with_mail)

        def work() -> None:
            table = letters.handlers(open_mail(with_mail), with_mail)
            Worker(platform.engine, table, poll_s=0.02).run(until_idle=True)

        yield server, work


def test_forgotten_password_by_e_mail(mailing, client, engine, teacher) -> None:
    server, work = mailing
    client.post("/forgotten", data={"email": "WANG@example.org "})
    work()

    (letter,) = server.letters
    link = re.search(r"http://testserver(/join\?code=[A-Z0-9-]+)", letter.get_content())[1]
    page = client.get(link)
    code = re.search(r'name="code" value="([^"]+)"', page.text)[1]
    answer = client.post("/join", data={"code": code, "new": PASSWORD, "again": PASSWORD})

    assert "王老师，您好" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert answer.status_code == 303
    assert client.post("/join", data={"code": code, "new": PASSWORD, "again": PASSWORD}).status_code == 422
    assert client.post("/sign-in", data={"email": "wang@example.org", "password": PASSWORD}).status_code == 303
    with reading(engine) as session:
        assert [job.payload for job in session.exec(select(Job).where(Job.kind == letters.FORGOTTEN))] == [{}]


def test_nobody_learns_who_has_an_account(mailing, client, teacher, queries_of) -> None:
    """The same answer after the same statements: whether there is such a person is the job's to find out."""
    server, work = mailing
    answers, statements = [], []
    for address in ("wang@example.org", "nobody@example.org", "school-name-1"):
        with queries_of() as sent:
            answers.append(client.post("/forgotten", data={"email": address}))
        statements.append(sent)
    work()

    assert len({answer.text for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    assert statements[0] == statements[1] == statements[2]
    assert [letter["To"] for letter in server.letters] == ["wang@example.org"]


def test_without_a_mail_server_the_page_points_at_the_school(client, teacher, engine) -> None:
    page = client.get("/forgotten").text
    client.post("/forgotten", data={"email": "wang@example.org"})

    assert "没有设置邮件服务器" in page
    assert "/join" in page
    with reading(engine) as session:
        assert session.exec(select(Job)).all() == []


def test_invitation_goes_by_e_mail_where_there_is_one(mailing, signed_in, make_user, make_school, engine) -> None:
    from tongke.mail import outbox

    server, _ = mailing
    admin = signed_in(make_user("校管", role=Role.SCHOOL_ADMIN, school=make_school("二小")))
    slip = admin.post("/admin/people", data={"role": "teacher", "email": "li@example.org", "name": "李老师"}).text
    quiet = admin.post("/admin/people", data={"role": "teacher", "email": "zhao01", "name": "赵老师"}).text
    with_mail = open_mail(admin.app.state.platform.settings)
    Worker(engine, outbox.handlers(with_mail), poll_s=0.02).run(until_idle=True)

    code = re.search(r'<b class="code">([^<]+)<', slip)[1]
    assert [letter["To"] for letter in server.letters] == ["li@example.org"]
    assert code in server.letters[0].get_content()
    assert "已发往" in slip
    assert "已发往" not in quiet


@pytest.mark.parametrize("form", [{"new": "short", "again": "short"}, {"new": PASSWORD, "again": "x" + PASSWORD}])
def test_unfit_password_leaves_the_code_usable(client, engine, teacher, settings, form) -> None:
    code = issue(engine, teacher, key=settings.signing_key)

    refused = client.post("/join", data={"code": code, **form})
    taken = client.post("/join", data={"code": code, "new": PASSWORD, "again": PASSWORD})

    assert (refused.status_code, taken.status_code) == (422, 303)
    assert f'value="{code}"' in refused.text


def test_guessing_codes_is_slowed_down(client) -> None:
    statuses = [client.get("/join", params={"code": f"AAAA-BBBB-{n:04}"}).status_code for n in range(61)]

    assert (set(statuses[:60]), statuses[60]) == ({422}, 429)
