"""What readers find: only what they may see, at once, in full pages, with the engine or without it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from tongke import discovery
from tongke.accounts.actor import ANONYMOUS, Actor
from tongke.accounts.models import Role
from tongke.curriculum.models import CFDocument, CFItem
from tongke.db import reading, transaction
from tongke.discovery import Found, ResourceQuery
from tongke.errors import Invalid, SearchUnavailable
from tongke.resources.models import Alignment, LearningResource, Revision, Standing
from tongke.search import open_search
from tongke.search.base import FACETS, SearchEngine, Sort
from tongke_indexer import rebuild, sync

Publish = Callable[..., UUID]
WITHOUT_ENGINE = object()


class Away:
    """An engine that does not answer."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def fail(*_: object, **__: object) -> object:
            raise SearchUnavailable

        return fail


def ask(engine: Engine, search: SearchEngine, actor: Actor = ANONYMOUS, **parameters: object) -> Found:
    pairs = [
        (n, str(v)) for n, values in parameters.items() for v in (values if isinstance(values, list) else [values])
    ]
    with reading(engine) as session:
        return discovery.find(session, search, actor, ResourceQuery.of(pairs))


def ids(found: Found) -> list[UUID]:
    return [row.id for row in found.rows]


@pytest.fixture(params=["engine", "database"])
def either(request: pytest.FixtureRequest, engine: Engine, search: SearchEngine) -> Callable[..., Found]:
    """Ask with a drained index, or with the engine away: the answers agree."""

    def asked(actor: Actor = ANONYMOUS, **parameters: object) -> Found:
        if request.param == "engine":
            sync.drain(engine, search)
            found = ask(engine, search, actor, **parameters)
            assert found.notice is None
            return found
        found = ask(engine, Away(), actor, **parameters)
        assert found.notice is not None
        return found

    return asked


def test_words_find_title_description_keywords_author_and_unit(publish: Publish, either: Callable) -> None:
    lesson = publish(
        "小数除法", description="竖式计算", keywords=["近似值", "50%_off"], author_name="王芳", unit="第三单元"
    )
    publish("圆的面积")

    for words in ("小数除法", "竖式", "近似值", "王芳", "第三单元", "50%"):
        assert ids(either(q=words)) == [lesson], words
    assert either(q="小数除法").rows[0].title == "小数除法"


def test_filters_narrow_and_facets_ignore_their_own_selection(publish: Publish, either: Callable) -> None:
    first = publish("a1", subject="数学", grade=5, region_code="330127", language="zh-CN", time_required_s=600)
    publish("a2", subject="语文", grade=5, region_code="330102", language="zh-CN", time_required_s=60)
    publish("a3", subject="数学", grade=6, region_code="110101", language="bo")
    found = either(subject="数学", grade=["5", "4"])

    assert (ids(found), found.total, found.total_is_exact) == ([first], 1, True)
    assert tuple(found.facets) == FACETS
    assert found.facets["subject"] == {"数学": 1, "语文": 1}
    assert found.facets["grade"] == {"5": 1, "6": 1}
    assert found.facets["region"] == {"330127": 1}
    assert found.facets["duration"] == {"5–15 分钟": 1}
    assert ids(either(region="3301", duration="5–15 分钟")) == [first]
    assert either(region="3").total == 2
    assert either(subject="没有这一科").total == 0


def test_sorts_and_pages_agree(publish: Publish, either: Callable) -> None:
    at = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    old = publish("小数一", published_at=at[0], rating_sum=9, rating_count=2)
    middle = publish("小数二", published_at=at[1])
    new = publish("小数三", published_at=at[2], rating_sum=6, rating_count=2)

    assert ids(either(q="小数", sort="newest")) == [new, middle, old]
    assert ids(either(q="小数", sort="rating")) == [old, new, middle]
    assert ids(either(sort="newest", page=2, page_size=2)) == [old]
    past = either(q="小数", page=9)
    assert (past.rows, past.total, past.pages) == ([], 3, 1)


def test_each_reader_sees_only_what_is_meant_for_them(
    publish: Publish, either: Callable, make_user: Callable, make_school: Callable, actor_of: Callable
) -> None:
    home, away = make_school(), make_school("另一所学校")
    author, colleague, stranger = make_user(school=home), make_user(school=home), make_user(school=away)
    made = {
        kind: publish(f"小数{kind}", owner=author.id, school_id=home.id, region_code="330127", visibility=kind)
        for kind in ("public", "region", "school", "private")
    }
    elsewhere = Actor(user_id=uuid4(), role=Role.TEACHER, school_id=uuid4(), school_region="110101")
    platform = Actor(user_id=uuid4(), role=Role.PLATFORM_ADMIN, reach="")
    seen = {
        "author": {"public", "region", "school", "private"},
        "colleague": {"public", "region", "school"},
        "stranger": {"public", "region"},
        "elsewhere": {"public"},
        "anonymous": {"public"},
        "platform": {"public", "region", "school"},
    }
    actors = {
        "author": actor_of(author),
        "colleague": actor_of(colleague),
        "stranger": actor_of(stranger),
        "elsewhere": elsewhere,
        "anonymous": ANONYMOUS,
        "platform": platform,
    }
    for who, kinds in seen.items():
        found = either(actors[who], q="小数")
        assert set(ids(found)) == {made[kind] for kind in kinds}, who
        assert found.total == len(kinds), who
        assert sum(found.facets["type"].values()) == len(kinds), who


