"""How long after the last byte of an H.264 upload somebody can play it, through the real server and its worker.

    python -m tests.bench.first_play [--seconds 60] [--rounds 3] [--goal 2.0]

From the answer to the last PATCH to the first bytes of the remuxed film from the content origin; the first round also
starts the worker, which the embedded profile does on demand. Prints one line of JSON; exit status 1 above the goal.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from uuid import UUID

from sqlmodel import select
from tests.bench.films import lesson
from tests.bench.upload import put_by_tus
from tests.servers import free_port, wait_for
from tests.uploading.serving import ROOT, prepare

from tongke.config import Settings
from tongke.db import open_database, reading
from tongke.media.addresses import content_address
from tongke.media.models import Asset, Rendition, RenditionKind, RenditionState


def newest(settings: Settings) -> UUID:
    engine = open_database(settings.database)
    with reading(engine) as session:
        return session.exec(select(Asset).order_by(Asset.created_at.desc())).first().id  # type: ignore[attr-defined, union-attr]


def played(settings: Settings, asset_id: UUID, patience_s: float = 120) -> float:
    """Return the moment at which bytes of the remuxed film have arrived."""
    engine, deadline = open_database(settings.database), time.perf_counter() + patience_s
    while time.perf_counter() < deadline:
        with reading(engine) as session:
            wanted = select(Rendition).join(Asset, Asset.sha256 == Rendition.sha256).where(Asset.id == asset_id)  # type: ignore[arg-type]
            made = session.exec(wanted.where(Rendition.kind == RenditionKind.REMUX)).first()
        if made is not None and made.state == RenditionState.READY:
            asked = urllib.request.Request(content_address(settings, made), headers={"Range": "bytes=0-65535"})
            with urllib.request.urlopen(asked) as answer:
                assert (answer.status, len(answer.read())) == (206, 65536)
            return time.perf_counter()
        time.sleep(0.02)
    raise TimeoutError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--goal", type=float, default=2.0)
    chosen = parser.parse_args()
    waits = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = lesson(folder / "lesson.mp4", chosen.seconds).read_bytes()
        server = prepare(folder / "tongke")
        server.port = free_port()
        server.environment["TONGKE_BASE_URL"] = f"http://127.0.0.1:{server.port}"
        server.environment["TONGKE_CONTENT_URL"] = f"http://127.0.0.1:{free_port()}"
        path = os.pathsep.join(str(ROOT / part) for part in ("backend", "frontend", "indexer", "."))
        command = [sys.executable, "-m", "tongke", "serve", "--host", "127.0.0.1", "--port", str(server.port)]
        process = subprocess.Popen(command, env={**os.environ, **server.environment, "PYTHONPATH": path}, cwd=ROOT)
        try:
            wait_for(f"http://127.0.0.1:{server.port}/healthz", process, seconds=120)
            for number in range(chosen.rounds + 1):
                put_by_tus(server.port, server.token, memoryview(film + b"\0\0\0\x10free%08d" % number))
                ended = time.perf_counter()
                waits.append(played(server.settings, newest(server.settings)) - ended)
        finally:
            process.terminate()
            process.wait(30)
    warm = statistics.median(waits[1:])
    report = {
        "bench": "first_play",
        "seconds": chosen.seconds,
        "mb": round(len(film) / 1e6, 1),
        "first_s": round(waits[0], 2),
    }
    sys.stdout.write(json.dumps(report | {"then_s": round(warm, 2), "goal": chosen.goal}) + "\n")
    return 0 if max(waits[0], warm) <= chosen.goal else 1


if __name__ == "__main__":
    sys.exit(main())
