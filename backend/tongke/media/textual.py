"""Files that are text: their encoding, and whether they are plain text, captions, or only look harmless."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from tongke.i18n import Text
from tongke.media import refusals
from tongke.media.models import MediaKind
from tongke.media.sniffed import Sniffed

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PLAYLIST = re.compile(
    r"#EXTM3U|ffconcat\s+version|\[playlist\]|<asx\b|<smil\b|<playlist\b|\[Reference\]|<MPD\b|NumberOfEntries=|"
    r"(?:\A|\n)\s*file\s+['\"]?[^\n]+\n\s*(?:file|duration|inpoint)\b",
    re.IGNORECASE,
)
_SHORTCUT = re.compile(r"\A\s*\[(?:InternetShortcut|Desktop Entry)|<key>URL</key>", re.IGNORECASE)
_DRAWING = re.compile(r"<svg[\s>]|<!DOCTYPE\s+svg", re.IGNORECASE)
_PAGE = re.compile(
    r"\A\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|script|iframe|title|meta|style|\?xml|table|div|img)\b|"
    r"\AMIME-Version:.*multipart/related|<script[\s>]|<\?xml-stylesheet",
    re.IGNORECASE | re.DOTALL,
)
_SCRIPT = re.compile(r"\A\s*(?:#!\s*/|<\?php|@echo\s+off|<%|Windows Registry Editor|WScript\.|REGEDIT4)", re.IGNORECASE)
_SCRIPT_NAMES = frozenset(
    {".js", ".mjs", ".bat", ".cmd", ".vbs", ".ps1", ".sh", ".php", ".py", ".pl", ".rb", ".wsf", ".reg", ".jse", ".jar"}
)
_PAGE_NAMES = frozenset({".htm", ".html", ".xhtml", ".mht", ".mhtml", ".hta", ".xht", ".shtml"})
_TEXT_NAMES = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
}
_CUE = re.compile(r"(?:\A|\n)\s*\d+\s*\r?\n\s*\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}\s*-->\s*\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}")
_NOT_TEXT_NAMES = frozenset(
    f".{name}"
    for names in (
        "mp4 m4v mov mkv avi wmv mpg mpeg ts flv webm 3gp vob mp3 m4a wav ogg flac aac wma",
        "jpg jpeg png gif webp bmp heic tif tiff",
        "pdf doc docx ppt pptx xls xlsx wps et dps odt odp ods zip epub h5p",
    )
    for name in names.split()
)

_PLAYLIST_NAMES = frozenset({".m3u", ".m3u8", ".pls", ".asx", ".wpl", ".strm", ".mpd", ".ffconcat"})
_REFUSED = (
    (_SHORTCUT, frozenset({".url", ".desktop", ".webloc"}), refusals.SHORTCUT),
    (_PLAYLIST, _PLAYLIST_NAMES, refusals.PLAYLIST),
    (_DRAWING, frozenset({".svg", ".svgz"}), refusals.DRAWING),
    (_SCRIPT, _SCRIPT_NAMES, refusals.SCRIPT),
    (_PAGE, _PAGE_NAMES, refusals.WEB_PAGE),
)


def encoding_of(content: bytes, *, is_whole: bool = True) -> str | None:
    """The encoding of text, or None when this is not text; the cut end of a longer file is forgiven."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding if _decodes(content, encoding, is_whole=is_whole) else None
    for encoding in ("utf-8", "gb18030"):
        if _decodes(content, encoding, is_whole=is_whole):
            return encoding
    return None


def _decodes(content: bytes, encoding: str, *, is_whole: bool) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content, final=is_whole)
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(text) is None


def read_text(path: Path, limit_bytes: int = 8 * 1024 * 1024) -> str | None:
    """The file's text with any encoding we know, or None when it is not text; line ends become one newline."""
    with path.open("rb") as stream:
        content = stream.read(limit_bytes)
        is_whole = not stream.read(1)
    encoding = encoding_of(content, is_whole=is_whole)
    if encoding is None:
        return None
    text = codecs.getincrementaldecoder(encoding)().decode(content, final=is_whole)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_kind(head: bytes, extension: str, *, is_whole: bool) -> Sniffed | Text | None:
    """What a text file is; a sentence when it is refused; None when it is not text at all."""
    encoding = encoding_of(head, is_whole=is_whole)
    if encoding is None:
        return None
    text = codecs.getincrementaldecoder(encoding)().decode(head, final=is_whole)
    return _refusal(text, extension) or _accepted(text, extension)


def _refusal(text: str, extension: str) -> Text | None:
    if not text.strip():
        return refusals.EMPTY
    for pattern, names, reason in _REFUSED:
        if extension in names or pattern.search(text):
            return reason
    return refusals.TEXT_IN_DISGUISE if extension in _NOT_TEXT_NAMES else None


def _accepted(text: str, extension: str) -> Sniffed:
    if text.startswith(("WEBVTT", "\ufeffWEBVTT")):
        return Sniffed("text/vtt", MediaKind.CAPTIONS, ".vtt")
    if _CUE.search(text[:4096]):
        return Sniffed("application/x-subrip", MediaKind.CAPTIONS, ".srt")
    media_type = _TEXT_NAMES.get(extension, "text/plain")
    return Sniffed(media_type, MediaKind.TEXT, extension if extension in _TEXT_NAMES else ".txt")
