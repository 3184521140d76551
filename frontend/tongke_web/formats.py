"""How numbers, dates, durations and sizes are written, in each language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from markupsafe import Markup, escape

CHINA = timezone(timedelta(hours=8))
"""The country has one time zone."""
_WEEKDAYS = "一二三四五六日"
_MEBIBYTE = 1024 * 1024
_MARKS = re.compile("\ue000(.*?)\ue001", re.DOTALL)


def filesize(size_bytes: float) -> str:
    """Megabytes always, since data is paid by the megabyte; gigabytes from a thousand on."""
    size = size_bytes / _MEBIBYTE
    if size >= 1000:  # noqa: PLR2004
        return f"{size / 1024:.1f} GB"
    if size >= 10:  # noqa: PLR2004
        return f"{size:.0f} MB"
    return f"{max(size, 0.1):.1f} MB"


def minutes(seconds: float, locale: str) -> str:
    total = max(1, round(seconds / 60))
    hours, rest = divmod(total, 60)
    if locale == "en":
        return f"{total} min" if not hours else f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{total} 分钟" if not hours else f"{hours} 小时 {rest} 分钟" if rest else f"{hours} 小时"


def clock(seconds: float) -> str:
    """12:05, as on a player."""
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def day(moment: date | datetime, locale: str) -> str:
    """2026年9月1日 (周二), or Tue 1 September 2026."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(CHINA)
    if locale == "en":
        return f"{moment:%a} {moment.day} {moment:%B %Y}"
    return f"{moment.year}年{moment.month}月{moment.day}日 (周{_WEEKDAYS[moment.weekday()]})"


def moment(value: datetime, locale: str) -> str:
    """The day with the hour and minute."""
    return f"{day(value, locale)} {value.astimezone(CHINA):%H:%M}"


def machine_time(value: date | datetime) -> str:
    """For the ``datetime`` attribute of ``<time>``."""
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def highlighted(text: str) -> Markup:
    """Text from the search engine: what stands between its marks becomes ``<mark>``, all else is escaped."""
    safe = escape(text)
    return Markup(_MARKS.sub(r"<mark>\1</mark>", str(safe))) if "\ue000" in safe else safe  # noqa: S704


def filters(locale: str) -> dict[str, Callable[..., Any]]:
    """The filters of templates in ``locale``."""
    return {
        "filesize": filesize,
        "minutes": lambda seconds: minutes(seconds, locale),
        "clock": clock,
        "day": lambda value: day(value, locale),
        "moment": lambda value: moment(value, locale),
        "machine_time": machine_time,
        "number": number,
        "highlighted": highlighted,
    }
