"""Uploading by form, writing a draft, aligning it, handing it in: as a teacher's browser does it, without scripts."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select
from tests.web.conftest import words

from tongke.db import reading
from tongke.media.models import Asset
from tongke.resources.models import LearningResource, Revision, RevisionFile
from tongke.resources.queries import latest_revision

TEXT = ("讲义.txt", "小数点要对齐。".encode(), "text/plain")
SHORTCUT = ("微课.mp4", b"[InternetShortcut]\nURL=https://example.org/v.mp4\n", "video/mp4")


def newest(engine, resource_id=None) -> Revision:
    with reading(engine) as session:
        resource_id = resource_id or session.exec(select(LearningResource.id)).one()
        return latest_revision(session, resource_id)


def form_of(revision: Revision, **typed: object) -> dict[str, object]:
    """The draft's form as the page shows it, with what is typed over it."""
    kept = {
        "title": revision.title, "description": revision.description, "type": revision.type, "grade": "",
        "language": revision.language, "licence": revision.licence, "visibility": revision.visibility,
        "author_name": revision.author_name, "school_name": revision.school_name,
    }  # fmt: skip
    return {**kept, **typed}


def test_upload_page_says_limits_and_kinds_before_anything_is_sent(author) -> None:
    page = words(author.browser.get("/upload"))

    assert "单个文件不超过" in page
    assert "mp4、mov、mkv" in page
    assert "不能传程序、rar" in page


def test_plain_form_makes_a_draft_of_several_files(author, engine) -> None:
    answer = author.browser.post(
        "/upload",
        data={"title": ""},
        files=[("files", TEXT), ("files", ("教案.txt", "一、导入".encode(), "text/plain"))],
    )

    draft = newest(engine)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/resources/{draft.resource_id}/edit")
    assert (draft.title, draft.type, draft.state) == ("讲义", "reading", "draft")
    page = words(author.browser.get(answer.headers["location"]))
    assert "讲义.txt" in page
    assert "教案.txt" in page


def test_refused_file_is_named_and_nothing_is_half_written(author, engine) -> None:
    answer = author.browser.post("/upload", data={"title": "我的课"}, files=[("files", TEXT), ("files", SHORTCUT)])

    assert answer.status_code == 415
    assert "“微课.mp4”没有收下" in answer.text
    assert 'value="我的课"' in answer.text
    with reading(engine) as session:
        assert session.exec(select(LearningResource)).all() == []


def test_files_before_the_refused_one_need_not_be_sent_again(author, engine) -> None:
    refused = author.browser.post("/upload", data={"title": "我的课"}, files=[("files", TEXT), ("files", SHORTCUT)])
    kept = re.search(r'<input type="checkbox" name="assets" value="([^"]+)" checked>', refused.text)[1]

    answer = author.browser.post("/upload", data={"title": "我的课", "assets": kept})

    assert answer.status_code == 303
    assert "讲义.txt" in author.browser.get(answer.headers["location"]).text


def test_upload_without_file_and_title_says_what_to_do(author) -> None:
    answer = author.browser.post("/upload", data={"title": " "})

    assert answer.status_code == 422
    assert "请先选择文件，或写一个标题。" in answer.text


def test_somebody_elses_file_cannot_be_taken(author, colleague, engine) -> None:
    author.browser.post("/upload", data={"title": "甲"}, files=[("files", TEXT)])
    with reading(engine) as session:
        asset = session.exec(select(Asset.id)).one()

    answer = colleague.browser.post("/upload", data={"title": "乙", "assets": str(asset)})

    assert answer.status_code == 422
    assert "讲义.txt" not in answer.text


def test_saving_keeps_what_was_typed(author, write, engine) -> None:
    draft = newest(engine, write())

    answer = author.browser.post(
        f"/resources/{draft.resource_id}/edit",
        data=form_of(draft, title="小数除法二", keywords="竖式、小数点", grade="5", minutes="40", audience="student"),
    )

    assert answer.status_code == 303
    kept = newest(engine, draft.resource_id)
    assert (kept.title, kept.keywords, kept.grade, kept.time_required_s) == ("小数除法二", ["竖式", "小数点"], 5, 2400)
    page = author.browser.get(f"/resources/{draft.resource_id}/edit").text
    assert '<option value="5" selected>五年级</option>' in page


