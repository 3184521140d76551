"""Writing, arranging, adapting and appreciating resources."""

from __future__ import annotations

import wave

import pytest
from sqlmodel import select
from tests.resources.conftest import seen

from tongke.audit.models import AuditEvent
from tongke.curriculum.models import CFDocument, CFItem
from tongke.db import reading, transaction
from tongke.errors import Conflict, Forbidden, Invalid, NotFound
from tongke.media.ingest import ingest
from tongke.resources import lists, queries, views
from tongke.resources import service as resources
from tongke.resources.compare import Change, compare, word_changes
from tongke.resources.completeness import advice
from tongke.resources.content import alignments_of, files_of
from tongke.resources.models import Favourite, LearningResource, Relation, Revision
from tongke.resources.schemas import RevisionFields, draft_fields
from tongke.resources.short_codes import ALPHABET, as_typed, draw
from tongke.search.models import ReindexRequest


def names(session, revision: Revision) -> list[str]:
    from tongke.media.models import Asset

    return [session.get_one(Asset, f.asset_id).filename for f in files_of(session, revision)]


def test_draft_starts_as_the_authors_own(session, people, draft) -> None:
    shown = seen(session, people.author, draft).shown

    assert (shown.author_name, shown.school_name, shown.region_code) == ("王老师", "千岛湖镇中心小学", "330127")
    assert draft.school_id == people.author.school_id


def test_autosave_keeps_what_was_not_sent(session, people, draft) -> None:
    resources.save_draft(session, people.author, draft, RevisionFields(grade=5, keywords=["竖式"]))
    resources.save_draft(session, people.author, draft, RevisionFields(title="小数除法（二）"))

    shown = seen(session, people.author, draft).shown
    assert (shown.title, shown.grade, shown.keywords, shown.number) == ("小数除法（二）", 5, ["竖式"], 1)


def test_text_is_kept_as_sent_in_composed_form() -> None:
    words = " <script>alert(1)</script> e\u0301\u202e\u0001\n "

    assert draft_fields({"title": words}).title == words.replace("e\u0301", "é")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x" * 301},
        {"grade": 0},
        {"type": "film"},
        {"licence": "mine"},
        {"conditions": ["cinema"]},
        {"region_code": "3301270"},
        {"title": "\ud800"},
        {"state": "published"},
        {"title": "a\0b"},
    ],
)
def test_nonsense_is_refused_by_field(wrong) -> None:
    with pytest.raises(Invalid) as caught:
        draft_fields(wrong)

    assert {name.split(".")[0] for name in caught.value.fields} == set(wrong)


def test_discarded_draft_that_was_all_there_was_is_gone(session, people, draft) -> None:
    assert resources.discard_draft(session, people.author, draft) is False

    with pytest.raises(NotFound):
        seen(session, people.author, draft)
    assert session.exec(select(LearningResource)).all() == []


def test_discarded_draft_of_a_published_lesson_leaves_the_lesson(engine, people, publish) -> None:
    made = publish()
    with transaction(engine) as session:
        found = session.get_one(LearningResource, made.id)
        resources.save_draft(session, people.author, found, RevisionFields(title="第二版"))
        assert resources.discard_draft(session, people.author, found) is True

    with reading(engine) as session:
        assert seen(session, people.author, made).pending is None


def test_older_revision_comes_back_as_a_draft_with_its_files(engine, people, publish, make_asset, platform) -> None:
    made = publish(assets=(make_asset("一.txt"), make_asset("二.txt")))
    with transaction(engine) as session:
        found = session.get_one(LearningResource, made.id)
        resources.save_draft(session, people.author, found, RevisionFields(title="改坏了"))
        resources.set_files(session, people.author, found, [])

        restored = resources.restore_revision(session, people.author, found, 1)

        assert (restored.number, restored.based_on_number, restored.title) == (2, 1, "小数除法")
        assert names(session, restored) == ["一.txt", "二.txt"]


def test_files_are_arranged_in_the_draft(engine, people, make_asset) -> None:
    one, two, three = (make_asset(f"{n}.txt") for n in "一二三")
    with transaction(engine) as session:
        draft = resources.create_draft(session, people.author, RevisionFields(title="t")).resource
        resources.attach(session, people.author, draft, [one.id, two.id, one.id])
        resources.attach(session, people.author, draft, [three.id])
        resources.reorder(session, people.author, draft, [three.id])
        resources.entitle(session, people.author, draft, two.id, "学习单")
        revision = resources.detach(session, people.author, draft, one.id)

        assert names(session, revision) == ["三.txt", "二.txt"]
        assert [f.title for f in files_of(session, revision)] == ["", "学习单"]
        revision = resources.set_files(session, people.author, draft, [two.id, one.id])
        assert [f.title for f in files_of(session, revision)] == ["学习单", ""]


