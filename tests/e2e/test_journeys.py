"""Whole journeys in a real browser: from a teacher's file to another teacher's lesson."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as NeverCame
from tests.e2e.conftest import PHONE
from tests.e2e.films import MEGABYTE, film
from tests.e2e.keys import tab_to
from tests.e2e.site import Site, running_site

PASSWORD = "correct horse 同课"
TOWN, KEYS, PLAIN, REVIEWER = "town@example.org", "keys@example.org", "plain@example.org", "reviewer@example.org"
FOUND_WITHIN_S = 1.0
MADE_WITHIN_S = 180


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A platform with the textbooks that come along, a school, three teachers and a reviewer."""
    with running_site(tmp_path_factory.mktemp("journeys"), demo=False) as site:
        site.command("school", "create", "--code", "S1", "--name", "千岛湖镇中心小学", "--region", "330127")
        for email, name in ((TOWN, "方老师"), (KEYS, "键老师"), (PLAIN, "简老师")):
            site.command("user", "create", "--email", email, "--name", name, "--password", PASSWORD, "--role", "teacher",
                         "--school", "S1")  # fmt: skip
        site.command("user", "create", "--email", REVIEWER, "--name", "李教研员", "--password", PASSWORD, "--role",
                     "reviewer")  # fmt: skip
        yield site


@pytest.fixture(scope="module")
def lesson_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed")
    return film(ffmpeg, tmp_path_factory.mktemp("film") / "小数除法.mp4", at_least_bytes=200 * MEGABYTE)


def test_lesson_goes_from_a_town_to_a_village(open_page, site, lesson_film) -> None:
    teacher = open_page(email=TOWN, password=PASSWORD)
    upload_through_a_power_cut(teacher, site, lesson_film)
    describe_and_submit(teacher)

    reviewer = open_page(email=REVIEWER, password=PASSWORD)
    assert found(site, "元角分") == 0, "nobody finds what is not reviewed"
    publish(reviewer, "小数除法：用元角分讲清小数点")
    assert seconds_until_found(site, "元角分") < FOUND_WITHIN_S

    village = open_page(viewport=PHONE)
    find_by_chapter(village)
    find_by_a_mistyped_word(village)
    play_with_little_data(village)
    print_the_sheet(village)


def upload_through_a_power_cut(page: Page, site: Site, path: Path) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/upload")
    line = slowly(page)
    page.locator('input[type="file"]').set_input_files(path)
    bar = page.locator(".upload progress")
    expect(bar).to_be_visible()
    page.wait_for_function("bar => bar.max > 1 && bar.value / bar.max > 0.3", arg=bar.element_handle(), timeout=90_000)
    site.kill()
    site.start()
    line.detach()

    offsets: list[int] = []
    page.on("request", lambda r: offsets.append(int(r.headers["upload-offset"])) if r.method == "PATCH" else None)
    page.reload()
    expect(page.locator(".upload.is-offer")).to_contain_text("上次没有传完")
    page.locator('input[type="file"]').set_input_files(path)
    expect(page.locator(".upload.is-good")).to_contain_text("上传成功", timeout=120_000)
    assert offsets[0] > 0, "what had arrived was not sent again"

    page.reload()  # what has arrived is not lost to a reload either
    expect(page.locator(".upload.is-good")).to_contain_text("小数除法.mp4")
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/edit")


def slowly(page: Page):
    """A line on which the file takes long enough to be cut."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 12 * MEGABYTE}
    line.send("Network.emulateNetworkConditions", slow)
    return line


def describe_and_submit(page: Page) -> None:
    page.locator("#draft").get_by_label("标题", exact=True).fill("小数除法：用元角分讲清小数点")
    page.get_by_role("search", name="课文、单元或课标条目").get_by_role("searchbox").press_sequentially(
        "人教版 小数除法"
    )
    page.get_by_role("button", name="对应到 3 小数除法，数学 人教版 › 五年级上册", exact=True).first.click()
    expect(page.get_by_text("已按章节填好")).to_be_visible()
    expect(page.locator("#draft").get_by_label("标题", exact=True)).to_have_value("小数除法：用元角分讲清小数点")
    expect(page.get_by_label("年级", exact=True)).to_have_value("5")
    page.get_by_role("textbox", name="简介").fill("用买菜的账单引入，先估再算。")
    expect(page.locator(".saved")).to_contain_text("已保存")
    page.get_by_label("我承诺").check()
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_url("**?pending=true")
    expect(page.get_by_text("待审核").first).to_be_visible()


def publish(page: Page, title: str) -> None:
    page.goto("/review")
    page.get_by_role("link", name=title).click()
    page.get_by_role("button", name="通过并发布").click()
    page.wait_for_url("**/review")


def found(site: Site, words: str) -> int:
    """How many the search knows; asked as programs ask, so that no browser's work is counted."""
    with urlopen(f"{site.base_url}/api/v1/resources?q={quote(words)}", timeout=30) as answer:
        return json.load(answer)["total"]


