"""Every page with little room, large letters and the keyboard: nothing is cut off, nothing lies under something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.e2e.census import Census
from tests.e2e.conftest import DESKTOP, PHONE

SCRIPT = (Path(__file__).parent / "room.js").read_text(encoding="utf-8")
NARROW = {"width": 320, "height": 640}
TWICE = {"width": 640, "height": 400}
"""1280 × 800 at 200 %."""
TYPICAL = ("/", "/resources", "/upload", "/review", "a lesson with a film", "search")


@pytest.fixture
def walk(visit, census: Census):
    """Every page of the census, each as the first person who may open it; gives its name and the page."""

    def go(locale: str):
        people = {who: visit(who, locale=locale) for who in ("teacher", "reviewer", "admin", "nobody")}
        for path, address in census.pages().items():
            answers = {who: page.request.get(address) for who, page in people.items()}
            chosen = next((who for who, answer in answers.items() if answer.ok), "nobody")
            if "text/html" not in answers[chosen].headers.get("content-type", ""):
                continue
            page = people[chosen]
            page.set_viewport_size(DESKTOP)
            page.goto(address)
            page.evaluate(SCRIPT)
            yield path, page

    return go


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_pages_fit_into_little_room_and_show_where_the_keyboard_is(walk, locale) -> None:
    wrong: dict[str, list[str]] = {}
    for path, page in walk(locale):
        found = without_room(page) | with_large_letters(page) | by_keyboard(page)
        wrong |= {f"{path} {how}": what for how, what in found.items() if what}
    assert wrong == {}


def without_room(page: Page) -> dict[str, list[str]]:
    found = {}
    for name, size in (("at 320 px", NARROW), ("at 200 %", TWICE)):
        page.set_viewport_size(size)
        found[name] = page.evaluate("room.wider()")
        page.evaluate("globalThis.back = room.spread(), 0")
        found[f"{name}, spread"] = page.evaluate("[...room.wider(), ...room.cut()]")
        page.evaluate("back(), 0")
    return found


def with_large_letters(page: Page) -> dict[str, list[str]]:
    page.set_viewport_size(DESKTOP)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found = {"letters twice as large": page.evaluate("[...room.wider(), ...room.cut()]")}
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def by_keyboard(page: Page) -> dict[str, list[str]]:
    found = {}
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        page.keyboard.press("Tab")  # from now on the browser shows where the focus is
        found[f"focus at {size['width']} px"] = page.evaluate("room.unfocused()")
    return found


def test_nothing_moves_for_who_wants_no_motion(visit, census) -> None:
    page = visit("teacher")
    for path in TYPICAL:
        page.goto(census.pages()[path])
        page.evaluate(SCRIPT)
        page.locator(".brand").hover()
        assert (path, page.evaluate("room.moving()")) == (path, [])
        lasting = "[...document.querySelectorAll('*')].filter(n => parseFloat(getComputedStyle(n).transitionDuration))"
        assert page.evaluate(f"{lasting}.length") == 0


LOOKS_OF = """node => { const s = getComputedStyle(node);
  return [s.borderTopColor, s.borderTopWidth, s.outlineStyle, s.outlineColor, s.fontWeight].join() }"""


def test_colours_of_the_system_still_tell_what_is_chosen(visit, census) -> None:
    page = visit("teacher", forced_colors="active")
    page.goto("/")
    page.evaluate(SCRIPT)
    light, auto = page.locator('[name="theme"][value="light"]'), page.locator('[name="theme"][value="auto"]')
    assert auto.get_attribute("aria-pressed") == "true"
    assert auto.evaluate(LOOKS_OF) != light.evaluate(LOOKS_OF)

    page.locator(".head .search input").press_sequentially("练习")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    first, second = (page.get_by_role("option").nth(n) for n in (0, 1))
    assert first.evaluate(LOOKS_OF) != second.evaluate(LOOKS_OF)

    page.goto(f"/resources/{census.lesson}")
    page.evaluate(SCRIPT)
    captions, mute = page.locator('[data-part="captions"]'), page.locator('[data-part="mute"]')
    assert captions.evaluate(LOOKS_OF) != mute.evaluate(LOOKS_OF)
    page.keyboard.press("Tab")
    assert page.evaluate("room.unfocused()") == []
