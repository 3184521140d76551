"""The journey of water, the pendulum, how the earth moves."""

from __future__ import annotations

import math

from demo_authoring.canvas import Canvas, along
from demo_authoring.film import Beat, Draw, Film, Scene, title_card
from demo_authoring.palette import JADE, SEAL, SKY, WHEAT
from demo_authoring.speech import Voice

# --- water ------------------------------------------------------------------------------------------------------------


def _sun(c: Canvas, x: float, y: float, r: float, turn: float = 0.0) -> None:
    for k in range(12):
        a = k * math.pi / 6 + turn
        c.line(
            [
                (x + (r + 8) * math.cos(a), y + (r + 8) * math.sin(a)),
                (x + (r + 22) * math.cos(a), y + (r + 22) * math.sin(a)),
            ],
            "#e9a23b",
            4,
        )
    c.circle((x, y), r, "#f3bd4f")


def _cloud(c: Canvas, x: float, y: float, size: float, fill: str) -> None:
    for dx, dy, r in ((-46, 8, 30), (-10, -12, 40), (34, -2, 34), (62, 12, 24)):
        c.circle((x + dx * size, y + dy * size), r * size, fill)
    c.box((x - 72 * size, y + 6 * size, x + 84 * size, y + 38 * size), fill, radius=16 * size)


def _landscape(c: Canvas, seconds: float) -> None:
    c.box((0, 88, 960, 540), "#e6f2f7", radius=0)
    c.polygon([(520, 430), (640, 300), (720, 350), (820, 230), (960, 340), (960, 540), (520, 540)], "#8fae93")
    c.polygon([(790, 266), (820, 230), (852, 258), (826, 274)], "#ffffff")
    c.polygon([(0, 440), (470, 440), (620, 540), (0, 540)], "#6fa9cc")
    c.line([(826, 300), (780, 360), (700, 400), (600, 430), (500, 462)], "#6fa9cc", 9)
    for k in range(6):
        x = (k * 83 + seconds * 10) % 430
        c.arc((x + 20, 470 + (k % 3) * 18), 16, 4, (180, 360), "#a9cde3", 2)
    _sun(c, 110, 170, 36, seconds * 0.3)


def _rising(c: Canvas, seconds: float) -> None:
    for k in range(14):
        rise = (seconds * 0.16 + k / 14) % 1.0
        x = 60 + (k * 71) % 360 + 8 * math.sin(seconds * 2 + k)
        c.circle((x, 436 - rise * 210), 5 - 2 * rise, "#ffffff", "#6fa9cc", 1.2)


def _label(c: Canvas, at: tuple[float, float], words: str) -> None:
    c.tag(at, words, 19, JADE, "#ffffff")


def _evaporate(c: Canvas, beat: Beat) -> None:
    _landscape(c, beat.seconds)
    _rising(c, beat.seconds)
    _label(c, (180, 300), "蒸发：水 → 水蒸气")
    if beat.sentence > 1:
        c.text((470, 130), "水蒸气是气体，\n看不见，也没有颜色", 23, SEAL)


def _condense(c: Canvas, beat: Beat) -> None:
    _landscape(c, beat.seconds)
    _rising(c, beat.seconds)
    _cloud(c, 330, 180, 0.5 + 0.5 * beat.shown(0) if beat.sentence == 0 else 1.0, "#ffffff")
    _label(c, (430, 190), "凝结：水蒸气 → 小水滴")
    if beat.sentence > 1:
        c.text((470, 116), "云，是许多小水滴或小冰晶", 23, SEAL)


def _rain(c: Canvas, beat: Beat) -> None:
    _landscape(c, beat.seconds)
    move = min(1.0, beat.seconds / 5)
    x = 330 + 420 * move
    _cloud(c, x, 170, 1.15, "#9aa9b1")
    if move > 0.6:
        for k in range(20):
            fall = (beat.seconds * 0.9 + k * 0.137) % 1.0
            drop = (x - 70 + k * 8, 216 + fall * 130)
            c.line([drop, (drop[0] - 3, drop[1] + 12)], SKY, 2.5)
        _label(c, (430, 300), "降水：雨、雪")
    if beat.sentence > 1:
        _label(c, (330, 400), "径流：流回江河湖海")


