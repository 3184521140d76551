"""Our CSV of a framework: one item a row, Chinese or English headings, errors by line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from tongke.curriculum.models import FrameworkFamily
from tongke.curriculum.outline import MAX_ITEMS, MAX_NAME, MAX_TEXT, Outline, OutlineItem, clean, name_of
from tongke.curriculum.titles import bare_title
from tongke.errors import Invalid
from tongke.i18n import Text, say

MAX_ERRORS = 100
MAX_SETTING = 2000
_LONG = {"source", "notes"}
_SETTINGS = {
    "框架": "framework",
    "标识": "framework",
    "标题": "title",
    "类别": "family",
    "学科": "subject",
    "学段": "stage",
    "学制": "system",
    "版本": "edition",
    "制定者": "creator",
    "出版者": "publisher",
    "语言": "language",
    "来源": "source",
    "说明": "notes",
}
_COLUMNS = {
    "标识": "identifier",
    "编码": "code",
    "humancodingscheme": "code",
    "上级编码": "parent",
    "上级": "parent",
    "ischildof": "parent",
    "标题": "title",
    "名称": "title",
    "fullstatement": "title",
    "简称": "short",
    "abbreviatedstatement": "short",
    "类型": "type",
    "cfitemtype": "type",
    "顺序": "position",
    "sequencenumber": "position",
    "学科": "subject",
    "学段": "stage",
    "年级": "grade",
    "educationlevel": "grade",
    "册次": "volume",
    "版本": "edition",
    "说明": "notes",
}
_KNOWN = {"identifier", "code", "parent", "title", "short", "type", "position", "subject", "stage", "grade"} | {
    "volume",
    "edition",
    "notes",
}
_FAMILIES = {
    "课程标准": FrameworkFamily.STANDARD,
    "教材": FrameworkFamily.TEXTBOOK,
    "地方课程": FrameworkFamily.LOCAL,
    "校本课程": FrameworkFamily.LOCAL,
    **{family.value: family for family in FrameworkFamily},
}
_GRADES = {name: grade for grade, name in enumerate("一二三四五六七八九", start=1)}
_BEFORE_SCHOOL = {"K", "KG", "PK", "学前"}
_LAST_GRADE = 12
Row = dict[str, str]


class _Errors:
    """What is wrong, by line; raised together, so that a teacher mends a file once."""

    def __init__(self) -> None:
        self.found: dict[str, Text] = {}

    def add(self, line: int, message: Text) -> None:
        if len(self.found) < MAX_ERRORS:
            self.found.setdefault(str(line), message)

    def raise_any(self) -> None:
        if self.found:
            line, message = next(iter(self.found.items()))
            raise Invalid(say("第 {line} 行：{message}", line=line, message=message), fields=self.found)


def read_table(text: str, *, name: str = "") -> Outline:
    """The framework in a CSV; ``name`` names it when the file does not. Raises ``Invalid`` with every faulty line."""
    errors = _Errors()
    settings, rows = _split(text, errors)
    outline = _outline(settings, name, errors)
    outline.items = [_item(outline, row, line, errors) for line, row in rows]
    _find_parents(outline, rows, _by_key(outline, rows, errors), errors)
    if not rows:
        errors.add(1, say("文件里没有条目。"))
    errors.raise_any()
    return outline


def _split(text: str, errors: _Errors) -> tuple[Row, list[tuple[int, Row]]]:
    """The settings above the headings, and the rows below them with their line numbers."""
    settings: Row = {}
    headings: list[str] = []
    rows: list[tuple[int, Row]] = []
    for line, cells in _lines(text, errors):
        if not headings and cells[0].startswith("#"):
            key = cells[0].lstrip("#").strip()
            settings[_SETTINGS.get(key, key.lower())] = cells[1] if len(cells) > 1 else ""
        elif not headings:
            headings = _headings(cells, line, errors)
        else:
            rows.append((line, dict(zip(headings, cells, strict=False))))
            if len(cells) > len(headings) and any(cells[len(headings) :]):
                errors.add(line, say("这一行的列数比表头多。"))
        if len(rows) > MAX_ITEMS:
            raise Invalid(say("条目超过 {count} 个，请分成几个框架导入。", count=MAX_ITEMS))
    return settings, rows


def _lines(text: str, errors: _Errors) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with the line each ends on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    while True:
        try:
            cells = [clean(cell) for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            errors.add(reader.line_num, say("这一行不是有效的 CSV：引号没有配对，或单元格太长。"))
            return
        if any(cells):
            yield reader.line_num, cells


def _delimiter(text: str) -> str:
    headings = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    return max(",\t;", key=headings.count)


def _headings(cells: list[str], line: int, errors: _Errors) -> list[str]:
    headings = []
    for cell in cells:
        key = re.sub(r"[\s_]", "", cell).casefold()
        headings.append(_COLUMNS.get(key, key))
    doubled = next((name for name in headings if name in _KNOWN and headings.count(name) > 1), "")
    if doubled:
        errors.add(line, say("有两列的意思相同：{name}。", name=doubled))
    if "title" not in headings:
        errors.add(line, say("表头里缺少“标题”这一列。"))
    if not {"code", "identifier"} & set(headings):
        errors.add(line, say("表头里缺少“编码”这一列。"))
    return headings


def _outline(settings: Row, name: str, errors: _Errors) -> Outline:
    unknown = next((key for key in settings if key not in _SETTINGS.values()), "")
    if unknown:
        errors.add(1, say("不认识的设置：#{name}", name=unknown))
    identifier = name_of(settings.get("framework") or name)
    if not identifier:
        errors.add(1, say("请在表头上方写一行“#框架,名称”，给这个框架一个固定的名称。"))
    family = _FAMILIES.get(settings.get("family", FrameworkFamily.LOCAL.value))
    if family is None:
        errors.add(1, say("类别应当是：课程标准、教材、地方课程、校本课程。"))
    outline = Outline(
        identifier=identifier,
        title=name or identifier,
        family=family or FrameworkFamily.LOCAL,
        read_as="CSV",
    )
    for key in _SETTINGS.values():
        if settings.get(key) and key not in {"framework", "family"}:
            setattr(outline, key, settings[key][: MAX_SETTING if key in _LONG else MAX_NAME])
    return outline


def _item(outline: Outline, row: Row, line: int, errors: _Errors) -> OutlineItem:
    key = row.get("identifier") or row.get("code", "")
    if not key:
        errors.add(line, say("缺少编码。"))
    elif max(len(key), len(row.get("code", ""))) > MAX_NAME:
        errors.add(line, say("编码超过 {length} 个字符。", length=MAX_NAME))
    title = row.get("title", "")
    if not title:
        errors.add(line, say("缺少标题。"))
    elif len(title) >= MAX_TEXT:
        errors.add(line, say("标题太长。"))
    grades = _grades(row, line, errors)
    extra: dict[str, Any] = {"grades": grades} if len(grades) > 1 else {}
    if row.get("notes"):
        extra["notes"] = row["notes"]
    return OutlineItem(
        identifier=row.get("identifier") or f"{outline.identifier}:{key}",
        title=title,
        code=row.get("code", ""),
        short=row.get("short", "")[:500] or _short(outline, title),
        item_type=row.get("type", "")[:200],
        position=_position(row, line, errors),
        subject=row.get("subject", "")[:200],
        stage=row.get("stage", "")[:200],
        grade=grades[0] if len(grades) == 1 else None,
        volume=row.get("volume", "")[:200],
        edition=row.get("edition", "")[:200],
        extra=extra,
    )


def _short(outline: Outline, title: str) -> str:
    short = bare_title(title) if outline.family == FrameworkFamily.TEXTBOOK else ""
    return "" if short == title else short


def _position(row: Row, line: int, errors: _Errors) -> int | None:
    written = row.get("position", "")
    if not written:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", written):
        errors.add(line, say("顺序应当是数字，现在是“{written}”。", written=written[:40]))
        return None
    return int(written)


def _grades(row: Row, line: int, errors: _Errors) -> list[int]:
    """The grades a row names: 3, 三年级, 7-9, “07,08”."""
    written = row.get("grade", "").replace("年级", "")
    grades: set[int] = set()
    for part in re.split(r"[,，、.\s]+", written):
        first, _, last = part.replace("—", "-").replace("~", "-").partition("-")
        begin, end = (_GRADES.get(one) or _small_number(one) for one in (first, last or first))
        if part.upper() in _BEFORE_SCHOOL:
            continue
        if part and not 1 <= begin <= end <= _LAST_GRADE:
            errors.add(line, say("年级应当是 1 到 12，现在是“{written}”。", written=written[:40]))
        elif part:
            grades.update(range(begin, end + 1))
    return sorted(grades)


def _small_number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,2}", text) else 0


def _by_key(outline: Outline, rows: list[tuple[int, Row]], errors: _Errors) -> dict[str, list[str]]:
    """The items that each code and identifier names; rows with identifiers of their own may share a code."""
    seen: set[str] = set()
    keys: dict[str, list[str]] = {}
    for (line, row), item in zip(rows, outline.items, strict=True):
        if item.identifier in seen:
            errors.add(line, say("编码或标识“{key}”在前面的行里已经用过。", key=row.get("identifier") or item.code))
        seen.add(item.identifier)
        for key in {item.code, row.get("identifier", "")} - {""}:
            keys.setdefault(key, []).append(item.identifier)
    return keys


def _find_parents(outline: Outline, rows: list[tuple[int, Row]], keys: dict[str, list[str]], errors: _Errors) -> None:
    for (line, row), item in zip(rows, outline.items, strict=True):
        wanted = row.get("parent", "")
        found = keys.get(wanted, [])
        if not wanted:
            continue
        if not found:
            errors.add(line, say("上级编码“{wanted}”不在文件里。", wanted=wanted[:40]))
        elif len(found) > 1:
            errors.add(line, say("有几行的编码都是“{wanted}”，请用标识指明上级。", wanted=wanted[:40]))
        elif found[0] == item.identifier:
            errors.add(line, say("条目不能是自己的上级。"))
        else:
            item.parent = found[0]
    _refuse_circles(outline, rows, errors)


def _refuse_circles(outline: Outline, rows: list[tuple[int, Row]], errors: _Errors) -> None:
    parents = {item.identifier: item.parent for item in outline.items}
    reaches_top: set[str] = set()
    for (line, _), item in zip(rows, outline.items, strict=True):
        way: set[str] = set()
        step: str | None = item.identifier
        while step is not None and step not in reaches_top and step not in way:
            way.add(step)
            step = parents.get(step)
        if step is not None and step in way:
            errors.add(line, say("上下级关系成环。"))
        reaches_top.update(way)