def test_captions_belong_to_a_video_of_the_draft(engine, people, make_asset) -> None:
    slides, words = make_asset("讲义.txt"), make_asset("字幕.vtt", content="WEBVTT\n\n00:01.000 --> 00:02.000\n你好\n")
    with transaction(engine) as session:
        draft = resources.create_draft(session, people.author, RevisionFields(title="t")).resource
        resources.attach(session, people.author, draft, [slides.id])

        with pytest.raises(Invalid):
            resources.attach_captions(session, people.author, draft, captions=words.id, about=slides.id)


def test_captions_follow_their_recording_one_for_each_language(engine, people, make_asset, platform, tmp_path) -> None:
    path = tmp_path / "朗读.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\0" * 8000)
    spoken = ingest(platform.engine, platform.store, people.author, path, path.name, settings=platform.settings)
    old, new = (make_asset(f"{n}.vtt", content=f"WEBVTT\n\n00:01.000 --> 00:02.000\n{n}\n") for n in ("旧", "新"))
    with transaction(engine) as session:
        draft = resources.create_draft(session, people.author, RevisionFields(title="t")).resource
        resources.attach(session, people.author, draft, [spoken.id])
        resources.attach_captions(session, people.author, draft, captions=old.id, about=spoken.id)
        revision = resources.attach_captions(session, people.author, draft, captions=new.id, about=spoken.id)
        assert names(session, revision) == ["朗读.wav", "新.vtt"]
        assert [(f.role, f.about_asset_id, f.language) for f in files_of(session, revision)][1] == (
            "captions",
            spoken.id,
            "zh-CN",
        )
        assert names(session, resources.detach(session, people.author, draft, spoken.id)) == []


def test_somebody_elses_file_is_attached_only_once_it_is_public(engine, people, make_asset, publish) -> None:
    asset = make_asset()
    with transaction(engine) as session:
        draft = resources.create_draft(session, people.stranger, RevisionFields(title="t")).resource
        with pytest.raises(Invalid):
            resources.attach(session, people.stranger, draft, [asset.id])
    publish(assets=(asset,))
    with transaction(engine) as session:
        draft = resources.create_draft(session, people.stranger, RevisionFields(title="t")).resource
        revision = resources.attach(session, people.stranger, draft, [asset.id])
        assert names(session, revision) == ["讲义.txt"]


def test_school_file_is_no_public_file(engine, people, make_asset, publish) -> None:
    asset = make_asset()
    publish(assets=(asset,), visibility="school")

    with transaction(engine) as session:
        draft = resources.create_draft(session, people.stranger, RevisionFields(title="t")).resource
        with pytest.raises(Invalid):
            resources.attach(session, people.stranger, draft, [asset.id])


@pytest.fixture
def standards(session) -> list[CFItem]:
    items = []
    for name in ("math-2022", "pep-5a"):
        document = CFDocument(identifier=name, title=name, family="standard")
        session.add(document)
        session.flush()
        item = CFItem(document_id=document.id, identifier=f"{name}-1", human_coding_scheme="1", full_statement="小数")
        session.add(item)
        items.append(item)
    session.flush()
    return items


def test_lesson_is_aligned_to_several_frameworks(session, people, draft, standards) -> None:
    standard, chapter = standards
    resources.set_alignments(session, people.author, draft, [(standard.id, Relation.TEACHES)], provenance="import")
    resources.align_to(session, people.author, draft, chapter.id)
    resources.align_to(session, people.author, draft, standard.id, Relation.ASSESSES)
    revision = resources.remove_alignment(session, people.author, draft, standard.id, Relation.ASSESSES)

    ties = {(a.framework_item_id, a.relation, a.provenance) for a in alignments_of(session, revision)}
    assert ties == {(standard.id, "teaches", "import"), (chapter.id, "teaches", "author")}


def test_unknown_framework_item_is_refused(session, people, draft) -> None:
    with pytest.raises(Invalid):
        resources.align_to(session, people.author, draft, draft.id)