def _cycle(c: Canvas, beat: Beat) -> None:
    stops = [((250, 400), "江河湖海"), ((250, 190), "水蒸气"), ((710, 190), "云"), ((710, 400), "雨和雪")]
    words = ["蒸发（吸热）", "凝结（放热）", "降水", "径流、下渗"]
    for k, (at, name) in enumerate(stops):
        c.box((at[0] - 92, at[1] - 36, at[0] + 92, at[1] + 36), "#ffffff", JADE, 2.5, 18)
        c.text(at, name, 26, anchor="mm", bold=True)
        start, end = stops[k][0], stops[(k + 1) % 4][0]
        shift = 110 if k % 2 else 44
        low, high = along(start, end, shift / math.dist(start, end)), along(end, start, shift / math.dist(start, end))
        share = beat.shown(0)
        if share:
            c.arrow(low, along(low, high, share), SKY, 5)
        middle = along(start, end, 0.5)
        offset = {0: (-16, 0, "rm"), 1: (0, -22, "mm"), 2: (16, 0, "lm"), 3: (0, 24, "mm")}[k]
        c.text((middle[0] + offset[0], middle[1] + offset[1]), words[k], 21, c.faded(SKY, share), anchor=offset[2])
    c.text((480, 296), "水循环", 40, c.faded(SEAL, beat.shown(1)), anchor="mm", bold=True)


