"""One whole journey by Canaille, an identity server of another make."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest
from tests.conftest import BASE_URL
from tests.oidc.canaille import PASSWORD, canaille

from tongke.accounts.oidc.metadata import notebook

pytestmark = pytest.mark.slow


class CampusVisitor:
    """Follows Canaille's pages: name, password, consent."""

    def __init__(self) -> None:
        self.browser = httpx2.Client(timeout=30)

    def sign_in(self, address: str) -> str:
        home, answer = urlsplit(address).netloc, self.browser.get(address)
        for _ in range(15):
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if urlsplit(address).netloc != home:
                    return address
                answer = self.browser.get(address)
            else:
                answer = self._submit(answer)
        raise AssertionError(answer.text[:3000])

    def _submit(self, answer: httpx2.Response) -> httpx2.Response:
        assert answer.status_code == 200, answer.text[:3000]
        inputs = re.findall(r"<input[^>]*>", answer.text)
        named = {m[1]: i for i in inputs if (m := re.search(r'name="([^"]+)"', i))}
        fields = {n: unescape(m[1]) for n, i in named.items() if (m := re.search(r'value="([^"]*)"', i))}
        if "password" in named:
            fields["password"] = PASSWORD
        elif "login" in named:
            fields["login"] = "lan"
        else:
            fields["answer"] = "accept"
        return self.browser.post(str(answer.url), data=fields, headers={"referer": str(answer.url)})


def test_teacher_comes_by_canaille_and_leaves_it_too(client, settings, tmp_path) -> None:
    notebook.forget()
    with canaille(tmp_path, BASE_URL) as campus:
        settings.oidc_providers = campus.settings("campus", new_accounts=True, name="云校园")
        left = client.get("/sign-in/with/campus?next=/me/settings").headers["location"]

        back = client.get(CampusVisitor().sign_in(left).removeprefix(BASE_URL))

        assert (back.status_code, back.headers["location"]) == (303, "/me/settings")
        assert "方兰" in client.get("/me/settings").text
        onward = re.search(r'href="(/sign-out/with/campus[^"]+)"', client.post("/sign-out").text)
        away = client.get(unescape(onward[1])).headers["location"]
        assert away.startswith(campus.issuer)
        assert "id_token_hint" in parse_qs(urlsplit(away).query)
