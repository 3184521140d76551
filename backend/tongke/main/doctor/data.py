"""Looks at what holds the data: database, schema, objects, index."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, func, text
from sqlmodel import Session, col, select

from tongke.accounts.models import Role, User
from tongke.config import Settings
from tongke.db import now, reading
from tongke.errors import BlobNotFound
from tongke.i18n import say
from tongke.jobs.service import database_time
from tongke.main.doctor.finding import Finding, broken, good, worry
from tongke.migrations.runner import current, head
from tongke.search import open_search
from tongke.search.base import Query
from tongke.search.models import ReindexRequest
from tongke.storage import open_storage
from tongke.storage.base import BlobStore

_PROBE_BYTES = 64 * 1024
_LATE = timedelta(seconds=60)
_MANY_WAITING = 1_000
_SKEW = timedelta(seconds=30)


def check_database(_settings: Settings, engine: Engine) -> Iterator[Finding]:
    """The full integrity check of SQLite, or broken indexes of PostgreSQL."""
    with reading(engine) as session:
        trouble = _trouble_of_sqlite(session) if engine.dialect.name == "sqlite" else _trouble_of_postgres(session)
    if trouble:
        yield broken("database", say("数据库有损坏：{trouble}。请停止服务，从最近的备份恢复。", trouble=trouble))
    else:
        yield good("database", say("数据库完好（{kind}）。", kind=engine.dialect.name))


def _trouble_of_sqlite(session: Session) -> str:
    complaints = [row[0] for row in session.execute(text("PRAGMA integrity_check(5)")) if row[0] != "ok"]
    complaints += [f"{row[0]} → {row[2]}" for row in session.execute(text("PRAGMA foreign_key_check"))][:5]
    return "; ".join(complaints)


def _trouble_of_postgres(session: Session) -> str:
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid OR NOT indisready"
    return "; ".join(row[0] for row in session.execute(text(invalid)))


def check_migrations(_settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Whether the schema is the one this release works with."""
    at = current(engine)
    if at == head():
        yield good("migrations", say("数据库结构是最新的（{revision}）。", revision=at))
    else:
        yield broken("migrations", say("数据库结构不是最新的。请运行 tongke migrate。"))


def check_storage(settings: Settings, _engine: Engine) -> Iterator[Finding]:
    """Keeps a small object, reads it back, compares and deletes it; the store's clock is read on the way."""
    store, content = open_storage(settings.storage), os.urandom(_PROBE_BYTES)
    key = f"health/{uuid4()}"
    with tempfile.TemporaryDirectory(prefix="tongke-") as folder:
        path = Path(folder) / "probe"
        path.write_bytes(content)
        store.put(key, path)
    try:
        same = hashlib.sha256(b"".join(store.read(key))).digest() == hashlib.sha256(content).digest()
        skew = abs(store.stat(key).modified_at - now())
    finally:
        store.delete(key)
    if not same or _is_there(store, key):
        yield broken("storage", say("文件存储读回的内容与写入的不同，或删不掉。请检查磁盘或对象存储。"))
    else:
        yield good("storage", say("文件存储可以写入、读出和删除。"))
    if skew > _SKEW:
        yield worry("clock", say("文件存储的时钟与本机相差 {s} 秒。请校准时间。", s=round(skew.total_seconds())))


def _is_there(store: BlobStore, key: str) -> bool:
    try:
        store.stat(key)
    except BlobNotFound:
        return False
    return True


def check_search(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Asks the engine something, and looks how far the index is behind the database."""
    total = open_search(settings.search).search(Query(page_size=1, facets=())).total
    yield good("search", say("搜索引擎正常，公开的条目有 {n} 个。", n=total))
    with reading(engine) as session:
        counted = select(func.count(), func.min(ReindexRequest.created_at)).select_from(ReindexRequest)
        waiting, oldest = session.exec(counted).one()
        is_late = oldest is not None and database_time(session) - oldest > _LATE
    if is_late or waiting > _MANY_WAITING:
        yield worry(
            "index",
            say("有 {n} 处修改还没有进入搜索索引。如果一直不减少，请看 tongke index status。", n=waiting),
        )
    else:
        yield good("index", say("搜索索引跟得上数据库（等待 {n} 处）。", n=waiting))


def check_clock(_settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Sessions, signatures and leases all need clocks that agree."""
    with reading(engine) as session:
        skew = abs(database_time(session) - now())
    if skew > _SKEW:
        yield worry("clock", say("数据库的时钟与本机相差 {s} 秒。请校准时间。", s=round(skew.total_seconds())))
    else:
        yield good("clock", say("时钟一致。"))


def check_people(_settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Whether anybody could look after the platform."""
    with reading(engine) as session:
        admins = select(func.count()).select_from(User).where(col(User.role) == Role.PLATFORM_ADMIN)
        there_is_one = session.exec(admins).one() > 0
    if there_is_one:
        yield good("people", say("平台管理员已经设置。"))
    else:
        yield worry("people", say("还没有平台管理员。请打开网页完成首次设置，或运行 tongke user create。"))
