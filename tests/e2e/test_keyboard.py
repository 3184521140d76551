"""What teachers and reviewers do, by keyboard alone; and what scripts add for the keyboard: lists, dialogs, captions."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.census import Census
from tests.e2e.keys import focused, tab_to

needs_film = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def test_skip_link_leads_past_the_head(visit) -> None:
    page = visit("nobody")
    page.goto("/resources")

    page.keyboard.press("Tab")
    assert focused(page, ".skip")
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert focused(page, "main")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@needs_film
def test_from_the_first_page_to_a_playing_lesson(visit) -> None:
    page = visit("nobody")
    page.goto("/")
    tab_to(page, ".head .search input")
    page.keyboard.type("小数除法")
    page.get_by_role("option", name="小数除法：用元角分讲").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/resources?q=*")

    tab_to(page, page.locator("#results .card a").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/resources/*-*")
    tab_to(page, '[data-part="begin"]')
    page.keyboard.press("Enter")
    assert focused(page, '[data-part="play"]')
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2", timeout=60_000)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('video').paused")

    tab_to(page, '[data-part="seek"]', back=True)
    before = page.evaluate("document.querySelector('video').currentTime")
    page.keyboard.press("l")
    page.wait_for_function("at => document.querySelector('video').currentTime > at + 5", arg=before)
    tab_to(page, '[data-part="fullscreen"]')
    tab_to(page, ".foot a")  # the player lets go


def test_facets_keep_the_focus_while_results_change(visit) -> None:
    page = visit("nobody")
    page.goto("/resources")
    box = '.filters input[name="subject"][value="语文"]'

    tab_to(page, box, most=80)
    page.keyboard.press("Space")
    page.wait_for_url("**subject=*")
    expect(page.locator(".chip.is-on")).to_have_count(1)
    assert focused(page, box)
    tab_to(page, '.filters input[name="subject"][value="数学"]')
    page.keyboard.press("Space")
    expect(page.locator(".chip.is-on")).to_have_count(2)

    tab_to(page, page.locator(".chip.is-on").first, most=120)
    page.keyboard.press("Enter")
    expect(page.locator(".chip.is-on")).to_have_count(1)
    assert page.evaluate("document.activeElement.closest('#results') !== null")


def test_reviewers_desk_and_its_dialog(visit, census: Census) -> None:
    page = visit("reviewer")
    page.goto("/review")
    tab_to(page, f'a[href$="{census.world.waiting}"]')
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{census.world.waiting}")
    tab_to(page, '[name="ticked"]')
    page.keyboard.press("Space")
    tab_to(page, "#field-comment")
    page.keyboard.type("请补上板书。")
    tab_to(page, '[value="decline"]')
    page.keyboard.press("Enter")

    expect(page.locator("#confirm-decline")).to_be_visible()
    assert focused(page, '#confirm-decline [value="no"]')
    tab_to(page, '#confirm-decline [value="yes"]')
    page.keyboard.press("Escape")
    expect(page.locator("#confirm-decline")).to_be_hidden()
    assert focused(page, '[value="decline"]')
    tab_to(page, '[value="publish"]', back=True)


def test_menu_opens_and_gives_the_focus_back(visit) -> None:
    page = visit("teacher")
    page.goto("/")
    tab_to(page, ".menu > summary")
    page.keyboard.press("Enter")
    tab_to(page, '.menu a[href="/me/settings"]')
    page.keyboard.press("Escape")
    expect(page.locator(".menu[open]")).to_have_count(0)
    assert focused(page, ".menu > summary")


def test_titles_are_offered_while_one_types(visit) -> None:
    page = visit("nobody")
    page.goto("/")
    field = page.get_by_role("combobox", name="查找资源")
    field.press_sequentially("练习")
    options = page.get_by_role("option")
    expect(options.nth(1)).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    title = options.first.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/resources?q=*")
    expect(page.locator("#results .card").first).to_contain_text(title)


def test_offered_titles_go_when_the_field_is_left_or_emptied(visit) -> None:
    page = visit("nobody")
    page.goto("/")
    field = page.get_by_role("combobox", name="查找资源")
    field.press_sequentially("练习")
    expect(page.get_by_role("option").first).to_be_visible()
    field.fill("")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")

    field.press_sequentially("练习")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()


def cue(page: Page, number: int, name: str):
    return page.locator(".cue").nth(number).locator(f'[name="{name}"]')


@needs_film
def test_captions_are_written_beside_the_film(visit, census: Census) -> None:
    page = visit("teacher")
    address = f"/resources/{census.lesson_draft}/edit/captions/{census.film}"
    page.goto(address)
    page.locator('[data-part="begin"]').click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 1", timeout=60_000)
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('video').paused")
    at = page.evaluate("document.querySelector('video').currentTime")

    page.locator('[data-cue="now"]').first.click()
    start = cue(page, 0, "start").input_value()
    assert abs(float(start.rsplit(":", 1)[1]) - at) < 0.01
    cue(page, 0, "text").fill("同学们好")
    page.locator('[data-cue="add"]').first.click()
    expect(cue(page, 1, "text")).to_be_focused()
    assert cue(page, 1, "start").input_value() == cue(page, 0, "end").input_value()
    page.keyboard.type("今天学习小数除法")
    page.locator('[data-cue="add"]').nth(1).click()
    page.keyboard.type("多写的一条")
    page.locator(".cue").nth(2).locator('[data-cue="remove"]').click()
    assert page.evaluate("document.activeElement.closest('.cue') !== null")
    page.get_by_role("button", name="保存字幕").click()
    expect(page.locator(".toast")).to_contain_text("字幕已保存")

    assert [cue(page, n, "text").input_value() for n in range(3)] == ["同学们好", "今天学习小数除法", ""]
    assert cue(page, 0, "start").input_value() == start


@needs_film
def test_storyboard_shows_what_comes_at_a_place(visit, census: Census) -> None:
    page = visit("nobody")
    page.goto(f"/resources/{census.lesson}")
    page.wait_for_selector("[data-board]", timeout=60_000, state="attached")
    seek = page.locator('[data-part="seek"]')
    seek.scroll_into_view_if_needed()
    box = seek.bounding_box()

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator('[data-part="preview-time"]')).to_have_text("0:12")
    frame = page.locator('[data-part="frame"]')
    expect(frame).to_be_visible()
    middle = frame.screenshot()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    expect(page.locator('[data-part="preview-time"]')).to_have_text("0:21")
    assert frame.screenshot() != middle
    page.mouse.move(0, 0)
    expect(page.locator('[data-part="preview"]')).to_be_hidden()
