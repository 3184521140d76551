"""Physics, chemistry, biology."""

from __future__ import annotations

from demo_authoring.canvas import Canvas, along
from demo_authoring.diagrams.registry import CHALK, drawing
from demo_authoring.palette import JADE, PLUM, SEAL, SKY, WHEAT


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
