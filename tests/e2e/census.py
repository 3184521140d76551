"""A platform in full use for tests that walk through every page: one person of each role, and something on every page."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

from tests.e2e.films import film
from tests.e2e.site import ROOT, Site
from tests.web.test_route_census import World, fill, make_world, pages_of

from tongke.accounts import service as accounts
from tongke.accounts import sign_in
from tongke.accounts.actor import Actor
from tongke.accounts.models import Locality, Role, School, SchoolKind, User
from tongke.collections import service as collections
from tongke.config import Settings
from tongke.db import open_database, reading, transaction
from tongke.http.deps import session_cookie
from tongke.media.ingest import ingest
from tongke.resources import queries, service
from tongke.resources.models import LearningResource
from tongke.resources.schemas import draft_fields
from tongke.review import service as review
from tongke.review.models import Decision
from tongke.storage import open_storage

ROLES = {
    "teacher": Role.TEACHER, "reviewer": Role.REVIEWER, "admin": Role.PLATFORM_ADMIN, "office": Role.REGION_ADMIN,
    "head": Role.SCHOOL_ADMIN, "pupil": Role.PUPIL, "newcomer": Role.TEACHER,
}  # fmt: skip
"""Everybody who may be signed in; the teacher has written everything, the newcomer nothing."""
NO_PAGES = (
    ".svg", ".csv", ".json", "/addresses", "/download", "/below", "/welcome", "/me/here", "/with/{key}", "/return/{key}",
    "/sign-in/second",
)  # fmt: skip
CONTENT = ROOT / "backend/tongke/demo/content"
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:04.000\n同学们好\n\n00:04.000 --> 00:09.000\n今天学习小数除法\n"


@dataclass
class Census:
    """The site, what is on it, and a session's token for each person."""

    site: Site
    world: World
    tokens: dict[str, str]
    lesson: UUID
    lesson_draft: UUID
    film: UUID | None
    places: dict[str, str] = field(default_factory=dict)

    def sign_in(self, context, who: str) -> None:
        """Sign ``who`` in without the form; ``nobody`` stays out."""
        if who in self.tokens:
            name = session_cookie(settings_of(self.site))
            context.add_cookies([{"name": name, "value": self.tokens[who], "url": self.site.base_url}])

    def pages(self) -> dict[str, str]:
        """Every page of the route census and the places where it leads here."""
        found = {path: fill(path, self.world) for path in pages_of() if not path.endswith(NO_PAGES)}
        found["/curriculum/books"] += "?subject=数学&grade=5"
        return found | self.places


def settings_of(site: Site) -> Settings:
    return Settings(data_dir=site.data_dir, base_url=site.base_url)


def settle(site: Site, folder: Path) -> Census:
    """Fill a stopped, empty site."""
    settings = settings_of(site)
    engine = open_database(settings.database)
    platform = SimpleNamespace(settings=settings, engine=engine, store=open_storage(settings.storage))
    people, tokens = _people(engine)

    def actor_of(user: User) -> Actor:
        with reading(engine) as session:
            return sign_in.actor_of_user(session, user.id)

    world = make_world(platform, people, actor_of, folder)
    actors = {name: actor_of(user) for name, user in people.items()}
    _shelf(site, people["admin"], folder)
    lesson, shot = _lesson(platform, actors, folder)
    draft = _draft(platform, actors["teacher"], shot)
    _appreciate(platform, actors, world, lesson)
    engine.dispose()
    found = Census(site, world, tokens, lesson, draft, shot)
    found.places = _more_places(found)
    return found


def _people(engine) -> tuple[dict[str, User], dict[str, str]]:
    with transaction(engine) as session:
        school = accounts.create_school(
            session, code="S1", name="千岛湖镇中心小学", kind=SchoolKind.PRIMARY, locality=Locality.TOWN,
            region_code="330127",
        )  # fmt: skip
        session.flush()
        people = {name: _person(session, name, role, school) for name, role in ROLES.items()}
        session.flush()
        return people, {name: sign_in.open_session(session, user, days=1) for name, user in people.items()}


def _person(session, name: str, role: Role, school: School) -> User:
    belongs = role in {Role.TEACHER, Role.SCHOOL_ADMIN, Role.PUPIL}
    return accounts.create_user(
        session, email=f"{name}@example.org", name=name, password=None, role=role, school=school if belongs else None,
        region_code="330127" if role is Role.REGION_ADMIN else None,
    )  # fmt: skip


def _shelf(site: Site, admin: User, folder: Path) -> None:
    """Two dozen more, so that there are facets to choose from and a second page."""
    subjects, types = ("语文", "数学", "英语", "科学"), ("reading", "worksheet", "lesson-plan", "slides")
    records = [
        {
            "external_id": f"shelf-{n}", "title": f"第{n}课 {subjects[n % 4]}练习", "description": "课后用。" * (n % 5),
            "type": types[n % 4], "subject": subjects[n % 4], "grade": 1 + n % 9, "edition": "人教版", "volume": "上册",
            "author": "陈老师", "school": "千岛湖镇中心小学", "region": "330127", "published": True,
            "licence": "CC-BY-4.0",
        }
        for n in range(1, 46)
    ]  # fmt: skip
    path = folder / "shelf.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8")
    site.command("import", "resources", str(path), "--as", admin.email)


