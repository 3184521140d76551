"""Whatever a client does in whatever order, the upload session keeps its promises (a state machine drives it)."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import select
from starlette.testclient import TestClient
from tests.uploading.app import app_of, platform_without_search
from tests.uploading.serving import prepare

from tongke.db import now, open_database, reading, transaction
from tongke.media import uploads_intake
from tongke.media.models import Asset, UploadSession
from tongke.storage.base import blob_key
from tongke.storage.spool import open_spool

CONTENT = b"".join(f"line {n} of a lesson plan\n".encode() for n in range(400))
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}


class TusSession(RuleBasedStateMachine):
    """One upload, a model of what must be true of it, and a client without manners."""

    @initialize()
    def open(self) -> None:
        self.stack = contextlib.ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        server = prepare(Path(folder))
        self.engine = open_database(server.settings.database)
        self.platform = platform_without_search(server.settings, self.engine)
        self.auth = {"Authorization": f"Bearer {server.token}"}
        self.client = self.stack.enter_context(TestClient(app_of(self.platform), base_url="http://testserver"))
        name = base64.b64encode(b"plan.txt").decode()
        told = {"Upload-Length": str(len(CONTENT)), "Upload-Metadata": f"filename {name}"}
        self.place = self.client.post("/api/v1/uploads", headers={**TUS, **self.auth, **told}).headers["location"]
        self.kept, self.asset, self.is_gone, self.is_leased = 0, None, False, False

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.engine.dispose()
            self.stack.close()

    def patch(self, offset: int, content: bytes):
        headers = {**PIECE, **self.auth, "Upload-Offset": str(offset)}
        return self.client.patch(self.place, headers=headers, content=content)

    def takes_bytes(self) -> bool:
        return not (self.is_gone or self.is_leased or self.asset)

    @precondition(takes_bytes)
    @rule(length=st.integers(0, 4000) | st.just(len(CONTENT)))
    def send_from_where_it_stands(self, length: int) -> None:
        piece = CONTENT[self.kept : self.kept + length]
        answer = self.patch(self.kept, piece)
        self.kept += len(piece)
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(self.kept))
        assert ("tongke-asset" in answer.headers) == (self.kept == len(CONTENT))
        self.asset = answer.headers.get("tongke-asset")

    @rule(offset=st.integers(0, len(CONTENT) + 5), length=st.integers(1, 50))
    def send_from_elsewhere(self, offset: int, length: int) -> None:
        if offset == self.kept:
            offset += 1
        answer = self.patch(offset, b"?" * length)
        assert answer.status_code == (410 if self.is_gone else 423 if self.is_leased else 409)

    @precondition(takes_bytes)
    @rule(excess=st.integers(1, 50))
    def send_too_much(self, excess: int) -> None:
        assert self.patch(self.kept, CONTENT[self.kept :] + b"?" * excess).status_code == 413

    @precondition(takes_bytes)
    @rule(length=st.integers(1, 3000))
    def die_after_writing(self, length: int) -> None:
        """Another process wrote and was killed before it could say so; only its lease is left, and it has run out."""
        piece = CONTENT[self.kept : self.kept + length]
        writer = open_spool(self.platform.store).writer(self.place.rpartition("/")[2], self.kept)
        writer.write([piece])
        writer.checkpoint()
        writer.close()
        self.kept += len(piece)

    @rule()
    def forget_what_was_hashed(self) -> None:
        """The process is another one now."""
        uploads_intake.digests._running.clear()

    @precondition(takes_bytes)
    @rule()
    def let_another_hold_the_lease(self) -> None:
        self._lease(now() + timedelta(minutes=1))
        self.is_leased = True

    @precondition(lambda self: self.is_leased)
    @rule()
    def let_the_lease_run_out(self) -> None:
        self._lease(now() - timedelta(seconds=1))
        self.is_leased = False

    def _lease(self, until) -> None:
        with transaction(self.engine) as session:
            upload = session.exec(select(UploadSession)).one()
            upload.lease_token, upload.lease_until = "another", until

    @precondition(lambda self: self.kept > len(CONTENT) // 2)
    @rule()
    def terminate(self) -> None:
        answer = self.client.delete(self.place, headers={**TUS, **self.auth})
        assert answer.status_code == (410 if self.is_gone else 409 if self.asset else 204)
        if answer.status_code == 204:
            self.is_gone, self.is_leased = True, False

    @invariant()
    def head_tells_the_truth(self) -> None:
        if not hasattr(self, "place"):
            return
        answer = self.client.head(self.place, headers={**TUS, **self.auth})
        if self.is_gone:
            assert answer.status_code == 410
        elif self.kept == len(CONTENT) and not self.asset and self.is_leased:
            assert answer.status_code == 423
        else:
            assert (answer.status_code, answer.headers["upload-offset"]) == (200, str(self.kept))
            if self.kept == len(CONTENT):
                self.asset = self.asset or answer.headers["tongke-asset"]
            assert answer.headers.get("tongke-asset") == self.asset

    @invariant()
    def the_asset_is_what_was_sent_and_there_is_one(self) -> None:
        if not hasattr(self, "place"):
            return
        with reading(self.engine) as session:
            assets = session.exec(select(Asset)).all()
        assert [str(asset.id) for asset in assets] == ([self.asset] if self.asset else [])
        digest = hashlib.sha256(CONTENT).hexdigest()
        stored = [found.key for found in self.platform.store.keys("")]
        assert stored == ([blob_key(digest)] if self.asset else [])
        if self.asset:
            assert b"".join(self.platform.store.read(blob_key(digest))) == CONTENT


TestTusSession = TusSession.TestCase
TestTusSession.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
