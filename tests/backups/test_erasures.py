"""Whoever was erased does not return with a backup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select
from tests.backups.conftest import Machine

from tongke.accounts import erasure
from tongke.accounts.models import Erasure, Role, User
from tongke.backups.archive import BackupDamaged
from tongke.backups.ledger import read_ledger, replaying, write_ledger
from tongke.backups.making import make_backup
from tongke.backups.restoring import restore
from tongke.db import reading, transaction


@pytest.mark.parametrize("kept_in", ["a file", "a newer backup"])
def test_a_person_erased_after_the_backup_is_forgotten_again(
    machine: Machine, admin: User, make_user: Callable, actor_of: Callable, tmp_path: Path, make_machine: Callable,
    kept_in: str,
) -> None:  # fmt: skip
    person = make_user("陈老师", role=Role.TEACHER, email="chen@example.org")
    make_backup(machine.engine, machine.store, tmp_path / "old.tongke", product="1")
    with transaction(machine.engine) as session:
        erasure.erase(session, actor_of(admin), session.get_one(User, person.id))
    newest = tmp_path / "newest"
    if kept_in == "a file":
        with reading(machine.engine) as session:
            assert write_ledger(session, newest) == 1
    else:
        make_backup(machine.engine, machine.store, newest, product="1")
    other = make_machine("sqlite")

    restore(other.engine, other.store, tmp_path / "old.tongke", also=replaying(read_ledger(newest)))

    with reading(other.engine) as session:
        again = session.get_one(User, person.id)
        assert (again.name, again.erased_at is not None) == (erasure.NOBODY, True)
        assert [line.subject_id for line in session.exec(select(Erasure))] == [person.id]
    assert b"chen@example.org" not in newest.read_bytes()


@pytest.mark.parametrize("content", [b"", b"not json\n", b'{"id": 1}\n', b"\xff\xfe"])
def test_a_file_that_is_no_ledger_is_refused_before_anything_is_written(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)

    if not content:
        assert read_ledger(path) == []
        return
    with pytest.raises(BackupDamaged):
        read_ledger(path)
