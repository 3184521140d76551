"""Who may write to the index now: one row, renewed while the work goes on, judged by the database's clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import structlog
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import Session, col

from tongke.db import reading, transaction
from tongke.errors import Conflict
from tongke.i18n import say
from tongke.jobs.service import database_time
from tongke.search.models import IndexLease

log = structlog.get_logger()

NAME = "index"
HELD_S = 6.0
"""A holder that was killed is believed dead after this; a living one renews three times as often."""


class LeaseLost(Conflict):
    """Another process took over: what is being done must stop."""

    code = "index-lease-lost"

    def __init__(self) -> None:
        super().__init__(say("另一个程序接管了搜索索引。"))


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to the index, for as long as its row names ``holder``."""

    holder: str

    def confirm(self, session: Session) -> None:
        """Make sure, inside the caller's transaction, that the right is still ours; raises ``LeaseLost``."""
        until = database_time(session) + timedelta(seconds=HELD_S)
        ours = (col(IndexLease.name) == NAME, col(IndexLease.holder) == self.holder)
        renewed = session.execute(update(IndexLease).where(*ours).values(until=until).returning(col(IndexLease.name)))
        if renewed.scalar_one_or_none() is None:
            raise LeaseLost


@contextmanager
def held(engine: Engine) -> Iterator[Lease | None]:
    """The lease, kept alive until the block ends; None when another process has it."""
    lease = Lease(uuid4().hex)
    if not _take(engine, lease.holder):
        yield None
        return
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(engine, lease, over), name="index-lease", daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        over.set()
        keeper.join()
        _give_back(engine, lease.holder)


def _take(engine: Engine, holder: str) -> bool:
    with reading(engine) as session:  # a look first: whoever waits must not queue up with the writers
        present = session.get(IndexLease, NAME)
        if present is not None and present.until >= database_time(session):
            return False
    try:
        with transaction(engine) as session:
            moment = database_time(session)
            until = moment + timedelta(seconds=HELD_S)
            expired = (col(IndexLease.name) == NAME, col(IndexLease.until) < moment)
            taken = update(IndexLease).where(*expired).values(holder=holder, until=until)
            if session.execute(taken.returning(col(IndexLease.name))).scalar_one_or_none() is None:
                if session.get(IndexLease, NAME) is not None:
                    return False
                session.add(IndexLease(name=NAME, holder=holder, until=until))
    except IntegrityError:
        return False  # another process wrote the row between our look and our word
    return True


def _keep(engine: Engine, lease: Lease, over: threading.Event) -> None:
    while not over.wait(HELD_S / 3):
        try:
            with transaction(engine) as session:
                lease.confirm(session)
        except LeaseLost:
            return  # whoever works under it finds out when it confirms
        except SQLAlchemyError as error:
            log.warning("index.lease_not_renewed", reason=repr(error))


def _give_back(engine: Engine, holder: str) -> None:
    with transaction(engine) as session:
        session.execute(delete(IndexLease).where(col(IndexLease.name) == NAME, col(IndexLease.holder) == holder))
