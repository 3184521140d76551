"""Signing in in a real browser: by providers, by passkey on a virtual device, out again, and as somebody else."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.e2e.conftest import PHONE
from tests.e2e.site import Site, neighbouring_ports, running_site
from tests.oidc.servers import open_id_provider

pytestmark = pytest.mark.slow
NAME, PASSWORD = "wang", "correct horse 同课"
ACCOUNTS = {
    "fang": {"name": "方老师", "email": "fang@county.example", "email_verified": True},
    "chen": {"name": "陈老师", "email": "chen@county.example", "email_verified": True},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """A platform on `localhost` (browsers give passkeys to names only) with a provider."""
    port = neighbouring_ports()
    base_url = f"http://localhost:{port}"
    folder = tmp_path_factory.mktemp("providers")
    with open_id_provider(folder, base_url, ACCOUNTS) as county:
        known = json.loads(county.settings(new_accounts=True))
        with running_site(
            tmp_path_factory.mktemp("sign-in"), demo=False, base_url=base_url, oidc_providers=json.dumps(known)
        ) as site:
            site.command("user", "create", "--email", NAME, "--name", "王老师", "--password", PASSWORD)
            yield site


def no_faults(page: Page) -> list:
    return [(v["id"], [n["html"] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]


def at_county(page: Page, login: str) -> None:
    """The provider's own pages: who, then consent."""
    page.locator('input[name="login"]').fill(login)
    page.locator('input[name="password"]').fill("any")
    page.locator('button[type="submit"]').click()
    page.get_by_role("button", name="Continue").click()


def who(page: Page) -> str:
    page.goto("/me/settings")
    return page.locator("dl.facts dd").first.inner_text()


def test_in_by_provider_out_and_in_as_a_colleague(open_page, site) -> None:
    page = open_page()
    page.goto("/sign-in?next=/me/settings")
    page.get_by_role("link", name="县教育云", exact=True).click()
    at_county(page, "fang")
    page.wait_for_url("**/me/settings")
    assert who(page) == "方老师"

    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="您已退出登录")).to_be_visible()
    assert no_faults(page) == []
    page.get_by_role("link", name="换一个账号登录").click()
    at_county(page, "chen")
    page.wait_for_url(f"{site.base_url}/")
    assert who(page) == "陈老师"


def test_provider_ends_the_session_here(open_page, site) -> None:
    """Signing out at the provider makes it tell us by the back channel: the session here is over at once."""
    page = open_page()
    page.goto("/sign-in?next=/me/settings")
    page.get_by_role("link", name="县教育云", exact=True).click()
    at_county(page, "fang")
    page.wait_for_url("**/me/settings")

    issuer = json.loads(site.environment["TONGKE_OIDC_PROVIDERS"])["county"]["issuer"]
    page.goto(f"{issuer}/session/end")
    page.get_by_role("button", name="Yes").click()
    page.wait_for_url("**/session/end/success*")

    answer = page.goto(f"{site.base_url}/me/settings")
    assert answer.status == 401


def by_password(page: Page, name: str = NAME, *, leads_to: str = "**/me/sign-in") -> None:
    page.goto("/sign-in?next=/me/sign-in")
    page.get_by_label("登录名").fill(name)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.locator("#sign-in button").click()
    page.wait_for_url(leads_to)


def virtual_device(page: Page) -> None:
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    line.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_passkey_is_made_used_renamed_and_removed(open_page, site) -> None:
    page = open_page()
    virtual_device(page)
    by_password(page)
    page.get_by_label("新通行密钥的名字").fill("办公室电脑")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.get_by_label("通行密钥的名字", exact=True)).to_have_value("办公室电脑")
    assert no_faults(page) == []

    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出").click()
    page.goto("/sign-in?next=/me/sign-in")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url("**/me/sign-in")
    expect(page.get_by_text("上次使用")).to_be_visible()

    page.get_by_label("通行密钥的名字", exact=True).fill("教室电脑")
    page.get_by_role("button", name="改名").click()
    expect(page.get_by_label("通行密钥的名字", exact=True)).to_have_value("教室电脑")
    page.get_by_role("button", name="删除通行密钥 教室电脑").click()
    expect(page.get_by_label("通行密钥的名字", exact=True)).to_have_count(0)
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出").click()
    page.goto("/sign-in")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_text("这个通行密钥不能登录")).to_be_visible()


def test_second_step_is_set_up_and_asked_for_without_barriers(open_page, site) -> None:
    site.command("user", "create", "--email", "li", "--name", "李老师", "--password", PASSWORD)
    page = open_page(viewport=PHONE)
    by_password(page, "li")
    page.goto("/me/sign-in/authenticator")
    assert no_faults(page) == []
    secret = "".join(page.locator("details p.code").text_content().split())
    page.locator('input[name="code"]').fill(pyotp.TOTP(secret).now())
    page.locator('input[name="code"]').press("Enter")
    expect(page.locator("li.code")).to_have_count(10)
    assert no_faults(page) == []
    spare = page.locator("li.code").first.inner_text()

    page.goto("/me/sign-in")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出").click()
    by_password(page, "li", leads_to="**/sign-in/second*")
    assert no_faults(page) == []
    page.locator('input[name="code"]').fill(spare)
    page.locator('input[name="code"]').press("Enter")
    page.wait_for_url("**/me/sign-in")


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_sign_in_page_is_for_everybody_and_light(open_page, site, locale) -> None:
    page = open_page(locale=locale, viewport=PHONE)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    sizes: list[float] = []
    line.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.goto("/sign-in", wait_until="networkidle")

    assert no_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert 0 < sum(sizes) <= 35 * 1024
