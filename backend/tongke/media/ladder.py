"""Which versions of a film are worth making: pure decisions, nothing is run here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tongke.media.probe import Picture, Probed

SEGMENT_S = 4
MAX_FRAME_RATE = 30.0
AUDIO_BITRATE = 64_000
MIN_SIDE = 16


@dataclass(frozen=True, slots=True)
class Rung:
    """One size of the ladder. ``name`` tells the short side a teacher knows it by (240p)."""

    name: str
    width: int
    height: int
    quality: int
    peak_bitrate: int


_STEPS = ((240, 27, 220_000), (360, 26, 450_000), (720, 24, 1_800_000))


def rungs(width: int, height: int) -> list[Rung]:
    """The ladder for a picture of that size, smallest first: never above the source, never empty, even numbers."""
    short = min(width, height)
    chosen = [step for step in _STEPS if step[0] <= short] or [(short, *_STEPS[0][1:])]
    return [_rung(width, height, *step) for step in chosen]


def _rung(width: int, height: int, side: int, quality: int, peak: int) -> Rung:
    scale = side / min(width, height)
    name = f"{min((step[0] for step in _STEPS if step[0] >= side), default=side)}p"
    return Rung(name, _even(width * scale, width), _even(height * scale, height), quality, peak)


def _even(wished: float, limit: int) -> int:
    """The nearest even number that is not above the source; one-pixel films become two pixels wide."""
    number = 2 * round(wished / 2)
    return max(MIN_SIDE, number if number <= limit else number - 2)


def frame_rate(picture: Picture) -> str:
    """A steady rate for players that stumble over a recorder's changing one."""
    return f"{min(picture.frame_rate, MAX_FRAME_RATE):.5g}"


def codec_string(rung: Rung) -> str:
    """RFC 6381 for H.264 Main at the level the encoder is told to keep to."""
    return {"240p": "avc1.4d401e", "360p": "avc1.4d401e"}.get(rung.name, "avc1.4d401f")


def level(rung: Rung) -> str:
    return "3.0" if codec_string(rung).endswith("1e") else "3.1"


@dataclass(frozen=True, slots=True)
class Rates:
    """Bits a second of one media playlist: its heaviest segment, and on the whole."""

    peak: int
    average: int


def rates(playlist: str) -> Rates:
    """Measure a media playlist whose segments are byte ranges of one file."""
    lengths = [float(seconds) for seconds in re.findall(r"#EXTINF:([\d.]+)", playlist)]
    sizes = [int(size) for size in re.findall(r"#EXT-X-BYTERANGE:(\d+)", playlist)]
    heaviest = max((8 * size / max(length, 0.1) for size, length in zip(sizes, lengths, strict=True)), default=0)
    return Rates(round(heaviest), round(8 * sum(sizes) / max(sum(lengths), 0.1)))


def master_playlist(ladder: list[Rung], measured: dict[str, Rates], channels: int) -> str:
    """The HLS master playlist: the rungs, and the sound alone where there is any (``measured["audio"]``)."""
    sound = measured.get("audio", Rates(0, 0))
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    group, codec = "", ""
    if "audio" in measured:
        group, codec = ',AUDIO="sound"', ",mp4a.40.2"
        name = 'TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES'
        lines.append(f'#EXT-X-MEDIA:{name},CHANNELS="{channels}",URI="audio.m3u8"')
    for rung in ladder:
        own = measured[rung.name]
        bandwidth = f"BANDWIDTH={own.peak + sound.peak},AVERAGE-BANDWIDTH={own.average + sound.average}"
        size = f"RESOLUTION={rung.width}x{rung.height}"
        lines.append(f'#EXT-X-STREAM-INF:{bandwidth},CODECS="{codec_string(rung)}{codec}",{size}{group}')
        lines.append(f"{rung.name}.m3u8")
    if group:
        bandwidth = f"BANDWIDTH={sound.peak},AVERAGE-BANDWIDTH={sound.average}"
        lines += [f'#EXT-X-STREAM-INF:{bandwidth},CODECS="mp4a.40.2"{group}', "audio.m3u8"]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Storyboard:
    """One sprite sheet: a small picture every ``interval_s`` seconds, ``columns`` a row."""

    interval_s: float
    count: int
    columns: int
    width: int
    height: int


def storyboard(probed: Probed, rung: Rung, *, most: int = 100, width: int = 160) -> Storyboard:
    """At most a hundred pictures, at least five seconds apart."""
    interval = max(5.0, probed.duration_s / most)
    count = max(1, min(most, int(probed.duration_s // interval) or 1))
    return Storyboard(interval, count, min(10, count), width, max(2, 2 * round(rung.height * width / rung.width / 2)))


def storyboard_track(board: Storyboard, duration_s: float, image: str = "storyboard.webp") -> str:
    """WebVTT that says which part of the sprite sheet belongs to which moment."""
    cues = ["WEBVTT", ""]
    for n in range(board.count):
        end = duration_s if n == board.count - 1 else (n + 1) * board.interval_s
        left, top = n % board.columns * board.width, n // board.columns * board.height
        place = f"{left},{top},{board.width},{board.height}"
        cues += [f"{_clock(n * board.interval_s)} --> {_clock(end)}", f"{image}#xywh={place}", ""]
    return "\n".join(cues)


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"
