"""Measure the embedded engine: filling, search with facets, memory, quick commits.

    python tests/bench/search_engine.py [--documents 100000] [--folder DIR]

Titles come from ../shared/data/open where it is, else from a word list. ``--folder`` keeps the index for another run.
Prints one JSON line.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from tongke.search.base import Document, Query
from tongke.search.embedded import EmbeddedSearch

OPEN = Path(__file__).parents[3] / "shared" / "data" / "open"
SUBJECTS = ("语文", "数学", "英语", "科学", "道德与法治", "音乐", "美术", "体育与健康", "信息科技", "劳动")
TYPES = ("lesson-video", "classroom-recording", "slides", "lesson-plan", "worksheet", "assessment")
EDITIONS = ("人教版", "北师大版", "苏教版", "统编版", "冀教版", "西师大版")
DURATIONS = ("5 分钟以内", "5–15 分钟", "15–30 分钟", "30–60 分钟")


def titles() -> list[str]:
    path = OPEN / "titles.tsv"
    if not path.exists():
        return ["小数除法", "圆的面积", "分数乘法", "观潮", "草船借箭", "植物的光合作用", "Fractions in everyday life"]
    with path.open(encoding="utf-8") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row["title"] for row in rows if row.get("title")]


def counties() -> list[str]:
    path = OPEN / "regions.tsv"
    if not path.exists():
        return ["330127", "330102", "110101"]
    with path.open(encoding="utf-8") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row["code"] for row in rows if row["level"] == "county"]


def documents(count: int) -> Iterator[Document]:
    chance, names, codes = random.Random(7), titles(), counties()
    for n in range(count):
        code = chance.choice(codes)
        yield Document(
            id=UUID(int=n + 1),
            title=f"{chance.choice(names)}{chance.choice(('', '（一）', '练习课', '复习', '教学设计'))}",
            description="；".join(chance.choices(names, k=3)),
            keywords=tuple(chance.choices(names, k=2)),
            author=chance.choice("王李张刘陈杨赵黄周吴") + chance.choice("芳娜敏静秀英丽强磊军"),
            school=f"{chance.choice(('城关', '中心', '第一', '实验', '希望'))}小学",
            unit=f"第{chance.randint(1, 9)}单元",
            curriculum=chance.choice(names),
            subject=chance.choice(SUBJECTS),
            stage=chance.choice(("小学", "初中")),
            grade=chance.randint(1, 9),
            edition=chance.choice(EDITIONS),
            volume=chance.choice(("上册", "下册")),
            type=chance.choice(TYPES),
            language=chance.choice(("zh-CN",) * 9 + ("en",)),
            licence=chance.choice(("CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0")),
            regions=tuple(code[:length] for length in range(1, 7)),
            school_kind=chance.choice(("完全小学", "教学点", "初级中学")),
            duration=chance.choice(DURATIONS),
            framework_items=tuple(str(UUID(int=chance.randint(1, 5_000))) for _ in range(4)),
            audiences=("public",) if chance.random() < 0.95 else ("person:x", "school:y"),
            published_at=1.7e9 + n,
            rating=chance.randint(0, 50) / 10,
        )


def questions(count: int) -> list[Query]:
    """What people ask: titles, parts of them, typing errors, pinyin; some with filters, some without any words."""
    chance, names = random.Random(11), titles()
    asked: list[Query] = []
    for _ in range(count):
        name = chance.choice(names)
        start = chance.randrange(max(1, len(name) - 3))
        text = chance.choice((name, name[start : start + 2], name[start : start + 4], "xiaoshuchufa", "xscf", "", "数"))
        filters: dict[str, tuple[str, ...]] = {}
        if chance.random() < 0.5:
            filters["subject"] = (chance.choice(SUBJECTS),)
        if chance.random() < 0.3:
            filters["grade"] = ("5", "6")
        asked.append(Query(text=text, filters=filters))
    return asked


def pss_mb() -> float:
    with Path("/proc/self/smaps_rollup").open() as stream:
        return sum(int(line.split()[1]) for line in stream if line.startswith("Pss:")) / 1024


def quantiles(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100)
    return {
        "p50_ms": round(cuts[49] * 1000, 2),
        "p95_ms": round(cuts[94] * 1000, 2),
        "p99_ms": round(cuts[98] * 1000, 2),
    }


def filled(folder: Path, count: int) -> float:
    """Fill an index of ``count`` documents unless it is there; seconds it took."""
    if (folder / "current").exists():
        return 0.0
    search = EmbeddedSearch(folder)
    started = time.perf_counter()
    fresh, batch = search.begin_rebuild(), []
    for document in documents(count):
        batch.append(document)
        if len(batch) == 1_000:
            fresh.upsert(batch)
            batch = []
    fresh.upsert(batch)
    search.finish_rebuild(fresh, keep=True)
    return time.perf_counter() - started


def timed_searches(search: EmbeddedSearch, asked: list[Query]) -> tuple[list[float], list[float]]:
    """Seconds on the clock, and of processor time (which a busy machine does not change)."""
    taken, worked = [], []
    for query in asked:
        started, work_started = time.perf_counter(), time.process_time()
        search.search(query)
        taken.append(time.perf_counter() - started)
        worked.append(time.process_time() - work_started)
    return taken, worked


def timed_commits(search: EmbeddedSearch, count: int) -> list[float]:
    """One document each, ten a second, until it can be found."""
    taken = []
    for n, document in zip(range(count), documents(count), strict=True):
        started = time.perf_counter()
        search.upsert([Document(id=UUID(int=10**9 + n), title=f"新课{document.title}", audiences=("public",))])
        taken.append(time.perf_counter() - started)
        time.sleep(max(0.0, 0.1 - taken[-1]))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        fill_s = filled(folder, given.documents)
        before = pss_mb()
        search = EmbeddedSearch(folder)
        started = time.perf_counter()
        search.search(Query())
        open_ms = (time.perf_counter() - started) * 1000
        asked = questions(1_000)
        timed_searches(search, asked[:100])
        taken, worked = timed_searches(search, asked)
        result = {
            "documents": given.documents,
            "fill_s": round(fill_s, 1),
            "index_mb": round(sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 2**20, 1),
            "open_ms": round(open_ms, 1),
            "search_with_facets": quantiles(taken),
            "search_with_facets_cpu": quantiles(worked),
            "pss_mb": {"before": round(before, 1), "after": round(pss_mb(), 1)},
            "commit": quantiles(timed_commits(search, 100)),
            "pss_after_commits_mb": round(pss_mb(), 1),
        }
        search.close()
        print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
