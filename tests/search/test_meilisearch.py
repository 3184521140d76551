"""The Meilisearch adapter through the official SDK, against a double that checks the protocol (not a real server)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.search.meilisearch_double import KEY, Contract, Double

from tongke.errors import SearchUnavailable
from tongke.search import open_search
from tongke.search.base import FACETS, MATCH_END, MATCH_START, Document, IndexDamaged, Query, Sort
from tongke.search.meilisearch import MeilisearchSearch

NAME = "tongke_resources"


@pytest.fixture(scope="session")
def contract() -> Contract:
    path = Path(__file__).parents[3] / "shared" / "contracts" / "meilisearch-openapi.json"
    if not path.exists():
        pytest.skip("no ../shared/contracts/meilisearch-openapi.json beside the repository")
    return Contract(path)


@pytest.fixture
def server(contract: Contract) -> Iterator[Double]:
    with Double(contract) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    assert server.violations == []


@pytest.fixture
def search(server: Double) -> MeilisearchSearch:
    engine = open_search(server.address)
    assert isinstance(engine, MeilisearchSearch)
    engine.finish_rebuild(engine.begin_rebuild(), keep=True)
    server.requests.clear()
    return engine


def lesson(title: str, **fields: Any) -> Document:
    return Document(**({"id": uuid4(), "title": title, "audiences": ("public",)} | fields))


def test_rebuild_makes_an_index_with_our_settings_and_swaps_it_in(server: Double) -> None:
    engine = open_search(server.address)
    fresh = engine.begin_rebuild()
    new = lesson("新课")
    fresh.upsert([new])
    assert NAME not in server.indexes
    engine.finish_rebuild(fresh, keep=True)

    assert list(server.indexes) == [NAME]
    assert engine.ids() == {new.id}
    settings = server.settings[NAME]
    assert {locale for rule in settings["localizedAttributes"] for locale in rule["locales"]} == {"cmn"}
    assert settings["pagination"] == {"maxTotalHits": 10_000}
    assert settings["faceting"]["maxValuesPerFacet"] >= 3_000
    assert {"audiences", "id", "regions", "framework_items"} <= set(settings["filterableAttributes"])


def test_dropped_rebuild_and_what_killed_ones_left_are_swept(server: Double, search: MeilisearchSearch) -> None:
    old = lesson("旧课")
    search.upsert([old])
    search.begin_rebuild().upsert([lesson("半成")])  # killed here
    fresh = search.begin_rebuild()
    fresh.upsert([lesson("新课")])
    search.finish_rebuild(fresh, keep=False)

    assert list(server.indexes) == [NAME]
    assert search.ids() == {old.id}


def test_found_with_total_facets_and_marks(search: MeilisearchSearch) -> None:
    first = lesson(f"小数{MATCH_START}除法", subject="数学", grade=5, regions=("33", "330127"), description="讲小数")
    search.upsert([first, lesson("小数乘法", subject="语文", grade=5), lesson("小数", audiences=("person:1",))])
    answer = search.search(Query(text="小数", filters={"subject": ("数学", "英语"), "grade": ("5",)}))

    assert [hit.id for hit in answer.hits] == [first.id]
    assert (answer.total, answer.total_is_exact) == (1, True)
    assert answer.facets["subject"] == {"数学": 1, "语文": 1}
    assert answer.facets["grade"] == {"5": 1}
    assert answer.facets["region"] == {"330127": 1}
    assert tuple(answer.facets) == FACETS
    assert answer.hits[0].highlights["title"] == f"{MATCH_START}小数{MATCH_END} 除法"


def test_one_request_asks_for_the_page_and_each_chosen_facet(server: Double, search: MeilisearchSearch) -> None:
    search.search(Query(filters={"subject": ("数学",), "region": ("33",)}, page=3, page_size=7, sort=Sort.RATING))
    sent = server.sent("POST", "/multi-search")

    assert len(sent) == 1
    page, *chosen = sent[0]["queries"]
    assert (page["page"], page["hitsPerPage"], page["sort"]) == (3, 7, ["rating:desc", "newest:desc"])
    assert page["locales"] == ["cmn"]
    assert 'regions IN ["33"]' in page["filter"]
    assert [each["facets"] for each in chosen] == [["subject"], ["county"]]
    assert all("subject" not in condition for condition in chosen[0]["filter"])


def test_words_are_dropped_only_when_all_of_them_find_nothing(server: Double, search: MeilisearchSearch) -> None:
    search.upsert([lesson("小数除法")])
    search.search(Query(text="小数"))
    search.search(Query(text="没有这样的"))

    asked = [each["queries"][0]["matchingStrategy"] for each in server.sent("POST", "/multi-search")]
    assert asked == ["all", "all", "last"]


@pytest.mark.parametrize("hostile", ['x"] OR audiences IN ["person:1', "\\", '\\"', "'", "] OR id EXISTS", "数学\n"])
def test_filter_values_stay_values(search: MeilisearchSearch, hostile: str) -> None:
    hidden, shown = lesson("甲", audiences=("person:1",), subject=hostile), lesson("乙", subject=hostile)
    search.upsert([hidden, shown])
    answer = search.search(Query(filters={"subject": (hostile,)}, excluded=frozenset({uuid4()})))

    assert [hit.id for hit in answer.hits] == [shown.id]


def test_excluded_and_removed_documents_are_left_out(search: MeilisearchSearch) -> None:
    out, gone, stays = lesson("小数一"), lesson("小数二"), lesson("小数三")
    search.upsert([out, gone, stays])
    search.remove([gone.id])

    assert [h.id for h in search.search(Query(text="小数", excluded=frozenset({out.id}))).hits] == [stays.id]
    assert search.suggest("小数", frozenset({"public"}), frozenset({out.id})) == ["小数三"]
    assert search.ids() == {out.id, stays.id}


def test_upsert_returns_when_the_task_is_done_not_when_it_is_accepted(
    server: Double, search: MeilisearchSearch
) -> None:
    server.polls_until_done = 3
    new = lesson("新课")
    search.upsert([new])

    assert search.ids() == {new.id}
    assert server.tasks[-1]["polls"] == 4


@pytest.mark.parametrize("kind", ["documentAdditionOrUpdate", "documentDeletion"])
def test_failed_task_is_told(server: Double, search: MeilisearchSearch, kind: str) -> None:
    server.failing[kind] = "internal"

    with pytest.raises(SearchUnavailable):
        search.upsert([lesson("新课")]) if kind == "documentAdditionOrUpdate" else search.remove([uuid4()])


def test_index_deleted_behind_our_back_is_damage_and_not_made_anew_without_settings(
    server: Double, search: MeilisearchSearch
) -> None:
    server.indexes.clear()

    for act in (
        lambda: search.search(Query()),
        lambda: search.upsert([lesson("甲")]),
        lambda: search.remove([uuid4()]),
    ):
        with pytest.raises(IndexDamaged):
            act()
    assert server.indexes == {}


@pytest.mark.parametrize("answer", [b"<html>bad gateway</html>", b"{}", b'{"results": 3}'])
def test_answers_of_something_else_are_told(server: Double, search: MeilisearchSearch, answer: bytes) -> None:
    server.broken_answer = answer

    with pytest.raises(SearchUnavailable):
        search.search(Query())
    with pytest.raises(SearchUnavailable):
        search.upsert([lesson("新课")])


def test_server_that_is_away_is_told() -> None:
    search = open_search("http://:key@127.0.0.1:9")

    for act in (
        lambda: search.search(Query()),
        lambda: search.upsert([lesson("甲")]),
        search.ids,
        search.begin_rebuild,
    ):
        with pytest.raises(SearchUnavailable):
            act()


def test_ids_are_read_page_by_page(server: Double, search: MeilisearchSearch) -> None:
    many = [lesson(f"第{n}课", id=UUID(int=n)) for n in range(2_500)]
    search.upsert(many)

    assert search.ids() == {each.id for each in many}
    assert [body["offset"] for body in server.sent("POST", "/documents/fetch")] == [0, 1_000, 2_000]


def test_several_threads_do_not_mix_their_requests(server: Double, search: MeilisearchSearch) -> None:
    search.upsert([lesson("小数")])
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(15):
                search.ids()
                search.search(Query(text="小数"))
        except SearchUnavailable as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_address_may_name_an_index_and_escape_its_key() -> None:
    search = open_search("https://:k%2Fy@search.example.org:7700/county_9")

    assert isinstance(search, MeilisearchSearch)
    assert (search.name, search._key, search._url) == ("county_9", "k/y", "https://search.example.org:7700")
    assert KEY not in repr(search)
