"""Posters, packages of course material and a spreadsheet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

from demo_authoring import drawings
from demo_authoring.office import settle, write_zip

POSTERS = {"poster-solar-terms.png": "solar-terms", "poster-graticule.png": "graticule"}
PACKAGES = {"package-fraction-wall.zip": "fraction-wall", "package-decimal-division.zip": "decimal-division"}
CROSSWALK = "companion-grade3-maths-editions.xlsx"

_ROWS = [
    ("新版三年级上册（2024 年修订）", "旧版里在哪里", "变化", "备课时要做什么"),
    (
        "一、观察物体",
        "旧版二年级上册、四年级下册“观察物体”",
        "提前到三上，增加长方体纸盒的展开",
        "准备牙膏盒、药盒，旧课件只能用观察积木部分",
    ),
    ("二、混合运算", "旧版二年级下册“混合运算”", "从二下移到三上，三种两级运算集中学", "二年级没学过，不能当复习课上"),
    ("三、毫米、分米和千米", "旧版三年级上册“测量”", "“吨的认识”移到主题活动", "千米仍要走一走，操场几圈是 1 千米"),
    (
        "曹冲称象的故事（主题活动）",
        "旧版二下“克和千克”、三上“吨的认识”",
        "质量单位改用主题活动学",
        "提前借杆秤、台秤；石头代替大象",
    ),
    ("四、多位数乘一位数", "旧版三年级上册“多位数乘一位数”", "增加乘法估算", "旧版笔算例题、练习可以继续用"),
    ("数字编码（主题活动）", "旧版三年级上册★数字编码", "保留，增加编制学号", "注意不收集学生身份证号，用虚构的号码"),
    (
        "五、线和角",
        "旧版二上“角的初步认识”、四上“角的度量”",
        "线段、射线、直线与角合成一个单元；增加用圆规比较线段",
        "每人一副圆规，先练拿法",
    ),
    ("六、分数的初步认识", "旧版三年级上册“分数的初步认识”", "结构基本不变", "旧版微课、分数墙都可以直接用"),
    ("数学广角：搭配问题", "旧版二上、三下“搭配”", "集中到三上；旧版三上“集合”不在本册", "旧课件换标题前先核对例题"),
    ("（本册没有）时、分、秒", "旧版三年级上册第一单元", "已不在三年级上册", "查新版二年级下册再安排"),
    ("（本册没有）倍的认识", "旧版三年级上册第五单元", "已不在三年级上册", "转学来的学生问一问学过没有"),
    ("（本册没有）长方形和正方形（周长）", "旧版三年级上册第七单元", "已不在三年级上册", "周长课件先留着，等下册"),
]


def poster(name: str, folder: Path) -> Path:
    target = folder / name
    target.write_bytes(drawings.png(POSTERS[name], colours=160))
    return target


def package(name: str, folder: Path) -> Path:
    target, source = folder / name, Path(__file__).parent / "packages" / PACKAGES[name]
    write_zip(target, [(path.name, path.read_bytes()) for path in sorted(source.iterdir())])
    return target


def crosswalk(folder: Path) -> Path:
    """Which unit of the new book stood where in the old one."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "三年级上册"
    for number, row in enumerate(_ROWS, 1):
        sheet.append(row)
        for cell in sheet[number]:
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            cell.font = Font(
                name="Microsoft YaHei", size=11, bold=number == 1, color="FFFFFF" if number == 1 else "1E2A32"
            )
            if number == 1:
                cell.fill = PatternFill("solid", fgColor="1D5F8A")
    for letter, width in zip("ABCD", (34, 38, 38, 44), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    book.properties.creator, book.properties.title = "云屏县实验小学　林晓芸", "人教版三年级上册数学 新旧教材对照"
    book.properties.created = book.properties.modified = datetime(2026, 9, 1, tzinfo=UTC).replace(tzinfo=None)
    target = folder / CROSSWALK
    book.save(target)
    settle(target)
    return target
