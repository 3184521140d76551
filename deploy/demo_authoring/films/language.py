"""A poem with pinyin, and a first English conversation."""

from __future__ import annotations

import math

from demo_authoring.canvas import Canvas
from demo_authoring.film import Beat, Film, Scene, title_card
from demo_authoring.palette import JADE, PLUM, SEAL, SKY, WHEAT
from demo_authoring.speech import Voice

# --- 枫桥夜泊 ---------------------------------------------------------------------------------------------------------

POEM = [
    ("月落乌啼霜满天", "yuè luò wū tí shuāng mǎn tiān"),
    ("江枫渔火对愁眠", "jiāng fēng yú huǒ duì chóu mián"),
    ("姑苏城外寒山寺", "gū sū chéng wài hán shān sì"),
    ("夜半钟声到客船", "yè bàn zhōng shēng dào kè chuán"),
]


def _verse(c: Canvas, y: float, number: int, colour: str, size: float = 36) -> None:
    words, pinyin = POEM[number]
    for k, (word, sound) in enumerate(zip(words, pinyin.split(), strict=True)):
        x = 104 + k * 76
        c.text((x, y), sound, 16, c.look.grey if colour == c.look.ink else colour, anchor="mm")
        c.text((x, y + 36), word, size, colour, anchor="mm", serif=True)


def _moon(c: Canvas, x: float, y: float, r: float) -> None:
    c.circle((x, y), r, "#f2e3b3")
    c.circle((x + r * 0.42, y - r * 0.18), r * 0.9, c.look.ground)


def _boat(c: Canvas, x: float, y: float, sway: float = 0.0) -> None:
    tilt = 5 * math.sin(sway)
    c.polygon([(x - 70, y - tilt), (x + 70, y + tilt), (x + 46, y + 24), (x - 46, y + 24)], "#5a4632")
    c.polygon([(x - 30, y - 2), (x - 24, y - 34), (x + 26, y - 34), (x + 32, y - 2)], "#8b7253")
    c.circle((x + 52, y - 22), 6, "#e8803c")
    c.line([(x + 52, y - 16), (x + 52, y + 2)], "#5a4632", 2)


def _all_verses(c: Canvas, beat: Beat) -> None:
    for k in range(4):
        _verse(c, 122 + k * 96, k, SEAL if beat.sentence == k + 1 else c.look.ink)
    _moon(c, 850, 150, 42)
    _boat(c, 800, 420, beat.seconds * 1.5)
    c.text((850, 260), "〔唐〕张继", 20, c.look.grey, anchor="mm", serif=True)


def _river(c: Canvas, beat: Beat) -> None:
    c.box((0, 96, 960, 540), "#22303b", radius=0)
    c.circle((160, 190), 34, "#f2e3b3")
    c.circle((174, 184), 30, "#22303b")
    for x, y in ((300, 170), (330, 150), (352, 178)):
        c.arc((x, y), 12, 6, (200, 340), "#cdd6da", 2)
    c.polygon([(560, 400), (600, 300), (660, 270), (740, 250), (840, 300), (960, 280), (960, 400)], "#2e4150")
    c.polygon([(700, 300), (750, 262), (800, 300)], "#8b4a3a")
    c.box((712, 300, 788, 340), "#6b5848", radius=0)
    c.box((0, 400, 960, 540), "#1b2731", radius=0)
    for k in range(12):
        x = (k * 97 + beat.seconds * 8) % 960
        c.line([(x, 424 + (k % 5) * 20), (x + 46, 424 + (k % 5) * 20)], "#34495a", 2)
    _boat(c, 340, 400, beat.seconds * 1.5)
    c.circle((430, 440), 3, "#e8803c")
    labels = [
        ((224, 190), "月落"),
        ((384, 150), "乌啼"),
        ((600, 130), "霜满天"),
        ((474, 372), "江枫 渔火"),
        ((800, 246), "寒山寺"),
    ]
    for k, (at, words) in enumerate(labels):
        c.text(
            at, words, 24, "#f3ead2" if beat.sentence >= (0 if k < 3 else k - 2) else "#22303b", anchor="lm", serif=True
        )


def _feelings(c: Canvas, beat: Beat) -> None:
    rows = [
        ("看到", "月落　霜　江枫　渔火", "冷、暗、只有一点光"),
        ("听到", "乌啼　夜半钟声", "越有声音，夜越静"),
        ("想到", "对愁眠　客船", "离家在外，睡不着"),
    ]
    for k, (sense, words, feeling) in enumerate(rows):
        share, y = beat.shown(k), 130 + k * 88
        c.circle((112, y + 28), 36, c.faded(SEAL, share))
        c.text((112, y + 28), sense, 24, c.faded("#ffffff", share), anchor="mm", bold=True)
        c.text((176, y + 28), words, 27, c.faded(c.look.ink, share), anchor="lm", serif=True)
        c.text((560, y + 28), feeling, 23, c.faded(JADE, share), anchor="lm")
    c.text(
        (480, 440),
        "一个“愁”字，连起了全诗的景物。",
        30,
        c.faded(SEAL, beat.shown(3)),
        anchor="mm",
        bold=True,
        serif=True,
    )


