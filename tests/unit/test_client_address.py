"""Behind proxies the client's address is what our own proxies say, never what the client says."""

from __future__ import annotations

import asyncio

import pytest

from tongke.http.client_address import ClientAddress


def seen_by_handlers(hops: int, *forwarded: str) -> str:
    seen = []

    async def app(scope, _receive, _send) -> None:
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    asyncio.run(ClientAddress(app, hops)({"type": "http", "client": ("10.0.0.1", 5), "headers": headers}, None, None))
    return seen[0]


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, ["203.0.113.9"], "10.0.0.1"),
        (1, ["203.0.113.9"], "203.0.113.9"),
        (1, ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        (1, ["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
        (2, ["6.6.6.6, 203.0.113.9, 192.0.2.1"], "203.0.113.9"),
        (2, ["203.0.113.9"], "10.0.0.1"),
        (1, [], "10.0.0.1"),
        (1, [" , "], "10.0.0.1"),
    ],
)
def test_client_address(hops: int, forwarded: list[str], address: str) -> None:
    assert seen_by_handlers(hops, *forwarded) == address
