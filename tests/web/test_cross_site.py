"""Writes that a browser sends from another site are refused; programs and our own pages are not."""

from __future__ import annotations

import pytest
from tests.conftest import BASE_URL, CONTENT_URL


@pytest.mark.parametrize(
    ("headers", "is_refused"),
    [
        ({"sec-fetch-site": "same-origin", "origin": BASE_URL}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site", "origin": CONTENT_URL}, True),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, True),
        ({"sec-fetch-site": "cross-site", "origin": BASE_URL}, True),
        ({"origin": BASE_URL}, False),
        ({"origin": CONTENT_URL}, True),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({}, False),
        ({"sec-fetch-site": "cross-site", "authorization": "Bearer of-nobody"}, False),
    ],
    ids=lambda value: ", ".join(map(":".join, value.items())) or "no header" if isinstance(value, dict) else None,
)
def test_write_from_elsewhere(client, headers: dict[str, str], is_refused: bool) -> None:
    answer = client.post("/preferences", data={"locale": "en"}, headers=headers)

    assert (answer.status_code == 403) == is_refused
    assert ("set-cookie" in answer.headers) == (not is_refused and "authorization" not in headers)


def test_reading_from_elsewhere_is_what_links_are_for(client) -> None:
    assert client.get("/resources", headers={"sec-fetch-site": "cross-site"}).status_code == 200
