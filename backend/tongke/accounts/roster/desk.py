"""A roster from the upload to the result: kept as a row, so that a big one is worked off by a job with progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tongke.accounts import policy, sign_in
from tongke.accounts.actor import Actor
from tongke.accounts.models import Roster, RosterState, School
from tongke.accounts.roster.checking import Outcome, Plan, Wish, check
from tongke.accounts.roster.importing import Handout, carry_out, handouts
from tongke.accounts.roster.reading import decoded, read_sheet
from tongke.db import now, reading, transaction
from tongke.errors import Conflict, NotFound, TongkeError, require
from tongke.i18n import Text, say
from tongke.jobs.service import enqueue
from tongke.jobs.worker import Handler, Running

WORK = "accounts.roster"
AT_ONCE = 1000
"""So many lines are worked off while the page waits; more are a job's."""
SHOWN = 500
"""So many refused lines are kept for the page; whoever has more begins with these."""


def take(
    session: Session, actor: Actor, content: bytes, *, file_name: str, school: School | None, accepts_moves: bool
) -> Roster:
    """Keep a file for checking; raises ``Invalid`` when it is no roster at all."""
    require(policy.may_see_people(actor), say("这个页面只对管理员开放。"))
    assert actor.user_id is not None
    text = decoded(content)
    sheet = read_sheet(text)
    roster = Roster(
        made_by=actor.user_id,
        school_id=school.id if school else None,
        file_name=file_name[:120],
        content=text,
        accepts_moves=accepts_moves,
        total=len(sheet.lines),
        report={"ignored": sheet.ignored},
    )
    session.add(roster)
    return roster


def begin(session: Session, roster: Roster, state: RosterState) -> bool:
    """Start checking or importing; whether a job does it, else the caller calls ``work``."""
    roster.state, roster.done = state, 0
    session.add(roster)
    if roster.total <= AT_ONCE:
        return False
    session.flush()  # the job reads the row
    enqueue(session, WORK, {"roster": str(roster.id)}, dedupe_key=f"{WORK}:{roster.id}")
    return True


def confirm(session: Session, actor: Actor, roster: Roster) -> bool:
    """Import what was checked without a refused line, else ``Conflict``; the answer is that of ``begin``."""
    if actor.user_id != roster.made_by:
        raise NotFound
    if roster.state != RosterState.CHECKED or roster.report.get("refused_count"):
        raise Conflict(say("这份名单现在不能导入。请看每一行的问题，改好后重新上传。"))
    return begin(session, roster, RosterState.IMPORTING)


def work(engine: Engine, roster_id: UUID, key: bytes) -> None:
    """Check or import, as the row says; whoever uploaded it must still be allowed to."""
    with reading(engine) as session:
        roster = session.get(Roster, roster_id)
        if roster is None or roster.state not in (RosterState.CHECKING, RosterState.IMPORTING):
            return
        actor = sign_in.actor_of_user(session, roster.made_by)
        school = session.get(School, roster.school_id) if roster.school_id else None
    wish = Wish(school=school, accepts_moves=roster.accepts_moves)
    try:
        if roster.state == RosterState.CHECKING:
            _check(engine, roster, actor, wish)
        else:
            _import(engine, roster, actor, wish, key)
    except TongkeError as error:
        with transaction(engine) as session:
            _fail(session, roster_id, error.message)


def _check(engine: Engine, roster: Roster, actor: Actor, wish: Wish) -> None:
    def watch(done: int) -> None:
        with transaction(engine) as session:
            kept = session.get(Roster, roster.id)
            if kept is not None:
                kept.done = done
                session.add(kept)

    lines = read_sheet(roster.content).lines
    with reading(engine) as session:
        plan = check(session, actor, lines, wish, watch=watch if roster.total > AT_ONCE else lambda _done: None)
    with transaction(engine) as session:
        kept = _kept(session, roster.id)
        kept.state, kept.done = RosterState.CHECKED, kept.total
        kept.report = {**kept.report, **_told(plan)}
        session.add(kept)


def _import(engine: Engine, roster: Roster, actor: Actor, wish: Wish, key: bytes) -> None:
    """The people, their codes and the word that it is done: one transaction."""
    lines = read_sheet(roster.content).lines
    with transaction(engine) as session:
        done = carry_out(session, actor, lines, wish, key=key)
        kept = _kept(session, roster.id)
        kept.state, kept.done, kept.imported_at, kept.content = RosterState.IMPORTED, kept.total, now(), ""
        kept.report = {**kept.report, "counts": done.counts, "new": [str(one) for one in done.new_ids]}
        session.add(kept)


def _kept(session: Session, roster_id: UUID) -> Roster:
    kept = session.get(Roster, roster_id)
    assert kept is not None
    return kept


def _fail(session: Session, roster_id: UUID, reason: Text) -> None:
    kept = _kept(session, roster_id)
    kept.state = RosterState.FAILED
    kept.report = {**kept.report, "failure": _stored(reason)}
    session.add(kept)


def _told(plan: Plan) -> dict[str, Any]:
    refused = plan.refused
    return {
        "counts": {outcome.value: len(plan.those(outcome)) for outcome in Outcome},
        "refused_count": len(refused),
        "refused": [
            {"line": step.line.number, "name": step.line.sign_in_name, "reason": _stored(step.reason)}
            for step in refused[:SHOWN]
        ],
    }


def _stored(text: Text | None) -> dict[str, Any]:
    text = text or say("没有写学校代码。")
    return {"source": text.source, "values": {name: str(value) for name, value in text.values.items()}}


def told(stored: dict[str, Any]) -> Text:
    """A sentence that was stored, to be translated for whoever reads it."""
    return Text(stored["source"], stored["values"])


def roster(session: Session, actor: Actor, roster_id: UUID) -> Roster:
    """One's own roster; ``NotFound`` for anybody else's: there are names in it."""
    found = session.get(Roster, roster_id)
    if found is None or found.made_by != actor.user_id or not policy.may_see_people(actor):
        raise NotFound
    return found


def rosters(session: Session, actor: Actor, *, limit: int = 20) -> Sequence[Roster]:
    """One's own, the newest first."""
    mine = select(Roster).where(Roster.made_by == actor.user_id)
    return session.exec(mine.order_by(col(Roster.created_at).desc()).limit(limit)).all()


def codes_of(session: Session, roster_: Roster, *, key: bytes) -> list[Handout]:
    """Who came new with this roster and has not chosen a password yet, with the codes."""
    return handouts(session, [UUID(one) for one in roster_.report.get("new", [])], key=key)


def handlers(key: bytes) -> dict[str, Handler]:
    """What the worker does with big rosters."""

    def run(running: Running) -> None:
        work(running.engine, UUID(running.payload["roster"]), key)

    def gave_up(session: Session, payload: dict[str, Any], reason: Text) -> None:
        _fail(session, UUID(payload["roster"]), reason)

    return {WORK: Handler(run, gave_up)}
