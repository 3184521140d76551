"""A lesson film: scenes drawn sentence by sentence while a voice speaks, with captions to match."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from demo_authoring.canvas import HEIGHT, WIDTH, Canvas, ground
from demo_authoring.palette import LOOKS
from demo_authoring.speech import Line, Voice, sentences, silence, speak, write_wave

FRAMES_A_SECOND = 10
_GAP_S, _REST_S, _MOVE_S = 0.3, 0.6, 1.2


@dataclass(frozen=True, slots=True)
class Beat:
    """Where a scene is: the sentence being spoken, how far its movement has come, seconds since the scene began."""

    sentence: int
    share: float
    seconds: float

    def shown(self, sentence: int) -> float:
        """0 before ``sentence`` begins, then rising to 1: how far something that comes with it is there."""
        return 0.0 if self.sentence < sentence else self.share if self.sentence == sentence else 1.0


Draw = Callable[[Canvas, Beat], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """``live`` scenes move all the time; others only at the start of each sentence. ``bare`` has no heading."""

    narration: str
    draw: Draw
    heading: str = ""
    live: bool = False
    bare: bool = False
    voice: Voice | None = None


@dataclass(frozen=True, slots=True)
class Film:
    """A lesson film; ``translated`` holds captions in a second language, a line for each sentence."""

    name: str
    look: str
    title: str
    subject: str
    byline: str
    scenes: list[Scene]
    voice: Voice = field(default_factory=Voice)
    translated: dict[str, list[str]] = field(default_factory=dict)
    language: str = "zh-CN"


def make(film: Film, folder: Path) -> None:
    """Write ``name.mp4`` and ``name.<language>.vtt`` into ``folder``."""
    spoken = [[speak(s, scene.voice or film.voice) for s in sentences(scene.narration)] for scene in film.scenes]
    with tempfile.TemporaryDirectory() as work:
        sound = Path(work) / "sound.wav"
        write_wave(b"".join(_sound(lines) for lines in spoken), sound)
        _encode(film, spoken, sound, folder / f"{film.name}.mp4")
    times = _times(spoken)
    captions = {film.language: [line.caption for lines in spoken for line in lines], **film.translated}
    for language, words in captions.items():
        (folder / f"{film.name}.{language}.vtt").write_text(_vtt(times, words), encoding="utf-8")


def still(film: Film, scene: int, sentence: int) -> Canvas:
    """One frame, to look at."""
    return _frame(film, film.scenes[scene], Beat(sentence, 1.0, 2.0))


def _sound(lines: list[Line]) -> bytes:
    return b"".join(line.samples + silence(_GAP_S) for line in lines) + silence(_REST_S)


def _times(spoken: list[list[Line]]) -> list[tuple[float, float]]:
    times, now = [], 0.0
    for lines in spoken:
        for line in lines:
            times.append((now, now + line.duration_s))
            now += line.duration_s + _GAP_S
        now += _REST_S
    return times


def _vtt(times: list[tuple[float, float]], words: list[str]) -> str:
    cues = [f"{_clock(a)} --> {_clock(b)}\n{w}\n" for (a, b), w in zip(times, words, strict=True)]
    return "\n".join(["WEBVTT\n", *cues])


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"00:{int(minutes):02d}:{rest:06.3f}"


def _encode(film: Film, spoken: list[list[Line]], sound: Path, target: Path) -> None:
    picture = f"-f rawvideo -pix_fmt rgb24 -s {WIDTH}x{HEIGHT} -r {FRAMES_A_SECOND} -i -".split()
    video = [
        "-c:v",
        "libx264",
        "-preset",
        "medium",
        "-crf",
        "26",
        "-tune",
        "stillimage",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "100",
        "-threads",
        "1",
    ]
    audio = ["-c:a", "aac", "-b:a", "48k", "-ac", "1"]
    plain = [
        "-map_metadata",
        "-1",
        "-fflags",
        "+bitexact",
        "-flags:v",
        "+bitexact",
        "-flags:a",
        "+bitexact",
        "-movflags",
        "+faststart",
    ]
    command = ["nice", "ffmpeg", "-v", "error", "-y", *picture, "-i", str(sound), *video, *audio, *plain, str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        carried = 0.0
        for scene, lines in zip(film.scenes, spoken, strict=True):
            carried = _draw_scene(film, scene, lines, carried, encoder.stdin.write)
        encoder.stdin.close()
    if encoder.returncode:
        raise RuntimeError(f"ffmpeg failed on {film.name}")


def _draw_scene(film: Film, scene: Scene, lines: list[Line], carried: float, write: Callable[[bytes], object]) -> float:
    """Draw a scene; ``carried`` is the part of a frame that the scenes before left over."""
    exact = (sum(line.duration_s + _GAP_S for line in lines) + _REST_S) * FRAMES_A_SECOND + carried
    last_beat, pixels = None, b""
    for number in range(int(exact)):
        beat = _beat(lines, number / FRAMES_A_SECOND)
        key = beat if scene.live else (beat.sentence, beat.share)
        if key != last_beat:
            last_beat, pixels = key, _frame(film, scene, beat).finished().tobytes()
        write(pixels)
    return exact - int(exact)


def _beat(lines: list[Line], seconds: float) -> Beat:
    start = 0.0
    for number, line in enumerate(lines):
        end = start + line.duration_s + _GAP_S
        if seconds < end or number == len(lines) - 1:
            share = min(1.0, (seconds - start) / _MOVE_S)
            return Beat(number, share * share * (3 - 2 * share), seconds)
        start = end
    raise ValueError("a scene without a sentence")


def _frame(film: Film, scene: Scene, beat: Beat) -> Canvas:
    canvas = ground(LOOKS[film.look])
    if not scene.bare:
        canvas.text((48, 30), scene.heading or film.title, 30, bold=True)
        canvas.box((48, 76, 108, 80), canvas.look.strong, radius=2)
        canvas.text((912, 50), film.subject, 15, canvas.look.grey, anchor="rm")
    scene.draw(canvas, beat)
    return canvas


def title_card(film_subject: str, title: str, byline: str, ornament: Draw | None = None) -> Draw:
    """The first picture of a film: subject, title, who made it, and something drawn on the right."""

    def draw(c: Canvas, beat: Beat) -> None:
        if ornament:
            ornament(c, beat)
        c.tag((64, 150), film_subject, 19)
        c.text((64, 196), title, 50, bold=True, serif=True, spacing=0.3)
        c.text((64, 400), byline, 21, c.look.grey)
        c.text((64, 434), "同课 · 云屏县共享课例", 17, c.look.grey)

    return draw