def test_wrong_form_comes_back_with_what_was_typed(author, write, engine) -> None:
    draft = newest(engine, write())

    answer = author.browser.post(
        f"/resources/{draft.resource_id}/edit", data=form_of(draft, description="写了很久的一段", minutes="-5")
    )

    assert answer.status_code == 422
    assert "写了很久的一段" in answer.text
    assert "有 1 处需要修改" in words(answer)
    assert '<a href="#field-minutes">所需时间</a>' in answer.text
    assert 'id="error-minutes"' in answer.text
    assert newest(engine, draft.resource_id).description == ""


def test_autosave_answers_in_a_few_words(author, write, engine) -> None:
    draft = newest(engine, write())
    quiet = {"HX-Request": "true"}
    address = f"/resources/{draft.resource_id}/edit"

    kept = author.browser.post(address, data=form_of(draft, title="新标题"), headers=quiet)
    refused = author.browser.post(address, data=form_of(draft, minutes="abc"), headers=quiet)

    assert (kept.status_code, kept.text[:4]) == (200, "已保存 ")
    assert refused.status_code == 422
    assert "<" not in refused.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "edit"),
        ("POST", "edit"),
        ("POST", "edit/submission"),
        ("POST", "edit/discard"),
        ("POST", "edit/files"),
        ("GET", "edit/alignments"),
    ],
)
def test_other_peoples_drafts_do_not_exist(colleague, reviewer, write, method, path) -> None:
    address = f"/resources/{write()}/{path}"

    assert colleague.browser.request(method, address).status_code == 404
    assert reviewer.browser.request(method, address).status_code == 404


def test_files_are_added_named_moved_and_removed(author, write, engine) -> None:
    address = f"/resources/{write()}/edit"
    author.browser.post(f"{address}/files", files=[("files", TEXT), ("files", ("甲.txt", b"a", "text/plain"))])
    with reading(engine) as session:
        first, second = session.exec(select(RevisionFile.asset_id).order_by(RevisionFile.position)).all()

    author.browser.post(f"{address}/files/{second}/title", data={"title": "课堂练习"})
    author.browser.post(f"{address}/files/{second}/place", data={"step": "-1"})
    moved = author.browser.get(address).text
    gone = author.browser.post(f"{address}/files/{first}/removal")

    assert moved.index(f"file-{second}") < moved.index(f"file-{first}")
    assert "课堂练习" in moved
    assert gone.headers["location"].endswith("#files")
    assert f"file-{first}" not in author.browser.get(address).text


def test_large_file_is_added_to_a_draft_by_plain_form(author, write) -> None:
    made = write()
    large = ("长课文.txt", "小数点要对齐。".encode() * 120_000, "text/plain")

    answer = author.browser.post(f"/resources/{made}/edit/files", files=[("files", large)])

    assert answer.status_code == 303
    assert "长课文.txt" in author.browser.get(f"/resources/{made}/edit").text


def test_refused_file_of_a_draft_leaves_the_draft_as_it_was(author, write, engine) -> None:
    made = write()

    answer = author.browser.post(f"/resources/{made}/edit/files", files=[("files", SHORTCUT)])

    assert answer.status_code == 415
    assert "“微课.mp4”没有收下" in answer.text
    with reading(engine) as session:
        assert session.exec(select(RevisionFile)).all() == []


def test_chapter_is_found_by_typing_with_and_without_htmx(author, write, lesson) -> None:
    address = f"/resources/{write()}/edit/alignments?q=除数是小数"

    whole = author.browser.get(address)
    piece = author.browser.get(address, headers={"HX-Request": "true"})

    assert "<html" in whole.text
    assert "<html" not in piece.text
    assert str(lesson) in whole.text
    assert str(lesson) in piece.text


