"""What the first view of each page of the census weighs, gzip, without pictures: HTML and all that it loads by itself."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urlsplit

from tests.bench.page_weight import HTML_LIMIT, LOADED, SPRITE, VIEW_LIMIT
from tests.web.test_route_census import fill, pages_of, people, world  # noqa: F401 - fixtures

from tongke_web.static_files import BUILD

IMPORTED = re.compile(r'(?:from|import)\s*"\./([^"]+)"')
WORKSHOP = frozenset({"/style-guide"})
"""Shows every piece at once, to those who build with them."""


def static_bytes(address: str, seen: set[str]) -> int:
    """A built file and what it imports at once, as sent to a browser that takes gzip."""
    name = urlsplit(address).path.rpartition("/")[2]
    if name in seen:
        return 0
    seen.add(name)
    parts = IMPORTED.findall((BUILD / name).read_text(encoding="utf-8")) if name.endswith(".js") else []
    return (BUILD / f"{name}.gz").stat().st_size + sum(static_bytes(part, seen) for part in parts)


def view_bytes(html: str) -> tuple[int, int]:
    """The page alone, and with all it loads."""
    alone, seen = len(gzip.compress(html.encode(), 3)), set[str]()
    return alone, alone + sum(static_bytes(one, seen) for one in {*LOADED.findall(html), *SPRITE.findall(html)})


def test_first_view_of_every_page_fits_its_budget(client, signed_in, people, world) -> None:  # noqa: F811
    too_heavy, weighed = {}, set()
    for who in ("nobody", "teacher", "reviewer", "admin"):
        browser = client if who == "nobody" else signed_in(people[who])
        for path in pages_of():
            answer = browser.get(fill(path, world))
            if path in WORKSHOP or answer.status_code != 200 or "<html" not in answer.text:
                continue
            html, whole = view_bytes(answer.text)
            weighed.add(path)
            if html > HTML_LIMIT or whole > VIEW_LIMIT:
                too_heavy[f"{who} {path}"] = html, whole
    assert too_heavy == {}
    assert {"/", "/resources", "/resources/{resource_id:uuid}", "/upload", "/review/{resource_id}"} <= weighed