def _questions(c: Canvas, beat: Beat) -> None:
    asks = [
        "为什么“对愁眠”的是江枫和渔火？",
        "钟声为什么在“夜半”听得最清楚？",
        "想一想你离开家的一个晚上，写两三句话。",
    ]
    for k, words in enumerate(asks):
        share, y = beat.shown(k), 150 + k * 92
        c.text((96, y), f"{k + 1}", 40, c.faded(SEAL, share), anchor="mm", bold=True, serif=True)
        c.text((140, y), words, 27, c.faded(c.look.ink, share), anchor="lm", serif=True)


def _poem_ornament(c: Canvas, beat: Beat) -> None:
    _moon(c, 800, 150, 60)
    _boat(c, 720, 400, beat.seconds)


POEM_FILM = Film(
    "chinese-maple-bridge",
    "chinese",
    "枫桥夜泊",
    "语文 · 五年级上册",
    "云屏县第二小学　顾知夏",
    [
        Scene(
            "这首诗写的是一个睡不着的夜晚。",
            title_card("语文 · 五年级上册", "枫桥夜泊\n〔唐〕张继", "云屏县第二小学　顾知夏", _poem_ornament),
            bare=True,
        ),
        Scene(
            "请跟我读，注意停顿。月落，乌啼，霜满天。江枫，渔火，对愁眠。姑苏，城外，寒山寺。夜半，钟声，到客船。",
            _all_verses,
            "读准字音，读出节奏",
            live=True,
        ),
        Scene(
            "月亮落下去了，乌鸦在叫，寒气满天。江边的枫树，渔船上的灯火，陪着船里睡不着的诗人。半夜里，城外寒山寺的钟声，一下一下传到船上。",
            _river,
            "诗中的画面",
            live=True,
        ),
        Scene(
            "先找看到的景物：落月、寒霜、江边的枫树、渔船的灯火。再找听到的声音：乌鸦的叫声和夜半的钟声。最后想诗人的心情：离家在外，愁得睡不着。一个愁字，把这些景物连在了一起。",
            _feelings,
            "景与情",
        ),
        Scene(
            "请你想一想，为什么说枫树和渔火陪着他发愁？为什么半夜的钟声听得最清楚？再写一写，你离开家的一个晚上。",
            _questions,
            "读后想一想",
        ),
    ],
    Voice("cmn-latn-pinyin+f3", 148, 46),
)

# --- Making friends ---------------------------------------------------------------------------------------------------

LILY, BEN, TEACHER = Voice("en-gb+f3", 125, 62), Voice("en-us+m3", 122, 55), Voice("en-gb+f2", 135, 46)


def _child(c: Canvas, x: float, shirt: str, hair: str, *, girl: bool, smile: float = 1.0) -> None:
    c.polygon([(x - 62, 470), (x - 40, 372), (x + 40, 372), (x + 62, 470)], shirt)
    if girl:
        for side in (-1, 1):
            c.oval((x + side * 58, 330), 16, 30, hair)
    c.circle((x, 316), 58, "#f3d3b5")
    c.pie((x, 310), 60, 180, 360, hair)
    for side in (-1, 1):
        c.circle((x + side * 20, 320), 4.5, "#1e2a32")
    c.arc((x, 330), 18, 8 + 6 * smile, (20, 160), "#b23a26", 3)


def _bubble(
    c: Canvas, corners: tuple[float, float, float, float], words: str, tail: float, share: float, colour: str
) -> None:
    if share <= 0:
        return
    x0, y0, x1, y1 = corners
    c.polygon([(tail - 14, y1 - 3), (tail + 14, y1 - 3), (tail, y1 + 26)], c.faded("#ffffff", share))
    c.box(corners, c.faded("#ffffff", share), c.faded(colour, share), 2.5, 16)
    c.text(((x0 + x1) / 2, (y0 + y1) / 2), words, 27, c.faded(c.look.ink, share), anchor="mm", bold=True)


def _room(c: Canvas) -> None:
    c.box((20, 462, 960, 540), "#e7d6b8", radius=0)
    _child(c, 250, PLUM, "#2b211c", girl=True)
    _child(c, 720, SKY, "#5b3a22", girl=False)


def _hello(c: Canvas, beat: Beat) -> None:
    _room(c)
    _bubble(c, (80, 120, 450, 206), "Hello! I'm Lily.", 250, beat.shown(0), PLUM)


def _name(c: Canvas, beat: Beat) -> None:
    _room(c)
    _bubble(c, (80, 120, 450, 206), "What's your name?", 250, beat.shown(0), PLUM)


