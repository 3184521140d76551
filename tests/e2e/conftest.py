"""Browser tests: Debian's Chromium on a running platform. Any CSP violation or page error fails the test."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator

import pytest
from tests.e2e.census import Census, settle
from tests.e2e.looking import TOLD
from tests.e2e.site import Site, running_site

CHROMIUM_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in item.nodeid or item.nodeid.startswith("tests/e2e"):
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    """One platform in full use, for the tests that walk through every page."""
    with running_site(tmp_path_factory.mktemp("census"), demo=False) as site:
        site.stop()
        found = settle(site, tmp_path_factory.mktemp("papers"))
        site.start()
        yield found


@pytest.fixture(scope="session")
def site(census: Census) -> Site:
    """The platform of a test; modules that stop it, or fill it otherwise, have their own."""
    return census.site


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, site: Site) -> Iterator[Callable]:
    """Open a page: ``open_page(locale="en", viewport=PHONE, email=…, site=…)``; what went wrong in it fails the test."""
    complaints: list[str] = []
    with contextlib.ExitStack() as stack:

        def open_(
            *, locale: str = "zh-CN", viewport=DESKTOP, email: str = "", password: str = "", at: Site = site, **options
        ):
            context = browser.new_context(base_url=at.base_url, locale=locale, viewport=viewport, **options)
            stack.callback(context.close)
            context.add_init_script(TOLD)
            page = context.new_page()
            page.on("console", lambda m: complaints.append(m.text) if _is_complaint(m) else None)
            page.on("pageerror", lambda e: complaints.append(str(e)))
            if email:
                sign_in(page, email, password, at=at.base_url)
            return page

        yield open_
    assert complaints == []


@pytest.fixture
def visit(open_page, census: Census) -> Callable:
    """Open a page of the census in which ``who`` is signed in; nothing moves, so colours are what they will stay."""

    def open_(who: str, *, locale: str = "zh-CN", **options):
        headers = {"Accept-Language": locale}
        page = open_page(
            locale=locale, at=census.site, extra_http_headers=headers, **({"reduced_motion": "reduce"} | options)
        )
        census.sign_in(page.context, who)
        return page

    return open_


def _is_complaint(message) -> bool:
    """Violations of the policy and script errors; a request refused (404, 422) or cut is for the test to judge."""
    of_requests = ("Failed to load resource", "Failed to fetch")
    return "Content Security Policy" in message.text or (
        message.type == "error" and not any(words in message.text for words in of_requests)
    )


_signed_in: dict[tuple[str, str], list[dict]] = {}
"""The cookies of those who signed in already: the platform slows down who signs in too often."""


def sign_in(page, email: str, password: str, *, at: str) -> None:
    """Sign in by the form, once for each person and platform; later pages get the same browser session."""
    if (at, email) in _signed_in:
        page.context.add_cookies(_signed_in[at, email])
        return
    page.goto("/sign-in")
    page.get_by_label("登录名").or_(page.get_by_label("Sign-in name")).fill(email)
    page.get_by_label("密码", exact=True).or_(page.get_by_label("Password", exact=True)).fill(password)
    page.locator("#sign-in button").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    _signed_in[at, email] = [c for c in page.context.cookies() if c["name"].endswith("tongke_session")]
