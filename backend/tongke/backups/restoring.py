"""Bringing a backup back on an empty machine: verified whole, objects first, the database in one transaction."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, ForeignKeyConstraint, MetaData, inspect, text
from sqlalchemy.schema import AddConstraint, DropConstraint
from sqlmodel import Session

from tongke.accounts.actor import OPERATOR
from tongke.audit.service import record
from tongke.backups.archive import BackupDamaged, Member, damage_told, members, pieces_of, verified
from tongke.backups.contents import Manifest, TableContent, manifest_of
from tongke.backups.rows import load
from tongke.errors import Conflict
from tongke.i18n import say
from tongke.migrations.runner import knows, upgrade
from tongke.review.constraints import install_constraints, remove_constraints
from tongke.storage.base import BlobStore, checked_key
from tongke.storage.local import LocalStore

RESTORED = "backup.restore"
"""The audit event of a restore."""


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    rows: int
    objects: int


def restore(
    engine: Engine,
    store: BlobStore,
    path: Path,
    *,
    also: Callable[[Session], None] = lambda _session: None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Restored:
    """Read all of ``path`` and check it, then put it in place; ``also`` runs before anybody can see the database.

    ``progress(done, total)`` counts bytes, of the check and of the restore. Raises ``BackupDamaged`` before anything is
    written, ``Conflict`` when people are registered here or the backup is of a newer version.
    """
    total = 2 * path.stat().st_size
    done = 0

    def read(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    manifest = manifest_of(path)
    _check_fits(engine, manifest)
    sealed = verified(path, read)
    objects = _put_objects(store, path, sealed, read)
    with _writing(engine) as connection, damage_told(path):
        rows = _fill(connection, manifest, path)
        with Session(connection, join_transaction_mode="rollback_only") as session:
            also(session)
            record(session, OPERATOR, RESTORED, "platform", path.name, made_at=manifest.made_at)
            session.flush()
    progress(total, total)
    return Restored(manifest, rows, objects)


def _check_fits(engine: Engine, manifest: Manifest) -> None:
    if not knows(manifest.revision):
        raise Conflict(say("这个备份由更新的版本（{product}）写成，请先升级程序。", product=manifest.product))
    with engine.connect() as connection:
        if inspect(connection).has_table("person") and connection.scalar(text("SELECT count(*) FROM person")):
            raise Conflict(say("这里已经有用户。请恢复到空的数据库和数据目录；没有写入任何东西。"))


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    with engine.execution_options(tongke_writes=True).begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # looked at when all is in place
        yield connection


def _put_objects(store: BlobStore, path: Path, sealed: dict[str, Member], read: Callable[[int], None]) -> int:
    """Objects are named by their digest: putting one twice, or one nobody comes to need, does no harm."""
    count = 0
    with tempfile.TemporaryDirectory(prefix="tongke-restore-", dir=_near(store)) as folder, damage_told(path):
        for info, source in members(path):
            kind, _, key = info.name.partition("/")
            if kind != "objects":
                continue
            arriving = Path(folder) / "object"
            digest = _copied(source, arriving, read)
            if sealed[info.name].sha256 != digest:
                raise BackupDamaged(say("{path} 在读取时变了：可能是磁盘或 U 盘出错。", path=str(path)))
            media_type = mimetypes.guess_type(key)[0] or "application/octet-stream"
            store.put(checked_key(key), arriving, media_type=media_type, adopt=True)
            arriving.unlink(missing_ok=True)
            count += 1
    return count


def _near(store: BlobStore) -> Path | None:
    """A folder on the store's own disk, where it has one: its bytes are then not copied once more."""
    return store.workspace if isinstance(store, LocalStore) else None


def _copied(source: IO[bytes], target: Path, read: Callable[[int], None]) -> str:
    digest = hashlib.sha256()
    with target.open("wb") as stream:
        for piece in pieces_of(source):
            digest.update(piece)
            stream.write(piece)
            read(len(piece))
    return digest.hexdigest()


def _fill(connection: Connection, manifest: Manifest, path: Path) -> int:
    """Make the backup's schema anew, put its rows in, and bring it to ours."""
    _clear(connection)
    upgrade(connection, manifest.revision)
    remove_constraints(connection)  # they guard steps; the rows come in whatever state they were
    with _without_references(connection):
        _empty(connection, manifest)
        rows = _load(connection, manifest, path)
    _continue_sequences(connection, manifest)
    upgrade(connection)
    install_constraints(connection)
    return rows


def _clear(connection: Connection) -> None:
    """Remove the tables of an installation nobody has used yet."""
    found = inspect(connection).get_table_names()
    if not found:
        return
    remove_constraints(connection)
    there = MetaData()
    there.reflect(connection)
    there.drop_all(connection)


def _empty(connection: Connection, manifest: Manifest) -> None:
    """Rows that migrations write themselves are in the backup too."""
    for table in reversed(manifest.tables):
        connection.exec_driver_sql(f'DELETE FROM "{_known(connection, table.name)}"')  # noqa: S608 a table of ours


def _load(connection: Connection, manifest: Manifest, path: Path) -> int:
    tables = {f"tables/{table.name}.jsonl.gz": table for table in manifest.tables}
    rows = 0
    for info, source in members(path):
        if (table := tables.pop(info.name, None)) is not None:
            rows += _load_table(connection, table, source)
        if not tables:
            return rows
    raise BackupDamaged(say("备份里缺少这些表：{names}", names="、".join(t.name for t in tables.values())))


def _load_table(connection: Connection, table: TableContent, source: IO[bytes]) -> int:
    with gzip.GzipFile(fileobj=source) as lines:
        rows = load(connection, _known(connection, table.name), table.columns, lines)
    if rows != table.rows:
        raise BackupDamaged(say("备份里表 {name} 的行数不对。", name=table.name))
    return rows


def _known(connection: Connection, name: str) -> str:
    """``name``, if the schema just made has it: nothing else of a file becomes part of a statement."""
    if not inspect(connection).has_table(name):
        raise BackupDamaged(say("备份里有不认识的表：{name}", name=name))
    return name


@contextmanager
def _without_references(connection: Connection) -> Iterator[None]:
    """Rows may come before those they refer to. SQLite defers the check; PostgreSQL's constraints are made anew."""
    if connection.dialect.name == "sqlite":
        yield
        return
    there = MetaData()
    there.reflect(connection)
    references = [c for t in there.tables.values() for c in t.constraints if isinstance(c, ForeignKeyConstraint)]
    for reference in references:
        connection.execute(DropConstraint(reference))
    yield
    for reference in references:
        connection.execute(AddConstraint(reference))


def _continue_sequences(connection: Connection, manifest: Manifest) -> None:
    """Numbers given from now on follow those that came in."""
    if connection.dialect.name == "sqlite":
        return
    for table in manifest.tables:
        if table.columns.get("id") != "integer":
            continue
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:t, 'id')"), {"t": f'"{table.name}"'})
        if sequence:
            highest = f'SELECT setval(:s, coalesce((SELECT max(id) FROM "{table.name}"), 0) + 1, false)'  # noqa: S608
            connection.execute(text(highest), {"s": sequence})
