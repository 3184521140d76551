"""Maps, the globe, the calendar."""

from __future__ import annotations

import math

from demo_authoring.canvas import Canvas
from demo_authoring.diagrams.registry import drawing
from demo_authoring.palette import JADE, LOOKS, SEAL, SKY, WHEAT, mix


@drawing("contours", "等高线图：山顶 320 米，陡崖、山脊、山谷、鞍部，等高距 50 米", (720, 460), LOOKS["map"])
def _contours(c: Canvas) -> None:
    for k in range(5):
        r = 150 - k * 28
        points = []
        for s in range(0, 361, 6):
            a = math.radians(s)
            bump = 1 + 0.22 * math.cos(3 * a + 0.5) * (r / 150) + 0.08 * math.cos(2 * a)
            points.append((240 + r * 1.12 * bump * math.cos(a), 230 + r * bump * math.sin(a)))
        c.line(points, "#8a5a00", 2)
    for k in range(3):
        r = 92 - k * 28
        points = [
            (
                560 + r * 1.1 * math.cos(math.radians(s)),
                230 + r * (1 + 0.1 * math.cos(math.radians(2 * s))) * math.sin(math.radians(s)),
            )
            for s in range(0, 361, 6)
        ]
        c.line(points, "#8a5a00", 2)
    for at, words in (((236, 226), "▲ 320 m"), ((560, 226), "▲ 240 m"), ((440, 230), "鞍部")):
        c.text(at, words, 20, "#3a2f22", anchor="mm", bold=True)
    for x, words in ((418, "100"), (74, "100")):
        c.text((x, 300), words, 16, "#7a6a50", anchor="mm")
    c.text((40, 430), "单位：米　等高距：50 米", 18, "#7a6a50", anchor="lm")


@drawing(
    "graticule",
    "地球的经线和纬线：赤道、本初子午线、南北回归线、南北极圈，以及东西经、南北纬的划分",
    (1200, 900),
    LOOKS["night"],
)
def _graticule(c: Canvas) -> None:
    x, y, r = 470.0, 470.0, 330.0
    c.text((60, 60), "经线和纬线", 44, bold=True, serif=True)
    c.circle((x, y), r, "#24506e", "#9ec8e0", 3)
    for degrees, words, colour in (
        (66.5, "北极圈 66.5°N", "#9ec8e0"),
        (23.5, "北回归线 23.5°N", "#e5b95c"),
        (0, "赤道 0°", "#f08a72"),
        (-23.5, "南回归线 23.5°S", "#e5b95c"),
        (-66.5, "南极圈 66.5°S", "#9ec8e0"),
    ):
        a = math.radians(degrees)
        half = r * math.cos(a)
        c.line([(x - half, y - r * math.sin(a)), (x + half, y - r * math.sin(a))], colour, 5 if not degrees else 2.5)
        c.text((x + half + 24, y - r * math.sin(a)), words, 24, colour, anchor="lm")
    for lon in range(-75, 90, 15):
        wide = r * math.sin(math.radians(lon))
        points = [(x + wide * math.cos(math.radians(v)), y - r * math.sin(math.radians(v))) for v in range(-90, 91, 5)]
        c.line(points, "#f0d9a0" if not lon else "#5f8fae", 5 if not lon else 1.2)
    c.text((x, y - r - 30), "北极 90°N", 24, anchor="mm")
    c.text((x, y + r + 30), "南极 90°S", 24, anchor="mm")
    c.text((x - 14, y + 130), "本初子午线 0°", 20, "#f0d9a0", anchor="rm")
    c.text((x - 150, y - 150), "西经 W", 26, "#ffffff", anchor="mm", bold=True)
    c.text((x + 150, y - 150), "东经 E", 26, "#ffffff", anchor="mm", bold=True)
    c.text((1140, 870), "纬线：东西方向，是圆　　经线：南北方向，是半圆，长度都相等", 22, "#a9b2b5", anchor="rm")


TERMS = [
    "立春",
    "雨水",
    "惊蛰",
    "春分",
    "清明",
    "谷雨",
    "立夏",
    "小满",
    "芒种",
    "夏至",
    "小暑",
    "大暑",
    "立秋",
    "处暑",
    "白露",
    "秋分",
    "寒露",
    "霜降",
    "立冬",
    "小雪",
    "大雪",
    "冬至",
    "小寒",
    "大寒",
]


@drawing("solar-terms", "二十四节气圆盘，按春夏秋冬四色分开，附节气歌", (1200, 900), LOOKS["chinese"])
def _solar_terms(c: Canvas) -> None:
    centre, seasons = (430.0, 470.0), [("春", JADE), ("夏", SEAL), ("秋", WHEAT), ("冬", SKY)]
    c.text((60, 50), "二十四节气", 50, bold=True, serif=True)
    for k, term in enumerate(TERMS):
        start = -90 + k * 15 - 7.5
        colour = seasons[k // 6][1]
        c.pie(centre, 340, start, start + 15, mix("#f6f0e2", colour, 0.28 if k % 2 else 0.4), "#f6f0e2")
        a = math.radians(start + 7.5)
        c.text(
            (centre[0] + 285 * math.cos(a), centre[1] + 285 * math.sin(a)),
            term,
            26,
            anchor="mm",
            serif=True,
            bold=not k % 3,
        )
    c.circle(centre, 205, "#f6f0e2")
    for k, (season, colour) in enumerate(seasons):
        a = math.radians(-90 + k * 90 + 37.5)
        c.circle((centre[0] + 120 * math.cos(a), centre[1] + 120 * math.sin(a)), 56, colour)
        c.text(
            (centre[0] + 120 * math.cos(a), centre[1] + 120 * math.sin(a)),
            season,
            52,
            "#ffffff",
            anchor="mm",
            serif=True,
        )
    c.text((centre[0], centre[1]), "一年", 30, anchor="mm", serif=True)
    c.text(
        (850, 230),
        "春雨惊春清谷天，\n夏满芒夏暑相连。\n秋处露秋寒霜降，\n冬雪雪冬小大寒。",
        34,
        serif=True,
        spacing=0.7,
    )
    c.text(
        (850, 500),
        "每月两节不变更，\n最多相差一两天。\n上半年来六廿一，\n下半年是八廿三。",
        28,
        c.look.grey,
        serif=True,
        spacing=0.6,
    )
    c.text((850, 730), "顺时针读，每格约 15 天。\n立春、立夏、立秋、立冬\n是四季的开始。", 22, c.look.grey)