@pytest.mark.parametrize("standing", [Standing.WITHDRAWN, Standing.TAKEN_DOWN, Standing.DELETED])
def test_what_is_taken_away_leaves_everything_at_once_with_the_indexer_stopped(
    engine: Engine, search: SearchEngine, publish: Publish, set_standing: Callable, standing: Standing
) -> None:
    lessons = [
        publish(f"小数第{n}课", subject="数学", published_at=datetime(2026, 1, n + 1, tzinfo=UTC)) for n in range(25)
    ]
    odd = publish("小数独一无二", subject="科学")
    sync.drain(engine, search)
    gone = [odd, *lessons[3:6]]
    for each in gone:
        set_standing(each, standing)
    found = ask(engine, search, q="小数", sort="newest", page_size=10)

    assert found.notice is None
    assert len(found.rows) == 10
    assert found.total == 22
    assert found.facets["subject"] == {"数学": 22}
    rest = [*ids(found), *ids(ask(engine, search, q="小数", sort="newest", page_size=10, page=2))]
    rest += ids(ask(engine, search, q="小数", sort="newest", page_size=10, page=3))
    assert rest == [each for each in reversed(lessons) if each not in gone]
    with reading(engine) as session:
        assert discovery.suggest(session, search, ANONYMOUS, "小数独") == []


def test_a_hit_the_database_does_not_know_is_replaced_and_not_counted(
    engine: Engine, search: SearchEngine, publish: Publish
) -> None:
    """A restored database can be older than its index: no request tells of it."""
    lessons = [publish(f"小数第{n}课") for n in range(6)]
    sync.drain(engine, search)
    with transaction(engine) as session:
        for each in lessons[:2]:
            resource = session.get(LearningResource, each)
            resource.standing, resource.standing_at = Standing.DELETED, resource.published_at
    found = ask(engine, search, q="小数", page_size=4)

    assert set(ids(found)) == set(lessons[2:])
    assert found.total == 4


def test_more_changes_than_can_be_left_out_are_answered_by_the_database(
    engine: Engine, search: SearchEngine, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery.service, "MAX_EXCLUDED", 2)
    lessons = {publish(f"小数第{n}课") for n in range(3)}
    found = ask(engine, search, q="小数")

    assert set(ids(found)) == lessons
    assert found.notice is not None
    with reading(engine) as session:
        assert len(discovery.suggest(session, search, ANONYMOUS, "小数")) == 3


def test_framework_items_find_what_is_aligned_below_and_count_it(
    engine: Engine, publish: Publish, either: Callable
) -> None:
    book, unit, lesson_item, other = _tree(engine)
    deep, direct, elsewhere, hidden = publish("a1"), publish("a2"), publish("a3"), publish("a4", visibility="private")
    for resource, item in ((deep, lesson_item), (deep, unit), (direct, unit), (elsewhere, other), (hidden, unit)):
        _align(engine, resource, item)

    assert set(ids(either(framework_item=book))) == {deep, direct}
    assert ids(either(framework_item=lesson_item)) == [deep]
    assert set(ids(either(framework_item=[lesson_item, other]))) == {deep, elsewhere}
    with reading(engine) as session:
        counts = discovery.counts_by_framework_item(session, ANONYMOUS, [book, unit, lesson_item, other, uuid4()])
    assert counts == {book: 2, unit: 2, lesson_item: 1, other: 1}


def _tree(engine: Engine) -> tuple[UUID, UUID, UUID, UUID]:
    with transaction(engine) as session:
        document = CFDocument(identifier="t", title="数学 人教版", family="textbook")
        session.add(document)
        session.flush()
        made: list[CFItem] = []
        for name, parent, path in (
            ("五上", None, "/a/"),
            ("小数除法", 0, "/a/b/"),
            ("例1", 1, "/a/b/c/"),
            ("六上", None, "/ab/"),
        ):
            item = CFItem(
                document_id=document.id,
                parent_id=None if parent is None else made[parent].id,
                identifier=path,
                full_statement=name,
                path=path,
                depth=path.count("/") - 2,
            )
            session.add(item)
            session.flush()
            made.append(item)
        return tuple(item.id for item in made)


