"""From the bytes of a CSV file to lines: encoding, delimiter, headings in Chinese or English. Pure."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tongke.accounts.models import Role
from tongke.errors import Invalid
from tongke.i18n import Text, say

MOST_LINES = 60_000
HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "教师姓名", "老师姓名", "name", "full name", "full_name"),
    "sign_in_name": (
        "登录名", "邮箱", "电子邮箱", "工号", "账号", "用户名", "email", "e-mail", "login", "sign-in name",
        "sign_in_name", "username",
    ),
    "role": ("角色", "职务", "身份", "role"),
    "school": ("学校代码", "学校标识码", "学校编码", "school", "school code", "school_code"),
    "since": ("起始日期", "入校日期", "从", "since", "from"),
    "until": ("结束日期", "到", "until", "to"),
}  # fmt: skip
REQUIRED = ("name", "sign_in_name")
ROLES: dict[str, Role] = {
    "": Role.TEACHER,
    "教师": Role.TEACHER,
    "老师": Role.TEACHER,
    "教研员": Role.REVIEWER,
    "审核员": Role.REVIEWER,
    "学校管理员": Role.SCHOOL_ADMIN,
    **{role.value: role for role in Role},
}
_BY_HEADING = {heading: field for field, headings in HEADINGS.items() for heading in headings}
Dates = tuple[date | str | None, ...]
_FORMULA = tuple("=+-@\t\r")


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the file; ``wrong`` is what cannot be read in this line."""

    number: int
    name: str = ""
    sign_in_name: str = ""
    role: Role = Role.TEACHER
    school: str = ""
    since: date | None = None
    until: date | None = None
    wrong: Text | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The file as lines, and the headings nobody knows."""

    lines: list[Line]
    ignored: list[str]


def decoded(content: bytes) -> str:
    """The text of a file from any spreadsheet program of the country; raises ``Invalid``."""
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    encodings = [name for mark, name in marks if content.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(say("文件的编码认不出来。请另存为“CSV UTF-8”再上传。"))


def read_sheet(text: str) -> Sheet:
    """Read the lines; raises ``Invalid`` where the file as a whole is no roster."""
    if "\0" in text or not text.strip():
        raise Invalid(say("这不是 CSV 文件，或者是空的。"))
    rows = _rows(text)
    first = next(rows, (0, []))[1]
    columns = [_BY_HEADING.get(_plain(heading).lower()) for heading in first]
    missing = [HEADINGS[field][0] for field in REQUIRED if field not in columns]
    if missing:
        raise Invalid(say("第一行缺少这些列：{columns}。请用模板。", columns="、".join(missing)))
    if len({c for c in columns if c}) < len([c for c in columns if c]):
        raise Invalid(say("第一行有重复的列。请用模板。"))
    lines = [_line(number, columns, cells) for number, cells in rows if any(cell.strip() for cell in cells)]
    if len(lines) > MOST_LINES:
        raise Invalid(say("一次最多 {n} 行，请分成几个文件。", n=MOST_LINES))
    ignored = [_plain(heading) for heading, column in zip(first, columns, strict=True) if column is None]
    return Sheet(lines, [heading for heading in ignored if heading])


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with the number of the line they begin at."""
    head = text.lstrip().partition("\n")[0]
    delimiter = max(",\t;", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Invalid(say("第 {n} 行不是正确的 CSV：引号不成对。", n=begins)) from error
        yield begins, cells
        begins = reader.line_num + 1


def _line(number: int, columns: Sequence[str | None], cells: Sequence[str]) -> Line:
    given = {column: _plain(cell) for column, cell in zip(columns, cells, strict=False) if column}
    since, until = _date(given.get("since", "")), _date(given.get("until", ""))
    role = ROLES.get(given.get("role", "").lower())
    known = Line(
        number,
        name=given.get("name", ""),
        sign_in_name=given.get("sign_in_name", "").lower(),
        role=role or Role.TEACHER,
        school=given.get("school", ""),
        since=since if isinstance(since, date) else None,
        until=until if isinstance(until, date) else None,
    )
    wrong = _wrong(known, given, len(cells) > len(columns), role, (since, until))
    return known if wrong is None else Line(number, known.name, known.sign_in_name, wrong=wrong)


def _wrong(line: Line, given: dict[str, str], is_too_long: bool, role: Role | None, dates: Dates) -> Text | None:
    return next(_wrongs(line, given, is_too_long, role, dates), None)


def _wrongs(line: Line, given: dict[str, str], is_too_long: bool, role: Role | None, dates: Dates) -> Iterator[Text]:
    if is_too_long:
        yield say("这一行的列比第一行多，也许少了引号。")
    if not line.name or len(line.name) > 80 or not line.name.isprintable():  # noqa: PLR2004 as the form allows
        yield say("没有姓名，或者姓名太长。")
    if role is None:
        yield say("不认识的角色：{role}。", role=given["role"][:40])
    if role in (Role.PUPIL, Role.REGION_ADMIN, Role.PLATFORM_ADMIN):
        yield say("名单里只能有教师、审核员和学校管理员。")
    for unread in dates:
        if isinstance(unread, str):
            yield say("日期 {date} 认不出来，请写成 2026-09-01。", date=unread[:40])
    if line.since and line.until and line.until < line.since:
        yield say("结束日期早于开始日期。")


def _date(text: str) -> date | str | None:
    """A date as spreadsheets write it; the text itself where it is none."""
    if not text:
        return None
    parts = text.replace("年", "-").replace("月", "-").rstrip("日").replace("/", "-").replace(".", "-").split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        return text


def _plain(cell: str) -> str:
    """A cell without surrounding blanks and without the apostrophe that keeps a spreadsheet from calculating it."""
    text = unicodedata.normalize("NFC", cell.replace("\u3000", " ").replace("\ufeff", "")).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def safe_cell(text: str) -> str:
    """A cell no spreadsheet will take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def written(rows: Sequence[Sequence[str]]) -> bytes:
    """A CSV file that Excel opens rightly: UTF-8 with its mark, every cell safe."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[safe_cell(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")
