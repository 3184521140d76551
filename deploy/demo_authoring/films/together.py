"""Crossing the road, for a special-education class; a multi-grade lesson, recorded from the screen."""

from __future__ import annotations

from demo_authoring.canvas import Canvas
from demo_authoring.film import Beat, Film, Scene, title_card
from demo_authoring.palette import JADE, SEAL, SKY, WHEAT
from demo_authoring.speech import Voice

# --- crossing the road ------------------------------------------------------------------------------------------------


def _light(c: Canvas, x: float, y: float, on: str, size: float = 1.0) -> None:
    s = size
    c.box((x - 50 * s, y - 110 * s, x + 50 * s, y + 110 * s), "#2b3338", radius=18 * s)
    for k, (name, colour) in enumerate((("red", "#e04a35"), ("green", "#35b07c"))):
        c.circle((x, y - 52 * s + k * 104 * s), 40 * s, colour if on == name else "#454f55")
    if on == "red":
        _walker(c, x, y - 52 * s, 0.42 * s, "#ffffff", walking=False)
    if on == "green":
        _walker(c, x, y + 52 * s, 0.42 * s, "#ffffff", walking=True)


def _walker(c: Canvas, x: float, y: float, s: float, colour: str, *, walking: bool) -> None:
    c.circle((x, y - 48 * s), 14 * s, colour)
    c.line([(x, y - 32 * s), (x, y + 10 * s)], colour, 14 * s)
    step = 26 if walking else 7
    for side in (-1, 1):
        c.line([(x, y + 6 * s), (x + side * step * s, y + 52 * s)], colour, 10 * s)
        c.line([(x, y - 22 * s), (x + side * (24 if walking else 12) * s, y + 6 * s)], colour, 8 * s)


def _street(c: Canvas) -> None:
    c.box((0, 250, 960, 460), "#6b7478", radius=0)
    for k in range(7):
        c.box((330, 262 + k * 28, 630, 278 + k * 28), "#ffffff", radius=0)
    c.box((0, 226, 960, 250), "#cfc7b4", radius=0)
    c.box((0, 460, 960, 484), "#cfc7b4", radius=0)


def _car(c: Canvas, x: float, y: float, colour: str) -> None:
    c.box((x, y, x + 120, y + 36), colour, radius=10)
    c.polygon([(x + 24, y), (x + 40, y - 26), (x + 86, y - 26), (x + 100, y)], colour)
    for dx in (28, 92):
        c.circle((x + dx, y + 36), 14, "#1e2a32", "#ffffff", 2)


def _big(c: Canvas, words: str, colour: str, y: float = 130) -> None:
    c.text((480, y), words, 54, colour, anchor="mm", bold=True)


def _red(c: Canvas, _beat: Beat) -> None:
    _light(c, 250, 320, "red", 1.3)
    _big(c, "红灯", SEAL)
    _walker(c, 640, 320, 1.7, SEAL, walking=False)
    c.text((640, 470), "停一停", 46, anchor="mm", bold=True)


def _green(c: Canvas, _beat: Beat) -> None:
    _light(c, 250, 320, "green", 1.3)
    _big(c, "绿灯", JADE)
    _walker(c, 640, 320, 1.7, JADE, walking=True)
    c.text((640, 470), "可以走", 46, anchor="mm", bold=True)


def _look_both(c: Canvas, beat: Beat) -> None:
    _street(c)
    _walker(c, 480, 426, 1.0, WHEAT, walking=False)
    if beat.sentence < 2:
        _car(c, 60, 330, SKY)
    share = beat.shown(1)
    c.arrow((400, 180), (400 - 160 * beat.shown(0), 180), JADE, 10, 30)
    c.text((160, 180), "左", 54, c.faded(JADE, beat.shown(0)), anchor="mm", bold=True)
    c.arrow((560, 180), (560 + 160 * share, 180), c.faded(JADE, share), 10, 30)
    c.text((800, 180), "右", 54, c.faded(JADE, share), anchor="mm", bold=True)


def _cross(c: Canvas, beat: Beat) -> None:
    _street(c)
    _light(c, 720, 160, "green", 0.6)
    y = 420 - min(1.0, beat.seconds / 9) * 190
    _walker(c, 450, y, 0.95, SEAL, walking=True)
    _walker(c, 520, y + 8, 0.7, WHEAT, walking=int(beat.seconds * 2) % 2 == 0)
    c.text((240, 150), "走斑马线", 46, anchor="mm", bold=True)
    c.text((480, 510), "拉着大人的手，不跑，不玩", 30, c.faded(SEAL, beat.shown(1)), anchor="mm", bold=True)