def test_related_lessons_share_a_chapter(engine, people, publish, session, standards, platform) -> None:
    session.commit()
    made = [publish(f"第{n}课") for n in range(3)]
    with transaction(engine) as writing:
        for one in made[:2]:
            found = writing.get_one(LearningResource, one.id)
            resources.align_to(writing, people.author, found, standards[0].id)
            from tongke.review import service as review
            from tongke.review.models import Decision

            review.submit(writing, people.author, found, commitment=True)
            review.decide(writing, people.reviewer, platform.store, found, decision=Decision.PUBLISH)

    with reading(engine) as reader:
        shown = lists.related(reader, people.stranger, seen(reader, people.stranger, made[0]))
        assert [card.title for card in shown] == ["第1课"]


def test_adaptation_keeps_its_lineage(engine, people, publish, make_asset) -> None:
    source = publish(assets=(make_asset(),), licence="CC-BY-SA-4.0")
    with transaction(engine) as session:
        made = resources.derive(session, people.stranger, session.get_one(LearningResource, source.id))

        assert (made.resource.is_based_on_id, made.resource.owner_id) == (source.id, people.stranger.user_id)
        assert (made.revision.author_name, made.revision.licence) == ("外地老师", "CC-BY-SA-4.0")
        assert names(session, made.revision) == ["讲义.txt"]
    with reading(engine) as session:
        assert views.detail(session, people.stranger, made.resource.id).origin == views.Origin(
            source.id, "小数除法", "王老师"
        )


@pytest.mark.parametrize("licence", ["CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "all-rights-reserved"])
def test_reserved_licence_forbids_adaptation_and_says_so(engine, people, publish, licence) -> None:
    source = publish(licence=licence)

    with transaction(engine) as session, pytest.raises(Forbidden, match="不允许改编"):
        resources.derive(session, people.stranger, session.get_one(LearningResource, source.id))


def test_stars_are_one_a_person_and_their_sums_are_kept(engine, people, publish) -> None:
    made = publish()
    with transaction(engine) as session:
        found = session.get_one(LearningResource, made.id)
        resources.rate(session, people.stranger, found, stars=5, comment="讲得清楚")
        resources.rate(session, people.colleague, found, stars=2)
        resources.rate(session, people.colleague, found, stars=3)
        assert (found.rating_sum, found.rating_count) == (8, 2)
        resources.withdraw_rating(session, people.stranger, found)
        assert (found.rating_sum, found.rating_count) == (3, 1)
        with pytest.raises(Forbidden):
            resources.rate(session, people.author, found, stars=5)
        with pytest.raises(Invalid):
            resources.rate(session, people.stranger, found, stars=6)
        assert made.id in set(session.exec(select(ReindexRequest.resource_id)))


def test_favourites_are_kept_once_and_leave_when_withdrawn(engine, people, publish) -> None:
    made = publish()
    with transaction(engine) as session:
        found = session.get_one(LearningResource, made.id)
        resources.keep_favourite(session, people.pupil, found)
        resources.keep_favourite(session, people.pupil, found)
    with reading(engine) as session:
        assert [c.id for c in lists.favourites(session, people.pupil)[0]] == [made.id]
    with transaction(engine) as session:
        resources.withdraw(session, people.author, session.get_one(LearningResource, made.id), reason="x")
        assert lists.favourites(session, people.pupil) == ([], 0)
        resources.drop_favourite(session, people.pupil, session.get_one(LearningResource, made.id))
        assert session.exec(select(Favourite)).all() == []


def test_problem_is_reported_by_anybody_and_closed_by_its_author(engine, people, publish) -> None:
    from tongke.accounts.actor import ANONYMOUS

    made = publish()
    with transaction(engine) as session:
        found = session.get_one(LearningResource, made.id)
        report = resources.report_problem(session, ANONYMOUS, found, kind="wrong-content", words="小数点错位")
        with pytest.raises(Invalid):
            resources.report_problem(session, ANONYMOUS, found, kind="boring")
        session.flush()
        with pytest.raises(Forbidden):
            resources.close_report(session, people.stranger, report, outcome="x")
        resources.close_report(session, people.author, report, outcome="已改")
        with pytest.raises(Conflict):
            resources.close_report(session, people.author, report, outcome="再改")
        assert "resource.close_report" in session.exec(select(AuditEvent.action)).all()


def test_uses_are_counted(engine, people, publish) -> None:
    made = publish()
    with transaction(engine) as session:
        for _ in range(3):
            resources.count_use(session, made.id)
    with reading(engine) as session:
        assert seen(session, people.author, made).resource.use_count == 3


def test_short_code_is_found_however_typed(session, people, draft) -> None:
    code = draft.short_code
    typed = f" {code[:3].upper()}-{code[3:]} "

    assert queries.by_short_code(session, people.author, typed).id == draft.id
    with pytest.raises(NotFound):
        queries.by_short_code(session, people.stranger, typed)


def test_short_codes_hold_no_look_alikes() -> None:
    assert not set("01ilo") & set(ALPHABET)
    code = draw()
    assert as_typed(f"{code[:4]} {code[4:]}") == code


def test_comparison_shows_words_fields_and_files(engine, people, make_asset, publish) -> None:
    one, two, three = (make_asset(f"{n}.txt") for n in "一二三")
    made = publish("小数除法", assets=(one, two), grade=5)
    with transaction(engine) as session:
        found = session.get_one(LearningResource, made.id)
        resources.save_draft(session, people.author, found, RevisionFields(title="小数乘法", grade=4))
        resources.set_files(session, people.author, found, [two.id, three.id])
    with reading(engine) as session:
        shown = seen(session, people.author, made)
        assert shown.pending is not None
        changes = compare(session, shown.shown, shown.pending)

    assert [(f.name, f.before, f.after) for f in changes.fields] == [
        ("title", "小数除法", "小数乘法"),
        ("grade", 5, 4),
    ]
    assert [(p.change.value, p.text) for p in changes.fields[0].pieces] == [
        ("same", "小数"), ("removed", "除"), ("added", "乘"), ("same", "法"),
    ]  # fmt: skip
    assert {(f.filename, f.change) for f in changes.files} == {
        ("一.txt", Change.REMOVED),
        ("二.txt", Change.SAME),
        ("三.txt", Change.ADDED),
    }


@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("a b", "a  b"), ("小数点", "点小数"), ("x" * 7000, "y" * 7000)]
)
def test_word_changes_hold_both_texts(before, after) -> None:
    pieces = word_changes(before, after)

    assert "".join(p.text for p in pieces if p.change is not Change.ADDED) == before
    assert "".join(p.text for p in pieces if p.change is not Change.REMOVED) == after


