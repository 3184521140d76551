"""Spoken words by espeak-ng, as samples in memory.

A narration may say ``{22.4÷4|二十二点四除以四}``: what is written before the bar, what is spoken after it.
Chinese goes through pinyin: the Mandarin voice of espeak-ng 1.51 reads most characters as English spellings.
"""

from __future__ import annotations

import io
import re
import subprocess
import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pypinyin import Style, lazy_pinyin, load_phrases_dict

RATE = 22050
_WIDTH = 2
_TWOFOLD = re.compile(r"\{([^|}]*)\|([^}]*)\}")
_SENTENCE_END = re.compile(r"(?<=[。！？])|(?<=[.!?]) (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Voice:
    """An espeak-ng voice at a pace a class can follow."""

    name: str = "cmn-latn-pinyin+f2"
    words_a_minute: int = 150
    pitch: int = 48


@dataclass(frozen=True, slots=True)
class Line:
    """One spoken sentence: what is shown as its caption, and its samples."""

    caption: str
    samples: bytes

    @property
    def duration_s(self) -> float:
        return len(self.samples) / _WIDTH / RATE


def sentences(narration: str) -> list[str]:
    return [s.strip() for s in _SENTENCE_END.split(narration) if s.strip()]


def shown(sentence: str) -> str:
    return _TWOFOLD.sub(r"\1", sentence)


def spoken(sentence: str) -> str:
    return _TWOFOLD.sub(r"\2", sentence)


_READINGS = {
    "转动": "zhuàn dòng", "自转": "zì zhuàn", "公转": "gōng zhuàn", "逆时针转": "nì shí zhēn zhuàn", "转一周": "zhuàn yì zhōu",
    "自西向东转": "zì xī xiàng dōng zhuàn", "数一数": "shǔ yi shǔ", "大月氏": "dà yuè zhī", "空着": "kòng zhe",
    "教一年级": "jiāo yī nián jí", "石径斜": "shí jìng xié", "不够分": "bú gòu fēn", "了解": "liǎo jiě", "为零": "wéi líng",
    "走得准": "zǒu de zhǔn", "摆得": "bǎi de", "滑得": "huá de", "愁得": "chóu de", "减小得": "jiǎn xiǎo de",
    "听得": "tīng de", "坐得住": "zuò de zhù", "说得对": "shuō de duì", "不停地": "bù tíng de", "随着": "suí zhe",
    "睡不着": "shuì bù zháo", "落下": "luò xià", "分子": "fēn zǐ", "发题": "fā tí", "都护": "dū hù", "挑促织": "tiǎo cù zhī",
    "同样长": "tóng yàng cháng", "一样长": "yí yàng cháng", "边长": "biān cháng", "的长": "de cháng", "长乘宽": "cháng chéng kuān",
    "长的才": "cháng de cái", "摆长": "bǎi cháng", "越长": "yuè cháng", "放长": "fàng cháng", "最长": "zuì cháng",
    "太长": "tài cháng",
}  # fmt: skip


@cache
def _taught() -> None:
    """Tell pypinyin how words are read here that it reads otherwise."""
    load_phrases_dict({word: [[sound] for sound in reading.split()] for word, reading in _READINGS.items()})


def in_pinyin(words: str) -> str:
    """Characters as pinyin with tone numbers; punctuation stays, since it makes the pauses."""
    _taught()
    sounds = lazy_pinyin(words, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True)
    return " ".join(sounds).translate(str.maketrans("，、：；。！？（）《》“”", ",,,;.!?      "))


def speak(sentence: str, voice: Voice) -> Line:
    command = ["espeak-ng", "-v", voice.name, "-s", str(voice.words_a_minute), "-p", str(voice.pitch), "--stdout"]
    words = spoken(sentence)
    said = in_pinyin(words) if voice.name.startswith("cmn") else words
    answer = subprocess.run([*command, said], capture_output=True, check=True)
    # espeak-ng cannot know the length when it writes to a pipe: the samples are what follows the 44-byte header
    return Line(shown(sentence), answer.stdout[44:])


def silence(seconds: float) -> bytes:
    return bytes(_WIDTH * round(RATE * seconds))


def write_wave(samples: bytes, path: Path) -> None:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(_WIDTH)
        stream.setframerate(RATE)
        stream.writeframes(samples)
    path.write_bytes(buffer.getvalue())
