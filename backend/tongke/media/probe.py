"""What is in a film or sound file, asked of a locked-down ffprobe."""

from __future__ import annotations

import json
import math
import threading
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from tongke.media.sandbox import Limits, Workspace, run

DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "audio/mp4": "mov",
    "video/x-matroska": "matroska",
    "audio/x-matroska": "matroska",
    "video/webm": "matroska",
    "audio/webm": "matroska",
    "video/x-msvideo": "avi",
    "video/mp2t": "mpegts",
    "video/mpeg": "mpeg",
    "video/x-ms-wmv": "asf",
    "audio/x-ms-wma": "asf",
    "video/x-flv": "flv",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "video/ogg": "ogg",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/aac": "aac",
}
"""The one demuxer a sniffed type may be opened with; ffmpeg is never left to guess."""

FORMATS = "mov,matroska,webm,avi,mpegts,mpeg,asf,flv,mp3,wav,ogg,flac,aac"
PROBE_LIMITS = Limits(cpu_s=20, time_s=40)
_STREAMABLE_PIXELS = frozenset({"yuv420p", "yuvj420p"})
_STREAMABLE_PROFILES = frozenset({"Constrained Baseline", "Baseline", "Main", "High", "Progressive High"})


@dataclass(frozen=True, slots=True)
class Picture:
    """The film's picture as it is seen: turned upright, with square pixels."""

    codec: str
    width: int
    height: int
    frame_rate: float
    is_interlaced: bool = False
    is_streamable: bool = False
    """Whether any browser plays it as it is."""
    index: int = 0


@dataclass(frozen=True, slots=True)
class Sound:
    codec: str
    channels: int
    sample_rate: int
    bit_rate: int = 0
    is_streamable: bool = False
    index: int = 0


@dataclass(frozen=True, slots=True)
class Probed:
    duration_s: float
    picture: Picture | None
    sound: Sound | None


def input_options(media_type: str) -> list[str]:
    """What stands before ``-i``: local files only, one demuxer, no guessing."""
    demuxer = DEMUXERS[media_type]
    return ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-f", demuxer]


def probe(
    ffprobe: str,
    place: Workspace,
    media_type: str,
    *,
    stopping: threading.Event | None = None,
    niceness: int = PROBE_LIMITS.niceness,
) -> Probed:
    """Look into ``place.source``; raises ``ToolFailed`` when ffprobe cannot read it."""
    shown = "format=duration:stream=index,codec_type,codec_name,profile,pix_fmt,width,height,field_order,avg_frame_rate"
    shown += ",r_frame_rate,sample_aspect_ratio,channels,sample_rate,bit_rate,duration"
    shown += ":stream_disposition=attached_pic:stream_side_data=rotation:stream_tags=rotate"
    argv = [ffprobe, "-v", "error", *input_options(media_type), "-i", str(place.source), "-of", "json"]
    answer = run(
        [*argv, "-show_entries", shown], place, limits=replace(PROBE_LIMITS, niceness=niceness), stopping=stopping
    )
    return read_answer(json.loads(answer))


def read_answer(answer: dict[str, Any]) -> Probed:
    """Ffprobe's JSON in our words; the first real picture and the first sound count."""
    streams = answer.get("streams", [])
    pictures = [s for s in streams if s.get("codec_type") == "video" and not s["disposition"]["attached_pic"]]
    sounds = [s for s in streams if s.get("codec_type") == "audio" and int(s.get("sample_rate", 0))]
    lengths = [answer.get("format", {}).get("duration"), *(s.get("duration") for s in streams)]
    duration = max((_number(length) for length in lengths), default=0.0)
    seen = [picture for picture in map(_picture, pictures) if picture is not None]
    return Probed(duration, seen[0] if seen else None, _sound(sounds[0]) if sounds else None)


def _picture(stream: dict[str, Any]) -> Picture | None:
    width, height = int(stream.get("width", 0)), int(stream.get("height", 0))
    if not width or not height:
        return None
    aspect = _fraction(stream.get("sample_aspect_ratio", "1:1").replace(":", "/")) or 1.0
    seen_width = max(2, round(width * aspect))
    turned = _rotation(stream) % 180 != 0
    is_streamable = (
        stream.get("codec_name") == "h264"
        and stream.get("pix_fmt") in _STREAMABLE_PIXELS
        and stream.get("profile") in _STREAMABLE_PROFILES
    )
    return Picture(
        codec=stream.get("codec_name", ""),
        width=height if turned else seen_width,
        height=seen_width if turned else height,
        frame_rate=_frame_rate(stream),
        is_interlaced=stream.get("field_order", "progressive") in {"tt", "bb", "tb", "bt"},
        is_streamable=is_streamable,
        index=int(stream.get("index", 0)),
    )


def _sound(stream: dict[str, Any]) -> Sound:
    channels = int(stream.get("channels", 0))
    return Sound(
        codec=stream.get("codec_name", ""),
        channels=channels,
        sample_rate=int(stream["sample_rate"]),
        bit_rate=int(_number(stream.get("bit_rate"))),
        is_streamable=stream.get("codec_name") in {"aac", "mp3"} and 0 < channels <= 2,  # noqa: PLR2004
        index=int(stream.get("index", 0)),
    )


def _rotation(stream: dict[str, Any]) -> int:
    for side in stream.get("side_data_list", []):
        if "rotation" in side:
            return int(side["rotation"])
    return int(_number(stream.get("tags", {}).get("rotate")))


def _frame_rate(stream: dict[str, Any]) -> float:
    for name in ("avg_frame_rate", "r_frame_rate"):
        rate = _fraction(stream.get(name, ""))
        if 1 <= rate <= 240:  # noqa: PLR2004  # anything else is a recorder's clock, not a frame rate
            return rate
    return 25.0


def _fraction(text: str) -> float:
    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        return 0.0


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) and number > 0 else 0.0
