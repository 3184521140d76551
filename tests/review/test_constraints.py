"""Raw SQL that no service would send: the database itself says no, whichever it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from tests.review.conftest import People

from tongke.db import transaction
from tongke.resources import service as resources
from tongke.resources.schemas import RevisionFields
from tongke.review import service as review
from tongke.review.constraints import install_constraints, remove_constraints, rules
from tongke.review.models import Decision
from tongke.storage.base import BlobStore

TITLE = RevisionFields(title="小数除法")


@pytest.fixture
def refused(engine: Engine) -> Callable[..., str]:
    """Run a statement that must be refused; gives the name of the rule that refused it."""

    def run(statement: str, **values: object) -> str:
        with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
            connection.execute(text(statement), values)
        words = str(caught.value.orig)
        return words.split("tongke: ")[1].split("\n", maxsplit=1)[0].strip() if "tongke: " in words else words

    return run


@pytest.fixture
def draft(engine: Engine, people: People) -> str:
    with transaction(engine) as session:
        return resources.create_draft(session, people.author, TITLE).resource.id


@pytest.fixture
def submitted(engine: Engine, people: People, draft: str) -> str:
    with transaction(engine) as session:
        review.submit(session, people.author, _resource(session, draft), commitment=True)
    return draft


@pytest.fixture
def published(engine: Engine, people: People, submitted: str, store: BlobStore) -> str:
    with transaction(engine) as session:
        found = _resource(session, submitted)
        review.decide(session, people.reviewer, store, found, decision=Decision.PUBLISH)
    return submitted


def _resource(session, resource_id):
    from tongke.resources.models import LearningResource

    return session.get_one(LearningResource, resource_id)


@pytest.mark.parametrize("state", ["in_review", "changes_requested", "declined", "superseded"])
def test_draft_cannot_skip_submission(refused, draft, state) -> None:
    assert refused(
        f"UPDATE revision SET state = '{state}', commitment_at = CURRENT_TIMESTAMP",
    ).startswith("revision_moves")


def test_draft_cannot_be_published_without_review_or_import(refused, draft) -> None:
    rule = refused("UPDATE revision SET state = 'published', commitment_at = CURRENT_TIMESTAMP")

    assert rule == "revision_import_approved"


def test_submission_needs_the_commitment(refused, draft) -> None:
    assert "commitment_before_review" in refused("UPDATE revision SET state = 'submitted'")


def test_review_cannot_begin_unclaimed(refused, submitted) -> None:
    assert refused("UPDATE revision SET state = 'in_review'") == "revision_review_claimed"


@pytest.mark.parametrize("state", ["published", "changes_requested", "declined"])
def test_verdict_needs_a_decided_review(refused, engine, people, submitted, state) -> None:
    with transaction(engine) as session:
        review.claim(session, people.reviewer, _resource(session, submitted))

    assert refused(f"UPDATE revision SET state = '{state}'") == f"revision_decided_{state}"


def test_author_cannot_be_the_reviewer(refused, people, submitted) -> None:
    words = refused("UPDATE review SET reviewer_id = author_id")

    assert words == "review_not_by_owner_update" or "not_ones_own" in words


def test_review_cannot_claim_another_author(refused, submitted) -> None:
    other = "(SELECT id FROM person WHERE name = '赵教研员')"

    rule = refused(f"UPDATE review SET author_id = {other}")

    assert rule in {"review_not_by_owner_update", "review_of_one_revision"}


@pytest.mark.parametrize("change", ["title = '别的'", "licence = 'CC0-1.0'", "keywords = '[\"x\"]'", "number = 9"])
def test_submitted_content_is_frozen(refused, submitted, change) -> None:
    assert refused(f"UPDATE revision SET {change}") == "revision_is_frozen"


def test_published_content_is_frozen(refused, published) -> None:
    assert refused("UPDATE revision SET title = '别的'") == "revision_is_frozen"


def test_publication_date_cannot_be_rewritten(refused, published) -> None:
    assert refused("UPDATE revision SET published_at = NULL") == "revision_published_once"


def test_published_revision_cannot_go_back_to_draft(refused, published) -> None:
    assert refused("UPDATE revision SET state = 'draft'").startswith("revision_")


def test_submitted_revision_cannot_be_deleted(refused, engine, submitted) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM review"))

    assert refused("DELETE FROM revision") == "revision_stays"


def test_parts_of_a_submitted_revision_are_frozen(refused, engine, people, draft) -> None:
    with transaction(engine) as session:
        author = people.author.user_id.hex if engine.dialect.name == "sqlite" else str(people.author.user_id)
        session.connection().execute(
            text(
                "INSERT INTO asset (id, owner_id, filename, sha256, received_sha256, size_bytes, media_type, kind,"
                " created_at) SELECT id, :owner, 'a.pdf', 'x', 'x', 1, 'application/pdf', 'pdf', created_at FROM revision"
            ),
            {"owner": author},
        )
        session.connection().execute(
            text(
                "INSERT INTO revision_file (id, revision_id, asset_id, role, language, title, position)"
                " SELECT id, id, id, 'main', '', '', 0 FROM revision"
            )
        )
        review.submit(session, people.author, _resource(session, draft), commitment=True)

    assert refused("UPDATE revision_file SET title = 'x'") == "revision_file_frozen_update"
    assert refused("DELETE FROM revision_file") == "revision_file_frozen_delete"
    assert (
        refused(
            "INSERT INTO revision_file (id, revision_id, asset_id, role, language, title, position)"
            " SELECT resource_id, id, id, 'main', '', '', 1 FROM revision"
        )
        == "revision_file_frozen_insert"
    )


def test_alignments_of_a_submitted_revision_are_frozen(refused, submitted) -> None:
    rule = refused(
        "INSERT INTO alignment (id, revision_id, framework_item_id, relation, provenance)"
        " SELECT id, id, id, 'teaches', 'author' FROM revision"
    )

    assert rule == "alignment_frozen_insert"


def test_pointer_names_only_a_published_revision(refused, submitted) -> None:
    rule = refused("UPDATE learning_resource SET published_revision_id = (SELECT id FROM revision)")

    assert rule == "resource_points_at_published"


def test_pointer_cannot_name_another_resources_revision(refused, engine, people, published) -> None:
    with transaction(engine) as session:
        resources.create_draft(session, people.author, TITLE)

    rule = refused(
        "UPDATE learning_resource SET published_revision_id = (SELECT id FROM revision WHERE state = 'published')"
        " WHERE published_revision_id IS NULL"
    )

    assert rule == "resource_points_at_published"


def test_revision_pointed_at_stays_published(refused, published) -> None:
    assert refused("UPDATE revision SET state = 'superseded'") == "revision_pointed_at_stays_published"


def test_deleted_resource_stays_deleted(refused, engine, people, draft) -> None:
    with transaction(engine) as session:
        resources.delete(session, people.author, _resource(session, draft))

    assert refused("UPDATE learning_resource SET standing = 'active'") == "resource_standing"


def test_decided_review_is_frozen(refused, published) -> None:
    assert refused("UPDATE review SET comment = 'x'") == "review_decided_once"
    assert refused("DELETE FROM review") == "review_stays"


def test_audit_trail_is_append_only(refused, draft) -> None:
    assert refused("UPDATE audit_event SET reason = 'x'") == "audit_event_unchanged"
    assert refused("DELETE FROM audit_event") == "audit_event_kept"


def test_revision_cannot_be_born_published(refused, draft) -> None:
    rule = refused(
        "INSERT INTO revision (id, resource_id, number, state, author_id, title, description, type, subject, stage,"
        " volume, edition, unit, keywords, language, audience, licence, author_name, school_name, region_code,"
        " conditions, accessibility, ai_generated, visibility, change_note, created_at, saved_at, import_approved_by)"
        " SELECT resource_id, resource_id, 2, 'published', author_id, title, '', type, '', '', '', '', '', keywords,"
        " language, audience, licence, '', '', '', conditions, accessibility, ai_generated, visibility, '',"
        " created_at, saved_at, author_id FROM revision"
    )

    assert rule == "revision_starts_as_draft"


def test_constraints_install_twice_and_come_off_for_a_restore(engine, published) -> None:
    with engine.begin() as connection:
        install_constraints(connection)
        remove_constraints(connection)
        connection.execute(text("UPDATE revision SET title = '恢复'"))
        install_constraints(connection)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE revision SET title = '再改'"))


def test_every_rule_has_its_own_name() -> None:
    names = [rule.name for rule in rules()]

    assert sorted(set(names)) == sorted(names)
