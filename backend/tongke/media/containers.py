"""Which film or sound container a file is, by its bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from tongke.media import refusals
from tongke.media.boxes import Outline, looks_like_boxes, outline
from tongke.media.models import MediaKind
from tongke.media.refusals import filled, refuse
from tongke.media.sniffed import Sniffed

TS_PACKETS = ((0, 188), (4, 192), (0, 204))
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_OLD = {b".RMF": "RealMedia", b"#!AMR": "AMR", b"MThd": "MIDI", b"MAC ": "APE", b".ra\xfd": "RealAudio"}
_BRANDED_IMAGES = {b"heic": "heic", b"heix": "heic", b"heim": "heic", b"hevc": "heic", b"avif": "avif", b"avis": "avif"}


def video(subtype: str, extension: str) -> Sniffed:
    return Sniffed(f"video/{subtype}", MediaKind.VIDEO, extension)


def audio(subtype: str, extension: str) -> Sniffed:
    return Sniffed(f"audio/{subtype}", MediaKind.AUDIO, extension)


def container(head: bytes, stream: BinaryIO, size: int) -> Sniffed | None:
    """The container, or None when this is no film or sound we know; ``head`` is the first 64 KiB."""
    for magic, name in _OLD.items():
        if head.startswith(magic):
            raise refuse(filled(refusals.OLD_MEDIA, name=name))
    if looks_like_boxes(head):
        return _iso(outline(stream, size))
    return _riff(head) or _tagged(head) or _mpeg(head) or _sound(head, stream, size)


def _iso(found: Outline) -> Sniffed:
    for brand in found.brands:
        if brand in _BRANDED_IMAGES and not found.has_movie:
            extension = _BRANDED_IMAGES[brand]
            return Sniffed(f"image/{extension}", MediaKind.IMAGE, f".{extension}")
    if not found.has_movie:
        return Sniffed("image/heic", MediaKind.IMAGE, ".heic")
    if b"vide" not in found.tracks:
        if b"soun" not in found.tracks:
            raise refuse(refusals.DAMAGED)
        return audio("mp4", ".m4a")
    if not found.brands or b"qt  " in found.brands[:1]:
        return video("quicktime", ".mov")
    if found.brands[0].startswith(b"3g"):
        return video("3gpp", ".3gp")
    return video("mp4", ".mp4")


def _riff(head: bytes) -> Sniffed | None:
    if head[:4] not in {b"RIFF", b"RF64"}:
        return None
    form = head[8:12]
    if form == b"AVI ":
        return video("x-msvideo", ".avi")
    return audio("wav", ".wav") if form == b"WAVE" else None


def _tagged(head: bytes) -> Sniffed | None:
    if head.startswith(b"\x1aE\xdf\xa3"):
        return _matroska(head)
    if head.startswith(_ASF):
        return video("x-ms-wmv", ".wmv") if _ASF_VIDEO in head else audio("x-ms-wma", ".wma")
    if head.startswith(b"FLV\x01"):
        return video("x-flv", ".flv")
    if head.startswith(b"OggS"):
        has_picture = b"theora" in head[:512]
        return video("ogg", ".ogv") if has_picture else audio("ogg", ".ogg")
    return audio("flac", ".flac") if head.startswith(b"fLaC") else None


def _matroska(head: bytes) -> Sniffed | None:
    is_web = b"webm" in head[:64]
    if not is_web and b"matroska" not in head[:64]:
        return None
    has_picture = b"V_" in head or b"A_" not in head
    if has_picture:
        return video("webm", ".webm") if is_web else video("x-matroska", ".mkv")
    return audio("webm", ".weba") if is_web else audio("x-matroska", ".mka")


def _mpeg(head: bytes) -> Sniffed | None:
    if head.startswith(b"\0\0\x01\xba"):
        return video("mpeg", ".mpg")
    for offset, step in TS_PACKETS:
        if len(head) > offset + 4 * step and all(head[offset + n * step] == 0x47 for n in range(5)):
            return video("mp2t", ".ts")
    return None


def _sound(head: bytes, stream: BinaryIO, size: int) -> Sniffed | None:
    start = 0
    if head.startswith(b"ID3") and len(head) > 10:
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    stream.seek(min(start, size))
    frames = stream.read(16384).lstrip(b"\0")
    if len(frames) > 1 and frames[0] == 0xFF and frames[1] & 0xF6 == 0xF0:
        return audio("aac", ".aac") if _repeats(frames, _adts_length) else None
    if frames.startswith(b"fLaC"):
        return audio("flac", ".flac")
    return audio("mpeg", ".mp3") if _repeats(frames, _mp3_length) else None


def _repeats(frames: bytes, length_of: Callable[[bytes], int]) -> bool:
    """Whether at least three frames follow one another (two when the file is that short)."""
    position = count = 0
    while position + 7 <= len(frames) and count < 3:
        length = length_of(frames[position : position + 7])
        if not length:
            return False
        position, count = position + length, count + 1
    return count >= 2


_BITRATES = {
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (2, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _mp3_length(header: bytes) -> int:
    """The length of an MPEG audio frame; 0 when this is none."""
    if header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    rate_index, frequency_index, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 0 or rate_index in {0, 15} or frequency_index == 3:
        return 0
    table = _BITRATES[(3, layer)] if version == 3 else _BITRATES[(2, 3 if layer == 3 else 1)]
    bitrate, frequency = table[rate_index - 1] * 1000, _RATES[version][frequency_index]
    if layer == 3:
        return (12 * bitrate // frequency + padding) * 4
    samples = 72 if layer == 1 and version != 3 else 144
    return samples * bitrate // frequency + padding


def _adts_length(header: bytes) -> int:
    """The length of an ADTS frame; 0 when this is none."""
    if header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length >= 7 else 0
