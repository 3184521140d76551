"""A shared computer in a real browser: warned, signed out, and nothing of the last teacher left in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.site import Site, running_site

PASSWORD = "correct horse 同课"
KEPT = "() => Object.keys(localStorage).filter(key => key.startsWith('tongke:'))"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("shared"), demo=False) as site:
        site.command(
            "user", "create", "--email", "wang", "--name", "王小兰", "--password", PASSWORD, "--role", "teacher"
        )
        yield site


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("登录名").fill("wang")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.locator("#sign-in button.is-primary").first.click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def test_teacher_who_left_is_signed_out_and_leaves_nothing(open_page, site) -> None:
    page = open_page()
    page.clock.install()
    sign_in(page)
    person = page.evaluate("() => document.documentElement.dataset.person")
    page.evaluate(
        "id => { for (const who of [id, 'somebody']) localStorage.setItem(`tongke:position:${who}:v`, '12'); }", person
    )
    page.goto("/me/settings")

    assert page.evaluate(KEPT) == [f"tongke:position:{person}:v"], "what another person left is gone"

    page.clock.fast_forward("29:00")
    expect(page.locator("#notices")).to_contain_text("两分钟后会自动退出")
    page.mouse.move(50, 50)
    page.mouse.move(80, 80)
    expect(page.locator("#notices")).to_be_empty()

    page.clock.fast_forward("31:00")
    expect(page.get_by_role("link", name="登录", exact=True)).to_be_visible()
    assert page.evaluate(KEPT) == []
    page.go_back()
    expect(page.get_by_text("王小兰")).to_have_count(0)
