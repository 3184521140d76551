"""What a page shows of a file: the address of each version, its size, what is still being made and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urljoin
from uuid import UUID

from tongke.config import Settings
from tongke.errors import NotFound
from tongke.i18n import Text, say
from tongke.media.addresses import bundle_address, content_address, expires_at
from tongke.media.models import MediaKind, Rendition, RenditionKind, RenditionState
from tongke.resources.models import FileRole
from tongke.resources.views import FileView
from tongke_web.resources.reading import Block, blocks
from tongke_web.shared.player import Playable, Source, Storyboard, Track

MADE: dict[str, Text] = {
    RenditionKind.REMUX: say("可播放的版本"),
    RenditionKind.HLS: say("流畅版（240p 到 720p）"),
    RenditionKind.MP4_240: say("可带走的 240p 版本"),
    RenditionKind.AUDIO: say("只听声音的版本"),
    RenditionKind.POSTER: say("封面"),
    RenditionKind.STORYBOARD: say("进度条预览图"),
    RenditionKind.PAGES: say("逐页图片"),
    RenditionKind.TEXT: say("文字"),
    RenditionKind.THUMBNAIL: say("缩略图"),
}
SHOWN_TEXT = 20_000
_PLAYABLE = (RenditionKind.HLS, RenditionKind.REMUX, RenditionKind.MP4_240, RenditionKind.AUDIO)
_ENDINGS = {RenditionKind.MP4_240: "-240p.mp4", RenditionKind.AUDIO: ".m4a"}


@dataclass(frozen=True, slots=True)
class Making:
    """A version that is not there yet: how far it is, or why it failed."""

    id: UUID
    words: Text
    progress: float | None
    remaining_s: float | None
    failure: Text | None


@dataclass(frozen=True, slots=True)
class Smaller:
    """A lighter version to take away."""

    words: Text
    url: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaView:
    """One file of a resource as pages show it; what is empty or None is not there."""

    asset_id: UUID
    kind: str
    name: str
    language: str
    size_bytes: int
    url: str
    download_url: str
    duration_s: float | None
    page_count: int | None
    playable: Playable | None
    poster_url: str
    image_url: str
    page_urls: tuple[str, ...]
    text: str
    blocks: tuple[Block, ...]
    smaller: tuple[Smaller, ...]
    making_url: str
    making: tuple[Making, ...]

    @property
    def is_under_way(self) -> bool:
        return any(m.failure is None for m in self.making)


def media_views(
    settings: Settings, files: Sequence[FileView], base_url: str, *, is_past: bool = False
) -> tuple[MediaView, ...]:
    """The main files in order, each with its captions; below ``base_url`` + asset id a page asks for news of it.

    Files of a past revision answer nothing there: they are downloaded straight from where they lie.
    """
    return tuple(_view(settings, f, files, f"{base_url}/{f.asset.id}", is_past) for f in files if f.is_main)


def bundle_url(settings: Settings, files: Sequence[FileView], title: str) -> str:
    """Where all files are one zip; empty when there are none."""
    return bundle_address(settings, [f.asset.id for f in files], name=f"{title}.zip") if files else ""


def sources(settings: Settings, file: FileView) -> tuple[Source, ...]:
    """Every way to play the file, with fresh addresses."""
    made = _ready(file)
    found = [
        Source(
            kind=kind.value,
            url=content_address(settings, made[kind], duration_s=file.asset.duration_s),
            size_bytes=made[kind].size_bytes,
        )
        for kind in _PLAYABLE
        if kind in made
    ]
    is_sound = file.asset.kind == MediaKind.AUDIO
    if is_sound and not found:
        url = content_address(settings, file.asset)
        found.append(Source(kind="audio", url=url, size_bytes=file.asset.size_bytes))
    return tuple(found)


def _ready(file: FileView) -> dict[str, Rendition]:
    return {kind: r for kind, r in file.renditions.items() if r.state == RenditionState.READY and r.entry}


def _view(settings: Settings, file: FileView, files: Sequence[FileView], own_url: str, is_past: bool) -> MediaView:
    asset, made = file.asset, _ready(file)

    def url(kind: RenditionKind) -> str:
        return content_address(settings, made[kind]) if kind in made else ""

    text = made.get(RenditionKind.TEXT)
    said = str(text.details.get("text", ""))[:SHOWN_TEXT] if text else ""
    return MediaView(
        asset_id=asset.id,
        kind=asset.kind,
        name=file.name,
        language=file.file.language,
        size_bytes=asset.size_bytes,
        url=content_address(settings, asset),
        download_url=content_address(settings, asset, download_name=asset.filename)
        if is_past
        else f"{own_url}/download",
        duration_s=asset.duration_s,
        page_count=asset.page_count,
        playable=_playable(settings, file, files, "" if is_past else own_url),
        poster_url=url(RenditionKind.POSTER),
        image_url=url(RenditionKind.THUMBNAIL),
        page_urls=_page_urls(url(RenditionKind.PAGES), made.get(RenditionKind.PAGES)),
        text=said,
        blocks=_blocks(file, said),
        smaller=tuple(
            Smaller(
                MADE[kind],
                smaller_address(settings, file, kind) if is_past else f"{own_url}/download?version={kind}",
                made[kind].size_bytes,
            )
            for kind in _ENDINGS
            if kind in made
        ),
        making_url=f"{own_url}/making",
        making=tuple(_making(r) for r in file.renditions.values() if r.state != RenditionState.READY),
    )


def _blocks(file: FileView, text: str) -> tuple[Block, ...]:
    """The text of a text file, laid out to be read on the page."""
    if file.asset.kind != MediaKind.TEXT:
        return ()
    return tuple(blocks(text, is_markdown=file.asset.media_type == "text/markdown"))


def _playable(settings: Settings, file: FileView, files: Sequence[FileView], own_url: str) -> Playable | None:
    asset, found = file.asset, sources(settings, file)
    if not found:
        return None
    made = _ready(file)
    poster, board = made.get(RenditionKind.POSTER), made.get(RenditionKind.STORYBOARD)
    return Playable(
        key=str(asset.id),
        title=file.name,
        sources=found,
        duration_s=asset.duration_s or 0.0,
        poster_url=content_address(settings, poster) if poster else "",
        tracks=_tracks(settings, file, files),
        storyboard=_storyboard(content_address(settings, board), board) if board else None,
        renew_url=f"{own_url}/addresses" if own_url else "",
        use_url=f"{own_url.partition('/files/')[0]}/uses" if own_url else "",
        expires_at=expires_at(asset.duration_s),
        is_sound=asset.kind == MediaKind.AUDIO,
    )


def _storyboard(url: str, board: Rendition) -> Storyboard | None:
    details = board.details
    if not {"interval_s", "columns", "width", "height"} <= details.keys():
        return None
    picture = urljoin(url, str(details.get("image", PurePosixPath(board.entry).name)))
    return Storyboard(url=picture, **{name: details[name] for name in ("interval_s", "columns", "width", "height")})


def _page_urls(first: str, pages: Rendition | None) -> tuple[str, ...]:
    if pages is None or not first:
        return ()
    return tuple(urljoin(first, str(name)) for name in pages.details.get("pages", ()))


def _tracks(settings: Settings, of: FileView, files: Sequence[FileView]) -> tuple[Track, ...]:
    return tuple(
        Track(url=_captions_url(settings, f), language=f.file.language, words=f.file.title or f.file.language)
        for f in files
        if f.file.role == FileRole.CAPTIONS and f.file.about_asset_id == of.asset.id
    )


def _captions_url(settings: Settings, file: FileView) -> str:
    """The WebVTT made of the captions; the file itself while that is not there."""
    made = _ready(file).get(RenditionKind.TEXT)
    return content_address(settings, made if made and made.entry.endswith(".vtt") else file.asset)


def smaller_address(settings: Settings, file: FileView, kind: RenditionKind) -> str:
    """Where a lighter version of the file is taken away; raises ``NotFound`` while it is not made."""
    made = _ready(file).get(kind)
    if made is None or kind not in _ENDINGS:
        raise NotFound
    return content_address(settings, made, download_name=_stem(file.name) + _ENDINGS[kind])


def _stem(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and ending.isalnum() else name


def _making(rendition: Rendition) -> Making:
    failure = None
    if rendition.state == RenditionState.FAILED:
        told = rendition.failure or {}
        failure = Text(told["source"], told.get("values", {})) if "source" in told else say("处理没有成功。")
    running = rendition.state == RenditionState.RUNNING
    words = MADE.get(rendition.kind, say("处理后的版本"))
    return Making(rendition.id, words, rendition.progress if running else None, rendition.remaining_s, failure)
