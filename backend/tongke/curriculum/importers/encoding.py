"""Bytes to text, whatever the school's spreadsheet program writes."""

from __future__ import annotations

import codecs

from tongke.errors import Invalid
from tongke.i18n import say

_MARKED = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def text_of(raw: bytes) -> str:
    """``raw`` as text: UTF-8 with or without a mark, UTF-16 with one, else GB18030; raises ``Invalid``."""
    marked = [encoding for mark, encoding in _MARKED if raw.startswith(mark)]
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(say("无法识别文件的文字编码，请存为 UTF-8 后再导入。"))
