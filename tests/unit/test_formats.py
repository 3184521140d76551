"""Sizes, durations and dates as a teacher reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke_web import formats
from tongke_web.rendering import own_path


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0.1 MB"), (900_000, "0.9 MB"), (19_300_000, "18 MB"), (1_100_000_000, "1.0 GB"), (4 << 30, "4.0 GB")],
)
def test_size_is_always_said_in_megabytes(size, words) -> None:
    assert formats.filesize(size) == words


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (20, "1 分钟", "1 min"),
        (725, "12 分钟", "12 min"),
        (3600, "1 小时", "1 h"),
        (5400, "1 小时 30 分钟", "1 h 30 min"),
    ],
)
def test_duration(seconds, chinese, english) -> None:
    assert (formats.minutes(seconds, "zh-CN"), formats.minutes(seconds, "en")) == (chinese, english)


def test_day_is_the_chinese_one_and_names_its_weekday() -> None:
    late = datetime(2026, 8, 31, 16, 30, tzinfo=UTC)  # past midnight in China

    assert formats.day(late, "zh-CN") == "2026年9月1日 (周二)"
    assert formats.day(date(2026, 9, 1), "en") == "Tue 1 September 2026"
    assert formats.moment(late, "zh-CN") == "2026年9月1日 (周二) 00:30"


def test_clock() -> None:
    assert (formats.clock(725), formats.clock(3661), formats.clock(9.9)) == ("12:05", "1:01:01", "0:09")


def test_highlights_become_marks_and_nothing_else_becomes_markup() -> None:
    found = formats.highlighted("<b>\ue000小数\ue001</b>&")

    assert str(found) == "&lt;b&gt;<mark>小数</mark>&lt;/b&gt;&amp;"


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "\\evil", "", "x", "/a\nb"]
)
def test_foreign_path_becomes_home(path) -> None:
    assert own_path(path) == "/"


@given(st.text())
def test_own_path_never_leaves_the_site(path) -> None:
    kept = own_path("/" + path)

    assert kept == "/" or (kept[0] == "/" and kept[1:2] not in {"/", "\\"} and "\n" not in kept)
