"""Slowing down who guesses: waits that grow by name and by address, kept in the database for all web processes.

A school's computers share one address, so an address alone may fail very often before it waits; a name from an address
that has signed in with it lately waits only for what that address itself got wrong, so that a stranger's guesses lock
nobody out of their own school.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from tongke.accounts.sign_in_models import SignInTries
from tongke.db import now
from tongke.errors import TooManyRequests
from tongke.i18n import say

LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=24)
KNOWN_FOR = timedelta(days=60)
ADDRESS_WINDOW = timedelta(minutes=5)
TRIES_OF_ADDRESS = 200
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
_TABLE = SQLModel.metadata.tables["sign_in_tries"]
FREE_TRIES_OF_PAIR, FREE_TRIES_OF_NAME = 5, 10


@dataclass(frozen=True, slots=True)
class Guesser:
    """Who tries what from where, as digests."""

    name: str
    pair: str
    address: str


def guesser(signing_key: bytes, *, name: str, address: str) -> Guesser:
    name = name.strip().lower()

    def sealed(*parts: str) -> str:
        return hmac.new(signing_key, "\0".join(("sign-in tries", *parts)).encode(), hashlib.sha256).hexdigest()

    return Guesser(sealed("name", name), sealed("pair", name, address), sealed("address", address))


def _until(moment: datetime, wait: timedelta) -> datetime:
    return moment + wait if wait else AT_ONCE


def wait_after(tries: int, free: int) -> timedelta:
    """How long the next try waits: nothing while some are free, then 2 s, 4 s, 8 s … a quarter of an hour."""
    if tries < free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(tries - free + 1, 20)), LONGEST_WAIT)


def count_try(session: Session, who: Guesser) -> None:
    """Count one try before it is looked at, so that many at once are many; ``TooManyRequests`` says when to return."""
    rows = _rows(session, who)
    moment = now()  # after the rows are held: whoever waited for them is not earlier than who had them before
    pair, name, address = rows[who.pair], rows[who.name], rows[who.address]
    is_known = pair.succeeded_at is not None and moment - pair.succeeded_at < KNOWN_FOR
    until = max(pair.wait_until, address.wait_until, AT_ONCE if is_known else name.wait_until)
    if until > moment:
        raise _come_back(until - moment)
    _add(pair, moment, wait_after(pair.tries + 1, FREE_TRIES_OF_PAIR))
    _add(name, moment, wait_after(name.tries + 1, FREE_TRIES_OF_NAME))
    _add_to_address(address, moment)
    session.add_all(rows.values())


def forgive(session: Session, who: Guesser) -> None:
    """The try was right: name and pair start anew, the address gets its try back."""
    rows, moment = _rows(session, who), now()
    pair, name, address = rows[who.pair], rows[who.name], rows[who.address]
    for row in (pair, name):
        row.tries, row.wait_until = 0, AT_ONCE
    pair.succeeded_at, pair.forget_at = moment, moment + KNOWN_FOR
    address.tries = max(0, address.tries - 1)
    if address.tries < TRIES_OF_ADDRESS:
        address.wait_until = AT_ONCE
    session.add_all(rows.values())


def count_address(session: Session, who: Guesser) -> None:
    """Count a try that names nobody, such as a passkey's: only its address can wait."""
    address, moment = _rows(session, who)[who.address], now()
    if address.wait_until > moment:
        raise _come_back(address.wait_until - moment)
    _add_to_address(address, moment)
    session.add(address)


def forgive_address(session: Session, who: Guesser) -> None:
    """A try that named nobody was right: the address gets it back."""
    address = _rows(session, who)[who.address]
    address.tries = max(0, address.tries - 1)
    if address.tries < TRIES_OF_ADDRESS:
        address.wait_until = AT_ONCE
    session.add(address)


def _rows(session: Session, who: Guesser) -> dict[str, SignInTries]:
    """The three rows, made where missing, held against others until the transaction ends."""
    moment = now()
    _forget_old(session, moment)
    keys = sorted((who.pair, who.name, who.address))
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    fresh = [{"key": key, "tries": 0, "wait_until": AT_ONCE, "forget_at": moment + FORGET_AFTER} for key in keys]
    session.execute(insert(_TABLE).values(fresh).on_conflict_do_nothing())
    held = select(SignInTries).where(col(SignInTries.key).in_(keys)).order_by(SignInTries.key).with_for_update()
    rows = {row.key: row for row in session.exec(held)}
    for row in rows.values():
        if row.forget_at < moment:
            row.tries, row.wait_until, row.succeeded_at, row.forget_at = 0, AT_ONCE, None, moment + FORGET_AFTER
    return rows


def _forget_old(session: Session, moment: datetime) -> None:
    """A few at a time, passing by what another process is at."""
    old = select(SignInTries.key).where(col(SignInTries.forget_at) < moment).limit(50).with_for_update(skip_locked=True)
    if keys := session.exec(old).all():
        session.execute(delete(_TABLE).where(_TABLE.c.key.in_(keys)))


def _add(row: SignInTries, moment: datetime, wait: timedelta) -> None:
    row.tries += 1
    row.wait_until = _until(moment, wait)
    row.forget_at = max(row.forget_at, moment + FORGET_AFTER)


def _add_to_address(row: SignInTries, moment: datetime) -> None:
    """An address waits for the rest of its window when it has used up its tries."""
    if row.tries == 0:
        row.forget_at = moment + ADDRESS_WINDOW
    row.tries += 1
    row.wait_until = row.forget_at if row.tries >= TRIES_OF_ADDRESS else AT_ONCE


def _come_back(wait: timedelta) -> TooManyRequests:
    wait_s = max(1, math.ceil(wait.total_seconds()))
    return TooManyRequests(say("尝试太频繁，请 {seconds} 秒后再试。", seconds=wait_s), retry_after_s=wait_s)