def seconds_until_found(site: Site, words: str) -> float:
    began = time.monotonic()
    while not found(site, words):
        if time.monotonic() - began > 30:
            return float("inf")
    return time.monotonic() - began


def find_by_chapter(page: Page) -> None:
    """Two clicks to the chapter; the third is on the lesson itself."""
    page.goto("/")
    grade = page.locator(".panel", has=page.get_by_role("heading", name="五年级"))
    grade.get_by_role("link", name="数学", exact=True).click()
    book = page.locator("section.panel", has=page.get_by_role("heading", name=re.compile("人教版.*上册")))
    book.get_by_role("link", name="3 小数除法 1 个资源", exact=True).first.click()
    page.locator("main").get_by_role("link", name=re.compile("用元角分讲清小数点")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("小数除法：用元角分讲清小数点")


def find_by_a_mistyped_word(page: Page) -> None:
    page.goto("/resources?q=小数除发")
    page.locator("#results").get_by_role("link", name=re.compile("用元角分讲清小数点")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("小数除法：用元角分讲清小数点")


def play_with_little_data(page: Page) -> None:
    page.get_by_role("button", name="省流量").click()
    deadline = time.monotonic() + MADE_WITHIN_S
    while not page.locator("[data-src-mp4-240]").count():
        assert time.monotonic() < deadline, "the 240p version was never made"
        time.sleep(1)
        page.reload()
    page.locator('[data-part="begin"]').click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.3", timeout=30_000)
    small = page.locator("[data-src-mp4-240]").get_attribute("data-src-mp4-240")
    assert page.evaluate("document.querySelector('video').currentSrc") == small


def print_the_sheet(page: Page) -> None:
    page.get_by_role("link", name="打印单").click()
    page.wait_for_url("**/sheet")
    sheet = pypdfium2.PdfDocument(page.pdf(format="A4"))
    printed = "".join(leaf.get_textpage().get_text_range() for leaf in sheet)
    assert "用元角分讲清小数点" in printed.replace("\r\n", "")


def choose(page: Page, path: Path) -> None:
    """Press Enter on the file field; after many pages a browser without a screen has once missed the first press."""
    page.bring_to_front()
    for patience_ms in (8_000, 30_000):
        try:
            with page.expect_file_chooser(timeout=patience_ms) as chooser:
                page.keyboard.press("Enter")
        except NeverCame:
            continue
        chooser.value.set_files(path)
        return
    raise AssertionError("no file chooser came")


def test_upload_page_works_by_keyboard_alone(open_page, tmp_path: Path) -> None:
    path = tmp_path / "静夜思.txt"
    path.write_text("床前明月光，疑是地上霜。", encoding="utf-8")
    page = open_page(email=KEYS, password=PASSWORD)
    page.goto("/upload")

    tab_to(page, 'input[type="file"]')
    choose(page, path)
    expect(page.locator(".upload.is-good")).to_contain_text("上传成功", timeout=30_000)
    tab_to(page, "#field-title")
    page.keyboard.type("静夜思朗读材料")
    tab_to(page, "button.is-primary")
    page.keyboard.press("Enter")

    page.wait_for_url("**/edit")
    expect(page.locator("#draft").get_by_label("标题", exact=True)).to_have_value("静夜思朗读材料")
    tab_to(page, '[name="commitment"]', most=120)
    page.keyboard.press("Space")
    tab_to(page, "#submit button.is-primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**?pending=true")


def test_everything_works_without_scripts(open_page, tmp_path: Path) -> None:
    path = tmp_path / "光合作用.txt"
    path.write_text("绿叶在光下制造有机物。", encoding="utf-8")
    page = open_page(email=PLAIN, password=PASSWORD, java_script_enabled=False)
    page.goto("/upload")
    page.locator('input[type="file"]').set_input_files(path)
    page.get_by_role("button", name="下一步").click()
    page.locator("#draft").get_by_label("标题", exact=True).fill("光合作用学习材料")
    page.get_by_role("button", name="保存草稿").click()
    page.get_by_role("search", name="课文、单元或课标条目").get_by_role("searchbox").fill("光合作用")
    page.get_by_role("search", name="课文、单元或课标条目").get_by_role("button").click()
    page.get_by_role("button", name=re.compile("^对应到 ")).first.click()
    expect(page.locator("#draft").get_by_label("标题", exact=True)).to_have_value("光合作用学习材料")
    page.get_by_label("我承诺").check()
    page.get_by_role("button", name="提交审核").click()

    publish(open_page(email=REVIEWER, password=PASSWORD, java_script_enabled=False), "光合作用学习材料")

    reader = open_page(java_script_enabled=False)
    deadline = time.monotonic() + 30
    while not reader.get_by_role("link", name="光合作用学习材料").count():
        assert time.monotonic() < deadline
        reader.goto("/resources?q=光合作用")
    reader.get_by_role("link", name="光合作用学习材料").first.click()
    with reader.expect_download() as download:
        reader.get_by_role("link", name=re.compile("^下载")).first.click()
    assert Path(download.value.path()).read_text(encoding="utf-8") == "绿叶在光下制造有机物。"
