"""What each rendition job makes, from opening the file to the finished rows."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from tongke.config import Settings
from tongke.errors import Invalid
from tongke.i18n import say
from tongke.jobs.worker import GaveUp, Handler
from tongke.media import captions, documents, renditions, video
from tongke.media.models import MediaKind, RenditionKind
from tongke.media.rendering import Made, Rendering, TextReady, handler, work_folder
from tongke.media.sandbox import Limits, ToolFailed, Workspace, run_decoder, sweep_workspaces
from tongke.media.textual import read_text
from tongke.media.video import Film, open_film
from tongke.storage.base import BlobStore

TEXT_IN_ROW = 20_000
"""So many characters of text are kept in the row, for the index and the page; all of it is in the store."""

NOTHING_INSIDE = say("这个文件里没有可以播放的画面或声音。请检查后重新上传。")
NOT_DECODED = say("这张图片打不开，可能已经损坏。请另存一份再上传。")
PICTURE_LIMITS = Limits(cpu_s=30, time_s=60)
OFFICE_EXTENSIONS = {
    "application/msword": ".doc",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.ms-excel": ".xls",
    "application/wps-office.wps": ".doc",
    "application/wps-office.dps": ".ppt",
    "application/wps-office.et": ".xls",
    "application/rtf": ".rtf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.graphics": ".odg",
    "application/pdf": ".pdf",
}


def handlers(store: BlobStore, settings: Settings, text_ready: TextReady) -> dict[str, Handler]:
    """The worker's table for every rendition job; what a killed worker left behind is removed on the way.

    ``text_ready`` asks for the index to be brought up to date.
    """
    sweep_workspaces(work_folder(settings))
    table = (
        (renditions.FIRST_PLAY, first_play),
        (renditions.THUMBNAIL, thumbnail),
        (renditions.TEXT, plain_text),
        (renditions.PAGES, pages),
        (renditions.SOUND, sound),
        (renditions.LADDER, ladder),
    )
    return {
        work.job: handler(work, make, store, settings, text_ready, quick=work in renditions.QUICK)
        for work, make in table
    }


def first_play(job: Rendering) -> None:
    """Something that plays within two seconds where the codec allows it, then the poster."""
    with job.source(".media") as place:
        film = _opened(job, place, niceness=video.SOON)
        if film.probed.picture is None:
            job.finish(without=[RenditionKind.REMUX, RenditionKind.POSTER])
            return
        without = []
        if not _remuxed(job, film):
            without.append(RenditionKind.REMUX)
        job.finish(Made(RenditionKind.POSTER, [video.poster(film)]), without=without)


def _remuxed(job: Rendering, film: Film) -> bool:
    """Whether a stream copy was possible; what cannot be copied waits for the ladder."""
    picture = film.probed.picture
    if picture is None or not picture.is_streamable:
        return False
    try:
        copy = video.remux(film)
    except ToolFailed:
        return False  # timestamps an mp4 cannot hold, as in some recorders' AVI
    job.keep(Made(RenditionKind.REMUX, [copy], {"width": picture.width, "height": picture.height, **_length(film)}))
    return True


def ladder(job: Rendering) -> None:
    """The HLS ladder in one pass; then, in another, what is taken away and heard, and the storyboard."""
    with job.source(".media") as place:
        film = _opened(job, place)
        if film.probed.picture is None:
            made = Made(RenditionKind.AUDIO, [video.sound(film, _share(job, film))], _length(film))
            job.finish(made, without=[RenditionKind.HLS, RenditionKind.MP4_240, RenditionKind.STORYBOARD])
            return
        folder = place.out / "hls"
        rungs = video.ladder(film, folder, _share(job, film))
        files = [folder / "master.m3u8", *sorted(path for path in folder.iterdir() if path.name != "master.m3u8")]
        shown = [
            {
                "name": r.name,
                "width": r.width,
                "height": r.height,
                "size_bytes": (folder / f"{r.name}.m4s").stat().st_size,
            }
            for r in rungs
        ]
        job.keep(Made(RenditionKind.HLS, files, {"rungs": shown, **_sound_bytes(folder), **_length(film)}))
        copies = video.copies(film, folder, rungs[0])
        size = {"width": rungs[0].width, "height": rungs[0].height}
        board = {"image": copies.image.name, **asdict(copies.board)}
        finished = [
            Made(RenditionKind.MP4_240, [copies.small], {**size, **_length(film)}),
            Made(RenditionKind.STORYBOARD, [copies.track, copies.image], board),
        ]
        if copies.sound:
            finished.append(Made(RenditionKind.AUDIO, [copies.sound], _length(film)))
        job.finish(*finished, without=[] if copies.sound else [RenditionKind.AUDIO])


def sound(job: Rendering) -> None:
    """A small m4a of a sound file."""
    with job.source(".media") as place:
        film = _opened(job, place)
        if film.probed.sound is None:
            raise GaveUp(NOTHING_INSIDE)
        job.finish(Made(RenditionKind.AUDIO, [video.sound(film, _share(job, film))], _length(film)))


def thumbnail(job: Rendering) -> None:
    """A small version of a picture."""
    with job.source(".image") as place:
        try:
            size = run_decoder("thumbnail", place, job.media_type, limits=PICTURE_LIMITS, stopping=job.running.stopping)
        except ToolFailed as error:
            raise GaveUp(NOT_DECODED) from error
        job.measure(width=size["width"], height=size["height"])
        job.finish(Made(RenditionKind.THUMBNAIL, [place.out / "thumbnail.webp"], size))


def pages(job: Rendering) -> None:
    """Page images and text of a PDF or Office file."""
    with job.source(OFFICE_EXTENSIONS[job.media_type]) as place:
        made = documents.convert(job.settings, place, job.kind, job.running.stopping, job.progress)
        text = Made(RenditionKind.TEXT, [made.text], _words(made.text.read_text("utf-8")))
        if made.why_no_pages is not None:
            job.finish(text, missing={RenditionKind.PAGES: made.why_no_pages})
            return
        job.measure(page_count=made.page_count)
        details = {
            "count": len(made.pages),
            "pages": [page.name for page in made.pages],
            "page_count": made.page_count,
            "sizes": made.sizes,
        }
        job.finish(Made(RenditionKind.PAGES, made.pages, details), text)


def plain_text(job: Rendering) -> None:
    """The text of a text file; of captions WebVTT for players, and what is said as text."""
    with job.source(".txt") as place:
        target = place.out / "text.txt"
        if job.kind == MediaKind.CAPTIONS:
            cues = _cues(place.source)
            track = place.out / "captions.vtt"
            track.write_text(captions.as_vtt(cues), encoding="utf-8", newline="\n")
            text, files = captions.transcript(cues), [track, target]
        else:
            text, files = read_text(place.source) or "", [target]
        target.write_text(text, encoding="utf-8", errors="replace", newline="\n")
        job.finish(Made(RenditionKind.TEXT, files, _words(text)))


def _cues(path: Path) -> list[captions.Cue]:
    """The cues of a captions file; a person may still download one that does not hold."""
    try:
        return captions.parse(captions.decode(path.read_bytes()))
    except Invalid as error:
        raise GaveUp(error.message) from error


def _opened(job: Rendering, place: Workspace, *, niceness: int = video.LOWEST) -> Film:
    film = open_film(job.settings, place, job.media_type, job.running.stopping, niceness=niceness)
    probed = film.probed
    if probed.picture is None and probed.sound is None:
        raise GaveUp(NOTHING_INSIDE)
    seen = probed.picture
    size = {"width": seen.width, "height": seen.height} if seen else {}
    job.measure(duration_s=probed.duration_s or None, **size)
    return film


def _share(job: Rendering, film: Film) -> video.Report:
    return lambda seconds: job.progress(min(1.0, seconds / max(film.probed.duration_s, 0.1)))


def _length(film: Film) -> dict[str, Any]:
    return {"duration_s": film.probed.duration_s}


def _sound_bytes(folder: Path) -> dict[str, Any]:
    path = folder / "audio.m4s"
    return {"audio_bytes": path.stat().st_size} if path.exists() else {}


def _words(text: str) -> dict[str, Any]:
    return {"characters": len(text), "text": text[:TEXT_IN_ROW]}
