"""Every page there is, asked for by everybody, in both languages: none breaks, and each is open to whom it should be.

The addresses come from the application itself, so a new page is tried without anybody remembering to add it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from tongke.accounts import pupils
from tongke.accounts.models import Role, School
from tongke.accounts.roster import desk
from tongke.collections import service as collections
from tongke.curriculum import local
from tongke.db import transaction
from tongke.media.ingest import ingest
from tongke.resources import service
from tongke.resources.schemas import draft_fields
from tongke.review import service as review
from tongke.review.models import Decision
from tongke_web.app import ROUTERS

NOT_PAGES = {"/resources/suggestions", "/favicon.ico"}


@dataclass(frozen=True)
class World:
    """One published resource of a teacher, a draft of hers, one that waits for review, a collection, a curriculum."""

    published: UUID
    draft: UUID
    waiting: UUID
    asset: UUID
    rendition: UUID
    collection: UUID
    framework: UUID
    item: UUID
    short_code: str
    person: UUID
    school: UUID
    roster: UUID
    pupil_class: UUID
    pupil: UUID


@pytest.fixture
def people(make_user, make_school):
    school = make_school()
    return {
        "teacher": make_user("方老师", school=school),
        "colleague": make_user("陈老师", school=school),
        "reviewer": make_user("李教研员", role=Role.REVIEWER),
        "admin": make_user("管理员", role=Role.PLATFORM_ADMIN),
        "pupil": make_user("学生", role=Role.PUPIL, school=school),
    }


@pytest.fixture
def world(platform, people, actor_of, tmp_path: Path) -> World:
    return make_world(platform, people, actor_of, tmp_path)


def make_world(platform, people, actor_of, tmp_path: Path) -> World:
    """Also for the browser, which walks through the same pages (tests/e2e/test_journeys.py)."""
    author, judge, admin = (actor_of(people[name]) for name in ("teacher", "reviewer", "admin"))
    path = tmp_path / "poem.txt"
    path.write_text("床前明月光，疑是地上霜。", encoding="utf-8")
    asset = ingest(platform.engine, platform.store, author, path, "静夜思.txt", settings=platform.settings)
    with transaction(platform.engine) as session:
        drafts = [
            service.create_draft(session, author, draft_fields({"title": title, "type": "reading", "grade": "2"}))
            for title in ("静夜思", "草稿", "送审")
        ]
        for one in drafts:
            service.attach(session, author, one.resource, [asset.id])
        for one in (drafts[0], drafts[2]):
            review.submit(session, author, one.resource, commitment=True)
        session.flush()
        review.decide(session, judge, platform.store, drafts[0].resource, decision=Decision.PUBLISH)
        collection = collections.create(session, author, title="古诗")
        framework = local.create_framework(session, admin, title="县本课程")
        session.flush()
        item = local.add_item(session, admin, framework, title="第一课")
        session.flush()
        content = "姓名,登录名,学校代码\n新老师,new,S001\n".encode()
        roster = desk.take(session, admin, content, file_name="名单.csv", school=None, accepts_moves=False)
        session.flush()
        school = session.get(School, author.school_id)
        of, _ = pupils.open_class(session, admin, school, name="三年级", prepared=pupils.prepare([1]), key=b"key")
        pupil = pupils.pupils_of(session, of.id)[0][1]
        from tongke.media.models import Rendition

        rendition = session.exec(select(Rendition.id)).first()
        return World(
            drafts[0].resource.id, drafts[1].resource.id, drafts[2].resource.id, asset.id, rendition, collection.id,
            framework.id, item.id, drafts[0].resource.short_code, people["teacher"].id, author.school_id, roster.id, of.id, pupil.id,
        )  # fmt: skip


def pages_of() -> list[str]:
    """Every address that answers GET with a page."""
    found = {route.path for router in ROUTERS for route in router.routes if "GET" in getattr(route, "methods", ())}
    return sorted(found - NOT_PAGES)


def fill(path: str, world: World) -> str:
    """An address with real ids in it; below ``edit`` the draft, on the desk what waits."""
    resource = world.published
    if "/edit" in path or path.endswith("/making"):
        resource = world.draft
    elif path.startswith("/review"):
        resource = world.waiting
    values = {
        "resource_id": resource, "asset_id": world.asset, "rendition_id": world.rendition, "number": 1,
        "collection_id": world.collection, "framework_id": world.framework, "item_id": world.item,
        "code": world.short_code, "user_id": world.person, "school_id": world.school, "roster_id": world.roster,
        "key": "nowhere", "class_id": world.pupil_class,
    }  # fmt: skip
    if "/pupils/" in path:
        values["user_id"] = world.pupil
    filled = re.sub(r"{(\w+)(:\w+)?}", lambda m: str(values[m[1]]), path)
    return filled + ("?before=1&after=1" if path.endswith("/compare") else "")


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("who", ["nobody", "teacher", "colleague", "reviewer", "admin", "pupil"])
def test_every_page_answers_everybody(client, signed_in, people, world, who, locale) -> None:
    browser = client if who == "nobody" else signed_in(people[who])
    answers = {path: browser.get(fill(path, world), headers={"accept-language": locale}) for path in pages_of()}

    odd = {
        path: a.status_code
        for path, a in answers.items()
        if a.status_code not in (200, 204, 303, 307, 308, 401, 403, 404, 422)
    }
    assert odd == {}
    pages = {path: a for path, a in answers.items() if "text/html" in a.headers.get("content-type", "")}
    assert [path for path, a in pages.items() if f'<html lang="{locale}"' not in a.text and "<html" in a.text] == []


def test_pages_are_open_to_whom_they_should_be(client, signed_in, people, world) -> None:
    """The census of who may open which page; a new page must be placed here."""
    expected = {
        "/": "everybody",
        "/about": "everybody",
        "/admin": "administrators",
        "/admin/classes/{class_id}": "administrators",
        "/admin/classes/{class_id}/pupils/{user_id}/data.json": "administrators",
        "/admin/frameworks": "administrators",
        "/admin/frameworks/{framework_id}": "administrators",
        "/admin/jobs": "platform administrators",
        "/admin/people": "administrators",
        "/admin/people/{user_id}": "administrators",
        "/admin/rosters": "administrators",
        "/admin/rosters/template.csv": "administrators",
        "/admin/rosters/{roster_id}": "administrators",
        "/admin/rosters/{roster_id}/codes.csv": "administrators",
        "/admin/rosters/{roster_id}/slips": "administrators",
        "/admin/schools": "administrators",
        "/admin/schools/new": "administrators",
        "/admin/schools/{school_id}": "administrators",
        "/admin/schools/{school_id}/classes": "administrators",
        "/class": "everybody",
        "/class/card": "everybody",
        "/collections": "everybody",
        "/collections/choose/{resource_id}": "signed in",
        "/collections/{collection_id}": "its owner",
        "/curriculum": "everybody",
        "/curriculum/books": "everybody",
        "/curriculum/frameworks/{framework_id}": "everybody",
        "/curriculum/items/{item_id}": "everybody",
        "/curriculum/items/{item_id}/below": "everybody",
        "/docs/problems": "everybody",
        "/forgotten": "everybody",
        "/help": "everybody",
        "/join": "everybody",
        "/me": "signed in",
        "/me/data.json": "signed in",
        "/me/favourites": "signed in",
        "/me/here": "signed in",
        "/me/impact": "signed in",
        "/me/leaving": "authors",
        "/me/reports": "signed in",
        "/me/settings": "signed in",
        "/me/tokens": "authors",
        "/people/{user_id}": "everybody",
        "/r/{code}": "everybody",
        "/resources": "everybody",
        "/resources/{resource_id:uuid}": "everybody",
        "/resources/{resource_id:uuid}/edit": "its owner",
        "/resources/{resource_id:uuid}/edit/alignments": "its owner",
        "/resources/{resource_id:uuid}/edit/captions/{asset_id}": "its owner",
        "/resources/{resource_id:uuid}/qr.svg": "everybody",
        "/resources/{resource_id:uuid}/revisions": "everybody",
        "/resources/{resource_id:uuid}/revisions/compare": "everybody",
        "/resources/{resource_id:uuid}/revisions/{number}": "everybody",
        "/resources/{resource_id:uuid}/share": "everybody",
        "/resources/{resource_id:uuid}/sheet": "everybody",
        "/resources/{resource_id:uuid}/download": "everybody",
        "/resources/{resource_id:uuid}/files/{asset_id}/download": "everybody",
        "/resources/{resource_id}/files/{asset_id}/addresses": "everybody",
        "/resources/{resource_id}/files/{asset_id}/making": "its owner",
        "/review": "reviewers",
        "/review/{resource_id}": "reviewers",
        "/me/sign-in": "signed in",
        "/me/sign-in/authenticator": "signed in",
        "/sign-in": "everybody",
        "/sign-in/return/{key}": "nobody",
        "/sign-in/second": "nobody",
        "/sign-in/with/{key}": "nobody",
        "/sign-out/with/{key}": "nobody",
        "/style-guide": "platform administrators",
        "/upload": "authors",
        "/welcome": "nobody",
    }
    assert set(pages_of()) == set(expected)

    browsers = {"nobody": client, **{name: signed_in(user) for name, user in people.items()}}
    opened = {
        path: {name for name, b in browsers.items() if b.get(fill(path, world)).status_code in (200, 204, 303)}
        for path in expected
    }

    signed = {"teacher", "colleague", "reviewer", "admin", "pupil"}
    groups = {
        "everybody": {"nobody", *signed},
        "signed in": signed,
        "authors": signed - {"pupil"},
        "its owner": {"teacher"},
        "reviewers": {"reviewer"},
        "administrators": {"admin"},
        "platform administrators": {"admin"},
        "nobody": set(),
    }
    assert opened == {path: groups[group] for path, group in expected.items()}
