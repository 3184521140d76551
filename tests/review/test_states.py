"""Whatever people do in whatever order, what readers see stays true and the database is never the one to object."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select
from tests.profiles import make_schema

from tongke.accounts.actor import ANONYMOUS, Actor
from tongke.accounts.models import Role, User
from tongke.audit.models import AuditEvent
from tongke.db import open_database, reading, transaction
from tongke.errors import NotFound, TongkeError
from tongke.resources import queries
from tongke.resources import service as resources
from tongke.resources.content import content_of
from tongke.resources.models import LearningResource, Revision, Standing, Visibility
from tongke.resources.schemas import RevisionFields
from tongke.review import service as review
from tongke.review.constraints import STANDING_TRANSITIONS, TRANSITIONS
from tongke.review.models import Decision, Review
from tongke.storage import open_storage

AUTHORS = [
    Actor(user_id=uuid4(), name=f"作者{n}", role=Role.TEACHER, school_region="330127", reach="330127") for n in range(2)
]
REVIEWERS = [Actor(user_id=uuid4(), name=f"审核{n}", role=Role.REVIEWER, reach="") for n in range(2)]
OFFICE = Actor(user_id=uuid4(), name="教育局", role=Role.REGION_ADMIN, reach="33")
EVERYBODY = [*AUTHORS, *REVIEWERS, OFFICE]
anybody = st.sampled_from(EVERYBODY)
Act = Callable[[Session, LearningResource], object]


TEMPLATE = ""


class Lives(RuleBasedStateMachine):
    """Random lives of resources, against what must always hold."""

    lessons = Bundle("lessons")

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.engine = open_database(f"sqlite:///{self.folder / 'tongke.sqlite3'}")
        with sqlite3.connect(TEMPLATE) as empty, sqlite3.connect(self.folder / "tongke.sqlite3") as fresh:
            empty.backup(fresh)
        self.store = open_storage(f"file://{self.folder / 'objects'}")
        self.frozen: dict[UUID, dict] = {}
        self.states: dict[UUID, str] = {}
        self.standings: dict[UUID, str] = {}
        self.events = 0
        with transaction(self.engine) as session:
            for person in EVERYBODY:
                session.add(User(id=person.user_id, email=f"{person.user_id}", name=person.name, role=person.role))

    def teardown(self) -> None:
        self.engine.dispose()
        shutil.rmtree(self.folder)

    def attempt(self, lesson: UUID, act: Act) -> None:
        """Do it, or be told a reason; any other error is a defect."""
        try:
            with transaction(self.engine) as session:
                found = session.get(LearningResource, lesson)
                if found is not None:
                    act(session, found)
        except TongkeError:
            pass

    @rule(target=lessons, author=st.sampled_from(AUTHORS), visibility=st.sampled_from([*Visibility]))
    def create(self, author: Actor, visibility: Visibility) -> UUID:
        with transaction(self.engine) as session:
            fields = RevisionFields(title="圆的面积", visibility=visibility)
            return resources.create_draft(session, author, fields).resource.id

    @rule(lesson=lessons, who=anybody, title=st.text(max_size=5).filter(lambda t: "\0" not in t))
    def save(self, lesson: UUID, who: Actor, title: str) -> None:
        self.attempt(lesson, lambda s, r: resources.save_draft(s, who, r, RevisionFields(title=title)))

    @rule(lesson=lessons, who=anybody, commitment=st.booleans() | st.just(True))
    def submit(self, lesson: UUID, who: Actor, commitment: bool) -> None:
        self.attempt(lesson, lambda s, r: review.submit(s, who, r, commitment=commitment))

    @rule(lesson=lessons, who=anybody)
    def claim(self, lesson: UUID, who: Actor) -> None:
        self.attempt(lesson, lambda s, r: review.claim(s, who, r))

    @rule(lesson=lessons, who=anybody)
    def release(self, lesson: UUID, who: Actor) -> None:
        self.attempt(lesson, lambda s, r: review.release(s, who, r))

    @rule(lesson=lessons, who=anybody, decision=st.sampled_from([*Decision]), comment=st.sampled_from(["", "因为"]))
    def decide(self, lesson: UUID, who: Actor, decision: Decision, comment: str) -> None:
        self.attempt(lesson, lambda s, r: review.decide(s, who, self.store, r, decision=decision, comment=comment))

    @rule(lesson=lessons, reviewer=st.sampled_from(REVIEWERS))
    def publish(self, lesson: UUID, reviewer: Actor) -> None:
        """The way it usually goes, so that most lives get far enough to go wrong."""
        for author in AUTHORS:
            self.attempt(lesson, lambda s, r, who=author: review.submit(s, who, r, commitment=True))
        self.attempt(lesson, lambda s, r: review.decide(s, reviewer, self.store, r, decision=Decision.PUBLISH))

    @rule(lesson=lessons, who=anybody)
    def withdraw(self, lesson: UUID, who: Actor) -> None:
        self.attempt(lesson, lambda s, r: resources.withdraw(s, who, r, reason="因为"))

    @rule(lesson=lessons, who=anybody)
    def take_down(self, lesson: UUID, who: Actor) -> None:
        self.attempt(lesson, lambda s, r: resources.take_down(s, who, r, reason="因为"))

    @rule(lesson=lessons, who=anybody)
    def put_back(self, lesson: UUID, who: Actor) -> None:
        self.attempt(lesson, lambda s, r: resources.put_back(s, who, r))

    @rule(lesson=lessons, who=anybody)
    def delete(self, lesson: UUID, who: Actor) -> None:
        self.attempt(lesson, lambda s, r: resources.delete(s, who, r))

    @rule(lesson=lessons, who=anybody)
    def discard(self, lesson: UUID, who: Actor) -> None:
        self.attempt(lesson, lambda s, r: resources.discard_draft(s, who, r))

    @rule(lesson=lessons, who=anybody, number=st.integers(1, 4))
    def restore(self, lesson: UUID, who: Actor, number: int) -> None:
        self.attempt(lesson, lambda s, r: resources.restore_revision(s, who, r, number))

    @rule(lesson=lessons, who=anybody, stars=st.integers(0, 6))
    def rate(self, lesson: UUID, who: Actor, stars: int) -> None:
        self.attempt(lesson, lambda s, r: resources.rate(s, who, r, stars=stars))

    @invariant()
    def truth_holds(self) -> None:
        with reading(self.engine) as session:
            revisions = session.exec(select(Revision)).all()
            for found in session.exec(select(LearningResource)):
                self.check(session, found, [r for r in revisions if r.resource_id == found.id])
            for revision in revisions:
                self.check_history(revision)
            self.check_people(session)

    def check(self, session: Session, found: LearningResource, own: list[Revision]) -> None:
        published = [r.id for r in own if r.state == "published"]
        assert ([found.published_revision_id] if found.published_revision_id else []) == published
        assert sum(r.state in ("draft", "submitted", "in_review") for r in own) <= 1
        is_open = [r for r in own if r.state == "published" and r.visibility == "public"]
        try:
            shown = queries.seen(session, ANONYMOUS, found.id).shown
            assert [shown.id] == [r.id for r in is_open]
            assert found.standing == Standing.ACTIVE
        except NotFound:
            assert not is_open or found.standing != Standing.ACTIVE
        before = self.standings.get(found.id)
        assert before in (None, found.standing) or (Standing(before), Standing(found.standing)) in STANDING_TRANSITIONS
        self.standings[found.id] = found.standing

    def check_history(self, revision: Revision) -> None:
        if revision.state != "draft":
            assert self.frozen.setdefault(revision.id, content_of(revision)) == content_of(revision)
            assert revision.commitment_at is not None
        self.states[revision.id] = revision.state

    def check_people(self, session: Session) -> None:
        for done in session.exec(select(Review).where(col(Review.decision).is_not(None))):
            assert done.reviewer_id in {r.user_id for r in REVIEWERS} - {done.author_id}
        events = len(session.exec(select(AuditEvent.id)).all())
        assert events >= self.events
        self.events = events


@pytest.mark.slow
def test_lives_of_resources_keep_the_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    make_schema(engine)
    engine.dispose()
    monkeypatch.setitem(globals(), "TEMPLATE", str(tmp_path / "empty.sqlite3"))
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


def test_every_state_can_be_left_or_is_an_end() -> None:
    ends = {"superseded", "changes_requested", "declined"}

    assert {b.value for _, b in TRANSITIONS} - {a.value for a, _ in TRANSITIONS} == ends