def _taken_in(platform, author: Actor, path: Path, name: str) -> UUID:
    return ingest(platform.engine, platform.store, author, path, name, settings=platform.settings).id


def _lesson(platform, actors: dict[str, Actor], folder: Path) -> tuple[UUID, UUID | None]:
    """A published lesson in two versions with a film, its captions, pages to leaf through and a text."""
    author, judge = actors["teacher"], actors["reviewer"]
    assets = [
        _taken_in(platform, author, CONTENT / "sheet-fraction-wall.pdf", "分数墙.pdf"),
        _taken_in(platform, author, CONTENT / "reading-mountain-autumn.md", "山行.md"),
    ]
    shot = None
    if ffmpeg := shutil.which("ffmpeg"):
        shot = _taken_in(platform, author, film(ffmpeg, folder / "film.mp4", seconds=24), "小数除法.mp4")
        assets.insert(0, shot)
    words = folder / "film.vtt"
    words.write_text(CAPTIONS, encoding="utf-8")
    spoken = _taken_in(platform, author, words, "字幕.vtt")
    with transaction(platform.engine) as session:
        fields = {"title": "小数除法：用元角分讲", "type": "lesson-video", "subject": "数学", "grade": "5"}
        made = service.create_draft(session, author, draft_fields(fields))
        service.attach(session, author, made.resource, assets)
        if shot:
            service.attach_captions(session, author, made.resource, captions=spoken, about=shot, title="普通话")
        for changes in ({"description": "从买菜的账单开始。"}, {"description": "从买菜的账单开始，先估再算。"}):
            service.save_draft(session, author, made.resource, draft_fields(changes))
            review.submit(session, author, made.resource, commitment=True)
            session.flush()
            review.decide(session, judge, platform.store, made.resource, decision=Decision.PUBLISH)
            session.flush()
        return made.resource.id, shot


def _draft(platform, author: Actor, shot: UUID | None) -> UUID:
    """A draft with the film, for the page of its captions."""
    with transaction(platform.engine) as session:
        made = service.create_draft(session, author, draft_fields({"title": "字幕还没写", "type": "lesson-video"}))
        if shot:
            service.attach(session, author, made.resource, [shot])
        return made.resource.id


def _appreciate(platform, actors: dict[str, Actor], world: World, lesson: UUID) -> None:
    """Stars, favourites, a report, something in the collection, and a draft that came back."""
    author, judge = actors["teacher"], actors["reviewer"]
    with transaction(platform.engine) as session:
        for resource_id in (world.published, lesson):
            resource = _resource(session, resource_id)
            service.rate(session, actors["newcomer"], resource, stars=4, comment="孩子们一下就懂了。")
            service.keep_favourite(session, author, resource)
            service.report_problem(session, judge, resource, kind="other", words="第二页有错字。")
            collection = session.get(collections.Collection, world.collection)
            collections.add(session, author, collection, queries.seen(session, author, resource_id), note="先看这个。")
            session.flush()
        returned = service.create_draft(session, author, draft_fields({"title": "要改的教案", "type": "lesson-plan"}))
        review.submit(session, author, returned.resource, commitment=True)
        session.flush()
        review.decide(
            session, judge, platform.store, returned.resource, decision=Decision.REQUEST_CHANGES, comment="请补上板书。"
        )


def _resource(session, resource_id: UUID) -> LearningResource:
    found = session.get(LearningResource, resource_id)
    assert found
    return found


def _more_places(found: Census) -> dict[str, str]:
    """Pages in states the route census does not reach: full, empty, refused, gone."""
    world, lesson = found.world, f"/resources/{found.lesson}"
    places = {
        "a lesson with a film": lesson,
        "its versions": f"{lesson}/revisions",
        "two versions compared": f"{lesson}/revisions/compare?before=1&after=2",
        "its sheet": f"{lesson}/sheet",
        "a version under review": f"/resources/{world.waiting}?pending=true",
        "edit, under review": f"/resources/{world.waiting}/edit",
        "edit, published": f"{lesson}/edit",
        "items found": f"/resources/{world.draft}/edit/alignments?q=小数除法",
        "search": "/resources?q=练习&subject=语文&subject=数学&grade=1&grade=5&grade=9",
        "search, second page": "/resources?page=2",
        "search, page too far": "/resources?page=99",
        "search, nothing found": "/resources?q=没有这样的东西吧",
        "curriculum search": "/curriculum?q=小数除法",
        "curriculum search, nothing found": "/curriculum?q=没有这样的东西吧",
        "books of nothing": "/curriculum/books?subject=天文&grade=5",
        "my collections": "/collections?mine=true",
        "review, another pile": "/review?pile=all",
        "people, found none": "/admin/people?q=没有这个人",
        "schools, found none": "/admin/schools?q=没有这个学校",
        "no such page": "/no-such-page",
        "not for you": "/style-guide",
        "sign in first": "/me/settings",
    }
    if found.film:
        places["captions of a film"] = f"/resources/{found.lesson_draft}/edit/captions/{found.film}"
        places["captions already there"] = f"{lesson}/edit/captions/{found.film}"
    return places
