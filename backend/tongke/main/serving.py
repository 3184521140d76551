"""``tongke serve``: both origins in one process, the indexer beside them, a worker when there is work."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import threading
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from sqlalchemy.exc import DatabaseError
from starlette.types import ASGIApp

from tongke.config import Settings
from tongke.db import open_database
from tongke.errors import SearchUnavailable, TongkeError
from tongke.http.access_log import AccessLog
from tongke.http.client_address import ClientAddress
from tongke.http.content_app import ContentApp
from tongke.i18n import say
from tongke.main import soundness
from tongke.main.app import create_app
from tongke.main.engines import open_platform
from tongke.main.log_files import open_log
from tongke.main.preparing import prepare_database
from tongke.main.quick_lane import QuickLane
from tongke.main.worker_keeper import WorkerKeeper
from tongke.migrations import runner as migrations
from tongke.search.base import Query
from tongke_indexer.runner import IndexRunner

BACKLOG = 1024


class CannotServe(TongkeError):
    """Something must be put right before the platform can start."""

    code = "cannot-serve"


class DatabaseDamaged(CannotServe):
    """The embedded database has to come back from a backup."""

    code = "database-damaged"

    def __init__(self, verdict: str) -> None:
        super().__init__(say("数据库文件损坏（{verdict}）。请先停用本机，用最近的备份恢复，再启动。", verdict=verdict))


class Serving:
    """A running platform: start it with ``run``, stop it with SIGINT or SIGTERM."""

    def __init__(self, settings: Settings, host: str, port: int, content_port: int) -> None:
        self.settings, self.host, self.port, self.content_port = settings, host, port, content_port
        self.platform = open_platform(settings, self._wake)
        self.log = open_log(settings)
        self.keeper = WorkerKeeper(settings, self.platform.engine) if settings.is_embedded else None
        self.quick = QuickLane(self.platform) if settings.is_embedded else None
        self.indexer = IndexRunner(self.platform.engine, self.platform.search) if settings.is_embedded else None
        self.lookout = soundness.Lookout(self.platform.engine, self._damaged) if settings.is_embedded else None
        self._damage = ""

    def _wake(self) -> None:
        if self.indexer:
            self.indexer.wake()
        if self.quick:
            self.quick.wake()
        if self.keeper:
            self.keeper.wake()

    def run(self, *, ready: Callable[[], None]) -> None:
        """Serve until told to stop; raises ``DatabaseDamaged`` when the database turns out to be broken meanwhile."""
        if self.settings.is_embedded:
            soundness.mark_running(self.settings.data_dir)
        threading.Thread(target=self._warm_search, name="warm-search", daemon=True).start()
        for part in (self.indexer, self.quick, self.keeper):
            if part:
                part.start()
        try:
            asyncio.run(self._serve(ready))
        finally:
            if self.lookout:
                self.lookout.stop()
            for part in (self.keeper, self.quick, self.indexer):
                if part:
                    part.stop()
        if self._damage:
            soundness.mark_running(self.settings.data_dir, damaged=True)
            raise DatabaseDamaged(self._damage)
        if self.settings.is_embedded:
            soundness.mark_stopped(self.settings.data_dir)

    def _damaged(self, verdict: str) -> None:
        """Nothing more is written to a broken database."""
        self._damage = verdict
        self._stop_serving()

    def _warm_search(self) -> None:
        """Ask once before anybody does: the first question opens the index and loads the dictionaries (two seconds)."""
        with contextlib.suppress(SearchUnavailable):
            self.platform.search.search(Query(text="小学 xiaoxue", page_size=1))

    async def _serve(self, ready: Callable[[], None]) -> None:
        pages = self._server(create_app(self.platform, self.log), self.port, Interfaces.ASGI)
        content = self._server(self._content_app(), self.content_port, Interfaces.ASGINL)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt instead
                loop.add_signal_handler(number, _stop, (pages, content))
        self._stop_serving = partial(loop.call_soon_threadsafe, _stop, (pages, content))
        if self.lookout:
            self.lookout.start()
        loop.call_later(0.05, ready)
        await asyncio.gather(pages.serve(), content.serve())

    def _content_app(self) -> ASGIApp:
        app = ContentApp(self.settings, self.platform.store, self.platform.engine)
        logged = AccessLog(app, origin="content", write=self.log)
        return ClientAddress(logged, hops=self.settings.proxy_hops)

    def _server(self, app: ASGIApp, port: int, interface: Interfaces) -> Server:
        return Server(
            app,
            address=self.host,
            port=port,
            interface=interface,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=15_000),
            websockets=False,
            backlog=BACKLOG,
            log_enabled=False,
        )


def _stop(servers: tuple[Server, ...]) -> None:
    for server in servers:
        server.stop()  # type: ignore[no-untyped-call]


def prepare(settings: Settings, host: str, port: int) -> int:
    """Check that the platform can start here, bring an embedded database up to date; returns the content port."""
    content_port = _content_port(settings, port)
    for number in (port, content_port):
        _check_free(host, number)
    if settings.is_embedded:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _remember(settings)
    return content_port


def check_database(settings: Settings) -> None:
    """Bring an embedded database up to date, if need be after a look for damage; a regional one must be already."""
    engine = open_database(settings.database)
    if settings.is_embedded:
        try:
            if verdict := soundness.damage_after_a_fall(settings.data_dir, engine):
                raise DatabaseDamaged(verdict)
            prepare_database(engine)
        except DatabaseError as error:
            if not soundness.is_damage(error.orig):
                raise
            raise DatabaseDamaged(str(error.orig)) from error
    elif migrations.current(engine) != migrations.head():
        raise CannotServe(say("数据库结构还不是最新。请先运行 tongke migrate。"))
    engine.dispose()


def _content_port(settings: Settings, port: int) -> int:
    if not settings.is_embedded:
        return port + 1
    return urlsplit(settings.content_url).port or port + 1


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise CannotServe(
                say(
                    "端口 {port} 已被别的程序占用。平台需要相邻的两个端口：一个给页面，一个给课程文件。"
                    "请换一个 --port，或用 TONGKE_CONTENT_URL 指定另一个文件地址。",
                    port=port,
                )
            ) from None


def _remember(settings: Settings) -> None:
    """Keep both addresses in the data directory, where the other commands find them."""
    addresses = {"base_url": settings.base_url, "content_url": settings.content_url}
    (settings.data_dir / "addresses.json").write_text(json.dumps(addresses), encoding="utf-8")
