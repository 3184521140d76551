"""Administrators' pages: local curricula kept by hand, people found by school."""

from __future__ import annotations

import re

import pytest
from tests.web.conftest import Desk, words

from tongke.accounts.models import Role


@pytest.fixture
def head(make_user, make_school, signed_in) -> Desk:
    user = make_user("校管理员", role=Role.SCHOOL_ADMIN, school=make_school())
    return Desk(user, signed_in(user))


@pytest.fixture
def curriculum(head) -> str:
    """The address of a curriculum the school's administrator began."""
    answer = head.browser.post("/admin/frameworks", data={"title": "千岛湖水文化", "subject": "综合实践"})
    assert answer.status_code == 303
    return answer.headers["location"]


def add(head: Desk, address: str, title: str, parent: str = "") -> str:
    head.browser.post(f"{address}/items", data={"title": title, "parent": parent})
    found = re.findall(r'<option value="([^"]+)">(?:– )*([^<]+)</option>', head.browser.get(address).text)
    return next(one for one, name in found if name == title)


def shown(head: Desk, address: str) -> list[str]:
    return re.findall(
        r'<summary class="row is-apart"><span lang="zh-CN">([^<]+)</span>', head.browser.get(address).text
    )


def test_curriculum_is_built_shown_as_a_tree_and_kept(head, curriculum) -> None:
    water = add(head, curriculum, "水从哪里来")
    boats = add(head, curriculum, "湖上的船")
    rain = add(head, curriculum, "雨和山", parent=water)
    add(head, curriculum, "码头", parent=boats)
    assert shown(head, curriculum) == ["水从哪里来", "雨和山", "湖上的船", "码头"]

    head.browser.post(f"{curriculum}/items/{boats}", data={"do": "up"})
    head.browser.post(f"{curriculum}/items/{rain}", data={"do": "rename", "title": "雨、山和泉"})
    assert shown(head, curriculum) == ["湖上的船", "码头", "水从哪里来", "雨、山和泉"]

    head.browser.post(f"{curriculum}/items/{water}", data={"do": "retire"})
    assert shown(head, curriculum) == ["湖上的船", "码头"]


def test_wrong_entry_comes_back_with_what_was_typed(head, curriculum) -> None:
    water = add(head, curriculum, "水从哪里来")

    list_form = head.browser.post("/admin/frameworks", data={"title": " ", "subject": "综合实践"})
    item_form = head.browser.post(f"{curriculum}/items", data={"title": " ", "item_type": "课", "parent": water})

    assert (list_form.status_code, item_form.status_code) == (422, 422)
    assert 'value="综合实践"' in list_form.text
    assert 'value="课"' in item_form.text
    assert f'<option value="{water}" selected>' in item_form.text


def test_other_schools_curricula_cannot_be_changed(curriculum, make_user, make_school, signed_in, author) -> None:
    other = signed_in(make_user("别校管理员", role=Role.SCHOOL_ADMIN, school=make_school("第二小学")))

    for browser in (other, author.browser):
        assert browser.get(curriculum).status_code == 404
        assert browser.post(f"{curriculum}/items", data={"title": "混入"}).status_code == 404
    assert author.browser.get("/admin/frameworks").status_code == 403


def test_people_are_found_by_school(make_user, make_school, signed_in) -> None:
    admin = signed_in(make_user("管理员", role=Role.PLATFORM_ADMIN))
    make_user("甲老师", school=make_school("第一小学"))
    make_user("乙老师", school=make_school("第二小学"))

    page = words(admin.get("/admin/people?at=第二"))

    assert "乙老师" in page
    assert "甲老师" not in page


def test_people_come_in_pages_that_keep_the_filter(make_user, make_school, signed_in) -> None:
    admin = signed_in(make_user("管理员", role=Role.PLATFORM_ADMIN))
    school = make_school("第一小学")
    for n in range(51):
        make_user(f"老师{n:02}", school=school)

    first = admin.get("/admin/people?at=第一小学")
    second = admin.get("/admin/people?at=第一小学&page=2")

    assert "共 51 人" in words(first)
    assert re.search(r'href="/admin/people\?at=[^"]+page=2"', first.text)
    assert re.findall(r'dir="auto">(老师\d+)</a>', second.text) == ["老师50"]


@pytest.mark.parametrize("count", [1, 3])
def test_people_list_costs_the_same_with_one_and_three(make_user, make_school, signed_in, queries_of, count) -> None:
    admin = signed_in(make_user("管理员", role=Role.PLATFORM_ADMIN))
    school = make_school()
    for n in range(count):
        make_user(f"老师{n}", school=school)
    admin.get("/admin/people")

    with queries_of() as statements:
        admin.get("/admin/people")

    assert len(statements) == 4
