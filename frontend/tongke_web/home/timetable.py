"""Grades by subjects, as on a school's timetable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongke.curriculum.bookshelf import Shelf


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A grade and the subjects that have textbooks in it."""

    stage: str
    grade: int
    subjects: tuple[str, ...]
    resources: int


def timetable(shelves: Sequence[Shelf], counts: dict[str, int]) -> list[GradeRow]:
    """One row a grade, in order; ``counts`` tells how many resources each grade has."""
    grades = sorted({(s.grade, s.stage) for s in shelves})
    return [
        GradeRow(
            stage,
            grade,
            tuple(dict.fromkeys(s.subject for s in shelves if (s.grade, s.stage) == (grade, stage))),
            counts.get(str(grade), 0),
        )
        for grade, stage in grades
    ]
