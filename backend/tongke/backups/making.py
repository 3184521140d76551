"""Making a backup: first one moment of the database, then the objects it names, which no longer change."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Engine, Table
from sqlmodel import col, select

from tongke.accounts.actor import OPERATOR
from tongke.audit.service import record
from tongke.backups.archive import MANIFEST, ArchiveWriter, pieces_of
from tongke.backups.contents import FORMAT, VOID, VOID_JOBS, Manifest, TableContent
from tongke.backups.rows import dump, kinds_of
from tongke.care.figures import BACKUP_MADE
from tongke.db import now, reading, transaction
from tongke.errors import BlobNotFound
from tongke.jobs.models import Job
from tongke.media.models import Asset, Rendition, RenditionState
from tongke.migrations.runner import revision_of
from tongke.storage.base import BlobStat, BlobStore, blob_key, rendition_key
from tongke.tables import metadata


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup. ``missing``: keys of objects the database names and the store does not have."""

    path: Path
    size_bytes: int
    rows: int
    objects: int
    missing: tuple[str, ...]


def make_backup(
    engine: Engine,
    store: BlobStore,
    path: Path,
    *,
    product: str,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Made:
    """Write everything the platform knows to the new file ``path``; safe beside a running platform.

    ``progress(done, total)`` counts bytes of objects. Raises ``Conflict`` when ``path`` exists, ``StorageFull``.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder, ArchiveWriter(path) as archive:
        with _one_moment(engine) as connection:
            manifest = _manifest(connection, product, Path(folder))
            wanted = _named_objects(connection)
        archive.add_bytes(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode())
        for table in manifest.tables:
            dumped = Path(folder) / table.name
            with dumped.open("rb") as source:
                archive.add(f"tables/{table.name}.jsonl.gz", dumped.stat().st_size, pieces_of(source))
        objects, not_found = _add_objects(archive, store, wanted, progress)
        missing = _still_named(engine, not_found)
        made = Made(path, archive.seal(), sum(t.rows for t in manifest.tables), objects, missing)
    _tell_audit(engine, made)
    return made


@contextmanager
def _one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever is written meanwhile."""
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.execution_options(**options).connect() as connection, connection.begin():
        yield connection


def _manifest(connection: Connection, product: str, folder: Path) -> Manifest:
    """Dump every table into ``folder``, and say what was dumped."""
    tables = []
    for table in metadata.sorted_tables:
        if table.name not in VOID:
            rows = _dump_to(folder / table.name, connection, table)
            tables.append(TableContent(table.name, kinds_of(table), rows))
    return Manifest(FORMAT, product, revision_of(connection) or "", now().isoformat(), tables)


def _dump_to(path: Path, connection: Connection, table: Table) -> int:
    count = 0
    with path.open("wb") as target:
        for rows, compressed in dump(connection, table, *_only(table)):
            count += rows
            target.write(compressed)
    return count


def _only(table: Table) -> list[ColumnElement[bool]]:
    return [table.c.kind.not_in(VOID_JOBS)] if table.name == Job.__tablename__ else []


def _named_objects(connection: Connection) -> list[tuple[str, list[str]]]:
    """The digests of all assets, each with the kinds of renditions that are ready."""
    kinds: dict[str, list[str]] = {sha256: [] for (sha256,) in connection.execute(select(Asset.sha256).distinct())}
    ready = select(Rendition.sha256, Rendition.kind).where(Rendition.state == RenditionState.READY)
    for sha256, kind in connection.execute(ready):
        kinds.setdefault(sha256, []).append(kind)
    return sorted(kinds.items())


def _add_objects(
    archive: ArchiveWriter,
    store: BlobStore,
    wanted: Iterable[tuple[str, list[str]]],
    progress: Callable[[int, int], None],
) -> tuple[int, list[str]]:
    found, missing = _found_objects(store, wanted)
    done, total = 0, sum(stat.size_bytes for stat in found)
    count = 0
    for stat in found:
        try:
            pieces = store.read(stat.key)
        except BlobNotFound:
            missing.append(stat.key)
            continue
        archive.add(f"objects/{stat.key}", stat.size_bytes, pieces)
        count, done = count + 1, done + stat.size_bytes
        progress(done, total)
    return count, missing


def _found_objects(store: BlobStore, wanted: Iterable[tuple[str, list[str]]]) -> tuple[list[BlobStat], list[str]]:
    found: list[BlobStat] = []
    missing: list[str] = []
    for sha256, kinds in wanted:
        try:
            found.append(store.stat(blob_key(sha256)))
        except BlobNotFound:
            missing.append(blob_key(sha256))
        for kind in kinds:
            found += sorted(store.keys(rendition_key(sha256, kind, "")), key=lambda stat: stat.key)
    return found, missing


def _still_named(engine: Engine, missing: list[str]) -> tuple[str, ...]:
    """Those that are missed: what was deleted while the backup ran is not."""
    with reading(engine) as session:
        digests = set(session.exec(select(Asset.sha256).where(col(Asset.sha256).in_([_digest(k) for k in missing]))))
    return tuple(key for key in missing if _digest(key) in digests)


def _digest(key: str) -> str:
    return key.split("/")[3] if key.startswith("sha256/") else key.split("/")[2]


def _tell_audit(engine: Engine, made: Made) -> None:
    with transaction(engine) as session:
        name, size = made.path.name, made.size_bytes
        record(session, OPERATOR, BACKUP_MADE, "platform", name, size_bytes=size, missing=len(made.missing))
