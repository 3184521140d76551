"""What was backed up comes back the same: on either database, without what ends with the machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, func
from sqlmodel import select
from tests.backups.conftest import Machine

from tongke.accounts import service as accounts
from tongke.accounts import sign_in
from tongke.accounts.models import Role, SignInSession, User
from tongke.audit.models import AuditEvent
from tongke.backups.contents import VOID
from tongke.backups.making import make_backup
from tongke.backups.restoring import RESTORED, restore
from tongke.backups.rows import kinds_of
from tongke.care.figures import BACKUP_MADE
from tongke.db import metadata, reading, transaction
from tongke.errors import Conflict, SignInRequired
from tongke.jobs.models import Job
from tongke.mail.base import Letter
from tongke.mail.outbox import SEND, post
from tongke.migrations.runner import current, head
from tongke.review.constraints import rules
from tongke.storage.base import blob_key

BOTH = pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])


def everything(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table that is kept, but the audit trail's, which the backup itself adds to."""
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name not in VOID | {"audit_event"}:
                found[table.name] = sorted(
                    json.dumps(list(row), default=repr, sort_keys=True) for row in connection.execute(table.select())
                )
    return found


@BOTH
def test_everything_comes_back_on_an_empty_machine(
    machine: Machine, lesson: bytes, county: str, tmp_path: Path, make_machine: Callable, database: str
) -> None:
    made = make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1")
    other = make_machine(database)

    restored = restore(other.engine, other.store, made.path)

    assert everything(other.engine) == everything(machine.engine)
    assert (restored.rows, restored.objects, made.missing) == (made.rows, made.objects, ())
    key = blob_key(hashlib.sha256(lesson).hexdigest())
    assert b"".join(other.store.read(key)) == lesson
    assert current(other.engine) == head()


@BOTH
def test_the_restored_database_guards_its_history_again(
    machine: Machine, lesson: bytes, tmp_path: Path, make_machine: Callable, database: str
) -> None:
    made = make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1")
    other = make_machine(database)
    restore(other.engine, other.store, made.path)

    count = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'tongke_%%'"
    if database == "sqlite":
        count = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
    with other.engine.connect() as connection:
        assert connection.exec_driver_sql(count).scalar() == len(rules())
    with pytest.raises(Exception, match="audit_event_kept"), transaction(other.engine) as session:
        session.delete(session.exec(select(AuditEvent)).first())


def test_both_acts_are_in_the_audit_trail(
    machine: Machine, admin: User, tmp_path: Path, make_machine: Callable
) -> None:
    other = make_machine("sqlite")
    make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1")
    restore(other.engine, other.store, tmp_path / "b.tongke")

    with reading(machine.engine) as session:
        assert session.exec(select(AuditEvent.action).where(AuditEvent.action == BACKUP_MADE)).all() == [BACKUP_MADE]
    with reading(other.engine) as session:
        assert session.exec(select(AuditEvent.action).where(AuditEvent.action == RESTORED)).all() == [RESTORED]


def test_sessions_and_tokens_end_with_the_machine(
    machine: Machine, admin: User, tmp_path: Path, make_machine: Callable
) -> None:
    with transaction(machine.engine) as session:
        sign_in.open_session(session, admin, days=1)
        token = accounts.create_token(session, admin)
    make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1")
    other = make_machine("sqlite")
    restore(other.engine, other.store, tmp_path / "b.tongke")

    assert token.encode() not in (tmp_path / "b.tongke").read_bytes()
    with reading(other.engine) as session:
        assert session.exec(select(func.count()).select_from(SignInSession)).one() == 0
        with pytest.raises(SignInRequired):
            sign_in.actor_of_token(session, token)


def test_it_refuses_to_restore_over_people(machine: Machine, lesson: bytes, tmp_path: Path) -> None:
    made = make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1")
    before = everything(machine.engine)

    with pytest.raises(Conflict, match="已经有用户"):
        restore(machine.engine, machine.store, made.path)

    assert everything(machine.engine) == before


