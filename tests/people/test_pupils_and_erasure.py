"""Pupils by card, and erasing people so that a restored backup forgets them again."""

from __future__ import annotations

import json
import re

import pytest
from sqlmodel import select

from tongke.accounts import erasure, pupils, service, sign_in
from tongke.accounts.erasure import FATES, NOBODY
from tongke.accounts.models import Erasure, PupilCard, Role, User
from tongke.db import reading, transaction
from tongke.errors import Conflict, Forbidden, Invalid, NotFound
from tongke.resources import appreciation
from tongke.resources import service as resources
from tongke.resources.models import Favourite, LearningResource, Rating
from tongke.resources.schemas import draft_fields
from tongke.review import service as review
from tongke.review.models import Decision
from tongke.tables import metadata

KEY = b"a key for tests"


@pytest.fixture
def school(make_school):
    return make_school("一小")


@pytest.fixture
def chief(make_user, school):
    return make_user("校管", role=Role.SCHOOL_ADMIN, school=school, email="chief")


@pytest.fixture
def three_b(engine, chief, actor_of, school, settings):
    """A class of two, with its cards."""
    with transaction(engine) as session:
        return pupils.open_class(
            session, actor_of(chief), session.merge(school), name="三年级 2 班", prepared=pupils.prepare([1, 2]),
            key=settings.signing_key,
        )  # fmt: skip


def test_pupil_signs_in_with_pictures_on_a_shared_computer(client, three_b) -> None:
    of, (card, _) = three_b
    form = {"code": of.code.upper(), "number": "1", "picture": list(card.pictures)}

    wrong = client.post("/class", data=form | {"picture": ["苹果", "苹果", "苹果", "苹果", "苹果"]})
    right = client.post("/class", data=form)

    assert (wrong.status_code, right.status_code) == (401, 303)
    assert "max-age" not in right.headers["set-cookie"].lower()
    assert "三年级 2 班 1" in client.get("/me/settings").text


def test_card_held_to_a_camera_asks_first(client, three_b) -> None:
    _, (card, _) = three_b
    asked = client.get("/class/card", params={"c": card.card_code})

    assert "三年级 2 班 1 号吗" in asked.text
    assert "set-cookie" not in asked.headers
    assert asked.headers["referrer-policy"] == "no-referrer"
    assert client.post("/class/card", data={"c": card.card_code}).status_code == 303
    assert client.get("/me/settings").status_code == 200


def test_staff_do_not_sign_in_by_the_pupils_door(client, engine, three_b, make_user) -> None:
    with transaction(engine) as session:
        service.create_user(session, email="abcde-01", name="老师", password="苹果苹果苹果苹果", role=Role.TEACHER)

    answer = client.post("/class", data={"code": "abcde", "number": "1", "picture": ["苹果"] * 4})

    assert answer.status_code == 401


def test_cards_are_printed_once_and_nothing_that_opens_is_kept(signed_in, chief, school, engine) -> None:
    browser = signed_in(chief)
    printed = browser.post(f"/admin/schools/{school.id}/classes", data={"name": "一年级", "size": "3"})
    listed = browser.get(f"/admin/schools/{school.id}/classes").text
    class_page = browser.get(re.search(r"/admin/classes/[0-9a-f-]+", listed)[0]).text

    assert printed.text.count("<svg") >= 3
    assert printed.headers["cache-control"] == "no-store"
    with reading(engine) as session:
        users = session.exec(select(User).where(User.role == Role.PUPIL)).all()
    assert {user.name for user in users} == {"一年级 1", "一年级 2", "一年级 3"}
    assert all(word not in class_page for word in pupils.PICTURES)


def test_new_card_replaces_the_old_one_and_signs_out(engine, chief, actor_of, three_b, settings) -> None:
    of, (old, _) = three_b
    with transaction(engine) as session:
        holder = pupils.holder_of_card(session, old.card_code, key=settings.signing_key)
        cookie = sign_in.open_session(session, holder, days=1)
        (new,) = pupils.new_cards(
            session, actor_of(chief), session.merge(of), prepared=pupils.prepare([1]), key=settings.signing_key
        )

    with reading(engine) as session:
        assert not sign_in.actor_of_cookie(session, cookie)[0].is_signed_in
        assert pupils.holder_of_card(session, new.card_code, key=settings.signing_key).id == holder.id
        with pytest.raises(Invalid):
            pupils.holder_of_card(session, old.card_code, key=settings.signing_key)


def test_classes_are_their_schools_alone(engine, three_b, make_user, make_school, actor_of) -> None:
    other = actor_of(make_user("别校", role=Role.SCHOOL_ADMIN, school=make_school("二小")))
    with reading(engine) as session, pytest.raises(NotFound):
        pupils.class_in_reach(session, other, three_b[0].id)


def test_closed_class_lets_nobody_in(engine, client, chief, actor_of, three_b) -> None:
    of, (card, _) = three_b
    with transaction(engine) as session:
        pupils.close_class(session, actor_of(chief), session.merge(of))

    assert client.post("/class/card", data={"c": card.card_code}).status_code == 422
    assert (
        client.post("/class", data={"code": of.code, "number": "1", "picture": list(card.pictures)}).status_code == 401
    )


