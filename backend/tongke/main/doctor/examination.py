"""Runs the checks one after another; a part that cannot be looked at is a finding, not the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tongke.config import Settings
from tongke.db import open_database
from tongke.errors import TongkeError
from tongke.i18n import say
from tongke.main.doctor import data, machine, media, sign_in, work
from tongke.main.doctor.finding import Finding, Level, broken

Check = Callable[[Settings, Engine], Iterator[Finding]]

CHECKS: dict[str, Check] = {
    "disk": machine.check_disk,
    "secret": machine.check_secret,
    "release": machine.check_release,
    "database": data.check_database,
    "migrations": data.check_migrations,
    "people": data.check_people,
    "sign_in": sign_in.check_sign_in,
    "storage": data.check_storage,
    "search": data.check_search,
    "clock": data.check_clock,
    "jobs": work.check_jobs,
    "worker": work.check_worker,
    "media": media.check_media,
    "ports": machine.check_ports,
    "clamav": machine.check_clamav,
    "mail": machine.check_mail,
}
"""Every check by the name ``tongke doctor --only`` takes, in the order they run."""

_NEED_TABLES = ("people", "search", "jobs", "worker")
"""What cannot be looked at in a database of an older schema."""


def examine(settings: Settings, only: Sequence[str] = ()) -> Iterator[Finding]:
    """Look at everything, or at ``only`` the named parts; findings come as they are made."""
    engine = open_database(settings.database)
    try:
        skipped: tuple[str, ...] = ()
        for name, check in CHECKS.items():
            if (only and name not in only) or name in skipped:
                continue
            findings = list(_guarded(name, check, settings, engine))
            yield from findings
            if name == "migrations" and findings[0].level is Level.FAILED:
                skipped = _NEED_TABLES
    finally:
        engine.dispose()


def _guarded(name: str, check: Check, settings: Settings, engine: Engine) -> Iterator[Finding]:
    try:
        yield from check(settings, engine)
    except TongkeError as error:
        yield broken(name, error.message)
    except (SQLAlchemyError, OSError, ValueError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()
        yield broken(name, say("无法检查：{reason}", reason=reason[0] if reason else type(error).__name__))
