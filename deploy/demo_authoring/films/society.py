"""Newton's first law on a blackboard, the Silk Road on a map."""

from __future__ import annotations

from demo_authoring.canvas import Canvas, along
from demo_authoring.film import Beat, Film, Scene, title_card
from demo_authoring.palette import JADE, SEAL, WHEAT
from demo_authoring.speech import Voice

# --- Newton's first law -----------------------------------------------------------------------------------------------

CHALK, YELLOW, PINK, BLUE = "#f3f0e4", "#f2c96b", "#f0a58f", "#9fd0e6"


def _cart(c: Canvas, x: float, y: float, colour: str = BLUE) -> None:
    c.box((x - 34, y - 40, x + 34, y - 14), colour, CHALK, 1.5, 4)
    for dx in (-20, 20):
        c.circle((x + dx, y - 9), 9, c.look.ground, CHALK, 2.5)


def _two_views(c: Canvas, beat: Beat) -> None:
    views = [
        ("亚里士多德", "物体的运动需要力来维持", "“不推，车就停了”"),
        ("伽利略", "物体的运动不需要力来维持", "“停下来，是因为受到阻力”"),
    ]
    for k, (name, view, reason) in enumerate(views):
        share, x = beat.shown(k), 70 + k * 430
        c.box((x, 140, x + 390, 360), c.faded(c.look.pale, share), c.faded(CHALK, share), 1.5, 10)
        c.text((x + 195, 180), name, 27, c.faded(YELLOW, share), anchor="mm", bold=True)
        c.text((x + 195, 244), view, 25, c.faded(CHALK, share), anchor="mm", bold=True)
        c.text((x + 195, 306), reason, 21, c.faded(c.look.grey, share), anchor="mm")
    c.text((480, 430), "谁说得对？用实验来检验。", 30, c.faded(PINK, beat.shown(2)), anchor="mm", bold=True)


_SURFACES = [("毛巾", 250, "最短", "最大"), ("棉布", 390, "较长", "较小"), ("木板", 560, "最长", "最小")]


def _ramp(c: Canvas, beat: Beat) -> None:
    for k, (name, reach, _, _) in enumerate(_SURFACES):
        y, share = 200 + k * 116, beat.shown(k + 1)
        c.polygon([(70, y - 66), (170, y), (70, y)], None, CHALK)
        c.line([(170, y), (880, y)], (PINK, YELLOW, BLUE)[k], (6, 4, 2)[k])
        c.text((840, y - 26), name, 23, (PINK, YELLOW, BLUE)[k], anchor="rm")
        start, turn, end = (96, y - 48), (170, y), (190 + reach, y)
        place = (
            along(start, turn, share * 4) if share < 0.25 else along(turn, end, 1 - (1 - (share - 0.25) / 0.75) ** 2)
        )
        _cart(c, *place)
    c.text((64, 478), "让小车从斜面同一高度由静止滑下：到达水平面时速度相同", 21, c.faded(c.look.grey, beat.shown(0)))


def _table(c: Canvas, beat: Beat) -> None:
    rows = [("水平面", "小车受到的阻力", "小车滑行的距离"), *[(n, f, d) for n, _, d, f in _SURFACES]]
    for r, row in enumerate(rows):
        for k, words in enumerate(row):
            x0, x1 = (90, 300, 590, 870)[k], (90, 300, 590, 870)[k + 1]
            c.box((x0, 110 + r * 56, x1, 166 + r * 56), None, c.look.grey, 1.2, 0)
            c.text(((x0 + x1) / 2, 138 + r * 56), words, 24, YELLOW if not r else CHALK, anchor="mm", bold=not r)
    c.text((480, 376), "阻力越小，滑得越远，速度减小得越慢。", 27, c.faded(CHALK, beat.shown(0)), anchor="mm")
    c.text((480, 432), "推理：如果阻力为零……", 27, c.faded(PINK, beat.shown(1)), anchor="mm", bold=True)
    c.text((480, 480), "小车的速度将不会减小，永远运动下去。", 27, c.faded(PINK, beat.shown(2)), anchor="mm", bold=True)


