"""How well the embedded engine finds what was meant, on ../shared/data/open/search_dev; the floors are issue 2's."""

from __future__ import annotations

import csv
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from tongke.search.base import Document, Query
from tongke.search.embedded import EmbeddedSearch

FLOORS = {
    "kp_name": 0.50,
    "kp_alias": 0.30,
    "homophone": 0.47,
    "drop_char": 0.47,
    "swap": 0.42,
    "pinyin": 0.50,
    "pinyin_joined": 0.50,
    "initials": 0.32,
}
RECALL_FLOOR = 0.98


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


@pytest.fixture(scope="module")
def folder() -> Path:
    path = Path(__file__).parents[3] / "shared" / "data" / "open" / "search_dev"
    if not path.exists():
        pytest.skip("no ../shared/data/open/search_dev beside the repository")
    return path


@pytest.fixture(scope="module")
def documents(folder: Path) -> list[Document]:
    return [
        Document(
            id=uuid5(NAMESPACE_URL, row["doc"]),
            title=row["title"],
            description=row["summary"],
            unit=row["unit"],
            subject=row["subject"],
            audiences=("public",),
        )
        for row in rows(folder / "docs.tsv")
    ]


@pytest.fixture(scope="module")
def search(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> EmbeddedSearch:
    search = EmbeddedSearch(tmp_path_factory.mktemp("search_dev"))
    search.upsert(documents)
    return search


def gain_at_10(found: list[UUID], relevant: dict[UUID, int]) -> float:
    """nDCG@10 with the labels as gains."""
    ideal = sorted(relevant.values(), reverse=True)[:10]
    best = sum(grade / math.log2(place + 2) for place, grade in enumerate(ideal))
    return sum(relevant.get(each, 0) / math.log2(place + 2) for place, each in enumerate(found[:10])) / best


@pytest.mark.slow
def test_ranking_reaches_its_floors(search: EmbeddedSearch, folder: Path) -> None:
    relevant: dict[str, dict[UUID, int]] = defaultdict(dict)
    for row in rows(folder / "qrels.tsv"):
        relevant[row["query_id"]][uuid5(NAMESPACE_URL, row["doc"])] = int(row["grade"])
    gains: dict[str, list[float]] = defaultdict(list)
    for row in rows(folder / "queries.tsv"):
        found = [hit.id for hit in search.search(Query(text=row["text"], facets=(), page_size=10)).hits]
        gains[row["kind"]].append(gain_at_10(found, relevant[row["query_id"]]))
    reached = {kind: sum(each) / len(each) for kind, each in gains.items()}
    for kind, floor in FLOORS.items():
        print(f"nDCG@10 {kind:14} {reached[kind]:.3f}  (floor {floor:.2f}, {len(gains[kind])} queries)")

    assert reached.keys() == FLOORS.keys()
    assert {kind: value for kind, value in reached.items() if value < FLOORS[kind]} == {}


@pytest.mark.slow
@pytest.mark.parametrize("length", [1, 2, 3, 4, 6])
def test_every_part_of_a_text_finds_it(search: EmbeddedSearch, documents: list[Document], length: int) -> None:
    """Recall against substring truth, of pieces cut anywhere from the titles and descriptions."""
    chance = random.Random(length)
    wholes = [f"{each.title}\n{each.description}\n{each.unit}" for each in documents]
    asked: set[str] = set()
    while len(asked) < 40:
        whole = chance.choice(wholes)
        start = chance.randrange(len(whole))
        piece = whole[start : start + length]
        if len(piece) == length and all("\u4e00" <= c <= "\u9fff" for c in piece):
            asked.add(piece)
    recalls = []
    for piece in sorted(asked):
        truth = {each.id for each, whole in zip(documents, wholes, strict=True) if piece in whole}
        found: set[UUID] = set()
        for page in range(1, 60):
            answer = search.search(Query(text=piece, facets=(), page=page, page_size=100))
            found |= {hit.id for hit in answer.hits}
            if page * 100 >= answer.total:
                break
        recalls.append(len(truth & found) / len(truth))
    print(f"recall of {length}-character pieces: {sum(recalls) / len(recalls):.4f}")

    assert sum(recalls) / len(recalls) >= RECALL_FLOOR
