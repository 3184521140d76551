"""The search page: results, fragments, facets, what it hides and what it costs."""

from __future__ import annotations

import gzip

import pytest
from tests.web.lessons import ENGLISH, HTMX, stray_chinese

from tongke_web.browse.choices import SHOWN_VALUES


def test_words_find_a_lesson_and_a_fragment_holds_the_results_alone(client, shelf) -> None:
    shelf.put("小数除法", subject="数学", grade=5)
    shelf.put("静夜思", subject="语文", grade=2)

    page, fragment = client.get("/resources?q=小数"), client.get("/resources?q=小数", headers=HTMX)

    assert page.text.count('<li class="card">') == 1
    assert "五年级" in page.text
    assert fragment.text.lstrip().startswith('<section id="results"')
    assert "<html" not in fragment.text


def test_chips_lead_back_and_boxes_keep_their_choice(client, shelf) -> None:
    shelf.put("小数除法", subject="数学", grade=5)

    page = client.get("/resources?subject=数学&grade=5").text

    assert 'href="/resources?grade=5"' in page
    assert 'name="subject" value="数学" checked' in page


def test_a_facet_with_many_values_shows_the_most_frequent_and_opens_whole(client, shelf) -> None:
    for n in range(SHOWN_VALUES + 2):
        shelf.put(f"第{n}课", edition=f"版本{n:02}")

    short, whole = (client.get(address).text for address in ("/resources", "/resources?more=edition"))

    assert short.count('name="edition"') == SHOWN_VALUES
    assert "更多（2）" in short
    assert 'href="/resources?more=edition"' in short
    assert whole.count('name="edition"') == SHOWN_VALUES + 2


@pytest.mark.parametrize("wrong", ["grade=99", "page=0", "sort=best", "framework_item=x", "region=abc"])
def test_wrong_parameters_are_told_kindly(client, wrong) -> None:
    answer = client.get(f"/resources?{wrong}")

    assert answer.status_code == 422
    assert "<h1>" in answer.text
    assert "<li>" in answer.text.split("<main")[1]


def test_past_the_end_leads_back(client, shelf) -> None:
    shelf.put("小数除法")

    assert "回到第一页" in client.get("/resources?page=9").text


def test_what_may_not_be_seen_is_nowhere(client, shelf) -> None:
    shelf.put("浮力公开课", subject="科学")
    shelf.hide_some()

    page = client.get("/resources?q=浮力").text

    assert page.count('<li class="card">') == 1
    assert "找到 1 个资源" in page
    assert "物理" not in page
    assert client.get("/resources/suggestions?q=浮力").json() == ["浮力公开课"]
    assert {name: client.get(f"/resources/{r.id}").status_code for name, r in shelf.hidden.items()} == dict.fromkeys(
        shelf.hidden, 404
    )


def test_a_short_code_leads_to_its_lesson(client, shelf) -> None:
    made = shelf.put("小数除法")

    for typed in (made.short_code, made.short_code.upper()):
        assert client.get(f"/resources?q={typed}").headers["location"] == f"/resources/{made.id}"
        assert client.get(f"/r/{typed}").headers["location"] == f"/resources/{made.id}"


def test_what_people_wrote_is_escaped_on_cards_and_in_boxes(client, shelf) -> None:
    shelf.put("<b>x</b>", subject="<i>", edition='"><script>', unit="<u>")

    page = client.get("/resources").text

    assert not any(raw in page for raw in ("<b>x", "<i>", "<script>", "<u>"))


def test_english_page_holds_no_stray_chinese(client, shelf) -> None:
    shelf.put("小数除法", subject="数学", grade=5, edition="人教版", language="zh-CN")

    page = client.get("/resources?grade=5", headers=ENGLISH).text
    results = page.split('<div class="facets">')[0] + page.split("</form>", 3)[-1]

    assert "Grade 5" in page
    assert stray_chinese(results.split("<footer")[0].split("</header>")[-1].split('<ul class="cards">')[0]) == []


def test_search_fits_its_budget_and_a_fixed_number_of_statements(client, shelf, queries_of) -> None:
    counts = []
    for n in range(22):
        shelf.publish(
            f"小数除法第{n}课：为什么小数点要对齐", description="讲清算理。" * 10, subject="数学", unit="第三单元"
        )
        if n in (0, 2):
            shelf.index()
            client.get("/resources")
            with queries_of() as statements:
                client.get("/resources?q=小数")
            counts.append(len(statements))
    shelf.index()
    page, fragment = client.get("/resources?q=小数"), client.get("/resources?q=小数", headers=HTMX)

    assert counts[0] == counts[1]
    assert len(gzip.compress(page.content, 3)) <= 8 * 1024
    assert len(gzip.compress(fragment.content, 3)) <= 6 * 1024