def _law(c: Canvas, beat: Beat) -> None:
    c.text((480, 140), "一切物体在没有受到力的作用时，", 31, CHALK, anchor="mm", serif=True)
    c.text((480, 196), "总保持静止状态或匀速直线运动状态。", 31, CHALK, anchor="mm", serif=True)
    notes = [
        ("“一切”", "适用于所有物体"),
        ("“没有受到力”", "成立的条件，是推理得出的"),
        ("“或”", "原来静止就静止，原来运动就匀速直线运动"),
    ]
    for k, (word, meaning) in enumerate(notes):
        share, y = beat.shown(k + 1), 280 + k * 62
        c.text((250, y), word, 26, c.faded(YELLOW, share), anchor="rm", bold=True)
        c.text((280, y), meaning, 25, c.faded(CHALK, share), anchor="lm")
    c.text(
        (480, 484),
        "力不是维持物体运动的原因，而是改变物体运动状态的原因。",
        25,
        c.faded(PINK, beat.shown(4)),
        anchor="mm",
        bold=True,
    )


def _inertia(c: Canvas, beat: Beat) -> None:
    for k, (name, note) in enumerate(
        (
            ("汽车突然刹车", "车停了，人由于惯性\n继续向前——系好安全带"),
            ("抖掉衣服上的灰", "衣服动了，灰由于惯性\n保持静止——与衣服分开"),
        )
    ):
        x, share = 90 + k * 420, beat.shown(k + 1)
        c.box((x, 120, x + 380, 330), c.faded(c.look.pale, share), c.faded(CHALK, share), 1.5, 10)
        c.text((x + 190, 160), name, 26, c.faded(YELLOW, share), anchor="mm", bold=True)
        c.text((x + 40, 206), note, 24, c.faded(CHALK, share))
    c.text((480, 390), "惯性：物体保持原来运动状态不变的性质", 28, c.faded(PINK, beat.shown(0)), anchor="mm", bold=True)
    c.text((480, 446), "惯性是性质，不是力。不能说“受到惯性”。", 25, c.faded(CHALK, beat.shown(3)), anchor="mm")


def _cart_ornament(c: Canvas, _beat: Beat) -> None:
    c.polygon([(600, 220), (740, 330), (600, 330)], None, CHALK)
    c.line([(740, 330), (900, 330)], BLUE, 3)
    _cart(c, 820, 330)
    c.arrow((862, 305), (906, 305), PINK, 4)


NEWTON_BYLINE = "云屏县城关中学　韩越"
NEWTON = Film(
    "physics-newton-first-law",
    "physics",
    "牛顿第一定律",
    "物理 · 八年级下册",
    NEWTON_BYLINE,
    [
        Scene(
            "同学们，推着的车，松手就停。运动一定要有力吗？",
            title_card("物理 · 八年级下册", "牛顿第一定律", NEWTON_BYLINE, _cart_ornament),
            bare=True,
        ),
        Scene(
            "古希腊的亚里士多德认为，运动需要力来维持。伽利略却认为，停下来是因为受到了阻力。谁说得对？用实验来检验。",
            _two_views,
            "两种看法",
        ),
        Scene(
            "让小车从斜面的同一高度，由静止滑下，到水平面时速度相同。先铺毛巾，很快就停了。换成棉布，滑得远一些。只用木板，滑得最远。",
            _ramp,
            "实验：阻力对运动的影响",
        ),
        Scene(
            "阻力越小，滑得越远，速度减小得越慢。推想一下，如果阻力为零呢？小车的速度就不会减小，会一直运动下去。",
            _table,
            "分析与推理",
        ),
        Scene(
            "这就是牛顿第一定律。一切，说明适用于所有的物体。没有受到力，是成立的条件。或，是说原来静止就静止，原来运动，就做匀速直线运动。所以，力不是维持运动的原因，而是改变物体运动状态的原因。",
            _law,
            "牛顿第一定律",
        ),
        Scene(
            "物体保持原来运动状态不变的性质，叫惯性。汽车突然刹车，人由于惯性会继续向前，所以要系好安全带。抖衣服，灰尘由于惯性会与衣服分开。记住，惯性是性质，不是力。",
            _inertia,
            "惯性就在身边",
        ),
    ],
    Voice("cmn-latn-pinyin", 176, 40),
)

# --- the Silk Road ----------------------------------------------------------------------------------------------------

