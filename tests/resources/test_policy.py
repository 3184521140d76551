"""Who may read what: the pure rule, and the same rule as SQL."""

from __future__ import annotations

import itertools

import pytest
from sqlmodel import select

from tongke.accounts.actor import ANONYMOUS, Actor
from tongke.accounts.models import Role
from tongke.db import reading, transaction
from tongke.resources import policy, queries
from tongke.resources import service as resources
from tongke.resources.models import LearningResource, Revision, RevisionState, Standing, Visibility
from tongke.resources.schemas import RevisionFields
from tongke.review import queries as review_queries
from tongke.review import service as review
from tongke.review.policy import may_review

HERE, ELSEWHERE = "330127", "440103"


def actor(people_of, role: Role, *, region: str = "", school=None, reach: str | None = None) -> Actor:
    return Actor(user_id=people_of, name=role, role=role, school_id=school, school_region=region, reach=reach)


@pytest.fixture
def everybody(people, make_user, make_school) -> list[Actor]:
    """One of each kind who may come by."""
    far = make_school("广州小学").id
    ids = [make_user(f"人{n}").id for n in range(8)]
    return [
        ANONYMOUS,
        people.author,
        people.colleague,
        people.pupil,
        actor(ids[0], Role.TEACHER, region=HERE + "100", reach=HERE),
        actor(ids[1], Role.TEACHER, region=ELSEWHERE, school=far, reach=ELSEWHERE),
        actor(ids[2], Role.REVIEWER, reach=""),
        actor(ids[3], Role.REVIEWER, reach=HERE, region=HERE),
        actor(ids[4], Role.REVIEWER, reach=ELSEWHERE, region=ELSEWHERE),
        actor(ids[5], Role.REGION_ADMIN, reach="33"),
        actor(ids[6], Role.REGION_ADMIN, reach=ELSEWHERE),
        actor(ids[7], Role.PLATFORM_ADMIN, reach=""),
    ]


def test_sql_and_rule_agree_on_every_audience(engine, publish, people, everybody) -> None:
    for visibility, region in itertools.product(Visibility, ("33", HERE, HERE + "100", ELSEWHERE)):
        publish(visibility=visibility, region_code=region)
    publish(visibility="public", region_code="")
    gone = publish(visibility="public")
    with transaction(engine) as session:
        resources.withdraw(session, people.author, session.get_one(LearningResource, gone.id), reason="x")

    with reading(engine) as session:
        rows = session.exec(select(LearningResource, Revision).join(Revision, queries.published_now())).all()
        for who in everybody:
            by_rule = {r.id for r, revision in rows if policy.reads_published(who, r, revision)}
            wanted = select(LearningResource.id).join(Revision, queries.published_now())
            assert set(session.exec(wanted.where(queries.in_audience(who)))) == by_rule, who.name
            assert gone.id not in by_rule


def test_queue_and_rule_agree_on_who_reviews(engine, people, everybody) -> None:
    with transaction(engine) as session:
        for region in ("", "33", HERE, ELSEWHERE):
            made = resources.create_draft(
                session, people.author, RevisionFields(title="课", region_code=region)
            ).resource
            review.submit(session, people.author, made, commitment=True)

    with reading(engine) as session:
        rows = session.exec(
            select(LearningResource, Revision).join(Revision, Revision.resource_id == LearningResource.id)
        ).all()
        for who in everybody:
            by_rule = {r.id for r, revision in rows if may_review(who, r, revision)}
            assert {row.resource_id for row in review_queries.queue(session, who)[0]} == by_rule, who.name


@pytest.mark.parametrize("state", [*RevisionState])
def test_unpublished_work_is_for_its_author_and_once_submitted_for_reviewers(people, state) -> None:
    resource = LearningResource(short_code="x", owner_id=people.author.user_id)
    revision = Revision(
        resource_id=resource.id, number=1, author_id=people.author.user_id, title="t", region_code=HERE, state=state
    )

    def sees(who: Actor) -> bool:
        return policy.may_see(who, resource, None, revision)

    submitted = {"submitted", "in_review", "changes_requested", "declined"}
    assert sees(people.author)
    assert sees(people.reviewer) is (state in submitted)
    for others in (ANONYMOUS, people.colleague, people.office, people.stranger, people.pupil):
        assert not sees(others)


@pytest.mark.parametrize(
    ("standing", "who_sees"),
    [
        (Standing.WITHDRAWN, {"author"}),
        (Standing.TAKEN_DOWN, {"author", "office"}),
        (Standing.DELETED, set()),
    ],
)
def test_what_left_the_shelf_is_seen_by_few(people, standing, who_sees) -> None:
    resource = LearningResource(short_code="x", owner_id=people.author.user_id, standing=standing)
    revision = Revision(
        resource_id=resource.id, number=1, author_id=people.author.user_id, title="t", region_code=HERE,
        state=RevisionState.PUBLISHED,
    )  # fmt: skip

    seeing = {
        name
        for name in ("author", "colleague", "stranger", "reviewer", "office", "pupil")
        if policy.may_see(getattr(people, name), resource, revision, revision)
    }

    assert seeing == who_sees


def test_nobody_takes_down_their_own_or_beyond_their_reach(people) -> None:
    own = LearningResource(short_code="x", owner_id=people.office.user_id)
    others = LearningResource(short_code="y", owner_id=people.author.user_id)
    here = Revision(resource_id=others.id, number=1, author_id=people.author.user_id, title="t", region_code=HERE)
    there = Revision(resource_id=others.id, number=1, author_id=people.author.user_id, title="t", region_code="44")

    assert policy.may_take_down(people.office, others, here)
    assert not policy.may_take_down(people.office, others, there)
    assert not policy.may_take_down(people.office, own, here)
    assert not policy.may_take_down(people.reviewer, others, here)


def test_narrow_token_may_read_but_not_write(people) -> None:
    from dataclasses import replace

    reading_token = replace(people.author, scopes=frozenset({"read"}))
    resource = LearningResource(short_code="x", owner_id=people.author.user_id)

    assert not policy.may_create(reading_token)
    assert not policy.may_edit(reading_token, resource)
    assert policy.is_owner(reading_token, resource)
