"""What every search engine must do. A real Meilisearch joins in when TEST_MEILI_URL names one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tongke.search import open_search
from tongke.search.base import FACETS, MATCH_END, MATCH_START, Document, Query, SearchEngine, Sort

PUBLIC = frozenset({"public"})
NAUGHTY = [
    "",
    " ",
    "*",
    "()",
    '"',
    "\\",
    "AND OR NOT",
    "title:x^2~3",
    '+-&&||!(){}[]^"~*?:\\/',
    "audiences:person",
    'audiences IN ["school:x"] OR audiences = public',
    "\x00\x01",
    "\ud7ff\ue000\ue001\uffff",
    "🙂👩‍🏫🏳️‍🌈",
    "ﬁ①㎡",
    "ئۇيغۇر تىلى",
    "བོད་སྐད་",
    "ᠮᠣᠩᠭᠣᠯ",
    "ꆈꌠꉙ",
    "'; DROP TABLE resource;--",
    "<script>alert(1)</script>",
    "%s%n{0}{{7*7}}",
    "小数" * 2500,
    "a" * 10_000,
    "a " * 5_000,
    "q1w2" * 2_500,
]


MEILISEARCH = os.environ.get("TEST_MEILI_URL")


@pytest.fixture(params=["embedded", *(["meilisearch"] if MEILISEARCH else [])])
def search(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    if request.param == "embedded":
        yield open_search(f"embedded://{tmp_path / 'search'}")
        return
    assert MEILISEARCH is not None
    engine: Any = open_search(MEILISEARCH)
    engine.finish_rebuild(engine.begin_rebuild(), keep=True)
    yield engine


def test_a_real_meilisearch_joined_in() -> None:
    if not MEILISEARCH:
        pytest.skip("no real Meilisearch: TEST_MEILI_URL is not set")


def lesson(title: str, **fields: Any) -> Document:
    return Document(**({"id": uuid4(), "title": title, "audiences": ("public",)} | fields))


def ids(search: SearchEngine, text: str = "", **asked: Any) -> list[UUID]:
    return [hit.id for hit in search.search(Query(text=text, **asked)).hits]


def test_upserted_document_is_found_by_any_of_its_words(search: SearchEngine) -> None:
    found = lesson(
        "小数除法的意义",
        description="用竖式计算",
        author="王芳",
        unit="第三单元",
        keywords=("竖式",),
        text="商的近似值",
    )
    search.upsert([found, lesson("圆的面积")])

    for words in ("小数除法", "除法", "数除", "竖式", "王芳", "第三单元", "近似值"):
        assert ids(search, words) == [found.id], words


def test_one_character_finds_what_holds_it(search: SearchEngine) -> None:
    circle = lesson("圆的面积")
    search.upsert([circle, lesson("小数除法")])

    assert ids(search, "圆") == [circle.id]


@pytest.mark.parametrize(
    "typed", ["xiao shu chu fa", "xiaoshuchufa", "xscf", "XiaoShuChuFa", "小薯除法", "小数除", "小數除法"]
)
def test_mistyped_names_still_find_the_lesson(search: SearchEngine, typed: str) -> None:
    meant = lesson("小数除法")
    search.upsert([meant, lesson("圆的面积"), lesson("Fractions of a whole")])

    assert ids(search, typed)[:1] == [meant.id]


def test_traditional_full_width_and_case_meet_their_plain_forms(search: SearchEngine) -> None:
    circle, english = lesson("圓的面積"), lesson("Ｆｒａｃｔｉｏｎｓ in Everyday Life")
    search.upsert([circle, english])

    assert ids(search, "圆的面积") == [circle.id]
    assert ids(search, "FRACTION everyday") == [english.id]


@pytest.mark.parametrize("words", ["ئۇيغۇر تىلى", "བོད་སྐད་", "ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ", "ꆈꌠꉙ"])
def test_minority_scripts_are_found(search: SearchEngine, words: str) -> None:
    found = lesson(f"{words} 1")
    search.upsert([found, lesson("别的课")])

    assert ids(search, words) == [found.id]


def test_replacing_a_document_leaves_no_trace_of_the_old_one(search: SearchEngine) -> None:
    first = lesson("小数除法", subject="数学")
    search.upsert([first])
    search.upsert([lesson("观潮", id=first.id, subject="语文")])

    assert ids(search, "小数除法") == []
    assert ids(search, "观潮") == [first.id]
    assert search.search(Query()).facets["subject"] == {"语文": 1}


def test_removed_document_is_gone_from_hits_total_and_facets(search: SearchEngine) -> None:
    gone, stays = lesson("小数除法", subject="数学"), lesson("小数乘法", subject="数学")
    search.upsert([gone, stays])
    search.remove([gone.id, uuid4()])
    answer = search.search(Query(text="小数"))

    assert [hit.id for hit in answer.hits] == [stays.id]
    assert (answer.total, answer.facets["subject"]) == (1, {"数学": 1})
    assert search.ids() == {stays.id}


def test_audiences_narrow_everything_and_no_text_widens_them(search: SearchEngine) -> None:
    mine = lesson("私人小数课", audiences=("person:1",), subject="数学")
    search.upsert([mine, lesson("公开小数课", subject="语文")])

    for text in ("小数", "", *NAUGHTY, "person:1", "audiences:person:1 私人"):
        answer = search.search(Query(text=text))
        assert mine.id not in [hit.id for hit in answer.hits], text
        assert "数学" not in answer.facets["subject"], text
        assert answer.total <= 1, text
    assert search.suggest("私人", PUBLIC, frozenset()) == []
    assert ids(search, "私人", audiences=frozenset({"public", "person:1"})) == [mine.id]


def test_excluded_ids_leave_hits_total_facets_and_suggestions(search: SearchEngine) -> None:
    out, stays = lesson("小数除法", subject="数学"), lesson("小数乘法", subject="语文")
    search.upsert([out, stays])
    answer = search.search(Query(text="小数", excluded=frozenset({out.id})))

    assert ([hit.id for hit in answer.hits], answer.total) == ([stays.id], 1)
    assert answer.facets["subject"] == {"语文": 1}
    assert search.suggest("小数", PUBLIC, frozenset({out.id})) == ["小数乘法"]


def test_facets_ignore_their_own_selection_and_obey_the_others(search: SearchEngine) -> None:
    search.upsert(
        [
            lesson("a1", subject="数学", grade=5),
            lesson("a2", subject="数学", grade=6),
            lesson("a3", subject="语文", grade=5),
            lesson("a4", subject="英语", grade=3),
        ]
    )
    answer = search.search(Query(filters={"subject": ("数学",), "grade": ("5", "6")}))

    assert answer.total == 2
    assert answer.facets["subject"] == {"数学": 2, "语文": 1}
    assert answer.facets["grade"] == {"5": 1, "6": 1}
    assert tuple(answer.facets) == FACETS


def test_several_values_of_one_filter_are_alternatives(search: SearchEngine) -> None:
    first, second = lesson("a1", subject="数学", language="zh-CN"), lesson("a2", subject="语文", language="zh-CN")
    search.upsert([first, second, lesson("a3", subject="英语", language="en")])

    assert set(ids(search, filters={"subject": ("数学", "语文", "没有的")})) == {first.id, second.id}
    assert ids(search, filters={"subject": ("数学", "英语"), "language": ("zh-CN",)}) == [first.id]


def test_regions_filter_by_prefix_and_count_by_county(search: SearchEngine) -> None:
    shangcheng = lesson("a1", regions=("33", "3301", "330102", "330102001"))
    xihu = lesson("a2", regions=("33", "3301", "330106"))
    search.upsert([shangcheng, xihu, lesson("a3", regions=("11", "1101", "110101")), lesson("a4")])

    assert set(ids(search, filters={"region": ("33",)})) == {shangcheng.id, xihu.id}
    assert ids(search, filters={"region": ("330102",)}) == [shangcheng.id]
    assert search.search(Query()).facets["region"] == {"330102": 1, "330106": 1, "110101": 1}


def test_framework_items_are_found_through_their_ancestors(search: SearchEngine) -> None:
    book, unit, other = (str(uuid4()) for _ in range(3))
    in_unit = lesson("a1", framework_items=(book, unit))
    search.upsert([in_unit, lesson("a2", framework_items=(other,))])

    assert ids(search, filters={"framework_item": (book,)}) == [in_unit.id]
    assert ids(search, filters={"framework_item": (unit, other)}, page_size=1, page=3) == []


def test_pages_partition_the_answer_and_past_the_end_is_empty(search: SearchEngine) -> None:
    everything = [lesson(f"小数第{n}课", published_at=float(n)) for n in range(25)]
    search.upsert(everything)
    pages = [ids(search, "小数", page=page, page_size=10) for page in (1, 2, 3, 4, 10**12)]

    assert [len(page) for page in pages] == [10, 10, 5, 0, 0]
    assert {each for page in pages for each in page} == {each.id for each in everything}
    assert search.search(Query(text="小数", page=10**12)).total == 25


def test_sorts_by_newest_and_by_rating(search: SearchEngine) -> None:
    old, new, loved = (
        lesson("小数一", published_at=1_000.0, rating=3.0),
        lesson("小数二", published_at=3_000.0, rating=3.0),
        lesson("小数三", published_at=2_000.0, rating=4.8),
    )
    search.upsert([old, new, loved])

    assert ids(search, "小数", sort=Sort.NEWEST) == [new.id, loved.id, old.id]
    assert ids(search, "小数", sort=Sort.RATING) == [loved.id, new.id, old.id]
    assert ids(search) == [new.id, loved.id, old.id]


def test_title_matches_come_before_mentions(search: SearchEngine) -> None:
    named = lesson("分数乘法")
    search.upsert([lesson("练习课", description="复习分数乘法的算法"), named, lesson("单元小结", text="分数乘法" * 3)])

    assert ids(search, "分数乘法")[0] == named.id


def test_highlights_mark_what_matched_and_cannot_be_forged(search: SearchEngine) -> None:
    search.upsert([lesson(f"小数{MATCH_START}除法{MATCH_END}", description="讲小数除法的竖式")])
    marks = search.search(Query(text="小数除法")).hits[0].highlights

    assert f"{MATCH_START}小数{MATCH_END}" in marks["title"] or f"{MATCH_START}小数除法{MATCH_END}" in marks["title"]
    assert f"{MATCH_START}小数除法{MATCH_END}" in marks["description"]
    assert all(words.count(MATCH_START) == words.count(MATCH_END) for words in marks.values())


@pytest.mark.parametrize("text", NAUGHTY)
def test_no_text_breaks_search_or_suggestions(search: SearchEngine, text: str) -> None:
    search.upsert([lesson("小数除法")])
    answer = search.search(Query(text=text))

    assert 0 <= answer.total <= 1
    assert len(search.suggest(text, PUBLIC, frozenset())) <= 1


@pytest.mark.parametrize("text", NAUGHTY)
def test_no_text_breaks_indexing(search: SearchEngine, text: str) -> None:
    odd = lesson(text, description=text, author=text, unit=text, keywords=(text,), text=text, subject=text[:60])
    search.upsert([odd])

    assert search.ids() == {odd.id}
    assert ids(search) == [odd.id]


def test_suggestions_complete_titles_also_from_pinyin_and_initials(search: SearchEngine) -> None:
    search.upsert([lesson("小数除法"), lesson("小数乘法"), lesson("认识小数"), lesson("圆的面积"), lesson("小数除法")])

    assert set(search.suggest("小数", PUBLIC, frozenset())[:2]) == {"小数除法", "小数乘法"}
    assert search.suggest("小数除", PUBLIC, frozenset()) == ["小数除法"]
    assert search.suggest("xiaoshuc", PUBLIC, frozenset()) != []
    assert search.suggest("ydmj", PUBLIC, frozenset()) == ["圆的面积"]
    assert len(search.suggest("小", PUBLIC, frozenset(), limit=2)) == 2


def test_rebuild_answers_from_the_old_index_until_the_swap(search: SearchEngine) -> None:
    old, new = lesson("旧课"), lesson("新课")
    search.upsert([old])
    fresh = search.begin_rebuild()
    fresh.upsert([new])

    assert ids(search) == [old.id]
    search.finish_rebuild(fresh, keep=True)
    assert ids(search) == [new.id]
    search.upsert([old])
    assert search.ids() == {old.id, new.id}


def test_dropped_rebuild_changes_nothing(search: SearchEngine) -> None:
    old = lesson("旧课")
    search.upsert([old])
    fresh = search.begin_rebuild()
    fresh.upsert([lesson("新课")])
    search.finish_rebuild(fresh, keep=False)

    assert search.ids() == {old.id}


def test_nothing_to_do_is_fine(search: SearchEngine) -> None:
    search.upsert([])
    search.remove([])
    answer = search.search(Query())

    assert (answer.hits, answer.total, search.ids()) == ((), 0, set())
    assert answer.facets == {name: {} for name in FACETS}
