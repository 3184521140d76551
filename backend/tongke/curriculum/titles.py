"""Titles as books print them, and as people say them."""

from __future__ import annotations

import re

LABEL_LENGTH = 40
TRAIL_SEPARATOR = " › "
_NUMERALS = "0-9零一二三四五六七八九十百"
_ORDINAL = re.compile(
    rf"""^(?:
        第\s*[{_NUMERALS}]+\s*(?:单元|章|节|课|讲)      # 第一单元, 第 3 课
      | 课题\s*\d+
      | (?:Starter\s+)?Unit\s+\d+\b
      | \d{{1,2}}(?:\.\d{{1,2}})+(?=[^\d.、以])       # 13.1, 21.2.1 (but 2.20以内的退位减法 is number 2)
      | \d+\s*\*                                       # 3*
      | \d+(?=[\s.．]|、(?!\d))                        # 1 春, 1.长度单位
      | [一二三四五六七八九十]+(?=[\s、.．])
      | （[一二三四五六七八九十]+）
    )[\s.．、:：·*]*""",
    re.VERBOSE,
)


def bare_title(title: str) -> str:
    """``title`` without its number: “1 大青树下的小学” is “大青树下的小学”; empty when only the number is there."""
    return _ORDINAL.sub("", title, count=1).strip()


def label(title: str) -> str:
    """``title`` short enough to stand in a trail of several."""
    return title if len(title) <= LABEL_LENGTH else title[: LABEL_LENGTH - 1].rstrip() + "…"


def join_trail(*labels: str) -> str:
    return TRAIL_SEPARATOR.join(part for part in labels if part)