def _four_steps(c: Canvas, beat: Beat) -> None:
    for k, (word, colour) in enumerate((("停", SEAL), ("看", SKY), ("走", JADE), ("到", WHEAT))):
        share, x = beat.shown(k), 140 + k * 226
        c.circle((x, 290), 92, c.faded(colour, share))
        c.text((x, 290), word, 90, c.faded("#ffffff", share), anchor="mm", bold=True)
        c.text((x, 424), f"第 {k + 1} 步", 28, c.faded(c.look.ink, share), anchor="mm")


CROSSING_BYLINE = "云屏县特殊教育学校　苏念慈"
CROSSING = Film(
    "life-crossing-the-road",
    "care",
    "我会过马路",
    "生活适应",
    CROSSING_BYLINE,
    [
        Scene(
            "小朋友，今天我们学，过马路。",
            title_card(
                "生活适应 · 大字慢速", "我会过马路", CROSSING_BYLINE, lambda c, _b: _light(c, 760, 250, "green", 1.1)
            ),
            bare=True,
        ),
        Scene("红灯亮。停一停。站在路边，等一等。", _red, "看红灯"),
        Scene("绿灯亮。可以走。记住，绿灯，走。", _green, "看绿灯"),
        Scene("先看左边。再看右边。没有车，再走。", _look_both, "看一看"),
        Scene("走斑马线，拉着大人的手。不跑，不玩，一步一步走。到了，真棒！", _cross, "走过去", live=True),
        Scene("停。看。走。到了。", _four_steps, "四步记牢"),
        Scene("红灯亮，怎么做？停一停。", _red, "考考你：红灯"),
        Scene("绿灯亮，怎么做？先看一看，没有车，再走。", _green, "考考你：绿灯"),
    ],
    Voice("cmn-latn-pinyin+f4", 120, 52),
)

# --- two grades in one room -------------------------------------------------------------------------------------------


def _timeline(c: Canvas, beat: Beat) -> None:
    rows = [
        ("一年级　9 加几", [("动", 10), ("静", 10), ("动", 8), ("静", 12)]),
        ("三年级　笔算乘法（进位）", [("静", 10), ("动", 10), ("静", 8), ("动", 12)]),
    ]
    for r, (name, parts) in enumerate(rows):
        share, y, x = beat.shown(r + 1), 150 + r * 130, 90.0
        c.text((90, y - 26), name, 23, c.faded("#f4f1e6", share), anchor="lm", bold=True)
        for kind, minutes in parts:
            wide = minutes * 19.5
            colour = "#c56a52" if kind == "动" else "#4f6f86"
            c.box((x, y, x + wide - 4, y + 58), c.faded(colour, share), radius=6)
            c.text(
                (x + wide / 2, y + 29), f"{kind} {minutes} 分", 23, c.faded("#ffffff", share), anchor="mm", bold=True
            )
            x += wide
    c.text(
        (480, 420),
        "动：老师直接教　　静：自学、练习、小先生",
        25,
        c.faded("#f0d9a0", beat.shown(3)),
        anchor="mm",
        bold=True,
    )
    c.text(
        (480, 470), "一个年级动，另一个年级就静，40 分钟没有人空着", 22, c.faded("#bcc7bf", beat.shown(3)), anchor="mm"
    )


