"""Our CSV: what schools' spreadsheet programs write, and what a teacher is told when a line is wrong."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongke.curriculum.arrangement import arrange
from tongke.curriculum.importers import read_framework_file
from tongke.curriculum.importers.table import read_table
from tongke.curriculum.models import FrameworkFamily
from tongke.curriculum.outline import id_of
from tongke.errors import Invalid

TEA = """#框架,county-tea
#标题,茶乡文化
#类别,校本课程
#学科,综合实践活动
#来源,淳安县教研室
编码,上级编码,标题,类型,年级,说明
1,,茶的历史,单元,四年级,
1.1,1,茶从哪里来,课,4,"两课时，
带实物"
2,,采茶制茶,单元,3-4,
"""


def refused(text: str) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        read_table(text, name="f")
    return {line: str(message) for line, message in error.value.fields.items()}


def test_table_becomes_a_framework():
    outline = read_table(TEA)

    assert (outline.identifier, outline.title, outline.family) == ("county-tea", "茶乡文化", FrameworkFamily.LOCAL)
    assert (outline.subject, outline.source, outline.read_as) == ("综合实践活动", "淳安县教研室", "CSV")
    rows = arrange(outline, id_of("county-tea"))
    assert [(r["human_coding_scheme"], r["depth"], r["grade"], r["identifier"]) for r in rows] == [
        ("1", 0, 4, "county-tea:1"),
        ("1.1", 1, 4, "county-tea:1.1"),
        ("2", 0, None, "county-tea:2"),
    ]
    assert rows[1]["extra"] == {"notes": "两课时，\n带实物"}
    assert rows[2]["extra"] == {"grades": [3, 4]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_of_school_computers_are_understood(encoding):
    assert read_framework_file(TEA.encode(encoding)).title == "茶乡文化"


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_tabs_and_semicolons_part_columns_too(delimiter):
    text = "编码,标题\n1,甲\n2,乙\n".replace(",", delimiter)

    assert [i.title for i in read_table(text, name="f").items] == ["甲", "乙"]


def test_english_headings_and_foreign_samples_are_understood(shared):
    outline = read_framework_file(shared / "data/case_samples/opensalt-sample_case.csv")

    assert len(outline.items) == 10
    depths = {row["human_coding_scheme"]: row["depth"] for row in arrange(outline, id_of("x"))}
    assert depths["M.F.1-2.S1a"] == 4


def test_published_rows_with_several_grades_are_understood(shared):
    outline = read_framework_file(shared / "data/case_samples/ccsso_ela_item.csv")

    assert any(i.extra.get("grades") == [9, 10] for i in outline.items)


def test_every_faulty_line_is_named_at_once():
    text = "编码,上级编码,标题,年级\n1,,一,\n1,,又一,\n,,没有编码,\n4,9,没有上级,\n5,,,\n6,,年级,十三\n7,7,自己,\n8,,多,1,余\n"

    lines = refused(text)

    assert sorted(lines) == ["3", "4", "5", "6", "7", "8", "9"]
    assert "用过" in lines["3"]
    assert "上级" in lines["5"]
    assert "十三" in lines["7"]


def test_circles_are_refused_by_line():
    assert "成环" in refused("编码,上级编码,标题\n1,2,一\n2,1,二\n")["2"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("编码,名字\n1,一\n", "标题"),
        ("标题\n一\n", "编码"),
        ("编码,标题\n", "没有条目"),
        ("#类别,小说\n编码,标题\n1,一\n", "类别"),
        ("#颜色,红\n编码,标题\n1,一\n", "颜色"),
        ("编码,标题,名称\n1,一,二\n", "意思相同"),
        ("编码,标题,顺序\n1,一,第一\n", "顺序"),
        ("编码,标题\n1," + "长" * 200_000 + "\n", "CSV"),
    ],
)
def test_faults_of_the_whole_table_are_explained(text, word):
    with pytest.raises(Invalid) as error:
        read_table(text, name="f")
    assert word in str(error.value)


def test_table_without_a_name_asks_for_one():
    with pytest.raises(Invalid) as error:
        read_framework_file("编码,标题\n1,一\n".encode())
    assert "#框架" in str(error.value)


def test_nul_and_formulas_are_plain_text():
    outline = read_table("编码,标题\n1,=1+1\n2,空\x00字符\n", name="f")

    assert [i.title for i in outline.items] == ["=1+1", "空字符"]


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf", "Cn"]), min_size=1, max_size=12
)


@settings(deadline=None)
@given(
    st.lists(st.tuples(CELLS, st.integers(0, 30)), min_size=1, max_size=20),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_what_a_spreadsheet_writes_is_what_is_read(rows, encoding):
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["编码", "上级编码", "标题"])
    for number, (title, above) in enumerate(rows):
        writer.writerow([f"n{number}", f"n{above}" if above < number else "", title])

    outline = read_framework_file(stream.getvalue().encode(encoding), name="f")

    assert [i.title for i in outline.items] == [unicodedata.normalize("NFC", title) for title, _ in rows]
    assert [i.parent for i in outline.items] == [
        f"f:n{above}" if above < n else None for n, (_, above) in enumerate(rows)
    ]


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    for attempt in (text, f"编码,标题\n{text}", f"编码,上级编码,标题,年级,顺序\n1,,{text}"):
        try:
            outline = read_table(attempt, name="f")
            assert len(arrange(outline, id_of("f"))) == len(outline.items) > 0
        except Invalid:
            continue
