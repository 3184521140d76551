"""The erasure ledger on its way: out to a file beside the backups, and back from it or from a newer backup."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

from sqlmodel import Session

from tongke.accounts.erasure import LedgerLine, ledger, replay
from tongke.backups.archive import BackupDamaged, damage_told, members, verified
from tongke.backups.contents import manifest_of
from tongke.i18n import say

_MEMBER = "tables/erasure.jsonl.gz"
_TAR_MAGIC = slice(257, 262)


def write_ledger(session: Session, path: Path) -> int:
    """Write every erasure as a line of JSON to ``path``, replacing it in one step; returns how many there are."""
    lines = ledger(session)
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text("".join(json.dumps(line.as_row()) + "\n" for line in lines), encoding="utf-8")
    beside.replace(path)
    return len(lines)


def read_ledger(path: Path) -> list[LedgerLine]:
    """The erasures in a file of ``write_ledger``, or in a backup; raises ``BackupDamaged``."""
    with path.open("rb") as file:
        is_backup = file.read(512)[_TAR_MAGIC] == b"ustar"
    if is_backup:
        verified(path)
        return list(_of_backup(path))
    try:
        return [LedgerLine(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except (ValueError, TypeError) as error:
        raise BackupDamaged(say("{path} 不是删除记录文件。", path=str(path))) from error


def replaying(lines: list[LedgerLine]) -> Callable[[Session], None]:
    """What a restore does before anybody can see the database."""

    def forget_again(session: Session) -> None:
        replay(session, lines)

    return forget_again


def _of_backup(path: Path) -> Iterator[LedgerLine]:
    table = next(t for t in manifest_of(path).tables if t.name == "erasure")
    known = {field.name for field in fields(LedgerLine)}
    with damage_told(path):
        for info, source in members(path):
            if info.name == _MEMBER:
                for line in gzip.GzipFile(fileobj=source):
                    row = dict(zip(table.columns, json.loads(line), strict=True))
                    yield LedgerLine(**{name: value for name, value in row.items() if name in known})
                return
