"""Local and school-based curricula: who keeps them, and what moving and renaming carries along."""

from __future__ import annotations

import pytest
from sqlmodel import select

from tongke.accounts.actor import ANONYMOUS, Actor
from tongke.accounts.models import Role
from tongke.audit.models import AuditEvent
from tongke.curriculum import queries, service, shipped, store
from tongke.curriculum.models import CFItem, FrameworkOrigin
from tongke.errors import Conflict, Forbidden, Invalid


def region_admin(reach: str) -> Actor:
    return Actor(name="县教研室", role=Role.REGION_ADMIN, reach=reach)


@pytest.fixture
def tea(session, admin):
    """茶乡文化: two units, the first with two lessons."""
    document = service.create_framework(session, admin, title="茶乡文化", subject="综合实践活动")
    first = service.add_item(session, admin, document, title="茶的历史", item_type="单元", code="1", grade=4)
    for number, title in enumerate(["茶从哪里来", "茶马古道"], start=1):
        service.add_item(session, admin, document, title=title, parent=first, code=f"1.{number}")
    second = service.add_item(session, admin, document, title="采茶制茶", item_type="单元", code="2")
    return document, first, second


def titles(session, document, parent=None):
    return [line.title for line in queries.children(session, document.id, parent.id if parent else None)]


def test_new_framework_is_empty_and_items_come_in_order(session, tea):
    document, first, _ = tea

    assert titles(session, document) == ["茶的历史", "采茶制茶"]
    assert titles(session, document, first) == ["茶从哪里来", "茶马古道"]
    lesson = queries.by_code(session, document.identifier, "1.2")
    assert queries.label_path(lesson) == "茶乡文化 › 茶的历史 › 茶马古道"
    assert (lesson.grade, lesson.subject) == (4, "综合实践活动")


def test_renamed_unit_renames_the_trail_below(session, admin, tea):
    document, first, _ = tea

    changed = service.rename_item(session, admin, first, title="茶史")

    lesson = queries.by_code(session, document.identifier, "1.1")
    assert queries.label_path(lesson) == "茶乡文化 › 茶史 › 茶从哪里来"
    assert changed[0] == first.id
    assert len(changed) == 3


def test_renamed_framework_renames_every_trail(session, admin, tea):
    document, *_ = tea

    service.rename_framework(session, admin, document, title="我们的茶")

    assert {i.trail.split(" › ")[0] for i in session.exec(select(CFItem))} == {"我们的茶"}


def test_moved_unit_takes_everything_below_along(session, admin, tea):
    document, first, second = tea

    service.move_item(session, admin, first, parent=second)
    session.flush()

    lesson = queries.by_code(session, document.identifier, "1.1")
    assert queries.label_path(lesson) == "茶乡文化 › 采茶制茶 › 茶的历史 › 茶从哪里来"
    assert [line.title for line in queries.ancestors(session, lesson)] == ["采茶制茶", "茶的历史"]
    assert lesson.id in queries.descendant_ids(session, second)


def test_item_moves_among_its_siblings(session, admin, tea):
    document, _, second = tea

    service.move_item(session, admin, second, parent=None, position=0)
    session.flush()

    assert titles(session, document) == ["采茶制茶", "茶的历史"]


def test_item_cannot_move_below_itself(session, admin, tea):
    document, first, _ = tea
    lesson = queries.by_code(session, document.identifier, "1.1")

    with pytest.raises(Conflict):
        service.move_item(session, admin, first, parent=lesson)
    with pytest.raises(Conflict):
        service.move_item(session, admin, first, parent=first)


def test_retired_unit_hides_its_lessons_and_comes_back(session, admin, tea):
    document, first, _ = tea

    assert len(service.retire_item(session, admin, first, reason="合并")) == 3
    session.flush()
    assert titles(session, document) == ["采茶制茶"]
    lesson = queries.by_code(session, document.identifier, "1.1")
    with pytest.raises(Conflict):
        service.restore_item(session, admin, lesson)

    assert len(service.restore_item(session, admin, first)) == 3
    session.flush()
    assert titles(session, document) == ["茶的历史", "采茶制茶"]


def test_retired_framework_is_no_longer_listed(session, admin, tea):
    document, *_ = tea

    service.retire_framework(session, admin, document)
    session.flush()

    assert queries.frameworks(session) == ([], 0)
    assert queries.search_items(session, "茶") == []


def test_every_change_is_in_the_audit_trail(session, admin, tea):
    service.rename_item(session, admin, tea[1], title="茶史")
    session.flush()

    actions = [event.action for event in session.exec(select(AuditEvent).order_by(AuditEvent.at))]
    assert actions == ["framework.create", *["framework_item.add"] * 4, "framework_item.rename"]


def test_empty_title_and_used_code_are_refused_by_field(session, admin, tea):
    document, *_ = tea

    with pytest.raises(Invalid) as refused:
        service.add_item(session, admin, document, title=" \x00 ")
    assert list(refused.value.fields) == ["title"]
    with pytest.raises(Invalid) as refused:
        service.add_item(session, admin, document, title="又一课", code="1.1")
    assert list(refused.value.fields) == ["code"]


def test_shipped_frameworks_cannot_be_changed_by_hand(session, admin):
    file = shipped.framework_files()["standards/arts.json"]
    saved = store.save(session, shipped.read_framework(file.read_bytes()), FrameworkOrigin.SHIPPED)

    with pytest.raises(Conflict):
        service.add_item(session, admin, saved.document, title="加一条")
    with pytest.raises(Conflict):
        service.retire_framework(session, admin, saved.document)


def test_region_admin_keeps_curricula_within_reach_only(session, county):
    document = service.create_framework(session, region_admin("330127"), title="淳安地方课程", region_code=county)

    assert document.region_code == county
    with pytest.raises(Forbidden):
        service.create_framework(session, region_admin("3302"), title="别处的课程", region_code=county)
    with pytest.raises(Forbidden):
        service.create_framework(session, region_admin("330127"), title="全国的课程")
    with pytest.raises(Forbidden):
        service.add_item(session, region_admin("3302"), document, title="不该加")


def test_school_admin_keeps_the_curriculum_of_the_own_school_only(engine, make_school, make_user, actor_of):
    from tongke.db import transaction

    own, other = make_school("中心小学"), make_school("另一所小学")
    actor = actor_of(make_user(role=Role.SCHOOL_ADMIN, school=own))
    with transaction(engine) as session:
        document = service.create_framework(session, actor, title="校本茶课", school=own)
        service.add_item(session, actor, document, title="第一课")

        assert (document.school_id, document.region_code) == (own.id, own.region_code)
        with pytest.raises(Forbidden):
            service.create_framework(session, actor, title="别校的课", school=other)
        with pytest.raises(Forbidden):
            service.create_framework(session, actor, title="没有学校的课")


@pytest.mark.parametrize(
    "actor", [ANONYMOUS, Actor(role=Role.TEACHER), Actor(role=Role.REVIEWER, reach=""), Actor(role=Role.PUPIL)]
)
def test_others_keep_no_curricula(session, tea, actor):
    document, first, _ = tea

    for attempt in (
        lambda: service.create_framework(session, actor, title="不该有"),
        lambda: service.add_item(session, actor, document, title="不该有"),
        lambda: service.rename_item(session, actor, first, title="不该改"),
        lambda: service.move_item(session, actor, first, parent=None),
        lambda: service.retire_item(session, actor, first),
        lambda: service.import_framework(session, actor, b"{}"),
    ):
        with pytest.raises(Forbidden):
            attempt()