def test_advice_names_what_reviewers_ask_for(session, people, draft) -> None:
    shown = seen(session, people.author, draft).shown

    assert set(advice(shown, [], [])) == {"description", "subject", "grade", "alignments"}


@pytest.mark.parametrize("count", [1, 3])
def test_own_list_shows_both_states_in_two_queries(engine, people, publish, queries_of, count) -> None:
    made = [publish(f"第{n}课") for n in range(count)]
    with transaction(engine) as session:
        found = session.get_one(LearningResource, made[0].id)
        resources.save_draft(session, people.author, found, RevisionFields(title="第二版"))

    with reading(engine) as session, queries_of() as statements:
        rows, total = lists.own(session, people.author)
    with reading(engine) as session:
        drafts, _ = lists.own(session, people.author, state="draft")
        counts = lists.own_counts(session, people.author)

    assert (len(rows), total, len(statements)) == (count, count, 2)
    assert (rows[0].title, rows[0].state, rows[0].pending_state) == ("第二版", "published", "draft")
    assert [row.id for row in drafts] == [made[0].id]
    assert counts == {"published": count, "draft": 1}


@pytest.mark.parametrize("count", [1, 3])
def test_detail_costs_eight_queries(engine, people, publish, make_asset, queries_of, count) -> None:
    made = publish(assets=tuple(make_asset(f"{n}.txt") for n in range(count)))

    with reading(engine) as session, queries_of() as statements:
        view = views.detail(session, people.stranger, made.id)

    assert (len(view.files), len(statements)) == (count, 8)


def test_revisions_listed_are_those_one_may_read(engine, people, publish) -> None:
    made = publish()
    with transaction(engine) as session:
        found = session.get_one(LearningResource, made.id)
        resources.save_draft(session, people.author, found, RevisionFields(title="第二版"))
    with reading(engine) as session:
        own = queries.revisions(session, people.author, seen(session, people.author, made))
        others = queries.revisions(session, people.stranger, seen(session, people.stranger, made))
        with pytest.raises(NotFound):
            queries.revision(session, people.stranger, seen(session, people.stranger, made), 2)

    assert [r.number for r, _ in own] == [2, 1]
    assert [r.number for r, _ in others] == [1]
