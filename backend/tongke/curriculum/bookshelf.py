"""Textbooks the way teachers look for them: grade and subject, then the books with their chapters, then a chapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import Session

from tongke.curriculum.models import CFDocument, FrameworkFamily
from tongke.curriculum.queries import FRAMEWORK, ITEM, Counts, ItemLine, item_lines, line_query, with_counts

STAGES = ("小学", "初中", "高中")
SUBJECTS = ("语文", "数学", "英语", "道德与法治", "科学", "历史", "地理", "物理", "化学", "生物学", "信息科技")
CHAPTER_DEPTH, LESSON_DEPTH = 1, 2
USUAL_SYSTEM = "六三"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A subject in a grade, and how many books of it there are."""

    stage: str
    grade: int
    subject: str
    books: int


@dataclass(frozen=True, slots=True)
class Chapter:
    item: ItemLine
    lessons: list[ItemLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Book:
    item: ItemLine
    system: str
    is_revised: bool
    chapters: list[Chapter] = field(default_factory=list)

    @property
    def is_usual_system(self) -> bool:
        """Whether it is written for six years of primary school and three of junior middle school."""
        return self.system == USUAL_SYSTEM

    @property
    def has_resources(self) -> bool:
        return any(chapter.item.resources for chapter in self.chapters)


@dataclass(frozen=True, slots=True)
class Choices:
    """The values textbooks know, for forms and filters."""

    stages: list[str]
    subjects: list[str]
    editions: list[str]
    volumes: list[str]


def shelves(session: Session) -> list[Shelf]:
    """Which subjects are taught in which grade, in the order of school timetables; one query. For the home page."""
    columns = (ITEM.stage, ITEM.grade, ITEM.subject)
    statement = _books(*columns, func.count()).where(ITEM.grade.is_not(None)).group_by(*columns)
    found = [Shelf(*row) for row in session.execute(statement)]
    return sorted(found, key=lambda shelf: (shelf.grade, _place(shelf.subject, SUBJECTS), shelf.subject, shelf.stage))


def books(
    session: Session,
    *,
    subject: str = "",
    grade: int | None = None,
    stage: str = "",
    edition: str = "",
    system: str = "",
    with_lessons: bool = False,
    counts: Counts | None = None,
) -> list[Book]:
    """Books that match with their chapters (and lessons), new editions first; two queries, and one for counts.

    Books without a grade of their own (for a whole stage) are listed with each of its grades.
    """
    asked = {"subject": subject, "stage": stage, "edition": edition}
    wanted: list[Any] = [ITEM[name] == value for name, value in asked.items() if value]
    if system:
        wanted.append(FRAMEWORK.system == system)
    if grade is not None:
        wanted.append(or_(ITEM.grade == grade, ITEM.grade.is_(None)))
    rows = session.execute(_books(ITEM.id, FRAMEWORK.system, ITEM.extra).where(*wanted)).all()
    about = {row[0]: (row[1], row[2]) for row in rows if grade is None or grade in row[2].get("grades", [grade])}
    return _filled(session, about, LESSON_DEPTH if with_lessons else CHAPTER_DEPTH, counts)


def book(session: Session, book_id: UUID, *, counts: Counts | None = None) -> Book | None:
    """One book with its chapters and lessons; three queries with counts."""
    row = session.execute(_books(ITEM.id, FRAMEWORK.system, ITEM.extra).where(ITEM.id == book_id)).first()
    return _filled(session, {row[0]: (row[1], row[2])}, LESSON_DEPTH, counts)[0] if row else None


def choices(session: Session) -> Choices:
    """The stages, subjects, editions and volumes of the books there are; one query."""
    columns = (ITEM.stage, ITEM.subject, ITEM.edition, ITEM.volume)
    rows = session.execute(_books(*columns).distinct()).all()
    stages, subjects, editions, volumes = ({row[place] for row in rows if row[place]} for place in range(4))
    return Choices(
        sorted(stages, key=lambda name: _place(name, STAGES)),
        sorted(subjects, key=lambda name: (_place(name, SUBJECTS), name)),
        sorted(editions),
        sorted(volumes, key=lambda name: (_place(name, ("上册", "下册", "全一册")), name)),
    )


def _books(*columns: Any) -> Any:
    statement = select(*columns).join(CFDocument, FRAMEWORK.id == ITEM.document_id)
    return statement.where(
        FRAMEWORK.family == FrameworkFamily.TEXTBOOK,
        FRAMEWORK.retired.is_(False),
        ITEM.depth == 0,
        ITEM.retired.is_(False),
    )


def _filled(
    session: Session, about: dict[UUID, tuple[str, dict[str, Any]]], depth: int, counts: Counts | None
) -> list[Book]:
    if not about:
        return []
    below: dict[UUID | None, list[ItemLine]] = {}
    for line in with_counts(session, _down_to(session, list(about), depth), counts):
        below.setdefault(line.parent_id, []).append(line)
    found = []
    for line in (line for lines in below.values() for line in lines if line.id in about):
        chapters = [Chapter(chapter, below.get(chapter.id, [])) for chapter in below.get(line.id, [])]
        system, extra = about[line.id]
        found.append(Book(line, system, bool(extra.get("revised")), chapters))
    return sorted(found, key=_shelf_order)


def _down_to(session: Session, book_ids: Sequence[UUID], depth: int) -> list[ItemLine]:
    """The books and what stands below them down to ``depth``, siblings in order; one query."""
    level = select(ITEM.id).where(ITEM.id.in_(book_ids))
    inside = [level]
    for _ in range(depth):
        level = select(ITEM.id).where(ITEM.parent_id.in_(level), ITEM.retired.is_(False))
        inside.append(level)
    wanted = line_query().where(or_(*(ITEM.id.in_(ids) for ids in inside)))
    return item_lines(session, wanted.order_by(ITEM.depth, ITEM.position, ITEM.id))


def _shelf_order(one: Book) -> tuple[Any, ...]:
    line = one.item
    volume = _place(line.volume, ("上册", "下册", "全一册"))
    by_subject = _place(line.subject, SUBJECTS)
    return (
        line.grade or 99,
        by_subject,
        line.subject,
        line.edition,
        one.system,
        not one.is_revised,
        volume,
        line.title,
    )


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)
