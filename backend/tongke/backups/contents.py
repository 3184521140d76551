"""What a backup says of itself, and what is left out of it on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tongke.backups.archive import BackupDamaged, read_manifest
from tongke.i18n import say
from tongke.mail.outbox import SEND

FORMAT = 1
VOID = frozenset(
    {
        "sign_in_session",  # whoever was signed in signs in again
        "api_token",  # a token may have left with the machine that was lost
        "upload_session",  # the bytes of unfinished uploads are not in a backup
        "provider_session",  # of a sign-in that has ended
        "sign_in_step",  # of a sign-in that had not
        "sign_in_tries",  # who waits after too many tries
        "failed_sign_in",
        "one_time_code",  # an invitation or a reset is issued again
        "burnt_token",  # had its time long ago
        "index_lease",  # of a process of the machine that was
        "reindex_request",  # the index is made anew from the database
    }
)
"""Tables whose rows end with the machine."""
VOID_JOBS = frozenset({SEND})
"""Kinds of jobs that do not come back: a drill on another machine must write to nobody."""


@dataclass(frozen=True, slots=True)
class TableContent:
    """One table: its columns with their kinds, in the order of the values of each line."""

    name: str
    columns: dict[str, str]
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """``revision`` is the schema's; ``product`` the version of the platform that wrote the file."""

    format: int
    product: str
    revision: str
    made_at: str
    tables: list[TableContent]


_MANIFEST: TypeAdapter[Any] = TypeAdapter(Manifest)


def manifest_of(path: Path) -> Manifest:
    """What the file says it is; raises ``BackupDamaged``."""
    content = read_manifest(path)
    try:
        manifest: Manifest = _MANIFEST.validate_json(content)
    except ValidationError as error:
        raise BackupDamaged(say("{path} 不是同课的备份文件。", path=str(path))) from error
    if manifest.format != FORMAT:
        raise BackupDamaged(say("这个备份由更新的版本写成，请先升级程序。"))
    return manifest
