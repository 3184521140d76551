"""What the first view of each page of the census weighs, gzip, without pictures: HTML and all that it loads by itself."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

import pytest
from sqlmodel import select
from tests.bench.page_weight import FETCHED, HTML_LIMIT, LOADED, SPRITE, VIEW_LIMIT, parts_of
from tests.web.test_route_census import fill, pages_of, people, world  # noqa: F401 - fixtures

from tongke.db import transaction
from tongke.media.models import Asset, Rendition, RenditionKind
from tongke_web.static_files import BUILD

WORKSHOP = frozenset({"/style-guide"})
"""Shows every piece at once, to those who build with them."""
BOARD = {"interval_s": 10, "columns": 10, "width": 160, "height": 90}


@pytest.fixture
def film(platform, world) -> None:  # noqa: F811
    """The file of every lesson of the world is a film in all its versions; only its bytes are not there."""
    with transaction(platform.engine) as session:
        asset = session.get(Asset, world.asset)
        asset.kind, asset.media_type, asset.filename, asset.duration_s = "video", "video/mp4", "静夜思.mp4", 2400.0
        for rendition in session.exec(select(Rendition).where(Rendition.sha256 == asset.sha256)).all():
            session.delete(rendition)
        session.flush()
        for kind in set(RenditionKind) - {RenditionKind.PAGES, RenditionKind.TEXT}:
            entry = f"renditions/{asset.sha256[:2]}/{asset.sha256}/{kind}/film.bin"
            details = BOARD if kind == RenditionKind.STORYBOARD else {}
            session.add(Rendition(sha256=asset.sha256, kind=kind, state="ready", entry=entry, details=details))


def static_bytes(address: str, page: str, seen: set[str]) -> int:
    """A built file and what it loads by itself, as sent to a browser that takes gzip."""
    name = urlsplit(address).path.rpartition("/")[2]
    if name in seen:
        return 0
    seen.add(name)
    parts = parts_of((BUILD / name).read_text(encoding="utf-8"), page) if name.endswith(".js") else []
    return (BUILD / f"{name}.gz").stat().st_size + sum(static_bytes(part, page, seen) for part in parts)


def view_bytes(page: str) -> tuple[int, int]:
    """The page alone, and with all it loads."""
    alone, seen = len(gzip.compress(page.encode(), 3)), set[str]()
    return alone, alone + sum(static_bytes(one, page, seen) for one in {*LOADED.findall(page), *SPRITE.findall(page)})


def test_first_view_of_every_page_fits_its_budget(client, signed_in, people, world) -> None:  # noqa: F811
    too_heavy, weighed = weigh_all(client, signed_in, people, world)

    assert too_heavy == {}
    assert {"/", "/resources", "/resources/{resource_id:uuid}", "/upload", "/review/{resource_id}"} <= weighed


def test_pages_of_a_film_fit_their_budget(client, signed_in, people, world, film) -> None:  # noqa: F811
    page = client.get(f"/resources/{world.published}").text
    assert page.count(" data-src-") == 4
    assert "data-board=" in page

    too_heavy, _ = weigh_all(client, signed_in, people, world, only="resource_id")

    assert too_heavy == {}


def test_scale_knows_what_app_js_fetches_for_a_page() -> None:
    script = next(BUILD.glob("app-*.js")).read_text(encoding="utf-8")

    assert [name.partition("-")[0] for _, name in FETCHED.findall(script)] == ["tree", "print", "idle"]
    assert len(parts_of(script, '<ul role="tree">')) == len(parts_of(script, "")) + 1


def weigh_all(client, signed_in, people, world, only: str = "") -> tuple[dict[str, tuple[int, int]], set[str]]:  # noqa: F811
    too_heavy, weighed = {}, set()
    for who in ("nobody", "teacher", "reviewer", "admin"):
        browser = client if who == "nobody" else signed_in(people[who])
        for path in (path for path in pages_of() if only in path):
            answer = browser.get(fill(path, world))
            if path in WORKSHOP or answer.status_code != 200 or "<html" not in answer.text:
                continue
            html, whole = view_bytes(answer.text)
            weighed.add(path)
            if html > HTML_LIMIT or whole > VIEW_LIMIT:
                too_heavy[f"{who} {path}"] = html, whole
    return too_heavy, weighed
