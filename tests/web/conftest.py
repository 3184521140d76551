"""People at their browsers, and what they write: for the tests of the teacher's and the reviewer's pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlmodel import Session
from tests.resources.conftest import make_asset, people, publish  # noqa: F401 - fixtures
from tests.web.lessons import shelf  # noqa: F401 - a fixture

from tongke.accounts.models import Role, User
from tongke.curriculum.models import CFDocument, CFItem, FrameworkFamily
from tongke.db import transaction
from tongke.resources import service
from tongke.resources.models import LearningResource
from tongke.resources.schemas import draft_fields
from tongke.review import service as review
from tongke.review.models import Decision

if TYPE_CHECKING:
    from httpx import Response
    from starlette.testclient import TestClient


@dataclass
class Desk:
    """One person with a browser in which they are signed in."""

    user: User
    browser: TestClient


@pytest.fixture
def author(make_user, make_school, signed_in) -> Desk:
    user = make_user("方老师", school=make_school())
    return Desk(user, signed_in(user))


@pytest.fixture
def colleague(make_user, signed_in) -> Desk:
    user = make_user("陈老师")
    return Desk(user, signed_in(user))


@pytest.fixture
def reviewer(make_user, signed_in) -> Desk:
    user = make_user("李教研员", role=Role.REVIEWER)
    return Desk(user, signed_in(user))


@pytest.fixture
def write(engine, author, actor_of) -> Callable[..., UUID]:
    """Open a draft of the author's; returns the resource's id."""

    def make(title: str = "小数除法", **fields: object) -> UUID:
        with transaction(engine) as session:
            draft = service.create_draft(session, actor_of(author.user), draft_fields({"title": title, **fields}))
            return draft.resource.id

    return make


@pytest.fixture
def hand_in(engine, author, actor_of, write) -> Callable[..., UUID]:
    """A draft that is handed in; ``resource_id`` for one that exists."""

    def make(title: str = "小数除法", *, resource_id: UUID | None = None, **fields: object) -> UUID:
        made = resource_id or write(title, **fields)
        with transaction(engine) as session:
            review.submit(session, actor_of(author.user), _resource(session, made), commitment=True)
        return made

    return make


@pytest.fixture
def settle(engine, reviewer, actor_of, platform, hand_in) -> Callable[..., UUID]:
    """A resource on which the reviewer has decided: published, unless told otherwise."""

    def make(title: str = "小数除法", *, decision: Decision = Decision.PUBLISH, comment: str = "", **fields) -> UUID:
        made = hand_in(title, **fields)
        judge = actor_of(reviewer.user)
        with transaction(engine) as session:
            review.decide(session, judge, platform.store, _resource(session, made), decision=decision, comment=comment)
        return made

    return make


def _resource(session: Session, resource_id: UUID) -> LearningResource:
    found = session.get(LearningResource, resource_id)
    assert found
    return found


@pytest.fixture
def lesson(engine) -> UUID:
    """人教版 五年级上册 › 3 小数除法 › 除数是小数的除法; returns the lesson's id."""
    place = {"subject": "数学", "stage": "小学", "grade": 5, "volume": "上册", "edition": "人教版"}
    with transaction(engine) as session:
        book_of = CFDocument(
            identifier="renjiao", title="数学 人教版", family=FrameworkFamily.TEXTBOOK, edition="人教版", subject="数学"
        )
        session.add(book_of)
        session.flush()
        parent, trail, path = None, "数学 人教版", "/"
        for depth, name in enumerate(("五年级上册", "3 小数除法", "除数是小数的除法")):
            item = CFItem(
                identifier=f"renjiao-{depth}", document_id=book_of.id, full_statement=name, depth=depth, trail=trail,
                parent_id=parent.id if parent else None, path=f"{path}{depth}/", **place,
            )  # fmt: skip
            session.add(item)
            session.flush()
            parent, trail, path = item, f"{trail} › {name}", item.path
        return item.id


def words(answer: Response) -> str:
    """What a person reads on the page, in one line."""
    body = re.sub(r"(?s)<(script|style|template|head)\b.*?</\1>", " ", answer.text)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))
