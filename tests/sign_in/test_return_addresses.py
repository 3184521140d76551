"""Where people are sent after signing in: on this site, whatever the address or the Host header says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.conftest import BASE_URL, PASSWORD

from tongke.accounts import service
from tongke.accounts.models import Role
from tongke.db import transaction
from tongke_web.rendering import own_path

ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "/\r\nLocation: https://evil.example", "https://evil.example", "HTTPS://evil.example", "https:evil.example",
    "http:/evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "user@evil.example", "evil.example",
    " //evil.example", "\x00//evil.example", "", ".//evil.example", "?next=//evil.example", "@evil.example/", ":80@evil.example",
    "／／evil.example", "/\u2028/evil.example", "/\x7f/evil.example", "/\xa0", "/%0d%0aSet-Cookie:x\r\n",
]  # fmt: skip
HERE = [
    "/",
    "/me",
    "/resources?q=%2F%2Fevil.example",
    "/%2f%2fevil.example",
    "/resources/小数",
    "/a//b",
    "/x?next=https://e.example",
]


@pytest.fixture
def teacher(engine):
    with transaction(engine) as session:
        return service.create_user(session, email="wang", name="王老师", password=PASSWORD, role=Role.TEACHER)


@pytest.mark.parametrize("path", ELSEWHERE, ids=ascii)
def test_nobody_is_sent_elsewhere(client, teacher, path) -> None:
    answer = client.post("/sign-in", data={"email": "wang", "password": PASSWORD, "next": path})

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/sign-in", params={"next": path}).headers["location"] == "/"


@pytest.mark.parametrize("path", HERE)
def test_own_pages_are_gone_to(path) -> None:
    assert own_path(path) == path


@given(some.text(alphabet="/\\:@.?#%evil\r\n\t x", max_size=12))
def test_whatever_is_let_through_stays_on_this_site(path) -> None:
    """Judged as browsers do: backslashes are slashes, tabs and line ends are not there."""
    gone = own_path(path).replace("\\", "/").translate(dict.fromkeys(map(ord, "\t\r\n")))

    assert gone.startswith("/")
    assert not gone.startswith("//")


@pytest.mark.parametrize(
    "name", ["host", "x-forwarded-host", "x-forwarded-server", "forwarded", "x-original-url", "x-rewrite-url"]
)
@pytest.mark.parametrize(
    "value", ["evil.example", "testserver@evil.example", "testserver:80@evil.example", "testserver.evil.example"]
)
def test_host_of_the_request_goes_nowhere(client, teacher, settings, name, value) -> None:
    said = f"host={value}" if name == "forwarded" else value
    headers = {name: said}

    answer = client.post("/sign-in", data={"email": "wang", "password": PASSWORD, "next": "/me"}, headers=headers)

    assert answer.headers["location"] == "/me"
    assert "evil" not in answer.headers["set-cookie"]
    out = client.post("/sign-out", headers=headers)
    assert out.headers["location"] == "/"


def test_provider_is_told_our_own_address_whatever_the_host_says(settings) -> None:
    from tongke.accounts.oidc.providers import Provider

    provider = Provider(key="county", name="县", issuer="https://id.example", client_id="x")

    assert provider.redirect_uri(settings.base_url) == f"{BASE_URL}/sign-in/return/county"


def test_other_sites_do_not_start_a_sign_in(client, settings) -> None:
    settings.oidc_providers = '{"county": {"name": "县", "issuer": "http://127.0.0.1:9", "client_id": "x"}}'

    assert client.get("/sign-in/with/county", headers={"sec-fetch-site": "cross-site"}).status_code == 403
