"""Captions: WebVTT and SRT in any encoding, checked line by line, as cues a person can edit."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from tongke.errors import Invalid
from tongke.i18n import Text, say
from tongke.media.textual import encoding_of

MOST_CUES = 20_000
NOT_TEXT = say("这个字幕文件的文字编码认不出来。请用记事本另存为 UTF-8 编码再上传。")
NO_CUES = say("这个文件里没有找到字幕。请上传 vtt 或 srt 字幕文件。")
TOO_MANY = say("字幕太多（超过 {count} 条）。请检查文件。")
ENDS_BEFORE = say("第 {number} 条字幕的结束时间不晚于开始时间。")
BAD_TIME = say("第 {number} 条字幕的时间写法不对：“{line}”。应当像 00:01:02.000 --> 00:01:05.000 这样。")
NO_WORDS = say("第 {number} 条字幕没有文字。")

_TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
_ARROW = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(.*)$")
_TAG = re.compile(r"</?(?:c|v|lang|b|i|u|ruby|rt|font)[^>]*>|<\d\d:[\d:.]+>", re.IGNORECASE)
_NOT_CUES = ("NOTE", "STYLE", "REGION")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&nbsp;": "\N{NO-BREAK SPACE}", "&lrm;": "", "&rlm;": "", "&amp;": "&"}


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said from ``start_s`` to ``end_s``; ``text`` is plain, its lines separated by newlines."""

    start_s: float
    end_s: float
    text: str


def decode(content: bytes) -> str:
    """The file's text, whatever a Chinese Windows wrote; raises ``Invalid`` when it is no text."""
    encoding = encoding_of(content)
    if encoding is None:
        raise Invalid(NOT_TEXT)
    return codecs.decode(content, encoding).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def parse(text: str) -> list[Cue]:
    """The cues of a WebVTT or SRT file in order of time; raises ``Invalid`` that names the cue that is wrong."""
    cues: list[Cue] = []
    for block in re.split(r"\n[ \t]*\n+", text.strip("\n")):
        lines = [line for line in block.split("\n") if line.strip()]
        if not lines or lines[0].startswith(("WEBVTT", *_NOT_CUES)):
            continue
        cue = _cue(lines, len(cues) + 1)
        if cue is not None:
            cues.append(cue)
        if len(cues) > MOST_CUES:
            raise Invalid(_with(TOO_MANY, count=MOST_CUES))
    if not cues:
        raise Invalid(NO_CUES)
    return sorted(cues, key=lambda cue: cue.start_s)


def check(cues: list[Cue]) -> None:
    """Raise ``Invalid``, naming every cue that cannot stand; for what comes from the editor."""
    wrong: dict[str, Text] = {}
    for number, cue in enumerate(cues, 1):
        if not 0 <= cue.start_s < cue.end_s:
            wrong[f"cue-{number}"] = _with(ENDS_BEFORE, number=number)
        elif not cue.text.strip():
            wrong[f"cue-{number}"] = _with(NO_WORDS, number=number)
    if len(cues) > MOST_CUES:
        raise Invalid(_with(TOO_MANY, count=MOST_CUES))
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


def as_vtt(cues: list[Cue]) -> str:
    """WebVTT; the words are escaped, so no cue can carry markup into a page."""
    blocks = [f"{clock(cue.start_s)} --> {clock(cue.end_s)}\n{_escaped(cue.text)}" for cue in cues]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def as_srt(cues: list[Cue]) -> str:
    """SRT, for players that know nothing else."""
    blocks = []
    for number, cue in enumerate(cues, 1):
        times = f"{clock(cue.start_s)} --> {clock(cue.end_s)}".replace(".", ",")
        blocks.append(f"{number}\n{times}\n{_whole(cue.text)}\n")
    return "\n".join(blocks)


def transcript(cues: list[Cue]) -> str:
    """What is said, to read and to search; a line that repeats the one before (rolling captions) is left out."""
    lines: list[str] = []
    for cue in cues:
        for line in _whole(cue.text).split("\n"):
            if line and (not lines or lines[-1] != line):
                lines.append(line)
    return "\n".join(lines)


def convert(content: bytes) -> str:
    """Any caption file as checked WebVTT."""
    cues = parse(decode(content))
    return as_vtt(cues)


def seconds(text: str) -> float:
    """``01:02.5``, ``1:02:03,500`` … as seconds; raises ``Invalid``."""
    found = re.fullmatch(rf"\s*{_TIME}\s*", text if re.search(r"[.,]", text) else f"{text.strip()}.0")
    if found is None:
        raise Invalid(_with(BAD_TIME, number=1, line=text[:40]))
    return _seconds(found.groups())


def clock(moment_s: float) -> str:
    """``00:01:02.500``."""
    whole = round(moment_s * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def _cue(lines: list[str], number: int) -> Cue | None:
    at = next((n for n, line in enumerate(lines[:3]) if "-->" in line), None)
    if at is None:
        return None  # a stray line of text between cues, as many tools leave them
    found = _ARROW.match(lines[at])
    if found is None:
        raise Invalid(_with(BAD_TIME, number=number, line=lines[at][:60]))
    parts = found.groups()
    start, end = _seconds(parts[:4]), _seconds(parts[4:8])
    if end <= start:
        raise Invalid(_with(ENDS_BEFORE, number=number))
    words = "\n".join(_plain(line) for line in lines[at + 1 :])
    return Cue(start, end, words) if words.strip() else None


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, whole, fraction = parts
    total = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(whole or 0)
    return (total * 1000 + int((fraction or "0").ljust(3, "0"))) / 1000


def _plain(line: str) -> str:
    line = _TAG.sub("", line)
    for entity, character in _ENTITIES.items():
        line = line.replace(entity, character)
    return line.strip()


def _escaped(text: str) -> str:
    words = _whole(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return words or "…"


def _whole(text: str) -> str:
    """Without empty lines, which would end the cue."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _with(sentence: Text, **values: str | int) -> Text:
    return Text(sentence.source, values)
