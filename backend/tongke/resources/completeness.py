"""What a draft needs before it can be submitted, and what would make it better."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tongke.i18n import Text, say
from tongke.resources.models import Alignment, LearningResource, Revision, RevisionFile, Visibility

_NEED_FILES = frozenset({"lesson-video", "classroom-recording", "slides", "worksheet", "audio"})


def missing(resource: LearningResource, revision: Revision) -> dict[str, Text]:
    """What is missing, by field; empty when the draft can be submitted."""
    return lacks(revision.title, revision.visibility, revision.region_code, resource.school_id)


def lacks(title: str, visibility: str, region_code: str, school_id: UUID | None) -> dict[str, Text]:
    """The same for content that is no row yet."""
    found: dict[str, Text] = {}
    if not title.strip():
        found["title"] = say("请填写标题。")
    if visibility == Visibility.REGION and not region_code:
        found["visibility"] = say("要对本区县开放，请先选择地区。")
    if visibility == Visibility.SCHOOL and school_id is None:
        found["visibility"] = say("没有写明学校，不能只对本校开放。")
    return found


def advice(revision: Revision, files: Sequence[RevisionFile], alignments: Sequence[Alignment]) -> dict[str, Text]:
    """What a reviewer is likely to ask for; nothing here keeps the draft from being submitted."""
    found: dict[str, Text] = {}
    if not revision.description.strip():
        found["description"] = say("写一段介绍，别的老师更容易找到它。")
    if not revision.subject:
        found["subject"] = say("选择学科，它才会出现在学科目录里。")
    if revision.grade is None:
        found["grade"] = say("选择年级。")
    if not alignments:
        found["alignments"] = say("对应到教材的一课或课标的一条，老师按章节就能找到它。")
    if not files and revision.type in _NEED_FILES:
        found["files"] = say("还没有文件。")
    return found
