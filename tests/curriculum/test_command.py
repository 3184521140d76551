"""``tongke import framework FILE`` as an operator sees it."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select
from tests.curriculum.packages import child, item, package

from tongke.curriculum.command import import_framework_command
from tongke.curriculum.models import CFDocument
from tongke.curriculum.outline import id_of
from tongke.db import reading


@pytest.fixture
def changed() -> list[set]:
    return []


@pytest.fixture
def run(engine, tmp_path, changed):
    def run(content: str | None, *, as_json: bool = False) -> tuple[int, list[str]]:
        file = tmp_path / "框架.json"
        if content is not None:
            file.write_text(content, encoding="utf-8")
        told: list[str] = []
        status = import_framework_command(
            engine, file, as_json=as_json, tell=told.append, on_change=lambda _session, ids: changed.append(set(ids))
        )
        return status, told

    return run


def test_command_says_what_it_read_and_did(run, engine):
    status, told = run(package([item("a"), item("b")], [child("b", "x")]))

    assert status == 0
    assert told[0] == "已导入“框架”（按 CASE 1.0 读取）"
    assert told[1].startswith("条目：新增 2，")
    assert told[2:] == ["有 1 处需要留意：", "  b: 上级条目“x”不在文件里，已放到最上层。"]
    with reading(engine) as session:
        assert session.exec(select(CFDocument.title)).all() == ["框架"]


def test_command_tells_programs_in_json(run):
    status, told = run(package([item("a")]), as_json=True)

    report = json.loads(told[0])
    assert (status, report["added"], report["read_as"], report["warnings"]) == (0, 1, "CASE 1.0", [])


def test_refused_file_is_status_one_and_changes_nothing(run, engine):
    status, told = run("编码,标题\n,一\n2,\n")

    assert (status, told) == (1, ["第 2 行：缺少编码。", "  3: 缺少标题。"])
    status, told = run("编码,标题\n,一\n2,\n", as_json=True)
    assert (status, json.loads(told[0])["lines"]) == (1, {"2": "缺少编码。", "3": "缺少标题。"})
    with reading(engine) as session:
        assert session.exec(select(CFDocument)).all() == []


def test_what_reads_differently_is_named_for_the_index(run, changed):
    run(package([item("a", "旧"), item("b")]))
    run(package([item("a", "新"), item("b")]))

    assert changed == [set(), {id_of("a")}]


def test_missing_file_is_status_two(run):
    status, told = run(None)

    assert (status, len(told)) == (2, 1)
