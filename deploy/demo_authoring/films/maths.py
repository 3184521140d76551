"""Dividing a decimal, a first look at fractions, the area of a circle."""

from __future__ import annotations

import math

from demo_authoring.canvas import Canvas, along
from demo_authoring.film import Beat, Draw, Film, Scene, title_card
from demo_authoring.palette import JADE, SEAL, SKY, WHEAT
from demo_authoring.speech import Voice

BYLINE = "云屏县实验小学　林晓芸"
VOICE = Voice("cmn-latn-pinyin+f2", 170)

# --- 22.4 ÷ 4 ---------------------------------------------------------------------------------------------------------

CELL = 46


def _digits(c: Canvas, column: float, row: float, words: str, share: float, colour: str = "#1e2a32") -> None:
    """Figures of the written calculation, one a cell; ``row`` counts downwards from the quotient."""
    for place, figure in enumerate(words):
        at = (150 + (column + place) * CELL, 150 + row * 54)
        c.text(at, figure, 38, c.faded(colour, share), anchor="mm")


def _bracket(c: Canvas) -> None:
    c.line([(168, 180), (352, 180)], width=2.5)
    c.arc((150, 204), 20, 32, (-55, 55), c.look.ink, 2.5)


def _point(c: Canvas, row: float, share: float, colour: str) -> None:
    c.circle((150 + 2.5 * CELL, 150 + row * 54 + 15), 4, c.faded(colour, share))


def _rule(c: Canvas, row: float, share: float, start: float, end: float) -> None:
    if share:
        x0, x1 = 150 + start * CELL - 22, 150 + end * CELL + 22
        c.line([(x0, 150 + row * 54), (x0 + (x1 - x0) * share, 150 + row * 54)], width=2)


def _column(c: Canvas, *steps: float) -> None:
    """The written calculation as far as ``steps`` have come: 5, 20, 2 left, point, bring down 4, 6, 24, 0."""
    five, twenty, left, point, down, six, product, zero = steps
    _bracket(c)
    _digits(c, -0.45, 1, "4", 1)
    _digits(c, 1, 1, "22", 1)
    _digits(c, 3, 1, "4", 1)
    _point(c, 1, 1, c.look.ink)
    _digits(c, 2, 0, "5", five, SKY)
    _digits(c, 1, 2, "20", twenty)
    _rule(c, 2.5, left, 1, 2)
    _digits(c, 2, 3, "2", left)
    _point(c, 0, point, SEAL)
    if point > 0:
        c.dashed((150 + 2.5 * CELL, 172), (150 + 2.5 * CELL, 212), c.faded(SEAL, point), 1.5, 5)
    _digits(c, 3, 3, "4", down, SEAL)
    _digits(c, 3, 0, "6", six, SKY)
    _digits(c, 2, 4, "24", product)
    _rule(c, 4.5, zero, 2, 3)
    _digits(c, 3, 5, "0", zero)


def _notes(c: Canvas, beat: Beat, notes: list[str], first: int = 0) -> None:
    for k, note in enumerate(notes):
        share = beat.shown(first + k)
        if share:
            y = 150 + k * 88
            c.box((452, y - 30, 906, y + 44), c.faded(c.look.pale, share), radius=8)
            c.text((474, y + 7), note, 21, c.faded(c.look.ink, share), anchor="lm")


def _tea_question(c: Canvas, beat: Beat) -> None:
    c.text((64, 116), "小茶 4 天采了 22.4 千克鲜茶叶，平均每天采多少千克？", 25)
    for day in range(4):
        x = 110 + day * 200
        c.polygon([(x, 300), (x + 130, 300), (x + 112, 392), (x + 18, 392)], "#d9b77c", "#8a5a00")
        for k in range(6):
            c.oval((x + 20 + k * 18, 296 - (k % 2) * 12), 13, 7, JADE if k % 2 else "#4d9a7f")
        c.text((x + 65, 420), f"第 {day + 1} 天", 19, c.look.grey, anchor="mm")
    c.text((480, 474), "22.4 ÷ 4 = ？", 34, c.faded(SEAL, beat.shown(1)), anchor="mm", bold=True)