def test_alignment_fills_what_is_empty_and_can_be_taken_back(author, write, lesson, engine) -> None:
    made = write()
    address = f"/resources/{made}/edit"

    answer = author.browser.post(f"{address}/alignments", data={"item": str(lesson)})
    filled = newest(engine, made)
    page = author.browser.get(answer.headers["location"])
    names = re.findall(r'<input type="hidden" name="name" value="(\w+)">', page.text)
    author.browser.post(f"{address}/alignments/unfilling", data={"name": names})
    emptied = newest(engine, made)

    place = ("subject", "stage", "grade", "volume", "edition", "unit")
    assert [getattr(filled, name) for name in place] == ["数学", "小学", 5, "上册", "人教版", "3 小数除法"]
    assert "已按章节填好：学科、学段、年级、册次、教材版本、单元。" in words(page)
    assert [getattr(emptied, name) for name in place] == ["", "", None, "", "", ""]


def test_alignment_changes_nothing_the_author_wrote(author, write, lesson, engine) -> None:
    made = write(subject="科学")

    author.browser.post(f"/resources/{made}/edit/alignments", data={"item": str(lesson)})

    kept = newest(engine, made)
    assert (kept.subject, kept.grade, kept.edition) == ("科学", None, "")


def test_alignment_can_be_removed(author, write, lesson) -> None:
    address = f"/resources/{write()}/edit"
    author.browser.post(f"{address}/alignments", data={"item": str(lesson), "relation": "assesses"})
    before = author.browser.get(address).text

    author.browser.post(f"{address}/alignments/removal", data={"item": str(lesson), "relation": "assesses"})

    assert "不再对应 除数是小数的除法" in before
    assert "不再对应" not in author.browser.get(address).text


def test_submission_needs_the_commitment(author, write, engine) -> None:
    made = write()

    refused = author.browser.post(f"/resources/{made}/edit/submission")
    before = newest(engine, made).state
    done = author.browser.post(f"/resources/{made}/edit/submission", data={"commitment": "true"})

    assert refused.status_code == 422
    assert words(refused).count("请先作出承诺") == 2
    assert ">commitment<" not in refused.text
    assert (before, done.status_code, newest(engine, made).state) == ("draft", 303, "submitted")


def test_draft_under_review_is_locked_and_says_so(author, hand_in) -> None:
    made = hand_in()

    page = author.browser.get(f"/resources/{made}/edit")

    assert "这个版本正在审核" in words(page)
    assert 'id="draft"' not in page.text


def test_discarded_draft_is_gone(author, write) -> None:
    made = write()

    answer = author.browser.post(f"/resources/{made}/edit/discard")

    assert answer.headers["location"] == "/me"
    assert author.browser.get(f"/resources/{made}/edit").status_code == 404


def test_new_version_leaves_the_published_one_until_it_is_reviewed(author, client, settle, engine) -> None:
    made = settle("小数除法")
    published = newest(engine, made)

    author.browser.post(f"/resources/{made}/edit", data=form_of(published, title="小数除法（修订）"))

    assert newest(engine, made).number == published.number + 1
    assert "小数除法（修订）" not in client.get(f"/resources/{made}").text
    assert "小数除法（修订）" in author.browser.get(f"/resources/{made}/edit").text
    assert "小数除法（修订）" in author.browser.get("/me").text


@pytest.mark.parametrize("count", [1, 3])
def test_edit_page_costs_the_same_with_one_and_three_files(author, write, queries_of, count) -> None:
    made = write()
    files = [("files", (f"{n}.txt", f"第{n}份".encode(), "text/plain")) for n in range(count)]
    author.browser.post(f"/resources/{made}/edit/files", files=files)
    author.browser.get(f"/resources/{made}/edit")

    with queries_of() as statements:
        author.browser.get(f"/resources/{made}/edit")

    assert len(statements) == 13
