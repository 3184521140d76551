"""The index comes to equal the database, whatever happens in between."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select

from tongke.accounts.models import School
from tongke.db import now, open_database, reading, transaction
from tongke.errors import SearchUnavailable
from tongke.media.models import Asset, Rendition
from tongke.resources.models import LearningResource, Revision, RevisionFile, Standing
from tongke.search import open_search
from tongke.search.base import Document, Query, SearchEngine
from tongke.search.models import IndexLease, ReindexRequest
from tongke.search.outbox import request_reindex
from tongke.tables import metadata
from tongke_indexer import commands, documents, lease, rebuild, sync
from tongke_indexer.runner import IndexRunner

Publish = Callable[..., UUID]


def pending(engine: Engine) -> int:
    with reading(engine) as session:
        return len(session.exec(select(ReindexRequest.id)).all())


def wait_until(holds: Callable[[], bool], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def build(engine: Engine, *ids: UUID) -> list[Document]:
    with reading(engine) as session:
        return documents.build(session, ids)


def test_document_says_what_the_rows_say(engine: Engine, publish: Publish, make_school: Callable) -> None:
    school: School = make_school()
    lesson = publish(
        "小数除法",
        school_id=school.id,
        subject="数学",
        grade=5,
        keywords=["竖式"],
        region_code="330127",
        rating_sum=9,
        rating_count=2,
    )
    _attach(engine, lesson, kind="video", duration_s=400.0, text="讲稿里的话")
    _attach(engine, lesson, kind="pdf", duration_s=None, text="课件里的话")
    (found,) = build(engine, lesson, uuid4())

    assert (found.id, found.title, found.subject, found.grade) == (lesson, "小数除法", "数学", 5)
    assert found.regions == ("3", "33", "330", "3301", "33012", "330127")
    assert (found.county, found.school, found.school_kind) == ("330127", school.name, school.kind)
    assert (found.duration, found.rating, found.audiences) == ("5–15 分钟", 4.5, ("public",))
    assert found.text == "讲稿里的话\n课件里的话"


def _attach(engine: Engine, resource_id: UUID, *, kind: str, duration_s: float | None, text: str) -> None:
    with transaction(engine) as session:
        resource = session.get(LearningResource, resource_id)
        digest = uuid4().hex * 2
        asset = Asset(
            owner_id=resource.owner_id,
            filename="f",
            sha256=digest,
            received_sha256=digest,
            size_bytes=1,
            media_type="x/y",
            kind=kind,
            duration_s=duration_s,
        )
        session.add(asset)
        session.add(Rendition(sha256=digest, kind="text", state="ready", details={"text": text}))
        session.flush()
        position = len(session.exec(select(RevisionFile.id)).all())
        session.add(RevisionFile(revision_id=resource.published_revision_id, asset_id=asset.id, position=position))


@pytest.mark.parametrize("standing", [Standing.WITHDRAWN, Standing.TAKEN_DOWN, Standing.DELETED])
def test_only_active_published_resources_are_indexed(
    engine: Engine, publish: Publish, set_standing: Callable, standing: Standing
) -> None:
    gone, stays = publish("甲"), publish("乙")
    set_standing(gone, standing)

    assert [each.id for each in build(engine, gone, stays)] == [stays]


def test_drain_applies_the_present_state_and_closes_exactly_what_it_read(
    engine: Engine, search: SearchEngine, publish: Publish, set_standing: Callable
) -> None:
    stays, gone = publish("甲"), publish("乙")
    assert sync.drain(engine, search) == 2
    set_standing(gone, Standing.WITHDRAWN)
    with transaction(engine) as session:
        request_reindex(session, stays, stays, uuid4())
    assert sync.drain(engine, search) == 3

    assert search.ids() == {stays}
    assert (pending(engine), sync.drain(engine, search)) == (0, 0)


def test_a_request_that_arrives_while_draining_is_not_closed_unread(
    engine: Engine, search: SearchEngine, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = publish("旧名")
    upsert = search.upsert
    seen: list[str] = []

    def renamed_meanwhile(found: list[Document]) -> None:
        if not seen:
            with transaction(engine) as session:
                resource = session.get(LearningResource, lesson)
                session.get(Revision, resource.published_revision_id).title = "新名"
                request_reindex(session, lesson)
        seen.extend(each.title for each in found)
        upsert(found)

    monkeypatch.setattr(search, "upsert", renamed_meanwhile)
    sync.drain(engine, search)

    assert seen == ["旧名", "新名"]
    assert [hit.id for hit in search.search(Query(text="新名")).hits] == [lesson]
    assert search.search(Query(text="旧")).total == 0


def test_engine_that_fails_keeps_every_request(engine: Engine, search: SearchEngine, publish: Publish) -> None:
    publish("甲")

    class Failing:
        def upsert(self, _: list[Document]) -> None:
            raise SearchUnavailable

    with pytest.raises(SearchUnavailable):
        sync.drain(engine, Failing())
    assert pending(engine) == 1
    assert sync.drain(engine, search) == 1


def test_one_drainer_at_a_time_and_a_dead_one_is_succeeded(
    engine: Engine, search: SearchEngine, publish: Publish
) -> None:
    publish("甲")
    with transaction(engine) as session:
        session.add(IndexLease(name=lease.NAME, holder="somebody", until=now() + timedelta(seconds=1)))
    assert sync.drain(engine, search) == 0
    time.sleep(1.1)

    assert sync.drain(engine, search) == 1


def test_who_lost_the_lease_asks_for_another_look(
    engine: Engine, search: SearchEngine, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that slept through its lease may have put an old state over a newer one."""
    publish("甲")
    upsert = search.upsert

    def slept(found: list[Document]) -> None:
        upsert(found)
        with transaction(engine) as session:
            session.get(IndexLease, lease.NAME).holder = "somebody else"

    monkeypatch.setattr(search, "upsert", slept)
    with pytest.raises(lease.LeaseLost):
        sync.drain(engine, search)
    assert pending(engine) == 2


