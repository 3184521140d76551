"""Pages and fragments, errors in the reader's language, preferences, static files."""

from __future__ import annotations

import gzip
import json

import pytest
from sqlmodel import select

from tongke.accounts.models import Role, User
from tongke.db import reading
from tongke_web.static_files import BUILD, BuiltFiles

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
FIRST_VIEW_BYTES = 35 * 1024
HTML_BYTES = 8 * 1024


@pytest.fixture
def admin(make_user, signed_in):
    return signed_in(make_user(role=Role.PLATFORM_ADMIN))


def test_style_guide_shows_every_piece_to_the_platforms_administrator(admin) -> None:
    page = admin.get("/style-guide")

    assert page.status_code == 200
    for piece in ("cards", "facets", "tree", "pager", "notice", "progress", "empty", "uploader", "player", "cues"):
        assert f'class="{piece}' in page.text


@pytest.mark.parametrize("role", [Role.TEACHER, Role.REVIEWER, Role.REGION_ADMIN])
def test_style_guide_is_unknown_to_others(role, make_user, signed_in, client, county) -> None:
    person = signed_in(make_user(role=role, region=county if role is Role.REGION_ADMIN else None))

    assert (person.get("/style-guide").status_code, client.get("/style-guide").status_code) == (404, 404)


def test_missing_page_is_told_in_the_readers_language(client) -> None:
    page = client.get("/nothing-here", headers={"Accept-Language": "en-GB,en;q=0.8"})

    assert page.status_code == 404
    assert '<html lang="en"' in page.text
    assert "没有找到" not in page.text


def test_error_answers_htmx_with_a_notice_for_the_notices_region(client) -> None:
    fragment = client.get("/style-guide", headers=HTMX)

    assert (fragment.status_code, fragment.headers["hx-retarget"]) == (404, "#notices")
    assert fragment.text.lstrip().startswith('<div class="notice is-bad" role="alert">')
    assert "<html" not in fragment.text


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_boosted_and_restored_pages_are_whole(client, header) -> None:
    assert "<html" in client.get("/style-guide", headers=HTMX | {header: "true"}).text


def test_page_varies_by_who_asks_and_how(client) -> None:
    varied = {part.strip() for part in client.get("/nothing").headers["vary"].split(",")}

    assert varied >= {"Cookie", "Accept-Language", "Accept-Encoding", "HX-Request", "HX-Request-Type"}


def test_language_is_kept_by_the_browser_and_the_person(engine, make_user, signed_in) -> None:
    user = make_user()
    browser = signed_in(user)

    answer = browser.post("/preferences", data={"locale": "en", "back": "/resources?q=圆"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/resources?q=%E5%9C%86")
    assert browser.cookies["tongke_locale"] == "en"
    with reading(engine) as session:
        assert session.exec(select(User.locale).where(User.id == user.id)).one() == "en"


def test_low_data_is_remembered_and_said_to_scripts(client) -> None:
    client.post("/preferences", data={"low_data": "1"})

    assert "data-low-data" in client.get("/nothing").text
    client.post("/preferences", data={"low_data": "0"})
    assert "data-low-data" not in client.get("/nothing", headers={"Save-Data": "on"}).text


def test_save_data_switches_low_data_on(client) -> None:
    assert "data-low-data" in client.get("/nothing", headers={"Save-Data": "on"}).text


def test_theme_is_drawn_by_the_server(client) -> None:
    client.post("/preferences", data={"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/nothing").text
    client.post("/preferences", data={"theme": "auto"})
    assert "data-theme" not in client.get("/nothing").text


def test_preferences_send_nobody_elsewhere(client) -> None:
    assert client.post("/preferences", data={"theme": "dark", "back": "//evil.example"}).headers["location"] == "/"


def test_built_file_is_sent_compressed_and_kept_for_a_year(client) -> None:
    address = BuiltFiles().url("app.css")

    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})

    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"].startswith("text/css")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "br"
    assert int(packed.headers["content-length"]) < len(plain.content) / 3


@pytest.mark.parametrize("name", ["nothing.js", "assets.json", "../static_files.py", "%2e%2e/static_files.py", ""])
def test_static_folder_gives_only_what_was_built(client, name) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_first_view_fits_its_budget(admin) -> None:
    """The style guide is the heaviest page there is; what every page loads besides must leave room for 8 kB of HTML."""
    built = json.loads((BUILD / "assets.json").read_text())
    common = sum(
        (BUILD / f"{built[name]}.gz").stat().st_size for name in ("app.css", "app.js", "icons.svg", "favicon.svg")
    )

    assert common + HTML_BYTES <= FIRST_VIEW_BYTES
    assert len(gzip.compress(admin.get("/nothing").content)) <= HTML_BYTES


def test_done_is_said_once_after_a_redirect(app, client) -> None:
    client.cookies.set("tongke_done", "%E5%B7%B2%E5%8F%91%E5%B8%83")

    first = client.get("/nothing")

    assert '<p class="toast">' in first.text
    assert "已发布" in first.text
    assert 'tongke_done=""' in first.headers["set-cookie"]
