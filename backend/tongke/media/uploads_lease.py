"""One writer at a time: a lease on the upload's row, by the database's clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlmodel import Session

from tongke.accounts.actor import Actor
from tongke.db import transaction
from tongke.errors import Locked
from tongke.i18n import say
from tongke.jobs.service import database_time
from tongke.media.models import UploadSession, UploadState
from tongke.media.uploads import KEPT_FOR, check_open, own_upload

LEASE_S = 6.0
"""How long a killed process keeps others waiting, and how long a silent line keeps its right to write."""
RENEWED_AFTER_S = 2.0


def take(engine: Engine, actor: Actor, upload_id: UUID) -> Lease:
    """The right to write to the actor's open upload; ``Locked`` while somebody else has it."""
    with transaction(engine) as session:
        upload = own_upload(session, actor, upload_id, to_change=True)
        check_open(session, upload)
        moment = database_time(session)
        if upload.lease_until is not None and upload.lease_until > moment:
            raise Locked(say("这个文件正在另一个窗口或连接里上传，请稍后再试。"))
        if upload.state == UploadState.OPEN:
            upload.lease_token, upload.lease_until = uuid4().hex, moment + timedelta(seconds=LEASE_S)
            upload.expires_at = moment + KEPT_FOR
    return Lease(engine, upload)


class Lease:
    """Held until released, or until ``LEASE_S`` pass without a sign of life."""

    def __init__(self, engine: Engine, upload: UploadSession) -> None:
        self.engine, self.upload, self.token = engine, upload, upload.lease_token
        self._renewed = time.monotonic()

    def keep(self, offset_bytes: int) -> None:
        """Prolong the lease when it is due, noting how far the bytes have come; raises ``Locked`` when it is lost."""
        if time.monotonic() - self._renewed >= RENEWED_AFTER_S:
            with transaction(self.engine) as session:
                upload = self.check(session)
                upload.lease_until = database_time(session) + timedelta(seconds=LEASE_S)
                upload.offset_bytes = offset_bytes
            self._renewed = time.monotonic()

    def check(self, session: Session) -> UploadSession:
        """The upload's row, locked, if the lease is still ours; raises ``Locked`` otherwise."""
        upload = session.get(UploadSession, self.upload.id, with_for_update=True, populate_existing=True)
        if upload is None or self.token is None or upload.lease_token != self.token:
            raise Locked(say("这次上传已由另一个连接接手。"))
        return upload

    def release(self, offset_bytes: int) -> None:
        """Let others write; nothing happens when the lease is no longer ours."""
        with transaction(self.engine) as session:
            upload = session.get(UploadSession, self.upload.id, with_for_update=True, populate_existing=True)
            if upload is not None and self.token is not None and upload.lease_token == self.token:
                upload.lease_token = upload.lease_until = None
                upload.offset_bytes = offset_bytes

    @contextmanager
    def kept_alive(self, offset_bytes: int) -> Iterator[None]:
        """Prolong the lease from a thread while the block does long work; a lost one shows at ``check``."""
        ended = threading.Event()

        def prolong() -> None:
            while not ended.wait(RENEWED_AFTER_S):
                try:
                    self.keep(offset_bytes)
                except Locked:
                    return

        thread = threading.Thread(target=prolong, name="upload-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