PLACES = {
    "长安": (820, 350), "武威": (720, 300), "张掖": (668, 276), "酒泉": (618, 256), "敦煌": (556, 262),
    "楼兰": (478, 262), "疏勒": (318, 296), "葱岭": (262, 290), "大月氏": (206, 330), "安息": (138, 350), "大秦": (64, 250),
}  # fmt: skip
ROUTE = ["长安", "武威", "张掖", "酒泉", "敦煌", "楼兰", "疏勒", "葱岭", "大月氏", "安息", "大秦"]
SOUTH = [(556, 262), (500, 320), (420, 338), (350, 324), (318, 296)]


def _map(c: Canvas) -> None:
    c.polygon(
        [(30, 470), (30, 330), (110, 300), (160, 250), (60, 200), (30, 180), (30, 110), (930, 110), (930, 470)],
        "#efe0bb",
    )
    c.polygon([(380, 292), (430, 282), (500, 290), (470, 312), (400, 312)], "#e3c98f")
    c.text((436, 298), "塔克拉玛干沙漠", 13, "#7a6a50", anchor="mm")
    for x in range(300, 520, 36):
        c.polygon([(x, 236), (x + 18, 208), (x + 36, 236)], "#c9b98f")
    c.text((410, 192), "天山", 15, "#7a6a50", anchor="mm")
    for x in range(560, 740, 36):
        c.polygon([(x + 20, 334), (x + 38, 308), (x + 56, 334)], "#c9b98f")
    c.text((650, 352), "祁连山", 15, "#7a6a50", anchor="mm")
    c.text((914, 126), "示意图，不表示疆界和准确位置", 14, "#7a6a50", anchor="rm")


def _towns(c: Canvas, names: list[str]) -> None:
    for name in names:
        x, y = PLACES[name]
        c.circle((x, y), 6, SEAL, "#ffffff", 1.5)
        c.text((x, y - 20), name, 18, anchor="mm", bold=name in ("长安", "大秦"), serif=True)


def _path(c: Canvas, points: list[tuple[float, float]], share: float, colour: str, width: float = 4) -> None:
    """A way drawn as far as ``share`` of its legs."""
    far = share * (len(points) - 1)
    for k in range(len(points) - 1):
        if far > k:
            c.line([points[k], along(points[k], points[k + 1], min(1.0, far - k))], colour, width)


def _zhang_qian(c: Canvas, beat: Beat) -> None:
    _map(c)
    trips = [
        ("公元前 138 年　第一次出使", "目的：联络大月氏，夹击匈奴", "结果：没有达到目的，但了解了西域", 0),
        ("公元前 119 年　第二次出使", "目的：加强与西域各国的联系", "结果：各国也派使者回访", 2),
    ]
    _path(c, [PLACES[n] for n in ROUTE[:9]], beat.shown(0), SEAL)
    _towns(c, ["长安", "敦煌", "疏勒", "大月氏"])
    for k, (when, aim, result, first) in enumerate(trips):
        share, x = beat.shown(first), 70 + k * 430
        for line, words in enumerate((when, aim, result)):
            colour = SEAL if not line else c.look.ink
            tint = c.faded(colour, share) if line < 2 else c.faded(colour, beat.shown(first + 1))
            c.text((x, 386 + line * 30), words, 20, tint, bold=not line)


def _road(c: Canvas, beat: Beat) -> None:
    _map(c)
    _path(c, [PLACES[n] for n in ROUTE[:5]], beat.shown(0), SEAL)
    _path(c, [PLACES[n] for n in ROUTE[4:8]], beat.shown(1), SEAL)
    _path(c, SOUTH, beat.shown(1), WHEAT)
    _path(c, [PLACES[n] for n in ROUTE[7:]], beat.shown(2), SEAL)
    _towns(c, ROUTE[:5] + (ROUTE[5:8] if beat.sentence > 0 else []) + (ROUTE[8:] if beat.sentence > 1 else []))
    legs = ["长安 → 河西走廊", "敦煌以西：南北两道，在疏勒会合", "越过葱岭 → 中亚、西亚 → 欧洲"]
    for k, words in enumerate(legs):
        c.text((480, 386 + k * 32), words, 21, c.faded(c.look.ink, beat.shown(k)), anchor="mm", bold=True)