def _integer_part(c: Canvas, beat: Beat) -> None:
    _column(c, beat.shown(1), beat.shown(1), beat.shown(2), 0, 0, 0, 0, 0)
    _notes(c, beat, ["22 个一 ÷ 4", "商 5，写在个位上", "余下 2 个一，不够分了"])


def _tenths(c: Canvas, beat: Beat) -> None:
    _column(c, 1, 1, 1, beat.shown(2), beat.shown(1), beat.shown(3), beat.shown(3), beat.shown(4))
    _notes(
        c,
        beat,
        ["2 个一 = 20 个十分之一", "和 4 个十分之一合成 24 个", "先点小数点，与被除数对齐", "24 ÷ 4 = 6，写在十分位"],
    )


def _tenth_bars(c: Canvas, beat: Beat) -> None:
    c.text((64, 112), "把 2.4 平均分成 4 份", 25)
    for k in range(24):
        group = k // 6
        start = (80 + k * 33.5, 190)
        end = (110 + group * 205 + (k % 6) * 25, 300)
        x, y = along(start, end, beat.shown(1))
        c.box((x, y, x + 20, y + 78), [SKY, JADE, WHEAT, SEAL][group] if beat.shown(1) else SKY, radius=3)
    if beat.shown(1) > 0.9:
        for group in range(4):
            c.text((182 + group * 205, 412), "6 个 0.1", 21, anchor="mm")
    else:
        c.text((480, 300), "24 个 0.1", 25, anchor="mm")
    c.text(
        (480, 472),
        "每份 0.6　　所以 22.4 ÷ 4 = 5 + 0.6 = 5.6",
        27,
        c.faded(SEAL, beat.shown(2)),
        anchor="mm",
        bold=True,
    )


def _check(c: Canvas, beat: Beat) -> None:
    rules = ["① 按整数除法的方法去除", "② 商的小数点和被除数的小数点对齐", "③ 有余数，添 0 再继续除"]
    for k, rule in enumerate(rules):
        share = beat.shown(k)
        c.box((64, 116 + k * 78, 560, 178 + k * 78), c.faded(c.look.pale, share), radius=8)
        c.text((88, 147 + k * 78), rule, 23, c.faded(c.look.ink, share), anchor="lm")
    share = beat.shown(3)
    c.box((604, 116, 896, 334), c.faded("#ffffff", share), c.faded(SEAL, share), 2, 10)
    c.text((750, 150), "验算", 22, c.faded(SEAL, share), anchor="mm", bold=True)
    c.text((750, 218), "5.6 × 4", 34, c.faded(c.look.ink, share), anchor="mm")
    c.text((750, 274), "= 22.4 ✓", 34, c.faded(JADE, share), anchor="mm")
    c.text((480, 420), "试一试：25.2 ÷ 6　　34.5 ÷ 15", 30, c.faded(SKY, beat.shown(4)), anchor="mm", bold=True)
    c.text((480, 466), "暂停视频，在练习本上列竖式", 19, c.faded(c.look.grey, beat.shown(4)), anchor="mm")


def _division_ornament(c: Canvas, _beat: Beat) -> None:
    c.box((600, 120, 890, 420), "#ffffff", "#c9d8e2", 2, 12)
    rows = ((2, "5.6"), (1, "22.4"), (1, "20"), (2, "2 4"), (2, "2 4"), (4, "0"))
    for k, (column, row) in enumerate(rows):
        for place, figure in enumerate(row):
            at = (664 + (column + place) * 32, 158 + k * 45)
            c.text(at, figure, 31, c.look.ink if k else SEAL, anchor="mm")
    c.text((650, 203), "4 )", 31, anchor="mm")
    for y, x0, x1 in ((181, 676, 812), (268, 680, 744), (358, 712, 808)):
        c.line([(x0, y), (x1, y)], width=2)


