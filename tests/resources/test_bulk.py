"""Importing records: each line in or refused by itself, twice the same as once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from tongke.accounts.models import Role
from tongke.audit.models import AuditEvent
from tongke.db import reading, transaction
from tongke.errors import Forbidden
from tongke.media.models import Asset
from tongke.resources import queries, views
from tongke.resources import service as resources
from tongke.resources.bulk import Progress, import_resources
from tongke.resources.models import LearningResource, Revision
from tongke.search.models import ReindexRequest


@pytest.fixture
def admin(make_user, actor_of):
    return actor_of(make_user("平台管理员", role=Role.PLATFORM_ADMIN))


@pytest.fixture
def run(platform, admin, tmp_path: Path) -> Callable[..., Progress]:
    """Import these records, or raw lines; gives the report."""

    def run(*lines: dict | str | bytes, batch: int = 500) -> Progress:
        path = tmp_path / "records.jsonl"
        path.write_bytes(b"\n".join(_raw(line) for line in lines))
        steps = import_resources(platform.engine, platform.store, path, admin, settings=platform.settings, batch=batch)
        return list(steps)[-1]

    return run


def _raw(line: dict | str | bytes) -> bytes:
    if isinstance(line, bytes):
        return line
    return line.encode() if isinstance(line, str) else json.dumps(line, ensure_ascii=False).encode()


def record(external_id: str = "x1", **more: object) -> dict:
    return {"external_id": external_id, "title": "小数除法", "published": True, **more}


def counts(report: Progress) -> tuple[int, int, int, int]:
    return report.added, report.revised, report.unchanged, len(report.refused)


def one(engine, external_id: str = "x1") -> LearningResource:
    with reading(engine) as session:
        return session.exec(select(LearningResource).where(LearningResource.external_id == external_id)).one()


def test_published_record_is_approved_audited_and_told_to_the_index(run, engine, admin) -> None:
    report = run(record(grade=5, keywords=["竖式"]))

    made = one(engine)
    with reading(engine) as session:
        seen = queries.seen(session, admin, made.id)
        events = session.exec(select(AuditEvent.action, AuditEvent.actor_id)).all()
        asked = session.exec(select(ReindexRequest.resource_id)).all()
    assert counts(report) == (1, 0, 0, 0)
    assert (seen.state, seen.shown.grade, seen.shown.keywords) == ("published", 5, ["竖式"])
    assert seen.shown.import_approved_by == admin.user_id
    assert (events, asked) == ([("resource.import_approve", admin.user_id)], [made.id])


def test_unpublished_record_is_a_draft(run, engine, admin) -> None:
    run(record(published=False))

    with reading(engine) as session:
        assert queries.seen(session, admin, one(engine).id).state == "draft"
        assert session.exec(select(ReindexRequest)).all() == []


def test_same_import_again_changes_nothing(run, engine) -> None:
    run(record("a"), record("b"))
    before = one(engine, "a")

    report = run(record("a", description=""), record("b"))  # a default spelt out is no change

    assert counts(report) == (0, 0, 2, 0)
    assert one(engine, "a") == before


def test_changed_record_is_a_new_revision(run, engine, admin) -> None:
    run(record(title="旧"))

    report = run(record(title="新"))

    with reading(engine) as session:
        seen = queries.seen(session, admin, one(engine).id)
        states = session.exec(select(Revision.number, Revision.state).order_by(Revision.number)).all()
    assert counts(report) == (0, 1, 0, 0)
    assert (seen.shown.title, states) == ("新", [(1, "superseded"), (2, "published")])


def test_changed_draft_is_a_new_revision_too(run, engine, admin) -> None:
    run(record(title="旧", published=False))

    run(record(title="新", published=False))

    with reading(engine) as session:
        assert [(r.number, r.title, r.state) for r in session.exec(select(Revision))] == [(2, "新", "draft")]


def test_edit_in_the_page_survives_the_same_import(run, engine, admin) -> None:
    run(record())
    with transaction(engine) as session:
        made = session.get_one(LearningResource, one(engine).id)
        from tongke.resources.schemas import RevisionFields

        resources.save_draft(session, admin, made, RevisionFields(title="改过"))

    report = run(record())

    with reading(engine) as session:
        pending = queries.seen(session, admin, made.id).pending
    assert counts(report) == (0, 0, 1, 0)
    assert pending is not None
    assert pending.title == "改过"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (record(nonsense=1), "nonsense"),
        ("{", "JSON"),
        ("[1]", "格式"),
        (b"\xff\xfe{}", "JSON"),
        ({"external_id": "y"}, "title"),
        ({"title": "t"}, "external_id"),
        (record(type="film"), "type"),
        (record(grade=13), "grade"),
        (record(licence="mine"), "licence"),
        (record(author_name="x"), "author_name"),
        (record(files=["../outside.txt"]), "outside.txt"),
        (record(files=["/etc/passwd"]), "passwd"),
        (record(files=["missing.mp4"]), "missing.mp4"),
        (record(files=["."]), "."),
        (record(alignments=[{"framework": "f", "code": "9"}]), "9"),
        (record(visibility="school"), "学校"),
        (b'{"title": "' + b"x" * 1_100_000 + b'"}', "太长"),
    ],
)  # fmt: skip
def test_wrong_line_is_named_and_the_others_are_in(run, engine, line, words) -> None:
    report = run(record("before"), line, "", record("after"))

    assert counts(report) == (2, 0, 0, 1)
    assert report.refused[0].line == 2
    assert words in str(report.refused[0].reason)
    assert {one(engine, "before").external_id, one(engine, "after").external_id} == {"before", "after"}


def test_link_out_of_the_folder_is_refused(run, tmp_path) -> None:
    secret = tmp_path.parent / "secret.txt"
    secret.write_text("秘密")
    (tmp_path / "link.txt").symlink_to(secret)

    assert counts(run(record(files=["link.txt"]))) == (0, 0, 0, 1)


def test_files_come_through_the_one_door(run, engine, admin, tmp_path) -> None:
    (tmp_path / "讲义").mkdir()
    (tmp_path / "讲义" / "a.txt").write_text("小数点要对齐。", encoding="utf-8")

    run(record(files=["讲义/a.txt"]))
    again = run(record(files=["讲义/a.txt"], title="新"))

    with reading(engine) as session:
        view = views.detail(session, admin, one(engine).id)
        assets = session.exec(select(Asset)).all()
    assert counts(again) == (0, 1, 0, 0)
    assert ([f.asset.filename for f in view.files], len(assets)) == (["a.txt"], 1)


def test_changed_file_is_a_changed_record(run, tmp_path) -> None:
    (tmp_path / "a.txt").write_text("一", encoding="utf-8")
    run(record(files=["a.txt"]))
    (tmp_path / "a.txt").write_text("二", encoding="utf-8")

    assert counts(run(record(files=["a.txt"]))) == (0, 1, 0, 0)


def test_refused_file_refuses_its_line(run, tmp_path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"#EXTM3U\nfile:///etc/passwd\n")

    assert counts(run(record(files=["film.mp4"]), record("y"))) == (1, 0, 0, 1)


def test_same_id_twice_in_a_file_is_a_revision(run, engine, admin) -> None:
    report = run(record(title="一"), record(title="二"), record(title="二"))

    assert counts(report) == (1, 1, 1, 0)


def test_withdrawn_resource_is_not_brought_back_by_an_import(run, engine, admin) -> None:
    run(record())
    with transaction(engine) as session:
        resources.withdraw(session, admin, session.get_one(LearningResource, one(engine).id), reason="x")

    report = run(record(title="新"))

    assert counts(report) == (0, 0, 0, 1)
    assert one(engine).standing == "withdrawn"


def test_school_by_name_gives_school_and_region(run, engine, admin, make_school) -> None:
    school = make_school("千岛湖镇中心小学")

    run(record(school="千岛湖镇中心小学", visibility="school"))

    made = one(engine)
    with reading(engine) as session:
        shown = queries.seen(session, admin, made.id).shown
    assert (made.school_id, shown.region_code) == (school.id, school.region_code)


def test_batches_hold_what_they_should(run) -> None:
    assert counts(run(*(record(f"x{n}") for n in range(25)), batch=10)) == (25, 0, 0, 0)


def test_only_platform_administrators_import(platform, make_user, actor_of, tmp_path) -> None:
    (tmp_path / "r.jsonl").write_text("{}")
    teacher = actor_of(make_user())

    with pytest.raises(Forbidden):
        list(
            import_resources(platform.engine, platform.store, tmp_path / "r.jsonl", teacher, settings=platform.settings)
        )
