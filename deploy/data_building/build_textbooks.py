"""Makes the textbook frameworks from the collected catalogue: one file a series, books, units, lessons."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from framework_file import Node, write_framework

TARGET = Path(__file__).parents[2] / "backend/tongke/curriculum/data/textbooks"
SUBJECTS = {
    "体育与健康": "pe",
    "艺术·美术": "art",
    "艺术·音乐": "music",
    "化学": "chemistry",
    "历史": "history",
    "地理": "geography",
    "数学": "math",
    "物理": "physics",
    "生物学": "biology",
    "科学": "science",
    "英语": "english",
    "语文": "chinese",
    "道德与法治": "morality-law",
}
EDITIONS = {
    "人教版": ("人教版", "renjiao", "人民教育出版社"),
    "统编版": ("统编版", "tongbian", "人民教育出版社"),
    "北师大版": ("北师大版", "beishida", "北京师范大学出版社"),
    "教科版": ("教科版", "jiaoke", "教育科学出版社"),
    "人教版（PEP）（主编：吴欣）": ("人教版（PEP）", "pep", "人民教育出版社"),
}
STAGES = {"小学": "primary", "初中": "junior"}
SYSTEMS = {"六三": "63", "五四": "54"}
NUMERALS = "零一二三四五六七八九"
VOLUMES = {"上册": "a", "下册": "b", "全一册": "", "水平一": "l1", "水平二": "l2", "水平三": "l3"}
SPANS = {"水平一": [1, 2], "水平二": [3, 4], "水平三": [5, 6]}
READERS = {"学生读本（小学低年级）": "reader-low", "学生读本（小学高年级）": "reader-high"}
SOURCE = (
    "公开的教材目录（单元、课的名称与顺序），由 Ljango/get_neooo_html 收集；"
    "Unit and lesson titles and their order, from the public textbook catalogue as collected there."
)
NOTES = (
    "只含册、单元、课的名称与顺序，不含教材内容。标“新版”的是 2024 年起按 2022 年版课程标准修订的教材，与旧版并列。"
    "部分年级的新版或下册尚未收入。"
)
KINDS = (
    ("单元", re.compile(r"^(第\s*[0-9一二三四五六七八九十]+\s*单元|(Starter )?Unit\b)")),
    ("章", re.compile(r"^第\s*[0-9一二三四五六七八九十]+\s*章")),
    ("节", re.compile(r"^(第\s*[0-9一二三四五六七八九十]+\s*节|\d+\.\d+)")),
    ("课", re.compile(r"^(第\s*[0-9一二三四五六七八九十]+\s*[课讲]|课题\s*\d|\d+\s*\*?\s*[.．、 ])")),
)


def main(shared: Path) -> None:
    rows = list(csv.DictReader((shared / "data/open/textbook_trees.tsv").open(encoding="utf-8"), delimiter="\t"))
    series: dict[tuple[str, str, str, str], dict[str, list[dict[str, str]]]] = {}
    for row in rows:
        key = (row["stage"], row["system"], row["subject"], row["edition"])
        series.setdefault(key, {}).setdefault(row["book"], []).append(row)
    for key, books in series.items():
        head = _head(*key)
        items = [_book(key[2], lines) for lines in _in_order(books.values())]
        count = write_framework(TARGET / f"{head['framework'].removeprefix('cn-textbook-')}.json", head, items)
        print(head["framework"], len(items), "books", count, "items")


def _head(stage: str, system: str, subject: str, edition: str) -> dict[str, Any]:
    name, slug, publisher = EDITIONS[edition]
    if system == "五四":
        name += "（五·四学制）"
    label = subject.removeprefix("艺术·")
    return {
        "framework": f"cn-textbook-{STAGES[stage]}-{SYSTEMS[system]}-{SUBJECTS[subject]}-{slug}",
        "title": f"{stage}{label} {name}",
        "family": "textbook",
        "subject": label,
        "stage": stage,
        "system": system,
        "edition": name,
        "publisher": publisher,
        "language": "zh-CN",
        "source": SOURCE,
        "notes": NOTES,
    }


def _in_order(books: Iterable[list[dict[str, str]]]) -> list[list[dict[str, str]]]:
    def rank(lines: list[dict[str, str]]) -> tuple[int, int, int]:
        first = lines[0]
        return int(first["grade"] or 99), list(VOLUMES | READERS).index(first["volume"]), -int(first["new_edition"])

    return sorted(books, key=rank)


def _book(subject: str, lines: list[dict[str, str]]) -> Node:
    grade, volume, revised = lines[0]["grade"], lines[0]["volume"], lines[0]["new_edition"] == "1"
    node: Node = {"type": "册", "volume": volume, "code": _book_code(grade, volume)}
    if volume in READERS or volume in SPANS:
        node["title"] = volume
    else:
        node |= {"title": f"{NUMERALS[int(grade)]}年级{volume}", "grade": int(grade)}
    if volume in SPANS:
        node["grades"] = SPANS[volume]
    if revised:
        node |= {"title": node["title"] + "（新版）", "revised": True, "code": node["code"] + "-new"}
    node["items"] = _tree(subject, lines)
    return node


def _book_code(grade: str, volume: str) -> str:
    if volume in READERS:
        return READERS[volume]
    return VOLUMES[volume] if volume in SPANS else f"{grade}{VOLUMES[volume]}"


def _tree(subject: str, lines: list[dict[str, str]]) -> list[Node]:
    roots: list[Node] = []
    open_nodes: list[Node] = []
    for line in lines:
        depth = int(line["depth"])
        del open_nodes[depth - 1 :]
        node: Node = {"title": _mended(subject, line["title"])}
        (open_nodes[-1].setdefault("items", []) if open_nodes else roots).append(node)
        open_nodes.append(node)
    for node in roots:
        _name_kinds(node, above=())
    return roots


def _mended(subject: str, title: str) -> str:
    """Undo what the collection did to titles: a replaced word, letters set apart."""
    if subject == "艺术·音乐":
        title = title.replace("艺术·音乐", "音乐")
    title = re.sub(r"^第\s*(\d+)\s*(课|单元|章|节)\s*", r"第\1\2 ", " ".join(title.split()))
    head, gap, words = title.partition(" ")
    if re.fullmatch(r"(?:[一-鿿] ){2,}[一-鿿]", words):
        words = words.replace(" ", "")
    return (head + gap + words).strip()


def _name_kinds(node: Node, above: tuple[str, ...]) -> None:
    kind = next((kind for kind, pattern in KINDS if pattern.match(node["title"])), "") or _by_place(node, above)
    if kind in {"课", "节"} and above and above[-1] in {"课", "小节"}:
        kind = "小节"
    node["type"] = kind
    for child in node.get("items", []):
        _name_kinds(child, (*above, kind))


def _by_place(node: Node, above: tuple[str, ...]) -> str:
    if not above:
        return "单元" if node.get("items") else "课"
    if above[-1] in {"课", "节", "小节"}:
        return "小节"
    return "栏目" if node.get("items") else "课"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
