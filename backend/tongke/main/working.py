"""``tongke worker``: jobs, and in the regional profile the index."""

from __future__ import annotations

from tongke.config import Settings
from tongke.jobs.worker import Worker
from tongke.main.engines import open_platform
from tongke.main.job_table import job_table
from tongke.main.log_files import open_log
from tongke_indexer.runner import IndexRunner


def work(settings: Settings, *, until_idle_s: float) -> None:
    """Work off jobs until told to stop, or until idle for ``until_idle_s`` seconds (0: for ever)."""
    open_log(settings)
    platform = open_platform(settings)
    indexer = None
    if not settings.is_embedded:  # in that profile the web process keeps the index, in this one any worker may
        indexer = IndexRunner(platform.engine, platform.search)
        indexer.start()
    try:
        worker = Worker(platform.engine, job_table(platform))
        worker.run_here(idle_exit_s=until_idle_s or None)
    finally:
        if indexer:
            indexer.stop()
