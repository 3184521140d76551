"""``tongke worker``: jobs, and in the regional profile the index."""

from __future__ import annotations

from tongke.config import Settings
from tongke.jobs.worker import Worker
from tongke.main.doctor.work import answer_ping
from tongke.main.engines import open_platform
from tongke.media.works import handlers
from tongke_indexer.renditions import text_ready
from tongke_indexer.runner import IndexRunner


def work(settings: Settings, *, until_idle_s: float) -> None:
    """Work off jobs until told to stop, or until idle for ``until_idle_s`` seconds (0: for ever)."""
    platform = open_platform(settings)
    indexer = None
    if not settings.is_embedded:  # in that profile the web process keeps the index, in this one any worker may
        indexer = IndexRunner(platform.engine, platform.search)
        indexer.start()
    try:
        kinds = handlers(platform.store, settings, text_ready) | answer_ping()
        worker = Worker(platform.engine, kinds)
        worker.run_here(idle_exit_s=until_idle_s or None)
    finally:
        if indexer:
            indexer.stop()