DIVISION = Film(
    "maths-decimal-division",
    "maths",
    "除数是整数的小数除法",
    "数学 · 五年级上册",
    BYLINE,
    [
        Scene(
            "同学们好，今天我们学习除数是整数的小数除法。",
            title_card("数学 · 五年级上册", "除数是整数的\n小数除法", BYLINE, _division_ornament),
            bare=True,
        ),
        Scene(
            "小茶四天采了{22.4|二十二点四}千克鲜茶叶。求平均每天采多少千克，列式是{22.4÷4|二十二点四除以四}。",
            _tea_question,
            "生活里的问题",
        ),
        Scene(
            "先除整数部分，看二十二个一。四五二十，商五写在个位上。余下两个一，不够每份再分一个了。",
            _integer_part,
            "竖式：整数部分",
        ),
        Scene(
            "两个一就是二十个十分之一。把十分位上的四落下来，合成二十四个十分之一。这时要在商里点上小数点。"
            "{24÷4|二十四除以四}得六，写在十分位上。正好除完。",
            _tenths,
            "竖式：十分位",
        ),
        Scene(
            "为什么可以这样算？看，二十四个零点一，平均分成四份，每份六个零点一。所以商是{5.6|五点六}。",
            _tenth_bars,
            "算理：数一数",
        ),
        Scene(
            "按整数除法的方法去除。商的小数点，一定和被除数的小数点对齐。如果还有余数，就添零继续除。"
            "最后别忘了验算：{5.6×4|五点六乘四}等于{22.4|二十二点四}。请你试一试这两道题。",
            _check,
            "记住三句话",
        ),
    ],
    VOICE,
)

# --- fractions --------------------------------------------------------------------------------------------------------


def _bar(c: Canvas, y: float, parts: int, filled: int, colour: str, share: float = 1.0) -> None:
    x0, width = 150.0, 620.0
    for k in range(parts):
        left, right = x0 + width * k / parts, x0 + width * (k + 1) / parts
        c.box((left, y, right, y + 54), c.faded(colour, 0.85 * share) if k < filled else "#ffffff", c.look.ink, 1.5, 2)


def _fraction(c: Canvas, at: tuple[float, float], top: str, bottom: str, size: float, colour: str) -> None:
    x, y = at
    wide = max(c.width_of(top, size), c.width_of(bottom, size)) / 2 + 6
    c.text((x, y - size * 0.62), top, size, colour, anchor="mm", bold=True)
    c.line([(x - wide, y), (x + wide, y)], colour, 2.5)
    c.text((x, y + size * 0.62), bottom, size, colour, anchor="mm", bold=True)


def _cake(c: Canvas, at: tuple[float, float], radius: float, parts: int, filled: int, apart: float = 0.0) -> None:
    for k in range(parts):
        start, end = -90 + 360 * k / parts, -90 + 360 * (k + 1) / parts
        middle = math.radians((start + end) / 2)
        place = (at[0] + apart * math.cos(middle), at[1] + apart * math.sin(middle))
        c.pie(place, radius, start, end, "#e9b872" if k < filled else "#fff6e6", "#8a5a00")


def _moon_cake(c: Canvas, beat: Beat) -> None:
    _cake(c, (250, 280), 130, 2, 1 if beat.shown(1) else 0, 14 * beat.shown(0))
    c.text((250, 450), "平均分成 2 份", 22, c.look.grey, anchor="mm")
    _fraction(c, (560, 260), "1", "2", 72, c.faded(SEAL, beat.shown(1)))
    for k, (words, y) in enumerate((("取其中的 1 份（分子）", 208), ("平均分的份数（分母）", 312))):
        c.text((630, y), words, 23, c.faded(c.look.ink, beat.shown(2 + k)), anchor="lm")
    c.text((630, 260), "分数线：平均分", 23, c.faded(SKY, beat.shown(2)), anchor="lm")


