"""From draft to reader, and everything that may go otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from tests.review.conftest import People

from tongke.audit.models import AuditEvent
from tongke.db import reading, transaction
from tongke.errors import Conflict, Forbidden, Invalid, NotFound
from tongke.media.models import Asset
from tongke.resources import queries
from tongke.resources import service as resources
from tongke.resources.models import LearningResource, RevisionState, Standing
from tongke.resources.schemas import RevisionFields
from tongke.review import queries as review_queries
from tongke.review import service as review
from tongke.review.models import Decision
from tongke.review.queries import Pile
from tongke.search.models import ReindexRequest
from tongke.storage.base import BlobStore


@pytest.fixture
def draft(session: Session, people: People) -> LearningResource:
    return resources.create_draft(session, people.author, RevisionFields(title="小数除法")).resource


@pytest.fixture
def submitted(session: Session, people: People, draft: LearningResource) -> LearningResource:
    review.submit(session, people.author, draft, commitment=True)
    return draft


@pytest.fixture
def published(session: Session, people: People, store: BlobStore, submitted: LearningResource) -> LearningResource:
    review.decide(session, people.reviewer, store, submitted, decision=Decision.PUBLISH)
    return submitted


def state(session: Session, resource: LearningResource) -> str:
    return queries.state_of(resource, queries.latest_revision(session, resource.id))


def actions(session: Session) -> list[str]:
    return list(session.exec(select(AuditEvent.action).order_by(AuditEvent.at)))


def test_published_lesson_is_seen_by_everybody_and_told_to_the_index(session, people, published) -> None:
    seen = queries.seen(session, people.colleague, published.id)

    assert (seen.state, seen.shown.number, seen.pending) == ("published", 1, None)
    assert [r.resource_id for r in session.exec(select(ReindexRequest))] == [published.id]
    assert actions(session) == ["resource.create", "resource.submit", "review.publish"]


def test_submission_without_commitment_is_refused(session, people, draft) -> None:
    with pytest.raises(Invalid) as caught:
        review.submit(session, people.author, draft, commitment=False)

    assert set(caught.value.fields) == {"commitment"}
    assert state(session, draft) == "draft"


def test_submission_names_what_is_missing(session, people) -> None:
    untitled = resources.create_draft(session, people.author, RevisionFields(title=" ")).resource

    with pytest.raises(Invalid) as caught:
        review.submit(session, people.author, untitled, commitment=True)

    assert set(caught.value.fields) == {"title"}


def test_nobody_submits_for_the_author(session, people, draft) -> None:
    with pytest.raises(Forbidden):
        review.submit(session, people.colleague, draft, commitment=True)


def test_author_cannot_decide(session, people, store, submitted, actor_of, make_user) -> None:
    with pytest.raises(Forbidden):
        review.decide(session, people.author, store, submitted, decision=Decision.PUBLISH)


def test_rank_does_not_review(session, people, store, submitted) -> None:
    with pytest.raises(Forbidden):
        review.decide(session, people.office, store, submitted, decision=Decision.PUBLISH)


def test_draft_is_nothing_to_review(session, people, store, draft) -> None:
    with pytest.raises(Conflict):
        review.decide(session, people.reviewer, store, draft, decision=Decision.PUBLISH)


@pytest.mark.parametrize("decision", [Decision.REQUEST_CHANGES, Decision.DECLINE])
def test_refusal_needs_a_reason(session, people, store, submitted, decision) -> None:
    with pytest.raises(Invalid) as caught:
        review.decide(session, people.reviewer, store, submitted, decision=decision, comment="  ")

    assert set(caught.value.fields) == {"comment"}


def test_author_reads_the_reason_and_sends_the_next_revision(session, people, store, submitted) -> None:
    review.decide(
        session, people.reviewer, store, submitted, decision=Decision.REQUEST_CHANGES, comment="第三页的竖式少了小数点"
    )
    seen = queries.seen(session, people.author, submitted.id)
    verdict = review_queries.verdicts(session, people.author, seen)[0]

    again = resources.save_draft(session, people.author, submitted, RevisionFields(title="小数除法（改）"))
    review.submit(session, people.author, submitted, commitment=True)

    assert (verdict.decision, verdict.comment) == ("request_changes", "第三页的竖式少了小数点")
    assert (again.number, again.based_on_number, state(session, submitted)) == (2, 1, "submitted")


def test_new_revision_is_reviewed_while_the_old_one_stays(session, people, store, published) -> None:
    resources.save_draft(session, people.author, published, RevisionFields(title="小数除法 第二版"))
    reader = queries.seen(session, people.colleague, published.id)
    author = queries.seen(session, people.author, published.id)
    review.submit(session, people.author, published, commitment=True)
    review.decide(session, people.reviewer, store, published, decision=Decision.PUBLISH)
    after = queries.seen(session, people.colleague, published.id)

    assert (reader.shown.title, reader.pending) == ("小数除法", None)
    assert (author.shown.title, author.state) == ("小数除法", "published")
    assert author.pending is not None
    assert author.pending.title == "小数除法 第二版"
    assert after.shown.title == "小数除法 第二版"
    assert queries.revision(session, people.author, after, 1).state == RevisionState.SUPERSEDED


def test_claimed_work_is_one_reviewers(session, people, store, submitted) -> None:
    review.claim(session, people.reviewer, submitted)

    with pytest.raises(Conflict):
        review.claim(session, people.other_reviewer, submitted)
    with pytest.raises(Conflict):
        review.decide(session, people.other_reviewer, store, submitted, decision=Decision.PUBLISH)

    review.release(session, people.reviewer, submitted)
    review.decide(session, people.other_reviewer, store, submitted, decision=Decision.PUBLISH)
    assert state(session, submitted) == "published"


def test_publication_waits_for_its_originals(session, people, store, draft) -> None:
    asset = Asset(
        owner_id=people.author.user_id,
        filename="讲义.pdf",
        sha256="0" * 64,
        received_sha256="0" * 64,
        size_bytes=7,
        media_type="application/pdf",
        kind="pdf",
    )
    session.add(asset)
    session.flush()
    resources.attach(session, people.author, draft, [asset.id])
    review.submit(session, people.author, draft, commitment=True)

    with pytest.raises(Conflict, match="讲义"):
        review.decide(session, people.reviewer, store, draft, decision=Decision.PUBLISH)

    assert state(session, draft) == "submitted"


def test_reviewer_of_another_county_has_no_say(session, people, store, submitted, make_school) -> None:
    from dataclasses import replace

    elsewhere = replace(people.reviewer, reach="440103")

    with pytest.raises(NotFound):
        queries.seen(session, elsewhere, submitted.id)
    with pytest.raises(Forbidden):
        review.decide(session, elsewhere, store, submitted, decision=Decision.PUBLISH)


def test_withdrawn_lesson_is_its_owners_only(session, people, published) -> None:
    resources.withdraw(session, people.author, published, reason="教材已更新")

    assert queries.seen(session, people.author, published.id).state == "withdrawn"
    with pytest.raises(NotFound):
        queries.seen(session, people.colleague, published.id)
    with pytest.raises(Conflict):
        resources.withdraw(session, people.author, published, reason="再来一次")


def test_taken_down_lesson_shows_its_reason_to_the_author_who_cannot_change_it(session, people, published) -> None:
    resources.take_down(session, people.office, published, reason="地图不合规范")

    seen = queries.seen(session, people.author, published.id)
    assert (seen.state, seen.resource.standing_reason) == ("taken_down", "地图不合规范")
    with pytest.raises(Forbidden):
        resources.save_draft(session, people.author, published, RevisionFields(title="x"))
    with pytest.raises(Forbidden):
        resources.put_back(session, people.author, published)
    resources.put_back(session, people.office, published)
    assert queries.seen(session, people.colleague, published.id).state == "published"


def test_office_elsewhere_cannot_take_down(session, people, published) -> None:
    from dataclasses import replace

    with pytest.raises(Forbidden):
        resources.take_down(session, replace(people.office, reach="44"), published, reason="x")


def test_withdrawn_lesson_is_not_published_by_a_waiting_review(session, people, store, published) -> None:
    resources.save_draft(session, people.author, published, RevisionFields(title="第二版"))
    review.submit(session, people.author, published, commitment=True)
    resources.withdraw(session, people.author, published, reason="先撤下来")

    with pytest.raises(Conflict):
        review.decide(session, people.reviewer, store, published, decision=Decision.PUBLISH)

    assert published.standing == Standing.WITHDRAWN


@pytest.mark.parametrize("count", [1, 3])
def test_queue_costs_two_queries(engine, people, queries_of, count) -> None:
    with transaction(engine) as session:
        for n in range(count):
            made = resources.create_draft(session, people.author, RevisionFields(title=f"第{n}课")).resource
            review.submit(session, people.author, made, commitment=True)
    with reading(engine) as session, queries_of() as statements:
        rows, total = review_queries.queue(session, people.reviewer, pile=Pile.WAITING)

    assert (len(rows), total, len(statements)) == (count, count, 2)
    assert [r.title for r in rows] == [f"第{n}课" for n in range(count)]


def test_queue_is_empty_for_those_who_review_nothing(session, people, submitted) -> None:
    assert review_queries.queue(session, people.author) == ([], 0)
    assert review_queries.queue(session, people.office) == ([], 0)


def at_once(engine: Engine, resource_id: UUID, *acts: Callable[[Session, LearningResource], object]) -> list[str]:
    """Run every act in a transaction and a thread of its own; gives how they ended, sorted."""
    outcomes: list[str] = []
    start = threading.Barrier(len(acts))

    def work(act: Callable[[Session, LearningResource], object]) -> None:
        start.wait()
        try:
            with transaction(engine) as session:
                act(session, session.get_one(LearningResource, resource_id))
            outcomes.append("done")
        except Conflict:
            outcomes.append("conflict")
        except Exception as error:  # noqa: BLE001 - whatever else it was, the test must show it
            outcomes.append(repr(error))

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_what_one_person_does_twice_at_once_happens_once(engine: Engine, people: People, store: BlobStore) -> None:
    with transaction(engine) as session:
        made = resources.create_draft(session, people.author, RevisionFields(title="圆的面积")).resource
        review.submit(session, people.author, made, commitment=True)
        review.decide(session, people.reviewer, store, made, decision=Decision.PUBLISH)
    change = RevisionFields(title="圆的面积（二）")

    saved = at_once(engine, made.id, *[lambda s, r: resources.save_draft(s, people.author, r, change)] * 3)
    rated = at_once(engine, made.id, *[lambda s, r: resources.rate(s, people.colleague, r, stars=4)] * 3)
    kept = at_once(engine, made.id, *[lambda s, r: resources.keep_favourite(s, people.colleague, r)] * 3)
    sent = at_once(engine, made.id, *[lambda s, r: review.submit(s, people.author, r, commitment=True)] * 2)

    assert (saved, rated, kept) == (["done"] * 3, ["done"] * 3, ["done"] * 3)
    assert sent == ["conflict", "done"]
    with reading(engine) as session:
        found = session.get_one(LearningResource, made.id)
        assert (found.rating_sum, found.rating_count) == (4, 1)
        assert queries.latest_revision(session, made.id).number == 2


def test_two_reviewers_at_once_and_one_wins(engine: Engine, people: People, store: BlobStore) -> None:
    with transaction(engine) as session:
        made = resources.create_draft(session, people.author, RevisionFields(title="圆的面积")).resource
        review.submit(session, people.author, made, commitment=True)

    outcomes = at_once(
        engine,
        made.id,
        *(
            lambda s, r, who=who: review.decide(s, who, store, r, decision=Decision.PUBLISH)
            for who in (people.reviewer, people.other_reviewer)
        ),
    )

    assert outcomes == ["conflict", "done"]
    with reading(engine) as session:
        assert queries.seen(session, people.colleague, made.id).state == "published"
        assert actions(session).count("review.publish") == 1
