"""Which bytes a request wants (RFC 9110, one range)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Selection:
    start: int
    length: int
    is_part: bool


def select_range(asked: str | None, if_range: str | None, tag: str, size: int) -> Selection | None:
    """The bytes to send; None when the range lies outside. Several ranges, and nonsense, get the whole, as allowed."""
    whole = Selection(0, size, is_part=False)
    if asked is None or (if_range is not None and if_range.strip() != tag):
        return whole
    match = _RANGE.fullmatch(asked)
    if match is None or match[1] == match[2] == "":
        return whole
    first, last = match[1], match[2]
    if not first:
        start, end = max(0, size - int(last)), size - 1
        return Selection(start, size - start, is_part=True) if int(last) and size else None
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return whole
    return Selection(start, end - start + 1, is_part=True) if start < size else None
