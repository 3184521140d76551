"""What this machine can do with films and documents, and what teachers lose where something is missing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from tongke.config import Settings
from tongke.i18n import Text, say
from tongke.media import sandbox

_PATIENCE_S = 20
_ENCODERS = ("libx264", "aac", "libwebp")


@dataclass(frozen=True, slots=True)
class Check:
    """One part: whether it is there, and a sentence that says what its absence means."""

    name: str
    ok: bool
    sentence: Text


def media_checks(settings: Settings) -> list[Check]:
    """ffmpeg, ffprobe, their encoders, LibreOffice, Chinese fonts, and how well foreign programs are confined."""
    return [*_film_checks(settings), _office_check(settings), _font_check(), _confinement_check()]


def _film_checks(settings: Settings) -> Iterator[Check]:
    for name, program in (("ffmpeg", settings.ffmpeg), ("ffprobe", settings.ffprobe)):
        if _said([program, "-version"]) is None:
            missing = say(
                "没有 {name}：上传的视频和音频只能下载，不能在网页里播放，也没有封面。请安装 ffmpeg。", name=name
            )
            yield Check(name, ok=False, sentence=missing)
        else:
            yield Check(name, ok=True, sentence=say("{name} 可用。", name=name))
    listed = _said([settings.ffmpeg, "-hide_banner", "-encoders"])
    if listed is not None:
        words = set(listed.split())
        lacking = [encoder for encoder in _ENCODERS if encoder not in words]
        if lacking:
            names = ", ".join(lacking)
            yield Check(
                "encoders",
                ok=False,
                sentence=say("ffmpeg 缺少编码器 {names}：视频不能转成网页能播放的格式。", names=names),
            )
        else:
            yield Check("encoders", ok=True, sentence=say("ffmpeg 的编码器齐全。"))


def _office_check(settings: Settings) -> Check:
    if shutil.which(settings.soffice) is None:
        sentence = say("没有 LibreOffice：Office 和 WPS 文档不能在网页里翻看，只能下载。请安装 LibreOffice。")
        return Check("libreoffice", ok=False, sentence=sentence)
    return Check("libreoffice", ok=True, sentence=say("LibreOffice 可用。"))


def _font_check() -> Check:
    listed = _said(["fc-list", ":lang=zh-cn", "family"])
    if listed is None or not listed.strip():
        sentence = say("没有中文字体：文档的页面图片里，汉字会变成方框。请安装中文字体（例如 fonts-noto-cjk）。")
        return Check("fonts", ok=False, sentence=sentence)
    return Check("fonts", ok=True, sentence=say("中文字体可用。"))


def _confinement_check() -> Check:
    held = sandbox.confinement()
    lacking = [name for name, holds in held.items() if not holds]
    if lacking:
        names = ", ".join(lacking)
        sentence = say("处理上传文件的程序没有完全隔离（缺少 {names}）。建议在较新的 Linux 上运行。", names=names)
        return Check("confinement", ok=False, sentence=sentence)
    return Check("confinement", ok=True, sentence=say("处理上传文件的程序已经隔离：没有网络，只看得到一个文件。"))


def _said(argv: list[str]) -> str | None:
    """What a program answers, or None when it is missing or broken."""
    try:
        done = subprocess.run(argv, capture_output=True, timeout=_PATIENCE_S, check=True, stdin=subprocess.DEVNULL)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
