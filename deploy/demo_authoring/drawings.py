"""Named diagrams for decks, documents and posters."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

from PIL import Image

from demo_authoring.canvas import Canvas, along
from demo_authoring.films.maths import sectors
from demo_authoring.palette import JADE, LOOKS, PLUM, SEAL, SKY, WHEAT, Look, mix

CLEAN = Look("#ffffff", "#1e2a32", SKY, "#dbe9f2")
CHALK = LOOKS["physics"]
_DRAWINGS: dict[str, tuple[str, Callable[[], Canvas]]] = {}


def drawing(
    name: str, description: str, size: tuple[int, int], look: Look = CLEAN
) -> Callable[..., Callable[[Canvas], None]]:
    """Register a drawing under ``name``; ``description`` becomes its alternative text."""

    def keep(draw: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
        def made() -> Canvas:
            canvas = Canvas(look, *size)
            draw(canvas)
            return canvas

        _DRAWINGS[name] = (description, made)
        return draw

    return keep


def description(name: str) -> str:
    return _DRAWINGS[name][0]


def picture(name: str) -> Image.Image:
    return _DRAWINGS[name][1]().image


def png(name: str, colours: int = 96) -> bytes:
    stream = io.BytesIO()
    picture(name).quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        stream, "PNG", optimize=True
    )
    return stream.getvalue()


# --- mathematics ------------------------------------------------------------------------------------------------------


@drawing("parallelogram-cut", "平行四边形沿高剪开，左边的三角形移到右边，拼成长方形", (760, 420))
def _parallelogram(c: Canvas) -> None:
    for row, moved in enumerate((False, True)):
        y0, y1 = 40 + row * 200, 170 + row * 200
        left = [(120, y1), (200, y0), (200, y1)]
        shift = 320 if moved else 0
        c.polygon([(200, y0), (520, y0), (520, y1) if moved else (440, y1), (200, y1)], "#cfe3f0", SKY)
        c.polygon([(x + shift, y) for x, y in left], "#f2c9b8", SEAL)
        if moved:
            c.polygon([(440, y1), (520, y0), (520, y1)], "#f2c9b8", SEAL)
            c.dashed((120, y1), (200, y0), "#b8b2a4")
        c.dashed((200, y0), (200, y1), SEAL)
        c.text((212, (y0 + y1) / 2), "高", 20, SEAL, anchor="lm")
        c.text((360 if moved else 290, y1 + 16), "长 = 底" if moved else "底", 20, SKY, anchor="mm")
    c.arrow((560, 110), (610, 250), WHEAT, 4)
    c.text((604, 160), "剪、移、拼", 20, WHEAT, anchor="lm")


@drawing("parallelogram-question", "底 12 米、高 8 米、邻边 10 米的平行四边形", (520, 300))
def _parallelogram_question(c: Canvas) -> None:
    c.polygon([(80, 240), (190, 60), (460, 60), (350, 240)], "#dff0e8", JADE)
    c.dashed((190, 60), (190, 240), SEAL)
    c.text((200, 160), "8 m", 22, SEAL, anchor="lm")
    c.text((215, 264), "12 m", 22, anchor="mm")
    c.text((424, 170), "10 m", 22, anchor="lm")


@drawing("fraction-wall", "分数墙：从 1 到八分之一，一行比一行分得细", (820, 560))
def _fraction_wall(c: Canvas) -> None:
    fills = [SEAL, WHEAT, "#a07a1f", JADE, "#2f8f9f", SKY, "#4a5da8", PLUM]
    for row in range(8):
        parts = row + 1
        for k in range(parts):
            x0, x1 = 10 + 800 * k / parts, 10 + 800 * (k + 1) / parts
            y = 10 + row * 68
            c.box((x0, y, x1, y + 64), mix("#ffffff", fills[row], 0.35), "#1e2a32", 1.5, 2)
            words = "1" if parts == 1 else f"1/{parts}"
            c.text(((x0 + x1) / 2, y + 32), words, 24, anchor="mm", bold=True)


@drawing("circle-template", "平均分成十六份的圆，可以剪下来拼", (560, 560))
def _circle_template(c: Canvas) -> None:
    sectors(c, 16, 0.0, 255, (280, 280), 0)


@drawing("ten-frames", "四个十格框，分别放着 9、8、7、6 个圆点", (760, 200))
def _ten_frames(c: Canvas) -> None:
    for frame, count in enumerate((9, 8, 7, 6)):
        for k in range(10):
            x, y = 12 + frame * 188 + (k % 5) * 34, 40 + (k // 5) * 34
            c.box((x, y, x + 33, y + 33), None, "#1e2a32", 1.5, 1)
            if k < count:
                c.circle((x + 16.5, y + 16.5), 11, SEAL)
        c.text((96 + frame * 188, 140), f"{count} + ___ = 10", 20, anchor="mm")


@drawing("array-dots", "七行点子，每行七个", (360, 360))
def _array(c: Canvas) -> None:
    for row in range(7):
        for k in range(7):
            c.circle((40 + k * 46, 40 + row * 46), 13, SKY if row < 5 else WHEAT)


@drawing("decimal-grid", "百格图，涂了 36 格，表示 0.36", (380, 380))
def _decimal_grid(c: Canvas) -> None:
    for k in range(100):
        x, y = 20 + (k // 10) * 34, 20 + (k % 10) * 34
        c.box((x, y, x + 34, y + 34), "#9fc3dc" if k < 36 else "#ffffff", "#55636d", 1, 0)


# --- science, physics, chemistry, biology -----------------------------------------------------------------------------


def _lens(c: Canvas, name: str, u: float, note: str) -> None:
    """A converging lens of focal length 90 with an object at ``u``: two rays, and where they meet."""
    middle, axis, f, high = 460.0, 190.0, 90.0, 70.0
    ink, ray = c.look.ink, "#f2c96b"
    c.line([(30, axis), (890, axis)], c.look.grey, 1.5)
    c.oval((middle, axis), 14, 140, None, "#9fd0e6", 3)
    for k, mark in ((-2, "2F"), (-1, "F"), (1, "F"), (2, "2F")):
        c.circle((middle + k * f, axis), 4, ink)
        c.text((middle + k * f, axis + 20), mark, 16, anchor="mm")
    top = (middle - u, axis - high)
    c.arrow((top[0], axis), top, "#f0a58f", 5)
    v = 1 / (1 / f - 1 / u)
    image = (middle + v, axis + high * v / u)
    for through in (((middle, axis - high), image), ((middle, axis), image)):
        c.line([top, through[0]], ray, 2)
        bend, end = through
        if v > 0:
            c.line([bend, end], ray, 2)
        else:
            far = along(end, bend, 1.8)
            c.line([bend, far], ray, 2)
            c.dashed(bend, end, ray, 1.5)
    if v > 0:
        c.arrow((image[0], axis), image, "#9fd0e6", 5)
    else:
        c.dashed((image[0], axis), image, "#9fd0e6", 4)
    c.text((40, 26), name, 24, "#f2c96b", bold=True)
    c.text((880, 350), note, 22, ink, anchor="rm")


@drawing("lens-far", "物体在二倍焦距以外，成倒立缩小的实像", (920, 380), CHALK)
def _lens_far(c: Canvas) -> None:
    _lens(c, "u ＞ 2f", 300, "倒立、缩小、实像（照相机）")


@drawing("lens-middle", "物体在一倍和二倍焦距之间，成倒立放大的实像", (920, 380), CHALK)
def _lens_middle(c: Canvas) -> None:
    _lens(c, "f ＜ u ＜ 2f", 140, "倒立、放大、实像（投影仪）")


@drawing("lens-near", "物体在一倍焦距以内，成正立放大的虚像", (920, 380), CHALK)
def _lens_near(c: Canvas) -> None:
    _lens(c, "u ＜ f", 45, "正立、放大、虚像（放大镜）")


@drawing("plant-cell", "植物细胞结构：细胞壁、细胞膜、细胞质、细胞核、叶绿体、液泡、线粒体", (760, 520))
def _cell(c: Canvas) -> None:
    c.box((120, 60, 520, 460), "#e9f4e4", "#4f7f3f", 9, 40)
    c.box((132, 72, 508, 448), "#f3faef", "#c98f2f", 3, 32)
    c.box((190, 150, 420, 380), "#d3e9f4", "#5f9dbd", 2.5, 60)
    c.circle((454, 130), 38, "#e3c3dc", PLUM, 2.5)
    c.circle((460, 126), 13, "#a86b9c")
    for x, y in ((165, 120), (260, 108), (160, 300), (462, 260), (300, 415), (450, 400), (175, 410)):
        c.oval((x, y), 26, 14, "#6fae5a", "#3f7a2f", 2)
    for x, y in ((350, 118), (462, 330), (380, 420)):
        c.oval((x, y), 17, 10, "#f0b37e", "#b0622c", 2)
    marks = [
        ("细胞壁", (520, 90), 60),
        ("细胞核", (490, 130), 120),
        ("细胞膜", (508, 200), 180),
        ("液泡", (400, 240), 240),
        ("叶绿体", (486, 262), 300),
        ("线粒体", (478, 330), 360),
        ("细胞质", (430, 440), 430),
    ]
    for words, at, y in marks:
        c.line([at, (600, y)], "#55636d", 1.5)
        c.text((610, y), words, 24, anchor="lm", bold=True)


@drawing("water-filter", "塑料瓶净水器：从上到下是纱布、小卵石、石英砂、活性炭、蓬松棉", (560, 560))
def _filter(c: Canvas) -> None:
    layers = [("小卵石", "#b9b2a0"), ("石英砂", "#e8d6a2"), ("活性炭", "#39424a"), ("蓬松棉", "#f4f1e8")]
    c.polygon([(110, 50), (290, 50), (290, 380), (230, 440), (170, 440), (110, 380)], "#eef6fb", "#55636d")
    for k, (words, fill) in enumerate(layers):
        y = 130 + k * 64
        c.box((112, y, 288, y + 62), fill, "#55636d", 1, 0)
        c.text((310, y + 31), words, 22, anchor="lm", bold=True)
        if k < 3:
            c.dashed((112, y + 63), (288, y + 63), "#ffffff", 2)
    c.text((310, 90), "浑浊的水", 22, WHEAT, anchor="lm")
    c.box((112, 80, 288, 128), "#c9b489", radius=0)
    c.oval((200, 468), 6, 10, SKY)
    c.polygon([(120, 490), (280, 490), (268, 550), (132, 550)], "#dbeef8", "#55636d")
    c.text((310, 520), "变清的水（不能喝）", 20, SKY, anchor="lm")


@drawing("conservation", "质量守恒：反应前后原子的种类、数目、质量不变", (760, 360))
def _conservation(c: Canvas) -> None:
    def molecule(x: float, y: float, atoms: str) -> None:
        for k, atom in enumerate(atoms):
            fill, r = ("#e7eef2", 24) if atom == "H" else ("#e26a52", 32)
            dx = (k - (len(atoms) - 1) / 2) * 46
            c.circle((x + dx, y), r, fill, "#1e2a32", 2)
            c.text((x + dx, y), atom, 22, anchor="mm", bold=True)

    for y in (90, 180):
        molecule(90, y, "HH")
    molecule(230, 135, "OO")
    c.text((165, 135), "+", 30, anchor="mm")
    c.arrow((310, 135), (430, 135), SEAL, 4)
    c.text((370, 106), "点燃", 22, SEAL, anchor="mm")
    for y in (90, 180):
        molecule(560, y, "HOH")
    c.text((150, 270), "氢原子 4 个　氧原子 2 个", 22, anchor="mm")
    c.text((560, 270), "氢原子 4 个　氧原子 2 个", 22, anchor="mm")
    c.text((380, 326), "原子的种类、数目、质量都没有改变", 24, JADE, anchor="mm", bold=True)


@drawing("seedlings", "绿豆发芽过程：种子、露出胚根、长出胚芽、展开真叶", (760, 260))
def _seedlings(c: Canvas) -> None:
    c.box((0, 180, 760, 260), "#cbb08a", radius=0)
    for k, words in enumerate(("第 1 天", "第 2 天", "第 4 天", "第 7 天")):
        x = 95 + k * 190
        c.oval((x, 196), 22, 15, "#6f8f3f", "#3f5a22", 2)
        if k > 0:
            c.line([(x + 8, 206), (x + 16, 222 + k * 8)], "#f4f1e6", 4)
        if k > 1:
            c.line([(x, 184), (x + 4, 160 - k * 16)], "#8db35a", 5)
            for side in (-1, 1):
                c.oval((x + 4 + side * 20, 152 - k * 16), 20, 9, "#6fa345", "#3f7a2f", 1.5)
        c.text((x, 30), words, 22, anchor="mm", bold=True)


@drawing("rubber-harp", "橡皮筋琴：盒子上绷着粗细不同的三根橡皮筋", (720, 300))
def _harp(c: Canvas) -> None:
    c.box((60, 60, 580, 240), "#e3c99a", "#8a6a45", 3, 8)
    c.box((180, 96, 460, 204), "#f7ecd6", "#8a6a45", 2, 6)
    for k, wide in enumerate((8, 5, 2)):
        y = 112 + k * 38
        c.line([(60, y), (580, y)], (SEAL, WHEAT, JADE)[k], wide)
    c.text((590, 112), "粗 → 低", 18, SEAL, anchor="lm")
    c.text((590, 188), "细 → 高", 18, JADE, anchor="lm")


# --- geography and the calendar ---------------------------------------------------------------------------------------


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


# --- language ---------------------------------------------------------------------------------------------------------


def _grid_cell(c: Canvas, x: float, y: float, size: float, word: str, tint: str) -> None:
    c.box((x, y, x + size, y + size), None, SEAL, 1.5, 0)
    c.dashed((x + size / 2, y), (x + size / 2, y + size), "#e2a899", 1, 5)
    c.dashed((x, y + size / 2), (x + size, y + size / 2), "#e2a899", 1, 5)
    if word:
        c.text((x + size / 2, y + size / 2), word, size * 0.78, tint, anchor="mm", serif=True)


def _writing(words: str, sounds: str) -> Callable[[Canvas], None]:
    def draw(c: Canvas) -> None:
        for row, (word, sound) in enumerate(zip(words, sounds.split(), strict=True)):
            y = 34 + row * 128
            c.text((56, y - 16), sound, 20, "#55636d", anchor="mm")
            _grid_cell(c, 10, y, 92, word, "#1e2a32")
            for k in range(7):
                _grid_cell(c, 112 + k * 94, y, 92, word if k < 3 else "", "#d9d2c6")

    return draw


drawing("writing-sun-moon", "田字格描红：日、月、山、川、水、火", (790, 800))(
    _writing("日月山川水火", "rì yuè shān chuān shuǐ huǒ")
)
drawing("writing-maple", "田字格描红：枫、泊、愁、眠、姑、寺", (790, 800))(
    _writing("枫泊愁眠姑寺", "fēng bó chóu mián gū sì")
)


@drawing("weather", "四种天气的图标：晴、多云、下雨、下雪，配英文", (760, 300), LOOKS["english"])
def _weather(c: Canvas) -> None:
    for k, words in enumerate(("sunny", "cloudy", "rainy", "snowy")):
        x = 110 + k * 180
        if k < 2:
            c.circle((x - (24 if k else 0), 110), 40, "#f3bd4f")
        if k == 0:
            for s in range(8):
                a = s * math.pi / 4
                c.line(
                    [(x + 52 * math.cos(a), 110 + 52 * math.sin(a)), (x + 68 * math.cos(a), 110 + 68 * math.sin(a))],
                    "#e9a23b",
                    5,
                )
        else:
            for dx, dy, r in ((-34, 14, 26), (0, -6, 36), (34, 10, 28)):
                c.circle((x + dx, 120 + dy), r, "#b9c7cf")
            c.box((x - 58, 120, x + 60, 152), "#b9c7cf", radius=14)
        for s in range(4 if k > 1 else 0):
            at = (x - 42 + s * 28, 176)
            if k == 2:
                c.line([at, (at[0] - 6, at[1] + 18)], SKY, 4)
            else:
                c.text(at, "*", 40, SKY, anchor="mm")
        c.text((x, 250), words, 30, PLUM, anchor="mm", bold=True)


@drawing("number-cards", "一到十的数字卡片，画着同样多的圆点", (780, 320), LOOKS["english"])
def _number_cards(c: Canvas) -> None:
    names = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    for k, name in enumerate(names):
        x, y = 20 + (k % 5) * 152, 14 + (k // 5) * 152
        c.box((x, y, x + 140, y + 140), "#ffffff", PLUM, 2, 10)
        for dot in range(k + 1):
            c.circle((x + 24 + (dot % 5) * 23, y + 26 + (dot // 5) * 24), 8, WHEAT)
        c.text((x + 70, y + 108), f"{k + 1}  {name}", 25, anchor="mm", bold=True)


@drawing(
    "spring-mind-map", "《春》的结构：盼春、绘春、赞春；绘春有草、花、风、雨、人五幅图", (900, 460), LOOKS["chinese"]
)
def _spring(c: Canvas) -> None:
    c.tag((60, 230), "春", 40)
    for k, (words, y) in enumerate((("盼春", 90), ("绘春", 230), ("赞春", 370))):
        c.line([(142, 230), (220, y)], SEAL, 3)
        c.text((240, y), words, 32, SEAL, anchor="lm", bold=True, serif=True)
        if k != 1:
            c.text(
                (330, y),
                ("“盼望着，盼望着”——急切", "“像娃娃、像小姑娘、像青年”——新、美、力")[k // 2],
                23,
                anchor="lm",
                serif=True,
            )
    for k, words in enumerate(
        (
            "草：偷偷地钻——嫩、绿",
            "花：争着开——繁、艳",
            "风：像母亲的手——暖、香",
            "雨：像牛毛、像花针——细、密",
            "人：舒活筋骨——忙、喜",
        )
    ):
        y = 134 + k * 48
        c.line([(326, 230), (420, y)], "#c9907f", 2)
        c.text((430, y), words, 23, anchor="lm", serif=True)


@drawing("tongke-school-well", "水碓剖面：水流冲动水轮，拨板压下碓杆，石臼里的碓头抬起又落下", (820, 420), LOOKS["map"])
def _water_hammer(c: Canvas) -> None:
    c.circle((170, 230), 120, None, "#8a5a00", 6)
    for k in range(12):
        a = k * math.pi / 6
        c.line(
            [(170 + 30 * math.cos(a), 230 + 30 * math.sin(a)), (170 + 128 * math.cos(a), 230 + 128 * math.sin(a))],
            "#8a5a00",
            4,
        )
    c.line([(20, 100), (150, 108)], SKY, 12)
    c.line([(10, 370), (340, 370)], SKY, 12)
    c.box((160, 220, 420, 240), "#8a6a45", radius=4)
    c.box((396, 190, 410, 270), "#6b4f2f", radius=3)
    c.line([(380, 300), (700, 250)], "#6b4f2f", 12)
    c.circle((540, 275), 9, "#3a2f22")
    c.box((680, 240, 716, 330), "#7a6a50", radius=6)
    c.polygon([(650, 340), (750, 340), (730, 400), (670, 400)], "#a9a08c", "#55636d")
    for at, words in (
        ((40, 74), "水流"),
        ((110, 386), "水轮"),
        ((300, 200), "转轴"),
        ((420, 176), "拨板"),
        ((540, 312), "支点（碓杆）"),
        ((730, 280), "碓头"),
        ((764, 370), "石臼"),
    ):
        c.text(at, words, 20, "#3a2f22", anchor="lm", bold=True)
