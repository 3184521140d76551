"""What is mine: resources by state, favourites, and the reports of problems I answer."""

from __future__ import annotations

import pytest
from sqlmodel import select
from tests.web.conftest import words

from tongke.accounts.models import Region, Role
from tongke.db import reading, transaction
from tongke.resources.models import ProblemReport
from tongke.review.models import Decision


@pytest.fixture
def report(client, settle):
    """A reader reports a problem with a published resource; returns the resource's id."""

    def make(title: str = "小数除法", text: str = "第 3 页的答案不对") -> object:
        made = settle(title)
        answer = client.post(f"/resources/{made}/report", data={"kind": "wrong-content", "words": text})
        assert answer.status_code == 303
        return made

    return make


def only_report(engine) -> ProblemReport:
    with reading(engine) as session:
        return session.exec(select(ProblemReport)).one()


def test_own_resources_are_listed_by_state_with_the_next_step(author, write, hand_in, settle) -> None:
    write("草稿课")
    hand_in("送审课")
    settle("发布课")
    settle("退改课", decision=Decision.REQUEST_CHANGES, comment="请加字幕")

    page = words(author.browser.get("/me"))
    drafts = words(author.browser.get("/me?state=draft"))

    for expected in ("继续写", "等审核人看", "告诉同事", "按意见修改", "审核意见： 请加字幕"):
        assert expected.replace(" ", "") in page.replace(" ", "")
    assert "草稿课" in drafts
    assert "发布课" not in drafts


def test_others_see_none_of_mine(colleague, write) -> None:
    write("草稿课")

    assert "草稿课" not in words(colleague.browser.get("/me"))


@pytest.mark.parametrize("count", [1, 3])
def test_own_list_costs_the_same_with_one_and_three_rows(author, write, queries_of, count) -> None:
    for n in range(count):
        write(f"课 {n}")
    author.browser.get("/me")

    with queries_of() as statements:
        author.browser.get("/me")

    assert len(statements) == 6


def test_first_visit_says_what_to_do_next(author) -> None:
    assert "上传一节课" in words(author.browser.get("/me"))
    assert "还没有收藏" in words(author.browser.get("/me/favourites"))
    assert "没有问题报告" in words(author.browser.get("/me/reports"))


def test_owner_sees_a_report_and_closes_it_with_an_outcome(author, report, engine) -> None:
    report()
    counted = words(author.browser.get("/me"))
    before = words(author.browser.get("/me/reports"))

    answer = author.browser.post(f"/me/reports/{only_report(engine).id}", data={"outcome": "已改正"})

    assert "问题报告 1" in counted
    assert "第 3 页的答案不对" in before
    assert "没有登录的读者" in before
    assert (answer.status_code, only_report(engine).outcome) == (303, "已改正")
    assert "第 3 页的答案不对" not in words(author.browser.get("/me/reports"))
    assert "已改正" in words(author.browser.get("/me/reports?closed=true"))


def test_report_is_not_closed_without_an_outcome(author, report, engine) -> None:
    report()

    answer = author.browser.post(f"/me/reports/{only_report(engine).id}", data={"outcome": "  "})

    assert answer.status_code == 422
    assert "请写一句处理结果" in words(answer)
    assert only_report(engine).closed_at is None


def test_report_closed_by_somebody_else_is_said_kindly(author, report, engine) -> None:
    report()
    address = f"/me/reports/{only_report(engine).id}"
    author.browser.post(address, data={"outcome": "已改正"})

    again = author.browser.post(address, data={"outcome": "又改了"})

    assert again.status_code == 409
    assert "这条报告已经处理过了。" in words(again)
    assert only_report(engine).outcome == "已改正"


def test_administrators_see_reports_within_their_reach_and_others_none(
    report, colleague, make_user, signed_in, engine, county
) -> None:
    report()
    with transaction(engine) as session:
        session.add(Region(code="330106", name="西湖区", level="county", parent_code="3301"))
    office = signed_in(make_user("教育局", role=Role.REGION_ADMIN, region=county))
    elsewhere = signed_in(make_user("外县教育局", role=Role.REGION_ADMIN, region="330106"))
    address = f"/me/reports/{only_report(engine).id}"

    assert "第 3 页的答案不对" in words(office.get("/me/reports"))
    for browser in (elsewhere, colleague.browser):
        assert "第 3 页的答案不对" not in words(browser.get("/me/reports"))
        assert browser.post(address, data={"outcome": "x"}).status_code == 404
    assert office.post(address, data={"outcome": "已请作者改正"}).status_code == 303


def test_reports_of_one_resource_are_shown_alone(author, report) -> None:
    report("圆的面积", "半径写错了")
    made = report("静夜思", "错别字")

    page = words(author.browser.get(f"/me/reports?resource={made}"))

    assert "错别字" in page
    assert "半径写错了" not in page
