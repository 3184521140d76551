"""The front end in a real browser under the real policy: look, htmx, tree, player, uploads."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from tests.e2e.site import Site, running_site

from tongke.config import Settings
from tongke.http.security import content_security_policy
from tongke_web.static_files import BuiltFiles

ADMIN, PASSWORD = "look@example.org", "correct horse 同课"
WIDTHS = {"phone": 320, "tablet": 768, "desk": 1280}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """A platform without demo content, and its administrator."""
    with running_site(tmp_path_factory.mktemp("look"), demo=False) as site:
        site.command(
            "user", "create", "--email", ADMIN, "--name", "李秀英", "--password", PASSWORD, "--role", "platform_admin"
        )
        yield site


@pytest.fixture
def guide(open_page, site):
    """Open the style guide as the administrator."""

    def open_(**options):
        page = open_page(email=ADMIN, password=PASSWORD, **options)
        page.goto("/style-guide")
        return page

    return open_


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_piece_is_accessible_and_fits(guide, locale, scheme, width) -> None:
    page = guide(locale=locale, color_scheme=scheme, viewport={"width": WIDTHS[width], "height": 800})

    wrong = [(v["id"], [n["html"] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]
    assert wrong == []
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width]


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 320), ("en", 360)])
def test_every_page_of_the_menu_is_in_sight_on_a_phone(guide, locale, width) -> None:
    page = guide(locale=locale, viewport={"width": width, "height": 740})

    boxes = [link.bounding_box() for link in page.locator(".head .nav a").all()]
    assert len(boxes) == 5
    assert [b for b in boxes if b["x"] < 0 or b["x"] + b["width"] > width or b["height"] < 44] == []


def test_text_at_twice_its_size_still_fits(guide) -> None:
    page = guide(viewport={"width": 640, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert page.evaluate("document.documentElement.scrollWidth") == 640


def test_right_to_left_mirrors_the_page(guide) -> None:
    page = guide()
    page.goto("/style-guide?direction=rtl")

    brand, tools = page.locator(".brand").bounding_box(), page.locator(".tools").bounding_box()
    assert brand["x"] > tools["x"]


def test_tree_is_walked_with_the_keyboard(guide) -> None:
    page = guide()
    item = lambda words: page.get_by_role("treeitem").filter(has_text=words).last  # noqa: E731

    page.locator('[role="treeitem"][tabindex="0"]').focus()
    page.keyboard.press("End")
    expect(item("第三单元")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(item("除数是整数的小数除法")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(item("第三单元")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Home")
    expect(item("第一单元")).to_be_focused()


def test_dialog_asks_before_the_form_is_sent(guide) -> None:
    page = guide()

    page.locator("form[data-confirm] button").click()
    expect(page.locator("dialog#sure")).to_be_visible()
    page.locator('dialog#sure button[value="no"]').click()
    assert page.url.endswith("/style-guide")
    page.locator("form[data-confirm] button").click()
    page.locator('dialog#sure button[value="yes"]').click()
    page.wait_for_url("**/style-guide?")


def test_theme_changes_at_once_and_stays(guide) -> None:
    page = guide(color_scheme="light")
    with page.expect_response("**/preferences"):
        page.get_by_role("button", name="深色").click()

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 25, 29)"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def serve(page, path: str, body: str, status: int = 200, **headers: str) -> None:
    """Answer ``path`` ourselves, under the policy the platform sends."""
    policy = content_security_policy(Settings(base_url="http://127.0.0.1:8000"))
    headers |= {"Content-Security-Policy": policy}
    page.route(
        f"**{path}", lambda route: route.fulfill(status=status, body=body, content_type="text/html", headers=headers)
    )


def test_htmx_works_under_the_strict_policy_and_swaps_refused_forms(open_page) -> None:
    page = open_page()
    config = '{"includeIndicatorCSS": false, "prefix": ""}'
    script = f"""<!doctype html><html lang="zh-CN"><title>x</title><meta name="htmx-config" content='{config}'>
        <script type="module" src="{BuiltFiles().url("app.js")}"></script>"""
    form = '<form id="form" action="/save" method="post" hx-post="/save" hx-target="#form" hx-swap="outerHTML">'
    serve(page, "/try", f'{script}<div id="notices"></div>{form}<input name="q"><button>go</button></form>')
    serve(page, "/save", '<form id="form"><p id="told">请写标题</p></form>', 422)

    page.goto("/try")
    with page.expect_request("**/save") as asked:
        page.locator("button").click()

    expect(page.locator("#told")).to_have_text("请写标题")
    assert asked.value.headers["hx-request-type"] == "partial"


def test_nothing_in_an_attribute_or_a_fragment_is_run(browser, site) -> None:
    page = browser.new_page(base_url=site.base_url)
    script = f'<script type="module" src="{BuiltFiles().url("app.js")}"></script>'
    run = "document.title = 'ran'"
    serve(
        page,
        "/try",
        f"""<!doctype html><title>x</title>{script}<p id="place"></p>
        <button id="filter" hx-get="/fragment" hx-trigger="click[{run}]" hx-target="#place">1</button>
        <button id="values" hx-get="/fragment" hx-vals="js:{{x: {run}}}" hx-target="#place">2</button>
        <button id="on" hx-on:click="{run}">3</button>
        <button id="plain" hx-get="/fragment" hx-target="#place">4</button>""",
    )
    serve(page, "/fragment", f"<b>here</b><script>{run}</script>")

    page.goto("/try")
    for name in ("filter", "values", "on", "plain"):
        page.locator(f"#{name}").click()
    expect(page.locator("#place b")).to_be_visible()

    assert page.title() == "x"
    page.close()


@pytest.fixture(scope="module")
def lesson(tmp_path_factory) -> Path:
    """Twenty seconds of moving picture and tone as HLS, small MP4 and sound."""
    if not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    folder = tmp_path_factory.mktemp("lesson")
    make = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=20", "-f", "lavfi"]
    make += ["-i", "sine=440:duration=20", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20"]
    subprocess.run([*make, "-movflags", "+faststart", "lesson.mp4"], cwd=folder, check=True)
    copy = ["ffmpeg", "-v", "error", "-i", "lesson.mp4", "-c", "copy"]
    hls = ["-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "lesson.m3u8"]
    subprocess.run([*copy, *hls], cwd=folder, check=True)
    subprocess.run([*copy, "-vn", "lesson.m4a"], cwd=folder, check=True)
    (folder / "lesson.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:18.000\n同学们好\n", encoding="utf-8")
    return folder


@pytest.fixture
def player(guide, lesson):
    """Open the style guide with a real lesson behind its player; tells which files were asked for."""

    def open_(script: str = "", **options):
        page = guide(**options)
        asked: list[str] = []

        def answer(route) -> None:
            name = route.request.url.rsplit("/", 1)[1]
            asked.append(name)
            kinds = {".m3u8": "application/vnd.apple.mpegurl", ".vtt": "text/vtt", ".m4a": "audio/mp4"}
            kind = kinds.get(Path(name).suffix, "video/mp4")
            answer_range(route, (lesson / name).read_bytes(), kind)

        page.route("**/content/**", answer)
        if script:
            page.add_init_script(script)
        page.reload()
        return page, asked

    return open_


def answer_range(route, body: bytes, kind: str) -> None:
    """Whole or in part, as the content origin does: a browser seeks only where parts can be asked for."""
    asked = route.request.headers.get("range", "")
    if not asked:
        route.fulfill(body=body, content_type=kind, headers={"Accept-Ranges": "bytes"})
        return
    start, _, end = asked.removeprefix("bytes=").partition("-")
    last = min(int(end) if end else len(body) - 1, len(body) - 1)
    headers = {"Accept-Ranges": "bytes", "Content-Range": f"bytes {start}-{last}/{len(body)}"}
    route.fulfill(status=206, body=body[int(start) : last + 1], content_type=kind, headers=headers)


def position(page) -> float:
    return page.evaluate("document.querySelector('video').currentTime")


def wait_until_played(page, seconds: float) -> None:
    page.wait_for_function("s => document.querySelector('video').currentTime > s", arg=seconds, timeout=15000)


NO_NATIVE_HLS = "HTMLMediaElement.prototype.canPlayType = () => ''"


def test_player_loads_nothing_before_play_and_then_hls_by_itself(player) -> None:
    page, asked = player()
    assert asked == []

    page.locator('[data-part="begin"]').click()
    wait_until_played(page, 0.5)

    assert {"lesson.m3u8", "lesson.vtt"} <= set(asked)
    page.wait_for_function("() => document.querySelector('video').textTracks[0].activeCues.length")
    page.get_by_role("button", name="字幕", exact=True).click()
    assert page.evaluate("document.querySelector('video').textTracks[0].mode") == "disabled"


def test_player_brings_hls_js_only_to_a_browser_that_needs_it(player) -> None:
    scripts: list[str] = []
    page, asked = player(NO_NATIVE_HLS)
    page.on("request", lambda request: scripts.append(request.url) if "hls" in request.url else None)

    page.locator('[data-part="begin"]').click()
    wait_until_played(page, 0.5)

    assert any("hls.light" in url for url in scripts)
    assert page.evaluate("document.querySelector('video').src").startswith("blob:")
    assert "lesson.m3u8" in asked


def test_player_keeps_its_place_across_qualities_and_reloads(player) -> None:
    page, asked = player()
    page.locator('[data-part="begin"]').click()
    wait_until_played(page, 0.2)
    page.locator('[data-part="seek"]').focus()
    page.keyboard.press("l")
    page.keyboard.press("k")
    before = position(page)

    page.select_option('[data-part="quality"]', "mp4_240")
    page.wait_for_function("s => document.querySelector('video').currentTime >= s - 0.5", arg=before)
    assert "lesson.mp4" in asked

    page.reload()
    expect(page.locator('[data-part="told"]')).to_contain_text("接着看")
    page.locator('[data-part="begin"]').click()
    wait_until_played(page, before - 0.5)


def test_low_data_begins_with_the_small_file(player) -> None:
    page, asked = player()
    page.get_by_role("button", name="省流量").click()

    page.locator('[data-part="begin"]').click()
    wait_until_played(page, 0.2)

    assert "lesson.mp4" in asked
    assert "lesson.m3u8" not in asked


def test_player_renews_an_old_address_without_losing_its_place(player) -> None:
    page, _asked = player()
    renewed = '{"hls": "/content/fresh/lesson.mp4", "mp4_240": "/content/fresh/lesson.mp4", "expires_at": 99999999999}'
    page.route("**/renew", lambda route: route.fulfill(body=renewed, content_type="application/json"))
    page.evaluate("Object.assign(document.querySelector('.player').dataset, {renew: '/renew', expires: '99999999999'})")
    page.select_option('[data-part="quality"]', "mp4_240")
    page.locator('[data-part="begin"]').click()
    page.locator('[data-part="seek"]').focus()
    wait_until_played(page, 0.2)
    page.keyboard.press("l")
    page.keyboard.press("k")
    before = position(page)

    page.evaluate("document.querySelector('.player').dataset.expires = '1'")
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('video').currentSrc.includes('/fresh/')")
    wait_until_played(page, before - 0.5)


def test_without_scripts_the_browsers_own_player_and_forms_are_there(browser, site) -> None:
    context = browser.new_context(base_url=site.base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Sign-in name").or_(page.get_by_label("登录名")).fill(ADMIN)
    page.get_by_label("Password", exact=True).or_(page.get_by_label("密码", exact=True)).fill(PASSWORD)
    page.locator("#sign-in button").click()
    page.goto("/style-guide")

    assert page.locator("video").get_attribute("controls") is not None
    assert page.locator("video").get_attribute("src") == "/content/lesson.mp4"
    expect(page.locator('.uploader input[type="file"]')).to_be_visible()
    expect(page.locator('[data-part="begin"]')).to_be_hidden()
    context.close()


def test_upload_goes_on_where_a_reload_broke_it_off(guide, tmp_path) -> None:
    page = guide()
    path = tmp_path / "说明.txt"
    path.write_text("同课：不同的学校，上同一节课。\n" * 200_000, encoding="utf-8")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000}
    session.send("Network.emulateNetworkConditions", slow)
    page.set_input_files('.uploader input[type="file"]', path)
    page.wait_for_function("() => document.querySelector('.upload progress').value > 0", timeout=15000)
    page.on("dialog", lambda dialog: dialog.accept())

    page.reload()
    expect(page.locator(".upload.is-offer")).to_contain_text("说明.txt")
    session.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    with page.expect_request(lambda r: r.method == "HEAD" and "/api/v1/uploads/" in r.url):
        page.set_input_files('.uploader input[type="file"]', path)
    expect(page.locator(".upload.is-good")).to_be_visible(timeout=20000)

    assert page.locator('.upload input[name="assets"]').input_value()
    expect(page.locator(".upload.is-offer")).to_have_count(0)


def test_refused_file_says_why(guide, tmp_path) -> None:
    page = guide()
    path = tmp_path / "课件.exe"
    path.write_bytes(b"MZ" + bytes(5000))

    page.set_input_files('.uploader input[type="file"]', path)

    expect(page.locator(".upload.is-bad")).to_be_visible(timeout=15000)
    assert len(page.locator('.upload [data-part="said"]').inner_text()) > 10
    expect(page.locator('.upload [data-part="pause"]')).to_be_hidden()
