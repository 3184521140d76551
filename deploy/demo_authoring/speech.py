"""Spoken words by espeak-ng, as samples in memory.

A narration may say ``{22.4÷4|二十二点四除以四}``: what is written before the bar, what is spoken after it.
"""

from __future__ import annotations

import io
import re
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

RATE = 22050
_WIDTH = 2
_TWOFOLD = re.compile(r"\{([^|}]*)\|([^}]*)\}")
_SENTENCE_END = re.compile(r"(?<=[。！？])|(?<=[.!?]) (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Voice:
    """An espeak-ng voice at a pace a class can follow."""

    name: str = "cmn+f2"
    words_a_minute: int = 172
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


def speak(sentence: str, voice: Voice) -> Line:
    command = ["espeak-ng", "-v", voice.name, "-s", str(voice.words_a_minute), "-p", str(voice.pitch), "--stdout"]
    answer = subprocess.run([*command, spoken(sentence)], capture_output=True, check=True)
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
