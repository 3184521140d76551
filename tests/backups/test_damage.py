"""A backup that was cut or changed anywhere is found out before anything is written."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect
from tests.backups.conftest import Machine
from tests.profiles import make_schema

from tongke.backups.archive import ArchiveWriter, BackupDamaged, verified
from tongke.backups.making import make_backup
from tongke.backups.restoring import restore

BLOCK = 512


@pytest.fixture
def machine(make_machine: Callable) -> Machine:
    """A file's damage is the same whichever database it came from."""
    machine = make_machine("sqlite")
    make_schema(machine.engine)
    return machine


@pytest.fixture
def backup(machine: Machine, lesson: bytes, tmp_path: Path) -> Path:
    return make_backup(machine.engine, machine.store, tmp_path / "b.tongke", product="1").path


@pytest.mark.parametrize("left", [0.0, 0.001, 0.5, 0.9999])
def test_a_cut_backup_is_refused_and_nothing_is_written(backup: Path, make_machine: Callable, left: float) -> None:
    content = backup.read_bytes()
    backup.write_bytes(content[: int(len(content.rstrip(b"\0")) * left)])
    other = make_machine("sqlite")

    with pytest.raises(BackupDamaged):
        restore(other.engine, other.store, backup)

    assert inspect(other.engine).get_table_names() == []
    assert list(other.store.keys("")) == []


@pytest.mark.parametrize("seed", range(8))
def test_a_flipped_byte_is_found(backup: Path, make_machine: Callable, seed: int) -> None:
    content = bytearray(backup.read_bytes())
    place = random.Random(seed).randrange(BLOCK, len(content.rstrip(b"\0")))
    if content[place] == 0:  # tar fills blocks with zeros nobody reads; any other byte counts
        place = next(i for i in range(place, 0, -1) if content[i])
    content[place] ^= 0x01
    backup.write_bytes(content)
    other = make_machine("sqlite")

    with pytest.raises(BackupDamaged):
        restore(other.engine, other.store, backup)

    assert list(other.store.keys("")) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_to_the_bytes_that_count_goes_unseen(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("sealed") / "b"
    with ArchiveWriter(path) as archive:
        archive.add_bytes("manifest.json", b"{}")
        archive.add_bytes("objects/sha256/aa", data.draw(st.binary(min_size=1, max_size=1000)))
        archive.seal()
    content = bytearray(path.read_bytes())
    sound = verified(path)
    place = data.draw(st.integers(0, len(content.rstrip(b"\0")) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)

    try:
        told = verified(path)
    except BackupDamaged:
        return
    assert told == sound  # a byte of a header or filler that says nothing of the members


def test_a_foreign_file_is_no_backup(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(2000))

    with pytest.raises(BackupDamaged):
        verified(path)


def test_a_backup_glued_to_another_is_refused(backup: Path, tmp_path: Path) -> None:
    import tarfile

    glued = tmp_path / "glued"
    with tarfile.open(glued, "w") as target:
        for _ in range(2):
            with tarfile.open(backup) as source:
                for info in source:
                    target.addfile(info, source.extractfile(info))

    with pytest.raises(BackupDamaged):
        verified(glued)
