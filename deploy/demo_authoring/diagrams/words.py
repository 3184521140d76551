"""Writing, weather, the plan of a text, a water hammer."""

from __future__ import annotations

import math
from collections.abc import Callable

from demo_authoring.canvas import Canvas
from demo_authoring.diagrams.registry import drawing
from demo_authoring.palette import LOOKS, PLUM, SEAL, SKY, WHEAT


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
