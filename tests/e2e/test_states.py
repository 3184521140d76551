"""Pages in the middle of something: refused, open, under way, broken. No barrier there either."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.census import Census
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.looking import barriers
from tests.e2e.site import Site, running_site

LOOKS = itertools.cycle([(PHONE, "dark"), (DESKTOP, "light"), (PHONE, "light"), (DESKTOP, "dark")])


def refuse(page: Page, form: str) -> None:
    """Send a form as it is, past what the browser itself would ask for, and wait for what the platform says."""
    page.locator(form).first.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    expect(page.locator("main .notice.is-bad, main .error").first).to_be_visible()


def sign_in_refused(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/sign-in")
    page.locator("#field-email").fill("nobody@example.org")
    page.locator("#field-password").fill("wrong")
    refuse(page, "#sign-in")


def suggestions_open(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/")
    page.locator(".head .search input").press_sequentially("小数")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")


def filters_unfolded(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/resources?subject=语文")
    page.locator(".fold label").dispatch_event("click")
    page.evaluate("for (const facet of document.querySelectorAll('.facets details')) facet.open = true")


def no_answer(page: Page, _census: Census, _folder: Path) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto("/resources")
    page.route("**/resources?*", lambda route: route.abort())
    page.locator("#sort").select_option("newest")
    expect(page.locator("#notices .notice")).to_be_visible()


def playing(page: Page, census: Census, _folder: Path) -> None:
    page.goto(f"/resources/{census.lesson}")
    page.locator('[data-part="begin"]').click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2", timeout=60_000)
    page.keyboard.press("k")
    page.locator('[data-part="seek"]').hover()


def a_report_refused(page: Page, census: Census, _folder: Path) -> None:
    page.goto(f"/resources/{census.lesson}")
    page.locator("summary", has=page.locator("text=报告问题")).click()
    page.locator("#report select").evaluate("field => field.replaceChildren()")
    refuse(page, "#report")


def stars_refused(page: Page, census: Census, _folder: Path) -> None:
    page.goto(f"/resources/{census.lesson}")
    page.locator("#ratings summary").click()
    page.locator("#ratings form").first.evaluate("form => { for (const star of form.elements) star.checked = false; }")
    refuse(page, "#ratings form")


def kept_and_told(page: Page, census: Census, _folder: Path) -> None:
    page.goto(f"/resources/{census.world.published}")
    page.locator("form[action$='/favourite'] button").click()
    expect(page.locator(".toast")).to_be_visible()


def menu_open(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/")
    page.locator(".menu > summary").click()


def nothing_uploaded(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/upload")
    refuse(page, "#upload")


def uploading(page: Page, _census: Census, folder: Path) -> None:
    """One file on its way, one arrived, one refused."""
    page.goto("/upload")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    files = [folder / "到了.txt", folder / "不收.exe"]
    files[0].write_text("床前明月光", encoding="utf-8")
    files[1].write_bytes(b"MZ" + bytes(5000))
    page.set_input_files('input[type="file"]', files)
    expect(page.locator(".upload.is-good")).to_be_visible(timeout=20_000)
    expect(page.locator(".upload.is-bad")).to_be_visible(timeout=20_000)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    line.send("Network.emulateNetworkConditions", slow)
    big = folder / "还在传.txt"
    big.write_text("同课：不同的学校，上同一节课。\n" * 300_000, encoding="utf-8")
    page.set_input_files('input[type="file"]', big)
    expect(page.locator(".upload").nth(2)).to_be_visible()


def draft_refused(page: Page, census: Census, _folder: Path) -> None:
    page.goto(f"/resources/{census.lesson_draft}/edit")
    page.locator("#field-minutes").evaluate("field => { field.type = 'text'; field.value = '半节课'; }")
    page.locator("#draft").evaluate("form => form.removeAttribute('data-autosave')")
    refuse(page, "#draft")


def discard_asked(page: Page, census: Census, _folder: Path) -> None:
    page.goto(f"/resources/{census.lesson_draft}/edit")
    page.locator("[data-confirm='confirm-discard'] button").click()
    expect(page.locator("#confirm-discard")).to_be_visible()


def items_found(page: Page, census: Census, _folder: Path) -> None:
    page.goto(f"/resources/{census.lesson_draft}/edit")
    page.locator("#alignments input[type=search]").press_sequentially("小数除法")
    expect(page.locator("#items button").first).to_be_visible()


def caption_added(page: Page, census: Census, _folder: Path) -> None:
    page.goto(f"/resources/{census.lesson_draft}/edit/captions/{census.film}")
    page.locator('[data-cue="add"]').first.click()
    page.locator('[name="start"]').last.fill("不是时间")
    refuse(page, "form[data-captions]")


def password_refused(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/me/settings")
    refuse(page, "#password")


def collection_refused(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/collections?mine=true")
    refuse(page, "main form")


def decline_asked(page: Page, census: Census, _folder: Path) -> None:
    page.goto(f"/review/{census.world.waiting}")
    page.locator("[data-confirm='confirm-decline']").click()
    expect(page.locator("#confirm-decline")).to_be_visible()


def decline_refused(page: Page, census: Census, _folder: Path) -> None:
    decline_asked(page, census, _folder)
    page.locator("#confirm-decline [value=yes]").click()
    expect(page.locator("#decision .notice.is-bad, #decision .error").first).to_be_visible()


def person_refused(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/admin/people")
    refuse(page, "#add-person")


def school_refused(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/admin/schools/new")
    refuse(page, "#school-form")


def roster_refused(page: Page, _census: Census, folder: Path) -> None:
    page.goto("/admin/rosters")
    roster = folder / "名单.csv"
    roster.write_text("不是名单", encoding="utf-8")
    page.set_input_files("#upload-roster input[type=file]", roster)
    refuse(page, "#upload-roster")


def code_refused(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/join")
    page.locator("#join input").first.fill("不对")
    refuse(page, "#join")


def framework_refused(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/admin/frameworks")
    refuse(page, "#add-framework")


def suspension_asked(page: Page, _census: Census, _folder: Path) -> None:
    page.goto("/admin/people?q=newcomer")
    page.get_by_role("link", name="newcomer").first.click()
    page.locator("[data-confirm='confirm-suspend'] button").click()
    expect(page.locator("dialog[open]")).to_be_visible()


STATES: dict[str, tuple[Callable[[Page, Census, Path], None], ...]] = {
    "nobody": (sign_in_refused, suggestions_open, filters_unfolded, no_answer, playing, a_report_refused, code_refused),
    "newcomer": (stars_refused, kept_and_told, menu_open, collection_refused, password_refused),
    "teacher": (nothing_uploaded, draft_refused, discard_asked, items_found, caption_added, uploading),
    "reviewer": (decline_asked, decline_refused),
    "admin": (person_refused, school_refused, roster_refused, framework_refused, suspension_asked),
}


@pytest.mark.parametrize("who", STATES)
def test_states_have_no_barriers(visit, census, tmp_path, who) -> None:
    page = visit(who)
    page.on("dialog", lambda dialog: dialog.accept())
    found = {}

    for state in STATES[who]:
        size, scheme = next(LOOKS)
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        state(page, census, tmp_path)
        if wrong := barriers(page):
            found[f"{state.__name__} {size['width']} {scheme}"] = wrong
    assert found == {}


@contextlib.contextmanager
def without(site: Site, table: str) -> Iterator[None]:
    """Something nobody foresaw: a table is gone for a while."""
    with contextlib.closing(sqlite3.connect(site.data_dir / "tongke.sqlite3")) as database:
        database.execute(f"ALTER TABLE {table} RENAME TO {table}_gone")
        try:
            yield
        finally:
            database.execute(f"ALTER TABLE {table}_gone RENAME TO {table}")


def test_a_broken_page_says_so_without_barriers(visit, census) -> None:
    page = visit("teacher", viewport=PHONE)

    with without(census.site, "favourite"):
        answer = page.goto("/me/favourites")
    assert answer
    assert answer.status == 500
    assert barriers(page) == []


def test_welcome_has_no_barriers(open_page, tmp_path) -> None:
    with running_site(tmp_path, demo=False) as site:
        page = open_page(at=site, viewport=PHONE, reduced_motion="reduce")
        page.goto("/welcome?code=wrong")
        assert barriers(page) == []
        page.emulate_media(color_scheme="dark")
        refuse(page, "#welcome")
        assert barriers(page) == []
