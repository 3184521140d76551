"""The loop that runs jobs: two lanes, a heartbeat for each job in hand, and an orderly end on SIGTERM."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session

from tongke.db import transaction
from tongke.errors import TongkeError, Unavailable
from tongke.i18n import Text, say
from tongke.jobs import service
from tongke.jobs.service import Claim, LeaseLost

log = structlog.get_logger()

DATABASE_AWAY = (OperationalError, InterfaceError)


class GaveUp(Exception):
    """The job cannot succeed however often it is tried; ``reason`` is what the person reads."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Stopped(Exception):
    """The job was told to stop: its lease was lost or the worker is shutting down."""


@dataclass(slots=True)
class Running:
    """A job in hand, as its handler sees it."""

    engine: Engine
    claim: Claim
    stopping: threading.Event = field(default_factory=threading.Event)
    is_finished: bool = False

    @property
    def payload(self) -> dict[str, Any]:
        return self.claim.payload

    def check(self) -> None:
        """Raise ``Stopped`` when the work should end now."""
        if self.stopping.is_set():
            raise Stopped(self.claim.kind)

    @contextmanager
    def holding(self) -> Iterator[Session]:
        """A transaction in which the job is surely still ours."""
        with transaction(self.engine) as session:
            service.hold(session, self.claim)
            yield session

    @contextmanager
    def finishing(self) -> Iterator[Session]:
        """The last transaction: what is written in it and the end of the job happen together."""
        with transaction(self.engine) as session:
            yield session
            service.finish(session, self.claim)
        self.is_finished = True


@dataclass(frozen=True, slots=True)
class Handler:
    """What to do for one kind of job.

    ``gave_up`` runs in the transaction that marks the job failed for good, so that what people see agrees.
    ``quick`` kinds have a lane of their own: they never wait behind an hour of transcoding.
    """

    run: Callable[[Running], None]
    gave_up: Callable[[Session, dict[str, Any], Text], None] | None = None
    quick: bool = False


