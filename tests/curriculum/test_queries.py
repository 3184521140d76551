"""Finding the way in frameworks: by chapter, by words, by code, in a fixed number of queries."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tongke.curriculum import bookshelf, queries
from tongke.curriculum.models import CFAssociation, CFItem
from tongke.curriculum.outline import id_of
from tongke.errors import NotFound

CHINESE = "cn-textbook-primary-63-chinese-tongbian"


def test_home_shelf_then_books_then_chapter_is_three_steps(textbooks):
    shelf = next(s for s in bookshelf.shelves(textbooks) if (s.grade, s.subject) == (3, "语文"))
    assert shelf.books == 5

    books = bookshelf.books(textbooks, subject=shelf.subject, grade=shelf.grade)
    titles = [book.item.label_path for book in books]
    assert titles == [
        "语文 统编版 › 三年级上册（新版）",
        "语文 统编版 › 三年级上册",
        "语文 统编版 › 三年级下册",
        "语文 统编版（五·四学制） › 三年级上册",
        "语文 统编版（五·四学制） › 三年级下册",
    ]
    assert [chapter.item.title for chapter in books[1].chapters] == [f"第{n}单元" for n in "一二三四五六七八"]


def test_books_can_be_narrowed_by_edition_and_system(textbooks):
    assert {b.system for b in bookshelf.books(textbooks, subject="语文", system="五四")} == {"五四"}
    assert bookshelf.books(textbooks, subject="语文", edition="人教版") == []
    assert [b.is_revised for b in bookshelf.books(textbooks, grade=3, edition="统编版")] == [True, False, False]


def test_book_shows_lessons_below_chapters_in_order(textbooks):
    book = bookshelf.book(textbooks, queries.by_code(textbooks, CHINESE, "3a").id)

    assert [lesson.title for lesson in book.chapters[0].lessons][:2] == ["1 大青树下的小学", "2 花的学校"]


@pytest.mark.parametrize("grade", [1, 3])
def test_bookshelf_costs_two_queries_however_many_books(textbooks, queries_of, grade):
    with queries_of() as statements:
        bookshelf.books(textbooks, subject="语文", grade=grade, with_lessons=True)

    assert len(statements) == 2


def test_counts_come_from_the_layer_that_knows_resources(textbooks):
    document = id_of(CHINESE)

    lines = queries.children(textbooks, document, counts=lambda _session, ids: {ids[0]: 7})

    assert [line.resources for line in lines][:3] == [7, 0, 0]


def test_breadcrumb_ancestors_and_descendants_agree(textbooks):
    lesson = queries.by_code(textbooks, CHINESE, "3a.1.1")

    crumbs = [crumb.title for crumb in queries.breadcrumb(textbooks, lesson)]
    assert crumbs == ["小学语文 统编版", "三年级上册", "第一单元", "1 大青树下的小学"]
    book, unit = queries.ancestors(textbooks, lesson)
    assert queries.ancestor_ids(textbooks, [lesson.id]) == {lesson.id: (book.id, unit.id, lesson.id)}
    below = queries.descendant_ids(textbooks, book)
    assert below[0] == book.id
    assert {unit.id, lesson.id} < set(below)
    everything = textbooks.scalars(
        select(CFItem.id).where(
            CFItem.document_id == lesson.document_id,
            CFItem.trail.contains("三年级上册 ›") | (CFItem.trail.endswith("三年级上册")),
        )
    ).all()
    assert set(below) == {book.id, *everything}


def test_typed_words_find_exact_titles_first(textbooks):
    found = queries.search_items(textbooks, "大青树下的小学")
    assert [line.short for line in found] == ["大青树下的小学"] * 3

    narrowed = queries.search_items(textbooks, "统编版 三年级上册 大青树", grade=3, subject="语文")
    assert narrowed[0].label_path == "语文 统编版 › 三年级上册 › 第一单元 › 1 大青树下的小学"


def test_typed_code_and_percent_signs_are_taken_literally(textbooks):
    assert queries.search_items(textbooks, "3a.1.1")[0].code == "3a.1.1"
    assert queries.search_items(textbooks, "%") == []
    assert all("_" in line.title for line in queries.search_items(textbooks, "_"))
    assert queries.search_items(textbooks, "  ") == []


def test_retired_items_are_not_offered_but_keep_their_name(textbooks):
    lesson = queries.by_code(textbooks, CHINESE, "3a.1.1")
    lesson.retired = True
    textbooks.flush()

    assert lesson.id not in {line.id for line in queries.search_items(textbooks, "大青树")}
    assert lesson.id not in {line.id for line in queries.children(textbooks, lesson.document_id, lesson.parent_id)}
    assert queries.label_paths(textbooks, [lesson.id])[lesson.id].endswith("1 大青树下的小学")


def test_framework_is_found_by_id_identifier_and_title(textbooks):
    for key in (CHINESE, str(id_of(CHINESE)), id_of(CHINESE)):
        assert queries.framework(textbooks, key).identifier == CHINESE
    assert queries.by_code(textbooks, "小学语文 统编版", "3a.1.1").human_coding_scheme == "3a.1.1"
    with pytest.raises(NotFound):
        queries.framework(textbooks, "no-such-framework")


def test_frameworks_list_standards_first_with_item_counts(textbooks, queries_of):
    with queries_of() as statements:
        lines, total = queries.frameworks(textbooks)

    assert total == 3
    assert [line.family for line in lines] == ["standard", "textbook", "textbook"]
    assert lines[0].item_count == 64
    assert len(statements) == 2


def test_related_items_are_read_from_both_ends(textbooks):
    old, new = (queries.by_code(textbooks, CHINESE, code) for code in ("3a.1.1", "3a-new.1.1.1"))
    textbooks.add(
        CFAssociation(
            identifier="x",
            document_id=old.document_id,
            association_type="exactMatchOf",
            origin_id=old.id,
            destination_id=new.id,
        )
    )
    textbooks.flush()

    exact = [(r.is_forward, r.item.id) for r in queries.related(textbooks, old.id) if r.kind == "exactMatchOf"]
    assert exact == [(True, new.id)]
    exact = [(r.is_forward, r.item.id) for r in queries.related(textbooks, new.id) if r.kind == "exactMatchOf"]
    assert exact == [(False, old.id)]


def test_choices_list_what_books_know(textbooks):
    choices = bookshelf.choices(textbooks)

    assert (choices.stages, choices.subjects) == (["小学"], ["语文"])
    assert choices.editions == ["统编版", "统编版（五·四学制）"]
    assert choices.volumes == ["上册", "下册"]
