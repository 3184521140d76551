"""What works when the scripts that a first touch fetches come late, or not at all (docs/decisions/0076)."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect
from tests.e2e.test_look import guide, lesson, player, site, wait_until_played  # noqa: F401 - fixtures

LATE_S = 1.5
PLAYING, UPLOADING = re.compile(r"/playing-\w+\.js"), re.compile(r"/uploading-\w+\.js")


def come_late(route) -> None:
    time.sleep(LATE_S)
    route.continue_()


def test_page_of_a_player_and_an_uploader_fetches_neither_by_itself(guide) -> None:  # noqa: F811
    asked: list[str] = []
    page = guide()
    page.on("request", lambda request: asked.append(request.url))
    page.reload(wait_until="networkidle")

    assert [url for url in asked if re.search(r"/(playing|uploading|browser|hls)[.-]", url)] == []


def test_click_before_the_player_has_come_plays(player) -> None:  # noqa: F811
    page, asked = player()
    page.route(PLAYING, come_late)

    page.locator('[data-part="begin"]').click()

    wait_until_played(page, 0.3)
    assert "lesson.m3u8" in asked


def test_player_that_cannot_come_gives_the_browsers_own_back(player) -> None:  # noqa: F811
    page, _ = player()
    page.route(PLAYING, lambda route: route.abort())

    page.locator('[data-part="begin"]').click()

    expect(page.locator('[data-part="begin"]')).to_be_hidden()
    assert page.locator("video").get_attribute("controls") is not None
    page.evaluate("document.querySelector('video').play()")
    wait_until_played(page, 0.2)


@pytest.mark.parametrize("by", ["choice", "drop"])
def test_file_given_before_the_uploader_has_come_is_sent(guide, tmp_path, by) -> None:  # noqa: F811
    page = guide()
    page.route(UPLOADING, come_late)

    give(page, by, tmp_path)

    expect(page.locator(".upload.is-good")).to_contain_text("静夜思.txt", timeout=20_000)


@pytest.mark.parametrize("by", ["choice", "drop"])
def test_file_stays_in_the_form_when_the_uploader_cannot_come(guide, tmp_path, by) -> None:  # noqa: F811
    page = guide()
    page.route(UPLOADING, lambda route: route.abort())

    give(page, by, tmp_path)

    expect(page.locator(".uploader.is-ready")).to_have_count(0)
    page.wait_for_function("() => document.querySelector('.uploader input[type=file]').files.length === 1")


def give(page, by: str, folder) -> None:
    if by == "choice":
        path = folder / "静夜思.txt"
        path.write_text("床前明月光，疑是地上霜。", encoding="utf-8")
        page.set_input_files('.uploader input[type="file"]', path)
        return
    files = page.evaluate_handle("""() => {
        const given = new DataTransfer();
        given.items.add(new File(["床前明月光，疑是地上霜。"], "静夜思.txt", {type: "text/plain"}));
        return given;
    }""")
    page.dispatch_event(".uploader .drop", "drop", {"dataTransfer": files})
