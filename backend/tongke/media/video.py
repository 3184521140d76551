"""Films and sound through a locked-down ffmpeg: first something that plays, then the ladder in one pass."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tongke.config import Settings
from tongke.media import ladder as decide
from tongke.media.ladder import Rung, Storyboard
from tongke.media.probe import FORMATS, Picture, Probed, Sound, input_options, probe
from tongke.media.sandbox import Limits, Workspace, run

POSTER_WIDTH = 640
LOWEST, SOON = 19, 5
"""Somebody waits for the first play, and it is little work: it goes before the ladders, never before the pages."""
Report = Callable[[float], None]
"""Told the seconds of film that are done."""


@dataclass(frozen=True, slots=True)
class Film:
    """A film or sound file in a workspace, and how to work on it."""

    settings: Settings
    place: Workspace
    media_type: str
    probed: Probed
    stopping: threading.Event = field(default_factory=threading.Event)
    niceness: int = LOWEST

    @property
    def source(self) -> list[str]:
        return [*input_options(self.media_type), "-i", str(self.place.source)]

    @property
    def limits(self) -> Limits:
        """Generous for an honest film of this length, an end for everything else."""
        minutes = max(1.0, self.probed.duration_s / 60)
        return Limits(cpu_s=round(120 + 240 * minutes), time_s=600 + 1200 * minutes, niceness=self.niceness)

    def ffmpeg(self, arguments: list[str], report: Report | None = None) -> None:
        """Run ffmpeg in the workspace; ``report`` hears how far it is."""
        argv = [
            self.settings.ffmpeg,
            "-nostdin",
            "-y",
            "-v",
            "error",
            *(["-progress", "pipe:1", "-stats_period", "1"] if report else []),
        ]
        on_line = _progress(report) if report else None
        run([*argv, *arguments], self.place, limits=self.limits, on_line=on_line, stopping=self.stopping)


def open_film(
    settings: Settings, place: Workspace, media_type: str, stopping: threading.Event, *, niceness: int = LOWEST
) -> Film:
    """Probe the file; raises ``ToolFailed`` when there is nothing to read."""
    probed = probe(settings.ffprobe, place, media_type, stopping=stopping, niceness=niceness)
    return Film(settings, place, media_type, probed, stopping, niceness)


def remux(film: Film) -> Path:
    """Copy the picture (and the sound, if any browser plays it) into an mp4 that starts playing at once."""
    picture, sound = film.probed.picture, film.probed.sound
    assert picture is not None
    target = film.place.out / "video.mp4"
    streams = ["-map", f"0:{picture.index}", "-c:v", "copy"]
    if sound is not None:
        streams += ["-map", f"0:{sound.index}", *(["-c:a", "copy"] if sound.is_streamable else _aac(sound))]
    film.ffmpeg([*film.source, *streams, *_mp4(target)])
    return target


def poster(film: Film) -> Path:
    """A still from near the beginning, where the title slide usually is."""
    assert film.probed.picture is not None
    target = film.place.out / "poster.webp"
    at = min(8.0, film.probed.duration_s * 0.1)
    width = min(POSTER_WIDTH, max(2, film.probed.picture.width))
    height = max(2, round(width * film.probed.picture.height / film.probed.picture.width))
    chain = f"{_deinterlace(film.probed.picture)}scale={width}:{height},setsar=1"
    still = ["-map", f"0:{film.probed.picture.index}", "-frames:v", "1", "-vf", chain, *_webp(target, 72)]
    film.ffmpeg(["-ss", f"{at:.3f}", *film.source, *still])
    if not target.exists():  # the file says it is longer than its picture
        film.ffmpeg([*film.source, *still])
    return target


def ladder(film: Film, folder: Path, report: Report | None = None) -> list[Rung]:
    """Make every rung and the sound alone in one pass, as fMP4 HLS with one file a rung; writes the master playlist."""
    assert film.probed.picture is not None
    rungs = decide.rungs(film.probed.picture.width, film.probed.picture.height)
    folder.mkdir(exist_ok=True)
    film.ffmpeg([*film.source, *ladder_arguments(film.probed, rungs, folder)], report)
    measured = {path.stem: decide.rates(path.read_text("ascii")) for path in folder.glob("*.m3u8")}
    channels = min(2, film.probed.sound.channels) if film.probed.sound else 0
    master = decide.master_playlist(rungs, measured, channels)
    (folder / "master.m3u8").write_text(master, encoding="ascii", newline="\n")
    return rungs


def ladder_arguments(probed: Probed, rungs: list[Rung], folder: Path) -> list[str]:
    """What follows the input: one filter graph, one output a rung. Used bare by the benchmark as well."""
    picture = probed.picture
    assert picture is not None
    arguments = ["-map_metadata", "-1", "-sn", "-dn", "-filter_complex", _graph(picture, rungs)]
    for n, rung in enumerate(rungs):
        arguments += ["-map", f"[r{n}]", *_h264(rung), *_hls(folder / rung.name)]
    if probed.sound is not None:
        arguments += ["-map", f"0:{probed.sound.index}", *_aac(probed.sound), *_hls(folder / "audio")]
    return arguments


@dataclass(frozen=True, slots=True)
class Copies:
    """What is made from the ladder's smallest rung and its sound."""

    small: Path
    sound: Path | None
    image: Path
    track: Path
    board: Storyboard


