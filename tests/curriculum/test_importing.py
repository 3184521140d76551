"""Bringing framework files into the database: what is new, changed, gone; and who may."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from sqlalchemy import func, select
from tests.curriculum.packages import child, item, package

from tongke.accounts.models import User
from tongke.audit.models import AuditEvent
from tongke.curriculum import queries, service, shipped, store
from tongke.curriculum.models import CFAssociation, CFDocument, CFItem, FrameworkOrigin
from tongke.curriculum.outline import id_of
from tongke.errors import Conflict, Invalid
from tongke.resources.alignments import reindex_aligned
from tongke.resources.models import Alignment, LearningResource, Revision, RevisionState
from tongke.search.models import ReindexRequest

SAMPLES = [
    "opensalt-framework-sample.json",
    "smarterbalanced_hs_math.json",
    "smarterbalanced_math_package.json",
    "smarterbalanced_pt.json",
]


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


def imported(session, admin, text: str) -> service.ImportReport:
    return service.import_framework(session, admin, text.encode())


@pytest.mark.parametrize("name", SAMPLES)
def test_real_packages_import_and_import_again_without_change(session, admin, shared, name):
    path = shared / "data/case_samples" / name

    first = service.import_framework(session, admin, path)
    again = service.import_framework(session, admin, path)

    assert (first.added, first.updated, first.unchanged) == (count(session, CFItem), 0, 0)
    assert (again.added, again.updated, again.unchanged) == (0, 0, first.added)
    assert first.links == again.links == count(session, CFAssociation)
    assert session.get(CFDocument, first.document_id).case_version == "1.0"


def test_relations_that_lead_outside_are_told_and_wait(session, admin):
    outside = {**child("a", "elsewhere"), "associationType": "exactMatchOf"}

    report = imported(session, admin, package([item("a")], [outside]))

    assert (report.links, [w.identifier for w in report.warnings]) == (0, ["a-elsewhere"])
    waiting = session.get(CFDocument, report.document_id).extra["waiting_links"]
    assert waiting == [["a-elsewhere", "exactMatchOf", "a", "elsewhere"]]
    imported(session, admin, package([item("elsewhere")], identifier="other"))
    assert imported(session, admin, package([item("a")], [outside])).links == 1


def test_changed_package_updates_in_place(session, admin):
    imported(session, admin, package([item("a", "旧"), item("b")], [child("b", "a")]))

    report = imported(session, admin, package([item("c", "新上级"), item("a", "新"), item("b")], [child("b", "c")]))

    assert (report.added, report.updated, report.removed, report.retired) == (1, 2, 0, 0)
    assert session.get(CFItem, id_of("a")).full_statement == "新"
    moved = session.get(CFItem, id_of("b"))
    assert (moved.parent_id, moved.trail) == (id_of("c"), "框架 › 新上级")


def test_items_gone_are_deleted_but_those_in_use_retire(session, admin, aligned):
    everything = [item("unit"), item("used"), item("spare")]
    imported(session, admin, package([*everything, item("stays")], [child("used", "unit"), child("spare", "unit")]))
    aligned(id_of("used"))

    report = imported(session, admin, package([item("stays")]))

    assert (report.retired, report.removed) == (2, 1)
    assert report.changed_ids == {id_of("unit"), id_of("used")}
    kept = {row.identifier: row.retired for row in session.scalars(select(CFItem))}
    assert kept == {"unit": True, "used": True, "stays": False}
    back = imported(
        session, admin, package([*everything, item("stays")], [child("used", "unit"), child("spare", "unit")])
    )
    assert (back.added, back.updated, back.retired) == (1, 3, 0)
    assert not session.get(CFItem, id_of("used")).retired


def test_lessons_of_a_renamed_unit_are_indexed_again(session, admin, aligned):
    tied, spare = item("used"), item("spare")
    imported(session, admin, package([item("unit", "旧单元"), tied, spare], [child("used", "unit")]))
    resource_id = aligned(id_of("used"), published=True)

    report = imported(session, admin, package([item("unit", "新单元"), tied, spare], [child("used", "unit")]))
    reindex_aligned(session, report.changed_ids)

    assert report.changed_ids == {id_of("unit"), id_of("used")}
    session.flush()
    assert [r.resource_id for r in session.scalars(select(ReindexRequest))] == [resource_id]


@pytest.fixture
def aligned(session):
    """Let a resource's first revision be aligned to an item."""

    def align(item_id, *, published: bool = False) -> UUID:
        person = User(email="a@example.org", name="王老师")
        session.add(person)
        session.flush()
        resource = LearningResource(short_code="ABCD2345", owner_id=person.id)
        session.add(resource)
        session.flush()
        revision = Revision(resource_id=resource.id, number=1, author_id=person.id, title="一节课")
        session.add(revision)
        session.flush()
        session.add(Alignment(revision_id=revision.id, framework_item_id=item_id))
        session.flush()
        if published:
            revision.state, revision.import_approved_by = RevisionState.PUBLISHED, person.id
            session.flush()
            resource.published_revision_id = revision.id
        session.flush()
        return resource.id

    return align


