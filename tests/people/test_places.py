"""Schools and ranks by dates: what ends, ends at that moment; nobody gives more than they have."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from tongke.accounts import memberships, queries, ranks, service, sign_in
from tongke.accounts.models import Role, SchoolMembership, User
from tongke.audit.models import AuditEvent
from tongke.db import now, reading, today, transaction
from tongke.errors import Conflict, Forbidden, Invalid, NotFound


@pytest.fixture
def one(make_school):
    return make_school("一小")


@pytest.fixture
def two(make_school):
    return make_school("二小")


@pytest.fixture
def county_admin(make_user, county, actor_of):
    return actor_of(make_user("县管", role=Role.REGION_ADMIN, region=county))


@pytest.fixture
def platform_admin(make_user, actor_of):
    return actor_of(make_user("平台", role=Role.PLATFORM_ADMIN))


def there(engine, user, school):
    with reading(engine) as session:
        wanted = select(SchoolMembership).where(
            SchoolMembership.user_id == user.id, SchoolMembership.school_id == school.id
        )
        return session.exec(wanted).one()


def test_person_in_two_schools_reads_what_both_read(engine, make_user, one, two, county_admin, actor_of) -> None:
    teacher = make_user(school=one)
    with transaction(engine) as session:
        memberships.join(session, county_admin, session.merge(teacher), two, since=today())

    marks = actor_of(teacher).audiences

    assert {f"school:{one.id}", f"school:{two.id}"} <= marks


def test_reach_ends_at_the_moment_the_membership_does(engine, make_user, one, county_admin, actor_of) -> None:
    teacher = make_user(school=one)
    with transaction(engine) as session:
        cookie = sign_in.open_session(session, teacher, days=1)
        memberships.leave(session, county_admin, session.merge(teacher), there(engine, teacher, one).id)

    with reading(engine) as session:
        actor, _ = sign_in.actor_of_cookie(session, cookie)
    assert (actor.user_id, actor.school_ids, actor.reach) == (teacher.id, frozenset(), None)


def test_last_day_is_the_last_day(engine, make_user, one, county_admin, actor_of) -> None:
    teacher = make_user(school=one)
    with transaction(engine) as session:
        membership = there(engine, teacher, one).id
        memberships.leave(
            session, county_admin, session.merge(teacher), membership, last_day=today() + timedelta(days=3)
        )

    for days, expected in ((0, {one.id}), (3, {one.id}), (4, set())):
        with time_machine.travel(now() + timedelta(days=days)):
            assert actor_of(teacher).school_ids == expected


def test_school_admin_who_moves_is_no_admin_of_the_next_school(
    engine, make_user, one, two, county_admin, actor_of
) -> None:
    chief = make_user("校管", role=Role.SCHOOL_ADMIN, school=one)
    with transaction(engine) as session:
        memberships.move(session, county_admin, session.merge(chief), two, since=today())

    actor = actor_of(chief)
    assert (actor.role, actor.school_id) == (Role.TEACHER, two.id)


def test_reviewer_whose_school_ends_does_not_review_the_whole_platform(
    engine, make_user, one, county_admin, actor_of
) -> None:
    reviewer = make_user("审核", role=Role.REVIEWER, school=one)
    assert actor_of(reviewer).review_reach == "330127"
    with transaction(engine) as session:
        memberships.leave(session, county_admin, session.merge(reviewer), there(engine, reviewer, one).id)

    assert actor_of(reviewer).review_reach is None


def test_second_school_makes_nobody_its_admin(engine, make_user, one, two, county_admin, actor_of) -> None:
    chief = make_user("校管", role=Role.SCHOOL_ADMIN, school=one)
    with transaction(engine) as session:
        memberships.join(session, county_admin, session.merge(chief), two, since=today())

    actor = actor_of(chief)
    assert (actor.role, actor.school_id) == (Role.SCHOOL_ADMIN, one.id)


def test_closed_school_gives_nothing(engine, make_user, one, county_admin, actor_of) -> None:
    from tongke.accounts import schools

    teacher = make_user(school=one)
    with transaction(engine) as session:
        schools.close(session, county_admin, session.merge(one), reason="撤并")
    assert actor_of(teacher).school_ids == frozenset()

    with transaction(engine) as session:
        schools.reopen(session, county_admin, session.merge(one))
    assert actor_of(teacher).school_ids == {one.id}


def test_lent_rank_holds_between_its_days(engine, make_user, one, county, county_admin, actor_of) -> None:
    teacher = make_user(school=one)
    first, last = today() + timedelta(days=2), today() + timedelta(days=5)
    with transaction(engine) as session:
        ranks.grant(
            session, county_admin, session.merge(teacher), Role.REVIEWER, since=first, until=last, region_code=county
        )

    reach = []
    for days in (0, 2, 5, 6):
        with time_machine.travel(now() + timedelta(days=days)):
            reach.append(actor_of(teacher).review_reach)
    assert reach == [None, county, county, None]


def test_school_admin_may_review_besides(engine, make_user, one, county, county_admin, actor_of) -> None:
    chief = make_user("校管", role=Role.SCHOOL_ADMIN, school=one)
    with transaction(engine) as session:
        lent = ranks.grant(
            session, county_admin, session.merge(chief), Role.REVIEWER, since=today(), until=None, region_code=county
        )

    actor = actor_of(chief)
    assert (actor.role, actor.reach, actor.review_reach) == (Role.SCHOOL_ADMIN, one.region_code, county)
    assert actor.is_a(Role.REVIEWER)

    with transaction(engine) as session:
        ranks.revoke(session, county_admin, session.merge(chief), lent.id)
    assert not actor_of(chief).is_a(Role.REVIEWER)


def test_region_admin_elsewhere_reviews_only_where_lent(engine, make_user, county, platform_admin, actor_of) -> None:
    head = make_user("县管", role=Role.REGION_ADMIN, region=county)
    with transaction(engine) as session:
        ranks.grant(
            session, platform_admin, session.merge(head), Role.REVIEWER, since=today(), until=None, region_code="33"
        )
    actor = actor_of(head)
    assert (actor.covers("3302"), actor.reviews_in("3302"), actor.reviews_in("44")) == (False, True, False)


@pytest.mark.parametrize(
    ("role", "where"),
    [
        (Role.PLATFORM_ADMIN, ""),
        (Role.REGION_ADMIN, "330127"),
        (Role.REGION_ADMIN, "33"),
        (Role.REVIEWER, "33"),
        (Role.REVIEWER, "44"),
    ],
)
def test_region_admin_gives_nothing_above_or_beyond(engine, make_user, one, county_admin, role, where) -> None:
    teacher = make_user(school=one)
    with transaction(engine) as session, pytest.raises(Forbidden):
        ranks.change_role(session, county_admin, session.merge(teacher), role, region_code=where)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SCHOOL_ADMIN, Role.REGION_ADMIN, Role.PLATFORM_ADMIN])
def test_school_admin_makes_nobody_more_than_a_teacher(engine, make_user, one, actor_of, role) -> None:
    chief, teacher = make_user("校管", role=Role.SCHOOL_ADMIN, school=one), make_user(school=one)
    with transaction(engine) as session, pytest.raises(Forbidden):
        ranks.change_role(session, actor_of(chief), session.merge(teacher), role, school=one, region_code="330127")


def test_city_admin_appoints_county_admins_and_looks_after_them(engine, make_user, one, county, actor_of) -> None:
    city = actor_of(make_user("市管", role=Role.REGION_ADMIN, region="3301"))
    teacher = make_user(school=one)
    with transaction(engine) as session:
        ranks.change_role(session, city, session.merge(teacher), Role.REGION_ADMIN, region_code=county)
    assert actor_of(teacher).reach == county

    equal = make_user("另一位市管", role=Role.REGION_ADMIN, region="3301")
    with transaction(engine) as session:
        service.suspend(session, city, session.merge(teacher))
        with pytest.raises(Forbidden):
            service.suspend(session, city, session.merge(equal))


def test_rank_to_come_protects_from_those_below_it(engine, make_user, one, county, county_admin, actor_of) -> None:
    """A school admin must not take over the account of somebody who reviews from next month."""
    chief, teacher = make_user("校管", role=Role.SCHOOL_ADMIN, school=one), make_user(school=one)
    with transaction(engine) as session:
        ranks.grant(
            session, county_admin, session.merge(teacher), Role.REVIEWER,
            since=today() + timedelta(days=30), until=None, region_code=county,
        )  # fmt: skip
    with transaction(engine) as session, pytest.raises(Forbidden):
        service.suspend(session, actor_of(chief), session.merge(teacher))


def test_last_platform_admin_stays(engine, make_user, platform_admin, actor_of) -> None:
    other = make_user("平台二", role=Role.PLATFORM_ADMIN)
    with transaction(engine) as session:
        ranks.change_role(session, platform_admin, session.merge(other), Role.TEACHER)
    lent_to = make_user("临时")
    with transaction(engine) as session:
        ranks.grant(session, platform_admin, session.merge(lent_to), Role.PLATFORM_ADMIN, since=today(), until=None)
    only = session_user(engine, platform_admin.user_id)

    for act in (
        lambda session: ranks.change_role(session, actor_of(lent_to), session.merge(only), Role.TEACHER),
        lambda session: service.suspend(session, actor_of(lent_to), session.merge(only)),
    ):
        with transaction(engine) as session, pytest.raises(Conflict, match="最后一位"):
            act(session)


def session_user(engine, user_id) -> User:
    with reading(engine) as session:
        return session.get(User, user_id)


def test_nobody_changes_their_own_rank_or_suspends_themselves(engine, platform_admin) -> None:
    only = session_user(engine, platform_admin.user_id)
    with transaction(engine) as session:
        with pytest.raises(Forbidden):
            ranks.change_role(session, platform_admin, session.merge(only), Role.TEACHER)
        with pytest.raises(Forbidden):
            service.suspend(session, platform_admin, session.merge(only))


def test_school_admin_cannot_pull_people_from_another_school(engine, make_user, one, two, actor_of) -> None:
    chief, stranger = make_user("校管", role=Role.SCHOOL_ADMIN, school=one), make_user("外校", school=two)
    with reading(engine) as session, pytest.raises(NotFound):
        queries.person_in_reach(session, actor_of(chief), stranger.id)


@pytest.mark.parametrize("gap", [0, 400])
def test_same_school_twice_at_a_time_is_refused(engine, make_user, one, county_admin, gap) -> None:
    teacher = make_user(school=one)
    with transaction(engine) as session, pytest.raises(Conflict):
        memberships.join(session, county_admin, session.merge(teacher), one, since=today() + timedelta(days=gap))


def test_coming_back_after_leaving_is_possible(engine, make_user, one, county_admin, actor_of) -> None:
    teacher = make_user(school=one)
    with transaction(engine) as session:
        memberships.leave(session, county_admin, session.merge(teacher), there(engine, teacher, one).id)
        memberships.join(session, county_admin, session.merge(teacher), one, since=today())

    assert actor_of(teacher).school_ids == {one.id}


def test_dates_that_cannot_be_are_refused(engine, make_user, one, two, county, county_admin) -> None:
    teacher = make_user(school=one)
    yesterday = today() - timedelta(days=1)
    with transaction(engine) as session:
        person = session.merge(teacher)
        with pytest.raises(Invalid):
            memberships.join(session, county_admin, person, two, since=today(), until=yesterday)
        with pytest.raises(Invalid):
            ranks.grant(
                session, county_admin, person, Role.REVIEWER, since=yesterday, until=yesterday, region_code=county
            )


def test_every_change_is_in_the_trail(engine, make_user, one, two, county, county_admin) -> None:
    teacher = make_user(school=one)
    with transaction(engine) as session:
        person = session.merge(teacher)
        memberships.join(session, county_admin, person, two, since=today())
        ranks.change_role(session, county_admin, person, Role.REVIEWER, region_code=county)
        lent = ranks.grant(session, county_admin, person, Role.SCHOOL_ADMIN, since=today(), until=None, school=two)
        session.flush()
        ranks.revoke(session, county_admin, person, lent.id)
        service.suspend(session, county_admin, person, reason="调查")
        service.reinstate(session, county_admin, person)

    with reading(engine) as session:
        trail = session.exec(select(AuditEvent).where(AuditEvent.subject_id == str(teacher.id))).all()
    actions = {event.action for event in trail if event.actor_id == county_admin.user_id}
    assert actions == {
        "person.join", "person.role", "person.grant", "person.revoke", "person.suspend", "person.reinstate",
    }  # fmt: skip
    assert [event.reason for event in trail if event.action == "person.suspend"] == ["调查"]