def _not_equal(c: Canvas, beat: Beat) -> None:
    c.box((110, 150, 430, 330), "#ffffff", c.look.ink, 2, 2)
    for x in (180, 300):
        c.line([(x, 150), (x, 330)], width=2)
    c.box((111, 151, 179, 329), "#e7b5a9", radius=1)
    c.text((270, 374), "涂色部分是三分之一吗？", 22, anchor="mm")
    c.text((270, 424), "× 没有平均分", 27, c.faded(SEAL, beat.shown(1)), anchor="mm", bold=True)
    c.box((530, 150, 850, 330), "#ffffff", c.look.ink, 2, 2)
    for x in (636, 743):
        c.line([(x, 150), (x, 330)], width=2)
    c.box((531, 151, 635, 329), c.faded("#9fd0bf", beat.shown(2)), radius=1)
    c.text((690, 424), "✓ 平均分成 3 份，涂 1 份", 25, c.faded(JADE, beat.shown(2)), anchor="mm", bold=True)


def _wall(c: Canvas, beat: Beat) -> None:
    colours = (SEAL, WHEAT, JADE, SKY)
    for k, parts in enumerate((2, 3, 4, 8)):
        share = beat.shown(k)
        if share:
            y = 120 + k * 74
            _bar(c, y, parts, 1, colours[k], share)
            _fraction(c, (830, y + 27), "1", str(parts), 26, c.faded(colours[k], share))
    c.text((460, 452), "分的份数越多，每一份就越小", 28, c.faded(SEAL, beat.shown(4)), anchor="mm", bold=True)


def _compare(c: Canvas, beat: Beat) -> None:
    for k, parts in enumerate((2, 4)):
        _cake(c, (230 + k * 500, 250), 110, parts, 1)
        _fraction(c, (230 + k * 500, 420), "1", str(parts), 40, c.look.ink)
    c.text((480, 330), "＞", 80, c.faded(SEAL, beat.shown(1)), anchor="mm", bold=True)
    c.text(
        (480, 500), "同样大的饼，分给的人越多，每人得到的越少。", 23, c.faded(c.look.ink, beat.shown(2)), anchor="mm"
    )


def _paper_task(c: Canvas, beat: Beat) -> None:
    shapes = [((0, 0.5), "横着对折"), ((0.5, 0), "竖着对折"), ((0.5, 0.5), "斜着对折")]
    for k, (_, words) in enumerate(shapes):
        x, y = 120 + k * 270, 150
        share = beat.shown(k if k < 2 else 1)
        c.box((x, y, x + 180, y + 180), "#ffffff", c.look.ink, 2, 1)
        tint = c.faded("#9fc3dc", share)
        corners = {
            0: [(x, y), (x + 180, y), (x + 180, y + 90), (x, y + 90)],
            1: [(x, y), (x + 90, y), (x + 90, y + 180), (x, y + 180)],
            2: [(x, y), (x + 180, y), (x, y + 180)],
        }[k]
        c.polygon(corners, tint, c.look.ink)
        c.text((x + 90, y + 214), words, 22, anchor="mm")
    c.text(
        (480, 440),
        "折法不同，为什么涂色部分都是它的二分之一？",
        26,
        c.faded(SEAL, beat.shown(2)),
        anchor="mm",
        bold=True,
    )


def _fraction_ornament(c: Canvas, _beat: Beat) -> None:
    _cake(c, (720, 270), 130, 8, 1, 6)
    _fraction(c, (860, 160), "1", "8", 34, SEAL)


