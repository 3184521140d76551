"""Collections: ordered, shared, and never a way around who may read what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlmodel import Session

from tongke.accounts.actor import ANONYMOUS
from tongke.accounts.models import Role
from tongke.collections import queries, service
from tongke.db import reading, transaction
from tongke.errors import Conflict, Forbidden, Invalid, NotFound
from tongke.resources import queries as resource_queries
from tongke.resources import service as resources
from tongke.resources.models import LearningResource
from tongke.resources.schemas import RevisionFields
from tongke.review import service as review
from tongke.review.models import Decision


@pytest.fixture
def author(make_user, make_school, actor_of):
    return actor_of(make_user("王老师", school=make_school()))


@pytest.fixture
def reader(make_user, actor_of):
    return actor_of(make_user("陈老师"))


@pytest.fixture
def reviewer(make_user, actor_of):
    return actor_of(make_user("李教研员", role=Role.REVIEWER))


@pytest.fixture
def session(engine, author, reader, reviewer) -> Iterator[Session]:
    """A writing session, opened once the people are there: one writes at a time."""
    with transaction(engine) as session:
        yield session


@pytest.fixture
def lesson(session, platform, author, reviewer) -> Callable[..., resource_queries.Seen]:
    def publish(title: str, **fields: object) -> resource_queries.Seen:
        made = resources.create_draft(session, author, RevisionFields(title=title, **fields)).resource
        review.submit(session, author, made, commitment=True)
        review.decide(session, reviewer, platform.store, made, decision=Decision.PUBLISH)
        return resource_queries.seen(session, author, made.id)

    return publish


@pytest.fixture
def collection(session, author):
    made = service.create(session, author, title="第三单元 小数除法")
    session.flush()
    return made


def titles(view: queries.CollectionView) -> list[str]:
    return [entry.card.title for entry in view.entries]


def test_collection_keeps_its_order(session, author, collection, lesson) -> None:
    lessons = [lesson(f"第{n}课") for n in range(3)]
    for one in lessons:
        service.add(session, author, collection, one)

    service.reorder(session, author, collection, [lessons[2].resource.id, lessons[0].resource.id])
    service.remove(session, author, collection, lessons[1].resource.id)

    assert titles(queries.view(session, author, collection.id)) == ["第2课", "第0课"]


def test_collection_is_its_owners_until_shared(session, author, reader, collection) -> None:
    with pytest.raises(NotFound):
        queries.view(session, reader, collection.id)
    token = service.share(session, author, collection)

    assert queries.view(session, ANONYMOUS, collection.id, share_token=token).owner_name == "王老师"
    with pytest.raises(NotFound):
        queries.view(session, ANONYMOUS, collection.id, share_token="guessed")
    service.unshare(session, author, collection)
    with pytest.raises(NotFound):
        queries.view(session, ANONYMOUS, collection.id, share_token=token)


def test_public_collection_hides_what_its_reader_may_not_read(session, author, reader, collection, lesson) -> None:
    service.add(session, author, collection, lesson("公开课"))
    service.add(session, author, collection, lesson("校内课", visibility="school"))
    service.open_to_all(session, author, collection, is_public=True)

    shown = queries.view(session, reader, collection.id)
    listed, total = queries.public(session, reader)

    assert (titles(shown), shown.hidden) == (["公开课"], 0)
    assert ([line.size for line in listed], total) == ([1], 1)


def test_withdrawn_lesson_leaves_collections_at_once(session, author, reader, collection, lesson) -> None:
    gone = lesson("要撤的课")
    service.add(session, author, collection, gone)
    service.open_to_all(session, author, collection, is_public=True)
    resources.withdraw(session, author, gone.resource, reason="教材已更新")

    mine = queries.view(session, author, collection.id)

    assert (titles(queries.view(session, reader, collection.id)), titles(mine), mine.hidden) == ([], [], 1)


def test_drafts_are_not_collected(session, author, collection) -> None:
    draft = resources.create_draft(session, author, RevisionFields(title="草稿")).resource

    with pytest.raises(Conflict):
        service.add(session, author, collection, resource_queries.seen(session, author, draft.id))


def test_adding_twice_keeps_one_with_the_new_note(session, author, collection, lesson) -> None:
    one = lesson("一课")
    service.add(session, author, collection, one, note="导入用")
    service.add(session, author, collection, one, note="复习用")

    assert [e.note for e in queries.view(session, author, collection.id).entries] == ["复习用"]
    assert queries.holding(session, author, one.resource.id) == [collection.id]


def test_others_change_nothing(session, reader, collection) -> None:
    for change in (
        lambda: service.rename(session, reader, collection, title="x", description=""),
        lambda: service.share(session, reader, collection),
        lambda: service.open_to_all(session, reader, collection, is_public=True),
        lambda: service.delete_collection(session, reader, collection),
    ):
        with pytest.raises(Forbidden):
            change()


def test_collection_needs_a_title(session, author) -> None:
    with pytest.raises(Invalid):
        service.create(session, author, title=" \0 ")


def test_deleted_collection_leaves_its_lessons(session, author, collection, lesson) -> None:
    one = lesson("一课")
    service.add(session, author, collection, one)

    service.delete_collection(session, author, collection)
    session.flush()

    with pytest.raises(NotFound):
        queries.view(session, author, collection.id)
    assert session.get(LearningResource, one.resource.id) is not None


@pytest.mark.parametrize("count", [1, 3])
def test_pages_of_collections_cost_a_fixed_number_of_queries(
    engine, platform, author, reviewer, queries_of, count
) -> None:
    with transaction(engine) as session:
        made = service.create(session, author, title="专题")
        session.flush()
        for n in range(count):
            lesson = resources.create_draft(session, author, RevisionFields(title=f"第{n}课")).resource
            review.submit(session, author, lesson, commitment=True)
            review.decide(session, reviewer, platform.store, lesson, decision=Decision.PUBLISH)
            service.add(session, author, made, resource_queries.seen(session, author, lesson.id))
    with reading(engine) as session, queries_of() as one:
        shown = queries.view(session, author, made.id)
    with reading(engine) as session, queries_of() as listing:
        queries.own(session, author)

    assert (len(shown.entries), len(one), len(listing)) == (count, 4, 2)
