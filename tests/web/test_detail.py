"""The page of a resource: who sees what, what readers do there, and that use is counted without telling who."""

from __future__ import annotations

import json
import re

import pytest
from sqlmodel import select
from tests.web.lessons import ENGLISH

from tongke.accounts.models import Role, User
from tongke.db import reading
from tongke.resources.models import Favourite, LearningResource, ProblemReport


@pytest.fixture
def open_as(engine, people, signed_in):
    def open_(name: str):
        with reading(engine) as session:
            return signed_in(session.get(User, getattr(people, name).user_id))

    return open_


def uses(engine, made: LearningResource) -> int:
    with reading(engine) as session:
        return session.exec(select(LearningResource.use_count).where(LearningResource.id == made.id)).one()


def test_page_names_its_author_without_a_stray_dot(client, shelf) -> None:
    made = shelf.put("小数除法", author_name="林老师")

    page = client.get(f"/resources/{made.id}").text

    assert '<p class="byline muted"><span dir="auto" lang="zh-CN">林老师</span>' in page
    assert "none" not in page.split("<main")[1].lower().split('class="facts"')[0]


def test_linked_data_and_open_graph_describe_the_lesson(client, shelf) -> None:
    made = shelf.put(
        "小数</script>除法", description="一 & 二", subject="数学", grade=5, stage="小学", keywords=["算理"]
    )

    page = client.get(f"/resources/{made.id}").text
    document = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])

    address = f"http://testserver/resources/{made.id}"
    assert (document["@context"], document["@type"], document["@id"]) == (
        "https://schema.org", "LearningResource", address,
    )  # fmt: skip
    assert document["name"] == "小数</script>除法"
    assert document["educationalLevel"] == ["小学", "五年级"]
    assert f'<link rel="canonical" href="{address}">' in page
    assert f'<meta property="og:url" content="{address}">' in page


def test_download_counts_once_and_leads_to_the_bytes(client, engine, shelf, make_asset) -> None:
    asset = make_asset("讲义.txt")
    made = shelf.put("小数除法", assets=(asset,))
    address = f"/resources/{made.id}/files/{asset.id}/download"

    answer = client.get(address)
    client.get(address, headers={"Sec-Purpose": "prefetch"})

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http://content.testserver/")
    assert client.get(f"/resources/{made.id}/download").status_code == 303
    assert uses(engine, made) == 2
    assert address in client.get(f"/resources/{made.id}").text
    assert client.get(f"{address}?version=mp4_240").status_code == 404
    assert client.get(f"{address}?version=x").status_code == 422


def test_play_and_print_count_and_drafts_do_not(client, engine, shelf, open_as) -> None:
    made = shelf.put("小数除法")
    shelf.hide_some()
    draft = shelf.hidden["draft"]

    answers = [client.post(f"/resources/{made.id}/uses", data={"kind": kind}).status_code for kind in ("play", "print")]

    assert answers == [204, 204]
    assert client.post(f"/resources/{made.id}/uses", data={"kind": "look"}).status_code == 422
    assert client.post(f"/resources/{draft.id}/uses", data={"kind": "play"}).status_code == 404
    assert open_as("author").post(f"/resources/{draft.id}/uses", data={"kind": "play"}).status_code == 204
    assert (uses(engine, made), uses(engine, draft)) == (2, 0)


def test_text_is_laid_out_and_escaped(client, shelf, make_asset, platform) -> None:
    asset = make_asset("诗.md", content="# 山居秋暝\n\n> 空山新雨后，\n> 天气晚来秋。\n\n**<b>浣**：洗\n")
    made = shelf.put("山居秋暝", assets=(asset,))
    with reading(platform.engine) as session:
        from tongke.media.queries import renditions_of

        assert list(renditions_of(session, [asset.sha256])[asset.sha256]) == ["text"]
    page = client.get(f"/resources/{made.id}").text

    assert "<b>浣" not in page


def test_favourite_rating_report_and_adaptation(engine, shelf, open_as, client) -> None:
    made = shelf.put("小数除法")
    reader, base = open_as("stranger"), f"/resources/{made.id}"

    kept = reader.post(f"{base}/favourite", data={"keep": "true"})
    rated = reader.post(f"{base}/rating", data={"stars": "4", "comment": "好用"})
    unrated = reader.post(f"{base}/rating", data={"stars": "9"})
    reported = client.post(f"{base}/report", data={"kind": "privacy", "words": "有名单"})
    adapted = reader.post(f"{base}/derivation")

    assert [a.status_code for a in (kept, rated, unrated, reported, adapted)] == [303, 303, 422, 303, 303]
    assert "好用" in client.get(base).text
    assert open_as("author").post(f"{base}/rating", data={"stars": "5"}).status_code == 403
    assert client.post(f"{base}/favourite", data={"keep": "true"}).status_code == 401
    with reading(engine) as session:
        assert len(session.exec(select(Favourite)).all()) == 1
        assert [r.kind for r in session.exec(select(ProblemReport))] == ["privacy"]


def test_withdrawn_lesson_is_gone_for_readers_and_comes_back(shelf, open_as, client) -> None:
    made = shelf.put("小数除法")
    author, address = open_as("author"), f"/resources/{made.id}"

    assert author.post(f"{address}/withdrawal", data={"reason": ""}).status_code == 422
    assert author.post(f"{address}/withdrawal", data={"reason": "教材更新"}).status_code == 303
    assert client.get(address).status_code == 404
    assert "教材更新" in author.get(address).text
    assert client.get("/resources?q=小数").text.count('<li class="card">') == 0
    author.post(f"{address}/return")
    assert client.get(address).status_code == 200


def test_taken_down_lesson_stays_down_for_its_author(shelf, open_as, client) -> None:
    made = shelf.put("小数除法", region_code="330127")
    address = f"/resources/{made.id}"

    assert open_as("stranger").post(f"{address}/take-down", data={"reason": "x"}).status_code == 403
    assert open_as("office").post(f"{address}/take-down", data={"reason": "有错"}).status_code == 303
    assert (client.get(address).status_code, open_as("author").post(f"{address}/return").status_code) == (404, 403)


def test_page_costs_the_same_for_one_and_three_related_lessons(client, shelf, queries_of) -> None:
    first = shelf.put("小数除法")
    counts = []
    for n in range(3):
        shelf.put(f"改编{n}")
        with queries_of() as statements:
            client.get(f"/resources/{first.id}")
        counts.append(len(statements))

    assert len(set(counts)) == 1


def test_english_page_reads_english(client, shelf) -> None:
    made = shelf.put("小数除法", subject="数学", grade=5, type="lesson-video")

    page = client.get(f"/resources/{made.id}", headers=ENGLISH).text

    assert all(words in page for words in ("Grade 5", "Video lesson", "Share", "Printable sheet"))


def test_only_roles_that_may_are_offered_the_doors(shelf, open_as, client, make_user, signed_in) -> None:
    made = shelf.put("小数除法")
    admin = signed_in(make_user("管理员", role=Role.PLATFORM_ADMIN))
    doors = {"edit": f"/resources/{made.id}/edit", "withdraw": "/withdrawal", "take_down": "/take-down"}

    def offered(browser) -> set[str]:
        page = browser.get(f"/resources/{made.id}").text
        return {name for name, door in doors.items() if door in page}

    assert offered(client) == set()
    assert offered(open_as("author")) == {"edit", "withdraw"}
    assert offered(admin) == {"take_down"}
