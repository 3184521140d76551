"""Sound files: poems, listening, dictation, rhythm and pitch; strings and wood blocks are computed."""

from __future__ import annotations

import math
import subprocess
import tempfile
from array import array
from collections.abc import Callable
from pathlib import Path

from demo_authoring.speech import RATE, Voice, silence, speak, write_wave

CALM = Voice("cmn-latn-pinyin+f3", 128, 46)
_LOUD = 32767


def _samples(values: list[float]) -> bytes:
    return array("h", [round(max(-1.0, min(1.0, v)) * _LOUD) for v in values]).tobytes()


def string(hertz: float, seconds: float, loud: float = 0.5) -> bytes:
    """A plucked string (Karplus and Strong), the same every time."""
    period, state = round(RATE / hertz), 12345
    ring = []
    for _ in range(period):
        state = (1103515245 * state + 12345) % 2**31
        ring.append(loud * (state / 2**30 - 1))
    values = []
    for k in range(round(RATE * seconds)):
        here, following = ring[k % period], ring[(k + 1) % period]
        values.append(here)
        ring[k % period] = 0.4975 * (here + following)
    return _samples(values)


def block(hertz: float, seconds: float, loud: float) -> bytes:
    """A wood block, then silence until ``seconds`` are over."""
    length = round(RATE * seconds)
    values = [loud * math.sin(2 * math.pi * hertz * k / RATE) * math.exp(-k / (RATE * 0.03)) for k in range(length)]
    return _samples(values)


def chord(notes: list[float], seconds: float = 1.2) -> bytes:
    return b"".join(string(note, seconds / len(notes), 0.35) for note in notes)


def _said(words: list[tuple[str, float]], voice: Voice = CALM) -> bytes:
    """Sentences, each followed by so many seconds of silence."""
    return b"".join(speak(sentence, voice).samples + silence(rest) for sentence, rest in words)


def poems() -> bytes:
    """Three autumn poems, a few plucked notes before each."""
    texts = [
        (
            "山行。唐，杜牧。",
            ["远上，寒山，石径斜。", "白云，生处，有人家。", "停车，坐爱，枫林晚。", "霜叶，红于，二月花。"],
        ),
        (
            "夜书所见。宋，叶绍翁。",
            ["萧萧，梧叶，送寒声。", "江上，秋风，动客情。", "知有，儿童，挑促织。", "夜深，篱落，一灯明。"],
        ),
        (
            "望洞庭。唐，刘禹锡。",
            ["湖光，秋月，两相和。", "潭面，无风，镜未磨。", "遥望，洞庭，山水翠。", "白银盘里，一青螺。"],
        ),
    ]
    tune = [293.7, 349.2, 392.0, 440.0]
    parts = [
        chord(tune if not k % 2 else tune[::-1], 2.0)
        + _said([(title, 0.9)])
        + _said([(verse, 0.9) for verse in verses])
        for k, (title, verses) in enumerate(texts)
    ]
    return b"".join(parts) + chord(tune, 2.4)


def listening() -> bytes:
    """Five short dialogues to listen to, each twice."""
    lily, ben = Voice("en-gb+f3", 125, 62), Voice("en-us+m3", 122, 55)
    talks = [
        [(lily, "Hello! I'm Lily."), (ben, "Hi! My name's Ben.")],
        [(ben, "What's your name?"), (lily, "My name's Amy. A, M, Y, Amy.")],
        [(lily, "This is my friend, Tom."), (ben, "Nice to meet you, Tom.")],
        [(ben, "Goodbye, Miss White."), (lily, "Goodbye, Ben. See you tomorrow.")],
        [(lily, "Can I help you?"), (ben, "Yes, please. Thank you!")],
    ]
    guide, parts = Voice("en-gb+f2", 130, 46), []
    for number, talk in enumerate(talks, 1):
        said = b"".join(speak(words, voice).samples + silence(0.5) for voice, words in talk)
        parts.append(_said([(f"Number {number}.", 0.6)], guide) + said + silence(1.2) + said + silence(2.5))
    return _said([("Listen to the dialogues. You will hear each one twice.", 1.0)], guide) + b"".join(parts)


def dictation() -> bytes:
    """Ten words, each read twice with time to write."""
    words = ["风景", "优美", "五光十色", "珊瑚", "懒洋洋", "成群结队", "海滨", "贝壳", "初夏", "又松又软"]
    parts = [_said([(f"第{number}个。", 0.4), (word, 2.2), (word, 4.5)]) for number, word in enumerate(words, 1)]
    return (
        _said([("三年级上册第六单元，词语听写。每个词读两遍。", 1.0)])
        + b"".join(parts)
        + _said([("听写结束，请检查。", 0.3)])
    )


def rhythm() -> bytes:
    """Four patterns in four-four time, each four times; the first beat of a bar is lower and louder."""
    beat = 0.6
    patterns = [
        ("四分音符。", "1 1 1 1"),
        ("四分和八分音符。", "1 2 1 2"),
        ("二分音符。", "h h"),
        ("切分节奏。", "s 1 1"),
    ]
    parts = []
    for name, pattern in patterns:
        bar = b""
        for place, sign in enumerate(pattern.split()):
            tone, loud = (700.0, 0.9) if not place else (1000.0, 0.55)
            lengths = {"1": [1.0], "2": [0.5, 0.5], "h": [2.0], "s": [0.5, 1.0, 0.5]}[sign]
            bar += b"".join(block(tone if not k else 1000.0, beat * share, loud) for k, share in enumerate(lengths))
        parts.append(_said([(name, 0.6)]) + bar * 4 + silence(0.8))
    ready = _said([("预备，齐。", 0.4)])
    return _said([("节奏模仿练习。先听，再跟着拍手。", 0.6)]) + ready + b"".join(parts)


def pitch() -> bytes:
    """Six pairs of plucked strings: is the second higher?"""
    pairs = [(196, 262), (330, 247), (392, 294), (262, 330), (294, 294), (220, 440)]
    parts = [
        _said([(f"第{number}组。", 0.4)]) + string(low, 1.3) + silence(0.3) + string(high, 1.3) + silence(2.0)
        for number, (low, high) in enumerate(pairs, 1)
    ]
    return _said([("听一听，第二个声音比第一个高，还是低？", 0.8)]) + b"".join(parts)


SOUNDS: dict[str, Callable[[], bytes]] = {
    "audio-autumn-poems.mp3": poems,
    "audio-greeting-listening.m4a": listening,
    "audio-dictation.mp3": dictation,
    "audio-rhythm.mp3": rhythm,
    "audio-pitch.m4a": pitch,
}


def make(name: str, folder: Path) -> Path:
    target = folder / name
    codec = ["libmp3lame", "-b:a", "48k"] if target.suffix == ".mp3" else ["aac", "-b:a", "48k"]
    plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    with tempfile.TemporaryDirectory() as work:
        wave = Path(work) / "sound.wav"
        write_wave(SOUNDS[name](), wave)
        command = ["nice", "ffmpeg", "-v", "error", "-y", "-i", str(wave), "-c:a", *codec, "-ac", "1", *plain]
        subprocess.run([*command, str(target)], check=True)
    return target
