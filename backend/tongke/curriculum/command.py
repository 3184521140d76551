"""``tongke import framework FILE``: what the command does and says; the command line itself is in ``tongke.main``."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from tongke.accounts.actor import OPERATOR
from tongke.curriculum.importers import read_framework_file
from tongke.curriculum.service import ImportReport, import_outline
from tongke.db import transaction
from tongke.errors import TongkeError
from tongke.i18n import SOURCE_LOCALE, say

SHOWN = 20
DONE, FAILED, USAGE = 0, 1, 2


def import_framework_command(
    engine: Engine,
    file: Path,
    *,
    as_json: bool,
    tell: Callable[[str], None],
    on_change: Callable[[Session, Collection[UUID]], None],
    locale: str = SOURCE_LOCALE,
) -> int:
    """Import one file and ``tell`` what happened, line by line; the exit status.

    ``on_change`` gets the items that read differently now, in the same transaction: what is aligned to them is
    indexed again.

    0: it is in. 1: the file was refused and nothing changed. 2: there is no such file.
    """
    if not file.is_file():
        _tell_refusal(say("没有找到文件“{name}”。", name=str(file)).in_locale(locale), {}, as_json, tell)
        return USAGE
    try:
        outline = read_framework_file(file)
        with transaction(engine) as session:
            report = import_outline(session, OPERATOR, outline)
            on_change(session, report.changed_ids)
    except TongkeError as error:
        fields = {name: text.in_locale(locale) for name, text in error.fields.items()}
        _tell_refusal(error.message.in_locale(locale), fields, as_json, tell)
        return FAILED
    for line in [json.dumps(_as_json(report, locale), ensure_ascii=False)] if as_json else _lines(report, locale):
        tell(line)
    return DONE


def _tell_refusal(message: str, fields: dict[str, str], as_json: bool, tell: Callable[[str], None]) -> None:
    if as_json:
        tell(json.dumps({"error": message, "lines": fields}, ensure_ascii=False))
        return
    tell(message)
    for line, text in list(fields.items())[1 : SHOWN + 1]:
        tell(f"  {line}: {text}")


def _as_json(report: ImportReport, locale: str) -> dict[str, Any]:
    warnings = [{"item": one.identifier, "message": one.message.in_locale(locale)} for one in report.warnings]
    whole = {
        key: value for key, value in asdict(report).items() if key not in {"warnings", "document_id", "changed_ids"}
    }
    return {"id": str(report.document_id), **whole, "warnings": warnings}


def _lines(report: ImportReport, locale: str) -> Iterator[str]:
    read = say("已导入“{title}”（按 {read_as} 读取）", title=report.title, read_as=report.read_as)
    counts = say(
        "条目：新增 {added}，更新 {updated}，未变 {unchanged}，停用 {retired}，删除 {removed}；关系 {links}",
        added=report.added,
        updated=report.updated,
        unchanged=report.unchanged,
        retired=report.retired,
        removed=report.removed,
        links=report.links,
    )
    yield read.in_locale(locale)
    yield counts.in_locale(locale)
    if report.warnings:
        yield say("有 {count} 处需要留意：", count=len(report.warnings)).in_locale(locale)
    for one in report.warnings[:SHOWN]:
        yield f"  {one.identifier}: {one.message.in_locale(locale)}"
    if len(report.warnings) > SHOWN:
        yield "  " + say("……其余 {count} 处用 --json 查看。", count=len(report.warnings) - SHOWN).in_locale(locale)
