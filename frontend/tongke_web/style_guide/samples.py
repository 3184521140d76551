"""Made-up resources, chapters and facets for the style guide."""

from __future__ import annotations

from tongke.i18n import say
from tongke_web.shared.card import Card
from tongke_web.shared.facets import Chip, Facet, FacetValue
from tongke_web.shared.player import Chapter, Playable, Source, Track
from tongke_web.shared.tree import Twig

CARDS = (
    Card(
        url="#1",
        title="小数除法：为什么商的小点要和被除数对齐",
        type="lesson-video",
        subject="数学",
        path=("人教版", "五年级上册", "第三单元 小数除法"),
        school="石桥镇中心小学",
        place="镇",
        duration_s=725,
        size_bytes=19_300_000,
        rating=4.8,
        rating_count=23,
        use_count=156,
    ),
    Card(
        url="#2",
        title="《静夜思》吟诵与赏析",
        type="audio",
        subject="语文",
        path=("统编版", "一年级下册", "第四单元"),
        school="云岭村小学（教学点）",
        place="村",
        duration_s=312,
        size_bytes=2_400_000,
        rating=5.0,
        rating_count=4,
        use_count=31,
    ),
    Card(
        url="#3",
        title="种子发芽需要什么：一个用矿泉水瓶就能做的对照实验，全班分四组，两周观察记录",
        type="experiment",
        subject="科学",
        path=("教科版", "四年级下册", "植物的生长变化"),
        school="实验小学",
        place="城",
        size_bytes=5_600_000,
        ai_generated=True,
        state="submitted",
    ),
    Card(url="#4", title="Where is it? Prepositions of place", type="slides", subject="英语", language="en",
         path=("PEP", "三年级下册", "Unit 4"), school="第三中学", place="城", size_bytes=1_200_000, use_count=9),
    Card(url="#5", title="圆的面积 · 分层练习", type="worksheet", subject="数学", path=("北师大版", "六年级上册"),
         school="青川完全小学", place="村", size_bytes=340_000, state="published"),
    Card(url="#6", title="ئۇيغۇر تىلى دەرسى", type="reading", subject="民族语文", language="ug", school="",
         size_bytes=880_000),
)  # fmt: skip

TWIGS = (
    Twig(
        id="a",
        url="#a",
        words="第一单元 小数乘法",
        count=12,
        is_open=True,
        children=(
            Twig(id="a1", url="#a1", words="小数乘整数", count=5),
            Twig(id="a2", url="#a2", words="小数乘小数", count=7, is_current=True),
        ),
    ),
    Twig(id="b", url="#b", words="第二单元 位置", count=0),
    Twig(
        id="c",
        url="#c",
        words="第三单元 小数除法",
        count=31,
        children=(Twig(id="c1", url="#c1", words="除数是整数的小数除法", count=18),),
    ),
)

FACETS = (
    Facet(
        "subject",
        "学科",
        (FacetValue("数学", "数学", 128, is_on=True), FacetValue("语文", "语文", 1096), FacetValue("科学", "科学", 44)),
    ),
    Facet("type", "类型", (FacetValue("lesson-video", "视频课", 77), FacetValue("slides", "课件", 210)), is_open=False),
)

CHIPS = (Chip("数学", "#x"), Chip("五年级", "#y"))

ERRORS = {
    "title": say("请写一个标题，让别的老师一眼看出这节课讲什么。"),
    "grade": say("请选择年级。"),
}

POEM = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"
LINE = "同上一节课"

PLAYABLE = Playable(
    key="style-guide",
    title="小数除法",
    duration_s=725,
    sources=(
        Source(kind="hls", url="/content/lesson.m3u8", size_bytes=87_000_000),
        Source(kind="mp4_240", url="/content/lesson.mp4", size_bytes=19_300_000),
        Source(kind="audio", url="/content/lesson.m4a", size_bytes=5_500_000),
    ),
    tracks=(Track(url="/content/lesson.vtt", language="zh-CN", words="中文"),),
    chapters=(Chapter(0, "分一分：12 元平均分给 5 人"), Chapter(190, "竖式：商的小数点对齐"), Chapter(520, "试一试")),
)
CUES = (
    {"start": "00:00:01.000", "end": "00:00:03.500", "text": "同学们好，今天我们学习小数除法。"},
    {"start": "00:00:04.000", "end": "00:00:07.000", "text": "十二元平均分给五个人，每人多少元？"},
)
