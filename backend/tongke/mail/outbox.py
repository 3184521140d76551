"""Letters wait in the job table: sent after the commit of what they tell of, and again until the server takes them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from tongke.db import new_id
from tongke.i18n import say
from tongke.jobs.models import Job
from tongke.jobs.service import enqueue
from tongke.jobs.worker import GaveUp, Handler, Running
from tongke.mail.base import Letter, Mailer

SEND = "mail.send"
ATTEMPTS = 6
"""With the pauses of the job table: half an hour in all."""


def post(session: Session, letter: Letter, *, dedupe_key: str | None = None) -> UUID:
    """Put a letter into the outbox, in the caller's transaction; the job's id.

    ``dedupe_key``: at most one letter with it waits at a time.
    """
    key = dedupe_key or f"{SEND}:{new_id()}"
    return enqueue(session, SEND, {"key": key, **asdict(letter)}, dedupe_key=key, max_attempts=ATTEMPTS)


def handlers(mailer: Mailer | None) -> dict[str, Handler]:
    """What the worker does with letters; what was in one is forgotten when it has gone or was given up."""

    def send(running: Running) -> None:
        if mailer is None:
            raise GaveUp(say("没有设置邮件服务器（TONGKE_MAIL_URL），这封邮件没有发出。"))
        mailer.send(Letter(**{name: value for name, value in running.payload.items() if name != "key"}))
        with running.finishing() as session:
            _forget(session, running.payload)

    return {SEND: Handler(send, lambda session, payload, _reason: _forget(session, payload), quick=True)}


def _forget(session: Session, payload: dict[str, Any]) -> None:
    """Keep only to whom it went, for the operator: letters hold one-time addresses."""
    ended = update(Job).where(col(Job.kind) == SEND, col(Job.dedupe_key) == payload["key"])
    session.execute(ended.values(payload={"key": payload["key"], "to": payload["to"]}))
