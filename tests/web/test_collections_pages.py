"""Collections: made, filled, put in order, shared; what is hidden stays hidden in them."""

from __future__ import annotations

import re

from tongke.db import transaction
from tongke.resources import service
from tongke.resources.models import LearningResource


def test_a_collection_is_filled_ordered_and_opened(client, make_user, signed_in, shelf) -> None:
    teacher = signed_in(make_user("兰老师"))
    lessons = [shelf.put(f"第{n}课") for n in range(3)]
    address = teacher.post("/collections", data={"title": "一个单元"}).headers["location"]
    collection = address.rsplit("/", 1)[1]
    for lesson in lessons:
        teacher.post(f"/collections/choose/{lesson.id}", data={"collection": collection})

    teacher.post(f"{address}/items/{lessons[2].id}", data={"step": "-1"})
    teacher.post(f"{address}/items/{lessons[0].id}", data={"step": "0"})

    titles = re.findall(r'<h2 class="title"><a[^>]*>(.*?)</a>', teacher.get(address).text)
    assert titles == ["第2课", "第1课"]
    assert client.get(address).status_code == 404
    teacher.post(f"{address}/access", data={"who": "link"})
    shared = re.search(r"key=([\w-]+)", teacher.get(address).text)[1]
    assert client.get(f"{address}?key={shared}").status_code == 200
    assert client.get(f"{address}?key=x").status_code == 404


def test_withdrawn_lesson_leaves_the_collection_but_is_counted(make_user, signed_in, shelf, people, engine) -> None:
    teacher = signed_in(make_user("兰老师"))
    lesson = shelf.put("小数除法")
    teacher.post(f"/collections/choose/{lesson.id}", data={"title": "一个单元"})
    address = re.search(r"/collections/[0-9a-f-]{36}", teacher.get("/collections?mine=true").text)[0]
    with transaction(engine) as session:
        service.withdraw(session, people.author, session.get(LearningResource, lesson.id), reason="有错")

    page = teacher.get(address).text

    assert '<li class="card">' not in page
    assert "另有 1 个已撤回" in page


def test_list_costs_the_same_for_one_and_three_collections(make_user, signed_in, queries_of) -> None:
    teacher, counts = signed_in(make_user()), []
    for n in range(3):
        teacher.post("/collections", data={"title": f"专题{n}"})
        with queries_of() as statements:
            teacher.get("/collections?mine=true")
        counts.append(len(statements))

    assert len(set(counts)) == 1


def test_a_collection_without_a_title_is_told_in_the_form(make_user, signed_in) -> None:
    answer = signed_in(make_user()).post("/collections", data={"title": " "})

    assert answer.status_code in (409, 422)
    assert 'class="notice is-bad"' in answer.text