FRACTIONS = Film(
    "maths-fractions",
    "maths",
    "认识几分之一",
    "数学 · 三年级上册",
    BYLINE,
    [
        Scene(
            "小朋友们好，今天我们认识一种新的数，分数。",
            title_card("数学 · 三年级上册（新）", "分数的初步认识\n几分之一", BYLINE, _fraction_ornament),
            bare=True,
        ),
        Scene(
            "把一个月饼平均分成两份。每份是它的一半，也就是二分之一。中间的横线叫分数线，表示平均分；上面的一叫分子，表示取了一份。"
            "下面的二叫分母，表示一共分成两份。",
            _moon_cake,
            "半个怎么写？",
        ),
        Scene(
            "左边的长方形分成了三份，涂色部分是三分之一吗？不是，因为没有平均分。只有平均分成三份，其中一份才是三分之一。",
            _not_equal,
            "先看是不是平均分",
        ),
        Scene(
            "同样长的纸条，这是二分之一。这是三分之一。这是四分之一。这是八分之一。你发现了吗？分的份数越多，每一份就越小。",
            _wall,
            "分数墙",
        ),
        Scene("二分之一和四分之一，谁大？二分之一大。分饼的人越多，每人得到的就越少。", _compare, "比一比"),
        Scene(
            "请你拿一张正方形纸，折一折。横着折，竖着折，斜着折。想一想，为什么涂色部分都是二分之一？说给同桌听。",
            _paper_task,
            "动手折一折",
        ),
    ],
    VOICE,
)

# --- the area of a circle ---------------------------------------------------------------------------------------------


def _sector(c: Canvas, tip: tuple[float, float], radius: float, direction: float, width: float, fill: str) -> None:
    steps = 8
    rim = [
        (tip[0] + radius * math.cos(a), tip[1] + radius * math.sin(a))
        for a in (direction - width / 2 + width * s / steps for s in range(steps + 1))
    ]
    c.polygon([tip, *rim], fill, c.look.ink)


def sectors(c: Canvas, count: int, share: float, radius: float, centre: tuple[float, float], left: float) -> None:
    """A circle cut into ``count`` sectors, ``share`` of the way to standing in a row from ``left``."""
    width = 2 * math.pi / count
    base = 2 * radius * math.sin(width / 2)
    for k in range(count):
        direction = width * (k + 0.5) - math.pi / 2
        upper = k < count // 2
        slot = k if upper else count - 1 - k
        row = 2 * slot + (0 if upper else 1)
        height = radius * math.cos(width / 2)
        x = left + base * (row + 1) / 2
        target = (x, centre[1] - height / 2 + (height if not upper else 0))
        aim = math.pi / 2 if upper else -math.pi / 2
        turn = (aim - direction + math.pi) % (2 * math.pi) - math.pi
        tip = along(centre, target, share)
        _sector(c, tip, radius, direction + turn * share, width, "#8fc1de" if upper else "#f0c3a4")


def _estimate(c: Canvas, beat: Beat) -> None:
    x, y, r = 270, 290, 130
    c.box((x - r, y - r, x + r, y + r), None, c.faded(WHEAT, beat.shown(1)), 3, 0)
    c.circle((x, y), r, c.look.pale, SKY, 3)
    c.box((x, y - r, x + r, y), c.faded("#f2d9a6", beat.shown(0) * 0.8), c.look.ink, 1.5, 0)
    c.text((x + r / 2, y + 16), "r", 24, SEAL, anchor="mm", bold=True)
    c.text((500, 190), "小正方形的面积是 r²", 27, c.faded(c.look.ink, beat.shown(0)), anchor="lm")
    c.text((500, 260), "大正方形是 4 个 r²，圆比它小", 27, c.faded(c.look.ink, beat.shown(1)), anchor="lm")
    c.text((500, 330), "圆的面积是 r² 的 3 倍多一些？", 27, c.faded(SEAL, beat.shown(2)), anchor="lm", bold=True)


def _cut(count: int) -> Draw:
    def draw(c: Canvas, beat: Beat) -> None:
        share = beat.shown(1)
        wide = count * math.sin(math.pi / count) * 105
        sectors(c, count, share, 105, (480, 255), 480 - wide / 2)
        c.text((480, 440), f"平均分成 {count} 份", 26, anchor="mm", bold=True)
        c.text((480, 480), "拼成的图形越来越像长方形", 23, c.faded(SEAL, beat.shown(2)), anchor="mm")

    return draw


