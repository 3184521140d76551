"""What every installation has from its first start: standards, textbooks, regions."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session

from tongke.accounts import regions
from tongke.accounts.models import Region
from tongke.config import Settings
from tongke.curriculum import queries, shipped, shipping, store
from tongke.curriculum.models import CFDocument, CFItem, FrameworkFamily, FrameworkOrigin
from tongke.curriculum.outline import id_of
from tongke.db import open_database, reading, transaction


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table))


@pytest.fixture(scope="module")
def first_start(profile, tmp_path_factory) -> Iterator[tuple[Engine, shipping.Loaded]]:
    """A database after its first start, made once for all that only look at it."""
    folder = tmp_path_factory.mktemp("first-start")
    with profile.fresh(folder) as addresses:
        settings = Settings(
            data_dir=folder,
            base_url="http://testserver",
            content_url="http://content.testserver",
            secret_key="a secret for tests only, long enough",
            **addresses,
        )
        engine = open_database(settings.database)
        with transaction(engine) as session:
            loaded = shipping.load_shipped(session)
        yield engine, loaded
        engine.dispose()


@pytest.fixture
def started(first_start) -> Iterator[Session]:
    with reading(first_start[0]) as session:
        yield session


def test_first_start_loads_standards_textbooks_and_regions(started, first_start):
    session, loaded = started, first_start[1]

    families = dict(session.execute(select(CFDocument.family, func.count()).group_by(CFDocument.family)).all())
    assert families == {FrameworkFamily.STANDARD: 14, FrameworkFamily.TEXTBOOK: 19}
    assert loaded == shipping.Loaded(33, count(session, CFItem), 3_351 + 41_352)
    assert count(session, Region) == 3_351 + 41_352
    books = session.scalars(select(CFItem).where(CFItem.item_type == "册")).all()
    assert len(books) == 220
    assert count(session, CFItem) > 9_772 + 220


def test_second_start_loads_nothing(first_start):
    with transaction(first_start[0]) as session:
        assert shipping.is_current(session)
        assert shipping.load_shipped(session) == shipping.Loaded()


def test_every_shipped_file_names_its_source_and_codes_are_unique():
    for name, path in shipped.framework_files().items():
        outline = shipped.read_framework(path.read_bytes())
        assert outline.source, name
        assert outline.notes, name
        identifiers = [item.identifier for item in outline.items]
        assert len(identifiers) == len(set(identifiers)), name


def test_changed_file_updates_in_place_and_keeps_ids(session):
    path = shipped.framework_files()["textbooks/primary-63-math-renjiao.json"]
    outline = shipped.read_framework(path.read_bytes())
    store.save(session, outline, FrameworkOrigin.SHIPPED)
    lesson = outline.items[5]

    lesson.title = "改正后的课名"
    saved = store.save(session, outline, FrameworkOrigin.SHIPPED)

    assert (saved.added, saved.updated, saved.removed, saved.retired) == (0, 1, 0, 0)
    assert session.get(CFItem, id_of(lesson.identifier)).full_statement == "改正后的课名"


def test_old_and_new_editions_stand_side_by_side(started):
    document = id_of("cn-textbook-primary-63-chinese-tongbian")
    titles = started.scalars(
        select(CFItem.full_statement).where(CFItem.document_id == document, CFItem.depth == 0, CFItem.grade == 1)
    ).all()
    assert sorted(titles) == ["一年级上册", "一年级上册（新版）", "一年级下册", "一年级下册（新版）"]


def test_lessons_of_old_and_new_books_with_the_same_title_lead_to_each_other(textbooks):
    old = queries.by_code(textbooks, "cn-textbook-primary-63-chinese-tongbian", "3a.1.1")

    (related,) = queries.related(textbooks, old.id)

    assert (related.kind, related.is_forward) == ("isRelatedTo", False)
    assert related.item.label_path == "语文 统编版 › 三年级上册（新版） › 第一单元 › 阅读 › 1 大青树下的小学"


def test_lesson_knows_book_grade_and_trail(started):
    lesson = started.scalars(
        select(CFItem).where(CFItem.abbreviated_statement == "大青树下的小学", CFItem.edition == "统编版")
    ).first()
    assert (lesson.subject, lesson.stage, lesson.grade, lesson.volume) == ("语文", "小学", 3, "上册")
    assert lesson.trail.startswith("语文 统编版 › 三年级上册")


def test_standard_stages_are_those_of_the_subject(started):
    arts = started.get(CFDocument, id_of("cn-standard-2022-arts"))
    english = started.get(CFDocument, id_of("cn-standard-2022-english"))
    assert arts.extra["stages"][1] == {"name": "第二学段", "grades": [3, 4, 5]}
    assert [stage["name"] for stage in english.extra["stages"]] == ["一级", "二级", "三级"]
    assert "最上面的层级" in english.notes


def test_town_knows_its_county_city_and_province(started):
    assert regions.full_names(started, {"330127101", "110101"}) == {
        "330127101": "浙江省 杭州市 淳安县 文昌镇",
        "110101": "北京市 东城区",
    }
    assert [r.level for r in regions.lineage(started, "330127101")] == ["province", "city", "county", "town"]
    assert len(regions.regions_below(started, None)) == 31


def test_regions_are_found_by_name_wider_ones_first(started):
    found, total = regions.regions_page(started, text="淳安")
    assert [r.name for r in found] == ["淳安县"]
    assert total == 1


def test_framework_no_longer_shipped_retires_and_returns(session, monkeypatch):
    files = shipped.framework_files()
    arts = {"standards/arts.json": files["standards/arts.json"]}
    monkeypatch.setattr(shipping.regions, "load_regions", lambda _session: 0)
    monkeypatch.setattr(shipped, "framework_files", lambda: arts)
    shipping.load_shipped(session)

    monkeypatch.setattr(shipped, "framework_files", dict)
    shipping.load_shipped(session)
    session.flush()
    assert queries.frameworks(session) == ([], 0)
    assert queries.items_page(session) == ([], 0)

    monkeypatch.setattr(shipped, "framework_files", lambda: arts)
    shipping.load_shipped(session)
    assert queries.frameworks(session)[1] == 1
    assert queries.items_page(session)[1] == 23


def test_two_processes_starting_at_once_load_once(engine, monkeypatch):
    arts = {"standards/arts.json": shipped.framework_files()["standards/arts.json"]}
    monkeypatch.setattr(shipping.regions, "load_regions", lambda _session: 0)
    monkeypatch.setattr(shipped, "framework_files", lambda: arts)

    def start(_number: int) -> int:
        with transaction(engine) as session:
            return shipping.load_shipped(session).frameworks

    with ThreadPoolExecutor(4) as processes:
        assert sorted(processes.map(start, range(4))) == [0, 0, 0, 1]