def _align(engine: Engine, resource_id: UUID, item_id: UUID) -> None:
    from tongke.search.outbox import request_reindex

    with transaction(engine) as session:
        revision = session.get(Revision, session.get(LearningResource, resource_id).published_revision_id)
        session.add(Alignment(revision_id=revision.id, framework_item_id=item_id))
        request_reindex(session, resource_id)


def test_curriculum_words_are_found(engine: Engine, search: SearchEngine, publish: Publish) -> None:
    lesson = publish("公开课")
    _align(engine, lesson, _tree(engine)[1])
    sync.drain(engine, search)

    assert ids(ask(engine, search, q="小数除法")) == [lesson]


def test_lost_index_is_answered_for_by_the_database_until_it_is_made_anew(
    engine: Engine, search: SearchEngine, publish: Publish, tmp_path: Path
) -> None:
    lesson = publish("小数除法")
    sync.drain(engine, search)
    lost = open_search(f"embedded://{tmp_path / 'lost'}")

    found = ask(engine, lost, q="小数")
    assert (ids(found), found.notice is None) == ([lesson], False)
    with reading(engine) as session:
        assert discovery.suggest(session, lost, ANONYMOUS, "小数") == ["小数除法"]

    rebuild.rebuild(engine, lost)
    found = ask(engine, lost, q="小数")
    assert (ids(found), found.notice) == ([lesson], None)


def test_empty_answer_is_no_loss(engine: Engine, search: SearchEngine, publish: Publish) -> None:
    assert ask(engine, search).notice is None  # a new platform
    publish("小数除法")
    assert ask(engine, search).notice is None  # on its way
    sync.drain(engine, search)
    assert ask(engine, search, q="没有这样的课").notice is None


@pytest.mark.parametrize("count", [1, 3])
def test_search_costs_two_statements_however_many_rows(
    engine: Engine, search: SearchEngine, publish: Publish, queries_of: Callable, count: int
) -> None:
    for n in range(count):
        publish(f"小数第{n}课")
    sync.drain(engine, search)
    with queries_of() as statements:
        found = ask(engine, search, q="小数")

    assert len(found.rows) == count
    assert len(statements) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_documents_cost_the_same_statements_for_one_or_many(
    engine: Engine, publish: Publish, queries_of: Callable, count: int
) -> None:
    from tongke_indexer import documents

    items = _tree(engine)
    lessons = [publish(f"小数第{n}课") for n in range(count)]
    for each in lessons:
        _align(engine, each, items[1])
    with queries_of() as statements, reading(engine) as session:
        assert len(documents.build(session, lessons)) == count

    assert len(statements) == 6


def test_suggestions_come_from_titles_and_from_the_database_when_the_engine_is_away(
    engine: Engine, search: SearchEngine, publish: Publish
) -> None:
    publish("小数除法")
    publish("认识小数")
    publish("小数私人课", visibility="private")
    sync.drain(engine, search)
    with reading(engine) as session:
        for each in (search, Away()):
            assert sorted(discovery.suggest(session, each, ANONYMOUS, "小数")) == ["小数除法", "认识小数"]
            assert discovery.suggest(session, each, ANONYMOUS, " \x00 ") == []
        assert discovery.suggest(session, search, ANONYMOUS, "xscf") == ["小数除法"]


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "'", "\x00", "小" * 10_000, "a b " * 3000, "\ud800", "😀", "/*", "[]"]
)
def test_no_text_breaks_either_search(either: Callable, publish: Publish, text: str) -> None:
    publish("小数除法")

    assert either(q=text).total <= 1


@pytest.mark.parametrize(
    "parameters",
    [
        {"page": "0"},
        {"page": "x"},
        {"page": "-1"},
        {"page_size": "101"},
        {"page_size": "0"},
        {"sort": "random"},
        {"grade": "五"},
        {"grade": "13"},
        {"region": "33%"},
        {"framework_item": "chapter-1"},
    ],
)
def test_wrong_parameters_are_named(parameters: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        ResourceQuery.of(parameters.items())

    assert caught.value.fields.keys() == parameters.keys()


def test_a_question_and_its_address_mean_the_same() -> None:
    asked = [("q", "小数"), ("subject", "数学"), ("subject", "语文"), ("grade", "5"), ("sort", "newest"), ("page", "3")]
    query = ResourceQuery.of([*asked, ("utm_source", "x"), ("licence", "")])

    assert query.parameters() == asked
    assert query.sort is Sort.NEWEST
    assert query.toggled("subject", "语文").parameters() == [asked[0], asked[1], asked[3], asked[4]]
    assert query.toggled("type", "slides").has_chosen("type", "slides")