def _answer(c: Canvas, beat: Beat) -> None:
    _room(c)
    _bubble(c, (540, 120, 900, 206), "Hi, Lily! My name's Ben.", 720, beat.shown(0), SKY)


def _nice(c: Canvas, beat: Beat) -> None:
    _room(c)
    _bubble(c, (80, 120, 450, 206), "Nice to meet you!", 250, beat.shown(0), PLUM)


def _too(c: Canvas, beat: Beat) -> None:
    _room(c)
    _bubble(c, (540, 120, 900, 206), "Nice to meet you, too.", 720, beat.shown(0), SKY)


def _patterns(c: Canvas, beat: Beat) -> None:
    rows = [
        ("Say hello", "Hello! / Hi!", "打招呼"),
        ("Say your name", "I'm … / My name's …", "介绍自己"),
        ("Ask a name", "What's your name?", "问名字"),
        ("Be friendly", "Nice to meet you.", "表示友好"),
    ]
    for k, (use, words, chinese) in enumerate(rows):
        share, y = beat.shown(k), 112 + k * 92
        c.box((64, y, 896, y + 76), c.faded(c.look.pale, share), radius=10)
        c.text((88, y + 38), use, 21, c.faded(PLUM, share), anchor="lm", bold=True)
        c.text((300, y + 38), words, 28, c.faded(c.look.ink, share), anchor="lm", bold=True)
        c.text((872, y + 38), chinese, 21, c.faded(c.look.grey, share), anchor="rm")


def _your_turn(c: Canvas, beat: Beat) -> None:
    _room(c)
    _bubble(c, (60, 104, 440, 190), "Hello! What's your name?", 250, beat.shown(1), PLUM)
    share = beat.shown(2)
    if share:
        c.box((560, 110, 900, 200), None, c.faded(SEAL, share), 3, 16)
        c.text((730, 155), "Hi! My name's ______ .", 25, c.faded(SEAL, share), anchor="mm", bold=True)
    c.text((485, 505), "Stand up. Shake hands. Make a new friend!", 22, WHEAT, anchor="mm", bold=True)


def _english_ornament(c: Canvas, _beat: Beat) -> None:
    _child(c, 660, PLUM, "#2b211c", girl=True)
    _child(c, 820, SKY, "#5b3a22", girl=False)


ENGLISH = Film(
    "english-making-friends",
    "english",
    "Making friends",
    "英语 · 三年级上册 Unit 1",
    "云屏县外国语学校　赵安娜",
    [
        Scene(
            "Hello, everyone. Today we learn how to greet a new friend.",
            title_card(
                "English · Grade 3 · Unit 1",
                "How do we\ngreet friends?",
                "云屏县外国语学校　赵安娜 Anna Zhao",
                _english_ornament,
            ),
            bare=True,
        ),
        Scene("Listen and watch. Hello! I'm Lily.", _hello, "Listen and watch", voice=LILY),
        Scene("What's your name?", _name, "Listen and watch", voice=LILY),
        Scene("Hi, Lily! My name's Ben.", _answer, "Listen and watch", voice=BEN),
        Scene("Nice to meet you!", _nice, "Listen and watch", voice=LILY),
        Scene("Nice to meet you, too.", _too, "Listen and watch", voice=BEN),
        Scene(
            "First, we say hello. Then we say our name. I'm Lily, or my name's Lily. We can ask: What's your name? At the end we say: Nice to meet you.",
            _patterns,
            "What do we say?",
        ),
        Scene("Now you are Ben! Hello! What's your name? Please answer. Very good.", _your_turn, "Your turn"),
        Scene(
            "Listen again and repeat after me. Hello! I'm Lily. What's your name? My name's Ben. Nice to meet you. Nice to meet you, too. See you next time!",
            _patterns,
            "Say it again",
            voice=Voice("en-gb+f2", 112, 46),
        ),
    ],
    TEACHER,
    {
        "zh-CN": [
            "大家好。",
            "今天我们学习怎样和新朋友打招呼。",
            "边听边看。",
            "你好！",
            "我是莉莉。",
            "你叫什么名字？",
            "嗨，莉莉！",
            "我叫本。",
            "很高兴认识你！",
            "我也很高兴认识你。",
            "先打招呼。",
            "再说自己的名字。",
            "可以说 I'm Lily，也可以说 my name's Lily。",
            "可以问：What's your name?",
            "最后说：Nice to meet you.",
            "现在你来当本！",
            "你好！",
            "你叫什么名字？",
            "请你回答。",
            "很好。",
            "再听一遍，跟我读。",
            "你好！",
            "我是莉莉。",
            "你叫什么名字？",
            "我叫本。",
            "很高兴认识你。",
            "我也很高兴认识你。",
            "下次见！",
        ]
    },
    "en",
)

FILMS = [POEM_FILM, ENGLISH]