class Worker:
    """Runs jobs until told to stop; any number of workers may share a database."""

    def __init__(
        self,
        engine: Engine,
        handlers: Mapping[str, Handler],
        *,
        lease_s: float = service.LEASE_S,
        poll_s: float = 0.5,
        drain_s: float = 10.0,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._engine, self._handlers = engine, handlers
        self._lease_s, self._poll_s, self._drain_s = lease_s, poll_s, drain_s
        self._stop = threading.Event()
        self._hurry = threading.Event()
        self._news = threading.Event()
        self._busy_at = time.monotonic()
        self._in_hand: set[str] = set()
        self._failure: BaseException | None = None

    def stop(self) -> None:
        """Take no more jobs; the one in hand may end, and is given back if it needs longer than ``drain_s``."""
        self._stop.set()
        self._news.set()

    def wake(self) -> None:
        """Look for work now instead of at the next poll; safe from any thread."""
        self._news.set()

    def run(self, *, until_idle: bool = False, idle_exit_s: float | None = None) -> None:
        """Work until ``stop``; or until nothing unfinished is left; or until idle for ``idle_exit_s`` seconds."""
        lanes = [threading.Thread(target=self._lane, args=(kinds,), name="lane") for kinds in self._lanes()]
        self._busy_at = time.monotonic()
        for lane in lanes:
            lane.start()
        try:
            while not self._stop.wait(self._poll_s):
                if self._is_done(until_idle, idle_exit_s):
                    self._stop.set()
        finally:
            self._stop.set()
            self._drain(lanes)
        if self._failure is not None:
            raise self._failure

    def run_here(self, *, until_idle: bool = False, idle_exit_s: float | None = None) -> None:
        """``run`` in the main thread of a process of its own: SIGTERM and SIGINT drain."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self.run(until_idle=until_idle, idle_exit_s=idle_exit_s)

    def _lanes(self) -> list[list[str]]:
        quick = [kind for kind, handler in self._handlers.items() if handler.quick]
        return [list(self._handlers), quick] if 0 < len(quick) < len(self._handlers) else [list(self._handlers)]

    def _is_done(self, until_idle: bool, idle_exit_s: float | None) -> bool:
        if until_idle:
            return service.unfinished(self._engine, list(self._handlers)) == 0
        return idle_exit_s is not None and not self._in_hand and time.monotonic() - self._busy_at > idle_exit_s

    def _drain(self, lanes: list[threading.Thread]) -> None:
        deadline = time.monotonic() + self._drain_s
        for lane in lanes:
            lane.join(max(0.0, deadline - time.monotonic()))
        self._hurry.set()
        for lane in lanes:
            lane.join()

    def _lane(self, kinds: list[str]) -> None:
        try:
            while not self._stop.is_set():
                if not self._one(kinds):
                    self._news.wait(self._poll_s)
                    self._news.clear()
        except BaseException as error:  # a lane that dies silently would leave jobs waiting: end the worker
            log.exception("jobs.lane_died")
            self._failure = error
            self._stop.set()

    def _one(self, kinds: list[str]) -> bool:
        try:
            held = service.claim(self._engine, self.name, kinds, lease_s=self._lease_s)
        except DATABASE_AWAY as error:
            log.warning("jobs.database_away", error=type(error).__name__)
            return False
        if held is None:
            return False
        self._in_hand.add(held.token)
        try:
            self._work(held)
        finally:
            self._busy_at = time.monotonic()
            self._in_hand.discard(held.token)
        return True

    def _work(self, held: Claim) -> None:
        handler, running = self._handlers[held.kind], Running(self._engine, held)
        with self._heartbeat(running):
            try:
                self._attempt(handler, running)
            except LeaseLost:
                log.warning("jobs.lease_lost", job=str(held.job_id), kind=held.kind)
            except DATABASE_AWAY as error:  # the lease runs out and somebody tries again
                log.warning("jobs.database_away", job=str(held.job_id), error=type(error).__name__)

    def _attempt(self, handler: Handler, running: Running) -> None:
        if running.claim.is_exhausted:
            self._fail(
                handler, running, say("处理多次中断，没有完成。请重试；如果仍然失败，请换一个文件。"), retry=False
            )
            return
        try:
            handler.run(running)
        except Stopped:
            self._release(running)
        except GaveUp as verdict:
            self._fail(handler, running, verdict.reason, retry=False)
        except (LeaseLost, *DATABASE_AWAY):
            raise
        except TongkeError as error:
            self._fail(handler, running, error.message, retry=isinstance(error, Unavailable))
        except Exception:
            log.exception("jobs.failed", job=str(running.claim.job_id), kind=running.claim.kind)
            self._fail(handler, running, say("处理时出现意外错误，已记录。请重试。"), retry=True)
        else:
            if not running.is_finished:
                with running.finishing():
                    pass

    def _fail(self, handler: Handler, running: Running, reason: Text, *, retry: bool) -> None:
        with transaction(self._engine) as session:
            for_good = service.fail(session, running.claim, str(reason), retry=retry)
            if for_good and handler.gave_up is not None:
                handler.gave_up(session, running.payload, reason)

    def _release(self, running: Running) -> None:
        with transaction(self._engine) as session:
            service.release(session, running.claim)

    @contextmanager
    def _heartbeat(self, running: Running) -> Iterator[None]:
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(running, over), name="heartbeat", daemon=True)
        beat.start()
        try:
            yield
        finally:
            over.set()
            beat.join()

    def _beat(self, running: Running, over: threading.Event) -> None:
        safe_until = renewed = time.monotonic()
        safe_until += self._lease_s
        while not over.wait(min(0.2, self._lease_s / 4)):
            if self._hurry.is_set():
                running.stopping.set()
            moment = time.monotonic()
            if moment - renewed < self._lease_s / 3:
                continue
            try:
                service.renew(self._engine, running.claim, lease_s=self._lease_s)
                renewed, safe_until = moment, moment + self._lease_s
            except LeaseLost:
                if not over.is_set():
                    running.stopping.set()
                return
            except DATABASE_AWAY:
                if moment > safe_until:
                    running.stopping.set()
