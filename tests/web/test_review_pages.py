"""The review desk as a reviewer's browser shows it, and what two reviewers at once are told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import select
from tests.web.conftest import Desk, words

from tongke.accounts.models import Role
from tongke.db import reading, transaction
from tongke.resources.models import Revision
from tongke.resources.queries import latest_revision
from tongke.review.models import Review
from tongke_web.review import views


@pytest.fixture
def other_reviewer(make_user, signed_in) -> Desk:
    user = make_user("陈教研员", role=Role.REVIEWER)
    return Desk(user, signed_in(user))


def state_of(engine, resource_id) -> str:
    with reading(engine) as session:
        return latest_revision(session, resource_id).state


def test_desk_is_for_reviewers(author, client) -> None:
    assert author.browser.get("/review").status_code == 403
    assert client.get("/review").status_code == 401


def test_desk_says_how_long_each_one_waits(reviewer, hand_in, engine, monkeypatch) -> None:
    made = hand_in("等久了的")
    fresh = words(reviewer.browser.get("/review"))
    with reading(engine) as session:
        since = latest_revision(session, made).submitted_at

    monkeypatch.setattr(views, "now", lambda: since + timedelta(days=4, hours=1))
    page = words(reviewer.browser.get("/review"))

    assert "刚刚提交" in fresh
    assert "等了 4 天" in page


def test_desk_shows_one_subject_when_asked(reviewer, hand_in) -> None:
    hand_in("圆的面积", subject="数学")
    hand_in("静夜思", subject="语文")

    page = words(reviewer.browser.get("/review?subject=语文"))

    assert "静夜思" in page
    assert "圆的面积" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_desk_costs_the_same_with_one_and_three_rows(reviewer, hand_in, queries_of, count) -> None:
    for n in range(count):
        hand_in(f"课 {n}")
    reviewer.browser.get("/review")

    with queries_of() as statements:
        reviewer.browser.get("/review")

    assert len(statements) == 4


def test_claimed_work_moves_to_ones_own_pile_and_back(reviewer, hand_in) -> None:
    made = hand_in()

    reviewer.browser.post(f"/review/{made}/claim")
    mine = words(reviewer.browser.get("/review?pile=mine"))
    reviewer.browser.post(f"/review/{made}/release")

    assert "小数除法" in mine
    assert "小数除法" in words(reviewer.browser.get("/review"))


def test_second_reviewer_is_told_kindly_that_a_colleague_was_quicker(reviewer, other_reviewer, hand_in, engine) -> None:
    made = hand_in()
    reviewer.browser.post(f"/review/{made}/claim")

    claim = other_reviewer.browser.post(f"/review/{made}/claim")
    decision = other_reviewer.browser.post(f"/review/{made}/decision", data={"decision": "publish", "comment": "好"})

    for answer in (claim, decision):
        assert answer.status_code == 409
        assert "另一位审核人已经在审这份作品。" in words(answer)
    assert state_of(engine, made) == "in_review"


def test_decision_after_a_colleagues_decision_changes_nothing(reviewer, other_reviewer, hand_in, engine) -> None:
    made = hand_in()
    reviewer.browser.post(f"/review/{made}/decision", data={"decision": "request_changes", "comment": "请加字幕"})

    late = other_reviewer.browser.post(f"/review/{made}/decision", data={"decision": "publish"})

    assert late.status_code == 409
    assert "这个版本已经有了决定。" in words(late)
    assert state_of(engine, made) == "changes_requested"


def test_refusal_without_a_reason_comes_back_with_the_form_kept(reviewer, hand_in, engine) -> None:
    made = hand_in()

    answer = reviewer.browser.post(
        f"/review/{made}/decision", data={"decision": "decline", "comment": " ", "ticked": ["political", "timely"]}
    )

    assert answer.status_code == 422
    assert "请写明原因。" in words(answer)
    assert re.findall(r'name="ticked" value="(\w+)" checked', answer.text) == ["political", "timely"]
    assert state_of(engine, made) == "submitted"
    with reading(engine) as session:
        assert session.exec(select(Review.reviewer_id)).all() == [None]


@pytest.mark.parametrize(
    ("decision", "state"), [("publish", "published"), ("request_changes", "changes_requested"), ("decline", "declined")]
)
def test_author_learns_the_decision_and_its_reason(reviewer, author, hand_in, engine, decision, state) -> None:
    made = hand_in()

    answer = reviewer.browser.post(
        f"/review/{made}/decision",
        data={"decision": decision, "comment": "第 3 页的答案是 0.5", "ticked": "scientific"},
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/review")
    assert state_of(engine, made) == state
    if decision != "publish":
        assert "第 3 页的答案是 0.5" in words(author.browser.get("/me"))
        assert "第 3 页的答案是 0.5" in words(author.browser.get(f"/resources/{made}/edit"))


def test_only_declining_asks_before_it_is_done(reviewer, hand_in) -> None:
    page = reviewer.browser.get(f"/review/{hand_in()}").text

    assert re.findall(r'value="(\w+)" data-confirm="confirm-decline"', page) == ["decline"]
    assert 'id="confirm-decline"' in page


def test_update_is_shown_beside_what_is_published(reviewer, author, settle, hand_in, engine) -> None:
    made = settle("小数除法", description="老的说明")
    with reading(engine) as session:
        revision = session.exec(select(Revision)).one()
    form = {"title": "小数除法", "description": "新的说明", "type": revision.type, "language": "zh-CN",
            "licence": revision.licence, "visibility": "public", "change_note": "补了说明"}  # fmt: skip
    author.browser.post(f"/resources/{made}/edit", data=form)
    hand_in(resource_id=made)

    page = words(reviewer.browser.get(f"/review/{made}"))

    assert "与已发布版本的不同" in page
    assert "简介" in page
    assert "补了说明" in page


def test_nobody_reviews_their_own_work(reviewer, engine, actor_of, platform) -> None:
    from tongke.resources import service
    from tongke.resources.schemas import draft_fields
    from tongke.review import service as review

    with transaction(engine) as session:
        own = service.create_draft(session, actor_of(reviewer.user), draft_fields({"title": "我自己的"})).resource
        review.submit(session, actor_of(reviewer.user), own, commitment=True)
        made = own.id

    assert "我自己的" not in words(reviewer.browser.get("/review"))
    assert reviewer.browser.get(f"/review/{made}").status_code == 404
    assert reviewer.browser.post(f"/review/{made}/decision", data={"decision": "publish"}).status_code == 403
    assert state_of(engine, made) == "submitted"
