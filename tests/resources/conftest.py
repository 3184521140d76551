"""People and a writing session for tests of resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.db import transaction
from tongke.media.ingest import ingest
from tongke.media.models import Asset
from tongke.resources import queries
from tongke.resources import service as resources
from tongke.resources.models import LearningResource
from tongke.resources.schemas import RevisionFields
from tongke.review import service as review
from tongke.review.models import Decision


@dataclass(frozen=True)
class People:
    author: Actor
    colleague: Actor
    stranger: Actor
    reviewer: Actor
    office: Actor
    pupil: Actor


@pytest.fixture
def people(make_user: Callable, make_school: Callable, actor_of: Callable, county: str) -> People:
    school = make_school()
    return People(
        author=actor_of(make_user("王老师", school=school)),
        colleague=actor_of(make_user("陈老师", school=school)),
        stranger=actor_of(make_user("外地老师")),
        reviewer=actor_of(make_user("李教研员", role=Role.REVIEWER)),
        office=actor_of(make_user("教育局", role=Role.REGION_ADMIN, region=county)),
        pupil=actor_of(make_user("学生一", role=Role.PUPIL, school=school)),
    )


@pytest.fixture
def make_asset(platform, people: People, tmp_path: Path) -> Callable[..., Asset]:
    """Keep a small text file as somebody's asset."""

    def make(name: str = "讲义.txt", *, owner: Actor | None = None, content: str | None = None) -> Asset:
        path = tmp_path / name
        path.write_text(content or f"{name} 的内容", encoding="utf-8")
        actor = owner or people.author
        return ingest(platform.engine, platform.store, actor, path, name, settings=platform.settings)

    return make


@pytest.fixture
def publish(engine: Engine, platform, people: People) -> Callable[..., LearningResource]:
    """Publish a lesson of the author's, in transactions of its own."""

    def make(title: str = "小数除法", *, assets: tuple[Asset, ...] = (), **fields: object) -> LearningResource:
        with transaction(engine) as session:
            made = resources.create_draft(session, people.author, RevisionFields(title=title, **fields)).resource
            if assets:
                resources.attach(session, people.author, made, [a.id for a in assets])
            review.submit(session, people.author, made, commitment=True)
            review.decide(session, people.reviewer, platform.store, made, decision=Decision.PUBLISH)
            return made

    return make


@pytest.fixture
def session(engine: Engine, people: People) -> Iterator[Session]:
    """A writing session, opened once the people are there: one writes at a time."""
    with transaction(engine) as session:
        yield session


@pytest.fixture
def draft(session: Session, people: People) -> LearningResource:
    return resources.create_draft(session, people.author, RevisionFields(title="小数除法")).resource


def seen(session: Session, actor: Actor, resource: LearningResource) -> queries.Seen:
    return queries.seen(session, actor, resource.id)