def _try_water(c: Canvas, beat: Beat) -> None:
    c.text((64, 110), "小实验：杯子外面的水珠从哪里来？", 26, bold=True)
    for k, (water, name) in enumerate((("#a8d3ea", "常温水"), ("#6fa9cc", "冰水"))):
        x = 200 + k * 260
        c.polygon([(x, 180), (x + 130, 180), (x + 112, 360), (x + 18, 360)], "#ffffff", "#55636d")
        c.polygon([(x + 5, 230), (x + 125, 230), (x + 112, 358), (x + 18, 358)], water)
        c.text((x + 65, 390), name, 22, anchor="mm")
        if k:
            for n in range(3):
                c.box(
                    (x + 26 + n * 28, 216 + n % 2 * 8, x + 48 + n * 28, 238 + n % 2 * 8), "#eaf5fb", "#8ab9d6", 1.5, 3
                )
            for n in range(14):
                c.circle(
                    (x + 2 + (n % 2) * 126 - (n // 2) * (2 if n % 2 else -2), 236 + (n // 2) * 17),
                    4.5,
                    c.faded(SKY, beat.shown(1)),
                )
    c.text((650, 230), "杯外的水珠，不是\n从杯里渗出来的。", 24, c.faded(c.look.ink, beat.shown(1)))
    c.text((650, 330), "是空气中的水蒸气\n遇冷凝结成的。", 24, c.faded(SEAL, beat.shown(2)), bold=True)
    c.text(
        (480, 470), "回家观察：还有哪里能看到水蒸气变成的小水珠？", 23, c.faded(c.look.grey, beat.shown(3)), anchor="mm"
    )


def _water_ornament(c: Canvas, _beat: Beat) -> None:
    c.polygon([(720, 110), (797, 247), (643, 247)], SKY)
    c.circle((720, 290), 88, SKY)
    c.arc((720, 290), 58, 58, (100, 170), "#bfe0f2", 8)


WATER_BYLINE = "青石镇中心小学　许文涛"
WATER = Film(
    "science-water-journey",
    "science",
    "水到哪里去了",
    "科学 · 三年级上册",
    WATER_BYLINE,
    [
        Scene(
            "雨后的水洼，太阳一晒就不见了，水到哪里去了呢？",
            title_card("科学 · 三年级上册", "水到哪里去了\n一滴水的旅行", WATER_BYLINE, _water_ornament),
            bare=True,
        ),
        Scene(
            "太阳照在江河湖海上，水慢慢变成水蒸气，这就是蒸发。水蒸气混在空气里，升到高处。它是气体，我们看不见它。",
            _evaporate,
            "第一站：蒸发",
            live=True,
        ),
        Scene(
            "高处的空气比较冷。水蒸气遇冷，变成小水滴或小冰晶，这叫凝结。许多小水滴和小冰晶聚在一起，就是云。",
            _condense,
            "第二站：凝结",
            live=True,
        ),
        Scene(
            "云随着风飘走。小水滴越聚越大，空气托不住了，就落下来，变成雨或雪。雨水渗进泥土，流进小溪，又回到江河湖海。",
            _rain,
            "第三站：降水和径流",
            live=True,
        ),
        Scene("蒸发，凝结，降水，流动。水一直在这样循环，不会凭空消失。", _cycle, "连成一个圈"),
        Scene(
            "我们来做个小实验，一杯常温水，一杯冰水，放在桌上。几分钟后，冰水杯的外面出现了水珠。它是空气里的水蒸气，遇到冷的杯壁凝结成的。回家找一找，还有哪里能看到它？",
            _try_water,
            "动手试一试",
        ),
    ],
    Voice("cmn-latn-pinyin+m3", 170, 44),
)

# --- pendulum ---------------------------------------------------------------------------------------------------------


def _pendulum(
    c: Canvas, x: float, length_cm: float, seconds: float, colour: str, size: float = 18, swing: float = 0.28
) -> None:
    period = 2 * math.pi * math.sqrt(length_cm / 100 / 9.8)
    angle = swing * math.cos(2 * math.pi * seconds / period)
    top, long = (x, 130), length_cm * 2.9
    bob = (x + long * math.sin(angle), 130 + long * math.cos(angle))
    c.box((x - 50, 120, x + 50, 130), "#8a6a45", radius=2)
    c.dashed(top, (x, 130 + long + 20), "#b9c6c0", 1.5)
    c.line([top, bob], "#55636d", 2)
    c.circle(bob, size, colour, "#1e2a32", 1.5)


def _parts(c: Canvas, beat: Beat) -> None:
    _pendulum(c, 300, 90, beat.seconds, SEAL)
    for k, (at, words) in enumerate(
        (((352, 125), "悬点：固定不动"), ((352, 250), "摆线：长短可以改变"), ((420, 410), "摆锤：轻重可以改变"))
    ):
        c.text(at, words, 22, c.faded(c.look.ink, beat.shown(k)), anchor="lm")
    c.box((640, 180, 900, 330), "#ffffff", JADE, 2, 10)
    c.text((770, 216), "来回一次算 1 次", 23, anchor="mm", bold=True)
    period = 2 * math.pi * math.sqrt(0.9 / 9.8)
    c.text((770, 280), f"{int(beat.seconds / period)}", 52, SEAL, anchor="mm", bold=True)


def _contest(lengths: tuple[float, float], names: tuple[str, str], sizes: tuple[float, float]) -> Draw:
    """Two pendulums side by side with their own counters; the film's clock is the real one."""

    def draw(c: Canvas, beat: Beat) -> None:
        for k in range(2):
            x = 210 + k * 300
            _pendulum(c, x, lengths[k], beat.seconds, (SEAL, SKY)[k], sizes[k])
            period = 2 * math.pi * math.sqrt(lengths[k] / 100 / 9.8)
            c.text((x, 466), names[k], 21, anchor="mm")
            c.text((x, 502), f"{int(beat.seconds / period)} 次", 25, (SEAL, SKY)[k], anchor="mm", bold=True)
        c.circle((770, 240), 76, "#ffffff", JADE, 4)
        a = beat.seconds / 15 * 2 * math.pi - math.pi / 2
        c.line([(770, 240), (770 + 60 * math.cos(a), 240 + 60 * math.sin(a))], SEAL, 4)
        c.circle((770, 240), 5, "#1e2a32")
        c.text((770, 346), f"{beat.seconds:.0f} 秒", 25, anchor="mm")

    return draw


def _records(c: Canvas, beat: Beat) -> None:
    rows = [
        ("摆长", "15 秒摆动次数", "快慢"),
        ("20 厘米", "约 17 次", "最快"),
        ("40 厘米", "约 12 次", "中"),
        ("80 厘米", "约 8 次", "最慢"),
    ]
    for r, row in enumerate(rows):
        for k, words in enumerate(row):
            x0, x1 = (110, 330, 600, 830)[k], (110, 330, 600, 830)[k + 1]
            y = 120 + r * 62
            c.box((x0, y, x1, y + 62), JADE if not r else c.faded("#ffffff", 1), JADE, 1.5, 0)
            share = 1.0 if not r else beat.shown(min(r - 1, 1))
            c.text(
                ((x0 + x1) / 2, y + 31),
                words,
                24,
                "#ffffff" if not r else c.faded(c.look.ink, share),
                anchor="mm",
                bold=not r,
            )
    c.text(
        (480, 420), "摆线越长，摆得越慢；摆线越短，摆得越快。", 29, c.faded(SEAL, beat.shown(1)), anchor="mm", bold=True
    )
    c.text(
        (480, 470),
        "摆锤的轻重不影响快慢；摆动幅度不大时，幅度也几乎不影响。",
        21,
        c.faded(c.look.grey, beat.shown(2)),
        anchor="mm",
    )


def _clock_task(c: Canvas, beat: Beat) -> None:
    _pendulum(c, 230, 100, beat.seconds, WHEAT, 22, 0.16)
    words = [
        "挑战：做一个 1 分钟正好摆 60 次的摆",
        "· 从 25 厘米开始试",
        "· 慢了，就把摆线缩短一点",
        "· 快了，就把摆线放长一点",
        "· 每种摆长测 3 次，再下结论",
    ]
    for k, line in enumerate(words):
        c.text((400, 150 + k * 56), line, 26 if not k else 23, SEAL if not k else c.look.ink, bold=not k)


PENDULUM_BYLINE = "白渡镇九年一贯制学校　方晴"
PENDULUM = Film(
    "science-pendulum",
    "science",
    "摆的快慢",
    "科学 · 五年级上册",
    PENDULUM_BYLINE,
    [
        Scene(
            "摆钟为什么走得准？今天我们来研究摆的快慢。",
            title_card(
                "科学 · 五年级上册",
                "摆的快慢\n和什么有关",
                PENDULUM_BYLINE,
                lambda c, b: _pendulum(c, 730, 70, b.seconds, SEAL, 30),
            ),
            live=True,
            bare=True,
        ),
        Scene(
            "这是一个摆，最上面是固定的悬点。中间是摆线。下面是摆锤。摆锤从一边出发，再回到这一边，算摆动一次。",
            _parts,
            "认识摆",
            live=True,
        ),
        Scene(
            "先比摆锤的轻重，摆线一样长，一个轻，一个重。看计数，它们摆得一样快。摆的快慢和摆锤的轻重没有关系。",
            _contest((50, 50), ("轻摆锤", "重摆锤"), (13, 28)),
            "实验一：改变轻重",
            live=True,
        ),
        Scene(
            "再比摆线的长短，一条二十五厘米，一条一百厘米。数一数，十五秒里各摆了几次？短的已经摆了很多次，长的才摆了一半。",
            _contest((25, 100), ("摆长 25 厘米", "摆长 100 厘米"), (17, 17)),
            "实验二：改变摆长",
            live=True,
        ),
        Scene(
            "这是三个小组的记录，摆长二十厘米，四十厘米，八十厘米。可以看出，摆线越长，摆得越慢。每次只改变一个条件，别的都不变，结论才可靠。",
            _records,
            "数据会说话",
        ),
        Scene(
            "请你试一试，做一个一分钟正好摆六十次的摆。从二十五厘米开始，慢了就缩短，快了就放长。",
            _clock_task,
            "动手做一做",
            live=True,
        ),
    ],
    Voice("cmn-latn-pinyin+f2", 170, 50),
)

# --- the earth --------------------------------------------------------------------------------------------------------


def _earth(c: Canvas, at: tuple[float, float], r: float, turn: float, *, lit_from: float = math.pi) -> None:
    """A globe with its axis tilted by 23.5°, meridians moving with ``turn``, the night side dark."""
    c.circle(at, r, "#3f83ad", "#9ec8e0", 1.5)
    dark = lit_from
    shade = [
        (at[0] + r * math.cos(dark + math.pi + a), at[1] + r * math.sin(dark + math.pi + a))
        for a in [(-90 + 6 * k) * math.pi / 180 for k in range(31)]
    ]
    c.polygon(shade, "#1b3348")
    tilt = math.radians(23.5)
    for k in range(6):
        a = (k * math.pi / 6 + turn) % math.pi
        wide = r * math.cos(a)
        points = []
        for s in range(-10, 11):
            v = s / 10 * math.pi / 2
            x, y = wide * math.cos(v), -r * math.sin(v)
            points.append(
                (at[0] + x * math.cos(tilt) - y * math.sin(tilt), at[1] + x * math.sin(tilt) + y * math.cos(tilt))
            )
        c.line(points, "#6f9dbb", 1.1)
    top = (at[0] + 1.35 * r * math.sin(tilt), at[1] - 1.35 * r * math.cos(tilt))
    foot = (2 * at[0] - top[0], 2 * at[1] - top[1])
    c.line([foot, top], "#e5b95c", 2)


def _spin(c: Canvas, beat: Beat) -> None:
    _earth(c, (300, 300), 120, -beat.seconds * 0.5)
    c.arc((300, 300), 168, 40, (20, 160), "#e5b95c", 3)
    c.arrow((438, 322), (458, 308), "#e5b95c", 3)
    c.text((348, 142), "北极", 18, c.look.grey, anchor="lm")
    rows = [("绕什么转", "地轴"), ("方向", "自西向东"), ("一周多久", "约 24 小时，一天")]
    for k, (ask, answer) in enumerate(rows):
        share, y = beat.shown(k), 180 + k * 78
        c.text((540, y), ask, 21, c.faded(c.look.grey, share), anchor="lm")
        c.text((680, y), answer, 28, c.faded(c.look.ink, share), anchor="lm", bold=True)
    c.text((540, 440), "从北极上空看，逆时针转", 21, c.faded("#e5b95c", beat.shown(3)), anchor="lm")


def _day_night(c: Canvas, beat: Beat) -> None:
    for k in range(7):
        y = 170 + k * 42
        c.arrow((60, y), (250, y), "#f3bd4f", 3, 11)
    c.text((150, 130), "太阳光", 22, "#f3bd4f", anchor="mm")
    _earth(c, (440, 300), 140, -beat.seconds * 0.5)
    c.text((380, 470), "昼半球", 24, "#f3bd4f", anchor="mm", bold=True)
    c.text((520, 470), "夜半球", 24, "#8fb4d0", anchor="mm", bold=True)
    notes = ["地球不发光、不透明", "向着太阳是白天，背着是黑夜", "自转使昼夜交替", "东边的地方先看到日出"]
    for k, words in enumerate(notes):
        c.text((630, 180 + k * 66), words, 22, c.faded(c.look.ink, beat.shown(k)), anchor="lm")


_SEASONS = [("秋分 9月23日前后", 90), ("夏至 6月22日前后", 180), ("春分 3月21日前后", 270), ("冬至 12月22日前后", 0)]


def _orbit(c: Canvas, beat: Beat) -> None:
    centre, rx, ry = (370, 300), 280, 130
    c.arc(centre, rx, ry, (0, 360), "#55636d", 1.5)
    _sun(c, *centre, 34)
    for name, degrees in _SEASONS:
        a = math.radians(degrees)
        at = (centre[0] + rx * math.cos(a), centre[1] + ry * math.sin(a))
        _earth(c, at, 26, 0, lit_from=math.atan2(centre[1] - at[1], centre[0] - at[0]))
        below = 56 if degrees != 270 else -52
        c.text((at[0], at[1] + below), name, 16, c.look.ink, anchor="mm")
    # seen from above the north pole the earth runs anticlockwise: on a screen, from the right over the top to the left
    a = -beat.seconds * 0.35
    c.circle((centre[0] + rx * math.cos(a), centre[1] + ry * math.sin(a)), 7, "#9ec8e0")
    rows = ["公转：绕太阳", "方向：自西向东", "周期：约 1 年", "地轴总是斜着，\n北端指向北极星附近"]
    for k, words in enumerate(rows):
        c.text((752, 130 + k * 56), words, 20, c.faded(c.look.ink, beat.shown(k)))


def _solstice(c: Canvas, beat: Beat) -> None:
    for k, (name, lit, note) in enumerate(
        (("夏至日", 0.0, "直射北回归线\n北半球昼最长"), ("冬至日", math.pi, "直射南回归线\n北半球昼最短"))
    ):
        at = (230 + k * 500, 270)
        share = beat.shown(k)
        _earth(c, at, 92, 0, lit_from=lit)
        sun = (at[0] + 190 * math.cos(lit), 270)
        for ray in (-30, 0, 30):
            c.arrow((sun[0], sun[1] + ray), (at[0] + 100 * math.cos(lit), 270 + ray), c.faded("#f3bd4f", share), 3, 10)
        c.text((at[0], 404), name, 25, c.faded("#e5b95c", share), anchor="mm", bold=True)
        c.text((at[0], 456), note, 21, c.faded(c.look.ink, share), anchor="mm")
    c.text(
        (480, 510),
        "四季变化的原因：地球公转，而且地轴倾斜",
        23,
        c.faded("#f08a72", beat.shown(2)),
        anchor="mm",
        bold=True,
    )


EARTH_BYLINE = "青石镇初级中学　罗启明"
EARTH = Film(
    "geography-earth-moves",
    "night",
    "地球的运动",
    "地理 · 七年级上册",
    EARTH_BYLINE,
    [
        Scene(
            "同学们好，我们生活的地球，每时每刻都在转动。",
            title_card(
                "地理 · 七年级上册",
                "地球的运动\n自转和公转",
                EARTH_BYLINE,
                lambda c, b: _earth(c, (730, 250), 130, -b.seconds * 0.5),
            ),
            live=True,
            bare=True,
        ),
        Scene(
            "地球绕着地轴转动，叫作自转。自转的方向，是自西向东。转一周大约二十四小时，就是一天。从北极上空看，它是逆时针转的。",
            _spin,
            "地球的自转",
            live=True,
        ),
        Scene(
            "地球自己不发光，也不透明。向着太阳的一半是白天，背着太阳的一半是黑夜。地球不停地自转，昼夜就不断交替。因为自西向东转，东边的地方先看到日出。",
            _day_night,
            "昼夜交替",
            live=True,
        ),
        Scene(
            "地球同时绕着太阳公转。公转的方向，也是自西向东。公转一周大约一年。公转的时候，地轴总是斜着，北端始终指向北极星附近。",
            _orbit,
            "地球的公转",
            live=True,
        ),
        Scene(
            "六月二十二日前后，太阳直射北回归线，北半球白昼最长，是夏至。十二月二十二日前后，太阳直射南回归线，北半球白昼最短，是冬至。地轴倾斜着公转，才有了四季的变化。",
            _solstice,
            "为什么有四季",
        ),
    ],
    Voice("cmn-latn-pinyin+m1", 172, 42),
)

FILMS = [WATER, PENDULUM, EARTH]
