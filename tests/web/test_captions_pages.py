"""Captions: a file from elsewhere in any encoding, then line by line."""

from __future__ import annotations

import subprocess
from uuid import UUID

import pytest
from sqlmodel import select
from tests.web.conftest import words

from tongke.db import reading
from tongke.media.models import Asset
from tongke.resources.models import RevisionFile

SRT = """1
00:00:01,000 --> 00:00:03,500
同学们好

2
00:00:04,000 --> 00:00:06,000
今天学习小数除法
"""


@pytest.fixture
def sound(ffmpeg, tmp_path) -> bytes:
    path = tmp_path / "课文朗读.wav"
    command = [ffmpeg, "-loglevel", "error", "-f", "lavfi", "-i", "sine=frequency=440:duration=8", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path.read_bytes()


@pytest.fixture
def page_of(author, write, engine, sound) -> str:
    """The address of the captions of a recording in a draft."""
    made = write("朗读")
    author.browser.post(f"/resources/{made}/edit/files", files=[("files", ("课文朗读.wav", sound, "audio/wav"))])
    with reading(engine) as session:
        asset: UUID = session.exec(select(Asset.id)).one()
    return f"/resources/{made}/edit/captions/{asset}"


def captions_of(engine) -> list[RevisionFile]:
    with reading(engine) as session:
        return list(session.exec(select(RevisionFile).where(RevisionFile.role == "captions")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_srt_file_in_any_encoding_becomes_lines_to_edit(author, page_of, engine, encoding) -> None:
    file = ("字幕.srt", SRT.encode(encoding), "application/x-subrip")

    answer = author.browser.post(f"{page_of}/file", data={"language": "zh-CN"}, files={"file": file})

    assert answer.status_code == 303
    page = author.browser.get(answer.headers["location"]).text
    assert "今天学习小数除法" in page
    assert 'value="00:00:04.000"' in page
    assert [f.language for f in captions_of(engine)] == ["zh-CN"]


def test_edited_lines_take_the_place_of_the_old_ones(author, page_of, engine) -> None:
    author.browser.post(f"{page_of}/file", files={"file": ("a.srt", SRT.encode(), "text/plain")})

    answer = author.browser.post(
        f"{page_of}?language=zh-CN",
        data={"start": ["00:00:01.000", ""], "end": ["00:00:03.500", ""], "text": ["同学们，早上好", ""]},
    )

    assert answer.status_code == 303
    page = author.browser.get(page_of).text
    assert "同学们，早上好" in page
    assert "今天学习小数除法" not in page
    assert len(captions_of(engine)) == 1


def test_wrong_time_comes_back_with_all_lines_and_the_number_of_the_wrong_one(author, page_of, engine) -> None:
    answer = author.browser.post(
        page_of, data={"start": ["00:00:01", "一分钟"], "end": ["00:00:02", "00:01:02"], "text": ["你好", "再见"]}
    )

    assert answer.status_code == 422
    assert "第 2 条的时间写法不对" in words(answer)
    assert 'value="一分钟"' in answer.text
    assert "再见" in answer.text
    assert captions_of(engine) == []


def test_file_that_is_no_captions_is_refused_with_a_sentence(author, page_of, engine) -> None:
    answer = author.browser.post(f"{page_of}/file", files={"file": ("字幕.srt", b"\x89PNG\r\n\x1a\n", "text/plain")})

    assert answer.status_code in (415, 422)
    assert 'role="alert"' in answer.text
    assert captions_of(engine) == []


def test_second_language_stands_beside_the_first(author, page_of, engine) -> None:
    for language, text in (("zh-CN", "你好"), ("en", "Hello")):
        body = {"start": ["00:00:01.000"], "end": ["00:00:02.000"], "text": [text]}
        author.browser.post(f"{page_of}?language={language}", data=body)

    assert sorted(f.language for f in captions_of(engine)) == ["en", "zh-CN"]
    assert "Hello" in author.browser.get(f"{page_of}?language=en").text
    assert "Hello" not in author.browser.get(page_of).text


def test_other_peoples_captions_do_not_exist(colleague, page_of) -> None:
    assert colleague.browser.get(page_of).status_code == 404
    assert colleague.browser.post(page_of, data={"start": "1", "end": "2", "text": "x"}).status_code == 404
    assert colleague.browser.post(f"{page_of}/file", files={"file": ("a.srt", SRT.encode())}).status_code == 404