def test_rebuild_restores_a_lost_index_and_verify_tells_the_difference(
    engine: Engine, search: SearchEngine, publish: Publish
) -> None:
    lessons = [publish(f"第{n}课") for n in range(5)]
    sync.drain(engine, search)
    stray = uuid4()
    search.remove(lessons[:2])
    search.upsert([Document(id=stray, title="野的", audiences=("public",))])
    before = rebuild.verify(engine, search)
    shown: list[tuple[int, int]] = []
    assert rebuild.rebuild(engine, search, progress=lambda *each: shown.append(each)) == 5

    assert (set(before.missing), before.surplus, before.agrees) == (set(lessons[:2]), (stray,), False)
    assert rebuild.verify(engine, search).agrees
    assert shown == [(0, 5), (5, 5)]


def test_failed_rebuild_leaves_the_live_index_and_no_lease(
    engine: Engine, search: SearchEngine, publish: Publish, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lesson = publish("甲")
    sync.drain(engine, search)

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(documents, "build", broken)
    with pytest.raises(OSError, match="disk full"):
        rebuild.rebuild(engine, search)
    monkeypatch.undo()

    assert search.ids() == {lesson}
    assert len([path for path in (tmp_path / "search").iterdir() if path.is_dir()]) == 1
    assert rebuild.rebuild(engine, search) == 1


def test_rebuild_waits_for_a_drainer_and_gives_up_in_time(engine: Engine, search: SearchEngine) -> None:
    with lease.held(engine), pytest.raises(rebuild.IndexBusy):
        rebuild.rebuild(engine, search, wait_s=0.3)


def test_commands_print_for_people_and_programs(engine: Engine, search: SearchEngine, publish: Publish) -> None:
    said: list[str] = []
    publish("甲")

    assert commands.status(engine, search, as_json=True, write=said.append) == 0
    assert '"pending": 1' in said[-1]
    assert commands.rebuild(engine, search, as_json=True, write=said.append) == 0
    assert said[-1] == '{"documents": 1}'
    assert commands.verify(engine, search, write=said.append) == 0
    search.remove(list(search.ids()))
    assert commands.verify(engine, search, as_json=True, write=said.append) == 1
    assert '"missing_count": 1' in said[-1]


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(("publish", "rename", "withdraw", "return", "ask", "drain", "rebuild")), st.integers(0, 3)
    ),
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_any_interleaving_converges(actions: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("converge")
    engine = open_database(f"sqlite:///{folder / 'db.sqlite3'}")
    metadata.create_all(engine)
    search = open_search(f"embedded://{folder / 'search'}")
    world = World(engine)
    for name, which in actions:
        if name == "drain":
            sync.drain(engine, search)
        elif name == "rebuild":
            rebuild.rebuild(engine, search)
        else:
            world.act(name, which)
    sync.drain(engine, search)

    assert {hit.id for hit in search.search(Query(page_size=100)).hits} == world.shown.keys()
    for each, title in world.shown.items():
        assert each in {hit.id for hit in search.search(Query(text=title)).hits}
    assert rebuild.verify(engine, search).agrees
    search.close()
    engine.dispose()


class World:
    """Four lessons that come, go and change their names; ``shown`` is what readers should find."""

    def __init__(self, engine: Engine) -> None:
        from tongke.accounts.models import User

        self._engine = engine
        self.shown: dict[UUID, str] = {}
        self._count = 0
        with transaction(engine) as session:
            session.add(User(id=UUID(int=99), email="a@example.org", name="a"))

    def act(self, name: str, which: int) -> None:
        key = UUID(int=which + 1)
        self._count += 1
        with transaction(self._engine) as session:
            resource = session.get(LearningResource, key)
            if resource is None and name == "publish":
                self._publish(session, key)
            elif resource is not None and name == "rename" and key in self.shown:
                revision = session.get(Revision, resource.published_revision_id)
                revision.title = self.shown[key] = f"课文{self._count}号"
            elif resource is not None and name in ("withdraw", "return"):
                resource.standing = Standing.WITHDRAWN if name == "withdraw" else Standing.ACTIVE
                resource.standing_at = now()
                title = session.get(Revision, resource.published_revision_id).title
                self.shown.pop(key, None) if name == "withdraw" else self.shown.update({key: title})
            request_reindex(session, key)

    def _publish(self, session, key: UUID) -> None:
        title = self.shown[key] = f"课文{self._count}号"
        resource = LearningResource(id=key, short_code=str(key.int), owner_id=UUID(int=99), published_at=now())
        session.add(resource)
        session.flush()
        revision = Revision(
            resource_id=key, number=1, author_id=UUID(int=99), title=title, state="published", commitment_at=now()
        )
        session.add(revision)
        session.flush()
        resource.published_revision_id = revision.id


def test_runner_brings_changes_within_a_moment_and_survives_an_engine_that_is_away(
    engine: Engine, search: SearchEngine, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, away = search.upsert, threading.Event()

    def sometimes(found: list[Document]) -> None:
        if away.is_set():
            raise SearchUnavailable
        real(found)

    monkeypatch.setattr(search, "upsert", sometimes)
    runner = IndexRunner(engine, search, poll_s=0.1)
    runner.start()
    try:
        first = publish("甲")
        wait_until(lambda: pending(engine) == 0)
        away.set()
        second = publish("乙")
        runner.wake()
        time.sleep(0.3)
        assert pending(engine) == 1
        away.clear()
        wait_until(lambda: pending(engine) == 0)
        assert search.ids() == {first, second}
    finally:
        runner.stop()


def test_runner_rebuilds_an_index_that_was_lost_or_damaged(
    engine: Engine, search: SearchEngine, publish: Publish, tmp_path: Path
) -> None:
    lesson = publish("甲")
    sync.drain(engine, search)
    search.close()
    for path in (tmp_path / "search").rglob("*.store"):
        path.unlink()
    damaged = open_search(f"embedded://{tmp_path / 'search'}")
    runner = IndexRunner(engine, damaged, poll_s=0.1)
    runner.start()
    try:
        wait_until(lambda: _answers(damaged, lesson))
    finally:
        runner.stop()
    lost = open_search(f"embedded://{tmp_path / 'elsewhere'}")
    runner = IndexRunner(engine, lost, poll_s=0.1)
    runner.start()
    try:
        wait_until(lambda: _answers(lost, lesson))
    finally:
        runner.stop()


def _answers(search: SearchEngine, expected: UUID) -> bool:
    try:
        return search.ids() == {expected}
    except SearchUnavailable:
        return False


@pytest.mark.fault
@pytest.mark.parametrize("work", ["sync.drain(engine, search)", "rebuild.rebuild(engine, search)"])
@pytest.mark.parametrize("delay_s", [0.0, 0.15, 0.5])
def test_killed_in_the_middle_the_next_process_finishes(
    tmp_path: Path, publish: Publish, engine: Engine, search: SearchEngine, work: str, delay_s: float
) -> None:
    lessons = {publish(f"小数第{n}课", description="很长的介绍" * 40) for n in range(60)}
    if "rebuild" in work:
        sync.drain(engine, search)
        search.close()
    script = f"""
        from tongke.db import open_database
        from tongke.search import open_search
        from tongke_indexer import lease, rebuild, sync
        sync.BATCH = rebuild.BATCH = 2
        engine, search = open_database({engine.url.render_as_string(hide_password=False)!r}), open_search({f"embedded://{tmp_path / 'search'}"!r})
        print("ready", flush=True)
        {work}
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(delay_s)
    child.kill()
    child.wait()
    if "rebuild" in work:
        assert search.search(Query(text="小数")).total == 60  # never empty meanwhile
    runner = IndexRunner(engine, search, poll_s=0.1)
    started = time.monotonic()
    runner.start()
    try:
        wait_until(lambda: pending(engine) == 0)
    finally:
        runner.stop()

    # On an idle machine 10 s; a busy one gets as long as it needs, the lease itself is what must not last.
    assert time.monotonic() - started < max(10.0, 10 * os.getloadavg()[0] / (os.cpu_count() or 1))
    assert lease.HELD_S < 10
    assert search.ids() == lessons
    assert rebuild.rebuild(engine, search) == 60
    assert len([path for path in (tmp_path / "search").iterdir() if path.is_dir()]) == 1