def test_it_never_writes_over_a_file(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "b.tongke").write_text("the last good backup")

    with pytest.raises(Conflict, match="已经存在"):
        make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1")

    assert (tmp_path / "b.tongke").read_text() == "the last good backup"


def test_a_missing_object_is_told(machine: Machine, lesson: bytes, tmp_path: Path) -> None:
    key = blob_key(hashlib.sha256(lesson).hexdigest())
    machine.store.delete(key)

    assert make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1").missing == (key,)


def test_a_backup_that_fails_leaves_no_file(machine: Machine, lesson: bytes, tmp_path: Path, monkeypatch) -> None:
    def breaks(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(machine.store), "read", breaks)
    folder = tmp_path / "out"
    folder.mkdir()

    with pytest.raises(OSError, match="No space"):
        make_backup(machine.engine, machine.store, folder / "b.tongke", product="1")

    assert list(folder.iterdir()) == []


def test_only_its_owner_can_read_it(machine: Machine, tmp_path: Path) -> None:
    make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1")

    assert (tmp_path / "b.tongke").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_column_has_a_kind(table) -> None:
    assert set(kinds_of(table)) == {column.name for column in table.columns}


def test_what_is_left_out_is_a_table() -> None:
    assert set(metadata.tables) >= VOID


def test_nothing_kept_refers_to_what_is_left_out() -> None:
    kept = [table for table in metadata.sorted_tables if table.name not in VOID]

    assert {key.column.table.name for table in kept for key in table.foreign_keys} & VOID == set()


def test_a_restored_copy_writes_to_nobody(
    machine: Machine, admin: User, tmp_path: Path, make_machine: Callable
) -> None:
    with transaction(machine.engine) as session:
        post(session, Letter(to="lan@example.org", subject="重设密码", text="https://example.org/reset/secret"))
    make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1")
    other = make_machine("sqlite")
    restore(other.engine, other.store, tmp_path / "b.tongke")

    with reading(other.engine) as session:
        assert session.exec(select(Job).where(Job.kind == SEND)).all() == []


def test_a_newer_versions_backup_is_refused(
    machine: Machine, tmp_path: Path, make_machine: Callable, monkeypatch
) -> None:
    monkeypatch.setattr("tongke.backups.making.revision_of", lambda _connection: "9999")
    make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="99.1")
    other = make_machine("sqlite")

    with pytest.raises(Conflict, match=r"99\.1"):
        restore(other.engine, other.store, tmp_path / "b.tongke")


def test_what_another_commits_while_the_backup_is_written_is_not_in_it(
    machine: Machine, lesson: bytes, make_user: Callable, tmp_path: Path, make_machine: Callable, monkeypatch
) -> None:
    """The tables are of one moment: a person who appears between two of them appears in none."""
    from tongke.backups import making

    dumped = making._dump_to
    monkeypatch.setattr(
        making,
        "_dump_to",
        lambda path, *rest: (dumped(path, *rest), path.name == "region" and make_user("后来的人"))[0],
    )
    make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1")
    other = make_machine("sqlite")
    restore(other.engine, other.store, tmp_path / "b.tongke")

    with reading(other.engine) as session:
        assert session.exec(select(User.name)).all() == ["平台管理员"]
    with reading(machine.engine) as session:
        assert len(session.exec(select(User.name).where(User.role != Role.PUPIL)).all()) == 2


def test_the_manifest_says_what_is_in_it(machine: Machine, lesson: bytes, tmp_path: Path) -> None:
    import tarfile

    made = make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1.2")

    with tarfile.open(made.path) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert manifest["product"] == "1.2"
    assert names[0] == "manifest.json"
    assert {f"tables/{table['name']}.jsonl.gz" for table in manifest["tables"]} <= set(names)
    assert names[-1].startswith("seal/")