def test_nasty_texts_are_kept_by_both_databases(session, admin):
    long, nul = "长" * 30_000, "坏\x00字\ud800"
    nasty = {"humanCodingScheme": long, "abbreviatedStatement": nul, "CFItemType": long, "subject": [long, nul]}
    head = {"title": nul, "subject": long, "creator": long, "adoptionStatus": nul, "notes": nul, "language": "中文"}
    imported(
        session,
        admin,
        package([{**item("a" + nul, long + nul), **nasty, "notes": nul, "educationLevel": [nul]}], **head),
    )
    table = f"#框架,t{long}\n#标题,{long}\n#学科,{long}\n编码,标题,简称,类型,说明\n1\x00,{'长' * 19_000},{long},{long},{long}\n"
    service.import_framework(session, admin, table.encode())

    assert count(session, CFItem) == 2
    assert queries.search_items(session, "\x00") == []
    assert queries.by_code(session, "\x00", "\x00") is None
    assert queries.items_page(session, text="\x00%")[1] == 0


def test_items_of_other_frameworks_are_never_touched(session, admin):
    imported(session, admin, package([item("a", "原来的")], identifier="one"))

    report = imported(session, admin, package([item("a", "冒名的"), item("b")], [child("b", "a")], identifier="two"))

    assert session.get(CFItem, id_of("a")).full_statement == "原来的"
    assert report.added == 1
    assert {w.identifier for w in report.warnings} == {"a", "b"}


def test_shipped_frameworks_cannot_be_overwritten(session, admin):
    raw = shipped.framework_files()["standards/arts.json"].read_bytes()
    store.save(session, shipped.read_framework(raw), FrameworkOrigin.SHIPPED)

    with pytest.raises(Conflict):
        imported(session, admin, package([item("x")], identifier="cn-standard-2022-arts"))
    with pytest.raises(Conflict):
        service.import_framework(session, admin, "#框架,cn-standard-2022-arts\n编码,标题\n1,一\n".encode())


def test_faulty_table_imports_nothing(session, admin):
    with pytest.raises(Invalid):
        service.import_framework(session, admin, "编码,标题\n1,一\n,二\n".encode(), name="f")

    assert (count(session, CFDocument), count(session, CFItem), count(session, AuditEvent)) == (0, 0, 0)


def test_local_table_can_be_continued_by_hand(session, admin):
    report = service.import_framework(session, admin, "#类别,校本课程\n编码,标题\n1,一\n".encode(), name="school")

    document = session.get(CFDocument, report.document_id)
    service.add_item(session, admin, document, title="二", parent=session.get(CFItem, id_of("school:1")))
    assert [line.title for line in queries.children(session, document.id, id_of("school:1"))] == ["二"]


def test_import_is_in_the_audit_trail(session, admin):
    report = imported(session, admin, package([item("a")]))

    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject_id) == ("framework.import", str(report.document_id))
    assert event.details == {"read_as": "CASE 1.0", "added": 1, "updated": 0, "retired": 0, "removed": 0}


@pytest.mark.slow
def test_hundred_thousand_items_import_in_reasonable_time(session, admin):
    items = [item(f"i{n}", f"条目 {n}") for n in range(100_000)]
    links = [child(f"i{n}", f"i{n // 50 - 1}") for n in range(50, 100_000)]
    text = package(items, links)

    began = time.process_time()
    report = imported(session, admin, text)

    assert report.added == 100_000
    assert time.process_time() - began < 60