def _formula(c: Canvas, beat: Beat) -> None:
    sectors(c, 32, 1.0, 105, (270, 220), 105)
    c.line([(106, 290), (434, 290)], SEAL, 3)
    c.text((270, 312), "长 = 周长的一半 = πr", 21, c.faded(SEAL, beat.shown(0)), anchor="mm")
    c.line([(452, 168), (452, 272)], JADE, 3)
    c.text((464, 220), "宽 = r", 21, c.faded(JADE, beat.shown(1)), anchor="lm")
    lines = ["长方形的面积 = 长 × 宽", "圆 的 面 积  = πr × r", "S = πr²"]
    for k, words in enumerate(lines):
        share = beat.shown(min(k + 1, 3))
        size, colour = (46, SEAL) if k == len(lines) - 1 else (27, c.look.ink)
        c.text((740, 170 + k * 70), words, size, c.faded(colour, share), anchor="mm", bold=size > 30)
    c.text(
        (480, 430),
        "三句话连起来说一说：怎样剪、怎样拼、为什么相等",
        24,
        c.faded(c.look.grey, beat.shown(3)),
        anchor="mm",
    )


def _example(c: Canvas, beat: Beat) -> None:
    c.circle((240, 290), 120, "#d5eae2", JADE, 3)
    c.line([(240, 290), (360, 290)], SEAL, 3)
    c.circle((240, 290), 4, SEAL)
    c.text((300, 268), "3 m", 24, SEAL, anchor="mm", bold=True)
    c.text((240, 446), "圆形花坛", 21, c.look.grey, anchor="mm")
    for k, words in enumerate(("S = πr²", "　= 3.14 × 3²", "　= 3.14 × 9", "　= 28.26（平方米）")):
        c.text((480, 160 + k * 60), words, 30, c.faded(c.look.ink, beat.shown(1 if k < 3 else 2)))
    c.text((480, 420), "注意：3² 是 3 × 3，不是 3 × 2", 23, c.faded(SEAL, beat.shown(3)), bold=True)


def _circle_ornament(c: Canvas, _beat: Beat) -> None:
    sectors(c, 16, 0.0, 130, (730, 260), 0)


CIRCLE = Film(
    "maths-circle-area",
    "maths",
    "圆的面积",
    "数学 · 六年级上册",
    BYLINE,
    [
        Scene(
            "同学们好，这节课我们研究圆的面积。",
            title_card("数学 · 六年级上册", "圆的面积\n化曲为直", BYLINE, _circle_ornament),
            bare=True,
        ),
        Scene(
            "以半径为边长画一个小正方形，面积是{r²|阿尔的平方}。大正方形由四个小正方形组成，圆比它小。猜一猜，圆的面积是{r²|阿尔的平方}的几倍？",
            _estimate,
            "先估一估",
        ),
        Scene("把圆平均分成八份。像这样一上一下拼起来。边还有点弯。", _cut(8), "剪一剪，拼一拼"),
        Scene("再平均分成十六份。拼起来，边直了一些。份数越多，越接近长方形。", _cut(16), "分得再细一些"),
        Scene("平均分成三十二份。拼成的图形，已经很像长方形了。它的面积和圆的面积相等。", _cut(32), "分得更细"),
        Scene(
            "近似长方形的长，是圆周长的一半，也就是{πr|派阿尔}。宽就是圆的半径{r|阿尔}。"
            "长乘宽，就得到圆的面积。所以{S|艾斯}等于{πr²|派乘阿尔的平方}。",
            _formula,
            "推导公式",
        ),
        Scene(
            "一个圆形花坛，半径是三米。面积是{3.14×3²|三点一四乘三的平方}，先算平方，再算乘法。结果是{28.26|二十八点二六}平方米。注意，三的平方是三乘三，不是三乘二。",
            _example,
            "用一用",
        ),
    ],
    VOICE,
)

FILMS = [DIVISION, FRACTIONS, CIRCLE]
