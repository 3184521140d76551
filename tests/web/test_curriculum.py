"""The way from a grade to a chapter to its lessons."""

from __future__ import annotations

import pytest
from tests.web.lessons import ENGLISH

from tongke.curriculum import local
from tongke.db import transaction
from tongke.resources import service
from tongke.resources.models import LearningResource
from tongke.review import service as review
from tongke.review.models import Decision


@pytest.fixture
def chapter(platform, people, make_user, actor_of):
    """A local curriculum with one chapter."""
    from tongke.accounts.models import Role

    admin = actor_of(make_user("管理员", role=Role.PLATFORM_ADMIN))
    with transaction(platform.engine) as session:
        framework = local.create_framework(session, admin, title="千岛湖的水")
        session.flush()
        item = local.add_item(session, admin, framework, title="水从哪里来")
        session.flush()
        local.add_item(session, admin, framework, title="一滴水的旅行", parent=item)
        return framework.id, item.id


def teach(platform, people, shelf, item_id, title: str) -> LearningResource:
    from tongke.resources.schemas import draft_fields

    with transaction(platform.engine) as session:
        made = service.create_draft(session, people.author, draft_fields({"title": title})).resource
        session.flush()
        service.align_to(session, people.author, made, item_id)
        review.submit(session, people.author, made, commitment=True)
        session.flush()
        review.decide(session, people.reviewer, platform.store, made, decision=Decision.PUBLISH)
    shelf.index()
    return made


def test_a_chapter_shows_its_lessons_but_none_that_is_hidden(client, platform, people, shelf, chapter) -> None:
    framework_id, item_id = chapter
    teach(platform, people, shelf, item_id, "一滴水")
    gone = teach(platform, people, shelf, item_id, "两滴水")
    with transaction(platform.engine) as session:
        service.withdraw(session, people.author, session.get(LearningResource, gone.id), reason="有错")

    page = client.get(f"/curriculum/items/{item_id}").text

    assert page.count('<li class="card">') == 1
    assert "两滴水" not in page
    assert "水从哪里来" in client.get(f"/curriculum/frameworks/{framework_id}").text


def test_an_empty_chapter_says_what_to_do(client, chapter) -> None:
    assert "用这个题目搜索" in client.get(f"/curriculum/items/{chapter[1]}").text


def test_a_chapter_costs_the_same_for_one_and_three_lessons(
    client, platform, people, shelf, chapter, queries_of
) -> None:
    counts = []
    for n in range(3):
        teach(platform, people, shelf, chapter[1], f"第{n}滴")
        with queries_of() as statements:
            client.get(f"/curriculum/items/{chapter[1]}")
        counts.append(len(statements))

    assert len(set(counts)) == 1


@pytest.mark.parametrize("wrong", ["/curriculum/books?grade=99", "/curriculum/items/x", "/curriculum?q=" + "长" * 101])
def test_wrong_addresses_are_told_kindly(client, wrong) -> None:
    answer = client.get(wrong)

    assert answer.status_code in (404, 422)
    assert "<h1>" in answer.text


def test_books_of_no_subject_and_no_grade_lead_to_the_choice_of_both(client) -> None:
    answer = client.get("/curriculum/books")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/curriculum")


def test_an_opened_branch_is_a_group_and_as_a_page_its_item(client, chapter) -> None:
    address = f"/curriculum/items/{chapter[1]}/below"
    branch = client.get(f"{address}?level=3", headers={"HX-Request": "true"}).text
    page = client.get(address)

    assert branch.startswith('<ul role="group">')
    assert 'aria-level="3"' in branch
    assert (page.status_code, page.headers["Location"]) == (303, f"/curriculum/items/{chapter[1]}")


def test_curriculum_in_english(client) -> None:
    page = client.get("/curriculum", headers=ENGLISH).text

    assert "Curriculum" in page
    assert "课程目录" not in page
