"""A worker process of its own for the kill tests: ``program.py DATABASE STORE DATA``."""

from __future__ import annotations

import sys
from pathlib import Path

from tongke.config import Settings
from tongke.db import open_database
from tongke.jobs.worker import Worker
from tongke.media.works import handlers
from tongke.storage.local import LocalStore

if __name__ == "__main__":
    database, objects, data = sys.argv[1:]
    table = handlers(LocalStore(Path(objects)), Settings(data_dir=Path(data)), lambda session, sha256: None)
    Worker(open_database(database), table, lease_s=2, poll_s=0.05).run_here(until_idle=True)
