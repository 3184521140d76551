"""Makes the frameworks of the 2022 national standards: names and structure, no running text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from framework_file import Node, write_framework

TARGET = Path(__file__).parents[2] / "backend/tongke/curriculum/data/standards"
TOP_LEVEL_ONLY = {"英语", "艺术", "体育与健康"}
UNCHECKED = {
    "语文": "学习任务群的“基础型、发展型、拓展型”归类未与原文核对。",
    "科学": "核心概念所属领域（物质科学等）是通行的归类，未与原文核对。",
    "劳动": "核心素养的名称未与原文核对。",
    "体育与健康": "“水平”对应的年级是通行的划分，未与原文核对。",
}
GROUPS = (
    ("themes", "主题与载体", "主题", "TH"),
    ("practice_activities", "语文实践活动", "实践活动", "PA"),
    ("practice", "艺术实践", "实践活动", "PA"),
    ("theme_ranges", "主题范畴", "主题范畴", "TR"),
    ("knowledge_parts", "语言知识", "语言知识", "LK"),
    ("threads", "逻辑主线", "逻辑主线", "TL"),
    ("crosscutting", "跨学科概念", "跨学科概念", "CC"),
    ("required_experiments", "学生必做实验", "必做实验", "RE"),
    ("interdisciplinary_practices", "跨学科实践活动", "跨学科实践", "IP"),
    ("competency_performances", "核心素养的主要表现", "主要表现", "CP"),
    ("lists", "附录", "附录", "AP"),
)
Subject = dict[str, Any]


def main(shared: Path) -> None:
    plan = json.loads((shared / "data/open/curriculum_cn.json").read_text(encoding="utf-8"))
    for subject in plan["subjects"]:
        slug = subject["slug"].replace("_", "-")
        count = write_framework(TARGET / f"{slug}.json", _head(subject, slug), _items(subject))
        print(slug, count, "items")


def _head(subject: Subject, slug: str) -> dict[str, Any]:
    return {
        "framework": f"cn-standard-2022-{slug}",
        "title": f"义务教育{subject['subject']}课程标准（2022年版）",
        "family": "standard",
        "subject": subject["subject"],
        "stage": "义务教育",
        "creator": "中华人民共和国教育部",
        "language": "zh-CN",
        "adoption_status": "Adopted",
        "source": "；".join(subject["verified_by"]),
        "notes": _notes(subject),
        "structure": subject["structure"],
        "grades": subject["grades"],
        "stages": [{"name": name, "grades": grades} for name, grades in subject["stages"].items()],
    }


def _notes(subject: Subject) -> str:
    notes = ["只含名称与结构，不含课程标准的正文。"]
    if subject["subject"] in TOP_LEVEL_ONLY:
        notes.append("目前只有最上面的层级。")
    notes += [note for note in (subject.get("taught_separately"), UNCHECKED.get(subject["subject"])) if note]
    return " ".join(f"{note.removesuffix('。')}。" for note in notes)


def _items(subject: Subject) -> list[Node]:
    content = _by_stage(subject) if _is_staged(subject) else _by_topic(subject)
    roots = [
        _group("C", "核心素养", [_node("核心素养", name) for name in subject["core_competencies"]]),
        _group("S", "课程内容", content),
    ]
    if not _is_staged(subject) and len(subject["stages"]) > 1:
        roots.append(_group("ST", "学段", [_stage(name, grades) for name, grades in subject["stages"].items()]))
    roots += [_group(code, title, _listed(subject[key], kind)) for key, title, kind, code in GROUPS if key in subject]
    if "cross_strand" in subject:
        roots.append({"code": "X", "type": "贯穿内容", "title": subject["cross_strand"]})
    return roots


def _is_staged(subject: Subject) -> bool:
    return any("stages" in top or "by_stage" in top or "stage" in top for top in subject["level1"])


def _by_stage(subject: Subject) -> list[Node]:
    stages = []
    for name, grades in subject["stages"].items():
        stage = _stage(name, grades)
        stage["items"] = [_top(subject, top, name) for top in subject["level1"] if _taught_in(top, name)]
        stages.append(stage)
    return stages


def _taught_in(top: dict[str, Any], stage: str) -> bool:
    return stage in top.get("stages", []) or stage in top.get("by_stage", {}) or top.get("stage") == stage


def _top(subject: Subject, top: dict[str, Any], stage: str) -> Node:
    kind = "跨学科主题" if top.get("interdisciplinary") else subject["level1_kind"]
    node = _node(kind, top["name"], stage=stage)
    if stage in top.get("n_content_items", {}):
        node["content_items"] = top["n_content_items"][stage]
    if "layer" in top:
        node["layer"] = top["layer"]
    _put(node, [_node("主题", name, stage=stage) for name in top.get("by_stage", {}).get(stage, [])])
    return node


def _by_topic(subject: Subject) -> list[Node]:
    tops = []
    for top in subject["level1"]:
        node = _node(subject["level1_kind"], top["name"])
        if "field" in top:
            node["field"] = top["field"]
        _put(node, [_node("二级主题", name) for name in top.get("children", [])])
        tops.append(node)
    return tops + [
        _node("学习任务", name, stage=stage) for stage, names in subject.get("by_stage", {}).items() for name in names
    ]


def _stage(name: str, grades: list[int]) -> Node:
    return {"type": "学段", "title": name, "stage": name, "grades": grades}


def _listed(names: list[Any] | dict[str, int], kind: str) -> list[Node]:
    if isinstance(names, dict):
        return [_node(kind, name, entries=count) for name, count in names.items()]
    return [_node(kind, name["name"] if isinstance(name, dict) else name) for name in names]


def _group(code: str, title: str, children: list[Node]) -> Node:
    return {"code": code, "type": "分组", "title": title, "items": children}


def _node(kind: str, title: str, **more: Any) -> Node:
    return {"type": kind, "title": title, **more}


def _put(node: Node, children: list[Node]) -> None:
    if children:
        node["items"] = children


if __name__ == "__main__":
    main(Path(sys.argv[1]))
