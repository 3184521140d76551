"""The decisions of the ladder, without a film."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.media.ladder import Rates, frame_rate, master_playlist, rates, rungs, storyboard, storyboard_track
from tongke.media.probe import Picture, Probed, read_answer


def sizes(width: int, height: int) -> list[tuple[str, int, int]]:
    return [(rung.name, rung.width, rung.height) for rung in rungs(width, height)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ((1920, 1080), [("240p", 426, 240), ("360p", 640, 360), ("720p", 1280, 720)]),
        ((1280, 720), [("240p", 426, 240), ("360p", 640, 360), ("720p", 1280, 720)]),
        ((720, 576), [("240p", 300, 240), ("360p", 450, 360)]),
        ((1080, 1920), [("240p", 240, 426), ("360p", 360, 640), ("720p", 720, 1280)]),
        ((320, 240), [("240p", 320, 240)]),
        ((176, 144), [("240p", 176, 144)]),
        ((175, 143), [("240p", 174, 142)]),
    ],
)
def test_rungs_fit_the_source(source, expected):
    assert sizes(*source) == expected


@given(st.integers(16, 8000), st.integers(16, 8000))
def test_rungs_are_even_never_above_the_source_and_rising(width, height):
    ladder = rungs(width, height)

    assert ladder
    assert len({rung.name for rung in ladder}) == len(ladder)
    for rung in ladder:
        assert (rung.width % 2, rung.height % 2) == (0, 0)
        assert 16 <= rung.width <= width
        assert 16 <= rung.height <= height
    assert [rung.width for rung in ladder] == sorted(rung.width for rung in ladder)


def test_frame_rate_is_kept_up_to_thirty():
    assert [frame_rate(Picture("h264", 2, 2, rate)) for rate in (23.976, 25, 59.94)] == ["23.976", "25", "30"]


def test_rates_are_measured_from_the_playlist():
    text = "#EXTINF:4.0,\n#EXT-X-BYTERANGE:1000@0\na\n#EXTINF:2.0,\n#EXT-X-BYTERANGE:1000@1000\na\n"

    assert rates(text) == Rates(4000, 2667)


def test_master_lists_sound_alone_last_and_nothing_when_silent():
    ladder = rungs(640, 360)
    measured = {"240p": Rates(200_000, 100_000), "360p": Rates(400_000, 300_000)}

    heard = master_playlist(ladder, {**measured, "audio": Rates(70_000, 64_000)}, 2)
    silent = master_playlist(ladder, measured, 0)

    assert heard.splitlines()[-1] == "audio.m3u8"
    assert (
        'BANDWIDTH=270000,AVERAGE-BANDWIDTH=164000,CODECS="avc1.4d401e,mp4a.40.2",RESOLUTION=426x240,AUDIO="sound"'
        in heard
    )
    assert "mp4a" not in silent
    assert silent.count("#EXT-X-STREAM-INF") == 2


@pytest.mark.parametrize("seconds", [0.5, 9, 61, 2700, 14_400])
def test_storyboard_covers_the_whole_film(seconds):
    rung = rungs(1280, 720)[0]
    board = storyboard(Probed(seconds, None, None), rung)
    track = storyboard_track(board, seconds)

    assert 1 <= board.count <= 100
    assert track.count("#xywh=") == board.count
    assert board.width * board.columns <= 16_383
    assert "00:00:00.000 -->" in track


def test_ffprobes_answer_with_rotation_odd_pixels_and_cover_art():
    answer = {
        "format": {"duration": "12.5"},
        "streams": [
            {
                "codec_type": "video",
                "codec_name": "mjpeg",
                "width": 600,
                "height": 600,
                "disposition": {"attached_pic": 1},
            },
            {
                "index": 1,
                "codec_type": "video",
                "codec_name": "mpeg2video",
                "width": 720,
                "height": 576,
                "sample_aspect_ratio": "64:45",
                "avg_frame_rate": "25/1",
                "field_order": "tt",
                "disposition": {"attached_pic": 0},
            },
            {
                "index": 2,
                "codec_type": "audio",
                "codec_name": "ac3",
                "channels": 6,
                "sample_rate": "48000",
                "disposition": {"attached_pic": 0},
            },
        ],
    }

    probed = read_answer(answer)

    assert (probed.duration_s, probed.picture.width, probed.picture.height) == (12.5, 1024, 576)
    assert (probed.picture.index, probed.picture.is_interlaced, probed.picture.is_streamable) == (1, True, False)
    assert (probed.sound.index, probed.sound.is_streamable) == (2, False)


def test_ffprobes_answer_with_nonsense_numbers():
    answer = {
        "format": {"duration": "N/A"},
        "streams": [
            {
                "codec_type": "video",
                "codec_name": "h264",
                "width": 640,
                "height": 360,
                "avg_frame_rate": "90000/1",
                "r_frame_rate": "0/0",
                "sample_aspect_ratio": "0:1",
                "disposition": {"attached_pic": 0},
            }
        ],
    }

    probed = read_answer(answer)

    assert (probed.duration_s, probed.picture.frame_rate, probed.picture.width, probed.sound) == (0.0, 25.0, 640, None)
