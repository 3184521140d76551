"""Readers of framework files others made: CASE packages and our CSV."""

from __future__ import annotations

from pathlib import Path

from tongke.curriculum.importers.case import read_case
from tongke.curriculum.importers.encoding import text_of
from tongke.curriculum.importers.table import read_table
from tongke.curriculum.outline import Outline
from tongke.errors import Invalid
from tongke.i18n import say

MAX_BYTES = 64 * 2**20
_ZIP = b"PK\x03\x04"


def read_framework_file(source: Path | bytes, *, name: str = "") -> Outline:
    """The framework in a CASE JSON package or in our CSV, told apart by what the file begins with.

    ``name`` is the file's name, for a CSV that does not name its framework. Raises ``Invalid``.
    """
    raw = _bytes_of(source)
    name = name or (source.stem if isinstance(source, Path) else "")
    if raw.startswith(_ZIP):
        raise Invalid(say("这是 Excel 工作簿或压缩包。请在表格软件里另存为 CSV，再导入。"))
    text = text_of(raw)
    if not text.strip():
        raise Invalid(say("文件是空的。"))
    return read_case(text) if text.lstrip()[0] in "{[" else read_table(text, name=name)


def _bytes_of(source: Path | bytes) -> bytes:
    if isinstance(source, Path):
        if not source.is_file():
            raise Invalid(say("没有找到文件“{name}”。", name=str(source)))
        if source.stat().st_size <= MAX_BYTES:
            return source.read_bytes()
    elif len(source) <= MAX_BYTES:
        return source
    raise Invalid(say("文件超过 {size} MB，请分成几个框架导入。", size=MAX_BYTES // 2**20))


__all__ = ["MAX_BYTES", "read_case", "read_framework_file", "read_table"]