def _goods(c: Canvas, beat: Beat) -> None:
    columns = [
        ("传向西方", ["丝绸", "铁器", "漆器", "开渠、凿井、铸铁技术"], SEAL),
        ("传入中原", ["葡萄、石榴、核桃", "苜蓿、良马", "香料、玻璃、宝石", "西域的乐舞"], JADE),
    ]
    for k, (name, things, colour) in enumerate(columns):
        x, share = 90 + k * 430, beat.shown(k)
        c.box((x, 120, x + 350, 400), c.faded("#fffaf0", share), c.faded(colour, share), 2, 8)
        c.text((x + 175, 158), name, 28, c.faded(colour, share), anchor="mm", bold=True, serif=True)
        for row, words in enumerate(things):
            c.text((x + 175, 214 + row * 46), words, 24, c.faded(c.look.ink, share), anchor="mm")
    c.text(
        (480, 446),
        "商路，也是东西方往来的文明之路",
        29,
        c.faded(SEAL, beat.shown(2)),
        anchor="mm",
        bold=True,
        serif=True,
    )


def _protectorate(c: Canvas, beat: Beat) -> None:
    c.line([(110, 290), (850, 290)], c.look.strong, 4)
    years = [
        ("前 138", "张骞第一次\n出使西域"),
        ("前 119", "张骞第二次\n出使西域"),
        ("前 60", "设立西域都护，管理\n西域事务"),
        ("73", "东汉班超出使西域"),
    ]
    for k, (year, event) in enumerate(years):
        x, share = 160 + k * 212, beat.shown(k)
        c.circle((x, 290), 11, c.faded(SEAL, share))
        c.text(
            (x, 244), f"公元{year}年" if k < 3 else f"公元 {year} 年", 21, c.faded(SEAL, share), anchor="mm", bold=True
        )
        for row, words in enumerate(event.split("\n")):
            c.text((x, 334 + row * 32), words, 21, c.faded(c.look.ink, share), anchor="mm")
    c.text((480, 446), "想一想：为什么说张骞“凿空”西域？", 27, c.faded(WHEAT, beat.shown(3)), anchor="mm", bold=True)


def _map_ornament(c: Canvas, _beat: Beat) -> None:
    points = [(600, 380), (650, 320), (720, 340), (790, 250), (880, 220)]
    c.line(points, SEAL, 4)
    for at in points:
        c.circle(at, 8, SEAL, "#ffffff", 2)
    c.text((600, 412), "长安", 22, anchor="mm", serif=True)
    c.text((880, 188), "西域", 22, anchor="mm", serif=True)


ROAD_BYLINE = "青石镇初级中学　罗启明"
SILK_ROAD = Film(
    "history-silk-road",
    "map",
    "丝绸之路的开通",
    "历史 · 七年级上册",
    ROAD_BYLINE,
    [
        Scene(
            "两千一百多年前，一支队伍从长安出发，走向西域。",
            title_card("历史 · 七年级上册", "丝绸之路的开通\n与经营西域", ROAD_BYLINE, _map_ornament),
            bare=True,
        ),
        Scene(
            "公元前一百三十八年，张骞第一次出使西域，想联络大月氏夹击匈奴。他没有达到目的，却了解了西域各国的情况。公元前一百一十九年，他第二次出使西域。西域各国也派使者回访长安。",
            _zhang_qian,
            "张骞通西域",
        ),
        Scene(
            "丝绸之路从长安出发，经过河西走廊，到达敦煌。再往西分南北两道，到疏勒会合。然后越过葱岭，通向中亚、西亚，最后到达欧洲的大秦。",
            _road,
            "丝绸之路的路线",
        ),
        Scene(
            "丝绸、铁器和漆器，还有开渠、凿井和铸铁的技术传向西方。葡萄、石榴、核桃、苜蓿和良马传入中原。它是一条商路，也是东西方文明往来的路。",
            _goods,
            "路上的往来",
        ),
        Scene(
            "张骞公元前一百三十八年第一次出使西域。公元前一百一十九年第二次出使西域。公元前六十年，西汉设立西域都护，管理西域事务。公元七十三年，东汉派班超出使西域。",
            _protectorate,
            "经营西域",
        ),
    ],
    Voice("cmn-latn-pinyin+m2", 172, 40),
)

FILMS = [NEWTON, SILK_ROAD]