def _ten_frame(c: Canvas, beat: Beat) -> None:
    c.text((64, 104), "9 + 4 = ？", 34, "#f0d9a0", bold=True)
    for k in range(10):
        x, y = 100 + (k % 5) * 70, 170 + (k // 5) * 70
        c.box((x, y, x + 66, y + 66), None, "#f4f1e6", 2, 2)
        if k < 9:
            c.circle((x + 33, y + 33), 23, "#e5b95c")
    move = beat.shown(1)
    for k in range(4):
        home = (560 + k * 74, 233)
        x, y = (home[0] + (413 - home[0]) * move, home[1] + (273 - home[1]) * move) if not k else home
        c.circle((x, y), 23, "#9fd0e6")
    lines = ["把 4 分成 1 和 3", "9 + 1 = 10", "10 + 3 = 13"]
    for k, words in enumerate(lines):
        c.text((110 + k * 270, 400), words, 28, c.faded("#f4f1e6", beat.shown(k + 1)), anchor="lm", bold=True)


def _multiplication(c: Canvas, beat: Beat) -> None:
    c.text((64, 104), "24 × 3 = ？", 34, "#f0d9a0", bold=True)
    figures = [("2", 250, 190), ("4", 310, 190), ("×", 190, 254), ("3", 310, 254)]
    for words, x, y in figures:
        c.text((x, y), words, 46, anchor="mm")
    c.line([(170, 290), (350, 290)], width=3)
    c.text((310, 336), "2", 46, c.faded("#9fd0e6", beat.shown(0)), anchor="mm")
    c.text((262, 280), "1", 22, c.faded("#f0a58f", beat.shown(0)), anchor="mm")
    c.text((250, 336), "7", 46, c.faded("#9fd0e6", beat.shown(1)), anchor="mm")
    notes = ["3 × 4 = 12，个位写 2，向十位进 1", "3 × 2 = 6，6 + 1 = 7，十位写 7", "24 × 3 = 72"]
    for k, words in enumerate(notes):
        c.text((430, 190 + k * 62), words, 26, c.faded("#f4f1e6", beat.shown(k)), anchor="lm")


def _small_teacher(c: Canvas, beat: Beat) -> None:
    jobs = ["发题卡、收题卡", "组内对答案，做错的圈出来", "讲不清的，举蓝牌等老师"]
    c.text((64, 112), "小先生（每周轮换）", 28, "#f0d9a0", bold=True)
    for k, words in enumerate(jobs):
        share, y = beat.shown(min(k, 1)), 180 + k * 76
        c.circle((100, y), 22, c.faded("#c56a52", share))
        c.text((100, y), str(k + 1), 24, c.faded("#ffffff", share), anchor="mm", bold=True)
        c.text((144, y), words, 27, c.faded("#f4f1e6", share), anchor="lm")
    c.box((560, 150, 890, 400), None, "#f4f1e6", 2, 6)
    c.text((725, 186), "题卡 · 三年级", 23, "#f0d9a0", anchor="mm", bold=True)
    for k, words in enumerate(("16 × 4 =", "35 × 2 =", "27 × 3 =", "★ 18 × 5 =")):
        c.text((640, 230 + k * 44), words, 26, anchor="lm")


def _afterthought(c: Canvas, beat: Beat) -> None:
    lines = [
        "成功：一年级静的时间有学具，坐得住",
        "问题：三年级第一段“静”太长，三个人先做完了",
        "下次：题卡加一道选做题，让先做完的去当小先生",
    ]
    for k, words in enumerate(lines):
        share, y = beat.shown(k), 150 + k * 96
        c.box((70, y - 36, 890, y + 40), c.faded("#3c4a43", share), radius=8)
        c.text((100, y), words, 26, c.faded(("#a9d8b8", "#f0a58f", "#f0d9a0")[k], share), anchor="lm", bold=True)


def _desks(c: Canvas, _beat: Beat) -> None:
    for group, (count, colour) in enumerate(((5, "#e5b95c"), (6, "#9fd0e6"))):
        for k in range(count):
            x, y = 590 + group * 180 + (k % 2) * 74, 180 + (k // 2) * 84
            c.box((x, y, x + 58, y + 34), "#8a6a45", "#c9a36b", 1.5, 3)
            c.circle((x + 29, y + 52), 13, colour)
    c.text((652, 148), "一年级", 22, "#e5b95c", anchor="mm")
    c.text((832, 148), "三年级", 22, "#9fd0e6", anchor="mm")


TWO_GRADES_BYLINE = "茶坞教学点　蓝小梅"
TWO_GRADES = Film(
    "recording-two-grades",
    "board",
    "一个教室，两个年级",
    "复式教学 · 课堂录屏",
    TWO_GRADES_BYLINE,
    [
        Scene(
            "这是茶坞教学点的一节复式数学课，一年级五个人，三年级六个人。",
            title_card("复式教学 · 课堂录屏", "一个教室，\n两个年级", TWO_GRADES_BYLINE, _desks),
            bare=True,
        ),
        Scene(
            "先看这节课的安排。一年级学九加几。三年级学笔算乘法。一个年级动，另一个年级就静，谁也不空着。",
            _timeline,
            "动静搭配表",
        ),
        Scene(
            "一年级先动，九个黄豆，加四个蓝豆。从四个里拿一个，凑成十。{9|九}加{1|一}等于十。十加三，等于十三。",
            _ten_frame,
            "一年级 · 动",
        ),
        Scene(
            "轮到三年级，三乘四得十二，个位写二，向十位进一。三乘二得六，加上进的一，十位写七。二十四乘三，等于七十二。",
            _multiplication,
            "三年级 · 动",
        ),
        Scene(
            "老师教一年级的时候，三年级的小先生先发题卡，再收题卡。大家对答案，错的圈出来，讲不清的举蓝牌，等老师过来。",
            _small_teacher,
            "静，不是没事做",
        ),
        Scene(
            "课后反思，一年级有学具，坐得住。三年级第一段静的时间太长了。下次加一道选做题，让先做完的同学当小先生。",
            _afterthought,
            "课后反思",
        ),
    ],
    Voice("cmn-latn-pinyin+f5", 172, 46),
)

FILMS = [CROSSING, TWO_GRADES]
