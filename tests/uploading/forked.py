"""Web processes that start in no time: forked from a process that has imported everything. Granian serves, as ever."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess


def start(environment: dict[str, str], port: int) -> BaseProcess:
    """A real process, in nothing but its birth different from ``granian tests.uploading.app:create``."""
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))  # for the process they are forked from
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["granian.server.embed", "tests.uploading.app"])
    process = context.Process(target=_serve, args=(environment, port), daemon=True)
    process.start()
    return process


def _serve(environment: dict[str, str], port: int) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server
    from tests.uploading.app import create

    os.environ.update(environment)
    server = Server(create(), address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    asyncio.run(server.serve())
