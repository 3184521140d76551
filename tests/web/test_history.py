"""The revisions of a lesson: who reads them, comparing two, bringing one back."""

from __future__ import annotations

import pytest

from tongke.accounts.models import User
from tongke.db import reading, transaction
from tongke.resources import service
from tongke.resources.models import LearningResource
from tongke.resources.schemas import draft_fields
from tongke.review import service as review
from tongke.review.models import Decision


@pytest.fixture
def twice(platform, people, shelf) -> LearningResource:
    """A lesson whose second version is out."""
    made = shelf.put("小数除法", description="第一次写的")
    with transaction(platform.engine) as session:
        resource = session.get(LearningResource, made.id)
        fields = draft_fields({"title": "小数除法（改）", "description": "第二次写的"})
        service.save_draft(session, people.author, resource, fields)
        review.submit(session, people.author, resource, commitment=True)
        session.flush()
        review.decide(session, people.reviewer, platform.store, resource, decision=Decision.PUBLISH)
    return made


@pytest.fixture
def open_as(engine, people, signed_in):
    def open_(name: str):
        with reading(engine) as session:
            return signed_in(session.get(User, getattr(people, name).user_id))

    return open_


def test_its_author_reads_and_compares_every_version_and_readers_the_published(client, open_as, twice) -> None:
    author, base = open_as("author"), f"/resources/{twice.id}/revisions"

    compared = f"{base}/compare?before=1&after=2"

    assert "<ins>" in author.get(compared).text
    assert "第一次写的" in author.get(f"{base}/1").text
    assert [browser.get(base).text.count(f'<a href="{base}/') for browser in (author, client)] == [2, 1]
    assert [client.get(address).status_code for address in (compared, f"{base}/1", f"{base}/2")] == [404, 404, 200]
    assert (author.get(f"{base}/7").status_code, author.get(f"{compared}x").status_code) == (404, 422)


def test_only_its_author_brings_a_version_back(client, open_as, twice) -> None:
    author, stranger = open_as("author"), open_as("stranger")
    address = f"/resources/{twice.id}/revisions/1/restoration"

    assert client.post(address).status_code == 401
    assert stranger.post(address).status_code in (403, 404)
    assert author.post(address).status_code == 303
