"""The first page: where to begin, what is new, what waits; and an installation with nothing in it."""

from __future__ import annotations

from tests.web.lessons import ENGLISH

from tongke.accounts.models import Role


def test_empty_installation_says_what_to_do_next(client, make_user, signed_in) -> None:
    teacher, admin = signed_in(make_user()), signed_in(make_user(role=Role.PLATFORM_ADMIN))

    assert "登录后上传" in client.get("/").text
    assert 'href="/upload"' in teacher.get("/").text.split("<main")[1]
    assert "添加学校和老师" in admin.get("/").text
    assert "添加学校和老师" not in teacher.get("/").text


def test_newest_lessons_are_shown_and_hidden_ones_are_not(client, shelf) -> None:
    shelf.put("小数除法", grade=5)
    shelf.hide_some()

    page = client.get("/").text

    assert page.count('<li class="card">') == 1
    assert "看全部 1 个资源" in page


def test_home_costs_the_same_for_one_and_three_lessons(client, shelf, queries_of) -> None:
    counts = []
    for n in range(3):
        shelf.put(f"第{n}课")
        with queries_of() as statements:
            client.get("/")
        counts.append(len(statements))

    assert len(set(counts)) == 1


def test_home_in_english(client) -> None:
    page = client.get("/", headers=ENGLISH).text

    assert "No public resources yet" in page
    assert "还没有" not in page
