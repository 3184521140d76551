"""What somebody shared, within what the reader may see, and who took it up: schools and months, no names."""

from __future__ import annotations

import pytest
from tests.web.conftest import words

from tongke.accounts.models import Role
from tongke.db import transaction
from tongke.resources import appreciation
from tongke.resources import service as resources
from tongke.resources.impact import impact_of
from tongke.resources.models import LearningResource
from tongke.resources.schemas import draft_fields
from tongke.review import service as review
from tongke.review.models import Decision


@pytest.fixture
def shared_lessons(engine, platform, make_user, make_school, actor_of):
    """方老师 of 一小 with a public lesson and one for the school."""
    school = make_school("一小")
    author, judge = make_user("方老师", school=school), actor_of(make_user("审核", role=Role.REVIEWER))
    made = {}
    with transaction(engine) as session:
        for title, visibility in (("公开的课", "public"), ("校内的课", "school")):
            fields = draft_fields({"title": title, "visibility": visibility})
            draft = resources.create_draft(session, actor_of(author), fields).resource
            review.submit(session, actor_of(author), draft, commitment=True)
            review.decide(session, judge, platform.store, draft, decision=Decision.PUBLISH)
            made[title] = draft.id
    return author, school, made


def test_profile_shows_what_the_reader_may_see(client, signed_in, make_user, shared_lessons) -> None:
    author, school, _ = shared_lessons
    stranger = words(client.get(f"/people/{author.id}"))
    colleague = words(signed_in(make_user("同事", school=school)).get(f"/people/{author.id}"))

    assert ("方老师" in stranger, "公开的课" in stranger, "校内的课" in stranger) == (True, True, False)
    assert "校内的课" in colleague
    assert author.email not in stranger


def test_who_shared_nothing_is_not_to_be_found(client, make_user) -> None:
    assert client.get(f"/people/{make_user('无').id}").status_code == 404


def test_impact_counts_people_by_school_without_names(
    engine, signed_in, make_user, make_school, actor_of, shared_lessons
) -> None:
    author, _, made = shared_lessons
    fans = [make_user(name, school=school) for school in (make_school("二小"),) for name in ("甲", "乙")]
    with transaction(engine) as session:
        lesson = session.get(LearningResource, made["公开的课"])
        for fan in fans:
            appreciation.keep_favourite(session, actor_of(fan), lesson)
        appreciation.rate(session, actor_of(fans[0]), lesson, stars=5)
        session.flush()
        impact = impact_of(session, actor_of(author))
    page = words(signed_in(author).get("/me/impact"))

    assert (impact.lessons, impact.schools, [times for _, times in impact.months]) == (2, [("二小", 2)], [3])
    assert "二小" in page
    assert "甲" not in page
