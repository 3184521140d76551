"""Processor time of the search page and of its htmx fragment, against a bare endpoint over the same engine.

    python -m tests.bench.search_page [--documents 20000] [--requests 300] [--folder DIR] [--profile]

The bare endpoint is an ASGI handler that reads the same parameters, asks the same engine for the same page with the
same facets and answers JSON: no database, no templates. All three answer in this process, driven through ASGI by the
same few lines, in turns over the same questions. Prints one JSON line; exit status 1 when a ratio is above its limit.
``--folder`` keeps what was filled for another run.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import anyio.to_thread
from sqlalchemy import insert, update
from sqlmodel import Session, col
from tests.bench.search_engine import documents, filled, questions

from tongke.accounts import service as accounts
from tongke.accounts.models import Locality, Role, SchoolKind
from tongke.config import Settings
from tongke.db import rows_of, transaction
from tongke.discovery.query import ResourceQuery
from tongke.main.app import create_app
from tongke.main.engines import open_platform
from tongke.main.preparing import prepare_database
from tongke.media.models import Asset, Rendition
from tongke.resources.models import LearningResource, Revision, RevisionFile
from tongke.search import base
from tongke.search.base import Document, SearchEngine

PAGE_LIMIT, FRAGMENT_LIMIT = 1.5, 1.3
HTMX = [(b"hx-request", b"true"), (b"hx-request-type", b"partial")]
COMMON = [(b"host", b"127.0.0.1"), (b"accept-language", b"zh-CN"), (b"accept-encoding", b"gzip")]
Asgi = Callable[..., Awaitable[None]]


def bare(search: SearchEngine) -> Asgi:
    """The same question to the same engine, and nothing else."""

    async def endpoint(scope: dict[str, Any], _receive: Any, send: Any) -> None:
        asked = ResourceQuery.of(parse_qsl(scope["query_string"].decode()))
        query = base.Query(
            text=asked.text, filters=asked.filters, sort=asked.sort, page=asked.page, page_size=asked.page_size
        )
        found = await anyio.to_thread.run_sync(search.search, query)
        answer = {
            "items": [{"id": str(hit.id), "highlights": hit.highlights} for hit in found.hits],
            "total": found.total,
            "total_is_exact": found.total_is_exact,
            "facets": found.facets,
        }
        body = json.dumps(answer, ensure_ascii=False).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return endpoint


async def get(app: Asgi, path: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    """One GET; its status and the bytes of its body."""
    seen = {"status": 0, "bytes": 0}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        seen["status"] = message.get("status", seen["status"])
        seen["bytes"] += len(message.get("body", b""))

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "", "headers": COMMON + headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return seen["status"], seen["bytes"]


def fill(folder: Path, count: int) -> Settings:
    """A platform whose database and index hold the same ``count`` resources, unless it is there."""
    settings = Settings(
        data_dir=folder, base_url="http://127.0.0.1", content_url="http://content.invalid", secret_key="bench " * 8
    )
    if (folder / "filled").exists():
        return settings
    platform = open_platform(settings)
    prepare_database(platform.engine)
    with transaction(platform.engine) as session:
        school = accounts.create_school(
            session, code="B1", name="城关小学", kind=SchoolKind.PRIMARY, locality=Locality.TOWN, region_code="330127"
        )
        owner = accounts.create_user(
            session, email="b@example.org", name="测", password=None, role=Role.PLATFORM_ADMIN, school=None
        )
        session.flush()
        made = documents(count)
        while part := list(islice(made, 2_000)):
            _put(session, part, owner.id, school.id)
    filled(Path(settings.search.removeprefix("embedded://")), count)
    (folder / "filled").touch()
    return settings


def _put(session: Session, part: Iterable[Document], owner_id: UUID, school_id: UUID) -> None:
    """The rows of some documents: resource, published revision, one file with a cover."""
    rows = [d for d in part if "public" in d.audiences]
    when = datetime(2026, 9, 1, tzinfo=UTC)

    def keep(model: Any, made: list[dict[str, Any]]) -> None:
        session.execute(insert(model), rows_of(model, made))

    def other(d: Document, kind: int) -> UUID:
        return UUID(int=d.id.int + (kind << 64))

    resources = [
        {
            "id": d.id, "short_code": f"{d.id.int:07d}", "owner_id": owner_id, "school_id": school_id,
            "published_at": when, "rating_sum": 9, "rating_count": 2, "use_count": 7,
        }
        for d in rows
    ]  # fmt: skip
    keep(LearningResource, resources)
    same = ("title", "description", "type", "subject", "stage", "grade", "volume", "edition", "unit", "language")
    revisions = [
        {
            "id": other(d, 1), "resource_id": d.id, "number": 1, "author_id": owner_id, "licence": d.licence,
            "author_name": d.author, "school_name": d.school, "region_code": d.county, "keywords": list(d.keywords),
            "import_approved_by": owner_id, **{name: getattr(d, name) for name in same},
        }
        for d in rows
    ]  # fmt: skip
    keep(Revision, revisions)
    keep(
        Asset,
        [
            {
                "id": other(d, 2), "owner_id": owner_id, "filename": "a.mp4", "sha256": f"{d.id.int:064x}",
                "received_sha256": f"{d.id.int:064x}", "size_bytes": 12_345_678, "media_type": "video/mp4",
                "kind": "video", "duration_s": 754.0,
            }
            for d in rows
        ],
    )  # fmt: skip
    keep(RevisionFile, [{"revision_id": other(d, 1), "asset_id": other(d, 2)} for d in rows])
    covers = [
        {
            "sha256": f"{d.id.int:064x}", "kind": "poster", "state": "ready", "size_bytes": 9_000,
            "entry": f"renditions/ab/{d.id.int:064x}/poster/poster.webp",
        }
        for d in rows
    ]  # fmt: skip
    keep(Rendition, covers)
    session.execute(
        update(Revision)
        .where(col(Revision.id).in_([other(d, 1) for d in rows]))
        .values(state="published", published_at=when)
    )
    for d in rows:
        session.execute(
            update(LearningResource).where(col(LearningResource.id) == d.id).values(published_revision_id=other(d, 1))
        )


async def measure(doors: dict[str, tuple[Asgi, str, list[Any]]], asked: list[bytes]) -> dict[str, dict[str, float]]:
    """Milliseconds of processor time and of the clock for each door, asked in turns."""
    worked: dict[str, list[float]] = {name: [] for name in doors}
    taken: dict[str, list[float]] = {name: [] for name in doors}
    for n, query in enumerate(asked):
        order = [*doors.items()]
        for name, (app, path, headers) in order[n % 3 :] + order[: n % 3]:  # whoever asks first warms what others use
            cpu, clock = time.process_time(), time.perf_counter()
            status, _ = await get(app, path, query, headers)
            assert status == 200, (name, status, query)
            if n >= len(asked) // 10:  # what comes first fills caches
                worked[name].append((time.process_time() - cpu) * 1000)
                taken[name].append((time.perf_counter() - clock) * 1000)
    return {
        name: {
            "cpu_ms": round(statistics.fmean(worked[name]), 3),
            "cpu_p50_ms": round(statistics.median(worked[name]), 3),
            "p95_ms": round(statistics.quantiles(taken[name], n=20)[18], 2),
        }
        for name in doors
    }


def asked_for(count: int) -> list[bytes]:
    found = []
    for query in questions(count):
        parts = [("q", query.text), *((name, value) for name, values in query.filters.items() for value in values)]
        found.append(urlencode(parts).encode())
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as spare:
        settings = fill(chosen.folder or Path(spare), chosen.documents)
        platform = open_platform(settings)
        app = create_app(platform)
        doors = {
            "bare": (bare(platform.search), "/", []),
            "page": (app, "/resources", []),
            "fragment": (app, "/resources", HTMX),
        }
        if chosen.profile:
            _profile(doors["page"], asked_for(chosen.requests))
        told = asyncio.run(measure(doors, asked_for(chosen.requests)))
    ratios = {name: round(told[name]["cpu_ms"] / told["bare"]["cpu_ms"], 2) for name in ("page", "fragment")}
    clock = round(told["page"]["p95_ms"] / told["bare"]["p95_ms"], 2)
    limits = {"page": PAGE_LIMIT, "fragment": FRAGMENT_LIMIT}
    sys.stdout.write(json.dumps({**told, "cpu_ratio": ratios, "limits": limits, "page_p95_ratio": clock}) + "\n")
    return int(any(ratios[name] > limit for name, limit in limits.items()))


def _profile(door: tuple[Asgi, str, list[Any]], asked: list[bytes]) -> None:
    """Where the page's time goes, engine and threads included: the work is done in the loop's own thread for once."""
    app, path, headers = door

    async def run_here(function: Callable[..., Any], *args: Any, **_: Any) -> Any:
        return function(*args)

    threads, anyio.to_thread.run_sync = anyio.to_thread.run_sync, run_here  # type: ignore[assignment]
    for query in asked[:5]:
        asyncio.run(get(app, path, query, headers))
    profile = cProfile.Profile()

    async def run() -> None:
        for query in asked:
            await get(app, path, query, headers)

    profile.runcall(asyncio.run, run())
    anyio.to_thread.run_sync = threads
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    sys.exit(main())