@pytest.mark.parametrize("numbers", [[], [0], [81], [1, 1]])
def test_impossible_classes_are_refused(numbers) -> None:
    with pytest.raises(Invalid):
        pupils.prepare(numbers)


def test_pupil_is_exported_and_erased_in_three_clicks(signed_in, chief, three_b, engine) -> None:
    """The school, the class, the button: and the number is free again."""
    of, _ = three_b
    browser = signed_in(chief)
    with reading(engine) as session:
        _card, user = pupils.pupils_of(session, of.id)[0]
    page = browser.get(f"/admin/classes/{of.id}").text

    exported = json.loads(browser.get(f"/admin/classes/{of.id}/pupils/{user.id}/data.json").text)
    erased = browser.post(f"/admin/classes/{of.id}/pupils/{user.id}/erasure")

    assert f"/pupils/{user.id}/data.json" in page
    assert exported["person"][0]["email"] == f"{of.code}-01"
    assert "password_hash" not in json.dumps(exported)
    assert erased.status_code == 303
    with reading(engine) as session:
        gone = session.get(User, user.id)
        assert (gone.name, gone.password_hash, session.get(PupilCard, user.id)) == (NOBODY, None, None)
        (line,) = session.exec(select(Erasure)).all()
        assert (line.subject_id, line.subject_kind, line.by) == (user.id, "pupil", chief.id)


def test_every_column_that_refers_to_a_person_has_a_fate() -> None:
    refers = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.target_fullname == "person.id"
    }
    assert set(FATES) == refers


def test_staff_leave_and_what_they_shared_stays(signed_in, make_user, school, engine, platform, actor_of) -> None:

    judge = actor_of(make_user("审核", role=Role.REVIEWER))

    def publish(author, title):
        with transaction(engine) as session:
            made = resources.create_draft(session, author, draft_fields({"title": title})).resource
            review.submit(session, author, made, commitment=True)
            review.decide(session, judge, platform.store, made, decision=Decision.PUBLISH)
            return made.id

    leaver, other = make_user("离开", school=school, email="leaver"), make_user("同事", school=school)
    author = actor_of(leaver)
    shared = publish(author, "留下的课")
    with transaction(engine) as session:
        draft = resources.create_draft(session, author, draft_fields({"title": "没发的课"})).resource
    theirs = publish(actor_of(other), "同事的课")
    with transaction(engine) as session:
        resource = session.get(LearningResource, theirs)
        appreciation.rate(session, author, resource, stars=5, comment="我是离开老师，电话 1")
        appreciation.keep_favourite(session, author, resource)
    browser = signed_in(leaver)

    assert browser.post("/me/leaving", data={"typed": "somebody"}).status_code == 422
    answer = browser.post("/me/leaving", data={"typed": "leaver"})

    assert answer.headers["clear-site-data"]
    assert browser.get("/me").status_code == 401
    with reading(engine) as session:
        assert session.get(LearningResource, shared).published_revision_id is not None
        assert session.get(LearningResource, draft.id).standing == "deleted"
        assert session.exec(select(Favourite)).all() == []
        assert [(r.stars, r.comment) for r in session.exec(select(Rating))] == [(5, "")]
        assert session.get(LearningResource, theirs).rating_count == 1
        assert session.get(User, leaver.id).email == f"erased-{leaver.id}"


def test_only_oneself_and_the_platform_erase_staff(engine, chief, make_user, school, actor_of) -> None:
    teacher, admin = make_user(school=school), make_user("平台", role=Role.PLATFORM_ADMIN)
    with transaction(engine) as session:
        with pytest.raises(Forbidden):
            erasure.erase(session, actor_of(chief), session.merge(teacher))
        with pytest.raises(Conflict, match="最后一位"):
            erasure.erase(session, actor_of(admin), session.merge(admin))
        erasure.erase(session, actor_of(admin), session.merge(teacher))


def test_erased_people_do_not_return_with_a_backup(engine, chief, make_user, school, actor_of) -> None:
    """The ledger of today is replayed onto the database of yesterday, which knew the person, and onto one that did not."""
    teacher, admin = make_user("要删", school=school), make_user("平台", role=Role.PLATFORM_ADMIN)
    with transaction(engine) as session:
        before = session.get(User, teacher.id).model_dump()
        erasure.erase(session, actor_of(admin), session.get(User, teacher.id))
        session.flush()
        lines = erasure.ledger(session)
    with transaction(engine) as session:  # the restored state: the person as they were, an empty ledger
        restored = session.get(User, teacher.id)
        for name, value in before.items():
            setattr(restored, name, value)
        session.delete(session.exec(select(Erasure)).one())

    with transaction(engine) as session:
        assert erasure.replay(session, lines) == 1
    with transaction(engine) as session:
        assert erasure.replay(session, [*lines, *lines]) == 0
        assert session.get(User, teacher.id).name == NOBODY
        assert erasure.ledger(session) == lines
