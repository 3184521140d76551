"""The words a resource is described with: what is stored, and how people read it.

Subjects, stages, editions and volumes are labels that frameworks bring along, never a closed list: what stands here
are the usual ones, offered in forms.
"""

from __future__ import annotations

from tongke.i18n import Text, say
from tongke.resources.models import FileRole, Relation, ResourceType, RevisionState, Standing, Visibility

TYPES: dict[str, Text] = {
    ResourceType.LESSON_VIDEO: say("视频课"),
    ResourceType.CLASSROOM_RECORDING: say("课堂实录"),
    ResourceType.SLIDES: say("课件"),
    ResourceType.LESSON_PLAN: say("教案"),
    ResourceType.WORKSHEET: say("学习单"),
    ResourceType.ASSESSMENT: say("练习与测评"),
    ResourceType.READING: say("阅读材料"),
    ResourceType.AUDIO: say("音频"),
    ResourceType.INTERACTIVE: say("互动课件"),
    ResourceType.EXPERIMENT: say("实验"),
    ResourceType.TEXTBOOK_COMPANION: say("教材配套"),
    ResourceType.OTHER: say("其他资源"),
}
AUDIENCES: dict[str, Text] = {
    "teacher": say("教师"),
    "student": say("学生"),
    "parent": say("家长"),
    "researcher": say("教研员"),
}
CONDITIONS: dict[str, Text] = {
    "projector": say("需要投影"),
    "internet": say("需要网络"),
    "speakers": say("需要音箱"),
    "printing": say("需要打印"),
    "student-devices": say("需要学生设备"),
    "laboratory": say("需要实验器材"),
    "outdoors": say("需要室外场地"),
    "multi-grade": say("适合复式班"),
    "no-devices": say("一块黑板就能上"),
}
ACCESSIBILITY: dict[str, Text] = {
    "captions": say("有字幕"),
    "transcript": say("有文字稿"),
    "sign-language": say("有手语"),
    "audio-description": say("有口述影像"),
    "large-print": say("大字"),
    "high-contrast": say("高对比度"),
    "readable-by-screen-reader": say("读屏可读"),
    "bilingual": say("双语"),
}
LANGUAGES: dict[str, Text] = {
    "zh-CN": say("普通话"),
    "en": say("英语"),
    "bo": say("藏语"),
    "ug": say("维吾尔语"),
    "mn": say("蒙古语"),
    "kk": say("哈萨克语"),
    "ko": say("朝鲜语"),
    "ii": say("彝语"),
    "za": say("壮语"),
    "zh-yue": say("粤语"),
}
STAGES = ("学前", "小学", "初中", "高中", "特殊教育")
SUBJECTS = (
    "语文",
    "数学",
    "英语",
    "道德与法治",
    "科学",
    "物理",
    "化学",
    "生物学",
    "历史",
    "地理",
    "信息科技",
    "体育与健康",
    "艺术",
    "音乐",
    "美术",
    "劳动",
    "综合实践活动",
    "心理健康",
    "地方课程",
    "校本课程",
)
VOLUMES = ("上册", "下册", "全一册")
GRADES = tuple(range(1, 10))
GRADE_WORDS: dict[str, Text] = {
    str(number): words
    for number, words in enumerate(
        (
            say("一年级"),
            say("二年级"),
            say("三年级"),
            say("四年级"),
            say("五年级"),
            say("六年级"),
            say("七年级"),
            say("八年级"),
            say("九年级"),
            say("高一"),
            say("高二"),
            say("高三"),
        ),
        start=1,
    )
}

VISIBILITIES: dict[str, Text] = {
    Visibility.PUBLIC: say("所有人"),
    Visibility.REGION: say("本区县"),
    Visibility.SCHOOL: say("本校"),
    Visibility.PRIVATE: say("只有我"),
}
RELATIONS: dict[str, Text] = {
    Relation.TEACHES: say("教授"),
    Relation.ASSESSES: say("评价"),
    Relation.REQUIRES: say("需要先学"),
}
FILE_ROLES: dict[str, Text] = {FileRole.MAIN: say("文件"), FileRole.CAPTIONS: say("字幕")}
STATES: dict[str, Text] = {
    RevisionState.DRAFT: say("草稿"),
    RevisionState.SUBMITTED: say("待审核"),
    RevisionState.IN_REVIEW: say("审核中"),
    RevisionState.CHANGES_REQUESTED: say("请修改"),
    RevisionState.DECLINED: say("未通过"),
    RevisionState.PUBLISHED: say("已发布"),
    RevisionState.SUPERSEDED: say("旧版本"),
    Standing.WITHDRAWN: say("已撤回"),
    Standing.TAKEN_DOWN: say("已下架"),
    Standing.DELETED: say("已删除"),
}
PROBLEM_KINDS: dict[str, Text] = {
    "wrong-content": say("内容有错误"),
    "does-not-play": say("打不开或播放不了"),
    "copyright": say("侵犯著作权"),
    "unsuitable": say("不适合学生"),
    "privacy": say("泄露个人信息"),
    "other": say("其他问题"),
}


def grade_label(grade: int) -> Text:
    """Return how people read a grade: 三年级, Grade 3."""
    return label(GRADE_WORDS, str(grade))


def label(vocabulary: dict[str, Text], value: str) -> Text:
    """Return how people read a stored value; a value we do not know reads as itself."""
    return vocabulary.get(value) or Text("{value}", {"value": value})
