"""A lesson's way through the machine doors, for tests that run the real platform in processes of its own."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx2
from tests.e2e.site import Site
from tests.uploading.tus import Tus

PASSWORD = "correct horse 同课"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a bearer token."""

    email: str
    token: str

    def ask(self, base_url: str, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return httpx2.request(method, f"{base_url}{path}", headers=headers, timeout=60, **more)

    def post(self, base_url: str, path: str, body: Any, status: int = 200) -> dict[str, Any]:
        answer = self.ask(base_url, "POST", f"/api/v1{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


def person(site: Site, name: str, role: str) -> Person:
    """Create an account by the command line; its sign-in name is ``name@example.org``."""
    email = f"{name}@example.org"
    site.command("user", "create", "--email", email, "--name", name, "--password", PASSWORD, "--role", role)
    return Person(email, site.command("token", "create", "--user", email).split()[-1])


def upload(base_urls: Iterable[str], who: Person, content: bytes, filename: str, pieces: int = 3) -> str:
    """Send ``content`` in pieces, each to the next of the doors; returns the asset."""
    doors = [Tus(int(base_url.rsplit(":", 1)[1]), who.token) for base_url in base_urls]
    place = doors[0].open(len(content), filename)
    step = -(-len(content) // pieces)
    for number, offset in enumerate(range(0, len(content), step), start=1):
        answer = doors[number % len(doors)].send(place, offset, content[offset : offset + step])
        assert answer.status == 204, answer.body  # type: ignore[attr-defined]
    shown = {door.status(place).headers["Tongke-Asset"] for door in doors}
    assert shown == {answer.headers["Tongke-Asset"]}
    return shown.pop()


def draft(base_url: str, who: Person, title: str, *assets: str, **more: Any) -> str:
    return who.post(base_url, "/resources", {"title": title, "assets": list(assets), **more}, 201)["id"]


def submit(base_url: str, who: Person, resource: str) -> None:
    assert who.post(base_url, f"/resources/{resource}/submission", {"commitment": True})["id"] == resource


def publish(base_url: str, reviewer: Person, resource: str) -> None:
    assert reviewer.post(base_url, f"/resources/{resource}/publication", {})["state"] == "published"


def search(base_url: str, **parameters: Any) -> dict[str, Any]:
    answer = httpx2.get(f"{base_url}/api/v1/resources", params=parameters, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(found: dict[str, Any]) -> list[str]:
    return [line["id"] for line in found["items"]]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wait_for(what: Callable[[], Any], seconds: float = 30) -> Any:
    """What is wished for, as soon as it is there."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)
    return found
