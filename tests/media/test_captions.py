"""Captions in every form teachers have them, and never markup in a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.errors import Invalid
from tongke.media import captions
from tongke.media.captions import Cue, as_srt, as_vtt, check, decode, parse, transcript

SRT = "1\r\n00:00:01,000 --> 00:00:02,500\r\n同学们好\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n今天学小数除法\r\n第二行\r\n"
CUES = [Cue(1.0, 2.5, "同学们好"), Cue(3.0, 4.0, "今天学小数除法\n第二行")]
words = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(
    lambda text: captions._whole(text) == text and "-->" not in text
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_srt_in_every_encoding(encoding):
    assert parse(decode(SRT.encode(encoding))) == CUES


def test_vtt_with_settings_notes_styles_and_voices():
    text = """\ufeffWEBVTT - 第一课

NOTE 写给自己

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start position:10%
<v 李老师><b>同学们好</b></v>

1:00:03.000 --> 1:00:04.000
a &lt;b&gt; &amp; c
"""
    assert parse(text) == [Cue(1.0, 2.5, "同学们好"), Cue(3603.0, 3604.0, "a <b> & c")]


def test_cues_come_in_order_of_time():
    assert [cue.start_s for cue in parse("00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:02.000\na\n")] == [1.0, 5.0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("WEBVTT\n", captions.NO_CUES),
        ("just a text\n\nwith lines\n", captions.NO_CUES),
        ("00:01.000 --> 00:01.000\nx\n", captions.ENDS_BEFORE),
        ("1\n00:99:01,000 --> 00:00:02,000\nx\n", captions.BAD_TIME),
    ],
)
def test_what_is_wrong_is_said(text, reason):
    with pytest.raises(Invalid) as raised:
        parse(text)

    assert raised.value.message.source == reason.source


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(Invalid) as raised:
        decode(bytes(range(256)))

    assert raised.value.message == captions.NOT_TEXT


def test_editor_hears_about_every_wrong_cue():
    with pytest.raises(Invalid) as raised:
        check([Cue(0, 1, "好"), Cue(2, 2, "x"), Cue(3, 4, " ")])

    assert set(raised.value.fields) == {"cue-2", "cue-3"}


def test_no_cue_carries_markup():
    text = as_vtt([Cue(0, 1, "<script>alert(1)</script>\n\n--> & more")])

    assert "<script>" not in text
    assert text.count("\n\n") == 1


def test_srt_is_written_for_old_players():
    assert as_srt(CUES) == SRT.replace("\r\n", "\n")


def test_transcript_leaves_out_what_rolls_up():
    assert transcript([Cue(0, 1, "一"), Cue(1, 2, "一\n二"), Cue(2, 3, "二\n三")]) == "一\n二\n三"


@pytest.mark.parametrize(("text", "moment"), [("1:02", 62.0), ("01:02.5", 62.5), ("1:00:00,250", 3600.25)])
def test_times_as_people_type_them(text, moment):
    assert captions.seconds(text) == moment


@given(st.lists(st.tuples(st.integers(0, 10_000_000), st.integers(1, 10_000), words), min_size=1, max_size=8))
def test_what_is_written_is_read_again(drawn):
    cues = sorted(
        (Cue(start / 1000, (start + length) / 1000, text) for start, length, text in drawn), key=lambda cue: cue.start_s
    )

    assert parse(as_vtt(cues)) == cues