def copies(film: Film, folder: Path, rung: Rung) -> Copies:
    """The smallest rung as an mp4 and the sound as an m4a, by stream copy; the storyboard from key frames.

    All in one run: for a short film, starting a program three times costs more than what it does.
    """
    out, board = film.place.out, decide.storyboard(film.probed, rung)
    small, heard, image, track = (out / n for n in ("240p.mp4", "audio.m4a", "storyboard.webp", "storyboard.vtt"))
    has_sound = film.probed.sound is not None
    sources, made = ["-skip_frame", "nokey", *_own(folder / f"{rung.name}.m4s")], ["-map", "0:v"]
    if has_sound:
        sources += _own(folder / "audio.m4s")
        made += ["-map", "1:a", "-c", "copy", *_mp4(small), "-map", "1:a", "-c", "copy", *_mp4(heard)]
    else:
        made += ["-c", "copy", *_mp4(small)]
    film.ffmpeg([*sources, *made, "-map", "0:v", *_sheet(board), *_webp(image, 60)])
    track.write_text(decide.storyboard_track(board, film.probed.duration_s), encoding="utf-8", newline="\n")
    return Copies(small, heard if has_sound else None, image, track, board)


def _sheet(board: Storyboard) -> list[str]:
    rows = -(-board.count // board.columns)
    chain = f"fps=1/{board.interval_s:.3f}:round=up,scale={board.width}:{board.height},tile={board.columns}x{rows}"
    return ["-vf", chain, "-frames:v", "1"]


def sound(film: Film, report: Report | None = None) -> Path:
    """A sound file (or a film without picture) as a small m4a."""
    assert film.probed.sound is not None
    target = film.place.out / "audio.m4a"
    film.ffmpeg([*film.source, "-map", f"0:{film.probed.sound.index}", *_aac(film.probed.sound), *_mp4(target)], report)
    return target


def _graph(picture: Picture, rungs: list[Rung]) -> str:
    """Largest first; each smaller rung is scaled from the next larger one, which costs a third less."""
    rate = decide.frame_rate(picture)
    steps = [f"[0:{picture.index}]{_deinterlace(picture)}fps={rate}[s{len(rungs)}]"]
    for n in range(len(rungs) - 1, -1, -1):
        scale = f"[s{n + 1}]scale={rungs[n].width}:{rungs[n].height}:flags=bilinear,setsar=1,format=yuv420p"
        steps.append(f"{scale},split=2[r{n}][s{n}]" if n else f"{scale}[r0]")
    return ";".join(steps)


def _deinterlace(picture: Picture) -> str:
    return "yadif=deint=interlaced," if picture.is_interlaced else ""


def _h264(rung: Rung) -> list[str]:
    keys = ["-force_key_frames", f"expr:gte(t,n_forced*{decide.SEGMENT_S})", "-sc_threshold", "0"]
    rate = ["-crf", str(rung.quality), "-maxrate", str(rung.peak_bitrate), "-bufsize", str(2 * rung.peak_bitrate)]
    form = ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-level:v", decide.level(rung)]
    return [*form, "-threads", str(_threads()), *rate, *keys]


def _threads() -> int:
    """One core stays free for those who are reading."""
    return max(1, min(8, (os.cpu_count() or 2) - 1))


def _aac(heard: Sound) -> list[str]:
    channels = str(min(2, max(1, heard.channels)))
    steady = ["-af", "aresample=async=1000:first_pts=0", "-ar", "44100", "-ac", channels]
    return ["-c:a", "aac", "-b:a", str(decide.AUDIO_BITRATE), *steady]


def _hls(stem: Path) -> list[str]:
    form = ["-f", "hls", "-hls_time", str(decide.SEGMENT_S), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    return [*form, "-hls_flags", "single_file", "-hls_segment_filename", f"{stem}.m4s", f"{stem}.m3u8"]


def _own(path: Path) -> list[str]:
    return ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-f", "mov", "-i", str(path)]


def _mp4(target: Path) -> list[str]:
    return ["-map_metadata", "-1", "-sn", "-dn", "-movflags", "+faststart", "-f", "mp4", str(target)]


def _webp(target: Path, quality: int) -> list[str]:
    return ["-map_metadata", "-1", "-c:v", "libwebp", "-quality", str(quality), "-f", "webp", str(target)]


def _progress(report: Report) -> Callable[[str], None]:
    def on_line(line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.isdigit():
            report(int(value) / 1_000_000)

    return on_line
