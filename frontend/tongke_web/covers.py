"""Drawn covers: each subject has its character and its colour."""

from __future__ import annotations

from typing import NamedTuple


class Cover(NamedTuple):
    glyph: str
    tone: str


_SUBJECTS = {
    "语文": Cover("文", "seal"),
    "数学": Cover("数", "sky"),
    "英语": Cover("英", "plum"),
    "科学": Cover("科", "jade"),
    "物理": Cover("理", "sky"),
    "化学": Cover("化", "jade"),
    "生物学": Cover("生", "jade"),
    "生物": Cover("生", "jade"),
    "地理": Cover("地", "wheat"),
    "历史": Cover("史", "wheat"),
    "道德与法治": Cover("德", "seal"),
    "思想政治": Cover("政", "seal"),
    "音乐": Cover("乐", "plum"),
    "美术": Cover("美", "plum"),
    "艺术": Cover("艺", "plum"),
    "体育与健康": Cover("体", "jade"),
    "信息科技": Cover("信", "sky"),
    "信息技术": Cover("信", "sky"),
    "劳动": Cover("劳", "wheat"),
    "综合实践活动": Cover("综", "wheat"),
}
_OTHER = Cover("课", "slate")


def cover_of(subject: str) -> Cover:
    """The character and the colour that stand for ``subject``."""
    if subject in _SUBJECTS:
        return _SUBJECTS[subject]
    return Cover(subject[0], "slate") if subject else _OTHER
