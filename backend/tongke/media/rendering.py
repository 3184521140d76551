"""The jobs that make renditions: work in a private folder, put files, then flip the rows in one short transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import delete, update
from sqlmodel import Session, col

from tongke.config import Settings
from tongke.db import now
from tongke.i18n import Text, say
from tongke.jobs.worker import DATABASE_AWAY, GaveUp, Handler, Running, Stopped
from tongke.media.models import Asset, Rendition, RenditionKind, RenditionState
from tongke.media.renditions import Work
from tongke.media.sandbox import Cancelled, OutOfTime, ToolFailed, ToolMissing, Workspace, workspace
from tongke.storage.base import BlobStore, blob_key, rendition_key

log = structlog.get_logger()

NO_TOOL = say("服务器缺少处理这种文件的程序（{name}），请联系管理员安装后重试。文件本身可以下载。")
NOT_READABLE = say("这个文件没有处理成功，可能已经损坏。请在自己的电脑上打开检查，另存一份再上传。")
TOO_LONG = say("处理这个文件超过了时间限制。请把它截短或压缩后再上传。")
MEDIA_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".webp": "image/webp",
    ".vtt": "text/vtt; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}

TextReady = Callable[[Session, str], None]
"""Called with the digest of a file whose text can now be searched, in the transaction that says so."""


@dataclass(frozen=True, slots=True)
class Made:
    """One finished rendition: its files, the first of them the one to open."""

    kind: RenditionKind
    files: Sequence[Path]
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Rendering:
    """A rendition job in hand."""

    running: Running
    store: BlobStore
    settings: Settings
    work: Work
    text_ready: TextReady
    _told_at: float = 0.0
    _started_at: float = field(default_factory=time.monotonic)

    @property
    def sha256(self) -> str:
        return str(self.running.payload["sha256"])

    @property
    def media_type(self) -> str:
        return str(self.running.payload["media_type"])

    @property
    def kind(self) -> str:
        return str(self.running.payload["kind"])

    @contextmanager
    def source(self, extension: str) -> Iterator[Workspace]:
        """A workspace with the file in it."""
        with workspace(f"source{extension}", work_folder(self.settings)) as place:
            with place.source.open("wb") as copy:
                for piece in self.store.read(blob_key(self.sha256)):
                    self.running.check()
                    copy.write(piece)
            yield place

    def begin(self) -> None:
        """Show that it is being worked on."""
        with self.running.holding() as session:
            self._unfinished(session, state=RenditionState.RUNNING.value, progress=0.0, remaining_s=None)

    def progress(self, share: float) -> None:
        """Show how far it is and how long it will take, at most once a second."""
        self.running.check()
        moment = time.monotonic()
        if moment - self._told_at < 1 or not 0 < share <= 1:
            return
        self._told_at = moment
        remaining = (moment - self._started_at) * (1 - share) / share
        try:
            with self.running.holding() as session:
                self._unfinished(session, progress=round(share, 3), remaining_s=round(remaining, 1))
        except DATABASE_AWAY as error:  # an hour of work is not thrown away because nobody could be told about it
            log.warning("media.progress_untold", job=self.work.job, error=type(error).__name__)

    def keep(self, made: Made) -> None:
        """Put the files and show this rendition as ready while the others are still being made."""
        size = self._put(made)
        with self.running.holding() as session:
            self._show(session, made, size)

    def finish(
        self, *made: Made, without: Sequence[RenditionKind] = (), missing: Mapping[RenditionKind, Text] | None = None
    ) -> None:
        """Put the files, then in one transaction: rows ready, rows that do not apply gone, the job done."""
        sizes = [self._put(one) for one in made]
        with self.running.finishing() as session:
            for one, size in zip(made, sizes, strict=True):
                self._show(session, one, size)
            for kind, reason in (missing or {}).items():
                mark_failed(session, self.sha256, (kind,), reason)
            if without:
                kinds = col(Rendition.kind).in_(without)
                session.execute(delete(Rendition).where(col(Rendition.sha256) == self.sha256, kinds))

    def measure(self, **values: Any) -> None:
        """Write what was measured to every asset that has these bytes."""
        with self.running.holding() as session:
            session.execute(update(Asset).where(col(Asset.sha256) == self.sha256).values(**values))

    def _put(self, made: Made) -> int:
        for path in made.files:
            self.running.check()
            key = rendition_key(self.sha256, made.kind, path.name)
            media_type = MEDIA_TYPES[path.suffix]
            if made.kind == RenditionKind.HLS and path.name == "audio.m4s":
                media_type = "audio/mp4"
            self.store.put(key, path, media_type=media_type)
        return sum(path.stat().st_size for path in made.files)

    def _show(self, session: Session, made: Made, size: int) -> None:
        entry = rendition_key(self.sha256, made.kind, made.files[0].name) if made.files else ""
        shown = {"entry": entry, "size_bytes": size, "details": made.details, "failure": None}
        self._update(session, (made.kind,), state=RenditionState.READY.value, progress=1.0, remaining_s=None, **shown)
        if made.kind == RenditionKind.TEXT:
            self.text_ready(session, self.sha256)

    def _unfinished(self, session: Session, **values: Any) -> None:
        """Change the rows this job has still to make; what an earlier attempt finished stays ready."""
        these = (col(Rendition.sha256) == self.sha256, col(Rendition.kind).in_(self.work.makes))
        not_ready = col(Rendition.state) != RenditionState.READY
        session.execute(update(Rendition).where(*these, not_ready).values(updated_at=now(), **values))

    def _update(self, session: Session, kinds: Sequence[RenditionKind], **values: Any) -> None:
        these = (col(Rendition.sha256) == self.sha256, col(Rendition.kind).in_(kinds))
        session.execute(update(Rendition).where(*these).values(updated_at=now(), **values))


def work_folder(settings: Settings) -> Path:
    """Where workspaces are: on the data disk, for a film may be larger than what /tmp holds."""
    return settings.data_dir.absolute() / "work"


def mark_failed(session: Session, sha256: str, kinds: Sequence[RenditionKind], reason: Text) -> None:
    """Show the reason with those of ``kinds`` that are not ready."""
    values = {"state": RenditionState.FAILED.value, "remaining_s": None, "updated_at": now()}
    these = (
        col(Rendition.sha256) == sha256,
        col(Rendition.kind).in_(kinds),
        col(Rendition.state) != RenditionState.READY,
    )
    session.execute(update(Rendition).where(*these).values(failure=stored(reason), **values))


def stored(reason: Text) -> dict[str, Any]:
    """A sentence as it is kept in a JSON column; ``tongke.i18n.Text(**stored)`` brings it back."""
    values = {
        name: value if isinstance(value, str | int | float) else str(value) for name, value in reason.values.items()
    }
    return {"source": reason.source, "values": values}


def handler(
    work: Work,
    make: Callable[[Rendering], None],
    store: BlobStore,
    settings: Settings,
    text_ready: TextReady,
    *,
    quick: bool,
) -> Handler:
    """A job handler around ``make`` that turns what programs say into what teachers read."""

    def run(running: Running) -> None:
        rendering = Rendering(running, store, settings, work, text_ready)
        rendering.begin()
        try:
            make(rendering)
        except Cancelled as error:
            raise Stopped(work.job) from error
        except ToolMissing as error:
            raise GaveUp(Text(NO_TOOL.source, {"name": str(error)})) from error
        except OutOfTime as error:
            raise GaveUp(TOO_LONG) from error
        except ToolFailed as error:
            log.warning("media.tool_failed", job=work.job, sha256=rendering.sha256, words=error.words[-500:])
            raise GaveUp(NOT_READABLE) from error

    def gave_up(session: Session, payload: dict[str, Any], reason: Text) -> None:
        mark_failed(session, str(payload["sha256"]), work.makes, reason)

    return Handler(run, gave_up, quick=quick)
